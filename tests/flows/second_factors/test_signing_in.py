"""Signing in with a second factor: half a session, codes and keys that count once, and what programs are told."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from tests.support.authenticator import SecurityKey
from tests.support.second_factors import HERE, PASSWORD, code, signed_in, there, told, with_app, with_key
from tests.support.world import Fakes, real_world

from homeport.domain.account import User
from homeport.domain.errors import Conflict, Forbidden, Invalid, RateLimited, Refusal, Unauthenticated
from homeport.domain.second_factor import RECOVERY_CODES
from homeport.flows.second_factors import ask, confirm_by_code, confirm_by_key, confirm_by_password
from homeport.flows.sessions import (
    HALF_SESSION_LASTS,
    SESSION_LASTS,
    find_session,
    open_session,
    show_security,
)
from homeport.flows.sign_in import add_user, sign_in
from homeport.ports.sessions import Session

STEP = timedelta(seconds=30)

# Signing in with it


def test_a_password_opens_half_a_session(fakes: Fakes, ada: User) -> None:
    """It ends soon, is in no list, and becomes whole under another secret when a code is shown."""
    secret, _ = with_app(fakes.world, signed_in(fakes.world, ada))
    fakes.clock.advance(STEP)
    opened = open_session(fakes.world, ada, "a browser")
    half = there(fakes.world, opened)
    assert not half.is_whole
    assert half.expires_at == fakes.clock.now() + HALF_SESSION_LASTS
    assert half.secret not in {session.secret for session in show_security(fakes.world, ada).sessions}
    assert ask(fakes.world, half).has_app
    renewed = confirm_by_code(fakes.world, half, code(fakes.world, secret), HERE)
    whole = there(fakes.world, renewed)
    assert (whole.is_whole, whole.agent) == (True, "a browser")
    assert whole.expires_at == fakes.clock.now() + SESSION_LASTS
    assert renewed != opened
    assert find_session(fakes.world, opened) is None, "the half session is over"


def test_the_password_is_no_second_factor(fakes: Fakes, ada: User) -> None:
    """Half a session cannot be made whole by what it was opened with."""
    with_app(fakes.world, signed_in(fakes.world, ada))
    with pytest.raises(Forbidden) as refused:
        confirm_by_password(fakes.world, signed_in(fakes.world, ada), PASSWORD, HERE)
    assert refused.value.code == "factor-needed"


def test_half_a_session_ends(fakes: Fakes, ada: User) -> None:
    """Ten minutes after the password, it is asked for again; a code that comes too late is not used up."""
    secret, _ = with_app(fakes.world, signed_in(fakes.world, ada))
    opened = open_session(fakes.world, ada)
    half = there(fakes.world, opened)
    fakes.clock.advance(HALF_SESSION_LASTS)
    assert find_session(fakes.world, opened) is None
    with fakes.world.store.write() as tx:
        tx.sessions.close(half.secret)
    with pytest.raises(Unauthenticated):
        confirm_by_code(fakes.world, half, code(fakes.world, secret), HERE)
    later = signed_in(fakes.world, ada)
    assert there(fakes.world, confirm_by_code(fakes.world, later, code(fakes.world, secret), HERE)).is_whole


def test_a_code_counts_once(fakes: Fakes, ada: User) -> None:
    """Whoever looked over a shoulder signs in with nothing, in whichever session."""
    secret, _ = with_app(fakes.world, signed_in(fakes.world, ada))
    fakes.clock.advance(2 * STEP)
    shown = code(fakes.world, secret)
    confirm_by_code(fakes.world, signed_in(fakes.world, ada), shown, HERE)
    with pytest.raises(Forbidden) as refused:
        confirm_by_code(fakes.world, signed_in(fakes.world, ada), shown, HERE)
    assert refused.value.code == "code-wrong"
    (factor,) = show_security(fakes.world, ada).factors
    assert factor.last_used_at == fakes.clock.now()


def test_another_persons_code_counts_nothing(fakes: Fakes, ada: User) -> None:
    """Codes, recovery codes and keys are their owner's."""
    bob = add_user(fakes.world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    bobs = signed_in(fakes.world, bob)
    secret, codes = with_app(fakes.world, bobs)
    key = SecurityKey()
    with_key(fakes.world, bobs, key)
    mine = SecurityKey(credential_id=b"of ada")
    with_key(fakes.world, signed_in(fakes.world, ada), mine)
    fakes.clock.advance(STEP)
    half = signed_in(fakes.world, ada)
    for typed in (code(fakes.world, secret), codes[0]):
        with pytest.raises(Forbidden):
            confirm_by_code(fakes.world, half, typed, HERE)
    with pytest.raises(Invalid):
        confirm_by_key(fakes.world, half, key.sign(ask(fakes.world, half).key_options), HERE)
    confirm_by_code(fakes.world, signed_in(fakes.world, bob), codes[0], HERE)


def test_a_recovery_code_signs_in_once(fakes: Fakes, ada: User) -> None:
    """It is used up, its owner is told, and how many are left."""
    _, codes = with_app(fakes.world, signed_in(fakes.world, ada))
    renewed = confirm_by_code(fakes.world, signed_in(fakes.world, ada), codes[3].upper(), HERE)
    assert there(fakes.world, renewed).is_whole
    assert show_security(fakes.world, ada).recovery_codes_left == RECOVERY_CODES - 1
    assert told(fakes)[-1] == "A recovery code was used"
    with pytest.raises(Forbidden):
        confirm_by_code(fakes.world, signed_in(fakes.world, ada), codes[3], HERE)


def test_a_key_signs_in(fakes: Fakes, ada: User) -> None:
    """Its answer counts once, for the session that asked; its number is remembered."""
    key = SecurityKey(count=4)
    with_key(fakes.world, signed_in(fakes.world, ada), key)
    half, other = signed_in(fakes.world, ada), signed_in(fakes.world, ada)
    answer = key.sign(ask(fakes.world, half).key_options)
    with pytest.raises(Conflict):
        confirm_by_key(fakes.world, other, answer, HERE)
    ask(fakes.world, other)
    with pytest.raises(Invalid):
        confirm_by_key(fakes.world, other, answer, HERE)
    assert there(fakes.world, confirm_by_key(fakes.world, half, answer, HERE)).is_whole
    (factor,) = show_security(fakes.world, ada).factors
    assert (factor.counter, factor.last_used_at) == (5, fakes.clock.now())
    with pytest.raises(Conflict):
        confirm_by_key(fakes.world, half, answer, HERE)


def test_a_copy_of_a_key_is_refused(fakes: Fakes, ada: User) -> None:
    """A key whose number does not grow was copied; a challenge is asked once, also by who fails."""
    key = SecurityKey(count=4)
    with_key(fakes.world, signed_in(fakes.world, ada), key)
    half = signed_in(fakes.world, ada)
    copy = replace(key, count=2)
    options = ask(fakes.world, half).key_options
    with pytest.raises(Invalid):
        confirm_by_key(fakes.world, half, copy.sign(options), HERE)
    with pytest.raises(Conflict):
        confirm_by_key(fakes.world, half, key.sign(options), HERE)


def test_codes_are_not_guessed(fakes: Fakes, ada: User) -> None:
    """Ten wrong answers, of whatever kind, and nothing is answered for a while: not even the right one."""
    secret, codes = with_app(fakes.world, signed_in(fakes.world, ada))
    with_key(fakes.world, signed_in(fakes.world, ada), SecurityKey())
    half = signed_in(fakes.world, ada)
    for number in range(9):
        with pytest.raises(Forbidden):
            confirm_by_code(fakes.world, half, f"{number:06}", HERE)
    ask(fakes.world, half)
    with pytest.raises(Invalid):
        confirm_by_key(fakes.world, half, "{}", HERE)
    fakes.clock.advance(STEP)
    for typed in (code(fakes.world, secret), codes[0]):
        with pytest.raises(RateLimited):
            confirm_by_code(fakes.world, half, typed, HERE)
    ask(fakes.world, half)
    with pytest.raises(RateLimited):
        confirm_by_key(fakes.world, half, "{}", HERE)


def test_one_code_at_once_in_many_places_counts_once(tmp_path: Path) -> None:
    """Of twelve browsers that send the same recovery code at the same moment, one is signed in."""
    with real_world(tmp_path) as real:
        world = real.world
        ada = add_user(world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        _, codes = with_app(world, signed_in(world, ada))
        halves, start = [signed_in(world, ada) for _ in range(12)], Barrier(12)

        def attempt(half: Session) -> str:
            start.wait()
            try:
                confirm_by_code(world, half, codes[0], HERE)
            except Refusal as refusal:
                return refusal.code
            return "signed in"

        with ThreadPoolExecutor(12) as threads:
            outcomes = Counter(threads.map(attempt, halves))
        assert outcomes == {"signed in": 1, "code-wrong": 10, "too-many-tries": 1}


def test_a_half_session_becomes_whole_once(tmp_path: Path) -> None:
    """Two right answers to the same half session make one session."""
    with real_world(tmp_path) as real:
        world = real.world
        ada = add_user(world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        _, codes = with_app(world, signed_in(world, ada))
        half, start = signed_in(world, ada), Barrier(2)

        def attempt(typed: str) -> str:
            start.wait()
            try:
                confirm_by_code(world, half, typed, HERE)
            except Refusal as refusal:
                return refusal.code
            return "signed in"

        with ThreadPoolExecutor(2) as threads:
            outcomes = Counter(threads.map(attempt, codes[:2]))
        assert outcomes == {"signed in": 1, "session-ended": 1}
        assert show_security(world, ada).recovery_codes_left == RECOVERY_CODES - 1


# Programs


def test_a_password_alone_is_refused_to_programs(fakes: Fakes, ada: User) -> None:
    """With a factor, user name and password open nothing: the sentence tells what does. Wrong ones learn nothing."""
    assert sign_in(fakes.world, "ada", PASSWORD).user == ada
    with_app(fakes.world, signed_in(fakes.world, ada))
    with pytest.raises(Forbidden, match="token") as refused:
        sign_in(fakes.world, "ada", PASSWORD, HERE)
    assert refused.value.code == "password-not-enough"
    with pytest.raises(Unauthenticated):
        sign_in(fakes.world, "ada", "wrong", HERE)
