"""The review of a plan goes on: decisions are saved as they are made, and known hashes are held against the files.

Who saves was shown a plan and a revision of its draft. Where either is another one now, nothing is saved, and what changed is told.
"""

from dataclasses import dataclass, field, replace

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.known_hashes import HashReport, Unread, compare
from homeport.domain.plan_draft import (
    Changes,
    PlanDraft,
    ReviewItem,
    declarations,
    require_true,
    review_items,
    save,
    ticked,
)
from homeport.domain.rehost import Decision, State
from homeport.domain.review_filter import Filter, decide_all
from homeport.flows.live_caller import require_live
from homeport.flows.rehost.review import RehostView, require_unanswered, view_of
from homeport.formats.checksums import read_checksums, unread_lines
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class Review:
    """A plan as it stands under its draft: what a maintainer is shown."""

    view: RehostView
    draft: PlanDraft
    items: tuple[ReviewItem, ...]

    @property
    def ticked(self) -> frozenset[int]:
        """What is taken as things stand."""
        return ticked(self.items)

    def declared(self, of: frozenset[int]) -> dict[int, Sha256]:
        """The sha256s that maintainers named for these items."""
        return declarations(self.items, of)


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody was looking at: the plan, by its digest, and the revision of its draft."""

    plan: Sha256
    revision: int


@dataclass(frozen=True, slots=True)
class Bulk:
    """One decision about everything that a filter shows."""

    decision: Decision
    chosen: Filter


@dataclass(frozen=True, slots=True)
class Saving:
    """What somebody decided: about single items, and then about all that a filter shows."""

    changes: Changes = field(default_factory=Changes)
    bulk: Bulk | None = None


def show_review(world: World, caller: Caller, rehost_id: int) -> Review:
    """The review as it stands, for a maintainer of the project."""
    with world.store.read() as tx:
        return _review(tx, caller, rehost_id)


def save_draft(world: World, caller: Caller, rehost_id: int, shown: Shown, saving: Saving) -> Review:
    """Remember decisions; the review afterwards.

    Raises ``Conflict`` when the plan, or what others decided about it, is not what was shown, ``IllegalMove`` when the
    plan takes no answer, ``Invalid`` for items that do not exist and for a sha256 that the bytes contradict.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        review = _open_review(tx, caller, rehost_id, shown)
        plan = review.view.plan
        require_true(plan, saving.changes.sha256)
        base, by = shown.revision, caller.user.name
        draft = save(review.draft, plan, saving.changes, base=base, by=by, at=now)
        if saving.bulk is not None:
            # What is decided of all is about what this very save leaves to be decided; both are one revision.
            decided = decide_all(review_items(plan, draft), saving.bulk.chosen, saving.bulk.decision)
            changes = Changes({**decided, **_single(saving, decided)}, saving.changes.sha256)
            draft = save(review.draft, plan, changes, base=base, by=by, at=now)
        return _kept(tx, review, draft)


def _single(saving: Saving, decided: dict[int, Decision]) -> dict[int, Decision]:
    """The decisions about single items that the one about many does not reach."""
    return {item_id: one for item_id, one in saving.changes.decisions.items() if item_id not in decided}


def declare_hashes(
    world: World, caller: Caller, rehost_id: int, shown: Shown, text: bytes
) -> tuple[HashReport, Review]:
    """Name the sha256 of every file in a checksum file at once.

    What the bytes contradict is named as well: such an item is rejected until the sha256 is taken back.
    Raises ``Invalid`` when the text names no sha256, or contradicts itself.
    """
    known, unread = _known(text)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        review = _open_review(tx, caller, rehost_id, shown)
        plan = review.view.plan
        report = replace(compare(plan, known), unread=unread)
        changes = Changes(sha256=report.named)
        draft = save(review.draft, plan, changes, base=shown.revision, by=caller.user.name, at=now)
        return report, _kept(tx, review, draft)


def _known(text: bytes) -> tuple[dict[str, Sha256], Unread]:
    """The sha256s that a text names, by file name, and the lines that say nothing one could understand."""
    read, unread = read_checksums(text), unread_lines(text)
    known = {
        offer.filename: Sha256.parse(digest)
        for offer in read.offers
        for algorithm, digest in offer.claimed
        if algorithm == "sha256"
    }
    if read.problem:
        raise Invalid(read.problem, code="hashes-unreadable")
    if not known:
        raise Invalid(
            "No line names a sha256: lines like those of sha256sum are wanted (64 hexadecimal digits, two blanks, the "
            f"file's name). {unread.sentence}".rstrip(),
            code="hashes-missing",
        )
    return known, unread


def _open_review(tx: Transaction, caller: Caller, rehost_id: int, shown: Shown) -> Review:
    review = _review(tx, caller, rehost_id)
    require_unanswered(tx, review.view.rehost)
    if review.view.digest != shown.plan:
        raise Conflict(
            "The plan changed since it was shown: look at it again, then send it again.", code="plan-changed"
        )
    return review


def _review(tx: Transaction, caller: Caller, rehost_id: int) -> Review:
    view = view_of(tx, caller, rehost_id)
    draft = tx.drafts.find(view.project.id, view.rehost.version)
    is_open = view.rehost.state is State.PLANNED
    return Review(view, draft, review_items(view.plan, draft, is_open=is_open))


def _kept(tx: Transaction, review: Review, draft: PlanDraft) -> Review:
    if draft == review.draft:
        return review
    view = review.view
    tx.drafts.put(view.project.id, view.rehost.version, draft)
    return Review(view, draft, review_items(view.plan, draft))
