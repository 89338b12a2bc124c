"""What administrators are shown of the whole index: how its projects are hosted over time, and what may need a person.

1. The modes of a day are those at its end, in UTC. A day that is over is counted once, from what changed on it, and kept.
2. A day is taken for over an hour after its end: what was begun before midnight may be written a little after.
3. What stands now is the last kept day and what changed since: nobody counts every project to show a page.
4. An owner can be reached while their account is not disabled, they showed that the address is theirs, and it takes mail.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.campaign import Campaign, Stand
from homeport.domain.drift import DriftEvent, Sign
from homeport.domain.exemption import Exemption, Standing
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import HostState
from homeport.domain.rehost import State
from homeport.domain.survey import Survey
from homeport.domain.survey_report import Report

SETTLED_AFTER: Final = timedelta(hours=1)
SOON: Final = timedelta(days=30)
"""How far ahead the end of an exemption is soon, and how far back an alarm is new."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ModeDay:
    """How many projects were in each mode at the end of a day."""

    day: date
    projects: Mapping[HostingMode, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.projects.values())


@dataclass(frozen=True, slots=True)
class ModeChange:
    """How many projects more, or fewer, were in a mode at the end of a day than at its beginning."""

    day: date
    mode: HostingMode
    more: int


def last_settled_day(now: datetime) -> date:
    """The last day that is over, with everything written that happened on it."""
    return (now - SETTLED_AFTER).date() - _DAY


def mode_days(before: ModeDay | None, changes: Iterable[ModeChange], until: date) -> Sequence[ModeDay]:
    """Every day behind ``before`` up to ``until``, or from the first change on; a day without changes is as the last."""
    by_day: dict[date, list[ModeChange]] = {}
    for change in changes:
        by_day.setdefault(change.day, []).append(change)
    day = before.day + _DAY if before else min(by_day, default=until + _DAY)
    projects = Counter(before.projects if before else {})
    days = []
    while day <= until:
        for change in by_day.get(day, ()):
            projects[change.mode] += change.more
        days.append(ModeDay(day, {mode: projects[mode] for mode in HostingMode}))
        day += _DAY
    return days


@dataclass(frozen=True, slots=True)
class StandDay:
    """How the projects of a campaign stood at the end of a day."""

    day: date
    projects: Mapping[Stand, int]


def progress(
    left: Iterable[tuple[date, Stand, int]], projects: int, since: date, until: date
) -> Sequence[StandDay]:
    """Every day of a campaign with so many projects, of which so many came to stand so on a day, and wait no longer."""
    by_day: dict[date, Counter[Stand]] = {}
    for day, stand, count in left:
        by_day.setdefault(max(day, since), Counter())[stand] += count
    stands, days = Counter({Stand.WAITING: projects}), []
    for number in range(max((until - since).days, 0) + 1):
        day = since + number * _DAY
        changed = by_day.get(day, Counter())
        stands.update(changed)
        stands[Stand.WAITING] -= changed.total()
        days.append(StandDay(day, {stand: stands[stand] for stand in Stand}))
    return days


class Exempt(StrEnum):
    """Whether a project may stay in its mode by exemption."""

    DATED = "dated"
    ENDLESS = "without-end"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ProjectStand:
    """How a project is hosted, since when, until when by exemption, and whether any of its owners can be reached."""

    project: str
    mode: HostingMode
    since: datetime
    exempt: Exempt
    until: date | None
    owners: int
    reachable_owners: int

    @property
    def is_reachable(self) -> bool:
        """True when somebody who may decide would get a mail."""
        return self.reachable_owners > 0


@dataclass(frozen=True, slots=True)
class ExemptionCounts:
    """How many exemptions hold, by how they stand, and how many of them end soon."""

    standing: Mapping[Standing, int]
    ending_soon: int


@dataclass(frozen=True, slots=True)
class Alarms:
    """How often something was told of the places that files came from, on one host."""

    host: str
    sign: Sign
    count: int


@dataclass(frozen=True, slots=True)
class QueueStand:
    """What of one queue waits for its turn, for a later time, and is being done."""

    queue: str
    waiting: int
    later: int
    running: int


@dataclass(frozen=True, slots=True)
class HostHealth:
    """A host that projects depend on: what the survey saw there, how it stands now, and what drift told of it lately."""

    host: str
    projects: int
    links: int
    dead: int
    state: HostState
    alarms: int


@dataclass(frozen=True, slots=True)
class ExternalLinks:
    """What the newest survey of all projects said, and how the hosts that weigh most fare."""

    survey: Survey
    report: Report
    hosts: Sequence[HostHealth]


@dataclass(frozen=True, slots=True)
class MailStand:
    """What of the mail waits, and what could not be sent."""

    are_sent: bool
    waiting: int
    troubled: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on one page; ``modes`` end with how it stands now, lists hold the first few of what there is."""

    at: datetime
    modes: Sequence[ModeDay]
    lingering: Sequence[ProjectStand]
    external: ExternalLinks | None
    campaigns: Sequence[Campaign]
    exemptions: ExemptionCounts
    next_to_end: Sequence[Exemption]
    rehosts: Mapping[State, int]
    queues: Sequence[QueueStand]
    hosts: Mapping[HostState, int]
    mails: MailStand
    alarms: Sequence[Alarms]
    newest_alarms: Sequence[DriftEvent]

    @property
    def now(self) -> ModeDay:
        """How it stands now."""
        return self.modes[-1]

    @property
    def soon(self) -> date:
        """The last day that is soon."""
        return self.at.date() + SOON

    @property
    def alarm_count(self) -> int:
        """How many new alarms there are."""
        return sum(alarm.count for alarm in self.alarms)

    @property
    def alarms_by_sign(self) -> Mapping[Sign, int]:
        """New alarms by what was seen; what was not seen is left out."""
        counted: Counter[Sign] = Counter()
        for alarm in self.alarms:
            counted[alarm.sign] += alarm.count
        return {sign: counted[sign] for sign in Sign if counted[sign]}
