"""Roles seen, given, changed and taken away, and the owner who stays."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.members import in_acme, last_entry, require_refusal, role_of, told
from tests.support.token_callers import by_token
from tests.support.world import Fakes, add_person, add_project, grant, real_world, set_status

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict
from homeport.domain.ledger import Kind
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.flows.change_status import change_visibility
from homeport.flows.membership import (
    accept,
    change_role,
    decline,
    grant_role,
    invite,
    my_invitations,
    revoke_role,
    show_invitation,
    show_members,
    take_back,
)
from homeport.ports.catalogue import Membership
from homeport.ports.world import World

MEMBERS_PAGE = "/manage/projects/my-demo/members/"

# Who sees and decides


def test_members_and_invitations_are_shown_to_who_maintains(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """Owners first, then the others, then who is invited; the shell is shown the same."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"))
    dan = grant(fakes.world, demo, add_person(fakes.world, "dan"), Role.READER)
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    shown = show_members(fakes.world, cyd, "MY-demo")
    assert [(one.user.name, one.role) for one in shown.members] == [
        ("ada", Role.OWNER),
        ("cyd", Role.MAINTAINER),
        ("dan", Role.READER),
    ]
    assert (shown.role, shown.invitations) == (Role.MAINTAINER, (invitation,))
    assert replace(shown, role=None) == show_members(fakes.world, None, "my-demo")
    require_refusal("role-missing", lambda: show_members(fakes.world, dan, "my-demo"))
    require_refusal("role-missing", lambda: show_members(fakes.world, bob, "my-demo"))
    require_refusal(
        "token-scope", lambda: show_members(fakes.world, by_token(fakes.world, ada, Scope.UPLOAD), "my-demo")
    )


def test_only_owners_decide(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """A maintainer, a reader, a stranger, an administrator and an upload token change nobody's role."""
    deeds: tuple[Callable[[Caller], object], ...] = (
        lambda who: invite(fakes.world, who, "my-demo", "bob", Role.OWNER),
        lambda who: grant_role(fakes.world, who, "my-demo", "bob", Role.OWNER),
        lambda who: change_role(fakes.world, who, "my-demo", "zoe", Role.OWNER),
        lambda who: revoke_role(fakes.world, who, "my-demo", "zoe"),
    )
    grant(fakes.world, demo, add_person(fakes.world, "zoe"))
    for caller, code in (
        (grant(fakes.world, demo, add_person(fakes.world, "cyd")), "owner-only"),
        (grant(fakes.world, demo, add_person(fakes.world, "dan"), Role.READER), "role-missing"),
        (Caller(add_person(fakes.world, "eve")), "role-missing"),
        (Caller(add_person(fakes.world, "root", is_admin=True)), "role-missing"),
        (by_token(fakes.world, ada, Scope.UPLOAD), "token-scope"),
        (by_token(fakes.world, ada, Scope.MANAGE, projects=["other"]), "token-scope"),
    ):
        before = fakes.store.committed.snapshot()
        for deed in deeds:
            require_refusal(code, lambda: deed(caller))  # noqa: B023
        assert fakes.store.committed == before


def test_a_token_answers_only_when_it_is_for_all_projects(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """A role is more than a token for one project has: it takes one to manage everything (I-15)."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    for token in (
        by_token(fakes.world, bob, Scope.UPLOAD),
        by_token(fakes.world, bob, Scope.MANAGE, projects=["my-demo"]),
    ):
        require_refusal("token-scope", lambda: my_invitations(fakes.world, token))  # noqa: B023
        for answer in (show_invitation, accept, decline):
            require_refusal("token-scope", lambda: answer(fakes.world, token, invitation.id))  # noqa: B023
    assert accept(fakes.world, by_token(fakes.world, bob, Scope.MANAGE), invitation.id) == invitation


# Roles


def test_the_shell_gives_roles_at_once(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """A role, and another one: it counts at once, ledger and pages follow, and the person is told."""
    for role in (Role.MAINTAINER, Role.OWNER, Role.READER, Role.MAINTAINER):
        assert grant_role(fakes.world, ada, "my_demo", "bob", role) is role
        details = {"user": "bob", "role": role.value}
        assert last_entry(fakes) == ("role-granted", "ada", "my-demo", details)
        assert role_of(fakes, demo, bob) is role
        assert told(fakes, bob)[0] == ("role-granted", f"You are {role} of My.Demo now", MEMBERS_PAGE)
        with fakes.store.read() as tx:
            there = tx.projects.find("my-demo")
        assert there is not None
        assert there.serial == len(entries(fakes.store))
    assert told(fakes, ada) == [], "who did it knows"


def test_a_role_that_is_given_ends_the_invitation(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """An old offer does not lower who got more since."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.READER)
    grant_role(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    (ended,) = entries(fakes.store, Kind.INVITATION_ENDED)
    assert ended["details"]["how"] == "superseded"
    require_refusal("invitation-unknown", lambda: accept(fakes.world, bob, invitation.id))
    assert role_of(fakes, demo, bob) is Role.OWNER


def test_a_member_gets_another_role(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Who has a role can be given another; who has none is invited instead."""
    require_refusal("member-unknown", lambda: change_role(fakes.world, ada, "my-demo", "bob", Role.OWNER))
    require_refusal("user-unknown", lambda: change_role(fakes.world, ada, "my-demo", "nobody", Role.OWNER))
    grant(fakes.world, demo, bob.user, Role.READER)
    assert change_role(fakes.world, ada, "my-demo", "bob", Role.OWNER) is Role.OWNER
    assert role_of(fakes, demo, bob) is Role.OWNER


def test_a_member_is_removed(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """The role ends at once; ledger, pages, the person and the other owners are told."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"), Role.OWNER)
    grant(fakes.world, demo, bob.user)
    assert revoke_role(fakes.world, ada, "My.Demo", "bob") is Role.MAINTAINER
    assert role_of(fakes, demo, bob) is None
    details = {"user": "bob", "role": "maintainer"}
    assert last_entry(fakes) == ("role-revoked", "ada", "my-demo", details)
    assert told(fakes, bob) == [("role-revoked", "You are no longer maintainer of My.Demo", "/manage/")]
    assert told(fakes, cyd) == [("role-revoked", "bob is no longer maintainer of My.Demo", MEMBERS_PAGE)]
    assert told(fakes, ada) == []
    with fakes.store.read() as tx:
        there = tx.projects.find("my-demo")
    assert there is not None
    assert there.serial == len(entries(fakes.store))
    require_refusal("member-unknown", lambda: revoke_role(fakes.world, ada, "my-demo", "bob"))
    require_refusal("user-unknown", lambda: revoke_role(fakes.world, ada, "my-demo", "nobody"))


@pytest.mark.parametrize("role", [Role.MAINTAINER, Role.READER])
def test_everybody_may_leave(fakes: Fakes, ada: Caller, bob: Caller, demo: Project, role: Role) -> None:
    """Who is no owner leaves as well; the owners are told. A token must be one to manage the project."""
    grant(fakes.world, demo, bob.user, role)
    require_refusal(
        "token-scope",
        lambda: revoke_role(fakes.world, by_token(fakes.world, bob, Scope.UPLOAD), "my-demo", "bob"),
    )
    assert revoke_role(fakes.world, by_token(fakes.world, bob, Scope.MANAGE), "my-demo", "bob") is role
    assert role_of(fakes, demo, bob) is None
    assert told(fakes, ada) == [("role-revoked", f"bob is no longer {role} of My.Demo", MEMBERS_PAGE)]
    assert told(fakes, bob) == []
    require_refusal("member-unknown", lambda: revoke_role(fakes.world, bob, "my-demo", "bob"))


def test_the_last_owner_stays(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """The last owner neither leaves nor is lowered nor removed; after handing over, they go."""
    deeds: tuple[Callable[[], object], ...] = (
        lambda: revoke_role(fakes.world, ada, "my-demo", "ada"),
        lambda: change_role(fakes.world, ada, "my-demo", "ada", Role.MAINTAINER),
        lambda: grant_role(fakes.world, ada, "my-demo", "ada", Role.READER),
    )
    grant(fakes.world, demo, add_person(fakes.world, "cyd"))
    before = fakes.store.committed.snapshot()
    for deed in deeds:
        require_refusal("last-owner", deed)
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    require_refusal("last-owner", deeds[0])
    assert fakes.store.committed.roles == before.roles
    accept(fakes.world, bob, invitation.id)
    assert revoke_role(fakes.world, ada, "my-demo", "ada") is Role.OWNER
    require_refusal("last-owner", lambda: revoke_role(fakes.world, bob, "my-demo", "bob"))
    assert [one.user.name for one in show_members(fakes.world, bob, "my-demo").members] == ["bob", "cyd"]


def test_an_owner_through_an_organisation_is_an_owner(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """Who owns the organisation keeps the project, so that its last owner of their own may leave."""
    in_acme(fakes, ada, bob, OrganisationRole.OWNER)
    assert revoke_role(fakes.world, ada, "my-demo", "ada") is Role.OWNER
    with fakes.store.read() as tx:
        assert list(tx.projects.members(demo.id)) == [
            Membership(ada.user, Role.OWNER, "organisation acme"),
            Membership(bob.user, Role.OWNER, "organisation acme"),
        ]


def test_a_quarantine_holds_every_role(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """While it lasts nobody comes, goes or changes; an invitation waits, and can be declined."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"))
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    set_status(fakes.store, demo, ProjectStatus.QUARANTINED)
    for deed in (
        lambda: invite(fakes.world, ada, "my-demo", "cyd", Role.OWNER),
        lambda: accept(fakes.world, bob, invitation.id),
        lambda: take_back(fakes.world, ada, invitation.id),
        lambda: grant_role(fakes.world, ada, "my-demo", "bob", Role.OWNER),
        lambda: change_role(fakes.world, ada, "my-demo", "cyd", Role.OWNER),
        lambda: revoke_role(fakes.world, ada, "my-demo", "cyd"),
        lambda: revoke_role(fakes.world, cyd, "my-demo", "cyd"),
    ):
        require_refusal("project-quarantined", deed)
    decline(fakes.world, bob, invitation.id)
    set_status(fakes.store, demo, ProjectStatus.ACTIVE)


# At once


def test_of_two_owners_who_leave_at_once_one_stays(tmp_path: Path) -> None:
    """However their requests fall together, the project keeps an owner; the other is told why they cannot go."""
    with real_world(tmp_path) as real:
        people = [add_person(real.world, name) for name in ("ada", "bob")]
        for number in range(5):
            project = add_project(real.world, people[0], f"demo{number}")
            grant(real.world, project, people[1], Role.OWNER)
            assert sorted(at_once(real.world, project, people)) == ["gone", "last-owner"]
            with real.store.read() as tx:
                assert [one.role for one in tx.projects.members(project.id)] == [Role.OWNER]


def at_once(world: World, project: Project, people: list[User]) -> list[str]:
    """Let everybody leave in the same moment; what became of each."""
    ready, outcomes = threading.Barrier(len(people)), list[str]()

    def leave(user: User) -> None:
        ready.wait(10)
        try:
            revoke_role(world, Caller(user), project.name.display, user.name)
        except Conflict as refusal:
            outcomes.append(refusal.code)
        else:
            outcomes.append("gone")

    threads = [threading.Thread(target=leave, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


# Disabled accounts, and private projects


def disable(fakes: Fakes, caller: Caller) -> None:
    """Let nothing open the account."""
    with fakes.store.write() as tx:
        tx.users.disable(caller.user.id, fakes.clock.now())


def test_a_disabled_account_lets_nobody_in(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """What somebody offered whose account is disabled since is not accepted; they stay in the list (T-32)."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"), Role.OWNER)
    invitation = invite(fakes.world, cyd, "my-demo", "bob", Role.OWNER)
    disable(fakes, cyd)
    require_refusal("invitation-void", lambda: accept(fakes.world, bob, invitation.id))
    assert role_of(fakes, demo, bob) is None
    names = [one.user.name for one in show_members(fakes.world, ada, "my-demo").members]
    assert names == ["ada", "cyd"]


def test_the_last_owner_who_can_act_stays(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """A disabled owner does not count: the other one neither leaves nor lowers themselves, but removes them."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"), Role.OWNER)
    disable(fakes, cyd)
    require_refusal("last-owner", lambda: revoke_role(fakes.world, ada, "my-demo", "ada"))
    require_refusal("last-owner", lambda: change_role(fakes.world, ada, "my-demo", "ada", Role.READER))
    grant(fakes.world, demo, bob.user)
    assert revoke_role(fakes.world, ada, "my-demo", "cyd") is Role.OWNER
    disable(fakes, ada)
    assert revoke_role(fakes.world, bob, "my-demo", "bob") is Role.MAINTAINER, "who owns nothing may leave"


def test_a_private_project_is_not_told_by_leaving_it(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """Who has no role there is told the same as of a project that is not there."""
    change_visibility(fakes.world, ada, "my-demo", is_private=True)
    for name in ("my-demo", "nothing"):
        require_refusal("project-unknown", lambda: revoke_role(fakes.world, bob, name, "bob"))  # noqa: B023
        require_refusal("project-unknown", lambda: show_members(fakes.world, bob, name))  # noqa: B023
    assert role_of(fakes, demo, ada) is Role.OWNER


def test_a_role_that_is_given_again_is_no_news(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Neither ledger nor people are told of what was so before (I-18)."""
    grant_role(fakes.world, ada, "my-demo", "bob", Role.READER)
    before = fakes.store.committed
    grant_role(fakes.world, ada, "my-demo", "bob", Role.READER)
    assert fakes.store.committed == before
    assert role_of(fakes, demo, bob) is Role.READER
