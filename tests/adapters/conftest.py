"""What keeps the contracts of ``ports.store``, ``ports.blobs`` and ``ports.fetch``: fakes, and what is real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.blob_bytes import a_folder
from tests.support.fake_blobs import FakeBlobs
from tests.support.fake_store import FakeStore
from tests.support.outside import Outside
from tests.support.reach import Reach, in_memory, over_sockets
from tests.support.world import Real, real_world

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.adapters.db.store import SqlStore
from homeport.ports.blobs import Blobs


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeStore | SqlStore]:
    """Each store that keeps the contract, empty."""
    if request.param == "fake":
        yield FakeStore()
        return
    with real_world(tmp_path) as real:
        yield real.store


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """Real adapters, empty."""
    with real_world(tmp_path) as real:
        yield real


@pytest.fixture
def reads(real: Real) -> Iterator[SqliteHotReads]:
    """The readers of the real store, on a connection that was open before anything was written."""
    reads = SqliteHotReads(sqlite_file(real.database), real.folder)
    yield reads
    reads.close()


@pytest.fixture(params=["fake", "folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Each store of bytes that keeps the contract."""
    return FakeBlobs(tmp_path) if request.param == "fake" else a_folder(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> FolderBlobs:
    """The real store of bytes."""
    return a_folder(tmp_path)


@pytest.fixture
def outside() -> Outside:
    """A world without sites."""
    return Outside()


@pytest.fixture(params=[in_memory, over_sockets])
def reach(request: pytest.FixtureRequest, outside: Outside) -> Iterator[Reach]:
    """Either fetcher, before the same world."""
    with request.param(outside) as reached:
        yield reached
