"""The reviewed bytes are published, once, and only while the consent to them lives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.support.fake_store import FakeStore, FakeTransaction
from tests.support.invariants import entries
from tests.support.story import SDIST, SITE, WHEEL, Story, declared, sdist, state, wheel
from tests.support.world import (
    Meanwhile,
    Says,
    add_person,
    drop_jobs,
    grant,
    revoke,
    run_jobs,
    run_late_jobs,
    run_work,
    set_status,
)

from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Rehost, State
from homeport.domain.release import Origin
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.rehost.publish import begin_publishing, complete, publish_batch, retry_later
from homeport.flows.rehost.review import Choice, accept
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.catalogue import Provenance
from homeport.ports.jobs import Job, Work

REJECTS = Says(Inspection((Finding("rejected", Severity.REJECT, "It must not be hosted."),)))
MANY = {f"demo-{number}.0-py3-none-any.whl": wheel(f"{number}.0") for number in range(1, 24)}


class MeanwhileStore:
    """A store that lets something happen before its ``at``-th write transaction begins."""

    def __init__(self, store: FakeStore, at: int, happens: Callable[[], object]) -> None:
        self.read = store.read
        self._store = store
        self._left = at
        self._happens = happens

    @contextmanager
    def write(self) -> Iterator[FakeTransaction]:
        """See the port."""
        self._left -= 1
        if not self._left:
            self._happens()
        with self._store.write() as tx:
            yield tx

    write_lightly = write


def consented(story: Story) -> Rehost:
    """A plan that was accepted; its job is not run by itself."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    return rehost


# The story


def test_the_files_come_home(story: Story) -> None:
    """Accepted files are hosted with where they came from; the ledger says so, and maintainers are told."""
    rehost = consented(story)
    run_work(story.world, Job(Work.PUBLISH_REHOST, rehost.id, 1))
    assert state(story, rehost) == (State.PUBLISHED, "")
    files = story.files()
    assert set(files) == {WHEEL, SDIST}
    file = files[WHEEL]
    assert (file.origin, file.is_legacy, file.digests.sha256) == (Origin.REHOST, True, Sha256.of(wheel()))
    with story.world.store.read() as tx:
        provenance = tx.files.provenance(story.project.id, WHEEL)
        subjects = [notice.subject for notice in tx.notices.of_user(story.owner.user.id, limit=9)]
        assert tx.releases.of_project(story.project.id)[0].metadata.name == "demo"
    assert provenance == Provenance("ada", rehost.id, f"{SITE}/{WHEEL}", f"{SITE}/")
    assert subjects[0] == "demo: 2 files came home"
    assert all(item.is_published for item in story.view(rehost.id).plan.items)
    published = entries(story.fakes.store, Kind.FILE_PUBLISHED)
    assert [entry["details"]["url"] for entry in published] == [f"{SITE}/{WHEEL}", f"{SITE}/{SDIST}"]
    (done,) = entries(story.fakes.store, Kind.REHOST_COMPLETED)
    assert done["details"] == {"rehost": rehost.id, "files": [WHEEL, SDIST]}


def test_who_agreed_is_who_published(story: Story) -> None:
    """The file and the ledger name the giver of the consent, whoever asked for the plan."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    view = story.plan()
    accept(story.world, bob, view.rehost.id, Choice(view.digest, Basis.AUTHOR))
    run_jobs(story.fakes)
    with story.world.store.read() as tx:
        provenance = tx.files.provenance(story.project.id, WHEEL)
    assert provenance == Provenance("bob", view.rehost.id, f"{SITE}/{WHEEL}", f"{SITE}/")
    told = entries(story.fakes.store, Kind.FILE_PUBLISHED, Kind.REHOST_COMPLETED)
    assert [entry["actor"] for entry in told] == ["bob"] * 3


def test_the_reviewed_bytes_are_published_whatever_the_site_says_now(story: Story) -> None:
    """A site that changes its bytes after the review changes nothing: it is not asked again (T-12)."""
    view = story.plan()
    story.accept(view)
    story.offer({WHEEL: wheel(content=b"evil"), SDIST: sdist(content=b"evil")})
    story.fakes.outside.asked.clear()
    run_jobs(story.fakes)
    assert story.fakes.outside.asked == []
    assert {name: file.digests.sha256 for name, file in story.files().items()} == {
        WHEEL: Sha256.of(wheel()),
        SDIST: Sha256.of(sdist()),
    }


def test_many_files_come_in_batches(story: Story) -> None:
    """A long list is published in several transactions, each with its page."""
    story.offer(MANY)
    rehost = consented(story)
    batches = begin_publishing(story.world, rehost.id)
    assert [len(batch) for batch in batches] == [20, 3]
    publish_batch(story.world, rehost.id, batches[0])
    assert len(story.files()) == 20
    publish_batch(story.world, rehost.id, batches[1])
    complete(story.world, rehost.id)
    assert len(story.files()) == 23
    assert state(story, rehost) == (State.PUBLISHED, "")


def test_a_held_sdist_without_metadata_is_known_by_its_name(story: Story) -> None:
    """A person may accept a file whose metadata cannot be read: then its name is all that is known."""
    held = Says(Inspection((Finding("inspection-limit", Severity.HOLD, "It took too long."),)))
    story.fakes.world = replace(story.world, isolation=held)
    view = story.plan()
    ids = frozenset(item.id for item in view.plan.items if item.filename == SDIST)
    story.accept(view, accept=ids)
    run_jobs(story.fakes)
    assert set(story.files()) == {SDIST}
    with story.world.store.read() as tx:
        (release,) = tx.releases.of_project(story.project.id)
    assert (release.metadata.name, release.metadata.version) == ("demo", "1.0")


# What stops it


def publish_all(story: Story, rehost: Rehost) -> None:
    """Run the publishing job."""
    run_work(story.world, Job(Work.PUBLISH_REHOST, rehost.id, rehost.tries))


def test_consent_withdrawn_between_two_batches_stops_the_second(story: Story) -> None:
    """What was published before stays, nothing more is added, and a late worker finds nothing to do (I-07)."""
    story.offer(MANY)
    rehost = consented(story)
    first, second = begin_publishing(story.world, rehost.id)
    publish_batch(story.world, rehost.id, first)
    withdraw(story.world, story.owner, rehost.id)
    publish_batch(story.world, rehost.id, second)
    complete(story.world, rehost.id)
    assert len(story.files()) == 20
    assert state(story, rehost)[0] is State.WITHDRAWN
    assert begin_publishing(story.world, rehost.id) == ()


def test_a_role_that_was_lost_after_consent_publishes_nothing(story: Story) -> None:
    """Rights are evaluated when it counts: who no longer maintains the project agreed in vain (T-32)."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    view = story.plan()
    rehost = accept(story.world, bob, view.rehost.id, Choice(view.digest, Basis.AUTHOR))
    revoke(story.fakes.store, story.project, bob.user)
    run_jobs(story.fakes)
    assert state(story, rehost) == (State.FAILED, "consent-role-lost")
    assert story.files() == {}


def test_a_giver_who_is_disabled_publishes_nothing(story: Story) -> None:
    """The consent of a disabled account is not live, however it was given."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    view = story.plan()
    rehost = accept(story.world, bob, view.rehost.id, Choice(view.digest, Basis.AUTHOR))
    with story.world.store.write() as tx:
        tx.users.disable(bob.user.id, story.fakes.clock.now())
    run_jobs(story.fakes)
    assert state(story, rehost) == (State.FAILED, "consent-role-lost")
    assert story.files() == {}


def test_a_giver_who_is_gone_publishes_nothing(story: Story) -> None:
    """A consent by an account that no longer exists is not live."""
    rehost = consented(story)
    tables = story.fakes.store.committed.snapshot()
    del tables.users[story.owner.user.id]
    story.fakes.store.committed = tables
    begun = begin_publishing(story.world, rehost.id)
    publish_batch(story.world, rehost.id, begun[0])
    assert tables.rehosts[rehost.id].rehost.state is State.CONSENTED
    assert story.fakes.store.committed.rehosts[rehost.id].rehost.problem_code == "consent-role-lost"


@pytest.mark.parametrize("status", [ProjectStatus.QUARANTINED, ProjectStatus.ARCHIVED])
def test_a_closed_project_gets_nothing(story: Story, status: ProjectStatus) -> None:
    """Quarantine between consent and publishing beats the consent (I-12)."""
    rehost = consented(story)
    set_status(story.fakes.store, story.project, status)
    publish_all(story, rehost)
    assert state(story, rehost) == (State.FAILED, "project-takes-no-files")
    assert story.files() == {}
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)


def close_to_the_outside(story: Story) -> None:
    """Let the project refuse everything from outside."""
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY))


def test_nothing_is_published_after_the_outside_was_closed(story: Story) -> None:
    """A project that became pypi-only after the consent gets nothing (I-12)."""
    rehost = consented(story)
    close_to_the_outside(story)
    publish_all(story, rehost)
    assert state(story, rehost) == (State.FAILED, "external-refused")
    assert story.files() == {}


def test_nothing_is_fetched_after_the_outside_was_closed(story: Story) -> None:
    """What was accepted by its sha256 is not even asked for once the project is closed (I-12)."""
    rehost = declared(story)
    drop_jobs(story.fakes)
    close_to_the_outside(story)
    story.fakes.outside.asked.clear()
    publish_all(story, rehost)
    assert story.fakes.outside.asked == []
    assert state(story, rehost) == (State.FAILED, "external-refused")


def test_the_outside_may_be_closed_between_two_batches(story: Story) -> None:
    """The mode is asked once more inside each batch's transaction: what came before stays, the rest does not come."""
    story.offer(MANY)
    rehost = consented(story)
    first, second = begin_publishing(story.world, rehost.id)
    publish_batch(story.world, rehost.id, first)
    close_to_the_outside(story)
    publish_batch(story.world, rehost.id, second)
    assert state(story, rehost) == (State.FAILED, "external-refused")
    assert len(story.files()) == 20


def test_the_clock_does_not_try_a_closed_project_again(story: Story) -> None:
    """When a try's time has come and the outside is closed, nothing is fetched and the rehost stays as it is."""
    rehost = declared(story)
    run_jobs(story.fakes)
    close_to_the_outside(story)
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    story.fakes.outside.asked.clear()
    assert run_late_jobs(story.fakes) == [Work.RETRY_REHOST]
    assert story.fakes.outside.asked == []
    assert state(story, rehost) == (State.PARTLY_PUBLISHED, "partly-published")
    with pytest.raises(Conflict) as refused:
        retry_later(story.world, rehost.id)
    assert refused.value.code == "external-refused"


def test_a_name_taken_by_other_bytes_meanwhile_fails_the_rest(story: Story) -> None:
    """An upload that was faster keeps its name; the rehost says so and publishes nothing of that batch (I-04)."""
    rehost = consented(story)
    story.upload(WHEEL, wheel(content=b"answer = 43\n"))
    publish_all(story, rehost)
    assert state(story, rehost) == (State.FAILED, "file-exists")
    assert {name: file.origin for name, file in story.files().items()} == {WHEEL: Origin.UPLOAD}
    assert story.count(Kind.FILE_PUBLISHED) == 1


def test_the_same_bytes_uploaded_meanwhile_are_no_conflict(story: Story) -> None:
    """An upload of the very same bytes and a rehost agree: one file, one entry."""
    rehost = consented(story)
    story.upload(WHEEL, wheel())
    publish_all(story, rehost)
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert story.files()[WHEEL].origin is Origin.UPLOAD
    assert story.count(Kind.FILE_PUBLISHED) == 2


@pytest.mark.parametrize("damaged", [b"other bytes", None])
def test_damaged_bytes_are_never_published(story: Story, damaged: bytes | None) -> None:
    """Bytes are read again before they are named: damaged or lost ones stop the rehost (I-01, I-02)."""
    rehost = consented(story)
    sha256 = Sha256.of(wheel())
    if damaged is None:
        del story.fakes.blobs.kept[sha256]
    else:
        story.fakes.blobs.kept[sha256] = damaged
    (batch,) = begin_publishing(story.world, rehost.id)
    with pytest.raises(Unavailable) as refused:
        publish_batch(story.world, rehost.id, batch)
    assert refused.value.code == ("blob-missing" if damaged is None else "blob-damaged")
    assert WHEEL in refused.value.sentence
    assert story.files() == {}
    publish_all(story, rehost)
    assert state(story, rehost)[0] is State.FAILED


def test_a_store_that_is_busy_is_tried_again(story: Story) -> None:
    """When another writer takes too long the step is refused and nothing fails; run again it publishes."""
    rehost = consented(story)
    (batch,) = begin_publishing(story.world, rehost.id)
    with story.world.store.write(), pytest.raises(Unavailable):
        publish_batch(story.world, rehost.id, batch)
    assert state(story, rehost) == (State.PUBLISHING, "")
    publish_batch(story.world, rehost.id, batch)
    complete(story.world, rehost.id)
    assert state(story, rehost) == (State.PUBLISHED, "")


def test_a_file_that_inspection_rejects_now_is_not_published(story: Story) -> None:
    """Bytes are judged again by the inspection of the day; what it rejects stays out, and is said to."""
    rehost = consented(story)
    story.fakes.world = replace(story.world, isolation=REJECTS)
    publish_all(story, rehost)
    assert state(story, rehost) == (State.PARTLY_PUBLISHED, "partly-published")
    assert story.files() == {}
    assert story.view(rehost.id).rehost.problem == (
        f"Still not hosted: {WHEEL}: rejected\nStill not hosted: {SDIST}: rejected"
    )
    assert story.fakes.waiting() == []


def test_two_workers_at_one_batch_publish_it_once(story: Story) -> None:
    """When another worker was faster, inside the transaction nothing is found to do (I-18)."""
    rehost = consented(story)
    (batch,) = begin_publishing(story.world, rehost.id)
    slower = replace(story.world, isolation=Meanwhile(lambda: publish_batch(story.world, rehost.id, batch)))
    publish_batch(slower, rehost.id, batch)
    complete(story.world, rehost.id)
    assert state(story, rehost) == (State.PUBLISHED, "")
    assert story.count(Kind.FILE_PUBLISHED) == 2


def test_a_refusal_that_comes_late_leaves_what_was_decided_meanwhile(story: Story) -> None:
    """A maintainer who withdraws while a batch is being refused has the last word."""
    rehost = consented(story)
    story.upload(WHEEL, wheel(content=b"answer = 43\n"))
    (batch,) = begin_publishing(story.world, rehost.id)
    withdrawing = MeanwhileStore(story.fakes.store, 2, lambda: withdraw(story.world, story.owner, rehost.id))
    publish_batch(replace(story.world, store=withdrawing), rehost.id, batch)
    assert state(story, rehost) == (State.WITHDRAWN, "")
