"""The machine door and what the index lets in: room for uploads, removals, quotas, names that an administrator gives."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.support.api_door import SILENCE, ApiDoor, Script, Told, api_door
from tests.support.archives import make_wheel
from tests.support.forms import BOUNDARY, FilePart, basic, multipart, upload_fields

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.api import stream
from homeport.api.app import api_routes
from homeport.api.form import MAX_AROUND_FILE_BYTES
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.quota import Quotas, Reserve
from homeport.flows.manage_project import create_project, find_project
from homeport.flows.sign_in import add_user
from homeport.ports.world import Limits, World

PASSWORD = "correct horse battery stable"
WHEEL, OTHER = "lark-1.0-py3-none-any.whl", "lark-1.0-py2-none-any.whl"
BODIES = {WHEEL: make_wheel("lark", "1.0"), OTHER: make_wheel("lark", "1.0", tag="py2-none-any")}


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDoor]:
    """A door behind which ada has a project with one release of two files, and root administers."""
    monkeypatch.setattr(stream, "DRAINED_SECONDS", 0.05)
    with api_door(tmp_path) as opened:
        create_project(opened.world, opened.user("ada"), "lark", HostingMode.ONLY)
        add_user(opened.world, "root", "root@example.org", PASSWORD, is_admin=True)
        for filename in BODIES:
            assert send(opened, filename).status == 200
        yield opened


def form(filename: str, body: bytes, **changes: str) -> bytes:
    """An upload as twine writes it."""
    return multipart(upload_fields(filename, body, **changes), [FilePart(filename, body)])


def headers(door: ApiDoor, name: str = "ada", **more: str) -> dict[str, str]:
    """The header fields of an upload."""
    fields = {field.replace("_", "-"): value for field, value in more.items()}
    return door.token(name) | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"} | fields


def send(door: ApiDoor, filename: str) -> Told:
    """Upload one of the files."""
    return door.ask("POST", "/legacy/", [form(filename, BODIES[filename])], headers(door))


def where(door: ApiDoor, **changes: Any) -> ApiDoor:
    """The same door, in a world with these changes."""
    world: World = replace(door.world, **changes)
    return ApiDoor(world, Starlette(routes=api_routes(world)), door.folder)


def with_quotas(door: ApiDoor, **quotas: int) -> ApiDoor:
    """The same door, where these quotas hold."""
    return where(door, policy=Policy(quotas=Quotas(**quotas)))


def incoming(door: ApiDoor) -> list[Path]:
    """What lies in the folder of unfinished uploads."""
    return list((door.folder / "blobs" / "incoming").iterdir())


# Room

BIG = bytes(300_000)
NEW = "lark-3.0-py3-none-any.whl"


def test_w27_a_body_that_cannot_fit_is_not_read(door: ApiDoor) -> None:
    """W27: its length is told beforehand: it is refused before a byte of it is asked for."""
    small = where(door, limits=Limits(file_bytes=100_000))
    fits = str(100_000 + MAX_AROUND_FILE_BYTES)
    over = str(100_000 + MAX_AROUND_FILE_BYTES + 1)
    script: Script = [b"--", SILENCE]
    told = small.ask("POST", "/legacy/", script, headers(door, content_length=over))
    assert told.status == 413
    assert "limit of 97.7 KiB" in told.text
    told = small.ask("POST", "/legacy/", [b"nonsense"], headers(door, content_length=fits))
    assert told.status == 400, "it was read, and is no form"
    assert incoming(door) == []


def test_w27_a_file_is_cut_while_it_comes(door: ApiDoor) -> None:
    """W27: without a length told, what is too much is cut when it comes, and nothing of it stays."""
    small = where(door, limits=Limits(file_bytes=100_000))
    body = form(NEW, BIG)
    pieces = [body[start : start + 50_000] for start in range(0, len(body), 50_000)]
    told = small.ask("POST", "/legacy/", pieces, headers(door))
    assert (told.status, "limit of 97.7 KiB" in told.text) == (413, True)
    assert incoming(door) == []


@pytest.mark.parametrize(
    ("quotas", "says"),
    [
        ({"project_bytes": 5_000}, "The project lark has"),
        ({"user_bytes": 5_000}, "What ada uploaded has"),
        ({"index_bytes": 5_000}, "This index has"),
    ],
)
def test_w28_quotas_are_asked_before_and_while_bytes_come(
    door: ApiDoor, quotas: Mapping[str, int], says: str
) -> None:
    """W28: a file that a quota has no room for is refused at its first bytes, in words, and nothing of it stays."""
    full, body = with_quotas(door, **quotas), form(NEW, BIG)
    told = full.ask("POST", "/legacy/", [body, SILENCE], headers(door))
    assert (told.status, says in told.text) == (400, True)
    at = body.index(BIG[:100])
    huge = str(MAX_AROUND_FILE_BYTES + 10_000)
    told = full.ask("POST", "/legacy/", [body[: at + 1], SILENCE], headers(door, content_length=huge))
    assert (told.status, says in told.text, told.left) == (400, True, 1), "before a byte of the file"
    assert incoming(door) == []


def test_w15_what_is_there_may_be_sent_again(door: ApiDoor) -> None:
    """W15: however full the quota is, the same file again is answered 200."""
    assert send(with_quotas(door, project_bytes=0, user_bytes=0, index_bytes=0), WHEEL).status == 200


def test_a_full_disk_is_told_before_the_body(door: ApiDoor) -> None:
    """A disk at its reserve: uploads are refused with 503 and when to try again; reading goes on."""
    blobs = FolderBlobs(door.folder / "blobs", Reserve(size_bytes=2**62))
    full = where(door, blobs=blobs)
    told = full.ask("POST", "/legacy/", [b"--", SILENCE], headers(door, content_length="100"))
    assert (told.status, told.headers["retry-after"]) == (503, "30")
    assert "The disk is almost full" in told.text
    assert full.ask("GET", "/pypi/lark/json").status == 200
    free = FolderBlobs(door.folder / "blobs").free_bytes()
    more = headers(door, content_length=str(free * 2 + MAX_AROUND_FILE_BYTES))
    unbounded = where(door, limits=Limits(file_bytes=2**62))
    assert unbounded.ask("POST", "/legacy/", [b"--", SILENCE], more).status == 503


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 19, "x", ""])
def test_a_length_that_is_none_is_no_length(door: ApiDoor, length: str) -> None:
    """What nobody can read says nothing about the file."""
    told = door.ask("POST", "/legacy/", [form(WHEEL, BODIES[WHEEL])], headers(door, content_length=length))
    assert told.status == 200


# Removals

REMOVE = "/projects/Lark/releases/1.0/remove"


def call(door: ApiDoor, method: str, path: str, by: str = "ada", **body: Any) -> tuple[int, Any]:
    """What somebody is answered; root shows a password."""
    credentials = {key.lower(): value for key, value in basic("root", PASSWORD).items()}
    told = door.call(method, path, credentials if by == "root" else door.token(by), **body)
    return told.status, json.loads(told.body)


def test_files_and_releases_are_removed(door: ApiDoor) -> None:
    """The answer names what is gone; a release is meant when no file is named."""
    told = {"project": "Lark", "version": "1.0"}
    assert call(door, "POST", REMOVE, reason="A secret.", files=[OTHER]) == (
        200,
        {**told, "removed": [OTHER]},
    )
    _, shown = call(door, "GET", "/projects/lark")
    assert [file["filename"] for file in shown["files"]] == [WHEEL]
    assert call(door, "POST", REMOVE, reason="All of it.") == (200, {**told, "removed": [WHEEL]})
    _, shown = call(door, "GET", "/projects/lark")
    assert (shown["files"], shown["versions"]) == ([], [])
    for path in ("/pypi/lark/json", "/pypi/lark/1.0/json"):
        assert door.ask("GET", path).status == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "body-invalid"),
        ({"reason": ""}, 400, "reason-missing"),
        ({"reason": "x", "files": ["nothing.whl"]}, 400, "file-unknown"),
        ({"reason": "x", "force": True}, 400, "body-invalid"),
    ],
)
def test_removals_that_are_refused(door: ApiDoor, body: Mapping[str, Any], status: int, code: str) -> None:
    """A reason must be there, files must be the release's, and other fields are unknown."""
    answered, told = call(door, "POST", REMOVE, **body)
    assert (answered, told["code"]) == (status, code)


def test_strangers_remove_nothing(door: ApiDoor) -> None:
    """Only owners may."""
    assert call(door, "POST", REMOVE, by="eve", reason="x")[0] == 403


def test_v54_either_spelling_finds_the_release(door: ApiDoor) -> None:
    """V54: documents, yanks and files of ``1``, ``1.0`` and ``1.0.0`` are one release's, which is told as it came first."""
    name = "lark-1.0.0-7-py3-none-any.whl"
    BODIES[name] = make_wheel("lark", "1.0.0", build="7")
    try:
        assert send(door, name).status == 200
    finally:
        data = BODIES.pop(name)
    for spelling in ("1", "1.0", "1.0.0", "v1.0"):
        told = json.loads(door.ask("GET", f"/pypi/lark/{spelling}/json").body)
        assert told["info"]["version"] == "1.0"
        assert {url["filename"] for url in told["urls"]} == {WHEEL, OTHER, name}
    whole = json.loads(door.ask("GET", "/pypi/lark/json").body)
    assert list(whole["releases"]) == ["1.0"]
    status, yanked = call(door, "POST", "/projects/lark/releases/1.0.0/yank", reason="Broken.")
    assert (status, set(yanked["yanked"])) == (200, {WHEEL, OTHER, name})
    assert len(data) > 0


# Quotas and names


def test_administrators_change_quotas(door: ApiDoor) -> None:
    """What is there, and the quota of its own, are answered; nobody else may, and a size must be one."""
    used = sum(map(len, BODIES.values()))
    told = {"used": used, "quota": 20 * 1024**3}
    assert call(door, "PUT", "/projects/lark/quota", "root", quota="20GiB") == (
        200,
        {"project": "lark", **told},
    )
    assert call(door, "PUT", "/users/ada/quota", "root", quota="20GiB") == (200, {"user": "ada", **told})
    assert call(door, "PUT", "/users/ada/quota", "root", quota="default")[1]["quota"] is None
    assert call(door, "PUT", "/projects/lark/quota", quota="20GiB")[0] == 403
    assert call(door, "PUT", "/users/ada/quota", quota="20GiB")[0] == 403
    for body in ({}, {"quota": "much"}, {"quota": 5}):
        assert call(door, "PUT", "/projects/lark/quota", "root", **body)[0] == 400


def test_administrators_override_names(door: ApiDoor) -> None:
    """V49, V50: a name that is not for everybody is created by an administrator who says so, and by nobody else."""
    for name in ("json", "1ark"):
        status, told = call(door, "POST", "/projects", name=name)
        assert (status, told["code"] in {"name-of-stdlib", "name-look-alike"}) in {(400, True), (409, True)}
        assert call(door, "POST", "/projects", name=name, override=True)[0] == 403
        assert call(door, "POST", "/projects", "root", name=name)[0] == status
        assert call(door, "POST", "/projects", "root", name=name, override=True)[0] == 201
    with door.world.store.read() as tx:
        assert find_project(tx, "json").name.display == "json"
