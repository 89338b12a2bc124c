"""What of an address says which rows are wanted: no word for any of them, one of those there are, or a refusal."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from homeport.domain.errors import Invalid
from homeport.domain.exemption import parse_day

Choice = TypeVar("Choice", bound=StrEnum)
_ANSWERS = {"yes": True, "no": False}


def chosen(query: Mapping[str, str], name: str, choices: type[Choice]) -> Choice | None:
    """What was chosen of these, ``None`` for any; ``Invalid`` for what is none of them."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        return choices(text)
    except ValueError:
        raise unknown(name, text, f"one of {', '.join(choices)}") from None


def chosen_day(query: Mapping[str, str], name: str) -> date | None:
    """The same, of days."""
    text = query.get(name, "").strip()
    try:
        return parse_day(text) if text else None
    except Invalid:
        raise unknown(name, text, "a day like 2031-12-31") from None


def yes_or_no(query: Mapping[str, str], name: str) -> bool | None:
    """The same, of yes and no."""
    text = query.get(name, "").strip()
    if text and text not in _ANSWERS:
        raise unknown(name, text, "yes or no")
    return _ANSWERS.get(text)


def unknown(name: str, text: str, wanted: str) -> Invalid:
    """What is said of a filter that means nothing: all rows would be another answer than was asked for."""
    return Invalid(f"{name} is {text[:40]!r}: {wanted} is wanted, or nothing for all.", code="filter-unknown")
