"""Upload 2.0, U13 and U15: a stage is seen by who knows its address, and only while it may be."""

import hashlib
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from tests.support.api_door import Told
from tests.support.archives import make_sdist
from tests.support.staging import Client, StagingDoor, owned, wheel
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.api.app import api_routes
from homeport.domain.account import Scope
from homeport.domain.project import ProjectStatus


def preview(ada: Client, path: str = "lark/", accept: str = "application/vnd.pypi.simple.v1+json") -> Told:
    """What installers see at the stage."""
    url = ada.session["links"]["stage"].removeprefix("https://index.test")
    return ada.door.ask("GET", url + path, (), {"accept": accept})


def test_u13_a_stage_is_seen_by_who_knows_its_address(door: StagingDoor, ada: Client) -> None:
    """U13: completed files are seen, in JSON and HTML, without credentials, kept by nobody; and gone with the session."""
    filename, data = wheel()
    ada.stage(filename, data)
    pending = ada.add(*wheel(tag="py2-none-any")).json
    told = preview(ada)
    entry = told.json["files"][0]
    assert [file["filename"] for file in told.json["files"]] == [filename]
    assert entry["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}
    assert told.headers["cache-control"] == "private, no-store"
    assert told.headers["x-robots-tag"].startswith("noindex")
    assert told.headers["referrer-policy"] == "no-referrer"
    assert entry["url"].startswith(f"/stage/{ada.session['session-token']}/files/")
    got = door.ask("GET", entry["url"])
    assert (got.status, got.headers["cache-control"]) == (200, "private, no-store")
    metadata = door.ask("GET", entry["url"] + ".metadata")
    assert hashlib.sha256(metadata.body).hexdigest() == entry["core-metadata"]["sha256"]
    html = preview(ada, accept="text/html").text
    assert f"{entry['url']}#sha256=" in html
    assert preview(ada, "LARK/").status == 301
    assert preview(ada, "wren/").status == 404
    assert preview(ada, "").status == 404
    assert preview(ada, accept="image/png").status == 406
    # Not below the index's own addresses, and not by another secret.
    assert door.ask("GET", f"/stage/{'0' * 64}/simple/lark/").status == 404
    assert door.ask("GET", entry["url"].replace("py3", "py2")).status == 404
    assert door.ask("GET", entry["url"].replace(entry["hashes"]["sha256"], "0" * 64)).status == 404
    assert door.ask("GET", entry["url"].replace("py3", "py2") + ".metadata").status == 404
    assert ada.ask("DELETE", pending["links"]["file-upload-session"]).status == 204
    assert ada.publish().status == 201
    assert preview(ada).status == door.ask("GET", entry["url"]).status == 404


def test_u13_gone_when_canceled(ada: Client) -> None:
    """U13: with a canceled session its stage is gone."""
    ada.stage(*wheel())
    assert preview(ada).status == 200
    assert ada.cancel().status == 204
    assert preview(ada).status == 404


def test_u13_a_file_without_metadata_of_its_own(door: StagingDoor, ada: Client) -> None:
    """U13: where nothing is served beside a file, its page says so; bytes that are lost are not there."""
    sdist = make_sdist("lark", "1.0", metadata=b"Metadata-Version: 2.1\nName: lark\nVersion: 1.0\n")
    ada.stage("lark-1.0.tar.gz", sdist)
    entry = preview(ada).json["files"][0]
    assert entry["core-metadata"] is False
    assert door.ask("GET", entry["url"] + ".metadata").status == 404
    for blob in (door.folder / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    assert door.ask("GET", entry["url"]).status == 404


def test_u13_what_is_private_stays_so(door: StagingDoor) -> None:
    """U13: the address opens nothing that asks for a role, or on a private index for an account."""
    project = owned(door)
    ada = door.client("ada")
    ada.create()
    ada.stage(*wheel())
    with door.world.store.write() as tx:
        tx.projects.set_private(project.id, is_private=True)
    path = f"/stage/{ada.session['session-token']}/simple/lark/"
    reading, sam = door.token("ada", Scope.READ), door.token("sam", Scope.READ)
    assert door.ask("GET", path).status == 401
    assert door.ask("GET", path, (), sam).status == 404
    assert door.ask("GET", path, (), reading).status == 200
    with door.world.store.write() as tx:
        tx.projects.set_private(project.id, is_private=False)
    assert door.ask("GET", path).status == 200
    door.world = replace(door.world, policy=replace(door.world.policy, must_sign_in=True))
    door.app = Starlette(routes=api_routes(door.world))
    assert door.ask("GET", path).status == 401
    assert door.ask("GET", path, (), sam).status == 200


@pytest.mark.parametrize(
    "status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED, ProjectStatus.DEPRECATED]
)
def test_u15_the_status_of_a_project_holds_here(door: StagingDoor, status: ProjectStatus) -> None:
    """U15, Q09: what is archived or quarantined takes nothing, of what is quarantined nothing is seen either."""
    project = owned(door)
    ada = door.client("ada")
    ada.create()
    file = ada.stage(*wheel())
    store = door.world.store
    assert isinstance(store, SqlStore)
    set_status(store, project, status)
    assert preview(ada).status == (404 if status is ProjectStatus.QUARANTINED else 200)
    told = [
        ada.add(*wheel(tag="py2-none-any")).status,
        ada.complete(file).status,
        ada.publish().status,
        door.client("ada").create(version="2.0").status,
    ]
    if status.takes_files:
        # It is complete already, and the other one is not.
        assert told == [202, 409, 409, 201]
        return
    assert told == [409] * 4
    assert ada.ask("DELETE", file["links"]["file-upload-session"]).status == 204
    assert ada.cancel().status == 204
    assert door.hosted() == {}
