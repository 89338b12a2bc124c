"""Ratios are judged by the clock, and the document says which are not as they are wanted."""

import pytest
from tools.scale.figures import Cost, Figure, Group, Results, Size, cost_of
from tools.scale.report import document

EVEN = Figure("a look", Cost(1.1, 2.0, 0.5), Cost(1.0, 2.0, 0.25))
SLOW = Figure("a slow look", Cost(5.0), Cost(1.0))
TOLD = Figure("first byte", Cost(5.0), Cost(1.0), is_bounded=False)
MEMORY = Size("memory", "MB", 100.0, 99.0, is_bounded=True)


def results(*groups: Group) -> Results:
    """A run with these tables."""
    return Results(20_000, 224_660, 456_280, 1_000, 1_070_006_272, groups)


@pytest.mark.parametrize(
    ("large", "is_held"), [(0.79, False), (0.8, True), (1.0, True), (1.2, True), (1.21, False)]
)
def test_bounds(large: float, is_held: bool) -> None:
    """A ratio is held at its bounds and between them."""
    assert Figure("x", Cost(large), Cost(1.0)).is_held is is_held
    assert Size("x", "MB", large, 1.0, is_bounded=True).is_held is is_held


def test_what_grows_is_not_judged() -> None:
    """Of what must grow with the index no ratio is wanted; nothing has no ratio."""
    assert TOLD.is_held is None
    assert Size("bytes", "MB", 30.0, 1.0).is_held is None
    assert Size("rise", "MB", 1.0, 0.0, is_bounded=True).ratio is None


def test_processor_time_is_told_when_both_have_it() -> None:
    """A ratio of processor times needs both."""
    assert EVEN.processor_ratio == 2.0
    assert Figure("x", Cost(1.0, None, 1.0), Cost(1.0)).processor_ratio is None


def test_costs_are_medians() -> None:
    """One slow answer changes the slowest of a hundred, and not the figure."""
    cost = cost_of([1.0] * 98 + [50.0, 90.0], [0.5, 0.25, 0.75])
    assert cost == Cost(1.0, 50.0, 0.5)
    assert cost_of([3.0], 0.5) == Cost(3.0, 3.0, 0.5)


def test_the_document_says_what_is_out_of_bounds() -> None:
    """The first paragraph counts and names them, and the tables mark them."""
    text = document(results(Group("What is asked", [EVEN, SLOW, TOLD]), Group("Memory", [MEMORY])))
    assert "20,000 projects, 224,660 releases and 456,280 files" in text
    assert "\n2 of 3 ratios are as they are wanted.\n\n- out of bounds: a slow look: 5.00\n\n" in text
    assert "| a look | 1.10 | 2.00 | 0.8…1.2 |" in text
    assert "| a slow look | 5.00 |  | 0.8…1.2: **no** |" in text
    assert "| first byte | 5.00 |  |  |" in text
    assert "| memory | 100.0 MB | 99.0 MB | 1.01 | 0.8…1.2 |" in text


def test_the_document_is_of_no_machine() -> None:
    """Times of this machine are printed, and not written."""
    text = document(results(Group("What is asked", [Figure("a look", Cost(0.1234), Cost(0.1111))])))
    assert "123" not in text
    assert "111" not in text
