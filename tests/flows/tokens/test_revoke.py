"""API tokens: revoked, and found in the open."""

import sys

import pytest
from tests.support.invariants import entries
from tests.support.token_callers import by, notices
from tests.support.world import Fakes, add_person

from homeport.domain.account import TOKEN_RANDOM_BYTES, Caller, Scope, token_text
from homeport.domain.digests import Sha256
from homeport.domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from homeport.domain.ledger import Kind
from homeport.domain.token import MOST_FOUND
from homeport.flows.sign_in import sign_in_with_token
from homeport.flows.tokens import Found, NewToken, TokenWish, create_token, revoke_found, revoke_token

UPLOAD, MANAGE, READ = frozenset({Scope.UPLOAD}), frozenset({Scope.MANAGE}), frozenset({Scope.READ})


def require_dead(fakes: Fakes, made: NewToken) -> None:
    """The token opens nothing."""
    with pytest.raises(Unauthenticated):
        sign_in_with_token(fakes.world, made.text)


# Revoked


def test_a_token_is_revoked_at_once(fakes: Fakes, ada: Caller) -> None:
    """It opens nothing any more; the ledger has an entry, its user a notice; doing it again changes nothing."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD, label="CI"))
    revoked = revoke_token(fakes.world, ada, made.token.id, "  Lost.  ")
    assert revoked.revoked_at == fakes.clock.now()
    require_dead(fakes, made)
    (entry,) = entries(fakes.store, Kind.TOKEN_REVOKED)
    assert (entry["actor"], entry["details"]) == (
        "ada",
        {"token": made.token.id, "user": "ada", "reason": "Lost."},
    )
    notice = notices(fakes, ada.user)[0]
    assert (notice.kind, notice.subject) == ("token-revoked", f"Your token {made.token.id} “CI” was revoked")
    assert notice.text == "By ada. Lost."
    before = fakes.store.committed.snapshot()
    assert revoke_token(fakes.world, ada, made.token.id) == revoked
    assert fakes.store.committed == before


def test_a_token_ends_itself_and_what_it_could_have_made(fakes: Fakes, ada: Caller) -> None:
    """An upload token revokes itself and no other; a manage token those that reach no farther."""
    upload = create_token(fakes.world, ada, TokenWish(UPLOAD))
    manage = create_token(fakes.world, ada, TokenWish(MANAGE))
    small = create_token(fakes.world, ada, TokenWish(MANAGE, ("demo",)))
    for caller, token in ((upload, manage), (small, manage), (manage, upload)):
        with pytest.raises(Forbidden) as refused:
            revoke_token(fakes.world, by(fakes, caller), token.token.id)
        assert refused.value.code == "admin-only"
    revoke_token(fakes.world, by(fakes, manage), small.token.id)
    revoke_token(fakes.world, by(fakes, upload), upload.token.id)
    for dead in (small, upload):
        require_dead(fakes, dead)
    assert by(fakes, manage).token == manage.token


def test_what_a_token_made_ends_with_it(fakes: Fakes, ada: Caller) -> None:
    """Whoever had the text of a token may have made others by it: all of them end, others of the user do not."""
    parent = create_token(fakes.world, ada, TokenWish(MANAGE | UPLOAD))
    child = create_token(fakes.world, by(fakes, parent), TokenWish(MANAGE))
    grandchild = create_token(fakes.world, by(fakes, child), TokenWish(MANAGE, label="laptop"))
    ended = create_token(fakes.world, by(fakes, child), TokenWish(MANAGE))
    beside = create_token(fakes.world, ada, TokenWish(UPLOAD))
    assert [made.token.parent_id for made in (parent, child, grandchild)] == [
        None,
        parent.token.id,
        child.token.id,
    ]
    revoke_token(fakes.world, ada, ended.token.id)
    before = len(entries(fakes.store, Kind.TOKEN_REVOKED))
    revoke_token(fakes.world, ada, parent.token.id, "It was in a log.")
    for made in (parent, child, grandchild, ended):
        require_dead(fakes, made)
    assert by(fakes, beside).token == beside.token
    assert len(entries(fakes.store, Kind.TOKEN_REVOKED)) == before + 3
    told = next(notice for notice in notices(fakes, ada.user) if "laptop" in notice.subject)
    assert told.text.startswith(
        f"Token {parent.token.id}, from which it was made, was revoked. By ada. It was in a log."
    )


def test_a_long_line_of_tokens_ends_as_well(fakes: Fakes, ada: Caller) -> None:
    """A thief makes tokens by tokens by tokens: whoever revokes the first ends all, however long the line is."""
    first = last = create_token(fakes.world, ada, TokenWish(MANAGE))
    with fakes.store.write() as tx:
        for number in range(sys.getrecursionlimit() + 1):
            digest = Sha256.of(str(number).encode())
            made = tx.tokens.add(
                digest,
                ada.user.id,
                scopes=MANAGE,
                projects=frozenset(),
                at=fakes.clock.now(),
                expires_at=None,
                label="",
                parent_id=last.token.id,
            )
            last = NewToken(made, "")
    revoke_token(fakes.world, ada, first.token.id)
    with fakes.store.read() as tx:
        found = tx.tokens.find(last.token.id)
    assert found is not None
    assert found[0].revoked_at == fakes.clock.now()


def test_administrators_revoke_with_a_reason(fakes: Fakes, ada: Caller) -> None:
    """Anybody's token, in person and saying why: its user is told both; others are refused, whatever the number."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    by_token = by(fakes, create_token(fakes.world, root, TokenWish(frozenset(Scope))))
    for caller in (Caller(add_person(fakes.world, "eve")), by_token):
        with pytest.raises(Forbidden):
            revoke_token(fakes.world, caller, made.token.id, "Because.")
    with pytest.raises(Invalid) as refused:
        revoke_token(fakes.world, root, made.token.id, "  ")
    assert refused.value.code == "reason-missing"
    with pytest.raises(NotFound):
        revoke_token(fakes.world, root, 4711, "Because.")
    revoke_token(fakes.world, root, made.token.id, "It was in a log.")
    require_dead(fakes, made)
    assert notices(fakes, ada.user)[0].text == "By root. It was in a log."
    assert notices(fakes, root.user)[0].kind == "token-created"


# Found in the open


def test_what_is_found_is_revoked_and_its_user_told_where(fakes: Fakes, ada: Caller) -> None:
    """Every live token of a report ends; the notice names the place; nobody is named as who did it."""
    first, second = (create_token(fakes.world, ada, TokenWish(UPLOAD)) for _ in range(2))
    ended = create_token(fakes.world, ada, TokenWish(UPLOAD))
    revoke_token(fakes.world, ada, ended.token.id)
    place = "https://code.example/ada/demo/blob/main/.pypirc#L5"
    revoke_found(
        fakes.world,
        [
            Found(f" {first.text}\n", place),
            Found(first.text, "https://elsewhere.example/"),
            Found(second.text, ""),
            Found(ended.text, place),
            Found("hp_" + "0" * 72, place),
            Found("nothing", place),
        ],
    )
    require_dead(fakes, first)
    require_dead(fakes, second)
    told = [notice.text for notice in notices(fakes, ada.user) if "found" in notice.text]
    assert told == [
        "Somebody found its text at a place that was not named. Whatever used it needs another one.",
        f"Somebody found its text at {place}. Whatever used it needs another one.",
    ]
    made = [entry for entry in entries(fakes.store, Kind.TOKEN_REVOKED) if entry["actor"] == ""]
    assert [entry["details"]["reason"] for entry in made] == ["found in the open"] * 2


@pytest.mark.parametrize("url", ["Your account is locked: visit https://evil.example", "\x1b[2J", "a\u202eb"])
def test_a_report_puts_no_words_into_our_mouth(fakes: Fakes, ada: Caller, url: str) -> None:
    """What is no address is not repeated to the token's user."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    revoke_found(fakes.world, [Found(made.text, url)])
    assert "a place that was not named" in notices(fakes, ada.user)[0].text


def test_a_found_token_ends_also_while_its_account_is_disabled(fakes: Fakes, ada: Caller) -> None:
    """When the account is enabled again what lay in the open opens nothing; the address repeats no token."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    with fakes.store.write() as tx:
        tx.users.disable(ada.user.id, fakes.clock.now())
    revoke_found(fakes.world, [Found(made.text, f"https://code.example/?q={made.text}")])
    assert "at https://code.example/?q=hp_***. " in notices(fakes, ada.user)[0].text
    with fakes.store.write() as tx:
        tx.users.enable(ada.user.id)
    require_dead(fakes, made)


def test_a_long_address_is_cut(fakes: Fakes, ada: Caller) -> None:
    """A notice stays a notice."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    revoke_found(fakes.world, [Found(made.text, "https://x.example/" + "y" * 5_000)])
    assert len(notices(fakes, ada.user)[0].text) < 700


def test_a_report_has_a_bound(fakes: Fakes, ada: Caller) -> None:
    """A hundred at once, and not one more."""
    made = create_token(fakes.world, ada, TokenWish(UPLOAD))
    with pytest.raises(Invalid) as refused:
        revoke_found(fakes.world, [Found(made.text, "")] * (MOST_FOUND + 1))
    assert refused.value.code == "too-many-tokens"
    assert by(fakes, made).token == made.token
    before = fakes.store.committed
    revoke_found(fakes.world, [Found("nothing", "")] * MOST_FOUND)
    revoke_token(fakes.world, ada, made.token.id)
    before = fakes.store.committed
    foreign = token_text(b"x" * TOKEN_RANDOM_BYTES)
    revoke_found(fakes.world, [Found(made.text, ""), Found(foreign, "")])
    assert fakes.store.committed is before, "what hits nothing keeps nobody from writing"
    again = create_token(fakes.world, ada, TokenWish(UPLOAD))
    revoke_found(fakes.world, [Found(again.text, "")] * 2)
    assert len(entries(fakes.store, Kind.TOKEN_REVOKED)) == 2, "one that is told twice is revoked once"
