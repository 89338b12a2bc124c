"""What a person said of a file holds when the index looks again by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.registering import at_work, refused
from tests.support.story import SDIST, SITE, WHEEL, Story, ids, put_down, sdist, wheel
from tests.support.world import drop_jobs, run_jobs

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid
from homeport.domain.fetching import Few
from homeport.domain.inspection import Verdict
from homeport.domain.plan_draft import Changes
from homeport.domain.rehost import Decision, Rehost
from homeport.flows.rehost.draft import Saving, Shown, declare_hashes, save_draft, show_review
from homeport.flows.rehost.review import refuse
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.rehost.withdraw import withdraw

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


# What was said with an answer, by whichever door


def test_a_refused_plan_is_heard(story: Story) -> None:
    """A standing consent brings nothing home of a plan that a person refused; what is new comes, with who refused the others."""
    refuse(story.world, story.owner, story.plan("1.0").rehost.id, "Not by us.")
    new = "demo-2.0-py3-none-any.whl"
    story.offer({WHEEL: wheel(), SDIST: sdist(), new: wheel("2.0")})
    after = updated(story)
    assert set(story.files()) == {new}
    for name in (WHEEL, SDIST):
        item = story.item(after.id, name)
        assert (item.verdict, [finding.code for finding in item.findings]) == (
            Verdict.HOLD,
            ["refused-before"],
        )
    assert (
        "Refused by ada: Not by us. If that is wanted after all, accept it in a new plan of version 1.0."
        in (after.problem)
    )


def test_a_registration_hears_it_too(story: Story) -> None:
    """It is refused with the sentence of who refused the plan."""
    refuse(story.world, story.owner, story.plan().rehost.id)
    at_work(story, lambda: run_jobs(story.fakes))
    assert "Refused by ada. If that is wanted" in refused(story, Invalid).sentence


def test_the_next_plan_tells_of_the_refused_one(story: Story) -> None:
    """A person who looks again is told beside each file, and may take it; then updates have nothing against it."""
    refuse(story.world, story.owner, story.plan().rehost.id, "Not by us.")
    again = story.plan()
    assert again.rehost.plan_digest == again.digest
    assert {(f.code, f.severity.value) for item in again.plan.items for f in item.findings} == {
        ("refused-before", "info")
    }
    assert "Refused by ada: Not by us." in again.plan.items[0].findings[0].message
    story.accept(again)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}
    assert updated(story).problem_code == "nothing-new"


def test_files_of_a_refused_list_are_heard(story: Story) -> None:
    """Files whose bytes nobody had, because the plan only listed them, or was not ready, do not come home by themselves."""
    story.fakes.world = replace(story.world, limits=replace(story.world.limits, few=Few(items=1)))
    refuse(story.world, story.owner, story.plan("1.0").rehost.id)
    assert "had this file in its plan" in updated(story).problem
    assert not story.files()


def test_a_plan_that_is_stopped_early_has_no_files(story: Story) -> None:
    """What was refused before anything was found says nothing of files."""
    refuse(story.world, story.owner, start_plan(story.world, story.owner, "demo").id)
    assert updated(story).problem == ""
    assert set(story.files()) == {WHEEL, SDIST}


def test_a_withdrawn_consent_is_heard(story: Story) -> None:
    """What was accepted and not published when the consent was withdrawn waits for a person."""
    rehost = story.accept(story.plan())
    withdraw(story.world, story.owner, rehost.id, reason="Too early.")
    drop_jobs(story.fakes)
    assert "Consent withdrawn by ada. Reason: Too early." in updated(story).problem
    assert not story.files()


def test_what_an_answer_left_out_stays_out(story: Story) -> None:
    """Whoever accepts one file by its name leaves the others out, until somebody takes them."""
    view = story.plan()
    story.accept(view, accept=frozenset({ids(view)[WHEEL]}))
    run_jobs(story.fakes)
    assert "ada left out these bytes on " in updated(story).problem
    assert set(story.files()) == {WHEEL}
    story.accept(story.plan())
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


@pytest.mark.parametrize("accepts", [True, False])
def test_a_hash_that_was_named_with_an_answer_is_heard(story: Story, *, accepts: bool) -> None:
    """Other bytes than the named ones wait, whether the file was accepted then or left out."""
    if accepts:
        put_down(story, SDIST)
    view = story.plan()
    numbers = ids(view)
    accept = frozenset(numbers.values()) if accepts else frozenset({numbers[WHEEL]})
    story.accept(view, declared={numbers[SDIST]: Sha256.of(sdist())}, accept=accept)
    run_jobs(story.fakes)
    drop_jobs(story.fakes)
    story.fakes.outside.put_file(f"{SITE}/{SDIST}", sdist(content=b"other = 1\n"))
    after = updated(story)
    assert set(story.files()) == {WHEEL}
    assert f"ada named sha256 {Sha256.of(sdist())} for this file on " in after.problem
    assert story.item(after.id, SDIST).findings[-1].code == "named-otherwise"


def test_other_plans_are_told_what_a_review_says(story: Story) -> None:
    """What was said in the review of one version's plan is told in a plan of all; what its own review says is there."""
    mismatch(story)
    findings = {item.filename: item.findings for item in story.plan().plan.items}
    (told,) = findings[SDIST]
    assert (told.code, told.severity.value, findings[WHEEL]) == ("named-otherwise", "info", ())
    assert story.item(story.plan("1.0").rehost.id, SDIST).findings == ()
