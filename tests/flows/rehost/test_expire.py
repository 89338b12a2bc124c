"""What the clock does about plans that nobody answers, in seconds instead of months."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.story import SDIST, Story, begin_story, sdist
from tests.support.world import run_jobs

from homeport.domain.errors import Conflict, Unavailable
from homeport.domain.rehost import State
from homeport.flows.rehost import expire
from homeport.flows.rehost.expire import look_after_plans
from homeport.flows.rehost.review import refuse

DAY = timedelta(days=1)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project with one file outside."""
    with begin_story(tmp_path) as story:
        story.offer({SDIST: sdist()})
        yield story


def subjects(story: Story) -> list[str]:
    """What ada was told of plans that end, oldest first."""
    with story.world.store.read() as tx:
        told = tx.notices.of_user(story.owner.user.id, limit=50)
    return [notice.subject for notice in reversed(told) if notice.kind in {"plan-expiring", "plan-expired"}]


def test_a_plan_is_warned_of_twice_and_expires(story: Story) -> None:
    """Fourteen days before, three days before, and on the day; each is told once, and nothing is published."""
    rehost = story.plan().rehost
    done = []
    for _day in range(92):
        done.append(look_after_plans(story.world) + look_after_plans(story.world))
        story.fakes.clock.advance(DAY)
    assert [day for day, count in enumerate(done) if count] == [76, 87, 90]
    assert subjects(story) == [
        "demo: a plan of 1 file expires in 14 days",
        "demo: a plan of 1 file expires in 3 days",
        "demo: a plan of 1 file has expired",
    ]
    now = story.view(rehost.id)
    assert (now.rehost.state, now.rehost.problem) == (State.EXPIRED, "Nobody answered within 90 days.")
    assert now.expires_at is None
    assert story.files() == {}


def test_nobody_agrees_to_an_expired_plan(story: Story) -> None:
    """Also before the clock has ended it."""
    view = story.plan()
    assert view.expires_at == view.rehost.changed_at + 90 * DAY
    story.fakes.clock.advance(90 * DAY)
    with pytest.raises(Conflict) as refused:
        story.accept(view)
    assert refused.value.code == "plan-expired"


def test_a_plan_that_was_fetched_again_is_new(story: Story) -> None:
    """What was warned of before counts for the plan before."""
    rehost = story.plan().rehost
    story.fakes.clock.advance(80 * DAY)
    assert look_after_plans(story.world) == 1
    again = story.plan().rehost
    run_jobs(story.fakes)
    story.fakes.clock.advance(75 * DAY)
    assert look_after_plans(story.world) == 0
    story.fakes.clock.advance(DAY)
    assert look_after_plans(story.world) == 1
    assert story.view(rehost.id).rehost.state is State.EXPIRED
    assert story.view(again.id).rehost.warned == 14


def test_a_plan_that_is_answered_meanwhile_is_left_alone(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at again in the transaction that writes."""
    rehost = story.plan().rehost
    story.fakes.clock.advance(90 * DAY)
    with story.world.store.read() as tx:
        due = list(tx.rehosts.due(story.fakes.clock.now(), limit=5))
    assert [one.id for one in due] == [rehost.id]
    refuse(story.world, story.owner, rehost.id)
    repository = "tests.support.fake_rehosts.FakeRehosts.due"
    monkeypatch.setattr(repository, lambda *_, **__: [*due, replace(due[0], id=99)])
    assert look_after_plans(story.world) == 0
    assert story.view(rehost.id).rehost.state is State.REFUSED


def test_one_plan_does_not_stop_the_others(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is told in the log and is due again; a database that is away stops all."""
    first, second = story.plan("1.0").rehost, story.plan().rehost
    story.fakes.clock.advance(90 * DAY)
    real = expire._expire

    def fails_once(tx: object, rehost: object, now: object) -> None:
        monkeypatch.setattr(expire, "_expire", real)
        raise ValueError("odd")

    monkeypatch.setattr(expire, "_expire", fails_once)
    assert look_after_plans(story.world) == 1
    assert {story.view(one.id).rehost.state for one in (first, second)} == {State.PLANNED, State.EXPIRED}

    def is_away(tx: object, rehost: object, now: object) -> None:
        raise Unavailable("The database is away.", code="database-away")

    monkeypatch.setattr(expire, "_expire", is_away)
    with pytest.raises(Unavailable):
        look_after_plans(story.world)
