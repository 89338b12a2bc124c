"""Confirming who it is, removing factors, and the codes for who lost theirs."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.support.authenticator import SecurityKey
from tests.support.invariants import entries
from tests.support.second_factors import HERE, PASSWORD, signed_in, there, told, with_app, with_key
from tests.support.world import Fakes

from homeport.domain.account import Caller, User
from homeport.domain.errors import Conflict, Forbidden, NotFound, RateLimited
from homeport.domain.rights import FRESH_FOR
from homeport.domain.second_factor import RECOVERY_CODES
from homeport.flows.second_factors import (
    add_app,
    add_key,
    ask,
    begin_app,
    begin_key,
    confirm_by_code,
    confirm_by_password,
    has_factor,
    make_recovery_codes,
    pending_app,
    remove_factor,
    reset_factors,
)
from homeport.flows.sessions import find_session, open_session, show_security
from homeport.flows.sign_in import add_user

MOMENT = timedelta(microseconds=1)


def kinds(fakes: Fakes) -> list[str]:
    """The kinds of all ledger entries."""
    return [entry["kind"] for entry in entries(fakes.store)]


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


@pytest.mark.parametrize(
    "change", ["begin app", "see app", "add app", "begin key", "add key", "remove", "codes"]
)
def test_changes_need_a_fresh_session(fakes: Fakes, ada: User, change: str) -> None:
    """Who left a browser open long ago finds their factors unchanged."""
    session = signed_in(fakes.world, ada)
    with_app(fakes.world, session)
    before = show_security(fakes.world, ada)
    fakes.clock.advance(FRESH_FOR + MOMENT)
    tries: dict[str, Callable[[], object]] = {
        "begin app": lambda: begin_app(fakes.world, session),
        "see app": lambda: pending_app(fakes.world, session),
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
