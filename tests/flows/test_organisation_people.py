"""People come into an organisation by invitation, get another role there, and leave."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.acme import Acme, acme
from tests.support.mail import with_mail
from tests.support.token_callers import by_token

from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, NotFound, Refusal
from homeport.domain.membership import INVITATION_LASTS
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.flows.notify import INVITATIONS_WITHIN, MOST_INVITATIONS
from homeport.flows.organisation_people import (
    accept_organisation_invitation,
    decline_organisation_invitation,
    give_organisation_role,
    invite_to_organisation,
    remove_from_organisation,
    take_invitation_back,
)
from homeport.flows.organisations import create_organisation, transfer_project
from homeport.flows.teams import add_to_team, create_team, give_team_role

OWNER, MEMBER = OrganisationRole.OWNER, OrganisationRole.MEMBER
BEFORE = {"ada": "owner", "bob": "member", "cyd": "member"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Acme]:
    """Acme, its people, and ada's project."""
    with acme(tmp_path) as story:
        yield story


def refused(kind: type[Refusal], code: str) -> "pytest.RaisesExc[Refusal]":
    """The refusal that must come."""
    return pytest.raises(kind, check=lambda refusal: refusal.code == code)


def test_who_is_invited_comes_in_by_accepting(story: Acme) -> None:
    """An invitation gives nothing; accepting it gives the role, and the owners are told."""
    invitation = invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    assert invitation.expires_at == story.fakes.clock.now() + INVITATION_LASTS
    assert story.people() == BEFORE
    assert accept_organisation_invitation(story.world, story.dan, "acme") is MEMBER
    assert story.people() == {**BEFORE, "dan": "member"}
    told = {"organisation": "acme", "user": "dan", "role": "member"}
    assert story.entries() == [
        ("role-invited", "ada", "", {**told, "until": invitation.expires_at.isoformat()}),
        ("organisation-role-granted", "dan", "", {**told, "invited_by": "ada"}),
    ]
    notices = {name: [(one.subject, one.path) for one in told] for name, told in story.notices().items()}
    assert notices == {
        "dan": [("ada invites you to acme as member", "/manage/organisations/")],
        "ada": [("dan is member of acme now", "/manage/organisations/acme/")],
    }
    with refused(NotFound, "invitation-unknown"):
        accept_organisation_invitation(story.world, story.dan, "acme")


def test_an_index_may_want_to_know_the_address(story: Acme) -> None:
    """Where addresses are verified, an invitation waits until the address of who is invited is."""
    world = replace(story.world, accounts=AccountPolicy(needs_verified=True))
    invite_to_organisation(world, story.ada, "acme", "dan", MEMBER)
    with refused(Forbidden, "email-unverified"):
        accept_organisation_invitation(world, story.dan, "acme")
    known = Caller(replace(story.dan.user, is_verified=True))
    assert accept_organisation_invitation(world, known, "acme") is MEMBER


def test_who_is_invited_may_decline(story: Acme) -> None:
    """Nothing comes of it, the one who invited is told, and may invite again."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", OWNER)
    decline_organisation_invitation(story.world, story.dan, "acme")
    assert story.people() == BEFORE
    how = {"organisation": "acme", "user": "dan", "role": "owner", "how": "declined"}
    assert story.entries()[1:] == [("invitation-ended", "dan", "", how)]
    assert story.notices()["ada"][-1].subject == "dan declined to be owner of acme"
    invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)


def test_an_invitation_is_taken_back(story: Acme) -> None:
    """An owner takes it back; who was invited is told, and cannot accept any more."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    with refused(Forbidden, "organisation-owner-only"):
        take_invitation_back(story.world, story.bob, "acme", "dan")
    take_invitation_back(story.world, story.ada, "acme", "dan")
    how = {"organisation": "acme", "user": "dan", "role": "member", "how": "taken-back"}
    assert story.entries()[1:] == [("invitation-ended", "ada", "", how)]
    assert story.notices()["dan"][-1].subject == "You are no longer invited to acme"
    with refused(NotFound, "invitation-unknown"):
        accept_organisation_invitation(story.world, story.dan, "acme")


def test_invitations_flood_no_mailbox(story: Acme) -> None:
    """Taking back sends no mail, and so many invitations within the hour do; the inbox has them all."""
    post = with_mail(story.world)
    with post.world.store.write() as tx:
        tx.users.put_email(story.dan.user.id, "dan@example.org", verified_at=post.world.clock.now())
    for _ in range(MOST_INVITATIONS + 2):
        invite_to_organisation(post.world, story.ada, "acme", "dan", MEMBER)
        take_invitation_back(post.world, story.ada, "acme", "dan")
    assert post.subjects("dan@example.org") == ["ada invites you to acme as member"] * MOST_INVITATIONS
    assert len(story.notices()["dan"]) == 2 * (MOST_INVITATIONS + 2)
    story.fakes.clock.advance(INVITATIONS_WITHIN)
    invite_to_organisation(post.world, story.ada, "acme", "dan", MEMBER)
    assert len(post.subjects("dan@example.org")) == MOST_INVITATIONS + 1


def test_an_invitation_ends_by_itself(story: Acme) -> None:
    """After its time there is no invitation; before, there is one only."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    with refused(Conflict, "invitation-open"):
        invite_to_organisation(story.world, story.ada, "acme", "dan", OWNER)
    story.fakes.clock.advance(INVITATION_LASTS)
    with refused(NotFound, "invitation-unknown"):
        accept_organisation_invitation(story.world, story.dan, "acme")
    with refused(NotFound, "invitation-unknown"):
        decline_organisation_invitation(story.world, story.dan, "acme")
    invite_to_organisation(story.world, story.ada, "acme", "dan", OWNER)
    story.fakes.clock.advance(INVITATION_LASTS - timedelta(seconds=1))
    assert accept_organisation_invitation(story.world, story.dan, "acme") is OWNER


def test_an_invitation_is_as_good_as_who_made_it(story: Acme) -> None:
    """T-32: it counts while the one who invited owns the organisation."""
    give_organisation_role(story.world, story.ada, "acme", "bob", OWNER)
    invite_to_organisation(story.world, story.bob, "acme", "dan", OWNER)
    give_organisation_role(story.world, story.ada, "acme", "bob", MEMBER)
    with refused(Conflict, "invitation-void"):
        accept_organisation_invitation(story.world, story.dan, "acme")
    assert story.people() == BEFORE
    remove_from_organisation(story.world, story.ada, "acme", "bob")
    with refused(Conflict, "invitation-void"):
        accept_organisation_invitation(story.world, story.dan, "acme")


def test_an_account_that_is_gone_invited_nobody(story: Acme) -> None:
    """An inviter who has no account any more is no owner; whoever declines tells nobody."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    tables = story.fakes.store.committed
    tables.users = {key: user for key, user in tables.users.items() if user.name != "ada"}
    with refused(Conflict, "invitation-void"):
        accept_organisation_invitation(story.world, story.dan, "acme")
    decline_organisation_invitation(story.world, story.dan, "acme")
    assert set(story.notices()) == {"dan"}
    tables = story.fakes.store.committed
    tables.users[story.ada.user.id] = story.ada.user


def test_who_cannot_be_invited(story: Acme) -> None:
    """Members are in already, strangers to the index cannot come, and only an owner invites."""
    with refused(Conflict, "organisation-member-already"):
        invite_to_organisation(story.world, story.ada, "acme", "bob", OWNER)
    with refused(NotFound, "user-unknown"):
        invite_to_organisation(story.world, story.ada, "acme", "nobody", MEMBER)
    with refused(NotFound, "organisation-unknown"):
        invite_to_organisation(story.world, story.ada, "able", "dan", MEMBER)
    for caller in (story.bob, story.dan):
        with refused(Forbidden, "organisation-owner-only"):
            invite_to_organisation(story.world, caller, "acme", "dan", MEMBER)
    with story.world.store.write() as tx:
        tx.users.disable(story.dan.user.id, story.fakes.clock.now())
    with refused(Conflict, "user-disabled"):
        invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    assert story.entries() == []


@pytest.mark.parametrize("name", ["acme", "able", "nothing"])
def test_nobody_takes_what_was_not_offered(story: Acme, name: str) -> None:
    """Whether there is such an organisation or not, there is no invitation."""
    create_organisation(story.world, story.ada, "able")
    for answer in (accept_organisation_invitation, decline_organisation_invitation):
        with refused(NotFound, "invitation-unknown"):
            answer(story.world, story.dan, name)


def test_a_narrow_token_answers_no_invitation(story: Acme) -> None:
    """A token must be to manage all that its user has; it leaves no organisation either."""
    narrow = by_token(story.world, story.bob, Scope.MANAGE, projects=["demo"])
    for answer in (accept_organisation_invitation, decline_organisation_invitation):
        with refused(Forbidden, "token-scope"):
            answer(story.world, narrow, "acme")
    with refused(Forbidden, "token-scope"):
        remove_from_organisation(story.world, narrow, "acme", "bob")
    assert story.people() == BEFORE


def test_a_member_gets_another_role(story: Acme) -> None:
    """An owner raises and lowers members, who are told; giving the same role again is refused."""
    give_organisation_role(story.world, story.ada, "acme", "bob", OWNER)
    assert story.people()["bob"] == "owner"
    give_organisation_role(story.world, story.bob, "acme", "bob", MEMBER)
    assert story.people() == BEFORE
    assert [(kind, actor, details["role"]) for kind, actor, _, details in story.entries()] == [
        ("organisation-role-granted", "ada", "owner"),
        ("organisation-role-granted", "bob", "member"),
    ]
    assert {name: [one.subject for one in told] for name, told in story.notices().items()} == {
        "bob": ["You are owner of acme now, by ada"]
    }
    with refused(Conflict, "organisation-role-unchanged"):
        give_organisation_role(story.world, story.ada, "acme", "bob", MEMBER)


def test_a_door_lets_in_nobody_uninvited(story: Acme) -> None:
    """Who is no member is invited; the shell may let in without asking, and that ends an invitation."""
    invite_to_organisation(story.world, story.ada, "acme", "dan", MEMBER)
    with refused(NotFound, "organisation-member-unknown"):
        give_organisation_role(story.world, story.ada, "acme", "dan", OWNER)
    give_organisation_role(story.world, story.ada, "acme", "dan", OWNER, uninvited=True)
    assert story.people() == {**BEFORE, "dan": "owner"}
    assert [(kind, details.get("how")) for kind, _, _, details in story.entries()[1:]] == [
        ("invitation-ended", "superseded"),
        ("organisation-role-granted", None),
    ]
    with refused(NotFound, "invitation-unknown"):
        accept_organisation_invitation(story.world, story.dan, "acme")


def test_the_last_owner_stays(story: Acme) -> None:
    """The last owner can neither leave nor be lowered; with another one, both can be."""
    with refused(Conflict, "last-organisation-owner"):
        give_organisation_role(story.world, story.ada, "acme", "ada", MEMBER)
    with refused(Conflict, "last-organisation-owner"):
        remove_from_organisation(story.world, story.ada, "acme", "ada")
    give_organisation_role(story.world, story.ada, "acme", "bob", OWNER)
    remove_from_organisation(story.world, story.ada, "acme", "ada")
    assert story.people() == {"bob": "owner", "cyd": "member"}
    assert story.notices()["bob"][-1].subject == "ada is no longer in acme, by ada"


def test_who_is_removed_leaves_the_teams(story: Acme) -> None:
    """One entry tells of the organisation and its teams; roles from there end, and one's own stay."""
    transfer_project(story.world, story.ada, "acme", "demo")
    for team in ("core", "docs"):
        create_team(story.world, story.ada, "acme", team)
        add_to_team(story.world, story.ada, "acme", team, "bob")
    give_team_role(story.world, story.ada, "acme", "core", "demo", Role.MAINTAINER)
    with story.world.store.write() as tx:
        tx.projects.grant(story.demo.id, story.bob.user.id, Role.READER)
    assert story.role(story.bob) is Role.MAINTAINER
    before = len(story.entries())
    remove_from_organisation(story.world, story.ada, "acme", "bob")
    gone = {"organisation": "acme", "user": "bob", "role": "member", "teams": ["core", "docs"]}
    assert story.entries()[before:] == [("organisation-role-revoked", "ada", "", gone)]
    assert story.role(story.bob) is Role.READER
    (*_, notice) = story.notices()["bob"]
    assert (notice.subject, notice.text) == (
        "bob is no longer in acme, by ada",
        "Nor in its teams: core, docs.",
    )
    assert notice.path == "/organisations/acme/"


def test_everybody_may_leave(story: Acme) -> None:
    """A member leaves by themselves, and removes nobody else."""
    with refused(Forbidden, "organisation-owner-only"):
        remove_from_organisation(story.world, story.bob, "acme", "cyd")
    remove_from_organisation(story.world, story.bob, "acme", "bob")
    assert story.people() == {"ada": "owner", "cyd": "member"}
    assert set(story.notices()) == {"ada"}
    with refused(NotFound, "organisation-member-unknown"):
        remove_from_organisation(story.world, story.bob, "acme", "bob")
    with refused(NotFound, "organisation-member-unknown"):
        remove_from_organisation(story.world, story.ada, "acme", "dan")


def test_a_disabled_owner_does_not_count(story: Acme) -> None:
    """Who is disabled lets nobody in, and the last owner who can act stays; they are lowered and removed as others."""
    give_organisation_role(story.world, story.ada, "acme", "bob", OrganisationRole.OWNER)
    invite_to_organisation(story.world, story.bob, "acme", "dan", OrganisationRole.MEMBER)
    with story.world.store.write() as tx:
        tx.users.disable(story.bob.user.id, story.fakes.clock.now())
    for ask, code in (
        (lambda: accept_organisation_invitation(story.world, story.dan, "acme"), "invitation-void"),
        (
            lambda: give_organisation_role(story.world, story.ada, "acme", "ada", OrganisationRole.MEMBER),
            "last-organisation-owner",
        ),
        (
            lambda: remove_from_organisation(story.world, story.ada, "acme", "ada"),
            "last-organisation-owner",
        ),
    ):
        with pytest.raises(Conflict) as refused:
            ask()
        assert refused.value.code == code
    give_organisation_role(story.world, story.ada, "acme", "bob", OrganisationRole.MEMBER)
    assert story.people()["bob"] == "member"
    remove_from_organisation(story.world, story.ada, "acme", "bob")
    assert "bob" not in story.people()
