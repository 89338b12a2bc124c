"""What was accepted and did not come is tried again, file by file: by the clock, later and later, or because a person asks."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import drop_jobs, run_jobs, run_late_jobs

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.rehost import Bytes, Rehost, State
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.publish import retry_later
from homeport.flows.rehost.retry import retry
from homeport.formats.management_json import plan_json
from homeport.ports.jobs import Work

BYTES = {WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with three files outside."""
    with begin_story(tmp_path) as story:
        story.offer(BYTES)
        yield story


def put_down(story: Story, *names: str) -> None:
    """Let these files' places say nothing."""
    for name in names:
        story.fakes.outside.put(f"{SITE}/{name}", Answer(mood=Mood.SILENT))


def partly(story: Story) -> Rehost:
    """All are accepted, two of them by the sha256 that their maintainer knows, and one is hosted."""
    put_down(story, SDIST, WHEEL_2)
    view = story.plan()
    hashes = {
        item.id: Sha256.of(BYTES[item.filename])
        for item in view.plan.items
        if item.bytes is Bytes.UNREACHABLE
    }
    rehost = story.accept(view, declared=hashes, accept=frozenset(item.id for item in view.plan.items))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}
    return rehost


def asked_for(story: Story, name: str) -> int:
    """How often a file was asked for."""
    return sum(url == f"{SITE}/{name}" for url in story.fakes.outside.asked)


def test_each_file_says_how_often_and_when(story: Story) -> None:
    """After the first try in vain the next one is a minute away; it is told with the plan."""
    rehost = partly(story)
    view = story.view(rehost.id)
    assert {item.filename for item in view.missing} == {SDIST, WHEEL_2}
    now = story.fakes.clock.now()
    assert {(item.tries, item.next_try_at) for item in view.missing} == {(1, now + timedelta(seconds=60))}
    told = {item["filename"]: item for item in plan_json(rehost, view.plan, view.digest, None)["items"]}
    assert (told[SDIST]["tries"], told[SDIST]["next_try"]) == (1, "2026-03-04T05:07:07Z")
    assert (told[WHEEL]["tries"], told[WHEEL]["next_try"]) == (0, None)
    assert drop_jobs(story.fakes) == [Work.RETRY_REHOST]


def test_one_file_is_tried_now(story: Story) -> None:
    """The named one is asked for at once; the other keeps its time, and the clock keeps its turn."""
    rehost = partly(story)
    before = asked_for(story, WHEEL_2)
    story.offer(BYTES)
    retry(story.world, story.owner, rehost.id, [SDIST])
    assert run_jobs(story.fakes) == [Work.PUBLISH_REHOST]
    assert set(story.files()) == {WHEEL, SDIST}
    assert asked_for(story, WHEEL_2) == before
    assert story.item(rehost.id, WHEEL_2).tries == 1
    run_late_jobs(story.fakes)
    assert set(story.files()) == set(BYTES)
    assert story.view(rehost.id).rehost.state is State.PUBLISHED
    assert story.view(rehost.id).missing == ()


def test_only_what_is_due_is_asked_for(story: Story) -> None:
    """A file that was just tried by hand in vain waits for its own time when another's has come."""
    rehost = partly(story)
    story.fakes.clock.advance(timedelta(seconds=50))
    retry(story.world, story.owner, rehost.id, [SDIST])
    run_jobs(story.fakes)
    before = asked_for(story, SDIST)
    story.fakes.clock.advance(timedelta(seconds=10))
    retry_later(story.world, rehost.id)
    run_jobs(story.fakes)
    assert asked_for(story, SDIST) == before
    assert (story.item(rehost.id, SDIST).tries, story.item(rehost.id, WHEEL_2).tries) == (2, 2)
    drop_jobs(story.fakes)


def test_a_try_that_comes_too_early_waits_on(story: Story) -> None:
    """Where the time was set back, the clock's turn is not lost."""
    rehost = partly(story)
    drop_jobs(story.fakes)
    retry_later(story.world, rehost.id)
    (job,) = story.fakes.waiting()
    assert (job.work, job.delay_seconds) == (Work.RETRY_REHOST, 60)
    story.offer(BYTES)
    run_late_jobs(story.fakes)
    assert set(story.files()) == set(BYTES)


def test_only_what_could_not_be_reached_is_tried(story: Story) -> None:
    """Other names are refused with those that could be, and nothing is begun."""
    rehost = partly(story)
    drop_jobs(story.fakes)
    with pytest.raises(Invalid) as refused:
        retry(story.world, story.owner, rehost.id, [WHEEL, SDIST])
    assert refused.value.sentence == (
        f"Nothing to try again: {WHEEL}. Files that could not be reached are: {SDIST}, {WHEEL_2}."
    )
    assert story.view(rehost.id).rehost.state is State.PARTLY_PUBLISHED


def test_a_file_of_a_plan_is_fetched_again(story: Story) -> None:
    """In a plan that waits, only the named file is asked for; the others stay as they were looked at."""
    put_down(story, SDIST)
    view = story.plan()
    story.offer(BYTES)
    before = asked_for(story, WHEEL)
    retry(story.world, story.owner, view.rehost.id, [SDIST])
    run_jobs(story.fakes)
    again = story.view(view.rehost.id)
    assert again.rehost.state is State.PLANNED
    assert again.missing == ()
    assert again.digest != view.digest
    assert asked_for(story, WHEEL) == before
    with pytest.raises(Invalid) as refused:
        retry(story.world, story.owner, view.rehost.id, ["nothing.whl"])
    assert refused.value.sentence.endswith("are: none.")


def test_what_failed_begins_as_a_whole(story: Story) -> None:
    """A failed rehost looks at everything again: no file of it is tried by itself."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    fail(story.world, rehost.id, "The disk is full.", "unavailable")
    with pytest.raises(Conflict) as refused:
        retry(story.world, story.owner, rehost.id, [SDIST])
    assert refused.value.code == "retry-of-all"
