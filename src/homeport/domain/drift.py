"""Drift: what a later look at the source of a hosted file says against what is remembered, and what follows of it.

1. Published files never move: whatever a look finds, the bytes that are hosted stay (T-10).
2. A source that is gone or elsewhere is told, and nothing else follows. It is gone when two looks at least 24 hours
   apart found nothing there, or when none was answered for a week: a site that is down for an hour alarms nobody (G-24).
3. What shows that a host may be somebody else's now freezes it, and voids the standing consents that name it (T-08):
   other bytes, a TLS key and issuer that are both new, name servers of which none was there before, a registration
   that is newer than the consent, a name that was nobody's for a week.
4. A renewed certificate shows nothing: the key is new and the issuer is not, or the other way round. Issuers are told
   apart by their organisation, because an authority signs with another of its own names each time.
5. Where projects of several people come from, one maintainer must not be able to shut out the others by changing files
   of their own: other bytes void that project's consent, and freeze the host as soon as bytes of a project that nobody
   of them maintains changed there as well.
6. A sign is known by its kind and by what was seen: what was told once is not told again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.digests import Sha256
from homeport.domain.source import SourceKind

GONE_AFTER: Final = timedelta(hours=24)
SILENT_FOR: Final = timedelta(days=7)
NAMELESS_FOR: Final = timedelta(days=7)
# Validators are what the site says of itself: now and then the bytes are read, whatever it says.
READ_AGAIN_AFTER: Final = timedelta(days=90)
JITTER: Final = 0.2
_SOONER: Final = timedelta(days=1)
# With the least jitter still 24 hours: the next look may be the one that finds it gone.
_MISSING_AGAIN: Final = GONE_AFTER / (1 - JITTER)
_FIRST_WAIT: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = timedelta(days=1)


class State(StrEnum):
    """How the place that a file came from fares."""

    NEW = "new"  # not looked at since the file came home
    SAME = "same"
    MOVED = "moved"  # the same bytes, now on another host
    CHANGED = "changed"  # other bytes under the same URL
    MISSING = "missing"  # found missing, not yet for long
    SILENT = "silent"  # no usable answer, not yet for long
    GONE = "gone"


class Sign(StrEnum):
    """What may be told of a source: of its file, or of its host."""

    OTHER_BYTES = "other-bytes"
    GONE = "gone"
    MOVED = "moved"
    NEW_TLS = "new-tls"
    NEW_NAME_SERVERS = "new-name-servers"
    REGISTERED_LATER = "registered-later"
    NAME_LAPSED = "name-lapsed"


class Consequence(StrEnum):
    """What follows of a sign, besides its event in the ledger and the notice to those who maintain the project."""

    TELL = "tell"  # nothing
    VOID = "void"  # the project's standing consent names the host no longer
    FREEZE = "freeze"  # the host is frozen, and no standing consent names it any longer


CONSEQUENCES: Final[Mapping[Sign, Consequence]] = {
    Sign.GONE: Consequence.TELL,
    Sign.MOVED: Consequence.TELL,
    Sign.OTHER_BYTES: Consequence.FREEZE,
    Sign.NEW_TLS: Consequence.FREEZE,
    Sign.NEW_NAME_SERVERS: Consequence.FREEZE,
    Sign.REGISTERED_LATER: Consequence.FREEZE,
    Sign.NAME_LAPSED: Consequence.FREEZE,
}


@dataclass(frozen=True, slots=True)
class Watch:
    """The place that a hosted file came from, and what is remembered of it.

    ``home`` is the host at which its redirects ended while the bytes were the same, ``seen`` what is there instead: a
    sha256 when it is ``CHANGED``, a host when it is ``MOVED``. ``since`` is when the state began. ``agreed_at`` is the
    moment of the consent by which the file came home.
    """

    project_id: int
    project: str
    filename: str
    url: str
    host: str
    source: SourceKind
    sha256: Sha256
    size_bytes: int
    agreed_at: datetime
    due_at: datetime
    read_at: datetime
    home: str = ""
    etag: str = ""
    last_modified: str = ""
    state: State = State.NEW
    seen: str = ""
    problem: str = ""
    failures: int = 0
    since: datetime | None = None
    looked_at: datetime | None = None

    def may_believe_validators(self, now: datetime) -> bool:
        """True when there are validators, and the bytes themselves were read not too long ago."""
        return bool(self.etag or self.last_modified) and now - self.read_at < READ_AGAIN_AFTER


class Answer(StrEnum):
    """How a source answered a look."""

    UNCHANGED = "unchanged"  # by its validators
    READ = "read"  # its bytes were read to their end
    MISSING = "missing"  # 404 or 410
    TROUBLE = "trouble"  # anything else; looking again may help
    KEPT_AWAY = "kept-away"  # it was not asked: our own rules forbid it for now


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file's source found; ``ended_at`` is the host that answered, ``sha256`` of the bytes read."""

    answer: Answer
    at: datetime
    ended_at: str = ""
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign, by what it is known again, and the sentence that tells it."""

    sign: Sign
    what: str
    sentence: str


def judge(watch: Watch, look: Look) -> tuple[Watch, Seen | None]:
    """The watch after ``look``, and what is to be told of it, if it was not told before."""
    if look.answer is Answer.KEPT_AWAY:
        return replace(watch, problem=look.problem), None
    looked = replace(watch, looked_at=look.at, problem=look.problem)
    if look.answer is Answer.MISSING:
        return _missing(looked, look.at)
    if look.answer is Answer.TROUBLE:
        return _silent(looked, look.at)
    looked = replace(looked, failures=0)
    if look.answer is Answer.READ and look.sha256 != watch.sha256.hex:
        return _changed(looked, look)
    if look.answer is Answer.READ:
        looked = replace(looked, read_at=look.at, etag=look.etag, last_modified=look.last_modified)
    return _there(replace(looked, home=looked.home or look.ended_at), look)


def _there(watch: Watch, look: Look) -> tuple[Watch, Seen | None]:
    if not look.ended_at or look.ended_at == watch.home:
        return replace(watch, state=State.SAME, seen="", since=None), None
    sentence = f"{watch.url} leads to {look.ended_at} now, where the same bytes are."
    moved = _since(watch, State.MOVED, look.at, look.ended_at)
    return moved, Seen(Sign.MOVED, look.ended_at, sentence)


def _changed(watch: Watch, look: Look) -> tuple[Watch, Seen]:
    other = f"sha256 {look.sha256}" if look.sha256 else f"more than {watch.size_bytes:,} of them"
    sentence = (
        f"{watch.url} has other bytes now: {other}. {watch.filename} stays here as it was published, with sha256 "
        f"{watch.sha256}."
    )
    what = look.sha256 or "longer"
    return _since(watch, State.CHANGED, look.at, what), Seen(Sign.OTHER_BYTES, what, sentence)


def _missing(watch: Watch, at: datetime) -> tuple[Watch, Seen | None]:
    watch = replace(watch, failures=0)
    if watch.state is State.GONE:
        return watch, None
    watch = _since(watch, State.MISSING, at)
    return _gone(watch, at, GONE_AFTER)


def _silent(watch: Watch, at: datetime) -> tuple[Watch, Seen | None]:
    watch = replace(watch, failures=watch.failures + 1)
    if watch.state is State.GONE:
        return watch, None
    return _gone(_since(watch, State.SILENT, at), at, SILENT_FOR)


def _gone(watch: Watch, at: datetime, after: timedelta) -> tuple[Watch, Seen | None]:
    since = watch.since or at
    if at - since < after:
        return watch, None
    why = "is gone" if watch.state is State.MISSING else "does not answer"
    sentence = f"{watch.url} {why} since {since:%Y-%m-%d}. {watch.filename} stays here."
    return replace(watch, state=State.GONE), Seen(Sign.GONE, since.isoformat(), sentence)


def _since(watch: Watch, state: State, at: datetime, seen: str = "") -> Watch:
    """The watch in ``state``, since now unless it was so already."""
    is_so = watch.state is state and watch.since is not None
    return replace(watch, state=state, seen=seen, since=watch.since if is_so else at)


def next_look(before: State, watch: Watch, look: Look, every: timedelta, chance: float) -> datetime:
    """When to look again after ``look``: every so often, sooner after a change, and after errors with a growing pause.

    ``before`` is the state that the watch was in, ``chance`` is uniform in [0, 1): it spreads the looks, up to a fifth
    earlier or later.
    """
    if look.answer is Answer.KEPT_AWAY:
        pause = min(_SOONER, every)
    elif watch.state is State.MISSING:
        pause = _MISSING_AGAIN
    elif watch.failures and watch.state is not State.GONE:
        pause = min(_FIRST_WAIT * 2 ** min(watch.failures - 1, 10), _LONGEST_WAIT)
    elif watch.state is not before and before is not State.NEW:
        pause = min(_SOONER, every)
    else:
        pause = every
    return look.at + spread(pause, chance)


def first_look(at: datetime, every: timedelta, chance: float) -> datetime:
    """When to look first at the source of a file that came home: soon, to learn how it looks while all is well."""
    return at + spread(min(_SOONER, every), chance)


def spread(pause: timedelta, chance: float) -> timedelta:
    """``pause``, up to a fifth shorter or longer."""
    return pause * (1 - JITTER + 2 * JITTER * chance)


@dataclass(frozen=True, slots=True)
class Tls:
    """Who a host showed to be: the digest of its public key, or of its certificate, and who vouches for it."""

    key: str
    issuer: str

    @property
    def organisation(self) -> str:
        """Who signed, by whichever of their names; the issuer is told as name, organisation, country."""
        _, comma, rest = self.issuer.partition(", ")
        return rest if comma else self.issuer


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What is remembered of a host that files came from; ``asked_at`` is when its name was last asked about."""

    host: str
    tls: Tls | None = None
    name_servers: frozenset[str] = frozenset()
    registered_at: datetime | None = None
    nameless_since: datetime | None = None
    nameless_until: datetime | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HostSeen:
    """What looks at a host found; ``None`` and nothing is what was not asked or not answered.

    ``has_name`` is false when the name has no address, ``asked_about`` true when its servers and registration were
    asked for.
    """

    has_name: bool | None = None
    tls: Tls | None = None
    name_servers: frozenset[str] = frozenset()
    registered_at: datetime | None = None
    asked_about: bool = False


def judge_host(
    memory: HostMemory, seen: HostSeen, agreed_at: datetime, at: datetime
) -> tuple[HostMemory, tuple[Seen, ...]]:
    """What is remembered after these looks, and what is to be told of the host.

    ``agreed_at`` is the oldest consent by which a file came from there.
    """
    found = [
        _lapse(memory, seen, at),
        _new_tls(memory, seen),
        _new_name_servers(memory, seen),
        _registered_later(memory, seen, agreed_at),
    ]
    after = replace(
        memory,
        tls=seen.tls or memory.tls,
        name_servers=seen.name_servers or memory.name_servers,
        registered_at=seen.registered_at or memory.registered_at,
        asked_at=at if seen.asked_about else memory.asked_at,
    )
    if seen.has_name is False:
        after = replace(after, nameless_since=memory.nameless_since or at, nameless_until=at)
    elif seen.has_name:
        after = replace(after, nameless_since=None, nameless_until=None)
    return after, tuple(one for one in found if one is not None)


def _lapse(memory: HostMemory, seen: HostSeen, at: datetime) -> Seen | None:
    since, until = memory.nameless_since, memory.nameless_until
    if not seen.has_name or since is None or until is None:
        return None
    # One look that found no name, and a worker that stood still for a week after it, are no lapse.
    if until - since < GONE_AFTER or at - since < NAMELESS_FOR:
        return None
    sentence = f"{memory.host} was a name without address since {since:%Y-%m-%d}, and has one again."
    return Seen(Sign.NAME_LAPSED, since.isoformat(), sentence)


def _new_tls(memory: HostMemory, seen: HostSeen) -> Seen | None:
    was, now = memory.tls, seen.tls
    if was is None or now is None or was.key == now.key or was.organisation == now.organisation:
        return None
    sentence = f"{memory.host} shows another TLS key, which another authority vouches for: {now.issuer}; it was {was.issuer}."
    return Seen(Sign.NEW_TLS, f"{now.key} {now.organisation}", sentence)


def _new_name_servers(memory: HostMemory, seen: HostSeen) -> Seen | None:
    was, now = memory.name_servers, seen.name_servers
    if not was or not now or was & now:
        return None
    sentence = f"{memory.host} is served by other name servers: {', '.join(sorted(now))}; they were {', '.join(sorted(was))}."
    return Seen(Sign.NEW_NAME_SERVERS, " ".join(sorted(now)), sentence)


def _registered_later(memory: HostMemory, seen: HostSeen, agreed_at: datetime) -> Seen | None:
    now = seen.registered_at
    if now is None or now <= agreed_at or (memory.registered_at is not None and now <= memory.registered_at):
        return None
    sentence = f"The domain of {memory.host} was registered on {now:%Y-%m-%d}, after the consent of {agreed_at:%Y-%m-%d}."
    return Seen(Sign.REGISTERED_LATER, now.isoformat(), sentence)


def consequence(sign: Sign, *, is_shared: bool = False, others_changed: bool = False) -> Consequence:
    """What follows of ``sign``; ``is_shared``: projects of other people come from that host, too.

    ``others_changed``: some of theirs have other bytes there as well.
    """
    if sign is Sign.OTHER_BYTES and is_shared and not others_changed:
        return Consequence.VOID
    return CONSEQUENCES[sign]


@dataclass(frozen=True, slots=True)
class DriftPolicy:
    """How often sources are looked at, zero for never, and who is asked about registrations; empty asks nobody."""

    every: timedelta = timedelta(days=7)
    rdap_url: str = ""


@dataclass(frozen=True, slots=True)
class DriftEvent:
    """What was told of a source once; ``filename`` is empty when it concerns its host."""

    id: int
    project: str
    filename: str
    url: str
    host: str
    sign: Sign
    what: str
    sentence: str
    consequence: Consequence
    at: datetime
