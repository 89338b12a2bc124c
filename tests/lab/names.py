"""The lab's name server: names that lead inside in every way a name can, over UDP and TCP."""

import ipaddress
import socketserver
import threading
import time
from collections import Counter

from dnslib import AAAA, CNAME, QTYPE, RR, A, DNSHeader, DNSRecord

PUBLIC = "93.184.216.34"
PUBLIC_TOO = "93.184.216.35"
PUBLIC_V6 = "2606:2800:220:1::1"
#: Nothing answers there, though it is public.
DEAD = "93.184.216.66"
#: Where the index itself is reached from outside.
INDEX = "93.184.216.99"
METADATA = "169.254.169.254"

ADDRESSES: dict[str, tuple[str, ...]] = {
    "public": (PUBLIC,), "public6": (PUBLIC_V6,), "both": (PUBLIC, PUBLIC_V6), "site": (PUBLIC_TOO,),
    "a": ("127.0.0.1",), "meta": (METADATA,), "priv": ("10.0.0.1",), "cgnat": ("100.64.0.1",),
    "azure": ("168.63.129.16",), "mapped": ("::ffff:127.0.0.1",), "nat64": ("64:ff9b::7f00:1",),
    "nat64meta": ("64:ff9b::a9fe:a9fe",), "nat64local": ("64:ff9b:1::a9fe:a9fe",), "sixtofour": ("2002:a9fe:a9fe::1",),
    "teredo": ("2001:0:7f00:1::1",), "compat": ("::127.0.0.1",), "ula": ("fd00:ec2::254",), "sitelocal": ("fec0::1",),
    "doc": ("3fff::1",), "zero": ("0.0.0.0",), "bench": ("198.18.0.1",), "mixed": (PUBLIC, "127.0.0.1"),
    "mixed6": (PUBLIC, "::1"), "index": (INDEX,), "v6loop": ("::1",), "classe": ("240.0.0.1",),
    "eyeballs": (DEAD, "10.0.0.9"), "dead": (DEAD, PUBLIC), "sni": ("10.0.0.20",), "own": ("127.0.0.1",),
    "allowed": ("10.1.2.3",), "beside": ("10.2.0.1",), "half": ("10.1.2.3", "10.2.0.1"), "srv6": ("5f00::1",),
    "inside.corp": ("10.0.0.5",), "localhost": ("127.0.0.1",), "bigpublic": (PUBLIC,) * 3, "big": (PUBLIC, PUBLIC_TOO, "10.0.0.7"),
    "lateaaaa": (PUBLIC, "::1"), "latea": (PUBLIC_V6, "127.0.0.1"), "tenlate": (PUBLIC,) * 9 + ("192.168.9.9",),
}  # fmt: skip
_ALIASES = {
    "cname": "inside.corp",
    "cname2": "cname",
    "cnamelocal": "localhost",
    "cnamehosts": "intranet",
    "cnamepublic": "public",
}
#: The first answer is public, the next one is not, and so on.
_TURNING = {"rebind1": (PUBLIC, METADATA), "rebind2": (PUBLIC, "127.0.0.1")}
_ONLY_OVER_TCP = {"big", "bigpublic"}
_LATE = {("lateaaaa", QTYPE.AAAA), ("latea", QTYPE.A)}
_LATE_SECONDS = 0.2


class Names:
    """What is asked and answered; ``forget`` lets turning names begin again."""

    def __init__(self) -> None:
        self.over_tcp = 0
        self._asked: Counter[str] = Counter()

    def forget(self) -> None:
        """Turning names are public again."""
        self._asked.clear()

    def answer(self, packet: bytes, *, is_tcp: bool) -> bytes:
        """The reply to one question."""
        asked = DNSRecord.parse(packet)
        reply = DNSRecord(DNSHeader(id=asked.header.id, qr=1, aa=1, ra=1), q=asked.q)
        name = str(asked.q.qname).rstrip(".").removesuffix(".test")
        self.over_tcp += is_tcp
        if name in _ONLY_OVER_TCP and not is_tcp:
            reply.header.tc = 1
            return bytes(reply.pack())
        if (name, asked.q.qtype) in _LATE:
            time.sleep(_LATE_SECONDS)
        while name in _ALIASES:
            reply.add_answer(RR(_full(name), QTYPE.CNAME, rdata=CNAME(_full(_ALIASES[name])), ttl=0))
            name = _ALIASES[name]
        for address in self._addresses(name, asked.q.qtype):
            kind, data = (QTYPE.AAAA, AAAA) if ":" in address else (QTYPE.A, A)
            if kind == asked.q.qtype:
                packed = tuple(ipaddress.ip_address(address).packed)
                reply.add_answer(RR(_full(name), kind, rdata=data(packed), ttl=0))
        if name not in ADDRESSES and name not in _TURNING and not reply.rr:
            reply.header.rcode = 3
        return bytes(reply.pack())

    def _addresses(self, name: str, kind: int) -> tuple[str, ...]:
        if name in _TURNING and kind == QTYPE.A:
            self._asked[name] += 1
            return (_TURNING[name][(self._asked[name] - 1) % 2],)
        return ADDRESSES.get(name, ())


def _full(name: str) -> str:
    return name if name == "localhost" else f"{name}.test"


def serve_names(names: Names, address: str) -> None:
    """Answer questions at ``address`` for as long as the process lives."""

    class OverUdp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, server = self.request
            server.sendto(names.answer(packet, is_tcp=False), self.client_address)

    class OverTcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while length := self.rfile.read(2):
                reply = names.answer(self.rfile.read(int.from_bytes(length, "big")), is_tcp=True)
                self.wfile.write(len(reply).to_bytes(2, "big") + reply)

    for server in (
        socketserver.ThreadingUDPServer((address, 53), OverUdp),
        socketserver.ThreadingTCPServer((address, 53), OverTcp),
    ):
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
