"""What is kept until a commit: never longer, never more than the bound, and never another's."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from homeport.api.kept import Kept


@dataclass
class Clock:
    """Commits, counted."""

    commits: int = 0
    asked: list[int] = field(default_factory=list)

    def stamp(self) -> int:
        """The last commit."""
        self.asked.append(self.commits)
        return self.commits


def test_what_was_kept_is_there_until_a_commit() -> None:
    """A value is found again, and is gone with the next commit, whatever that was about."""
    clock = Clock()
    kept = Kept[str, str](clock.stamp, 100)
    assert kept.get("a") is None
    assert kept.put("a", "one", 10) == "one"
    assert kept.get("a") == "one"
    assert kept.get("b") is None
    clock.commits += 1
    assert kept.get("a") is None


def test_a_value_that_was_looked_up_before_a_commit_does_not_outlive_it() -> None:
    """A commit between question and look-up ends the value with the next question."""
    clock = Clock()
    kept = Kept[str, str](clock.stamp, 100)
    kept.get("a")
    clock.commits += 1
    kept.put("a", "perhaps old", 10)
    assert kept.get("a") is None


def test_too_much_forgets_all() -> None:
    """What does not fit beside the rest takes the place of all of it; what fits nowhere is not kept."""
    kept = Kept[str, str](Clock().stamp, 100)
    kept.get("a")
    kept.put("a", "one", 60)
    kept.put("b", "two", 40)
    assert (kept.get("a"), kept.get("b")) == ("one", "two")
    kept.put("c", "three", 41)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (None, None, "three")
    assert kept.put("d", "four", 101) == "four"
    assert (kept.get("c"), kept.get("d")) == (None, None)
    kept.put("e", "five", 100)
    assert kept.get("e") == "five"


STEPS = st.lists(st.one_of(st.just(None), st.tuples(st.sampled_from("abc"), st.integers(0, 12))), max_size=40)


@given(STEPS)
def test_what_is_found_is_of_this_commit_and_bounded(steps: list[tuple[str, int] | None]) -> None:
    """Whatever is asked, put and committed: a value found was put since the last commit, and all fit the bound."""
    clock, most = Clock(), 20
    kept = Kept[str, tuple[int, int]](clock.stamp, most)
    for step in steps:
        if step is None:
            clock.commits += 1
        elif kept.get(step[0]) is None:
            kept.put(step[0], (clock.commits, step[1]), step[1])
        found = [value for value in map(kept.get, "abc") if value is not None]
        assert all(commit == clock.commits for commit, _ in found)
        assert sum(cost for _, cost in found) <= most
