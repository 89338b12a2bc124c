"""What people said of files before: the sha256 that somebody named for a file's name, and the bytes that somebody left out.

1. Where nobody looks at a plan, what was said holds: other bytes than the named ones, and bytes that were left out, wait for
   a person (T-38). In a plan that a person looks at, its draft says the same.
2. The newest word about a file's name, or about its bytes, is the one that counts; what was taken back is no word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from homeport.domain.inspection import Finding, Severity, verdict_of
from homeport.domain.plan_draft import PlanDraft
from homeport.domain.rehost import Bytes, Decision, Item, Plan


@dataclass(frozen=True, slots=True)
class Word:
    """Who said what of ``filename``, and when: that its sha256 is this one or, ``is_refusal``, that these bytes are not wanted.

    ``version`` is that of the plan under review; empty for one of all versions.
    """

    filename: str
    sha256: str
    is_refusal: bool
    by: str
    at: datetime
    version: str

    def finding(self, item: Item) -> Finding:
        """Why ``item`` waits, and how this word is taken back."""
        when = f"on {self.at:%Y-%m-%d at %H:%M} UTC"
        plan = f"a new plan of {f'version {self.version}' if self.version else 'all versions'}"
        if self.is_refusal:
            sentence = (
                f"{self.by} left out these bytes {when}. If they are wanted after all, accept them in {plan}."
            )
            return Finding("left-out-before", Severity.HOLD, sentence)
        sentence = (
            f"{self.by} named sha256 {self.sha256} for this file {when}, and these bytes have {item.sha256}. To take "
            f"that back, make {plan}: empty the sha256 beside the file, or accept these bytes there."
        )
        return Finding("named-otherwise", Severity.HOLD, sentence)


def words(drafts: Mapping[str, PlanDraft]) -> tuple[Word, ...]:
    """What ``drafts``, by the version of their plans, say of files."""
    return tuple(word for version, draft in drafts.items() for word in _words(draft, version))


def _words(draft: PlanDraft, version: str) -> Iterable[Word]:
    for mark, entry in draft.entries.items():
        at = entry.at or draft.saved_at
        if at is None:
            continue
        filename, _, what = mark.rpartition(" ")
        if entry.sha256:
            yield Word(filename, entry.sha256, is_refusal=False, by=entry.by, at=at, version=version)
        is_of_bytes = "://" not in what
        if is_of_bytes and entry.decision is Decision.LEAVE_OUT and entry.sha256 in {"", what}:
            yield Word(filename, what, is_refusal=True, by=entry.by, at=at, version=version)


def held_by_words(plan: Plan, said: Iterable[Word]) -> tuple[Item, ...]:
    """The items of ``plan`` that a person's word holds, with it as a finding."""
    by_name: dict[str, list[Word]] = {}
    for word in sorted(said, key=lambda word: word.at):
        by_name.setdefault(word.filename, []).append(word)
    against = ((item, _against(item, by_name.get(item.filename, []))) for item in plan.items)
    return tuple(_held(item, word) for item, word in against if word is not None)


def _against(item: Item, oldest_first: list[Word]) -> Word | None:
    if item.sha256 is None or item.bytes is not Bytes.HERE or item.is_published:
        return None
    about = [word for word in oldest_first if not word.is_refusal or word.sha256 == item.sha256.hex]
    if not about or (not about[-1].is_refusal and about[-1].sha256 == item.sha256.hex):
        return None
    return about[-1]


def _held(item: Item, word: Word) -> Item:
    findings = (*item.findings, word.finding(item))
    return replace(item, findings=findings, verdict=verdict_of(findings))
