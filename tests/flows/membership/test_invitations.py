"""Invitations to a role, and the answers to them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.builders import NOW
from tests.support.invariants import entries
from tests.support.mail import with_mail
from tests.support.members import in_acme, last_entry, require_refusal, role_of, told
from tests.support.world import Fakes, add_person, grant

from homeport.domain.account import AccountPolicy, Caller
from homeport.domain.errors import Conflict
from homeport.domain.ledger import Kind
from homeport.domain.membership import INVITATION_LASTS, Invitation
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.domain.throttle import LONGEST_WINDOW, PER_SEEKER
from homeport.flows.membership import (
    accept,
    change_role,
    decline,
    invite,
    my_invitations,
    revoke_role,
    show_invitation,
    show_members,
    take_back,
)
from homeport.flows.notify import MOST_INVITATIONS
from homeport.flows.teams import add_to_team, create_team, give_team_role

MOMENT = timedelta(microseconds=1)
MEMBERS_PAGE = "/manage/projects/my-demo/members/"


def verified(fakes: Fakes, caller: Caller) -> Caller:
    """The same person, whose address is verified now."""
    with fakes.store.write() as tx:
        tx.users.put_email(caller.user.id, caller.user.email, verified_at=fakes.clock.now())
    return replace(caller, user=replace(caller.user, is_verified=True))


@pytest.mark.parametrize("role", Role)
def test_a_role_is_offered_and_accepted(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project, role: Role
) -> None:
    """Nothing changes until the invited accepts; then they have the role, and everybody concerned is told."""
    invitation = invite(fakes.world, ada, "my_demo", "bob", role)
    now = fakes.clock.now()
    until = now + INVITATION_LASTS
    assert invitation == Invitation(invitation.id, demo.id, demo.name, bob.user, role, "ada", now, until)
    details = {"user": "bob", "role": role.value, "until": until.isoformat()}
    assert last_entry(fakes) == ("role-invited", "ada", "my-demo", details)
    assert told(fakes, bob) == [
        ("invited", f"ada invites you to My.Demo as {role}", f"/invitations/{invitation.id}")
    ]
    assert role_of(fakes, demo, bob) is None
    assert list(my_invitations(fakes.world, bob)) == [invitation]
    assert show_invitation(fakes.world, bob, invitation.id) == invitation
    assert accept(fakes.world, bob, invitation.id) == invitation
    assert role_of(fakes, demo, bob) is role
    details = {"user": "bob", "role": role.value, "invited_by": "ada"}
    assert last_entry(fakes) == ("role-granted", "bob", "my-demo", details)
    assert told(fakes, ada) == [("role-granted", f"bob is {role} of My.Demo now", MEMBERS_PAGE)]
    assert len(told(fakes, bob)) == 1, "who accepts knows"
    assert list(my_invitations(fakes.world, bob)) == []
    require_refusal("invitation-unknown", lambda: accept(fakes.world, bob, invitation.id))


def test_an_invitation_is_declined(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """A no is final, in the ledger, and told to who invited."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    assert decline(fakes.world, bob, invitation.id) == invitation
    details = {"user": "bob", "role": "owner", "how": "declined"}
    assert last_entry(fakes) == ("invitation-ended", "bob", "my-demo", details)
    assert told(fakes, ada) == [("invitation-declined", "bob declined to be owner of My.Demo", MEMBERS_PAGE)]
    require_refusal("invitation-unknown", lambda: accept(fakes.world, bob, invitation.id))
    assert role_of(fakes, demo, bob) is None


def test_an_invitation_is_taken_back(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Every owner may, whoever invited; the invited is told, and can be invited anew."""
    cyd = grant(fakes.world, demo, add_person(fakes.world, "cyd"), Role.OWNER)
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    assert take_back(fakes.world, cyd, invitation.id) == invitation
    details = {"user": "bob", "role": "owner", "how": "taken-back"}
    assert last_entry(fakes) == ("invitation-ended", "cyd", "my-demo", details)
    assert told(fakes, bob)[0] == ("invitation-ended", "You are no longer invited to My.Demo", "/manage/")
    require_refusal("invitation-unknown", lambda: take_back(fakes.world, ada, invitation.id))
    assert invite(fakes.world, ada, "my-demo", "bob", Role.READER).id != invitation.id


def test_an_invitation_ends_by_itself(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """After 14 days there is nothing to accept; the same person can be invited again."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    fakes.clock.advance(INVITATION_LASTS - MOMENT)
    assert show_invitation(fakes.world, bob, invitation.id) == invitation
    fakes.clock.advance(MOMENT)
    for answer in (show_invitation, accept, decline):
        require_refusal("invitation-unknown", lambda: answer(fakes.world, bob, invitation.id))  # noqa: B023
    assert list(my_invitations(fakes.world, bob)) == []
    assert show_members(fakes.world, ada, "my-demo").invitations == ()
    again = invite(fakes.world, ada, "my-demo", "bob", Role.MAINTAINER)
    assert accept(fakes.world, bob, again.id).role is Role.MAINTAINER


def test_an_invitation_is_mailed_and_its_end_is_not(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """Inviting and taking back, again and again, floods no mailbox: only so many invitations go by mail."""
    post = with_mail(fakes.world)
    with post.world.store.write() as tx:
        tx.users.put_email(bob.user.id, bob.user.email, verified_at=NOW)
    for _ in range(MOST_INVITATIONS + 1):
        take_back(post.world, ada, invite(post.world, ada, "my-demo", "bob", Role.READER).id)
    assert post.subjects(bob.user.email) == ["ada invites you to My.Demo as reader"] * MOST_INVITATIONS
    assert len(told(fakes, bob)) == 2 * (MOST_INVITATIONS + 1)


def test_an_invitation_is_for_one_person(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """To everybody else, also to who sent it, it is as if it were not there; and only owners take it back."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    eve = Caller(add_person(fakes.world, "eve"))
    maintainer = grant(fakes.world, demo, add_person(fakes.world, "cyd"))
    for caller in (ada, eve, maintainer):
        for answer in (show_invitation, accept, decline):
            require_refusal("invitation-unknown", lambda: answer(fakes.world, caller, invitation.id))  # noqa: B023
    require_refusal("invitation-unknown", lambda: take_back(fakes.world, bob, invitation.id))
    require_refusal("invitation-unknown", lambda: take_back(fakes.world, eve, invitation.id))
    require_refusal("owner-only", lambda: take_back(fakes.world, maintainer, invitation.id))
    assert list(my_invitations(fakes.world, bob)) == [invitation]


@pytest.mark.parametrize("falls_to", [None, Role.MAINTAINER])
def test_an_invitation_ends_with_the_ownership_behind_it(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project, falls_to: Role | None
) -> None:
    """An owner who is removed or lowered leaves no door open; the other owners' invitations stay (T-32)."""
    eve = grant(fakes.world, demo, add_person(fakes.world, "eve"), Role.OWNER)
    cyd = Caller(add_person(fakes.world, "cyd"))
    hers, ours = (
        invite(fakes.world, eve, "my-demo", "bob", Role.OWNER),
        invite(fakes.world, ada, "my-demo", "cyd", Role.OWNER),
    )
    if falls_to:
        change_role(fakes.world, ada, "my-demo", "eve", falls_to)
    else:
        revoke_role(fakes.world, ada, "my-demo", "eve")
    ended = entries(fakes.store, Kind.INVITATION_ENDED)
    assert [entry["details"] for entry in ended] == [{"user": "bob", "role": "owner", "how": "void"}]
    require_refusal("invitation-unknown", lambda: accept(fakes.world, bob, hers.id))
    assert accept(fakes.world, cyd, ours.id) == ours


def test_an_invitation_counts_while_an_owner_stands_behind_it(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """However who invited stopped owning the project, accepting asks again (T-32); declining does not."""
    eve = grant(fakes.world, demo, add_person(fakes.world, "eve"), Role.OWNER)
    invitation = invite(fakes.world, eve, "my-demo", "bob", Role.OWNER)
    with fakes.store.write() as tx:
        tx.projects.revoke(demo.id, eve.user.id)
    require_refusal("invitation-void", lambda: accept(fakes.world, bob, invitation.id))
    assert role_of(fakes, demo, bob) is None
    assert decline(fakes.world, bob, invitation.id) == invitation


def test_an_inviter_without_an_account_stands_behind_nothing(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """A name that nobody has any more owns no project; the invitation can be declined, and nobody is told."""
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    tables = fakes.store.committed.snapshot()
    tables.invitations[invitation.id] = replace(invitation, invited_by="gone")
    fakes.store.committed = tables
    require_refusal("invitation-void", lambda: accept(fakes.world, bob, invitation.id))
    decline(fakes.world, bob, invitation.id)
    assert told(fakes, ada) == []


def test_people_are_invited_by_a_verified_address(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """An address that somebody only typed does not let them in as who has it."""

    def by_address() -> Invitation:
        return invite(fakes.world, ada, "my-demo", "bob@example.org", Role.READER)

    require_refusal("user-unknown", by_address)
    with fakes.store.write() as tx:
        tx.users.put_email(bob.user.id, "bob@example.org", verified_at=fakes.clock.now())
    assert by_address().user.name == "bob"


def test_whose_an_address_is_is_not_found_out(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """In vain or not, addresses are counted, of who owns the project; refusals name nobody who was not named."""

    def by_address(address: str, caller: Caller = ada) -> Invitation:
        return invite(fakes.world, caller, "my-demo", address, Role.READER)

    verified(fakes, bob)
    by_address(bob.user.email)
    with pytest.raises(Conflict, match=rf"^{bob.user.email} is invited as reader"):
        by_address(bob.user.email)
    grant(fakes.world, demo, bob.user, Role.READER)
    with pytest.raises(Conflict, match=rf"^{bob.user.email} is reader of My.Demo"):
        by_address(bob.user.email)
    for number in range(PER_SEEKER - 3):
        require_refusal("user-unknown", lambda: by_address(f"guess{number}@example.org"))  # noqa: B023
    require_refusal("sought-too-often", lambda: by_address("guess@example.org"))
    require_refusal("role-missing", lambda: by_address("guess@example.org", verified(fakes, bob)))
    cyd = add_person(fakes.world, "cyd")
    assert invite(fakes.world, ada, "my-demo", "cyd", Role.READER).user == cyd
    fakes.clock.advance(LONGEST_WINDOW)
    require_refusal("user-unknown", lambda: by_address("guess@example.org"))


def test_a_disabled_account_is_not_invited(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Nobody waits for the answer of who cannot sign in."""
    with fakes.store.write() as tx:
        tx.users.disable(bob.user.id, fakes.clock.now())
    require_refusal("user-unknown", lambda: invite(fakes.world, ada, "my-demo", "bob", Role.READER))


def test_an_unverified_account_waits(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Where a verified address is wanted, an invitation is sent and accepted after that, and not before."""
    strict = replace(fakes.world, accounts=AccountPolicy(needs_verified=True))
    require_refusal("email-unverified", lambda: invite(strict, ada, "my-demo", "bob", Role.READER))
    invitation = invite(strict, verified(fakes, ada), "my-demo", "bob", Role.READER)
    require_refusal("email-unverified", lambda: accept(strict, bob, invitation.id))
    assert accept(strict, verified(fakes, bob), invitation.id) == invitation


def test_nobody_is_invited_to_what_they_have(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Members, people who are invited, and who has as much through an organisation are told apart, and refused."""
    grant(fakes.world, demo, bob.user, Role.READER)
    for role in Role:
        require_refusal("member-already", lambda: invite(fakes.world, ada, "my-demo", "bob", role))  # noqa: B023
    add_person(fakes.world, "cyd")
    invite(fakes.world, ada, "my-demo", "cyd", Role.READER)
    require_refusal("invitation-open", lambda: invite(fakes.world, ada, "my-demo", "cyd", Role.OWNER))
    require_refusal("user-unknown", lambda: invite(fakes.world, ada, "my-demo", "nobody", Role.OWNER))
    require_refusal(
        "user-unknown", lambda: invite(fakes.world, ada, "my-demo", "no@body.example", Role.OWNER)
    )
    require_refusal("project-unknown", lambda: invite(fakes.world, ada, "other", "bob", Role.OWNER))


def test_who_has_less_through_a_team_can_be_invited_to_more(
    fakes: Fakes, ada: Caller, bob: Caller, demo: Project
) -> None:
    """A role of one's own is offered where it is better than what one holds through others."""
    in_acme(fakes, ada, bob, OrganisationRole.MEMBER)
    create_team(fakes.world, ada, "acme", "core")
    add_to_team(fakes.world, ada, "acme", "core", "bob")
    give_team_role(fakes.world, ada, "acme", "core", "my-demo", Role.MAINTAINER)
    for role in (Role.MAINTAINER, Role.READER):
        require_refusal("member-already", lambda: invite(fakes.world, ada, "my-demo", "bob", role))  # noqa: B023
    invitation = invite(fakes.world, ada, "my-demo", "bob", Role.OWNER)
    accept(fakes.world, bob, invitation.id)
    assert role_of(fakes, demo, bob) is Role.OWNER
    assert revoke_role(fakes.world, ada, "my-demo", "bob") is Role.OWNER
    assert role_of(fakes, demo, bob) is Role.MAINTAINER
    require_refusal("role-through-others", lambda: revoke_role(fakes.world, ada, "my-demo", "bob"))
    require_refusal("role-through-others", lambda: revoke_role(fakes.world, bob, "my-demo", "bob"))
