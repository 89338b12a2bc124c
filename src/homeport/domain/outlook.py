"""Outlook: what each hosting mode would mean for one project, in numbers, and the way there.

1. A file is external while a link to it is recorded and no file of its name is hosted here; it counts once, of however many
   links. Only what is listed can be lost: who lists nothing external loses nothing by a move.
2. It can come home when a plan has its bytes, or was offered it, or a survey found it; it cannot when the last word about it
   is that it is gone, does not come, or is rejected. What nobody looked at is unknown.
3. Whether a move is there, whose it is and what it needs, the table says (``domain/hosting.py``), for the policy of the index.
4. An outlook is no promise: sites go down, and what is allowed is decided again in the transaction that moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.hosting import MOVES, HostingMode, Move, MovePolicy, Mover, Need, is_one_way, move
from homeport.domain.inspection import Verdict
from homeport.domain.rehost import Bytes, Item, State
from homeport.domain.release import ExternalLink
from homeport.domain.survey import Link, Reach


class Chance(StrEnum):
    """Whether an external file can come home, as far as is known."""

    CAN = "can-come-home"
    UNKNOWN = "unknown"
    CANNOT = "cannot-come-home"

    @property
    def words(self) -> str:
        """The same for people."""
        return _CHANCES[self]


_CHANCES: Mapping[Chance, str] = {
    Chance.CAN: "can come home",
    Chance.UNKNOWN: "nobody knows until you make a plan",
    Chance.CANNOT: "cannot come home",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What a plan or a survey says of the file of that name; ``why`` it cannot come home."""

    filename: str
    chance: Chance
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """An external file, at the first of its links; ``why`` it cannot come home."""

    filename: str
    version: str
    url: str
    chance: Chance = Chance.UNKNOWN
    why: str = ""


class Step(StrEnum):
    """One step on the way to another mode."""

    SOURCES = "name-sources"
    PLAN = "make-plan"
    REVIEW = "review-plan"
    HOST = "host-files"
    RESCUE = "bring-home-first"
    LOSS = "acknowledge-loss"
    CONSENT = "give-consent"
    EXEMPTION = "ask-for-exemption"
    MOVE = "move"

    @property
    def sentence(self) -> str:
        """What is to be done."""
        return _SENTENCES[self]


_SENTENCES: Mapping[Step, str] = {
    Step.SOURCES: "Name the places where its files lie.",
    Step.PLAN: "Make a plan of all files: everything its sources offer is fetched, inspected and shown.",
    Step.REVIEW: "Review the plan, and agree to the files that you keep.",
    Step.HOST: "Wait until every accepted file is hosted here; what cannot be reached is tried again.",
    Step.RESCUE: "Bring home what can come home: what is hosted before the move is not lost by it.",
    Step.LOSS: "Read the list of files that stop being installable, and accept it.",
    Step.CONSENT: "Consent that files found at its sources are hosted here when a release is registered.",
    Step.EXEMPTION: "Ask an administrator for an exemption: it has a reason that everybody may read, and a day on which it ends.",
    Step.MOVE: "Move.",
}


@dataclass(frozen=True, slots=True)
class Begun:
    """How far the project is on its way home.

    ``plan`` is the state of its last plan of all files; ``is_home`` says that one was brought to its end.
    """

    has_sources: bool = False
    plan: State | None = None
    is_home: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A step, and whether it was taken."""

    step: Step
    is_done: bool


@dataclass(frozen=True, slots=True)
class Option:
    """What another mode would mean. ``closed`` says why nobody can move there now, and is empty when the way is open.

    ``loses`` are the files that would stop being installable, ``gains`` those that could come home by it.
    """

    target: HostingMode
    mover: Mover
    need: Need
    is_one_way: bool
    closed: str
    loses: tuple[ExternalFile, ...]
    gains: tuple[ExternalFile, ...]
    way: tuple[Stage, ...]

    @property
    def is_ready(self) -> bool:
        """True when nothing is left but what is said with the move itself."""
        return not self.closed and all(stage.is_done or stage.step in _SAID_WITH_IT for stage in self.way)

    @property
    def rescuable(self) -> int:
        """How many of the files that would be lost can come home first."""
        return sum(file.chance is Chance.CAN for file in self.loses)


_SAID_WITH_IT = frozenset({Step.RESCUE, Step.LOSS, Step.CONSENT, Step.MOVE})


@dataclass(frozen=True, slots=True)
class Outlook:
    """The present mode in numbers, and what every other mode would mean."""

    mode: HostingMode
    hosted: int
    external: tuple[ExternalFile, ...]
    options: tuple[Option, ...]

    @property
    def listed(self) -> tuple[ExternalFile, ...]:
        """The external files that installers are given now."""
        return self.external if self.mode.lists_external else ()

    def count(self, chance: Chance) -> int:
        """How many external files have that chance."""
        return sum(file.chance is chance for file in self.external)


_MOST_NAMED = 50


def loss_digest(files: Sequence[ExternalFile]) -> str:
    """What an acknowledged list is known by: another list has another one."""
    return Sha256.of("\n".join(sorted(file.filename for file in files)).encode()).hex


def unread_loss(source: HostingMode, target: HostingMode, files: Sequence[ExternalFile]) -> Invalid:
    """The answer to who moves without having acknowledged that these files stop being installable: the list."""
    able = sum(file.chance is Chance.CAN for file in files)
    count = "1 file" if len(files) == 1 else f"{len(files):,} files"
    intro = (
        f"Moving from {source} to {target}, {count} would stop being installable, of which {able:,} can come home first "
        "(“Look for files” on its page, or homeport plan NAME). Read the list, and acknowledge it (--acknowledge-loss):"
    )
    lines = [told_file(file) for file in files]
    left = len(lines) - _MOST_NAMED
    rest = [f"… and {left:,} more."] if left > 0 else []
    return Invalid(
        " ".join([intro, *lines[:_MOST_NAMED], *rest]), code=f"needs-{Need.ACKNOWLEDGED_LOSS}", problems=lines
    )


def told_file(file: ExternalFile) -> str:
    """A file and its chance, in a sentence."""
    return f"{file.filename}: {file.chance.words}{f' ({file.why})' if file.why else ''}."


def words_of_plan(items: Iterable[Item], at: datetime) -> list[Word]:
    """What a plan says of the files in it; a file that several places offer comes several times."""
    return [_word(item, at) for item in items]


def _word(item: Item, at: datetime) -> Word:
    if item.bytes in {Bytes.UNREACHABLE, Bytes.REFUSED}:
        return Word(item.filename, Chance.CANNOT, at, item.problem)
    if item.verdict is Verdict.REJECT:
        return Word(item.filename, Chance.CANNOT, at, " ".join(item.obstacles))
    return Word(item.filename, Chance.CAN, at)


def words_of_survey(links: Iterable[Link], at: datetime) -> list[Word]:
    """What a survey says of the files whose links it asked for; those that nobody could ask for are not known."""
    return [
        Word(link.filename, Chance.CANNOT if link.check.reach.is_dead else Chance.CAN, at, link.check.problem)
        for link in links
        if link.check.reach is not Reach.UNASKED
    ]


def external_files(
    had: set[str], links: Iterable[ExternalLink], words: Iterable[Word]
) -> tuple[ExternalFile, ...]:
    """The external files by name, each with what the last word says of it; one good place of several suffices.

    ``had`` names the files that are hosted here, or were: what was removed is listed nowhere else either (I-04).
    """
    last: dict[str, Word] = {}
    for word in words:
        there = last.get(word.filename)
        if there is None or (word.at, word.chance is Chance.CAN) > (there.at, there.chance is Chance.CAN):
            last[word.filename] = word
    files: dict[str, ExternalFile] = {}
    for link in links:
        if link.filename not in had and link.filename not in files:
            external = ExternalFile(link.filename, link.version.text, link.url)
            said = last.get(link.filename)
            files[link.filename] = replace(external, chance=said.chance, why=said.why) if said else external
    return tuple(files[name] for name in sorted(files))


def foretell(
    mode: HostingMode,
    hosted: int,
    external: tuple[ExternalFile, ...],
    begun: Begun,
    policy: MovePolicy,
    today: date,
    *,
    by_admin: bool = False,
) -> Outlook:
    """The outlook of a project; ``by_admin`` says that the owner who asks is an administrator in person."""
    options = (
        _option(row, external, begun, policy, today, by_admin=by_admin)
        for target in HostingMode
        if (row := _row(mode, target)) is not None
    )
    return Outlook(mode, hosted, external, tuple(options))


def _row(source: HostingMode, target: HostingMode) -> Move | None:
    """The move that a person makes; an owner's before an administrator's."""
    rows = {row.mover: row for row in MOVES if row.source is source and row.target is target}
    return rows.get(Mover.OWNER) or rows.get(Mover.ADMIN)


def _option(
    row: Move,
    external: tuple[ExternalFile, ...],
    begun: Begun,
    policy: MovePolicy,
    today: date,
    *,
    by_admin: bool,
) -> Option:
    able = tuple(file for file in external if file.chance is Chance.CAN)
    comes_home_first = row.need is Need.REVIEWED_PLAN and not begun.is_home
    loses: tuple[ExternalFile, ...] = ()
    if row.source.lists_external:
        loses = tuple(file for file in external if not (comes_home_first and file.chance is Chance.CAN))
    gains: Mapping[HostingMode, tuple[ExternalFile, ...]] = {
        HostingMode.EXT: external,
        HostingMode.CACHE: able,
        HostingMode.ONLY: (),
    }
    return Option(
        row.target,
        row.mover,
        row.need,
        is_one_way(row, policy, today),
        _closed(row, policy, today, by_admin=by_admin),
        loses,
        gains[row.target],
        tuple(Stage(step, _is_done(step, begun)) for step in _way(row, loses)),
    )


def _closed(row: Move, policy: MovePolicy, today: date, *, by_admin: bool) -> str:
    try:
        move(row.source, row.target, row.mover, frozenset(Need), policy, today, by_admin=by_admin)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _way(row: Move, loses: Sequence[ExternalFile]) -> tuple[Step, ...]:
    rescue = (Step.RESCUE,) if any(file.chance is not Chance.CANNOT for file in loses) else ()
    ways: Mapping[Need, tuple[Step, ...]] = {
        Need.REVIEWED_PLAN: (Step.SOURCES, Step.PLAN, Step.REVIEW, Step.HOST, Step.CONSENT),
        Need.ACKNOWLEDGED_LOSS: (*rescue, Step.LOSS) if loses else (),
        Need.STANDING_CONSENT: (Step.CONSENT,),
        Need.EXEMPTION: (Step.EXEMPTION,),
    }
    return (*ways.get(row.need, ()), Step.MOVE)


_PLANNED = frozenset(
    {State.PLANNED, State.CONSENTED, State.PUBLISHING, State.PARTLY_PUBLISHED, State.PUBLISHED}
)


def _is_done(step: Step, begun: Begun) -> bool:
    if begun.is_home and step in {Step.SOURCES, Step.PLAN, Step.REVIEW, Step.HOST}:
        return True
    if step is Step.SOURCES:
        return begun.has_sources
    if step is Step.PLAN:
        return begun.plan in _PLANNED
    return step is Step.REVIEW and begun.plan in _PLANNED - {State.PLANNED}
