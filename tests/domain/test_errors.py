"""Refusals: their kinds, their codes, and how many problems become one."""

import pickle
from collections.abc import Callable
from functools import partial

import pytest

from homeport.domain import errors
from homeport.domain.account import require_user_name
from homeport.domain.errors import (
    KINDS,
    Invalid,
    Refusal,
    Unavailable,
    all_problems,
    check_all,
    together,
)

DEFAULT_CODES = {
    errors.NotFound: "not-found",
    errors.Invalid: "invalid",
    errors.Unauthenticated: "credentials-missing",
    errors.Forbidden: "forbidden",
    errors.Conflict: "conflict",
    errors.IllegalMove: "illegal-move",
    errors.TooLarge: "too-large",
    errors.RateLimited: "rate-limited",
    errors.Unavailable: "unavailable",
    errors.NeedsConsent: "needs-consent",
}


def test_every_kind_has_a_line_here() -> None:
    """The table of default codes holds every kind there is, each code once."""
    assert set(DEFAULT_CODES) == set(KINDS)
    assert len(set(DEFAULT_CODES.values())) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_default_code(kind: type[Refusal]) -> None:
    """A refusal without a code of its own has its kind's, which programs rely on."""
    refusal = kind("Because.")
    assert (refusal.code, refusal.sentence, str(refusal), refusal.problems) == (
        DEFAULT_CODES[kind],
        "Because.",
        "Because.",
        (),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_own_code_and_problems(kind: type[Refusal]) -> None:
    """A refusal keeps the code and the problems it was given, whatever becomes of the list they came in."""
    problems = ["one", "two"]
    refusal = kind("Because.", code="very-own", problems=problems)
    problems.clear()
    assert (refusal.code, refusal.problems) == ("very-own", ("one", "two"))


@pytest.mark.parametrize("kind", KINDS)
def test_survives_pickling(kind: type[Refusal]) -> None:
    """A refusal that a durable step remembers comes back as it was."""
    refusal = kind("Because.", code="very-own", problems=["one"])
    again = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert type(again) is kind
    assert vars(again) == vars(refusal)


def test_unavailable_says_when_to_come_back() -> None:
    """Unavailable carries the seconds to wait: half a minute when nobody knows better."""
    assert Unavailable("Later.").retry_after_seconds == 30
    assert Unavailable("Later.", retry_after_seconds=5).retry_after_seconds == 5


def test_no_problem_is_no_refusal() -> None:
    """Without a problem nothing is refused."""
    all_problems("The form", [])


@pytest.mark.parametrize(
    ("problems", "sentence"),
    [
        (["It is blue."], "It is blue."),
        (["It is blue.", "It is old."], "The form: 2 problems. It is blue. It is old."),
        (("A.", "B.", "C."), "The form: 3 problems. A. B. C."),
    ],
)
def test_all_problems_at_once(problems: list[str], sentence: str) -> None:
    """One problem speaks for itself; several are counted and told in one refusal."""
    with pytest.raises(Invalid) as caught:
        all_problems("The form", problems, code="form-bad")
    told = together("The form", problems, code="form-bad")
    assert vars(caught.value) == vars(told)
    assert (told.sentence, told.code, told.problems) == (sentence, "form-bad", tuple(problems))


def test_every_check_is_made() -> None:
    """One refusal is told as it is; several, each with its own problems, together; other kinds are for their own."""

    def refuse(*problems: str, code: str) -> Callable[[], None]:
        return partial(all_problems, "It", problems, code=code)

    check_all("The form", lambda: 1, lambda: None)
    with pytest.raises(Invalid) as caught:
        check_all("The form", lambda: 1, refuse("Blue.", code="color"), code="form-bad")
    assert (caught.value.code, caught.value.problems) == ("color", ("Blue.",))
    checks = (refuse("Blue.", "Old.", code="color"), lambda: require_user_name("?"))
    with pytest.raises(Invalid) as caught:
        check_all("The form", *checks, code="form-bad")
    blue, old, name = caught.value.problems
    assert (caught.value.code, blue, old) == ("form-bad", "Blue.", "Old.")
    assert name.startswith("'?' is not a user name")


def test_all_problems_without_a_code() -> None:
    """Problems without a code of their own are invalid."""
    assert together("The form", ["Bad."]).code == "invalid"
