"""Release registration: the maintainer's old command, answered when the files are home."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import broken, entries
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import (
    BASE_URL,
    Meanwhile,
    OwnProcess,
    Says,
    add_person,
    add_project,
    drop_jobs,
    fake_world,
    grant,
    register_release,
    run_job,
    run_jobs,
    set_status,
    wait_for,
)

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, Refusal, Unauthenticated, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.rehost import State
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.registration import (
    Registered,
    begin_registration,
    check_registration,
    registration_outcome,
)
from homeport.flows.rehost.review import list_rehosts
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.ports.jobs import Work
from homeport.ports.world import Limits

METADATA = CoreMetadata("1.0", "Demo", "1.0", summary="A demo")
MOMENT = timedelta(microseconds=1)
REJECTS = Says(Inspection((Finding("rejected", Severity.REJECT, "No."),)))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files outside, and a worker that works whenever somebody waits."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        story.fakes.clock.on_sleep = lambda: run_jobs(story.fakes)
        yield story


def register(story: Story, metadata: CoreMetadata = METADATA, caller: Caller | None = None) -> Registered:
    """Register as the owner, unless somebody else is named."""
    return register_release(story.world, caller or story.owner, metadata)


def refused(story: Story, kind: type[Refusal], metadata: CoreMetadata = METADATA) -> Refusal:
    """The refusal of a registration that leaves no file and no release."""
    with pytest.raises(kind) as refusal:
        register(story, metadata)
    with story.world.store.read() as tx:
        assert list(tx.releases.of_project(story.project.id)) == []
    assert story.files() == {}
    return refusal.value


def at_work(story: Story, work: Callable[[], object]) -> None:
    """Let ``work`` be done, once, when somebody first waits."""

    def once() -> None:
        story.fakes.clock.on_sleep = lambda: None
        work()

    story.fakes.clock.on_sleep = once


# pypi-only and pypi-ext


def test_a_new_name_becomes_the_callers(tmp_path: Path) -> None:
    """Registering a name nobody has makes a pypi-only project; its metadata are recorded at once."""
    with fake_world(tmp_path) as fakes:
        ada = Caller(add_person(fakes.world, "ada"))
        registered = register_release(fakes.world, ada, METADATA)
        assert registered == Registered("demo", "1.0", ())
        with fakes.store.read() as tx:
            project = tx.projects.find("demo")
            assert project is not None
            assert (project.mode, project.name.display) == (HostingMode.ONLY, "Demo")
            assert tx.projects.role_of(project.id, ada.user.id) is Role.OWNER
            assert [release.metadata for release in tx.releases.of_project(project.id)] == [METADATA]
        assert broken(fakes) == []


def test_a_new_name_needs_a_token_for_it(tmp_path: Path) -> None:
    """A token for another project registers no new name, and one that was revoked nothing at all."""
    with fake_world(tmp_path) as fakes:
        ada = add_person(fakes.world, "ada")
        add_project(fakes.world, ada, "other")
        token = create_token(fakes.world, Caller(ada), TokenWish(frozenset({Scope.UPLOAD}), ("other",))).token
        with pytest.raises(Forbidden):
            register_release(fakes.world, Caller(ada, token), METADATA)
        revoke_token(fakes.world, Caller(ada), token.id)
        with pytest.raises(Unauthenticated):
            register_release(fakes.world, Caller(ada, token), METADATA)
        assert [one.name.display for one in fakes.store.committed.projects.values()] == ["other"]


def test_pypi_only_refuses_files_from_elsewhere(tmp_path: Path) -> None:
    """A pypi-only project takes a download URL of this index only, and says what to do about others."""
    with begin_story(tmp_path, HostingMode.ONLY) as story:
        refusal = refused(story, Conflict, replace(METADATA, download_url=f"{SITE}/{WHEEL}"))
        assert refusal.code == "external-refused"
        assert refused(story, Conflict, replace(METADATA, download_url="files/x")).code == "external-refused"
        evil = refused(story, Conflict, replace(METADATA, download_url=f"{BASE_URL}.evil.test/x"))
        assert evil.code == "external-refused"
        own = replace(METADATA, download_url=f"{BASE_URL}/files/x", home_page=f"{SITE}/")
        assert register(story, own) == Registered("demo", "1.0", ())
        assert story.fakes.outside.asked == []


def test_pypi_ext_lists_where_files_are_said_to_be(tmp_path: Path) -> None:
    """A pypi-ext project records its places, shows them to crawling clients, and fetches nothing (I-08)."""
    with begin_story(tmp_path, HostingMode.EXT) as story:
        metadata = replace(METADATA, download_url=f"{SITE}/files/", home_page=f"{SITE}/home/")
        assert register(story, metadata) == Registered("demo", "1.0", ())
        html = story.fakes.store.committed.pages["demo", "html"].bodies["identity"].decode()
        assert f'href="{SITE}/files/" rel="download"' in html
        assert f'href="{SITE}/home/" rel="homepage"' in html
        assert story.fakes.outside.asked == []


# Who


def test_only_maintainers_register(story: Story) -> None:
    """A stranger registers nothing; a maintainer does."""
    with pytest.raises(Forbidden):
        register(story, caller=Caller(add_person(story.world, "eve")))
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    assert register(story, caller=bob).files == (WHEEL, SDIST)
    assert {entry["actor"] for entry in entries(story.fakes.store, Kind.FILE_PUBLISHED)} == {"bob"}


def test_a_closed_project_registers_nothing(story: Story) -> None:
    """An archived or quarantined project takes no new release."""
    set_status(story.fakes.store, story.project, ProjectStatus.QUARANTINED)
    assert refused(story, Conflict).code == "project-takes-no-files"
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)


@pytest.mark.parametrize(("name", "version"), [("-", "1.0"), ("demo", ""), ("demo", "1 0")])
def test_a_registration_names_a_project_and_a_version(name: str, version: str) -> None:
    """Without a usable name and version there is nothing to register; old versions are usable."""
    with pytest.raises(Invalid):
        check_registration(replace(METADATA, name=name, version=version))
    assert str(check_registration(replace(METADATA, version="1.0-Final"))[1]) == "1.0-Final"


# pypi-cache


def test_success_is_answered_when_the_files_are_home(story: Story) -> None:
    """The answer comes after the files are hosted and the release is registered, and names them."""
    assert register(story) == Registered("demo", "1.0", (WHEEL, SDIST))
    assert set(story.files()) == {WHEEL, SDIST}
    with story.world.store.read() as tx:
        (release,) = tx.releases.of_project(story.project.id)
    assert release.metadata == METADATA


def test_places_of_the_call_itself_are_looked_at(story: Story) -> None:
    """Home page and download URL of the registered metadata are sources of this registration."""
    story.fakes.outside.put("https://new.test/", page(f'<a href="{SITE}/{WHEEL}">'))
    story.offer({})
    story.fakes.outside.put_file(f"{SITE}/{WHEEL}", wheel())
    assert register(story, replace(METADATA, home_page="https://new.test/")).files == (WHEEL,)


def test_the_same_registration_again_changes_nothing(story: Story) -> None:
    """A repeated command succeeds, and publishes nothing twice (I-18)."""
    register(story)
    published = story.count(Kind.FILE_PUBLISHED, Kind.RELEASE_REGISTERED)
    assert register(story) == Registered("demo", "1.0", (WHEEL, SDIST))
    assert story.count(Kind.FILE_PUBLISHED, Kind.RELEASE_REGISTERED) == published


def test_other_bytes_under_a_stored_name_are_refused(story: Story) -> None:
    """When the site has other bytes for a hosted name the registration fails, and ours stay (I-04)."""
    register(story)
    before = story.files()
    story.offer({WHEEL: wheel(content=b"evil"), SDIST: sdist()})
    with pytest.raises(Invalid, match="other bytes never replace") as refusal:
        register(story)
    assert refusal.value.code == "files-refused"
    assert story.files() == before


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
    assert run_jobs(story.fakes) == [Work.PLAN_REHOST, Work.FETCH_ITEMS, Work.PUBLISH_REHOST]


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


def test_nothing_found_is_refused_with_what_was_seen(story: Story) -> None:
    """A version without files outside is not registered, and the answer says where was looked."""
    story.offer({})
    refusal = refused(story, Invalid)
    assert refusal.code == "nothing-found"
    assert f"{SITE}/" in refusal.sentence


def test_a_mismatch_refuses_all(story: Story) -> None:
    """A file that has another digest than its page claims refuses the registration, with the reason."""
    story.offer({WHEEL: wheel(), SDIST: sdist()}, {WHEEL: "#sha256=" + "0" * 64})
    refusal = refused(story, Invalid)
    assert refusal.code == "files-refused"
    assert "claims sha256 0000" in refusal.sentence


def test_a_rejected_archive_refuses_all(story: Story) -> None:
    """An archive that inspection rejects refuses the registration."""
    story.offer({WHEEL: wheel(), SDIST: b"no sdist"})
    assert refused(story, Invalid).code == "files-refused"


def test_a_site_that_is_down_may_be_up_later(story: Story) -> None:
    """An unreachable site is no verdict: the call may be repeated, and then succeeds."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    assert refused(story, Unavailable).code == "site-unreachable"
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    assert register(story).files == (WHEEL, SDIST)


def test_a_name_taken_meanwhile_is_a_conflict(story: Story) -> None:
    """An upload of other bytes between fetching and publishing wins, and the registration is told so."""

    def upload_other() -> None:
        if story.count(Kind.CONSENT_GIVEN) and not story.files():
            story.fakes.world = replace(story.world, isolation=OwnProcess())
            story.upload(WHEEL, wheel(content=b"answer = 43\n"))

    story.fakes.world = replace(story.world, isolation=Meanwhile(upload_other))
    with pytest.raises(Conflict) as refusal:
        register(story)
    assert refusal.value.code == "file-exists"
    assert len(story.files()) == 1


def test_a_file_that_is_rejected_at_the_end_refuses_all(story: Story) -> None:
    """When inspection rejects at publishing what it accepted before, nothing is registered and nothing published."""

    def work() -> None:
        for _ in (Work.PLAN_REHOST, Work.FETCH_ITEMS):
            run_job(story.fakes, story.fakes.waiting()[0])
        story.fakes.world = replace(story.world, isolation=REJECTS)
        run_jobs(story.fakes)

    at_work(story, work)
    refusal = refused(story, Invalid)
    assert refusal.code == "files-refused"
    assert WHEEL in refusal.sentence


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
