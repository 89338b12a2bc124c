"""The role that counts, as every question for it is answered, against a model in plain Python."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.support.fake_store import FakeStore
from tests.support.world import Real, real_world

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.adapters.db.projects import SqlProjects
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
_FEW = 3
_NUMBERS = st.integers(0, _FEW - 1)
_PAIRS = st.tuples(_NUMBERS, _NUMBERS)


@dataclass(frozen=True)
class Holding:
    """Who holds what: users, projects, organisations and teams are numbers from 0."""

    own: dict[tuple[int, int], Role]
    owner_of: dict[int, int]
    people: dict[tuple[int, int], OrganisationRole]
    teams: dict[int, int]
    in_team: frozenset[tuple[int, int]]
    team_roles: dict[tuple[int, int], Role]
    disabled: frozenset[int]

    def counts(self, user: int, project: int) -> Role | None:
        """The role that gives a right: who is disabled holds theirs in vain."""
        return None if user in self.disabled else self.best(user, project)

    def best(self, user: int, project: int) -> Role | None:
        """The role that counts, by the rules of ``domain.organisation``."""
        held = [self.own[project, user]] if (project, user) in self.own else []
        organisation = self.owner_of.get(project)
        if organisation is not None and self.people.get((organisation, user)) is OrganisationRole.OWNER:
            held.append(Role.OWNER)
        held += [
            role
            for (team, of), role in self.team_roles.items()
            if of == project and (team, user) in self.in_team
        ]
        for role in (Role.OWNER, Role.MAINTAINER, Role.READER):
            if role in held:
                return role
        return None


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    """Teams are of their organisation's people and have roles in its projects, as the flows see to it."""
    owner_of = draw(st.dictionaries(_NUMBERS, _NUMBERS, max_size=_FEW))
    people = draw(st.dictionaries(_PAIRS, st.sampled_from(OrganisationRole), max_size=_FEW**2))
    teams = draw(st.dictionaries(_NUMBERS, _NUMBERS, max_size=_FEW))
    in_team = draw(st.frozensets(_PAIRS))
    team_roles = draw(st.dictionaries(_PAIRS, st.sampled_from(Role), max_size=_FEW**2))
    return Holding(
        own=draw(st.dictionaries(_PAIRS, st.sampled_from(Role), max_size=_FEW**2)),
        owner_of=owner_of,
        people=people,
        teams=teams,
        in_team=frozenset(
            (team, user) for team, user in in_team if team in teams and (teams[team], user) in people
        ),
        team_roles={
            (team, project): role
            for (team, project), role in team_roles.items()
            if team in teams and owner_of.get(project) == teams[team]
        },
        disabled=draw(st.frozensets(_NUMBERS)),
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """One database for all examples, with the people and projects there can be."""
    with real_world(tmp_path_factory.mktemp("roles")) as real:
        _fill(real.store)
        yield real


def _fill(store: Store) -> None:
    with store.write() as tx:
        for number in range(_FEW):
            name = f"u{number}"
            tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW)
            tx.projects.add(ProjectName(f"p{number}"), HostingMode.ONLY, NOW)
            tx.organisations.add(f"o{number}", f"O {number}", NOW)


def _put(tx: Transaction, holding: Holding) -> None:
    """Ids are the model's numbers, counted from 1."""
    for user in range(_FEW):
        if user in holding.disabled:
            tx.users.disable(user + 1, NOW)
        else:
            tx.users.enable(user + 1)
    for (project, user), role in holding.own.items():
        tx.projects.grant(project + 1, user + 1, role)
    for (organisation, user), organisation_role in holding.people.items():
        tx.organisations.grant(organisation + 1, user + 1, organisation_role)
    for project, organisation in holding.owner_of.items():
        tx.organisations.take_in(organisation + 1, project + 1)
    ids = {team: tx.teams.add(of + 1, f"t{team}").id for team, of in holding.teams.items()}
    for team, user in holding.in_team:
        tx.teams.put_member(ids[team], user + 1)
    for (team, project), role in holding.team_roles.items():
        tx.teams.put_role(ids[team], project + 1, role)


def _told(tx: Transaction, holding: Holding) -> None:
    for project in range(_FEW):
        expected = {
            f"u{user}": role for user in range(_FEW) if (role := holding.best(user, project)) is not None
        }
        members = tx.projects.members(project + 1)
        assert {member.user.name: member.role for member in members} == expected
        assert len(members) == len(expected), "nobody is named twice"
        assert [member.role for member in members] == sorted(expected.values(), key=list(Role).index)
        for user in range(_FEW):
            assert tx.projects.role_of(project + 1, user + 1) is holding.counts(user, project)
    for user in range(_FEW):
        maintained = [
            f"p{project}"
            for project in range(_FEW)
            if (role := holding.best(user, project)) is not None and role.maintains
        ]
        assert [project.name.display for project in tx.projects.of_user(user + 1)] == maintained


@given(holding=holdings())
@settings(max_examples=60, deadline=None)
def test_the_role_that_counts_is_the_models(real: Real, holding: Holding) -> None:
    """Whatever people hold: roles, members and projects are the model's, and so is what the hot paths look up."""
    with real.store._writing.begin() as connection:
        for table in (
            "roles",
            "team_roles",
            "team_members",
            "teams",
            "organisation_projects",
            "organisation_members",
        ):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names from the line above
    with real.store.write() as tx:
        _put(tx, holding)
    with real.store.read() as tx:
        _told(tx, holding)
    with closing(SqliteHotReads(sqlite_file(real.database), real.folder)) as reads:
        for user in range(_FEW):
            for project in range(_FEW):
                assert reads.role(user + 1, f"p{project}") is holding.counts(user, project)


@given(holding=holdings())
@settings(max_examples=60, deadline=None)
def test_the_fake_agrees_with_the_model(holding: Holding) -> None:
    """The store in memory keeps the same promise."""
    store = FakeStore()
    _fill(store)
    with store.write() as tx:
        _put(tx, holding)
    with store.read() as tx:
        _told(tx, holding)


def test_a_role_is_looked_up_by_indexes_alone(real: Real) -> None:
    """No question for a role reads a table from end to end, however it is asked: its cost is flat."""
    asked: list[str] = []
    raw = SqliteHotReads(sqlite_file(real.database), real.folder)
    with closing(raw), real.store._reading.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        raw._connection.set_trace_callback(asked.append)
        projects = SqlProjects(connection)
        projects.role_of(1, 1)
        projects.members(1)
        projects.of_user(1)
        raw.role(1, "p1")
        driver.set_trace_callback(None)
        questions = [question for question in asked if "organisation_projects" in question]
        assert len(questions) == 4
        for question in questions:
            plan = [row[-1] for row in driver.execute(f"EXPLAIN QUERY PLAN {question}")]
            assert "COMPOUND QUERY" in plan
            scanned = {step for step in plan if step.startswith("SCAN")}
            assert scanned <= {"SCAN held"}, "the few rows that were found, and no table"
