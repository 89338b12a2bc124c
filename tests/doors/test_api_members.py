"""The calls about members and invitations: what they answer, and what they refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, api_door
from tests.support.world import grant

from homeport.domain.account import Scope
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Role
from homeport.flows.manage_project import create_project

MEMBERS, INVITATIONS = "/projects/Lark/members", "/projects/Lark/invitations"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada owns lark, and bob has an account."""
    with api_door(tmp_path) as opened:
        create_project(opened.world, opened.user("ada"), "Lark", HostingMode.ONLY)
        opened.user("bob")
        yield opened


def call(door: ApiDoor, who: str, method: str, path: str, **body: Any) -> tuple[int, Any]:
    """What somebody is answered who asks by a token to manage."""
    told = door.call(method, path, door.token(who, Scope.MANAGE), **body)
    return told.status, json.loads(told.body)


def test_somebody_is_invited_accepts_and_is_listed(door: ApiDoor) -> None:
    """The invitation stands in both lists until it is accepted; then its role does."""
    status, invited = call(door, "ada", "POST", INVITATIONS, user="bob", role="maintainer")
    assert status == 201
    assert {**invited, "id": 0, "created": "", "expires": ""} == {
        "id": 0,
        "project": "lark",
        "user": "bob",
        "role": "maintainer",
        "invited_by": "ada",
        "created": "",
        "expires": "",
    }
    assert invited["expires"].endswith("Z")
    assert call(door, "ada", "GET", MEMBERS) == (
        200,
        {
            "project": "lark",
            "members": [{"user": "ada", "role": "owner", "through": ""}],
            "invitations": [invited],
        },
    )
    assert call(door, "bob", "GET", "/invitations") == (200, {"invitations": [invited]})
    assert call(door, "bob", "POST", f"/invitations/{invited['id']}/accept") == (200, invited)
    assert call(door, "bob", "GET", "/invitations") == (200, {"invitations": []})
    _, shown = call(door, "bob", "GET", MEMBERS)
    assert [(one["user"], one["role"]) for one in shown["members"]] == [
        ("ada", "owner"),
        ("bob", "maintainer"),
    ]
    assert shown["invitations"] == []


@pytest.mark.parametrize(("who", "answer"), [("bob", "decline"), ("ada", "take-back")])
def test_an_invitation_ends_without_a_role(door: ApiDoor, who: str, answer: str) -> None:
    """Declined by the one, or taken back by the other: it can be answered no more."""
    _, invited = call(door, "ada", "POST", INVITATIONS, user="bob", role="owner")
    path = f"/invitations/{invited['id']}"
    assert call(door, who, "POST", f"{path}/{answer}") == (200, invited)
    status, refused = call(door, "bob", "POST", f"{path}/accept")
    assert (status, refused["code"]) == (404, "invitation-unknown")


def test_a_project_is_handed_over(door: ApiDoor) -> None:
    """Invited as owner, accepted, left: in between the project has two owners, and never none."""
    status, refused = call(door, "ada", "DELETE", f"{MEMBERS}/ada")
    assert (status, refused["code"]) == (409, "last-owner")
    _, invited = call(door, "ada", "POST", INVITATIONS, user="bob", role="owner")
    call(door, "bob", "POST", f"/invitations/{invited['id']}/accept")
    assert call(door, "ada", "DELETE", f"{MEMBERS}/ada") == (
        200,
        {"project": "Lark", "user": "ada", "was": "owner"},
    )
    assert call(door, "ada", "GET", MEMBERS)[0] == 403
    assert [one["user"] for one in call(door, "bob", "GET", MEMBERS)[1]["members"]] == ["bob"]


def test_roles_are_changed_and_taken_away(door: ApiDoor) -> None:
    """A member gets another role, and then none; who is no member is refused."""
    path = f"{MEMBERS}/bob"
    status, refused = call(door, "ada", "PUT", path, role="owner")
    assert (status, refused["code"]) == (404, "member-unknown")
    with door.world.store.read() as tx:
        lark = tx.projects.find("lark")
    assert lark is not None
    grant(door.world, lark, door.user("bob"), Role.READER)
    assert call(door, "ada", "PUT", path, role="owner") == (
        200,
        {"project": "Lark", "user": "bob", "role": "owner"},
    )
    assert call(door, "ada", "DELETE", path)[1]["was"] == "owner"
    status, refused = call(door, "ada", "DELETE", path)
    assert (status, refused["code"]) == (404, "member-unknown")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"user": "bob", "role": "admin"}, 400, "body-invalid"),
        ({"user": "bob"}, 400, "body-invalid"),
        ({"role": "owner"}, 400, "body-invalid"),
        ({"user": "nobody", "role": "owner"}, 404, "user-unknown"),
        ({"user": "ada", "role": "reader"}, 409, "member-already"),
    ],
)
def test_what_is_no_invitation(door: ApiDoor, body: dict[str, str], status: int, code: str) -> None:
    """Missing and unknown words, unknown people, and members are refused."""
    got, refused = call(door, "ada", "POST", INVITATIONS, **body)
    assert (got, refused["code"]) == (status, code)


@pytest.mark.parametrize("number", ["0", "4711", "x", "9" * 40])
@pytest.mark.parametrize("answer", ["accept", "decline", "take-back"])
def test_an_invitation_that_is_not_there(door: ApiDoor, number: str, answer: str) -> None:
    """No number that is none finds any."""
    status, refused = call(door, "ada", "POST", f"/invitations/{number}/{answer}")
    assert (status, refused["code"]) == (404, "invitation-unknown")


def test_who_was_called_by_an_address_is_told_of_by_it(door: ApiDoor) -> None:
    """The answer to an invitation names nobody who was not named."""
    bob = door.user("bob")
    with door.world.store.write() as tx:
        tx.users.put_email(bob.id, bob.email, verified_at=door.world.clock.now())
    status, invited = call(door, "ada", "POST", INVITATIONS, user=bob.email, role="reader")
    assert (status, invited["user"]) == (201, bob.email)


def test_strangers_change_nothing(door: ApiDoor) -> None:
    """Who owns nothing invites nobody, sees nobody, and takes nobody's role away."""
    for method, path, body in (
        ("POST", INVITATIONS, {"user": "bob", "role": "owner"}),
        ("GET", MEMBERS, {}),
        ("PUT", f"{MEMBERS}/ada", {"role": "reader"}),
        ("DELETE", f"{MEMBERS}/ada", {}),
    ):
        status, refused = call(door, "bob", method, path, **body)
        assert (status, refused["code"]) == (403, "role-missing")
    assert door.call("GET", MEMBERS, {}).status == 401
