"""Campaigns in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from tests.support.fake_tables import Tables

from homeport.domain.campaign import Campaign, CampaignKind, CampaignState, Entrant, GivenNotice, Group, Stand
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, ProjectStatus
from homeport.ports.campaigns import EntrantFilter


class FakeCampaigns:
    """``ports.campaigns.Campaigns``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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
        number = self._tables.fresh_id("campaigns")
        state = CampaignState.DRAFT
        new = Campaign(number, kind, title, reason, day, tuple(notices), terms_url, state, by, at)
        self._tables.campaigns[number] = new
        return new

    def put(self, campaign: Campaign) -> None:
        """See the port."""
        there = self.open(campaign.kind)
        if campaign.state.is_open and there is not None and there.id != campaign.id:
            raise Conflict(f"Another {campaign.kind} campaign is not over yet.", code="campaign-open")
        self._tables.campaigns[campaign.id] = campaign

    def find(self, campaign_id: int) -> Campaign | None:
        """See the port."""
        return self._tables.campaigns.get(campaign_id)

    def every(self, *, before: int = 0, limit: int) -> Sequence[Campaign]:
        """See the port."""
        found = [one for one in self._tables.campaigns.values() if not before or one.id < before]
        return sorted(found, key=lambda one: -one.id)[:limit]

    def running(self) -> Sequence[Campaign]:
        """See the port."""
        waiting = {
            one.campaign_id for one in self._tables.campaign_projects.values() if one.due_on is not None
        }
        over = {CampaignState.CANCELLED, CampaignState.REPORTED}
        return [
            one
            for number, one in sorted(self._tables.campaigns.items())
            if one.state is CampaignState.ANNOUNCED or (one.state in over and number in waiting)
        ]

    def open(self, kind: CampaignKind) -> Campaign | None:
        """See the port."""
        found = (one for one in self._tables.campaigns.values() if one.kind is kind and one.state.is_open)
        return next(found, None)

    def candidates(self, mode: HostingMode, *, after: str = "", limit: int) -> Sequence[Project]:
        """See the port."""
        found = {one.name.normalized: one for one in self._tables.projects.values() if one.mode is mode}
        return [found[name] for name in sorted(found) if name > after][:limit]

    def enrol(self, campaign_id: int, mode: HostingMode, *, due_on: date) -> int:
        """See the port."""
        new = [
            Entrant(campaign_id, one.id, one.name.normalized, due_on=due_on)
            for one in self._late(campaign_id, mode)
        ]
        self._tables.campaign_projects |= {(campaign_id, one.project_id): one for one in new}
        return len(new)

    def comes_late(self, campaign_id: int, mode: HostingMode) -> bool:
        """See the port."""
        return bool(self._late(campaign_id, mode))

    def _late(self, campaign_id: int, mode: HostingMode) -> list[Project]:
        return [
            one
            for number, one in self._tables.projects.items()
            if one.mode is mode and (campaign_id, number) not in self._tables.campaign_projects
        ]

    def entrant(self, campaign_id: int, project_id: int) -> Entrant | None:
        """See the port."""
        return self._tables.campaign_projects.get((campaign_id, project_id))

    def put_entrant(self, entrant: Entrant) -> None:
        """See the port."""
        self._tables.campaign_projects[entrant.campaign_id, entrant.project_id] = entrant

    def entrants(self, campaign_id: int, wanted: EntrantFilter, *, limit: int) -> Sequence[Entrant]:
        """See the port."""
        found = [
            one
            for one in self._of(campaign_id)
            if one.project > wanted.after
            and (not wanted.project or one.project == wanted.project)
            and (wanted.stand is None or one.stand is wanted.stand)
            and (wanted.group is None or one.group is wanted.group)
        ]
        return sorted(found, key=lambda one: one.project)[:limit]

    def due(self, campaign_id: int, today: date, *, limit: int) -> Sequence[Entrant]:
        """See the port."""
        ready = [
            (one.due_on, one.project_id)
            for one in self._of(campaign_id)
            if one.due_on is not None and one.due_on <= today and self._is_free(one)
        ]
        return [self._tables.campaign_projects[campaign_id, number] for _, number in sorted(ready)[:limit]]

    def wake(self, campaign_id: int, today: date) -> None:
        """See the port."""
        for one in self._of(campaign_id):
            if one.stand is Stand.WAITING:
                self.put_entrant(replace(one, due_on=today))

    def soonest(self, campaign_id: int) -> date | None:
        """See the port."""
        days = (one.due_on for one in self._of(campaign_id) if one.due_on and self._is_free(one))
        return min(days, default=None)

    def counts(self, campaign_id: int) -> Mapping[tuple[Stand, Group], int]:
        """See the port."""
        return Counter((one.stand, one.group) for one in self._of(campaign_id))

    def waiting_of(self, project_ids: Collection[int]) -> Sequence[tuple[Campaign, Entrant]]:
        """See the port."""
        return [
            (campaign, entrant)
            for number, campaign in sorted(self._tables.campaigns.items())
            if campaign.state.is_open or campaign.state is CampaignState.REPORTED
            for project_id in sorted(project_ids)
            if (entrant := self.entrant(number, project_id)) is not None and entrant.stand is Stand.WAITING
        ]

    def give_notice(self, campaign_id: int, project_id: int, user_id: int, given: GivenNotice) -> bool:
        """See the port."""
        key = (campaign_id, project_id, user_id, given.step)
        if key in self._tables.campaign_notices:
            return False
        project = self._tables.projects[project_id].name.normalized
        user = self._tables.users[user_id].name
        self._tables.campaign_notices[key] = replace(given, project=project, user=user)
        return True

    def unreached(self, campaign_id: int, *, after: str = "", limit: int) -> Sequence[GivenNotice]:
        """See the port."""
        last: dict[tuple[str, str], GivenNotice] = {}
        for one in sorted(self._given(campaign_id), key=lambda one: one.step, reverse=True):
            there = last.get((one.project, one.user))
            if there is None or one.at >= there.at:
                last[one.project, one.user] = one
        marked = {one.name: one.mail_problem for one in self._tables.users.values() if one.mail_problem}
        found = [
            replace(last[key], problem=last[key].problem or marked.get(key[1], ""))
            for key in sorted(last)
            if (not last[key].by_mail or key[1] in marked) and key[0] > after
        ]
        return found[:limit]

    def count_unreached(self, campaign_id: int) -> int:
        """See the port."""
        return len(self.unreached(campaign_id, limit=len(self._tables.campaign_notices)))

    def told(self, campaign_id: int) -> Mapping[str, int]:
        """See the port."""
        return Counter(one.step for one in self._given(campaign_id))

    def _of(self, campaign_id: int) -> list[Entrant]:
        return [one for one in self._tables.campaign_projects.values() if one.campaign_id == campaign_id]

    def _given(self, campaign_id: int) -> list[GivenNotice]:
        found = self._tables.campaign_notices.items()
        return [given for (number, *_), given in found if number == campaign_id]

    def _is_free(self, entrant: Entrant) -> bool:
        return self._tables.projects[entrant.project_id].status is not ProjectStatus.QUARANTINED
