"""The contract of ``ports.blobs``, by the fake and the folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.blob_bytes import BODY, SHA256, a_folder, content, keep, keep_in
from tests.support.fake_blobs import FakeBlobs

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.domain.digests import Sha256, digests_of
from homeport.domain.errors import TooLarge, Unavailable
from homeport.domain.quota import Reserve
from homeport.ports.blobs import Blobs


@pytest.mark.parametrize("body", [BODY, b""])
def test_what_is_kept_is_found_by_its_digest(blobs: Blobs, body: bytes) -> None:
    """Bytes that were kept are read back, through ``open`` and at ``path``."""
    sha256 = keep(blobs, body)
    assert sha256 == Sha256.of(body)
    assert content(blobs, sha256) == body
    path = blobs.path(sha256)
    assert path is not None
    assert path.read_bytes() == body


def test_keeping_twice_changes_nothing(blobs: Blobs) -> None:
    """The same bytes again, in one go or another time, are the same blob."""
    with blobs.receive(len(BODY)) as incoming:
        incoming.write(BODY)
        assert incoming.keep() == incoming.keep() == SHA256
    assert keep(blobs) == SHA256
    assert content(blobs) == BODY


def test_incoming_tells_what_was_written(blobs: Blobs) -> None:
    """Size and digests are those of the bytes so far, and an inspector finds them at ``path``."""
    with blobs.receive(100) as incoming:
        assert (incoming.size_bytes, incoming.digests()) == (0, digests_of([]))
        incoming.write(b"one")
        assert (incoming.size_bytes, incoming.digests()) == (3, digests_of([b"one"]))
        incoming.write(b" two")
        assert (incoming.size_bytes, incoming.digests()) == (7, digests_of([b"one two"]))
        assert incoming.path.read_bytes() == b"one two"


def test_the_bound_is_exact(blobs: Blobs) -> None:
    """As many bytes as were allowed are taken; one more is refused, and what came before is untouched."""
    with blobs.receive(5) as incoming:
        incoming.write(b"12345")
        with pytest.raises(TooLarge) as refused:
            incoming.write(b"6")
        assert refused.value.code == "file-too-large"
        assert incoming.size_bytes == 5
        sha256 = incoming.keep()
    assert content(blobs, sha256) == b"12345"


def test_leaving_drops_what_was_not_kept(blobs: Blobs) -> None:
    """Bytes that nobody kept are gone when the context ends, also when it ends in an error."""
    with blobs.receive(len(BODY)) as incoming:
        incoming.write(BODY)
        incoming.digests()
        path = incoming.path
        assert path.exists()
    assert not path.exists()
    with pytest.raises(TooLarge), blobs.receive(len(BODY) - 1) as incoming:
        keep_in(incoming)
    assert blobs.path(SHA256) is None


def test_missing_bytes_are_said_to_be_missing(blobs: Blobs) -> None:
    """What is not there has no path, and cannot be opened (I-02)."""
    assert blobs.path(SHA256) is None
    with pytest.raises(Unavailable) as refused:
        blobs.open(SHA256)
    assert refused.value.code == "blob-missing"


@pytest.mark.parametrize("which", ["fake", "folder"])
def test_t39_without_room_nothing_is_received(tmp_path: Path, which: str) -> None:
    """T-39: a store tells how much it would take; when that is nothing it says so, and what it has can be read."""
    fake, folder = FakeBlobs(tmp_path), a_folder(tmp_path)
    blobs: Blobs = fake if which == "fake" else folder
    assert blobs.free_bytes() > len(BODY)
    keep(blobs)
    fake.free = 0
    full: Blobs = fake if which == "fake" else FolderBlobs(tmp_path, Reserve(size_bytes=2**62))
    assert full.free_bytes() == 0
    with pytest.raises(Unavailable) as refused:
        keep(full, b"more")
    assert refused.value.code == "disk-full"
    assert content(full) == BODY


FUTURE = datetime(3000, 1, 1, tzinfo=UTC)


def test_what_nobody_needs_is_forgotten(blobs: Blobs) -> None:
    """Bytes go when they were kept before the moment that is named; what is not there is gone already."""
    sha256, other = keep(blobs), keep(blobs, b"other")
    assert blobs.forget(sha256, kept_before=FUTURE)
    assert blobs.path(sha256) is None
    assert content(blobs, other) == b"other"
    assert blobs.forget(sha256, kept_before=FUTURE)
    assert keep(blobs) == sha256
    assert content(blobs) == BODY
