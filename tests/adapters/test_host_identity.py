"""What tells that a host may be somebody else's, as the connection layer shows it: keys, and names without answer."""

import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from homeport.adapters.net.connect import key_sha256
from homeport.adapters.net.fetch import HttpFetcher
from homeport.ports.fetch import FetchLimits, Outcome

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.test")])


def certificate(key: ec.EllipticCurvePrivateKey, serial: int) -> bytes:
    """A certificate of that key."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(NAME, NAME, key.public_key(), serial, since, since + timedelta(days=90))
    return made.sign(key, SHA256()).public_bytes(Encoding.DER)


def test_a_key_is_known_again_in_a_renewed_certificate() -> None:
    """Two certificates of one key have one digest of their key; another key has another."""
    one, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    assert certificate(one, 1) != certificate(one, 2)
    assert key_sha256(certificate(one, 1)) == key_sha256(certificate(one, 2))
    assert key_sha256(certificate(one, 1)) != key_sha256(certificate(other, 1))


@pytest.mark.parametrize("leaf", [b"", b"no certificate", b"\x30\x82\xff\xff"])
def test_what_is_no_certificate_has_no_key(leaf: bytes) -> None:
    """Whatever a server sends, there is an answer."""
    assert key_sha256(leaf) == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "name-unanswered"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name-unknown"),
        (OSError("no address"), "name-unknown"),
    ],
)
def test_no_answer_is_not_no_name(error: OSError, code: str) -> None:
    """Name servers that do not answer say nothing of the name; only a name that is nobody's lapses (T-08)."""

    def resolve(host: str, seconds: float) -> Sequence[str]:
        raise error

    fetcher = HttpFetcher(about_url="https://index.example.org/about", resolve=resolve)
    fetched = fetcher.fetch("https://site.test/", FetchLimits(max_bytes=10), lambda _: None)
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, code)
