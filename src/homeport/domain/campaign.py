"""Campaigns: announced, dated changes of many projects' hosting modes, which the clock carries out.

1. A campaign moves what nobody decided about: ``to-only`` from ``pypi-ext``, ``phase-out`` from ``pypi-cache``. Of group
   A nothing stops being installable; group B has external files, which stop being listed and are never re-hosted without
   consent. A phase-out takes no link from installers, but files that are not here by its day do not come any more.
2. Every notice comes at least as long before the move as the table of moves wants. A notice that is late (the worker was
   away, the campaign paused, the project new or quarantined) puts off the day of that project, and of no other.
3. What was told is remembered with the project and not concluded from the time, which may jump (T-41).
4. Group A is told once before the day. Who gets into group B later is told as group B from the beginning.
5. Whoever acted, or has an exemption with an end, leaves the list. An exemption without an end does not keep a project
   out: it is older than the rule that there is one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.errors import Conflict, Invalid
from homeport.domain.hosting import HostingMode, Need

LONGEST_TITLE: Final = 120
# A separate announcement comes well before the first notice, or it is that notice.
_APART: Final = 14
_MONTH: Final = 30


class CampaignKind(StrEnum):
    """Which projects a campaign moves."""

    TO_ONLY = "to-only"
    PHASE_OUT = "phase-out"

    @classmethod
    def parse(cls, text: str) -> "CampaignKind":
        """The kind of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is no kind of campaign: use {' or '.join(cls)}.", code="campaign-kind-unknown"
            ) from None

    @property
    def source(self) -> HostingMode:
        """The mode that projects are moved from; all are moved to ``pypi-only``."""
        return HostingMode.EXT if self is CampaignKind.TO_ONLY else HostingMode.CACHE

    @property
    def least(self) -> tuple[int, ...]:
        """How many days before the day there must be a notice, at the least."""
        return (90, 30, 7) if self is CampaignKind.TO_ONLY else (30,)

    @property
    def usual(self) -> tuple[int, ...]:
        """The notices of a campaign that nobody set others for."""
        return (90, 30, 7) if self is CampaignKind.TO_ONLY else (30, 7)


class CampaignState(StrEnum):
    """How far a campaign is."""

    DRAFT = "draft"
    PREVIEWED = "previewed"
    ANNOUNCED = "announced"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    REPORTED = "reported"

    @property
    def is_untold(self) -> bool:
        """True before it is announced: nobody was told, and everything can be said otherwise."""
        return self in {CampaignState.DRAFT, CampaignState.PREVIEWED}

    @property
    def is_open(self) -> bool:
        """True while it may still move projects, which one campaign of a kind may at a time."""
        return self in {CampaignState.ANNOUNCED, CampaignState.PAUSED}


class Group(StrEnum):
    """What a project loses by the move."""

    A = "A"  # nothing: it has no external files
    B = "B"  # its external links stop being listed


class Stand(StrEnum):
    """How a project stands in a campaign."""

    WAITING = "waiting"
    MOVED = "moved"
    ACTED = "acted"
    EXEMPT = "exempt"
    RELEASED = "released"  # the campaign was cancelled


class Act(StrEnum):
    """What the clock does about a project."""

    WAIT = "wait"
    TELL = "tell"
    MOVE = "move"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was given: ``days`` says which, ``round`` counts the days that a campaign had."""

    group: Group
    days: int
    on: date
    round: int = 0

    @property
    def step(self) -> str:
        """The notice, by a name that no other one of the campaign has."""
        return f"{self.group}-{self.days}" + (f"-{self.round}" if self.round else "")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. ``notices`` are days before the ``day``, falling; ``lead`` is how far ahead it was announced.

    ``survey_id`` is the survey that it asked for last. ``round`` and ``resumed_on`` tell of the last change of the day.
    ``begun`` are the steps that somebody was told, as ``Told.step`` names them. ``changed_by``, ``changed_at`` and ``why``
    tell of the last decision about it; ``decisions`` are the serials of all of them, oldest first.
    """

    id: int
    kind: CampaignKind
    title: str
    reason: str
    day: date
    notices: tuple[int, ...]
    terms_url: str
    state: CampaignState
    by: str
    at: datetime
    lead: int = 0
    announced_at: datetime | None = None
    resumed_on: date | None = None
    round: int = 0
    survey_id: int | None = None
    ended_at: datetime | None = None
    begun: tuple[str, ...] = ()
    changed_by: str = ""
    changed_at: datetime | None = None
    why: str = ""
    decisions: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """The page that shows it to administrators."""
        return f"/admin/campaigns/{self.id}/"

    @property
    def is_announced_apart(self) -> bool:
        """True when it was announced so far ahead that the first notice follows the announcement."""
        return self.lead >= self.notices[0] + _APART

    def steps(self, group: Group) -> tuple[int, ...]:
        """The notices that a group is given, in days before the day."""
        later = self.notices if self.is_announced_apart else self.notices[1:]
        every = (max(self.lead, self.notices[0]), *later)
        return every[:1] if self.kind is CampaignKind.TO_ONLY and group is Group.A else every

    def need(self, group: Group) -> Need:
        """What the table of moves wants for it."""
        if self.kind is CampaignKind.PHASE_OUT:
            return Need.NOTICE_30_DAYS
        return Need.NOTICE_30_DAYS_NO_LOSS if group is Group.A else Need.NOTICES_90_30_7_DAYS


@dataclass(frozen=True, slots=True)
class Entrant:
    """A project in a campaign, named in PEP 503 form.

    ``external`` counts its files that were seen elsewhere and are not here; ``due_on`` is the day on which the clock looks
    at it next; ``why`` says how it came to stand as it does; ``moved_by`` is the serial of its move.
    """

    campaign_id: int
    project_id: int
    project: str
    group: Group = Group.A
    stand: Stand = Stand.WAITING
    external: int = 0
    told: tuple[Told, ...] = ()
    due_on: date | None = None
    why: str = ""
    changed_at: datetime | None = None
    moved_by: int | None = None

    def left(self, stand: Stand, why: str) -> "Entrant":
        """It has nothing to wait for any more."""
        return replace(self, stand=stand, why=why, due_on=None)


@dataclass(frozen=True, slots=True)
class GivenNotice:
    """That a person was told of a project; ``by_mail`` is false when no mail reaches them, ``problem`` says why."""

    project: str
    user: str
    step: str
    at: datetime
    by_mail: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is true of a project when the clock looks at it."""

    mode: HostingMode
    external: int = 0
    exempt_until: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about a project, and how it stands after that; ``told`` is the notice that it gets."""

    act: Act
    entrant: Entrant
    told: Told | None = None


def day_of(campaign: Campaign, entrant: Entrant) -> date:
    """The day on which a project is moved: the campaign's, or a later one where a notice came late."""
    return max([campaign.day, *(one.on + _ahead(campaign, entrant.group, one) for one in _counting(entrant))])


def _counting(entrant: Entrant) -> Collection[Told]:
    """The notices that count for the group it is in: what group B is told says all that group A is told."""
    return [one for one in entrant.told if entrant.group is Group.A or one.group is Group.B]


def _ahead(campaign: Campaign, group: Group, told: Told) -> timedelta:
    """How long before the move that notice must have come."""
    return timedelta(days=min(told.days, _MONTH if group is Group.A else campaign.notices[0]))


def next_step(campaign: Campaign, entrant: Entrant, today: date) -> int | None:
    """The next notice, ``None`` when every one was given."""
    day, steps = day_of(campaign, entrant), campaign.steps(entrant.group)
    to_come = [days for days in steps if not _is_told(campaign, entrant, days)]
    if campaign.is_announced_apart and to_come[:1] == [campaign.lead] and len(steps) > 1:
        # Where the first notice is due as well, or a later one was given, it said all that the announcement would.
        is_late = day - timedelta(days=campaign.notices[0]) <= today
        to_come = to_come[1:] if is_late or _counting(entrant) else to_come
    return to_come[0] if to_come else None


def _is_told(campaign: Campaign, entrant: Entrant, days: int) -> bool:
    of_step = [one for one in _counting(entrant) if one.days == days]
    if campaign.resumed_on is None or campaign.day - timedelta(days=days) < campaign.resumed_on:
        return bool(of_step)
    # What was told of an earlier day is told again of the later one, while there is time.
    return any(one.round == campaign.round for one in of_step)


def decide(campaign: Campaign, entrant: Entrant, seen: Seen, today: date) -> Decision:
    """What is to be done ``today`` about a project that waits."""
    loses = campaign.kind is CampaignKind.TO_ONLY and seen.external > 0
    now = replace(entrant, group=Group.B if loses else Group.A, external=seen.external, why="")
    # Whoever was told leaves with what they were told; whoever was not, with what is seen now.
    last = entrant if entrant.told else now
    if campaign.state is CampaignState.CANCELLED:
        return Decision(Act.LEAVE, last.left(Stand.RELEASED, "The campaign was cancelled."))
    if seen.mode is not campaign.kind.source:
        return Decision(Act.LEAVE, last.left(Stand.ACTED, f"It is {seen.mode} already."))
    if seen.exempt_until is not None:
        why = f"It has an exemption until {seen.exempt_until}."
        return Decision(Act.LEAVE, last.left(Stand.EXEMPT, why))
    days = next_step(campaign, now, today)
    due = due_day(campaign, now, days)
    if today < due:
        return Decision(Act.WAIT, replace(now, due_on=due))
    if days is None:
        return Decision(Act.MOVE, now.left(Stand.MOVED, ""))
    told = Told(now.group, days, today, campaign.round)
    after = replace(now, told=(*now.told, told))
    return Decision(
        Act.TELL, replace(after, due_on=due_day(campaign, after, next_step(campaign, after, today))), told
    )


def due_day(campaign: Campaign, entrant: Entrant, days: int | None) -> date:
    """The day of a notice of a project, or with ``None`` of its move."""
    return day_of(campaign, entrant) - timedelta(days=days or 0)


def require_editable(campaign: Campaign) -> None:
    """``Conflict`` once people were told of it."""
    if not campaign.state.is_untold:
        raise Conflict(
            f"Campaign {campaign.id} is {campaign.state}: what people were told stays.",
            code="campaign-announced",
        )


def too_soon(campaign: Campaign, today: date) -> str:
    """Why its day is too near to be announced ``today``, and which is not; empty while there is time."""
    left = (campaign.day - today).days
    if left >= campaign.notices[0]:
        return ""
    first = today + timedelta(days=campaign.notices[0])
    return (
        f"The first notice comes {campaign.notices[0]} days before the day, and there are {max(left, 0)} left: "
        f"{first} is the first day there can be."
    )


def announced(campaign: Campaign, now: datetime) -> Campaign:
    """The campaign once people are told of it, or a refusal."""
    if campaign.state is not CampaignState.PREVIEWED:
        raise _not(campaign, "announced", "Look at its preview first." if _is_draft(campaign) else "")
    if sentence := too_soon(campaign, now.date()):
        raise Invalid(sentence, code="campaign-too-soon")
    lead = (campaign.day - now.date()).days
    return replace(campaign, state=CampaignState.ANNOUNCED, lead=lead, announced_at=now)


def _is_draft(campaign: Campaign) -> bool:
    return campaign.state is CampaignState.DRAFT


def paused(campaign: Campaign) -> Campaign:
    """The campaign with its clock stopped, or a refusal."""
    if campaign.state is not CampaignState.ANNOUNCED:
        raise _not(campaign, "paused")
    return replace(campaign, state=CampaignState.PAUSED)


def resumed(campaign: Campaign, day: date | None, today: date) -> Campaign:
    """The campaign going on, with a later ``day`` or its own, or a refusal.

    A day that is nearer than the last notice is put off to leave time for that: nobody is surprised by a pause.
    """
    if campaign.state is not CampaignState.PAUSED:
        raise _not(campaign, "resumed")
    if day is not None and day < campaign.day:
        raise Invalid(f"People were told of {campaign.day}: the day may come later only.", code="day-earlier")
    next_day = max(day or campaign.day, today + timedelta(days=campaign.notices[-1]))
    if next_day == campaign.day:
        return replace(campaign, state=CampaignState.ANNOUNCED)
    return replace(
        campaign,
        state=CampaignState.ANNOUNCED,
        day=next_day,
        resumed_on=today,
        round=campaign.round + 1,
    )


def cancelled(campaign: Campaign, now: datetime) -> Campaign:
    """The campaign given up, or a refusal."""
    if campaign.state in {CampaignState.CANCELLED, CampaignState.REPORTED}:
        raise _not(campaign, "cancelled")
    return replace(campaign, state=CampaignState.CANCELLED, ended_at=now)


def _not(campaign: Campaign, what: str, hint: str = "") -> Conflict:
    sentence = f"Campaign {campaign.id} is {campaign.state}: it cannot be {what}. {hint}".strip()
    return Conflict(sentence, code="campaign-state")
