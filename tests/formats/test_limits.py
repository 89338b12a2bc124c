"""The budget of one inspection (G-15): each limit holds at its edge, and everything below it passes.

CPU, memory and wall time are the kernel's: tests/adapters/isolation.
"""

import hashlib
import io

import pytest
from tests.support.archives import (
    STORED,
    TarPart,
    ZipPart,
    make_gzip,
    make_tar,
    make_wheel,
    make_zip,
    metadata_bytes,
    sdist_parts,
    wheel_parts,
)
from tests.support.looks import SDIST, WHEEL, codes, look

from homeport.adapters.inspect.isolation import INSPECT_LIMITS
from homeport.domain.inspection import Verdict
from homeport.formats.archive import entries, paths
from homeport.formats.archive.entries import ArchiveError, Budget
from homeport.formats.core_metadata import MAX_METADATA_BYTES

# Nothing compresses it, so nothing takes it for a bomb.
NOISE = hashlib.shake_128(b"noise").digest(100_000)


def test_limits_are_those_of_the_budget() -> None:
    """10 s of CPU, 512 MiB, 2 GiB inflated, 50,000 members, 400 bytes, 32 folders, 1 MiB of metadata."""
    assert (INSPECT_LIMITS.cpu_seconds, INSPECT_LIMITS.memory_bytes) == (10, 512 << 20)
    assert (entries.MAX_INFLATED_BYTES, entries.MAX_MEMBERS) == (2 << 30, 50_000)
    assert (paths.MAX_PATH_BYTES, paths.MAX_DEPTH, MAX_METADATA_BYTES) == (400, 32, 1 << 20)


@pytest.mark.parametrize("beyond", [False, True])
def test_members_are_counted(beyond: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last member that is allowed is read, the next one ends the inspection."""
    monkeypatch.setattr(entries, "MAX_MEMBERS", 10)
    wheel = make_wheel(files={f"demo/{n}": b"" for n in range(6 + beyond)})
    sdist = make_gzip(make_tar([*sdist_parts(), *(TarPart(f"demo-1.0/{n}") for n in range(7 + beyond))]))
    for data, expectation in ((wheel, WHEEL), (sdist, SDIST)):
        assert ("archive-too-many-members" in codes(look(data, expectation))) is beyond


@pytest.mark.parametrize("beyond", [False, True])
def test_inflated_bytes_are_counted(beyond: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last byte that is allowed is read, the next one ends the inspection."""
    wheel_bytes = sum(len(part.data) for part in wheel_parts(files={"demo/noise": NOISE}))
    sdist = make_tar([*sdist_parts(), TarPart("demo-1.0/noise", NOISE)])
    for data, size, expectation in (
        (make_wheel(files={"demo/noise": NOISE}), wheel_bytes, WHEEL),
        (make_gzip(sdist), len(sdist), SDIST),
    ):
        monkeypatch.setattr(entries, "MAX_INFLATED_BYTES", size - beyond)
        assert ("archive-too-large" in codes(look(data, expectation))) is beyond


def test_two_gibibytes_are_the_end_however_well_they_are_paid_for() -> None:
    """No ratio excuses more than 2 GiB."""
    budget = Budget(1 << 40)
    budget.take_bytes(2 << 30)
    with pytest.raises(ArchiveError, match="2048 MiB"):
        budget.take_bytes(1)


@pytest.mark.parametrize("beyond", [0, 1])
def test_ratio_counts_above_its_floor_only(beyond: int) -> None:
    """Fifty times its own size is allowed, and 64 MiB whatever the ratio."""
    for compressed, allowed in ((1 << 10, 64 << 20), (2 << 20, 100 << 20)):
        budget = Budget(compressed)
        budget.take_bytes(allowed)
        if beyond:
            with pytest.raises(ArchiveError, match="50 times"):
                budget.take_bytes(beyond)


@pytest.mark.parametrize("beyond", [0, 1])
def test_metadata_are_bounded(beyond: int) -> None:
    """1 MiB of METADATA is read, one byte more is not."""
    head = metadata_bytes("demo", "1.0", body="-")
    text = head + b"x" * (MAX_METADATA_BYTES - len(head) + beyond)
    inspection = look(make_wheel(metadata=text), WHEEL)
    assert ("metadata-too-large" in codes(inspection)) is bool(beyond)
    assert inspection.verdict is (Verdict.REJECT if beyond else Verdict.ACCEPT)


def test_memory_does_not_grow_with_the_file() -> None:
    """Members pass by in pieces: a large one is never asked for at once."""

    class Pieces(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.largest = max(self.largest, len(data))
            return data

    file = Pieces(make_zip([ZipPart("demo/noise", NOISE * 30, STORED), *wheel_parts()]))
    from homeport.formats.inspect_file import inspect_file

    inspect_file(file, WHEEL)
    assert file.largest <= entries.CHUNK_BYTES
