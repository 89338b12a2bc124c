"""Password guessing: refused past the limits, counted when in vain, side by side as well (T-27)."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from tests.support.world import Fakes, fake_world, real_world

from homeport.domain.account import User
from homeport.domain.errors import RateLimited, Refusal, Unauthenticated
from homeport.domain.throttle import LONGEST_WINDOW, PER_ACCOUNT, PER_ADDRESS, PER_INDEX, WINDOW
from homeport.flows.sign_in import add_user, check_password, sign_in
from homeport.ports.world import World

PASSWORD = "correct horse battery"
HERE, THERE = "198.51.100.7", "203.0.113.9"
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody with a password."""
    return add_user(fakes.world, "ada", "ada@example.org", PASSWORD, is_admin=False)


def outcome(world: World, name: str, password: str = "", address: str = HERE) -> str:
    """How a try ends."""
    try:
        return f"signed in as {check_password(world, name, password, address).name}"
    except Refusal as refusal:
        return refusal.code


def wrong(fakes: Fakes, count: int, name: str = "ada", address: str = HERE) -> None:
    """So many failures, every one answered."""
    for _ in range(count):
        assert outcome(fakes.world, name, address=address) == "credentials-wrong"


def test_after_ten_failures_nobody_is_let_into_the_account(fakes: Fakes, ada: User) -> None:
    """From everywhere, with the right password too, for five minutes; then one more try for each that is old."""
    wrong(fakes, PER_ACCOUNT - 1)
    fakes.clock.advance(timedelta(minutes=1))
    wrong(fakes, 1, address=THERE)
    assert outcome(fakes.world, "ada", PASSWORD, "192.0.2.1") == "too-many-tries"
    with pytest.raises(RateLimited) as refused:
        check_password(fakes.world, "ada", PASSWORD, HERE)
    assert refused.value.retry_after_seconds == 240
    fakes.clock.advance(WINDOW - timedelta(minutes=1) - MOMENT)
    assert outcome(fakes.world, "ada", PASSWORD) == "too-many-tries"
    fakes.clock.advance(MOMENT)
    assert outcome(fakes.world, "ada", PASSWORD) == f"signed in as {ada.name}"


def test_refused_tries_are_not_counted(fakes: Fakes, ada: User) -> None:
    """Going on while refused does not make it last longer."""
    wrong(fakes, PER_ACCOUNT)
    fakes.clock.advance(WINDOW - MOMENT)
    for _ in range(20):
        assert outcome(fakes.world, "ada") == "too-many-tries"
    fakes.clock.advance(MOMENT)
    assert outcome(fakes.world, "ada", PASSWORD) == f"signed in as {ada.name}"


def test_names_that_nobody_has_are_counted_alike(fakes: Fakes, ada: User) -> None:
    """The limit tells a guesser nothing of which accounts there are."""
    told = {
        name: [outcome(fakes.world, name, address=f"{place}.2.{number}") for number in range(12)]
        for place, name in (("10.1", ada.name), ("10.2", "nobody"))
    }
    assert told["ada"] == told["nobody"] == ["credentials-wrong"] * PER_ACCOUNT + ["too-many-tries"] * 2


def test_after_ten_failures_an_address_is_not_answered(fakes: Fakes, ada: User) -> None:
    """Whichever accounts it tried: others sign in as before."""
    for number in range(PER_ADDRESS):
        wrong(fakes, 1, f"user{number}")
    assert outcome(fakes.world, "ada", PASSWORD) == "too-many-tries"
    assert outcome(fakes.world, "ada", PASSWORD, THERE) == f"signed in as {ada.name}"


def test_the_whole_index_has_a_limit(fakes: Fakes, ada: User) -> None:
    """Many addresses that try many accounts are stopped together."""
    failed_at = fakes.clock.now()
    with fakes.world.store.write() as tx:
        for _ in range(PER_INDEX - 1):
            tx.attempts.add(["index"], failed_at, forget_until=failed_at - WINDOW)
    wrong(fakes, 1, "nobody", THERE)
    assert outcome(fakes.world, "ada", PASSWORD) == "too-many-tries"


def test_a_success_writes_nothing(fakes: Fakes, ada: User) -> None:
    """Signing in does not wait for another writer."""
    with fakes.world.store.write():
        assert check_password(fakes.world, "ada", PASSWORD, HERE) == ada
    assert fakes.store.committed.attempts == []


def test_failures_are_swept(fakes: Fakes, ada: User) -> None:
    """What counts nowhere any more is gone with the next failure."""
    wrong(fakes, 3, ada.name)
    assert len(fakes.store.committed.attempts) == 9
    fakes.clock.advance(LONGEST_WINDOW)
    wrong(fakes, 1)
    assert len(fakes.store.committed.attempts) == 3


def test_tokens_are_not_counted(fakes: Fakes, ada: User) -> None:
    """Nobody guesses 256 bits, and a limited address still reads by token."""
    for _ in range(PER_ADDRESS + 5):
        with pytest.raises(Unauthenticated):
            sign_in(fakes.world, "__token__", "hp_wrong", HERE)
    assert outcome(fakes.world, "ada", PASSWORD) == f"signed in as {ada.name}"


def _nothing() -> None:
    return


class LateRival:
    """Passwords that are checked slowly: while one is, ``meanwhile`` happens, once."""

    def __init__(self, inner: World) -> None:
        self.inner = inner.passwords
        self.meanwhile: Callable[[], None] = _nothing

    def hash(self, password: str) -> str:
        """See the port."""
        return self.inner.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """See the port."""
        happens, self.meanwhile = self.meanwhile, _nothing
        happens()
        return self.inner.matches(stored, password)


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_guess_made_beside_others_is_not_answered_past_the_limit(
    fakes: Fakes, ada: User, password: str
) -> None:
    """Whoever sends many guesses at once learns of no more than the limit, be one of them right or not."""
    passwords = LateRival(fakes.world)
    world = replace(fakes.world, passwords=passwords)
    passwords.meanwhile = partial(wrong, fakes, PER_ACCOUNT, ada.name)
    assert outcome(world, "ada", password) == "too-many-tries"


def test_twenty_at_once_are_answered_ten_times(tmp_path: Path) -> None:
    """Twenty threads over a real database: exactly ten failures are answered, ten are refused."""
    with real_world(tmp_path) as real:
        add_user(real.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        start = Barrier(20)

        def attempt(number: int) -> str:
            start.wait()
            return outcome(real.world, "ada", f"guess {number}")

        with ThreadPoolExecutor(20) as threads:
            outcomes = Counter(threads.map(attempt, range(20)))
        assert outcomes == {"credentials-wrong": 10, "too-many-tries": 10}
        assert outcome(real.world, "ada", PASSWORD) == "too-many-tries"
