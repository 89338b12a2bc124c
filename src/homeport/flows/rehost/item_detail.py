"""One item of a plan, looked at closely: everything known of it, and how it differs from the file of the version before."""

from dataclasses import dataclass
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.contents import Contents, ContentsDiff, Likeness, compare_contents, previous_of
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound
from homeport.domain.inspection import Finding
from homeport.domain.plan_draft import ReviewItem
from homeport.domain.rehost import Bytes, Item, Plan
from homeport.domain.review_filter import EVERY_ITEM, PAGE_ITEMS, Filter, in_order
from homeport.domain.rules import advice_for
from homeport.flows.rehost.draft import Review, show_review
from homeport.ports.store import Transaction
from homeport.ports.world import World

# Larger files are not opened while somebody waits for a page.
MAX_COMPARED_BYTES: Final = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands among those that a filter shows; 0 and ``None`` where there is none."""

    number: int
    total: int
    page: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an item was compared with, and what came of it; ``problem`` says why there is nothing to show."""

    previous: Likeness | None = None
    diff: ContentsDiff | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """An item under review. ``findings`` come with what to do about them, ``rivals`` are the others of its file name."""

    review: Review
    shown: ReviewItem
    place: Place
    findings: tuple[tuple[Finding, str], ...]
    rivals: tuple[Item, ...]
    comparison: Comparison


def show_item(
    world: World, caller: Caller, rehost_id: int, item_id: int, chosen: Filter = EVERY_ITEM
) -> ItemDetail:
    """The item, for a maintainer of its project; ``chosen`` says among which items it stands."""
    review = show_review(world, caller, rehost_id)
    shown = next((one for one in review.items if one.item.id == item_id), None)
    if shown is None:
        raise NotFound(f"Rehost {rehost_id} has no item {item_id}.", code="item-not-there")
    item = shown.item
    with world.store.read() as tx:
        candidates = _candidates(tx, review.view.project.id, review.view.plan)
    return ItemDetail(
        review,
        shown,
        _place(review, item_id, chosen),
        tuple((finding, advice_for(finding.code)) for finding in item.findings),
        tuple(
            one.item for one in review.items if one.item.filename == item.filename and one.item.id != item_id
        ),
        _compare(world, item, candidates),
    )


def _place(review: Review, item_id: int, chosen: Filter) -> Place:
    ids = [one.item.id for one in in_order(one for one in review.items if chosen.shows(one))]
    if item_id not in ids:
        return Place(0, len(ids), 1, None, None)
    at = ids.index(item_id)
    before, after = ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None
    return Place(at + 1, len(ids), at // PAGE_ITEMS + 1, before, after)


def _candidates(tx: Transaction, project_id: int, plan: Plan) -> list[Likeness]:
    """The files that an item may be compared with: what is hosted, and what came with the plan."""
    hosted = [
        Likeness(file.filename, file.version, file.kind.value, file.digests.sha256, is_hosted=True)
        for file in tx.files.of_project(project_id)
    ]
    return hosted + [
        Likeness(item.filename, item.version, item.kind, item.sha256, is_hosted=False)
        for item in plan.items
        if item.sha256 is not None and not item.is_published
    ]


def _compare(world: World, item: Item, candidates: list[Likeness]) -> Comparison:
    if item.sha256 is None or item.bytes is not Bytes.HERE:
        return Comparison(problem="Its bytes are not here, so there is nothing to compare.")
    own = Likeness(item.filename, item.version, item.kind, item.sha256, is_hosted=False)
    previous = previous_of(own, candidates)
    if previous is None:
        return Comparison(problem="There is no older version here to compare it with.")
    contents = []
    for one in (previous, own):
        listed = _contents(world, one.sha256, one.filename)
        if not listed.members:
            return Comparison(previous, problem=listed.problem or f"{one.filename} holds no files.")
        contents.append(listed)
    return Comparison(previous, compare_contents(*contents))


def _contents(world: World, sha256: Sha256, filename: str) -> Contents:
    path = world.blobs.path(sha256)
    if path is None:
        return Contents(problem=f"The bytes of {filename} are not here any more.")
    if path.stat().st_size > MAX_COMPARED_BYTES:
        return Contents(
            problem=f"{filename} is larger than {MAX_COMPARED_BYTES >> 20} MiB, so it is not opened for a page."
        )
    return world.isolation.list_contents(path, filename)
