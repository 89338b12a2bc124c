"""An index of the first schema becomes one of the second: nothing that people gave it is lost, and every page is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from backports import zstd
from tests.adapters.test_migrate import is_of_the_search
from tests.support.old_index import insert, old_index, settings_in
from tests.support.project_lists import names_in_html, names_in_json

from homeport.adapters.db import schema
from homeport.adapters.db.connect import open_engine
from homeport.adapters.db.driver import HEAD, connect_raw, current_rendering, current_revision, sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.digests import Sha256
from homeport.domain.index_page import RENDERING
from homeport.domain.project import ProjectStatus
from homeport.settings import Settings
from homeport.wiring import open_world, prepare

AT = "2026-03-04T05:06:07.891011Z"
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
METADATA = json.dumps({"metadata_version": "2.1", "name": "demo", "version": "1.0", "summary": "a < b"})
ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [{"id": 1, "name": "ada", "email": "ada@example.org", "is_admin": True, "created_at": AT}],
    "projects": [
        {
            "id": number,
            "name": name,
            "normalized": normalized,
            "mode": mode,
            "status": status,
            "serial": serial,
        }
        | {"created_at": AT}
        for number, name, normalized, mode, status, serial in (
            (1, "De.Mo", "de-mo", "pypi-only", "active", 4),
            (2, "old", "old", "pypi-cache", "quarantined", 3),
            (3, "empty", "empty", "pypi-only", "archived", 2),
        )
    ],
    "roles": [{"project_id": 1, "user_id": 1, "role": "owner"}],
    "releases": [
        {"project_id": 1, "version": "1.0", "normalized": "1.0", "metadata": METADATA, "registered_at": AT}
    ],
    "ledger": [{"seq": 4, "body": b"{}", "leaf_hash": "a", "chain_hash": "b"}],
    "pages": [
        {"normalized": "de-mo", "form": "json", "body": b"old", "gzipped": b"old", "etag": "old", "serial": 4}
    ],
}
FILE = {
    "version": "1.0",
    "kind": "sdist",
    "blake2b_256": "b" * 64,
    "md5": "d" * 32,
    "published_at": AT,
    "origin": "upload",
    "requires_python": ">=3.9",
    "is_legacy": False,
    "published_by": "ada",
    "url": "",
    "found_on": "",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index below a folder of the test."""
    return settings_in(tmp_path)


def digest(name: str) -> str:
    """The digest of the file called so."""
    return Sha256.of(name.encode()).hex


@pytest.fixture
def old(settings: Settings) -> Path:
    """The database of the first schema, with rows that people gave it."""
    with old_index(settings, "0001") as connection:
        for table, rows in ROWS.items():
            insert(connection, table, *rows)
        insert(
            connection,
            "files",
            *(
                FILE | {"project_id": project_id, "filename": name, "sha256": digest(name), **facts}
                for project_id, name, facts in (
                    (1, WHEEL, {"size_bytes": 10, "metadata_file": b"Name: demo\n"}),
                    (1, SDIST, {"size_bytes": 32, "yanked": "broken"}),
                    (2, "old-1.0.tar.gz", {"size_bytes": 5}),
                )
            ),
        )
    return sqlite_file(settings.store.database_url)


@pytest.fixture
def reads(settings: Settings, old: Path) -> Iterator[SqliteHotReads]:
    """The readers of the index after its next start."""
    prepare(settings)
    reads = SqliteHotReads(old, settings.store.blobs)
    yield reads
    reads.close()


def test_the_next_start_brings_it_up_to_date(settings: Settings, old: Path) -> None:
    """The start finds the first schema, makes it the newest, and remembers by what its pages were rendered."""
    assert current_revision(old) == "0001"
    assert current_rendering(old) == 0
    prepare(settings)
    assert (current_revision(old), current_rendering(old)) == (HEAD, RENDERING)
    before = dump(old)
    prepare(settings)
    assert dump(old) == before


def dump(file: Path) -> list[str]:
    """Every page, segment and fact of a database."""
    connection = connect_raw(file)
    rows: list[Any] = []
    for query in ("SELECT * FROM pages", "SELECT * FROM list_segments", "SELECT * FROM facts"):
        rows += connection.execute(query).fetchall()
    connection.close()
    return sorted(map(str, rows))


def test_what_people_gave_is_kept(settings: Settings, reads: SqliteHotReads) -> None:
    """Projects, roles, releases and files are as they were; nothing is private, yanked or explained that was not."""
    with open_world(settings).store.read() as tx:
        project = tx.projects.find("de-mo")
        assert project is not None
        assert (project.name.display, project.serial, project.is_private) == ("De.Mo", 4, False)
        assert (project.status, project.status_reason) == (ProjectStatus.ACTIVE, "")
        assert [member.user.name for member in tx.projects.members(project.id)] == ["ada"]
        release = tx.releases.find(project.id, "1.0")
        assert release is not None
        assert (release.metadata.summary, release.yanked) == ("a < b", None)
        assert [(file.filename, file.yanked) for file in tx.files.of_project(project.id)] == [
            (WHEEL, None),
            (SDIST, "broken"),
        ]
        assert [sealed.seq for sealed in tx.ledger.entries()] == [4]


def test_sizes_are_filled(settings: Settings, reads: SqliteHotReads) -> None:
    """What is kept as files come is right for those that came before."""
    with open_world(settings).store.read() as tx:
        assert tx.files.total_bytes() == 47
        assert list(tx.projects.largest(limit=9)) == [("De.Mo", 42), ("empty", 0)]


def test_every_page_is_there(reads: SqliteHotReads) -> None:
    """Every project's page is rendered anew, at the serial of its last change; the old rows are gone."""
    page = reads.page("de-mo", "json", "zstd")
    assert page is not None
    told = json.loads(zstd.decompress(page.body))
    assert [(file["filename"], file["size"], file["yanked"]) for file in told["files"]] == [
        (WHEEL, 10, False),
        (SDIST, 32, "broken"),
    ]
    assert (page.serial, bool(page.is_private)) == (4, False)
    quarantined, archived = (reads.page(name, "json", "identity") for name in ("old", "empty"))
    assert quarantined is not None
    assert json.loads(quarantined.body)["files"] == []
    assert archived is not None
    assert json.loads(archived.body)["project-status"] == {"status": "archived"}


def test_the_list_is_there(reads: SqliteHotReads) -> None:
    """The list names who may be named, in both forms."""
    in_json, in_html = (b"".join(reads.project_list(form).chunks("identity")) for form in ("json", "html"))
    assert names_in_json(in_json) == [("De.Mo", 4), ("empty", 2)]
    assert names_in_html(in_html) == [("de-mo", "De.Mo"), ("empty", "empty")]


def test_an_upgraded_schema_is_what_the_tables_say(settings: Settings, reads: SqliteHotReads) -> None:
    """A database that was upgraded with rows in it differs in nothing from one that was made today."""
    engine = open_engine(settings.store.database_url)
    ours = {*schema.metadata.tables, "alembic_version"}
    with engine.connect() as connection:
        opts = {
            "compare_type": True,
            "include_name": lambda name, kind, _: (
                (kind != "table" or name in ours) and not is_of_the_search(name)
            ),
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()
