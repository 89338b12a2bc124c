"""What administrators decide for the whole index: who may choose which hosting mode, what is published, what takes two.

1. It is written in one place, by an administrator in person; every change is one entry of the ledger, before and after.
2. ``pypi-only`` is always allowed: it is where a project goes when everything else has ended.
3. It binds from the next decision on. A project that is in a mode which is allowed no more stays there until somebody,
   or a campaign, moves it.
4. What two people must do is not undone by one: taking the two-person rule back takes two as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from homeport.domain.errors import Forbidden, IllegalMove, Refusal, all_problems, check_all
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.project import stated_reason

LONGEST_COOLING_HOURS = 24 * 30
NO_DAY = "none"
_EVIDENCE = tuple(Level)
_INSTEAD = "upload the files instead, or ask an administrator to change the policy."


class CacheChooser(StrEnum):
    """Who may choose ``pypi-cache`` for a project: any of its owners, or only one who is an administrator."""

    OWNERS = "owners"
    ADMINISTRATORS = "administrators"


class FrozenStatus(IntEnum):
    """What readers of a frozen file are answered: that it is not there, or that the law keeps it (RFC 7725)."""

    NOT_FOUND = 404
    LEGAL_REASONS = 451


@dataclass(frozen=True, slots=True)
class HostingPolicy:
    """The policy that holds now. What nobody decided yet is as these defaults say.

    ``cache_ends_on`` is the first day on which nobody may choose ``pypi-cache`` any more. ``lowest_evidence`` is the
    weakest evidence that may be published, whoever agreed to the bytes. Between consent and publishing lie at least
    ``cooling_hours``.
    """

    allowed_modes: frozenset[HostingMode] = frozenset(HostingMode)
    default_mode: HostingMode = HostingMode.ONLY
    cache_chosen_by: CacheChooser = CacheChooser.OWNERS
    cache_ends_on: date | None = None
    allow_cache_after_only: bool = True
    lowest_evidence: Level = Level.PLAIN
    cooling_hours: int = 0
    two_to_unfreeze: bool = False
    two_to_delete: bool = False
    frozen_status: FrozenStatus = FrozenStatus.NOT_FOUND

    @property
    def cooling_time(self) -> timedelta:
        """How long agreed bytes wait before they are published."""
        return timedelta(hours=self.cooling_hours)

    @property
    def asks_two(self) -> bool:
        """True while anything takes two administrators."""
        return self.two_to_unfreeze or self.two_to_delete

    def publishes(self, level: Level) -> bool:
        """True when bytes that are known so well may be published."""
        return _EVIDENCE.index(level) >= _EVIDENCE.index(self.lowest_evidence)

    def mode_refusal(self, mode: HostingMode, today: date, *, by_admin: bool) -> Refusal | None:
        """Why nobody may choose the mode now, or not the one who asks; ``by_admin``: an administrator in person asks."""
        if mode not in self.allowed_modes:
            allowed = " and ".join(one for one in HostingMode if one in self.allowed_modes)
            return IllegalMove(
                f"This index does not allow {mode}: its policy allows {allowed}.", code="mode-not-allowed"
            )
        if mode is not HostingMode.CACHE:
            return None
        if self._has_cache_ended(today):
            return IllegalMove(
                f"pypi-cache ended on this index on {self.cache_ends_on}: {_INSTEAD}",
                code="cache-phased-out",
            )
        if self.cache_chosen_by is CacheChooser.ADMINISTRATORS and not by_admin:
            return Forbidden(
                "Only an administrator may choose pypi-cache on this index: ask one of them.",
                code="cache-admins-only",
            )
        return None

    def refusal(
        self, source: HostingMode, target: HostingMode, mover: Mover, today: date, *, by_admin: bool = False
    ) -> Refusal | None:
        """Why this policy does not let ``mover`` move a project so, or ``None``."""
        returns = source is HostingMode.ONLY and target is HostingMode.CACHE
        if returns and not self.allow_cache_after_only and not self._has_cache_ended(today):
            return IllegalMove(
                f"This index has ended pypi-cache for projects that are pypi-only: {_INSTEAD}",
                code="cache-phased-out",
            )
        return self.mode_refusal(target, today, by_admin=by_admin or mover is not Mover.OWNER)

    def cache_refusal(self, today: date) -> Refusal | None:
        """Why the owner of a ``pypi-only`` project cannot choose ``pypi-cache``, or ``None``."""
        return self.refusal(HostingMode.ONLY, HostingMode.CACHE, Mover.OWNER, today)

    def allows_cache_again(self, today: date) -> bool:
        """True when a project that became ``pypi-only`` may become ``pypi-cache`` again by its owner."""
        return self.cache_refusal(today) is None

    def _has_cache_ended(self, today: date) -> bool:
        return self.cache_ends_on is not None and today >= self.cache_ends_on

    def to_texts(self) -> dict[str, str]:
        """Every field as people write it; :func:`read_policy` reads it."""
        return {field.name: _written(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Decided:
    """A policy, and who decided it when and why; ``revision`` counts from 1, and is 0 before anybody decided anything."""

    revision: int
    policy: HostingPolicy
    by: str = ""
    at: datetime | None = None
    reason: str = ""


FIELDS = tuple(field.name for field in fields(HostingPolicy))


def read_policy(
    changes: Mapping[str, str], base: HostingPolicy | None = None, *, today: date | None = None
) -> HostingPolicy:
    """``base`` (the defaults) with these fields changed, or ``Invalid`` with everything that is wrong at once.

    ``today`` is when it is decided: ``pypi-cache`` then ends today, or on a day to come. What is kept was decided before.
    """
    read: dict[str, Any] = {}
    problems = [
        f"{name[:40]!r} is no field of the policy: use {', '.join(FIELDS)}."
        for name in changes
        if name not in FIELDS
    ]
    for name in FIELDS:
        if name in changes:
            try:
                read[name] = _READERS[name](changes[name].strip())
            except ValueError:
                problems.append(f"{name} is {changes[name][:60]!r}: {_WANTED[name]} is wanted.")
    before = base or HostingPolicy()
    policy = replace(before, **read)
    problems += _contradictions(policy)
    end = policy.cache_ends_on
    if today is not None and end is not None and end != before.cache_ends_on and end < today:
        problems.append(f"cache_ends_on is {end}, which is past: to end pypi-cache today, write {today}.")
    all_problems("The policy", problems, code="policy-invalid")
    return policy


def decided_policy(
    changes: Mapping[str, str], before: HostingPolicy, reason: str, today: date
) -> tuple[HostingPolicy, str]:
    """``before`` with these changes, and the reason for them; or ``Invalid`` with everything that is wrong with both."""

    def read() -> HostingPolicy:
        return read_policy(changes, before, today=today)

    def told() -> str:
        return stated_reason(reason, "Say why: the ledger keeps it, and everybody may ask.")

    check_all("The policy", read, told, code="policy-invalid")
    return read(), told()


def kept_policy(texts: Mapping[str, str]) -> HostingPolicy:
    """The policy as it was kept: fields that came later are as the defaults say."""
    return read_policy({name: text for name, text in texts.items() if name in FIELDS})


def changed_fields(before: HostingPolicy, after: HostingPolicy) -> dict[str, tuple[str, str]]:
    """What differs, as it was and as it is."""
    old, new = before.to_texts(), after.to_texts()
    return {name: (old[name], new[name]) for name in FIELDS if old[name] != new[name]}


def takes_back_two(before: HostingPolicy, after: HostingPolicy) -> bool:
    """True when something that takes two people would take one only (rule 4)."""
    return (before.two_to_unfreeze and not after.two_to_unfreeze) or (
        before.two_to_delete and not after.two_to_delete
    )


def _contradictions(policy: HostingPolicy) -> list[str]:
    problems = []
    if HostingMode.ONLY not in policy.allowed_modes:
        problems.append(
            "allowed_modes must hold pypi-only: it is where projects go when everything else has ended."
        )
    if policy.default_mode is HostingMode.EXT:
        problems.append(
            "default_mode cannot be pypi-ext: that needs an exemption of its own for every project."
        )
    elif policy.default_mode not in policy.allowed_modes:
        problems.append(f"default_mode is {policy.default_mode}, which allowed_modes does not hold.")
    if policy.default_mode is HostingMode.CACHE:
        if policy.cache_chosen_by is CacheChooser.ADMINISTRATORS:
            problems.append("default_mode cannot be pypi-cache while only administrators may choose it.")
        if policy.cache_ends_on is not None:
            problems.append("default_mode cannot be pypi-cache while cache_ends_on says when that ends.")
    return problems


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return ", ".join(mode for mode in HostingMode if mode in value)
        case IntEnum():
            return str(value.value)
        case _:
            return str(value)


def _modes(text: str) -> frozenset[HostingMode]:
    return frozenset(HostingMode(part.strip()) for part in text.split(","))


def _yes_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError(text)
    return text == "yes"


def _hours(text: str) -> int:
    hours = (
        int(text)
        if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_COOLING_HOURS))
        else -1
    )
    if not 0 <= hours <= LONGEST_COOLING_HOURS:
        raise ValueError(text)
    return hours


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text and text != NO_DAY else None


def _status(text: str) -> FrozenStatus:
    return FrozenStatus(int(text) if text.isascii() else 0)


_READERS: Mapping[str, Callable[[str], object]] = {
    "allowed_modes": _modes,
    "default_mode": HostingMode,
    "cache_chosen_by": CacheChooser,
    "cache_ends_on": _day,
    "allow_cache_after_only": _yes_no,
    "lowest_evidence": Level,
    "cooling_hours": _hours,
    "two_to_unfreeze": _yes_no,
    "two_to_delete": _yes_no,
    "frozen_status": _status,
}
FLAGS = frozenset(name for name, read in _READERS.items() if read is _yes_no)
_YES_NO = "yes or no"
_WANTED: Mapping[str, str] = {
    "allowed_modes": "some of pypi-ext, pypi-cache and pypi-only, with commas between them,",
    "default_mode": "pypi-only or pypi-cache",
    "cache_chosen_by": "owners or administrators",
    "cache_ends_on": f"a day as 2027-03-31, or {NO_DAY},",
    "allow_cache_after_only": _YES_NO,
    "lowest_evidence": f"one of {', '.join(Level)}",
    "cooling_hours": f"a whole number of hours from 0 to {LONGEST_COOLING_HOURS}",
    "two_to_unfreeze": _YES_NO,
    "two_to_delete": _YES_NO,
    "frozen_status": "404 or 451",
}
