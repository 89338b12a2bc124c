"""Drafts: what maintainers decided about the items of a plan, before anybody agrees to it.

1. A decision is about bytes: it is kept by file name and sha256, or by the address while there are no bytes. So it stays when
   the plan is made again with the same bytes, and is void when there are others.
2. Every save makes a new revision, and each entry knows in which one it was made. Whoever saves over an older revision is told
   what the others changed since, and nothing is saved; saving the same thing twice changes nothing.
3. A draft publishes nothing. What is agreed to is the plan's digest and the revision of the draft that were shown (T-12).
4. A sha256 that the maintainer names and the bytes contradict rejects the item, as any other claim does.
5. Who names a sha256 decides nothing, and takes over nobody's decision: an entry knows who decided, and who named.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.evidence import Evidence, Level
from homeport.domain.inspection import Finding, Severity, verdict_of
from homeport.domain.plan_choice import acceptable
from homeport.domain.rehost import Bytes, Decision, Item, Plan

MAX_ENTRIES: Final = 10_000
_MOST_NEWS: Final = 20
_ANY_SHA256: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was said of one item; ``revision`` is that in which it was changed last.

    ``by`` decided, or took the decision back, at ``at``; ``named_by`` named the sha256, or took it back, at ``named_at``.
    Nobody did where the name is empty; of the oldest entries only the draft knows when it was saved last.
    """

    decision: Decision = Decision.UNDECIDED
    sha256: str = ""
    revision: int = 0
    by: str = ""
    at: datetime | None = None
    named_by: str = ""
    named_at: datetime | None = None


@dataclass(frozen=True)
class PlanDraft:
    """The decisions so far, by the mark of their item; revision 0 is that of a plan nobody decided about."""

    revision: int = 0
    saved_by: str = ""
    saved_at: datetime | None = None
    entries: Mapping[str, Drafted] = field(default_factory=dict)

    def about(self, item: Item) -> Drafted | None:
        """What was decided about these bytes under this name."""
        if there := self.entries.get(mark_of(item)):
            return there
        # Before the bytes came, their sha256 was named, and these are the bytes.
        promised = self.entries.get(_mark(item, item.url))
        return promised if promised and item.sha256 and promised.sha256 == item.sha256.hex else None


NO_DRAFT: Final = PlanDraft()
_NOTHING_SAID: Final = Drafted()


@dataclass(frozen=True, slots=True)
class Changes:
    """What one save changes, by the items' ids; a sha256 of ``None`` takes back the one that was named."""

    decisions: Mapping[int, Decision] = field(default_factory=dict)
    sha256: Mapping[int, Sha256 | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An item under review: with what was named of it, what was decided, and what is proposed.

    ``takes_sha256``: a sha256 named by the maintainer removes all that stands in its way. ``rivals`` are other items of
    the same file name, of which only one can be accepted. What is only listed may be ticked, to be fetched.
    """

    item: Item
    entry: Drafted | None
    is_proposed: bool
    takes_sha256: bool
    rivals: int
    is_settled: bool
    """True when another item of its name is taken."""
    is_open: bool = True
    """True while the plan takes an answer; afterwards the draft is about the next one, and the answer is the item's."""

    @property
    def decision(self) -> Decision:
        """What a maintainer decided."""
        return self.entry.decision if self.entry and self.is_open else self.item.decision

    @property
    def decided_by(self) -> str:
        """Who decided that it stands as it does; empty where nobody did."""
        wanted = Decision.ACCEPT if self.is_ticked else Decision.LEAVE_OUT
        is_theirs = self.is_open and not self.item.is_published and self.decision is wanted
        return self.entry.by if self.entry and is_theirs else ""

    @property
    def may_tick(self) -> bool:
        """True when it can be chosen."""
        item = self.item
        return not item.obstacles or self.takes_sha256 or item.bytes is Bytes.LISTED

    @property
    def is_ticked(self) -> bool:
        """True when it is taken as things stand: because somebody said so, or because nothing speaks against it."""
        if not self.may_tick or self.decision is Decision.LEAVE_OUT:
            return False
        return (self.is_open and self.is_proposed) or self.decision is Decision.ACCEPT

    @property
    def is_left_out(self) -> bool:
        """True when somebody left it out; what is hosted here is not outside."""
        return self.decision is Decision.LEAVE_OUT and not self.item.is_published

    @property
    def needs_decision(self) -> bool:
        """True when a person must look: it could be taken, is not proposed, and nobody decided."""
        may_be = self.is_open and self.may_tick and self.item.bytes is not Bytes.LISTED
        return may_be and not self.is_proposed and not self.is_settled and self.decision is Decision.UNDECIDED

    @property
    def is_https(self) -> bool:
        """True when neither the file nor any hop on the way to it was asked for over plain HTTP."""
        return all(url.startswith("https://") for url in (self.item.url, *(hop[0] for hop in self.item.hops)))


def mark_of(item: Item) -> str:
    """What a decision about ``item`` is kept by."""
    return _mark(item, item.sha256.hex if item.sha256 else item.url)


def _mark(item: Item, what: str) -> str:
    return f"{item.filename} {what}"


def with_sha256(item: Item, sha256: str, by: str = "The maintainer") -> Item:
    """``item`` with the sha256 that ``by`` names: its bytes have it, are awaited, or contradict it."""
    named = replace(item, declared_sha256=sha256)
    if item.bytes is not Bytes.HERE or item.sha256 is None:
        return named
    if item.sha256.hex != sha256:
        sentence = (
            f"{by} named sha256 {sha256} for this file, but the bytes have {item.sha256}. If the named one is wrong, empty "
            "the field to take it back."
        )
        findings = (*item.findings, Finding("hash-named-otherwise", Severity.REJECT, sentence))
        return replace(named, findings=findings, verdict=verdict_of(findings))
    if item.evidence is not None and item.evidence.level is Level.ATTESTED:
        return named
    return replace(named, evidence=Evidence(Level.DECLARED, "The maintainer confirmed this sha256."))


def review_items(plan: Plan, draft: PlanDraft, *, is_open: bool = True) -> tuple[ReviewItem, ...]:
    """Every item of ``plan`` as it stands under ``draft``, in the plan's order; ``is_open`` while it takes an answer."""
    entries = {item.id: draft.about(item) for item in plan.items}
    items = tuple(_named(item, entries[item.id]) for item in plan.items)
    decided = tuple(
        replace(item, decision=entry.decision) if (entry := entries[item.id]) else item for item in items
    )
    taken = {one.filename: one.id for one in decided if one.decision is Decision.ACCEPT and not one.obstacles}
    # Where one of several places was chosen, the others are not proposed.
    proposable = tuple(one for one in decided if taken.get(one.filename, one.id) == one.id)
    proposed = acceptable(replace(plan, items=proposable))
    settled = {item.filename for item in items if item.id in proposed} | taken.keys()
    names = Counter(item.filename for item in items)
    return tuple(
        ReviewItem(
            item,
            entries[item.id],
            is_proposed=item.id in proposed,
            takes_sha256=_takes_sha256(item),
            rivals=names[item.filename] - 1,
            is_settled=item.filename in settled,
            is_open=is_open,
        )
        for item in items
    )


def _named(item: Item, entry: Drafted | None) -> Item:
    return with_sha256(item, entry.sha256, entry.named_by) if entry and entry.sha256 else item


def _takes_sha256(item: Item) -> bool:
    if item.is_published or not (item.declared_sha256 or item.obstacles):
        return False
    if not replace(item, declared_sha256="").obstacles:
        return False
    sha256 = item.sha256.hex if item.sha256 else _ANY_SHA256
    return not replace(item, declared_sha256=sha256).obstacles


def ticked(reviewed: Iterable[ReviewItem]) -> frozenset[int]:
    """The items that are taken as things stand."""
    return frozenset(one.item.id for one in reviewed if one.is_ticked)


def declarations(reviewed: Iterable[ReviewItem], of: frozenset[int]) -> dict[int, Sha256]:
    """The sha256s that were named for these items."""
    return {
        one.item.id: Sha256.parse(one.item.declared_sha256)
        for one in reviewed
        if one.item.id in of and one.item.declared_sha256
    }


def save(draft: PlanDraft, plan: Plan, changes: Changes, *, base: int, by: str, at: datetime) -> PlanDraft:
    """``draft`` with ``changes`` that somebody made who was shown revision ``base`` of it.

    Raises ``Invalid`` when an item does not exist, ``Conflict`` when another revision stands and the changes would
    change it; what stands already is no change.
    """
    items = {item.id: item for item in plan.items}
    if unknown := sorted((changes.decisions.keys() | changes.sha256.keys()) - items.keys()):
        raise Invalid(f"The plan has no item {', '.join(map(str, unknown))}.", code="item-unknown")
    revision = draft.revision + 1
    made: dict[str, Drafted] = {}
    for item_id in changes.decisions.keys() | changes.sha256.keys():
        item = items[item_id]
        before = draft.about(item) or _NOTHING_SAID
        entry = _changed(before, changes, item_id, revision=revision, by=by, at=at)
        if entry != before:
            made[mark_of(item)] = entry
    if not made:
        return draft
    if base != draft.revision:
        raise _overtaken(draft, plan, base)
    return PlanDraft(revision, by, at, _kept({**draft.entries, **made}, plan))


def _changed(
    entry: Drafted, changes: Changes, item_id: int, *, revision: int, by: str, at: datetime
) -> Drafted:
    """The entry after the changes; itself where they say what it says."""
    decision = changes.decisions.get(item_id, entry.decision)
    if decision is not entry.decision:
        entry = replace(entry, decision=decision, revision=revision, by=by, at=at)
    named = changes.sha256.get(item_id)
    sha256 = named.hex if named else ""
    if item_id in changes.sha256 and sha256 != entry.sha256:
        entry = replace(entry, sha256=sha256, revision=revision, named_by=by, named_at=at)
    return entry


def _kept(entries: Mapping[str, Drafted], plan: Plan) -> Mapping[str, Drafted]:
    """Entries about files that are not in the plan now are kept, for a site may be down; but not for ever."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    here = {mark_of(item) for item in plan.items}
    return {mark: entry for mark, entry in entries.items() if mark in here}


def require_revision(draft: PlanDraft, plan: Plan, shown: int) -> None:
    """``Conflict``, with what the others changed, unless revision ``shown`` is the one that stands."""
    if shown != draft.revision:
        raise _overtaken(draft, plan, shown)


def changed_since(draft: PlanDraft, plan: Plan, base: int) -> dict[int, str]:
    """What was decided after revision ``base``, as a sentence for each item."""
    found = ((item.id, draft.about(item)) for item in plan.items)
    return {item_id: _told(entry) for item_id, entry in found if entry and entry.revision > base}


def _told(entry: Drafted) -> str:
    does = {
        Decision.ACCEPT: "ticked it",
        Decision.LEAVE_OUT: "left it out",
        Decision.UNDECIDED: "took the decision back",
    }[entry.decision]
    told = [f"{entry.by} {does}"] if entry.by else []
    if entry.named_by:
        who = "" if entry.named_by == entry.by else f"{entry.named_by} "
        told.append(f"{who}{'named its sha256' if entry.sha256 else 'took its sha256 back'}")
    return f"{', and '.join(told)}."


def _overtaken(draft: PlanDraft, plan: Plan, base: int) -> Conflict:
    names = {item.id: item.filename for item in plan.items}
    news = [f"{names[item_id]}: {told}" for item_id, told in changed_since(draft, plan, base).items()]
    more = [f"And {len(news) - _MOST_NEWS:,} more."] if len(news) > _MOST_NEWS else []
    decided = f", and decided about {len(news):,} file{'s' if len(news) > 1 else ''}" if news else ""
    sentence = (
        f"{draft.saved_by or 'Nobody'} saved this review after you opened it (revision {draft.revision}, yours was "
        f"{base}){decided}. Nothing you chose is lost: look at what changed, then send it again."
    )
    return Conflict(sentence, code="draft-changed", problems=[sentence, *news[:_MOST_NEWS], *more])


def require_true(plan: Plan, named: Mapping[int, Sha256 | None]) -> None:
    """``Invalid`` with every item whose bytes have another sha256 than the one that is named for it."""
    problems = [
        f"{item.filename}: its bytes have sha256 {item.sha256}, not {sha256}."
        for item in plan.items
        if (sha256 := named.get(item.id)) is not None and item.sha256 not in {None, sha256}
    ]
    if problems:
        sentence = "The sha256 you named is another one. " + " ".join(problems)
        raise Invalid(sentence, code="sha256-differs", problems=problems)
