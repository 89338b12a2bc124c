"""``/files/`` over the hot path: ranges, validators, and names that lead nowhere (standards F.5)."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from tests.support.asgi import Reply, call, call_scope
from tests.support.hot_reads import PUBLISHED, DictReads, hot_app

from homeport.ports.reads import StoredFile, StoredMetadata

NAME = "demo-1.0-py3-none-any.whl"
# More than one chunk, and not a whole number of them.
CONTENT = bytes(range(256)) * 3000 + b"end"
SIZE = len(CONTENT)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
URL = f"/files/{SHA256}/{NAME}"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n\xc3\xa9"

Ask = Callable[..., Reply]


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    """Where the bytes of the one file lie."""
    path = tmp_path / "blob"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def missing() -> list[tuple[str, str]]:
    """What was told to be missing."""
    return []


@pytest.fixture
def ask(blob: Path, missing: list[tuple[str, str]]) -> Ask:
    """Asks an index of one wheel and its metadata."""
    reads = DictReads()
    reads.add_file(blob, NAME)
    reads.metadata[SHA256, NAME] = StoredMetadata(METADATA, "demo", is_private=False)
    app = hot_app(reads, on_missing=lambda sha256, filename: missing.append((sha256, filename)))

    def asked(target: str = URL, headers: dict[str, str] | None = None, **options: Any) -> Reply:
        return call(app, target, headers, **options)

    return asked


def test_f01_f10_f19_a_download(ask: Ask) -> None:
    """A file comes whole, as it is, as a download that no browser runs and every cache keeps."""
    reply = ask()
    assert (reply.status, reply.body) == (200, CONTENT)
    assert reply.headers == {
        "content-type": "application/octet-stream",
        "content-length": str(SIZE),
        "content-disposition": f'attachment; filename="{NAME}"',
        "etag": f'"{SHA256}"',
        "last-modified": PUBLISHED,
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox",
        "access-control-allow-origin": "*",
    }


def test_the_body_comes_in_bounded_chunks(ask: Ask) -> None:
    """No chunk is larger than 256 KiB."""
    assert [len(chunk) for chunk in ask().chunks] == [262144, 262144, SIZE - 2 * 262144]


def test_the_server_sends_the_file_itself_when_it_can(ask: Ask, blob: Path) -> None:
    """A whole file, also as a range, is left to a server that offers to send files; a part is not."""
    whole = ask(sends_paths=True)
    assert (whole.status, whole.sent_path, whole.body) == (200, str(blob), b"")
    resumed = ask(headers={"Range": "bytes=0-"}, sends_paths=True)
    assert (resumed.status, resumed.sent_path) == (206, str(blob))
    part = ask(headers={"Range": "bytes=1-"}, sends_paths=True)
    assert (part.sent_path, part.body) == (None, CONTENT[1:])


def test_a_small_file_is_sent_at_once(tmp_path: Path) -> None:
    """What fits a chunk is read here, whole or in part: to hand it to the server costs more than that."""
    path = tmp_path / "small"
    path.write_bytes(CONTENT[:65_536])
    reads = DictReads()
    url = f"/files/{reads.add_file(path, NAME)}/{NAME}"
    whole = call(hot_app(reads), url, sends_paths=True)
    assert (whole.status, whole.sent_path, whole.chunks) == (200, None, [CONTENT[:65_536]])
    part = call(hot_app(reads), url, {"Range": "bytes=-7"})
    assert (part.status, part.chunks) == (206, [CONTENT[65_529:65_536]])


def test_f09_a_file_is_never_coded(ask: Ask) -> None:
    """A client that takes gzip is given the bytes all the same."""
    reply = ask(headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in reply.headers
    assert reply.body == CONTENT


@pytest.mark.parametrize("sends_paths", [True, False])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{SHA256}"'}])
def test_f02_head_has_the_fields_of_the_whole_file(
    ask: Ask, headers: dict[str, str], sends_paths: bool
) -> None:
    """HEAD says size and that ranges are answered; a range is for GET alone (RFC 9110 §14.2)."""
    got = ask(headers={name: value for name, value in headers.items() if name != "Range"})
    head = ask(headers=headers, method="HEAD", sends_paths=sends_paths)
    assert (head.status, head.headers, head.body, head.sent_path) == (got.status, got.headers, b"", None)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=5-", 5, SIZE),
        ("bytes=-10000", SIZE - 10000, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=100-{SIZE * 9}", 100, SIZE),
        ("bytes=0-0", 0, 1),
        ("BYTES= 7-8 ", 7, 9),
        (f"bytes=262000-{SIZE - 2}", 262000, SIZE - 1),
    ],
)
def test_f03_f04_f06_one_range(ask: Ask, asked: str, start: int, stop: int) -> None:
    """A range is answered with exactly its bytes and where they lie."""
    reply = ask(headers={"Range": asked})
    assert (reply.status, reply.body) == (206, CONTENT[start:stop])
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert reply.headers["content-length"] == str(stop - start)
    assert reply.headers["etag"] == f'"{SHA256}"'


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", f"bytes={'9' * 18}-"]
)
def test_f05_a_range_beyond_the_end_is_416(ask: Ask, asked: str) -> None:
    """416 says how long the file is."""
    reply = ask(headers={"Range": asked})
    assert (reply.status, reply.headers["content-range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=9-5",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "lines=1-2",
        "bytes=1",
        f"bytes={'9' * 5000}-",
        "",
    ],
)
def test_f06_what_is_not_one_range_gets_the_file(ask: Ask, asked: str) -> None:
    """Several ranges and nonsense are ignored, as RFC 9110 §14.2 allows."""
    reply = ask(headers={"Range": asked})
    assert (reply.status, len(reply.body)) == (200, SIZE)


def test_an_empty_file_has_no_range(tmp_path: Path) -> None:
    """Nothing can be asked of an empty file but all of it."""
    path = tmp_path / "empty"
    path.touch()
    reads = DictReads()
    url = f"/files/{reads.add_file(path, 'empty.whl')}/empty.whl"
    app = hot_app(reads)
    for asked in ("bytes=0-", "bytes=-5"):
        assert call(app, url, {"Range": asked}).headers["content-range"] == "bytes */0"
    whole = call(app, url)
    assert (whole.status, whole.headers["content-length"], whole.body) == (200, "0", b"")


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        (f'"{SHA256}"', 206),
        (PUBLISHED, 206),
        ('"other"', 200),
        (f'W/"{SHA256}"', 200),
        ("Wed, 04 Mar 2026 05:06:08 GMT", 200),
    ],
)
def test_f07_if_range(ask: Ask, if_range: str, status: int) -> None:
    """A download is resumed only when the bytes are the same for sure; else it starts over."""
    assert ask(headers={"Range": "bytes=10-", "If-Range": if_range}).status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": f'"{SHA256}"'},
        {"If-None-Match": f'"x", W/"{SHA256}"'},
        {"If-None-Match": "*", "Range": "bytes=0-1"},
        {"If-Modified-Since": PUBLISHED},
    ],
)
def test_f08_what_the_client_has_is_not_sent_again(ask: Ask, headers: dict[str, str]) -> None:
    """A matching validator is answered 304, before any range."""
    reply = ask(headers=headers)
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["etag"] == f'"{SHA256}"'
    assert "immutable" in reply.headers["cache-control"]


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": PUBLISHED},
        {"If-Modified-Since": "Wed, 04 Mar 2020 05:06:07 GMT"},
        {"If-None-Match": "", "If-Modified-Since": PUBLISHED},
        {"If-Modified-Since": ""},
        {"If-None-Match": ""},
    ],
)
def test_other_validators_get_the_file(ask: Ask, headers: dict[str, str]) -> None:
    """A tag that does not match wins over a date that does (RFC 9110 §13.2.2)."""
    assert ask(headers=headers).status == 200
    assert ask(URL + ".metadata", headers).status == 200


def test_f12_f15_metadata_beside_the_file(ask: Ask) -> None:
    """Core metadata is sent byte for byte, as text no browser takes for anything else, with a tag of its own."""
    reply = ask(URL + ".metadata", {"Accept-Encoding": "gzip"})
    assert (reply.status, reply.body) == (200, METADATA)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-length"] == str(len(METADATA))
    assert "content-encoding" not in reply.headers
    assert reply.headers["etag"] != ask().headers["etag"]
    again = ask(URL + ".metadata", {"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    head = ask(URL + ".metadata", method="HEAD")
    assert (head.status, head.headers, head.body) == (200, reply.headers, b"")


def test_f13_metadata_that_is_not_there_is_404(ask: Ask) -> None:
    """A file without metadata, or no file at all, has none to send."""
    assert ask(f"/files/{'0' * 64}/{NAME}.metadata").status == 404
    assert ask(f"/files/{SHA256}/other.whl.metadata").status == 404


def test_f18_there_are_no_signatures(ask: Ask) -> None:
    """No page speaks of signatures, so there is none beside a file."""
    assert ask(f"{URL}.asc").status == 404


@pytest.mark.parametrize(
    "target",
    [
        f"/files/{SHA256}/other-1.0.whl",
        f"/files/{'0' * 64}/{NAME}",
        f"/files/{SHA256.upper()}/{NAME}",
        f"/files/{SHA256[:-1]}/{NAME}",
        f"/files/{SHA256}",
        f"/files/{SHA256}/",
        f"/files/{SHA256}//{NAME}",
        f"/files/{SHA256}/{NAME}/",
        f"/files//{SHA256}/{NAME}",
        f"/files/{SHA256}/../{SHA256}/{NAME}",
        f"/files/{SHA256}/..%2f{NAME}",
        f"/files/{SHA256}/%2e%2e/{NAME}",
        f"/files/{SHA256}/%2Fetc%2Fpasswd",
        f"/files/{SHA256}/..%5c..%5cpasswd",
        f"/files/{SHA256}/{NAME}%00",
        f"/files/{SHA256}/{NAME}%0a",
        f"/files/{SHA256}/{NAME}%20",
        f"/files/{SHA256}%0a/{NAME}",
        f"/files/{SHA256}/.metadata",
        f"/files/{SHA256}/..metadata",
        f"/files/{SHA256}/%C3%A9.whl",
        f"/files/{SHA256}/%FF%FE.whl",
        f"/files/{SHA256}/%252e%252e%252f",
        "/files/../../etc/passwd",
        "/files/..%2f..%2f..%2fetc/passwd",
        "/files/",
        f"/files/{SHA256}/" + "a" * 5000,
    ],
)
def test_f16_no_other_path_leads_anywhere(ask: Ask, target: str, missing: list[tuple[str, str]]) -> None:
    """Only the digest and the exact name of a listed file is answered; everything else is 404 in plain text."""
    reply = ask(target)
    assert reply.status == 404
    assert reply.headers["content-type"].startswith("text/plain")
    assert missing == []


@given(st.text(max_size=40), st.text(max_size=40))
def test_f16_hostile_paths_are_404(sha256: str, filename: str) -> None:
    """Whatever text stands in a path, the answer is 404."""
    app = hot_app(DictReads())
    path = f"/files/{sha256}/{filename}"
    reply = call_scope(app, {"type": "http", "method": "GET", "path": path, "headers": [], "extensions": {}})
    assert reply.status == (418 if path.endswith(".provenance") else 404)


@pytest.mark.parametrize("name", ["demo-1.0+local.1-py3-none-any.whl", "demo-1!2.0.tar.gz"])
def test_f17_plus_and_epoch_download_in_both_spellings(tmp_path: Path, name: str) -> None:
    """A name with ``+`` or ``!`` is found as listed and percent-encoded."""
    path = tmp_path / "blob"
    path.write_bytes(b"x")
    reads = DictReads()
    sha256 = reads.add_file(path, name)
    app = hot_app(reads)
    for spelling in (name, name.replace("+", "%2B").replace("!", "%21")):
        assert call(app, f"/files/{sha256}/{spelling}").body == b"x"


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_only_reading_is_answered(ask: Ask, method: str) -> None:
    """Other methods are refused with the list of those there are."""
    reply = ask(method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("harm", ["gone", "short", "folder"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_i02_bytes_that_are_not_all_there_are_our_failure(
    ask: Ask, blob: Path, missing: list[tuple[str, str]], harm: str, method: str
) -> None:
    """A listed file without its bytes is 503, not to be cached, and is told."""
    blob.unlink()
    if harm == "short":
        blob.write_bytes(CONTENT[:-1])
    elif harm == "folder":
        blob.mkdir()
    reply = ask(method=method)
    assert (reply.status, reply.headers["cache-control"]) == (503, "no-store")
    assert missing == [(SHA256, NAME)]


def test_i01_a_file_that_shrinks_while_it_is_sent_breaks_off(ask: Ask, blob: Path) -> None:
    """A body is never filled up or ended early as if it were whole: the connection is broken off."""

    class Shrinking:
        """A path whose file loses its end when it is opened."""

        name = blob.name

        def __fspath__(self) -> str:
            return str(blob)

        def open(self, mode: str) -> Any:
            blob.write_bytes(CONTENT[:300_000])
            return blob.open(mode)

    reads = DictReads()
    path: Any = Shrinking()
    reads.files[SHA256, NAME] = StoredFile(path, SIZE, PUBLISHED, "demo", is_private=False)
    with pytest.raises(EOFError, match="early"):
        call(hot_app(reads), URL)


def test_bytes_in_a_bucket_are_handed_on() -> None:
    """A file without a local path is left to the application behind."""
    reads = DictReads(files={(SHA256, NAME): StoredFile(None, SIZE, PUBLISHED, "demo", is_private=False)})
    assert call(hot_app(reads), URL).status == 418


@pytest.mark.parametrize("target", [URL + ".provenance", "/files", "/file/x"])
def test_other_paths_are_handed_on(ask: Ask, target: str) -> None:
    """Provenance and what is not below ``/files/`` is not answered here."""
    assert ask(target).status == 418


def test_lifespan_is_handed_on() -> None:
    """What is no HTTP request goes to the application behind."""
    seen: list[str] = []

    async def rest(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def start() -> None:
        app = hot_app(DictReads(), rest=rest)
        await app({"type": "lifespan"}, AsyncMock(), AsyncMock())

    asyncio.run(start())
    assert seen == ["lifespan"]
