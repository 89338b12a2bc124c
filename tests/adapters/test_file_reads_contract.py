"""The contract of ``ports.reads.HotReads`` for files: by the double over a fake store, and over SQLite."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.fake_store import FakeStore
from tests.support.store_reads import StoreReads
from tests.support.world import real_world

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.digests import Sha256, digests_of
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import FrozenStatus, HostingPolicy
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.origin_record import OriginRecord
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance
from homeport.ports.reads import HotReads
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
VERSION = ReleaseVersion.parse("1.0")
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
Place = tuple[Store, Callable[[], HotReads]]


@pytest.fixture(params=["fake", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A store, and what reads of it."""
    if request.param == "fake":
        fake = FakeStore()
        yield fake, lambda: StoreReads(fake.committed, {})
        return
    with (
        real_world(tmp_path) as real,
        closing(SqliteHotReads(sqlite_file(real.database), real.folder)) as reads,
    ):
        yield real.store, lambda: reads


def digest(name: str) -> str:
    """The digest of the file called so."""
    return Sha256.of(name.encode()).hex


def add(store: Store, name: str, *, is_private: bool = False) -> Project:
    """A project with a wheel that has metadata, and an sdist without."""
    with store.write() as tx:
        project = tx.projects.add(ProjectName(name), HostingMode.ONLY, NOW)
        for filename, kind, metadata in (
            (WHEEL, FileKind.WHEEL, f"Name: {name}\n".encode()),
            (SDIST, FileKind.SDIST, None),
        ):
            body = filename.encode()
            file = HostedFile(
                name, VERSION, filename, kind, len(body), digests_of([body]), NOW, Origin.UPLOAD
            )
            tx.files.add(project.id, file, Provenance("ada"), metadata)
        tx.projects.set_private(project.id, is_private=is_private)
    return project


def freeze(store: Store, project: Project, filename: str, reason: str) -> int:
    """Freeze a file, or without its name the release."""
    with store.write() as tx:
        return tx.freezes.add(project.id, VERSION, filename, reason, by="root", at=NOW).id


def shown(reads: HotReads, filename: str) -> tuple[bool, bool, bool]:
    """Whether there is a file, metadata beside it, and a reason why there is none."""
    sha256 = digest(filename)
    return (
        reads.file(sha256, filename) is not None,
        reads.metadata_file(sha256, filename) is not None,
        reads.frozen(sha256, filename) is not None,
    )


def test_a_file_is_found_by_digest_and_name(place: Place) -> None:
    """Both together lead to size, time and project; either alone leads nowhere, and nothing is frozen."""
    store, reads = place
    add(store, "demo")
    found = reads().file(digest(WHEEL), WHEEL)
    assert found is not None
    assert (found.size_bytes, found.published_at_http) == (len(WHEEL), "Wed, 04 Mar 2026 05:06:07 GMT")
    assert (found.project, found.is_private) == ("demo", False)
    assert reads().metadata_file(digest(WHEEL), WHEEL) == (b"Name: demo\n", "demo", False)
    assert shown(reads(), WHEEL) == (True, True, False)
    assert shown(reads(), SDIST) == (True, False, False)
    assert reads().file(digest(WHEEL), SDIST) is None
    assert reads().file(digest("other"), WHEEL) is None
    assert reads().metadata_file(digest("other"), WHEEL) is None


@pytest.mark.parametrize("status", list(ProjectStatus))
def test_q05_only_quarantine_hides_files(place: Place, status: ProjectStatus) -> None:
    """Of a quarantined project there is nothing, not even the reason of a freeze; of every other there is all."""
    store, reads = place
    project = add(store, "demo")
    freeze(store, project, SDIST, "Harm.")
    with store.write() as tx:
        tx.projects.set_status(project.id, status, "")
    is_there = status is not ProjectStatus.QUARANTINED
    assert shown(reads(), WHEEL) == (is_there, is_there, False)
    assert shown(reads(), SDIST) == (False, False, is_there)


@pytest.mark.parametrize("filename", [WHEEL, ""])
def test_a_frozen_file_has_a_reason_and_no_bytes(place: Place, filename: str) -> None:
    """A freeze of the file or of its release hides it with its metadata, says why, and ends."""
    store, reads = place
    project = add(store, "demo")
    number = freeze(store, project, filename, "Harm.")
    assert shown(reads(), WHEEL) == (False, False, True)
    assert shown(reads(), SDIST)[0] is bool(filename)
    assert reads().frozen(digest(WHEEL), WHEEL) == ("Harm.", FrozenStatus.NOT_FOUND, "demo", False)
    with store.write() as tx:
        tx.freezes.end(number, by="root", at=NOW)
    assert shown(reads(), WHEEL) == (True, True, False)


def test_the_policy_says_how_frozen_files_are_answered(place: Place) -> None:
    """The newest policy counts; a private project's freeze is its own."""
    store, reads = place
    project = add(store, "demo", is_private=True)
    freeze(store, project, WHEEL, "Harm.")
    for status in (FrozenStatus.LEGAL_REASONS, FrozenStatus.NOT_FOUND):
        with store.write() as tx:
            policy = replace(HostingPolicy(), frozen_status=status)
            tx.policies.put(policy, by="root", reason="Law.", at=NOW)
        assert reads().frozen(digest(WHEEL), WHEEL) == ("Harm.", status, "demo", True)


def test_the_freeze_of_the_file_is_told_before_that_of_its_release(place: Place) -> None:
    """Where a file is frozen alone and with its release, one and the same reason is told by everybody."""
    store, reads = place
    project = add(store, "demo")
    freeze(store, project, "", "All of it.")
    freeze(store, project, WHEEL, "This one.")
    found = reads().frozen(digest(WHEEL), WHEEL)
    assert found is not None
    assert found.reason == "This one."


@pytest.mark.parametrize("private", ["demo", "other"])
def test_f20_what_is_also_public_is_public(place: Place, private: str) -> None:
    """The same bytes under the same name in two projects: the address is for everybody when one of them is."""
    store, reads = place
    for name in ("demo", "other"):
        add(store, name, is_private=name == private)
    public = "other" if private == "demo" else "demo"
    found, beside = reads().file(digest(WHEEL), WHEEL), reads().metadata_file(digest(WHEEL), WHEEL)
    assert found is not None
    assert (found.project, found.is_private) == (public, False)
    assert beside == (f"Name: {public}\n".encode(), public, False)


def test_frozen_in_one_project_is_there_in_the_other(place: Place) -> None:
    """A freeze is of a project's file: the same bytes elsewhere stay, also when those are for members only."""
    store, reads = place
    demo = add(store, "demo")
    add(store, "other", is_private=True)
    freeze(store, demo, WHEEL, "Harm.")
    found = reads().file(digest(WHEEL), WHEEL)
    assert found is not None
    assert (found.project, found.is_private) == ("other", True)


def test_a_removed_file_is_not_there(place: Place) -> None:
    """What was removed has no bytes, no metadata, and no reason."""
    store, reads = place
    project = add(store, "demo")
    with store.write() as tx:
        tx.files.remove(project.id, WHEEL, by="ada", reason="Gone.", at=NOW)
    assert shown(reads(), WHEEL) == (False, False, False)


def test_the_newest_origin_record_is_told(place: Place) -> None:
    """Of several records of a file the last one is served, under the condition of its bytes."""
    store, reads = place
    project = add(store, "demo")
    assert reads().origin_record(digest(WHEEL), WHEEL) is None
    with store.write() as tx:
        for body in (b"first", b"last"):
            tx.proofs.add_origin(project.id, OriginRecord(WHEEL, Sha256.of(WHEEL.encode()), NOW, body))
    assert reads().origin_record(digest(WHEEL), WHEEL) == (b"last", "demo", False)
    freeze(store, project, WHEEL, "Harm.")
    assert reads().origin_record(digest(WHEEL), WHEEL) is None
