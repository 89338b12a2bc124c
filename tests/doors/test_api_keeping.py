"""The calls that yank, mark and close a project: what they answer, what they refuse, and how bodies are read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import parse_wheel_filename
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.archives import make_wheel
from tests.support.forms import FilePart, form_headers, multipart, upload_fields
from tests.support.world import grant

from homeport.domain.account import Scope
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, Role
from homeport.flows.manage_project import create_project, find_project

WHEEL, BUILD = "lark-1.0-py3-none-any.whl", "lark-1.0-1-py3-none-any.whl"
YANK, UNYANK = "/projects/Lark/releases/1.0/yank", "/projects/Lark/releases/1.0/unyank"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada has a project with one release of two files."""
    with api_door(tmp_path) as opened:
        create_project(opened.world, opened.user("ada"), "lark", HostingMode.ONLY)
        for filename in (WHEEL, BUILD):
            assert upload(opened, filename).status == 200
        yield opened


def upload(door: ApiDoor, filename: str, name: str = "ada") -> Told:
    """Send a file as twine does."""
    number = "".join(str(part) for part in parse_wheel_filename(filename)[2])
    body = make_wheel("lark", files={"lark/name.txt": filename.encode()}, build=number)
    form = multipart(upload_fields(filename, body), [FilePart(filename, body)])
    token = door.token(name)["authorization"].removeprefix("Bearer ")
    headers = {key.lower(): value for key, value in form_headers(token).items()}
    return door.ask("POST", "/legacy/", [form], headers)


def project(door: ApiDoor) -> Project:
    """The project as it is now."""
    with door.world.store.read() as tx:
        return find_project(tx, "lark")


def call(door: ApiDoor, method: str, path: str, **body: Any) -> tuple[int, Any]:
    """What ada is answered."""
    told = door.call(method, path, door.token("ada"), **body)
    return told.status, json.loads(told.body)


def test_a_release_is_yanked_and_unyanked(door: ApiDoor) -> None:
    """The answer names what changed; a release is meant when no file is named, and the same again changes nothing."""
    told = {"project": "Lark", "version": "1.0"}
    assert call(door, "POST", YANK, reason="Broken.") == (200, {**told, "yanked": [WHEEL, BUILD]})
    status, shown = call(door, "GET", "/projects/lark")
    assert status == 200
    assert {file["filename"]: file["yanked"] for file in shown["files"]} == {
        BUILD: "Broken.",
        WHEEL: "Broken.",
    }
    assert call(door, "POST", YANK, reason="Broken.") == (200, {**told, "yanked": []})
    assert call(door, "POST", UNYANK, files=[WHEEL]) == (200, {**told, "unyanked": [WHEEL]})
    assert call(door, "POST", UNYANK, files=[]) == (200, {**told, "unyanked": [BUILD]})
    assert call(door, "POST", YANK, files=[BUILD]) == (200, {**told, "yanked": [BUILD]})
    assert call(door, "POST", UNYANK) == (200, {**told, "unyanked": [BUILD]})


def test_a_status_is_set_and_stops_uploads(door: ApiDoor) -> None:
    """The answer says what is so now; an archived project answers 400 to an upload, and the end of it is at once."""
    path = "/projects/lark/status"
    status, told = call(door, "PUT", path, status="archived", reason=" No time. ")
    assert (status, told.pop("serial") > 0) == (200, True)
    assert told == {"project": "lark", "status": "archived", "reason": "No time."}
    refused = upload(door, "lark-1.0-2-py3-none-any.whl")
    assert refused.status == 400
    assert "lark is archived: it takes no new files." in refused.text
    _, shown = call(door, "GET", "/projects/lark")
    assert (shown["status"], shown["status_reason"], shown["private"]) == ("archived", "No time.", False)
    assert call(door, "PUT", path, status="active")[1]["reason"] == ""
    assert upload(door, "lark-1.0-2-py3-none-any.whl").status == 200


def test_a_visibility_is_set(door: ApiDoor) -> None:
    """The answer says what is so now."""
    path = "/projects/lark/visibility"
    for is_private in (True, False):
        answer = {"project": "lark", "private": is_private}
        assert call(door, "PUT", path, private=is_private) == (200, answer)
        assert project(door).is_private is is_private
        assert call(door, "GET", "/projects/lark")[1]["private"] is is_private


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/projects/lark/releases/9.9/yank", {}, 404, "release-unknown"),
        ("POST", "/projects/nobody/releases/1.0/yank", {}, 404, "project-unknown"),
        ("POST", "/projects/lark/releases/no%20version/yank", {}, 400, "version-invalid"),
        ("POST", YANK, {"files": ["other.whl"]}, 400, "file-unknown"),
        ("POST", YANK, {"files": WHEEL}, 400, "body-invalid"),
        ("POST", YANK, {"files": [1]}, 400, "body-invalid"),
        ("POST", YANK, {"reason": None}, 400, "body-invalid"),
        ("POST", YANK, {"reason": "x" * 1001}, 400, "reason-too-long"),
        ("POST", YANK, {"reason": "\u001b[2J"}, 400, "reason-unprintable"),
        ("POST", UNYANK, {"reason": "Fixed."}, 400, "body-invalid"),
        ("PUT", "/projects/lark/status", {}, 400, "body-invalid"),
        ("PUT", "/projects/lark/status", {"status": "frozen"}, 400, "body-invalid"),
        ("PUT", "/projects/lark/status", {"status": "quarantined", "reason": "x"}, 403, "admin-only"),
        ("PUT", "/projects/lark/status", {"status": "active"}, 409, "status-unchanged"),
        ("PUT", "/projects/lark/visibility", {}, 400, "body-invalid"),
        ("PUT", "/projects/lark/visibility", {"private": "yes"}, 400, "body-invalid"),
        ("PUT", "/projects/lark/visibility", {"private": False}, 409, "visibility-unchanged"),
    ],
)
def test_refusals(
    door: ApiDoor, method: str, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    """What cannot be done is a problem with a stable code and a sentence, and changes nothing."""
    before = project(door)
    told = door.call(method, path, door.token("ada"), **body)
    assert (told.status, told.code, told.headers["content-type"]) == (
        status,
        code,
        "application/problem+json",
    )
    assert json.loads(told.body)["detail"].endswith(".")
    assert project(door) == before


def test_a_missing_field_is_told_once(door: ApiDoor) -> None:
    """Whether it should be a string or a boolean: what is missing is named, and nothing else is wrong."""
    for path, field in (("status", "status"), ("visibility", "private")):
        told = door.call("PUT", f"/projects/lark/{path}", door.token("ada"))
        assert json.loads(told.body)["problems"] == [f"{field} is missing."]


CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", YANK): {"reason": "x"},
    ("POST", UNYANK): {},
    ("PUT", "/projects/lark/status"): {"status": "archived"},
    ("PUT", "/projects/lark/visibility"): {"private": True},
}


@pytest.mark.parametrize("method_and_path", CALLS)
def test_who_may(door: ApiDoor, method_and_path: tuple[str, str]) -> None:
    """Nobody without a token to manage and a role that maintains the project; administrators not by a token."""
    grant(door.world, project(door), door.user("cleo"), Role.READER)
    body = CALLS[method_and_path]
    assert door.call(*method_and_path, {}, **body).status == 401
    for name, scopes in (
        ("ada", (Scope.READ, Scope.UPLOAD)),
        ("cleo", tuple(Scope)),
        ("dan", tuple(Scope)),
    ):
        assert door.call(*method_and_path, door.token(name, *scopes), **body).status == 403, name
    assert door.call(*method_and_path, door.token("ada", Scope.MANAGE), **body).status == 200


def test_a_maintainer_yanks_and_does_not_decide(door: ApiDoor) -> None:
    """Yanks are for who maintains the project; its status and its readers are for owners."""
    grant(door.world, project(door), door.user("bob"))
    token = door.token("bob")
    assert door.call("POST", YANK, token).status == 200
    assert door.call("PUT", "/projects/lark/status", token, status="archived").code == "owner-only"
    assert door.call("PUT", "/projects/lark/visibility", token, private=True).code == "owner-only"


def test_a_reader_is_not_shown_the_sources(door: ApiDoor) -> None:
    """What the management API tells of a project is its maintainers' business."""
    grant(door.world, project(door), door.user("cleo"), Role.READER)
    assert door.call("GET", "/projects/lark", door.token("cleo", *Scope)).code == "role-missing"
    assert upload(door, "lark-1.0-3-py3-none-any.whl", "cleo").status == 403


@pytest.mark.parametrize("version", ["1!2.0+local.7", "2004d"])
def test_odd_versions_are_found(door: ApiDoor, version: str) -> None:
    """An epoch, a local part, a version that is none: what was registered can be yanked."""
    fields = [(":action", "submit"), ("metadata_version", "1.0"), ("name", "lark"), ("version", version)]
    token = door.token("ada")["authorization"].removeprefix("Bearer ")
    headers = {key.lower(): value for key, value in form_headers(token).items()}
    assert door.ask("POST", "/legacy/", [multipart(fields)], headers).status == 200
    assert call(door, "POST", f"/projects/lark/releases/{version}/yank")[0] == 200
