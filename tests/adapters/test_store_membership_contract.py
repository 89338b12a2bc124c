"""The contract of ``ports.membership`` and of roles that end, by fake and SQLite."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.store_rows import add_project, add_user

from homeport.domain.account import User
from homeport.domain.membership import EndedInvitation, Ending, Invitation
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.ports.catalogue import Membership
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
UNTIL = NOW + timedelta(days=14)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def ada(store: Store) -> User:
    """Somebody."""
    return add_user(store, "ada")


@pytest.fixture
def bob(store: Store) -> User:
    """Somebody else."""
    return add_user(store, "bob")


@pytest.fixture
def demo(store: Store) -> Project:
    """A project."""
    return add_project(store, "My.Demo")


def invite(store: Store, project: Project, user: User, role: Role = Role.READER) -> Invitation:
    """An invitation by ada for two weeks."""
    with store.write() as tx:
        return tx.invitations.add(project.id, user.id, role, by="ada", at=NOW, until=UNTIL)


def test_an_invitation_is_told_as_it_was_made(store: Store, bob: User, demo: Project) -> None:
    """It comes back whole, by its id, by whom it is for, and by project and person; until its time is over."""
    made = invite(store, demo, bob, Role.OWNER)
    assert made == Invitation(made.id, demo.id, demo.name, bob, Role.OWNER, "ada", NOW, UNTIL)
    assert made.project.display == "My.Demo"
    last = UNTIL - MOMENT
    with store.read() as tx:
        assert list(tx.invitations.of_project(demo.id, last)) == [made]
        assert list(tx.invitations.of_user(bob.id, last)) == [made]
        assert tx.invitations.between(demo.id, bob.id, last) == made
        assert list(tx.invitations.of_project(demo.id, UNTIL)) == []
        assert list(tx.invitations.of_user(bob.id, UNTIL)) == []
        assert tx.invitations.between(demo.id, bob.id, UNTIL) is None
        assert tx.invitations.find(made.id) == made


def test_invitations_are_told_apart(store: Store, ada: User, bob: User, demo: Project) -> None:
    """Each is of one project and for one person; the oldest comes first."""
    other = add_project(store, "other")
    first, second, third = invite(store, demo, bob), invite(store, other, bob), invite(store, demo, ada)
    with store.read() as tx:
        assert list(tx.invitations.of_user(bob.id, NOW)) == [first, second]
        assert list(tx.invitations.of_project(demo.id, NOW)) == [first, third]
        assert tx.invitations.between(other.id, ada.id, NOW) is None
        assert tx.invitations.find(third.id + 1) is None


def test_an_invitation_is_removed_and_its_id_not_given_again(store: Store, bob: User, demo: Project) -> None:
    """An answer to one that is gone is never an answer to the next."""
    first = invite(store, demo, bob)
    with store.write() as tx:
        tx.invitations.end(first, Ending.DECLINED, NOW)
        assert tx.invitations.find(first.id) is None
    assert invite(store, demo, bob).id > first.id


def test_what_became_of_an_invitation_is_remembered(store: Store, bob: User, demo: Project) -> None:
    """By its id, whole; nothing is told of one that is open, or of one that never was."""
    first = invite(store, demo, bob)
    with store.write() as tx:
        assert tx.invitations.ended(first.id) is None
        tx.invitations.end(first, Ending.TAKEN_BACK, NOW + MOMENT)
        assert tx.invitations.ended(first.id) == EndedInvitation(
            first.id, bob.id, demo.name, Role.READER, "ada", Ending.TAKEN_BACK, NOW + MOMENT
        )
        assert tx.invitations.ended(first.id + 1) is None


def test_what_is_over_makes_room(store: Store, bob: User, demo: Project) -> None:
    """Who let an invitation pass can be invited again."""
    first = invite(store, demo, bob)
    with store.write() as tx:
        again = tx.invitations.add(
            demo.id, bob.id, Role.READER, by="ada", at=UNTIL, until=UNTIL + timedelta(days=14)
        )
        ended = tx.invitations.ended(first.id)
        assert ended is not None
        assert (ended.how, ended.at) == (Ending.EXPIRED, UNTIL)
        assert tx.invitations.find(first.id) is None
        assert list(tx.invitations.of_user(bob.id, UNTIL)) == [again]


def test_a_role_ends(store: Store, ada: User, bob: User, demo: Project) -> None:
    """The role that was taken away is told; the other's stays; taking away what is not there tells so."""
    with store.write() as tx:
        tx.projects.grant(demo.id, ada.id, Role.OWNER)
        tx.projects.grant(demo.id, bob.id, Role.MAINTAINER)
        assert tx.projects.revoke(demo.id, bob.id) is Role.MAINTAINER
        assert tx.projects.revoke(demo.id, bob.id) is None
        assert tx.projects.role_of(demo.id, bob.id) is None
        assert list(tx.projects.members(demo.id)) == [Membership(ada, Role.OWNER)]


def test_what_is_held_through_others_stays(store: Store, ada: User, demo: Project) -> None:
    """Taking a role of one's own away takes nothing that an organisation gives."""
    with store.write() as tx:
        organisation = tx.organisations.add("acme", "Acme", NOW)
        tx.organisations.take_in(organisation.id, demo.id)
        tx.projects.grant(demo.id, ada.id, Role.READER)
        tx.organisations.grant(organisation.id, ada.id, OrganisationRole.OWNER)
        assert tx.projects.revoke(demo.id, ada.id) is Role.READER
        assert tx.projects.revoke(demo.id, ada.id) is None
        assert tx.projects.role_of(demo.id, ada.id) is Role.OWNER
