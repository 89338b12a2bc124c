"""A wheel of two gigabytes goes through the index, and the index's memory does not feel it."""

import base64
import hashlib
import http.client
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD
from tests.support.archives import ZipPart, central_header, local_header, make_zip, wheel_parts
from tests.support.forms import BOUNDARY, basic, form_headers, multipart
from tests.support.index import Index, running

pytestmark = [pytest.mark.journey, pytest.mark.clients, pytest.mark.timeout(900)]

PIECE = bytes(1024 * 1024)
PIECES = 2_040  # a little less than the 2 GiB that an index takes by default
MOST_GROWTH_KIB = 96 * 1024


@dataclass(frozen=True)
class GiantWheel:
    """A stored wheel whose one large member is zeros: its bytes are made as they are sent."""

    project: str
    head: bytes
    tail: bytes

    @classmethod
    def of(cls, project: str) -> "GiantWheel":
        """The wheel of version 1.0."""
        name, size = f"{project}/zeros.bin", len(PIECE) * PIECES
        digest, crc = hashlib.sha256(), 0
        for _ in range(PIECES):
            digest.update(PIECE)
            crc = zlib.crc32(PIECE, crc)
        coded = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        giant = ZipPart(name, b"", method=0, crc=crc, size=size, packed=b"", packed_size=size).filled()
        head = local_header(giant)
        parts = wheel_parts(project)
        record = parts[-1]
        lines = f"{name},sha256={coded},{size}\n".encode() + record.data
        parts[-1] = ZipPart(record.name, lines)
        offset = len(head) + size
        # The small members come behind the large one, and the directory names it first.
        shifted, at = [], offset
        for part in (part.filled() for part in parts):
            shifted.append((part, at))
            at += len(local_header(part)) + len(part.packed or b"")
        body = b"".join(local_header(part) + (part.packed or b"") for part, _ in shifted)
        directory = central_header(giant, 0) + b"".join(
            central_header(part, place) for part, place in shifted
        )
        end = {"disk": 0, "first_disk": 0, "here": len(parts) + 1, "count": len(parts) + 1}
        record_of_end = make_zip([], end=end | {"size": len(directory), "offset": at})
        return cls(project, head, body + directory + record_of_end)

    @property
    def filename(self) -> str:
        """Its name."""
        return f"{self.project}-1.0-py3-none-any.whl"

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.head) + len(PIECE) * PIECES + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        """Its bytes."""
        yield self.head
        for _ in range(PIECES):
            yield PIECE
        yield self.tail

    def sha256(self) -> str:
        """Its digest."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


def most_memory_kib(index: Index) -> int:
    """The most memory that any process of the index has had so far."""
    peaks = []
    for process in index.family():
        status = Path(f"/proc/{process.pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)


def test_two_gigabytes(tmp_path: Path) -> None:
    """It is received, judged and given out by processes that never hold more than a small part of it."""
    wheel = GiantWheel.of("albatross")
    with running(tmp_path, "web") as index:
        index.ask(
            "user", "add", "ada", "--email", "ada@example.org", "--password-stdin", stdin=f"{PASSWORD}\n"
        )
        before = most_memory_kib(index)
        sent = send(index, wheel, wheel.sha256())
        assert sent == (200, "OK\n")
        file = index.simple("albatross")[wheel.filename]
        assert (file["size"], file["hashes"]["sha256"]) == (wheel.size, wheel.sha256())
        assert received(index, file["url"].removeprefix(index.url)) == wheel.sha256()
        grown = most_memory_kib(index) - before
        assert grown < MOST_GROWTH_KIB, f"{grown} KiB"


def send(index: Index, wheel: GiantWheel, sha256: str) -> tuple[int, str]:
    """Upload it piece by piece."""
    fields = [
        (":action", "file_upload"),
        ("name", wheel.project),
        ("version", "1.0"),
        ("filetype", "bdist_wheel"),
        ("pyversion", "py3"),
        ("metadata_version", "2.1"),
        ("sha256_digest", sha256),
    ]
    form = multipart(fields).removesuffix(f"--{BOUNDARY}--\r\n".encode())
    disposition = f'Content-Disposition: form-data; name="content"; filename="{wheel.filename}"'
    before = form + f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode()
    after = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield before
        yield from wheel.pieces()
        yield after

    connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=600)
    headers = form_headers("") | basic("ada", PASSWORD)
    headers["Content-Length"] = str(len(before) + wheel.size + len(after))
    connection.request("POST", "/legacy/", body(), headers)
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    return answer.status, told


def received(index: Index, path: str) -> str:
    """The digest of what is given out at ``path``."""
    connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=600)
    connection.request("GET", path)
    answer, digest = connection.getresponse(), hashlib.sha256()
    while piece := answer.read(len(PIECE)):
        digest.update(piece)
    connection.close()
    return digest.hexdigest()
