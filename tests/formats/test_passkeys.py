"""What browsers are asked, and what they answer, with a key in software."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.authenticator import SecurityKey, b64, unb64

from homeport.domain.errors import Invalid
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.formats.passkeys import (
    RelyingParty,
    creation_options,
    read_new_key,
    read_signature,
    relying_party,
    request_options,
)

PARTY = RelyingParty("index.test", "https://index.test")
CHALLENGE, OTHER = bytes(range(32)), bytes(32)
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def made(key: SecurityKey) -> SecondFactor:
    """``key`` as it is kept after it was made."""
    new = read_new_key(PARTY, CHALLENGE, key.make(creation_options(PARTY, 7, "ada", CHALLENGE, [])))
    return SecondFactor(
        1, FactorKind.KEY, "key", new.public_key, new.sign_count, NOW, credential_id=new.credential_id
    )


@pytest.mark.parametrize(
    ("base_url", "party"),
    [
        ("https://index.test", PARTY),
        ("https://index.test:443", PARTY),
        ("https://index.test:8443/pypi", RelyingParty("index.test", "https://index.test:8443")),
        ("http://localhost:8417", RelyingParty("localhost", "http://localhost:8417")),
        ("https://localhost", RelyingParty("localhost", "https://localhost")),
        ("http://index.test", None),
        ("http://127.0.0.1:8417", None),
        ("https://127.0.0.1", None),
        ("https://[::1]:8417", None),
        ("https://intranet", None),
        ("", None),
    ],
)
def test_where_browsers_know_keys(base_url: str, party: RelyingParty | None) -> None:
    """Host names over HTTPS, and localhost; the origin is what a browser says of our pages."""
    assert relying_party(base_url) == party


def test_a_key_is_made_and_signs() -> None:
    """What is asked is what the index needs, and the answers of a real key count."""
    key = SecurityKey()
    asked = json.loads(creation_options(PARTY, 7, "ada", CHALLENGE, [made(SecurityKey())]))
    assert (asked["rp"]["id"], asked["user"]["name"], asked["attestation"]) == ("index.test", "ada", "none")
    assert unb64(asked["challenge"]) == CHALLENGE
    assert [unb64(one["id"]) for one in asked["excludeCredentials"]] == [b"credential of a test"]
    factor = made(key)
    assert (factor.credential_id, factor.counter) == (b"credential of a test", 0)
    options = request_options(PARTY, CHALLENGE, [factor])
    assert [unb64(one["id"]) for one in json.loads(options)["allowCredentials"]] == [b"credential of a test"]
    assert read_signature(PARTY, CHALLENGE, [factor], key.sign(options)) == (factor, 0)


def test_a_count_must_grow() -> None:
    """A key that counts tells its number; the same or a smaller one is a copy's (rule 3)."""
    key = SecurityKey(count=5)
    factor = made(key)
    assert factor.counter == 5
    answer = key.sign(request_options(PARTY, CHALLENGE, [factor]))
    assert read_signature(PARTY, CHALLENGE, [factor], answer) == (factor, 6)
    with pytest.raises(Invalid, match="sign count"):
        read_signature(PARTY, CHALLENGE, [replace(factor, counter=6)], answer)


@pytest.mark.parametrize(
    "key",
    [
        SecurityKey(origin="https://evil.example"),
        SecurityKey(origin="http://index.test"),
        SecurityKey(origin="https://index.test:8443"),
        SecurityKey(rp_id="evil.example"),
        SecurityKey(flags=0),
    ],
    ids=["another site", "without TLS", "another port", "another relying party", "nobody there"],
)
def test_a_key_made_elsewhere_does_not_count(key: SecurityKey) -> None:
    """Another page's key, one for another index, and one that nobody touched are refused."""
    with pytest.raises(Invalid) as refused:
        read_new_key(PARTY, CHALLENGE, key.make(creation_options(PARTY, 7, "ada", CHALLENGE, [])))
    assert refused.value.code == "key-refused"


@pytest.mark.parametrize(
    "change",
    [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": 0}],
    ids=["another site", "another relying party", "nobody there"],
)
def test_a_signature_from_elsewhere_does_not_count(change: dict[str, object]) -> None:
    """The same key, asked by another page or for another index, or touched by nobody, does not open ours."""
    key = SecurityKey()
    factor = made(key)
    for name, value in change.items():
        setattr(key, name, value)
    with pytest.raises(Invalid) as refused:
        read_signature(PARTY, CHALLENGE, [factor], key.sign(request_options(PARTY, CHALLENGE, [factor])))
    assert refused.value.code == "key-refused"


def test_an_answer_is_for_its_challenge() -> None:
    """What was signed for one challenge answers no other; what was made for one neither."""
    key = SecurityKey()
    factor = made(key)
    with pytest.raises(Invalid, match="challenge"):
        read_signature(PARTY, CHALLENGE, [factor], key.sign(request_options(PARTY, OTHER, [factor])))
    with pytest.raises(Invalid, match="challenge"):
        read_new_key(PARTY, CHALLENGE, key.make(creation_options(PARTY, 7, "ada", OTHER, [])))


def test_another_key_does_not_count() -> None:
    """A signature by another private key, and a key that is nobody's, are refused."""
    factor, thief = made(SecurityKey()), SecurityKey(rp_id="index.test")
    options = request_options(PARTY, CHALLENGE, [factor])
    with pytest.raises(Invalid, match="signature"):
        read_signature(PARTY, CHALLENGE, [factor], thief.sign(options))
    with pytest.raises(Invalid):
        read_signature(PARTY, CHALLENGE, [replace(factor, credential_id=b"other")], thief.sign(options))


def test_an_assertion_is_no_new_key_and_the_other_way_round() -> None:
    """What was asked decides what counts."""
    key = SecurityKey()
    factor = made(key)
    signed = key.sign(request_options(PARTY, CHALLENGE, [factor]))
    again = key.make(creation_options(PARTY, 7, "ada", CHALLENGE, []))
    with pytest.raises(Invalid):
        read_new_key(PARTY, CHALLENGE, signed)
    with pytest.raises(Invalid):
        read_signature(PARTY, CHALLENGE, [factor], again)


FACTOR = made(SecurityKey())
GOOD = SecurityKey().make(creation_options(PARTY, 7, "ada", CHALLENGE, []))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"rawId": 1}',
        "[" * 30_000,
        '{"a":' * 5_000,
        " " * 32_769,
        json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {}}),
        json.dumps({**json.loads(GOOD), "id": "AAAA"}),
        json.dumps({**json.loads(GOOD), "type": "password"}),
        SecurityKey().make(creation_options(PARTY, 7, "ada", CHALLENGE, []), attestation="packed"),
    ],
)
def test_what_is_no_answer_is_refused(answer: str) -> None:
    """Whatever comes instead of an answer is one refusal, never an accident."""
    for read in (
        lambda: read_new_key(PARTY, CHALLENGE, answer),
        lambda: read_signature(PARTY, CHALLENGE, [FACTOR], answer),
    ):
        with pytest.raises(Invalid) as refused:
            read()
        assert refused.value.code == "key-refused"


@settings(max_examples=60)
@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=80))
def test_hostile_bytes_are_refused(one: bytes, other: bytes, third: bytes) -> None:
    """Random bytes in every part of an answer never count and never crash."""
    id_ = b64(b"credential of a test")
    parts = {"clientDataJSON": b64(one), "attestationObject": b64(other), "authenticatorData": b64(other)}
    answer = json.dumps(
        {"id": id_, "rawId": id_, "type": "public-key", "response": {**parts, "signature": b64(third)}}
    )
    with pytest.raises(Invalid):
        read_new_key(PARTY, CHALLENGE, answer)
    with pytest.raises(Invalid):
        read_signature(PARTY, CHALLENGE, [FACTOR], answer)


@pytest.mark.parametrize(
    "length", ["9bffffffffffffffff", "9b0000000100000000", "5b0000000100000000", "bb0000000100000000"]
)
def test_a_length_that_is_a_lie_costs_nothing(length: str) -> None:
    """CBOR that promises billions of elements is refused before anything is made of them."""
    answer = json.loads(GOOD)
    answer["response"]["attestationObject"] = b64(bytes.fromhex(length))
    with pytest.raises(Invalid):
        read_new_key(PARTY, CHALLENGE, json.dumps(answer))
