"""Text from outside, made fit to be shown.

1. Nothing that is shown reorders, hides or erases what stands beside it: control characters, reordering marks and
   invisible characters become the replacement character (T-44). Joiners, which emoji need, are left out.
2. An outside URL is a link only when our one strict grammar reads it as http or https (T-21).
3. What may be a token is struck out, wherever somebody typed it (T05).
4. Escaping is the templates' business: these functions return plain text.
"""

import re

from homeport.domain.errors import Invalid
from homeport.domain.strike_out import without_tokens
from homeport.domain.urls import Url

_JOINERS = re.compile("[\u200c\u200d]")
_UNSHOWABLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u206f\ufeff"  # invisible, some of them reordering
    "\u2028-\u202e"  # line breaks nobody sees, and reordering marks
    "\ud800-\udfff\ufff9-\ufffb"  # halves of characters, and annotations
    "\U000e0000-\U000e0fff"  # tags
    "]"
)


def plain(text: str) -> str:
    """``text`` without anything that is not seen where it stands, and without tokens."""
    text = without_tokens(text)
    if text.isprintable():
        return text
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", _JOINERS.sub("", text.replace("\r\n", "\n")))


def outside_link(url: str) -> str:
    """Where a link to ``url`` may lead, in canonical form; ``""`` when it is shown as text only."""
    try:
        return str(Url.parse(url))
    except Invalid:
        return ""
