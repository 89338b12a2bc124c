"""What the folder of blobs does beside others, and when the disk does not obey (threats §3.1)."""

import errno
import fcntl
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.blob_bytes import BODY, SHA256, a_folder, content, keep, keep_in

from homeport.adapters.blobs.filesystem import FolderBlobs, blob_path
from homeport.domain.errors import Unavailable


def files_in(root: Path) -> list[Path]:
    """Every file below ``root``, by its path within."""
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())


# The folder


def test_what_was_kept_again_lately_is_not_forgotten(folder: FolderBlobs) -> None:
    """Whoever keeps bytes that are there already has time to name them."""
    keep(folder)
    path = folder.path(SHA256)
    assert path
    before = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    keep(folder)
    assert datetime.fromtimestamp(path.stat().st_ctime, UTC) > before
    assert not folder.forget(SHA256, kept_before=before)
    assert content(folder) == BODY


def test_bytes_that_are_forgotten_while_they_are_kept_again(
    folder: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes when the bytes are just going keeps them anew."""
    keep(folder)
    real, gone = os.utime, list[bool]()

    def forget_first(path: Path, *, ns: tuple[int, int]) -> None:
        # The lock keeps others out here, so what goes is taken away behind its back.
        if not gone:
            gone.append(True)
            path.unlink()
        real(path, ns=ns)

    monkeypatch.setattr(os, "utime", forget_first)
    assert keep(folder) == SHA256
    assert content(folder) == BODY


def test_forgetting_and_keeping_side_by_side(folder: FolderBlobs) -> None:
    """However keeping and forgetting meet, bytes that were kept just now are there."""
    started = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the ctime of files is the machine's
    stop = threading.Event()

    def forget() -> None:
        while not stop.is_set():
            folder.forget(SHA256, kept_before=started)

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        for _ in range(100):
            keep(folder)
            assert folder.path(SHA256) is not None
    finally:
        stop.set()
        thread.join()


def test_a_blob_lies_under_its_digest_and_nothing_else_is_left(folder: FolderBlobs, tmp_path: Path) -> None:
    """After ``keep`` there is one file in all the store: the blob, where its digest says."""
    keep(folder)
    keep(folder)
    assert files_in(tmp_path) == [Path(SHA256.hex[:2], SHA256.hex[2:4], SHA256.hex)]
    assert blob_path(tmp_path, SHA256.hex) == folder.path(SHA256)


def test_linking_into_place_never_replaces(folder: FolderBlobs, tmp_path: Path) -> None:
    """A file that is there already keeps its place: the same inode, the same bytes."""
    keep(folder)
    path = blob_path(tmp_path, SHA256.hex)
    before = path.stat()
    keep(folder)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damaged", [b"", BODY[:-1], BODY[:-1] + b"!", BODY + b"!"])
def test_keeping_mends_what_the_disk_damaged(folder: FolderBlobs, tmp_path: Path, damaged: bytes) -> None:
    """Other bytes under a digest's name are replaced, in one step, by those that have it; nothing else is left."""
    keep(folder)
    path = blob_path(tmp_path, SHA256.hex)
    path.write_bytes(damaged)
    assert keep(folder) == SHA256
    assert content(folder) == BODY
    assert files_in(tmp_path) == [path.relative_to(tmp_path)]


def synced(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> set[Path]:
    """The folders that are synced while ``act`` is done."""
    folders: set[Path] = set()
    real = os.fsync

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            folders.add(path)
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        act()
    return folders


def test_every_folder_on_the_way_is_synced(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also who finds the folders made syncs all of them: their maker may have died before (A-16)."""
    above = tmp_path / SHA256.hex[:2]
    for _ in range(2):
        assert synced(monkeypatch, lambda: keep(folder)) == {tmp_path, above, above / SHA256.hex[2:4]}


def test_setting_up_syncs_the_root_and_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh root, and the entry that names it, are on the disk before anything is kept in it."""
    root = tmp_path / "blobs"
    assert synced(monkeypatch, FolderBlobs(root).set_up) == {root, tmp_path}


def test_a_sweep_takes_what_a_crash_left(folder: FolderBlobs, tmp_path: Path) -> None:
    """What nobody writes any more is removed at the next start; blobs stay."""
    keep(folder)
    left = tmp_path / "incoming" / "tmpcrashed"
    left.write_bytes(b"half a fi")
    folder.set_up()
    assert not left.exists()
    assert content(folder) == BODY


def test_a_sweep_leaves_what_another_process_writes(folder: FolderBlobs, tmp_path: Path) -> None:
    """A file that another process holds is not touched, and can be kept afterwards."""
    child = os.fork()
    ready, go = tmp_path / "ready", tmp_path / "go"
    if child == 0:
        try:
            with folder.receive(len(BODY)) as incoming:
                incoming.write(BODY)
                ready.write_text(str(incoming.path))
                while not go.exists():
                    os.sched_yield()
                incoming.keep()
        finally:
            os._exit(0)
    while not (ready.exists() and ready.read_text()):
        os.sched_yield()
    path = Path(ready.read_text())
    a_folder(tmp_path)
    assert path.exists()
    go.touch()
    os.waitpid(child, 0)
    assert content(folder) == BODY


def test_a_sweep_that_came_first_is_noticed(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that a sweep removed between its making and its locking is not written to: another is made."""
    real = fcntl.flock
    swept: list[Path] = []

    def sweep_first(file: Any, operation: int) -> None:
        if not swept:
            swept.extend((tmp_path / "incoming").iterdir())
            swept[0].unlink()
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    keep(folder)
    assert len(swept) == 1
    assert content(folder) == BODY


# A disk that does not obey


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int, code: int) -> Iterator[list[str]]:
    """Let the ``number``-th call of ``os.<name>`` fail; what comes back are the calls that were made."""
    calls: list[str] = []
    real: Callable[..., Any] = getattr(os, name)

    def call(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        if len(calls) == number:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, call)
        yield calls


@pytest.mark.parametrize(
    ("code", "refusal"), [(errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EIO, "disk-error")]
)
def test_a_failed_fsync_keeps_nothing(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, refusal: str
) -> None:
    """When the disk does not confirm the bytes they are not visible, and the refusal says why (A-16)."""
    with failing(monkeypatch, "fsync", 1, code) as calls, pytest.raises(Unavailable) as refused:
        keep(folder)
    assert refused.value.code == refusal
    assert calls == ["fsync"]
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("name", ["open", "fsync", "link", "mkdir"])
def test_whatever_fails_while_keeping_all_or_nothing_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever call fails, the refusal is a refusal, the blob is whole or absent, and a second try succeeds."""
    failed = 0
    for number in range(1, 20):
        root = tmp_path / str(number)
        root.mkdir()
        folder = a_folder(root)
        with failing(monkeypatch, name, number, errno.EIO) as calls:
            try:
                keep(folder)
            except Unavailable:
                failed += 1
        assert files_in(root / "incoming") == []
        path = folder.path(SHA256)
        assert path is None or path.read_bytes() == BODY
        assert keep(folder) == SHA256
        assert content(folder) == BODY
        if len(calls) < number:
            break
    assert failed == number - 1 > 0


def test_a_disk_that_gives_back_other_bytes_is_found_out(folder: FolderBlobs, tmp_path: Path) -> None:
    """What was stored is read again before it is named: other bytes are never kept."""
    with folder.receive(len(BODY)) as incoming:
        incoming.write(BODY)
        incoming.digests()
        incoming.path.write_bytes(BODY[:-1] + b"!")
        with pytest.raises(Unavailable) as refused:
            incoming.keep()
    assert refused.value.code == "disk-lies"
    assert files_in(tmp_path) == []


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    """Let the system refuse every write beyond ``size_bytes``, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_fails_is_a_refusal(folder: FolderBlobs, tmp_path: Path) -> None:
    """Bytes that the disk does not take are refused when they are written, and nothing is left of them."""
    with (
        files_no_larger_than(4096),
        pytest.raises(Unavailable) as refused,
        folder.receive(10 * len(BODY)) as incoming,
    ):
        keep_in(incoming)
    assert refused.value.code == "disk-error"
    assert files_in(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_a_refusal(tmp_path: Path) -> None:
    """A store whose place is taken by a file says so when it is set up."""
    (tmp_path / "blobs").write_text("not a folder")
    with pytest.raises(Unavailable) as refused:
        FolderBlobs(tmp_path / "blobs").set_up()
    assert refused.value.code == "disk-error"
