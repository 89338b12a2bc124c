"""OpenPGP: detached signatures over release files, and the certificates that maintainers register, read by Sequoia.

1. A signature is verified only against certificates that are registered for the project: no key servers, no web of trust.
2. It is bad when a registered key made it and it does not fit the bytes; whatever a key server, a clock or a weak hash
   would explain is unverified, with that reason.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from homeport.domain.signature import KeyFacts, Outcome, Signer, Verified

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pysequoia import Cert, Sig
    from pysequoia.packet import Packet

# Nobody should rely on these any more; Sequoia does not.
_WEAK: Final = frozenset({"MD5", "SHA1", "RIPEMD160"})
_MAX_USER_IDS: Final = 20


def read_key(document: bytes) -> KeyFacts:
    """What a certificate says of itself, or why it is none that can be registered."""
    from pysequoia import Cert

    try:
        certificates = Cert.split_bytes(document)
    except RuntimeError:
        certificates = []
    if not certificates:
        return KeyFacts(problem="There is no OpenPGP certificate in it: gpg --armor --export KEY makes one.")
    if len(certificates) > 1:
        return KeyFacts(
            problem=f"There are {len(certificates)} certificates in it: register them one by one."
        )
    (certificate,) = certificates
    if _has_secrets(document):
        return KeyFacts(
            problem="There are secret keys in it: export the public certificate only, and consider these as lost."
        )
    if certificate.is_revoked:
        return KeyFacts(problem="It is revoked.")
    ids = tuple(
        _printable(str(user_id))[:200] for user_id in list(certificate.user_ids or ())[:_MAX_USER_IDS]
    )
    return KeyFacts(certificate.fingerprint, str(certificate), ids)


def _has_secrets(document: bytes) -> bool:
    from pysequoia.packet import PacketPile, Tag

    secret = (Tag.SecretKey, Tag.SecretSubkey)
    return any(packet.tag in secret for packet in PacketPile.from_bytes(document))


def verify_openpgp(document: bytes, file: str, keys: "Sequence[str]") -> tuple[Verified, ...]:
    """What the detached signature ``document`` says of the bytes in ``file``, by the registered certificates ``keys``."""
    from pysequoia import Cert, Sig, verify

    try:
        signature = Sig.from_bytes(document)
    except RuntimeError:
        return (Verified(Outcome.UNVERIFIED, "Not verified: it is no OpenPGP signature."),)
    made_by = signature.issuer_fingerprint or signature.issuer_key_id or ""
    certificates = [Cert.from_bytes(key.encode()) for key in keys]
    its_own = [certificate for certificate in certificates if _has_key(certificate, made_by)]
    if not its_own:
        who = f"the key {made_by.upper()}" if made_by else "a key that it does not name"
        return (
            Verified(Outcome.UNVERIFIED, f"Not verified: nobody registered {who} here.", Signer(made_by)),
        )
    certificate = its_own[0]
    signer = Signer(certificate.fingerprint)
    try:
        verify(file=file, store=lambda _: its_own, signature=signature)
    except RuntimeError:
        if reason := _excuse(certificate, made_by, signature):
            return (Verified(Outcome.UNVERIFIED, f"Not verified: {reason}", signer),)
        sentence = f"The signature of the key {certificate.fingerprint.upper()} does not fit these bytes."
        return (Verified(Outcome.BAD, sentence, signer),)
    sentence = f"Signed with the key {certificate.fingerprint.upper()}, which is registered here."
    return (Verified(Outcome.GOOD, sentence, signer),)


def _has_key(certificate: "Cert", made_by: str) -> bool:
    """True when the key of that fingerprint or id is the certificate's own, or one of its subkeys."""
    return bool(made_by) and any(_is_key(packet, made_by) for packet in _packets(certificate))


def _is_revoked_subkey(certificate: "Cert", made_by: str) -> bool:
    """True when that key is a subkey, and one of the signatures that follow it takes it back."""
    from pysequoia.packet import SignatureType

    is_it = False
    for packet in _packets(certificate):
        if packet.fingerprint is not None:
            is_it = _is_key(packet, made_by)
        elif is_it and packet.signature_type == SignatureType.SubkeyRevocation:
            return True
    return False


def _packets(certificate: "Cert") -> "Iterator[Packet]":
    from pysequoia.packet import PacketPile

    return iter(PacketPile.from_bytes(bytes(certificate)))


def _is_key(packet: "Packet", made_by: str) -> bool:
    return packet.fingerprint is not None and packet.fingerprint.lower().endswith(made_by.lower())


def _excuse(certificate: "Cert", made_by: str, signature: "Sig") -> str:
    now = datetime.now(UTC)  # noqa: TID251 - Sequoia judges by this machine's clock as well
    if certificate.is_revoked or _is_revoked_subkey(certificate, made_by):
        return "its key is revoked."
    if certificate.expiration is not None and certificate.expiration <= now:
        return f"its key expired on {certificate.expiration:%Y-%m-%d}."
    if signature.expiration is not None and signature.expiration <= now:
        return f"it expired on {signature.expiration:%Y-%m-%d}."
    algorithm = str(signature.hash_algorithm).rpartition(".")[2].upper()
    if algorithm in _WEAK:
        return f"it was made with {algorithm}, which proves nothing any more."
    return ""


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
