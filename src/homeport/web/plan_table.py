"""A plan as it is shown in the browser: items by version, a page at a time; what may be ticked, and what was left out.

Whether a sha256 would help an item is asked of the domain, not guessed here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from homeport.domain.digests import Sha256
from homeport.domain.fetching import host_of
from homeport.domain.inspection import Verdict
from homeport.domain.names import ReleaseVersion, version_order
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, acceptable
from homeport.web.choice import EVERY_ITEM, PAGE_ITEMS, Filter, to_ranges

_ANY_SHA256 = Sha256("0" * 64)
_MOST_PER_REASON = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it is shown.

    ``takes_sha256``: a sha256 named by the maintainer removes all that stands in its way. ``rivals`` are other
    items of the same file name, of which only one can be accepted. What is only listed may be ticked to be fetched.
    """

    item: Item
    may_tick: bool
    is_ticked: bool
    takes_sha256: bool
    typed: str
    rivals: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands in the item's way and is not said by its findings."""
        said = {finding.message for finding in self.item.findings}
        return tuple(obstacle for obstacle in self.item.obstacles if obstacle not in said)

    @property
    def is_https(self) -> bool:
        """True when neither the file nor any hop on the way to it was asked for over plain HTTP."""
        return all(url.startswith("https://") for url in (self.item.url, *(hop[0] for hop in self.item.hops)))


@dataclass(frozen=True, slots=True)
class VersionRows:
    """The items of one version."""

    version: ReleaseVersion
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Links that were not taken for one reason: the first of them, and how many there are."""

    code: str
    shown: tuple[NotTaken, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PlanTable:
    """One page of a plan: versions newest first, what was left out, and the counts a reader wants first.

    ``matching`` items are on ``pages`` pages. ``elsewhere`` are the ticked items on none of this page, and
    ``typed_elsewhere`` what was typed for items there. ``hosts`` are those that files come from.
    """

    versions: tuple[VersionRows, ...]
    left_out: tuple[LeftOut, ...]
    counts: tuple[tuple[int, str], ...]
    chosen: Filter
    matching: int
    pages: int
    elsewhere: frozenset[int]
    typed_elsewhere: Mapping[int, str]
    hosts: tuple[str, ...]
    listed: int

    @property
    def ticked_elsewhere(self) -> str:
        """The same, as a form carries it."""
        return to_ranges(self.elsewhere)


def plan_table(
    plan: Plan, ticked: frozenset[int], typed: Mapping[int, str], chosen: Filter = EVERY_ITEM
) -> PlanTable:
    """What ``chosen`` shows of ``plan``, with these items ticked, and these texts typed as their sha256."""
    matching = [item for item in plan.items if chosen.shows(item)]
    pages = max(1, -(-len(matching) // PAGE_ITEMS))
    page = min(chosen.page, pages)
    order = {item.version.key: version_order(item.version.normalized) for item in matching}
    matching.sort(key=lambda item: (item.filename, item.url))
    matching.sort(key=lambda item: order[item.version.key], reverse=True)
    shown = matching[(page - 1) * PAGE_ITEMS : page * PAGE_ITEMS]
    names = Counter(item.filename for item in plan.items)
    by_version: dict[str, list[Row]] = {}
    for item in shown:
        row = _row(item, ticked, typed, rivals=names[item.filename] - 1)
        by_version.setdefault(item.version.key, []).append(row)
    here = {item.id for item in shown}
    return PlanTable(
        versions=tuple(VersionRows(rows[0].item.version, tuple(rows)) for rows in by_version.values()),
        left_out=_left_out(plan),
        counts=_counts(plan),
        chosen=replace(chosen, page=page),
        matching=len(matching),
        pages=pages,
        elsewhere=ticked - here,
        typed_elsewhere={item_id: text for item_id, text in typed.items() if item_id not in here},
        hosts=tuple(sorted({host_of(item.url) for item in plan.items})),
        listed=sum(item.bytes is Bytes.LISTED for item in plan.items),
    )


def _row(item: Item, ticked: frozenset[int], typed: Mapping[int, str], *, rivals: int) -> Row:
    with_sha256 = replace(item, declared_sha256=(item.sha256 or _ANY_SHA256).hex)
    without_sha256 = replace(item, declared_sha256="")
    takes_sha256 = bool(without_sha256.obstacles) and not with_sha256.obstacles
    may_tick = not item.obstacles or takes_sha256 or item.bytes is Bytes.LISTED
    return Row(item, may_tick, may_tick and item.id in ticked, takes_sha256, typed.get(item.id, ""), rivals)


def _left_out(plan: Plan) -> tuple[LeftOut, ...]:
    by_code: dict[str, list[NotTaken]] = {}
    for entry in plan.not_taken:
        by_code.setdefault(entry.code, []).append(entry)
    return tuple(
        LeftOut(code, tuple(entries[:_MOST_PER_REASON]), len(entries)) for code, entries in by_code.items()
    )


def _counts(plan: Plan) -> tuple[tuple[int, str], ...]:
    """How many items are what; what none is, is not said."""
    ready = acceptable(plan)
    kinds: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("can be accepted as they stand", lambda item: item.id in ready),
        ("hosted here", lambda item: item.is_published),
        ("held: a person must look", lambda item: item.verdict is Verdict.HOLD),
        ("rejected by inspection", lambda item: item.verdict is Verdict.REJECT),
        ("unreachable", lambda item: item.bytes is Bytes.UNREACHABLE),
        ("only listed", lambda item: item.bytes is Bytes.LISTED),
        ("not fetched yet", lambda item: item.bytes is Bytes.WANTED),
        ("not to be had", lambda item: item.bytes is Bytes.REFUSED),
    )
    found = ((sum(map(is_kind, plan.items)), words) for words, is_kind in kinds)
    return tuple((number, words) for number, words in found if number)
