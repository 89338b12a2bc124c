"""The signature of Standard Webhooks: as others compute it, and what is not taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.errors import Invalid
from homeport.domain.webhook_signature import (
    TOLERANCE_SECONDS,
    is_signed,
    same,
    secret_text,
    sign,
    sign_with_each,
)

# The example that the specification's reference libraries test with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, MOMENT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_secret_that_counts_signs() -> None:
    """One header holds all signatures, with a blank between, and each secret's is found in it."""
    other = secret_text(b"k" * 32)
    signatures = sign_with_each([SECRET, other], MESSAGE, MOMENT, BODY)
    assert signatures == f"{SIGNATURE} {sign(other, MESSAGE, MOMENT, BODY)}"
    for secret in (SECRET, other):
        assert is_signed(secret, MESSAGE, str(MOMENT), BODY, signatures, MOMENT)


def test_it_is_the_one_of_the_specification() -> None:
    """The published example has the published signature."""
    assert sign(SECRET, MESSAGE, MOMENT, BODY) == SIGNATURE


@pytest.mark.parametrize(
    ("message", "moment", "body", "signatures", "now", "is_good"),
    [
        (MESSAGE, str(MOMENT), BODY, SIGNATURE, MOMENT, True),
        (MESSAGE, str(MOMENT), BODY, f"v1,other {SIGNATURE}", MOMENT + TOLERANCE_SECONDS, True),
        (MESSAGE, str(MOMENT), BODY, " ".join(["v1,other"] * 10 + [SIGNATURE]), MOMENT, False),
        (MESSAGE, str(MOMENT), BODY, SIGNATURE, MOMENT + TOLERANCE_SECONDS + 1, False),
        (MESSAGE, str(MOMENT), BODY, SIGNATURE, MOMENT - TOLERANCE_SECONDS - 1, False),
        ("msg_other", str(MOMENT), BODY, SIGNATURE, MOMENT, False),
        (MESSAGE, str(MOMENT), BODY + b" ", SIGNATURE, MOMENT, False),
        (MESSAGE, "", BODY, SIGNATURE, MOMENT, False),
        (MESSAGE, "9" * 13, BODY, SIGNATURE, MOMENT, False),
        (MESSAGE, "٣", BODY, SIGNATURE, MOMENT, False),
        (MESSAGE, str(MOMENT), BODY, SIGNATURE[3:], MOMENT, False),
        (MESSAGE, str(MOMENT), BODY, "", MOMENT, False),
    ],
)
def test_what_is_taken(
    message: str, moment: str, body: bytes, signatures: str, now: int, is_good: bool
) -> None:
    """Our signature of exactly this, made within five minutes, among the first ten."""
    assert is_signed(SECRET, message, moment, body, signatures, now) is is_good


@given(st.binary(min_size=1, max_size=64), st.binary(max_size=200))
def test_any_key_signs_any_body(key: bytes, body: bytes) -> None:
    """What one side signs the other takes, and no other body."""
    secret = secret_text(key)
    signature = sign(secret, "msg_1", 7, body)
    assert is_signed(secret, "msg_1", "7", body, signature, 7)
    assert not is_signed(secret, "msg_1", "7", body + b"x", signature, 7)


def test_what_is_no_secret() -> None:
    """A key that is no Base64 is refused without repeating it; texts that cannot be encoded differ from all."""
    with pytest.raises(Invalid) as caught:
        sign("whsec_not base64", "msg_1", 7, b"")
    assert "not base64" not in caught.value.sentence
    assert not same("a", "\udc80")
