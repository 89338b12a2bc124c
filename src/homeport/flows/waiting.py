"""What waits for a person: each thing once, with the one page where it is answered.

1. It is computed when it is looked at, from what is so at that moment: nothing is stored that could go stale.
2. Every look-up is an indexed one, by the person or by the projects that they maintain, and looks for all of them at once:
   whoever keeps an organisation may maintain a thousand.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from homeport.domain.account import Caller, User
from homeport.domain.campaign import Campaign, Entrant, day_of
from homeport.domain.exemption import Exemption
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.rehost import Rehost, State
from homeport.domain.standing_consent import StandingConsent
from homeport.ports.store import Transaction
from homeport.ports.world import World

_SOON = timedelta(days=30)
_DRIFT_SHOWN = timedelta(days=7)
_PLANS = {
    State.PLANNED: ("Plan {id} waits for your review", "Review"),
    State.PARTLY_PUBLISHED: ("Rehost {id}: some files could not be hosted yet", "Look"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing: ``what`` it is about, what is to be decided, where; ``until`` is when it is too late."""

    what: str
    sentence: str
    path: str
    action: str
    until: date | None = None


def show_waiting(world: World, caller: Caller) -> tuple[Waiting, ...]:
    """Everything that waits for the caller: what is urgent first, then in the order of their projects."""
    user, now = caller.user, world.clock.now()
    with world.store.read() as tx:
        there = [*_of_person(tx, user, now)]
        there += _of_projects(tx, tx.projects.of_user(user.id), now)
        if user.is_admin:
            there += _of_administrators(tx, user, now)
    return tuple(sorted(there, key=_urgency))


def _of_person(tx: Transaction, user: User, now: datetime) -> Iterator[Waiting]:
    if user.mail_problem:
        yield Waiting("Your e-mail address takes no mail", user.mail_problem, "/account/", "Put it right")
    elif tx.mails.are_sent and not user.is_verified:
        sentence = "Until you have shown that you read it, no notice is mailed there."
        yield Waiting("Your e-mail address is not verified", sentence, "/account/", "Verify it")
    for one in tx.invitations.of_user(user.id, now):
        sentence = f"{one.invited_by} invites you as {one.role}"
        yield Waiting(one.project.display, sentence, f"/invitations/{one.id}", "Answer", _day(one.expires_at))
    for asked in tx.organisation_invitations.of_user(user.id, now):
        sentence = f"{asked.invited_by} invites you into the organisation as {asked.role}"
        yield Waiting(
            asked.organisation.display_name,
            sentence,
            "/manage/organisations/",
            "Answer",
            _day(asked.expires_at),
        )


def _of_projects(tx: Transaction, projects: Sequence[Project], now: datetime) -> Iterator[Waiting]:
    ids = {project.id for project in projects}
    plans: dict[str, list[Rehost]] = {}
    for rehost in tx.rehosts.open_of(ids):
        plans.setdefault(rehost.project, []).append(rehost)
    campaigns: dict[int, list[tuple[Campaign, Entrant]]] = {}
    for campaign, entrant in tx.campaigns.waiting_of(ids):
        campaigns.setdefault(entrant.project_id, []).append((campaign, entrant))
    exemptions = tx.exemptions.live_of(_ids_in(projects, HostingMode.EXT))
    consents = tx.standing_consents.of_projects(_ids_in(projects, HostingMode.CACHE))
    drifted = tx.watches.told_since(ids, now - _DRIFT_SHOWN)
    for project in projects:
        name, page = project.name.display, _page_of(project)
        for rehost in plans.get(project.name.normalized, ()):
            if rehost.state in _PLANS:
                sentence, action = _PLANS[rehost.state]
                yield Waiting(name, sentence.format(id=rehost.id), f"/manage/rehosts/{rehost.id}", action)
        yield from _leaves_mode(project, exemptions.get(project.id), campaigns.get(project.id, ()), now)
        if standing := consents.get(project.id):
            yield from _consent_ends(project, standing, now)
        if lately := drifted.get(project.id):
            sentence = f"{lately} {'thing' if lately == 1 else 'things'} changed where its files came from, within a week"
            yield Waiting(name, sentence, f"{page}#origins", "Look")


def _page_of(project: Project) -> str:
    return f"/manage/projects/{project.name.normalized}/"


def _ids_in(projects: Sequence[Project], mode: HostingMode) -> Collection[int]:
    return {project.id for project in projects if project.mode is mode}


def _leaves_mode(
    project: Project,
    exemption: Exemption | None,
    campaigns: Iterable[tuple[Campaign, Entrant]],
    now: datetime,
) -> Sequence[Waiting]:
    """What ends its hosting mode first: what else would leaves the same to be decided, on the same page."""
    ends = [one for told in campaigns for one in _moves(project, *told)]
    if exemption:
        ends += _exemption_ends(project, exemption, now)
    return sorted(ends, key=_urgency)[:1]


def _urgency(one: Waiting) -> date:
    return one.until or date.max


def _moves(project: Project, campaign: Campaign, entrant: Entrant) -> Iterator[Waiting]:
    """The move that a campaign announced, on the day that this project has.

    What a quarantine kept from a campaign that is over has no day before its people are told of one.
    """
    is_held = project.status is ProjectStatus.QUARANTINED or not entrant.told
    if project.mode is campaign.kind.source and (campaign.state.is_open or not is_held):
        sentence = f"The campaign “{campaign.title}” will change its hosting mode"
        day = day_of(campaign, entrant)
        yield Waiting(project.name.display, sentence, _page_of(project), "Decide", day)


def _exemption_ends(project: Project, exemption: Exemption, now: datetime) -> Iterator[Waiting]:
    if exemption.until and exemption.until <= _day(now + _SOON):
        sentence = "Its exemption ends: bring its files home before"
        yield Waiting(project.name.display, sentence, _page_of(project), "Decide", exemption.until)


def _consent_ends(project: Project, standing: StandingConsent, now: datetime) -> Iterator[Waiting]:
    if standing.withdrawn_at is None and now < standing.expires_at <= now + _SOON:
        sentence = "Its standing consent ends: registered releases bring no files home then"
        yield Waiting(project.name.display, sentence, _page_of(project), "Renew", standing.ends_on)


def _of_administrators(tx: Transaction, user: User, now: datetime) -> Iterable[Waiting]:
    for proposal in tx.proposals.open(now):
        if proposal.user_id != user.id:
            sentence = f"{proposal.asked_by} proposes it, because: {proposal.reason}"
            yield Waiting(
                proposal.deed.sentence, sentence, "/admin/proposals/", "Decide", _day(proposal.expires_at)
            )
    for request in tx.removal_requests.waiting():
        sentence = f"{request.asked_by} asks to remove {len(request.filenames)} files"
        yield Waiting(request.project, sentence, "/admin/removals/", "Answer")
    if unreachable := len(tx.users.unreachable(limit=100)):
        sentence = f"{unreachable} {'address takes' if unreachable == 1 else 'addresses take'} no mail"
        yield Waiting("People to be reached otherwise", sentence, "/admin/mails/", "Look")


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
