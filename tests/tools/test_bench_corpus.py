"""The files that every server serves are real wheels, and the answers about them are read right."""

import gzip
import zipfile
import zlib
from io import BytesIO

import pytest
from packaging.requirements import Requirement
from tools.bench.cases import JSON_TYPE, Case, Form, decoded, links, plain_path
from tools.bench.corpus import PACKAGES, needed_by, package, wheel
from tools.bench.processes import pss_bytes


def test_wheel_is_the_same_every_time() -> None:
    """A wheel's bytes depend on its name and version alone, and its RECORD lists every member."""
    name, content = wheel("bench-50", "1.7")
    assert name == "bench_50-1.7-py3-none-any.whl"
    assert wheel("bench-50", "1.7") == (name, content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        record = archive.read("bench_50-1.7.dist-info/RECORD").decode()
        assert [line.partition(",")[0] for line in record.splitlines()] == archive.namelist()


def test_metadata_of_a_wanted_size() -> None:
    """The METADATA file is filled up to the byte."""
    _, content = wheel("bench-metadata", "1.0", metadata_bytes=1_024)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert len(archive.read("bench_metadata-1.0.dist-info/METADATA")) == 1_024


def test_first_package_needs_all() -> None:
    """Whoever installs the first package installs every one, and no dependency goes round."""
    reached, waiting = set(), [package(0)]
    numbers = {package(number): number for number in range(PACKAGES)}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        needed = [Requirement(text).name for text in needed_by(numbers[name])]
        assert all(numbers[other] > numbers[name] for other in needed)
        waiting += [other for other in needed if other not in reached]
    assert reached == set(numbers)


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        (JSON_TYPE, b'{"files": [{"url": "/a.whl"}, {"url": "/b.whl"}]}', ["/a.whl", "/b.whl"]),
        (JSON_TYPE, b'{"projects": [{"name": "a"}]}', ["a"]),
        (
            "text/html",
            b"<body><A href='../a.whl#sha256=0'>a</a><a href=\"b&amp;c\">b</a>",
            ["../a.whl#sha256=0", "b&c"],
        ),
        ("text/html", b"<body>nothing", []),
    ],
)
def test_links(kind: str, body: bytes, found: list[str]) -> None:
    """Files and projects are found on JSON and on HTML pages."""
    assert links(kind, body) == found


@pytest.mark.parametrize(
    ("coding", "body"),
    [("", b"page"), ("gzip", gzip.compress(b"page", mtime=0)), ("deflate", zlib.compress(b"page"))],
)
def test_codings(coding: str, body: bytes) -> None:
    """Every coding that the load generator offers is understood."""
    assert decoded(coding, body) == b"page"


def test_case_offers_gzip_only_when_it_says_so() -> None:
    """A case's header fields and name follow from what it asks for."""
    case = Case("page of 50 files", Form.JSON, "bench-50", 32, 50, is_gzip=True)
    assert case.headers == {"Accept": JSON_TYPE, "Accept-Encoding": "gzip, deflate"}
    assert case.title == "page of 50 files, JSON, gzip"
    plain = Case("page of 50 files", Form.HTML, "bench-50", 32, 50)
    assert plain.headers == {"Accept": "text/html"}
    assert plain_path(plain) == "/bench-50.html"


def test_memory_of_a_process() -> None:
    """The proportional set size is read in bytes, and not that of one kind of memory."""
    rollup = (
        "5581a9c8d000-7ffd0 ---p 00000000 00:00 0 [rollup]\nRss: 9000 kB\nPss:  4211 kB\nPss_Anon: 88 kB\n"
    )
    assert pss_bytes(rollup) == 4_211 * 1024
