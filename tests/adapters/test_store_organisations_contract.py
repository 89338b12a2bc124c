"""The contract of ``ports.organisations``, and of every role that comes from there."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support.fake_store import FakeStore
from tests.support.store_rows import add_project, add_user
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.errors import Conflict
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import ProjectStatus, Role
from homeport.ports.catalogue import Membership
from homeport.ports.organisations import OrganisationMember
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
OWNER, MEMBER = OrganisationRole.OWNER, OrganisationRole.MEMBER


def add_organisation(store: Store, name: str = "acme", display_name: str = "Acme & Søns") -> Organisation:
    """An organisation."""
    with store.write() as tx:
        return tx.organisations.add(name, display_name, NOW)


def test_an_organisation_is_found_by_name_and_id(store: Store) -> None:
    """What was added is found as it was; a name is given once; all of them come by name."""
    acme = add_organisation(store)
    able = add_organisation(store, "able", "Able")
    assert (acme.name, acme.display_name, acme.created_at) == ("acme", "Acme & Søns", NOW)
    with store.read() as tx:
        assert tx.organisations.by_name("acme") == tx.organisations.by_id(acme.id) == acme
        assert tx.organisations.by_name("Acme") is None
        assert tx.organisations.by_id(99) is None
        assert list(tx.organisations.every()) == [able, acme]
    with pytest.raises(Conflict, match="acme") as refusal, store.write() as tx:
        tx.organisations.add("acme", "Another", NOW)
    assert refusal.value.code == "organisation-exists"


def test_a_name_means_one(store: Store) -> None:
    """An organisation has no user's name, and a user no organisation's."""
    ada, acme = add_user(store, "ada"), add_organisation(store)
    with pytest.raises(Conflict) as refusal:
        add_organisation(store, ada.name)
    assert refusal.value.code == "organisation-exists"
    with pytest.raises(Conflict) as refusal:
        add_user(store, acme.name)
    assert refusal.value.code == "user-exists"
    with store.read() as tx:
        assert tx.users.by_name("acme") is None
        assert tx.organisations.by_name("ada") is None


def test_people_of_an_organisation(store: Store) -> None:
    """A person has one role; a new one replaces it; owners are listed first, and everybody's organisations by name."""
    acme, able = add_organisation(store), add_organisation(store, "able")
    ada, bob, cyd = (add_user(store, name) for name in ("ada", "bob", "cyd"))
    with store.write() as tx:
        for user, role in ((ada, OWNER), (cyd, MEMBER), (bob, MEMBER), (cyd, OWNER), (ada, MEMBER)):
            tx.organisations.grant(acme.id, user.id, role)
        tx.organisations.grant(able.id, ada.id, OWNER)
    with store.read() as tx:
        assert list(tx.organisations.members(acme.id)) == [
            OrganisationMember(cyd, OWNER),
            OrganisationMember(ada, MEMBER),
            OrganisationMember(bob, MEMBER),
        ]
        assert tx.organisations.role_of(acme.id, cyd.id) is OWNER
        assert tx.organisations.role_of(able.id, cyd.id) is None
        assert list(tx.organisations.of_user(ada.id)) == [(able, OWNER), (acme, MEMBER)]
        assert list(tx.organisations.of_user(bob.id)) == [(acme, MEMBER)]


def test_who_is_disabled_is_a_member_without_a_right(store: Store) -> None:
    """The role counts for nothing while the account is disabled, and is there again after that."""
    acme, ada = add_organisation(store), add_user(store, "ada")
    with store.write() as tx:
        tx.organisations.grant(acme.id, ada.id, OWNER)
        tx.users.disable(ada.id, NOW)
        assert tx.organisations.role_of(acme.id, ada.id) is None
        assert [(one.user.name, one.role) for one in tx.organisations.members(acme.id)] == [("ada", OWNER)]
        assert list(tx.organisations.of_user(ada.id)) == [(acme, OWNER)]
        tx.users.enable(ada.id)
        assert tx.organisations.role_of(acme.id, ada.id) is OWNER


def test_who_leaves_an_organisation_leaves_its_teams(store: Store) -> None:
    """The teams that somebody was in are told by name; other people, and other organisations' teams, are as before."""
    acme, able = add_organisation(store), add_organisation(store, "able")
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    with store.write() as tx:
        docs, core = tx.teams.add(acme.id, "docs"), tx.teams.add(acme.id, "core")
        tx.teams.add(acme.id, "empty")
        other = tx.teams.add(able.id, "core")
        for organisation in (acme, able):
            tx.organisations.grant(organisation.id, ada.id, MEMBER)
        tx.organisations.grant(acme.id, bob.id, OWNER)
        for team in (docs, core, other):
            tx.teams.put_member(team.id, ada.id)
        tx.teams.put_member(core.id, bob.id)
    with store.write() as tx:
        assert list(tx.organisations.revoke(acme.id, ada.id)) == [core, docs]
        assert list(tx.organisations.revoke(acme.id, ada.id)) == []
    with store.read() as tx:
        assert tx.organisations.role_of(acme.id, ada.id) is None
        assert tx.organisations.role_of(able.id, ada.id) is MEMBER
        assert [list(tx.teams.members(team.id)) for team in (docs, core, other)] == [[], [bob], [ada]]


def test_teams(store: Store) -> None:
    """A name is given once in an organisation; people and roles come, are replaced, and go."""
    acme, able = add_organisation(store), add_organisation(store, "able")
    demo, more = add_project(store), add_project(store, "A.More")
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    with store.write() as tx:
        docs, core = tx.teams.add(acme.id, "docs"), tx.teams.add(acme.id, "core")
        other = tx.teams.add(able.id, "core")
        assert [tx.teams.put_member(core.id, user.id) for user in (bob, ada, bob)] == [True, True, False]
        tx.teams.put_role(core.id, demo.id, Role.READER)
        tx.teams.put_role(core.id, demo.id, Role.OWNER)
        tx.teams.put_role(core.id, more.id, Role.MAINTAINER)
    assert core == Team(core.id, acme.id, "core")
    with pytest.raises(Conflict, match="core") as refusal, store.write() as tx:
        tx.teams.add(acme.id, "core")
    assert refusal.value.code == "team-exists"
    with store.read() as tx:
        assert tx.teams.find(acme.id, "core") == core
        assert tx.teams.find(able.id, "core") == other
        assert tx.teams.find(able.id, "docs") is None
        assert list(tx.teams.of_organisation(acme.id)) == [core, docs]
        assert list(tx.teams.members(core.id)) == [ada, bob]
        assert list(tx.teams.roles(core.id)) == [(more, Role.MAINTAINER), (demo, Role.OWNER)]
        assert list(tx.teams.roles(docs.id)) == []
    with store.write() as tx:
        assert [tx.teams.drop_member(core.id, bob.id) for _ in range(2)] == [True, False]
        assert [tx.teams.drop_role(core.id, demo.id) for _ in range(2)] == [True, False]
    with store.read() as tx:
        assert list(tx.teams.members(core.id)) == [ada]
        assert list(tx.teams.roles(core.id)) == [(more, Role.MAINTAINER)]


def test_a_team_is_gone_with_all_of_it(store: Store) -> None:
    """A team that is removed has no people and no roles, and its name is free; other teams are as before."""
    acme, demo, ada = add_organisation(store), add_project(store), add_user(store, "ada")
    with store.write() as tx:
        core, docs = tx.teams.add(acme.id, "core"), tx.teams.add(acme.id, "docs")
        for team in (core, docs):
            tx.teams.put_member(team.id, ada.id)
            tx.teams.put_role(team.id, demo.id, Role.READER)
        tx.teams.remove(core.id)
    with store.read() as tx:
        assert list(tx.teams.of_organisation(acme.id)) == [docs]
        assert (list(tx.teams.members(core.id)), list(tx.teams.roles(core.id))) == ([], [])
        assert list(tx.teams.members(docs.id)) == [ada]
        assert list(tx.teams.roles(docs.id)) == [(demo, Role.READER)]
    with store.write() as tx:
        assert tx.teams.add(acme.id, "core").name == "core"


def test_invitations(store: Store) -> None:
    """Somebody is invited once; a new invitation replaces an earlier one; what has expired is not there any more."""
    acme, able = add_organisation(store), add_organisation(store, "able")
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    day = timedelta(days=1)
    with store.write() as tx:
        invite = tx.organisation_invitations
        invite.put(acme.id, bob.id, OWNER, by="zoe", at=NOW, until=NOW + day)
        invite.put(acme.id, ada.id, MEMBER, by="zoe", at=NOW, until=NOW + day)
        invite.put(acme.id, bob.id, MEMBER, by="yan", at=NOW + day, until=NOW + 2 * day)
        invite.put(able.id, bob.id, OWNER, by="zoe", at=NOW, until=NOW + 3 * day)
    of_ada = OrganisationInvitation(acme, ada, MEMBER, "zoe", NOW, NOW + day)
    of_bob = OrganisationInvitation(acme, bob, MEMBER, "yan", NOW + day, NOW + 2 * day)
    elsewhere = OrganisationInvitation(able, bob, OWNER, "zoe", NOW, NOW + 3 * day)
    with store.read() as tx:
        invited = tx.organisation_invitations
        assert list(invited.of_organisation(acme.id, NOW)) == [of_ada, of_bob]
        assert list(invited.of_organisation(acme.id, NOW + day)) == [of_bob]
        assert list(invited.of_user(bob.id, NOW)) == [elsewhere, of_bob]
        assert invited.find(acme.id, ada.id, NOW) == of_ada
        assert invited.find(acme.id, ada.id, NOW + day) is None
        assert invited.find(able.id, ada.id, NOW) is None
    with store.write() as tx:
        tx.organisation_invitations.remove(acme.id, bob.id)
        tx.organisation_invitations.remove(acme.id, bob.id)
    with store.read() as tx:
        assert list(tx.organisation_invitations.of_user(bob.id, NOW)) == [elsewhere]
        assert list(tx.organisation_invitations.of_organisation(acme.id, NOW)) == [of_ada]


def test_a_project_belongs_to_one_organisation(store: Store) -> None:
    """A project is found in its organisation until it is taken out; then its teams have no role in it."""
    acme, able = add_organisation(store), add_organisation(store, "able")
    demo, more = add_project(store), add_project(store, "more")
    with store.write() as tx:
        tx.organisations.take_in(acme.id, demo.id)
        tx.organisations.take_in(able.id, more.id)
        docs, core = tx.teams.add(acme.id, "docs"), tx.teams.add(acme.id, "core")
        for team in (docs, core):
            tx.teams.put_role(team.id, demo.id, Role.READER)
    with store.read() as tx:
        assert tx.organisations.of_project(demo.id) == acme
        assert list(tx.organisations.projects(acme.id, listed_only=False)) == [demo]
    with store.write() as tx:
        assert list(tx.organisations.take_out(demo.id)) == [core, docs]
        assert list(tx.organisations.take_out(demo.id)) == []
    with store.read() as tx:
        assert tx.organisations.of_project(demo.id) is None
        assert tx.organisations.of_project(more.id) == able
        assert list(tx.organisations.projects(acme.id, listed_only=False)) == []
        assert list(tx.teams.roles(core.id)) == []


def test_an_organisations_projects_come_by_name(store: FakeStore | SqlStore) -> None:
    """All of them, or a window, or those that anybody may know of."""
    acme = add_organisation(store)
    names = ("e", "d", "C", "b", "a")
    added = {name: add_project(store, name) for name in names}
    with store.write() as tx:
        for project in added.values():
            tx.organisations.take_in(acme.id, project.id)
        tx.projects.set_private(added["b"].id, is_private=True)
    set_status(store, added["d"], ProjectStatus.QUARANTINED)

    def told(tx: Transaction, after: str = "", limit: int | None = None, *, listed_only: bool = False) -> str:
        found = tx.organisations.projects(acme.id, listed_only=listed_only, after=after, limit=limit)
        return "".join(project.name.display for project in found)

    with store.read() as tx:
        assert told(tx) == "abCde"
        assert told(tx, "a", 3) == "bCd"
        assert told(tx, listed_only=True) == "aCe"
        assert told(tx, "a", 1, listed_only=True) == "C"


def test_a_role_tells_where_it_comes_from(store: Store) -> None:
    """The best role counts; of equal ones one's own, then the organisation's, then the first team's by name."""
    acme, demo = add_organisation(store), add_project(store)
    ada, bob, cyd, dan, eve = (add_user(store, name) for name in ("ada", "bob", "cyd", "dan", "eve"))
    with store.write() as tx:
        tx.organisations.take_in(acme.id, demo.id)
        for user in (ada, bob, cyd, dan, eve):
            tx.organisations.grant(acme.id, user.id, OWNER if user in (ada, bob) else MEMBER)
        teams = {"b-team": Role.MAINTAINER, "a-team": Role.MAINTAINER, "owners": Role.OWNER}
        for name, role in teams.items():
            team = tx.teams.add(acme.id, name)
            tx.teams.put_role(team.id, demo.id, role)
            for user in (bob, cyd) if role is Role.MAINTAINER else (bob,):
                tx.teams.put_member(team.id, user.id)
        for user, role in ((ada, Role.OWNER), (bob, Role.READER), (cyd, Role.READER), (dan, Role.READER)):
            tx.projects.grant(demo.id, user.id, role)
    with store.read() as tx:
        assert list(tx.projects.members(demo.id)) == [
            Membership(ada, Role.OWNER),
            Membership(bob, Role.OWNER, "organisation acme"),
            Membership(cyd, Role.MAINTAINER, "team acme/a-team"),
            Membership(dan, Role.READER),
        ]
        assert tx.projects.role_of(demo.id, cyd.id) is Role.MAINTAINER
        assert tx.projects.role_of(demo.id, eve.id) is None
        assert [list(tx.projects.of_user(user.id)) for user in (bob, cyd, dan)] == [[demo], [demo], []]
