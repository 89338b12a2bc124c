"""Hosts as administrators see them, and what they decide: to freeze one, to let it rest, to let it be asked again.

1. It is done by an administrator in person; the shell shows everything to whoever runs the index (ADR 0004).
2. To unfreeze one takes two of them where the policy says so.
3. What was decided stands in the row that every turn is decided by: it is in force at the next request of any process.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.manners import Host, HostState, Taken, day_of, host_name, on_this_clock
from homeport.domain.proposal import Act
from homeport.domain.registrable import registrable_domain
from homeport.domain.rights import require_admin
from homeport.domain.urls import Url
from homeport.flows.live_caller import require_live
from homeport.flows.manners.turns import domain_budget
from homeport.flows.two_people import require_one
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH = 50
LONGEST_REASON = 1_000
LONGEST_ORDERED_REST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class HostView:
    """A host, how it stands now, its registrable domain, and what was taken from both today."""

    host: Host
    state: HostState
    domain: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class Listed:
    """Some hosts; ``after`` asks for those that follow, and is empty when there are none."""

    hosts: Sequence[HostView]
    after: str


def list_hosts(
    world: World, by: Caller | None, state: HostState | None = None, text: str = "", *, after: str = ""
) -> Listed:
    """The hosts that stand so (all of them with ``None``) and whose names hold ``text``, by name."""
    _require_right(by)
    now = world.clock.now()
    with world.store.read() as tx:
        found = tx.hosts.listed(now, state, text, after=after, limit=PAGE_LENGTH + 1)
        shown = found[:PAGE_LENGTH]
        views = _views(tx, shown, now)
    return Listed(views, shown[-1].name if len(found) > PAGE_LENGTH else "")


def every_host(
    world: World, by: Caller | None, state: HostState | None = None, text: str = ""
) -> Iterator[Sequence[HostView]]:
    """All of them, piece by piece."""
    _require_right(by)

    def pieces() -> Iterator[Sequence[HostView]]:
        after = ""
        while True:
            listed = list_hosts(world, by, state, text, after=after)
            yield listed.hosts
            after = listed.after
            if not after:
                return

    return pieces()


def show_host(world: World, by: Caller | None, name: str) -> HostView:
    """One host; a URL there names it as well."""
    _require_right(by)
    now = world.clock.now()
    with world.store.read() as tx:
        return _views(tx, [_known(tx, host_name(name))], now)[0]


def freeze_host(world: World, by: Caller, name: str, reason: str) -> HostView:
    """Let nobody ask a host any more, also one that was never asked."""
    reason = _require_reason(reason)

    def freeze(tx: Transaction, name: str, now: datetime) -> None:
        if frozen := tx.hosts.find(name).frozen:
            raise Conflict(
                f"{name} is frozen already, by {frozen.by}: “{frozen.reason}”.", code="frozen-already"
            )
        tx.hosts.freeze(name, by.user.name, reason, now)
        _record(tx, Kind.HOST_FROZEN, by, now, {"host": name, "reason": reason})

    return _changed(world, by, name, freeze)


def unfreeze_host(world: World, by: Caller, name: str, reason: str) -> HostView:
    """Let a frozen host be asked again."""
    reason = _require_reason(reason)

    def unfreeze(tx: Transaction, name: str, now: datetime) -> None:
        _require_frozen(tx, name)
        require_one(tx, Act.UNFREEZE_HOST)
        unfreeze_now(tx, by, name, reason, now)

    return _changed(world, by, name, unfreeze)


def unfreeze_now(tx: Transaction, by: Caller, name: str, reason: str, now: datetime) -> None:
    """The same for a host that is frozen, in the transaction of whoever may decide that."""
    name, reason = host_name(name), _require_reason(reason)
    _require_frozen(tx, name)
    tx.hosts.unfreeze(name)
    _record(tx, Kind.HOST_UNFROZEN, by, now, {"host": name, "reason": reason})


def _require_frozen(tx: Transaction, name: str) -> None:
    if _known(tx, name).frozen is None:
        raise Conflict(f"{name} is not frozen: it may be asked.", code="host-not-frozen")


def rest_host(world: World, by: Caller, name: str, until: datetime) -> HostView:
    """Ask a host nothing until then."""

    def rest(tx: Transaction, name: str, now: datetime) -> None:
        if not now < until <= now + LONGEST_ORDERED_REST:
            raise Invalid(
                "A host rests until a moment to come, within a year; freeze it to let it rest for longer.",
                code="rest-invalid",
            )
        # Else the next request would move this rest back together with what is older than the jump.
        host = on_this_clock(tx.hosts.find(name), now)
        ordered = f"rest ordered by {by.user.name}"
        tx.hosts.put(replace(host, resting_until=until, failures=0, problem=ordered))
        _record(tx, Kind.HOST_REST_CHANGED, by, now, {"host": name, "until": until.isoformat()})

    return _changed(world, by, name, rest)


def wake_host(world: World, by: Caller, name: str) -> HostView:
    """End a host's rest, and forget its failures."""

    def wake(tx: Transaction, name: str, now: datetime) -> None:
        host = _known(tx, name)
        if host.frozen is not None:
            raise Conflict(f"{name} is frozen: unfreeze it first.", code="host-frozen")
        if host.is_resting(now) or host.failures:
            tx.hosts.put(replace(host, resting_until=None, failures=0, problem=""))
            _record(tx, Kind.HOST_REST_CHANGED, by, now, {"host": name, "until": None})

    return _changed(world, by, name, wake)


def _changed(
    world: World, by: Caller, name: str, change: Callable[[Transaction, str, datetime], None]
) -> HostView:
    require_admin(by)
    name, now = host_name(name), world.clock.now()
    with world.store.write() as tx:
        require_admin(require_live(tx, by, now))
        change(tx, name, now)
        return _views(tx, [tx.hosts.find(name)], now)[0]


def _views(tx: Transaction, hosts: Sequence[Host], now: datetime) -> list[HostView]:
    urls = [Url.parse(f"http://{host.name}/") for host in hosts]
    names = [*(host.name for host in hosts), *map(domain_budget, urls)]
    taken = tx.hosts.taken(names, day_of(now))
    return [
        HostView(
            host,
            host.state(now),
            registrable_domain(url),
            Taken(taken.get(host.name, 0), taken.get(domain_budget(url), 0)),
        )
        for host, url in zip(hosts, urls, strict=True)
    ]


def _known(tx: Transaction, name: str) -> Host:
    if not tx.hosts.is_listed(name):
        raise NotFound(f"{name} was never asked for anything.", code="host-unknown")
    return tx.hosts.find(name)


def _require_right(by: Caller | None) -> None:
    if by is not None:
        require_admin(by)


def _require_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(
            f"Say why, in at most {LONGEST_REASON:,} characters: the ledger keeps it.", code="reason-missing"
        )
    return reason


def _record(tx: Transaction, kind: Kind, by: Caller, at: datetime, details: dict[str, Plain]) -> None:
    tx.ledger.append(kind, at=at, actor=by.user.name, project="", details=details)
