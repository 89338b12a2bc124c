"""Signing in by user name and password at the machine doors: limits, second factors, and where a try came from."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.world import BASE_URL

from homeport.api.app import api_routes
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.domain.throttle import parse_proxies
from homeport.flows.sign_in import add_user

PASSWORD = "correct horse battery"
UPLOAD = ("POST", "/legacy/")
CALL = ("POST", "/api/v1/projects")
CHANGES = [
    UPLOAD,
    CALL,
    ("POST", "/"),
    ("PUT", "/api/v1/projects/demo/mode"),
    ("DELETE", "/api/v1/webhooks/1"),
]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """An index with somebody who has a password."""
    with api_door(tmp_path) as door:
        add_user(door.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        yield door


def basic(name: str, password: str, **more: str) -> dict[str, str]:
    """The header field of a user name and a password; ``more`` are fields as well."""
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {
        "authorization": f"Basic {text}",
        **{field.replace("_", "-"): value for field, value in more.items()},
    }


def ask(door: ApiDoor, where: tuple[str, str], headers: dict[str, str]) -> Told:
    """A request whose body does not matter."""
    return door.ask(*where, [b"{}"], headers)


def give_factor(door: ApiDoor, name: str) -> None:
    """Let a person have a second factor."""
    now = door.world.clock.now()
    with door.world.store.write() as tx:
        user = tx.users.by_name(name)
        assert user is not None
        tx.second_factors.add(user.id, SecondFactor(0, FactorKind.APP, "phone", bytes(20), 0, now))


@pytest.mark.parametrize("where", [UPLOAD, CALL])
def test_too_many_tries_are_429(door: ApiDoor, where: tuple[str, str]) -> None:
    """The eleventh is told when to come back, whatever its password; a token works meanwhile."""
    for number in range(10):
        assert ask(door, where, basic(f"user{number}", "wrong")).status == 401
    told = ask(door, where, basic("ada", PASSWORD))
    assert told.status == 429
    assert 0 < int(told.headers["retry-after"]) <= 300
    assert "Too many tries failed" in told.text
    assert "www-authenticate" not in told.headers
    assert ask(door, where, door.token("ada")).status not in {401, 403, 429}


@pytest.mark.parametrize("where", [UPLOAD, CALL])
def test_a_second_factor_ends_passwords(door: ApiDoor, where: tuple[str, str]) -> None:
    """The right password is refused with what to do; a wrong one learns nothing; a token works."""
    give_factor(door, "ada")
    told = ask(door, where, basic("ada", PASSWORD))
    assert told.status == 403
    assert f"({door.world.base_url}/account/tokens/, or homeport token create --user ada)" in told.text
    assert ask(door, where, basic("ada", "wrong")).status == 401
    assert ask(door, where, door.token("ada")).status not in {401, 403}


def test_nothing_is_done_for_a_page_of_another_site(door: ApiDoor) -> None:
    """Whatever credentials the browser remembers: they are not even looked at, and nobody is asked for others."""
    for said in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": BASE_URL},
        {"sec-fetch-site": ""},
        {"origin": "https://evil.test"},
        {"origin": f"{BASE_URL}.evil.test"},
        {"origin": BASE_URL.replace("https:", "http:")},
        {"origin": "null"},
    ):
        for where in CHANGES:
            for credentials in ({}, basic("ada", PASSWORD)):
                told = ask(door, where, credentials | said)
                assert (told.status, "www-authenticate" in told.headers) == (403, False), (where, said)
                assert "A page of another site had a browser send this" in told.text


def test_programs_and_our_own_pages_are_answered(door: ApiDoor) -> None:
    """What says nothing of pages is a program; what a person typed into the browser comes from no page."""
    for said in (
        {},
        {"origin": BASE_URL},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", "origin": "https://evil.test"},
    ):
        for where in CHANGES:
            told = ask(door, where, door.token("ada") | said)
            assert told.status != 401, (where, said)
            assert "page of another site" not in told.text, (where, said)


def test_what_changes_nothing_is_asked_from_anywhere(door: ApiDoor) -> None:
    """A link on another site leads here; what its page reads of it is for the browser to say."""
    said = basic("ada", PASSWORD, sec_fetch_site="cross-site", origin="https://evil.test")
    for method in ("GET", "HEAD"):
        assert door.ask(method, "/api/v1/invitations", (), said).status == 200


def test_a_code_says_that_a_page_sent_it(door: ApiDoor) -> None:
    """What a form on another site sends as text would otherwise be a whole call of an administrator."""
    add_user(door.world, "root", "root@example.org", PASSWORD, is_admin=True)
    body = b'{"name":"eve","admin":true,"email":"a=b@evil.test"}\r\n'
    said = basic("root", PASSWORD, origin="https://evil.test") | {"content-type": "text/plain"}
    assert door.ask("POST", "/api/v1/users", [body], said).code == "call-from-elsewhere"
    with door.world.store.read() as tx:
        assert tx.users.by_name("eve") is None
    del said["origin"]
    assert door.ask("POST", "/api/v1/users", [body], said).status == 201


def test_a_trusted_proxy_tells_who_tries(door: ApiDoor) -> None:
    """Behind it everybody has their own count; whoever writes the header without being it has the peer's."""
    trusting = replace(door.world, proxies=parse_proxies("127.0.0.1"))
    trusted = replace(door, app=Starlette(routes=api_routes(trusting)), world=trusting)
    for number in range(11):
        headers = basic(f"user{number}", "wrong", x_forwarded_for=f"203.0.113.{number}")
        assert ask(trusted, CALL, headers).status == 401
    for number in range(10):
        headers = basic(f"other{number}", "wrong", x_forwarded_for=f"203.0.113.{number}")
        assert ask(door, CALL, headers).status == 401
    assert ask(door, CALL, basic("ada", PASSWORD, x_forwarded_for="203.0.113.99")).status == 429
