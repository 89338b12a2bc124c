"""The contract of ``ports.campaigns``: campaigns, the projects in them, and who was told; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.support.fake_store import FakeStore
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
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
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOW.date()
WHEN = date(2026, 12, 31)
EXT = HostingMode.EXT
EVERY = EntrantFilter()


def add_projects(store: Store, *names: str, mode: HostingMode = EXT) -> list[Project]:
    """Projects in a mode."""
    with store.write() as tx:
        return [tx.projects.add(ProjectName.parse(name), mode, NOW) for name in names]


def add_campaign(store: Store, kind: CampaignKind = CampaignKind.TO_ONLY) -> Campaign:
    """A draft."""
    with store.write() as tx:
        return tx.campaigns.add(kind, "Home", "Why.", WHEN, (90, 30, 7), "https://t.test/", by="root", at=NOW)


def test_a_campaign_is_remembered_whole(store: FakeStore | SqlStore) -> None:
    """Every field of it, as it was added and as it is changed."""
    draft = add_campaign(store)
    assert (draft.kind, draft.title, draft.reason, draft.day) == (CampaignKind.TO_ONLY, "Home", "Why.", WHEN)
    assert (draft.notices, draft.terms_url) == ((90, 30, 7), "https://t.test/")
    assert (draft.state, draft.by, draft.at) == (CampaignState.DRAFT, "root", NOW)
    with store.write() as tx:
        survey = tx.surveys.add(None, by="root", at=NOW)
        changed = replace(
            draft,
            title="Other",
            reason="Because.",
            day=WHEN + DAY,
            notices=(120, 30, 7),
            terms_url="https://u.test/",
            state=CampaignState.PAUSED,
            lead=120,
            announced_at=NOW,
            resumed_on=TODAY,
            round=2,
            survey_id=survey.id,
            ended_at=NOW + DAY,
            begun=("A-90", "moved"),
            decisions=(3, 17),
            changed_by="frank",
            changed_at=NOW + DAY,
            why="Wait.",
        )
        tx.campaigns.put(changed)
    with store.read() as tx:
        assert tx.campaigns.find(draft.id) == changed
        assert tx.campaigns.find(draft.id + 1) is None


def test_one_of_a_kind_is_open(store: FakeStore | SqlStore) -> None:
    """A second one waits for its end; one of another kind does not."""
    first, second, other = (
        add_campaign(store),
        add_campaign(store),
        add_campaign(store, CampaignKind.PHASE_OUT),
    )
    announced = replace(first, state=CampaignState.ANNOUNCED)
    with store.write() as tx:
        assert tx.campaigns.open(CampaignKind.TO_ONLY) is None
        tx.campaigns.put(announced)
        tx.campaigns.put(replace(other, state=CampaignState.PAUSED))
        assert tx.campaigns.open(CampaignKind.TO_ONLY) == announced
    with pytest.raises(Conflict, match="Another to-only campaign"), store.write() as tx:
        tx.campaigns.put(replace(second, state=CampaignState.ANNOUNCED))
    with store.write() as tx:
        tx.campaigns.put(announced)
        assert [one.id for one in tx.campaigns.every(limit=9)] == [other.id, second.id, first.id]
        assert [one.id for one in tx.campaigns.every(limit=1)] == [other.id]
        assert [one.id for one in tx.campaigns.every(before=second.id, limit=9)] == [first.id]
        assert tx.campaigns.running() == [announced]


def test_what_the_clock_has_to_do_with(store: FakeStore | SqlStore) -> None:
    """What is announced; and what is over, as long as a project waits there."""
    campaign = add_campaign(store)
    (project,) = add_projects(store, "demo")
    for state, runs, runs_with_rows in (
        (CampaignState.DRAFT, False, False),
        (CampaignState.ANNOUNCED, True, True),
        (CampaignState.PAUSED, False, False),
        (CampaignState.CANCELLED, False, True),
        (CampaignState.REPORTED, False, True),
    ):
        with store.write() as tx:
            tx.campaigns.put(replace(campaign, state=state))
            tx.campaigns.put_entrant(Entrant(campaign.id, project.id, "demo"))
            assert bool(tx.campaigns.running()) == runs
            tx.campaigns.enrol(campaign.id, EXT, due_on=TODAY)
            tx.campaigns.put_entrant(Entrant(campaign.id, project.id, "demo", due_on=TODAY))
            assert bool(tx.campaigns.running()) == runs_with_rows


def test_projects_are_taken_in_once(store: FakeStore | SqlStore) -> None:
    """All in that mode, and later those that came since; how they stand stays."""
    campaign = add_campaign(store)
    _, beta = add_projects(store, "alpha", "beta")
    add_projects(store, "gamma", mode=HostingMode.ONLY)
    with store.write() as tx:
        assert [one.name.normalized for one in tx.campaigns.candidates(EXT, limit=9)] == ["alpha", "beta"]
        assert [one.name.normalized for one in tx.campaigns.candidates(EXT, limit=1)] == ["alpha"]
        assert list(tx.campaigns.candidates(EXT, after="alpha", limit=9)) == [beta]
        assert tx.campaigns.comes_late(campaign.id, EXT)
        assert tx.campaigns.enrol(campaign.id, EXT, due_on=TODAY) == 2
        assert not tx.campaigns.comes_late(campaign.id, EXT)
        new = Entrant(campaign.id, beta.id, "beta", due_on=TODAY)
        assert tx.campaigns.entrant(campaign.id, beta.id) == new
        stands = Entrant(
            campaign.id,
            beta.id,
            "beta",
            Group.B,
            Stand.MOVED,
            3,
            (Told(Group.A, 90, TODAY), Told(Group.B, 30, TODAY + DAY, 1)),
            None,
            "Why.",
            NOW,
            17,
        )
        tx.campaigns.put_entrant(stands)
    add_projects(store, "delta")
    with store.write() as tx:
        assert tx.campaigns.enrol(campaign.id, EXT, due_on=TODAY) == 1
        assert tx.campaigns.entrant(campaign.id, beta.id) == stands
        assert tx.campaigns.entrant(campaign.id, 99) is None


def test_entrants_are_asked_for(store: FakeStore | SqlStore) -> None:
    """By name, stand and group, a page at a time, and counted."""
    campaign, other = add_campaign(store), add_campaign(store)
    alpha, beta, gamma = add_projects(store, "alpha", "beta", "gamma")
    with store.write() as tx:
        for one in (campaign, other):
            tx.campaigns.enrol(one.id, EXT, due_on=TODAY)
        tx.campaigns.put_entrant(Entrant(campaign.id, beta.id, "beta", Group.B, due_on=TODAY))
        tx.campaigns.put_entrant(Entrant(campaign.id, gamma.id, "gamma", Group.B, Stand.ACTED))
        said = Entrant(campaign.id, alpha.id, "alpha", due_on=TODAY, why="Later.", changed_at=NOW)
        tx.campaigns.put_entrant(said)

        def names(wanted: EntrantFilter, limit: int = 9) -> list[str]:
            return [one.project for one in tx.campaigns.entrants(campaign.id, wanted, limit=limit)]

        assert names(EVERY) == ["alpha", "beta", "gamma"]
        assert names(EVERY, limit=2) == ["alpha", "beta"]
        assert names(EntrantFilter(after="alpha")) == ["beta", "gamma"]
        assert names(EntrantFilter(project="beta")) == ["beta"]
        assert names(EntrantFilter(stand=Stand.WAITING)) == ["alpha", "beta"]
        assert names(EntrantFilter(group=Group.B)) == ["beta", "gamma"]
        assert dict(tx.campaigns.counts(campaign.id)) == {
            (Stand.WAITING, Group.A): 1,
            (Stand.WAITING, Group.B): 1,
            (Stand.ACTED, Group.B): 1,
        }
        every = {alpha.id, beta.id, gamma.id}
        assert list(tx.campaigns.waiting_of(every)) == []
        for state in (CampaignState.PAUSED, CampaignState.REPORTED):
            changed = replace(
                campaign, state=state, changed_by="frank", changed_at=NOW + DAY, why=f"It is {state}."
            )
            tx.campaigns.put(changed)
            found = tx.campaigns.waiting_of(every)
            assert [(one, stands.project) for one, stands in found] == [
                (changed, "alpha"),
                (changed, "beta"),
            ]
            assert [stands for _, stands in found] == [
                said,
                tx.campaigns.entrant(campaign.id, beta.id),
            ]
        tx.campaigns.put(replace(campaign, state=CampaignState.CANCELLED))
        assert list(tx.campaigns.waiting_of(every)) == []


def test_what_is_due_comes_in_order(store: FakeStore | SqlStore) -> None:
    """The day decides; what is quarantined or has nothing to wait for is left alone; all that waits can be woken."""
    campaign = add_campaign(store)
    first, second, third, done = add_projects(store, "first", "second", "third", "done")
    with store.write() as tx:
        tx.campaigns.enrol(campaign.id, EXT, due_on=TODAY)
        for number, project in enumerate((first, second, third)):
            name = project.name.normalized
            tx.campaigns.put_entrant(Entrant(campaign.id, project.id, name, due_on=TODAY - number * DAY))
        tx.campaigns.put_entrant(Entrant(campaign.id, done.id, "done", stand=Stand.MOVED))

        def due(today: date, limit: int = 9) -> list[str]:
            return [one.project for one in tx.campaigns.due(campaign.id, today, limit=limit)]

        assert due(TODAY - 3 * DAY) == []
        assert due(TODAY - DAY) == ["third", "second"]
        assert due(TODAY) == ["third", "second", "first"]
        assert due(TODAY, limit=1) == ["third"]
        assert tx.campaigns.soonest(campaign.id) == TODAY - 2 * DAY
    set_status(store, third, ProjectStatus.QUARANTINED)
    with store.write() as tx:
        assert due(TODAY) == ["second", "first"]
        assert tx.campaigns.soonest(campaign.id) == TODAY - DAY
        tx.campaigns.wake(campaign.id, TODAY - 5 * DAY)
        assert due(TODAY - 5 * DAY) == ["first", "second"]
        assert tx.campaigns.soonest(campaign.id + 1) is None


def test_nobody_is_told_twice(store: FakeStore | SqlStore) -> None:
    """One notice for each campaign, project, person and step; whom no mail reaches is listed by the last one."""
    campaign, other = add_campaign(store), add_campaign(store)
    beta, alpha = add_projects(store, "beta", "alpha")
    with store.write() as tx:
        ada, eve = (
            tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW) for name in ("ada", "eve")
        )

        def give(project: Project, user: int, step: str, problem: str, days: int = 0) -> bool:
            given = GivenNotice("", "", step, NOW + days * DAY, not problem, problem)
            return tx.campaigns.give_notice(campaign.id, project.id, user, given)

        assert give(beta, ada.id, "A-90", "Away.")
        assert not give(beta, ada.id, "A-90", "")
        assert give(beta, ada.id, "moved", "", 1)
        assert give(beta, eve.id, "A-90", "")
        assert give(beta, eve.id, "moved", "Gone.", 1)
        assert give(alpha, ada.id, "A-90", "Away.")
        assert dict(tx.campaigns.told(campaign.id)) == {"A-90": 3, "moved": 2}
        assert dict(tx.campaigns.told(other.id)) == {}
        first = GivenNotice("alpha", "ada", "A-90", NOW, by_mail=False, problem="Away.")
        second = GivenNotice("beta", "eve", "moved", NOW + DAY, by_mail=False, problem="Gone.")
        assert list(tx.campaigns.unreached(campaign.id, limit=9)) == [first, second]
        assert list(tx.campaigns.unreached(campaign.id, limit=1)) == [first]
        assert list(tx.campaigns.unreached(campaign.id, after="alpha", limit=9)) == [second]
        assert (tx.campaigns.count_unreached(campaign.id), tx.campaigns.count_unreached(other.id)) == (2, 0)
        tx.users.put_mail_problem(ada.id, "No such mailbox.", NOW)
        found = tx.campaigns.unreached(campaign.id, limit=9)
        assert [(one.project, one.user, one.problem) for one in found] == [
            ("alpha", "ada", "Away."),
            ("beta", "ada", "No such mailbox."),
            ("beta", "eve", "Gone."),
        ]
