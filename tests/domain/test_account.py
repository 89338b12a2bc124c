"""Accounts and tokens: their forms, that typing errors are noticed, and that a token only narrows."""

import zlib
from email.headerregistry import Address
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import caller, user

from homeport.domain.account import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    TOKEN_PREFIX,
    TOKEN_RANDOM_BYTES,
    AccountPolicy,
    Scope,
    require_email,
    require_open_name,
    require_password,
    require_user_name,
    token_digest,
    token_text,
)
from homeport.domain.common_passwords import COMMON_PASSWORDS
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid

ZERO = "hp_" + "0" * 64 + "0f8d2976"
secrets = st.binary(min_size=TOKEN_RANDOM_BYTES, max_size=TOKEN_RANDOM_BYTES)
texts = secrets.map(token_text)


def test_the_form_is_written_down() -> None:
    """A token's text is what secret scanners were told: a prefix, 64 hex digits, and their CRC-32."""
    assert token_text(bytes(32)) == ZERO
    assert int(ZERO[-8:], 16) == zlib.crc32(ZERO[:-8].encode())
    assert (TOKEN_PREFIX, TOKEN_RANDOM_BYTES) == ("hp_", 32)


@given(secrets)
def test_a_token_is_known_by_the_digest_of_its_text(random: bytes) -> None:
    """What is stored is the SHA-256 of the whole text; blanks around a pasted token do not matter."""
    text = token_text(random)
    assert text[3:67] == random.hex()
    assert token_digest(text) == token_digest(f" {text}\r\n") == Sha256.of(text.encode())


@given(texts, st.integers(0, 74), st.characters(min_codepoint=33, max_codepoint=126))
def test_one_wrong_character_is_noticed(text: str, at: int, typed: str) -> None:
    """A token with any one character mistyped is none of ours."""
    wrong = text[:at] + typed + text[at + 1 :]
    assert (token_digest(wrong) is None) is (wrong != text)


@given(texts, st.integers(0, 73))
def test_two_swapped_characters_are_noticed(text: str, at: int) -> None:
    """A token with two neighbours swapped is none of ours."""
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    assert (token_digest(wrong) is None) is (wrong != text)


@given(texts, st.integers(0, 74))
def test_a_lost_or_doubled_character_is_noticed(text: str, at: int) -> None:
    """A token with a character missing or twice is none of ours."""
    assert token_digest(text[:at] + text[at + 1 :]) is None
    assert token_digest(text[:at] + text[at] + text[at:]) is None


@pytest.mark.parametrize(
    "text",
    ["", "hp_", "hp_" + "0" * 72, ZERO.upper(), ZERO[3:], f"x{ZERO}", f"{ZERO}x", f"{ZERO} {ZERO}", f"{ZERO[:9]}\n{ZERO[9:]}"],
)  # fmt: skip
def test_no_token(text: str) -> None:
    """Whatever has another form is recognised without asking the database."""
    assert token_digest(text) is None


projects = st.sampled_from(["demo", "other", "third"])
scope_sets = st.sets(st.sampled_from(Scope), min_size=1)


@given(scope_sets, st.sets(projects))
def test_a_token_only_narrows(scopes: set[Scope], named: set[str]) -> None:
    """A token allows a subset of what its user may do: its scopes, on its projects, or on all when it names none."""
    narrowed, free = caller(*scopes, projects=tuple(named)), caller()
    for scope, project in product(Scope, ["demo", "other", "third", ""]):
        assert free.may_use(scope, project)
        assert narrowed.may_use(scope, project) is (scope in scopes and (not named or project in named))


@given(scope_sets, st.sets(projects, min_size=1), scope_sets, st.sets(projects))
def test_less_allows_less(
    scopes: set[Scope], named: set[str], more_scopes: set[Scope], more: set[str]
) -> None:
    """To add scopes, or projects to those that are named, never takes anything away, and to remove never gives."""
    small = caller(*scopes, projects=tuple(named))
    large = caller(*(scopes | more_scopes), projects=tuple(named | more))
    for scope, project in product(Scope, ["demo", "other", "third"]):
        assert large.may_use(scope, project) or not small.may_use(scope, project)


@pytest.mark.parametrize("scope", Scope)
def test_scope(scope: Scope) -> None:
    """A scope is read by its name."""
    assert Scope.parse(scope.value) is scope


@pytest.mark.parametrize("text", ["", "admin", "Upload", "upload ", "upload,read"])
def test_no_scope(text: str) -> None:
    """Any other word is refused."""
    with pytest.raises(Invalid) as caught:
        Scope.parse(text)
    assert caught.value.code == "scope-unknown"


@pytest.mark.parametrize("name", ["a", "0", "alice", "a.b-c_d", "a" * 64])
def test_user_name(name: str) -> None:
    """A user name is itself."""
    assert require_user_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Alice",
        "_a",
        "a_",
        "-a",
        ".",
        "a b",
        "a\n",
        "a@b",
        "é",
        "\u0131",
        "__token__",
        "a/b",
        "<a>",
        "a" * 65,
    ],
)
def test_no_user_name(name: str) -> None:
    """What could be mistaken for another name, or for the word that announces a token, is refused."""
    with pytest.raises(Invalid) as caught:
        require_user_name(name)
    assert caught.value.code == "user-name-invalid"


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org",
        "first.last+tag@mail.example.org",
        "a@xn--bcher-kva.example",
        "A@B.XN--P1AI",
        "a" * 64 + "@example.org",
        "!#$%&'*+/=?^_`{|}~-@a-b.1.example",
        "a@" + ".".join(["a" * 63] * 3) + "." + "b" * 61,
    ],
)
def test_email(email: str) -> None:
    """An address is itself, and one that a mail's head can hold."""
    assert str(Address(addr_spec=email).addr_spec) == email
    assert require_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "", "a", "a@", "@example.org", "a@example", "a@b@example.org", "a b@example.org", "a@example.org\n", "a\r\nBcc:b@example.org",
        "a@example.org\x00", "a\x0bb@example.org", "a\x1cb@example.org", "a\x85b@example.org", "a\u2028b@example.org",
        "a\u202eb@example.org", "a\u00a0b@example.org", "a@example.org, b@example.org", "<a@example.org>", "a@example.org;",
        '"a"@example.org', "a@example.o", "a" * 65 + "@example.org", "\ud800@example.org",
        "a@[.ab", "a@[127.0.0.1]", "(a)@example.org", "a@(b).example", "ü@example.org", "a@bücher.example", "中@example.org",
        ".a@example.org", "a.@example.org", "a..b@example.org", "a@-b.example", "a@b-.example", "a@b..example", "a@.example.org",
        "a@example.org.", "a@127.0.0.1", "a@example.xn--", "a@example.o-g", "a@" + "b" * 64 + ".example", "a\\b@example.org",
        "a@b_c.example", "a@" + ".".join(["a" * 63] * 3) + "." + "b" * 62, "=?utf-8?q?a?=@[x.example",
    ],
)  # fmt: skip
def test_no_email(email: str) -> None:
    """What is no single address, or could end a header line, is refused."""
    with pytest.raises(Invalid) as caught:
        require_email(email)
    assert caught.value.code == "email-invalid"


@pytest.mark.parametrize(
    ("length", "passes"),
    [
        (0, False),
        (SHORTEST_PASSWORD - 1, False),
        (SHORTEST_PASSWORD, True),
        (LONGEST_PASSWORD, True),
        (LONGEST_PASSWORD + 1, False),
    ],
)
def test_password(length: int, *, passes: bool) -> None:
    """A password has a least and a greatest length, in characters."""
    password = "é" * length
    if passes:
        assert require_password(password) == password
        return
    with pytest.raises(Invalid) as caught:
        require_password(password)
    assert caught.value.code == "password-length"
    assert "é" not in caught.value.sentence


@pytest.mark.parametrize(
    ("password", "known", "code"),
    [
        ("Password1234", (), "password-common"),
        ("aaaaaaaaaaaa", (), "password-common"),
        ("correct horse battery staple", (), "password-common"),
        ("my name is Wren Ada", ("wren", "index.test"), "password-known"),
        ("home of INDEX.test", ("wren", "index.test"), "password-known"),
        ("adamant and steadfast", ("ada", ""), ""),
        ("correct horse battery", ("wren", "index.test"), ""),
    ],
)
def test_what_is_guessed_first(password: str, known: tuple[str, ...], code: str) -> None:
    """What is on every list, or tells the account's own name or place, is no password; short names stand in any sentence."""
    if not code:
        assert require_password(password, *known) == password
        return
    with pytest.raises(Invalid) as caught:
        require_password(password, *known)
    assert caught.value.code == code
    assert password not in caught.value.sentence


def test_the_list_holds_what_would_be_taken_otherwise() -> None:
    """Every entry has the length that is wanted, in small letters: none is there in vain."""
    assert len(COMMON_PASSWORDS) > 200
    assert all(one == one.casefold() and len(one) >= SHORTEST_PASSWORD for one in COMMON_PASSWORDS)


@pytest.mark.parametrize("name", ["admin", "root", "homeport", "postmaster", "__token__", "Admin", ""])
def test_strangers_take_no_name_that_deceives(name: str) -> None:
    """A name that sounds like the index itself, or is none, is not given to whoever asks for it."""
    with pytest.raises(Invalid) as refused:
        require_open_name(name)
    assert refused.value.code in {"user-name-reserved", "user-name-invalid"}
    assert require_open_name("rooted") == "rooted"


@pytest.mark.parametrize("is_verified", [False, True])
def test_who_is_admitted(is_verified: bool) -> None:
    """Where a verified address is wanted, only who has one is admitted; elsewhere everybody is."""
    person = user(is_verified=is_verified)
    assert AccountPolicy().admits(person)
    assert AccountPolicy(needs_verified=True).admits(person) is is_verified
