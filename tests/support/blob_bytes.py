"""Bytes that are kept, and what a store of blobs has of them."""

from pathlib import Path

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.domain.digests import Sha256
from homeport.ports.blobs import Blobs, Incoming

BODY = b"some bytes " * 1000
SHA256 = Sha256.of(BODY)


def a_folder(root: Path) -> FolderBlobs:
    """A store in ``root``, ready to use."""
    blobs = FolderBlobs(root)
    blobs.set_up()
    return blobs


def keep(blobs: Blobs, body: bytes = BODY) -> Sha256:
    """Receive ``body`` in two pieces and keep it."""
    with blobs.receive(len(body)) as incoming:
        incoming.write(body[:7])
        incoming.write(body[7:])
        return incoming.keep()


def keep_in(incoming: Incoming) -> Sha256:
    """Write ``BODY``, and keep it."""
    incoming.write(BODY)
    return incoming.keep()


def content(blobs: Blobs, sha256: Sha256 = SHA256) -> bytes:
    """What is stored under ``sha256``."""
    with blobs.open(sha256) as file:
        return file.read()
