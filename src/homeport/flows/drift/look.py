"""One look at the place that a hosted file came from: as little is asked as will do, and what is read is dropped.

1. The validators of the last time are shown. Where they stand, nothing is read; else the bytes are, and are hashed.
2. No more is read than the file has: what is longer are other bytes.
3. Where our own rules keep us away (a frozen or resting host, a budget, robots.txt), nothing was seen, for good or ill.
"""

from dataclasses import dataclass, replace

from homeport.domain.drift import Answer, Look, Tls, Watch
from homeport.domain.fetching import host_of
from homeport.flows.source_tokens import ask_for_file
from homeport.ports.fetch import Ask, Fetched, FetchLimits, Method, Outcome
from homeport.ports.world import World

_OK = 200
_FIRST_ERROR = 400
_GONE = frozenset({404, 410})
_NO_NAME = "name-unknown"
# The codes by which manners keep us away.
_KEPT_AWAY = ("host-", "robots-", "budget-")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a look found of the file, and by the way of its host; ``has_name`` is ``None`` when that was not seen."""

    watch: Watch
    look: Look
    tls: Tls | None = None
    has_name: bool | None = None


def look_at(world: World, watch: Watch) -> Glance:
    """Ask for the file of ``watch`` where it came from."""
    with world.store.read() as tx:
        ask = ask_for_file(world, tx, watch.project_id, watch.url, watch.source)
    if watch.may_believe_validators(world.clock.now()):
        ask = replace(ask, etag=watch.etag, last_modified=watch.last_modified)
        head = _fetched(world, watch, replace(ask, method=Method.HEAD))
        if _stands(head, watch):
            return _glance(world, watch, head, stands=True)
        if not head.status:
            return _glance(world, watch, head)
        # What a HEAD is told counts for nothing else: many sites answer it with an error, and not the GET.
    return _glance(world, watch, _fetched(world, watch, ask))


def _fetched(world: World, watch: Watch, ask: Ask) -> Fetched:
    return world.fetcher.fetch(watch.url, FetchLimits(max_bytes=watch.size_bytes), _drop, ask)


def _drop(piece: bytes) -> None:
    """What is looked at is hashed on the way, and not kept."""


def _stands(head: Fetched, watch: Watch) -> bool:
    if head.outcome is Outcome.NOT_MODIFIED:
        return True
    validators = (validator(head.etag), head.last_modified)
    is_same = head.outcome is Outcome.OK and validators == (watch.etag, watch.last_modified)
    return is_same and head.announced_bytes == watch.size_bytes


def validator(etag: str) -> str:
    """An ETag that stands for bytes; a weak one stands for what they mean (RFC 9110, section 8.8.1)."""
    return "" if etag.startswith("W/") else etag


def _glance(world: World, watch: Watch, fetched: Fetched, *, stands: bool = False) -> Glance:
    look = _look(world, watch, fetched, stands=stands)
    return Glance(watch, look, _tls(watch, fetched), _has_name(watch, fetched))


def _look(world: World, watch: Watch, fetched: Fetched, *, stands: bool) -> Look:
    at, ended_at = world.clock.now(), host_of(fetched.url)
    if stands or fetched.outcome is Outcome.NOT_MODIFIED:
        return Look(Answer.UNCHANGED, at, ended_at)
    if fetched.outcome is Outcome.OK:
        etag = validator(fetched.etag)
        return Look(Answer.READ, at, ended_at, fetched.sha256, etag, fetched.last_modified)
    if fetched.status in _GONE:
        return Look(Answer.MISSING, at, problem=f"The site answers {fetched.status}.")
    if fetched.outcome is Outcome.TOO_LARGE and fetched.status < _FIRST_ERROR:
        return Look(Answer.READ, at, ended_at, problem=f"It has more than {watch.size_bytes:,} bytes.")
    kept_away = fetched.code.startswith(_KEPT_AWAY)
    return Look(Answer.KEPT_AWAY if kept_away else Answer.TROUBLE, at, problem=fetched.reason)


def _tls(watch: Watch, fetched: Fetched) -> Tls | None:
    """Who the host of the watched URL itself showed to be, wherever it led then."""
    for hop in fetched.hops:
        if hop.tls is not None and hop.tls.issuer and host_of(hop.url) == watch.host:
            return Tls(hop.tls.key_sha256 or hop.tls.leaf_sha256, hop.tls.issuer)
    return None


def _has_name(watch: Watch, fetched: Fetched) -> bool | None:
    if any(host_of(hop.url) == watch.host for hop in fetched.hops):
        return True
    return False if fetched.code == _NO_NAME and host_of(fetched.url) == watch.host else None
