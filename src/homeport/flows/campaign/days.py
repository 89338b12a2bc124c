"""What the clock does about campaigns: it tells people, moves projects when their day has come, and reports.

1. Each project is looked at again, its links included, in the transaction that writes; what was told or moved is written
   with the telling or moving. A kill before does nothing, one after does nothing twice.
2. Before a step the places of all projects are surveyed anew; the survey begins ahead, and is waited for, but not forever.
3. On the day external links stop being listed; nothing is re-hosted, and nothing recorded is forgotten (design §2).
4. A round does a bounded number of projects, so that mails leave as mail servers like them.
5. No single project stops the others: one that meets what nobody expected is told of, and due again.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from homeport.domain.account import User
from homeport.domain.campaign import (
    Act,
    Campaign,
    CampaignKind,
    CampaignState,
    Decision,
    Entrant,
    GivenNotice,
    Group,
    Stand,
    Told,
    day_of,
    decide,
)
from homeport.domain.errors import Unavailable
from homeport.domain.hosting import HostingMode, Mover, move
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, ProjectStatus
from homeport.flows.campaign.end_cache import end_cache
from homeport.flows.campaign.facts import (
    Elsewhere,
    OutsideFile,
    comes_home_after,
    maintainers,
    outside_files,
    seen_of,
    why_no_mail,
)
from homeport.flows.campaign.letters import cancelled_notice, moved_notice, reported_notice, step_notice
from homeport.flows.campaign.surveying import AHEAD, is_surveyed, survey_of, with_survey
from homeport.flows.move_project import Said, move_project
from homeport.flows.notify import tell
from homeport.flows.render_pages import render_project
from homeport.observe.events import event, trouble
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.world import World

ACTOR: Final = "clock"
AT_ONCE: Final = 100
EVERY_SECONDS: Final = 10.0


def look_after_campaigns(world: World) -> int:
    """Do what is due, a bounded number of projects at once; how many something was done about."""
    with world.store.read() as tx:
        running = tx.campaigns.running()
    return sum(_look_after(world, campaign) for campaign in running)


def _look_after(world: World, campaign: Campaign) -> int:
    now = world.clock.now()
    with world.store.read() as tx:
        soonest = tx.campaigns.soonest(campaign.id)
        survey = survey_of(tx, campaign)
    if campaign.state is CampaignState.ANNOUNCED:
        if soonest is None:
            return _end(world, campaign, now)
        if soonest > (now + AHEAD).date():
            return 0
        if not (is_ready := is_surveyed(campaign, survey, now)):
            return _begin_survey(world, campaign, now) if is_ready is None else 0
    with world.store.read() as tx:
        due = tx.campaigns.due(campaign.id, now.date(), limit=AT_ONCE)
    return sum(_looked_at(world, campaign, entrant) for entrant in due)


def _begin_survey(world: World, seen: Campaign, now: datetime) -> int:
    with world.store.write() as tx:
        campaign = tx.campaigns.find(seen.id)
        if campaign is None or campaign != seen:
            return 0
        tx.campaigns.put(with_survey(world, tx, campaign, by=ACTOR, now=now))
        return 1


def _looked_at(world: World, campaign: Campaign, entrant: Entrant) -> bool:
    try:
        return _look_at(world, campaign, entrant)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - told here; the row is as it was, and due
        trouble("a project of a campaign could not be looked after", project=entrant.project, error=error)
        return False


def _look_at(world: World, seen: Campaign, entrant: Entrant) -> bool:
    now = world.clock.now()
    with world.store.write() as tx:
        campaign, project = tx.campaigns.find(seen.id), tx.projects.find(entrant.project)
        if (
            campaign is None
            or project is None
            or (campaign.state, campaign.round) != (seen.state, seen.round)
        ):
            return False
        is_as_seen = tx.campaigns.entrant(campaign.id, project.id) == entrant
        if not is_as_seen or project.status is ProjectStatus.QUARANTINED:
            return False
        _Step(world, tx, campaign, project, now).do(entrant)
        return True


class _Step:
    """One look at one project, in one transaction."""

    def __init__(
        self, world: World, tx: Transaction, campaign: Campaign, project: Project, now: datetime
    ) -> None:
        self._world, self._tx, self._now = world, tx, now
        self._campaign, self._project = campaign, project
        self._files: tuple[OutsideFile, ...] = outside_files(tx, campaign, project)

    def do(self, entrant: Entrant) -> None:
        tx, campaign = self._tx, self._campaign
        seen = seen_of(tx, campaign, entrant, self._project, self._files)
        decision = decide(campaign, entrant, seen, self._now.date())
        after = decision.entrant
        if decision.told is not None:
            self._tell(decision, decision.told)
        elif decision.act is Act.MOVE:
            after = replace(after, moved_by=self._move(after))
        elif after.stand is Stand.RELEASED and entrant.told:
            self._release(entrant)
        tx.campaigns.put_entrant(replace(after, changed_at=self._now))

    def _tell(self, decision: Decision, told: Told) -> None:
        entrant, day = decision.entrant, day_of(self._campaign, decision.entrant)
        is_first = [one.group for one in entrant.told].count(told.group) == 1
        notice = step_notice(
            self._campaign,
            self._project,
            Elsewhere(self._files, comes_home_after(self._tx, self._campaign, day)),
            told,
            day,
            is_first=is_first,
            base_url=self._world.base_url,
            at=self._now,
        )
        self._begin(told.step)
        people = self._give(notice, told.step)
        details = {"group": told.group.value, "day": day.isoformat(), "external": entrant.external}
        kind = Kind.CAMPAIGN_ANNOUNCED if is_first else Kind.CAMPAIGN_TOLD
        serial = self._record(kind, told.step, people, details)
        if is_first:
            self._log(serial, Event.CAMPAIGN_ANNOUNCED, self._campaign.reason, day)

    def _move(self, entrant: Entrant) -> int:
        tx, campaign, project = self._tx, self._campaign, self._project
        met = frozenset({campaign.need(entrant.group)})
        move(project.mode, HostingMode.ONLY, Mover.CLOCK, met, tx.policies.current(), self._now.date())
        if campaign.kind is CampaignKind.PHASE_OUT and "moved" not in campaign.begun:
            end_cache(tx, campaign, by=ACTOR, now=self._now)
        self._begin("moved")
        said = Said(Mover.CLOCK, ACTOR, f"{campaign.title}: {campaign.reason}", campaign=campaign.id)
        moved, serial = move_project(tx, project, HostingMode.ONLY, said, self._now)
        render_project(tx, moved, serial)
        notice = moved_notice(
            campaign,
            project,
            Elsewhere(self._files, comes_home_after(tx, campaign, self._now.date())),
            base_url=self._world.base_url,
            at=self._now,
        )
        self._give(notice, "moved")
        event("project moved by a campaign", project=project.name.normalized)
        return serial

    def _release(self, entrant: Entrant) -> None:
        self._begin("cancelled")
        people = self._give(cancelled_notice(self._campaign, self._project, at=self._now), "cancelled")
        told: dict[str, str | int] = {"group": entrant.group.value, "reason": self._campaign.why}
        serial = self._record(Kind.CAMPAIGN_TOLD, "cancelled", people, told)
        self._log(serial, Event.CAMPAIGN_CANCELLED, self._campaign.why)

    def _give(self, notice: Notice, step: str) -> int:
        """Tell everyone who maintains the project, each once; how many that are."""
        told: list[User] = []
        for user in maintainers(self._tx, self._project):
            problem = why_no_mail(self._tx, user)
            given = GivenNotice(
                self._project.name.normalized, user.name, step, self._now, not problem, problem
            )
            if self._tx.campaigns.give_notice(self._campaign.id, self._project.id, user.id, given):
                told.append(user)
        tell(self._tx, told, notice)
        return len(told)

    def _begin(self, step: str) -> None:
        """The campaign's own entry for a step, before that of the first project."""
        if step in self._campaign.begun:
            return
        self._campaign = replace(self._campaign, begun=(*self._campaign.begun, step))
        self._tx.campaigns.put(self._campaign)
        if self._campaign.state is CampaignState.ANNOUNCED:
            # Who came into the mode since the last step is told from this one on.
            source = self._campaign.kind.source
            self._tx.campaigns.enrol(self._campaign.id, source, due_on=self._now.date())
        self._tx.ledger.append(
            Kind.CAMPAIGN_STEP_BEGUN,
            at=self._now,
            actor=ACTOR,
            project="",
            details={"campaign": self._campaign.id, "step": step},
        )

    def _record(self, kind: Kind, step: str, people: int, details: dict[str, str | int]) -> int:
        told = {"campaign": self._campaign.id, "step": step, "people": people, **details}
        name = self._project.name.normalized
        return self._tx.ledger.append(kind, at=self._now, actor=ACTOR, project=name, details=told)

    def _log(self, serial: int, what: Event, why: str, day: date | None = None) -> None:
        mode, project = self._project.mode, self._project
        reason = f"{self._campaign.title}: {why}" if why else self._campaign.title
        line = HostingLine(
            serial,
            self._now,
            project.name.normalized,
            what,
            mode,
            mode,
            Mover.CLOCK,
            reason,
            day,
        )
        self._tx.hosting_log.add(project.id, line)


def _end(world: World, seen: Campaign, now: datetime) -> int:
    """Take in who came late; report when nobody did, and the day has come."""
    with world.store.read() as tx:
        # A campaign waits for its day for months, and is looked at all the time: that holds up nobody who writes.
        if now.date() < seen.day and not tx.campaigns.comes_late(seen.id, seen.kind.source):
            return 0
    with world.store.write() as tx:
        campaign = tx.campaigns.find(seen.id)
        if campaign is None or campaign != seen:
            return 0
        late = tx.campaigns.enrol(campaign.id, campaign.kind.source, due_on=now.date())
        if late or now.date() < campaign.day:
            return late
        counts = tx.campaigns.counts(campaign.id)
        of_stand = {stand.value: sum(counts.get((stand, group), 0) for group in Group) for stand in Stand}
        unreached = tx.campaigns.count_unreached(campaign.id)
        serial = tx.ledger.append(
            Kind.CAMPAIGN_CHANGED,
            at=now,
            actor=ACTOR,
            project="",
            details={"campaign": campaign.id, "to": CampaignState.REPORTED.value, **of_stand},
        )
        reported = replace(
            campaign,
            state=CampaignState.REPORTED,
            ended_at=now,
            changed_by=ACTOR,
            changed_at=now,
            why="",
            decisions=(*campaign.decisions, serial),
        )
        tx.campaigns.put(reported)
        tell(tx, tx.users.administrators(), reported_notice(campaign, of_stand, unreached, at=now))
    event("campaign reported", campaign=campaign.id)
    return 1
