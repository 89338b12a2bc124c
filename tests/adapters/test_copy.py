"""A copy of the database to play with: as it was at one moment, for its owner only, with nothing in it that could leave."""

import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert
from tests.support.world import Real, add_person, real_world

from homeport.adapters.db import copy
from homeport.adapters.db.connect import open_engine
from homeport.adapters.db.copy import NoJobs, kept_copy, temporary_copy
from homeport.adapters.db.driver import connect_raw, is_rehearsal
from homeport.adapters.db.store import SqlStore
from homeport.adapters.db.webhook_tables import webhook_deliveries, webhooks
from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid, Refusal, Unavailable
from homeport.domain.mail import Letter
from homeport.domain.quota import Reserve
from homeport.flows.survey.start import start_survey_of_all

NO_RESERVE = Reserve()
LEAVING = ("mails", "webhooks", "webhook_deliveries", "workflow_status")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """A home in which a mail, a delivery to a webhook and a job wait."""
    folder = tmp_path / "home"
    folder.mkdir()
    with real_world(folder) as opened:
        world = opened.world
        root, now = add_person(world, "root", is_admin=True), world.clock.now()
        start_survey_of_all(world, Caller(root))
        opened.store.sends_mail = True
        with world.store.write() as tx:
            tx.mails.add(Letter("root@example.org", "A", "B"), now)
        engine = open_engine(opened.database)
        with engine.begin() as connection:
            hook = {"feed": "index", "url": "https://hooks.test/", "events": [], "by": "root", "at": now}
            counts = {"cursor": 0, "failures": 0, "disabled_why": "", "sealed_secret": b"x"}
            connection.execute(insert(webhooks).values(hook | counts))
            tries = {"tries": 0, "status": 0, "answer": "", "problem": "", "took_ms": 0, "due_at": now}
            told = {"webhook_id": 1, "event": "x", "serial": 1, "at": now}
            connection.execute(insert(webhook_deliveries).values(told | tries))
        engine.dispose()
        yield opened


def file_of(real: Real) -> Path:
    """Its database."""
    return Path(real.database.removeprefix("sqlite:///"))


def count(file: Path, table: str) -> int:
    """How many rows a table of a database has."""
    with closing(connect_raw(file)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own


def rows(file: Path) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(connect_raw(file)) as connection:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        names = [name for (name,) in connection.execute(asked)]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608


def test_it_is_whole_and_nothing_in_it_leaves(real: Real) -> None:
    """All but what waits to leave is in it, its owner alone may read it, and the database itself is untouched."""
    source, steps = file_of(real), list[tuple[int, int]]()
    before = rows(source)
    with temporary_copy(source, source.parent, NO_RESERVE, lambda *step: steps.append(step)) as file:
        copied = rows(file)
        assert {name for name in before if before[name] != copied[name]} == {*LEAVING, "facts"}
        assert [count(file, table) for table in LEAVING] == [0, 0, 0, 0]
        assert (is_rehearsal(file), is_rehearsal(source)) == (True, False)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        folder = file.parent
    assert not folder.exists()
    assert rows(source) == before
    assert [count(source, table) for table in LEAVING] == [1, 1, 1, 1]
    assert steps[-1][0] == steps[-1][1] > 0


def test_writers_go_on_meanwhile(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while it is made is written at once, and not in it; it is not begun anew for that."""
    monkeypatch.setattr(copy, "_PAGES_AT_ONCE", 50)
    done = list[int]()

    def write(pages: int, _: int) -> None:
        done.append(pages)
        add_person(real.world, f"late-{len(done)}")

    with temporary_copy(file_of(real), file_of(real).parent, NO_RESERVE, write) as file:
        assert count(file, "users") == 1
        with closing(connect_raw(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert count(file_of(real), "users") == 1 + len(done) > 3
    assert done == sorted(done)


def test_what_is_written_into_it_stays_in_it(real: Real) -> None:
    """Work that is asked for in it is never begun."""
    before = rows(file_of(real))
    with temporary_copy(file_of(real), file_of(real).parent, NO_RESERVE, lambda *_: None) as file:
        engine = open_engine(f"sqlite:///{file}", is_copy=True)
        store = SqlStore(engine, NoJobs())
        with store.write() as tx:
            for survey in tx.surveys.running():
                tx.surveys.fail(survey.id, "Over.", real.world.clock.now())
            root = tx.users.by_name("root")
            assert root is not None
        start_survey_of_all(replace(real.world, store=store), Caller(root))
        engine.dispose()
        assert (count(file, "surveys"), count(file, "workflow_status")) == (2, 0)
    assert rows(file_of(real)) == before


@pytest.mark.parametrize("is_early", [True, False])
@pytest.mark.parametrize("is_kept", [True, False])
def test_whoever_ends_it_early_leaves_nothing(
    real: Real, tmp_path: Path, *, is_early: bool, is_kept: bool
) -> None:
    """Ctrl-C while it is made, and while it is used."""

    def interrupt(*_: int) -> None:
        if is_early:
            raise KeyboardInterrupt

    kept, source = tmp_path / "kept.db", file_of(real)
    copying = (
        kept_copy(source, kept, NO_RESERVE, interrupt)
        if is_kept
        else temporary_copy(source, source.parent, NO_RESERVE, interrupt)
    )
    with suppress(KeyboardInterrupt), copying:
        raise KeyboardInterrupt
    assert list(source.parent.glob(".rehearsal-*")) == []
    assert list(tmp_path.glob("kept*")) == []


def test_what_a_kill_left_is_removed_by_the_next(real: Real) -> None:
    """What somebody else uses at the moment is not."""
    home = file_of(real).parent
    left = home / ".rehearsal-left"
    left.mkdir()
    (left / "in-use").touch()
    with temporary_copy(file_of(real), home, NO_RESERVE, lambda *_: None) as first:
        assert not left.exists()
        with temporary_copy(file_of(real), home, NO_RESERVE, lambda *_: None) as second:
            assert first.exists()
            assert second.exists()
        assert (first.exists(), second.exists()) == (True, False)


def test_none_is_swept_before_it_is_locked(real: Real, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another rehearsal that comes between waits, and leaves it alone."""
    home, made = file_of(real).parent, list[Path]()

    def other() -> None:
        with temporary_copy(file_of(real), home, NO_RESERVE, lambda *_: None):
            assert made[0].exists()

    thread = Thread(target=other)

    def make(**given: Any) -> str:
        monkeypatch.setattr(copy, "mkdtemp", mkdtemp)
        made.append(Path(mkdtemp(**given)))
        (made[0] / "in-use").touch()
        thread.start()
        thread.join(0.2)
        assert (thread.is_alive(), made[0].exists()) == (True, True)
        return str(made[0])

    monkeypatch.setattr(copy, "mkdtemp", make)
    with temporary_copy(file_of(real), home, NO_RESERVE, lambda *_: None) as first:
        thread.join()
        assert count(first, "users") == 1
    assert list(home.glob(".rehearsal-*")) == []


KILLED = """
import os, sys
from pathlib import Path
from homeport.adapters.db.copy import kept_copy
from homeport.domain.quota import Reserve

with kept_copy(Path(sys.argv[1]), Path(sys.argv[2]), Reserve(), lambda *_: os.kill(os.getpid(), 9)):
    raise AssertionError("it was made")
"""


def test_a_kill_leaves_no_mail_under_its_name(real: Real, tmp_path: Path) -> None:
    """What was copied is beside it and hidden, and goes with the next copy that is kept there; other folders stay."""
    kept, mine = tmp_path / "kept.db", tmp_path / ".rehearsal-mine"
    mine.mkdir()
    source = file_of(real)
    killed = subprocess.run([sys.executable, "-c", KILLED, source, kept], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert kept.read_bytes() == b""
    (left,) = set(tmp_path.glob(".rehearsal-*")) - {mine}
    assert (left / "copy.db").exists()
    with kept_copy(source, tmp_path / "next.db", NO_RESERVE, lambda *_: None):
        assert not left.exists()
    assert {file.name for file in tmp_path.iterdir()} == {"home", "kept.db", "next.db", ".rehearsal-mine"}


def test_one_that_is_kept_is_one_file(real: Real, tmp_path: Path) -> None:
    """Readable by its owner only; what its use put into it to leave is taken out again."""
    kept = tmp_path / "kept.db"
    with kept_copy(file_of(real), kept, NO_RESERVE, lambda *_: None) as file:
        engine = open_engine(f"sqlite:///{file}", is_copy=True)
        with SqlStore(engine, NoJobs(), sends_mail=True).write() as tx:
            tx.mails.add(Letter("root@example.org", "A", "B"), real.world.clock.now())
        engine.dispose()
        assert (count(file, "mails"), kept.stat().st_size) == (1, 0)
    assert {file.name for file in tmp_path.iterdir()} == {"home", "kept.db"}
    assert [count(kept, table) for table in LEAVING] == [0, 0, 0, 0]
    assert is_rehearsal(kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


LOOKED_AT = """
import os, sys
from homeport.adapters.db.driver import sqlite_driver

connection = sqlite_driver().connect(sys.argv[1])
connection.execute("CREATE TABLE looked (x)")
connection.commit()
os.kill(os.getpid(), 9)
"""


def test_what_an_earlier_one_left_is_not_read_into_it(real: Real, tmp_path: Path) -> None:
    """Where the log of another copy of that name lies, none is kept: all that is in the way is told, and stays."""
    source, kept = file_of(real), tmp_path / "kept.db"
    with kept_copy(source, kept, NO_RESERVE, lambda *_: None):
        pass
    killed = subprocess.run([sys.executable, "-c", LOOKED_AT, kept], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    left = {file: file.read_bytes() for file in tmp_path.glob("kept.db*")}
    assert {file.name for file in left} == {"kept.db", "kept.db-shm", "kept.db-wal"}
    told = f"{kept}, {kept}-wal, {kept}-shm"
    for gone in ("", f"{kept}, "):
        if gone:
            kept.unlink()
            del left[kept]
        with pytest.raises(Conflict, match=re.escape(f": {told.removeprefix(gone)}. Keep it")) as refused:
            kept_copy(source, kept, NO_RESERVE, lambda *_: None).__enter__()
        assert refused.value.code == "copy-exists"
        assert {file: file.read_bytes() for file in tmp_path.glob("kept.db*")} == left
    for file in left:
        file.unlink()
    add_person(real.world, "ada")
    with kept_copy(source, kept, NO_RESERVE, lambda *_: None):
        pass
    with closing(connect_raw(kept)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert count(kept, "users") == 2


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_what_comes_beside_its_name_meanwhile(real: Real, tmp_path: Path, ending: str) -> None:
    """A log that somebody writes there while it is used is not read into it either, and stays."""
    kept, log = tmp_path / "kept.db", tmp_path / f"kept.db{ending}"
    with pytest.raises(Conflict) as refused, kept_copy(file_of(real), kept, NO_RESERVE, lambda *_: None):
        log.write_text("mine")
    assert refused.value.code == "copy-exists"
    assert {file.name for file in tmp_path.iterdir()} == {"home", log.name}
    assert log.read_text() == "mine"


def require_refused(copying: AbstractContextManager[Path], kind: type[Refusal], code: str) -> None:
    """It is refused before it is used."""
    with pytest.raises(kind) as refused, copying:
        raise AssertionError("it was made")
    assert refused.value.code == code


def test_refusals(real: Real, tmp_path: Path) -> None:
    """A name that is taken, a folder that is not there, a name that cannot be, no room, and what is no database."""
    source, full = file_of(real), Reserve(size_bytes=1 << 60)
    taken = tmp_path / "taken.db"
    taken.write_text("mine")

    def kept(file: Path, reserve: Reserve = NO_RESERVE) -> AbstractContextManager[Path]:
        return kept_copy(source, file, reserve, lambda *_: None)

    require_refused(kept(taken), Conflict, "copy-exists")
    assert taken.read_text() == "mine"
    require_refused(kept(tmp_path / "nowhere" / "kept.db"), Invalid, "copy-folder")
    require_refused(kept(tmp_path / ("x" * 300)), Invalid, "copy-unwritable")
    require_refused(kept(tmp_path / "really?.db"), Invalid, "copy-name")
    require_refused(kept(tmp_path / "kept.db", full), Unavailable, "disk-full")
    require_refused(temporary_copy(source, tmp_path, full, lambda *_: None), Unavailable, "disk-full")
    require_refused(temporary_copy(taken, tmp_path, NO_RESERVE, lambda *_: None), Unavailable, "copy-failed")
    assert {file.name for file in tmp_path.iterdir()} == {"home", "taken.db"}
