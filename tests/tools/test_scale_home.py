"""A home that is filled past the product is one that the product finds in order."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from tools.scale.changes import form
from tools.scale.homes import Home, NoRoom, prepared, require_room
from tools.scale.load import load_rows, loading, numbering
from tools.scale.names import project_names
from tools.scale.rows import Rows, newest_file, project_bytes, sha256_of
from tools.scale.shapes import shape_of

from homeport.adapters.db.driver import connect_raw, sqlite_driver
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.account import Caller
from homeport.domain.ledger import verify
from homeport.domain.names import ProjectName
from homeport.flows.browse import project_story
from homeport.flows.render_everything import render_everything

PROJECTS = 12


def nobody() -> Caller:
    """Nobody asks who somebody is in an index that everybody may read."""
    raise AssertionError("asked who it is")


@pytest.fixture(scope="module")
def names() -> Sequence[ProjectName]:
    """The names of the filled home's projects."""
    return tuple(islice(project_names("test"), PROJECTS))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, names: Sequence[ProjectName]) -> Home:
    """A home of a dozen projects."""
    folder = tmp_path_factory.mktemp("scale") / "home"
    home = Home("test", folder, names, prepared(folder))
    with loading(home.database) as connection:
        load_rows(connection, Rows(names, numbering(connection)), lambda *_: None)
        connection.execute("UPDATE facts SET value = 0 WHERE name = 'rendering'")
    render_everything(home.open().store)
    return home


@pytest.fixture
def reads(home: Home) -> Iterator[SqliteHotReads]:
    """What the web process reads of it."""
    reads = SqliteHotReads(home.database, home.folder / "blobs")
    yield reads
    reads.close()


@pytest.mark.long
def test_the_database_is_whole(home: Home, tmp_path: Path) -> None:
    """Every reference leads somewhere, every index holds every row, and the schema is the product's to the letter."""
    prepared(tmp_path / "empty")
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    filled, empty = connect_raw(home.database), connect_raw(tmp_path / "empty" / "homeport.db")
    try:
        assert filled.execute("PRAGMA foreign_key_check").fetchall() == []
        assert filled.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert filled.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert filled.execute(schema).fetchall() == empty.execute(schema).fetchall()
    finally:
        filled.close()
        empty.close()


def test_the_ledger_verifies(home: Home) -> None:
    """The ledger holds from its first entry, and its last one is what it tells of the last project."""
    with home.open().store.read() as tx:
        told = verify(tx.ledger.entries())
        last = tx.projects.find(home.names[-1].normalized)
        assert last is not None
        assert (told.problem, told.entries) == ("", last.serial)


def test_sizes_are_kept(home: Home) -> None:
    """The sizes that are kept are the sums of the files'."""
    with home.open().store.read() as tx:
        sizes: dict[str, int] = {}
        for project, _, _, size in tx.files.every():
            sizes[project] = sizes.get(project, 0) + size
        assert sizes == {name.normalized: project_bytes(number) for number, name in enumerate(home.names)}
        assert tx.files.total_bytes() == sum(sizes.values())


@pytest.mark.long
def test_projects_are_told(home: Home) -> None:
    """A project's page for people tells all its releases and files."""
    for number, name in enumerate(home.names):
        story = project_story(home.open(), nobody, name.normalized)
        assert len(story.releases) == shape_of(number).releases
        assert sum(len(release.files) for release in story.releases) == shape_of(number).files


def test_hot_paths_find_everything(home: Home, reads: SqliteHotReads) -> None:
    """Every page is there, and the metadata of every newest file."""
    for number, name in enumerate(home.names):
        filename = newest_file(number, name)
        page, metadata = (
            reads.page(name.normalized, "json", "identity"),
            reads.metadata_file(sha256_of(filename), filename),
        )
        assert page is not None
        assert filename.encode() in page.body
        assert metadata is not None
        assert f"Name: {name.display}\n".encode() in metadata.body


def test_nobody_else_is_there(home: Home) -> None:
    """A home that somebody has open is not written past the product."""
    with (
        home.open().store.read(),
        pytest.raises(sqlite_driver().OperationalError, match="locked"),
        loading(home.database),
    ):
        raise AssertionError("somebody else has it open")


def test_a_disk_that_is_too_small_is_told(tmp_path: Path) -> None:
    """Nothing is begun that does not fit; the sentence says what to do."""
    with pytest.raises(NoRoom, match=r"need .* GB, .* free: make room, name another folder"):
        require_room(tmp_path, 10**12)


def test_the_upload_form_is_one(home: Home) -> None:
    """The form that is uploaded while it is measured names its project, and holds its wheel."""
    body, headers = form(ProjectName("some.name"), "9.1", home.token)
    assert headers["Content-Type"] == "multipart/form-data; boundary=homeport-scale"
    assert body.count(b"--homeport-scale\r\n") == 9
    assert b'filename="some_name-9.1-py3-none-any.whl"\r\n\r\nPK' in body
    assert body.endswith(b"\r\n--homeport-scale--\r\n")
