"""The whole list of projects as a file: whose it is at one serial, and what many readers and a writer do to it."""

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.project_lists import gunzip_whole, names_in_html, names_in_json
from tests.support.world import Real, real_world

from homeport.adapters.db.driver import sqlite_driver, sqlite_file
from homeport.adapters.db.project_lists import ListFile, ProjectLists
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import render_project
from homeport.formats.accept import Form
from homeport.formats.codings import Coding
from homeport.formats.simple_list import segment_of
from homeport.ports.store import Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CHUNK = 256 * 1024
FORMS: tuple[Form, ...] = ("json", "html")
CODINGS: tuple[Coding, ...] = ("identity", "gzip")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """Real adapters over an index whose list was written."""
    with real_world(tmp_path) as real:
        with real.store.write() as tx:
            render_whole_list(tx)
        yield real


@pytest.fixture
def lists(real: Real) -> Iterator[ProjectLists]:
    """The lists of that index."""
    lists = ProjectLists(sqlite_file(real.database))
    yield lists
    lists.close()


def add(tx: Transaction, name: str) -> int:
    """A project and its entry; the serial."""
    project = tx.projects.add(ProjectName(name), HostingMode.ONLY, NOW)
    serial = tx.ledger.append(Kind.PROJECT_CREATED, at=NOW, actor="ada", project=name, details={"name": name})
    render_project(tx, project, serial, comes_or_goes=True)
    return serial


def add_projects(real: Real, *names: str) -> None:
    """Projects, each with an entry."""
    with real.store.write() as tx:
        for name in names:
            add(tx, name)


def fill(real: Real, count: int) -> None:
    """A long list, without the projects that it names."""
    names = [f"a-rather-long-name-{number:06}" for number in range(count)]
    listed = [ListedProject(name, name, serial) for serial, name in enumerate(names, 1)]
    with real.store.write() as tx:
        tx.ledger.append(Kind.PROJECT_CREATED, at=NOW, actor="ada", project="many", details={})
        for at in range(0, count, 512):
            for form in FORMS:
                segment = segment_of(listed[at : at + 512], form)
                tx.pages.put_segment(names[at], form, segment)


def plain(listed: ListFile) -> bytes:
    """The list without a coding."""
    return b"".join(listed.chunks("identity"))


def names(listed: ListFile) -> list[str]:
    """The names of the JSON list."""
    return [name for name, _ in names_in_json(plain(listed))]


def test_an_index_without_anything_has_a_list(lists: ProjectLists) -> None:
    """Before the first entry the list is empty, and of serial 0."""
    assert lists.newest("json").serial == 0
    assert names(lists.newest("json")) == []
    assert plain(lists.newest("html")).endswith(b"<!--SERIAL 0-->\n")


def test_the_list_as_it_is_now(real: Real, lists: ProjectLists) -> None:
    """After every change the list is the new one, at the newest serial; without one it is the same file."""
    for serial, name in enumerate(("beta", "Alpha", "gamma"), 1):
        add_projects(real, name)
        for form in FORMS:
            listed = lists.newest(form)
            assert listed.serial == serial
            assert lists.newest(form) is listed
    assert names_in_json(plain(lists.newest("json"))) == [("Alpha", 2), ("beta", 1), ("gamma", 3)]
    assert names_in_html(plain(lists.newest("html"))) == [
        ("alpha", "Alpha"),
        ("beta", "beta"),
        ("gamma", "gamma"),
    ]


def test_an_entry_that_changes_no_project_is_a_new_list_too(real: Real, lists: ProjectLists) -> None:
    """The list tells the index's serial, so it is put together anew with every one."""
    before = lists.newest("json")
    with real.store.write() as tx:
        tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="ada", project="", details={})
    assert lists.newest("json") is not before
    assert lists.newest("json").serial == 1


@pytest.mark.parametrize("form", FORMS)
def test_lengths_and_bounds(real: Real, lists: ProjectLists, form: Form) -> None:
    """What is announced is what comes, in chunks of at most 256 KiB, and both codings are one list."""
    fill(real, 12_000)
    listed = lists.newest(form)
    for coding in CODINGS:
        chunks = [len(chunk) for chunk in listed.chunks(coding)]
        assert sum(chunks) == listed.length(coding)
        assert 0 < min(chunks) <= max(chunks) <= CHUNK
    assert gunzip_whole(b"".join(listed.chunks("gzip"))) == plain(listed)
    assert listed.length("identity") > 2 * CHUNK
    assert listed.length("gzip") < listed.length("identity") // 4


def test_nothing_of_the_list_stays_in_memory(
    real: Real, lists: ProjectLists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has no name, so that nobody finds it and a crash leaves nothing; it ends with its last reader."""
    # A folder that no other test's threads put files into.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    add_projects(real, "demo")
    listed = lists.newest("json")
    assert open_files(tmp_path) == 1
    chunks = listed.chunks("gzip")
    add_projects(real, "other")
    assert lists.newest("json") is not listed
    del listed
    gc.collect()
    assert open_files(tmp_path) == 2, "a reader holds the old file"
    assert b"".join(chunks)
    del chunks
    gc.collect()
    assert open_files(tmp_path) == 1


def open_files(folder: Path) -> int:
    """How many open files without a name this process has there; SQLite's own, which come and go, do not count."""
    files = [file.readlink() for file in list(Path("/proc/self/fd").iterdir()) if file.is_symlink()]
    unnamed = [file for file in files if file.name.endswith(" (deleted)") and file.is_relative_to(folder)]
    return sum("etilqs" not in file.name for file in unnamed)


def test_readers_of_an_old_list_finish_it(real: Real, lists: ProjectLists) -> None:
    """A reader who began before a change reads the list of then to its end, however often it changes meanwhile."""
    fill(real, 12_000)
    listed = lists.newest("json")
    wanted = plain(listed)
    slow = {coding: listed.chunks(coding) for coding in CODINGS}
    begun = {coding: next(chunks) for coding, chunks in slow.items()}
    for number in range(3):
        add_projects(real, f"new-{number}")
        assert f"new-{number}" in names(lists.newest("json"))
    assert begun["identity"] + b"".join(slow["identity"]) == wanted
    assert gunzip_whole(begun["gzip"] + b"".join(slow["gzip"])) == wanted


def test_a_slow_reader_holds_no_transaction(real: Real, lists: ProjectLists) -> None:
    """While a list is read the database's log can be written back as if nobody read."""
    fill(real, 2_000)
    slow = lists.newest("json").chunks("gzip")
    next(slow)
    add_projects(real, "late")
    connection = sqlite_driver().connect(sqlite_file(real.database))
    busy, in_log, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    assert (busy, in_log) == (0, 0)


def test_a_list_is_of_one_serial_while_a_writer_writes(real: Real, lists: ProjectLists) -> None:
    """Many threads read while projects come, one after another: every list holds exactly those up to its serial."""
    count, done = 40, threading.Event()

    def write() -> None:
        for number in range(count):
            add_projects(real, f"p{number:03}")
        done.set()

    def read(form: Form) -> int:
        lists_read = 0
        while not (done.is_set() and lists_read):
            listed = lists.newest(form)
            body = gunzip_whole(b"".join(listed.chunks("gzip")))
            assert body == plain(listed)
            told = names_in_json(body) if form == "json" else names_in_html(body)
            wanted = [f"p{number:03}" for number in range(listed.serial)]
            if form == "json":
                assert told == [(name, serial) for serial, name in enumerate(wanted, 1)]
            else:
                assert told == [(name, name) for name in wanted]
            lists_read += 1
        return lists_read

    with ThreadPoolExecutor(7) as threads:
        readers = [threads.submit(read, form) for form in FORMS * 3]
        writer = threads.submit(write)
        writer.result(60)
        assert all(reader.result(60) for reader in readers)
    assert lists.newest("json").serial == count


def test_no_list_is_written_twice_at_once(
    real: Real, lists: ProjectLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that ask at the same moment wait for one file, and share it."""
    add_projects(real, "demo")
    written: list[Form] = []
    write = ProjectLists._written

    def noted(self: ProjectLists, form: Form, serial: int) -> ListFile:
        written.append(form)
        return write(self, form, serial)

    monkeypatch.setattr(ProjectLists, "_written", noted)
    together = threading.Barrier(8)

    def ask() -> ListFile:
        together.wait(10)
        return lists.newest("html")

    with ThreadPoolExecutor(8) as threads:
        found = [asked.result(30) for asked in [threads.submit(ask) for _ in range(8)]]
    assert len(set(map(id, found))) == 1
    assert written == ["html"]


def test_a_list_that_could_not_be_written_is_written_next_time(
    real: Real, lists: ProjectLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told, and leaves neither a half list nor an open transaction behind."""
    add_projects(real, "demo")

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("homeport.adapters.db.project_lists.tempfile.TemporaryFile", no_space)
        with pytest.raises(OSError, match="No space"):
            lists.newest("json")
    add_projects(real, "other")
    assert names(lists.newest("json")) == ["demo", "other"]
