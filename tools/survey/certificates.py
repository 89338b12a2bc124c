"""The simulated outside's own authority, and a certificate for each of its TLS ports."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tools.survey.outside import Fate, Outside

CA_FILE = "ca.pem"
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_LASTS = timedelta(days=36_500)


def write_certificates(outside: Outside, folder: Path) -> None:
    """Write the authority's certificate, and for every TLS port a certificate with its key."""
    authority = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated outside")])
    certificate = (
        _builder(name, name, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_CA_USES, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )
    (folder / CA_FILE).write_bytes(certificate.public_bytes(Encoding.PEM))
    for place, port in enumerate(outside.ports.tls):
        key = ec.generate_private_key(ec.SECP256R1())
        addresses = [
            x509.IPAddress(ipaddress.ip_address(host.address))
            for host in outside.hosts
            if host.is_tls and host.fate is not Fate.DEAD and host.port(outside.ports) == port
        ]
        leaf = (
            _builder(x509.Name([]), name, key.public_key())
            .add_extension(x509.SubjectAlternativeName(addresses), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
            )
            .sign(authority, hashes.SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"tls-{place}.pem").write_bytes(private + leaf.public_bytes(Encoding.PEM))


_CA_USES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGIN)
        .not_valid_after(_BEGIN + _LASTS)
    )
