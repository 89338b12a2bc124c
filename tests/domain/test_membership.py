"""Membership: an owner stays, and an invitation counts while who sent it owns the project."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW, user

from homeport.domain.errors import Conflict
from homeport.domain.membership import INVITATION_LASTS, Invitation, require_an_owner
from homeport.domain.names import ProjectName
from homeport.domain.project import Role

DEMO = ProjectName("demo")
INVITATION = Invitation(1, 1, DEMO, user("bob"), Role.OWNER, "alice", NOW, NOW + INVITATION_LASTS)


def test_an_invitation_lasts_two_weeks() -> None:
    """Fourteen days, as the pages say."""
    assert timedelta(days=14) == INVITATION_LASTS


@pytest.mark.parametrize("role", [None, Role.READER, Role.MAINTAINER])
def test_an_invitation_is_void_without_an_owner_behind_it(role: Role | None) -> None:
    """Who lost the project gives it to nobody (T-32)."""
    with pytest.raises(Conflict, match="alice, who invited you, does not own demo any more") as refused:
        INVITATION.require_inviter(role)
    assert refused.value.code == "invitation-void"


def test_an_owner_stands_behind_an_invitation() -> None:
    """While alice owns the project her invitation counts."""
    INVITATION.require_inviter(Role.OWNER)


@pytest.mark.parametrize("left", [(), (Role.MAINTAINER,), (Role.READER, Role.MAINTAINER)])
def test_a_project_keeps_an_owner(left: tuple[Role, ...]) -> None:
    """Without an owner among those who would be left, nobody goes."""
    with pytest.raises(Conflict, match="alice is the last owner of demo") as refused:
        require_an_owner(DEMO, "alice", left)
    assert refused.value.code == "last-owner"


def test_an_owner_among_many_may_go() -> None:
    """One owner is enough."""
    require_an_owner(DEMO, "alice", (Role.READER, Role.OWNER))
