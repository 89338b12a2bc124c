"""How the places that files came from fare, for those who maintain a project and for administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.drift import DriftEvent, State, Watch
from homeport.domain.manners import Frozen
from homeport.domain.project import Project
from homeport.domain.rights import require_admin, require_maintainer_or_admin
from homeport.flows.manage_project import find_project
from homeport.ports.store import Transaction
from homeport.ports.watches import EventFilter
from homeport.ports.world import World

PAGE_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class ProjectDrift:
    """The sources of a project's files, what was told of them, newest first, and which of their hosts are frozen."""

    project: Project
    watches: Sequence[Watch]
    events: Sequence[DriftEvent]
    frozen: Mapping[str, Frozen]


def show_drift(world: World, caller: Caller, name: str) -> ProjectDrift:
    """What a project's maintainers, and administrators, are shown."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_maintainer_or_admin(caller, project, tx.projects.role_of(project.id, caller.user.id))
        return drift_of(tx, project)


def drift_of(tx: Transaction, project: Project) -> ProjectDrift:
    """The same within a read that others begin."""
    watches = tx.watches.of_project(project.id)
    hosts = [tx.hosts.find(name) for name in sorted({watch.host for watch in watches})]
    return ProjectDrift(
        project=project,
        watches=watches,
        events=tx.watches.events(EventFilter(project.name.normalized), limit=PAGE_LENGTH),
        frozen={host.name: host.frozen for host in hosts if host.frozen is not None},
    )


def gone_since(tx: Transaction, project: Project) -> Mapping[str, datetime]:
    """The files whose source is gone, and since when."""
    watches = tx.watches.of_project(project.id)
    return {one.filename: one.since for one in watches if one.state is State.GONE and one.since is not None}


@dataclass(frozen=True, slots=True)
class Listed:
    """Some events; ``before`` asks for those that follow, and is 0 when there are none."""

    events: Sequence[DriftEvent]
    before: int


def list_drift(world: World, caller: Caller, wanted: EventFilter) -> Listed:
    """What was told of the sources of all projects, newest first, a page at a time; for administrators."""
    require_admin(caller)
    with world.store.read() as tx:
        found = tx.watches.events(wanted, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return Listed(shown, shown[-1].id if len(found) > PAGE_LENGTH else 0)


def every_event(world: World, caller: Caller, wanted: EventFilter) -> Sequence[DriftEvent]:
    """All of them, for a file to keep."""
    require_admin(caller)
    return told(world, wanted)


def told(world: World, wanted: EventFilter) -> Sequence[DriftEvent]:
    """The same for whoever runs the index, at its own shell (ADR 0004)."""
    events: list[DriftEvent] = []
    with world.store.read() as tx:
        while found := tx.watches.events(wanted, limit=PAGE_LENGTH):
            events += found
            wanted = replace(wanted, before=found[-1].id)
    return events
