"""Whether a link still leads to a file: its head is asked for, and no bytes are kept.

1. A host that refuses ``HEAD`` is asked for the file itself, and the line is cut when its head is in.
2. A host that answered others of our questions and rests for a short while is waited for, once. One that never answered
   and rests because of that is as silent as before.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from homeport.domain.source import SourceKind
from homeport.domain.survey import Check, Link, Reach
from homeport.flows.survey.look import ToCheck
from homeport.ports.fetch import Ask, Errand, Fetched, FetchLimits, Method, Outcome
from homeport.ports.world import World

_NO_HEAD = frozenset({405, 501})
# An answer that begins is enough: the first byte of a body is one too many.
_LIMITS = FetchLimits(max_bytes=0, total_seconds=30.0)
_REACHES = {
    Outcome.OK: Reach.FOUND,
    Outcome.TOO_LARGE: Reach.FOUND,
    Outcome.NOT_MODIFIED: Reach.FOUND,
    Outcome.HTTP_ERROR: Reach.GONE,
    Outcome.UNREACHABLE: Reach.SILENT,
    Outcome.REFUSED: Reach.UNASKED,
}
# The page that comes with an error is longer than nothing, too.
_FIRST_ERROR = 400
# What may be said of a host that is alive as well as of one that is dead.
_RESTS = "host-resting"
_TROUBLED = frozenset({_RESTS, "robots-unreadable"})
_LONGEST_WAIT_SECONDS = 120
# The host may have it, and we, or it, want it left alone for now.
_NOT_NOW = frozenset({"host-budget-spent", "host-busy"})
_BUSY = frozenset({429, 503})


def check_link(world: World, asked: ToCheck, answered: Collection[str]) -> Link:
    """The link with what came of asking for it; ``answered`` are the hosts that answered in this survey."""
    link, fetched = asked.link, _fetched(world, asked)
    is_alive = link.host in answered
    if is_alive and fetched.code == _RESTS and (fetched.retry_after_seconds or 0) <= _LONGEST_WAIT_SECONDS:
        world.clock.sleep(fetched.retry_after_seconds or 0)
        fetched = _fetched(world, asked)
    return replace(link, check=_check(fetched, link, is_alive=is_alive, at=world.clock.now()))


def _fetched(world: World, asked: ToCheck) -> Fetched:
    errand = Errand.CALL if SourceKind(asked.link.source).is_for_machines else Errand.CRAWL
    # As for its bytes: a forge's API describes a private file otherwise, and that has another size.
    accept = "application/octet-stream" if asked.credential else ""
    ask = Ask(Method.HEAD, accept, errand, asked.credential)
    fetched = _ask(world, asked.link.url, ask)
    if fetched.outcome is Outcome.HTTP_ERROR and fetched.status in _NO_HEAD:
        return _ask(world, asked.link.url, replace(ask, method=Method.GET))
    return fetched


def _ask(world: World, url: str, ask: Ask) -> Fetched:
    return world.fetcher.fetch(url, _LIMITS, _drop, ask)


def _drop(piece: bytes) -> None:
    """Keep nothing."""


def _check(fetched: Fetched, link: Link, *, is_alive: bool, at: datetime) -> Check:
    reach, said_before = _REACHES[fetched.outcome], link.check.size_bytes
    if reach is Reach.FOUND and fetched.status >= _FIRST_ERROR:
        reason = f"{link.host} answered with status {fetched.status}."
        return Check(Reach.GONE, fetched.status, said_before, "http-error", reason, at)
    if reach is Reach.FOUND:
        size = fetched.announced_bytes
        return Check(reach, fetched.status, said_before if size is None else size, at=at)
    is_in_trouble = fetched.code in _TROUBLED and is_alive
    if is_in_trouble or fetched.code in _NOT_NOW or fetched.status in _BUSY:
        reach = Reach.UNASKED
    return Check(reach, fetched.status, said_before, fetched.code, fetched.reason, at)
