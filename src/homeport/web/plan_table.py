"""A plan as it is shown in the browser: one page of what a filter shows, by version, and the counts a reader wants first.

Whether an item can be ticked, and what a sha256 would do, is asked of the domain, not guessed here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode

from homeport.domain.fetching import Wish, host_of
from homeport.domain.inspection import Verdict
from homeport.domain.known_hashes import HashReport
from homeport.domain.names import ReleaseVersion, version_order
from homeport.domain.plan_draft import ReviewItem, changed_since
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, Visit
from homeport.domain.review_filter import EVERY_ITEM, Filter, Show, counts, page_of
from homeport.flows.rehost.draft import Review

# What more items than this are shown in short.
FEW_ITEMS: Final = 50
_MOST_VERSIONS: Final = 300
_MOST_LINKS: Final = 200
_MOST_LINKS_OF_MANY: Final = 20
_PAGE: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filled:
    """What is filled in on a page and stands over the draft; ``typed`` holds the texts typed as items' sha256s.

    ``was`` and ``accept`` are the items of that page that were ticked when it was shown, and are now.
    """

    was: frozenset[int] = frozenset()
    accept: frozenset[int] = frozenset()
    typed: Mapping[int, str] = field(default_factory=dict)
    had: Mapping[int, str] = field(default_factory=dict)
    basis: str = ""
    text: str = ""
    evidence: str = ""
    agrees: bool = False
    reason: str = ""
    hosted: str = ""
    why: str = ""
    wish: Wish = field(default_factory=Wish)
    hashes: str = ""

    @property
    def has_words(self) -> bool:
        """True when something of the answer was typed or chosen, which no draft keeps."""
        answer = self.basis or self.text or self.evidence or self.reason or self.hashes.strip()
        return bool(answer) or self.agrees or self.wish != Wish()

    def over(self, ticked: frozenset[int]) -> frozenset[int]:
        """What is ticked, where ``ticked`` is what the draft says: what was not touched is as others left it since."""
        return (ticked - (self.was - self.accept)) | (self.accept - self.was)


@dataclass(frozen=True, slots=True)
class Looking:
    """Which part of a plan is looked at, and since which revision of its draft."""

    chosen: Filter = EVERY_ITEM
    page: int = 1
    revision: int | None = None

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Looking":
        """What an address tells."""
        return cls(Filter.of(told), page_number(told.get("page", "")))

    def told(self) -> dict[str, str]:
        """The same part, as an address tells it."""
        return {**self.chosen.told(), **({"page": str(self.page)} if self.page > 1 else {})}


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it is shown. ``news`` is what others decided about it since the page was opened."""

    shown: ReviewItem
    is_ticked: bool
    typed: str
    news: str

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.shown.item

    @property
    def takes_sha256(self) -> bool:
        """True when there is a field for its sha256."""
        return self.shown.takes_sha256 or bool(self.shown.entry and self.shown.entry.sha256)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What stands in the item's way and is not said by its findings."""
        said = {finding.message for finding in self.item.findings}
        return tuple(obstacle for obstacle in self.item.obstacles if obstacle not in said)


@dataclass(frozen=True, slots=True)
class VersionRows:
    """The items of one version on this page, and how many it has on all pages of this filter."""

    version: ReleaseVersion
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Links that were not taken for one reason: the first of them, and how many there are."""

    code: str
    shown: tuple[NotTaken, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PlanTable:
    """One page of a plan. ``kinds`` says how many items each filter shows, ``others`` what no filter is for.

    ``versions_there`` are all versions of the plan, newest first, with the number of their items and of those that need
    a decision; empty when they are too many to choose from.
    """

    versions: tuple[VersionRows, ...]
    versions_there: tuple[tuple[str, int, int], ...]
    left_out: tuple[LeftOut, ...]
    visits: tuple[Visit, ...]
    visits_more: int
    kinds: Mapping[Show, int]
    others: tuple[tuple[int, str], ...]
    chosen: Filter
    page: int
    pages: int
    matching: int
    is_large: bool
    hosts: tuple[str, ...]
    ticked: int
    ticked_bytes: int
    acceptable: int
    was: frozenset[int]

    @property
    def listed(self) -> int:
        """How many items wait to be fetched."""
        return self.kinds.get(Show.LISTED, 0)

    @property
    def filter_told(self) -> str:
        """The filter, as a form carries it."""
        return urlencode(self.chosen.told())

    def query(self, page: int) -> str:
        """The address of another page of the same items, without its path."""
        return "?" + urlencode({**self.chosen.told(), "page": page})

    @property
    def pages_near(self) -> tuple[int, ...]:
        """The pages that are worth a button: the first, the last, and those around this one."""
        near = {1, self.pages, *range(self.page - 3, self.page + 4)}
        return tuple(sorted(number for number in near if 1 <= number <= self.pages))


def page_number(text: str) -> int:
    """The page that an address or a form tells; the first for what is no number."""
    return int(text) if _PAGE.fullmatch(text) else 1


def filter_from(told: str) -> Filter:
    """What :attr:`PlanTable.filter_told` says."""
    return Filter.of(dict(parse_qsl(told[:2_000])))


def plan_table(review: Review, looking: Looking, filled: Filled) -> PlanTable:
    """What is looked at of ``review``, with what is filled in and not saved."""
    plan, items = review.view.plan, review.items
    page = page_of(items, looking.chosen, looking.page)
    ticked = filled.over(review.ticked)
    news = {} if looking.revision is None else changed_since(review.draft, plan, looking.revision)
    is_large = len(items) > FEW_ITEMS
    most = _MOST_LINKS_OF_MANY if is_large else _MOST_LINKS
    totals: dict[str, int] = {}
    for one in items:
        if looking.chosen.shows(one):
            totals[one.item.version.key] = totals.get(one.item.version.key, 0) + 1
    by_version: dict[str, list[Row]] = {}
    for one in page.rows:
        row = _row(one, ticked, filled, news)
        by_version.setdefault(one.item.version.key, []).append(row)
    taken = [one.item for one in items if one.item.id in ticked]
    return PlanTable(
        versions=tuple(
            VersionRows(rows[0].item.version, tuple(rows), totals[key]) for key, rows in by_version.items()
        ),
        versions_there=_versions(items),
        left_out=_left_out(plan, most),
        visits=plan.visits[:most],
        visits_more=max(0, len(plan.visits) - most),
        kinds=counts(items),
        others=_others(plan),
        chosen=looking.chosen,
        page=page.page,
        pages=page.pages,
        matching=page.matching,
        is_large=is_large,
        hosts=tuple(sorted({host_of(item.url) for item in plan.items})),
        ticked=len(taken),
        ticked_bytes=sum(item.size_bytes for item in taken),
        acceptable=sum(not one.item.obstacles for one in items),
        was=frozenset(one.item.id for one in page.rows if one.is_ticked),
    )


def not_taken(before: Review, after: Review, chosen: Filter) -> str:
    """How much of what ``chosen`` shows was ticked at once, and what the rest needs; empty when there is no rest."""
    is_to_fetch = chosen.show is Show.LISTED
    shown = [one for one in before.items if chosen.shows(one)]
    listed = [one for one in shown if one.item.bytes is Bytes.LISTED and not is_to_fetch]
    others = [one for one in shown if one.item.id not in after.ticked and one not in listed]
    if not listed and not others:
        return ""
    held = sum(one.item.verdict is Verdict.HOLD for one in others)
    parts = (
        (len(listed), "only listed: fetch {them} first"),
        (held, "held: show what is held, look, and accept {them} there"),
        (len(others) - held, "not to be taken: each says why"),
    )
    needs = "; ".join(
        f"{number:,} {'is' if number == 1 else 'are'} {what.format(them='it' if number == 1 else 'them')}"
        for number, what in parts
        if number
    )
    taken = len(shown) - len(listed) - len(others)
    does = "are ticked, to be fetched" if is_to_fetch else "can be accepted"
    return f"{taken:,} of {len(shown):,} files {does}. {needs}."


def is_incomplete(plan: Plan) -> bool:
    """True when looking again may find more: a file, or a page, could not be had."""
    return any(item.bytes is Bytes.UNREACHABLE for item in plan.items) or any(
        visit.problem for visit in plan.visits
    )


def _row(one: ReviewItem, ticked: frozenset[int], filled: Filled, news: Mapping[int, str]) -> Row:
    item_id = one.item.id
    typed = filled.typed.get(item_id, one.item.declared_sha256)
    if item_id in filled.had and item_id not in filled.typed:
        typed = ""
    return Row(one, one.may_tick and item_id in ticked, typed, news.get(item_id, ""))


def _versions(items: tuple[ReviewItem, ...]) -> tuple[tuple[str, int, int], ...]:
    by_key: dict[str, list[ReviewItem]] = {}
    for one in items:
        by_key.setdefault(one.item.version.key, []).append(one)
    if len(by_key) > _MOST_VERSIONS:
        return ()
    newest_first = sorted(
        by_key.values(), key=lambda ones: version_order(ones[0].item.version.normalized), reverse=True
    )
    return tuple(
        (ones[0].item.version.text, len(ones), sum(one.needs_decision for one in ones))
        for ones in newest_first
    )


def _left_out(plan: Plan, most: int) -> tuple[LeftOut, ...]:
    by_code: dict[str, list[NotTaken]] = {}
    for entry in plan.not_taken:
        by_code.setdefault(entry.code, []).append(entry)
    return tuple(LeftOut(code, tuple(entries[:most]), len(entries)) for code, entries in by_code.items())


def _others(plan: Plan) -> tuple[tuple[int, str], ...]:
    """How many items are what no filter is for; what none is, is not said."""
    kinds: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("not fetched yet", lambda item: item.bytes is Bytes.WANTED),
        ("not to be had", lambda item: item.bytes is Bytes.REFUSED),
    )
    found = ((sum(map(is_kind, plan.items)), words) for words, is_kind in kinds)
    return tuple((number, words) for number, words in found if number)


def report_lists(report: HashReport) -> tuple[tuple[str, tuple[str, ...], int], ...]:
    """The parts of a report that a person must look at: what they are, the first of them, and how many there are."""
    parts = (
        ("Other bytes than the list says", tuple(item.filename for item in report.mismatched)),
        ("In the list, and not in the plan", report.unknown),
        ("In the plan, and not in the list", tuple(item.filename for item in report.unnamed)),
    )
    return tuple((words, names[:_MOST_LINKS_OF_MANY], len(names)) for words, names in parts if names)
