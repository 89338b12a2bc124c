"""Whatever people, tokens and administrators do in whatever order, nobody does what they may not (threats §2.2, I-15).

Who may do what is computed beside the index by a plain model, and both must agree each time: what is done was allowed,
and what is forbidden was not. A message that was accepted is sent again at once, and must change nothing (I-18).
``HOMEPORT_STORY_EXAMPLES`` is how many stories are told.
"""

import os
from dataclasses import replace
from datetime import timedelta
from functools import partial

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import booleans, frozensets, integers, none, sampled_from
from tests.support.archives import make_wheel
from tests.support.deeds import PASSWORD, Deeds, found, send
from tests.support.invariants import History, broken
from tests.support.rights_model import Actor, Offer
from tests.support.rights_told import rights_without_entries

from homeport.domain.account import Scope
from homeport.domain.digests import Sha256
from homeport.domain.hosting import Policy
from homeport.domain.membership import INVITATION_LASTS
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.quota import Quotas
from homeport.flows import membership, organisations, teams
from homeport.flows import organisation_people as people
from homeport.flows.change_quota import change_project_quota, change_user_quota
from homeport.flows.change_status import change_status
from homeport.flows.remove import remove
from homeport.flows.sign_in import add_user
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.flows.users import disable_user, enable_user
from homeport.flows.yank import unyank, yank

ROOT = "ruth"
PEOPLE = ("ada", "bob", "cleo")
PROJECTS = ("demo", "other")
ACME, CORE = "acme", "core"
VERSIONS = ("1.0", "2.0")
BODIES = {
    (project, version): [
        make_wheel(project, version, files={f"{project}/content.py": b"answer = %d\n" % number})
        for number in range(2)
    ]
    for project in PROJECTS
    for version in VERSIONS
}
WHO = sampled_from((*PEOPLE, ROOT))
# What happens to one file is more of a story than what happens to many.
PROJECT, VERSION = sampled_from(("demo", "demo", "demo", "other")), sampled_from(("1.0", "1.0", "1.0", "2.0"))
ROLE = sampled_from(sorted(Role))
ANY, BY = integers(0, 99), integers(0, 399)
# As ``Deeds.actor`` counts: everybody's first and third, and the first of those who may.
ADA, CLEO, FIRST = 0, 6, 1


class RightsMachine(Deeds, RuleBasedStateMachine):
    """Three people and an administrator, two projects, an organisation with a team, and tokens."""

    def __init__(self) -> None:
        super().__init__()
        quotas = Quotas(project_bytes=len(BODIES["demo", "1.0"][0]) * 2 + 20)
        self.begin(Policy(quotas=quotas, releases_close_after=timedelta(days=14)))
        self.history = History(self.fakes.store)
        self.acknowledged: dict[tuple[str, str], Sha256] = {}

    @initialize()
    def everybody_comes(self) -> None:
        """Ada owns demo, which cleo maintains, and an organisation with bob in its team; both have tokens."""
        for name in (*PEOPLE, ROOT):
            add_user(self.world, name, f"{name}@example.org", PASSWORD, is_admin=name == ROOT)
        self.rights.admins.add(ROOT)
        self.somebody_creates_a_project(ADA, "demo")
        self.somebody_founds_an_organisation(ADA)
        self.somebody_invites(ADA, "demo", "cleo", Role.MAINTAINER)
        self.somebody_answers(FIRST, 0, says_yes=True)
        self.somebody_invites_into_it(ADA, "bob", OrganisationRole.MEMBER)
        self.somebody_joins(FIRST)
        self.the_team_changes(FIRST, "bob", comes=True)
        self.somebody_uploads(FIRST, "demo", "1.0", 0)
        self.somebody_makes_a_token(ADA, frozenset(Scope), frozenset(), None)
        self.somebody_makes_a_token(CLEO, frozenset({Scope.UPLOAD}), frozenset({"demo"}), 3)

    # Accounts

    @rule(by=BY, who=WHO, comes_back=booleans())
    def somebody_closes_an_account(self, by: int, who: str, *, comes_back: bool) -> None:
        """The administrator disables an account, or enables it; others try to."""
        if self.do(by, self.rights.administers, enable_user if comes_back else disable_user, who):
            (self.rights.disabled.discard if comes_back else self.rights.disabled.add)(who)

    # Projects and their people

    @rule(by=BY, name=PROJECT)
    def somebody_creates_a_project(self, by: int, name: str) -> None:
        """Whoever comes first has the name."""
        for actor, _ in self.do(by, self.rights.is_in_person, found, name):
            self.rights.found(name, actor.name)

    @rule(by=BY, name=PROJECT, who=WHO, role=ROLE)
    def somebody_invites(self, by: int, name: str, who: str, role: Role) -> None:
        """An owner offers a role."""
        may = partial(self.rights.may_change, project=name)
        for actor, made in self.do(by, may, membership.invite, name, who, role):
            until = self.rights.now + INVITATION_LASTS
            self.rights.offers[made.id] = Offer(made.id, name, who, role.value, actor.name, until)

    @rule(by=BY, which=ANY, says_yes=sampled_from((True, True, True, False)))
    def somebody_answers(self, by: int, which: int, *, says_yes: bool) -> None:
        """Who is invited, or somebody else, says yes or no."""
        offers = list(self.fakes.store.committed.invitations)
        if not offers:
            return
        number = offers[which % len(offers)]
        offer, rights = self.rights.offers.get(number), self.rights
        may = partial(rights.may_accept if says_yes else rights.may_decline, offer=offer)
        if self.do(by, may, membership.accept if says_yes else membership.decline, number):
            assert offer is not None
            del rights.offers[number]
            if says_yes:
                rights.give(offer.project, offer.user, offer.role)

    @rule(by=BY, name=PROJECT, who=WHO, role=ROLE)
    def somebody_changes_a_role(self, by: int, name: str, who: str, role: Role) -> None:
        """An owner gives a member another role."""
        may = partial(self.rights.may_change, project=name)
        if self.do(by, may, membership.change_role, name, who, role):
            self.rights.give(name, who, role.value)

    @rule(by=BY, name=PROJECT, who=WHO)
    def somebody_is_removed(self, by: int, name: str, who: str) -> None:
        """An owner takes a role away, or somebody leaves."""
        may = partial(self.rights.may_take_away, project=name, user=who)
        if self.do(by, may, membership.revoke_role, name, who):
            self.rights.give(name, who, None)

    # Organisations and teams

    @rule(by=BY)
    def somebody_founds_an_organisation(self, by: int) -> None:
        """An organisation, with one team."""
        for actor, _ in self.do(by, self.rights.is_whole, organisations.create_organisation, ACME):
            self.rights.organisations[ACME] = {actor.name: "owner"}
            self.rights.teams[ACME] = set()
            assert self.do(FIRST, self.owns_acme, teams.create_team, ACME, CORE)

    @rule(by=BY, who=WHO, role=sampled_from(sorted(OrganisationRole)))
    def somebody_invites_into_it(self, by: int, who: str, role: OrganisationRole) -> None:
        """An owner of the organisation offers a role, or gives who is in it another one."""
        if who in self.rights.organisations[ACME]:
            if self.do(by, self.owns_acme, people.give_organisation_role, ACME, who, role):
                self.rights.organisations[ACME][who] = role.value
            return
        for actor, _ in self.do(by, self.owns_acme, people.invite_to_organisation, ACME, who, role):
            until = self.rights.now + INVITATION_LASTS
            self.rights.organisation_offers[ACME, who] = (role.value, actor.name, until)

    @rule(by=BY)
    def somebody_joins(self, by: int) -> None:
        """Who is invited into the organisation says yes, or somebody who is not tries to."""
        may = partial(self.rights.may_join, organisation=ACME)
        for actor, _ in self.do(by, may, people.accept_organisation_invitation, ACME):
            role, _, _ = self.rights.organisation_offers.pop((ACME, actor.name))
            self.rights.organisations[ACME][actor.name] = role

    @rule(by=BY, who=WHO)
    def somebody_leaves_it(self, by: int, who: str) -> None:
        """An owner takes somebody out of the organisation, or somebody leaves."""
        may = partial(self.rights.may_leave, organisation=ACME, user=who)
        if self.do(by, may, people.remove_from_organisation, ACME, who):
            del self.rights.organisations[ACME][who]
            self.rights.teams[ACME].discard(who)

    @rule(by=BY, name=PROJECT, comes=booleans())
    def a_project_moves(self, by: int, name: str, *, comes: bool) -> None:
        """Into the organisation, or out of it."""
        rights = self.rights
        may = partial(rights.may_move_in if comes else rights.may_move_out, organisation=ACME, project=name)
        move = organisations.transfer_project if comes else organisations.take_project_out
        if self.do(by, may, move, ACME, name):
            if comes:
                rights.owned_by[name] = ACME
            else:
                rights.take_out(name)

    @rule(by=BY, who=WHO, comes=booleans())
    def the_team_changes(self, by: int, who: str, *, comes: bool) -> None:
        """Somebody comes into the team, or goes."""
        change = teams.add_to_team if comes else teams.remove_from_team
        if self.do(by, self.owns_acme, change, ACME, CORE, who):
            (self.rights.teams[ACME].add if comes else self.rights.teams[ACME].discard)(who)

    @rule(by=BY, name=PROJECT, role=none() | ROLE)
    def the_teams_role_changes(self, by: int, name: str, role: Role | None) -> None:
        """The team gets a role in a project of the organisation, or loses it."""
        if role is None:
            if self.do(by, self.owns_acme, teams.take_team_role, ACME, CORE, name):
                del self.rights.team_roles[name]
        elif self.do(by, self.owns_acme, teams.give_team_role, ACME, CORE, name, role):
            self.rights.team_roles[name] = role.value

    def owns_acme(self, actor: Actor) -> bool:
        """True for who owns the organisation."""
        return self.rights.owns_organisation(actor, ACME)

    # Tokens

    @rule(
        by=BY,
        scopes=frozensets(sampled_from(sorted(Scope)), min_size=1),
        names=frozensets(PROJECT, max_size=1),
        days=none() | integers(1, 20),
    )
    def somebody_makes_a_token(
        self, by: int, scopes: frozenset[Scope], names: frozenset[str], days: int | None
    ) -> None:
        """For some scopes, perhaps for one project, perhaps for some days; by a token, within what that is."""
        lasts = timedelta(days=days) if days is not None else None
        reach, until = frozenset(scope.value for scope in scopes), self.rights.now + lasts if lasts else None
        may = partial(self.rights.may_make, scopes=reach, projects=names, until=until)
        for actor, new in self.do(
            by, may, create_token, TokenWish(scopes, tuple(names), lasts), repeats=False
        ):
            made = self.rights.wanted(actor, reach, names, until)
            self.tokens.append(replace(made, number=new.token.id, text=new.text))

    @rule(by=BY, which=ANY)
    def somebody_revokes_a_token(self, by: int, which: int) -> None:
        """Of their own, or somebody else's."""
        token = self.tokens[which % len(self.tokens)]
        may = partial(self.rights.may_revoke, token=token)
        is_over = token.until is not None and token.until <= self.rights.now
        # What ended by itself is not revoked besides.
        if self.do(by, may, revoke_token, token.number, "Lost.") and not is_over:
            self.rights.revoked.add(token.number)

    # Files

    @rule(by=BY, name=PROJECT, version=VERSION, variant=integers(0, 1))
    def somebody_uploads(self, by: int, name: str, version: str, variant: int) -> None:
        """A file that is new, or there already, or was removed, or has other bytes than it had."""
        filename, body = f"{name}-{version}-py3-none-any.whl", BODIES[name, version][variant]
        may = partial(self.rights.may_upload, project=name)
        for actor, _ in self.do(by, may, send, filename, body):
            self.acknowledged[name, filename] = Sha256.of(body)
            if name not in self.rights.projects:
                self.rights.found(name, actor.name)

    @rule(by=BY, name=PROJECT, version=VERSION, back=booleans())
    def somebody_yanks(self, by: int, name: str, version: str, *, back: bool) -> None:
        """A maintainer yanks a release, or takes that back."""
        self.do(by, partial(self.rights.may_yank, project=name), unyank if back else yank, name, version)

    @rule(by=BY, name=PROJECT, version=VERSION, whole=booleans())
    def somebody_removes(self, by: int, name: str, version: str, *, whole: bool) -> None:
        """An owner removes a file, or all of its release; an administrator, too."""
        filename = f"{name}-{version}-py3-none-any.whl"
        may, named = partial(self.rights.may_remove, project=name), () if whole else (filename,)
        if self.do(by, may, remove, name, version, reason="Gone.", filenames=named):
            self.acknowledged.pop((name, filename), None)

    # What administrators do, and time

    @rule(by=BY, name=PROJECT, status=sampled_from([*[ProjectStatus.ACTIVE] * 4, *ProjectStatus]))
    def somebody_marks_a_project(self, by: int, name: str, status: ProjectStatus) -> None:
        """An owner archives it and takes that back; only an administrator begins and ends a quarantine."""
        may = partial(self.rights.may_mark, project=name, status=status.value)
        if self.do(by, may, change_status, name, status, "Why."):
            self.rights.mark(name, status.value)

    @rule(by=BY, whose=sampled_from(("demo", "ada")), amount=sampled_from([None, None, 0, 900, 10_000]))
    def somebody_changes_a_quota(self, by: int, whose: str, amount: int | None) -> None:
        """An administrator gives a project or a person more or less, also less than there is."""
        change = change_project_quota if whose == "demo" else change_user_quota
        self.do(by, self.rights.administers, change, whose, amount)

    @rule(days=sampled_from([1, 4, 8, 15, -1, -8]))
    def time_passes(self, days: int) -> None:
        """Days go by, or the clock is set back (I-19): what ended otherwise than by time stays ended."""
        self.fakes.clock.advance(timedelta(days=days))
        self.rights.now = self.fakes.clock.now()

    # What must hold

    @invariant()
    def nothing_is_broken(self) -> None:
        """I-01 to I-04, I-06, I-12, I-16 and I-17, as they stand."""
        assert broken(self.fakes) == []
        assert self.history.broken() == []
        assert rights_without_entries(self.fakes.store, self.fakes.clock.now()) == []

    @invariant()
    def everybody_is_what_they_are(self) -> None:
        """I-15: the roles that the index answers with are those of the model."""
        with self.world.store.read() as tx:
            for name in self.rights.projects:
                project = tx.projects.find(name)
                assert project is not None
                for user in map(tx.users.by_name, (*PEOPLE, ROOT)):
                    assert user is not None
                    assert tx.projects.role_of(project.id, user.id) == self.rights.role(name, user.name)

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        """I-10: every upload that was answered with success is hosted, until its owner removes it."""
        hosted = {
            (file.project, file.filename): file.digests.sha256
            for file in self.fakes.store.committed.files.values()
        }
        assert hosted == self.acknowledged


EXAMPLES = int(os.environ.get("HOMEPORT_STORY_EXAMPLES", "25"))
TestRights = RightsMachine.TestCase
TestRights.settings = settings(max_examples=EXAMPLES, stateful_step_count=50, deadline=None)
