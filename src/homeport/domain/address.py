"""Which network addresses the crawler may touch: our own table, and what the operator adds to it.

The standard library's idea of a public address has holes on the interpreters we run on, so it is not asked.

1. An IPv4 address is refused when the table names it: every block of the IANA special-purpose registry,
   multicast, reserved space, and the metadata addresses of clouds that live in public space.
2. An IPv6 address is refused unless it lies in ``2000::/3``, where the table names exceptions again. So every
   form that carries an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) is refused.
3. Ports are 80 and 443. A URL names a host, not an address.
4. A rule of the operator (``HOMEPORT_OUTSIDE_ALLOW``) lifts 1 to 3 for its addresses and ports only.
5. Nothing lifts the refusal of the index itself (T-02), nor of addresses that are another spelling of one.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from homeport.domain.errors import Invalid
from homeport.domain.urls import Url

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

WEB_PORTS: Final = frozenset({80, 443})

#: Hosts and ports that are the index itself; a host is in the form of ``Url.host``.
Places = frozenset[tuple[str, int]]

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, never listened on

_REFUSED_IPV4: Final = tuple(
    (ipaddress.IPv4Network(block), what)
    for block, what in (
        ("0.0.0.0/8", "this host on this network (RFC 791)"),
        ("10.0.0.0/8", "a private network (RFC 1918)"),
        ("100.64.0.0/10", "shared address space of carriers and clouds (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("168.63.129.16/32", "a cloud's internal service"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata (RFC 3927)"),
        ("172.16.0.0/12", "a private network (RFC 1918)"),
        ("192.0.0.0/24", "protocol assignments and a cloud's metadata (RFC 6890)"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.31.196.0/24", "AS112 (RFC 7535)"),
        ("192.52.193.0/24", "multicast tunnelling (RFC 7450)"),
        ("192.88.99.0/24", "6to4 relays (RFC 7526)"),
        ("192.168.0.0/16", "a private network (RFC 1918)"),
        ("192.175.48.0/24", "AS112 (RFC 7534)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("240.0.0.0/4", "reserved, or broadcast (RFC 1112)"),
    )
)
_PUBLIC_IPV6: Final = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6: Final = tuple(
    (ipaddress.IPv6Network(block), what)
    for block, what in (
        ("2001::/23", "protocol assignments: Teredo, benchmarking, ORCHID (RFC 2928)"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("2002::/16", "6to4, which carries any IPv4 address (RFC 3056)"),
        ("2620:4f:8000::/48", "AS112 (RFC 7534)"),
        ("3ffe::/16", "the former 6bone (RFC 3701)"),
        ("3fff::/20", "documentation (RFC 9637)"),
    )
)
# An allow rule for everything must still not reach the index under another spelling of its address.
_NEVER: Final = tuple(
    ipaddress.ip_network(block)
    for block in ("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "::ffff:0:0/96", "ff00::/8")
)
_LOOPBACK: Final = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))

_RULE = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(?:/(?P<prefix>[0-9]{1,3}))?(?::(?P<port>\*|[0-9]{1,5}))?"
)
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, and by what rule."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No: a stable code for programs, a sentence for people."""

    code: str
    reason: str


Decision = Allowed | Refused

_BY_TABLE: Final = Allowed("public addresses, ports 80 and 443")


@dataclass(frozen=True, slots=True)
class AllowRule:
    """Addresses the operator opens to the crawler; ``ports`` is ``None`` for every port."""

    network: IPNetwork
    ports: frozenset[int] | None = WEB_PORTS

    @classmethod
    def parse(cls, text: str) -> "AllowRule":
        """A rule from ``address/prefix:port``, as in ``10.0.0.0/8:80`` or ``[fd00::]/8:*``, or ``Invalid``.

        Without a prefix the rule is for one address; without a port it is for 80 and 443.
        """
        parts = _RULE.fullmatch(text.strip())
        if parts is None:
            raise _not_a_rule(text)
        address = parts["v6"] or parts["v4"]
        kind = ipaddress.IPv6Network if parts["v6"] else ipaddress.IPv4Network
        try:
            network = kind(f"{address}/{parts['prefix']}" if parts["prefix"] else address, strict=False)
            return cls(network, _rule_ports(parts["port"]))
        except ValueError as error:
            raise _not_a_rule(text) from error

    def covers(self, address: IPAddress, port: int) -> bool:
        """True when the rule opens ``port`` at ``address``."""
        return self.names_port(port) and address in self.network and not any(address in n for n in _NEVER)

    def names_port(self, port: int) -> bool:
        """True when the rule opens ``port`` anywhere."""
        return self.ports is None or port in self.ports

    def __str__(self) -> str:
        address = str(self.network.network_address)
        network = f"[{address}]" if ":" in address else address
        ports = "*" if self.ports is None else ",".join(str(port) for port in sorted(self.ports))
        return f"{network}/{self.network.prefixlen}:{ports}"


AllowList = tuple[AllowRule, ...]


def parse_allow(text: str) -> AllowList:
    """The rules of a comma-separated list; an empty text has none, a bad entry is ``Invalid`` and named."""
    return tuple(AllowRule.parse(entry) for entry in text.split(",") if entry.strip())


def own_places(base_url: Url, listen_host: str, listen_port: int) -> Places:
    """Where the index itself answers: its public host, and where it listens.

    ``0.0.0.0`` and ``::`` stay as they are: only the machine knows its addresses (``listens_everywhere``).
    """
    listens_on = {"127.0.0.1", "::1", "localhost"} if listen_host == "localhost" else {listen_host}
    public_ports = WEB_PORTS if base_url.port in WEB_PORTS else {base_url.port}
    return frozenset(
        {(base_url.host, port) for port in public_ports} | {(host, listen_port) for host in listens_on}
    )


def listens_everywhere(own: Places, port: int) -> bool:
    """True when the index answers on ``port`` at every address of its machine."""
    return any((host, port) in own for host in _EVERYWHERE)


def may_ask(url: Url, allow: AllowList, own: Places) -> Decision:
    """What can be said about ``url`` before its name is looked up."""
    if (url.host, url.port) in own:
        return _own(url.host, url.port)
    if url.address is not None:
        decision = may_connect(url.address, url.port, allow, own)
        if decision == _BY_TABLE:
            return Refused("address-refused", f"{url.address} is an address; a host name is wanted in a URL.")
        return decision
    if url.port in WEB_PORTS or any(rule.names_port(url.port) for rule in allow):
        return _BY_TABLE
    return _port_refused(url.port)


def may_connect(address: str, port: int, allow: AllowList, own: Places) -> Decision:
    """Whether the crawler may open a connection to ``port`` at ``address``, and by what rule."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Refused("address-refused", f"{address[:80]!r} is not an address.")
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.scope_id is not None:
        return Refused("address-refused", f"{address} has a zone: it means something on this machine only.")
    if (str(parsed), port) in own:
        return _own(address, port)
    rule = next((rule for rule in allow if rule.covers(parsed, port)), None)
    if rule is not None:
        return Allowed(f"the operator's rule {rule}")
    what = _refused_block(parsed)
    if what is not None:
        return Refused("address-refused", f"{address} is not a public address: it is {what}.")
    return _BY_TABLE if port in WEB_PORTS else _port_refused(port)


def is_inner(address: str, port: int) -> bool:
    """True when only a rule of the operator's lets ``port`` at ``address`` be reached: what answers there is not for everybody."""
    return isinstance(may_connect(address, port, (), frozenset()), Refused)


def is_loopback_address(address: str) -> bool:
    """True for an address that never leaves the machine."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _LOOPBACK)


def _port_refused(port: int) -> Refused:
    return Refused("port-refused", f"port {port} is not asked: only ports 80 and 443 are.")


def _refused_block(address: IPAddress) -> str | None:
    if isinstance(address, ipaddress.IPv4Address):
        return next((what for block, what in _REFUSED_IPV4 if address in block), None)
    if address not in _PUBLIC_IPV6:
        return "outside the public IPv6 space 2000::/3"
    return next((what for block, what in _REFUSED_IPV6 if address in block), None)


def _own(host: str, port: int) -> Refused:
    return Refused(
        "own-address", f"{host} at port {port} is this index itself; it never asks itself for files."
    )


def _rule_ports(port: str | None) -> frozenset[int] | None:
    if port is None:
        return WEB_PORTS
    if port == "*":
        return None
    if not 1 <= int(port) <= _MAX_PORT:
        raise ValueError(port)
    return frozenset({int(port)})


def _not_a_rule(text: str) -> Invalid:
    return Invalid(
        f"{text[:80]!r} is not a rule for addresses the crawler may reach: write address/prefix:port, "
        "for example 10.0.0.0/8:80, 192.0.2.7:8000 or [fd00::]/8:443; '*' is every port.",
        code="allow-rule-invalid",
    )
