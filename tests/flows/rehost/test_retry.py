"""A person has files looked at again, and withdraws a consent."""

import pytest
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, ids, put_down, sdist, wheel
from tests.support.world import drop_jobs, run_jobs, run_late_jobs, set_status

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, IllegalMove, NeedsConsent
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, Decision, Purpose, State
from homeport.flows.rehost.agree import consent_to
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.start import begin, start_plan
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.jobs import Job, Work

# Retrying


def test_a_planned_rehost_looks_at_everything_again(story: Story) -> None:
    """A retry of a plan starts over from the pages: what was down may be up, and what was seen may be mended."""
    put_down(story, SDIST)
    view = story.plan()
    mended = wheel(content=b"mended")
    story.offer({WHEEL: mended, SDIST: sdist(), WHEEL_2: wheel("2.0")})
    story.fakes.outside.asked.clear()
    again = retry(story.world, story.owner, view.rehost.id)
    assert (again.state, again.tries) == (State.PLANNING, 2)
    assert story.fakes.waiting() == [Job(Work.PLAN_REHOST, again.id, 2, host="site.test")]
    assert story.view(again.id).plan.items == ()
    run_jobs(story.fakes)
    assert story.fakes.outside.asked == [f"{SITE}/", *(f"{SITE}/{name}" for name in (WHEEL, SDIST, WHEEL_2))]
    now = {item.filename: item.sha256 for item in story.view(again.id).plan.items}
    assert now == {
        WHEEL: Sha256.of(mended),
        SDIST: Sha256.of(sdist()),
        WHEEL_2: Sha256.of(wheel("2.0")),
    }


@pytest.mark.parametrize("purpose", [Purpose.REGISTRATION, Purpose.UPDATE_CACHE])
def test_a_call_is_repeated_and_not_retried(story: Story, purpose: Purpose) -> None:
    """What a call began, the same call begins again: its rehost is not retried, and stays as it was."""
    metadata = CoreMetadata("1.0", "demo", "1.0") if purpose is Purpose.REGISTRATION else None
    with story.world.store.write() as tx:
        now = story.fakes.clock.now()
        rehost = begin(tx, story.project, purpose, "1.0", by="ada", at=now, metadata=metadata)
    drop_jobs(story.fakes)
    fail(story.world, rehost.id, "The worker died.", "unavailable")
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(Conflict, match=f"{purpose} is not retried: repeat the command") as refusal:
        retry(story.world, story.owner, rehost.id)
    assert refusal.value.code == "retry-of-call"
    assert story.fakes.store.committed == before


def test_a_failed_rehost_begins_anew(story: Story) -> None:
    """What failed before anybody agreed is crawled again from its beginning."""
    rehost = start_plan(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    retry(story.world, story.owner, rehost.id)
    fail(story.world, rehost.id, "The worker died.", "failed")
    drop_jobs(story.fakes)
    story.offer({WHEEL_2: wheel("2.0")})
    again = retry(story.world, story.owner, rehost.id)
    assert (again.state, again.tries, again.problem) == (State.PLANNING, 3, "")
    run_jobs(story.fakes)
    assert [item.filename for item in story.view(rehost.id).plan.items] == [WHEEL_2]


def test_a_rehost_that_failed_half_published_keeps_its_record(story: Story) -> None:
    """What was published stays in the plan with its consent; the rest is fetched, judged and asked about anew."""
    put_down(story, SDIST)
    view = story.plan()
    declared = {ids(view)[SDIST]: Sha256.of(sdist())}
    story.accept(view, declared=declared, accept=frozenset(ids(view).values()))
    run_jobs(story.fakes)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    retry(story.world, story.owner, view.rehost.id)
    drop_jobs(story.fakes)
    fail(story.world, view.rehost.id, "The worker died.", "failed")
    first = story.view(view.rehost.id).consent

    retry(story.world, story.owner, view.rehost.id)
    unseen = story.item(view.rehost.id, SDIST)
    assert (unseen.bytes, unseen.declared_sha256, unseen.decision) == (Bytes.WANTED, "", Decision.UNDECIDED)
    assert story.item(view.rehost.id, WHEEL).is_published
    run_jobs(story.fakes)
    again = story.view(view.rehost.id)
    assert again.rehost.state is State.PLANNED
    assert story.item(view.rehost.id, SDIST).bytes is Bytes.HERE
    story.accept(again)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}
    assert story.count(Kind.FILE_PUBLISHED) == 2
    assert first is not None
    assert story.fakes.store.committed.consents[first.id] == first


def test_a_final_rehost_is_not_retried(story: Story) -> None:
    """What was published or refused is over."""
    view = story.plan()
    story.accept(view)
    run_jobs(story.fakes)
    with pytest.raises(IllegalMove):
        retry(story.world, story.owner, view.rehost.id)


def test_a_closed_project_is_not_retried(story: Story) -> None:
    """Quarantine stops a retry too (I-12)."""
    view = story.plan()
    set_status(story.fakes.store, story.project, ProjectStatus.QUARANTINED)
    with pytest.raises(Conflict):
        retry(story.world, story.owner, view.rehost.id)
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)


# Withdrawing


def test_withdrawn_consent_publishes_nothing_more(story: Story) -> None:
    """Consent is taken back before anything is published: nothing is, and the ledger has both (I-07)."""
    view = story.plan()
    story.accept(view)
    withdrawn = withdraw(story.world, story.owner, view.rehost.id)
    assert (withdrawn.state, withdrawn.problem) == (State.WITHDRAWN, "Consent withdrawn by ada.")
    run_jobs(story.fakes)
    assert story.files() == {}
    consent = story.view(view.rehost.id).consent
    assert consent is not None
    assert consent.withdrawn_at == story.fakes.clock.now()
    assert story.count(Kind.CONSENT_WITHDRAWN) == 1


def test_what_was_published_stays(story: Story) -> None:
    """Consent taken back later leaves what is hosted, and stops the tries for the rest (I-07)."""
    put_down(story, SDIST)
    view = story.plan()
    declared = {ids(view)[SDIST]: Sha256.of(sdist())}
    story.accept(view, declared=declared, accept=frozenset(ids(view).values()))
    run_jobs(story.fakes)
    withdraw(story.world, story.owner, view.rehost.id)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    assert run_late_jobs(story.fakes) == [Work.RETRY_REHOST]
    assert set(story.files()) == {WHEEL}


def test_there_must_be_a_consent_to_withdraw(story: Story) -> None:
    """A plan that nobody agreed to has no consent."""
    view = story.plan()
    with pytest.raises(IllegalMove):
        withdraw(story.world, story.owner, view.rehost.id)
    with story.world.store.read() as tx, pytest.raises(NeedsConsent) as refusal:
        consent_to(tx, view.rehost)
    assert refusal.value.code == "consent-missing"
