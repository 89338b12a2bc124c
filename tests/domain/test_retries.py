"""Tries of what was accepted and did not come: later and later."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.builders import NOW, item

from homeport.domain.rehost import Bytes, Item
from homeport.domain.retries import LONGEST, is_due, is_missing, kept_out, tried_in_vain, try_now

MISSING = item(1, content=None, bytes=Bytes.UNREACHABLE)
FIRST = timedelta(seconds=60)


@pytest.mark.parametrize(
    ("state", "missing"), [(bytes_, bytes_ in {Bytes.UNREACHABLE, Bytes.REFUSED}) for bytes_ in Bytes]
)
def test_missing(state: Bytes, *, missing: bool) -> None:
    """Missing is what was asked for in vain, and is not hosted."""
    assert is_missing(replace(MISSING, bytes=state)) is missing
    assert not is_missing(replace(MISSING, bytes=state, is_published=True))


def test_kept_out() -> None:
    """What is kept out is missing until it is hosted, and is not tried again by itself."""
    kept = kept_out(try_now(item(), NOW), "It is frozen.")
    assert (kept.problem, kept.next_try_at, is_due(kept, NOW)) == ("It is frozen.", None, True)
    assert is_missing(kept)
    assert not is_missing(replace(kept, is_published=True))
    assert not is_missing(item())


def test_due() -> None:
    """Bytes that are here are always due; others when their time has come, and never without one."""
    assert is_due(replace(MISSING, bytes=Bytes.HERE), NOW)
    assert is_due(try_now(MISSING, NOW), NOW)
    assert not is_due(try_now(MISSING, NOW + timedelta(microseconds=1)), NOW)
    assert not is_due(MISSING, NOW)


def waits(one: Item, most: int) -> list[timedelta]:
    """The pauses until the tries end."""
    found = []
    while (one := tried_in_vain(one, NOW, first=FIRST, most=most)).next_try_at is not None:
        found.append(one.next_try_at - NOW)
    assert one.tries == most
    return found


def test_each_pause_is_twice_the_one_before_and_bounded() -> None:
    """The tries go on for more than a day, and a pause is never longer than one."""
    pauses = waits(MISSING, 12)
    assert pauses[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert sum(pauses, timedelta()) > timedelta(days=1)
    assert waits(MISSING, 100)[-1] == LONGEST
