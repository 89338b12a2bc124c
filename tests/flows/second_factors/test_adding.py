"""Second factors are added by whoever has them at hand."""

from dataclasses import replace

import pytest
from tests.support.authenticator import SecurityKey
from tests.support.invariants import entries
from tests.support.second_factors import HERE, code, signed_in, told, with_app, with_key
from tests.support.world import Fakes

from homeport.domain.account import User
from homeport.domain.errors import Conflict, Forbidden, Invalid
from homeport.domain.second_factor import MOST_FACTORS, RECOVERY_CODES, FactorKind
from homeport.flows.second_factors import (
    add_app,
    add_key,
    ask,
    begin_app,
    begin_key,
    confirm_by_code,
    has_factor,
    pending_app,
)
from homeport.flows.sessions import show_security


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
    assert pending_app(fakes.world, session) is None
    with pytest.raises(Conflict) as refused:
        add_app(fakes.world, session, "phone", "000000")
    assert refused.value.code == "factor-begun"


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
