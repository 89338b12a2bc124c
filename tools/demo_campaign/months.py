"""The story, day by day: the campaign is announced, four months pass, people act, the day comes, and some act after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tools.demo_campaign.cast import Project
from tools.demo_campaign.index import BASE_URL, BEGIN, Index
from tools.demo_campaign.outside import Mail, Postbox, Sites
from tools.demo_campaign.people import People

from homeport.domain.campaign import Campaign, CampaignKind
from homeport.domain.hosting import HostingMode
from homeport.flows.campaign.manage import Draft, announce_campaign, draft_campaign, preview_campaign
from homeport.flows.campaign.show import Totals, preview_totals, show_campaign
from homeport.web.words import count

# The campaign is announced so many days ahead; group B is told again 90, 30 and 7 days before the day.
LEAD = 120
_AFTERWARDS = 18
_BYTES_CHANGE_ON, _A_SITE_CLOSES_ON = 45, 75
Told = Callable[[int, date, str], None]


@dataclass
class Months:
    """One campaign from its announcement to two weeks after it was reported; ``tell`` is given what happens."""

    index: Index
    sites: Sites
    box: Postbox
    projects: Sequence[Project]
    tell: Told
    received: list[tuple[int, Mail]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The people of the projects."""
        self.people = People(self.index, self.projects, LEAD)
        self._told: Mapping[str, int] = {}
        self._refused = 0

    @property
    def days(self) -> range:
        """The days of the story."""
        return range(LEAD + _AFTERWARDS + 1)

    def preview(self) -> tuple[Campaign, Totals]:
        """Drafted and previewed; what the preview said."""
        world, root = self.index.world, self.index.root
        draft = Draft(
            "Every file comes home",
            "Installing from here shall depend on no other server.",
            (BEGIN + timedelta(days=LEAD)).date(),
            f"{BASE_URL}/terms",
        )
        drafted = draft_campaign(world, root, CampaignKind.TO_ONLY, draft)
        previewed = preview_campaign(world, root, drafted.id)
        self.index.line.run()
        return previewed, preview_totals(world, root, drafted.id)

    def announce(self, previewed: Campaign) -> Campaign:
        """People are told from now on."""
        return announce_campaign(self.index.world, self.index.root, previewed.id)

    def live_through(self, day: int, campaign: Campaign) -> None:
        """One day: things happen outside, the clock does its work, mails are read, people act."""
        moment = BEGIN + timedelta(days=day)
        self.index.clock.go_on_to(moment)
        self._let_things_happen(day, moment)
        self._work(day)
        self.people.act(day)
        self._work(day, is_evening=True)
        now = show_campaign(self.index.world, None, campaign.id)
        for step in sorted(now.told):
            if more := now.told[step] - self._told.get(step, 0):
                self.tell(day, moment.date(), f"[bold]{more}[/bold] notices given: {_in_words(step)}")
        if refused := len(self.box.refused) - self._refused:
            self.tell(
                day, moment.date(), f"[yellow]{count(refused, 'mail')} came back: there is no such mailbox"
            )
            self._refused += refused
        if done := +self.people.diary.today:
            deeds = (count(number, *words) for words, number in sorted(done.items()))
            self.tell(day, moment.date(), ", ".join(deeds))
            self.people.diary.today.clear()
        if now.campaign.ended_at is not None and now.campaign.ended_at >= moment:
            self.tell(
                day, moment.date(), "[bold green]the campaign is over, and administrators have its report"
            )
        self._told = now.told

    def _work(self, day: int, *, is_evening: bool = False) -> None:
        """The worker's work; in the evening of the last day it does not come to what was agreed to just now."""
        if not is_evening:
            self.index.do_chores()
        elif day != LEAD - 1:
            self.index.line.run()
        self.index.send_mails()
        new = self.box.mails[len(self.received) :]
        self.received += [(day, mail) for mail in new]
        self.people.read(new, day)

    def _let_things_happen(self, day: int, moment: datetime) -> None:
        if day == _BYTES_CHANGE_ON:
            changed = [self.sites.change(project) for project in self.projects if project.changes]
            self.tell(
                day, moment.date(), f"[red]outside, these are other bytes now:[/red] {', '.join(changed)}"
            )
        if day == _A_SITE_CLOSES_ON:
            closed = self.sites.close()
            lost = [one for one in self.projects if one.is_outside and closed in self.sites.page_of(one)]
            waiting = sum(self.index.mode(one.name) is HostingMode.EXT for one in lost)
            told = f"{closed} is gone for good, and with it the files of {len(lost)} projects"
            self.tell(day, moment.date(), f"[red]{told}; {waiting} of them are pypi-ext still")


def _in_words(step: str) -> str:
    group, _, days = step.partition("-")
    return f"group {group}, {days} days before" if days else "the day has come"
