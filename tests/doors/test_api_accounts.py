"""Calls on accounts: one's own, and, for administrators in person, everybody's."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.support.api_door import ApiDoor, Told
from tests.support.mail import Post, mail_index
from tests.support.web_index import WebIndex

from homeport.domain.account import Caller, Scope
from homeport.flows.sign_in import add_user
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.users import PAGE_LENGTH

PASSWORD, ANOTHER = "correct horse battery stable", "staple of horses and batteries"


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[tuple[WebIndex, Post]]:
    """An index that sends mail, with ada and the administrator root."""
    with mail_index(tmp_path) as (index, post):
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        add_user(index.world, "root", "root@example.org", PASSWORD, is_admin=True)
        yield index, post


@pytest.fixture
def door(posted: tuple[WebIndex, Post], tmp_path: Path) -> ApiDoor:
    """Its door for programs."""
    return ApiDoor(posted[0].world, posted[0].app, tmp_path)


def as_(name: str, password: str = PASSWORD) -> dict[str, str]:
    """Credentials of a person."""
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def call(door: ApiDoor, method: str, path: str, who: str = "root", **body: Any) -> Any:
    """What a call that must succeed answers."""
    told = door.call(method, path, as_(who), **body)
    assert told.status in {200, 201}, told.text
    return json.loads(told.body)


def test_who_am_i(door: ApiDoor) -> None:
    """A person is told all, a token whose it is and no address: it lies in build logs sooner or later."""
    assert call(door, "GET", "/account", "ada") == {
        "name": "ada",
        "email": "ada@example.org",
        "email_verified": False,
        "admin": False,
    }
    wish = TokenWish(scopes=frozenset({Scope.UPLOAD}))
    token = create_token(door.world, Caller(door.user("ada")), wish).text
    told = door.call("GET", "/account", {"authorization": f"Bearer {token}"})
    assert json.loads(told.body) == {"name": "ada"}


def test_another_address_by_mail(door: ApiDoor, posted: tuple[WebIndex, Post]) -> None:
    """The answer says that a link was sent, and so it was."""
    answer = call(door, "PUT", "/account/email", "ada", email="new@example.org")
    assert answer == {"email": "new@example.org", "link_sent": True}
    assert len(posted[1].links("new@example.org")) == 1


def test_another_password(door: ApiDoor) -> None:
    """The present one is asked for again; the new one counts from the next call on."""
    wrong = door.call("PUT", "/account/password", as_("ada"), present="wrong", password=ANOTHER)
    assert (wrong.status, wrong.code) == (403, "password-wrong")
    call(door, "PUT", "/account/password", "ada", present=PASSWORD, password=ANOTHER)
    assert door.call("GET", "/account", as_("ada")).status == 401
    assert door.call("GET", "/account", as_("ada", ANOTHER)).status == 200


def test_an_account_from_its_beginning_to_its_end(door: ApiDoor) -> None:
    """Added, given another link, promoted, demoted, disabled, enabled: each answer says how it stands."""
    made = call(door, "POST", "/users", name="bob", email="bob@example.org")
    again = call(door, "POST", "/users/bob/link")
    for link in (made, again):
        assert link["link"].startswith("https://index.test/set-password/")
        assert link["until"].endswith("Z")
    assert made["link"] != again["link"]
    assert call(door, "PUT", "/users/bob/admin", admin=True) == {"name": "bob", "admin": True}
    assert call(door, "GET", "/users/bob")["admin"] is True
    assert call(door, "PUT", "/users/bob/admin", admin=False) == {"name": "bob", "admin": False}
    disabled = call(door, "PUT", "/users/bob/disabled", disabled=True)
    assert (disabled["disabled"], disabled["disabled_at"] is not None) == (True, True)
    enabled = call(door, "PUT", "/users/bob/disabled", disabled=False)
    assert (enabled["disabled"], enabled["disabled_at"]) == (False, None)


def test_accounts_are_listed(door: ApiDoor) -> None:
    """All of them, page by page, or those that a search finds: what is asked stands in the address."""
    for number in range(PAGE_LENGTH):
        add_user(door.world, f"lark{number:03}", f"lark{number:03}@birds.example", None, is_admin=False)
    first = call(door, "GET", "/users")
    second = call(door, "GET", f"/users?after={quote(first['after'])}")
    names = [user["name"] for user in (*first["users"], *second["users"])]
    assert (len(names), second["after"]) == (PAGE_LENGTH + 2, "")
    assert names == sorted(set(names))
    (found,) = call(door, "GET", "/users?q=lark007")["users"]
    assert (found["name"], found["email"], found["disabled"]) == ("lark007", "lark007@birds.example", False)


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/users", {}),
    ("POST", "/users", {"name": "bob", "email": "bob@example.org"}),
    ("GET", "/users/ada", {}),
    ("POST", "/users/ada/link", {}),
    ("PUT", "/users/ada/disabled", {"disabled": True}),
    ("PUT", "/users/ada/admin", {"admin": True}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_administrators_in_person(door: ApiDoor, method: str, path: str, body: dict[str, Any]) -> None:
    """Nobody, somebody else, and an administrator's token are refused, each in its way; nothing happens."""

    def refused(headers: dict[str, str]) -> tuple[int, str]:
        told: Told = door.call(method, path, headers, **body)
        return told.status, told.code

    wish = TokenWish(scopes=frozenset(Scope))
    token = create_token(door.world, Caller(door.user("root")), wish).text
    assert refused({}) == (401, "credentials-missing")
    assert refused(as_("ada")) == (403, "admin-only")
    assert refused({"authorization": f"Bearer {token}"}) == (403, "admin-only")
    ada = door.user("ada")
    assert (ada.is_admin, ada.is_disabled) == (False, False)
    with door.world.store.read() as tx:
        assert tx.users.by_name("bob") is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/account/email", {}),
        ("PUT", "/account/password", {"present": PASSWORD}),
        ("POST", "/users", {"name": "bob"}),
        ("POST", "/users", {"name": "bob", "email": "bob@example.org", "admin": "yes"}),
        ("POST", "/users/ada/link", {"lasts": "3d"}),
        ("PUT", "/users/ada/disabled", {}),
        ("PUT", "/users/ada/admin", {"admin": 1}),
        ("GET", "/users?limit=9", {}),
    ],
)
def test_what_a_call_does_not_understand(door: ApiDoor, method: str, path: str, body: dict[str, Any]) -> None:
    """What is missing, wrong or unknown is refused by name, before anything is done."""
    told = door.call(method, path, as_("root"), **body)
    assert (told.status, told.code) == (400, "body-invalid")
