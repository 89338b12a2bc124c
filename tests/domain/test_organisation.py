"""Organisations: names, roles, and which of several roles counts."""

from itertools import chain, combinations

import pytest
from tests.support.builders import NOW, caller, user

from homeport.domain.account import Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid
from homeport.domain.names import ProjectName
from homeport.domain.organisation import (
    LONGEST_DISPLAY_NAME,
    Organisation,
    OrganisationInvitation,
    OrganisationRole,
    best_role,
    require_display_name,
    require_organisation_name,
    require_organisation_owner,
    require_other_owner,
    require_owner_of_its_own,
    require_team_name,
)
from homeport.domain.project import Role

ACME = Organisation(1, "acme", "Acme & Sons", NOW)


@pytest.mark.parametrize("name", ["a", "acme", "acme-labs", "a.b_c-9", "0", "x" * 64])
def test_a_name_is_taken_as_it_is(name: str) -> None:
    """Organisations and teams are named as users are."""
    assert require_organisation_name(name) == require_team_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Acme", "-acme", "acme-", "a/b", "a b", "acmé", "acme\n", "x" * 65, "..", "\u0430"]
)
def test_other_names_are_refused(name: str) -> None:
    """What is no such name is refused with what a name may hold, whether of an organisation or of a team."""
    with pytest.raises(Invalid, match="lower-case letters") as of_organisation:
        require_organisation_name(name)
    with pytest.raises(Invalid, match="lower-case letters") as of_team:
        require_team_name(name)
    assert of_organisation.value.code == "organisation-name-invalid"
    assert of_team.value.code == "team-name-invalid"


def test_reserved_names_are_for_administrators() -> None:
    """What no user may be called, no organisation may, unless an administrator says so; teams are read below one."""
    with pytest.raises(Invalid) as refused:
        require_organisation_name("security")
    assert refused.value.code == "user-name-reserved"
    assert require_organisation_name("security", by_admin=True) == require_team_name("security") == "security"
    with pytest.raises(Invalid):
        require_organisation_name("Security", by_admin=True)


def test_a_display_name_is_one_line() -> None:
    """Runs of blanks are one; any script is welcome, up to the longest name."""
    assert require_display_name("  Acme\t&\n Søns ") == "Acme & Søns"
    assert require_display_name("é" * LONGEST_DISPLAY_NAME) == "é" * LONGEST_DISPLAY_NAME


@pytest.mark.parametrize("text", ["", "  ", "Ac\u200bme", "Ac\u202eme", "A\x00", "x" * 129])
def test_a_display_name_that_deceives_is_refused(text: str) -> None:
    """Nothing, what is not seen where it stands, and what is too long is no name."""
    with pytest.raises(Invalid) as refusal:
        require_display_name(text)
    assert refusal.value.code == "display-name-invalid"


def test_roles_are_known_by_name() -> None:
    """Each role is read by its name; another word is refused with the two there are."""
    assert [OrganisationRole.parse(role.value) for role in OrganisationRole] == list(OrganisationRole)
    with pytest.raises(Invalid, match="owner or member"):
        OrganisationRole.parse("manager")


def test_the_best_role_counts() -> None:
    """Of every set of roles the one with most rights counts, in whatever order they are held."""
    ranks = [Role.OWNER, Role.MAINTAINER, Role.READER]
    for held in chain.from_iterable(combinations(ranks, size) for size in range(4)):
        expected = next((role for role in ranks if role in held), None)
        assert best_role(held) is best_role(reversed(held)) is expected


def test_only_an_owner_may() -> None:
    """An owner may, by password or with a token to manage everything; members, strangers and narrower tokens may not."""
    require_organisation_owner(caller(), ACME, OrganisationRole.OWNER)
    require_organisation_owner(caller(Scope.MANAGE), ACME, OrganisationRole.OWNER)
    for role in (OrganisationRole.MEMBER, None):
        with pytest.raises(Forbidden) as refusal:
            require_organisation_owner(caller(), ACME, role)
        assert refusal.value.code == "organisation-owner-only"
    for narrowed in (caller(Scope.UPLOAD, Scope.READ), caller(Scope.MANAGE, projects=("demo",))):
        with pytest.raises(Forbidden) as refusal:
            require_organisation_owner(narrowed, ACME, OrganisationRole.OWNER)
        assert refusal.value.code == "token-scope"


def test_the_last_owner_stays() -> None:
    """Who is the only owner stays one; with another one, or when it is about somebody else, nothing is refused."""
    with pytest.raises(Conflict) as refusal:
        require_other_owner(ACME, "ada", ["ada"])
    assert refusal.value.code == "last-organisation-owner"
    require_other_owner(ACME, "ada", ["ada", "bob"])
    require_other_owner(ACME, "cyd", ["ada"])


def test_a_project_keeps_an_owner() -> None:
    """Without its organisation a project needs somebody who owns it by themselves."""
    require_owner_of_its_own(ProjectName("demo"), [Role.READER, Role.OWNER])
    for roles in ([], [Role.MAINTAINER, Role.READER]):
        with pytest.raises(Conflict) as refusal:
            require_owner_of_its_own(ProjectName("demo"), roles)
        assert refusal.value.code == "last-owner"


def test_an_invitation_counts_while_its_inviter_owns() -> None:
    """T-32: an invitation of somebody who owns the organisation no more is void."""
    invitation = OrganisationInvitation(ACME, user("bob"), OrganisationRole.MEMBER, "ada", NOW, NOW)
    invitation.require_open(OrganisationRole.OWNER)
    for role in (OrganisationRole.MEMBER, None):
        with pytest.raises(Conflict, match="ada, who invited you, no longer owns acme") as refusal:
            invitation.require_open(role)
        assert refusal.value.code == "invitation-void"
