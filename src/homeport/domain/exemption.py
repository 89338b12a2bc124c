"""Exemptions: an administrator's dated, reasoned permission for a project to stay in ``pypi-ext``.

1. An exemption holds until the day that it names begins, in UTC; then the clock ends it (design §2).
2. People are reminded 30 and 7 days before, each once. What was told is remembered with the exemption and not
   concluded from the time, which may jump (T-41).
3. Whoever was just told of an end is not reminded of it: an exemption for ten days is reminded of at seven.
4. One without an end is older than the rule that there must be one: nobody ends it by itself.
5. It is given, and extended, for two years at most: then somebody looks at it again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.errors import Invalid, all_problems, check_all, together
from homeport.domain.hosting import Mover
from homeport.domain.project import require_reason, stated_reason
from homeport.domain.strike_out import without_mail_addresses

REMINDERS: Final = (30, 7)
LONGEST: Final = timedelta(days=730)
_WHY: Final = "Say why it may stay: the reason is public."
_WHEN: Final = "Say until when it holds, like 2027-03-31."
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Standing(StrEnum):
    """How an exemption stands."""

    DATED = "dated"
    ENDLESS = "without-end"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption of a project, which is named in PEP 503 form.

    ``at`` is when it was given, and ``by`` the administrator who decided last, perhaps to extend it, empty when nobody knows;
    ``reminded`` is how many days before the end people were last told of it; ``ended_by`` is whose move ended it.
    """

    id: int
    project_id: int
    project: str
    reason: str
    until: date | None
    by: str
    at: datetime
    reminded: int | None = None
    ended_at: datetime | None = None
    ended_by: Mover | None = None

    @property
    def standing(self) -> Standing:
        """How it stands."""
        if self.ended_at is not None:
            return Standing.ENDED
        return Standing.ENDLESS if self.until is None else Standing.DATED

    @property
    def public_reason(self) -> str:
        """The reason as everybody may read it."""
        return without_mail_addresses(self.reason)

    @property
    def due_on(self) -> date | None:
        """The day on which the clock has something to do about it next, ``None`` when there is none."""
        if self.until is None or self.ended_at is not None:
            return None
        to_come = [days for days in REMINDERS if self.reminded is None or days < self.reminded]
        return self.until - timedelta(days=max(to_come, default=0))

    def is_over(self, today: date) -> bool:
        """True when its day has come."""
        return self.until is not None and self.until <= today


def reminder(until: date, today: date) -> int | None:
    """The reminder that telling people ``today`` stands for, ``None`` while the end is farther away than any."""
    return min((days for days in REMINDERS if (until - today).days <= days), default=None)


def parse_day(text: str) -> date:
    """The day that ``YYYY-MM-DD`` names, or ``Invalid``."""
    try:
        # fromisoformat knows more spellings, weeks among them, which people do not read alike.
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is not a date: write it like 2027-03-31.", code="date-invalid"
        ) from None


def read_terms(until: str, reason: str, today: date) -> tuple[date, str]:
    """The end and the reason as somebody typed them, or ``Invalid`` with everything that is wrong with them."""

    def end() -> date:
        day = parse_day(until) if until else None
        all_problems("The end", given_problems(day, today))
        return parse_day(until)

    check_all("The exemption", lambda: stated_reason(reason, _WHY), end, code="needs-exemption")
    return end(), stated_reason(reason, _WHY)


def exemption_problems(until: date | None, reason: str, today: date) -> Sequence[str]:
    """Everything that an exemption which is to be given lacks."""
    return [*([] if reason else [_WHY]), *given_problems(until, today)]


def given_problems(until: date | None, today: date) -> Sequence[str]:
    """Why it cannot end on that day."""
    if until is None:
        return [_WHEN]
    if until <= today:
        return [f"It must hold until a day to come; {until} is none."]
    if until - today > LONGEST:
        return [
            f"It holds for two years at most, until {today + LONGEST}; {until} is later. It can be extended then."
        ]
    return []


def extended(exemption: Exemption, until: date | None, reason: str, today: date) -> tuple[date, str]:
    """The new end and the reason for it, or ``Invalid`` with everything that is wrong with them."""
    problems, told = list[str](), ""
    try:
        told = require_reason(reason)
    except Invalid as refusal:
        problems.append(refusal.sentence)
    else:
        if not told:
            problems.append("Say why it is extended: the reason is public.")
    problems += _end_problems(exemption, until, today)
    if problems or until is None:
        raise together("The exemption", problems, code="needs-exemption")
    return until, told


def _end_problems(exemption: Exemption, until: date | None, today: date) -> Sequence[str]:
    if problems := given_problems(until, today):
        return problems
    if until is not None and exemption.until is not None and until <= exemption.until:
        return [f"It holds until {exemption.until} already; to end it sooner, end it."]
    return []
