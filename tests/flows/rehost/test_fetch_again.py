"""What could not be reached when it was agreed to is fetched later, so often and by one worker."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, declared, sdist, state, wheel
from tests.support.world import Meanwhile, OwnProcess, Says, drop_jobs, run_jobs, run_late_jobs

from homeport.domain.digests import Sha256
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.ledger import Kind
from homeport.domain.rehost import Bytes, Decision, State
from homeport.flows.rehost.publish import begin_publishing, complete, publish_batch, retry_later
from homeport.flows.rehost.retry import retry
from homeport.ports.jobs import Job, Work
from homeport.ports.world import Limits

HOLDS = Says(Inspection((Finding("held", Severity.HOLD, "Here a person must look at it."),)))
# The sdist that a maintainer declares, and that inspection may hold.
HELD = sdist(content=b"answer = 44\n")


def test_an_unreachable_file_is_tried_again_later(story: Story) -> None:
    """What was accepted by its sha256 is published as soon as its site gives these bytes; the rest does not wait."""
    rehost = declared(story)
    run_jobs(story.fakes)
    assert state(story, rehost) == (State.PARTLY_PUBLISHED, "partly-published")
    assert set(story.files()) == {WHEEL}
    assert story.fakes.waiting() == [Job(Work.RETRY_REHOST, rehost.id, 2, delay_seconds=60.0)]
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    assert run_late_jobs(story.fakes) == [Work.RETRY_REHOST, Work.PUBLISH_REHOST]
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert story.files()[SDIST].digests.sha256 == Sha256.of(sdist())
    assert story.view(rehost.id).rehost.tries == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [(sdist(content=b"evil"), "The maintainer declared sha256"), (HELD, "a person must look at it")],
)
def test_bytes_that_nobody_may_publish_unseen_stay_outside(story: Story, body: bytes, reason: str) -> None:
    """Other bytes than the declared ones, and held ones, wait outside for better ones, and the plan says why (I-01)."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    view = story.plan()
    hashes = {item.id: Sha256.of(HELD) for item in view.plan.items if item.filename == SDIST}
    rehost = story.accept(view, declared=hashes, accept=frozenset(item.id for item in view.plan.items))
    run_jobs(story.fakes)
    story.fakes.outside.put_file(f"{SITE}/{SDIST}", body)
    if body == HELD:
        story.fakes.world = replace(story.world, isolation=HOLDS)
    run_late_jobs(story.fakes)
    assert state(story, rehost) == (State.PARTLY_PUBLISHED, "partly-published")
    item = story.item(rehost.id, SDIST)
    assert (item.bytes, item.sha256, item.verdict) == (Bytes.UNREACHABLE, None, None)
    assert (item.decision, item.is_published) == (Decision.ACCEPT, False)
    assert item.problem.startswith("What the site gave cannot be published unseen: ")
    assert reason in item.problem
    assert item.problem in story.view(rehost.id).rehost.problem
    assert set(story.files()) == {WHEEL}
    story.fakes.world = replace(story.world, isolation=OwnProcess())
    story.fakes.outside.put_file(f"{SITE}/{SDIST}", HELD)
    assert run_late_jobs(story.fakes) == [Work.RETRY_REHOST, Work.PUBLISH_REHOST]
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert story.files()[SDIST].digests.sha256 == Sha256.of(HELD)


def test_two_workers_fetch_one_declared_file(story: Story) -> None:
    """The slower of two workers leaves the item as the faster one published it (I-18)."""
    rehost = declared(story)
    drop_jobs(story.fakes)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    (batch,) = begin_publishing(story.world, rehost.id)
    slower = replace(story.world, isolation=Meanwhile(lambda: publish_batch(story.world, rehost.id, batch)))
    publish_batch(slower, rehost.id, batch)
    assert story.item(rehost.id, SDIST).is_published
    complete(story.world, rehost.id)
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert story.count(Kind.FILE_PUBLISHED) == 2


def test_tries_come_later_and_later_and_end(tmp_path: Path) -> None:
    """Each try waits twice as long as the one before, and after the last one a person must ask."""
    with begin_story(tmp_path, limits=Limits(retries=3, first_retry_seconds=10)) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        rehost = declared(story)
        run_jobs(story.fakes)
        delays = []
        while waiting := story.fakes.waiting():
            delays += [job.delay_seconds for job in waiting]
            run_late_jobs(story.fakes)
        assert delays == [10, 20]
        assert state(story, rehost) == (State.PARTLY_PUBLISHED, "partly-published")
        assert retry(story.world, story.owner, rehost.id).tries == 4
        run_jobs(story.fakes)


def test_a_person_may_be_faster_than_the_clock(story: Story) -> None:
    """A retry by hand publishes at once; the clock's later try finds nothing to do."""
    rehost = declared(story)
    run_jobs(story.fakes)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    retry(story.world, story.owner, rehost.id)
    assert run_jobs(story.fakes) == [Work.PUBLISH_REHOST]
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert run_late_jobs(story.fakes) == [Work.RETRY_REHOST]
    assert state(story, rehost) == (State.PUBLISHED, "")


def test_a_retry_by_hand_in_vain_leaves_the_clock_its_turn(story: Story) -> None:
    """Tries by hand and by the clock do not use up each other's keys."""
    rehost = declared(story)
    run_jobs(story.fakes)
    retry(story.world, story.owner, rehost.id)
    run_jobs(story.fakes)
    assert [job.key for job in story.fakes.waiting()] == ["retry-rehost-1-2", "retry-rehost-1-3"]
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    run_late_jobs(story.fakes)
    assert state(story, rehost) == (State.PUBLISHED, "")


def test_late_workers_find_nothing_to_do(story: Story) -> None:
    """Steps that come after the end, and steps of a rehost that nobody agreed to, change nothing."""
    view = story.plan()
    before = story.fakes.store.committed.snapshot()
    assert begin_publishing(story.world, view.rehost.id) == ()
    publish_batch(story.world, view.rehost.id, [item.id for item in view.plan.items])
    complete(story.world, view.rehost.id)
    retry_later(story.world, view.rehost.id)
    assert story.fakes.store.committed == before
