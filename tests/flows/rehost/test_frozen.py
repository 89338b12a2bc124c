"""A frozen file among those that come home: it is kept out and told, and the others are published."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import add_person, drop_jobs, revoke, run_job, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Hosted
from homeport.domain.digests import Sha256
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Rehost, State
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.rehost.registration import begin_registration
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.start import start_update_cache
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.jobs import Work

VIRUS = "It phones home."


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with three files outside."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
        yield story


@pytest.fixture
def root(story: Story) -> Caller:
    """An administrator."""
    return Caller(add_person(story.world, "root", is_admin=True))


def freeze_in_time(story: Story, version: str = "1.0", filename: str = WHEEL) -> None:
    """A freeze that is in force before the files come home."""
    with story.world.store.write() as tx:
        frozen = ReleaseVersion.parse(version)
        tx.freezes.add(story.project.id, frozen, filename, VIRUS, by="root", at=story.fakes.clock.now())


def end_all(story: Story) -> None:
    """Every freeze ends."""
    with story.world.store.write() as tx:
        for one in tx.freezes.of_project(story.project.id):
            tx.freezes.end(one.id, by="root", at=story.fakes.clock.now())


def agreed(story: Story) -> Rehost:
    """What became of a plan of all three files, to which their maintainer agreed."""
    rehost = story.accept(story.plan())
    run_jobs(story.fakes)
    return story.view(rehost.id).rehost


def test_the_others_are_published(story: Story) -> None:
    """The frozen one stands as missing with the reason; nobody is asked for it again; its consent is not used up."""
    freeze_in_time(story)
    rehost = agreed(story)
    assert set(story.files()) == {SDIST, WHEEL_2}
    assert (rehost.state, rehost.problem_code) == (State.PARTLY_PUBLISHED, "partly-published")
    assert rehost.problem.startswith(f"Still not hosted: {WHEEL}: {WHEEL} is frozen: ")
    assert VIRUS in rehost.problem
    (missing,) = story.view(rehost.id).missing
    assert (missing.filename, missing.next_try_at) == (WHEEL, None)
    assert missing.problem.endswith("Nothing is published there until that ends.")
    assert story.fakes.waiting() == []
    shown = story.view(rehost.id)
    assert shown.consent is not None
    assert shown.consent.plan_digest == shown.digest


def test_it_comes_home_by_a_retry_once_it_is_unfrozen(story: Story) -> None:
    """Before that a retry changes nothing; afterwards the same consent brings exactly these bytes home, unasked of the site."""
    freeze_in_time(story)
    rehost = agreed(story)
    retry(story.world, story.owner, rehost.id, [WHEEL])
    run_jobs(story.fakes)
    assert story.view(rehost.id).rehost.state is State.PARTLY_PUBLISHED
    assert story.fakes.waiting() == []
    assert WHEEL not in story.files()
    end_all(story)
    asked = len(story.fakes.outside.asked)
    retry(story.world, story.owner, rehost.id)
    run_jobs(story.fakes)
    assert story.view(rehost.id).rehost.state is State.PUBLISHED
    assert story.files()[WHEEL].digests.sha256 == Sha256.of(wheel())
    assert story.item(rehost.id, WHEEL).problem == ""
    assert story.view(rehost.id).missing == ()
    assert len(story.fakes.outside.asked) == asked


def test_it_comes_home_by_a_later_plan(story: Story) -> None:
    """A new plan offers what was kept out, and nothing else."""
    freeze_in_time(story)
    agreed(story)
    end_all(story)
    view = story.plan()
    assert [item.filename for item in view.plan.items if not item.obstacles] == [WHEEL]
    story.accept(view)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST, WHEEL_2}


def test_a_frozen_release_holds_back_its_files(story: Story, root: Caller) -> None:
    """All of the release wait, the other release comes home; frozen as administrators do it, once one file is there."""
    view = story.plan()
    story.accept(view, accept=frozenset(item.id for item in view.plan.items if item.filename == SDIST))
    run_jobs(story.fakes)
    freeze(story.world, root, "demo", "1.0", reason=VIRUS)
    rehost = agreed(story)
    assert rehost.state is State.PARTLY_PUBLISHED
    assert set(story.files()) == {SDIST, WHEEL_2}
    unfreeze(story.world, root, "demo", "1.0", reason="A false alarm.")
    retry(story.world, story.owner, rehost.id)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST, WHEEL_2}


def test_all_of_it_frozen(story: Story) -> None:
    """Nothing comes home, nothing failed, and the consent can still be withdrawn."""
    for version in ("1.0", "2.0"):
        freeze_in_time(story, version, "")
    rehost = agreed(story)
    assert (rehost.state, story.files()) == (State.PARTLY_PUBLISHED, {})
    assert story.count(Kind.FILE_PUBLISHED) == 0
    withdraw(story.world, story.owner, rehost.id, hosted=Hosted.KEEP)
    end_all(story)
    run_jobs(story.fakes)
    assert story.files() == {}


def test_who_has_left_is_told_first(story: Story) -> None:
    """A consent that counts no more fails the rehost, whatever is frozen (T-32)."""
    freeze_in_time(story)
    rehost = story.accept(story.plan())
    revoke(story.fakes.store, story.project, story.owner.user)
    run_jobs(story.fakes)
    with story.world.store.read() as tx:
        failed = tx.rehosts.find(rehost.id)
    assert failed is not None
    assert (failed.state, failed.problem_code) == (State.FAILED, "consent-role-lost")


def test_beside_what_could_not_be_reached(story: Story) -> None:
    """What is down is tried again by the clock, and does not drag what is frozen into a try after another."""
    freeze_in_time(story)
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    view = story.plan()
    down = story.item(view.rehost.id, SDIST)
    rehost = story.accept(
        view, declared={down.id: Sha256.of(sdist())}, accept=frozenset(i.id for i in view.plan.items)
    )
    run_jobs(story.fakes)
    assert {item.filename for item in story.view(rehost.id).missing} == {WHEEL, SDIST}
    assert drop_jobs(story.fakes) == [Work.RETRY_REHOST]


def test_an_update_of_the_cache(story: Story) -> None:
    """It hosts the others and says what is frozen; once that ends, the same command brings it home."""
    freeze_in_time(story)
    rehost = start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    assert set(story.files()) == {SDIST, WHEEL_2}
    done = story.view(rehost.id).rehost
    assert done.state is State.PUBLISHED
    assert done.problem.startswith(f"Not hosted: {WHEEL}: {WHEEL} is frozen: ")
    assert VIRUS in done.problem
    end_all(story)
    again = start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    assert story.view(again.id).rehost.state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, SDIST, WHEEL_2}


def test_updates_beside_what_is_frozen_leave_nothing_open(story: Story) -> None:
    """Each later one changes nothing, records no consent, and waits for nobody."""
    freeze_in_time(story)
    start_update_cache(story.world, story.owner, "demo", None)
    run_jobs(story.fakes)
    for _ in range(2):
        again = start_update_cache(story.world, story.owner, "demo", None)
        run_jobs(story.fakes)
        unchanged = story.view(again.id).rehost
        assert unchanged.state is State.UNCHANGED
        assert VIRUS in unchanged.problem
    assert story.count(Kind.CONSENT_GIVEN) == 1
    assert story.fakes.waiting() == []


def test_what_is_frozen_while_an_update_publishes(story: Story) -> None:
    """What was consented to and is frozen only then is kept out, and the rehost says so."""
    rehost = start_update_cache(story.world, story.owner, "demo", None)
    while (job := story.fakes.waiting()[0]).work is not Work.PUBLISH_REHOST:
        run_job(story.fakes, job)
    freeze_in_time(story)
    run_job(story.fakes, job)
    assert set(story.files()) == {SDIST, WHEEL_2}
    assert story.view(rehost.id).rehost.state is State.PARTLY_PUBLISHED


def test_a_registration_is_all_or_nothing(story: Story) -> None:
    """One frozen file refuses the release, with the reason, and nothing of it is hosted."""
    freeze_in_time(story)
    metadata = CoreMetadata("2.1", "demo", "1.0", home_page=f"{SITE}/")
    begun = begin_registration(story.world, story.owner, metadata)
    assert isinstance(begun, int)
    run_jobs(story.fakes)
    failed = story.view(begun).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "frozen")
    assert VIRUS in failed.problem
    assert story.files() == {}
