"""Bounces: which refusals mean that an address takes no mail, and not that this mail, or this server, is not liked.

1. What a mail server says carries, at best, an enhanced status (RFC 3463): 5.1.x is about the address, and 5.2.1 says
   that its mailbox is closed. A full mailbox (5.2.2) empties, and a policy (5.7.x) is between the two servers.
2. Without one, 550, 551 and 553 to a recipient are about the address (RFC 5321, 4.2.3).
"""

import re
from dataclasses import dataclass

ADDRESS_REFUSED = "mail-address-refused"
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_OF_THE_ADDRESS = frozenset({550, 551, 553})


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server reports later of one recipient; ``message_id`` is the left side of the mail's Message-ID."""

    recipient: str
    said: str
    message_id: str


def is_dead_address(code: int, said: str) -> bool:
    """True when a reply to a recipient means that the address takes no mail."""
    status = _ENHANCED.search(said)
    return is_dead_status(status[0]) if status else code in _OF_THE_ADDRESS


def is_dead_status(status: str) -> bool:
    """True when an enhanced status means so."""
    parts = _ENHANCED.fullmatch(status)
    return parts is not None and parts[1] == "5" and (parts[2] == "1" or (parts[2], parts[3]) == ("2", "1"))
