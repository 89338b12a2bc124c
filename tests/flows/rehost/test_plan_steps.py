"""Each step of planning may run twice, late, or for a project that was closed meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import Meanwhile, drop_jobs, set_status, steps

from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, Rehost, State
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Discovery
from homeport.flows.rehost.examine import fetch_item
from homeport.flows.rehost.fetch import fetch_from_host
from homeport.flows.rehost.plan import crawl_sources, fail
from homeport.flows.rehost.review import refuse
from homeport.flows.rehost.start import start_plan
from homeport.flows.rehost.telling import Telling
from homeport.ports.jobs import Job, Work


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story


def crawl(story: Story, rehost: Rehost) -> Job:
    """Visit the sources; the one job that fetches what was found."""
    drop_jobs(story.fakes)
    (job,) = crawl_sources(story.world, rehost.id)
    drop_jobs(story.fakes)
    return job


def test_a_crawl_is_remembered(story: Story) -> None:
    """The sources are visited once for a plan, and only what is still wanted is asked for again."""
    story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    story.fakes.outside.put(f"{SITE}/{WHEEL_2}", page("", status=404))
    rehost = start_plan(story.world, story.owner, "demo")
    job = crawl(story, rehost)
    assert job == Job(Work.FETCH_ITEMS, rehost.id, 1, host="site.test")
    before = story.fakes.store.committed.snapshot()
    assert crawl_sources(story.world, rehost.id) == (job,)
    assert story.fakes.store.committed == before
    assert story.fakes.outside.asked == [f"{SITE}/"]
    fetch_from_host(story.world, job)
    assert story.view(rehost.id).rehost.state is State.PLANNED
    assert crawl_sources(story.world, rehost.id) == ()
    assert story.fakes.outside.asked == [f"{SITE}/", *(f"{SITE}/{name}" for name in (WHEEL, SDIST, WHEEL_2))]


def test_what_another_crawl_found_is_kept(story: Story) -> None:
    """Of two crawls for one plan the one that is remembered first counts: its files may be fetched already."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    with patch("homeport.flows.rehost.plan.discover", side_effect=_after(story, rehost)) as discovering:
        crawl_sources(story.world, rehost.id)
    assert discovering.called
    assert [item.id for item in story.view(rehost.id).plan.items] == [1]
    drop_jobs(story.fakes)


def _after(story: Story, rehost: Rehost) -> Callable[..., Discovery]:
    """A discovery during which another one comes to its end."""

    def discovery(*arguments: Any) -> Discovery:
        with patch("homeport.flows.rehost.plan.discover", discover):
            crawl_sources(story.world, rehost.id)
        return discover(*arguments)

    return discovery


def test_bytes_are_fetched_once(story: Story) -> None:
    """An item whose bytes are here is not fetched again; an unknown one is not fetched at all."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    rehost = start_plan(story.world, story.owner, "demo")
    crawl(story, rehost)
    telling = Telling(story.world, rehost.id, "site.test")
    first, second = (item.id for item in story.view(rehost.id).plan.items)
    for wanted in (first, first, second + 1):
        fetch_item(story.world, rehost.id, wanted, telling)
    assert story.fakes.outside.asked == [f"{SITE}/", f"{SITE}/{WHEEL}"]
    assert story.view(rehost.id).rehost.state is State.PLANNING


def test_a_plan_that_was_refused_meanwhile_goes_no_further(story: Story) -> None:
    """Once a maintainer wants none of it nothing is fetched, and the plan is not closed."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    job = crawl(story, rehost)
    refuse(story.world, story.owner, rehost.id)
    before = story.fakes.store.committed.snapshot()
    fetch_from_host(story.world, job)
    assert story.fakes.outside.asked == [f"{SITE}/"]
    assert story.fakes.store.committed == before


def test_a_plan_that_is_refused_while_bytes_come_stays_as_it_was(story: Story) -> None:
    """What was fetched meanwhile is not put into a plan that somebody has answered."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    job = crawl(story, rehost)
    refusing = Meanwhile(lambda: refuse(story.world, story.owner, rehost.id))
    fetch_from_host(replace(story.world, isolation=refusing), job)
    assert story.view(rehost.id).rehost.state is State.REFUSED
    assert story.item(rehost.id, WHEEL).bytes is Bytes.WANTED


@pytest.mark.parametrize("is_crawled", [False, True])
@pytest.mark.parametrize(
    ("status", "mode", "code"),
    [
        (ProjectStatus.ACTIVE, HostingMode.ONLY, "external-refused"),
        (ProjectStatus.QUARANTINED, HostingMode.CACHE, "project-takes-no-files"),
        (ProjectStatus.ARCHIVED, HostingMode.CACHE, "project-takes-no-files"),
    ],
)
def test_each_step_asks_whether_the_outside_is_open(
    story: Story, is_crawled: bool, status: ProjectStatus, mode: HostingMode, code: str
) -> None:
    """A project that was closed meanwhile is neither crawled nor fetched for (I-12)."""
    story.offer({WHEEL: wheel()})
    rehost = start_plan(story.world, story.owner, "demo")
    job = crawl(story, rehost) if is_crawled else story.fakes.waiting()[0]
    drop_jobs(story.fakes)
    (todo,) = steps(story.world, job)
    asked = list(story.fakes.outside.asked)
    if mode is HostingMode.ONLY:
        change_hosting(story.world, story.owner, "demo", Wish(mode))
    set_status(story.fakes.store, story.project, status)
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(Conflict) as refused:
        todo()
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
    job = crawl(story, rehost)
    closing = Meanwhile(lambda: change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY)))
    with pytest.raises(Conflict) as refused:
        fetch_from_host(replace(story.world, isolation=closing), job)
    assert refused.value.code == "external-refused"
    assert story.item(rehost.id, WHEEL).bytes is Bytes.WANTED


def test_a_plan_is_closed_once(story: Story) -> None:
    """Whichever job examines the last file closes the plan, and a later one changes nothing: one notice, one digest."""
    story.offer({WHEEL: wheel(), f"https://other.test/{SDIST}": sdist()})
    story.fakes.outside.put_file(f"https://other.test/{SDIST}", sdist())
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    one, other = crawl_sources(story.world, rehost.id)
    drop_jobs(story.fakes)
    assert {one.host, other.host} == {"site.test", "other.test"}
    # The second job comes to its end while the first is at its only file.
    last = Meanwhile(lambda: fetch_from_host(story.world, other))
    fetch_from_host(replace(story.world, isolation=last), one)
    assert story.view(rehost.id).rehost.state is State.PLANNED
    assert [notice.kind for _, notice in story.fakes.store.committed.notices] == ["plan-ready"]
    before = story.fakes.store.committed.snapshot()
    story.fakes.clock.sleep(60)
    fetch_from_host(story.world, one)
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
