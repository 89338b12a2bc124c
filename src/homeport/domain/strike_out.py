"""What may be an API token, struck out of what is said: on pages, in refusals and in logs (T05)."""

import re

# Mistyped, cut short or revoked, it is still nobody's business.
_LIKE_A_TOKEN = re.compile(r"hp_[0-9a-f]{16,}", re.IGNORECASE)


def without_tokens(text: str) -> str:
    """``text`` as it may be repeated to anybody."""
    return _LIKE_A_TOKEN.sub("hp_***", text)
