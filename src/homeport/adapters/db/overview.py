"""Counts and lists over the whole index, each from an index of its own or from rows that are kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.sqlite import insert

from homeport.adapters.db.campaign_tables import campaign_projects
from homeport.adapters.db.hosting_tables import exemptions, hosting_log
from homeport.adapters.db.outside_tables import drift_events, hosts, rehosts
from homeport.adapters.db.overview_tables import mode_days
from homeport.adapters.db.schema import Utc
from homeport.adapters.db.tables import mails, projects
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
from homeport.domain.drift import Sign
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import HostState
from homeport.domain.rehost import State
from homeport.ports.jobs import Queue
from homeport.ports.overview import StandFilter

_DAY_LENGTH: Final = len("2026-01-01")
_IS_LIVE = exemptions.c.ended_at.is_(None)
_OPEN: Final = [state.value for state in State if state.is_open]

# Whoever owns a project: by themselves, through its organisation, or through a team. Each part is asked for one project.
_OWNERS = (
    "SELECT user_id FROM roles WHERE project_id = projects.id AND role = 'owner' "
    "UNION SELECT m.user_id FROM organisation_projects p JOIN organisation_members m "
    "ON m.organisation_id = p.organisation_id AND m.role = 'owner' WHERE p.project_id = projects.id "
    "UNION SELECT m.user_id FROM team_roles r JOIN team_members m ON m.team_id = r.team_id "
    "WHERE r.project_id = projects.id AND r.role = 'owner'"
)
_OWNER_COUNT = f"(SELECT count(*) FROM ({_OWNERS}))"  # noqa: S608 - nothing in it was asked by anybody
_REACHABLE_COUNT = (
    f"(SELECT count(*) FROM users WHERE users.id IN ({_OWNERS}) "  # noqa: S608 - nor here
    "AND users.email_verified_at IS NOT NULL AND users.disabled_at IS NULL AND users.mail_problem IS NULL)"
)
# Every project that somebody owns whom no mail reaches: from those people to what is theirs, for they are few, and an index
# holds nobody else (``ix_users_unreachable``, in these very words). A project has an owner (``domain/membership`` rule 3).
_UNREACHED = "(u.email_verified_at IS NULL OR u.disabled_at IS NOT NULL OR u.mail_problem IS NOT NULL)"
_OF_UNREACHED = (
    "SELECT r.project_id FROM users u CROSS JOIN roles r ON r.user_id = u.id "  # noqa: S608 - nor here
    f"WHERE {_UNREACHED} AND r.role = 'owner' "
    "UNION SELECT p.project_id FROM users u CROSS JOIN organisation_members m ON m.user_id = u.id AND m.role = 'owner' "
    f"CROSS JOIN organisation_projects p ON p.organisation_id = m.organisation_id WHERE {_UNREACHED} "
    "UNION SELECT r.project_id FROM users u CROSS JOIN team_members m ON m.user_id = u.id "
    f"CROSS JOIN team_roles r ON r.team_id = m.team_id WHERE {_UNREACHED} AND r.role = 'owner'"
)
# Written so that the indexes the engine made over these states are used: they hold nothing that ended.
_QUEUES = text(
    "SELECT queue_name, sum(waiting) AS waiting, sum(later) AS later, sum(running) AS running FROM ("
    "SELECT queue_name, 1 AS waiting, 0 AS later, 0 AS running FROM workflow_status WHERE status = 'ENQUEUED' "
    "AND queue_name IN :queues UNION ALL "
    "SELECT queue_name, 0, 1, 0 FROM workflow_status WHERE status = 'DELAYED' AND delay_until_epoch_ms > 0 UNION ALL "
    "SELECT queue_name, 0, 0, 1 FROM workflow_status WHERE status = 'PENDING' AND queue_name IN :queues"
    ") GROUP BY queue_name"
).bindparams(bindparam("queues", expanding=True))
_QUEUE_NAMES: Final = [queue.value for queue in Queue]


class SqlOverview:
    """``ports.overview.Overview`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def mode_days(self, *, since: date | None = None, until: date | None = None) -> Sequence[ModeDay]:
        """See the port."""
        asked = select(mode_days).order_by(mode_days.c.day)
        if since is not None:
            asked = asked.where(mode_days.c.day >= since)
        if until is not None:
            asked = asked.where(mode_days.c.day <= until)
        return _days(self._connection.execute(asked).all())

    def last_mode_day(self) -> ModeDay | None:
        """See the port."""
        last = self._connection.execute(select(func.max(mode_days.c.day))).scalar()
        return self.mode_days(since=last)[0] if last else None

    def keep_mode_days(self, days: Sequence[ModeDay]) -> int:
        """See the port."""
        kept = 0
        for day in days:
            rows = [
                {"day": day.day, "mode": mode.value, "projects": count}
                for mode, count in day.projects.items()
            ]
            made = self._connection.execute(insert(mode_days).values(rows).on_conflict_do_nothing())
            kept += made.rowcount > 0
        return kept

    def mode_changes(self, *, after: date | None) -> Sequence[ModeChange]:
        """See the port."""
        return [*self._made(after), *self._moved(after)]

    def _made(self, after: date | None) -> Sequence[ModeChange]:
        first_mode = (
            select(hosting_log.c.source)
            .where(hosting_log.c.project_id == projects.c.id)
            .order_by(hosting_log.c.serial)
            .limit(1)
            .scalar_subquery()
        )
        day, mode = _day(projects.c.created_at), func.coalesce(first_mode, projects.c.mode)
        made = select(day.label("on_day"), mode.label("made_in"), func.count().label("more"))
        made = made.where(*_behind(projects.c.created_at, after)).group_by("on_day", "made_in")
        rows = self._connection.execute(made)
        return [
            ModeChange(date.fromisoformat(row.on_day), HostingMode(row.made_in), row.more) for row in rows
        ]

    def _moved(self, after: date | None) -> Sequence[ModeChange]:
        log, day = hosting_log.c, _day(hosting_log.c.at)
        moved = select(day.label("on_day"), log.source, log.target, func.count().label("more"))
        moved = moved.where(log.source != log.target, *_behind(log.at, after))
        changes = []
        for row in self._connection.execute(moved.group_by("on_day", log.source, log.target)):
            on = date.fromisoformat(row.on_day)
            changes.append(ModeChange(on, HostingMode(row.source), -row.more))
            changes.append(ModeChange(on, HostingMode(row.target), row.more))
        return changes

    def stands(self, wanted: StandFilter, *, limit: int) -> Sequence[ProjectStand]:
        """See the port."""
        owners = literal_column(_OWNER_COUNT, Integer)
        reachable = literal_column(_REACHABLE_COUNT, Integer)
        moved_at = (
            select(hosting_log.c.at)
            .where(hosting_log.c.project_id == projects.c.id, hosting_log.c.source != hosting_log.c.target)
            .order_by(hosting_log.c.serial.desc())
            .limit(1)
            .scalar_subquery()
        )
        asked = (
            select(
                projects.c.normalized,
                projects.c.mode,
                func.coalesce(moved_at, projects.c.created_at, type_=Utc).label("since"),
                exemptions.c.id.label("exemption_id"),
                exemptions.c.until,
                owners.label("owners"),
                reachable.label("reachable"),
            )
            .outerjoin(exemptions, and_(exemptions.c.project_id == projects.c.id, _IS_LIVE))
            .where(projects.c.normalized > wanted.after, *_conditions(wanted, reachable))
            .order_by(projects.c.normalized)
            .limit(limit)
        )
        return [_stand(row) for row in self._connection.execute(asked)]

    def open_rehosts(self) -> Mapping[State, int]:
        """See the port."""
        asked = select(rehosts.c.state, func.count()).where(rehosts.c.state.in_(_OPEN))
        rows = self._connection.execute(asked.group_by(rehosts.c.state))
        return {State(state): count for state, count in rows}

    def exemptions(self, soon: date) -> ExemptionCounts:
        """See the port."""
        live = select(func.count()).select_from(exemptions).where(_IS_LIVE)
        count = self._connection.execute
        return ExemptionCounts(
            {
                Standing.DATED: count(live.where(exemptions.c.until.is_not(None))).scalar_one(),
                Standing.ENDLESS: count(live.where(exemptions.c.until.is_(None))).scalar_one(),
            },
            count(live.where(exemptions.c.until <= soon)).scalar_one(),
        )

    def next_ends(self, *, limit: int) -> Sequence[int]:
        """See the port."""
        asked = select(exemptions.c.project_id).where(_IS_LIVE, exemptions.c.until.is_not(None))
        ordered = asked.order_by(exemptions.c.until, exemptions.c.project_id).limit(limit)
        return self._connection.execute(ordered).scalars().all()

    def hosts(self, now: datetime) -> Mapping[HostState, int]:
        """See the port."""
        counted = select(func.count()).select_from(hosts)
        resting = counted.where(hosts.c.resting_until > now, hosts.c.frozen_at.is_(None))
        frozen = counted.where(hosts.c.frozen_at.is_not(None))
        return {
            HostState.RESTING: self._connection.execute(resting).scalar_one(),
            HostState.FROZEN: self._connection.execute(frozen).scalar_one(),
        }

    def troubled_mails(self) -> int:
        """See the port."""
        asked = (
            select(func.count()).select_from(mails).where(mails.c.sent_at.is_(None), mails.c.problem != "")
        )
        return self._connection.execute(asked).scalar_one()

    def alarms(self, since: datetime) -> Sequence[Alarms]:
        """See the port."""
        told = drift_events.c
        asked = select(told.host, told.sign, func.count()).where(told.at > since)
        rows = self._connection.execute(asked.group_by(told.host, told.sign).order_by(told.host, told.sign))
        return [Alarms(host, Sign(sign), count) for host, sign, count in rows]

    def campaign_days(self, campaign_id: int) -> Sequence[tuple[date, Stand, int]]:
        """See the port."""
        rows = campaign_projects.c
        day = _day(rows.changed_at)
        left = select(day.label("on_day"), rows.stand, func.count()).where(
            rows.campaign_id == campaign_id,
            rows.stand != Stand.WAITING.value,
            rows.changed_at.is_not(None),
        )
        found = self._connection.execute(left.group_by("on_day", rows.stand).order_by("on_day", rows.stand))
        return [(date.fromisoformat(on), Stand(stand), count) for on, stand, count in found]

    def queues(self) -> Sequence[QueueStand]:
        """See the port."""
        found = {row.queue_name: row for row in self._connection.execute(_QUEUES, {"queues": _QUEUE_NAMES})}
        return [
            QueueStand(name, found[name].waiting, found[name].later, found[name].running)
            if name in found
            else QueueStand(name, 0, 0, 0)
            for name in _QUEUE_NAMES
        ]


def _day(moment: ColumnElement[datetime]) -> ColumnElement[str]:
    # Moments are stored as ISO 8601 in UTC: their days are how they begin.
    return func.substr(type_coerce(moment, String), 1, _DAY_LENGTH)


def _behind(moment: ColumnElement[datetime], after: date | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        yield moment >= datetime.combine(after + timedelta(days=1), time(), UTC)


def _conditions(wanted: StandFilter, reachable: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    if wanted.mode is not None:
        yield projects.c.mode == wanted.mode.value
    if wanted.beginning:
        # Bounds, not LIKE: they are found by the index. No name holds a character after "z".
        yield projects.c.normalized.between(wanted.beginning, f"{wanted.beginning}~")
    if wanted.exempt is not None:
        yield {
            Exempt.DATED: exemptions.c.until.is_not(None),
            Exempt.ENDLESS: and_(exemptions.c.id.is_not(None), exemptions.c.until.is_(None)),
            Exempt.NONE: exemptions.c.id.is_(None),
        }[wanted.exempt]
    if wanted.is_reachable:
        yield reachable > 0
    elif wanted.is_reachable is not None:
        # With a plus, so that the list is walked by name and ends when there are enough, instead of being sorted whole.
        yield literal_column("+projects.id", Integer).in_(text(_OF_UNREACHED))
        yield reachable == 0


def _days(rows: Sequence[Row[Any]]) -> Sequence[ModeDay]:
    days: dict[date, dict[HostingMode, int]] = {}
    for row in rows:
        days.setdefault(row.day, {})[HostingMode(row.mode)] = row.projects
    return [ModeDay(day, projects) for day, projects in days.items()]


def _stand(row: Row[Any]) -> ProjectStand:
    exempt = Exempt.NONE
    if row.exemption_id is not None:
        exempt = Exempt.DATED if row.until else Exempt.ENDLESS
    return ProjectStand(
        row.normalized, HostingMode(row.mode), row.since, exempt, row.until, row.owners, row.reachable
    )
