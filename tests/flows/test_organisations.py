"""Organisations come into being, and projects move into them and out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.acme import Acme, acme
from tests.support.builders import caller
from tests.support.world import add_person, add_project, grant, set_status

from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.organisation_people import give_organisation_role
from homeport.flows.organisations import create_organisation, take_project_out, transfer_project
from homeport.flows.teams import add_to_team, create_team, give_team_role


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Acme]:
    """Acme, its people, and ada's project."""
    with acme(tmp_path) as story:
        yield story


def test_who_creates_an_organisation_owns_it(story: Acme) -> None:
    """An organisation begins with its creator as its owner; without a display name it is shown by its name."""
    made = create_organisation(story.world, story.dan, "dans")
    assert (made.name, made.display_name, made.created_at) == ("dans", "dans", story.fakes.clock.now())
    with story.world.store.read() as tx:
        assert [(one.user, one.role) for one in tx.organisations.members(made.id)] == [
            (story.dan.user, OrganisationRole.OWNER)
        ]
    assert story.entries() == [
        ("organisation-created", "dan", "", {"organisation": "dans", "display_name": "dans"}),
        ("organisation-role-granted", "dan", "", {"organisation": "dans", "user": "dan", "role": "owner"}),
    ]
    assert story.notices() == {}


@pytest.mark.parametrize(
    ("name", "shown", "code"),
    [
        ("acme", "", "organisation-exists"),
        ("bob", "", "organisation-exists"),
        ("Acme", "", "organisation-name-invalid"),
        ("security", "", "user-name-reserved"),
        ("other", "A\u200bcme", "display-name-invalid"),
    ],
)
def test_names_are_given_once(story: Acme, name: str, shown: str, code: str) -> None:
    """A name that an organisation or a user has, or that is none, makes no organisation."""
    with pytest.raises((Conflict, Invalid)) as refusal:
        create_organisation(story.world, story.dan, name, shown)
    assert refusal.value.code == code
    assert story.entries() == []


def test_an_index_may_leave_it_to_its_administrators(story: Acme) -> None:
    """Where the policy says so, only an administrator creates organisations."""
    world = replace(story.world, accounts=AccountPolicy(all_make_organisations=False))
    with pytest.raises(Forbidden) as refusal:
        create_organisation(world, story.dan, "dans")
    assert refusal.value.code == "admin-only"
    root = Caller(add_person(world, "root", is_admin=True))
    assert create_organisation(world, root, "roots").name == "roots"
    assert create_organisation(world, root, "support").name == "support"


def test_an_index_may_want_to_know_the_address(story: Acme) -> None:
    """Where addresses are verified, nobody creates an organisation before theirs is."""
    world = replace(story.world, accounts=AccountPolicy(needs_verified=True))
    with pytest.raises(Forbidden) as refusal:
        create_organisation(world, story.dan, "dans")
    assert refusal.value.code == "email-unverified"
    known = Caller(replace(story.dan.user, is_verified=True))
    assert create_organisation(world, known, "dans").name == "dans"


def test_a_narrow_token_creates_nothing(story: Acme) -> None:
    """A token must be to manage all that its user has."""
    with pytest.raises(Forbidden) as refusal:
        create_organisation(story.world, caller(Scope.UPLOAD), "dans")
    assert refusal.value.code == "token-scope"


def test_a_project_moves_in(story: Acme) -> None:
    """Whoever owns the organisation owns the project then; members get nothing; people keep their own roles."""
    eve = add_person(story.world, "eve")
    grant(story.world, story.demo, eve)
    give_organisation_role(story.world, story.ada, "acme", "bob", OrganisationRole.OWNER)
    before = len(story.entries())
    transfer_project(story.world, story.ada, "acme", "Demo")
    assert story.entries()[before:] == [
        ("project-transferred", "ada", "demo", {"from": None, "to": "acme", "teams": []})
    ]
    assert [story.role(one) for one in (story.ada, story.bob, story.cyd, Caller(eve))] == [
        Role.OWNER,
        Role.OWNER,
        None,
        Role.MAINTAINER,
    ]
    told = story.notices()
    assert {name for name in told if told[name][-1].kind == "project-transferred"} == {"bob", "eve"}
    assert told["eve"][-1].subject == "demo belongs to acme now, by ada"
    assert told["eve"][-1].path == "/project/demo/"


@pytest.mark.parametrize("who", ["bob", "dan"])
def test_only_who_owns_both_moves_a_project_in(story: Acme, who: str) -> None:
    """Neither owning the organisation alone nor owning the project alone is enough."""
    other = add_project(story.world, story.dan.user, "dans")
    with pytest.raises(Forbidden) as refusal:
        transfer_project(story.world, story.dan if who == "dan" else story.bob, "acme", "dans")
    assert refusal.value.code == "organisation-owner-only"
    with pytest.raises(Forbidden) as refusal:
        transfer_project(story.world, story.ada, "acme", "dans")
    assert refusal.value.code == "role-missing"
    with story.world.store.read() as tx:
        assert tx.organisations.of_project(other.id) is None


def test_a_project_belongs_to_one_organisation(story: Acme) -> None:
    """Who owns another organisation too takes the project out of the first before it moves."""
    transfer_project(story.world, story.ada, "acme", "demo")
    create_organisation(story.world, story.ada, "able")
    with pytest.raises(Conflict, match="belongs to acme") as refusal:
        transfer_project(story.world, story.ada, "able", "demo")
    assert refusal.value.code == "project-in-organisation"
    take_project_out(story.world, story.ada, "acme", "demo")
    transfer_project(story.world, story.ada, "able", "demo")
    with story.world.store.read() as tx:
        there = tx.organisations.of_project(story.demo.id)
        assert there is not None
        assert there.name == "able"


def test_a_project_moves_out(story: Acme) -> None:
    """Roles through the organisation and its teams end, people's own stay, and everybody who kept it is told."""
    give_organisation_role(story.world, story.ada, "acme", "bob", OrganisationRole.OWNER)
    transfer_project(story.world, story.ada, "acme", "demo")
    create_team(story.world, story.ada, "acme", "core")
    add_to_team(story.world, story.ada, "acme", "core", "cyd")
    give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
    before = len(story.entries())
    take_project_out(story.world, story.bob, "acme", "demo")
    assert story.entries()[before:] == [
        ("project-transferred", "bob", "demo", {"from": "acme", "to": None, "teams": ["core"]})
    ]
    assert [story.role(one) for one in (story.ada, story.bob, story.cyd)] == [Role.OWNER, None, None]
    told = story.notices()
    assert told["ada"][-1].subject == told["cyd"][-1].subject == "demo no longer belongs to acme, by bob"
    assert told["bob"][-1].subject == "demo belongs to acme now, by ada"


def test_a_project_without_an_owner_of_its_own_stays(story: Acme) -> None:
    """A project that is owned through its organisation only is not left without an owner."""
    give_organisation_role(story.world, story.ada, "acme", "bob", OrganisationRole.OWNER)
    transfer_project(story.world, story.ada, "acme", "demo")
    with story.world.store.write() as tx:
        tx.projects.grant(story.demo.id, story.ada.user.id, Role.MAINTAINER)
    with pytest.raises(Conflict) as refusal:
        take_project_out(story.world, story.bob, "acme", "demo")
    assert refusal.value.code == "last-owner"
    assert story.role(story.bob) is Role.OWNER


def test_only_an_owner_takes_a_project_out(story: Acme) -> None:
    """Who owns the project by themselves, but not the organisation, may not."""
    transfer_project(story.world, story.ada, "acme", "demo")
    with story.world.store.write() as tx:
        tx.projects.grant(story.demo.id, story.bob.user.id, Role.OWNER)
    with pytest.raises(Forbidden) as refusal:
        take_project_out(story.world, story.bob, "acme", "demo")
    assert refusal.value.code == "organisation-owner-only"


@pytest.mark.parametrize("name", ["dans", "nothing"])
def test_what_is_not_acmes_is_not_taken_out(story: Acme, name: str) -> None:
    """The refusal is the same for somebody else's project and for none: it might be private."""
    add_project(story.world, story.dan.user, "dans")
    with pytest.raises(NotFound) as refusal:
        take_project_out(story.world, story.ada, "acme", name)
    assert refusal.value.code == "project-not-in-organisation"
    assert refusal.value.sentence == f"acme has no project {name}: move it there first."


def test_a_quarantined_project_stays_where_it_is(story: Acme) -> None:
    """Nothing of it changes until the quarantine ends."""
    set_status(story.fakes.store, story.demo, ProjectStatus.QUARANTINED)
    with pytest.raises(Conflict) as refusal:
        transfer_project(story.world, story.ada, "acme", "demo")
    assert refusal.value.code == "project-quarantined"
    set_status(story.fakes.store, story.demo, ProjectStatus.ACTIVE)
    transfer_project(story.world, story.ada, "acme", "demo")
    set_status(story.fakes.store, story.demo, ProjectStatus.QUARANTINED)
    with pytest.raises(Conflict) as refusal:
        take_project_out(story.world, story.ada, "acme", "demo")
    assert refusal.value.code == "project-quarantined"
    set_status(story.fakes.store, story.demo, ProjectStatus.ACTIVE)


def test_what_is_not_there_is_not_found(story: Acme) -> None:
    """An unknown organisation is named, shortened."""
    with pytest.raises(NotFound) as refusal:
        transfer_project(story.world, story.ada, "n" * 99, "demo")
    assert refusal.value.sentence == f"There is no organisation {'n' * 80} here."


def test_no_page_is_rendered(story: Acme) -> None:
    """The simple API names no people: what changes roles leaves its pages, and the project's serial, as they are."""
    before = dict(story.fakes.store.committed.pages), story.fakes.store.committed.projects[story.demo.id]
    transfer_project(story.world, story.ada, "acme", "demo")
    create_team(story.world, story.ada, "acme", "core")
    give_team_role(story.world, story.ada, "acme", "core", "demo", Role.READER)
    after = dict(story.fakes.store.committed.pages), story.fakes.store.committed.projects[story.demo.id]
    assert after == before


def test_a_project_is_not_left_to_who_is_disabled(story: Acme) -> None:
    """An owner by themselves whose account is disabled is none to leave the project with."""
    transfer_project(story.world, story.ada, "acme", "demo")
    with story.world.store.write() as tx:
        tx.projects.revoke(story.demo.id, story.ada.user.id)
        tx.projects.grant(story.demo.id, story.dan.user.id, Role.OWNER)
        tx.users.disable(story.dan.user.id, story.fakes.clock.now())
    with pytest.raises(Conflict) as refusal:
        take_project_out(story.world, story.ada, "acme", "demo")
    assert refusal.value.code == "last-owner"
    with story.world.store.write() as tx:
        tx.users.enable(story.dan.user.id)
    take_project_out(story.world, story.ada, "acme", "demo")
