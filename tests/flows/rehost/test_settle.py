"""A registration's plan is closed: what was consented to beforehand is published, or it fails with every reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import add_person, grant, revoke, run_jobs

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import Role
from homeport.domain.rehost import Purpose, Rehost, State
from homeport.domain.standing_consent import STANDING_LIMIT
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.start import begin, start_update_cache

METADATA = CoreMetadata("1.0", "demo", "1.0")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files of version 1.0 outside, and one of 2.0."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
        yield story


def registering(story: Story, metadata: CoreMetadata = METADATA) -> Rehost:
    """A registration of version 1.0 that has begun, and was not worked at."""
    with story.world.store.write() as tx:
        now = story.fakes.clock.now()
        return begin(tx, story.project, Purpose.REGISTRATION, "1.0", by="ada", at=now, metadata=metadata)


def registered(story: Story, metadata: CoreMetadata = METADATA) -> Rehost:
    """What came of registering version 1.0."""
    rehost = registering(story, metadata)
    run_jobs(story.fakes)
    return story.view(rehost.id).rehost


def updated(story: Story, version: str | None = None) -> Rehost:
    """What came of an update of the cache."""
    rehost = start_update_cache(story.world, story.owner, "demo", version)
    run_jobs(story.fakes)
    return story.view(rehost.id).rehost


def versions(story: Story) -> list[str]:
    """The versions that are registered."""
    with story.world.store.read() as tx:
        return [release.version.text for release in tx.releases.of_project(story.project.id)]


def test_the_call_is_the_consent(story: Story) -> None:
    """The files of exactly that version are consented to, hosted and registered; the consent says how it came."""
    rehost = registered(story)
    assert rehost.state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, SDIST}
    assert versions(story) == ["1.0"]
    (entry,) = entries(story.fakes.store, Kind.CONSENT_GIVEN)
    assert (entry["actor"], entry["details"]["basis"]) == ("ada", "other")
    assert entry["details"]["text"] == (
        "The maintainer's own call (registration) for version 1.0, under the project's standing consent."
    )
    assert story.count(Kind.RELEASE_REGISTERED, Kind.REHOST_COMPLETED) == 2


def test_without_a_standing_consent_nothing_comes(story: Story) -> None:
    """A consent that ended, covers nothing: the registration says how to give it anew."""
    story.fakes.clock.advance(STANDING_LIMIT)
    rehost = registered(story)
    assert (rehost.state, rehost.problem_code) == (State.FAILED, "standing-consent-missing")
    assert (story.files(), versions(story)) == ({}, [])


def test_a_standing_consent_ends_with_its_givers_role(story: Story) -> None:
    """When who gave the standing consent has no role any more, or no account, it is none; an owner gives it anew."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"), Role.OWNER)
    change_hosting(story.world, bob, "demo", Wish(HostingMode.CACHE, consents=True))
    revoke(story.fakes.store, story.project, bob.user)
    assert registered(story).problem_code == "standing-consent-missing"
    with pytest.raises(Conflict, match="bob, who gave it, does not own the project any more"):
        updated(story)
    with story.world.store.write() as tx:
        standing = tx.standing_consents.of_project(story.project.id)
        assert standing is not None
        tx.standing_consents.put(story.project.id, replace(standing, given_by="nobody"))
    assert registered(story).problem_code == "standing-consent-missing"
    assert (story.files(), versions(story)) == ({}, [])
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.CACHE, consents=True))
    assert registered(story).state is State.PUBLISHED


@pytest.mark.parametrize("role", [Role.MAINTAINER, Role.READER])
def test_a_standing_consent_is_void_when_its_giver_owns_no_longer(story: Story, role: Role) -> None:
    """An owner who became less takes the standing consent along; as an owner again, they stand by it again (T-32)."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"), Role.OWNER)
    change_hosting(story.world, bob, "demo", Wish(HostingMode.CACHE, consents=True))
    grant(story.world, story.project, bob.user, role)
    assert registered(story).problem_code == "standing-consent-missing"
    assert story.files() == {}
    grant(story.world, story.project, bob.user, Role.OWNER)
    assert registered(story).state is State.PUBLISHED


def test_a_standing_consent_ends_with_its_mode(story: Story) -> None:
    """A project that lists external files by an exemption hosts nothing by a standing consent of before."""
    rehost = registering(story)
    admin = Caller(add_person(story.world, "root", is_admin=True))
    until = (story.fakes.clock.now() + timedelta(days=9)).date()
    change_hosting(story.world, admin, "demo", Wish(HostingMode.EXT, reason="Too large.", until=until))
    run_jobs(story.fakes)
    ended = story.view(rehost.id).rehost
    assert (ended.state, ended.problem_code) == (State.FAILED, "standing-consent-missing")
    assert story.files() == {}


def test_places_that_nobody_named_do_not_count(story: Story) -> None:
    """A file found where the standing consent does not reach refuses all; named by the call itself it comes."""
    other = "https://other.test/"
    story.fakes.outside.put(other, page(f'<a href="{SITE}/{WHEEL}">'))
    with story.world.store.write() as tx:
        standing = tx.standing_consents.of_project(story.project.id)
        assert standing is not None
        tx.standing_consents.put(
            story.project.id, type(standing)(**{**vars(standing), "hosts": ("other.test",)})
        )
    refused = registered(story)
    assert (refused.state, refused.problem_code) == (State.FAILED, "files-refused")
    assert "site.test is none of the named hosts (other.test)" in refused.problem
    assert (story.files(), versions(story)) == ({}, [])
    metadata = CoreMetadata("1.0", "demo", "1.0", home_page=f"{SITE}/")
    assert registered(story, metadata).state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, SDIST}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(mood=Mood.SILENT), "site-unreachable"),
        (page("lost", status=404), "files-refused"),
        (Answer(body=b"no wheel"), "files-refused"),
    ],
)
def test_one_file_that_does_not_come_refuses_all(story: Story, answer: Answer, code: str) -> None:
    """A registration is all or nothing: one file that is unreachable, gone or rejected, and nothing is published."""
    story.fakes.outside.put(f"{SITE}/{WHEEL}", answer)
    rehost = registered(story)
    assert (rehost.state, rehost.problem_code) == (State.FAILED, code)
    assert WHEEL in rehost.problem
    assert (story.files(), versions(story)) == ({}, [])


def test_nothing_found_is_said(story: Story) -> None:
    """A version that the sources do not offer is refused, unless its files are hosted already."""
    story.offer({})
    rehost = registered(story)
    assert (rehost.state, rehost.problem_code) == (State.FAILED, "nothing-found")
    story.offer({WHEEL: wheel()})
    registered(story)
    story.offer({})
    assert registered(story).state is State.UNCHANGED
    assert set(story.files()) == {WHEEL}


def test_an_update_takes_what_it_can_get(story: Story) -> None:
    """An update hosts every new file of the registered project that it may, and leaves the rest."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    rehost = updated(story)
    assert rehost.state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, WHEEL_2}
    left = story.item(rehost.id, SDIST)
    assert rehost.problem == f"Not hosted: {SDIST}: {left.obstacles[0]}"
    assert left.problem in rehost.problem
    (entry,) = entries(story.fakes.store, Kind.CONSENT_GIVEN)
    assert "(update-cache) for all versions" in entry["details"]["text"]
    story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0", b"changed")})
    again = updated(story)
    assert again.problem.startswith(f"Not hosted: {WHEEL_2}: ")
    assert "other bytes never replace a file" in again.problem
    assert {name: file.digests.sha256 for name, file in story.files().items()} == {
        WHEEL: Sha256.of(wheel()),
        SDIST: Sha256.of(sdist()),
        WHEEL_2: Sha256.of(wheel("2.0")),
    }
    assert story.count(Kind.FILE_PUBLISHED) == 3


def test_an_update_tells_what_waits_for_a_person(story: Story) -> None:
    """Held files, and files from places that nobody named, are left, and the update says so; hosted ones are not told."""
    other = "https://other.test/"
    held = make_wheel("demo", "3.0", files={"demo.pth": b"import demo\n"})
    name = "demo-3.0-py3-none-any.whl"
    story.offer({WHEEL: wheel(), name: held})
    story.fakes.outside.put(other, page(f'<a href="{other}{SDIST}"> <a href="{other}{WHEEL}">'))
    story.fakes.outside.put_file(f"{other}{SDIST}", sdist())
    story.fakes.outside.put_file(f"{other}{WHEEL}", wheel())
    add_source(story.world, story.owner, "demo", "homepage", other)
    with story.world.store.write() as tx:
        standing = tx.standing_consents.of_project(story.project.id)
        assert standing is not None
        tx.standing_consents.put(story.project.id, replace(standing, hosts=("site.test",)))
    rehost = updated(story)
    assert rehost.state is State.PUBLISHED
    assert set(story.files()) == {WHEEL}
    assert f"Not hosted: {name}: A person must look at it first" in rehost.problem
    assert f"Not hosted: {SDIST}: It was found at {other}, and the standing consent" in rehost.problem
    assert WHEEL not in rehost.problem
    assert len(rehost.problem.splitlines()) == 2
    (notice,) = (one for _, one in story.fakes.store.committed.notices if one.kind == "rehost-completed")
    assert f"Not hosted, and why:\n\n- {name}: A person must look at it first" in notice.text


def test_an_update_of_a_site_that_is_down_fails(story: Story) -> None:
    """When nothing was found because the pages are down the update is no success, and may be asked for again."""
    story.fakes.outside.put(f"{SITE}/", Answer(mood=Mood.SILENT))
    rehost = updated(story)
    assert (rehost.state, rehost.problem_code) == (State.FAILED, "site-unreachable")
    assert f"{SITE}/" in rehost.problem
    story.offer({WHEEL: wheel()})
    assert updated(story).state is State.PUBLISHED
    assert set(story.files()) == {WHEEL}


def test_an_update_of_one_version(story: Story) -> None:
    """An update of one version brings that version's files, and registers nothing by itself."""
    assert updated(story, "1.0").state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, SDIST}
    assert story.count(Kind.RELEASE_REGISTERED) == 0


def notices(story: Story) -> list[str]:
    """The subjects of what the owner was told."""
    return [notice.subject for _, notice in story.fakes.store.committed.notices]


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (None, "Nothing is new: all 3 files found are hosted already."),
        ("9.9", f"Nothing of 9.9 was found at {SITE}/."),
    ],
)
def test_an_update_that_finds_nothing_new_consents_to_nothing(
    story: Story, version: str | None, told: str
) -> None:
    """It is no failure; nobody is said to have consented to no files, nothing is recorded, and nobody gets a mail."""
    updated(story)
    kinds = (Kind.FILE_PUBLISHED, Kind.CONSENT_GIVEN, Kind.REHOST_COMPLETED)
    before, mails = story.count(*kinds), notices(story)
    story.fakes.clock.advance(timedelta(days=1))
    rehost = updated(story, version)
    assert (rehost.state, rehost.problem) == (State.UNCHANGED, told)
    assert story.view(rehost.id).consent is None
    assert (story.count(*kinds), notices(story)) == (before, mails)


def test_an_update_that_could_take_nothing_tells_what_waits(story: Story) -> None:
    """Where all that was found must be looked at, the run and the mail to the maintainers say what and why."""
    story.offer(
        {"demo-3.0-py3-none-any.whl": make_wheel("demo", "3.0", files={"demo.pth": b"import demo\n"})}
    )
    rehost = updated(story)
    assert rehost.state is State.UNCHANGED
    assert rehost.problem.startswith("Nothing was published.\ndemo-3.0-py3-none-any.whl: A person must look")
    assert notices(story) == ["demo: nothing came home, and something waits for you"]
    assert story.count(Kind.CONSENT_GIVEN) == 0
