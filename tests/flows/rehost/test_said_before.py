"""What a person said of a file holds when the index looks again by itself."""

from datetime import timedelta

import pytest
from tests.support.registering import at_work, refused
from tests.support.story import SDIST, WHEEL, Story, ids, sdist
from tests.support.world import run_jobs

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid
from homeport.domain.plan_draft import Changes
from homeport.domain.rehost import Decision, Rehost
from homeport.flows.rehost.draft import Saving, Shown, declare_hashes, save_draft, show_review
from homeport.flows.rehost.start import start_update_cache

WRONG = "0" * 64


def shown(story: Story, rehost_id: int) -> Shown:
    """What the owner sees of a review."""
    review = show_review(story.world, story.owner, rehost_id)
    return Shown(review.view.digest, review.draft.revision)


def mismatch(story: Story) -> int:
    """A plan for which a wrong sha256 of the sdist was pasted."""
    planned = story.plan("1.0").rehost.id
    declare_hashes(story.world, story.owner, planned, shown(story, planned), f"{WRONG}  {SDIST}\n".encode())
    return planned


def updated(story: Story) -> Rehost:
    """What came of an update of the cache."""
    rehost = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    return story.view(rehost.id).rehost


def test_an_update_honours_a_named_hash(story: Story) -> None:
    """Bytes that contradict it stay outside, told with who named it and when; what nobody spoke of comes home."""
    mismatch(story)
    story.fakes.clock.advance(timedelta(days=3))
    after = updated(story)
    assert set(story.files()) == {WHEEL}
    assert f"ada named sha256 {WRONG} for this file on " in after.problem
    assert "make a new plan of version 1.0" in after.problem
    assert [finding.code for finding in story.item(after.id, SDIST).findings] == ["named-otherwise"]


def test_a_registration_honours_it_too(story: Story) -> None:
    """It is refused as a whole, with the same sentence."""
    mismatch(story)
    at_work(story, lambda: run_jobs(story.fakes))
    assert f"ada named sha256 {WRONG}" in refused(story, Invalid).sentence
    assert not story.files()


@pytest.mark.parametrize("by", ["emptying it", "naming the right one"])
def test_it_is_taken_back(story: Story, by: str) -> None:
    """Once the sha256 is taken back in a plan, or the right one is named, an update takes the file."""
    planned = mismatch(story)
    item_id = ids(story.view(planned))[SDIST]
    if by == "emptying it":
        saving = Saving(Changes(sha256={item_id: None}))
    else:
        saving = Saving(Changes(sha256={item_id: Sha256.of(sdist())}))
    save_draft(story.world, story.owner, planned, shown(story, planned), saving)
    assert updated(story).problem == ""
    assert set(story.files()) == {WHEEL, SDIST}


def test_bytes_that_were_left_out_stay_out(story: Story) -> None:
    """What a person left out of a plan is not brought home by an update; other bytes of that name are."""
    planned = story.plan("1.0").rehost.id
    saving = Saving(Changes({ids(story.view(planned))[SDIST]: Decision.LEAVE_OUT}))
    save_draft(story.world, story.owner, planned, shown(story, planned), saving)
    assert "ada left out these bytes on " in updated(story).problem
    assert set(story.files()) == {WHEEL}
