"""Second factors: what somebody shows besides a password, and when it counts.

1. A code of an authenticator app is good for its half minute, and for one before and after, because clocks differ.
   No code counts twice: a factor remembers the step of the last one, and only later steps count (RFC 6238 §5.2).
2. A recovery code counts once. It has 80 random bits, so that its SHA-256 is all that needs to be stored.
3. A shared secret must be read to compute codes, and there is no key outside the database to hide it with: it lies
   in its row as it is. A security key gives the index nothing that is worth stealing.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pyotp

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid

TOTP_SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_CODE_BYTES = 10
MOST_FACTORS = 20
_STEP_SECONDS = 30
_LONGEST_LABEL = 64
_CODE = re.compile(r"[0-9]{6}")
_RECOVERY_CODE = re.compile(r"[a-z2-7]{16}")


class FactorKind(StrEnum):
    """What somebody shows."""

    APP = "totp"
    KEY = "webauthn"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One thing that belongs to a person.

    Of an app, ``secret`` is what it shares with us and ``counter`` the step of the last code that counted. Of a key,
    ``secret`` is its public key (COSE), ``counter`` how often it has signed.
    """

    id: int
    kind: FactorKind
    label: str
    secret: bytes = field(repr=False)
    counter: int
    created_at: datetime
    credential_id: bytes | None = None
    last_used_at: datetime | None = None


def require_label(text: str) -> str:
    """``text`` itself, or ``Invalid`` when it cannot name a factor."""
    if not 1 <= len(text) <= _LONGEST_LABEL or not text.isprintable():
        raise Invalid(
            f"Name it with 1 to {_LONGEST_LABEL} characters, for example by where it is: phone, key ring.",
            code="factor-label",
        )
    return text


def secret_text(secret: bytes) -> str:
    """An app's secret as people type it: base32."""
    return base64.b32encode(secret).decode("ascii")


def otpauth_link(secret: bytes, user: str, host: str) -> str:
    """What an app reads from a QR code: the secret, and what to show beside its codes."""
    return pyotp.TOTP(secret_text(secret)).provisioning_uri(name=user, issuer_name=f"Homeport {host}")


def counted_step(secret: bytes, code: str, now: datetime, last_step: int) -> int | None:
    """The step of ``code`` when it counts now (rule 1), else ``None``."""
    typed = "".join(code.split())
    if not _CODE.fullmatch(typed):
        return None
    app, step = pyotp.HOTP(secret_text(secret)), int(now.timestamp()) // _STEP_SECONDS
    steps = (step - 1, step, step + 1)
    counts = [one for one in steps if one > last_step and hmac.compare_digest(app.at(one), typed)]
    return counts[0] if counts else None


def recovery_code(random: bytes) -> tuple[str, Sha256]:
    """The code for 80 random bits, four groups of four letters and digits, and what it is stored by."""
    text = base64.b32encode(random).decode("ascii").lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4)), Sha256.of(text.encode())


def recovery_digest(typed: str) -> Sha256 | None:
    """What a recovery code is stored by, however it was typed; ``None`` when it is none by its form."""
    text = "".join(typed.split()).replace("-", "").lower()
    return Sha256.of(text.encode()) if _RECOVERY_CODE.fullmatch(text) else None
