"""A forge tells of a release: its files come home as if a maintainer had asked for it (``update cache``).

1. Nothing is read of what was sent before it is known that the sender knows the secret; nothing is written for who does
   not, but a bounded count of failures. Of what is rightly signed, and refused, a bounded number is kept, too.
2. Who made the receiver is who asks: what they may not do any more, it does not do.
3. The event must be of a repository that is a source of the project, and a standing consent must be live: without it
   nothing begins.
4. An event that was acted upon is answered again, and nothing is done. One that was refused may be sent again.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, NotFound, RateLimited, Refusal, Unavailable
from homeport.domain.project import Project
from homeport.domain.receiver import (
    KEPT,
    Headers,
    Receiver,
    Reception,
    acting,
    marks_of,
    noting,
    refusing,
    require_told,
)
from homeport.domain.rehost import Rehost
from homeport.domain.rights import require_admitted, require_role
from homeport.domain.throttle import Bucket, too_many
from homeport.flows.attempts import count
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.start import update_cache
from homeport.flows.webhooks.manage import open_secrets
from homeport.formats.forge_events import ForgeEvent, read_event, release_list
from homeport.ports.store import Transaction
from homeport.ports.world import World

_NOTHING: Final = (
    "Nothing is done: only releases that were published or changed, and new tags, are acted upon."
)
_KNOWN: Final = "Nothing is done: this was told before."


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of an event; ``rehost_id`` is the run that began with it, or that it attached to."""

    status: HTTPStatus
    said: str
    rehost_id: int | None = None


def receive(world: World, key: str, headers: Headers, body: bytes) -> Heard:
    """Act upon what a forge sent to the receiver of that key; or the refusal."""
    now = world.clock.now()
    with world.store.read() as tx:
        receiver = tx.receivers.by_key(key)
        if receiver is None:
            raise NotFound("There is no receiver at this address.", code="receiver-unknown")
        sealed = tx.receivers.sealed_secrets(receiver.id, now)
    secrets = open_secrets(world, sealed)
    try:
        require_told(receiver.forge, secrets, headers, body, now)
    except Forbidden:
        _count_refused(world, receiver, now)
        raise
    event = read_event(receiver.forge, headers, body)
    if not event.is_release:
        return Heard(HTTPStatus.OK, _NOTHING)
    marks = marks_of(receiver.forge, headers, body)
    with world.store.read() as tx:
        # Whoever has one signed event may send it for ever: that must not keep those waiting who write.
        if tx.receivers.is_known(receiver.id, marks):
            return Heard(HTTPStatus.OK, _KNOWN)
    try:
        return _act(world, receiver, event, marks, now)
    except (RateLimited, Unavailable, NotFound):
        raise
    except Refusal as refusal:
        _note(world, receiver, event, refusal, now)
        raise


def _count_refused(world: World, receiver: Receiver, now: datetime) -> None:
    bucket = refusing(receiver)
    with world.store.read() as tx:
        _require_room(tx, bucket, now)
    with world.store.write_lightly() as tx:
        count(tx, [bucket], now)


def _require_room(tx: Transaction, bucket: Bucket, now: datetime) -> None:
    reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - bucket.window)
    if reached_at is not None:
        raise too_many(reached_at, now)


def _act(
    world: World, receiver: Receiver, event: ForgeEvent, marks: tuple[Sha256, ...], now: datetime
) -> Heard:
    with world.store.write() as tx:
        known = tx.receivers.find(receiver.id)
        if known is None:
            raise NotFound("There is no receiver at this address.", code="receiver-unknown")
        if tx.receivers.is_known(receiver.id, marks):
            return Heard(HTTPStatus.OK, _KNOWN)
        if known.stopped_at is not None:
            raise Forbidden(
                f"An administrator of this index stopped this receiver. {known.stopped_why}",
                code="receiver-stopped",
            )
        bucket = acting(receiver)
        _require_room(tx, bucket, now)
        count(tx, [bucket], now)
        rehost = _begin(world, tx, receiver, event, now)
        what = f"version {rehost.version}" if rehost.version else "all versions"
        heard = Heard(HTTPStatus.ACCEPTED, f"Looking for files of {what}.", rehost.id)
        tx.receivers.forget_old(now - KEPT)
        tx.receivers.forget_secrets(now)
        tx.receivers.remember(receiver.id, marks, now)
        tx.receivers.add_reception(
            Reception(0, receiver.id, _called(event), now, heard.status, heard.said, heard.rehost_id)
        )
        return heard


def _begin(world: World, tx: Transaction, receiver: Receiver, event: ForgeEvent, now: datetime) -> Rehost:
    project, maker = find_project(tx, receiver.project), tx.users.by_name(receiver.by)
    if maker is None or maker.is_disabled:
        raise Forbidden(
            f"The account of {receiver.by}, who made this receiver, is not open any more.",
            code="receiver-void",
        )
    caller = require_live(tx, Caller(maker), now)
    require_admitted(caller, world.accounts)
    require_role(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, maker.id))
    _require_source(tx, receiver, project, event)
    return update_cache(tx, caller, project, event.version(), now)


def _require_source(tx: Transaction, receiver: Receiver, project: Project, event: ForgeEvent) -> None:
    kind = receiver.forge.source
    told = event.release_lists(kind)
    known = {
        release_list(kind, source.url) for source in tx.outside.sources(project.id) if source.kind is kind
    }
    if not told & known:
        raise Conflict(
            f"{event.repository or 'The repository'} is no source of {project.name}: add it first "
            f"(“Sources” on its page, or homeport source add {project.name} {kind} URL).",
            code="repository-no-source",
        )


def _note(world: World, receiver: Receiver, event: ForgeEvent, refusal: Refusal, now: datetime) -> None:
    status = HTTPStatus.CONFLICT if isinstance(refusal, Conflict) else HTTPStatus.FORBIDDEN
    bucket = noting(receiver)
    with world.store.read() as tx:
        _require_room(tx, bucket, now)
    with world.store.write() as tx:
        if tx.receivers.find(receiver.id) is not None:
            count(tx, [bucket], now)
            tx.receivers.forget_old(now - KEPT)
            tx.receivers.forget_secrets(now)
            said = refusal.sentence
            tx.receivers.add_reception(Reception(0, receiver.id, _called(event), now, status, said))


def _called(event: ForgeEvent) -> str:
    return f"{event.name} {event.tag}"[:40]
