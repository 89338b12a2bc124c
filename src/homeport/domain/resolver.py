"""The resolver that is asked about name servers: an address, and the port it listens on."""

import ipaddress
from dataclasses import dataclass
from typing import Self

_DNS_PORT = 53
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS server; ``address`` is an IP address."""

    address: str
    port: int = _DNS_PORT

    @classmethod
    def parse(cls, text: str) -> Self:
        """``192.0.2.1``, ``192.0.2.1:5353`` or ``[2001:db8::1]:5353``, or ``ValueError``."""
        host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
        bare = host.removeprefix("[").removesuffix("]")
        try:
            address = str(ipaddress.ip_address(bare))
        except ValueError:
            raise ValueError(
                f"{text[:80]!r} is not an address with an optional port, like 192.0.2.1:53."
            ) from None
        if colon and not (port.isascii() and port.isdigit() and 1 <= int(port) <= _MAX_PORT):
            raise ValueError(f"{port[:20]!r} is not a port: a number from 1 to {_MAX_PORT} is wanted.")
        return cls(address, int(port) if colon else _DNS_PORT)
