"""XML-RPC at ``/pypi`` (standards A.15, S12, S13): results, faults, and never anything else."""

import json
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.support.api_door import END, SILENCE, ApiDoor, Told, api_door
from tests.support.catalogue import publish

from homeport.api import stream
from homeport.api.app import api_routes
from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Unavailable
from homeport.domain.hosting import HostingMode, Policy
from homeport.flows import changelog
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.yank import yank
from homeport.formats.xmlrpc import MAX_CALL_BYTES, REFUSED, UNKNOWN_METHOD, UNREADABLE, WRONG_ARGUMENTS

XML = {"content-type": "text/xml"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door to an index with My.Demo 1.0 and 1.1rc1, which are ada's."""
    with api_door(tmp_path) as opened:
        ada = opened.user("ada")
        create_project(opened.world, ada, "My.Demo", HostingMode.ONLY)
        publish(opened.world, ada, "my-demo", "1.0", summary="A <small> bird")
        publish(opened.world, ada, "my-demo", "1.1rc1")
        yield opened


def sent(door: ApiDoor, body: bytes, path: str = "/pypi", **headers: str) -> Told:
    """What a body is answered with; it is XML-RPC, whatever happens."""
    told = door.ask("POST", path, [body], XML | headers)
    assert (told.status, told.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert told.headers["cache-control"] == "no-store"
    return told


def read(told: Told) -> Any:
    """What Python's own client makes of an answer."""
    return xmlrpc.client.loads(told.body)[0][0]


def call(door: ApiDoor, method: str, *arguments: Any, path: str = "/pypi") -> Any:
    """What a call is answered with."""
    return read(sent(door, xmlrpc.client.dumps(arguments, method, allow_none=True).encode(), path))


def fault(door: ApiDoor, body: bytes, **headers: str) -> xmlrpc.client.Fault:
    """The fault that a body is answered with."""
    with pytest.raises(xmlrpc.client.Fault) as raised:
        read(sent(door, body, **headers))
    return raised.value


def fault_of(door: ApiDoor, method: str, *arguments: Any) -> xmlrpc.client.Fault:
    """The fault that a call is answered with."""
    return fault(door, xmlrpc.client.dumps(arguments, method, allow_none=True).encode())


# Results


@pytest.mark.parametrize("path", ["/pypi", "/pypi/"])
def test_s12_mirrors_follow(door: ApiDoor, path: str) -> None:
    """The serial, the list and the changelog agree, at both addresses."""
    serial = call(door, "changelog_last_serial", path=path)
    assert serial == 4
    assert call(door, "list_packages_with_serial", path=path) == {"My.Demo": serial}
    rows = call(door, "changelog_since_serial", 1, path=path)
    assert [(name, version, action, at) for name, version, _, action, at in rows] == [
        ("My.Demo", None, "add Owner ada", 2),
        ("My.Demo", "1.0", "add py3 file my_demo-1.0-py3-none-any.whl", 3),
        ("My.Demo", "1.1rc1", "add py3 file my_demo-1.1rc1-py3-none-any.whl", 4),
    ]
    assert all(isinstance(moment, int) for _, _, moment, _, _ in rows)
    assert call(door, "changelog_since_serial", serial, path=path) == []
    assert call(door, "list_packages", path=path) == ["My.Demo"]


def test_s12_a_serial_may_be_a_double(door: ApiDoor) -> None:
    """Some clients write a large integer as a double; a fraction is no serial."""
    assert call(door, "changelog_since_serial", 4.0) == []
    assert fault_of(door, "changelog_since_serial", 4.5).faultCode == WRONG_ARGUMENTS


def test_s12_long_answers_come_in_pieces(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of many windows is one answer, with everything in it."""
    for number in range(5):
        create_project(door.world, door.user("ada"), f"demo{number}", HostingMode.ONLY)
    monkeypatch.setattr(changelog, "_PROJECTS_AT_ONCE", 2)
    monkeypatch.setattr(changelog, "_ENTRIES_AT_ONCE", 3)
    assert list(call(door, "list_packages_with_serial")) == [*(f"demo{n}" for n in range(5)), "My.Demo"]
    assert [row[4] for row in call(door, "changelog_since_serial", 0)] == list(range(1, 15))


def test_changelog_since_a_moment(door: ApiDoor) -> None:
    """Rows are those later than a moment, with their serials when these are asked for."""
    assert [row[3] for row in call(door, "changelog", 0)][:2] == ["create", "add Owner ada"]
    assert [row[4] for row in call(door, "changelog", 0.5, True)] == [1, 2, 3, 4]
    assert call(door, "changelog", 4e9) == []


def test_releases(door: ApiDoor) -> None:
    """The latest release, or all of them, newest first; a yank makes another one the latest."""
    assert call(door, "package_releases", "my_demo") == ["1.0"]
    assert call(door, "package_releases", "My.Demo", True) == ["1.1rc1", "1.0"]
    assert call(door, "package_releases", "My.Demo", 0) == ["1.0"]
    yank(door.world, Caller(door.user("ada")), "my-demo", "1.0")
    assert call(door, "package_releases", "my-demo") == ["1.1rc1"]


def test_release_data_and_urls(door: ApiDoor) -> None:
    """They say what the JSON says; of the release also what only metadata 1 and few others have."""
    document = json.loads(door.ask("GET", "/pypi/my-demo/1.0/json").body)
    info, urls = call(door, "release_data", "my-demo", "1.0"), call(door, "release_urls", "My.Demo", "1.0")
    assert urls == document["urls"]
    assert info.items() >= document["info"].items()
    only_here = {"requires", "provides", "obsoletes", "provides_dist", "obsoletes_dist", "requires_external"}
    assert info.keys() - document["info"].keys() == only_here
    assert (info["summary"], urls[0]["filename"]) == ("A <small> bird", "my_demo-1.0-py3-none-any.whl")


def test_roles(door: ApiDoor) -> None:
    """Who maintains a project, and what somebody maintains."""
    assert call(door, "package_roles", "my-demo") == [["Owner", "ada"]]
    assert call(door, "user_packages", "ada") == [["Owner", "My.Demo"]]
    assert call(door, "user_packages", "nobody") == []


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("package_releases", ["nobody-s"], []),
        ("package_releases", ["no name"], []),
        ("release_urls", ["my-demo", "7"], []),
        ("release_urls", ["nobody-s", "1.0"], []),
        ("release_data", ["my-demo", "no version"], {}),
        ("package_roles", [""], []),
    ],
)
def test_what_is_not_there_is_empty(door: ApiDoor, method: str, arguments: list[str], expected: Any) -> None:
    """As on PyPI, nothing is found where there is nothing."""
    assert call(door, method, *arguments) == expected


# Faults


@pytest.mark.parametrize("method", ["browse", "top_packages", "system.multicall", "__class__", "answer"])
def test_s13_unknown_methods(door: ApiDoor, method: str) -> None:
    """A method that is not there is a fault that names those that are."""
    refused = fault_of(door, method, [], 1)
    assert refused.faultCode == UNKNOWN_METHOD
    assert method in refused.faultString
    assert "changelog_since_serial" in refused.faultString


def test_s13_search_says_where_to_search(door: ApiDoor) -> None:
    """``pip search`` shows its user where else to look."""
    refused = fault_of(door, "search", {"name": ["demo"], "summary": ["demo"]}, "or")
    assert "https://index.test/search/" in refused.faultString


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("changelog_last_serial", [1]),
        ("changelog_since_serial", []),
        ("changelog_since_serial", [1, 2]),
        ("changelog_since_serial", ["1"]),
        ("changelog_since_serial", [True]),
        ("changelog_since_serial", [None]),
        ("changelog_since_serial", [[1]]),
        ("changelog", ["yesterday"]),
        ("changelog", [True]),
        ("changelog", [-1]),
        ("changelog", [1e18]),
        ("changelog", [0, "yes"]),
        ("package_releases", [{"name": "demo"}]),
        ("package_releases", ["demo", "yes"]),
        ("release_urls", ["demo"]),
        ("release_urls", ["demo", 1.0]),
        ("user_packages", [None]),
    ],
)
def test_s13_wrong_arguments(door: ApiDoor, method: str, arguments: list[Any]) -> None:
    """Too few, too many, or of another type: a fault that says what is wanted."""
    refused = fault_of(door, method, *arguments)
    assert refused.faultCode == WRONG_ARGUMENTS
    assert refused.faultString.startswith(f"{method}: ")
    assert "wanted" in refused.faultString or "moment" in refused.faultString


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"<methodCall>",
        b'<!DOCTYPE m [<!ENTITY a "b">]><methodCall><methodName>&a;</methodName></methodCall>',
        b'<!DOCTYPE m SYSTEM "http://127.0.0.1:1/evil.dtd"><methodCall/>',
        b"<a>" * 20_000,
        b'<?xml version="1.0" encoding="rot13"?><methodCall/>',
    ],
)
def test_s13_hostile_xml(door: ApiDoor, body: bytes) -> None:
    """What is no call, or does more than call, is a fault."""
    assert fault(door, body).faultCode == UNREADABLE


def test_s13_a_body_has_a_bound(door: ApiDoor) -> None:
    """More bytes than any call has are not kept."""
    assert fault(door, b" " * (MAX_CALL_BYTES + 1)).faultCode == REFUSED
    assert fault(door, b" " * MAX_CALL_BYTES).faultCode == UNREADABLE


def test_s13_a_body_ends(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who falls silent is left, and who leaves early is told so, if anybody listens."""
    monkeypatch.setattr(stream, "SMALL_BODY_SECONDS", 0.05)
    told = door.ask("POST", "/pypi", [b"<methodCall>", SILENCE], XML)
    assert (told.status, told.headers["connection"]) == (408, "close")
    assert door.ask("POST", "/pypi", [b"<methodCall>", END], XML).status == 200


@pytest.mark.parametrize("media_type", ["text/xml; charset=utf-8", "TEXT/XML", "application/xml"])
def test_what_is_a_call(door: ApiDoor, media_type: str) -> None:
    """A body that says it is XML is a call; everything else is a form, as before."""
    body = xmlrpc.client.dumps((), "changelog_last_serial").encode()
    told = door.ask("POST", "/pypi", [body], {"content-type": media_type})
    assert read(told) == 4
    as_form = door.ask("POST", "/pypi", [body], {"content-type": "text/plain"} | door.token("ada"))
    assert (as_form.status, "multipart/form-data" in as_form.text) == (400, True)


def test_s13_an_accident_is_a_fault(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is a fault with the id that stands in the log."""

    def breaks(*_: object) -> int:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("homeport.api.xmlrpc.listed_projects", breaks)
    refused = fault_of(door, "list_packages")
    assert refused.faultCode == REFUSED
    assert "secret" not in refused.faultString


def test_a_database_that_is_away(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP says that the same call may succeed later, before anything of an answer is sent."""

    def away(*_: object) -> int:
        raise Unavailable("The database is away.", retry_after_seconds=7)

    monkeypatch.setattr("homeport.flows.changelog.last_serial", away)
    body = xmlrpc.client.dumps((), "list_packages_with_serial").encode()
    told = door.ask("POST", "/pypi", [body], XML)
    assert (told.status, told.headers["retry-after"]) == (503, "7")


# Who may read


def test_s05_a_private_project(door: ApiDoor) -> None:
    """Nothing of it is in a list; by its name it is its members' only."""
    change_visibility(door.world, Caller(door.user("ada")), "my-demo", is_private=True)
    assert call(door, "list_packages_with_serial") == {}
    assert call(door, "changelog_since_serial", 0) == []
    assert call(door, "user_packages", "ada") == []
    body = xmlrpc.client.dumps(("my-demo", "1.0"), "release_urls").encode()
    assert door.ask("POST", "/pypi", [body], XML).status == 401
    own = sent(door, body, **door.token("ada", Scope.READ))
    assert read(own)[0]["filename"] == "my_demo-1.0-py3-none-any.whl"
    assert read(sent(door, body, **door.token("bob", Scope.READ))) == []


def test_s05_where_everybody_must_sign_in(door: ApiDoor) -> None:
    """A stranger is asked to sign in, and who may read is answered."""
    world = replace(door.world, policy=Policy(must_sign_in=True))
    shut = replace(door, world=world, app=Starlette(routes=api_routes(world)))
    reader = shut.token("bob", Scope.READ)
    with world.store.read() as tx:
        last = tx.ledger.last()
    cases: tuple[tuple[str, tuple[Any, ...], Any], ...] = (
        ("list_packages", (), ["My.Demo"]),
        ("changelog_last_serial", (), last),
        ("changelog_since_serial", (last,), []),
        ("package_releases", ("my-demo",), ["1.0"]),
        ("package_releases", ("nobody-s",), []),
    )
    for method, arguments, expected in cases:
        body = xmlrpc.client.dumps(arguments, method).encode()
        told = shut.ask("POST", "/pypi", [body], XML)
        assert (told.status, told.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')
        assert read(sent(shut, body, **reader)) == expected
