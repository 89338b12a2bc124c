"""Tokens, mail addresses and what opens URLs, struck out of what is said: on pages, in refusals, in records and logs (T05)."""

import re

# Mistyped, cut short or revoked, it is still nobody's business.
_LIKE_A_TOKEN = re.compile(r"hp_[0-9a-f]{16,}", re.IGNORECASE)
# Bounded, so that a long text costs no more than its length (RFC 5321 §4.5.3.1).
_LIKE_A_MAIL_ADDRESS = re.compile(r"[^\s<>()\[\]@,;:\"]{1,64}@[^\s<>()\[\]@,;:\"]{1,255}(?<![.!?])")


def without_tokens(text: str) -> str:
    """``text`` as it may be repeated to anybody."""
    return _LIKE_A_TOKEN.sub("hp_***", text)


def without_mail_addresses(text: str) -> str:
    """``text`` as it may be shown to everybody: without secrets, and without addresses that mail goes to."""
    return _LIKE_A_MAIL_ADDRESS.sub("(address)", without_secrets(text))


# Parameters of a URL that open something: private_token, X-Amz-Signature, sig, jwt, api_key, AWSAccessKeyId.
_SECRET_PARAMETER = re.compile(
    r"""([?&](?:[^=&#?\s]*(?:token|signature|secret|password|passwd|credential|jwt|apikey|keyid)"""
    r"""|(?:[^=&#?\s]*[_.-])?(?:sig|key|auth|pass|pwd))=)[^&#\s'"<>]+""",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """``text`` with its URLs as everybody may read them: what a place was shown to open it is left out."""
    return _SECRET_PARAMETER.sub(r"\1***", without_tokens(text))
