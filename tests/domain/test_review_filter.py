"""Filters of a review: each shows what it says, pages keep their order, and no decision about many goes too far."""

import pytest
from tests.support.builders import HOLD, NOW, PLAIN, REJECT, item, plan, unreachable

from homeport.domain.errors import Invalid
from homeport.domain.names import ReleaseVersion
from homeport.domain.plan_draft import NO_DRAFT, Changes, ReviewItem, review_items, save
from homeport.domain.rehost import Bytes, Decision, Item
from homeport.domain.review_filter import EVERY_ITEM, MAX_WORD, Filter, Show, counts, decide_all, page_of

ITEMS = (
    item(1, "demo-1.0.tar.gz", b"1", change="new"),
    item(2, "demo-2.0.tar.gz", b"2", findings=(HOLD,), version=ReleaseVersion.parse("2.0")),
    item(3, "demo-3.0.tar.gz", b"3", evidence=PLAIN, url="https://b.example/3"),
    unreachable(4, "demo-4.0.tar.gz"),
    item(5, "demo-5.0.tar.gz", None, bytes=Bytes.LISTED),
    item(6, "demo-6.0.tar.gz", b"6", findings=(REJECT,), change="other bytes than the hosted file"),
    item(7, "demo-7.0.tar.gz", b"7", is_published=True, change="already hosted, the same bytes"),
    item(8, "demo-8.0.tar.gz", b"8", url="http://c.example/8"),
)


def reviewed(*items: Item) -> tuple[ReviewItem, ...]:
    """Items that nobody decided about."""
    return review_items(plan(*items), NO_DRAFT)


SHOWN = {
    Show.ALL: {1, 2, 3, 4, 5, 6, 7, 8},
    Show.DECISION: {2, 3, 4},
    Show.TICKED: {1, 8},
    Show.LEFT_OUT: set(),
    Show.PLAIN: {3, 8},
    Show.HELD: {2},
    Show.REJECTED: {6},
    Show.NEW: {1},
    Show.CHANGED: {6},
    Show.UNREACHABLE: {4},
    Show.LISTED: {5},
    Show.HOSTED: {7},
}


@pytest.mark.parametrize("show", list(Show))
def test_every_kind_shows_what_it_says(show: Show) -> None:
    """A kind of items is exactly those, and its count says how many."""
    rows = page_of(reviewed(*ITEMS), Filter(show)).rows
    assert {one.item.id for one in rows} == SHOWN[show]
    assert counts(reviewed(*ITEMS)).get(show, 0) == len(SHOWN[show])


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        (Filter(version="2"), {2}),
        (Filter(text="DEMO-3"), {3}),
        (Filter(text="c.example/"), {8}),
        (Filter(host="b.example"), {3}),
        (Filter(Show.PLAIN, host="b.example", text="3.0"), {3}),
        (Filter(Show.HELD, version="1.0"), set()),
    ],
)
def test_everything_that_is_said_must_fit(chosen: Filter, ids: set[int]) -> None:
    """Version, text and host narrow what a kind shows."""
    assert {one.item.id for one in page_of(reviewed(*ITEMS), chosen).rows} == ids


def test_pages_are_in_order() -> None:
    """Newest version first and by name within it, a hundred a page; a page that there is not is the last one."""
    items = [
        item(n, f"demo-{n:03}.tar.gz", str(n).encode(), version=ReleaseVersion.parse(f"{1 + n % 2}.0"))
        for n in range(250)
    ]
    pages = [page_of(reviewed(*items), EVERY_ITEM, number) for number in (1, 2, 3, 99, -1)]
    assert [(page.page, len(page.rows), page.pages, page.matching) for page in pages] == [
        (1, 100, 3, 250), (2, 100, 3, 250), (3, 50, 3, 250), (3, 50, 3, 250), (1, 100, 3, 250),
    ]  # fmt: skip
    names = [one.item.filename for page in pages[:3] for one in page.rows]
    assert names == sorted(names[:125]) + sorted(names[125:])
    assert pages[0].rows[0].item.version.text == "2.0"
    assert page_of((), EVERY_ITEM).pages == 1


def test_an_address_tells_a_filter() -> None:
    """A filter reads itself; words that mean nothing filter nothing."""
    chosen = Filter(Show.HELD, "1.0", "x", "a.example")
    assert Filter.of(chosen.told()) == chosen
    assert EVERY_ITEM.told() == {}
    assert Filter.of({"show": "sideways", "verdict": "hold"}) == EVERY_ITEM


def test_words_are_bounded() -> None:
    """Every word that is longer than anything it could fit is told, however the filter is made."""
    longest = dict.fromkeys(("version", "q", "host"), "1" * MAX_WORD)
    assert Filter.of(longest).told() == longest
    for make in (Filter.of, lambda told: Filter(version=told["version"], text=told["q"], host=told["host"])):
        with pytest.raises(Invalid) as refused:
            make({name: f"{word}1" for name, word in longest.items()})
        assert refused.value.code == "filter-too-long"
        assert [problem.partition(":")[0] for problem in refused.value.problems] == list(longest)


@pytest.mark.parametrize(
    ("show", "decision", "ids"),
    [
        (Show.ALL, Decision.ACCEPT, {1, 8}),
        (Show.HELD, Decision.ACCEPT, {2}),
        (Show.DECISION, Decision.ACCEPT, set()),
        (Show.LISTED, Decision.ACCEPT, {5}),
        (Show.REJECTED, Decision.ACCEPT, set()),
        (Show.ALL, Decision.LEAVE_OUT, {1, 2, 3, 4, 5, 8}),
        (Show.DECISION, Decision.LEAVE_OUT, {2, 3, 4}),
        (Show.DECISION, Decision.UNDECIDED, {2, 3, 4}),
    ],
)
def test_decisions_about_many(show: Show, decision: Decision, ids: set[int]) -> None:
    """What is held or only listed is taken only where the filter names it, and what is closed never."""
    assert decide_all(reviewed(*ITEMS), Filter(show), decision) == dict.fromkeys(ids, decision)


def test_decisions_about_many_choose_no_place() -> None:
    """Different bytes under one name are left to a person; of the same bytes one place is taken."""
    twins = (item(1, content=b"one"), item(2, content=b"two"))
    assert decide_all(reviewed(*twins), EVERY_ITEM, Decision.ACCEPT) == {}
    same = (item(1, url="https://a.example/x"), item(2, url="https://b.example/x"))
    assert decide_all(reviewed(*same), EVERY_ITEM, Decision.ACCEPT) == {1: Decision.ACCEPT}
    left = save(
        NO_DRAFT,
        plan(*same),
        Changes({1: Decision.LEAVE_OUT, 2: Decision.LEAVE_OUT}),
        base=0,
        by="ada",
        at=NOW,
    )
    shown = review_items(plan(*same), left)
    assert decide_all(shown, EVERY_ITEM, Decision.ACCEPT) == {1: Decision.ACCEPT}
