"""What was removed, and what is closed, does not come home by itself: a person says so, or it stays outside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.story import SDIST, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import run_jobs

from homeport.domain.errors import NeedsConsent, Refusal
from homeport.domain.hosting import Policy
from homeport.domain.inspection import Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.rehost import Rehost, State
from homeport.flows.rehost.registration import begin_registration, registration_outcome
from homeport.flows.rehost.start import start_update_cache
from homeport.flows.remove import remove

OTHER = wheel(content=b"answer = 43\n")
METADATA = CoreMetadata("1.0", "demo", "1.0")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project whose site offers a wheel, which is at home; releases close after two weeks."""
    with begin_story(tmp_path, policy=Policy(releases_close_after=timedelta(days=14))) as story:
        story.offer({WHEEL: wheel()})
        story.accept(story.plan())
        run_jobs(story.fakes)
        assert set(story.files()) == {WHEEL}
        yield story


def update_cache(story: Story) -> Rehost:
    """Look again for files, as a maintainer does; what came of it."""
    rehost = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    return story.view(rehost.id).rehost


def register(story: Story) -> None:
    """Register the release again; raises what refuses it."""
    begun = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(begun, int)
    run_jobs(story.fakes)
    registration_outcome(story.world, begun)


def remove_wheel(story: Story) -> None:
    """What the owner wants nobody to have any more."""
    remove(story.world, story.owner, "demo", "1.0", reason="A secret.", filenames=[WHEEL])


def test_standing_consent_brings_nothing_back(story: Story) -> None:
    """The site still offers what was removed here: an update of the cache leaves it there and says why."""
    remove_wheel(story)
    updated = update_cache(story)
    assert updated.state is State.UNCHANGED
    assert f"{WHEEL} was removed here on" in updated.problem
    assert "by ada: A secret." in updated.problem
    assert story.files() == {}
    with pytest.raises(Refusal, match="was removed here on"):
        register(story)
    assert story.files() == {}


def test_a_person_may_bring_the_same_bytes_back(story: Story) -> None:
    """A plan shows that the file was removed, by whom and why; who accepts it nevertheless has it again."""
    remove_wheel(story)
    view = story.plan()
    item = story.item(view.rehost.id, WHEEL)
    assert (item.verdict, item.change) == (Verdict.HOLD, "removed before, the same bytes")
    assert [finding.code for finding in item.findings] == ["removed-before"]
    story.accept(view, accept=frozenset({item.id}))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}


def test_i04_other_bytes_never_come(story: Story) -> None:
    """I-04: other bytes under the name of a removed file cannot be accepted."""
    remove_wheel(story)
    story.offer({WHEEL: OTHER})
    view = story.plan()
    item = story.item(view.rehost.id, WHEEL)
    assert (item.verdict, item.change) == (Verdict.REJECT, "other bytes than the removed file")
    assert "its name is never given to other bytes" in item.findings[-1].message
    with pytest.raises(NeedsConsent):
        story.accept(view, accept=frozenset({item.id}))


def test_i04_other_bytes_that_slip_through_fail_the_rehost(story: Story) -> None:
    """I-04: a file that is removed between consent and publishing stops other bytes in the last transaction."""
    story.offer({SDIST: sdist()})
    view = story.plan()
    other = sdist(content=b"answer = 43\n")
    story.accept(view)
    story.upload(SDIST, other)
    remove(story.world, story.owner, "demo", "1.0", reason="Oops.", filenames=[SDIST])
    run_jobs(story.fakes)
    failed = story.view(view.rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "file-removed")
    assert set(story.files()) == {WHEEL}


def test_t38_an_old_release_gets_files_by_a_review_only(story: Story) -> None:
    """T-38: a new file of a closed release is left outside by standing consents, and comes home by a reviewed plan."""
    story.fakes.clock.advance(timedelta(days=15))
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    updated = update_cache(story)
    assert "takes no new files after 14 days" in updated.problem
    with pytest.raises(Refusal, match="takes no new files after 14 days"):
        register(story)
    assert set(story.files()) == {WHEEL}
    view = story.plan()
    assert story.item(view.rehost.id, SDIST).verdict is Verdict.ACCEPT
    story.accept(view)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def test_what_is_there_is_not_held(story: Story) -> None:
    """A closed release whose files are all at home is registered again as before; what is unreachable is not judged."""
    story.fakes.clock.advance(timedelta(days=15))
    register(story)
    story.fakes.world = replace(story.world, policy=Policy())
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    register(story)
    assert set(story.files()) == {WHEEL, SDIST}
