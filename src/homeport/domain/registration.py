"""Registration: whether what was found for one version suffices for an answer of success, and if not, why not.

1. Success means that every file found for the version is, or can be, hosted: one mismatch, one rejected
   archive, or one unreachable file refuses all, with every reason (design §3).
2. The maintainer's call is the consent to the files of exactly that version, found at places that the standing
   consent names, or that the call itself named.
3. An update of the cache takes what it can: what it cannot, and what is frozen, it leaves outside and says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeport.domain.errors import Invalid
from homeport.domain.freeze import Freeze, objection
from homeport.domain.inspection import Verdict
from homeport.domain.plan_choice import contradictions
from homeport.domain.rehost import Bytes, Item, Plan, Purpose, Visit
from homeport.domain.standing_consent import StandingConsent
from homeport.domain.urls import Url

_GONE = {404, 410}
_FIRST: Final = 3

SITE_UNREACHABLE = "site-unreachable"
STANDING_MISSING = "standing-consent-missing"


@dataclass(frozen=True, slots=True)
class Ready:
    """These items are to be hosted; nothing, when all of them are already."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class NotReady:
    """Why not, with every reason; ``code`` is ``SITE_UNREACHABLE`` when a site may just be down."""

    code: str
    sentence: str


def decide(
    plan: Plan,
    purpose: Purpose,
    standing: StandingConsent | None,
    called_places: frozenset[str],
    *,
    freezes: Sequence[Freeze],
    has_hosted_files: bool,
    now: datetime,
) -> Ready | NotReady:
    """What follows from ``plan``. ``called_places`` are the URLs that the registration call itself named."""
    if standing is None or now >= standing.expires_at:
        return NotReady(
            STANDING_MISSING,
            "There is no live consent to host files of this project: an owner gives it (“Standing consent” on its "
            "page, or homeport consent give).",
        )
    contradicted = contradictions(plan.items)
    down = [
        f"{visit.url}: {visit.problem}" for visit in plan.visits if _may_be_down(visit) and not plan.items
    ]
    if purpose is Purpose.UPDATE_CACHE and not down:
        able = [
            item
            for item in plan.items
            if not _obstacles(item, standing, called_places) and not _freezing(item, freezes)
        ]
        return Ready(_new_ones(item for item in able if item.filename not in contradicted))
    unreachable = down + [
        f"{item.url}: {item.problem}" for item in plan.items if item.bytes is Bytes.UNREACHABLE
    ]
    # What could not be reached may be reached later; what no consent covers is refused then, too.
    reasons = _grouped(
        (item.filename, reason)
        for item in plan.items
        for reason in (
            _refusals(item, standing, called_places)
            if item.bytes is Bytes.UNREACHABLE
            else _obstacles(item, standing, called_places)
        )
    )
    reasons += _contradicted(contradicted)
    if reasons:
        return NotReady("files-refused", "\n".join(["Nothing was registered.", *reasons, *unreachable]))
    if unreachable:
        return NotReady(
            SITE_UNREACHABLE,
            "\n".join(["Nothing was published: could not reach every site.", *unreachable]),
        )
    if not plan.items and not has_hosted_files:
        return NotReady("nothing-found", _nothing_found(plan))
    return Ready(_new_ones(plan.items))


def left_out(plan: Plan, standing: StandingConsent, freezes: Sequence[Freeze]) -> list[str]:
    """Why files that an update of the cache found stay outside, a line each; where another place had the file, it does not."""
    hosted = {item.filename for item in plan.items if item.is_published}
    reasons = [
        (item.filename, reason)
        for item in plan.items
        if item.filename not in hosted
        for reason in (*_obstacles(item, standing, frozenset()), *_freezing(item, freezes))
    ]
    return _grouped(reasons) + _contradicted(contradictions(plan.items))


def nothing_new(plan: Plan, held: Sequence[str]) -> str:
    """What an update of the cache is told that publishes nothing; ``held`` is what it could not take, a line each."""
    if held:
        return "\n".join(("Nothing was published.", *held))
    if plan.items:
        number = len({item.filename for item in plan.items})
        found = "the one file found is" if number == 1 else f"all {number:,} files found are"
        return f"Nothing is new: {found} hosted already."
    what = plan.version or "any version"
    return f"Nothing of {what} was found at {_looked_at(plan) or 'any place: the project has no source'}."


def _grouped(reasons: Iterable[tuple[str, str]]) -> list[str]:
    """One line for each reason, with the first file that it is about and how many others there are."""
    names: dict[str, dict[str, None]] = {}
    for filename, reason in reasons:
        names.setdefault(reason, {})[filename] = None
    return [f"{_named(tuple(files))}: {reason}" for reason, files in names.items()]


def _named(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _contradicted(numbers: Mapping[str, int]) -> list[str]:
    return [
        f"{name}: the sources offer {number} different files under this name."
        for name, number in numbers.items()
    ]


def _may_be_down(visit: Visit) -> bool:
    return bool(visit.problem) and visit.status not in _GONE


def _obstacles(item: Item, standing: StandingConsent, called_places: frozenset[str]) -> tuple[str, ...]:
    """Everything that keeps a file outside."""
    if item.is_published:
        return ()
    return (*_refusals(item, standing, called_places), *item.obstacles)


def _freezing(item: Item, freezes: Sequence[Freeze]) -> tuple[str, ...]:
    """Why its name is given to nothing at the moment."""
    frozen = objection(freezes, item.version, item.filename)
    return () if frozen is None else (frozen.sentence,)


def _refusals(item: Item, standing: StandingConsent, called_places: frozenset[str]) -> tuple[str, ...]:
    """What nobody's waiting helps against: a person must look, or no consent given beforehand covers it."""
    refusals = []
    if item.verdict is Verdict.HOLD:
        held = " ".join(finding.message for finding in item.findings if finding.severity == "hold")
        refusals.append(
            f"A person must look at it first (“Look for files” on its page, or homeport plan): {held}"
        )
    place = item.found_on or item.url
    if _address(place) not in map(_address, called_places) and (
        objections := standing.objections(place, item.filename)
    ):
        refusals.append(
            f"It was found at {place}, and the standing consent does not cover it: {'; '.join(objections)}. An owner "
            "widens it (“Standing consent” on its page, or homeport consent give)."
        )
    return tuple(refusals)


def _address(url: str) -> str:
    # A call names its places as a person writes them: without the last slash, with a port that needs no saying.
    try:
        return str(Url.parse(url).without_fragment())
    except Invalid:
        return url


def _new_ones(items: Iterable[Item]) -> tuple[Item, ...]:
    """Those that are not hosted yet, the first of each name."""
    by_name: dict[str, Item] = {}
    for item in items:
        if not item.is_published:
            by_name.setdefault(item.filename, item)
    return tuple(by_name.values())


def _nothing_found(plan: Plan) -> str:
    looked = _looked_at(plan)
    if not looked and not plan.not_taken:
        return (
            "Nothing was registered: the project names no home page and no download URL, and has no source. "
            "Add one (“Sources” on its page, or homeport source add), or upload the files."
        )
    lines = [
        f"Nothing was registered: no file of version {plan.version} was found at {looked or 'its sources'}."
    ]
    if plan.not_taken:
        number = len(plan.not_taken)
        told = "One link there was" if number == 1 else f"{number:,} links there were"
        first = " The first:" if number > _FIRST else ""
        lines.append(f"{told} not taken.{first}")
    lines += [f"{entry.url}: {entry.sentence}" for entry in plan.not_taken[:_FIRST]]
    return "\n".join(lines)


def _looked_at(plan: Plan) -> str:
    return ", ".join(f"{v.url} ({v.problem})" if v.problem else v.url for v in plan.visits)
