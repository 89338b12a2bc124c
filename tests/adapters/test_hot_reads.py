"""The look-ups behind ``/simple/`` and ``/files/``, over rows that the store wrote."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.world import Real, real_world, set_status

from homeport.adapters.blobs.filesystem import blob_path
from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.digests import Sha256, digests_of
from homeport.domain.hosting import HostingMode
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance
from homeport.ports.reads import StoredFile, StoredPage

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """A store and its reader's database."""
    with real_world(tmp_path) as real:
        yield real


@pytest.fixture
def reads(real: Real) -> Iterator[SqliteHotReads]:
    """The look-ups, on a connection that was open before anything was written."""
    reads = SqliteHotReads(sqlite_file(real.database), real.folder)
    yield reads
    reads._connection.close()


@pytest.fixture
def project(real: Real) -> Project:
    """A project with a wheel that has metadata, and an sdist without."""
    with real.store.write() as tx:
        project = tx.projects.add(ProjectName("Demo"), HostingMode.ONLY, NOW)
        tx.files.add(project.id, _file(WHEEL, FileKind.WHEEL), Provenance("ada"), b"Name: demo\n")
        tx.files.add(project.id, _file(SDIST, FileKind.SDIST), Provenance("ada"), None)
    return project


def _file(name: str, kind: FileKind) -> HostedFile:
    body = name.encode()
    version = ReleaseVersion.parse("1.0")
    return HostedFile("demo", version, name, kind, len(body), digests_of([body]), NOW, Origin.UPLOAD)


def digest(name: str) -> str:
    """The digest of the file called so."""
    return Sha256.of(name.encode()).hex


def put_page(real: Real, normalized: str, body: bytes, serial: int) -> StoredPage:
    """Store a JSON page."""
    page = StoredPage(body, body[::-1], digest(str(serial)), serial)
    with real.store.write() as tx:
        tx.pages.put(
            normalized, "json", body=page.body, gzipped=page.gzipped, etag=page.etag, serial=page.serial
        )
    return page


def test_a_page_is_what_was_rendered_last(real: Real, reads: SqliteHotReads) -> None:
    """A page is found by name and form, and the newest rendering takes the place of the one before."""
    assert reads.page("demo", "json") is None
    first = put_page(real, "demo", b"first", 1)
    assert reads.page("demo", "json") == first
    second = put_page(real, "demo", b"second", 2)
    assert reads.page("demo", "json") == second
    assert reads.page("demo", "html") is None
    assert reads.page("other", "json") is None


def test_the_project_list_is_always_there(real: Real, reads: SqliteHotReads) -> None:
    """The list is the page without a name; an index without one was never set up."""
    with pytest.raises(AssertionError, match="rendered when the database is made"):
        reads.project_list("json")
    page = put_page(real, "", b"list", 3)
    assert reads.project_list("json") == page


def test_a_file_is_found_by_digest_and_name(real: Real, reads: SqliteHotReads, project: Project) -> None:
    """Digest and name together lead to size, time and place; either alone leads nowhere."""
    assert reads.file(digest(WHEEL), WHEEL) == StoredFile(
        blob_path(real.folder, digest(WHEEL)), len(WHEEL), "Wed, 04 Mar 2026 05:06:07 GMT"
    )
    assert reads.file(digest(WHEEL), SDIST) is None
    assert reads.file(digest("other"), WHEEL) is None


def test_metadata_are_served_where_there_are_some(reads: SqliteHotReads, project: Project) -> None:
    """A file with metadata gives their bytes; one without gives nothing, as does one that is not there."""
    assert reads.metadata_file(digest(WHEEL), WHEEL) == b"Name: demo\n"
    assert reads.metadata_file(digest(SDIST), SDIST) is None
    assert reads.metadata_file(digest("other"), WHEEL) is None


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [
        (ProjectStatus.ACTIVE, True),
        (ProjectStatus.ARCHIVED, True),
        (ProjectStatus.DEPRECATED, True),
        (ProjectStatus.QUARANTINED, False),
    ],
)
def test_only_quarantine_hides_files(
    real: Real, reads: SqliteHotReads, project: Project, status: ProjectStatus, *, is_shown: bool
) -> None:
    """Files of a quarantined project, and their metadata, are not served (PEP 792); all others are."""
    set_status(real.store, project, status)
    assert (reads.file(digest(WHEEL), WHEEL) is not None) is is_shown
    assert (reads.metadata_file(digest(WHEEL), WHEEL) is not None) is is_shown
