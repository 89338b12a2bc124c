"""The calls about organisations: what they answer, and what they refuse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, api_door

from homeport.domain.account import Scope
from homeport.domain.hosting import HostingMode
from homeport.flows.manage_project import create_project

ACME = "/organisations/acme"
CORE = f"{ACME}/teams/core"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada owns acme and the project lark, and bob and cyd have accounts."""
    with api_door(tmp_path) as opened:
        create_project(opened.world, opened.user("ada"), "Lark", HostingMode.ONLY)
        for name in ("bob", "cyd"):
            opened.user(name)
        assert call(opened, "POST", "/organisations", name="acme", display_name="Acme Labs")[0] == 201
        yield opened


def call(door: ApiDoor, method: str, path: str, as_: str = "ada", **body: Any) -> tuple[int, Any]:
    """What somebody is answered."""
    told = door.call(method, path, door.token(as_, Scope.MANAGE), **body)
    return told.status, json.loads(told.body)


def refused(door: ApiDoor, method: str, path: str, as_: str = "ada", **body: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    status, told = call(door, method, path, as_, **body)
    return status, told["code"]


def test_an_organisation_over_the_api(door: ApiDoor) -> None:
    """People come in by accepting, a project moves in, a team gets a role; what is shown is what was done."""
    status, invitation = call(door, "POST", f"{ACME}/invitations", user="bob")
    assert status == 201
    assert {key: invitation[key] for key in ("organisation", "user", "role", "invited_by")} == {
        "organisation": "acme",
        "user": "bob",
        "role": "member",
        "invited_by": "ada",
    }
    status, mine = call(door, "GET", "/organisations", "bob")
    assert (status, mine) == (200, {"organisations": [], "invitations": [invitation]})
    assert call(door, "GET", ACME)[1]["invitations"] == [invitation]
    accepted = {"organisation": "acme", "user": "bob", "role": "member"}
    assert call(door, "POST", f"{ACME}/accept", "bob") == (200, accepted)
    moved = {"project": "Lark", "organisation": "acme"}
    assert call(door, "PUT", f"{ACME}/projects/Lark") == (200, moved)
    team = {"name": "core", "members": [], "projects": []}
    assert call(door, "POST", f"{ACME}/teams", name="core") == (201, team)
    added = {"team": "core", "user": "bob", "member": True}
    assert call(door, "PUT", f"{CORE}/members/bob") == (200, added)
    given = {"team": "core", "project": "lark", "role": "maintainer"}
    assert call(door, "PUT", f"{CORE}/projects/lark", role="maintainer") == (200, given)
    status, shown = call(door, "GET", ACME, "bob")
    assert status == 200
    assert shown.pop("created")
    assert shown == {
        "name": "acme",
        "display_name": "Acme Labs",
        "role": "member",
        "members": [{"user": "ada", "role": "owner"}, {"user": "bob", "role": "member"}],
        "invitations": [],
        "teams": [
            {"name": "core", "members": ["bob"], "projects": [{"project": "lark", "role": "maintainer"}]}
        ],
        "projects": ["lark"],
    }
    status, members = call(door, "GET", "/projects/lark/members", "bob")
    assert status == 200
    assert members["members"] == [
        {"user": "ada", "role": "owner", "through": ""},
        {"user": "bob", "role": "maintainer", "through": "team acme/core"},
    ]


def test_all_of_it_is_taken_back(door: ApiDoor) -> None:
    """Roles, people, teams and projects go as they came."""
    for user in ("bob", "cyd"):
        call(door, "POST", f"{ACME}/invitations", user=user, role="owner")
    gone = {"organisation": "acme", "user": "cyd", "role": None}
    assert call(door, "DELETE", f"{ACME}/invitations/cyd") == (200, gone)
    assert call(door, "POST", f"{ACME}/invitations", user="cyd")[0] == 201
    assert call(door, "POST", f"{ACME}/decline", "cyd") == (200, gone)
    assert call(door, "POST", f"{ACME}/accept", "bob")[1]["role"] == "owner"
    lowered = {"organisation": "acme", "user": "bob", "role": "member"}
    assert call(door, "PUT", f"{ACME}/members/bob", role="member") == (200, lowered)
    call(door, "PUT", f"{ACME}/projects/lark")
    call(door, "POST", f"{ACME}/teams", name="core")
    call(door, "PUT", f"{CORE}/members/bob")
    call(door, "PUT", f"{CORE}/projects/lark", role="reader")
    taken = {"team": "core", "project": "lark", "role": None}
    assert call(door, "DELETE", f"{CORE}/projects/lark") == (200, taken)
    left = {"team": "core", "user": "bob", "member": False}
    assert call(door, "DELETE", f"{CORE}/members/bob") == (200, left)
    assert call(door, "DELETE", CORE) == (200, {"organisation": "acme", "deleted": "core"})
    out = {"project": "lark", "organisation": None}
    assert call(door, "DELETE", f"{ACME}/projects/lark") == (200, out)
    gone = {"organisation": "acme", "user": "bob", "role": None}
    assert call(door, "DELETE", f"{ACME}/members/bob", "bob") == (200, gone)
    shown = call(door, "GET", ACME)[1]
    assert [shown[key] for key in ("members", "invitations", "teams", "projects")] == [
        [{"user": "ada", "role": "owner"}],
        [],
        [],
        [],
    ]


def test_every_call_is_an_owners(door: ApiDoor) -> None:
    """A member changes nothing; a stranger sees nothing either; both are answered 403."""
    call(door, "POST", f"{ACME}/invitations", user="bob")
    call(door, "POST", f"{ACME}/accept", "bob")
    call(door, "POST", f"{ACME}/teams", name="core")
    call(door, "PUT", f"{ACME}/projects/lark")
    before = call(door, "GET", ACME)
    changes: list[tuple[str, str, dict[str, str]]] = [
        ("PUT", "/members/bob", {"role": "owner"}),
        ("DELETE", "/members/ada", {}),
        ("POST", "/invitations", {"user": "cyd"}),
        ("DELETE", "/invitations/cyd", {}),
        ("PUT", "/projects/lark", {}),
        ("DELETE", "/projects/lark", {}),
        ("POST", "/teams", {"name": "docs"}),
        ("DELETE", "/teams/core", {}),
        ("PUT", "/teams/core/members/bob", {}),
        ("DELETE", "/teams/core/members/bob", {}),
        ("PUT", "/teams/core/projects/lark", {"role": "owner"}),
        ("DELETE", "/teams/core/projects/lark", {}),
    ]
    for who in ("bob", "cyd"):
        for method, path, body in changes:
            assert refused(door, method, ACME + path, who, **body) == (403, "organisation-owner-only")
    assert refused(door, "GET", ACME, "cyd") == (403, "organisation-member-only")
    assert call(door, "GET", ACME) == before


def test_what_is_wrong_is_said(door: ApiDoor) -> None:
    """Unknown words, missing fields, unknown organisations and the last owner are refused, each with its code."""
    assert refused(door, "POST", "/organisations") == (400, "body-invalid")
    assert refused(door, "POST", "/organisations", name="acme") == (409, "organisation-exists")
    assert refused(door, "PUT", f"{ACME}/members/ada", role="manager") == (400, "body-invalid")
    assert refused(door, "PUT", f"{ACME}/members/ada", role="member") == (409, "last-organisation-owner")
    assert refused(door, "DELETE", f"{ACME}/members/ada") == (409, "last-organisation-owner")
    assert refused(door, "GET", "/organisations/able") == (404, "organisation-unknown")
    assert refused(door, "POST", f"{ACME}/accept") == (404, "invitation-unknown")
    assert refused(door, "DELETE", CORE) == (404, "team-unknown")
    assert refused(door, "PUT", f"{CORE}/members/ada", more="yes") == (400, "body-invalid")


def test_a_token_to_upload_sees_nothing(door: ApiDoor) -> None:
    """A token needs the scope to manage, or to read what is only shown."""
    uploads = door.call("GET", ACME, door.token("ada", Scope.UPLOAD))
    assert (uploads.status, uploads.code) == (403, "token-scope")
    reads = door.token("ada", Scope.READ)
    assert door.call("GET", ACME, reads).status == 200
    changes = door.call("POST", f"{ACME}/teams", reads, name="core")
    assert (changes.status, changes.code) == (403, "token-scope")


def test_scripts_are_told_effective_roles(door: ApiDoor) -> None:
    """XML-RPC tells who maintains a project, whatever the role comes from."""
    call(door, "POST", f"{ACME}/invitations", user="bob", role="owner")
    call(door, "POST", f"{ACME}/accept", "bob")
    call(door, "PUT", f"{ACME}/projects/lark")
    for method, argument, expected in (
        ("package_roles", "lark", (b"<string>bob</string>", b"<string>Owner</string>")),
        ("user_packages", "bob", (b"<string>Lark</string>", b"<string>Owner</string>")),
    ):
        question = (
            f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params><param><value>"
            f"<string>{argument}</string></value></param></params></methodCall>"
        )
        told = door.ask("POST", "/pypi", [question.encode()], {"content-type": "text/xml"})
        assert told.status == 200
        for part in expected:
            assert part in told.body
