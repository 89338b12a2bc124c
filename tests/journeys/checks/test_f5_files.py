"""Standards F.5: files and the metadata beside them, fetched from a running Homeport."""

import hashlib
import io
import random
import tarfile
import threading
import urllib.request
import zipfile
from typing import Any

import pytest
from tests.journeys.checks.pages import media_type
from tests.journeys.checks.stock import (
    EPOCH,
    EXT,
    FULL,
    LOCAL,
    OLD_SDIST,
    QUARANTINED,
    SDIST,
    WHEEL,
    WITH_REASON,
    Stock,
    wheel,
)
from tests.journeys.conftest import People
from tests.support.archives import STORED, ZipPart, make_sdist, make_zip, metadata_bytes, wheel_parts
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

Pages = dict[str, dict[str, Any]]

SMALL = WITH_REASON
LARGE_BYTES = 50 * 1024 * 1024


@pytest.fixture(scope="session")
def urls(json_pages: Pages) -> dict[str, str]:
    """The URL of every hosted file of the set, by its name."""
    found = {
        file["filename"]: file["url"]
        for page in json_pages.values()
        for file in page["files"]
        if file["url"].startswith("/files/")
    }
    assert {WHEEL, SDIST, OLD_SDIST, LOCAL, EPOCH, SMALL} < set(found)
    return found


@pytest.fixture(scope="session")
def contents(stock: Stock) -> dict[str, bytes]:
    """The bytes of every hosted file of the set, as they were uploaded or found."""
    offered = {name: files for name, files in stock.files.items() if name != QUARANTINED}
    return {name: data for files in offered.values() for name, data in files.items()}


def ranged(stock: Stock, url: str, asked: str, **headers: str) -> Reply:
    """A part of a file."""
    return stock.get(url, Range=f"bytes={asked}", **headers)


def test_f01_files_are_what_was_uploaded(
    stock: Stock, urls: dict[str, str], contents: dict[str, bytes]
) -> None:
    """Every listed URL serves the very bytes that were put there."""
    assert set(urls) == set(contents)
    for name, url in urls.items():
        reply = stock.get(url)
        assert (reply.status, reply.body) == (200, contents[name]), name


def test_f02_head_tells_the_size(
    index: Index, stock: Stock, urls: dict[str, str], contents: dict[str, bytes]
) -> None:
    """HEAD, which pip and uv ask first, tells the length and that ranges are answered."""
    for name in (WHEEL, SDIST, LOCAL, EPOCH):
        reply = index.request("HEAD", urls[name])
        assert reply.status == 200
        assert int(reply.headers["content-length"]) == len(contents[name])
        assert reply.headers["accept-ranges"] == "bytes"


def test_f03_a_range(stock: Stock, urls: dict[str, str], contents: dict[str, bytes]) -> None:
    """A range is answered by exactly its bytes, and by where they lie."""
    data, url = contents[WHEEL], urls[WHEEL]
    for first, last in ((0, 99), (0, 0), (1000, 20_000), (len(data) - 1, len(data) + 500)):
        reply = ranged(stock, url, f"{first}-{last}")
        end = min(last, len(data) - 1)
        assert (reply.status, reply.body) == (206, data[first : end + 1])
        assert reply.headers["content-range"] == f"bytes {first}-{end}/{len(data)}"
        assert int(reply.headers["content-length"]) == end + 1 - first


def test_f04_the_end_of_a_file(stock: Stock, urls: dict[str, str], contents: dict[str, bytes]) -> None:
    """``bytes=-10000``, with which poetry begins, is 206 also when the file is smaller: then it is all of it."""
    assert len(contents[WHEEL]) > 10_000 > len(contents[SMALL])
    for name in (WHEEL, SMALL):
        reply, data = ranged(stock, urls[name], "-10000"), contents[name]
        first = max(0, len(data) - 10_000)
        assert (reply.status, reply.body) == (206, data[-10_000:])
        assert reply.headers["content-range"] == f"bytes {first}-{len(data) - 1}/{len(data)}"


def test_f05_beyond_the_end(stock: Stock, urls: dict[str, str], contents: dict[str, bytes]) -> None:
    """A range that begins behind the last byte is 416, with the size."""
    size = len(contents[WHEEL])
    for asked in (f"{size}-", f"{size}-{size + 9}", "999999999999-", "-0"):
        reply = ranged(stock, urls[WHEEL], asked)
        assert (reply.status, reply.headers["content-range"]) == (416, f"bytes */{size}"), asked


def test_f06_open_and_several_ranges(stock: Stock, urls: dict[str, str], contents: dict[str, bytes]) -> None:
    """An open range goes to the end; several ranges, and what is no range, get the whole file."""
    data = contents[SDIST]
    reply = ranged(stock, urls[SDIST], "5-")
    assert (reply.status, reply.body) == (206, data[5:])
    for asked in ("0-1,5-9", "0-0,-1", "x-y", "9-5", ""):
        reply = ranged(stock, urls[SDIST], asked)
        assert (reply.status, reply.body) == (200, data), asked
    reply = stock.get(urls[SDIST], Range="lines=0-1")
    assert (reply.status, reply.body) == (200, data)


def test_f07_resuming(stock: Stock, urls: dict[str, str], contents: dict[str, bytes]) -> None:
    """A download goes on when the file is still the same, by its tag or date, and begins anew when it is not."""
    whole = stock.get(urls[WHEEL])
    for validator in (whole.headers["etag"], whole.headers["last-modified"]):
        reply = ranged(stock, urls[WHEEL], "7-", If_Range=validator)
        assert (reply.status, reply.body) == (206, contents[WHEEL][7:])
    weak = f"W/{whole.headers['etag']}"
    for validator in ('"other"', weak, "Thu, 01 Jan 1970 00:00:00 GMT"):
        reply = ranged(stock, urls[WHEEL], "7-", If_Range=validator)
        assert (reply.status, reply.body) == (200, contents[WHEEL]), validator


def test_f08_strong_tags(stock: Stock, urls: dict[str, str]) -> None:
    """Each file has a strong tag of its own, by which a client that has it is told so."""
    tags = {name: stock.get(url).headers["etag"] for name, url in urls.items()}
    assert len(set(tags.values())) == len(tags)
    for name, tag in tags.items():
        assert tag.startswith('"')
        assert tag.endswith('"')
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            reply = stock.get(urls[name], If_None_Match=known)
            assert (reply.status, reply.headers["etag"], reply.body) == (304, tag, b""), known
        assert stock.get(urls[name], If_None_Match='"x"').status == 200


def test_f09_f19_files_are_sent_as_they_are(
    stock: Stock, urls: dict[str, str], contents: dict[str, bytes]
) -> None:
    """No coding is put on a file, whatever the client would take, and no browser takes it for a page."""
    for name, url in urls.items():
        reply = stock.get(url, Accept_Encoding="gzip, deflate, br, zstd")
        assert "content-encoding" not in reply.headers
        assert reply.body == contents[name]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert media_type(reply.headers["content-type"]) in {
            "application/octet-stream",
            "application/zip",
            "application/gzip",
        }


def test_f10_files_are_kept(stock: Stock, urls: dict[str, str]) -> None:
    """Caches may keep a file for a year, and need not ask again: its bytes are those of its URL."""
    directives = {part.strip() for part in stock.get(urls[WHEEL]).headers["cache-control"].split(",")}
    assert directives == {"public", "max-age=31536000", "immutable"}


def test_f11_bytes_never_change(index: Index, people: People, project: str) -> None:
    """Other bytes under a name are refused, there is no way to delete it, and the URL serves what it always did."""
    filename = f"{project}-1.0-py3-none-any.whl"
    first, second = wheel(filename), wheel(filename, noise_bytes=10)
    assert index.upload(filename, first, people.ada).status == 200
    url = index.simple(project)[filename]["url"]
    refused = index.upload(filename, second, people.ada)
    assert refused.status == 400
    assert "File already exists" in refused.text
    for method in ("DELETE", "PUT", "POST", "PATCH"):
        assert index.request(method, url).status == 405
    for path in (
        f"/projects/{project}",
        f"/projects/{project}/releases/1.0",
        f"/projects/{project}/files/{filename}",
    ):
        assert index.api("DELETE", path, people.ada).status in {404, 405}
    assert index.request("GET", url).body == first
    assert index.hosted(project) == {filename: hashlib.sha256(first).hexdigest()}


def test_f12_f15_metadata_is_that_of_the_file(
    stock: Stock, json_pages: Pages, contents: dict[str, bytes]
) -> None:
    """What is advertised is served: the bytes of METADATA or PKG-INFO, tagged, without any coding."""
    advertised = [
        file for page in json_pages.values() for file in page["files"] if file.get("core-metadata", False)
    ]
    assert {WHEEL, SDIST, LOCAL, EPOCH} <= {file["filename"] for file in advertised}
    for file in advertised:
        reply = stock.get(f"{file['url']}.metadata", Accept_Encoding="gzip, zstd")
        assert (reply.status, reply.body) == (
            200,
            inner_metadata(file["filename"], contents[file["filename"]]),
        )
        assert hashlib.sha256(reply.body).hexdigest() == file["core-metadata"]["sha256"]
        assert "content-encoding" not in reply.headers
        assert not media_type(reply.headers["content-type"]).endswith("html")
        assert reply.headers["etag"].startswith('"')
        again = stock.get(f"{file['url']}.metadata", If_None_Match=reply.headers["etag"])
        assert (again.status, again.body) == (304, b"")


def inner_metadata(filename: str, data: bytes) -> bytes:
    """The metadata in a wheel or an sdist, read by the standard library."""
    if filename.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            return archive.read(name)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        (name,) = [name for name in archive.getnames() if name.count("/") == 1 and name.endswith("/PKG-INFO")]
        member = archive.extractfile(name)
        assert member is not None
        return member.read()


def test_f13_no_metadata_where_none_is_advertised(stock: Stock, json_pages: Pages) -> None:
    """A file without metadata says so, and what would lie beside it is 404: installers would give up on it."""
    silent = [
        file
        for page in json_pages.values()
        for file in page["files"]
        if file["url"].startswith("/files/") and not file["core-metadata"]
    ]
    assert [file["filename"] for file in silent] == [OLD_SDIST]
    assert stock.get(f"{silent[0]['url']}.metadata").status == 404


def test_f14_no_metadata_for_what_is_not_ours(json_pages: Pages, stock: Stock) -> None:
    """External links and legacy sdists advertise no metadata."""
    external = [file for file in json_pages[EXT]["files"] if not file["url"].startswith("/files/")]
    assert {file["filename"] for file in external} == set(stock.outside)
    assert [file for file in external if file.get("core-metadata", False)] == []
    assert "data-core-metadata" not in next(
        line for line in stock.page(FULL).text.splitlines() if OLD_SDIST in line
    )


@pytest.mark.parametrize(("suffix", "filetype"), [(".egg", "bdist_egg"), (".win32.exe", "bdist_wininst")])
def test_f14_eggs_and_installers_are_not_hosted(
    index: Index, people: People, project: str, suffix: str, filetype: str
) -> None:
    """What no installer takes any more is refused, and so has neither a link nor metadata."""
    wheel_name = f"{project}-1.0-py3-none-any.whl"
    data = wheel(wheel_name)
    reply = index.upload(wheel_name, data, people.ada, filetype=filetype)
    assert reply.status == 400
    assert f"filetype '{filetype}' is not hosted any more" in reply.text
    assert index.request("GET", f"/simple/{project}/").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/../../etc/passwd",
        "/files/..%2f..%2fetc%2fpasswd",
        "/files/%2e%2e/%2e%2e/etc/passwd",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/{digest}/..%2f{name}",
        "/files/{digest}/%2e%2e%2f%2e%2e%2fhomeport.db",
        "/files/{digest}/../{digest}/{name}",
        "/files/{digest}/.%2f{name}",
        "/files/{digest}/{name}%00",
        "/files/{digest}/{name}%00.metadata",
        "/files/{digest}/{name}/",
        "/files/{digest}//{name}",
        "/files/{digest}/{name}%0d%0aX: y",
        "/files/{digest}/..%5c{name}",
        "/files/{digest}/",
        "/files/{digest}",
        "/files/%00/{name}",
    ],
)
def test_f16_no_way_out(stock: Stock, urls: dict[str, str], path: str) -> None:
    """No trick with dots, slashes, backslashes or NUL reaches anything."""
    digest, name = urls[WHEEL].split("/")[2:]
    reply = stock.get(path.format(digest=digest, name=name).replace(" ", "%20"))
    assert reply.status in {400, 404}
    assert b"root:" not in reply.body


def test_f17_local_versions_and_epochs(
    stock: Stock, urls: dict[str, str], contents: dict[str, bytes]
) -> None:
    """A name with ``+`` or ``!`` is fetched by the URL listed, and by the one that a careful client makes of it."""
    for name, character, encoded in ((LOCAL, "+", "%2B"), (EPOCH, "!", "%21")):
        assert character in urls[name]
        for url in (urls[name], urls[name].replace(character, encoded)):
            assert stock.get(url).body == contents[name]
            assert stock.get(f"{url}.metadata").status == 200


def test_f18_no_signatures(stock: Stock, json_pages: Pages, urls: dict[str, str]) -> None:
    """This index keeps no signatures: no file says that it has one, and none lies beside a file."""
    assert not any(file.get("gpg-sig") for page in json_pages.values() for file in page["files"])
    for url in urls.values():
        assert stock.get(f"{url}.asc").status == 404


def test_f20_a_url_names_one_file(
    index: Index, people: People, project: str, json_pages: Pages, stock: Stock, urls: dict[str, str]
) -> None:
    """No two files share a URL, another name under a file's digest leads nowhere, and nobody claims another's file."""
    listed = [file["url"] for page in json_pages.values() for file in page["files"]]
    assert len(set(listed)) == len(listed)
    assert stock.get(urls[WHEEL].replace(WHEEL, SDIST)).status == 404
    assert stock.get(urls[WHEEL].replace("foo_bar_baz", "foo-bar-baz")).status == 404
    stolen = index.upload(WHEEL, stock.files[FULL][WHEEL], people.bob, name=project)
    assert stolen.status == 400
    assert "is a file of foo-bar-baz" in stolen.text
    assert index.request("GET", f"/simple/{project}/").status == 404


def test_f21_many_large_downloads_at_once(index: Index, people: People, project: str) -> None:
    """Sixteen downloads of one file of 50 MB run side by side, and each has every byte."""
    filename = f"{project}-1.0-py3-none-any.whl"
    noise = random.Random(2).randbytes(LARGE_BYTES)  # noqa: S311 - no packing makes it smaller
    parts = wheel_parts(project, files={f"{project}/noise.bin": noise})
    data = make_zip(ZipPart(part.name, part.data, method=STORED) for part in parts)
    assert index.upload(filename, data, people.ada).status == 200
    url = index.url + index.simple(project)[filename]["url"]
    digests: list[str] = []

    def download() -> None:
        with urllib.request.urlopen(url, timeout=60) as answer:
            digests.append(hashlib.file_digest(answer, "sha256").hexdigest())

    threads = [threading.Thread(target=download) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [hashlib.sha256(data).hexdigest()] * 16


def test_f13_metadata_of_an_old_sdist_is_not_believed(index: Index, people: People, project: str) -> None:
    """Only an sdist whose PKG-INFO is of metadata 2.2 or newer advertises it; before, it could change on install."""
    for version, metadata_version, is_told in (
        ("1.0", "2.1", False),
        ("1.1", "2.2", True),
        ("1.2", "2.4", True),
    ):
        metadata = metadata_bytes(project, version, metadata_version=metadata_version)
        filename = f"{project}-{version}.tar.gz"
        assert (
            index.upload(filename, make_sdist(project, version, metadata=metadata), people.ada).status == 200
        )
        file = index.simple(project)[filename]
        assert bool(file["core-metadata"]) == is_told
        assert index.request("GET", f"{file['url']}.metadata").status == (200 if is_told else 404)
