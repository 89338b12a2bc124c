"""What people said of files before: in the reviews of plans, and in their answers to them, whichever door they came by.

1. Where nobody looks at a plan, what was said holds: other bytes than a named sha256, and files that were left out, or refused
   with their whole plan, or whose consent was withdrawn, wait for a person (T-38). In a plan that a person looks at, it is told
   beside the file; what was said in its own review stands there.
2. A word is about bytes, or about an address where nobody had the bytes. A named sha256 is about every file of that name.
3. Of an answer, what would have been taken and was not was left out. Whose answer is a standing consent said nothing.
4. The newest word counts, and what was taken back is none. Whoever takes bytes takes back what was said against them;
   whoever names their sha256 says which bytes are meant, not that they are wanted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from homeport.domain.inspection import Finding, Severity, Verdict, verdict_of
from homeport.domain.plan_draft import PlanDraft
from homeport.domain.rehost import Bytes, Decision, Item, Plan, Purpose, Rehost, State


class Saying(Enum):
    """What somebody said of a file."""

    NAMED = auto()  # that its sha256 is this one
    LEFT_OUT = auto()  # that it is not wanted
    ENDED = auto()  # that none of the rehost is wanted in which it was
    TAKEN = auto()  # that it is wanted


_CODES = {
    Saying.NAMED: "named-otherwise",
    Saying.LEFT_OUT: "left-out-before",
    Saying.ENDED: "refused-before",
}


@dataclass(frozen=True, slots=True)
class Word:
    """Who said what of ``filename``, and when. ``what`` is a sha256, or the address of a file whose bytes nobody had.

    ``by`` is a person; of a rehost that was ended, ``rehost_id``, the sentence that says by whom and why. ``version`` is that
    of the plan; empty for one of all versions.
    """

    saying: Saying
    filename: str
    what: str
    by: str
    at: datetime
    version: str
    rehost_id: int = 0

    def finding(self, item: Item, weight: Severity) -> Finding:
        """What was said against ``item``; where that holds, also how it is taken back."""
        when = f"on {self.at:%Y-%m-%d at %H:%M} UTC"
        plan = f"a new plan of {f'version {self.version}' if self.version else 'all versions'}"
        them = "this file" if "://" in self.what else "these bytes"
        back = f"If that is wanted after all, accept it in {plan}."
        match self.saying:
            case Saying.NAMED:
                told = f"{self.by} named sha256 {self.what} for this file {when}, and these bytes have {item.sha256}."
                back = f"To take that back, make {plan}: empty the sha256 beside the file, or accept these bytes there."
            case Saying.LEFT_OUT:
                told = f"{self.by} left out {them} {when}."
            case _:
                why = " ".join(self.by.split()).rstrip(".")
                told = f"Rehost {self.rehost_id} had {them} in its plan, and ended {when}. {why}."
        return Finding(_CODES[self.saying], weight, f"{told} {back}" if weight is Severity.HOLD else told)


@dataclass(frozen=True, slots=True)
class AnsweredFile:
    """What counts of an item of an answered plan; ``sha256`` is empty where its bytes were not here.

    ``was_clear``: it is taken unless somebody says otherwise.
    """

    filename: str
    url: str
    sha256: str
    declared_sha256: str
    decision: Decision
    was_clear: bool

    @classmethod
    def of(cls, item: Item) -> "AnsweredFile":
        """The same of a whole item."""
        return cls(
            item.filename,
            item.url,
            item.sha256.hex if item.sha256 else "",
            item.declared_sha256,
            item.decision,
            item.verdict is Verdict.ACCEPT and not item.obstacles,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A rehost that a person refused, or consented to; ``files`` are those that are asked about.

    ``given_by`` and ``given_at`` are those of the newest consent, empty where there is none.
    """

    rehost: Rehost
    files: tuple[AnsweredFile, ...]
    given_by: str = ""
    given_at: datetime | None = None


def drafted_words(drafts: Mapping[str, PlanDraft]) -> tuple[Word, ...]:
    """What ``drafts``, by the version of their plans, say of files."""
    return tuple(word for version, draft in drafts.items() for word in _drafted(draft, version))


def _drafted(draft: PlanDraft, version: str) -> Iterable[Word]:
    if draft.saved_at is None:
        return
    for mark, entry in draft.entries.items():
        at, named_at = entry.at or draft.saved_at, entry.named_at or draft.saved_at
        filename, _, what = mark.rpartition(" ")
        is_address = "://" in what
        taken = entry.sha256 if is_address else what
        # Bytes that are not those that were named are rejected there: a decision about them decides nothing.
        counts = is_address or entry.sha256 in {"", what}
        if entry.decision is Decision.ACCEPT and taken and counts:
            yield Word(Saying.TAKEN, filename, taken, entry.by, at, version)
        if entry.sha256:
            yield Word(Saying.NAMED, filename, entry.sha256, entry.named_by, named_at, version)
        if entry.decision is Decision.LEAVE_OUT and counts:
            yield Word(Saying.LEFT_OUT, filename, what, entry.by, at, version)


def answered_words(answers: Iterable[Answer]) -> tuple[Word, ...]:
    """What answers say of files that did not come home by them."""
    return tuple(word for answer in answers for word in (*_agreed(answer), *_ended(answer)))


def _agreed(answer: Answer) -> Iterable[Word]:
    rehost, by, at = answer.rehost, answer.given_by, answer.given_at
    if rehost.purpose is not Purpose.HISTORY or at is None:
        return
    for file in answer.files:
        if file.declared_sha256:
            yield Word(Saying.NAMED, file.filename, file.declared_sha256, by, at, rehost.version)
        if file.decision is Decision.ACCEPT:
            sha256 = file.sha256 or file.declared_sha256
            yield Word(Saying.TAKEN, file.filename, sha256, by, at, rehost.version)
        elif file.decision is Decision.LEAVE_OUT and file.was_clear:
            yield Word(Saying.LEFT_OUT, file.filename, file.sha256, by, at, rehost.version)


def _ended(answer: Answer) -> Iterable[Word]:
    rehost = answer.rehost
    for file in answer.files:
        is_withdrawn = rehost.state is State.WITHDRAWN and file.decision is Decision.ACCEPT
        if rehost.state is State.REFUSED or is_withdrawn:
            what, told, at = file.sha256 or file.url, rehost.problem, rehost.changed_at
            yield Word(Saying.ENDED, file.filename, what, told, at, rehost.version, rehost.id)


def told_beside(plan: Plan, said: Iterable[Word], weight: Severity) -> tuple[Item, ...]:
    """The items of ``plan`` beside which something else is told now that was ``said`` of them, as findings of that weight."""
    by_name: dict[str, list[Word]] = {}
    for word in sorted(said, key=lambda word: word.at):
        by_name.setdefault(word.filename, []).append(word)
    after = (_told(item, _against(item, by_name.get(item.filename, [])), weight) for item in plan.items)
    return tuple(told for told, item in zip(after, plan.items, strict=True) if told != item)


def _against(item: Item, oldest_first: list[Word]) -> Word | None:
    if item.sha256 is None or item.bytes is not Bytes.HERE or item.is_published:
        return None
    named = decided = None
    for word in oldest_first:
        if word.saying is Saying.NAMED:
            named = word
        elif word.what in {item.sha256.hex, item.url}:
            decided = word
    taken_at = decided.at if decided and decided.saying is Saying.TAKEN else None
    if named and named.what != item.sha256.hex and (taken_at is None or taken_at <= named.at):
        return named
    return decided if taken_at is None else None


def _told(item: Item, word: Word | None, weight: Severity) -> Item:
    # A plan that is made anew keeps the files that were here, and what was told of them.
    others = tuple(finding for finding in item.findings if finding.code not in _CODES.values())
    findings = (*others, *([word.finding(item, weight)] if word else []))
    return (
        item if findings == item.findings else replace(item, findings=findings, verdict=verdict_of(findings))
    )
