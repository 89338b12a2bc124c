"""Origin records and signers at every door: the files' own path, the API, the pages, the shell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysequoia
import pytest
from tests.support.api_door import ApiDoor, api_door
from tests.support.asgi import call
from tests.support.builders import item
from tests.support.catalogue import publish
from tests.support.command_line import Run, commands
from tests.support.hot_reads import DictReads, hot_app
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person, grant

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.cli import accounts, projects, signing
from homeport.domain.account import Caller, Scope
from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.errors import Forbidden, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.sign_in import find_user
from homeport.ports.reads import StoredMetadata
from homeport.settings import read_settings
from homeport.wiring import open_world

WHEEL = "demo-1.0-py3-none-any.whl"
SHA256 = Sha256.of(WHEEL.encode()).hex
RECORD = b'{"format":"homeport-origin-1"}'
URL = f"/files/{SHA256}/{WHEEL}.origin"


@pytest.fixture(scope="module")
def key() -> str:
    """A certificate to register."""
    return str(pysequoia.Tsk.generate("Ada <ada@example.org>").extract_certificate())


# Beside the file


def test_the_record_lies_beside_the_file() -> None:
    """The record is sent byte for byte as JSON that is asked for again each time, by its tag."""
    reads = DictReads()
    reads.origins[SHA256, WHEEL] = StoredMetadata(RECORD, "demo", is_private=False)
    app = hot_app(reads)
    reply = call(app, URL)
    assert (reply.status, reply.body) == (200, RECORD)
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-security-policy"] == "sandbox"
    etag = reply.headers["etag"]
    assert etag == f'"{Sha256.of(RECORD).hex}"'
    again = call(app, URL, {"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    assert call(app, URL.replace(SHA256, "0" * 64)).status == 404
    assert call(app, URL, method="HEAD").body == b""


# The API


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada owns demo with one file, and bob maintains it."""
    with api_door(tmp_path) as opened:
        ada = opened.user("ada")
        project = create_project(opened.world, ada, "demo", HostingMode.ONLY)
        grant(opened.world, project, opened.user("bob"), Role.MAINTAINER)
        publish(opened.world, ada, "demo", "1.0")
        yield opened


def ask(door: ApiDoor, method: str, path: str, who: str = "ada", **body: Any) -> tuple[int, Any]:
    """What somebody is answered below the project."""
    scopes = (Scope.MANAGE, Scope.READ)
    told = door.call(method, f"/projects/demo/{path}", door.token(who, *scopes), **body)
    return told.status, told.json


def test_the_record_over_the_api(door: ApiDoor) -> None:
    """Whoever may read the file is told its record and the sha256 of it; of other files there is none."""
    status, told = ask(door, "GET", f"files/{WHEEL}/origin", "eve")
    assert (status, told["record"]["filename"], told["record"]["published"]["by"]) == (200, WHEEL, "ada")
    assert len(told["record_sha256"]) == 64
    status, told = ask(door, "GET", "files/other.whl/origin")
    assert (status, told["code"]) == (404, "file-not-hosted")


def test_the_record_of_a_private_project(door: ApiDoor) -> None:
    """The record of a private file is for those who may read the file; to others there is no such project."""
    owner = Caller(door.user("ada"))
    change_visibility(door.world, owner, "demo", is_private=True)
    assert ask(door, "GET", f"files/{WHEEL}/origin", "bob")[0] == 200
    assert ask(door, "GET", f"files/{WHEEL}/origin", "eve")[0] == 404


def test_the_record_of_a_quarantined_project(door: ApiDoor) -> None:
    """While a project is quarantined nothing is told of its files, beside them or elsewhere (I-12)."""
    administrator = Caller(add_person(door.world, "root", is_admin=True))
    change_status(door.world, administrator, "demo", ProjectStatus.QUARANTINED, "Malware.")
    assert ask(door, "GET", f"files/{WHEEL}/origin", "ada")[0] == 404
    change_status(door.world, administrator, "demo", ProjectStatus.ACTIVE, "It was none.")
    assert ask(door, "GET", f"files/{WHEEL}/origin", "ada")[0] == 200


def test_signers_over_the_api(door: ApiDoor, key: str) -> None:
    """Maintainers register keys, owners name identities; both are listed, and forgotten again."""
    status, told = ask(door, "POST", "signers/keys", "bob", key=key)
    assert (status, told["user_ids"]) == (201, ["Ada <ada@example.org>"])
    fingerprint = told["fingerprint"]
    identity = {"repository": "ada/demo", "workflow": "release.yml"}
    assert ask(door, "POST", "signers/identities", "bob", **identity)[0] == 403
    assert ask(door, "POST", "signers/identities", **identity)[1]["added"] is True
    assert ask(door, "POST", "signers/identities", **identity)[1]["added"] is False
    person = {"subject": "ada@example.org", "issuer": "https://accounts.example.org"}
    assert ask(door, "POST", "signers/identities", **person)[0] == 201
    status, told = ask(door, "GET", "signers", "bob")
    assert [one["fingerprint"] for one in told["keys"]] == [fingerprint]
    assert [(one["repository"], one["subject"]) for one in told["identities"]] == [
        ("https://github.com/ada/demo", None),
        (None, "ada@example.org"),
    ]
    assert ask(door, "GET", "signers", "eve")[0] == 403
    assert ask(door, "POST", f"signers/keys/{fingerprint.upper()}/remove", "bob")[0] == 200
    assert ask(door, "POST", f"signers/keys/{fingerprint}/remove")[1]["code"] == "key-unknown"
    assert ask(door, "POST", "signers/identities/remove", **identity)[0] == 200
    assert ask(door, "POST", "signers/identities/remove", **identity)[1]["code"] == "identity-unknown"
    with door.world.store.read() as tx:
        told = [json.loads(sealed.body) for sealed in tx.ledger.entries()]
    signed = [entry for entry in told if entry["kind"].startswith("signing-")]
    assert [entry["kind"] for entry in signed] == [
        "signing-key-added",
        "signing-identity-added",
        "signing-identity-added",
        "signing-key-removed",
        "signing-identity-removed",
    ]
    assert "ada@example.org" not in json.dumps(signed)


@pytest.mark.parametrize("document", ["", "garbage", "x" * 65_537])
def test_what_is_no_key_is_refused(door: ApiDoor, document: str) -> None:
    """What is no certificate, or too large, is refused with the reason."""
    status, told = ask(door, "POST", "signers/keys", key=document)
    assert (status, told["code"]) == (400, "key-invalid")


# The pages


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, with one uploaded file."""
    with web_index(tmp_path) as opened:
        opened.project("demo", "ada")
        publish(opened.world, opened.user("ada"), "demo", "1.0")
        yield opened


def test_the_page_of_a_file(index: WebIndex) -> None:
    """A file's page tells its way, its claims and its record; the project's page leads there."""
    stranger = index.browser()
    assert f'href="/project/demo/files/{WHEEL}/"' in stranger.get("/project/demo/").html
    shown = stranger.get(f"/project/demo/files/{WHEEL}/")
    assert shown.status == 200
    for words in (
        "Uploaded by ada",
        "Nothing: no place that names the file tells a digest",
        f"{WHEEL}.origin",
    ):
        assert words in shown.page.text
    assert stranger.get("/project/demo/files/other.whl/").status == 404


def test_signers_on_the_hosting_page(index: WebIndex, key: str) -> None:
    """An owner registers a key and names a repository by forms, sees both, and removes them again."""
    ada, path = index.signed_in("ada"), "/manage/projects/demo/"
    shown = ada.submit(ada.get(path), "add-key", key=key)
    shown = ada.submit(ada.get(path), "add-identity", repository="ada/demo", workflow="release.yml")
    text = ada.get(path).page.text
    assert "https://github.com/ada/demo" in text
    assert "Ada <ada@example.org>" in text
    ada.submit(ada.get(path), "remove-key")
    ada.submit(ada.get(path), "remove-identity")
    text = ada.get(path).page.text
    assert "https://github.com/ada/demo" not in text
    assert "Ada <ada@example.org>" not in text
    shown = ada.submit(ada.get(path), "add-key", key="garbage")
    assert "There is no OpenPGP certificate in it" in shown.page.text
    assert "garbage" in shown.html


def test_a_plan_shows_claims_and_signatures(index: WebIndex) -> None:
    """The review says of each claim who makes it and whether it holds."""
    demo = index.project("other", "ada")
    claims = (
        Claim(ClaimKind.CHECKSUMS, "sha256", "ab" * 32, "https://a.test/SHA256SUMS", is_tls=True, holds=True),
        Claim(ClaimKind.LINK, "md5", "cd" * 16, "http://a.test/", holds=False),
    )
    rehost = index.plan(demo, [item(0, "other-1.0.tar.gz", claims=claims)])
    text = index.signed_in("ada").get(f"/manage/rehosts/{rehost.id}").page.text
    for words in ("✓ holds", "✗ does not hold", "by the checksum file", "not over verified TLS"):
        assert words in text


# The shell


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on a home where ada owns demo with a release; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, signing)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("user", "add", "bob", "--email", "bob@example.org")
    run("project", "create", "demo", "--owner", "ada")
    settings = read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path)
    world = open_world(settings)
    publish(world, find_user(world, "ada"), "demo", "1.0")
    reads = SqliteHotReads(sqlite_file(settings.store.database_url), tmp_path)
    found = reads.origin_record(SHA256, WHEEL)
    assert found is not None
    assert (json.loads(found.body)["filename"], found.project, found.is_private) == (WHEEL, "demo", False)
    assert reads.origin_record("0" * 64, WHEEL) is None
    reads.close()
    # One world, so that the process that reads certificates can be ended.
    monkeypatch.setattr(signing, "world", lambda: world)
    yield run
    assert isinstance(world.isolation, ChildIsolation)
    world.isolation.close()


def test_signers_and_records_in_the_shell(run: Run, key: str) -> None:
    """What the pages do the shell does: keys, identities, and the record of a file."""
    told = json.loads(run("project", "origin", "demo", WHEEL, "--json"))
    assert (told["format"], told["sha256"]) == ("homeport-origin-1", SHA256)
    assert "sha256 of the record" in run("project", "origin", "demo", WHEEL)
    assert "Nobody yet" in run("key", "list", "demo")
    assert "Ada <ada@example.org>" in run("key", "add", "demo", typed=key)
    listed = json.loads(run("key", "list", "demo", "--json"))
    fingerprint = listed["keys"][0]["fingerprint"]
    assert "Named https://github.com/ada/demo" in run("identity", "add", "demo", "--repository", "ada/demo")
    assert "already" in run("identity", "add", "demo", "--repository", "ada/demo")
    person = ("--subject", "ada@example.org", "--issuer", "https://accounts.example.org")
    assert json.loads(run("identity", "add", "demo", *person, "--json"))["added"] is True
    shown = run("identity", "list", "demo")
    assert ("OpenPGP" in shown, "Sigstore" in shown) == (True, True)
    assert "no longer" in run("key", "remove", "demo", fingerprint)
    assert "no longer" in run("identity", "remove", "demo", "--repository", "ada/demo")
    assert json.loads(run("identity", "remove", "demo", *person, "--json"))["removed"]
    assert json.loads(run("key", "add", "demo", "--json", typed=key))["fingerprint"] == fingerprint
    assert json.loads(run("key", "remove", "demo", fingerprint, "--json"))["removed"] == fingerprint
    with pytest.raises(Invalid):
        run("key", "add", "demo", typed="garbage")
    with pytest.raises(Forbidden):
        run("identity", "add", "demo", "--repository", "ada/demo", "--as", "bob")
    with pytest.raises(NotFound):
        run("project", "origin", "demo", "other.whl")
