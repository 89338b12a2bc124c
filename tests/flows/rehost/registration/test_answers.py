"""Release registration: who may, and the answer when the files are home or cannot come."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.invariants import broken, entries
from tests.support.outside import Answer, Mood, page
from tests.support.registering import METADATA, at_work, refused, register
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import (
    BASE_URL,
    Meanwhile,
    OwnProcess,
    Says,
    add_person,
    add_project,
    fake_world,
    grant,
    register_release,
    run_job,
    run_jobs,
    set_status,
)

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, Refusal, Unauthenticated, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Inspection, Severity
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.rehost import State
from homeport.flows.freeze import freeze
from homeport.flows.rehost.registration import Registered, check_registration
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.ports.jobs import Work

REJECTS = Says(Inspection((Finding("rejected", Severity.REJECT, "No."),)))

# pypi-only and pypi-ext


def test_a_new_name_becomes_the_callers(tmp_path: Path) -> None:
    """Registering a name nobody has makes a pypi-only project; its metadata are recorded at once."""
    with fake_world(tmp_path) as fakes:
        ada = Caller(add_person(fakes.world, "ada"))
        registered = register_release(fakes.world, ada, METADATA)
        assert replace(registered, told="") == Registered("demo", "1.0", ())
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


@pytest.mark.parametrize(
    ("name", "version"),
    [("-", "1.0"), ("demo", ""), ("demo", "1 0"), ("demo", "zzz<b>"), ("demo", "1" * 500)],
)
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
    kinds = (Kind.FILE_PUBLISHED, Kind.RELEASE_REGISTERED, Kind.CONSENT_GIVEN, Kind.REHOST_COMPLETED)
    published, told = story.count(*kinds), len(story.fakes.store.committed.notices)
    assert register(story) == Registered("demo", "1.0", (WHEEL, SDIST))
    assert story.count(*kinds) == published
    assert len(story.fakes.store.committed.notices) == told, "nothing came home"
    with story.world.store.read() as tx:
        last = tx.rehosts.of_project(story.project.id)[0]
    assert (last.state, last.problem_code) == (State.UNCHANGED, "nothing-new")


def test_other_metadata_of_files_that_are_home_are_registered(story: Story) -> None:
    """What is said of the release changes; nothing came home, and nobody is told that something did."""
    register(story)
    told = len(story.fakes.store.committed.notices)
    other = replace(METADATA, summary="Another one")
    assert register(story, other) == Registered("demo", "1.0", (WHEEL, SDIST))
    with story.world.store.read() as tx:
        (release,) = tx.releases.of_project(story.project.id)
    assert release.metadata == other
    assert len(story.fakes.store.committed.notices) == told


def test_a_frozen_release_is_not_registered_again(story: Story) -> None:
    """Also where that would change nothing: who registers it hears that it is frozen."""
    register(story)
    root = Caller(add_person(story.world, "root", is_admin=True), confirmed_at=story.fakes.clock.now())
    freeze(story.world, root, "demo", "1.0", reason="Malware.")
    with pytest.raises(Refusal, match="frozen"):
        register(story)


def test_other_bytes_under_a_stored_name_are_refused(story: Story) -> None:
    """When the site has other bytes for a hosted name the registration fails, and ours stay (I-04)."""
    register(story)
    before = story.files()
    story.offer({WHEEL: wheel(content=b"evil"), SDIST: sdist()})
    with pytest.raises(Invalid, match="other bytes never replace") as refusal:
        register(story)
    assert refusal.value.code == "files-refused"
    assert story.files() == before


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
