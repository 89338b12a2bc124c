"""A disk that is full, or nearly: nothing half is kept, everybody can read, and when there is room again all goes on (T-39)."""

import errno
import io
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.support.archives import make_wheel, metadata_bytes
from tests.support.audit import problems
from tests.support.forms import upload_fields
from tests.support.story import SDIST, WHEEL, sdist, wheel
from tests.support.world import Real, add_person, real_world

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.account import Caller
from homeport.domain.errors import Refusal, Unavailable
from homeport.domain.quota import Reserve
from homeport.flows.upload import upload

MIB = 1024 * 1024
BODY = os.urandom(64 * 1024)
# A wheel that needs pages of the database: its metadata are kept in a row.
DESCRIBED = make_wheel(
    "demo", "1.0", metadata=metadata_bytes("demo", "1.0") + b"\n" + b"It sings, and sings again.\n" * 800
)


def send(real: Real, caller: Caller, filename: str, body: bytes) -> None:
    """Upload a file."""
    fields: dict[str, list[str]] = {}
    for name, value in upload_fields(filename, body):
        fields.setdefault(name, []).append(value)
    with real.world.blobs.receive(len(body)) as incoming:
        incoming.write(body)
        upload(real.world, caller, fields, filename, incoming)


def require_whole(home: Path, hosted: dict[str, bytes]) -> None:
    """The home is one story, nothing lies around half received, and its pages can be read."""
    assert problems(home, {}) == []
    assert list((home / "blobs" / "incoming").iterdir()) == []
    with closing(SqliteHotReads(home / "homeport.db", home / "blobs")) as reads:
        page = reads.page("demo", "json", "identity")
        named = set() if page is None else {name for name in hosted if name.encode() in page.body}
        assert named == set(hosted)
        assert reads.serial() > 0 or not hosted


# A reserve


def test_the_reserve_is_left_alone(tmp_path: Path) -> None:
    """When what is free is less than the reserve nothing is received, and nothing is left behind."""
    blobs = FolderBlobs(tmp_path, Reserve(percent=5))
    blobs.set_up()
    assert 0 < blobs.free_bytes() < FolderBlobs(tmp_path).free_bytes()
    full = FolderBlobs(tmp_path, Reserve(size_bytes=2**62))
    assert full.free_bytes() == 0
    with pytest.raises(Unavailable, match="almost full") as refused:
        full.receive(10).__enter__()
    assert refused.value.code == "disk-full"
    assert list((tmp_path / "incoming").iterdir()) == []


def test_the_reserve_is_asked_again_while_bytes_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up meanwhile stops a large file, a few megabytes later."""
    blobs = FolderBlobs(tmp_path)
    blobs.set_up()
    chunk = bytes(MIB)
    with blobs.receive(100 * MIB) as incoming:
        incoming.write(chunk)
        monkeypatch.setattr(FolderBlobs, "free_bytes", lambda self: 0)
        for _ in range(2):
            incoming.write(chunk)
        with pytest.raises(Unavailable, match="almost full"):
            incoming.write(chunk)
        assert incoming.size_bytes < 5 * MIB
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_disk_that_cannot_be_asked(tmp_path: Path) -> None:
    """Where there is no folder there is no disk, and that is a refusal."""
    with pytest.raises(Unavailable) as refused:
        FolderBlobs(tmp_path / "nowhere").free_bytes()
    assert refused.value.code == "disk-error"


# Every write fails once


class FailingFile(io.FileIO):
    """A file whose n-th write, counted over all such files, fails."""

    left = 0

    def write(self, data: Any) -> int:
        """Write, or fail."""
        FailingFile.left -= 1
        if FailingFile.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data) or 0


@contextmanager
def failing_write(monkeypatch: pytest.MonkeyPatch, real: Real, number: int) -> Iterator[None]:
    """Let the n-th write to a received file fail."""
    FailingFile.left = number
    with monkeypatch.context() as patch:
        patch.setattr(
            os,
            "fdopen",
            lambda descriptor, mode, buffering: io.BufferedWriter(FailingFile(descriptor, mode), buffering),
        )
        yield


@contextmanager
def failing_call(monkeypatch: pytest.MonkeyPatch, real: Real, number: int, name: str) -> Iterator[None]:
    """Let the n-th call of ``os.<name>`` by the file store fail."""
    done: Callable[..., Any] = getattr(os, name)
    calls = [0]

    def call(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return done(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, call)
        yield


@contextmanager
def failing_page(monkeypatch: pytest.MonkeyPatch, real: Real, number: int) -> Iterator[None]:
    """Let the database grow by fewer than n pages: the next one is refused as on a full disk."""
    bound = _bound_pages(real, lambda count: count + number - 1)
    try:
        yield
    finally:
        _bound_pages(real, lambda count: 2**30)
    assert bound > 0


def _bound_pages(real: Real, most: Callable[[int], int]) -> int:
    # The bound is a connection's own: this pool has one that is used again and again.
    with real.store._writing.connect() as connection:
        count = connection.execute(text("PRAGMA page_count")).scalar_one()
        return int(connection.execute(text(f"PRAGMA max_page_count = {most(count)}")).scalar_one())


@pytest.mark.parametrize("what", ["write", "mkdir", "link", "fsync", "open", "page"])
def test_g07_whichever_write_fails_nothing_is_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """G-07: for every n, the n-th write of an upload fails: it is refused, nothing is half, and the next one succeeds."""
    failing = {"write": failing_write, "page": failing_page}.get(what, partial(failing_call, name=what))
    refused: list[str] = []
    with real_world(tmp_path) as real:
        ada = Caller(add_person(real.world, "ada"))
        for number in range(1, 90):
            with failing(monkeypatch, real, number):
                code = refusal_of(partial(send, real, ada, WHEEL, DESCRIBED))
            require_whole(tmp_path, {} if code else {WHEEL: DESCRIBED})
            if not code:
                break
            refused.append(code)
        send(real, ada, SDIST, sdist())
    require_whole(tmp_path, {WHEEL: DESCRIBED, SDIST: sdist()})
    assert set(refused) == {"database-unavailable" if what == "page" else "disk-full"}


def refusal_of(act: Callable[[], object]) -> str:
    """The code of what refused; empty when nothing did."""
    try:
        act()
    except Unavailable as refusal:
        return refusal.code
    return ""


# A disk that is really full


@cache
def may_mount() -> bool:
    """True when this process may mount a file system."""
    return (
        os.geteuid() == 0
        and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An own file system of 8 MiB."""
    if not may_mount():
        pytest.skip("only root may mount a file system of its own")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path, leave_bytes: int) -> None:
    """Take all of the disk but so many bytes."""
    ballast.unlink(missing_ok=True)
    disk = os.statvfs(ballast.parent)
    with ballast.open("wb") as file, suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - leave_bytes))


def test_g08_a_full_disk(small_disk: Path) -> None:
    """G-08: with every amount of room that is too little an upload is refused and nothing is corrupt; then it succeeds."""
    home, ballast = small_disk / "home", small_disk / "ballast"
    home.mkdir()
    refused: list[str] = []
    with real_world(home) as real:
        ada = Caller(add_person(real.world, "ada"))
        send(real, ada, WHEEL, wheel())
        body = sdist(content=BODY)
        for pages in range(0, 400, 3):
            fill(ballast, pages * 4096)
            try:
                send(real, ada, SDIST, body)
            except Refusal as refusal:
                refused.append(refusal.code)
                with closing(SqliteHotReads(sqlite_file(real.database), real.folder)) as reads:
                    page = reads.page("demo", "json", "identity")
                    assert page is not None
                    assert WHEEL.encode() in page.body
                    assert SDIST.encode() not in page.body
            else:
                break
        ballast.unlink()
        send(real, ada, SDIST, body)
    require_whole(home, {WHEEL: wheel(), SDIST: body})
    assert {"disk-full", "database-unavailable"} >= set(refused) >= {"disk-full"}
    assert len(refused) > 5


def test_g08_the_reserve_comes_first(small_disk: Path) -> None:
    """G-08: with the reserve an upload is refused while the database still has room: other things go on."""
    home, ballast = small_disk / "home", small_disk / "ballast"
    home.mkdir()
    with real_world(home) as real:
        blobs = FolderBlobs(home / "blobs", Reserve.parse("5%"))
        reserved = replace(real, world=replace(real.world, blobs=blobs))
        ada = Caller(add_person(real.world, "ada"))
        fill(ballast, 400 * 1024)
        with pytest.raises(Unavailable, match="almost full"):
            send(reserved, ada, WHEEL, wheel())
        add_person(real.world, "bob")
        fill(ballast, 4 * MIB)
        send(reserved, ada, WHEEL, wheel())
    require_whole(home, {WHEEL: wheel()})
