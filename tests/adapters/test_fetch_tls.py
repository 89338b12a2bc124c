"""TLS: a certificate for the name in the URL, from an authority we know, within its time, or no bytes."""

import hashlib
import os
import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.support.http_site import Request, Site, listening, serve
from tests.support.outside import Mood, Outside, redirect

from homeport.adapters.net.connect import key_sha256
from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.domain.errors import Invalid
from homeport.ports.fetch import Fetched, FetchLimits, Outcome

CERTS = Path(__file__).parent.parent / "support" / "certs"
LIMITS = FetchLimits(
    max_bytes=10_000, connect_seconds=2, first_byte_seconds=1, total_seconds=5, floor_bytes_per_second=1
)


def shown(certificate: str) -> ssl.SSLContext:
    """A server's side of TLS, which shows ``certificate``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / f"{certificate}.pem")
    return context


def fetch(
    site: Site,
    host: str,
    path: str = "/file",
    ca_file: Path | None = CERTS / "ca.pem",
    limits: FetchLimits = LIMITS,
) -> Fetched:
    """One fetch from ``site`` under the name ``host``."""
    fetcher = HttpFetcher(
        about_url="https://index.example.org/about",
        allow=parse_allow("127.0.0.1:*"),
        ca_file=ca_file,
        resolve=lambda host, seconds: ["127.0.0.1"],
    )
    return fetcher.fetch(site.url(host, path), limits, lambda _: None)


@pytest.fixture
def outside() -> Outside:
    """A world with one file."""
    world = Outside()
    world.put_file("https://site.test/file", b"abc")
    return world


def test_tls_facts(outside: Outside) -> None:
    """A verified fetch tells protocol, leaf certificate and issuer."""
    with serve(outside, tls=shown("site")) as site:
        fetched = fetch(site, "site.test")
    assert (fetched.outcome, fetched.reason) == (Outcome.OK, "")
    assert fetched.is_tls
    assert fetched.tls is not None
    leaf = ssl.PEM_cert_to_DER_cert(
        "-----BEGIN CERT" + (CERTS / "site.pem").read_text().split("BEGIN CERT")[1]
    )
    assert fetched.tls.leaf_sha256 == hashlib.sha256(leaf).hexdigest()
    assert (fetched.tls.protocol, fetched.tls.issuer) == ("TLSv1.3", "Test CA, Homeport tests")
    assert [hop.tls for hop in fetched.hops] == [fetched.tls]


@pytest.mark.parametrize(
    ("certificate", "host", "ca_file", "says"),
    [
        ("site", "other.test", CERTS / "ca.pem", "Hostname mismatch"),
        ("expired", "site.test", CERTS / "ca.pem", "expired"),
        ("self_signed", "site.test", CERTS / "ca.pem", "self-signed"),
        ("site", "site.test", None, "unable to get local issuer"),
    ],
)
def test_certificates_that_are_not_accepted(
    outside: Outside, certificate: str, host: str, ca_file: Path | None, says: str
) -> None:
    """A wrong name, a lapsed certificate or an unknown authority ends the fetch before a request is sent."""
    with serve(outside, tls=shown(certificate)) as site:
        fetched = fetch(site, host, ca_file=ca_file)
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "tls-failed")
    assert says in fetched.reason
    assert not fetched.is_tls
    assert site.requests == []


def test_old_protocols_are_not_spoken(outside: Outside) -> None:
    """TLS 1.1 is not enough."""
    old = shown("site")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with serve(outside, tls=old) as site:
        fetched = fetch(site, "site.test")
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "tls-failed")


def test_a_plain_server_at_a_tls_url() -> None:
    """A server that does not speak TLS is told apart from a bad certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_plainly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        server = threading.Thread(target=answer_plainly)
        server.start()
        fetched = fetch(Site(listener.getsockname()[1], "https"), "site.test")
        server.join()
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "tls-failed")
    assert "does not speak TLS" in fetched.reason
    assert [hop.status for hop in fetched.hops] == [0]


def test_a_handshake_that_never_ends(outside: Outside) -> None:
    """A server that listens and says nothing is given up on."""
    with serve(outside) as site:
        site.scheme = "https"
        fetched = fetch(site, "site.test", limits=FetchLimits(1000, connect_seconds=0.2))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "timed-out")
    assert fetched.reason == "The TLS handshake with site.test took longer than 0.2 seconds."


def test_the_step_down_is_not_taken(outside: Outside) -> None:
    """A redirect from https to http is refused; the plain site is never asked."""
    with serve(outside) as plain, serve(outside, tls=shown("site")) as secured:
        outside.put("https://site.test/down", redirect(plain.url("site.test", "/file")))
        fetched = fetch(secured, "site.test", "/down")
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "redirect-refused")
    assert plain.connections == 0


def test_one_plain_hop_makes_a_plain_fetch(outside: Outside) -> None:
    """A chain that began on plain HTTP is not TLS, whatever its end."""
    with serve(outside) as plain, serve(outside, tls=shown("site")) as secured:
        outside.put("http://site.test/up", redirect(secured.url("site.test", "/file")))
        fetched = fetch(plain, "site.test", "/up")
    assert fetched.outcome is Outcome.OK
    assert not fetched.is_tls
    assert [hop.tls for hop in fetched.hops] == [None, fetched.tls]
    assert fetched.tls is not None


def test_tls_facts_of_every_hop(outside: Outside) -> None:
    """Each hop over TLS has its own facts, also the one that only redirects."""
    outside.put("https://site.test/old", redirect("/file"))
    with serve(outside, tls=shown("site")) as site:
        fetched = fetch(site, "site.test", "/old")
    assert [hop.status for hop in fetched.hops] == [302, 200]
    assert [hop.tls for hop in fetched.hops] == [fetched.tls, fetched.tls]
    assert fetched.is_tls


def test_a_cut_line_does_not_end_a_body(outside: Outside) -> None:
    """A body without a length must be ended by TLS itself, or it broke off."""

    def cut(connection: socket.socket, request: Request, site: Site) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf a file")
        with socket.socket(fileno=os.dup(connection.fileno())) as below_tls:
            below_tls.shutdown(socket.SHUT_RDWR)

    with listening(cut, tls=shown("site")) as site:
        fetched = fetch(site, "site.test")
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "broke-off")
    outside.put_file("https://site.test/whole", b"abc", Mood.UNANNOUNCED)
    with serve(outside, tls=shown("site")) as site:
        assert fetch(site, "site.test", "/whole").outcome is Outcome.OK


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    """A CA file that is missing or holds no certificate is refused at start, not at the first fetch."""
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for ca_file in (empty, tmp_path / "missing.pem"):
        with pytest.raises(Invalid, match="PEM certificates are wanted"):
            HttpFetcher(about_url="https://index.example.org/about", ca_file=ca_file)


def test_the_digest_of_a_key() -> None:
    """Each key has its own; what is no certificate has none, and is no accident."""
    leaves = []
    for name in ("site", "expired", "self_signed"):
        certificate = (CERTS / f"{name}.pem").read_text().split("BEGIN CERT")[1]
        leaves.append(ssl.PEM_cert_to_DER_cert("-----BEGIN CERT" + certificate))
    digests = [key_sha256(leaf) for leaf in leaves]
    assert all(len(digest) == 64 for digest in digests)
    assert len(set(digests)) == 3
    assert key_sha256(b"") == key_sha256(leaves[0][:-9]) == ""
