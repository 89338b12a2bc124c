"""From an upload to what an installer is given: the hot paths over a real store, one change after another."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from starlette.types import ASGIApp
from tests.formats.test_simple_html import Document
from tests.formats.test_simple_html import read as read_html
from tests.support.archives import make_sdist, make_wheel
from tests.support.asgi import Reply, call, teapot
from tests.support.forms import upload_fields
from tests.support.hot_reads import nobody_signs_in, nothing_happens, nothing_is_missing, uses_are_not_noted
from tests.support.project_lists import names_in_html, names_in_json
from tests.support.world import Real, add_person, real_world

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.api.hot import hot_paths
from homeport.api.reading import Readers
from homeport.api.token_uses import TokenUses
from homeport.domain.account import Caller
from homeport.domain.errors import Conflict
from homeport.domain.freeze import told_frozen
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.manage_project import create_project
from homeport.flows.policies import change_policy
from homeport.flows.render_everything import render_everything
from homeport.flows.upload import upload
from homeport.flows.yank import unyank, yank

JSON, V1_HTML = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"
WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
LOCAL = "demo-1!2.0+local.1-py3-none-any.whl"
OLD_METADATA = b"Metadata-Version: 1.0\nName: demo\nVersion: 1.0\n"
PAGE, LIST = "/simple/demo/", "/simple/"


@dataclass
class Index:
    """An index with a project ``demo`` of ada's, whose hot paths were running before anything came."""

    real: Real
    app: ASGIApp
    ada: Caller
    admin: Caller

    def upload(self, filename: str, body: bytes) -> None:
        """Send a file as ada."""
        fields: dict[str, list[str]] = {}
        for name, value in upload_fields(filename, body):
            fields.setdefault(name, []).append(value)
        with self.real.world.blobs.receive(self.real.world.limits.file_bytes) as incoming:
            incoming.write(body)
            upload(self.real.world, self.ada, fields, filename, incoming)

    def mark(self, status: ProjectStatus, reason: str = "") -> None:
        """Give the project another status."""
        change_status(self.real.world, self.admin, "demo", status, reason)

    def ask(self, target: str, accept: str = JSON, **fields: str) -> Reply:
        """One request of the hot paths."""
        return call(self.app, target, {"Accept": accept} | fields)

    def json(self, target: str = PAGE) -> Any:
        """A page as JSON."""
        return json.loads(self.ask(target).body)

    def html(self, target: str = PAGE) -> Document:
        """A page as HTML."""
        return read_html(self.ask(target, V1_HTML).body)

    def files(self) -> dict[str, Any]:
        """The files of the JSON page, by name."""
        return {file["filename"]: file for file in self.json()["files"]}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index with a project and without files."""
    with real_world(tmp_path) as real:
        render_everything(real.store)
        reads = SqliteHotReads(sqlite_file(real.database), real.folder)
        readers = Readers(reads, real.world.clock.now, nobody_signs_in, must_sign_in=False)
        uses = TokenUses(uses_are_not_noted, real.world.clock.now)
        app = hot_paths(reads, teapot, readers, uses, nothing_is_missing, nothing_happens)
        ada = Caller(add_person(real.world, "ada"))
        admin = Caller(add_person(real.world, "root", is_admin=True))
        create_project(real.world, ada.user, "Demo", HostingMode.ONLY)
        yield Index(real, app, ada, admin)
        reads.close()


def test_f01_f12_f13_f14_f17_j06_j09_j10_h05_h07_r12_every_url_of_a_page_is_what_it_says(
    index: Index,
) -> None:
    """Every file of both pages downloads by its URL, and is as long, and has the digests, that the pages say."""
    sent = {
        WHEEL: make_wheel(),
        SDIST: make_sdist(metadata=OLD_METADATA),
        LOCAL: make_wheel("demo", "1!2.0+local.1"),
    }
    for filename, body in sent.items():
        index.upload(filename, body)
    anchors = {anchor.text: anchor.attributes for anchor in index.html().anchors}
    files, versions = index.files(), index.json()["versions"]
    assert files.keys() == anchors.keys() == sent.keys()
    assert versions == ["1.0", "1!2.0+local.1"]
    for filename, file in files.items():
        got = index.ask(urljoin(PAGE, file["url"]))
        assert (got.status, got.body) == (200, sent[filename])
        assert file["size"] == len(got.body)
        assert file["hashes"] == {"sha256": hashlib.sha256(got.body).hexdigest()}
        url, fragment = urldefrag(anchors[filename]["href"] or "")
        assert (url, fragment) == (file["url"], f"sha256={file['hashes']['sha256']}")
        beside = index.ask(file["url"] + ".metadata")
        assert (beside.status == 200) is bool(file["core-metadata"]), "F13"
        if file["core-metadata"]:
            digest = hashlib.sha256(beside.body).hexdigest()
            assert file["core-metadata"] == {"sha256": digest}
            assert anchors[filename]["data-core-metadata"] == f"sha256={digest}"
        else:
            assert "data-core-metadata" not in anchors[filename]
    assert files[WHEEL]["core-metadata"]
    assert not files[SDIST]["core-metadata"]


def test_s03_s06_s07_s08_every_change_is_seen_at_once(index: Index) -> None:
    """After each change the old tag gets a new page of a greater serial, which header, page and list all tell."""
    tags, serials = {PAGE: "", LIST: ""}, {PAGE: 0, LIST: 0}
    changes: list[Callable[[], object]] = [
        lambda: index.upload(WHEEL, make_wheel()),
        lambda: yank(index.real.world, index.ada, "demo", "1.0", reason="broken"),
        lambda: unyank(index.real.world, index.ada, "demo", "1.0"),
        lambda: index.mark(ProjectStatus.ARCHIVED),
        lambda: index.mark(ProjectStatus.QUARANTINED, "odd"),
        lambda: index.mark(ProjectStatus.ACTIVE),
    ]
    for change in changes:
        change()
        for target in (PAGE, LIST):
            reply = index.ask(target, **({"If-None-Match": tags[target]} if tags[target] else {}))
            assert reply.status == 200
            serial = int(reply.headers["x-pypi-last-serial"])
            assert serial > serials[target]
            assert json.loads(reply.body)["meta"]["_last-serial"] == serial
            tags[target], serials[target] = reply.headers["etag"], serial
            again = index.ask(target, **{"If-None-Match": tags[target]})
            assert (again.status, again.headers["etag"]) == (304, tags[target]), "S02"
        assert serials[LIST] == serials[PAGE]
        listed = dict(names_in_json(index.ask(LIST).body))
        assert listed.get("Demo", serials[PAGE]) == serials[PAGE]


def test_q01_q02_q03_yanked_and_back_and_yanked_again(index: Index) -> None:
    """A yank shows in both formats each time, with its reason or as a bare yes; the file is served throughout."""
    index.upload(WHEEL, make_wheel())
    url = index.files()[WHEEL]["url"]
    for reason in ("breaks <3.9 & more", None, ""):
        if reason is None:
            unyank(index.real.world, index.ada, "demo", "1.0")
        else:
            yank(index.real.world, index.ada, "demo", "1.0", reason=reason)
        (anchor,) = index.html().anchors
        assert index.files()[WHEEL]["yanked"] == (False if reason is None else reason or True)
        assert anchor.attributes.get("data-yanked") == reason
        assert ("data-yanked" in anchor.attributes) is (reason is not None)
        assert index.ask(url).status == 200


@pytest.mark.parametrize(
    "status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED, ProjectStatus.DEPRECATED]
)
def test_a_marker_holds_until_it_is_removed(index: Index, status: ProjectStatus) -> None:
    """What a status means for uploads, files, pages and the list begins and ends with it (Q05 to Q08, Q10, Q11)."""
    index.upload(WHEEL, make_wheel())
    url = index.files()[WHEEL]["url"]
    index.mark(status, "because <of> it")
    is_offered = status is not ProjectStatus.QUARANTINED
    assert index.json()["project-status"] == {"status": status.value, "reason": "because <of> it"}
    assert index.html().metas["pypi:project-status"] == status.value
    assert index.html().metas["pypi:project-status-reason"] == "because <of> it"
    assert bool(index.files()) is bool(index.html().anchors) is is_offered
    for target in (url, f"{url}.metadata"):
        assert index.ask(target).status == (200 if is_offered else 404)
    assert [name for name, _ in names_in_json(index.ask(LIST).body)] == (["Demo"] if is_offered else [])
    assert names_in_html(index.ask(LIST, V1_HTML).body) == ([("demo", "Demo")] if is_offered else [])
    if status.takes_files:
        index.upload(SDIST, make_sdist())
    else:
        with pytest.raises(Conflict):
            index.upload(SDIST, make_sdist())
        index.mark(ProjectStatus.ACTIVE)
        index.upload(SDIST, make_sdist())
    assert index.files().keys() == {WHEEL, SDIST}


def test_r01_r02_r07_a_private_project_is_nowhere(index: Index) -> None:
    """A project that becomes private leaves the list and asks for credentials at once, and comes back so."""
    index.upload(WHEEL, make_wheel())
    url = index.files()[WHEEL]["url"]
    for is_private in (True, False):
        change_visibility(index.real.world, index.ada, "demo", is_private=is_private)
        assert (b"Demo" in index.ask(LIST).body) is not is_private
        for target in (PAGE, url, f"{url}.metadata"):
            reply = index.ask(target)
            assert reply.status == (401 if is_private else 200)
            assert ("www-authenticate" in reply.headers) is is_private, "R16"
    assert index.ask("/simple/unknown/").status == 404


def test_f11_a_name_keeps_its_bytes(index: Index) -> None:
    """Other bytes under a name that is taken are refused, and the URL gives what it always gave."""
    body = make_wheel()
    index.upload(WHEEL, body)
    url = index.files()[WHEEL]["url"]
    with pytest.raises(Conflict, match="already exists"):
        index.upload(WHEEL, make_wheel(files={"demo/other.py": b"1\n"}))
    assert index.ask(url).body == body
    assert index.files().keys() == {WHEEL}


@pytest.mark.parametrize(("status", "policy"), [(404, "404"), (451, "451")])
def test_a_frozen_file_says_so_at_the_next_request(index: Index, status: int, policy: str) -> None:
    """It is on no page, and its address, and what lies beside it, answer as the policy says and why; nobody keeps that."""
    index.upload(WHEEL, make_wheel())
    index.upload(SDIST, make_sdist())
    if policy != "404":
        change_policy(index.real.world, index.admin, {"frozen_status": policy}, "The lawyers asked.")
    url = index.files()[WHEEL]["url"]
    assert index.ask(url).status == 200
    freeze(index.real.world, index.admin, "demo", "1.0", filename=WHEEL, reason="It holds a virus.")
    for beside in ("", ".metadata", ".origin"):
        reply = index.ask(url + beside)
        assert (reply.status, reply.headers["cache-control"]) == (status, "no-store")
        assert reply.body.decode() == f"{told_frozen(WHEEL, 'It holds a virus.')}\n"
    assert set(index.files()) == {SDIST}
    assert index.ask(url.replace(WHEEL, SDIST)).body == b"There is no such page or file on this index.\n"
    change_visibility(index.real.world, index.ada, "demo", is_private=True)
    assert index.ask(url).status == 401, "who may not know of the project is told nothing"
    change_visibility(index.real.world, index.ada, "demo", is_private=False)
    unfreeze(index.real.world, index.admin, "demo", "1.0", filename=WHEEL, reason="A false alarm.")
    assert index.ask(url).body == make_wheel()
    freeze(index.real.world, index.admin, "demo", "1", reason="It holds a key.")
    assert "It holds a key." in index.ask(url).body.decode()
    assert index.files() == {}
