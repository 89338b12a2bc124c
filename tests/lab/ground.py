"""The ground of the lab: a network of its own in which every address there is leads back to this process.

Runs inside ``unshare --map-root-user --net --mount``. No packet can leave: the only interface is ``lo``, and its
routes say that all of IPv4 and IPv6 is local. So a server that listens at all is a canary on *every* address.
"""

import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
from pathlib import Path

NAME_SERVER = "192.0.2.53"

_NEW_ROUTE, _ERROR = 24, 2
_REQUEST, _ACK, _CREATE = 0x1, 0x4, 0x400
_LOCAL_TABLE, _BY_BOOT, _HOST_SCOPE = 255, 3, 254
_ATTRIBUTE_DESTINATION, _ATTRIBUTE_INTERFACE = 1, 4
LOCAL, UNREACHABLE = 2, 7
_SET_FLAGS, _UP = 0x8914, 0x1
_EVERY_PROTOCOL = 0x0003
_TCP, _UDP = 6, 17
_SYN, _ACKNOWLEDGES = 0x02, 0x10
_IPV4, _IPV6 = 4, 6


def lay_out() -> None:
    """Let every address be this machine's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
    for network in ("0.0.0.0/0", "::/0"):
        route(network, LOCAL)


def route(network: str, kind: int) -> None:
    """Add a route of ``kind`` for ``network``, as ``ip route add`` would (rtnetlink(7))."""
    where = ipaddress.ip_network(network)
    family = socket.AF_INET if where.version == _IPV4 else socket.AF_INET6
    scope = _HOST_SCOPE if kind == LOCAL else 0
    message = struct.pack("BBBBBBBBI", family, where.prefixlen, 0, 0, _LOCAL_TABLE, _BY_BOOT, scope, kind, 0)
    message += _attribute(_ATTRIBUTE_DESTINATION, where.network_address.packed)
    if kind == LOCAL:
        message += _attribute(_ATTRIBUTE_INTERFACE, struct.pack("I", socket.if_nametoindex("lo")))
    flags = _REQUEST | _ACK | _CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(struct.pack("IHHII", 16 + len(message), _NEW_ROUTE, flags, 1, 0) + message)
        answer = netlink.recv(4096)
    kind_of_answer, error = struct.unpack_from("H", answer, 4)[0], struct.unpack_from("i", answer, 16)[0]
    if kind_of_answer != _ERROR or error:
        raise OSError(-error, f"{os.strerror(-error)}: route {network}")


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("HH", 4 + len(value), kind) + value


def rewrite_etc(folder: Path, hosts: str) -> None:
    """Let this mount namespace have its own name server and its own ``/etc/hosts``."""
    own = {
        "resolv.conf": f"nameserver {NAME_SERVER}\noptions timeout:2 attempts:2\n",
        "hosts": hosts,
        "nsswitch.conf": "hosts: files dns\n",
    }
    for name, text in own.items():
        (folder / name).write_text(text)
        subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True)


class Witness:
    """Sees every packet; the kernel shows it a packet before the call that sent it returns."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        self._socket.setblocking(False)

    def contacts(self) -> set[tuple[str, int]]:
        """Address and port of everything that was spoken to since the last time, names' look-ups left out."""
        seen: set[tuple[str, int]] = set()
        while True:
            try:
                packet = self._socket.recv(256)
            except BlockingIOError:
                return seen - {(NAME_SERVER, 53)}
            contact = _contact(packet)
            if contact:
                seen.add(contact)


def _contact(packet: bytes) -> tuple[str, int] | None:
    """Where a packet goes to that begins a conversation."""
    version = packet[0] >> 4
    if version == _IPV4:
        protocol, address, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
    elif version == _IPV6:
        protocol, address, rest = packet[6], packet[24:40], packet[40:]
    else:
        return None
    is_first = protocol == _TCP and rest[13] & (_SYN | _ACKNOWLEDGES) == _SYN
    # Answers of a name server come from its port; nothing else speaks UDP here.
    is_asking = protocol == _UDP and rest[:2] != b"\x00\x35"
    if not (is_first or is_asking):
        return None
    return str(ipaddress.ip_address(address)), int.from_bytes(rest[2:4], "big")
