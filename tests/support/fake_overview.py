"""Counts and lists over everything, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tests.support.fake_projects import FakeProjects
from tests.support.fake_tables import Tables

from homeport.domain.campaign import Stand
from homeport.domain.dashboard import (
    Alarms,
    Exempt,
    ExemptionCounts,
    ModeChange,
    ModeDay,
    ProjectStand,
    QueueStand,
)
from homeport.domain.exemption import Exemption, Standing
from homeport.domain.hosting_log import HostingLine
from homeport.domain.manners import HostState
from homeport.domain.project import Project, Role
from homeport.domain.rehost import State
from homeport.ports.jobs import Queue
from homeport.ports.overview import StandFilter

_ENDS = {State.PUBLISHED, State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.FAILED}


class FakeOverview:
    """``ports.overview.Overview``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def mode_days(self, *, since: date | None = None, until: date | None = None) -> Sequence[ModeDay]:
        """See the port."""
        kept = [self._tables.mode_days[day] for day in sorted(self._tables.mode_days)]
        return [one for one in kept if (since or one.day) <= one.day <= (until or one.day)]

    def last_mode_day(self) -> ModeDay | None:
        """See the port."""
        return next(reversed(self.mode_days()), None)

    def keep_mode_days(self, days: Sequence[ModeDay]) -> int:
        """See the port."""
        new = {day.day: day for day in days if day.day not in self._tables.mode_days}
        self._tables.mode_days.update(new)
        return len(new)

    def mode_changes(self, *, after: date | None) -> Sequence[ModeChange]:
        """See the port."""
        changes = []
        for project in self._tables.projects.values():
            moves = self._moves(project)
            first = moves[0].source if moves else project.mode
            changes.append(ModeChange(project.created_at.date(), first, 1))
            for line in moves:
                changes.append(ModeChange(line.at.date(), line.source, -1))
                changes.append(ModeChange(line.at.date(), line.target, 1))
        return [one for one in changes if after is None or one.day > after]

    def _moves(self, project: Project) -> list[HostingLine]:
        return [
            line
            for project_id, line in self._tables.hosting_log
            if project_id == project.id and line.source is not line.target
        ]

    def stands(self, wanted: StandFilter, *, limit: int) -> Sequence[ProjectStand]:
        """See the port."""
        stands = sorted(map(self._stand, self._tables.projects.values()), key=lambda one: one.project)
        found = [
            one
            for one in stands
            if one.project > wanted.after
            and one.project.startswith(wanted.beginning)
            and (wanted.mode is None or one.mode is wanted.mode)
            and (wanted.exempt is None or one.exempt is wanted.exempt)
            and (wanted.is_reachable is None or one.is_reachable is wanted.is_reachable)
        ]
        return found[:limit]

    def _stand(self, project: Project) -> ProjectStand:
        moves = self._moves(project)
        live = next((one for one in self._live() if one.project_id == project.id), None)
        members = FakeProjects(self._tables).members(project.id)
        owners = [member.user for member in members if member.role is Role.OWNER]
        exempt = Exempt.NONE if live is None else Exempt.DATED if live.until else Exempt.ENDLESS
        return ProjectStand(
            project.name.normalized,
            project.mode,
            moves[-1].at if moves else project.created_at,
            exempt,
            live.until if live else None,
            len(owners),
            sum(one.is_verified and not one.is_disabled and not one.mail_problem for one in owners),
        )

    def _live(self) -> list[Exemption]:
        return [one for one in self._tables.exemptions.values() if one.ended_at is None]

    def open_rehosts(self) -> Mapping[State, int]:
        """See the port."""
        states = (one.rehost.state for one in self._tables.rehosts.values())
        return Counter(state for state in states if state not in _ENDS)

    def exemptions(self, soon: date) -> ExemptionCounts:
        """See the port."""
        counted = Counter(one.standing for one in self._live())
        return ExemptionCounts(
            {standing: counted[standing] for standing in (Standing.DATED, Standing.ENDLESS)},
            sum(one.until is not None and one.until <= soon for one in self._live()),
        )

    def next_ends(self, *, limit: int) -> Sequence[int]:
        """See the port."""
        ends = [(one.until, one.project_id) for one in self._live() if one.until is not None]
        return [project_id for _, project_id in sorted(ends)[:limit]]

    def hosts(self, now: datetime) -> Mapping[HostState, int]:
        """See the port."""
        counted = Counter(host.state(now) for host in self._tables.hosts.values())
        return {state: counted[state] for state in (HostState.RESTING, HostState.FROZEN)}

    def troubled_mails(self) -> int:
        """See the port."""
        return sum(mail.sent_at is None and bool(mail.problem) for mail in self._tables.mails.values())

    def alarms(self, since: datetime) -> Sequence[Alarms]:
        """See the port."""
        told = Counter((one.host, one.sign) for one in self._tables.drift_events if one.at > since)
        return [Alarms(host, sign, told[host, sign]) for host, sign in sorted(told)]

    def campaign_days(self, campaign_id: int) -> Sequence[tuple[date, Stand, int]]:
        """See the port."""
        left = Counter(
            (one.changed_at.date(), one.stand)
            for one in self._tables.campaign_projects.values()
            if one.campaign_id == campaign_id and one.stand is not Stand.WAITING and one.changed_at
        )
        return [(day, stand, left[day, stand]) for day, stand in sorted(left)]

    def queues(self) -> Sequence[QueueStand]:
        """See the port."""
        later = Counter(job.work.queue for job in self._tables.jobs.values() if job.delay_seconds)
        every = Counter(job.work.queue for job in self._tables.jobs.values())
        return [QueueStand(queue.value, every[queue] - later[queue], later[queue], 0) for queue in Queue]
