"""A home is audited from outside: what the database, the ledger, the pages and the bytes say must be one story.

It looks at the files with the plain driver, so that no code that is under test answers for itself; only the ledger's
own arithmetic is borrowed.
"""

import gzip
import hashlib
import itertools
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backports import zstd

from homeport.adapters.db.driver import sqlite_driver
from homeport.domain.ledger import Sealed, verify

Acknowledged = Mapping[str, str]
"""The sha256 of every file whose upload was answered with success, by file name."""


def problems(home: Path, acknowledged: Acknowledged) -> list[str]:
    """Everything that is wrong with the home; nothing of what was acknowledged may be missing."""
    connection = sqlite_driver().connect(home / "homeport.db", timeout=30)
    try:
        connection.row_factory = sqlite_driver().Row
        return [problem for audit in _AUDITS for problem in audit(_Home(home, connection, acknowledged))]
    finally:
        connection.close()


class _Home:
    def __init__(self, folder: Path, connection: Any, acknowledged: Acknowledged) -> None:
        self.folder = folder
        self.acknowledged = acknowledged
        self._connection = connection

    def rows(self, query: str) -> list[Any]:
        rows: list[Any] = self._connection.execute(query).fetchall()
        return rows

    def files(self) -> list[Any]:
        return self.rows(
            "SELECT files.*, normalized AS project FROM files JOIN projects ON project_id = projects.id"
        )

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """What the ledger tells of one kind."""
        told = [json.loads(row["body"]) for row in self.rows("SELECT body FROM ledger ORDER BY seq")]
        return [entry for entry in told if entry["kind"] == kind]


def _database(home: _Home) -> Iterator[str]:
    yield from (f"integrity: {row[0]}" for row in home.rows("PRAGMA integrity_check") if row[0] != "ok")
    yield from (f"foreign key: {tuple(row)}" for row in home.rows("PRAGMA foreign_key_check"))


def _acknowledged(home: _Home) -> Iterator[str]:
    hosted = {row["filename"]: row["sha256"] for row in home.files()}
    for filename, sha256 in home.acknowledged.items():
        if hosted.get(filename) != sha256:
            yield f"{filename} was acknowledged with {sha256} and is hosted with {hosted.get(filename)}"


def _bytes(home: _Home) -> Iterator[str]:
    for row in home.files():
        sha256 = row["sha256"]
        path = home.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256
        data = path.read_bytes() if path.is_file() else None
        if data is None:
            yield f"{row['filename']} is listed and has no bytes"
        elif (hashlib.sha256(data).hexdigest(), len(data)) != (sha256, row["size_bytes"]):
            yield f"{row['filename']} has other bytes than its row says"


def _kept(home: _Home) -> Iterator[str]:
    for path in (home.folder / "blobs").glob("??/??/*"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            yield f"{path.name} is the name of other bytes"


def _ledger(home: _Home) -> Iterator[str]:
    rows = home.rows("SELECT seq, body, leaf_hash, chain_hash FROM ledger ORDER BY seq")
    verification = verify(Sealed(*row) for row in rows)
    if verification.problem:
        yield f"ledger: {verification.problem}"
    published, removed = (
        Counter((one["project"], one["details"]["filename"], one["details"]["sha256"]) for one in entries)
        for entries in (home.entries("file-published"), home.entries("file-removed"))
    )
    entered = published - removed
    hosted = Counter((row["project"], row["filename"], row["sha256"]) for row in home.files())
    for one in entered.keys() | hosted.keys():
        if (entered[one], hosted[one]) != (1, 1):
            yield f"{one[1]} has {entered[one]} ledger entries and {hosted[one]} rows"


def _list(home: _Home) -> Iterator[str]:
    projects = sorted(row["normalized"] for row in home.rows("SELECT normalized FROM projects"))
    segments = home.rows("SELECT form, deflated FROM list_segments ORDER BY first")
    entries = {form: [_inflated(row) for row in segments if row["form"] == form] for form in ("json", "html")}
    listed = json.loads(b"[" + b",".join(filter(None, entries["json"])) + b"]")
    if [project["name"] for project in listed] != projects:
        yield "the list of projects is not the projects that there are"
    html = b"".join(entries["html"]).decode()
    if any(f'href="/simple/{project}/"' not in html for project in projects) or html.count("<a ") != len(
        projects
    ):
        yield "the HTML list of projects is not the projects that there are"


def _inflated(row: Any) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(row["deflated"])


def _pages(home: _Home) -> Iterator[str]:
    files: dict[str, dict[str, str]] = {
        row["normalized"]: {} for row in home.rows("SELECT normalized FROM projects")
    }
    for row in home.files():
        files[row["project"]][row["filename"]] = row["sha256"]
    pages = {
        (row["normalized"], row["form"], row["coding"]): row["body"]
        for row in home.rows("SELECT * FROM pages")
    }
    for (project, hosted), (coding, decoded) in itertools.product(files.items(), _DECODED.items()):
        if (body := pages.get((project, "json", coding))) is None:
            yield f"the page of {project} is missing in {coding}"
            continue
        page = json.loads(decoded(body))
        if {file["filename"]: file["hashes"].get("sha256") for file in page["files"]} != hosted:
            yield f"the page of {project} in {coding} does not list what is hosted"
        html = decoded(pages[project, "html", coding]).decode()
        if any(f">{filename}</a>" not in html for filename in hosted) or html.count("<a ") != len(hosted):
            yield f"the HTML page of {project} in {coding} does not list what is hosted"


_DECODED: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}


def _projects(home: _Home) -> Iterator[str]:
    yield from (
        f"{row[0]} belongs to nobody"
        for row in home.rows("SELECT normalized FROM projects WHERE id NOT IN (SELECT project_id FROM roles)")
    )
    yield from (
        f"{row['filename']} has no release"
        for row in home.rows(
            "SELECT filename FROM files WHERE NOT EXISTS "
            "(SELECT 1 FROM releases WHERE releases.project_id = files.project_id)"
        )
    )


def _sizes(home: _Home) -> Iterator[str]:
    counted = "SELECT coalesce(sum(size_bytes), 0) FROM files"
    for what, told, of in (
        ("project", "size_bytes", "project_id = projects.id"),
        ("user", "uploaded_bytes", "origin = 'upload' AND published_by = users.name"),
    ):
        query = f"SELECT {what}s.name, {told} AS told, ({counted} WHERE {of}) AS there FROM {what}s"  # noqa: S608 - fixed above
        for row in home.rows(query):
            if row["told"] != row["there"]:
                yield f"{what} {row['name']} counts as {row['told']} bytes and has {row['there']}"
    ((told, there),) = home.rows(f"SELECT value, ({counted}) FROM facts WHERE name = 'files_bytes'")  # noqa: S608 - fixed above
    if told != there:
        yield f"the index counts as {told} bytes and has {there}"


def _rehosts(home: _Home) -> Iterator[str]:
    hosted = {(row["project_id"], row["filename"]): row["sha256"] for row in home.files()}
    for row in home.rows("SELECT project_id, filename, sha256 FROM removed_files"):
        hosted.setdefault((row["project_id"], row["filename"]), row["sha256"])
    items = home.rows(
        "SELECT rehost_items.*, project_id, state FROM rehost_items JOIN rehosts ON rehosts.id = rehost_id"
    )
    for item in items:
        there = hosted.get((item["project_id"], item["filename"]))
        if item["is_published"] and there != item["sha256"]:
            yield f"item {item['filename']} counts as published and is not hosted"
        if item["state"] == "published" and item["decision"] == "accept" and not item["is_published"]:
            yield f"item {item['filename']} was accepted and is missing from a published rehost"
    unused = home.rows(
        "SELECT filename FROM files WHERE origin = 'rehost' AND NOT EXISTS (SELECT 1 FROM consent_uses "
        "JOIN rehost_items ON item_id = rehost_items.id WHERE rehost_items.sha256 = files.sha256)"
    )
    yield from (f"{row['filename']} was published without a use of consent" for row in unused)
    for kind in ("consent-given", "rehost-completed"):
        told = Counter(entry["details"]["rehost"] for entry in home.entries(kind))
        for row in home.rows("SELECT id, state FROM rehosts"):
            most = {"published": (1,), "planning": (0,), "planned": (0,)}.get(row["state"], (0, 1))
            if told[row["id"]] not in most:
                yield f"rehost {row['id']} is {row['state']} and has {told[row['id']]} entries of {kind}"


_AUDITS = (_database, _acknowledged, _bytes, _kept, _ledger, _list, _pages, _projects, _sizes, _rehosts)
