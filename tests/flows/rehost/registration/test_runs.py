"""Release registration: calls that meet a run, wait for it, give up, or hear of it later."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.registering import METADATA, at_work, refused, register
from tests.support.story import SDIST, WHEEL, Story, sdist, wheel
from tests.support.world import Meanwhile, Says, add_person, drop_jobs, grant, run_job, run_jobs, wait_for

from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.rehost import State
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.registration import Registered, begin_registration, registration_outcome
from homeport.flows.rehost.review import list_rehosts
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.ports.jobs import Work
from homeport.ports.world import Limits

MOMENT = timedelta(microseconds=1)
REJECTS = Says(Inspection((Finding("rejected", Severity.REJECT, "No."),)))

# Calls that meet a run


def test_a_second_call_attaches_to_the_run(story: Story) -> None:
    """While a run is under way the same command waits for it instead of starting another."""
    outcomes: list[Registered] = []

    def attach() -> None:
        at_work(story, lambda: run_jobs(story.fakes))
        outcomes.append(register(story))

    at_work(story, attach)
    assert register(story) == Registered("demo", "1.0", (WHEEL, SDIST))
    assert outcomes == [Registered("demo", "1.0", (WHEEL, SDIST))]
    assert len(list_rehosts(story.world, story.owner, "demo")) == 1


@pytest.mark.parametrize("other", ["caller", "metadata"])
def test_another_call_does_not_attach(story: Story, other: str) -> None:
    """A run under way is neither answered to another person nor for other metadata: that call comes later."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    caller = bob if other == "caller" else story.owner
    metadata = replace(METADATA, summary="Another one") if other == "metadata" else METADATA
    told: list[Unavailable] = []

    def call() -> None:
        with pytest.raises(Unavailable) as refusal:
            register(story, metadata, caller)
        told.append(refusal.value)
        run_jobs(story.fakes)

    at_work(story, call)
    assert register(story).files == (WHEEL, SDIST)
    assert [one.code for one in told] == ["registration-running"]
    assert len(list_rehosts(story.world, story.owner, "demo")) == 1
    story.fakes.clock.on_sleep = lambda: run_jobs(story.fakes)
    assert register(story, metadata, caller).files == (WHEEL, SDIST)
    with story.world.store.read() as tx:
        (release,) = tx.releases.of_project(story.project.id)
    assert release.metadata == metadata


def test_another_spelling_of_the_version_is_the_same_run(story: Story) -> None:
    """Two spellings of one version are one registration at a time."""
    at_work(story, lambda: None)
    assert isinstance(begin_registration(story.world, story.owner, METADATA), int)
    with pytest.raises(Unavailable) as refusal:
        begin_registration(story.world, story.owner, replace(METADATA, version="1.0.0"))
    assert refusal.value.code == "registration-running"
    other = begin_registration(story.world, story.owner, replace(METADATA, version="2.0"))
    assert isinstance(other, int)
    drop_jobs(story.fakes)


def end_a_run(story: Story, *, after: timedelta) -> int:
    """A registration whose files were home ``after`` it had begun."""
    rehost_id = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(rehost_id, int)
    story.fakes.clock.advance(after)
    run_jobs(story.fakes)
    assert story.view(rehost_id).rehost.state is State.PUBLISHED
    return rehost_id


def test_an_outcome_that_nobody_heard_is_told_to_who_asks_again(story: Story) -> None:
    """When a run ended after its caller had been sent away, the same call is answered at once, and nothing is fetched."""
    rehost_id = end_a_run(story, after=timedelta(seconds=12, microseconds=1))
    story.fakes.outside.asked.clear()
    story.fakes.clock.advance(timedelta(minutes=10) - MOMENT)
    before = story.fakes.store.committed.snapshot()
    assert register(story) == Registered("demo", "1.0", (WHEEL, SDIST))
    assert begin_registration(story.world, story.owner, METADATA) == rehost_id
    assert story.fakes.outside.asked == []
    assert story.fakes.store.committed == before


@pytest.mark.parametrize(
    ("after", "later"),
    [
        (timedelta(seconds=12), timedelta(0)),
        (timedelta(seconds=13), timedelta(minutes=10)),
    ],
)
def test_an_outcome_that_was_heard_or_is_old_is_no_answer(
    story: Story, after: timedelta, later: timedelta
) -> None:
    """Whoever heard the outcome, and whoever comes much later, wants the site to be looked at again."""
    first = end_a_run(story, after=after)
    story.fakes.clock.advance(later)
    second = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(second, int)
    assert second != first
    assert run_jobs(story.fakes) == [Work.PLAN_REHOST, Work.FETCH_ITEMS]
    assert story.view(second).rehost.state is State.UNCHANGED


def test_an_unheard_outcome_is_for_its_own_call(story: Story) -> None:
    """Other metadata, or another person, begins a run of its own."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    seen = {end_a_run(story, after=timedelta(seconds=13))}
    for caller, metadata in ((bob, METADATA), (story.owner, replace(METADATA, summary="Another one"))):
        begun = begin_registration(story.world, caller, metadata)
        assert isinstance(begun, int)
        assert begun not in seen
        seen.add(begun)
        run_jobs(story.fakes)


def test_a_failure_that_nobody_heard_is_looked_at_again(story: Story) -> None:
    """A run that failed after its caller had been sent away is begun anew: what refused it may be mended."""
    story.offer({WHEEL: b"no wheel"})
    first = begin_registration(story.world, story.owner, METADATA)
    story.fakes.clock.advance(timedelta(seconds=13))
    run_jobs(story.fakes)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    assert begin_registration(story.world, story.owner, METADATA) != first
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def test_a_worker_that_gave_up_may_be_asked_again(story: Story) -> None:
    """A failure of the index itself is told as one that may pass."""
    rehost_id = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(rehost_id, int)
    assert registration_outcome(story.world, rehost_id) is None
    drop_jobs(story.fakes)
    fail(story.world, rehost_id, "Tried 5 times in vain.", "unavailable")
    with pytest.raises(Unavailable, match="in vain") as refusal:
        registration_outcome(story.world, rehost_id)
    assert refusal.value.code == "unavailable"


def test_a_call_that_waits_too_long_leaves_the_run_going(story: Story) -> None:
    """After its time the call is told how far it is and to repeat; the run goes on, and the repeated call has its outcome."""
    story.fakes.clock.on_sleep = lambda: None
    began = story.fakes.clock.now()
    refusal = refused(story, Unavailable)
    assert (refusal.code, story.fakes.waiting()[0].work) == ("still-running", Work.PLAN_REHOST)
    assert refusal.sentence == "Still looking for files; repeat the command to attach to the same run."
    waited = (story.fakes.clock.now() - began).total_seconds()
    assert 12 <= waited < 12.5
    at_work(story, lambda: run_jobs(story.fakes))
    assert register(story).files == (WHEEL, SDIST)
    assert len(list_rehosts(story.world, story.owner, "demo")) == 1


def test_a_call_that_waits_too_long_is_told_how_far_it_is(story: Story) -> None:
    """When files are being fetched the answer counts them."""
    world = replace(story.world, limits=Limits(registration_wait_seconds=0))
    seen: list[str] = []

    def look() -> None:
        if not seen:
            (running,) = list_rehosts(world, story.owner, "demo")
            with pytest.raises(Unavailable) as refusal:
                wait_for(world, running.id)
            seen.append(refusal.value.sentence)

    story.fakes.world = replace(story.world, isolation=Meanwhile(look))
    register(story)
    assert seen == ["Still fetching 2 of 2 files; repeat the command to attach to the same run."]


# Waiting for other runs


def test_an_update_that_got_some_is_tried_again(story: Story) -> None:
    """Who waits for an update that could not host everything is told to come back."""
    rehost = start_update_cache(story.world, story.owner, "demo")
    for _ in (Work.PLAN_REHOST, Work.FETCH_ITEMS):
        run_job(story.fakes, story.fakes.waiting()[0])
    story.fakes.world = replace(story.world, isolation=REJECTS)
    run_jobs(story.fakes)
    with pytest.raises(Unavailable) as refusal:
        wait_for(story.world, rehost.id)
    assert refusal.value.code == "partly-published"


def test_a_run_that_waits_for_a_person_is_no_success(story: Story) -> None:
    """Whoever waits for a plan that needs an answer is told where it stands."""
    story.fakes.clock.on_sleep = lambda: None
    rehost = start_plan(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    with pytest.raises(Invalid, match="The rehost is planned") as refusal:
        wait_for(story.world, rehost.id)
    assert refusal.value.code == "registration-failed"
    assert story.view(rehost.id).rehost.state is State.PLANNED
    assert drop_jobs(story.fakes) == []
