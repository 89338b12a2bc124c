"""A release is registered: its metadata, without files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.builders import NOW
from tests.support.invariants import broken, entries
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.flows.register import register

METADATA = CoreMetadata("1.0", "demo", "1.0", home_page="https://home.test/", download_url="https://dl.test/")


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def project(fakes: Fakes) -> Project:
    """A project without releases."""
    return add_project(fakes.world, add_person(fakes.world, "ada"))


def say(fakes: Fakes, project: Project, metadata: CoreMetadata) -> None:
    """Register version 1.0."""
    with fakes.store.write() as tx:
        register(tx, project, ReleaseVersion.parse("1.0"), metadata, actor="ada", at=NOW)


def test_a_release_without_files_is_known(fakes: Fakes, project: Project) -> None:
    """A registered version is on the page, and the ledger has where its files are said to be."""
    say(fakes, project, METADATA)
    (entry,) = entries(fakes.store, Kind.RELEASE_REGISTERED)
    assert entry["details"] == {
        "version": "1.0",
        "home_page": "https://home.test/",
        "download_url": "https://dl.test/",
    }
    page = fakes.store.committed.pages["demo", "json"]
    assert b'"versions":["1.0"]' in page.bodies["identity"]
    assert page.serial == entry["seq"]


def test_the_same_again_changes_nothing(fakes: Fakes, project: Project) -> None:
    """A repeated registration leaves everything as it was (I-18)."""
    say(fakes, project, METADATA)
    before = fakes.store.committed.snapshot()
    say(fakes, project, METADATA)
    assert fakes.store.committed == before


def test_other_metadata_replace_what_was_registered(fakes: Fakes, project: Project) -> None:
    """A second registration of a version updates it, and is an entry of its own."""
    say(fakes, project, METADATA)
    say(fakes, project, CoreMetadata("1.0", "demo", "1.0", summary="better"))
    assert len(entries(fakes.store, Kind.RELEASE_REGISTERED)) == 2
    with fakes.store.read() as tx:
        (release,) = tx.releases.of_project(project.id)
    assert release.metadata.summary == "better"
