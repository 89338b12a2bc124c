"""A copy of the database to play with: as it was at one moment, readable by its owner only, with nothing in it that could leave.

1. It is read through one snapshot: writers go on meanwhile, and what they write is not in it.
2. There is room for it, and for what is written into it, or it is not begun.
3. Mails, webhooks and jobs are taken out of it before it is used, and again before it is kept; a mark in it tells a
   worker that there is nothing to do here.
4. What is not kept is removed, however its use ends; what a kill left behind is removed by the next one.
5. What is kept gets its name when it is whole and marked: whatever ends it before, no mail is under that name.
6. Nothing is put in the place of a file that is there, and nothing beside the log of another one, which would be read into it.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from sqlalchemy import Connection

from homeport.adapters.db.driver import REHEARSAL, connect_raw, sqlite_driver
from homeport.adapters.db.jobs import DbosJobs
from homeport.domain.errors import Conflict, Invalid, Unavailable
from homeport.domain.quota import Reserve, told_size
from homeport.ports.jobs import Job

Progress = Callable[[int, int], None]

_PAGES_AT_ONCE: Final = 2_000
# The new pages, notices and entries of the ledger of a whole campaign.
_GROWTH: Final = 1.5
_AT_LEAST: Final = 64 * 1024 * 1024
_PREFIX: Final = ".rehearsal-"
_LOCK: Final = "in-use"
# What the database reads into a file of that name when it is opened, whatever it was written for.
_BESIDE: Final = ("-wal", "-shm", "-journal")
_LEAVING: Final = (
    "DELETE FROM mails",
    "DELETE FROM webhook_deliveries",
    "DELETE FROM webhooks",
    # The engine's own rows; what belongs to a job goes with it.
    "DELETE FROM workflow_status",
)


class NoJobs(DbosJobs):
    """Work that is asked for and never begun: the row that asks for it is all that is written."""

    def __init__(self) -> None:
        super().__init__(_no_engine)

    def enqueue(self, connection: Connection, job: Job) -> None:
        """Nobody is told."""


def _no_engine() -> Any:
    raise AssertionError("a copy has no jobs")


@contextmanager
def temporary_copy(source: Path, folder: Path, reserve: Reserve, on_progress: Progress) -> Iterator[Path]:
    """A copy of the database ``source`` in a folder of its own below ``folder``, which is gone afterwards."""
    _require_room(source, folder, reserve)
    with _own_folder(source.parent, folder) as own:
        copy = own / "copy.db"
        _create(copy)
        _fill(source, copy, on_progress)
        yield copy


@contextmanager
def kept_copy(source: Path, target: Path, reserve: Reserve, on_progress: Progress) -> Iterator[Path]:
    """The same beside ``target``, which it becomes if its use ends well; until then that name is held by an empty file."""
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent} to keep the copy in.", code="copy-folder")
    if "?" in f"{target}":
        raise Invalid(f"{target} has a question mark in it, which no database may have.", code="copy-name")
    beside = [target.with_name(target.name + ending) for ending in _BESIDE]
    _require_free(target, *beside)
    try:
        _create(target)
    except OSError as error:
        raise Invalid(f"{target} cannot be written ({error.strerror}).", code="copy-unwritable") from error
    try:
        with temporary_copy(source, target.parent, reserve, on_progress) as copy:
            yield copy
            _take_out_what_leaves(copy)
            _close(copy)
            # Somebody may have opened what holds the name.
            _require_free(*beside)
            copy.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def _own_folder(home: Path, folder: Path) -> Iterator[Path]:
    """A new folder below ``folder``, locked while it is used; what nobody uses there any more is removed before."""
    with ExitStack() as stack:
        with _alone(home):
            _sweep(folder)
            own = Path(mkdtemp(prefix=_PREFIX, dir=folder))
            stack.callback(shutil.rmtree, own, ignore_errors=True)
            held = stack.enter_context((own / _LOCK).open("w"))
            fcntl.flock(held, fcntl.LOCK_EX)
        yield own


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else makes, or sweeps, a folder for a copy of this home's database: none is swept before it is locked."""
    opened = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _require_free(*files: Path) -> None:
    there = [f"{file}" for file in files if os.path.lexists(file)]
    if there:
        raise Conflict(
            f"The copy was not kept, for this is in its way: {', '.join(there)}. Keep it under another name, or remove what is "
            "there first, when nothing has it open.",
            code="copy-exists",
        )


def _create(file: Path) -> None:
    # What the database itself makes beside it is readable by the same.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _fill(source: Path, copy: Path, on_progress: Progress) -> None:
    driver = sqlite_driver()
    try:
        with closing(connect_raw(source)) as reading, closing(driver.connect(copy)) as writing:
            # It is worth nothing until it is whole: it need not be on the disk before that.
            writing.execute("PRAGMA synchronous=OFF")
            # What is read from here on is one moment's, whatever is written meanwhile.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            reading.backup(
                writing,
                pages=_PAGES_AT_ONCE,
                progress=lambda _, left, every: on_progress(every - left, every),
            )
        _take_out_what_leaves(copy)
    except driver.DatabaseError as error:
        raise Unavailable(
            f"The database could not be copied to {copy} ({error}). Nothing else was done.",
            code="copy-failed",
        ) from error


def _take_out_what_leaves(copy: Path) -> None:
    with closing(sqlite_driver().connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _LEAVING:
            connection.execute(statement)
        connection.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, 1)", (REHEARSAL,))
        connection.execute("COMMIT")


def _require_room(source: Path, folder: Path, reserve: Reserve) -> None:
    files = [source.with_name(source.name + ending) for ending in ("", "-wal")]
    wanted = int(sum(file.stat().st_size for file in files if file.exists()) * _GROWTH) + _AT_LEAST
    disk = shutil.disk_usage(folder)
    left = reserve.left(disk.free, disk.total)
    if left < wanted:
        raise Unavailable(
            f"A copy of the database needs {told_size(wanted)}, and the disk of {folder} has {told_size(left)} to spare. "
            "Make room, or keep the copy on another disk (--keep FILE).",
            code="disk-full",
        )


def _close(copy: Path) -> None:
    """Let it be one file that is on the disk: nothing beside it belongs to it any more."""
    with closing(sqlite_driver().connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        # What opens it expects this; the last one to close it leaves no second file.
        connection.execute("PRAGMA journal_mode=WAL")
    with copy.open("rb") as written:
        os.fsync(written.fileno())


def _sweep(folder: Path) -> None:
    """Remove what nobody uses: the lock of whoever made it went with them. What has none is not ours."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), (left / _LOCK).open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
