"""A rehost begins, or is found to be under way."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.story import WHEEL, Story, begin_story, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, drop_jobs, run_jobs, set_status

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Purpose, Rehost, State, Step
from homeport.flows.rehost.plan import crawl_sources
from homeport.flows.rehost.publish import begin_publishing
from homeport.flows.rehost.start import find_rehost, move, resume, start_plan, start_update_cache
from homeport.ports.jobs import Job, Work, keys_at
from homeport.ports.world import World


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        story.offer({})
        yield story


def with_token(story: Story, *scopes: Scope) -> Caller:
    """The owner, by a token of these scopes."""
    return by_token(story.world, story.owner, *scopes)


def test_a_plan_begins_with_its_work(story: Story) -> None:
    """A new rehost is being planned, and the job that does so is committed with it."""
    rehost = start_plan(story.world, story.owner, "Demo", "1.0")
    assert (rehost.purpose, rehost.version, rehost.state) == (Purpose.HISTORY, "1.0", State.PLANNING)
    assert story.fakes.waiting() == [Job(Work.PLAN_REHOST, rehost.id, 1, host="site.test")]
    assert run_jobs(story.fakes) == [Work.PLAN_REHOST]
    assert story.view(rehost.id).rehost.state is State.PLANNED


@pytest.mark.parametrize("version", ["zzz<b>", "1" * 500, " ", "../1.0"])
@pytest.mark.parametrize("start", [start_plan, start_update_cache])
def test_nothing_is_looked_for_that_is_no_version(
    story: Story, start: Callable[[World, Caller, str, str], object], version: str
) -> None:
    """It is refused as it was written, whole, and begins no run."""
    with pytest.raises(Invalid) as refused:
        start(story.world, story.owner, "demo", version)
    assert refused.value.code == "version-invalid"
    with story.world.store.read() as tx:
        assert tx.rehosts.of_project(story.project.id) == []


def test_a_plan_that_is_being_made_is_the_answer(story: Story) -> None:
    """Who asks again while a plan is made gets that plan; another version is another plan."""
    first = start_plan(story.world, story.owner, "demo")
    assert start_plan(story.world, story.owner, "demo") == first
    other = start_plan(story.world, story.owner, "demo", "1.0")
    assert other.id != first.id
    assert drop_jobs(story.fakes) == [Work.PLAN_REHOST] * 2


def test_an_unanswered_plan_expires(story: Story) -> None:
    """A newer plan takes the place of one that nobody answered; plans of other versions stay."""
    old, other = story.plan(), story.plan("1.0")
    new = story.plan()
    assert new.rehost.id != old.rehost.id
    expired = story.view(old.rehost.id).rehost
    assert (expired.state, expired.problem) == (State.EXPIRED, "A newer plan was asked for.")
    assert story.view(other.rehost.id).rehost.state is State.PLANNED


def test_updates_of_the_cache_are_no_plans(story: Story) -> None:
    """An update under way is no answer to who wants a plan."""
    update = start_update_cache(story.world, story.owner, "demo")
    assert start_plan(story.world, story.owner, "demo").id != update.id
    assert drop_jobs(story.fakes) == [Work.PLAN_REHOST] * 2


def test_an_update_of_the_cache_begins_once(story: Story) -> None:
    """An update that is under way is the answer; of another version it is another one."""
    first = start_update_cache(story.world, story.owner, "demo", "1.0")
    assert (first.purpose, first.version) == (Purpose.UPDATE_CACHE, "1.0")
    assert start_update_cache(story.world, story.owner, "demo", "1.0") == first
    assert start_update_cache(story.world, story.owner, "demo").id != first.id
    assert drop_jobs(story.fakes) == [Work.PLAN_REHOST] * 2


def test_a_finished_update_is_followed_by_a_new_one(story: Story) -> None:
    """After an update has ended the next call looks again."""
    first = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    assert start_update_cache(story.world, story.owner, "demo").id != first.id
    drop_jobs(story.fakes)


def test_only_pypi_cache_has_a_cache(tmp_path: Path) -> None:
    """A pypi-ext project is planned, but has no cache to update."""
    with begin_story(tmp_path, HostingMode.EXT) as story:
        with pytest.raises(Conflict) as refused:
            start_update_cache(story.world, story.owner, "demo")
        assert refused.value.code == "mode-not-cache"


@pytest.mark.parametrize("start", [start_plan, start_update_cache])
@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        (HostingMode.ONLY, ProjectStatus.ACTIVE, "external-refused"),
        (HostingMode.CACHE, ProjectStatus.QUARANTINED, "project-takes-no-files"),
        (HostingMode.CACHE, ProjectStatus.ARCHIVED, "project-takes-no-files"),
    ],
)
def test_nothing_is_looked_for_where_nothing_may_come(
    tmp_path: Path,
    start: Callable[[World, Caller, str], Rehost],
    mode: HostingMode,
    status: ProjectStatus,
    code: str,
) -> None:
    """A pypi-only project, and one that takes no files, is not crawled (I-12)."""
    with begin_story(tmp_path, mode) as story:
        set_status(story.fakes.store, story.project, status)
        with pytest.raises(Conflict) as refused:
            start(story.world, story.owner, "demo")
        assert refused.value.code == code
        set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)


def test_only_maintainers_start(story: Story) -> None:
    """A stranger starts nothing; a plan wants a token to manage, an update one to upload."""
    eve = Caller(add_person(story.world, "eve"))
    for caller in (eve, with_token(story, Scope.UPLOAD)):
        with pytest.raises(Forbidden):
            start_plan(story.world, caller, "demo")
    for caller in (eve, with_token(story, Scope.MANAGE)):
        with pytest.raises(Forbidden):
            start_update_cache(story.world, caller, "demo")
    start_plan(story.world, with_token(story, Scope.MANAGE), "demo")
    start_update_cache(story.world, with_token(story, Scope.UPLOAD), "demo")
    assert drop_jobs(story.fakes) == [Work.PLAN_REHOST] * 2


def test_what_is_not_there_is_not_found(story: Story) -> None:
    """Unknown projects and rehosts are not found, and what is no version is said to be none."""
    with pytest.raises(NotFound):
        start_plan(story.world, story.owner, "other")
    with pytest.raises(Invalid):
        start_plan(story.world, story.owner, "demo", "1 0")
    for rehost_id in (99, 0, -1, 2**63):
        with story.world.store.read() as tx, pytest.raises(NotFound) as refused:
            find_rehost(tx, rehost_id)
        assert refused.value.code == "rehost-unknown"


def test_a_move_that_the_table_does_not_hold_is_not_stored(story: Story) -> None:
    """Only moves of the table are made; a made one is stored with its time and reason."""
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    with story.world.store.write() as tx:
        with pytest.raises(IllegalMove):
            move(tx, rehost, Step.PUBLISH, NOW)
        assert find_rehost(tx, rehost.id) == rehost
        moved = move(tx, rehost, Step.FAIL, NOW, problem="Because.", code="because", tries=2)
        assert find_rehost(tx, rehost.id) == moved
    assert (moved.state, moved.changed_at, moved.tries) == (State.FAILED, NOW, 3)
    assert (moved.problem, moved.problem_code) == ("Because.", "because")


# Lost workers


def test_abandoned_work_is_given_to_a_new_worker(story: Story) -> None:
    """What is running, and no live job is at, gets a job with the next try's key; planning and publishing alike."""
    story.offer({WHEEL: wheel()})
    consented = story.accept(story.plan("1.0"))
    drop_jobs(story.fakes)
    publishing = story.accept(story.plan("1.0.0"))
    planning = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    begin_publishing(story.world, publishing.id)
    lost = [
        Job(Work.PUBLISH_REHOST, consented.id, 1),
        Job(Work.PUBLISH_REHOST, publishing.id, 1),
        Job(Work.PLAN_REHOST, planning.id, 1, host="site.test"),
    ]
    asked: list[str] = []

    def is_alive(key: str) -> bool:
        asked.append(key)
        return False

    assert resume(story.world, is_alive) == (consented.id, publishing.id, planning.id)
    assert asked == [job.key for job in lost] * 2
    assert story.fakes.waiting() == [replace(job, try_number=2) for job in lost]
    assert [story.view(id_).rehost.tries for id_ in (consented.id, publishing.id, planning.id)] == [2, 2, 2]
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}
    assert story.view(planning.id).rehost.state is State.PLANNED


def test_work_that_is_alive_and_work_that_has_ended_is_left(story: Story) -> None:
    """A rehost whose job the engine has, and one that nobody works at, is not given away."""
    ended = story.plan("1.0").rehost
    alive = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    before = story.fakes.store.committed.snapshot()
    assert resume(story.world, lambda key: key == Job(Work.PLAN_REHOST, alive.id, 1).key) == ()
    assert story.fakes.store.committed == before
    assert story.view(ended.id).rehost.state is State.PLANNED


def test_a_host_whose_job_was_lost_is_asked_by_a_new_one(story: Story) -> None:
    """While a plan is made, each host with wanted files has a job; only what was lost is given away, again and again."""
    story.offer({WHEEL: wheel(), "https://other.test/demo-1.0.tar.gz": b""})
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    mine, others = crawl_sources(story.world, rehost.id)
    drop_jobs(story.fakes)
    alive = {keys_at(others.work, rehost.id, others.host)}
    assert others.key.startswith(tuple(alive))
    assert resume(story.world, alive.__contains__) == (rehost.id,)
    assert story.fakes.waiting() == [replace(mine, try_number=2)]
    drop_jobs(story.fakes)
    assert resume(story.world, alive.__contains__) == (rehost.id,)
    assert story.fakes.waiting() == [replace(mine, try_number=3)]
    run_jobs(story.fakes)
    assert resume(story.world, alive.__contains__) == ()
    assert resume(story.world, lambda _key: False) == (rehost.id,)
    run_jobs(story.fakes)
    assert story.view(rehost.id).rehost.state is State.PLANNED


def test_what_ends_while_it_is_missed_is_not_given_away(story: Story) -> None:
    """A rehost that looked lost and came to its end before that could be remembered is left alone."""
    rehost = start_plan(story.world, story.owner, "demo")

    def is_alive(_key: str) -> bool:
        run_jobs(story.fakes)
        return False

    assert resume(story.world, is_alive) == ()
    assert story.view(rehost.id).rehost.tries == 1
