"""Administrators freeze a file or a release, and let it go again.

1. It is in force when its transaction is: pages are rendered without what is frozen, and its address says why at the
   next request of any process.
2. Freezing takes one administrator, at once. Unfreezing takes two where the policy says so.
3. Whoever maintains the project is told both, with the reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.freeze import Freeze
from homeport.domain.ledger import Kind
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, require_reason
from homeport.domain.proposal import Act
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.render_pages import render_project
from homeport.flows.two_people import require_one
from homeport.flows.yank import release_files
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """Some freezes, newest first; ``before`` asks for older ones, and is 0 when there are none."""

    freezes: Sequence[Freeze]
    before: int


def list_freezes(
    world: World, by: Caller | None, *, only_live: bool = True, before: int = 0, limit: int = PAGE_LENGTH
) -> Listed:
    """What is frozen, or was; the shell shows it to whoever runs the index."""
    if by is not None:
        require_admin(by)
    with world.store.read() as tx:
        found = tx.freezes.every(only_live=only_live, before=before, limit=limit + 1)
    return Listed(found[:limit], found[limit - 1].id if len(found) > limit else 0)


def every_freeze(world: World, by: Caller, *, only_live: bool = True) -> Iterator[Sequence[Freeze]]:
    """All of :func:`list_freezes`, piece by piece."""
    require_admin(by)
    return pieces(
        world,
        lambda tx, before: tx.freezes.every(only_live=only_live, before=before, limit=AT_ONCE),
        lambda one: one.id,
        0,
    )


def freeze(world: World, by: Caller, name: str, version: str, *, filename: str = "", reason: str) -> Freeze:
    """Freeze a release, or one of its files."""
    require_admin(by)
    now, reason = world.clock.now(), _require_reason(reason)
    with world.store.write() as tx:
        by = require_live(tx, by, now)
        require_admin(by)
        project = find_project(tx, name)
        named = [filename] if filename else []
        shown, _ = release_files(tx, project, ReleaseVersion.parse_legacy(version), named)
        made = tx.freezes.add(project.id, shown, filename, reason, by=by.user.name, at=now)
        _record(tx, project, made, by.user.name, now)
        return made


def unfreeze(world: World, by: Caller, name: str, version: str, *, filename: str = "", reason: str) -> Freeze:
    """End the freeze of just that release, or just that file."""
    require_admin(by)
    now = world.clock.now()
    with world.store.write() as tx:
        by = require_live(tx, by, now)
        require_admin(by)
        require_one(tx, Act.UNFREEZE)
        return unfreeze_now(tx, by, name, version, filename, reason, now)


def unfreeze_now(
    tx: Transaction, by: Caller, name: str, version: str, filename: str, reason: str, now: datetime
) -> Freeze:
    """The same, in the transaction of whoever may decide that."""
    reason, project = _require_reason(reason), find_project(tx, name)
    found = tx.freezes.find(project.id, ReleaseVersion.parse_legacy(version), filename)
    if found is None:
        raise NotFound(
            f"{filename or f'{project.name} {version}'} is not frozen by itself: the page “Frozen” (/admin/frozen/), "
            "or homeport frozen, lists what is.",
            code="not-frozen",
        )
    tx.freezes.end(found.id, by=by.user.name, at=now)
    ended = replace(found, reason=reason, ended_at=now, ended_by=by.user.name)
    _record(tx, project, ended, by.user.name, now)
    return ended


def _record(tx: Transaction, project: Project, freeze: Freeze, actor: str, now: datetime) -> None:
    """One entry, new pages, and a notice to whoever maintains the project."""
    kinds = (
        (Kind.FILE_FROZEN, Kind.RELEASE_FROZEN)
        if freeze.is_live
        else (Kind.FILE_UNFROZEN, Kind.RELEASE_UNFROZEN)
    )
    named = {"filename": freeze.filename} if freeze.filename else {}
    serial = tx.ledger.append(
        kinds[0] if freeze.filename else kinds[1],
        at=now,
        actor=actor,
        project=project.name.normalized,
        details={"version": freeze.version, **named, "reason": freeze.reason},
    )
    render_project(tx, project, serial)
    facts = {
        "project": project.name.display,
        "what": freeze.what,
        "by": actor,
        "reason": freeze.reason,
    }
    kind = "release-frozen" if freeze.is_live else "release-unfrozen"
    tell_members(tx, project, write_notice(kind, facts, path=page_of(project), at=now), but_not=actor)


def _require_reason(text: str) -> str:
    reason = require_reason(text)
    if not reason:
        raise Invalid(
            "Say why: everybody who asks for the file is told it (--reason).", code="reason-missing"
        )
    return reason
