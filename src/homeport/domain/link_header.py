"""The ``Link`` header of an HTTP answer (RFC 8288), as far as it says where a list goes on."""

import re

from homeport.domain.errors import Invalid
from homeport.domain.urls import Url

MAX_HEADER = 8_192
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]*))""", re.IGNORECASE)


def next_page(header: str, base: str) -> str:
    """The address with the relation ``next``, resolved against ``base``; empty when there is none."""
    for target, parameters in _LINK.findall(header[:MAX_HEADER]):
        rel = _REL.search(parameters)
        if rel and "next" in (rel[1] or rel[2] or "").lower().split():
            try:
                return str(Url.parse(base).join(target).without_fragment())
            except Invalid:
                return ""
    return ""
