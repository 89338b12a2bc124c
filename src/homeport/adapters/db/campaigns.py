"""Campaigns over one connection."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_once
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.among import among
from homeport.adapters.db.campaign_tables import campaign_notices, campaign_projects, campaigns
from homeport.adapters.db.projects import project_of
from homeport.adapters.db.tables import projects, users
from homeport.domain.campaign import (
    Campaign,
    CampaignKind,
    CampaignState,
    Entrant,
    GivenNotice,
    Group,
    Stand,
    Told,
)
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, ProjectStatus
from homeport.ports.campaigns import EntrantFilter

_OPEN: Final = [state.value for state in CampaignState if state.is_open]
# A cancelled one releases its projects, and after a report those may be left that were quarantined.
_RUNNING: Final = [
    state.value for state in (CampaignState.ANNOUNCED, CampaignState.CANCELLED, CampaignState.REPORTED)
]
# Where a project can wait for its move.
_MOVING: Final = [*_OPEN, CampaignState.REPORTED.value]
# A campaign, which is asked for beside it, has columns of these names, too.
_ENTRANT: Final = select(
    *(column.label(f"entrant_{column.name}") for column in campaign_projects.c), projects.c.normalized
).join(projects, projects.c.id == campaign_projects.c.project_id)
_IS_FREE: Final = projects.c.status != ProjectStatus.QUARANTINED.value


class SqlCampaigns:
    """``ports.campaigns.Campaigns``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        kind: CampaignKind,
        title: str,
        reason: str,
        day: date,
        notices: Sequence[int],
        terms_url: str,
        *,
        by: str,
        at: datetime,
    ) -> Campaign:
        """See the port."""
        new = Campaign(0, kind, title, reason, day, tuple(notices), terms_url, CampaignState.DRAFT, by, at)
        row = insert(campaigns).values(kind=kind.value, by=by, at=at, **_written(new))
        return replace(new, id=self._connection.execute(row.returning(campaigns.c.id)).scalar_one())

    def put(self, campaign: Campaign) -> None:
        """See the port."""
        row = update(campaigns).where(campaigns.c.id == campaign.id).values(_written(campaign))
        try:
            self._connection.execute(row)
        except IntegrityError:
            raise Conflict(
                f"Another {campaign.kind} campaign is not over yet.", code="campaign-open"
            ) from None

    def find(self, campaign_id: int) -> Campaign | None:
        """See the port."""
        return next(iter(self._campaigns(select(campaigns).where(campaigns.c.id == campaign_id))), None)

    def every(self, *, before: int = 0, limit: int) -> Sequence[Campaign]:
        """See the port."""
        asked = select(campaigns).order_by(campaigns.c.id.desc()).limit(limit)
        return self._campaigns(asked.where(campaigns.c.id < before) if before else asked)

    def running(self) -> Sequence[Campaign]:
        """See the port."""
        asked = select(campaigns).where(campaigns.c.state.in_(_RUNNING)).order_by(campaigns.c.id)
        is_due = exists().where(
            campaign_projects.c.campaign_id == campaigns.c.id, campaign_projects.c.due_on.is_not(None)
        )
        is_announced = campaigns.c.state == CampaignState.ANNOUNCED.value
        return self._campaigns(asked.where(is_announced | is_due))

    def open(self, kind: CampaignKind) -> Campaign | None:
        """See the port."""
        asked = select(campaigns).where(campaigns.c.kind == kind.value, campaigns.c.state.in_(_OPEN))
        return next(iter(self._campaigns(asked)), None)

    def candidates(self, mode: HostingMode, *, after: str = "", limit: int) -> Sequence[Project]:
        """See the port."""
        asked = (
            select(projects)
            .where(projects.c.mode == mode.value, projects.c.normalized > after)
            .order_by(projects.c.normalized)
            .limit(limit)
        )
        return [project_of(row) for row in self._connection.execute(asked)]

    def enrol(self, campaign_id: int, mode: HostingMode, *, due_on: date) -> int:
        """See the port."""
        new = _entrant_values(Entrant(campaign_id, 0, "", due_on=due_on))
        columns = {name: literal(value, campaign_projects.c[name].type) for name, value in new.items()}
        chosen = select(literal(campaign_id), projects.c.id, *columns.values())
        row = insert(campaign_projects).from_select(
            ["campaign_id", "project_id", *columns], chosen.where(*_is_late(campaign_id, mode))
        )
        return self._connection.execute(row).rowcount

    def comes_late(self, campaign_id: int, mode: HostingMode) -> bool:
        """See the port."""
        asked = select(projects.c.id).where(*_is_late(campaign_id, mode)).limit(1)
        return self._connection.execute(asked).first() is not None

    def entrant(self, campaign_id: int, project_id: int) -> Entrant | None:
        """See the port."""
        asked = _ENTRANT.where(
            campaign_projects.c.campaign_id == campaign_id, campaign_projects.c.project_id == project_id
        )
        return next(iter(self._entrants(asked)), None)

    def put_entrant(self, entrant: Entrant) -> None:
        """See the port."""
        self._connection.execute(
            update(campaign_projects)
            .where(
                campaign_projects.c.campaign_id == entrant.campaign_id,
                campaign_projects.c.project_id == entrant.project_id,
            )
            .values(_entrant_values(entrant))
        )

    def entrants(self, campaign_id: int, wanted: EntrantFilter, *, limit: int) -> Sequence[Entrant]:
        """See the port."""
        asked = _ENTRANT.where(
            campaign_projects.c.campaign_id == campaign_id, projects.c.normalized > wanted.after
        )
        if wanted.project:
            asked = asked.where(projects.c.normalized == wanted.project)
        if wanted.stand:
            asked = asked.where(campaign_projects.c.stand == wanted.stand.value)
        if wanted.group:
            asked = asked.where(campaign_projects.c.group == wanted.group.value)
        return self._entrants(asked.order_by(projects.c.normalized).limit(limit))

    def due(self, campaign_id: int, today: date, *, limit: int) -> Sequence[Entrant]:
        """See the port."""
        asked = _ENTRANT.where(
            campaign_projects.c.campaign_id == campaign_id, campaign_projects.c.due_on <= today, _IS_FREE
        )
        order = (campaign_projects.c.due_on, campaign_projects.c.project_id)
        return self._entrants(asked.order_by(*order).limit(limit))

    def wake(self, campaign_id: int, today: date) -> None:
        """See the port."""
        waits = (
            campaign_projects.c.campaign_id == campaign_id,
            campaign_projects.c.stand == Stand.WAITING.value,
        )
        self._connection.execute(update(campaign_projects).where(*waits).values(due_on=today))

    def soonest(self, campaign_id: int) -> date | None:
        """See the port."""
        return self._connection.execute(
            select(func.min(campaign_projects.c.due_on))
            .join(projects, projects.c.id == campaign_projects.c.project_id)
            .where(campaign_projects.c.campaign_id == campaign_id, _IS_FREE)
        ).scalar()

    def counts(self, campaign_id: int) -> Mapping[tuple[Stand, Group], int]:
        """See the port."""
        by = (campaign_projects.c.stand, campaign_projects.c.group)
        rows = self._connection.execute(
            select(*by, func.count()).where(campaign_projects.c.campaign_id == campaign_id).group_by(*by)
        )
        return {(Stand(stand), Group(group)): count for stand, group, count in rows}

    def waiting_of(self, project_ids: Collection[int]) -> Sequence[tuple[Campaign, Entrant]]:
        """See the port."""
        asked = (
            _ENTRANT.add_columns(*campaigns.c)
            .join(campaigns, campaigns.c.id == campaign_projects.c.campaign_id)
            .where(
                among(campaign_projects.c.project_id, project_ids),
                campaign_projects.c.stand == Stand.WAITING.value,
                campaigns.c.state.in_(_MOVING),
            )
            .order_by(campaigns.c.id, campaign_projects.c.project_id)
        )
        return [(_campaign(row), _entrant(row)) for row in self._connection.execute(asked)]

    def give_notice(self, campaign_id: int, project_id: int, user_id: int, given: GivenNotice) -> bool:
        """See the port."""
        row = insert_once(campaign_notices).values(
            campaign_id=campaign_id,
            project_id=project_id,
            user_id=user_id,
            step=given.step,
            at=given.at,
            by_mail=given.by_mail,
            problem=given.problem,
        )
        return self._connection.execute(row.on_conflict_do_nothing()).rowcount == 1

    def unreached(self, campaign_id: int, *, after: str = "", limit: int) -> Sequence[GivenNotice]:
        """See the port."""
        newest = _newest_notices(campaign_id)
        rows = self._connection.execute(
            select(newest, projects.c.normalized, users.c.name, users.c.mail_problem)
            .join(projects, projects.c.id == newest.c.project_id)
            .join(users, users.c.id == newest.c.user_id)
            .where(_is_unreached(newest), projects.c.normalized > after)
            .order_by(projects.c.normalized, users.c.name)
            .limit(limit)
        )
        return [
            GivenNotice(
                row.normalized, row.name, row.step, row.at, row.by_mail, row.problem or row.mail_problem or ""
            )
            for row in rows
        ]

    def count_unreached(self, campaign_id: int) -> int:
        """See the port."""
        newest = _newest_notices(campaign_id)
        asked = select(func.count()).select_from(newest).join(users, users.c.id == newest.c.user_id)
        return self._connection.execute(asked.where(_is_unreached(newest))).scalar_one()

    def told(self, campaign_id: int) -> Mapping[str, int]:
        """See the port."""
        step = campaign_notices.c.step
        asked = select(step, func.count()).where(campaign_notices.c.campaign_id == campaign_id)
        return {row[0]: row[1] for row in self._connection.execute(asked.group_by(step))}

    def _campaigns(self, wanted: Select[Any]) -> list[Campaign]:
        return [_campaign(row) for row in self._connection.execute(wanted)]

    def _entrants(self, wanted: Select[Any]) -> list[Entrant]:
        return [_entrant(row) for row in self._connection.execute(wanted)]


def _is_late(campaign_id: int, mode: HostingMode) -> tuple[ColumnElement[bool], ...]:
    is_in = exists().where(
        campaign_projects.c.campaign_id == campaign_id, campaign_projects.c.project_id == projects.c.id
    )
    return projects.c.mode == mode.value, ~is_in


def _newest_notices(campaign_id: int) -> Subquery:
    of_person = (campaign_notices.c.project_id, campaign_notices.c.user_id)
    order = (campaign_notices.c.at.desc(), campaign_notices.c.step)
    place = func.row_number().over(partition_by=of_person, order_by=order).label("place")
    return select(campaign_notices, place).where(campaign_notices.c.campaign_id == campaign_id).subquery()


def _is_unreached(newest: Subquery) -> ColumnElement[bool]:
    # The mail server may have said so after the mail was written.
    return (newest.c.place == 1) & (~newest.c.by_mail | users.c.mail_problem.is_not(None))


def _written(campaign: Campaign) -> dict[str, Any]:
    return {
        "title": campaign.title,
        "reason": campaign.reason,
        "day": campaign.day,
        "notices": list(campaign.notices),
        "terms_url": campaign.terms_url,
        "state": campaign.state.value,
        "lead": campaign.lead,
        "announced_at": campaign.announced_at,
        "resumed_on": campaign.resumed_on,
        "round": campaign.round,
        "survey_id": campaign.survey_id,
        "ended_at": campaign.ended_at,
        "begun": list(campaign.begun),
        "decisions": list(campaign.decisions),
        "changed_by": campaign.changed_by,
        "changed_at": campaign.changed_at,
        "why": campaign.why,
    }


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        id=row.id,
        kind=CampaignKind(row.kind),
        title=row.title,
        reason=row.reason,
        day=row.day,
        notices=tuple(row.notices),
        terms_url=row.terms_url,
        state=CampaignState(row.state),
        by=row.by,
        at=row.at,
        lead=row.lead,
        announced_at=row.announced_at,
        resumed_on=row.resumed_on,
        round=row.round,
        survey_id=row.survey_id,
        ended_at=row.ended_at,
        begun=tuple(row.begun),
        decisions=tuple(row.decisions),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        why=row.why,
    )


def _entrant_values(entrant: Entrant) -> dict[str, Any]:
    return {
        "group": entrant.group.value,
        "stand": entrant.stand.value,
        "external": entrant.external,
        "told": [[one.group.value, one.days, one.on.isoformat(), one.round] for one in entrant.told],
        "due_on": entrant.due_on,
        "why": entrant.why,
        "changed_at": entrant.changed_at,
        "moved_by": entrant.moved_by,
    }


def _entrant(row: Row[Any]) -> Entrant:
    return Entrant(
        campaign_id=row.entrant_campaign_id,
        project_id=row.entrant_project_id,
        project=row.normalized,
        group=Group(row.entrant_group),
        stand=Stand(row.entrant_stand),
        external=row.entrant_external,
        told=tuple(
            Told(Group(group), days, date.fromisoformat(on), count)
            for group, days, on, count in row.entrant_told
        ),
        due_on=row.entrant_due_on,
        why=row.entrant_why,
        changed_at=row.entrant_changed_at,
        moved_by=row.entrant_moved_by,
    )
