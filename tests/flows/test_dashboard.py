"""The dashboard, and the lists behind it: what they hold, in which order, and who may see them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.domain.test_survey import LINK
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind, Stand
from homeport.domain.dashboard import Exempt
from homeport.domain.drift import Consequence, Seen, Sign
from homeport.domain.errors import Forbidden
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import HostState
from homeport.domain.names import ProjectName
from homeport.domain.rehost import Purpose, State
from homeport.domain.survey import Check, Reach, look_of
from homeport.domain.survey_report import report_of
from homeport.flows import dashboard as flow
from homeport.flows.dashboard import (
    campaign_progress,
    every_rehost,
    every_stand,
    list_every_rehost,
    list_stands,
    now_in_mode,
    show_dashboard,
)
from homeport.flows.manners.hosts import every_host
from homeport.ports.campaigns import EntrantFilter
from homeport.ports.overview import StandFilter
from homeport.ports.world import World

EXT, ONLY = HostingMode.EXT, HostingMode.ONLY


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """An index of fakes where ada owns large, which is exempt, and small."""
    with fake_world(tmp_path) as opened:
        ada = add_person(opened.world, "ada")
        with opened.store.write() as tx:
            tx.users.put_email(ada.id, ada.email, verified_at=opened.clock.now())
        add_project(opened.world, ada, "large", EXT)
        add_project(opened.world, ada, "small", ONLY)
        yield opened


def test_of_an_index_without_anything(tmp_path: Path) -> None:
    """There is one day, and nothing on it; nobody has looked outside."""
    with fake_world(tmp_path) as empty:
        shown = show_dashboard(empty.world, None)
    assert shown.now.day == shown.at.date()
    assert shown.now.total == 0
    assert shown.external is None
    assert (shown.lingering, shown.next_to_end, shown.newest_alarms) == ([], [], [])


def test_how_projects_stand(fakes: Fakes) -> None:
    """Projects by mode, those that linger, and the exemptions that end next."""
    shown = show_dashboard(fakes.world, None)
    assert shown.now.projects == {EXT: 1, HostingMode.CACHE: 0, ONLY: 1}
    (lingering,) = shown.lingering
    assert (lingering.project, lingering.exempt, lingering.is_reachable) == ("large", Exempt.DATED, True)
    assert [one.project for one in shown.next_to_end] == ["large"]
    assert shown.exemptions.standing[Standing.DATED] == 1
    assert shown.exemptions.ending_soon == 0
    assert (shown.mails.are_sent, shown.mails.waiting, shown.mails.troubled) == (False, 0, 0)


def test_only_so_many_days_are_shown(fakes: Fakes) -> None:
    """The chart ends today, and begins as long ago as is asked."""
    fakes.clock.advance(timedelta(days=200))
    assert len(show_dashboard(fakes.world, None).modes) == 90
    modes = show_dashboard(fakes.world, None, days=30).modes
    assert len(modes) == 30
    assert modes[-1].day == fakes.clock.now().date()


def survey(fakes: Fakes, *, of_one: bool = False) -> int:
    """A survey that saw two links of large on one host, one of them dead, and one elsewhere."""
    gone = replace(LINK, url="https://files.test/2", filename="demo-2.zip", check=Check(Reach.GONE))
    other = replace(LINK, url="https://other.test/3", host="other.test", filename="demo-3.zip")
    links = [LINK, gone, other]
    now = fakes.clock.now()
    report = report_of([look_of("large", (), links, at=now)], [("large", link) for link in links])
    with fakes.store.write() as tx:
        project = tx.projects.find("large")
        assert project is not None
        begun = tx.surveys.add(project.id if of_one else None, by="root", at=now)
        tx.surveys.finish(begun.id, report, now)
    return begun.id


def test_external_links_by_host_and_health(fakes: Fakes) -> None:
    """The newest survey of all that has a report, its hosts as they stand now, and new alarms of each."""
    whole = survey(fakes)
    survey(fakes, of_one=True)
    now = fakes.clock.now()
    with fakes.store.write() as tx:
        tx.surveys.add(None, by="root", at=now)
        tx.hosts.freeze(LINK.host, "root", "Sold.", now)
        project = tx.projects.find("large")
        assert project is not None
        for sign, at in ((Sign.GONE, now), (Sign.OTHER_BYTES, now), (Sign.MOVED, now - timedelta(days=31))):
            place = (LINK.host, LINK.url, LINK.filename)
            tx.watches.tell(project.id, place, Seen(sign, "", "So."), Consequence.TELL, at)
    shown = show_dashboard(fakes.world, None)
    assert shown.external is not None
    assert shown.external.survey.id == whole
    assert [(one.host, one.links, one.dead, one.state, one.alarms) for one in shown.external.hosts] == [
        (LINK.host, 2, 1, HostState.FROZEN, 2),
        ("other.test", 1, 0, HostState.READY, 0),
    ]
    assert shown.hosts[HostState.FROZEN] == 1
    assert shown.alarm_count == 2
    assert len(shown.newest_alarms) == 3


def test_projects_go_on(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time on the screen, and piece by piece to the end in a file."""
    monkeypatch.setattr(flow, "PAGE_LENGTH", 2)
    monkeypatch.setattr(flow, "_AT_ONCE", 2)
    with fakes.store.write() as tx:
        tx.projects.add(ProjectName.parse("third"), ONLY, fakes.clock.now())
    first = list_stands(fakes.world, None, StandFilter())
    assert [one.project for one in first.stands] == ["large", "small"]
    rest = list_stands(fakes.world, None, StandFilter(after=first.after))
    assert ([one.project for one in rest.stands], rest.after) == (["third"], "")
    pieces = list(every_stand(fakes.world, None, StandFilter()))
    assert [[one.project for one in piece] for piece in pieces] == [["large", "small"], ["third"]]


def test_rehosts_go_on(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, a page at a time, and piece by piece to the end; of a project or in a state."""
    monkeypatch.setattr(flow, "PAGE_LENGTH", 2)
    monkeypatch.setattr(flow, "_AT_ONCE", 2)
    with fakes.store.write() as tx:
        project = tx.projects.find("small")
        assert project is not None
        for _ in range(3):
            tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=fakes.clock.now(), metadata=None)
    first = list_every_rehost(fakes.world, None)
    assert [one.id for one in first.rehosts] == [3, 2]
    rest = list_every_rehost(fakes.world, None, before=first.before)
    assert ([one.id for one in rest.rehosts], rest.before) == ([1], 0)
    pieces = list(every_rehost(fakes.world, None, "small", State.PLANNING))
    assert [[one.id for one in piece] for piece in pieces] == [[3, 2], [1]]
    assert list(every_rehost(fakes.world, None, "large")) == []
    assert show_dashboard(fakes.world, None).rehosts == {State.PLANNING: 3}


def test_campaigns_are_counted(fakes: Fakes) -> None:
    """How many projects are in a mode now, and how a campaign came along; the dashboard names the newest ones."""
    now = fakes.clock.now()
    assert now_in_mode(fakes.world, None, EXT) == 1
    with fakes.store.write() as tx:
        campaign = tx.campaigns.add(
            CampaignKind.TO_ONLY, "Home", "So.", now.date(), (90, 30, 7), "https://t.test/", by="root", at=now
        )
        tx.campaigns.enrol(campaign.id, EXT, due_on=now.date())
        (entrant,) = tx.campaigns.entrants(campaign.id, EntrantFilter(), limit=9)
        tx.campaigns.put_entrant(replace(entrant.left(Stand.ACTED, ""), changed_at=now))
    assert campaign_progress(fakes.world, None, campaign.id) == [(now.date(), Stand.ACTED, 1)]
    assert [one.id for one in show_dashboard(fakes.world, None).campaigns] == [campaign.id]


def test_every_host_is_told(fakes: Fakes) -> None:
    """All hosts, by name, however many pages they fill."""
    with fakes.store.write() as tx:
        for number in range(60):
            tx.hosts.freeze(f"h{number:02}.test", "root", "Sold.", fakes.clock.now())
    pieces = list(every_host(fakes.world, None, HostState.FROZEN))
    assert [view.host.name for piece in pieces for view in piece] == [
        f"h{number:02}.test" for number in range(60)
    ]
    assert [len(piece) for piece in pieces] == [50, 10]


@pytest.mark.parametrize(
    "ask",
    [
        show_dashboard,
        lambda world, by: list_stands(world, by, StandFilter()),
        lambda world, by: every_stand(world, by, StandFilter()),
        list_every_rehost,
        every_rehost,
        every_host,
        lambda world, by: now_in_mode(world, by, EXT),
        lambda world, by: campaign_progress(world, by, 1),
    ],
)
def test_administrators_only(fakes: Fakes, ask: Callable[[World, Caller], object]) -> None:
    """Who owns projects is shown their own elsewhere; nothing of the whole index, and no file of it, is theirs."""
    with fakes.store.read() as tx:
        ada = tx.users.by_name("ada")
    assert ada is not None
    with pytest.raises(Forbidden):
        ask(fakes.world, Caller(ada))
