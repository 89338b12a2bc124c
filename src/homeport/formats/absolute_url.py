"""Addresses as foreign pages write them, made absolute."""

import re
from urllib.parse import urljoin

from homeport.domain.urls import MAX_URL

_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def absolute_url(base: str, reference: str) -> str:
    """What ``reference`` names on a page at ``base``; empty when it has no scheme and authority, or is longer than a URL may be.

    Whether it can be fetched is decided later, with a reason.
    """
    try:
        url = urljoin(base, reference)
    except ValueError:  # no address at all: a bad IPv6 host
        return ""
    return url if _ABSOLUTE.match(url) and len(url) <= MAX_URL else ""
