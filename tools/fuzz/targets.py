"""One target per parser: it takes any bytes, and lets nothing escape but what the parser's callers expect.

A target that is given bytes does what the index does with them, and insists on what the parser promises.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from math import inf
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

from starlette.requests import Request
from starlette.types import Message
from tests.support.forms import BOUNDARY
from tests.support.readme_judge import objections
from tools.fuzz import seeds

from homeport.api.form import receive_form
from homeport.domain.errors import Invalid, TooLarge
from homeport.domain.inspection import Expectation
from homeport.domain.ledger import GENESIS, Entry, Kind, seal, verify
from homeport.domain.legacy_filename import readings_of
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename
from homeport.domain.offer import PageKind
from homeport.domain.quota import Room
from homeport.domain.robots import read_robots
from homeport.domain.rules import RULES, Profile
from homeport.domain.urls import Url
from homeport.formats.accept import negotiate
from homeport.formats.archive.dist_info import judge_entry_points, judge_wheel_file, read_record
from homeport.formats.archive.entries import ArchiveError
from homeport.formats.archive.identity import identify
from homeport.formats.archive.report import Report
from homeport.formats.byte_range import asked_span
from homeport.formats.checksums import read_checksums
from homeport.formats.core_metadata import from_json, read_metadata, to_json
from homeport.formats.description import render_description
from homeport.formats.inspect_file import inspect_file
from homeport.formats.link_page import read_links
from homeport.formats.offers.reader import read_offers
from homeport.formats.rdap import read_registered_at, read_services, server_for
from homeport.formats.xmlrpc import read_call
from homeport.ports.blobs import Incoming

_BLOCK = 512
_CHECKSUM = slice(148, 156)


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under fuzzing; ``words`` are what its input is made of."""

    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def _inspect(data: bytes, filename: str) -> None:
    """Inspection raises nothing, and weighs every finding by a rule."""
    for is_legacy in (False, True):
        inspection = inspect_file(BytesIO(data), Expectation(filename, "demo", "1.0", is_legacy=is_legacy))
        unknown = {finding.code for finding in inspection.findings} - RULES.keys() - {"more-findings"}
        if unknown:
            raise AssertionError(f"no rule weighs {unknown}")
        if inspection.metadata is not None:
            _require_storable(inspection.metadata)


def _require_storable(metadata: Any) -> None:
    if from_json(to_json(metadata)) != metadata:
        raise AssertionError("what is stored is not what was read")


def _zip(data: bytes) -> None:
    _inspect(data, "demo-1.0-py3-none-any.whl")


def _tar(data: bytes) -> None:
    _inspect(_with_checksums(data), "demo-1.0.tar")


def _with_checksums(data: bytes) -> bytes:
    """The tar with every header's checksum made right: else nearly nothing would come past it."""
    blocks = [bytearray(data[at : at + _BLOCK]) for at in range(0, len(data), _BLOCK)]
    for block in blocks:
        if len(block) == _BLOCK and block[257:262] == b"ustar":
            block[_CHECKSUM] = b" " * 8
            block[_CHECKSUM] = b"%06o\0 " % sum(block)
    return b"".join(blocks)


def _gzip(data: bytes) -> None:
    _inspect(data, "demo-1.0.tar.gz")


def _metadata(data: bytes) -> None:
    reading = read_metadata(data)
    if reading.metadata is not None:
        _require_storable(reading.metadata)
    elif not reading.problems:
        raise AssertionError("nothing was read, and nothing is wrong")
    if unknown := {problem.code for problem in reading.problems} - RULES.keys():
        raise AssertionError(f"no rule weighs {unknown}")


def _record(data: bytes) -> None:
    report = Report(Profile.UPLOAD, is_wheel=True)
    with suppress(ArchiveError):
        read_record(data, report)
    judge_entry_points(data, report)
    judge_wheel_file(data, identify(Expectation("demo-1.0-py3-none-any.whl"), report), report)


def _names(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with suppress(Invalid):
        parsed = parse_filename(text)
        if ProjectName.parse(parsed.project).normalized != parsed.project:
            raise AssertionError(f"{parsed.project!r} is not normalized")
    with suppress(Invalid):
        version = ReleaseVersion.parse_legacy(text)
        if ReleaseVersion.parse_legacy(version.normalized).key != version.key:
            raise AssertionError(f"{version.normalized!r} is another version")
    readings_of(text)


class _Nothing:
    """An ``Incoming`` that keeps nothing."""

    size_bytes = 0

    def write(self, data: bytes) -> None:
        """Forget ``data``."""


_LOOP = asyncio.new_event_loop()


def _form(data: bytes) -> None:
    parts = [data[:100], data[100:]]

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    kind = f"multipart/form-data; boundary={BOUNDARY}"
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", kind.encode())]}
    request, incoming = Request(scope, receive), cast("Incoming", _Nothing())
    with suppress(Invalid, TooLarge):
        _LOOP.run_until_complete(receive_form(request, incoming, lambda _: cast("Room", _ROOM)))


_ROOM = SimpleNamespace(require=lambda _: None)


def _accept(data: bytes) -> None:
    accept, _, query = data.partition(b"\n")
    negotiate(accept, query)


def _links(data: bytes) -> None:
    for charset in (None, "utf-8"):
        read_links(data, "http://asked.test/a/", "https://final.test/b/", charset)


_ANSWERS = (
    b'[{"tag_name": "v1", "assets": [{"name": "a-1.zip", "browser_download_url": "http://h.test/a-1.zip", "size": 1}]}]',
    b'{"meta": {"api-version": "1.0"}, "files": [{"url": "a-1.zip", "hashes": {"md5": "0"}, "yanked": "x"}]}',
    b"<ListBucketResult><Contents><Key>a-1.zip</Key><Size>1</Size></Contents></ListBucketResult>",
)


def _offers(data: bytes) -> None:
    """Every kind of page, read from the same bytes; nothing raises, and what is offered has an address."""
    for kind in PageKind:
        told = read_offers(
            kind, data, "http://asked.test/a/?per_page=1", "https://final.test/b/", "text/html"
        )
        if any("://" not in offer.url for offer in told.offers if kind is not PageKind.CHECKSUMS):
            raise AssertionError("an offer without an address")


def _xmlrpc(data: bytes) -> None:
    with suppress(Invalid):
        read_call(data)


def _urls(data: bytes) -> None:
    for line in data.decode("utf-8", "replace").split("\n"):
        with suppress(Invalid):
            url = Url.parse(line)
            if Url.parse(str(url)) != url:
                raise AssertionError(f"{line!r} changes when it is read again")


def _readme(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for kind in ("text/markdown", "text/markdown; variant=CommonMark", "text/x-rst"):
        if found := objections(render_description(text, kind).html):
            raise AssertionError(f"as {kind}: {found}")


def _checksums(data: bytes) -> None:
    for offer in read_checksums(data, "demo-1.0.tar.gz").offers:
        if not offer.claimed or "/" in offer.filename:
            raise AssertionError(f"{offer} says nothing, or of another folder")


def _robots(data: bytes) -> None:
    robots = read_robots(data, _NOW)
    for path in ("/", "/a/demo-1.0.tar.gz", "/robots.txt"):
        robots.allows(Url.parse(f"https://site.test{path}"))
    if not 0 <= robots.crawl_delay_seconds < inf:
        raise AssertionError(f"a pause of {robots.crawl_delay_seconds} seconds")


def _rdap(data: bytes) -> None:
    server_for("example.org", read_services(data))
    read_registered_at(data)


def _ranges(data: bytes) -> None:
    for size in (0, 1, 1000):
        span = asked_span(data, size)
        if span and not (span.start >= 0 and span.stop <= size):
            raise AssertionError(f"{span} of {size} bytes")


def _ledger(data: bytes) -> None:
    """Whatever bytes stand in the place of an entry, they do not verify in a chain that was made of another one."""
    entry = Entry(1, _NOW, Kind.USER_ADDED, "ada", "", {"user": "ada"})
    first = seal(entry, GENESIS)
    if verify([first]).problem or (data != first.body and not verify([replace(first, body=data)]).problem):
        raise AssertionError("a changed entry verifies")


_NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "zip": Target(_zip, seeds.WHEELS, (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"\x01\0")),
        "tar": Target(_tar, seeds.TARS, (b"ustar", b"././@LongLink", b"30 path=../x\n", b"PKG-INFO", b"\x80\0\0")),
        "gzip": Target(_gzip, seeds.GZIPS, (b"\x1f\x8b\x08", b"\0\0\xff\xff")),
        "metadata": Target(_metadata, seeds.METADATA, (b"\nRequires-Dist: ", b"; extra == '", b"\r", b" @ ", b"\n\n")),
        "record": Target(_record, seeds.RECORDS, (b",sha256=", b'"', b",,\n", b"[console_scripts]\n", b"Tag: ")),
        "names": Target(_names, seeds.NAMES, (b".whl", b".tar.gz", b"-py3-none-any", b"1!", b"rc1", b"+a.1")),
        "form": Target(_form, seeds.FORMS, (f"\r\n--{BOUNDARY}".encode(), b'; filename="', b"\r\n\r\n", b"*=utf-8''")),
        "accept": Target(_accept, seeds.ACCEPTS, (b";q=", b"*/*", b",", b"application/", b"?format=")),
        "offers": Target(_offers, (*seeds.PAGES, *_ANSWERS), (b'{"files":', b'"assets":', b"<Key>", b"sha256:", b"data-yanked")),
        "links": Target(_links, seeds.PAGES, (b"href=", b"rel='", b"<a ", b"&#x", b"http://[", b"<th>Home Page")),
        "xmlrpc": Target(_xmlrpc, seeds.CALLS, (b"<value>", b"<!DOCTYPE", b"<i8>", b"&amp;", b"</param>")),
        "urls": Target(_urls, seeds.URLS, (b"http://", b"[::1]", b"%2e", b"@", b"0x7f", b"xn--", b"\\")),
        "checksums": Target(_checksums, seeds.CHECKSUMS, (b"  ", b" *", b"SHA256 (", b") = ", b"\\n", b"../")),
        "robots": Target(_robots, seeds.ROBOTS, (b"User-agent: ", b"Disallow: /", b"Crawl-delay: ", b"*", b"$", b"%2f")),
        "rdap": Target(_rdap, seeds.RDAP, (b'"services"', b'"events"', b"registration", b"[[", b"1e999", b"T00:00:00Z")),
        "ranges": Target(_ranges, seeds.RANGES, (b"bytes=", b"-", b"9" * 19, b" ", b",")),
        "ledger": Target(_ledger, seeds.LEDGER, (b'"seq":', b"\0", b"}")),
        "readme": Target(_readme, seeds.README, (b"<svg>", b"javascript:", b" onerror=", b"](", b"```", b".. raw:: html")),
    }
)  # fmt: skip
