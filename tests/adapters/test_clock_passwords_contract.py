"""The contracts of ``ports.clock`` and ``ports.passwords``, kept by the fakes and by the machine."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from tests.support.fake_clock import START, FakeClock
from tests.support.fake_passwords import FakePasswords

from homeport.adapters import system
from homeport.adapters.system import Argon2Passwords, SystemClock
from homeport.domain.errors import Unavailable
from homeport.ports.clock import Clock
from homeport.ports.passwords import Passwords

PASSWORD = "correct horse battery"


@pytest.fixture(params=[FakeClock, SystemClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    """Each clock that keeps the contract."""
    made: Clock = request.param()
    return made


@pytest.fixture(params=["fake", "argon2"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    """Each keeper of passwords; the real one with a cost that tests can pay."""
    return FakePasswords() if request.param == "fake" else Argon2Passwords(memory_kib=64)


def test_now_is_in_utc(clock: Clock) -> None:
    """The time has its zone, and never goes back."""
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first


def test_sleeping_lets_time_pass(clock: Clock) -> None:
    """After a sleep at least so much time has passed."""
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= timedelta(seconds=0.01)


def test_random_bytes_are_fresh(clock: Clock) -> None:
    """There are as many as were asked for, and none come twice."""
    drawn = [clock.random_bytes(32) for _ in range(100)]
    assert {len(one) for one in drawn} == {32}
    assert len(set(drawn)) == 100


def test_the_fake_clock_stands_still_until_it_is_moved() -> None:
    """Time passes in the fake only by sleeping and by being told to, and a sleeper lets others go on."""
    clock, slept = FakeClock(), []
    clock.on_sleep = lambda: slept.append(clock.now())
    assert clock.now() == clock.now() == START
    clock.sleep(90)
    clock.advance(timedelta(days=1))
    assert slept == [START + timedelta(seconds=90)]
    assert clock.now() == START + timedelta(days=1, seconds=90)


def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    """What is stored is not the password, and matches no other one."""
    stored = passwords.hash(PASSWORD)
    assert PASSWORD not in stored
    assert passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, PASSWORD + "!")
    assert not passwords.matches(stored, "")


def test_hashes_are_salted(passwords: Passwords) -> None:
    """One password is stored as another text each time, and each of them matches."""
    hashes = {passwords.hash(PASSWORD) for _ in range(3)}
    assert len(hashes) == 3
    assert all(passwords.matches(stored, PASSWORD) for stored in hashes)


@pytest.mark.parametrize("stored", [None, "not a hash"])
def test_nobody_matches_no_hash(passwords: Passwords, stored: str | None) -> None:
    """Without a stored hash, or with garbage in its place, no password matches: not even the decoy's own."""
    assert not passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, "nobody has this password")
    assert not passwords.matches(stored, "")


def test_an_empty_hash_matches_nothing() -> None:
    """An empty text in the place of a hash is no hash: the password of nobody does not match it."""
    assert not Argon2Passwords(memory_kib=64).matches("", "nobody has this password")


class SlowHasher:
    """Checks a password when it is told to; ``most`` is how many it was asked for at the same time."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.now = self.most = 0

    def verify(self, stored: str, password: str) -> bool:
        """Every password is right."""
        self.now += 1
        self.most = max(self.most, self.now)
        self.begun.release()
        assert self.goes_on.wait(10), stored
        self.now -= 1
        return bool(password)


def test_only_a_few_passwords_are_checked_at_once() -> None:
    """One is computed, three wait; the fifth is told to come back, at once, and is let in when there is room (T-28)."""
    passwords, hasher = Argon2Passwords(memory_kib=64, at_once=1), SlowHasher()
    passwords._hasher = hasher  # type: ignore[assignment]
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(passwords.matches, "stored", PASSWORD) for _ in range(4)]
        assert hasher.begun.acquire(timeout=10)
        while passwords._queue._value:
            time.sleep(0.001)
        for ask in (partial(passwords.matches, "stored", PASSWORD), partial(passwords.hash, PASSWORD)):
            with pytest.raises(Unavailable) as refused:
                ask()
            assert (refused.value.code, refused.value.retry_after_seconds) == ("sign-in-busy", 5)
        hasher.goes_on.set()
        assert all(one.result() for one in waiting)
    assert hasher.most == 1
    assert passwords.matches("stored", PASSWORD)


def test_time_goes_on_from_the_newest_moment_that_is_known() -> None:
    """A machine whose clock was set back by ten years: time goes on from where it was, at its pace (I-19, T-41)."""
    known = SystemClock().now() + timedelta(days=3650)
    clock = SystemClock(known)
    first = clock.now()
    assert timedelta() <= first - known < timedelta(minutes=1)
    clock.sleep(0.01)
    assert clock.now() - first >= timedelta(seconds=0.01)
    assert clock.seconds_ahead() == pytest.approx(3650 * 86_400, abs=60)
    assert SystemClock(known - timedelta(days=7300)).seconds_ahead() < 1


def test_a_clock_that_is_set_back_while_we_run_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks the machine's clock goes back an hour, then forward two: ours goes on, then follows."""
    clock, real = SystemClock(), SystemClock().now()
    before = clock.now()
    for step in (timedelta(hours=-1), timedelta(), timedelta(hours=2)):
        monkeypatch.setattr(system, "datetime", SimpleNamespace(now=lambda _, step=step: real + step))
        after = clock.now()
        assert after >= before
        before = after
    assert before == real + timedelta(hours=2)
