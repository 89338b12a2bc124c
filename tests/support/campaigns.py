"""A campaign that is played: projects with owners, links elsewhere, a clock that looks every day, surveys that end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.support.invariants import broken
from tests.support.world import Fakes, add_person, drop_jobs, fake_world

from homeport.domain.account import Caller
from homeport.domain.campaign import Campaign, CampaignKind, Entrant, Stand
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.domain.survey import look_of
from homeport.domain.survey_report import report_of
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.manage import Draft, announce_campaign, draft_campaign, preview_campaign
from homeport.flows.manage_project import create_project
from homeport.flows.move_project import Said, move_project
from homeport.flows.render_pages import render_project
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.surveys import Seen
from homeport.ports.world import World

DAY = timedelta(days=1)
TERMS = "https://index.test/terms"


@dataclass
class Play:
    """One world with one administrator; ``found`` is what surveys see of a project, by its name."""

    fakes: Fakes
    root: Caller
    projects: dict[str, Project] = field(default_factory=dict)
    found: dict[str, Seen] = field(default_factory=dict)
    finishes_surveys: bool = True

    @property
    def world(self) -> World:
        """The world it takes place in."""
        return self.fakes.world

    @property
    def now(self) -> datetime:
        """The moment of the clock."""
        return self.fakes.clock.now()

    def add(self, name: str, *links: str, mode: HostingMode = HostingMode.EXT) -> Project:
        """A project with an owner of its own; in ``pypi-ext`` by an exemption without an end, and with these links."""
        owner = add_person(self.world, f"owner-of-{name}")
        if mode is HostingMode.EXT:
            project = create_project(self.world, owner, name, HostingMode.ONLY)
            self._let_list(project, links)
        else:
            project = create_project(self.world, owner, name, mode)
        self.projects[name] = project
        return project

    def _let_list(self, project: Project, links: tuple[str, ...]) -> None:
        with self.world.store.write() as tx:
            until = (self.now + 9 * DAY).date()
            said = Said(Mover.ADMIN, "root", "Since ever.", until)
            moved, serial = move_project(tx, project, HostingMode.EXT, said, self.now)
            exemption = tx.exemptions.live(project.id)
            if exemption is None:
                raise AssertionError("the move gave an exemption")
            # As those are that are older than the rule that there is an end.
            tx.exemptions.put(replace(exemption, until=None))
            self.put_links(tx, project, links)
            render_project(tx, moved, serial)

    @staticmethod
    def put_links(tx: Transaction, project: Project, links: tuple[str, ...]) -> None:
        """Record links of these names."""
        tx.outside.put_links(
            project.id,
            [
                ExternalLink(
                    project.name.normalized,
                    ReleaseVersion.parse_legacy("1.0"),
                    link,
                    f"https://files.test/{link}",
                    "https://files.test/",
                )
                for link in links
            ],
        )

    def owner(self, name: str) -> Caller:
        """The owner of a project."""
        with self.world.store.read() as tx:
            user = tx.users.by_name(f"owner-of-{name}")
        if user is None:
            raise AssertionError(f"{name} has no owner")
        return Caller(user)

    def announce(
        self, kind: CampaignKind = CampaignKind.TO_ONLY, ahead: int = 90, *, finishes_surveys: bool = True
    ) -> date:
        """Draft, preview and announce; today."""
        self.finishes_surveys = finishes_surveys
        today = self.now.date()
        made = draft_campaign(self.world, self.root, kind, Draft("Home", "Why.", today + ahead * DAY, TERMS))
        preview_campaign(self.world, self.root, made.id)
        self.finish_surveys()
        announce_campaign(self.world, self.root, made.id)
        return today

    def pass_days(self, days: int, *, looks: bool = True) -> None:
        """Let the clock look now, and on each day that passes."""
        self.look(looks=looks)
        for _ in range(days):
            self.fakes.clock.advance(DAY)
            self.look(looks=looks)

    def pass_hours(self, hours: int) -> None:
        """The same by hours."""
        self.look()
        for _ in range(hours):
            self.fakes.clock.advance(timedelta(hours=1))
            self.look()

    def look(self, *, looks: bool = True) -> None:
        """Let the clock look until it has nothing to do; surveys that it begins are finished."""
        while looks and look_after_campaigns(self.world):
            self.finish_surveys()

    def finish_surveys(self) -> None:
        """Every survey that runs sees what is ``found``, and is finished."""
        if not self.finishes_surveys:
            return
        drop_jobs(self.fakes)
        with self.world.store.write() as tx:
            for survey in tx.surveys.running():
                seen = [
                    self.found.get(name) or Seen(project.id, look_of(name, [], [], at=self.now))
                    for name, project in self.projects.items()
                ]
                tx.surveys.put(survey.id, seen, waiting_hosts=0)
                tx.surveys.finish(survey.id, report_of([one.look for one in seen], []), self.now)

    def notices(self, who: str) -> list[Notice]:
        """What a person was told by campaigns, oldest first."""
        with self.world.store.read() as tx:
            user = tx.users.by_name(who)
            if user is None:
                raise AssertionError(f"there is no {who}")
            found = tx.notices.of_user(user.id, limit=999)
        return [one for one in reversed(found) if one.kind.startswith("campaign-")]

    def told(self, who: str) -> list[tuple[date, str]]:
        """The same as days and kinds."""
        return [(one.at.date(), one.kind) for one in self.notices(who)]

    def mode(self, name: str) -> HostingMode:
        """The mode of a project."""
        with self.world.store.read() as tx:
            project = tx.projects.find(name)
        if project is None:
            raise AssertionError(f"there is no {name}")
        return project.mode

    def page(self, name: str) -> bytes:
        """The HTML page of a project."""
        return self.fakes.store.committed.pages[name, "html"].bodies["identity"]

    def campaign(self) -> Campaign:
        """The newest campaign."""
        with self.world.store.read() as tx:
            return tx.campaigns.every(limit=1)[0]

    def entrant(self, name: str) -> Entrant:
        """How a project stands in it."""
        with self.world.store.read() as tx:
            found = tx.campaigns.entrant(self.campaign().id, self.projects[name].id)
        if found is None:
            raise AssertionError(f"{name} is not in it")
        return found

    def stand(self, name: str) -> Stand:
        """The same in a word."""
        return self.entrant(name).stand


@contextmanager
def begin_play(folder: Path) -> Iterator[Play]:
    """A play; at its end every invariant holds, and no work is left that nobody expected."""
    with fake_world(folder) as fakes:
        play = Play(fakes, Caller(add_person(fakes.world, "root", is_admin=True)))
        yield play
        drop_jobs(fakes)
        if problems := broken(fakes):
            raise AssertionError("; ".join(problems))
