"""Standards F.7, S10 to S15: the other interfaces of PyPI, on a running Homeport.

S16, a run of bandersnatch, has a journey of its own: ``test_mirror.py``.
"""

import time
import xmlrpc.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from tests.journeys.checks.pages import media_type, read_json
from tests.journeys.checks.stock import (
    DISPLAY,
    EPOCH,
    FULL,
    LISTED,
    OLD_SDIST,
    PRIVATE,
    PYTHON,
    QUARANTINED,
    REASON,
    SDIST,
    WHEEL,
    WITH_REASON,
    WITHOUT_FILES,
    Stock,
    wheel,
)
from tests.journeys.conftest import People
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

SERIAL = "x-pypi-last-serial"
# What PyPI tells of a file (standards A.15).
FILE_KEYS = {
    "comment_text",
    "core-metadata",
    "digests",
    "downloads",
    "filename",
    "has_sig",
    "md5_digest",
    "packagetype",
    "python_version",
    "requires_python",
    "size",
    "upload_time",
    "upload_time_iso_8601",
    "url",
    "yanked",
    "yanked_reason",
}


def call(index: Index, method: str, *arguments: Any) -> Any:
    """What an XML-RPC call returns."""
    reply = post_xml(index, xmlrpc.client.dumps(arguments, method).encode())
    return xmlrpc.client.loads(reply.body)[0][0]


def post_xml(index: Index, body: bytes) -> Reply:
    """The answer to a call, which is always 200."""
    reply = index.request("POST", "/pypi", body, {"Content-Type": "text/xml"})
    assert (reply.status, media_type(reply.headers["content-type"])) == (200, "text/xml")
    return reply


def test_s10_the_json_of_a_project(index: Index, stock: Stock) -> None:
    """``/pypi/<n>/json`` tells the newest release that is final and not yanked, and the files of all releases."""
    reply = index.request("GET", f"/pypi/{FULL}/json")
    assert (reply.status, media_type(reply.headers["content-type"])) == (200, "application/json")
    told = read_json(reply.body)
    assert set(told) == {"info", "urls", "releases", "last_serial", "vulnerabilities", "ownership"}
    assert (told["info"]["name"], told["info"]["version"], told["info"]["yanked"]) == (
        DISPLAY,
        "1!2.0",
        False,
    )
    assert told["last_serial"] == int(reply.headers[SERIAL]) == index.serial(FULL)
    assert [file["filename"] for file in told["urls"]] == [EPOCH]
    releases = {version: {file["filename"] for file in files} for version, files in told["releases"].items()}
    assert releases["1.0"] == {WHEEL, SDIST}
    assert releases[WITHOUT_FILES] == set()
    assert set().union(*releases.values()) == set(stock.files[FULL])
    require_files_as_listed(
        index, stock, {file["filename"]: file for one in told["releases"].values() for file in one}
    )


def require_files_as_listed(index: Index, stock: Stock, told: Mapping[str, dict[str, Any]]) -> None:
    """Each file is told as on the project's page, and its absolute URL leads to its bytes."""
    for name, listed in index.simple(FULL).items():
        file = told[name]
        assert set(file) >= FILE_KEYS
        assert file["digests"]["sha256"] == listed["hashes"]["sha256"]
        assert (file["size"], file["requires_python"]) == (listed["size"], listed.get("requires-python"))
        assert (file["yanked"], file["yanked_reason"]) == (
            bool(listed["yanked"]),
            listed["yanked"] if listed["yanked"] not in {True, False} else None,
        )
        assert file["url"].startswith(index.url)
        reply = index.request("GET", urlsplit(file["url"]).path)
        if reply.status in {301, 302, 308}:
            reply = index.request("GET", reply.headers["location"])
        assert reply.body == stock.files[FULL][name]


@pytest.mark.parametrize(
    "path", ["nobody-has-this/json", f"{FULL}/9.9/json", f"{QUARANTINED}/json", "-x/json", "%00/json"]
)
def test_s10_what_is_not_there_is_404_in_json(index: Index, stock: Stock, path: str) -> None:
    """An unknown or quarantined project, and an unknown version, are 404 with the body that scripts know."""
    reply = index.request("GET", f"/pypi/{path}")
    assert (reply.status, media_type(reply.headers["content-type"])) == (404, "application/json")
    assert reply.json() == {"message": "Not Found"}


@pytest.mark.parametrize(
    ("version", "names", "yanked"),
    [
        ("1.0", {WHEEL, SDIST}, None),
        ("1!2.0", {EPOCH}, None),
        ("0.9", {OLD_SDIST}, ""),
        ("0.8", {WITH_REASON}, REASON),
        (WITHOUT_FILES, set(), None),
    ],
)
def test_s11_the_json_of_a_release(
    index: Index, stock: Stock, version: str, names: set[str], yanked: str | None
) -> None:
    """``/pypi/<n>/<v>/json`` tells one release and its files, and no others."""
    told = read_json(index.request("GET", f"/pypi/{FULL}/{version}/json").body)
    assert set(told) == {"info", "urls", "last_serial", "vulnerabilities", "ownership"}
    assert told["info"]["version"] == version
    assert {file["filename"] for file in told["urls"]} == names
    assert told["info"]["yanked"] == (yanked is not None)
    assert told["info"]["yanked_reason"] == (yanked or None)
    if version == "1.0":
        assert told["info"]["requires_python"] == PYTHON


def test_s11_other_spellings_are_redirected(index: Index, stock: Stock) -> None:
    """A name in another spelling is sent to its one document, 301, the query kept."""
    for rest in ("json", "1.0/json", "1!2.0/json", "json?x=1"):
        reply = index.request("GET", f"/pypi/{DISPLAY}/{rest}")
        location = urlsplit(reply.headers["location"])._replace(scheme="", netloc="").geturl()
        assert (reply.status, location) == (301, f"/pypi/{FULL}/{rest}")


def test_s12_the_changelog_agrees_with_the_pages(index: Index, people: People, stock: Stock) -> None:
    """What mirrors call tells the serials of the pages, and each change since a serial, in order."""
    serials = call(index, "list_packages_with_serial")
    for name in LISTED:
        assert serials[DISPLAY if name == FULL else name] == index.serial(name)
    assert {QUARANTINED, PRIVATE} & set(serials) == set()
    last = call(index, "changelog_last_serial")
    assert last == int(index.request("GET", "/simple/").headers[SERIAL]) >= max(serials.values())
    assert call(index, "changelog_since_serial", last) == []

    filename = "warbler-1.0-py3-none-any.whl"
    assert index.upload(filename, wheel(filename), people.ada).status == 200
    rows = call(index, "changelog_since_serial", last)
    assert {row[0] for row in rows} == {"warbler"}
    assert f"add py3 file {filename}" in [row[3] for row in rows]
    assert [row[4] for row in rows] == sorted(row[4] for row in rows)
    assert rows[-1][4] == call(index, "changelog_last_serial") == index.serial("warbler")
    assert abs(rows[-1][2] - time.time()) < 60  # noqa: TID251 - how far the index's clock is from ours
    everything = call(index, "changelog_since_serial", 0)
    newest = {row[0]: row[4] for row in everything}
    assert serials.items() <= newest.items()


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
FAULTS = {
    "unknown": xmlrpc.client.dumps((), "no_such_method").encode(),
    "private": xmlrpc.client.dumps((), "__init__").encode(),
    "introspection": xmlrpc.client.dumps((), "system.multicall").encode(),
    "wrong argument": xmlrpc.client.dumps(("x",), "changelog_since_serial").encode(),
    "too many": xmlrpc.client.dumps((1, 2, 3), "changelog_last_serial").encode(),
    "laughs": (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
        "<methodCall><methodName>&l9;</methodName></methodCall>"
    ).encode(),
    "a file": (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b"<methodCall><methodName>&f;</methodName></methodCall>"
    ),
    "a DTD": (
        b'<!DOCTYPE methodCall SYSTEM "http://evil.example/x.dtd">'
        b"<methodCall><methodName>changelog_last_serial</methodName></methodCall>"
    ),
    "no XML": b"<methodCall>",
    "nothing": b"",
}


@pytest.mark.parametrize("case", FAULTS)
def test_s13_faults(index: Index, case: str) -> None:
    """What cannot be answered is a fault in an answer of 200, at once; entities and DTDs are not even read."""
    began = time.monotonic()
    reply = post_xml(index, FAULTS[case])
    assert time.monotonic() - began < 2
    with pytest.raises(xmlrpc.client.Fault) as fault:
        xmlrpc.client.loads(reply.body)
    assert "root:" not in fault.value.faultString
    assert fault.value.faultString


def test_s14_feeds(index: Index, people: People, stock: Stock) -> None:
    """The three feeds are RSS 2.0; what came last stands first, and what is not for everybody in none."""
    filename = "wagtail-1.0-py3-none-any.whl"
    assert index.upload(filename, wheel(filename), people.ada).status == 200
    for path, title in (
        ("/rss/packages.xml", "wagtail"),
        ("/rss/updates.xml", "wagtail 1.0"),
        (f"/rss/project/{FULL}/releases.xml", None),
    ):
        reply = index.request("GET", path)
        assert (reply.status, media_type(reply.headers["content-type"])) == (200, "text/xml")
        feed = ET.fromstring(reply.body)  # noqa: S314 - our own server's
        assert (feed.tag, feed.attrib["version"]) == ("rss", "2.0")
        (channel,) = feed
        assert all(channel.findtext(name) for name in ("title", "link", "description"))
        items = channel.findall("item")
        titles = [item.findtext("title") or "" for item in items]
        assert all(urlsplit(item.findtext("link") or "").netloc for item in items)
        if title:
            assert titles[0].startswith(title)
        else:
            assert {one.rpartition(" ")[2] for one in titles} >= {"1.0", "0.9", "1!2.0"}
        assert not any(hidden in one for one in titles for hidden in (PRIVATE, QUARANTINED))
    for hidden in (PRIVATE, QUARANTINED, "nobody-has-this"):
        assert index.request("GET", f"/rss/project/{hidden}/releases.xml").status in {401, 404}


def test_s15_classifiers(index: Index) -> None:
    """The list of classifiers is plain text, one a line."""
    reply = index.request("GET", "/pypi?:action=list_classifiers")
    assert (reply.status, media_type(reply.headers["content-type"])) == (200, "text/plain")
    lines = reply.text.splitlines()
    assert {"Framework :: Django", "Programming Language :: Python :: 3"} <= set(lines)
    assert all(" :: " in line for line in lines)
    assert len(set(lines)) == len(lines)


def test_stats_are_totals(index: Index, stock: Stock) -> None:
    """``/stats/`` tells how much is hosted, and by which projects."""
    told = index.request("GET", "/stats/", headers={"Accept": "application/json"}).json()
    assert told["total_packages_size"] >= sum(
        len(data) for files in stock.files.values() for data in files.values()
    )
    assert {PRIVATE, QUARANTINED} & set(told["top_packages"]) == set()
