"""A campaign that is reported goes on for what a quarantine kept from it; one that waits for its day troubles no writer."""

from contextlib import AbstractContextManager

import pytest
from tests.support.campaigns import DAY, Play
from tests.support.fake_store import FakeTransaction
from tests.support.world import set_status

from homeport.domain.campaign import CampaignState, Stand
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.opt_in import show_opt_in
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.waiting import Waiting, show_waiting


def waits(play: Play) -> tuple[Waiting, ...]:
    """What waits for the owner of demo."""
    return tuple(one for one in show_waiting(play.world, play.owner("demo")) if "campaign" in one.sentence)


def test_the_inbox_names_a_campaign_that_is_over(play: Play) -> None:
    """Once its people were told of a day, and until it is moved; not while nobody knows when that is."""
    project = play.projects["demo"]
    set_status(play.fakes.store, project, ProjectStatus.QUARANTINED)
    begun = play.announce()
    play.pass_days(95)
    assert play.campaign().state is CampaignState.REPORTED
    assert waits(play) == ()
    set_status(play.fakes.store, project, ProjectStatus.ACTIVE)
    assert waits(play) == ()
    play.look()
    (one,) = waits(play)
    assert "“Home”" in one.sentence
    assert (one.path, one.until) == ("/manage/projects/demo/", begun + 185 * DAY)
    opted = show_opt_in(play.world, play.owner("demo"), "demo")
    assert (opted.campaign, opted.day) == (play.campaign(), begun + 185 * DAY)
    play.pass_days(90)
    assert (waits(play), play.stand("demo")) == ((), Stand.MOVED)


def test_who_acts_is_not_asked_again(play: Play) -> None:
    """A project that is in another mode already waits for nothing, also before the clock looked."""
    play.announce()
    play.pass_days(1)
    assert len(waits(play)) == 1
    change_hosting(play.world, play.owner("demo"), "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    assert play.stand("demo") is Stand.WAITING
    assert waits(play) == ()


def test_a_day_is_waited_for_without_writing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """When everybody acted there is nothing to write until somebody comes, or the day does."""
    play.announce()
    for name in ("bare", "demo"):
        change_hosting(play.world, play.owner(name), name, Wish(HostingMode.ONLY, acknowledges_loss=True))
    play.pass_days(20)
    store, written = play.fakes.store, list[str]()
    write = store.write

    def noted_write() -> AbstractContextManager[FakeTransaction]:
        written.append("once")
        return write()

    monkeypatch.setattr(store, "write", noted_write)
    assert look_after_campaigns(play.world) == 0
    assert written == []
    play.add("late")
    written.clear()
    assert look_after_campaigns(play.world) == 1
    assert written == ["once"]
