"""Campaigns are looked at by administrators: the list, a preview with the very mails, and what became of every project.

1. A preview reads and writes nothing: it is made by what the clock itself decides and writes with.
2. What only administrators see of a project, that it is private or quarantined, they see here, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.campaign import (
    Campaign,
    CampaignKind,
    CampaignState,
    Entrant,
    GivenNotice,
    Group,
    Stand,
    Told,
    announced,
    day_of,
    decide,
)
from homeport.domain.campaign_revision import counted_revision
from homeport.domain.errors import NotFound, Refusal
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.rights import require_admin
from homeport.domain.survey import Survey
from homeport.flows.campaign.facts import (
    Elsewhere,
    OutsideFile,
    comes_home_after,
    maintainers,
    outside_files,
    seen_of,
    why_no_mail,
)
from homeport.flows.campaign.letters import moved_notice, step_notice
from homeport.flows.campaign.manage import find_campaign
from homeport.flows.campaign.surveying import shown_survey, survey_of
from homeport.flows.manage_project import find_project
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it stands.

    ``counts`` are its projects by stand and group, ``told`` its notices by step; ``soonest`` is the day on which the
    clock does something next; ``unreached`` counts the people whom no mail reaches, by project. ``survey`` is what it asked
    for last, ``counted_by`` the one by which its preview counts.
    """

    campaign: Campaign
    counts: Mapping[tuple[Stand, Group], int]
    told: Mapping[str, int]
    soonest: date | None
    unreached: int
    survey: Survey | None
    counted_by: Survey | None

    @property
    def revision(self) -> str:
        """What to name when deciding about what is shown here."""
        return counted_revision(self.campaign, self.counted_by.id if self.counted_by else 0)

    @property
    def is_counted(self) -> bool:
        """True when it is known which files lie elsewhere, so that groups are no guesses."""
        return self.campaign.kind is not CampaignKind.TO_ONLY or self.counted_by is not None

    def of_stand(self, stand: Stand) -> int:
        """How many projects stand so."""
        return sum(self.counts.get((stand, group), 0) for group in Group)

    @property
    def projects(self) -> int:
        """How many projects are in it."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a campaign would do with one project, were it announced now.

    ``stand`` is how it would stand: ``waiting`` for its day, or ``exempt``. ``unreached`` are people whom no mail
    reaches, with why; ``people`` counts everybody who maintains it.
    """

    project: str
    group: Group
    stand: Stand
    files: tuple[OutsideFile, ...]
    why: str
    is_quarantined: bool
    people: int
    unreached: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Some projects by name; ``after`` asks for those that follow, and is empty when there are none."""

    candidates: tuple[Candidate, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Totals:
    """All candidates added up; ``unreached`` counts each person once for each project."""

    group_a: int = 0
    group_b: int = 0
    exempt: int = 0
    quarantined: int = 0
    files: int = 0
    people: int = 0
    unreached: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """The mails that the people of one project would get, each with its day; ``name`` is the project's."""

    name: ProjectName
    candidate: Candidate
    mails: tuple[tuple[date, Notice], ...]


@dataclass(frozen=True, slots=True)
class Entrants:
    """Some projects of a campaign by name; ``after`` as in :class:`Candidates`."""

    entrants: Sequence[Entrant]
    after: str


def list_campaigns(world: World, caller: Caller | None, *, before: int = 0) -> Sequence[Campaign]:
    """Campaigns, newest first, a page of them; ``caller`` is ``None`` for the index's own shell (ADR 0004)."""
    _require_right(caller)
    with world.store.read() as tx:
        return tx.campaigns.every(before=before, limit=PAGE_LENGTH)


def every_campaign(world: World, caller: Caller) -> Iterator[Sequence[Campaign]]:
    """All of :func:`list_campaigns`, in pieces."""
    _require_right(caller)
    return pieces(
        world,
        lambda tx, before: tx.campaigns.every(before=before, limit=AT_ONCE),
        lambda one: one.id,
        0,
    )


def show_campaign(world: World, caller: Caller | None, campaign_id: int) -> CampaignView:
    """One campaign, with its report as far as it is."""
    _require_right(caller)
    with world.store.read() as tx:
        campaign = find_campaign(tx, campaign_id)
        return CampaignView(
            campaign,
            tx.campaigns.counts(campaign_id),
            tx.campaigns.told(campaign_id),
            tx.campaigns.soonest(campaign_id),
            tx.campaigns.count_unreached(campaign_id),
            survey_of(tx, campaign),
            shown_survey(tx, campaign),
        )


def list_entrants(world: World, caller: Caller | None, campaign_id: int, wanted: EntrantFilter) -> Entrants:
    """The projects of a campaign, a page at a time."""
    _require_right(caller)
    with world.store.read() as tx:
        find_campaign(tx, campaign_id)
        found = tx.campaigns.entrants(campaign_id, wanted, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return Entrants(shown, shown[-1].project if len(found) > PAGE_LENGTH else "")


def every_entrant(
    world: World, caller: Caller | None, campaign_id: int, wanted: EntrantFilter
) -> Iterator[Sequence[Entrant]]:
    """All of :func:`list_entrants`, in pieces."""
    _require_right(caller)
    page = list_entrants(world, caller, campaign_id, wanted)

    def pieces() -> Iterator[Sequence[Entrant]]:
        found = page
        yield found.entrants
        while found.after:
            following = EntrantFilter(wanted.project, wanted.stand, wanted.group, found.after)
            found = list_entrants(world, caller, campaign_id, following)
            yield found.entrants

    return pieces()


def list_unreached(
    world: World, caller: Caller | None, campaign_id: int, *, limit: int | None = None
) -> Sequence[GivenNotice]:
    """Who is to be reached otherwise than by mail, by project, with why; all of them, or the first ``limit``."""
    _require_right(caller)
    with world.store.read() as tx:
        find_campaign(tx, campaign_id)
        return tx.campaigns.unreached(campaign_id, limit=limit or tx.campaigns.count_unreached(campaign_id))


def preview_totals(world: World, caller: Caller | None, campaign_id: int) -> Totals:
    """What a campaign would do, added up."""
    _require_right(caller)
    totals = Totals()
    after = ""
    while True:
        page = preview_candidates(world, caller, campaign_id, after=after)
        for one in page.candidates:
            is_in = one.stand is Stand.WAITING
            totals = Totals(
                totals.group_a + (is_in and one.group is Group.A),
                totals.group_b + (is_in and one.group is Group.B),
                totals.exempt + (one.stand is Stand.EXEMPT),
                totals.quarantined + one.is_quarantined,
                totals.files + (len(one.files) if is_in else 0),
                totals.people + (one.people if is_in else 0),
                totals.unreached + (len(one.unreached) if is_in else 0),
            )
        if not page.after:
            return totals
        after = page.after


def preview_candidates(
    world: World, caller: Caller | None, campaign_id: int, *, after: str = ""
) -> Candidates:
    """What a campaign would do with each project, a page at a time."""
    _require_right(caller)
    with world.store.read() as tx:
        campaign = _as_shown(tx, find_campaign(tx, campaign_id), world.clock.now())
        found = tx.campaigns.candidates(campaign.kind.source, after=after, limit=PAGE_LENGTH + 1)
        shown = found[:PAGE_LENGTH]
        candidates = tuple(_candidate(tx, campaign, project) for project in shown)
    return Candidates(candidates, shown[-1].name.normalized if len(found) > PAGE_LENGTH else "")


def preview_mails(world: World, caller: Caller | None, campaign_id: int, name: str) -> Sample:
    """The very mails that the people of one project would get, were it announced now and nothing changed after that."""
    _require_right(caller)
    now = world.clock.now()
    with world.store.read() as tx:
        campaign = _as_shown(tx, find_campaign(tx, campaign_id), now)
        project = find_project(tx, name)
        if project.mode is not campaign.kind.source:
            raise NotFound(
                f"{project.name} is {project.mode}: this campaign is not about it.", code="not-in-campaign"
            )
        candidate = _candidate(tx, campaign, project)
        elsewhere = Elsewhere(candidate.files, comes_home_after(tx, campaign, campaign.day))
        mails = tuple(_mails(world, campaign, project, candidate.group, elsewhere, now))
    return Sample(project.name, candidate, mails if candidate.stand is Stand.WAITING else ())


def _require_right(caller: Caller | None) -> None:
    if caller is not None:
        require_admin(caller)


def _as_shown(tx: Transaction, campaign: Campaign, now: datetime) -> Campaign:
    """The campaign as it would be announced, with what lies outside as the last whole survey saw it."""
    shown = shown_survey(tx, campaign)
    return _as_announced(replace(campaign, survey_id=shown.id) if shown else campaign, now)


def _as_announced(campaign: Campaign, now: datetime) -> Campaign:
    """The campaign as it would be, were it announced now; as if in time, where its day is too near for that."""
    if campaign.state not in {CampaignState.DRAFT, CampaignState.PREVIEWED}:
        return campaign
    ready = Campaign(
        campaign.id,
        campaign.kind,
        campaign.title,
        campaign.reason,
        campaign.day,
        campaign.notices,
        campaign.terms_url,
        CampaignState.PREVIEWED,
        campaign.by,
        campaign.at,
        survey_id=campaign.survey_id,
    )
    try:
        return announced(ready, now)
    except Refusal:
        in_time = datetime.combine(campaign.day - timedelta(days=campaign.notices[0]), time(), now.tzinfo)
        return announced(ready, in_time)


def _candidate(tx: Transaction, campaign: Campaign, project: Project) -> Candidate:
    files = outside_files(tx, campaign, project)
    new = Entrant(campaign.id, project.id, project.name.normalized)
    seen = seen_of(tx, campaign, new, project, files)
    decided = decide(campaign, new, seen, campaign.day).entrant
    people = maintainers(tx, project)
    problems = ((user.name, why_no_mail(tx, user)) for user in people)
    return Candidate(
        project.name.normalized,
        decided.group,
        decided.stand,
        files,
        decided.why,
        project.status is ProjectStatus.QUARANTINED,
        len(people),
        tuple((name, problem) for name, problem in problems if problem),
    )


def _mails(
    world: World,
    campaign: Campaign,
    project: Project,
    group: Group,
    elsewhere: Elsewhere,
    now: datetime,
) -> Iterator[tuple[date, Notice]]:
    """What the clock writes on each day, by its own decisions."""
    entrant, told = Entrant(campaign.id, project.id, project.name.normalized), list[Told]()
    for days in campaign.steps(group):
        told.append(Told(group, days, campaign.day - timedelta(days=days)))
        entrant = Entrant(campaign.id, project.id, project.name.normalized, group, told=tuple(told))
        notice = step_notice(
            campaign,
            project,
            elsewhere,
            told[-1],
            day_of(campaign, entrant),
            is_first=len(told) == 1,
            base_url=world.base_url,
            at=now,
        )
        yield told[-1].on, notice
    yield (
        campaign.day,
        moved_notice(campaign, project, elsewhere, base_url=world.base_url, at=now),
    )
