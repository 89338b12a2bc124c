"""A registration's plan is closed: what was consented to beforehand is published, or it fails with every reason."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import run_jobs

from homeport.domain.consent import STANDING_LIMIT
from homeport.domain.digests import Sha256
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.rehost import Purpose, Rehost, State
from homeport.flows.rehost.start import begin, start_update_cache

METADATA = CoreMetadata("1.0", "demo", "1.0")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files of version 1.0 outside, and one of 2.0."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")})
        yield story


def registered(story: Story, metadata: CoreMetadata = METADATA) -> Rehost:
    """What came of registering version 1.0."""
    with story.world.store.write() as tx:
        now = story.fakes.clock.now()
        rehost = begin(tx, story.project, Purpose.REGISTRATION, "1.0", by="ada", at=now, metadata=metadata)
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


def test_places_that_nobody_named_do_not_count(story: Story) -> None:
    """A file found where the standing consent does not reach refuses all; named by the call itself it comes."""
    other = "https://other.test/"
    story.fakes.outside.put(other, page(f'<a href="{SITE}/{WHEEL}">'))
    with story.world.store.write() as tx:
        standing = tx.rehosts.standing(story.project.id)
        assert standing is not None
        tx.rehosts.put_standing(
            story.project.id, type(standing)(**{**vars(standing), "hosts": ("other.test",)})
        )
    refused = registered(story)
    assert (refused.state, refused.problem_code) == (State.FAILED, "files-refused")
    assert "which the standing consent does not name" in refused.problem
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
    assert registered(story).state is State.PUBLISHED
    assert set(story.files()) == {WHEEL}


def test_an_update_takes_what_it_can_get(story: Story) -> None:
    """An update hosts every new file of the registered project that it may, and leaves the rest."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    rehost = updated(story)
    assert rehost.state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, WHEEL_2}
    (entry,) = entries(story.fakes.store, Kind.CONSENT_GIVEN)
    assert "(update-cache) for all versions" in entry["details"]["text"]
    story.offer({WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0", b"changed")})
    updated(story)
    assert {name: file.digests.sha256 for name, file in story.files().items()} == {
        WHEEL: Sha256.of(wheel()),
        SDIST: Sha256.of(sdist()),
        WHEEL_2: Sha256.of(wheel("2.0")),
    }
    assert story.count(Kind.FILE_PUBLISHED) == 3


def test_an_update_of_one_version(story: Story) -> None:
    """An update of one version brings that version's files, and registers nothing by itself."""
    assert updated(story, "1.0").state is State.PUBLISHED
    assert set(story.files()) == {WHEEL, SDIST}
    assert story.count(Kind.RELEASE_REGISTERED) == 0


def test_an_update_that_finds_nothing_new_ends_well(story: Story) -> None:
    """An update may find nothing; that is no failure, and publishes nothing twice."""
    updated(story)
    published = story.count(Kind.FILE_PUBLISHED)
    story.fakes.clock.advance(timedelta(days=1))
    assert updated(story).state is State.PUBLISHED
    assert story.count(Kind.FILE_PUBLISHED) == published
