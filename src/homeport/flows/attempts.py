"""Tries to say who one is: refused while too many failed, and counted when they fail (T-27)."""

from homeport.domain.account import User
from homeport.domain.throttle import (
    WINDOW,
    Trier,
    asked_too_often,
    asking,
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
        reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - WINDOW)
        if reached_at is not None:
            raise too_many(reached_at, now)


def count_failure(world: World, tx: Transaction, trier: Trier) -> None:
    """Count a try that failed, or ``RateLimited`` when others filled a bucket meanwhile.

    So of any number of guesses made side by side, no more than the limit are answered.
    """
    require_room(world, tx, trier)
    now = world.clock.now()
    tx.attempts.add([bucket.name for bucket in trier.buckets()], now, forget_until=now - WINDOW)


def count_asking(world: World, tx: Transaction, address: str) -> None:
    """Count that a stranger asked for an account or a link, or ``RateLimited`` when it was enough from there."""
    bucket, now = asking(address), world.clock.now()
    reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - WINDOW)
    if reached_at is not None:
        raise asked_too_often(reached_at, now)
    tx.attempts.add([bucket.name], now, forget_until=now - WINDOW)


def count_trying(world: World, tx: Transaction, user: User) -> None:
    """Count that ``user`` has another place looked at, or ``RateLimited`` when it was enough for now."""
    bucket, now = trying(user.name), world.clock.now()
    reached_at = tx.attempts.nth_newest(bucket.name, bucket.limit, now - WINDOW)
    if reached_at is not None:
        raise tried_too_often(reached_at, now)
    tx.attempts.add([bucket.name], now, forget_until=now - WINDOW)
