"""Between a request and its answer: who may see, what nobody expected, methods that are not there, odd values."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from tests.support.api_door import ApiDoor, api_door
from tests.support.forms import BOUNDARY, multipart
from tests.support.world import grant

from homeport.api.app import api_routes
from homeport.api.errors import no_route
from homeport.domain.account import Caller, Scope
from homeport.domain.hosting import HostingMode
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import create_project

ACCIDENT = "it is not your doing"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door."""
    with api_door(tmp_path) as opened:
        yield opened


# What nobody expected


@pytest.fixture
def accidents(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> ApiDoor:
    """A door behind which everything fails."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of it")

    for name in ("management.show_project", "upload.metadata_from_form", "upload.caller_of"):
        monkeypatch.setattr(f"homeport.api.{name}", broken)
    return door


def test_an_accident_of_a_call(accidents: ApiDoor, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody expected is logged once and whole, and told by the id it is found by."""
    with caplog.at_level(logging.INFO, "homeport"):
        told = accidents.call("GET", "/projects/lark", accidents.token("ada"))
    assert (told.status, told.headers["content-type"]) == (500, "application/problem+json")
    require_logged_once(told.text, caplog)
    assert json.loads(told.body)["code"] == vars(caplog.records[0])["fields"]["error_id"]


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_an_accident_of_an_upload(accidents: ApiDoor, caplog: pytest.LogCaptureFixture, accept: str) -> None:
    """An uploading client is told where it looks: a line, or the JSON it asks for."""
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "accept": accept}
    with caplog.at_level(logging.INFO, "homeport"):
        told = accidents.ask("POST", "/legacy/", [multipart([(":action", "submit")])], headers)
    wanted = "application/json" if accept == "application/json" else "text/plain; charset=utf-8"
    assert (told.status, told.headers["content-type"]) == (500, wanted)
    require_logged_once(told.text, caplog)


def require_logged_once(text: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the error once, under an id that the answer names; the answer has nothing else of it."""
    (record,) = caplog.records
    assert vars(record)["fields"]["error_id"] in text
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
    assert ACCIDENT in text
    assert not [word for word in ("secret", "ZeroDivision", "Traceback") if word in text]


# What is not there


def test_what_the_router_answers(door: ApiDoor) -> None:
    """Below the API, an address and a method that are not there are told as problems; elsewhere on one line."""
    nowhere = door.ask("GET", "/api/v1/nothing", [])
    assert (nowhere.status, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(nowhere.body)["code"] == "call-unknown"
    other = door.ask("DELETE", "/api/v1/openapi.json", [])
    assert (other.status, other.headers["allow"].replace("HEAD", "").strip(", ")) == (405, "GET")
    assert "DELETE is not for this address" in json.loads(other.body)["detail"]
    plain = door.ask("GET", "/nowhere", [])
    assert (plain.status, plain.body) == (404, b"Not Found\n")
    with pytest.raises(TypeError, match="not what the router raises"):
        no_route(Request({"type": "http"}), ValueError("x"))


# Who may see a project


def test_a_project_is_shown_to_its_people(door: ApiDoor) -> None:
    """Members see it with a token to manage or to read; others, and other tokens, do not."""
    project = create_project(door.world, door.user("ada"), "Lark", HostingMode.CACHE)
    grant(door.world, project, door.user("bob"))

    def see(name: str, *scopes: Scope) -> int:
        return door.call("GET", "/projects/lark", door.token(name, *scopes)).status

    assert [see("ada"), see("bob", Scope.READ), see("bob", Scope.MANAGE)] == [200, 200, 200]
    assert [see("ada", Scope.UPLOAD), see("eve"), see("eve", Scope.READ)] == [403, 403, 403]
    assert door.call("GET", "/projects/lark", {}).status == 401


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("mode", {"mode": "pypi-ext"}),
        ("mode", {"mode": "pypi-only"}),
        ("status", {"status": "quarantined", "reason": "Malware."}),
        ("status", {"status": "archived"}),
        ("visibility", {"private": False}),
    ],
)
def test_a_private_project_is_as_one_that_is_not_there(
    door: ApiDoor, call: str, body: dict[str, Any]
) -> None:
    """Whoever has no role in it learns nothing of it by what they are refused; its people learn what they lack."""
    project = create_project(door.world, door.user("ada"), "lark", HostingMode.CACHE)
    change_visibility(door.world, Caller(door.user("ada")), "lark", is_private=True)
    grant(door.world, project, door.user("bob"))

    def refused(name: str, project: str) -> tuple[int, str]:
        told = door.call("PUT", f"/projects/{project}/{call}", door.token(name), **body)
        return told.status, told.text.replace(project, "NAME")

    assert refused("eve", "lark") == refused("eve", "wren")
    assert refused("eve", "lark")[0] == 404
    assert refused("bob", "lark")[0] == 403


# Methods


def test_every_method_that_is_there_is_named(door: ApiDoor) -> None:
    """405 names all methods of an address: a program learns what it may do there."""
    for path, allowed in (
        ("/api/v1/projects", {"POST"}),
        ("/api/v1/projects/lark/rehosts", {"GET", "HEAD", "POST"}),
        ("/api/v1/projects/lark/mode", {"PUT"}),
        ("/api/v1/projects/lark/status", {"PUT"}),
        ("/api/v1/projects/lark/visibility", {"PUT"}),
        ("/api/v1/projects/lark/releases/1.0/yank", {"POST"}),
        ("/api/v1/projects/lark/releases/1.0/unyank", {"POST"}),
        ("/legacy/", {"GET", "HEAD", "POST"}),
        ("/healthz", {"GET", "HEAD"}),
        ("/readyz", {"GET", "HEAD"}),
    ):
        for method in ("OPTIONS", "DELETE", "PATCH", "TRACE", "FOO"):
            told = door.ask(method, path)
            assert (told.status, set(told.headers["allow"].split(", "))) == (405, allowed), (method, path)


def test_head_is_answered_as_get(door: ApiDoor) -> None:
    """HEAD has the status and the length that GET has."""
    create_project(door.world, door.user("ada"), "Lark", HostingMode.ONLY)
    token = door.token("ada")
    for path, headers in (
        ("/api/v1/projects/lark", token),
        ("/api/v1/projects/lark", {}),
        ("/api/v1/rehosts/1", token),
        ("/legacy/", {}),
        ("/readyz", {}),
    ):
        head, get = door.ask("HEAD", path, (), headers), door.ask("GET", path, (), headers)
        assert (head.status, head.headers) == (get.status, get.headers), path


def test_no_address_is_there_twice(door: ApiDoor) -> None:
    """A path has one route: what follows a second one would never be asked."""
    paths = [route.path for route in api_routes(door.world)]
    assert len(paths) == len(set(paths))


# Odd values


@pytest.mark.parametrize(
    "number", ["9" * 19, "9" * 5_000, "-1", "1.0", "0x1", "٣", "first", "%00", "1%0A", "%FF"]
)
def test_rehosts_that_are_no_number(door: ApiDoor, number: str) -> None:
    """An id is up to eighteen ASCII digits; whatever else is asked for is not here."""
    number = number.replace("٣", "%D9%A3")
    for method, end in (("GET", ""), ("POST", "/refuse"), ("POST", "/retry"), ("POST", "/withdraw")):
        told = door.ask(method, f"/api/v1/rehosts/{number}{end}", [b""], door.token("ada"))
        assert (told.status, told.code) == (404, "rehost-unknown")


ODD: list[object] = [
    None, True, 0, -1, 10**400, 1.5, float("inf"), "", "\0", "é", "\u202e", "a\r\nset-cookie: x=y", "x" * 70_000, [], [None], {}, {"a": {}},
]  # fmt: skip
FIELDS = {
    ("POST", "/projects"): ["name", "mode"],
    ("POST", "/projects/lark/sources"): ["kind", "url"],
    ("PUT", "/projects/lark/mode"): ["mode", "reason", "until", "consent", "acknowledge_loss"],
    ("PUT", "/projects/lark/status"): ["status", "reason"],
    ("PUT", "/projects/lark/visibility"): ["private"],
    ("POST", "/projects/lark/releases/1.0/yank"): ["reason", "files"],
    ("POST", "/projects/lark/releases/1.0/unyank"): ["files"],
    ("POST", "/projects/lark/rehosts"): ["version"],
    ("POST", "/projects/lark/update-cache"): ["version"],
    ("POST", "/rehosts/1/accept"): ["plan_digest", "basis", "text", "accept", "sha256"],
    ("POST", "/rehosts/1/refuse"): ["reason"],
}
GOOD = {
    "name": "wren",
    "mode": "pypi-cache",
    "kind": "homepage",
    "url": "https://example.org/",
    "plan_digest": "0" * 64,
    "basis": "author",
    "status": "archived",
}


@pytest.mark.parametrize("call", FIELDS)
def test_no_value_is_an_accident(
    door: ApiDoor, caplog: pytest.LogCaptureFixture, call: tuple[str, str]
) -> None:
    """Whatever is sent in a field, the answer is a plain yes or a refusal with a reason."""
    create_project(door.world, door.user("ada"), "Lark", HostingMode.CACHE)
    token = door.token("ada")
    for field in FIELDS[call]:
        for value in (*ODD, {"1": 1.5}, {"9" * 400: "0" * 64}, [10**400]):
            body: dict[str, Any] = {
                **{name: GOOD[name] for name in FIELDS[call] if name in GOOD},
                field: value,
            }
            told = door.call(*call, token, **body)
            assert told.status < 500 or told.status == 503, (field, value, told.text)
            assert "set-cookie" not in told.headers
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("path", ["/api/v1/projects/{}", "/api/v1/projects/{}/rehosts"])
@pytest.mark.parametrize(
    "name", ["%00", "%0d%0aSet-Cookie:%20x=y", "%FF%FE", "%ED%A0%80", "x" * 9_000, "%E2%82%AC", ".", ".."]
)
def test_names_that_are_none(door: ApiDoor, path: str, name: str) -> None:
    """A name that no project can have is refused, and leaves no trace in the header."""
    told = door.ask("GET", path.format(name), (), door.token("ada"))
    assert told.status in {400, 404}
    assert "set-cookie" not in told.headers
