"""Campaigns as the database remembers them: one row for a campaign, one for each project in it, one for each notice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from homeport.domain.campaign import Campaign, CampaignKind, Entrant, GivenNotice, Group, Stand
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project


@dataclass(frozen=True, slots=True)
class EntrantFilter:
    """Which projects of a campaign are asked for; what is empty leaves nothing out.

    ``project`` is in PEP 503 form, ``after`` is such a name too: those that follow it are asked for.
    """

    project: str = ""
    stand: Stand | None = None
    group: Group | None = None
    after: str = ""


class Campaigns(Protocol):
    """Campaigns, the projects in them, and who was told what."""

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
        """A new draft."""
        ...

    def put(self, campaign: Campaign) -> None:
        """Store everything that changes of a campaign."""
        ...

    def find(self, campaign_id: int) -> Campaign | None:
        """The campaign of that id."""
        ...

    def every(self, *, before: int = 0, limit: int) -> Sequence[Campaign]:
        """Campaigns, newest first; ``before`` is the id of one, 0 for the newest."""
        ...

    def running(self) -> Sequence[Campaign]:
        """Those with which the clock may have something to do, oldest first; paused ones are none."""
        ...

    def open(self, kind: CampaignKind) -> Campaign | None:
        """The campaign of that kind that was announced and is not over, paused or not."""
        ...

    def candidates(self, mode: HostingMode, *, after: str = "", limit: int) -> Sequence[Project]:
        """Projects in that mode, quarantined and private ones too, by PEP 503 form; those after ``after``."""
        ...

    def enrol(self, campaign_id: int, mode: HostingMode, *, due_on: date) -> int:
        """Take every project in that mode in that is not in it yet; how many that were."""
        ...

    def comes_late(self, campaign_id: int, mode: HostingMode) -> bool:
        """True when a project in that mode is not in it yet, which :meth:`enrol` would take in."""
        ...

    def entrant(self, campaign_id: int, project_id: int) -> Entrant | None:
        """How a project stands in a campaign."""
        ...

    def put_entrant(self, entrant: Entrant) -> None:
        """Store how a project stands."""
        ...

    def entrants(self, campaign_id: int, wanted: EntrantFilter, *, limit: int) -> Sequence[Entrant]:
        """The projects of a campaign that are asked for, by name."""
        ...

    def due(self, campaign_id: int, today: date, *, limit: int) -> Sequence[Entrant]:
        """The projects that the clock looks at now, the most urgent first.

        Quarantined ones wait: quarantine stops every move.
        """
        ...

    def wake(self, campaign_id: int, today: date) -> None:
        """Let the clock look at every project that waits."""
        ...

    def soonest(self, campaign_id: int) -> date | None:
        """The day on which a project of the campaign is due next, quarantined ones left out."""
        ...

    def counts(self, campaign_id: int) -> Mapping[tuple[Stand, Group], int]:
        """How many projects stand how, by group."""
        ...

    def waiting_of(self, project_ids: Collection[int]) -> Sequence[tuple[Campaign, Entrant]]:
        """The campaigns that these projects wait in, oldest first: open ones, and reported ones that a quarantine outlasted."""
        ...

    def give_notice(self, campaign_id: int, project_id: int, user_id: int, given: GivenNotice) -> bool:
        """Remember that a person is told; False when they were told of this step of this project already."""
        ...

    def unreached(self, campaign_id: int, *, after: str = "", limit: int) -> Sequence[GivenNotice]:
        """The last notice of each person and project that no mail carries to them, by project and person.

        A mail server may have said so after the mail was written.

        ``after`` is a project's name: those that follow it are asked for.
        """
        ...

    def count_unreached(self, campaign_id: int) -> int:
        """How many :meth:`unreached` there are."""
        ...

    def told(self, campaign_id: int) -> Mapping[str, int]:
        """How many notices were given, by step."""
        ...
