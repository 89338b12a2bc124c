"""The signature of Standard Webhooks, which we write to others and read from those who sign as we do.

1. What is signed is the message's id, the moment of this try in Unix seconds, and the body, with dots between.
2. A signature is ``v1,`` and the Base64 of an HMAC-SHA256; a header holds one or more of them, with blanks between.
3. A secret is ``whsec_`` and the Base64 of its key. It is compared in constant time, and told to nobody.
4. A secret that is renewed counts for a day beside the new one: both sides change theirs without losing a message.
5. What was signed longer ago than five minutes, or will be, is not taken: somebody may have kept it.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from homeport.domain.errors import Invalid

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - public, so that people and scanners know what it is
SECRET_BYTES: Final = 32
TOLERANCE_SECONDS: Final = 300
BOTH_COUNT_FOR: Final = timedelta(hours=24)
_VERSION: Final = "v1,"
_MOST_SIGNATURES: Final = 10
_LONGEST_TIMESTAMP: Final = 12


def secret_text(random: bytes) -> str:
    """The secret for a key that nobody can guess."""
    return SECRET_PREFIX + base64.b64encode(random).decode("ascii")


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message that leaves at ``timestamp``."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(digest).decode("ascii")


def sign_with_each(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The signatures of a message by every secret that counts, as one header."""
    return " ".join(sign(secret, message_id, timestamp, body) for secret in secrets)


def is_signed(secret: str, message_id: str, timestamp: str, body: bytes, signatures: str, now: int) -> bool:
    """True when one of ``signatures`` is ours, made about ``now``."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    if abs(int(timestamp) - now) > TOLERANCE_SECONDS:
        return False
    wanted = sign(secret, message_id, int(timestamp), body)
    return any(same(wanted, given) for given in signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES])


def same(wanted: str, given: str) -> bool:
    """True when both are one text; how long that takes does not tell how much of it is alike."""
    return hmac.compare_digest(wanted.encode(), given.encode(errors="replace"))


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise Invalid("The secret is none of ours: whsec_… is wanted.", code="secret-invalid") from None
