"""The contract of ``ports.overview``: days that are kept, and counts and lists over everything; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from tests.support.dashboards import day
from tests.support.fake_store import FakeStore
from tests.support.world import real_world

from homeport.adapters.db.connect import open_engine
from homeport.adapters.db.store import SqlStore
from homeport.domain.campaign import CampaignKind, Stand
from homeport.domain.dashboard import Alarms, Exempt, QueueStand, mode_days
from homeport.domain.drift import Consequence, Seen, Sign
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.mail import Letter
from homeport.domain.manners import Host, HostState
from homeport.domain.names import ProjectName
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Purpose, State
from homeport.ports.jobs import Job, Work
from homeport.ports.overview import StandFilter
from homeport.ports.store import Store, Transaction

EXT, CACHE, ONLY = HostingMode.EXT, HostingMode.CACHE, HostingMode.ONLY
NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def store(store: FakeStore | SqlStore) -> FakeStore | SqlStore:
    """Each store that keeps the contract, on an index that sends mail."""
    store.sends_mail = True
    return store


def make(tx: Transaction, name: str, mode: HostingMode, at: datetime = NOW) -> Project:
    """A project."""
    return tx.projects.add(ProjectName.parse(name), mode, at)


def moved(tx: Transaction, project: Project, target: HostingMode, at: datetime) -> None:
    """Move a project, as the flow that does it remembers it."""
    there = tx.projects.find(project.name.normalized)
    assert there is not None
    tx.projects.set_mode(project.id, target)
    serial = len(tx.hosting_log.lines(limit=99)) + 1
    line = HostingLine(
        serial, at, there.name.normalized, Event.MOVED, there.mode, target, Mover.OWNER, "", None
    )
    tx.hosting_log.add(project.id, line)


def test_days_are_kept_once(store: Store) -> None:
    """What is kept stays as it is, however often it is counted; the newest is the last, and a range is asked for by its ends."""
    with store.write() as tx:
        assert tx.overview.last_mode_day() is None
        assert tx.overview.keep_mode_days([day(2, 1), day(3, 1, 2)]) == 2
        assert tx.overview.keep_mode_days([day(3, 9), day(4, 1, 2, 3)]) == 1
        assert tx.overview.keep_mode_days([]) == 0
    with store.read() as tx:
        assert tx.overview.last_mode_day() == day(4, 1, 2, 3)
        assert list(tx.overview.mode_days()) == [day(2, 1), day(3, 1, 2), day(4, 1, 2, 3)]
        march_3 = date(2026, 3, 3)
        assert list(tx.overview.mode_days(since=march_3, until=march_3)) == [day(3, 1, 2)]


def test_days_are_counted_from_what_changed(store: Store) -> None:
    """A project counts from its first day in the mode it was made in, and from a move on in the new one."""
    with store.write() as tx:
        old = make(tx, "old", EXT, NOW - 3 * DAY)
        make(tx, "other", ONLY, NOW - 3 * DAY)
        moved(tx, old, CACHE, NOW - DAY)
        moved(tx, old, ONLY, NOW)
        make(tx, "new", CACHE)
        line = tx.hosting_log.lines(limit=1)[0]
        longer = replace(line, serial=9, event=Event.EXEMPTION_EXTENDED, source=EXT, target=EXT)
        tx.hosting_log.add(old.id, longer)
    with store.read() as tx:
        every = mode_days(None, tx.overview.mode_changes(after=None), TODAY)
        assert every == [day(1, 1, 0, 1), day(2, 1, 0, 1), day(3, 0, 1, 1), day(4, 0, 1, 2)]
        later = tx.overview.mode_changes(after=date(2026, 3, 2))
        assert mode_days(day(2, 1, 0, 1), later, TODAY) == every[2:]
        assert list(tx.overview.mode_changes(after=TODAY)) == []


def person(tx: Transaction, name: str) -> int:
    """An account whose address is verified, by id."""
    user = tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW)
    tx.users.put_email(user.id, user.email, verified_at=NOW)
    return user.id


def names(store: Store, wanted: StandFilter, limit: int = 9) -> list[str]:
    """The projects that are asked for."""
    with store.read() as tx:
        return [one.project for one in tx.overview.stands(wanted, limit=limit)]


def test_projects_stand_as_they_do(store: Store) -> None:
    """Mode and since when, exemption and until when; they are found by each of these, and by how their names begin."""
    with store.write() as tx:
        for name, mode in (("b-dated", EXT), ("a-endless", EXT), ("c-none", EXT), ("cached", CACHE)):
            make(tx, name, mode, NOW - DAY)
        dated, endless = tx.projects.find("b-dated"), tx.projects.find("a-endless")
        assert dated is not None
        assert endless is not None
        moved(tx, dated, CACHE, NOW - DAY)
        moved(tx, dated, EXT, NOW)
        over = tx.exemptions.add(dated.id, "", TODAY, by="root", at=NOW)
        tx.exemptions.put(replace(over, ended_at=NOW, ended_by=Mover.ADMIN))
        tx.exemptions.add(dated.id, "Large.", TODAY + DAY, by="root", at=NOW)
        tx.exemptions.add(endless.id, "", None, by="", at=NOW)
    with store.read() as tx:
        first, second, *_ = tx.overview.stands(StandFilter(mode=EXT), limit=9)
    assert (first.mode, first.since, first.exempt, first.until) == (EXT, NOW - DAY, Exempt.ENDLESS, None)
    assert (second.since, second.exempt, second.until) == (NOW, Exempt.DATED, TODAY + DAY)
    assert names(store, StandFilter()) == ["a-endless", "b-dated", "c-none", "cached"]
    assert names(store, StandFilter(mode=EXT)) == ["a-endless", "b-dated", "c-none"]
    assert names(store, StandFilter(exempt=Exempt.NONE)) == ["c-none", "cached"]
    assert names(store, StandFilter(exempt=Exempt.DATED)) == ["b-dated"]
    assert names(store, StandFilter(exempt=Exempt.ENDLESS)) == ["a-endless"]
    assert names(store, StandFilter(beginning="c")) == ["c-none", "cached"]
    assert names(store, StandFilter(beginning="c", after="c-none")) == ["cached"]
    assert names(store, StandFilter(after="a-endless"), limit=1) == ["b-dated"]


def test_owners_are_reached_or_not(store: Store) -> None:
    """By themselves, through an organisation or a team, once each; who is disabled, not verified or bounces is not."""
    with store.write() as tx:
        projects = {name: make(tx, name, EXT) for name in ("own", "maintained", "org", "team", "lost", "off")}
        ada, bob, eve, dan = (person(tx, name) for name in ("ada", "bob", "eve", "dan"))
        tx.users.put_email(bob, "bob@example.net", verified_at=None)
        tx.users.disable(eve, NOW)
        tx.users.put_mail_problem(dan, "550 no such user", NOW)
        tx.projects.grant(projects["own"].id, ada, Role.OWNER)
        tx.projects.grant(projects["own"].id, bob, Role.OWNER)
        tx.projects.grant(projects["maintained"].id, ada, Role.MAINTAINER)
        tx.projects.grant(projects["maintained"].id, bob, Role.OWNER)
        for lost in (bob, eve, dan):
            tx.projects.grant(projects["lost"].id, lost, Role.OWNER)
        acme = tx.organisations.add("acme", "Acme", NOW)
        tx.organisations.grant(acme.id, ada, OrganisationRole.OWNER)
        tx.organisations.grant(acme.id, bob, OrganisationRole.MEMBER)
        for name in ("org", "team"):
            tx.organisations.take_in(acme.id, projects[name].id)
        dead = tx.organisations.add("dead", "Dead", NOW)
        tx.organisations.grant(dead.id, eve, OrganisationRole.OWNER)
        tx.organisations.take_in(dead.id, projects["off"].id)
        core = tx.teams.add(acme.id, "core")
        tx.teams.put_member(core.id, ada)
        tx.teams.put_member(core.id, bob)
        tx.teams.put_role(core.id, projects["team"].id, Role.OWNER)
    with store.read() as tx:
        found = tx.overview.stands(StandFilter(), limit=9)
    assert {one.project: (one.owners, one.reachable_owners) for one in found} == {
        "lost": (3, 0),
        "maintained": (1, 0),
        "off": (1, 0),
        "org": (1, 1),
        "own": (2, 1),
        "team": (2, 1),
    }
    assert names(store, StandFilter(is_reachable=True)) == ["org", "own", "team"]
    assert names(store, StandFilter(is_reachable=False)) == ["lost", "maintained", "off"]


def test_rehosts_are_listed_and_counted(store: Store) -> None:
    """Newest first, by project and state; what ended is not counted."""
    with store.write() as tx:
        demo, other = make(tx, "demo", CACHE), make(tx, "other", CACHE)
        made = [
            tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
            for project in (demo, other, demo, demo)
        ]
        states = (State.PLANNED, State.PUBLISHED, State.FAILED, State.PLANNED)
        rehosts = [replace(one, state=state) for one, state in zip(made, states, strict=True)]
        for one in rehosts:
            tx.rehosts.put(one)
    first, second, third, fourth = rehosts
    with store.read() as tx:
        assert list(tx.rehosts.listed(limit=9)) == [fourth, third, second, first]
        assert list(tx.rehosts.listed(before=fourth.id, limit=1)) == [third]
        assert list(tx.rehosts.listed("demo", State.PLANNED, limit=9)) == [fourth, first]
        assert list(tx.rehosts.listed("nowhere", limit=9)) == []
        assert tx.overview.open_rehosts() == {State.PLANNED: 2}


def test_exemptions_are_counted(store: Store) -> None:
    """Those that hold, and those that end soon; the next one to end comes first."""
    with store.write() as tx:
        made = [make(tx, name, EXT) for name in ("late", "soon", "endless", "ended")]
        for project, until in zip(made, (TODAY + 9 * DAY, TODAY + DAY, None, TODAY), strict=True):
            exemption = tx.exemptions.add(project.id, "", until, by="root", at=NOW)
        tx.exemptions.put(replace(exemption, ended_at=NOW, ended_by=Mover.CLOCK))
    with store.read() as tx:
        counts = tx.overview.exemptions(TODAY + DAY)
        assert counts.standing == {Standing.DATED: 2, Standing.ENDLESS: 1}
        assert counts.ending_soon == 1
        assert list(tx.overview.next_ends(limit=9)) == [made[1].id, made[0].id]
        assert list(tx.overview.next_ends(limit=1)) == [made[1].id]


def test_hosts_mails_and_alarms_are_counted(store: Store) -> None:
    """Hosts that rest or are frozen, mails that could not be sent, and what was told since a moment."""
    with store.write() as tx:
        demo = make(tx, "demo", CACHE)
        tx.hosts.put(Host("awake.test", resting_until=NOW - DAY))
        tx.hosts.put(Host("tired.test", resting_until=NOW + DAY))
        tx.hosts.put(Host("both.test", resting_until=NOW + DAY))
        for name in ("both.test", "frozen.test"):
            tx.hosts.freeze(name, "root", "Sold.", NOW)
        for number in range(3):
            tx.mails.add(Letter("ada@example.org", f"Mail {number}", "Text"), NOW)
        sent, troubled, _ = tx.mails.due(NOW, limit=9)
        tx.mails.put(replace(sent, due_at=None, sent_at=NOW, problem="The first try failed."))
        tx.mails.put(replace(troubled, problem="Nobody answers."))
        for filename, host, at in (
            ("a", "one.test", 2),
            ("b", "one.test", 0),
            ("c", "one.test", 0),
            ("a", "two.test", 0),
        ):
            seen = Seen(Sign.GONE, "", "It is gone.")
            place = (host, f"https://{host}/{filename}", filename)
            tx.watches.tell(demo.id, place, seen, Consequence.TELL, NOW - at * DAY)
    with store.read() as tx:
        assert tx.overview.hosts(NOW) == {HostState.RESTING: 1, HostState.FROZEN: 2}
        assert tx.overview.troubled_mails() == 1
        assert list(tx.overview.alarms(NOW - DAY)) == [
            Alarms("one.test", Sign.GONE, 2),
            Alarms("two.test", Sign.GONE, 1),
        ]


def test_queues_tell_what_they_hold(store: Store) -> None:
    """Every queue by name, with what waits for its turn and what waits for its time."""
    with store.write() as tx:
        tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, 1, 1))
        tx.jobs.enqueue(Job(Work.RETRY_REHOST, 2, 1, delay_seconds=60))
        tx.jobs.enqueue(Job(Work.FETCH_ITEMS, 3, 1, host="one.test"))
        tx.jobs.enqueue(Job(Work.FETCH_ITEMS, 4, 1, host="one.test"))
    with store.read() as tx:
        assert list(tx.overview.queues()) == [
            QueueStand("rehosts", 1, 1, 0),
            QueueStand("outside", 2, 0, 0),
            QueueStand("surveys", 0, 0, 0),
        ]


def test_a_campaign_over_the_days(store: Store) -> None:
    """On which day how many came to stand so; who waits is not counted, whenever they were looked at."""
    with store.write() as tx:
        made = [make(tx, name, EXT) for name in ("one", "two", "three", "four")]
        campaign = tx.campaigns.add(
            CampaignKind.TO_ONLY, "Home", "So.", TODAY, (90, 30, 7), "https://t.test/", by="root", at=NOW
        )
        tx.campaigns.enrol(campaign.id, EXT, due_on=TODAY)
        stands = (Stand.ACTED, Stand.ACTED, Stand.MOVED, Stand.WAITING)
        for number, (project, stand) in enumerate(zip(made, stands, strict=True)):
            entrant = tx.campaigns.entrant(campaign.id, project.id)
            assert entrant is not None
            at = NOW + (number // 2) * DAY
            tx.campaigns.put_entrant(replace(entrant, stand=stand, due_on=None, changed_at=at))
    with store.read() as tx:
        assert list(tx.overview.campaign_days(campaign.id)) == [
            (TODAY, Stand.ACTED, 2),
            (TODAY + DAY, Stand.MOVED, 1),
        ]
        assert list(tx.overview.campaign_days(campaign.id + 1)) == []


def test_work_that_is_done_runs(tmp_path: Path) -> None:
    """What a worker took runs and waits no longer; what ended is counted nowhere."""
    with real_world(tmp_path) as real:
        with real.store.write() as tx:
            for number in (1, 2, 3):
                tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, number, 1))
        engine = open_engine(real.database)
        taken = "UPDATE workflow_status SET status = :now WHERE workflow_uuid = :id"
        with engine.begin() as connection:
            for number, status in ((1, "PENDING"), (2, "SUCCESS")):
                connection.execute(text(taken), {"now": status, "id": f"publish-rehost-{number}-1"})
        engine.dispose()
        with real.store.read() as tx:
            assert tx.overview.queues()[0] == QueueStand("rehosts", 1, 0, 1)


def test_who_is_not_reached_is_looked_for_from_people_to_projects(tmp_path: Path) -> None:
    """An index holds nobody else, and nothing else is read from one end to the other but the list by name."""
    asked: list[tuple[str, object]] = []
    with real_world(tmp_path) as real:
        engine = real.store._reading

        @event.listens_for(engine, "before_cursor_execute")
        def _remember(*told: object) -> None:
            asked.append((str(told[2]), told[3]))

        with real.store.read() as tx:
            tx.overview.stands(StandFilter(is_reachable=False), limit=9)
        with engine.connect() as connection:
            ((statement, parameters),) = [one for one in asked if one[0].startswith("SELECT")]
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            steps = [row.detail for row in rows]
    assert "SCAN u USING INDEX ix_users_unreachable" in steps
    assert "SEARCH projects USING INDEX sqlite_autoindex_projects_1 (normalized>?)" in steps
    scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
    # What is counted of one project's owners is a subquery.
    assert {name for name in scanned if not name.startswith("(subquery")} == {"u"}, steps
