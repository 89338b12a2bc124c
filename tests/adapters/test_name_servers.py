"""Name servers, asked of a real resolver on loopback; whatever it says, the answer is a set of names."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from dnslib import NS, QTYPE, RR, A, DNSRecord
from dnslib.server import DNSHandler, DNSServer

from homeport.adapters.net.name_servers import DnsNameServers
from homeport.domain.resolver import Resolver


class Zone:
    """Answers as it was told, and remembers what it was asked."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.asked: list[tuple[str, str]] = []

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """The delegation of site.test, with an address beside it; nothing for other names."""
        name = str(request.q.qname)
        self.asked.append((name, QTYPE[request.q.qtype]))
        reply = request.reply()
        if name == "site.test.":
            for server in self.names:
                reply.add_answer(RR("site.test", QTYPE.NS, rdata=NS(server)))
            reply.add_answer(RR("other.test", QTYPE.NS, rdata=NS("ns.other.test")))
            reply.add_ar(RR("ns1.dns.test", QTYPE.A, rdata=A("192.0.2.1")))
        return reply


@contextmanager
def resolving(names: list[str]) -> Iterator[tuple[DnsNameServers, Zone]]:
    """A resolver on loopback, over UDP and TCP."""
    zone = Zone(names)
    udp = DNSServer(zone, port=0, address="127.0.0.1", logger=_Silent())
    port = udp.server.server_address[1]
    tcp = DNSServer(zone, port=port, address="127.0.0.1", tcp=True, logger=_Silent())
    threads = [threading.Thread(target=one.server.serve_forever, args=(0.02,)) for one in (udp, tcp)]
    for thread in threads:
        thread.start()
    try:
        yield DnsNameServers(Resolver("127.0.0.1", port)), zone
    finally:
        for one, thread in zip((udp, tcp), threads, strict=True):
            one.server.shutdown()
            one.server.server_close()
            thread.join()


class _Silent:
    def __getattr__(self, _: str) -> object:
        return lambda *_, **__: None


def test_the_delegation_of_a_domain() -> None:
    """The names in lower case without final dot, of that very domain, and nothing that stands beside them."""
    with resolving(["NS1.dns.test", "ns2.dns.test"]) as (servers, zone):
        assert servers.name_servers("site.test") == {"ns1.dns.test", "ns2.dns.test"}
        assert servers.name_servers("nobody.test") == frozenset()
        assert zone.asked == [("site.test.", "NS"), ("nobody.test.", "NS")]


def test_many_names_come_by_tcp_and_are_bounded() -> None:
    """An answer too long for UDP is asked for again by TCP; no delegation has hundreds of servers."""
    with resolving([f"a-rather-long-name-of-a-server-{number}.dns.test" for number in range(200)]) as (
        servers,
        _,
    ):
        assert len(servers.name_servers("site.test")) == 32


@pytest.mark.parametrize(
    "domain", ["", "a..test", "x" * 64 + ".test", "\ud800.test", ".".join(["a" * 60] * 6)]
)
def test_what_is_no_name_has_no_servers(domain: str) -> None:
    """No name makes the question fail."""
    with resolving(["ns1.dns.test"]) as (servers, _):
        assert servers.name_servers(domain) == frozenset()


def test_a_resolver_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers: nothing is known, and nothing fails."""
    monkeypatch.setattr("homeport.adapters.net.name_servers._SECONDS", 0.2)
    assert DnsNameServers(Resolver("127.0.0.1", 1)).name_servers("site.test") == frozenset()
