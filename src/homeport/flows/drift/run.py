"""Looks whose time has come, host by host; and those that a maintainer asks for.

A run is bounded, and one host has a bounded part of it. What is not looked at in this run is due in the next one. An
accident at one host keeps nobody from looking at the others.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from homeport.domain.account import Caller, Scope
from homeport.domain.drift import CONSEQUENCES, Consequence, HostMemory, Watch, judge
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project
from homeport.domain.rights import require_role
from homeport.domain.urls import Url
from homeport.flows.drift.look import Glance, look_at
from homeport.flows.drift.record import record
from homeport.flows.drift.registry import Registry
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.ports.store import Transaction
from homeport.ports.world import World

AT_ONCE: Final = 100
PER_HOST: Final = 20


def look_at_due(world: World) -> int:
    """Look at what is due, a bounded number at once; how many looks there were."""
    if not world.drift.every:
        return 0
    with world.store.read() as tx:
        due = tx.watches.due(world.clock.now(), limit=AT_ONCE, per_host=PER_HOST)
    return _look(world, due)


def look_at_project(world: World, caller: Caller, name: str) -> int:
    """Look at every source of a project's files now; how many looks there were."""
    with world.store.read() as tx:
        project = _maintained(tx, caller, name)
        _require_watching(world, project)
        every = tx.watches.of_project(project.id)
        watches = [watch for watch in every if tx.hosts.find(watch.host).frozen is None]
    return sum(_look(world, watches[start : start + PER_HOST]) for start in range(0, len(watches), PER_HOST))


def look_soon(world: World, caller: Caller, name: str) -> int:
    """Let the worker look at every source of a project's files next; how many there are."""
    now = world.clock.now()
    with world.store.write() as tx:
        project = _maintained(tx, require_live(tx, caller, now), name)
        _require_watching(world, project)
        return tx.watches.hasten(project.id, now)


def _maintained(tx: Transaction, caller: Caller, name: str) -> Project:
    project = find_project(tx, name)
    require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
    return project


def _require_watching(world: World, project: Project) -> None:
    if project.mode is HostingMode.ONLY or not project.status.takes_files:
        what = project.mode if project.mode is HostingMode.ONLY else project.status
        raise Conflict(f"{project.name} is {what}: nothing outside is looked at.", code="external-refused")
    if not world.drift.every:
        raise Conflict(
            "This index does not look at sources again: its operator sets HOMEPORT_DRIFT_DAYS.",
            code="drift-off",
        )


def _look(world: World, watches: Iterable[Watch]) -> int:
    by_host: dict[str, list[Watch]] = {}
    for watch in watches:
        by_host.setdefault(watch.host, []).append(watch)
    registry, looks, accidents = Registry(world), 0, []
    for host, due in by_host.items():
        try:
            looks += _look_at_host(world, registry, host, due[:PER_HOST])
        except Exception as accident:  # noqa: BLE001 - raised below, when the other hosts had their turn
            accidents.append(accident)
    if accidents:
        raise accidents[0]
    return looks


def _look_at_host(world: World, registry: Registry, host: str, due: Sequence[Watch]) -> int:
    glances: list[Glance] = []
    for watch in due:
        glances.append(look_at(world, watch))
        # Once it may be somebody else's, nothing more is asked of it before that was thought about.
        _, seen = judge(watch, glances[-1].look)
        if seen is not None and CONSEQUENCES[seen.sign] is Consequence.FREEZE:
            break
    with world.store.read() as tx:
        memory = tx.watches.host(host) or HostMemory(host)
    asked = registry.ask_about(Url.parse(due[0].url), memory, world.clock.now())
    record(world, host, glances, asked)
    return len(glances)
