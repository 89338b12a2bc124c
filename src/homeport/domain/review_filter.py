"""Filters of a review: which items of a plan are shown, in what order, a page at a time; and what is decided of all of them.

1. What is held, and what is only listed, is taken by a decision about many only where the filter names it: nobody takes
   by the way what a person must look at.
2. Where places offer different bytes under one name, no decision about many chooses between them.
3. The words of a filter are no longer than what they are compared with, item by item.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeport.domain.errors import all_problems
from homeport.domain.evidence import Level
from homeport.domain.fetching import host_of
from homeport.domain.inspection import Verdict
from homeport.domain.names import same_version, version_order
from homeport.domain.plan_choice import contradictions
from homeport.domain.plan_draft import ReviewItem
from homeport.domain.rehost import Bytes, Decision

PAGE_ITEMS: Final = 100
MAX_WORD: Final = 200
_NEW: Final = "new"


class Show(StrEnum):
    """What kind of items are shown."""

    ALL = "all"
    DECISION = "decision"  # a person must decide
    TICKED = "ticked"  # taken as things stand
    LEFT_OUT = "left-out"  # somebody left it out
    PLAIN = "plain"  # nothing but a site's word, over plain HTTP
    HELD = "held"
    REJECTED = "rejected"
    NEW = "new"  # nothing of that name was ever hosted here
    CHANGED = "changed"  # something else was
    UNREACHABLE = "unreachable"
    LISTED = "listed"
    HOSTED = "hosted"


def _is_plain(one: ReviewItem) -> bool:
    evidence = one.item.evidence
    return not one.is_https or (evidence is not None and evidence.level is Level.PLAIN)


def _is_changed(one: ReviewItem) -> bool:
    return one.item.change not in {"", _NEW} and not one.item.is_published


_SHOWS: Final[Mapping[Show, Callable[[ReviewItem], bool]]] = {
    Show.ALL: lambda _: True,
    Show.DECISION: lambda one: one.needs_decision,
    Show.TICKED: lambda one: one.is_ticked,
    Show.LEFT_OUT: lambda one: one.is_left_out,
    Show.PLAIN: _is_plain,
    Show.HELD: lambda one: one.item.verdict is Verdict.HOLD,
    Show.REJECTED: lambda one: one.item.verdict is Verdict.REJECT,
    Show.NEW: lambda one: one.item.change == _NEW,
    Show.CHANGED: _is_changed,
    Show.UNREACHABLE: lambda one: one.item.bytes is Bytes.UNREACHABLE,
    Show.LISTED: lambda one: one.item.bytes is Bytes.LISTED,
    Show.HOSTED: lambda one: one.item.is_published,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items are shown: everything that is not empty must fit. ``text`` is looked for in names and addresses."""

    show: Show = Show.ALL
    version: str = ""
    text: str = ""
    host: str = ""

    def __post_init__(self) -> None:
        words = {"version": self.version, "q": self.text, "host": self.host}
        problems = [
            f"{name}: {word[:40]!r}… is longer than {MAX_WORD} characters."
            for name, word in words.items()
            if len(word) > MAX_WORD
        ]
        all_problems("The filter", problems, code="filter-too-long")

    def shows(self, one: ReviewItem) -> bool:
        """True when ``one`` is among those that are shown, on whichever page."""
        item, text = one.item, self.text.lower()
        return (
            _SHOWS[self.show](one)
            and (not self.version or same_version(item.version.text, self.version))
            and (not text or text in item.filename.lower() or text in item.url.lower())
            and self.host in {"", host_of(item.url)}
        )

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Filter":
        """The filter that an address or a form tells; words that mean nothing filter nothing.

        ``Invalid`` with every word that is too long.
        """
        word = told.get("show", "")
        version, text, host = (told.get(name, "").strip() for name in ("version", "q", "host"))
        return cls(Show(word) if word in set(Show) else Show.ALL, version, text, host)

    def told(self) -> dict[str, str]:
        """The same filter, as an address tells it."""
        told = {"show": self.show.value, "version": self.version, "q": self.text, "host": self.host}
        return {name: word for name, word in told.items() if word not in {"", Show.ALL.value}}


EVERY_ITEM: Final = Filter()


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of what a filter shows: ``matching`` items on ``pages`` pages; ``page`` counts from 1."""

    rows: tuple[ReviewItem, ...]
    matching: int
    page: int
    pages: int


def page_of(reviewed: Iterable[ReviewItem], chosen: Filter, page: int = 1) -> ReviewPage:
    """The page that is asked for, or the last one: newest version first, and by name within it."""
    matching = in_order(one for one in reviewed if chosen.shows(one))
    pages = max(1, -(-len(matching) // PAGE_ITEMS))
    page = min(max(1, page), pages)
    rows = tuple(matching[(page - 1) * PAGE_ITEMS : page * PAGE_ITEMS])
    return ReviewPage(rows, len(matching), page, pages)


def in_order(reviewed: Iterable[ReviewItem]) -> list[ReviewItem]:
    """Newest version first, and by name and address within it."""
    rows = sorted(reviewed, key=lambda one: (one.item.filename, one.item.url))
    order = {one.item.version.key: version_order(one.item.version.normalized) for one in rows}
    rows.sort(key=lambda one: order[one.item.version.key], reverse=True)
    return rows


def counts(reviewed: Sequence[ReviewItem]) -> dict[Show, int]:
    """How many items each filter shows; what shows none is left out."""
    found = {show: sum(map(is_shown, reviewed)) for show, is_shown in _SHOWS.items()}
    return {show: number for show, number in found.items() if number}


def decide_all(reviewed: Sequence[ReviewItem], chosen: Filter, decision: Decision) -> dict[int, Decision]:
    """``decision`` about every item that ``chosen`` shows and that it can be made about, by id."""
    shown = [one for one in in_order(reviewed) if chosen.shows(one)]
    if decision is not Decision.ACCEPT:
        return {one.item.id: decision for one in shown if one.may_tick or one.entry}
    contradicted = contradictions(one.item for one in reviewed)
    taken = {one.item.filename for one in reviewed if one.is_ticked}
    decided: dict[int, Decision] = {}
    for one in shown:
        name = one.item.filename
        is_free = one.is_ticked or name not in taken
        if is_free and name not in contradicted and _is_taken_by_the_way(one, chosen.show):
            decided[one.item.id] = decision
            taken.add(name)
    return decided


def _is_taken_by_the_way(one: ReviewItem, show: Show) -> bool:
    if one.item.bytes is Bytes.LISTED:
        return show is Show.LISTED
    return not one.item.obstacles and (one.item.verdict is not Verdict.HOLD or show is Show.HELD)
