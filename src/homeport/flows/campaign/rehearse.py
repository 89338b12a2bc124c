"""A campaign is rehearsed: played to its end over a copy of the database, by what the clock itself does, in days that pass at once.

1. Nothing leaves: there is no way outside, and whatever asks for one is told so; mails go to whoever looks on.
2. Nothing outside is asked: a survey sees again what the last one of all projects saw, and where there is none, only
   links that are listed are known.
3. People do nothing meanwhile, and sites do not change.
4. The first day is now, and every other one begins at midnight (UTC), when the clock looks first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Never

from homeport.domain.account import Caller
from homeport.domain.campaign import Campaign, CampaignState, GivenNotice, Group, Stand, announced
from homeport.domain.errors import Conflict
from homeport.domain.mail import Message
from homeport.domain.rights import require_admin
from homeport.domain.survey import Survey
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.facts import OutsideFile, outside_files
from homeport.flows.campaign.manage import announce_campaign, find_campaign, preview_campaign, resume_campaign
from homeport.flows.campaign.show import CampaignView, every_entrant, list_unreached, show_campaign
from homeport.flows.exemption_days import look_after_exemptions
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.expire import look_after_plans
from homeport.flows.send_mails import send_mails
from homeport.flows.standing_consent_days import look_after_standing_consents
from homeport.flows.survey.run import fail_survey, finish_survey
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.surveys import LinkFilter, Seen
from homeport.ports.world import World

# What else the clock does that people of a campaign hear of, or that changes who is in it.
_CHORES: Final = (look_after_exemptions, look_after_standing_consents, look_after_plans)
_READ_AT_ONCE: Final = 200
# A campaign that is not over so long after the last day that a project can have had waits for somebody to put it right.
_PATIENCE: Final = timedelta(days=7)


class Beginning(StrEnum):
    """What was done to the campaign so that it goes on today."""

    ANNOUNCED = "announced"
    RESUMED = "resumed"
    NOTHING = "nothing"


class StageClock:
    """``ports.clock.Clock`` of a rehearsal: it stands still until the next day, and waiting takes no time."""

    def __init__(self, begin: datetime, random_bytes: Callable[[int], bytes]) -> None:
        self._now, self.random_bytes = begin, random_bytes

    def now(self) -> datetime:
        """See the port."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """See the port."""

    def go_on(self) -> None:
        """It is the beginning of the next day."""
        self._now = datetime.combine(self._now.date() + timedelta(days=1), time(), self._now.tzinfo)


class _Closed:
    """A way outside that is not there."""

    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"a rehearsal reaches nothing outside, and something asked it to {name}")


class _Mailbox:
    """``ports.mail.Mailer`` that keeps what it is given until somebody takes it."""

    def __init__(self) -> None:
        self._held: list[Message] = []

    def send(self, message: Message) -> None:
        """See the port."""
        self._held.append(message)

    def take(self) -> list[Message]:
        """What was given since the last time."""
        taken, self._held = self._held, []
        return taken


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a rehearsal takes place: a world of which only the database and the clock are left."""

    world: World
    clock: StageClock
    mailbox: _Mailbox


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal that begins: the campaign as it is announced, and the survey by which the outside is known.

    ``until`` is the last day that is played; ``before`` is how the campaign stood when it began.
    """

    campaign: Campaign
    beginning: Beginning
    survey: Survey | None
    begins: datetime
    until: date
    before: CampaignView


@dataclass(frozen=True, slots=True)
class RehearsedDay:
    """One day: notices by step, how many mails left, and projects by how they stand since.

    Mails are of everything that the clock tells, so that there may be more than notices of the campaign.
    """

    day: date
    steps: Mapping[str, int]
    mails: int
    settled: Mapping[Stand, int]
    is_reported: bool

    @property
    def notices(self) -> int:
        """How many notices the campaign gave."""
        return sum(self.steps.values())

    @property
    def is_quiet(self) -> bool:
        """True when nobody would have noticed it."""
        return not (self.steps or self.mails or self.settled or self.is_reported)


@dataclass(frozen=True, slots=True)
class Lost:
    """The files of one project that stop being listed."""

    project: str
    files: tuple[OutsideFile, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the campaign stands when the rehearsal is over.

    ``unreached`` are the people whom no mail reaches, ``lost`` the projects whose files stop being listed.
    """

    view: CampaignView
    unreached: tuple[GivenNotice, ...]
    lost: tuple[Lost, ...]

    @property
    def is_over(self) -> bool:
        """True when the campaign came to its end."""
        return self.view.campaign.state is CampaignState.REPORTED

    @property
    def lost_files(self) -> int:
        """How many files stop being listed."""
        return sum(len(one.files) for one in self.lost)


def require_rehearsable(world: World, caller: Caller, campaign_id: int) -> CampaignView:
    """The campaign, for administrators and while there is something to rehearse; else a refusal, or that of announcing it."""
    require_admin(caller)
    view = show_campaign(world, caller, campaign_id)
    if view.campaign.state in {CampaignState.CANCELLED, CampaignState.REPORTED}:
        raise Conflict(
            f"Campaign {campaign_id} is {view.campaign.state}: there is nothing left to rehearse.",
            code="campaign-state",
        )
    if not view.campaign.state.is_open:
        announced(replace(view.campaign, state=CampaignState.PREVIEWED), world.clock.now())
    return view


def set_stage(copy: World) -> Stage:
    """The stage over a world whose database is a copy: every other way in or out of it is closed."""
    closed: Any = _Closed()
    clock, mailbox = StageClock(copy.clock.now(), copy.clock.random_bytes), _Mailbox()
    world = replace(
        copy,
        blobs=closed,
        fetcher=closed,
        isolation=closed,
        passwords=closed,
        clock=clock,
        mailer=mailbox,
        # An address that ends somebody's mails would work: it is in none of these.
        sealer=None,
        names=None,
        poster=None,
    )
    return Stage(world, clock, mailbox)


def begin_rehearsal(stage: Stage, caller: Caller, campaign_id: int) -> Rehearsal:
    """Announce the campaign or let it go on, as this administrator, with the refusals of doing so."""
    world, now = stage.world, stage.clock.now()
    before = require_rehearsable(world, caller, campaign_id)
    with world.store.read() as tx:
        survey = tx.surveys.newest_of_all()
    beginning = _begin(world, caller, before.campaign, survey)
    with world.store.read() as tx:
        campaign = find_campaign(tx, campaign_id)
    last = max(campaign.day, now.date()) + timedelta(days=campaign.notices[0]) + _PATIENCE
    return Rehearsal(campaign, beginning, survey, now, last, before)


def _begin(world: World, caller: Caller, campaign: Campaign, survey: Survey | None) -> Beginning:
    if campaign.state is CampaignState.ANNOUNCED:
        return Beginning.NOTHING
    if campaign.state is CampaignState.PAUSED:
        resume_campaign(world, caller, campaign.id)
        return Beginning.RESUMED
    if campaign.state is CampaignState.DRAFT:
        preview_campaign(world, caller, campaign.id)
    _end_surveys(world, survey)
    announce_campaign(world, caller, campaign.id)
    return Beginning.ANNOUNCED


def play(
    stage: Stage, rehearsal: Rehearsal, look_on: Callable[[date, Message], None]
) -> Iterator[RehearsedDay]:
    """Every day until the campaign is over, or its time is; ``look_on`` is shown each mail on the day it leaves."""
    before = rehearsal.before
    while True:
        today = stage.clock.now().date()
        _live_through(stage.world, rehearsal.survey)
        mails = 0
        while send_mails(stage.world):
            for message in stage.mailbox.take():
                look_on(today, message)
                mails += 1
        after = show_campaign(stage.world, None, rehearsal.campaign.id)
        is_over = after.campaign.state is CampaignState.REPORTED
        yield RehearsedDay(today, _more_told(before, after), mails, _more_settled(before, after), is_over)
        if is_over or today >= rehearsal.until:
            return
        before = after
        stage.clock.go_on()


def outcome_of(stage: Stage, rehearsal: Rehearsal) -> Outcome:
    """How it stands now."""
    number, world = rehearsal.campaign.id, stage.world
    view = show_campaign(world, None, number)
    return Outcome(
        view, tuple(list_unreached(world, None, number)), tuple(_lost(world, view.campaign, rehearsal.begins))
    )


def _live_through(world: World, survey: Survey | None) -> None:
    """What the clock does in a day."""
    _end_surveys(world, survey)
    while look_after_campaigns(world):
        _end_surveys(world, survey)
    for look_after in _CHORES:
        while look_after(world):
            pass


def _end_surveys(world: World, last: Survey | None) -> None:
    """Every survey of all projects that runs is over at once, and saw what the last one saw."""
    with world.store.read() as tx:
        running = [survey for survey in tx.surveys.running() if not survey.project]
    for survey in running:
        if last is None:
            fail_survey(world, survey.id, "A rehearsal asks nothing outside.")
            continue
        after: str | None = ""
        while after is not None:
            after = _see_again(world, survey.id, last.id, after)
        finish_survey(world, survey.id)


def _see_again(world: World, survey_id: int, last_id: int, after: str) -> str | None:
    """What was seen of some more projects; the name of the last of them, ``None`` when there are no more."""
    with world.store.write() as tx:
        looks = list(tx.surveys.looks(last_id, after=after, limit=_READ_AT_ONCE))
        seen = [
            Seen(
                find_project(tx, look.project).id,
                look,
                tuple(one.link for one in tx.surveys.links(last_id, LinkFilter(project=look.project))),
            )
            for look in looks
        ]
        tx.surveys.put(survey_id, seen, waiting_hosts=0)
    return looks[-1].project if looks else None


def _more_told(before: CampaignView, after: CampaignView) -> dict[str, int]:
    counts = {step: count - before.told.get(step, 0) for step, count in sorted(after.told.items())}
    return {step: count for step, count in counts.items() if count}


def _more_settled(before: CampaignView, after: CampaignView) -> dict[Stand, int]:
    counts = {stand: after.of_stand(stand) - before.of_stand(stand) for stand in Stand}
    return {stand: count for stand, count in counts.items() if count and stand is not Stand.WAITING}


def _lost(world: World, campaign: Campaign, since: datetime) -> Iterator[Lost]:
    moved = EntrantFilter(stand=Stand.MOVED, group=Group.B)
    for piece in every_entrant(world, None, campaign.id, moved):
        with world.store.read() as tx:
            for entrant in piece:
                if entrant.changed_at is not None and entrant.changed_at >= since:
                    project = find_project(tx, entrant.project)
                    yield Lost(entrant.project, outside_files(tx, campaign, project))
