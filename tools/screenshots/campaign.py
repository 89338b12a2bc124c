"""An index that moves: pictures of its administration before a campaign, in the middle of it, and at its end.

People, sites and months are those of ``tools.demo_campaign``; what administrators look at besides is made here.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from starlette.applications import Starlette
from tools.demo_campaign.cast import Character, Project, draw_cast, people_of
from tools.demo_campaign.index import BASE_URL, Index, fill, running_index
from tools.demo_campaign.months import Months
from tools.demo_campaign.outside import Sites, postbox
from tools.screenshots.camera import Camera, Shot, both, camera
from tools.screenshots.outside import PLAIN_PORT

from homeport.domain.account import Caller
from homeport.domain.campaign import Campaign, CampaignKind
from homeport.domain.consent import Hosted
from homeport.domain.drift import DriftPolicy
from homeport.domain.hosting import HostingMode
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.domain.proposal import Act, Deed
from homeport.flows.campaign.manage import Draft, draft_campaign
from homeport.flows.drift.run import look_at_project
from homeport.flows.exemptions import extend_exemption
from homeport.flows.freeze import freeze
from homeport.flows.manners.hosts import freeze_host, rest_host
from homeport.flows.membership import grant_role, invite
from homeport.flows.organisation_people import invite_to_organisation
from homeport.flows.organisations import create_organisation
from homeport.flows.policies import change_policy
from homeport.flows.proposals import propose
from homeport.flows.rehost.review import list_rehosts
from homeport.flows.rehost.start import start_plan
from homeport.flows.rehost.withdraw import withdraw
from homeport.flows.sessions import open_session
from homeport.flows.sign_in import add_user, find_user
from homeport.flows.standing_consents import StandingWish, give_consent
from homeport.flows.survey.start import start_survey_of_all
from homeport.ports.world import World
from homeport.web.app import web_routes

_PROJECTS = 200
# Two reminders were given, the last one was not. Some files are gone since a few days.
_FILES_GO, _UNDER_WAY = 97, 100
_LOST = 6


@dataclass(frozen=True)
class Office:
    """The index of the demonstration, and ada, who has administered it since the campaign was announced."""

    index: Index
    sites: Sites
    projects: Sequence[Project]
    world: World
    ada: Caller
    lens: Camera

    @property
    def today(self) -> date:
        """The day of the story."""
        return self.world.clock.now().date()

    def sign_in(self) -> None:
        """Ada shows who she is again: the months of a story outlast sessions."""
        self.lens.sign_in(open_session(self.world, self.ada.user))

    def of(self, character: Character, mode: HostingMode) -> Iterator[Project]:
        """Projects of people of that character that are in that mode."""
        for project in self.projects:
            if project.owner.character is character and self.index.mode(project.name) is mode:
                yield project


def tell_of_campaign(folder: Path) -> None:
    """All four months."""
    projects = draw_cast(_PROJECTS)
    nobody = frozenset(person.email for person in people_of(projects) if person.character is Character.GONE)
    with ExitStack() as running:
        box = running.enter_context(postbox(nobody))
        index = running.enter_context(running_index(folder, box.port))
        sites = Sites(projects, running, PLAIN_PORT)
        fill(index, projects, sites.page_of)
        # Whoever publishes begins to watch; who looks, and when, is said here.
        world = index.line.world = replace(index.world, drift=DriftPolicy())
        lens = running.enter_context(camera(world.base_url, Starlette(routes=web_routes(world))))
        office = Office(index, sites, projects, world, _add_ada(world), lens)
        months = Months(index, sites, box, projects, _tell_nobody)
        previewed, _ = months.preview()
        _previewed(office, previewed)
        campaign = months.announce(previewed)
        for day in months.days:
            months.live_through(day, campaign)
            if day == _FILES_GO:
                _lose_files(office)
            if day == _UNDER_WAY:
                _under_way(office, campaign)
        office.sign_in()
        both(lens, "campaign-report", campaign.path)


def _tell_nobody(_day: int, _on: date, _what: str) -> None:
    """What happens is in the pictures."""


def _add_ada(world: World) -> Caller:
    ada = add_user(world, "ada", "ada@people.example", None, is_admin=True)
    with world.store.write() as tx:
        tx.users.put_email(ada.id, ada.email, verified_at=world.clock.now())
    return Caller(find_user(world, ada.name))


def _lose_files(office: Office) -> None:
    """Of files that came home, and of files that did not."""
    for character, mode in ((Character.PROMPT, HostingMode.CACHE), (Character.SILENT, HostingMode.EXT)):
        for project in list(office.of(character, mode))[1 : 1 + _LOST]:
            office.sites.lose(project)
            if mode is HostingMode.CACHE:
                look_at_project(office.world, office.index.by(project.owner), project.name)


def _previewed(office: Office, campaign: Campaign) -> None:
    """Whom it is about, what it would do, and the very mails."""
    office.sign_in()
    first = sorted(project.name for project in office.projects if not project.is_outside)[-6]
    both(office.lens, "campaign-preview", f"{campaign.path}preview/?after={first}")
    one = next(project for project in office.projects if len(project.files) > 1 and project.is_outside)
    both(office.lens, "campaign-mails", f"{campaign.path}preview/{one.name}/")


def _under_way(office: Office, campaign: Campaign) -> None:
    """The administration, with something in every block of it; and the inbox of an administrator who has projects, too."""
    _let_things_happen(office)
    _decide(office)
    _leave_to_ada(office)
    office.sign_in()
    lens = office.lens
    both(lens, "dashboard", "/admin/?days=365")
    lens.take(Shot("dashboard-dark", "/admin/?days=365", is_dark=True))
    both(lens, "campaigns", "/admin/campaigns/")
    both(lens, "campaign", campaign.path)
    both(lens, "exemptions", "/admin/exemptions/?standing=dated")
    both(lens, "policies", "/admin/policies/", height=2200)
    both(lens, "frozen", "/admin/frozen/")
    both(lens, "mails", "/admin/mails/")
    both(lens, "hosting-log", "/hosting-log/", height=1200)
    both(lens, "inbox", "/manage/", height=1200)
    both(lens, "notice-choices", "/account/notices/")
    one = next(office.of(Character.SECOND, HostingMode.EXT))
    lens.sign_in(open_session(office.world, office.index.by(one.owner).user))
    both(lens, "modes", f"/manage/projects/{one.name}/", part="#modes")


def _let_things_happen(office: Office) -> None:
    """A survey that sees what became of the sites, places that changed, hosts that rest and are frozen."""
    world, index = office.world, office.index
    start_survey_of_all(world, index.root)
    index.line.run()
    for project in list(office.of(Character.PROMPT, HostingMode.CACHE))[1 : 1 + _LOST]:
        look_at_project(world, index.by(project.owner), project.name)
    rest_host(world, office.ada, office.sites.places[2].authority, world.clock.now() + timedelta(hours=3))
    freeze_host(
        world, office.ada, "downloads.example.org", "Its domain was sold, and shows advertisements now."
    )
    for project in list(office.of(Character.EVE, HostingMode.EXT))[:3]:
        start_plan(world, index.by(project.owner), project.name)
    index.line.run()


def _decide(office: Office) -> None:
    """What administrators decide: exemptions that end soon, files that are frozen, a policy, the next campaign."""
    world, ada = office.world, office.ada
    asked = (
        "Its files are on disks that come in spring.",
        "A university's archive moves.",
        "A lawyer reads its license.",
    )
    silent = office.of(Character.SILENT, HostingMode.EXT)
    for weeks, (why, project) in enumerate(zip(asked, silent, strict=False), 1):
        extend_exemption(world, ada, project.name, office.today + timedelta(weeks=weeks), why)
    virus, lawyer, *_ = (project.name for project in office.projects if not project.is_outside)
    files = f"{virus}-1.0.tar.gz"
    freeze(world, ada, virus, "1.0", filename=files, reason="A scanner found a virus in its tests.")
    freeze(world, ada, lawyer, "1.0", reason="A lawyer wrote: it holds somebody's address book.")
    changes = {"two_to_unfreeze": "yes", "two_to_delete": "yes", "frozen_status": "451"}
    change_policy(world, ada, changes, "Nobody decides alone what is read again.")
    deed = Deed(Act.UNFREEZE, virus, "1.0", (files,))
    propose(world, office.index.root, deed, "It was a false alarm: the scanner's maker says so.")
    draft = Draft(
        "Uploads only",
        "Releases are uploaded by who makes them.",
        office.today + timedelta(days=200),
        f"{BASE_URL}/terms",
    )
    draft_campaign(world, ada, CampaignKind.PHASE_OUT, draft)


def _leave_to_ada(office: Office) -> None:
    """Roles in projects of which each waits for something else, and invitations."""
    world, index, ada = office.world, office.index, office.ada.user.name
    prompt, second, *_ = office.of(Character.PROMPT, HostingMode.CACHE)
    planned, *_ = office.of(Character.EVE, HostingMode.EXT)
    exempt = next(one for one in office.of(Character.SILENT, HostingMode.EXT))
    for project in (prompt, planned, exempt):
        grant_role(world, index.by(project.owner), project.name, ada, Role.OWNER)
    soon = StandingWish(until=office.today + timedelta(days=20))
    give_consent(world, index.by(prompt.owner), prompt.name, soon)
    invite(world, index.by(second.owner), second.name, ada, Role.MAINTAINER)
    create_organisation(world, index.root, "larks", "Friends of larks")
    invite_to_organisation(world, index.root, "larks", ada, OrganisationRole.MEMBER)
    by = index.by(second.owner)
    rehost = list_rehosts(world, by, second.name)[0]
    withdraw(world, by, rehost.id, Hosted.ASK_REMOVAL, "Its author wishes to publish elsewhere.")
