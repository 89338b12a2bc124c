"""Numbers over the days as a picture: stacked, as wide as the days, and never with more points than can be seen."""

from datetime import date, timedelta

from homeport.web.day_chart import Series, day_chart

FIRST = date(2026, 3, 1)


def days(count: int) -> list[date]:
    """So many days."""
    return [FIRST + timedelta(days=number) for number in range(count)]


def test_areas_are_stacked() -> None:
    """Each lies on the one before; the highest day is as high as the picture."""
    chart = day_chart(days(3), [Series("a", "good", "", [1, 1, 2]), Series("b", "warn", "", [0, 1, 2])])
    assert [area.points for area in chart.areas] == [
        "0.00,30.00 50.00,30.00 100.00,20.00 100.00,40.00 50.00,40.00 0.00,40.00",
        "0.00,30.00 50.00,20.00 100.00,0.00 100.00,20.00 50.00,30.00 0.00,30.00",
    ]
    assert (chart.first, chart.last, chart.most) == (FIRST, FIRST + timedelta(days=2), 4)
    assert [one.last for one in chart.series] == [2, 2]


def test_a_single_day_is_as_wide_as_the_picture() -> None:
    """There is something to see on the first day, too."""
    (area,) = day_chart(days(1), [Series("a", "good", "", [3])]).areas
    assert area.points == "0,0.00 100,0.00 100,40.00 0,40.00"


def test_of_nothing_nothing_is_drawn() -> None:
    """Where every number is zero, areas are flat."""
    (area,) = day_chart(days(2), [Series("a", "good", "", [0, 0])]).areas
    assert area.points == "0.00,40.00 100.00,40.00 100.00,40.00 0.00,40.00"


def test_many_days_are_thinned() -> None:
    """The first and the last day stay; what is left out is left out of all areas."""
    chart = day_chart(days(4_000), [Series("a", "good", "", list(range(4_000)))])
    points = chart.areas[0].points.split()
    assert len(points) == 400
    assert (points[0], points[199], points[-1]) == ("0.00,40.00", "100.00,0.00", "0.00,40.00")
