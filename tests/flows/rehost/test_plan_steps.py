"""Each step of planning may run twice, late, or for a project that was closed meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import Meanwhile, drop_jobs, set_status, steps

from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, State
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.rehost.examine import fetch_item
from homeport.flows.rehost.plan import crawl_sources, fail, finish_plan
from homeport.flows.rehost.review import refuse
from homeport.flows.rehost.start import start_plan


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story


def test_a_crawl_is_remembered(story: Story) -> None:
    """The sources are visited once for a plan, and only what is still wanted is asked for again."""
    story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    story.fakes.outside.put(f"{SITE}/{WHEEL_2}", page("", status=404))
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    ids = crawl_sources(story.world, rehost.id)
    assert len(ids) == 3
    assert crawl_sources(story.world, rehost.id) == ids
    assert story.fakes.outside.asked == [f"{SITE}/"]
    for item_id in ids:
        fetch_item(story.world, rehost.id, item_id)
    assert crawl_sources(story.world, rehost.id) == (story.item(rehost.id, SDIST).id,)
    finish_plan(story.world, rehost.id)
    assert crawl_sources(story.world, rehost.id) == ()


def test_bytes_are_fetched_once(story: Story) -> None:
    """An item whose bytes are here is not fetched again; an unknown one is not fetched at all."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    (item_id,) = crawl_sources(story.world, rehost.id)
    for wanted in (item_id, item_id, item_id + 1):
        fetch_item(story.world, rehost.id, wanted)
    assert story.fakes.outside.asked == [f"{SITE}/", f"{SITE}/{WHEEL}"]


def test_a_plan_that_was_refused_meanwhile_goes_no_further(story: Story) -> None:
    """Once a maintainer wants none of it nothing is fetched, and the plan is not closed."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    (item_id,) = crawl_sources(story.world, rehost.id)
    refuse(story.world, story.owner, rehost.id)
    before = story.fakes.store.committed.snapshot()
    fetch_item(story.world, rehost.id, item_id)
    finish_plan(story.world, rehost.id)
    assert story.fakes.outside.asked == [f"{SITE}/"]
    assert story.fakes.store.committed == before


def test_a_plan_that_is_refused_while_bytes_come_stays_as_it_was(story: Story) -> None:
    """What was fetched meanwhile is not put into a plan that somebody has answered."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    (item_id,) = crawl_sources(story.world, rehost.id)
    refusing = Meanwhile(lambda: refuse(story.world, story.owner, rehost.id))
    fetch_item(replace(story.world, isolation=refusing), rehost.id, item_id)
    assert story.view(rehost.id).rehost.state is State.REFUSED
    assert story.item(rehost.id, WHEEL).bytes is Bytes.WANTED


@pytest.mark.parametrize("steps_before", [0, 1, 2])
@pytest.mark.parametrize(
    ("status", "mode", "code"),
    [
        (ProjectStatus.ACTIVE, HostingMode.ONLY, "external-refused"),
        (ProjectStatus.QUARANTINED, HostingMode.CACHE, "project-takes-no-files"),
        (ProjectStatus.ARCHIVED, HostingMode.CACHE, "project-takes-no-files"),
    ],
)
def test_each_step_asks_whether_the_outside_is_open(
    story: Story, steps_before: int, status: ProjectStatus, mode: HostingMode, code: str
) -> None:
    """A project that was closed meanwhile is neither crawled nor fetched for, and its plan is not finished (I-12)."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    job = story.fakes.waiting()[0]
    drop_jobs(story.fakes)
    todo = steps(story.world, job)
    for _ in range(steps_before):
        next(todo)()
    asked = list(story.fakes.outside.asked)
    if mode is HostingMode.ONLY:
        change_hosting(story.world, story.owner, "demo", Wish(mode))
    set_status(story.fakes.store, story.project, status)
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(Conflict) as refused:
        next(todo)()
    assert refused.value.code == code
    assert story.fakes.outside.asked == asked
    assert story.fakes.store.committed == before
    fail(story.world, rehost.id, refused.value.sentence, code)
    failed = story.view(rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, code)
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)


def test_a_project_that_is_closed_while_bytes_come_gets_none_of_them(story: Story) -> None:
    """Whether the outside is open is asked again inside the transaction that remembers what was fetched (I-12)."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    (item_id,) = crawl_sources(story.world, rehost.id)
    closing = Meanwhile(lambda: change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY)))
    with pytest.raises(Conflict) as refused:
        fetch_item(replace(story.world, isolation=closing), rehost.id, item_id)
    assert refused.value.code == "external-refused"
    assert story.item(rehost.id, WHEEL).bytes is Bytes.WANTED


def test_a_plan_is_closed_once(story: Story) -> None:
    """A second finish changes nothing: one notice, one digest."""
    story.offer({WHEEL: wheel()})
    rehost = story.plan().rehost
    before = story.fakes.store.committed.snapshot()
    story.fakes.clock.sleep(60)
    finish_plan(story.world, rehost.id)
    assert story.fakes.store.committed == before


def test_a_running_rehost_fails_with_its_reason(story: Story) -> None:
    """What cannot go on says why; what is not running is left as it is."""
    story.offer({WHEEL: wheel()})
    planned = story.plan().rehost
    fail(story.world, planned.id, "Too late.", "failed")
    assert story.view(planned.id).rehost.state is State.PLANNED
    rehost = start_plan(story.world, story.owner, "demo", "1.0")
    drop_jobs(story.fakes)
    fail(story.world, rehost.id, "The disk is full.", "failed")
    failed = story.view(rehost.id).rehost
    assert (failed.state, failed.problem, failed.problem_code) == (
        State.FAILED,
        "The disk is full.",
        "failed",
    )
