"""What people are shown of organisations."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.acme import Acme, acme
from tests.support.builders import NOW
from tests.support.world import add_project

from homeport.domain.account import AccountPolicy, Caller, Scope, Token
from homeport.domain.errors import Forbidden, NotFound, Unauthenticated
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.names import ProjectName
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.flows.change_status import change_visibility
from homeport.flows.organisation_people import invite_to_organisation
from homeport.flows.organisations import create_organisation, transfer_project
from homeport.flows.show_organisation import (
    every_organisation,
    my_organisations,
    owners,
    public_organisation,
    show_organisation,
)
from homeport.flows.teams import add_to_team, create_team, give_team_role


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Acme]:
    """Acme with two projects: demo, and secret, which is private; the team core, which bob is in, reads it."""
    with acme(tmp_path) as story:
        add_project(story.world, story.ada.user, "Secret")
        change_visibility(story.world, story.ada, "secret", is_private=True)
        for name in ("demo", "secret"):
            transfer_project(story.world, story.ada, "acme", name)
        create_team(story.world, story.ada, "acme", "core")
        add_to_team(story.world, story.ada, "acme", "core", "bob")
        give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
        give_team_role(story.world, story.ada, "acme", "core", "secret", Role.READER)
        yield story


def nobody() -> Caller:
    """Who is not signed in."""
    raise Unauthenticated("Sign in.", code="sign-in-needed")


def token(caller: Caller, *scopes: Scope, projects: tuple[str, ...] = ()) -> Caller:
    """The same person by a token."""
    made = Token(1, caller.user.name, frozenset(scopes), frozenset(projects), NOW, None)
    return Caller(caller.user, made)


def test_everybody_sees_the_name_and_the_listed_projects(story: Acme) -> None:
    """A stranger is shown neither people nor what is private; a member is shown people."""
    seen = public_organisation(story.world, nobody, None, "acme")
    assert seen.organisation.display_name == "Acme & Sons"
    assert [one.project.name.display for one in seen.projects] == ["demo"]
    assert (seen.members, seen.more) == ((), "")
    assert public_organisation(story.world, nobody, story.dan.user, "acme") == seen
    for member in (story.ada, story.cyd):
        known = public_organisation(story.world, nobody, member.user, "acme")
        assert [one.user.name for one in known.members] == ["ada", "bob", "cyd"]
        assert known.projects == seen.projects
    with pytest.raises(NotFound):
        public_organisation(story.world, nobody, None, "able")


def test_an_index_that_asks_everyone_to_sign_in_tells_strangers_nothing(story: Acme) -> None:
    """There, who is not signed in does not learn what organisations there are."""
    world = replace(story.world, policy=Policy(must_sign_in=True))
    for name in ("acme", "able"):
        with pytest.raises(Unauthenticated):
            public_organisation(world, nobody, None, name)
    assert public_organisation(world, lambda: story.dan, story.dan.user, "acme").projects


def test_many_projects_come_in_pages(story: Acme) -> None:
    """A page holds a hundred, by name, and says where the next one begins; nothing is left out or told twice."""
    with story.world.store.write() as tx:
        acme = tx.organisations.by_name("acme")
        assert acme is not None
        for number in range(150):
            name = ProjectName(f"many-{number:03}")
            project = tx.projects.add(name, HostingMode.ONLY, story.fakes.clock.now())
            tx.organisations.take_in(acme.id, project.id)
    seen = public_organisation(story.world, nobody, None, "acme")
    assert (len(seen.projects), seen.more) == (100, "many-098")
    rest = public_organisation(story.world, nobody, None, "acme", after=seen.more)
    assert (len(rest.projects), rest.more) == (51, "")
    names = [one.project.name.normalized for one in seen.projects + rest.projects]
    assert names == sorted(set(names))
    tables = story.fakes.store.committed
    tables.projects = {key: one for key, one in tables.projects.items() if "many" not in one.name.display}


def test_my_organisations(story: Acme) -> None:
    """Everybody is told what they are in, as what, and what they are invited to."""
    able = create_organisation(story.world, story.cyd, "able")
    invite_to_organisation(story.world, story.cyd, "able", "dan", OrganisationRole.OWNER)
    mine = my_organisations(story.world, story.cyd)
    assert [(one.name, role.value) for one, role in mine.roles] == [("able", "owner"), ("acme", "member")]
    assert (mine.invitations, mine.may_create) == ((), True)
    (invitation,) = my_organisations(story.world, story.dan).invitations
    assert (invitation.organisation, invitation.role) == (able, OrganisationRole.OWNER)
    assert [one.name for one in every_organisation(story.world)] == ["able", "acme"]
    assert owners(story.world, "able") == (story.cyd.user,)
    with pytest.raises(NotFound):
        owners(story.world, "nothing")
    world = replace(story.world, accounts=AccountPolicy(all_make_organisations=False))
    assert not my_organisations(world, story.dan).may_create
    root = Caller(replace(story.dan.user, is_admin=True))
    assert my_organisations(world, root).may_create


def test_members_see_people_teams_and_projects(story: Acme) -> None:
    """An owner sees everything; a member what is listed and what they have a role in; others nothing."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", OrganisationRole.MEMBER)
    for caller, role, known in (
        (story.ada, OrganisationRole.OWNER, ["demo", "Secret"]),
        (story.bob, OrganisationRole.MEMBER, ["demo", "Secret"]),
        (story.cyd, OrganisationRole.MEMBER, ["demo"]),
    ):
        view = show_organisation(story.world, caller, "acme")
        assert view.role is role
        assert [one.user.name for one in view.members] == ["ada", "bob", "cyd"]
        assert [one.user.name for one in view.invited] == ["dan"]
        assert [project.name.display for project in view.projects] == known
        (core,) = view.teams
        assert (core.team.name, [user.name for user in core.members]) == ("core", ["bob"])
        assert [project.name.display for project, _ in core.roles] == known
    told = show_organisation(story.world, story.cyd, "acme").to_json()
    assert (told["name"], told["role"], told["projects"]) == ("acme", "member", ["demo"])
    assert told["teams"] == [
        {"name": "core", "members": ["bob"], "projects": [{"project": "demo", "role": "maintainer"}]}
    ]
    with pytest.raises(Forbidden) as refusal:
        show_organisation(story.world, story.dan, "acme")
    assert refusal.value.code == "organisation-member-only"


def test_a_token_must_be_for_everything(story: Acme) -> None:
    """A token to read or to manage all of its user's projects sees what they see; a narrower one nothing."""
    for scope in (Scope.READ, Scope.MANAGE):
        assert show_organisation(story.world, token(story.bob, scope), "acme").projects
        assert my_organisations(story.world, token(story.bob, scope)).roles
    for narrow in (token(story.bob, Scope.UPLOAD), token(story.bob, Scope.READ, projects=("demo",))):
        with pytest.raises(Forbidden):
            show_organisation(story.world, narrow, "acme")
        with pytest.raises(Forbidden):
            my_organisations(story.world, narrow)
