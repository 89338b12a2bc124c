"""The demo of a campaign: who plays in it, and that what does not hold is told with the exit status."""

import pytest
from tools.demo_campaign.__main__ import judge
from tools.demo_campaign.cast import CLOSING, Character, draw_cast, people_of
from tools.demo_campaign.checks import Check


@pytest.mark.parametrize("count", [20, 30, 200])
def test_every_character_plays(count: int) -> None:
    """However small the index is, there are two projects of each character, and of those that come home one changes its bytes."""
    projects = draw_cast(count)
    characters = [project.owner.character for project in projects]
    assert min(characters.count(character) for character in Character) >= 2
    assert len({project.name for project in projects}) == len(projects) >= count
    changing = [project for project in projects if project.changes]
    assert {project.owner.character for project in changing} == {
        Character.PROMPT,
        Character.SECOND,
        Character.LATE,
    }
    assert all(project.place != CLOSING for project in changing)


def test_the_same_number_is_the_same_cast() -> None:
    """Who plays the same story again sees the same people."""
    assert draw_cast(30) == draw_cast(30)
    assert len(people_of(draw_cast(30))) > 20


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (Check("it holds", 3, ()), 0),
        (Check("it is broken", 3, ("here it is not so",)), 1),
        (Check("nobody looked", 0, ()), 1),
    ],
)
def test_what_does_not_hold_is_told(check: Check, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A promise that is broken, or that nothing was looked at for, ends the demo with 1, and is shown with its places."""
    assert judge([Check("another", 1, ()), check]) == status
    told = capsys.readouterr().out
    assert ("Every check held." in told) == (status == 0)
    assert all(problem in told for problem in check.problems)
