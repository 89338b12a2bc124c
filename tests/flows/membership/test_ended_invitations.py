"""What became of an invitation, for whom it was."""

from collections.abc import Callable

import pytest
from tests.support.members import require_refusal
from tests.support.world import Fakes

from homeport.domain.account import Caller
from homeport.domain.membership import INVITATION_LASTS, EndedInvitation, Ending, Invitation
from homeport.domain.project import Project, Role
from homeport.flows.membership import (
    accept,
    decline,
    grant_role,
    invite,
    show_ended_invitation,
    take_back,
)


def accepted(fakes: Fakes, ada: Caller, bob: Caller, made: Invitation) -> None:
    """Bob says yes."""
    accept(fakes.world, bob, made.id)


def declined(fakes: Fakes, ada: Caller, bob: Caller, made: Invitation) -> None:
    """Bob says no."""
    decline(fakes.world, bob, made.id)


def taken_back(fakes: Fakes, ada: Caller, bob: Caller, made: Invitation) -> None:
    """Ada thinks better of it."""
    take_back(fakes.world, ada, made.id)


def superseded(fakes: Fakes, ada: Caller, bob: Caller, made: Invitation) -> None:
    """Whoever runs the index gives bob a role."""
    grant_role(fakes.world, ada, "my-demo", "bob", Role.MAINTAINER)


def expired(fakes: Fakes, ada: Caller, bob: Caller, made: Invitation) -> None:
    """Nobody answers."""
    fakes.clock.advance(INVITATION_LASTS)


WAYS: tuple[tuple[Callable[[Fakes, Caller, Caller, Invitation], None], str, str], ...] = (
    (accepted, "accepted", "You accepted it."),
    (declined, "declined", "You declined it."),
    (taken_back, "taken-back", "It was taken back. Ask ada"),
    (superseded, "superseded", "You were given a role without it."),
    (expired, "expired", "Nobody answered it in time. Ask ada"),
)


@pytest.mark.parametrize(("end", "how", "sentence"), WAYS)
def test_it_is_told_for_ever(
    fakes: Fakes,
    ada: Caller,
    bob: Caller,
    demo: Project,
    end: Callable[[Fakes, Caller, Caller, Invitation], None],
    how: str,
    sentence: str,
) -> None:
    """To bob, who was invited; to nobody else, and not while it is open."""
    made = invite(fakes.world, ada, "my-demo", "bob", Role.READER)

    def show(caller: Caller) -> EndedInvitation:
        return show_ended_invitation(fakes.world, caller, made.id)

    require_refusal("invitation-unknown", lambda: show(bob))
    end(fakes, ada, bob, made)
    ended = show(bob)
    assert ended == EndedInvitation(
        made.id, bob.user.id, demo.name, Role.READER, "ada", Ending(how), fakes.clock.now()
    )
    assert ended.sentence.startswith(sentence)
    require_refusal("invitation-unknown", lambda: show(ada))


def test_one_that_nobody_answered_makes_room(fakes: Fakes, ada: Caller, bob: Caller, demo: Project) -> None:
    """Each of both is told of by itself."""
    first = invite(fakes.world, ada, demo.name.normalized, "bob", Role.READER)
    fakes.clock.advance(2 * INVITATION_LASTS)
    second = invite(fakes.world, ada, "my-demo", "bob", Role.READER)
    ended = show_ended_invitation(fakes.world, bob, first.id)
    assert (ended.how, ended.at) == (Ending.EXPIRED, first.expires_at)
    decline(fakes.world, bob, second.id)
    assert show_ended_invitation(fakes.world, bob, second.id).how is Ending.DECLINED
