"""Second factors: shown, added, removed, and the codes for who lost theirs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pyotp
import pytest
from tests.support.authenticator import SecurityKey
from tests.support.invariants import entries
from tests.support.world import Fakes, fake_world, real_world

from homeport.domain.account import Caller, User
from homeport.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Refusal,
    Unauthenticated,
)
from homeport.domain.rights import FRESH_FOR
from homeport.domain.second_factor import MOST_FACTORS, RECOVERY_CODES, FactorKind, secret_text
from homeport.flows.second_factors import (
    add_app,
    add_key,
    ask,
    begin_app,
    begin_key,
    confirm_by_code,
    confirm_by_key,
    confirm_by_password,
    has_factor,
    make_recovery_codes,
    pending_app,
    remove_factor,
    reset_factors,
)
from homeport.flows.sessions import (
    HALF_SESSION_LASTS,
    SESSION_LASTS,
    find_session,
    open_session,
    show_security,
)
from homeport.flows.sign_in import add_user, sign_in
from homeport.ports.sessions import Session
from homeport.ports.world import World

PASSWORD = "correct horse battery"
HERE = "198.51.100.7"
STEP = timedelta(seconds=30)
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


def signed_in(world: World, user: User) -> Session:
    """The session of a browser whose user typed their password: half of one when there is a factor."""
    return there(world, open_session(world, user))


def there(world: World, secret: str) -> Session:
    """The session of that secret."""
    session = find_session(world, secret)
    assert session is not None
    return session


def code(world: World, secret: bytes) -> str:
    """What an app with that secret shows now."""
    return pyotp.TOTP(secret_text(secret)).at(world.clock.now())


def with_app(world: World, session: Session) -> tuple[bytes, Sequence[str]]:
    """Add an app; its secret, and the recovery codes."""
    secret = begin_app(world, session)
    return secret, add_app(world, session, "phone", code(world, secret))


def with_key(world: World, session: Session, key: SecurityKey) -> Sequence[str]:
    """Add a key; the recovery codes."""
    return add_key(world, session, "key ring", key.make(begin_key(world, session)))


def told(fakes: Fakes) -> list[str]:
    """The subjects of all notices, oldest first."""
    return [notice.subject for _, notice in fakes.store.committed.notices]


def kinds(fakes: Fakes) -> list[str]:
    """The kinds of all ledger entries."""
    return [entry["kind"] for entry in entries(fakes.store)]


# Adding


def test_an_app_is_added_by_its_first_code(fakes: Fakes, ada: User) -> None:
    """The secret has 160 bits; ten codes are told, once; ledger and user know of it."""
    session = signed_in(fakes.world, ada)
    assert not has_factor(fakes.world, ada)
    secret = begin_app(fakes.world, session)
    assert len(secret) == 20
    assert pending_app(fakes.world, session) == secret
    assert not has_factor(fakes.world, ada), "an app that never answered is no factor"
    codes = add_app(fakes.world, session, "phone", code(fakes.world, secret))
    assert (len(codes), len(set(codes))) == (RECOVERY_CODES, RECOVERY_CODES)
    assert not any(code in repr(fakes.store.committed) for code in codes), "only digests are stored"
    shown = show_security(fakes.world, ada)
    (factor,) = shown.factors
    assert (factor.kind, factor.label, factor.secret) == (FactorKind.APP, "phone", secret)
    assert shown.recovery_codes_left == RECOVERY_CODES
    entry = entries(fakes.store)[-1]
    assert (entry["kind"], entry["actor"]) == ("second-factor-added", "ada")
    assert entry["details"] == {"user": "ada", "factor": "totp", "label": "phone"}
    assert told(fakes) == ["A second factor was added: phone"]


def test_a_wrong_first_code_adds_nothing(fakes: Fakes, ada: User) -> None:
    """The secret stays, so that the next code is typed without beginning again."""
    session = signed_in(fakes.world, ada)
    secret = begin_app(fakes.world, session)
    with pytest.raises(Invalid) as refused:
        add_app(fakes.world, session, "phone", "000000")
    assert refused.value.code == "first-code-wrong"
    assert not has_factor(fakes.world, ada)
    assert add_app(fakes.world, session, "phone", code(fakes.world, secret))


def test_the_first_code_does_not_sign_in(fakes: Fakes, ada: User) -> None:
    """The code that added the app has counted: it is not good for another thing."""
    secret, _ = with_app(fakes.world, signed_in(fakes.world, ada))
    half = signed_in(fakes.world, ada)
    with pytest.raises(Forbidden):
        confirm_by_code(fakes.world, half, code(fakes.world, secret), HERE)


def test_an_app_is_added_once(fakes: Fakes, ada: User) -> None:
    """The same form sent twice adds one app."""
    session = signed_in(fakes.world, ada)
    secret, _ = with_app(fakes.world, session)
    with pytest.raises(Conflict) as refused:
        add_app(fakes.world, session, "phone", code(fakes.world, secret))
    assert refused.value.code == "factor-begun"
    assert len(show_security(fakes.world, ada).factors) == 1


def test_a_key_is_added(fakes: Fakes, ada: User) -> None:
    """A key that was just made is a factor; the second one brings no new codes."""
    session = signed_in(fakes.world, ada)
    assert len(with_key(fakes.world, session, SecurityKey())) == RECOVERY_CODES
    assert with_key(fakes.world, session, SecurityKey(credential_id=b"other")) == ()
    assert [factor.kind for factor in show_security(fakes.world, ada).factors] == [FactorKind.KEY] * 2


def test_a_key_is_added_once_and_for_its_challenge(fakes: Fakes, ada: User) -> None:
    """The same answer again, or one to an older question, adds nothing."""
    session, key = signed_in(fakes.world, ada), SecurityKey()
    old = key.make(begin_key(fakes.world, session))
    new = key.make(begin_key(fakes.world, session))
    with pytest.raises(Invalid):
        add_key(fakes.world, session, "key ring", old)
    with pytest.raises(Conflict):
        add_key(fakes.world, session, "key ring", new)
    add_key(fakes.world, session, "key ring", key.make(begin_key(fakes.world, session)))
    again = key.make(begin_key(fakes.world, session))
    with pytest.raises(Conflict) as refused:
        add_key(fakes.world, session, "key ring", again)
    assert refused.value.code == "factor-exists"
    assert len(show_security(fakes.world, ada).factors) == 1


def test_an_app_is_no_key(fakes: Fakes, ada: User) -> None:
    """What one page began, the other does not end."""
    session = signed_in(fakes.world, ada)
    options = begin_key(fakes.world, session)
    begin_app(fakes.world, session)
    with pytest.raises(Conflict):
        add_key(fakes.world, session, "key", SecurityKey().make(options))
    begin_key(fakes.world, session)
    with pytest.raises(Conflict):
        pending_app(fakes.world, session)


def test_where_browsers_know_no_keys_none_is_asked(fakes: Fakes, ada: User) -> None:
    """An index at an address asks for no key, neither to make one nor to sign."""
    session = signed_in(fakes.world, ada)
    options = begin_key(fakes.world, session)
    bare = replace(fakes.world, base_url="http://127.0.0.1:8417")
    assert begin_key(bare, session) == ""
    with pytest.raises(Conflict):
        add_key(bare, session, "key", SecurityKey().make(options))
    with_key(fakes.world, session, SecurityKey())
    assert ask(bare, session).key_options == ""


def test_there_is_a_bound(fakes: Fakes, ada: User) -> None:
    """Nobody fills the database with keys."""
    session = signed_in(fakes.world, ada)
    for number in range(MOST_FACTORS):
        with_key(fakes.world, session, SecurityKey(credential_id=bytes([number])))
    with pytest.raises(Conflict) as refused:
        with_key(fakes.world, session, SecurityKey())
    assert refused.value.code == "factors-many"


@pytest.mark.parametrize("label", ["", "x" * 65])
def test_a_factor_needs_a_name(fakes: Fakes, ada: User, label: str) -> None:
    """Without one nothing is added."""
    session = signed_in(fakes.world, ada)
    secret = begin_app(fakes.world, session)
    with pytest.raises(Invalid):
        add_app(fakes.world, session, label, code(fakes.world, secret))
    with pytest.raises(Invalid):
        add_key(fakes.world, session, label, "{}")
    assert not has_factor(fakes.world, ada)


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


# Confirming


def test_a_password_confirms(fakes: Fakes, ada: User) -> None:
    """The session is fresh again, under another secret; it ends when it would have ended."""
    opened = open_session(fakes.world, ada)
    session = there(fakes.world, opened)
    fakes.clock.advance(FRESH_FOR + MOMENT)
    with pytest.raises(Forbidden):
        begin_app(fakes.world, session)
    with pytest.raises(Forbidden) as refused:
        confirm_by_password(fakes.world, session, "wrong", HERE)
    assert refused.value.code == "password-wrong"
    renewed = confirm_by_password(fakes.world, session, PASSWORD, HERE)
    confirmed = there(fakes.world, renewed)
    assert (confirmed.confirmed_at, confirmed.created_at) == (fakes.clock.now(), session.created_at)
    assert confirmed.expires_at == session.expires_at
    assert find_session(fakes.world, opened) is None
    begin_app(fakes.world, confirmed)


def test_passwords_to_confirm_are_not_guessed(fakes: Fakes, ada: User) -> None:
    """Whoever sits at somebody else's browser has the same ten tries."""
    session = signed_in(fakes.world, ada)
    for _ in range(10):
        with pytest.raises(Forbidden):
            confirm_by_password(fakes.world, session, "wrong", HERE)
    with pytest.raises(RateLimited):
        confirm_by_password(fakes.world, session, PASSWORD, HERE)


@pytest.mark.parametrize("change", ["begin app", "add app", "begin key", "add key", "remove", "codes"])
def test_changes_need_a_fresh_session(fakes: Fakes, ada: User, change: str) -> None:
    """Who left a browser open long ago finds their factors unchanged."""
    session = signed_in(fakes.world, ada)
    with_app(fakes.world, session)
    before = show_security(fakes.world, ada)
    fakes.clock.advance(FRESH_FOR + MOMENT)
    tries: dict[str, Callable[[], object]] = {
        "begin app": lambda: begin_app(fakes.world, session),
        "add app": lambda: add_app(fakes.world, session, "x", "000000"),
        "begin key": lambda: begin_key(fakes.world, session),
        "add key": lambda: add_key(fakes.world, session, "x", "{}"),
        "remove": lambda: remove_factor(fakes.world, session, before.factors[0].id),
        "codes": lambda: make_recovery_codes(fakes.world, session),
    }
    with pytest.raises(Forbidden) as refused:
        tries[change]()
    assert refused.value.code == "confirm-needed"
    assert show_security(fakes.world, ada) == before


# Removing, and what to do when they are lost


def test_a_factor_is_removed(fakes: Fakes, ada: User) -> None:
    """Codes stay while another factor is there, and go with the last; then a password is enough again."""
    session = signed_in(fakes.world, ada)
    with_app(fakes.world, session)
    with_key(fakes.world, session, SecurityKey())
    app, key = show_security(fakes.world, ada).factors
    remove_factor(fakes.world, session, app.id)
    shown = show_security(fakes.world, ada)
    assert (list(shown.factors), shown.recovery_codes_left) == ([key], RECOVERY_CODES)
    remove_factor(fakes.world, session, key.id)
    assert show_security(fakes.world, ada).recovery_codes_left == 0
    assert signed_in(fakes.world, ada).is_whole
    assert kinds(fakes)[-2:] == ["second-factor-removed"] * 2
    assert told(fakes)[-2:] == ["A second factor was removed: phone", "A second factor was removed: key ring"]


def test_only_ones_own_factor_is_removed(fakes: Fakes, ada: User) -> None:
    """Another person's, and one that is gone, are not there."""
    with_app(fakes.world, signed_in(fakes.world, ada))
    (factor,) = show_security(fakes.world, ada).factors
    bob = add_user(fakes.world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    with pytest.raises(NotFound):
        remove_factor(fakes.world, signed_in(fakes.world, bob), factor.id)
    assert has_factor(fakes.world, ada)


def test_new_recovery_codes_take_the_place_of_the_old(fakes: Fakes, ada: User) -> None:
    """The old ones count no more; ledger and user know of it; without a factor there are none."""
    session = signed_in(fakes.world, ada)
    with pytest.raises(Conflict):
        make_recovery_codes(fakes.world, session)
    _, old = with_app(fakes.world, session)
    new = make_recovery_codes(fakes.world, session)
    assert not set(old) & set(new)
    half = signed_in(fakes.world, ada)
    with pytest.raises(Forbidden):
        confirm_by_code(fakes.world, half, old[0], HERE)
    assert there(fakes.world, confirm_by_code(fakes.world, half, new[0], HERE)).is_whole
    assert entries(fakes.store)[-1]["details"]["factor"] == "recovery-codes"
    assert "New recovery codes were made" in told(fakes)


def test_the_operator_resets_factors(fakes: Fakes, ada: User) -> None:
    """All of them and the codes go, browsers are signed out, ledger and user know; a password signs in again."""
    session = signed_in(fakes.world, ada)
    with_app(fakes.world, session)
    with_key(fakes.world, session, SecurityKey())
    assert reset_factors(fakes.world, None, "ada") == 2
    shown = show_security(fakes.world, ada)
    assert (list(shown.factors), shown.recovery_codes_left, list(shown.sessions)) == ([], 0, [])
    assert signed_in(fakes.world, ada).is_whole
    assert kinds(fakes)[-2:] == ["second-factor-removed"] * 2
    last = entries(fakes.store)[-1]
    assert (last["actor"], last["details"]["reset"]) == ("ada", True)
    assert all("Whoever runs this index" in notice.text for _, notice in fakes.store.committed.notices[-2:])


def test_an_administrator_resets_factors(fakes: Fakes, ada: User) -> None:
    """In person and freshly confirmed; nobody else does, and the ledger names who did."""
    with_app(fakes.world, signed_in(fakes.world, ada))
    root = add_user(fakes.world, "root", "root@example.org", PASSWORD, is_admin=True)
    now = fakes.clock.now()
    for caller in (Caller(ada, confirmed_at=now), Caller(root, confirmed_at=now - FRESH_FOR - MOMENT)):
        with pytest.raises(Forbidden):
            reset_factors(fakes.world, caller, "ada")
    assert has_factor(fakes.world, ada)
    assert reset_factors(fakes.world, Caller(root, confirmed_at=now), "ada") == 1
    assert entries(fakes.store)[-1]["actor"] == "root"


def test_who_has_none_stays_signed_in(fakes: Fakes, ada: User) -> None:
    """A reset of nothing changes nothing, and nobody's factors are not there to be reset."""
    session = signed_in(fakes.world, ada)
    assert reset_factors(fakes.world, None, "ada") == 0
    assert list(show_security(fakes.world, ada).sessions) == [session]
    with pytest.raises(NotFound):
        reset_factors(fakes.world, None, "nobody")


def test_a_token_or_the_shell_is_always_fresh(fakes: Fakes, ada: User) -> None:
    """Who has nothing else to show is not asked for it."""
    from homeport.domain.rights import require_fresh

    require_fresh(Caller(ada), fakes.clock.now())


def test_options_do_not_tell_other_keys(fakes: Fakes, ada: User) -> None:
    """A browser is asked for this person's keys only."""
    bob = add_user(fakes.world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    with_key(fakes.world, signed_in(fakes.world, bob), SecurityKey(credential_id=b"of bob"))
    with_key(fakes.world, signed_in(fakes.world, ada), SecurityKey(credential_id=b"of ada"))
    asked = json.loads(ask(fakes.world, signed_in(fakes.world, ada)).key_options)
    assert len(asked["allowCredentials"]) == 1
