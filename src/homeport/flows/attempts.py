"""Tries to say who one is: refused while too many failed, and counted when they fail (T-27); and what else has a limit."""

from collections.abc import Callable, Iterable
from datetime import datetime

from homeport.domain.account import User
from homeport.domain.errors import RateLimited
from homeport.domain.throttle import (
    LONGEST_WINDOW,
    Bucket,
    Trier,
    asked_too_often,
    asking,
    renewed_too_often,
    renewing,
    seeking,
    sought_too_often,
    too_many,
    tried_too_often,
    trying,
)
from homeport.ports.store import Transaction
from homeport.ports.world import World


def require_room(world: World, tx: Transaction, trier: Trier) -> None:
    """``RateLimited`` while too many tries on this account, from this address or on the index have failed."""
    now = world.clock.now()
    for bucket in trier.buckets():
        reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - bucket.window)
        if reached_at is not None:
            raise too_many(reached_at, now)


def count_failure(world: World, tx: Transaction, trier: Trier) -> None:
    """Count a try that failed, or ``RateLimited`` when others filled a bucket meanwhile.

    So of any number of guesses made side by side, no more than the limit are answered.
    """
    require_room(world, tx, trier)
    now = world.clock.now()
    count(tx, trier.buckets(), now)


def count_asking(world: World, tx: Transaction, address: str) -> None:
    """Count that a stranger asked for an account or a link, or ``RateLimited`` when it was enough from there."""
    _count_within(world, tx, asking(address), asked_too_often)


def count_trying(world: World, tx: Transaction, user: User) -> None:
    """Count that ``user`` has another place looked at or told something, or ``RateLimited`` when it was enough for now."""
    _count_within(world, tx, trying(user.name), tried_too_often)


def count_seeking(world: World, tx: Transaction, user: User) -> None:
    """Count that ``user`` asks for a person by an address, or ``RateLimited`` when it was enough for now."""
    _count_within(world, tx, seeking(user.name), sought_too_often)


def count_renewing(world: World, tx: Transaction, user: User) -> None:
    """Count that ``user`` makes another secret, or ``RateLimited`` when it was enough for now."""
    _count_within(world, tx, renewing(user.name), renewed_too_often)


def _count_within(
    world: World, tx: Transaction, bucket: Bucket, refusal: Callable[[datetime, datetime], RateLimited]
) -> None:
    now = world.clock.now()
    reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - bucket.window)
    if reached_at is not None:
        raise refusal(reached_at, now)
    count(tx, [bucket], now)


def count(tx: Transaction, buckets: Iterable[Bucket], now: datetime) -> None:
    """Count one more in each of ``buckets``, and forget what counts nowhere any more."""
    tx.attempts.add([bucket.name for bucket in buckets], now, forget_until=now - LONGEST_WINDOW)
