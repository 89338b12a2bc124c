"""Standing consent as people see and decide it: shown to who maintains the project; given, changed and withdrawn by owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, Role, require_reason
from homeport.domain.rights import require_role
from homeport.domain.standing_consent import (
    EVERY_FILE,
    EVERY_PATH,
    STANDING_LIMIT,
    Condition,
    StandingConsent,
    StandingLine,
    Terms,
    read_terms,
)
from homeport.domain.standing_revision import require_seen, revision_of
from homeport.domain.urls import Url
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.render_pages import render_project
from homeport.flows.standing_consent import (
    condition_of,
    consent_page,
    give_standing,
    named_hosts,
    named_places,
    unnamed_places,
    withdraw_standing,
)
from homeport.ports.store import Transaction
from homeport.ports.world import World

_MOST_LINES: Final = 50


@dataclass(frozen=True, slots=True)
class StandingView:
    """A project's standing consent in its condition, both ``None`` before there is any; ``lines`` come newest first.

    ``places`` are the addresses that are named for the project's files now; ``unnamed`` are those that it does not name.
    """

    project: Project
    role: Role
    standing: StandingConsent | None
    condition: Condition | None
    places: Sequence[Url]
    unnamed: Sequence[Url]
    lines: Sequence[StandingLine]

    @property
    def revision(self) -> int:
        """What whoever consents says they saw."""
        return revision_of(self.lines)

    @property
    def withdrawal(self) -> StandingLine | None:
        """How it was withdrawn, while it is; what is older than the record of changes tells nothing."""
        is_withdrawn = self.condition is Condition.WITHDRAWN
        return next(
            (line for line in self.lines if is_withdrawn and line.kind is Kind.STANDING_CONSENT_WITHDRAWN),
            None,
        )


@dataclass(frozen=True, slots=True)
class StandingWish:
    """The terms that were asked for. What is ``None`` stays as it was; without a consent before, it is everything named now.

    Without ``until``, it is to hold as long as it may.
    """

    hosts: Sequence[str] | None = None
    paths: Sequence[str] | None = None
    patterns: Sequence[str] | None = None
    until: date | None = None


def show_standing(world: World, caller: Caller, name: str) -> StandingView:
    """The standing consent of a project, for who maintains it."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = tx.projects.role_of(project.id, caller.user.id)
        return _view(tx, project, require_role(caller, Scope.MANAGE, project, role), world.clock.now())


def give_consent(
    world: World, caller: Caller, name: str, wish: StandingWish, *, revision: int | None = None
) -> StandingView:
    """Give a standing consent, renew it, or change its terms: an owner's word, from now on in their name.

    ``revision`` is what they saw: ``Conflict`` where another one holds. ``None`` is for whichever holds.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        project, caller = _owned(tx, caller, name, now)
        project.require_no_quarantine()
        if not project.mode.takes_crawled_files:
            raise Conflict(
                f"{project.name} is {project.mode}: a standing consent is for registrations in pypi-cache. Move it there "
                f"first (“Hosting” on its page, or homeport mode set {project.name} pypi-cache --consent).",
                code="mode-not-cache",
            )
        require_seen(
            project.name.display, tx.standing_consents.lines(project.id, limit=_MOST_LINES), revision
        )
        terms = _terms(tx, project, wish, now)
        serial = give_standing(tx, project, by=caller.user.name, at=now, terms=terms, tells=True)
        render_project(tx, project, serial)
        return _view(tx, project, Role.OWNER, now)


def withdraw_consent(world: World, caller: Caller, name: str, reason: str) -> StandingView:
    """Take the standing consent back, whoever gave it: no registration that is not settled yet brings files home."""
    now, why = world.clock.now(), require_reason(reason)
    with world.store.write() as tx:
        project, caller = _owned(tx, caller, name, now)
        standing = tx.standing_consents.of_project(project.id)
        if standing is None or standing.withdrawn_at is not None:
            raise NotFound(
                f"{project.name} has no standing consent that could be withdrawn.",
                code="standing-consent-unknown",
            )
        serial = withdraw_standing(tx, project, standing, why, by=caller.user.name, at=now)
        render_project(tx, project, serial)
        facts = {"project": project.name.display, "by": caller.user.name, "reason": why}
        notice = write_notice("standing-consent-withdrawn", facts, path=consent_page(project), at=now)
        tell_members(tx, project, notice, but_not=caller.user.name)
        return _view(tx, project, Role.OWNER, now)


def _owned(tx: Transaction, caller: Caller, name: str, now: datetime) -> tuple[Project, Caller]:
    caller, project = require_live(tx, caller, now), find_project(tx, name)
    role = tx.projects.role_of(project.id, caller.user.id)
    require_role(caller, Scope.MANAGE, project, role, owner=True)
    return project, caller


def _terms(tx: Transaction, project: Project, wish: StandingWish, now: datetime) -> Terms:
    before = tx.standing_consents.of_project(project.id)
    there = (before.hosts, before.paths, before.patterns) if before else ((), EVERY_PATH, EVERY_FILE)
    hosts, paths, patterns = (
        old if new is None else new
        for old, new in zip(there, (wish.hosts, wish.paths, wish.patterns), strict=True)
    )
    if before and not before.hosts and wish.hosts is None:
        # They were taken out because they may be somebody else's now: a renewal must not bring them back unseen.
        raise Invalid(
            "This consent names no host any more. Name a host that files may come from (--host).",
            code="standing-hosts-missing",
        )
    today = now.date()
    until = wish.until or today + STANDING_LIMIT
    return read_terms(hosts or named_hosts(tx, project), paths, patterns, until, today)


def _view(tx: Transaction, project: Project, role: Role, now: datetime) -> StandingView:
    standing, places = tx.standing_consents.of_project(project.id), named_places(tx, project)
    return StandingView(
        project,
        role,
        standing,
        condition_of(tx, project, standing, now) if standing else None,
        places,
        unnamed_places(standing, places) if standing else (),
        tx.standing_consents.lines(project.id, limit=_MOST_LINES),
    )
