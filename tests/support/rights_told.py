"""I-16 for rights: who may do what, as the ledger tells it and as the tables have it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support.fake_store import FakeStore
from tests.support.invariants import entries

from homeport.domain.ledger import Kind

Told = dict[str, Any]


def rights_without_entries(store: FakeStore, now: datetime) -> list[str]:
    """I-16: who may do what is as the ledger tells it, read from its beginning, where every right came by a flow.

    No entry tells what was so already: with that, each change is one.
    """
    told, problems = _RightsTold(), list[str]()
    for entry in entries(store):
        if (kind := entry["kind"]) in _RIGHTS and not _RIGHTS[kind](told, entry["project"], entry["details"]):
            problems.append(
                f"I-16: entry {entry['seq']} tells nothing new: {entry['kind']} {entry['details']}"
            )
    tables = store.committed
    names = {one.id: one.name.normalized for one in store.committed.projects.values()}
    users = {one.id: one.name for one in tables.users.values()}
    teams = {one.id: one.name for one in tables.teams.values()}
    there = _RightsTold(
        roles={(names[of], users[who]): role.value for (of, who), role in tables.roles.items()},
        disabled={one.name for one in tables.users.values() if one.is_disabled},
        tokens={
            token.id: (
                users[owner],
                sorted(token.scopes),
                sorted(token.projects),
                token.expires_at.isoformat() if token.expires_at else None,
            )
            for token, owner in tables.tokens.values()
            if token.revoked_at is None
        },
        invited={
            (one.project.normalized, one.user.name): (one.role.value, one.expires_at.isoformat())
            for one in tables.invitations.values()
            if one.expires_at > now
        },
        team_members={(teams[of], users[who]) for of, who in tables.team_members},
        team_roles={
            (teams[of], names[project]): role.value for (of, project), role in tables.team_roles.items()
        },
    )
    told.invited = {
        one: offer for one, offer in told.invited.items() if datetime.fromisoformat(offer[1]) > now
    }
    if told != there:
        problems.append(f"I-16: the rights are {there}, the ledger tells {told}")
    return problems


@dataclass
class _RightsTold:
    """Rights by the names of whom and what they concern; each method takes an entry, and says whether it was news."""

    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    tokens: dict[int, tuple[str, list[str], list[str], str | None]] = field(default_factory=dict)
    invited: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    team_members: set[tuple[str, str]] = field(default_factory=set)
    team_roles: dict[tuple[str, str], str] = field(default_factory=dict)

    def role_granted(self, project: str, told: Told) -> bool:
        """A role; by an invitation, when it says who invited."""
        is_answer = self.invited.pop((project, told["user"]), None) if "invited_by" in told else None
        was, self.roles[project, told["user"]] = self.roles.get((project, told["user"])), told["role"]
        return bool(was != told["role"]) or is_answer is not None

    def role_revoked(self, project: str, told: Told) -> bool:
        """A role that is gone."""
        return bool(self.roles.pop((project, told["user"]), None) == told["role"])

    def invited_to(self, project: str, told: Told) -> bool:
        """An offer; those of organisations are not kept here."""
        if project:
            self.invited[project, told["user"]] = told["role"], told["until"]
        return True

    def invitation_ended(self, project: str, told: Told) -> bool:
        """An offer that is none any more."""
        return not project or self.invited.pop((project, told["user"]), None) is not None

    def user_disabled(self, _: str, told: Told) -> bool:
        """An account that nothing opens."""
        is_news = told["user"] not in self.disabled
        self.disabled.add(told["user"])
        return is_news

    def user_enabled(self, _: str, told: Told) -> bool:
        """An account that is open again."""
        is_news = told["user"] in self.disabled
        self.disabled.discard(told["user"])
        return is_news

    def token_created(self, _: str, told: Told) -> bool:
        """A token."""
        self.tokens[told["token"]] = told["user"], told["scopes"], told["projects"], told["until"]
        return True

    def token_revoked(self, _: str, told: Told) -> bool:
        """A token that is good for nothing."""
        return self.tokens.pop(told["token"], None) is not None

    def organisation_left(self, _: str, told: Told) -> bool:
        """Somebody is in no team of an organisation any more."""
        left = {(team, told["user"]) for team in told["teams"]}
        is_whole = left <= self.team_members
        self.team_members -= left
        return is_whole

    def project_transferred(self, project: str, told: Told) -> bool:
        """A project that teams have no role in any more."""
        lost = [self.team_roles.pop((team, project), None) for team in told["teams"]]
        return None not in lost

    def team_changed(self, project: str, told: Told) -> bool:
        """One of the changes of a team."""
        team, change = told["team"], told["change"]
        if change == "role-granted":
            was, self.team_roles[team, project] = self.team_roles.get((team, project)), told["role"]
            return bool(was != told["role"])
        if change == "role-revoked":
            return self.team_roles.pop((team, project), None) is not None
        if change in {"member-added", "member-removed"}:
            before = set(self.team_members)
            self.team_members ^= {(team, told["user"])}
            return ((team, told["user"]) in before) is (change == "member-removed")
        return bool(change == "created")


_RIGHTS: Mapping[str, Callable[[_RightsTold, str, Told], bool]] = {
    Kind.ROLE_GRANTED: _RightsTold.role_granted,
    Kind.ROLE_REVOKED: _RightsTold.role_revoked,
    Kind.ROLE_INVITED: _RightsTold.invited_to,
    Kind.INVITATION_ENDED: _RightsTold.invitation_ended,
    Kind.USER_DISABLED: _RightsTold.user_disabled,
    Kind.USER_ENABLED: _RightsTold.user_enabled,
    Kind.TOKEN_CREATED: _RightsTold.token_created,
    Kind.TOKEN_REVOKED: _RightsTold.token_revoked,
    Kind.ORGANISATION_ROLE_REVOKED: _RightsTold.organisation_left,
    Kind.PROJECT_TRANSFERRED: _RightsTold.project_transferred,
    Kind.TEAM_CHANGED: _RightsTold.team_changed,
}
