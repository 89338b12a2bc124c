"""From a URL to an open connection: resolve, check, connect to the checked address, verify TLS.

1. A name is looked up once. One answer that may not be reached refuses the name (T-04).
2. Connections go to the address that was checked, never to the name; the peer's address is compared (T-03).
3. TLS is 1.2 or newer, with a verified certificate for the name in the URL.
4. The environment is not read: no proxy, no ``.netrc``, no key log (T-07).
"""

import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from homeport.adapters.net.ending import Deadline, Ended
from homeport.adapters.net.resolve import Resolve
from homeport.domain.address import (
    AllowList,
    Decision,
    Places,
    Refused,
    listens_everywhere,
    may_ask,
    may_connect,
)
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url
from homeport.ports.fetch import Outcome, TlsFacts

# The first may be out of service while the others are not; a list without end must not be walked to its end.
_ADDRESSES_TRIED = 3

# The names of an issuer that people recognise, in the order a person reads them.
_ISSUER_PARTS = ("commonName", "organizationName", "countryName")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the steps up to an open connection may take: each one by itself, and all together."""

    step_seconds: float
    total: Deadline

    def step(self, what: str) -> Deadline:
        """The deadline of one step that begins now."""
        reason = f"{what} took longer than {self.step_seconds:g} seconds."
        return self.total.or_sooner(self.step_seconds, "timed-out", reason)


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be reached, and how names become addresses."""

    allow: AllowList
    own: Places
    resolve: Resolve

    def require_name(self, url: Url) -> None:
        """What can be said about ``url`` before anything is looked up allows it; else the end."""
        _require(may_ask(url, self.allow, self.own))

    def addresses(self, url: Url, patience: Patience) -> tuple[str, ...]:
        """Every address of the host of ``url``, all of them allowed; else the end."""
        found = self.known_addresses(url, patience)
        self.require_addresses(url, found)
        return found

    def known_addresses(self, url: Url, patience: Patience) -> tuple[str, ...]:
        """Every address of the host of ``url``, allowed or not; none is the end."""
        return (url.address,) if url.address is not None else self._look_up(url.host, patience)

    def require_addresses(self, url: Url, addresses: tuple[str, ...]) -> None:
        """All of these addresses of the host of ``url`` are allowed; else the end."""
        for address in addresses:
            own = self._own_at(address, url.port)
            _require(may_connect(address, url.port, self.allow, own), url.host)

    def _own_at(self, address: str, port: int) -> Places:
        if listens_everywhere(self.own, port) and is_this_machine(address):
            return self.own | {(address, port)}
        return self.own

    def _look_up(self, host: str, patience: Patience) -> tuple[str, ...]:
        deadline = patience.step(f"Looking up {host}")
        try:
            found = tuple(self.resolve(host, deadline.seconds_left()))
        except TimeoutError:
            raise deadline.passed() from None
        except OSError as error:
            # That no name server answers says nothing of the name.
            is_unanswered = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            code = "name-unanswered" if is_unanswered else "name-unknown"
            raise Ended(Outcome.UNREACHABLE, code, f"{host} has no address: {_text(error)}.") from error
        if not found:
            raise Ended(Outcome.UNREACHABLE, "name-unknown", f"{host} has no address.")
        return found


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection to ``address``; ``tls`` is ``None`` on plain HTTP."""

    socket: socket.socket
    address: str
    tls: TlsFacts | None


@contextmanager
def connected(
    url: Url, addresses: tuple[str, ...], context: ssl.SSLContext, patience: Patience
) -> Iterator[Connection]:
    """A connection for ``url`` to the first of ``addresses`` that answers, closed at the end of the block."""
    with _first_answering(url, addresses, patience) as plain:
        address = str(plain.getpeername()[0])
        if not url.is_tls:
            yield Connection(plain, address, None)
            return
        with _secured(plain, url, context, patience) as secured:
            yield Connection(secured, address, _tls_facts(secured))


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificate authorities, and those of ``ca_file``; ``Invalid`` when it cannot be read."""
    # Not create_default_context: that one writes session keys to the file SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise Invalid(
                f"The CA file {ca_file} cannot be used: {_text(error)}. PEM certificates are wanted.",
                code="ca-file-invalid",
            ) from error
    return context


def is_this_machine(address: str) -> bool:
    """True when ``address`` belongs to this machine: only such an address can be bound. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _require(decision: Decision, host: str = "") -> None:
    if isinstance(decision, Refused):
        whose = f"{host}: " if host else ""
        raise Ended(Outcome.REFUSED, decision.code, f"{whose}{decision.reason}")


def _first_answering(url: Url, addresses: tuple[str, ...], patience: Patience) -> socket.socket:
    problems = []
    for address in addresses[:_ADDRESSES_TRIED]:
        try:
            return _connect(address, url.port, patience.step(f"Connecting to {url.host}"))
        except OSError as error:
            problems.append(f"{address}: {_text(error)}")
    raise Ended(
        Outcome.UNREACHABLE,
        "connect-failed",
        f"Nothing answers at {url.host} port {url.port} ({'; '.join(problems)}).",
    )


def _connect(address: str, port: int, deadline: Deadline) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(deadline.seconds_left())
        connection.connect((address, port))
        _require_peer(connection.getpeername()[0], address)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_peer(peer: str, address: str) -> None:
    if ipaddress.ip_address(peer) != ipaddress.ip_address(address):
        reason = f"{address} was asked for and {peer} answered instead."
        raise Ended(Outcome.REFUSED, "address-refused", reason)


def _secured(plain: socket.socket, url: Url, context: ssl.SSLContext, patience: Patience) -> ssl.SSLSocket:
    deadline = patience.step(f"The TLS handshake with {url.host}")
    try:
        plain.settimeout(deadline.seconds_left())
        # A body without a length ends where TLS says so, not where somebody cut the line.
        return context.wrap_socket(plain, server_hostname=url.host, suppress_ragged_eofs=False)
    except TimeoutError:
        raise deadline.passed() from None
    except ssl.SSLCertVerificationError as error:
        reason = f"The certificate shown for {url.host} is not accepted: {error.verify_message}."
        raise Ended(Outcome.UNREACHABLE, "tls-failed", reason) from error
    except (OSError, ValueError) as error:
        reason = f"{url.host} does not speak TLS with us: {_text(error)}."
        raise Ended(Outcome.UNREACHABLE, "tls-failed", reason) from error


def _tls_facts(connection: ssl.SSLSocket) -> TlsFacts:
    leaf = connection.getpeercert(binary_form=True) or b""
    issuer = cast("Iterable[Iterable[tuple[str, str]]]", (connection.getpeercert() or {}).get("issuer", ()))
    parts = dict(part for group in issuer for part in group)
    return TlsFacts(
        protocol=connection.version() or "",
        leaf_sha256=hashlib.sha256(leaf).hexdigest(),
        issuer=", ".join(parts[name] for name in _ISSUER_PARTS if name in parts),
        key_sha256=key_sha256(leaf),
    )


def key_sha256(leaf: bytes) -> str:
    """The digest of the public key, which a renewed certificate may keep; empty where it is of no known kind."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        key = load_der_x509_certificate(leaf).public_key()
    except (ValueError, UnsupportedAlgorithm, InvalidVersion):
        return ""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _text(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
