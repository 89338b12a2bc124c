"""An index of the second schema becomes one of the third: twins of releases are one, names have their look-alike forms."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import column
from sqlalchemy import table as sql_table
from tests.support.old_index import insert, next_start, old_index, settings_in

from homeport.adapters.db.driver import current_rendering, sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.index_page import RENDERING
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.quota import Usage
from homeport.ports.store import Transaction
from homeport.settings import Settings

AT = "2026-03-0{}T05:06:07.891011Z"
FILE = {
    "project_id": 1,
    "kind": "sdist",
    "sha256": "a" * 64,
    "blake2b_256": "b" * 64,
    "md5": "d" * 32,
    "published_at": AT.format(1),
    "requires_python": "",
    "is_legacy": False,
    "published_by": "ada",
    "url": "",
    "found_on": "",
}
RELEASES = (("1.0", 1), ("1.0.0", 2), ("2.0c1", 3), ("2.0.0rc1", 4), ("Old-1", 5), ("3.0", 6))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index of the second schema, where every release is there in two spellings, and rendered."""
    settings = settings_in(tmp_path)
    with old_index(settings, "0002") as connection:
        ada = {
            "id": 1,
            "name": "ada",
            "email": "ada@example.org",
            "is_admin": True,
            "created_at": AT.format(1),
        }
        insert(connection, "users", ada)
        common = {
            "mode": "pypi-only",
            "status": "active",
            "serial": 1,
            "created_at": AT.format(1),
            "size_bytes": 0,
        }
        insert(
            connection,
            "projects",
            {"id": 1, "name": "L0.lo", "normalized": "l0-lo", **common, "size_bytes": 12},
            {"id": 2, "name": "one", "normalized": "one", **common},
        )
        for version, day in RELEASES:
            metadata = json.dumps(
                {"metadata_version": "2.1", "name": "x", "version": version, "summary": version}
            )
            normalized = ReleaseVersion.parse_legacy(version).normalized
            yanked = "A hole." if version == "1.0.0" else None
            row = {"version": version, "normalized": normalized, "metadata": metadata, "yanked": yanked}
            insert(connection, "releases", {"project_id": 1, **row, "registered_at": AT.format(day)})
        insert(connection, "releases", {"project_id": 2, **row, "registered_at": AT.format(6)})
        for version, origin, size in (("1.0", "upload", 4), ("1.0.0", "rehost", 8)):
            filename = f"l0_lo-{version}.tar.gz"
            more = {"version": version, "filename": filename, "origin": origin, "size_bytes": size}
            insert(connection, "files", FILE | more)
        insert(connection, "ledger", {"seq": 1, "body": b"{}", "leaf_hash": "a", "chain_hash": "b"})
        rendered = sql_table("facts", column("name"), column("value")).update()
        connection.execute(rendered.where(column("name") == "rendering").values(value=RENDERING))
    return settings


@pytest.fixture
def tx(settings: Settings) -> Iterator[Transaction]:
    """The index after its next start."""
    with next_start(settings) as tx:
        yield tx


def test_v54_twins_become_one_release(tx: Transaction) -> None:
    """V54: of each version the release that came first stays, with its metadata; files keep their own spellings."""
    releases = tx.releases.of_project(1)
    assert [release.version.text for release in releases] == ["1.0", "2.0c1", "Old-1", "3.0"]
    assert [release.metadata.summary for release in releases] == ["1.0", "2.0c1", "Old-1", "3.0"]
    for spelling in ("1", "1.0.0", "1.0"):
        found = tx.releases.find(1, spelling)
        assert found is not None
        assert found.version.text == "1.0"
        assert found.yanked == "A hole.", "what was yanked under either spelling stays so"
    assert [file.version.text for file in tx.files.of_project(1)] == ["1.0", "1.0.0"]
    assert [release.version.text for release in tx.releases.of_project(2)] == ["3.0"]


def test_v54_pages_are_told_so(settings: Settings, tx: Transaction) -> None:
    """Since versions went from pages, all of them are rendered anew by the same start."""
    database = sqlite_file(settings.store.database_url)
    assert current_rendering(database) == RENDERING
    with closing(SqliteHotReads(database, settings.store.blobs)) as reads:
        page = reads.page("l0-lo", "json", "identity")
    assert page is not None
    assert json.loads(page.body)["versions"] == ["old-1", "1.0", "2.0rc1", "3.0"]


def test_what_is_new_is_filled(tx: Transaction) -> None:
    """Look-alikes are found, uploads counted with who sent them, and nobody has a quota of their own."""
    alike = tx.projects.look_alike(ProjectName.parse("lolo"))
    assert alike is not None
    assert alike.name.display == "L0.lo"
    assert tx.quotas.of_user(1) == Usage(4)
    assert tx.quotas.of_project(1) == Usage(12)
    assert tx.files.removal(1, "l0_lo-1.0.tar.gz") is None
