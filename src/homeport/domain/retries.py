"""When a file that was accepted and did not come is tried again.

1. What could not be fetched: later and later, and at last by hand only.
2. What was kept out although its bytes are here, because it is frozen: by hand only, or with what is tried anyway.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeport.domain.rehost import Bytes, Item

LONGEST: Final = timedelta(days=1)


def is_missing(item: Item) -> bool:
    """True for an item whose bytes were asked for in vain, or that was kept out."""
    is_kept_out = item.bytes is Bytes.HERE and bool(item.problem)
    return (is_kept_out or item.bytes in {Bytes.UNREACHABLE, Bytes.REFUSED}) and not item.is_published


def is_due(item: Item, now: datetime) -> bool:
    """True when there is something to do about an accepted item: its bytes are here, or it is time to ask for them."""
    return item.bytes is Bytes.HERE or (item.next_try_at is not None and item.next_try_at <= now)


def tried_in_vain(item: Item, now: datetime, *, first: timedelta, most: int) -> Item:
    """``item`` after one more try in vain: twice as long until the next one, and none after the ``most``-th."""
    tries = item.tries + 1
    # An exponent that a person's patience could not reach would overflow.
    wait = min(first * 2 ** min(tries - 1, 40), LONGEST) if first else first
    return replace(item, tries=tries, next_try_at=now + wait if tries < most else None)


def kept_out(item: Item, why: str) -> Item:
    """``item``, whose bytes are here and are not published now."""
    return replace(item, problem=why, next_try_at=None)


def try_now(item: Item, now: datetime) -> Item:
    """``item``, to be tried at once."""
    return replace(item, next_try_at=now)
