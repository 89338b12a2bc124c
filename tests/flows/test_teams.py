"""Teams: who is in them, and their roles in projects of their organisation."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.acme import Acme, acme
from tests.support.world import add_project

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.project import Role
from homeport.flows.organisations import transfer_project
from homeport.flows.teams import (
    add_to_team,
    create_team,
    delete_team,
    give_team_role,
    remove_from_team,
    take_team_role,
)

Do = Callable[[Acme, Caller], object]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Acme]:
    """Acme, with the project demo and a team core that bob is in."""
    with acme(tmp_path) as story:
        transfer_project(story.world, story.ada, "acme", "demo")
        create_team(story.world, story.ada, "acme", "core")
        add_to_team(story.world, story.ada, "acme", "core", "bob")
        yield story


def refused(kind: type[Refusal], code: str) -> "pytest.RaisesExc[Refusal]":
    """The refusal that must come."""
    return pytest.raises(kind, check=lambda refusal: refusal.code == code)


def last(story: Acme) -> tuple[str, str, str, dict[str, Any]]:
    """The newest entry."""
    return story.entries()[-1]


def changed(change: str, **more: object) -> dict[str, object]:
    """What an entry says of a change of core."""
    return {"organisation": "acme", "team": "core", "change": change, **more}


def test_a_team_begins_empty(story: Acme) -> None:
    """A new team gives nobody anything; its name is given once, and is a name."""
    assert story.entries()[1] == ("team-changed", "ada", "", changed("created"))
    with refused(Conflict, "team-exists"):
        create_team(story.world, story.ada, "acme", "core")
    with refused(Invalid, "team-name-invalid"):
        create_team(story.world, story.ada, "acme", "The Core")
    assert story.role(story.bob) is None


def test_members_of_a_team_have_its_role(story: Acme) -> None:
    """Who is in the team has its role, and who comes later; the role is replaced, and taken away."""
    for role in (Role.READER, Role.OWNER, Role.MAINTAINER):
        give_team_role(story.world, story.ada, "acme", "core", "Demo", role)
        assert last(story) == ("team-changed", "ada", "demo", changed("role-granted", role=role.value))
        assert story.role(story.bob) is role
        assert story.notices()["bob"][-1].subject == f"The team acme/core is {role} of demo now, by ada"
    with refused(Conflict, "team-unchanged"):
        give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
    assert story.role(story.cyd) is None
    add_to_team(story.world, story.ada, "acme", "core", "cyd")
    assert last(story) == ("team-changed", "ada", "", changed("member-added", user="cyd"))
    assert story.role(story.cyd) is Role.MAINTAINER
    take_team_role(story.world, story.ada, "acme", "core", "demo")
    assert last(story) == ("team-changed", "ada", "demo", changed("role-revoked"))
    assert story.role(story.bob) is story.role(story.cyd) is None
    with refused(NotFound, "team-role-unknown"):
        take_team_role(story.world, story.ada, "acme", "core", "demo")


def test_who_leaves_a_team_loses_its_role(story: Acme) -> None:
    """They stay in the organisation, and are told."""
    give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
    remove_from_team(story.world, story.ada, "acme", "core", "bob")
    assert last(story) == ("team-changed", "ada", "", changed("member-removed", user="bob"))
    assert story.role(story.bob) is None
    assert story.people()["bob"] == "member"
    assert [one.subject for one in story.notices()["bob"]] == [
        "You are in the team acme/core now, by ada",
        "The team acme/core is maintainer of demo now, by ada",
        "You are no longer in the team acme/core, by ada",
    ]
    with refused(NotFound, "team-member-unknown"):
        remove_from_team(story.world, story.ada, "acme", "core", "bob")


def test_a_team_is_of_members(story: Acme) -> None:
    """Only who is in the organisation is put into its team, and once."""
    with refused(Conflict, "team-outsider"):
        add_to_team(story.world, story.ada, "acme", "core", "dan")
    with refused(NotFound, "user-unknown"):
        add_to_team(story.world, story.ada, "acme", "core", "nobody")
    with refused(Conflict, "team-unchanged"):
        add_to_team(story.world, story.ada, "acme", "core", "bob")


def test_a_team_has_roles_in_its_organisations_projects(story: Acme) -> None:
    """Another project, and none, are refused alike."""
    add_project(story.world, story.ada.user, "elsewhere")
    for name in ("elsewhere", "nothing"):
        with refused(NotFound, "project-not-in-organisation"):
            give_team_role(story.world, story.ada, "acme", "core", name, Role.READER)


def test_a_team_is_gone(story: Acme) -> None:
    """One entry tells what was lost; who was in the team is told, and has its role no more."""
    give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
    delete_team(story.world, story.ada, "acme", "core")
    lost = changed("deleted", members=["bob"], roles={"demo": "maintainer"})
    assert last(story) == ("team-changed", "ada", "", lost)
    assert story.role(story.bob) is None
    assert story.notices()["bob"][-1].subject == "The team acme/core is gone, by ada"
    with refused(NotFound, "team-unknown"):
        delete_team(story.world, story.ada, "acme", "core")


CHANGES: dict[str, Do] = {
    "create": lambda story, caller: create_team(story.world, caller, "acme", "docs"),
    "delete": lambda story, caller: delete_team(story.world, caller, "acme", "core"),
    "add": lambda story, caller: add_to_team(story.world, caller, "acme", "core", "cyd"),
    "remove": lambda story, caller: remove_from_team(story.world, caller, "acme", "core", "bob"),
    "give": lambda story, caller: give_team_role(story.world, caller, "acme", "core", "demo", Role.READER),
    "take": lambda story, caller: take_team_role(story.world, caller, "acme", "core", "demo"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_an_owner_changes_a_team(story: Acme, change: str) -> None:
    """Members, also of the team itself, and strangers change nothing."""
    before = story.entries()
    for caller in (story.bob, story.dan):
        with refused(Forbidden, "organisation-owner-only"):
            CHANGES[change](story, caller)
    assert story.entries() == before
