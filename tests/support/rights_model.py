"""Who may do what, said once more in plain Python: names, sets and dictionaries, and nothing of what is under test.

1. An actor is a person, by their password or by a token of theirs. Nobody acts who is disabled, and no token that was
   revoked, or whose maker was, or whose time has come.
2. A person's role in a project is the best of what they hold: by themselves, as an owner of its organisation, through a
   team. A token only narrows: to its scopes, to its projects (I-15).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

_BEST_FIRST = ("owner", "maintainer", "reader")
MAINTAINS = frozenset({"owner", "maintainer"})


@dataclass(frozen=True)
class Token:
    """A token as its maker wanted it; no ``projects`` are all, no ``until`` is for ever."""

    number: int
    user: str
    scopes: frozenset[str]
    projects: frozenset[str]
    until: datetime | None
    text: str = field(repr=False)
    makers: frozenset[int] = frozenset()
    """The token that it was made by, and that one's makers."""

    def within(self, other: "Token") -> bool:
        """True when this reaches no farther than ``other``."""
        in_time = other.until is None or (self.until is not None and self.until <= other.until)
        in_projects = not other.projects or (bool(self.projects) and self.projects <= other.projects)
        return self.scopes <= other.scopes and in_projects and in_time


@dataclass(frozen=True)
class Actor:
    """Who asks, and how they signed in: by a password when there is no ``token``."""

    name: str
    token: Token | None = None


@dataclass(frozen=True)
class Offer:
    """An invitation to a project."""

    number: int
    project: str
    user: str
    role: str
    by: str
    until: datetime


@dataclass
class Rights:
    """Everything that decides who may do what; the machine writes here what was done, and asks before."""

    now: datetime
    admins: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)
    revoked: set[int] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    """Projects that take no files."""
    frozen: set[str] = field(default_factory=set)
    """Projects that are quarantined."""
    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    """By project and person; what people hold by themselves."""
    offers: dict[int, Offer] = field(default_factory=dict)
    organisations: dict[str, dict[str, str]] = field(default_factory=dict)
    organisation_offers: dict[tuple[str, str], tuple[str, str, datetime]] = field(default_factory=dict)
    """By organisation and person: the role, who offers it, until when."""
    owned_by: dict[str, str] = field(default_factory=dict)
    """The organisation of a project."""
    teams: dict[str, set[str]] = field(default_factory=dict)
    """Who is in the one team of an organisation."""
    team_roles: dict[str, str] = field(default_factory=dict)
    """What that team is in a project of the organisation."""

    # Who is there

    def is_alive(self, actor: Actor) -> bool:
        """True when the actor can sign in at this moment."""
        if actor.name in self.disabled:
            return False
        token = actor.token
        if token is None:
            return True
        is_revoked = bool(self.revoked & {token.number, *token.makers})
        return not is_revoked and (token.until is None or self.now < token.until)

    def role(self, project: str, user: str) -> str | None:
        """What gives ``user`` a right in ``project``; who is disabled holds theirs in vain."""
        return None if user in self.disabled else self.held(project, user)

    def held(self, project: str, user: str) -> str | None:
        """What ``user`` is to ``project``."""
        held = {self.roles.get((project, user))}
        if (organisation := self.owned_by.get(project)) is not None:
            if self.organisations[organisation].get(user) == "owner":
                held.add("owner")
            if user in self.teams.get(organisation, ()):
                held.add(self.team_roles.get(project))
        return next((role for role in _BEST_FIRST if role in held), None)

    # What they may

    def may_use(self, actor: Actor, scope: str, project: str) -> bool:
        """True when the way of signing in is good for this use of this project, whatever the role."""
        token = actor.token
        if token is None:
            return True
        return scope in token.scopes and (not token.projects or project in token.projects)

    def may_upload(self, actor: Actor, project: str) -> bool:
        """True for who maintains it, and for everybody while the name is free."""
        is_theirs = project not in self.projects or self.role(project, actor.name) in MAINTAINS
        return is_theirs and project not in self.closed and self.may_use(actor, "upload", project)

    def may_manage(self, actor: Actor, project: str, roles: Iterable[str] = MAINTAINS) -> bool:
        """True for who has one of ``roles`` there."""
        return self.role(project, actor.name) in set(roles) and self.may_use(actor, "manage", project)

    def may_yank(self, actor: Actor, project: str) -> bool:
        """True for who maintains it, while it is not quarantined."""
        return self.may_manage(actor, project) and project not in self.frozen

    def may_change(self, actor: Actor, project: str) -> bool:
        """True for its owners, while it is not quarantined."""
        return self.may_manage(actor, project, {"owner"}) and project not in self.frozen

    def may_remove(self, actor: Actor, project: str) -> bool:
        """True for its owners, and for an administrator in person, while it is not quarantined."""
        return self.may_change(actor, project) or (self.administers(actor) and project not in self.frozen)

    def may_take_away(self, actor: Actor, project: str, user: str) -> bool:
        """An owner may take a role away; everybody may leave."""
        if actor.name != user:
            return self.may_change(actor, project)
        return self.may_use(actor, "manage", project) and project not in self.frozen

    def may_mark(self, actor: Actor, project: str, status: str) -> bool:
        """Its owners mark a project; an administrator does, too, and alone begins and ends a quarantine."""
        is_moderation = status == "quarantined" or project in self.frozen
        return self.administers(actor) or (not is_moderation and self.may_change(actor, project))

    def is_whole(self, actor: Actor) -> bool:
        """True when nothing narrows the actor, or a token that is to manage all their projects."""
        return actor.token is None or ("manage" in actor.token.scopes and not actor.token.projects)

    def owns_organisation(self, actor: Actor, organisation: str) -> bool:
        """True for its owners."""
        is_owner = self.organisations.get(organisation, {}).get(actor.name) == "owner"
        return is_owner and self.is_whole(actor)

    def is_in_person(self, actor: Actor) -> bool:
        """True for who signed in by a password."""
        return actor.token is None

    def administers(self, actor: Actor) -> bool:
        """True for an administrator in person."""
        return actor.token is None and actor.name in self.admins

    def may_accept(self, actor: Actor, offer: Offer | None) -> bool:
        """True while the offer stands and whoever made it owns the project still (T-32)."""
        if offer is None or offer.number not in self.offers or offer.user != actor.name:
            return False
        is_open = self.now < offer.until and offer.project not in self.frozen
        return is_open and self.role(offer.project, offer.by) == "owner" and self.is_whole(actor)

    def may_decline(self, actor: Actor, offer: Offer | None) -> bool:
        """True for whom it was made to, while it stands."""
        is_theirs = offer is not None and offer.number in self.offers and offer.user == actor.name
        return offer is not None and is_theirs and self.now < offer.until and self.is_whole(actor)

    def may_leave(self, actor: Actor, organisation: str, user: str) -> bool:
        """An owner may take somebody out; everybody may leave."""
        return self.is_whole(actor) if actor.name == user else self.owns_organisation(actor, organisation)

    def may_move_in(self, actor: Actor, organisation: str, project: str) -> bool:
        """True for who owns both."""
        return self.owns_organisation(actor, organisation) and self.may_change(actor, project)

    def may_move_out(self, actor: Actor, organisation: str, project: str) -> bool:
        """True for who owns the organisation."""
        return self.owns_organisation(actor, organisation) and project not in self.frozen

    def may_join(self, actor: Actor, organisation: str) -> bool:
        """The same of an organisation."""
        if (offer := self.organisation_offers.get((organisation, actor.name))) is None:
            return False
        _, by, until = offer
        is_good = self.now < until and self.organisations[organisation].get(by) == "owner"
        return is_good and by not in self.disabled and self.is_whole(actor)

    def wanted(
        self, actor: Actor, scopes: frozenset[str], projects: frozenset[str], until: datetime | None
    ) -> Token:
        """The token that is asked for: what is left open is as the asking token has it."""
        asking = actor.token
        if asking is not None:
            projects, until = projects or asking.projects, until or asking.until
        makers = asking.makers | {asking.number} if asking is not None else frozenset[int]()
        return Token(0, actor.name, scopes, projects, until, "", makers)

    def may_make(
        self, actor: Actor, scopes: frozenset[str], projects: frozenset[str], until: datetime | None
    ) -> bool:
        """True when the new token reaches no farther than the one that asks."""
        asking = actor.token
        wanted = self.wanted(actor, scopes, projects, until)
        return asking is None or ("manage" in asking.scopes and wanted.within(asking))

    def may_revoke(self, actor: Actor, token: Token) -> bool:
        """Everybody their own, but by a token none that reaches farther than it; an administrator anybody's."""
        if token.user != actor.name:
            return self.administers(actor)
        asking = actor.token
        is_same = asking is None or asking.number == token.number
        return is_same or (asking is not None and "manage" in asking.scopes and token.within(asking))

    # What was done

    def mark(self, project: str, status: str) -> None:
        """The project has another status."""
        (self.frozen.add if status == "quarantined" else self.frozen.discard)(project)
        (self.closed.add if status in {"archived", "quarantined"} else self.closed.discard)(project)

    def give(self, project: str, user: str, role: str | None) -> None:
        """A role of one's own is another, or gone; with an owner's go the offers that they made."""
        if role is None:
            self.roles.pop((project, user), None)
        else:
            self.roles[project, user] = role
        self.offers = {
            number: offer
            for number, offer in self.offers.items()
            if offer.project != project
            or not (
                (role is not None and offer.user == user and self.now < offer.until)
                or (offer.by == user and self.now < offer.until and self.held(project, user) != "owner")
            )
        }

    def found(self, project: str, user: str) -> None:
        """There is a project, and who came first owns it."""
        self.projects.add(project)
        self.roles[project, user] = "owner"

    def take_out(self, project: str) -> None:
        """The project belongs to no organisation."""
        del self.owned_by[project]
        self.team_roles.pop(project, None)
