"""The address table, edge by edge, and the operator's rules."""

import ipaddress
import random

import pytest

from homeport.domain.address import (
    WEB_PORTS,
    Allowed,
    AllowRule,
    Decision,
    Refused,
    is_inner,
    is_loopback_address,
    listens_everywhere,
    may_ask,
    may_connect,
    own_places,
    parse_allow,
)
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url

# The same table a second time, by first and last address, so that a slip in a prefix shows.
REFUSED_RANGES = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("168.63.129.16", "168.63.129.16"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.31.196.0", "192.31.196.255"),
    ("192.52.193.0", "192.52.193.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("192.175.48.0", "192.175.48.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
    ("3ffe::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]
SPANS = [
    (ipaddress.ip_address(first).version, int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last)))
    for first, last in REFUSED_RANGES
]


def is_refused_by_the_second_table(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """What ``REFUSED_RANGES`` says."""
    version, number = address.version, int(address)
    return any(version == v and first <= number <= last for v, first, last in SPANS)


def asked(address: str, port: int = 443, allow: str = "") -> Decision:
    """The decision about ``address`` with the rules ``allow``."""
    return may_connect(address, port, parse_allow(allow), frozenset())


@pytest.mark.parametrize(("first", "last"), REFUSED_RANGES)
def test_every_block_has_both_edges(first: str, last: str) -> None:
    """The first and last address of a block are refused with its reason; its neighbours are judged by themselves."""
    for edge in (first, last):
        decision = asked(edge)
        assert isinstance(decision, Refused)
        assert decision.code == "address-refused"
        assert decision.reason.startswith(f"{edge} is not a public address: it is ")
    top = 2 ** (ipaddress.ip_address(first).max_prefixlen) - 1
    kind = type(ipaddress.ip_address(first))
    neighbours = [int(ipaddress.ip_address(first)) - 1, int(ipaddress.ip_address(last)) + 1]
    for neighbour in (kind(number) for number in neighbours if 0 <= number <= top):
        is_refused = isinstance(asked(str(neighbour)), Refused)
        assert is_refused == is_refused_by_the_second_table(neighbour), neighbour


def test_random_addresses_agree_with_the_second_table() -> None:
    """65,536 addresses of each family are judged alike by both tables; what is allowed is public to the library."""
    chance = random.Random(7)  # noqa: S311 - the same numbers every time
    for _ in range(65_536):
        v4 = ipaddress.IPv4Address(chance.getrandbits(32))
        # Half of them inside 2000::/3, where the exceptions are.
        bits = chance.getrandbits(128)
        v6 = ipaddress.IPv6Address(bits if bits & 1 else (bits >> 3) | (1 << 125))
        for address in (v4, v6):
            decision = asked(str(address))
            assert isinstance(decision, Refused) == is_refused_by_the_second_table(address), address
            if isinstance(decision, Allowed):
                assert not address.is_private, address


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses_are_allowed_on_web_ports(address: str) -> None:
    """Ports 80 and 443 are open at public addresses, all others are not."""
    for port in WEB_PORTS:
        assert asked(address, port) == Allowed("public addresses, ports 80 and 443")
    for port in (0, 22, 79, 81, 442, 444, 8080, 65535):
        assert asked(address, port) == Refused(
            "port-refused", f"port {port} is not asked: only ports 80 and 443 are."
        )


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "1.2.3.4/8", "fe80::1%eth0", "2606:4700::1%1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """Text that is not one plain address is never connected to."""
    assert isinstance(asked(address), Refused)


@pytest.mark.parametrize(
    ("rule", "opens", "leaves"),
    [
        ("127.0.0.1/32:8000", [("127.0.0.1", 8000)], [("127.0.0.1", 80), ("127.0.0.2", 8000)]),
        ("10.0.0.0/8:80", [("10.0.0.0", 80), ("10.255.255.255", 80)], [("11.0.0.0", 81), ("10.0.0.1", 443)]),
        ("192.168.7.9", [("192.168.7.9", 80), ("192.168.7.9", 443)], [("192.168.7.9", 8080), ("192.168.7.8", 80)]),
        ("[::1]/128:443", [("::1", 443)], [("::1", 80), ("127.0.0.1", 443)]),
        ("[fd00::]/8:*", [("fd12::1", 1), ("fdff::", 65535)], [("fe00::", 80)]),
        ("93.184.216.34:8080", [("93.184.216.34", 8080)], [("93.184.216.35", 8080)]),
        (" 127.0.0.1:1 , , [::1]:2 ", [("127.0.0.1", 1), ("::1", 2)], [("127.0.0.1", 2)]),
        ("10.1.2.3/8:80", [("10.9.9.9", 80)], [("11.0.0.1", 81)]),
    ],
)  # fmt: skip
def test_allow_rules(rule: str, opens: list[tuple[str, int]], leaves: list[tuple[str, int]]) -> None:
    """A rule opens its addresses at its ports, and nothing beside them."""
    for address, port in opens:
        assert isinstance(asked(address, port, rule), Allowed), (address, port)
    for address, port in leaves:
        assert isinstance(asked(address, port, rule), Refused), (address, port)


def test_a_rule_is_named_by_what_it_allows() -> None:
    """The decision says which rule it was, in the rule's own grammar."""
    decision = asked("fd00::1", 443, "127.0.0.1:*,[fd00::1]/8")
    assert decision == Allowed("the operator's rule [fd00::]/8:80,443")
    assert str(AllowRule.parse("127.0.0.1:*")) == "127.0.0.1/32:*"
    assert str(AllowRule.parse("10.0.0.0/8:8000")) == "10.0.0.0/8:8000"


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "0.1.2.3", "::", "::ffff:127.0.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "::1%lo"],
)
def test_other_spellings_are_never_opened(address: str) -> None:
    """A rule for everything does not open addresses that stand for another one or for many."""
    assert isinstance(asked(address, 80, "0.0.0.0/0:*,[::]/0:*"), Refused)


@pytest.mark.parametrize(
    "entry",
    [
        "x", "localhost:80", "127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", "::1",
        "[::1]/129", "[127.0.0.1]:80", "127.1:80", "1.2.3.4.5", "127.0.0.01", "[::1%lo]:80", "10.0.0.0/8:80:81", ":80",
        "[::1]80", "１０.0.0.1",  # noqa: RUF001
    ],
)  # fmt: skip
def test_bad_rules_are_named(entry: str) -> None:
    """A bad entry refuses the whole list and is quoted in the sentence."""
    with pytest.raises(Invalid) as refusal:
        parse_allow(f"127.0.0.1:80,{entry}")
    assert refusal.value.code == "allow-rule-invalid"
    assert repr(entry) in refusal.value.sentence


def test_no_rules() -> None:
    """An empty setting opens nothing."""
    assert parse_allow("") == ()


def test_names_are_asked_on_web_ports() -> None:
    """A name is looked up for ports 80 and 443, and for ports that a rule names."""
    assert isinstance(may_ask(Url.parse("https://example.org/"), (), frozenset()), Allowed)
    odd = Url.parse("http://example.org:8080/")
    assert may_ask(odd, (), frozenset()) == Refused(
        "port-refused", "port 8080 is not asked: only ports 80 and 443 are."
    )
    assert isinstance(may_ask(odd, parse_allow("10.0.0.1:8080"), frozenset()), Allowed)
    assert isinstance(may_ask(odd, parse_allow("10.0.0.1:8081"), frozenset()), Refused)


def test_addresses_are_not_asked_instead_of_names() -> None:
    """An address in a URL is refused, a public one too, unless a rule opens it."""
    public, inner = Url.parse("http://8.8.8.8/"), Url.parse("http://[::1]/")
    assert may_ask(public, (), frozenset()) == Refused(
        "address-refused", "8.8.8.8 is an address; a host name is wanted in a URL."
    )
    assert isinstance(may_ask(inner, (), frozenset()), Refused)
    assert isinstance(may_ask(public, parse_allow("8.8.8.8"), frozenset()), Allowed)
    assert isinstance(may_ask(inner, parse_allow("[::1]"), frozenset()), Allowed)


@pytest.mark.parametrize(
    ("base_url", "listen_host", "places"),
    [
        (
            "https://index.example.org/",
            "10.0.0.5",
            {("index.example.org", 80), ("index.example.org", 443), ("10.0.0.5", 8417)},
        ),
        ("http://127.0.0.1:8417/", "127.0.0.1", {("127.0.0.1", 8417)}),
        (
            "http://localhost:8417/",
            "localhost",
            {("localhost", 8417), ("127.0.0.1", 8417), ("::1", 8417)},
        ),
    ],
)
def test_own_places(base_url: str, listen_host: str, places: set[tuple[str, int]]) -> None:
    """The index is its public host on both web ports, and where it listens."""
    assert own_places(Url.parse(base_url), listen_host, 8417) == places


def test_the_index_is_refused_whatever_is_allowed() -> None:
    """Its name and its addresses are refused under every spelling, even when a rule covers them."""
    own = own_places(Url.parse("https://index.example.org/"), "127.0.0.1", 8417)
    everything = parse_allow("0.0.0.0/0:*,[::]/0:*")
    for url in ("http://INDEX.example.org/", "https://index.example.org./x", "http://127.0.0.1:8417/simple/"):
        decision = may_ask(Url.parse(url), everything, own)
        assert isinstance(decision, Refused)
        assert decision.code == "own-address"
    assert isinstance(may_connect("127.0.0.1", 8417, everything, own), Refused)
    assert isinstance(may_connect("127.0.0.1", 8418, everything, own), Allowed)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere(host: str) -> None:
    """Only the port of a wildcard address is answered everywhere."""
    own = own_places(Url.parse("http://index.example.org/"), host, 8417)
    assert listens_everywhere(own, 8417)
    assert not listens_everywhere(own, 80)


@pytest.mark.parametrize(
    ("address", "is_loopback"),
    [
        ("127.0.0.0", True), ("127.255.255.255", True), ("126.255.255.255", False), ("128.0.0.0", False),
        ("::1", True), ("::", False), ("::2", False),
    ],
)  # fmt: skip
def test_loopback(address: str, is_loopback: bool) -> None:
    """127.0.0.0/8 and ::1 never leave the machine."""
    assert is_loopback_address(address) is is_loopback


@pytest.mark.parametrize(
    ("address", "port", "is_inside"),
    [
        ("203.0.114.7", 443, False),
        ("203.0.114.7", 8443, True),
        ("10.0.0.7", 443, True),
        ("127.0.0.1", 80, True),
        ("fd00::1", 443, True),
        ("2606:4700::1111", 443, False),
    ],
)
def test_inner_addresses(address: str, port: int, is_inside: bool) -> None:
    """What nobody reaches without a rule of the operator's: a private address, and a port of no web server."""
    assert is_inner(address, port) is is_inside
