"""Sigstore bundles and attestations of PEP 740, verified against the trust root that comes with the library.

1. Nothing is asked for: keys and authorities are those of the installed release of ``sigstore``, whatever the network.
2. Who signed is told, not judged: whether that is somebody whom a maintainer named is the index's to say.
3. Bad is what was made over other bytes: the document says so, or the key of its certificate did not make the
   signature. Whatever else stands in the way (an authority nobody trusts, a log that does not have it) is unverified.
4. The libraries are large: they are loaded in the child that needs them, and missing ones are a reason, no error.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from homeport.domain.signature import GITHUB, Outcome, Signer, Verified

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle
    from sigstore.verify import Verifier

MAX_SIGNATURES: Final = 8
_INSTANCE: Final = "https://tuf-repo-cdn.sigstore.dev"
_STATEMENT_TYPE: Final = "application/vnd.in-toto+json"
# What says that somebody published or built the file; other statements (a bill of materials) vouch for nothing.
_PREDICATES: Final = frozenset(
    {"https://slsa.dev/provenance/v1", "https://docs.pypi.org/attestations/publish/v1"}
)
# Fulcio's extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
_FULCIO: Final = "1.3.6.1.4.1.57264.1."
_ISSUER, _REPOSITORY, _COMMIT, _REF, _WORKFLOW = "8", "12", "13", "14", "18"
_ISSUER_OF_OLD: Final = "1"


class _UnreadableError(ValueError):
    """Why a document is no bundle, and no attestation."""


def verify_sigstore(document: bytes, filename: str, sha256: str) -> tuple[Verified, ...]:
    """What every signature in ``document`` says of the file of that name and digest."""
    try:
        from sigstore.models import TrustedRoot
        from sigstore.verify import Verifier
    except ImportError:
        sentence = (
            "Not verified: this index runs without the libraries for Sigstore (homeport[attestations])."
        )
        return (Verified(Outcome.UNVERIFIED, sentence),)
    try:
        bundles = list(_bundles(document))
    except (_UnreadableError, RecursionError) as error:
        return (Verified(Outcome.UNVERIFIED, f"Not verified: {error}"),)
    root = resources.files("sigstore") / "_store" / quote(_INSTANCE, safe="") / "trusted_root.json"
    with resources.as_file(root) as file:
        verifier = Verifier(trusted_root=TrustedRoot.from_file(str(file)))
    return tuple(_verified(verifier, bundle, filename, sha256) for bundle in bundles)


def _bundles(document: bytes) -> Iterator["Bundle"]:
    """The bundles in ``document``: itself one, an attestation, a list of these, or a provenance object."""
    from sigstore.errors import Error
    from sigstore.models import Bundle

    try:
        told = json.loads(document)
    except ValueError as error:
        raise _UnreadableError("it is not JSON.") from error
    entries = _entries(told)
    if not entries:
        raise _UnreadableError("there is no signature in it.")
    if len(entries) > MAX_SIGNATURES:
        raise _UnreadableError(
            f"it has {len(entries)} signatures, and at most {MAX_SIGNATURES} are looked at."
        )
    for entry in entries:
        try:
            if "mediaType" in entry:
                yield Bundle.from_json(json.dumps(entry).encode())
            else:
                yield _from_attestation(entry)
        except (Error, ValueError, TypeError, KeyError) as error:
            reason = str(error).partition("\n")[0][:200]
            raise _UnreadableError(
                f"it is no bundle and no attestation that can be read ({reason})."
            ) from error


def _entries(told: object) -> list[Mapping[str, Any]]:
    if isinstance(told, dict) and "attestation_bundles" in told:
        lists = [b.get("attestations", []) for b in _objects(told["attestation_bundles"])]
        return [entry for one in lists for entry in _objects(one)]
    return _objects(told if isinstance(told, list) else [told])


def _objects(told: object) -> list[Mapping[str, Any]]:
    return [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []


def _from_attestation(entry: Mapping[str, Any]) -> "Bundle":
    from pypi_attestations import Attestation

    return Attestation.model_validate(entry).to_bundle()


class _Anybody:
    """The policy of :mod:`sigstore` that leaves it to us who may sign."""

    def verify(self, cert: "Certificate") -> None:
        """Let every certificate pass that the trust root vouches for."""


def _verified(verifier: "Verifier", bundle: "Bundle", filename: str, sha256: str) -> Verified:
    from sigstore.errors import Error

    signer = _signer(bundle.signing_certificate)
    payload = _payload(bundle)
    if payload is not None and (problem := _other_bytes(payload, filename, sha256)):
        return Verified(Outcome.BAD, problem, signer)
    if not _is_signed(bundle, sha256):
        return Verified(
            Outcome.BAD, f"The signature of {signer} is not one over these bytes, sha256 {sha256}.", signer
        )
    try:
        _check(verifier, bundle, sha256)
    except (Error, ValueError) as error:
        reason = str(error).partition("\n")[0][:200]
        return Verified(
            Outcome.UNVERIFIED, f"Not verified, so that nobody knows who made it: {reason}", signer
        )
    if payload is not None and (problem := _says_nothing(payload, filename, sha256)):
        return Verified(Outcome.UNVERIFIED, problem, signer)
    return Verified(Outcome.GOOD, f"Signed by {signer}.", signer)


def _check(verifier: "Verifier", bundle: "Bundle", sha256: str) -> None:
    from sigstore.hashes import Hashed
    from sigstore_models.common.v1 import HashAlgorithm

    if bundle._dsse_envelope is not None:  # noqa: SLF001 - the library has no other way to tell the two apart
        verifier.verify_dsse(bundle, _Anybody())
    else:
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(sha256))
        verifier.verify_artifact(hashed, bundle, _Anybody())


def _is_signed(bundle: "Bundle", sha256: str) -> bool:
    """True when the key of the bundle's certificate made its signature, over the statement or over these bytes."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    key, envelope = bundle.signing_certificate.public_key(), bundle._dsse_envelope  # noqa: SLF001
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return True  # the library says what it thinks of other keys
    try:
        if envelope is not None:
            key.verify(envelope.signature, envelope.pae(), ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(bundle.signature, bytes.fromhex(sha256), ec.ECDSA(Prehashed(hashes.SHA256())))
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _payload(bundle: "Bundle") -> Mapping[str, Any] | None:
    """The statement that is signed, or ``None`` where the file's bytes are."""
    envelope = bundle._dsse_envelope  # noqa: SLF001
    if envelope is None:
        return None
    try:
        statement = json.loads(envelope._inner.payload)  # noqa: SLF001
    except ValueError:
        statement = None
    is_statement = envelope._inner.payload_type == _STATEMENT_TYPE and isinstance(statement, dict)  # noqa: SLF001
    return statement if is_statement else {}


def _subjects(statement: Mapping[str, Any], filename: str) -> Iterator[object]:
    """The digests that the statement gives for the file."""
    wanted = _identity(filename)
    for subject in _objects(statement.get("subject")):
        digest = subject.get("digest")
        if _identity(str(subject.get("name"))) == wanted:
            yield digest.get("sha256") if isinstance(digest, dict) else None


def _other_bytes(statement: Mapping[str, Any], filename: str, sha256: str) -> str:
    told = [digest for digest in _subjects(statement, filename) if digest != sha256]
    if not told:
        return ""
    return f"It is signed for {filename} with sha256 {str(told[0])[:64]}, but the bytes have {sha256}."


def _says_nothing(statement: Mapping[str, Any], filename: str, sha256: str) -> str:
    if sha256 not in _subjects(statement, filename):
        return f"It says nothing about {filename}."
    if (predicate := statement.get("predicateType")) not in _PREDICATES:
        return f"It says something else about {filename} than who published it ({str(predicate)[:120]})."
    return ""


def _identity(filename: str) -> object:
    """What a file name means (PEP 740): other spellings of one file are equal."""
    readers: Sequence[Callable[[str], object]] = (parse_wheel_filename, parse_sdist_filename)
    for read in readers:
        try:
            return read(filename)
        except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
            continue
    return filename


def _signer(certificate: "Certificate") -> Signer:
    told = {oid.removeprefix(_FULCIO): text for oid, text in _extensions(certificate)}
    repository, build = told.get(_REPOSITORY, ""), told.get(_WORKFLOW, "")
    issuer = told.get(_ISSUER, told.get(_ISSUER_OF_OLD, ""))
    folder = "/.github/workflows/" if issuer == GITHUB else "//"
    # The workflow's URI ends with what it ran on, which is known: the name of a branch may hold an @.
    for ran_on in (told.get(_REF), told.get(_COMMIT)):
        start, end = f"{repository}{folder}", f"@{ran_on}"
        if repository and ran_on and build.startswith(start) and build.endswith(end):
            return Signer(_subject(certificate), issuer, repository, build[len(start) : -len(end)])
    return Signer(_subject(certificate), issuer, repository)


def _extensions(certificate: "Certificate") -> Iterator[tuple[str, str]]:
    from cryptography.x509 import UnrecognizedExtension

    for extension in certificate.extensions:
        value, oid = extension.value, extension.oid.dotted_string
        if isinstance(value, UnrecognizedExtension) and oid.startswith(_FULCIO):
            is_old = int(oid.removeprefix(_FULCIO) or 0) < int(_ISSUER)
            yield oid, _text(value.value if is_old else _utf8_string(value.value))


def _utf8_string(der: bytes) -> bytes:
    """The contents of a DER UTF8String, or nothing when it is none."""
    if len(der) < 2 or der[0] != 0x0C:  # noqa: PLR2004 - tag and length
        return b""
    size, start = der[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    return der[start:] if len(der) - start == size else b""


def _text(value: bytes) -> str:
    return "".join(c for c in value.decode("utf-8", "replace") if c.isprintable())[:300]


def _subject(certificate: "Certificate") -> str:
    from cryptography.x509 import (
        ExtensionNotFound,
        RFC822Name,
        SubjectAlternativeName,
        UniformResourceIdentifier,
    )

    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return "nobody that it names"
    for kind in (UniformResourceIdentifier, RFC822Name):
        for name in names.get_values_for_type(kind):
            return _text(str(name).encode())
    return "nobody that it names"
