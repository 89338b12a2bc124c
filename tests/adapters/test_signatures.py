"""Signatures over release files: real ones verified without a network, and what is wrong with the others."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pysequoia
import pytest

from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.adapters.inspect.openpgp import read_key, verify_openpgp
from homeport.adapters.inspect.sigstore_bundles import MAX_SIGNATURES, verify_sigstore
from homeport.adapters.inspect.wire import Limits
from homeport.domain.digests import Sha256
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.signature import GITHUB, GITLAB, Outcome, Signer

RECORDED = Path(__file__).parent.parent / "support" / "recorded" / "signatures"
MODELS = (
    "pypi_attestation_models-0.0.4a2.tar.gz",
    "c9709ce6fd5b67b59b4a28758cf14d3f411803c4b89b6068b1f1a8e4ee94c8ef",
)
ATTESTATIONS = (
    "pypi_attestations-0.0.19.tar.gz",
    "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3",
)
GITLAB_FILE = (
    "gitlab_oidc_project-0.0.3.tar.gz",
    "c1ca9b0d85df1606451098233018534497bf584362e10e4a8c21dfaea92c02a8",
)
STAGED = (
    "rfc8785-0.1.2-py3-none-any.whl",
    "c4e92e9ecc828bef2aa7dba1de8ac983511f7532a0df11c770d39099a25cf201",
)
OTHER = "0" * 64


def recorded(name: str) -> bytes:
    """A document as it lies beside its file outside."""
    return (RECORDED / name).read_bytes()


def changed(name: str, *path: str | int, to: object) -> bytes:
    """The same document with one field made another."""
    told: Any = json.loads(recorded(name))
    inner = told
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(told).encode()


@pytest.fixture
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a socket, or looks a name up, fails the test."""

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise AssertionError(f"a socket was asked for: {args}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def github(repository: str, version: str) -> Signer:
    """The signer of a release that the workflow ``release.yml`` of ``repository`` made."""
    workflow = f"{repository}/.github/workflows/release.yml@refs/tags/v{version}"
    return Signer(workflow, GITHUB, repository, "release.yml")


GOOD = [
    (
        "pypi_attestation_models-0.0.4a2.tar.gz.sigstore",
        MODELS,
        github("https://github.com/trailofbits/pypi-attestation-models", "0.0.4a2"),
    ),
    (
        "pypi_attestations-0.0.19.tar.gz.provenance",
        ATTESTATIONS,
        github("https://github.com/trailofbits/pypi-attestations", "0.0.19"),
    ),
    (
        "pypi_attestations-0.0.19.tar.gz.publish.attestation",
        ATTESTATIONS,
        github("https://github.com/trailofbits/pypi-attestations", "0.0.19"),
    ),
    (
        "pypi_attestations-0.0.19.tar.gz.slsa.attestation",
        ATTESTATIONS,
        github("https://github.com/trailofbits/pypi-attestations", "0.0.19"),
    ),
    (
        "gitlab_oidc_project-0.0.3.tar.gz.publish.attestation",
        GITLAB_FILE,
        Signer(
            "https://gitlab.com/facutuesca/gitlab-oidc-project//.gitlab-ci.yml@refs/heads/main",
            GITLAB,
            "https://gitlab.com/facutuesca/gitlab-oidc-project",
            ".gitlab-ci.yml",
        ),
    ),
]


@pytest.mark.parametrize(("document", "file", "signer"), GOOD, ids=[name for name, _, _ in GOOD])
@pytest.mark.usefixtures("_no_sockets")
def test_real_signatures_are_verified_without_a_network(
    document: str, file: tuple[str, str], signer: Signer
) -> None:
    """Bundles, attestations and provenance of real releases are good, tell their signer, and open no socket."""
    (verified,) = verify_sigstore(recorded(document), *file)
    assert (verified.outcome, verified.signer) == (Outcome.GOOD, signer)


def test_a_list_of_attestations_is_read() -> None:
    """Several attestations in one document are each told."""
    both = [json.loads(recorded(f"{ATTESTATIONS[0]}.{kind}.attestation")) for kind in ("publish", "slsa")]
    verified = verify_sigstore(json.dumps(both).encode(), *ATTESTATIONS)
    assert [one.outcome for one in verified] == [Outcome.GOOD, Outcome.GOOD]


@pytest.mark.parametrize(("document", "file", "signer"), GOOD, ids=[name for name, _, _ in GOOD])
def test_other_bytes_are_bad(document: str, file: tuple[str, str], signer: Signer) -> None:
    """A signature over other bytes than the file's is bad, and says over which."""
    (verified,) = verify_sigstore(recorded(document), file[0], OTHER)
    assert (verified.outcome, verified.signer) == (Outcome.BAD, signer)
    assert file[1] in verified.sentence


@pytest.mark.parametrize(("document", "file", "_signer"), GOOD, ids=[name for name, _, _ in GOOD])
def test_another_file_is_not_spoken_of(document: str, file: tuple[str, str], _signer: Signer) -> None:
    """A signature of another file proves nothing, though its bytes be the same."""
    (verified,) = verify_sigstore(recorded(document), "demo-1.0.tar.gz", file[1])
    assert (verified.outcome, verified.sentence) == (
        Outcome.UNVERIFIED,
        "It says nothing about demo-1.0.tar.gz.",
    )


def test_an_authority_that_is_not_trusted() -> None:
    """A signature by Sigstore's testing instance is unverified: its authority is not in the trust root."""
    (verified,) = verify_sigstore(recorded(f"{STAGED[0]}.publish.attestation"), *STAGED)
    assert verified.outcome is Outcome.UNVERIFIED
    assert "chain" in verified.sentence


def test_a_signature_that_its_key_did_not_make() -> None:
    """A signature that does not fit its statement is bad."""
    name = "pypi_attestations-0.0.19.tar.gz.publish.attestation"
    other = json.loads(recorded("pypi_attestations-0.0.19.tar.gz.slsa.attestation"))["envelope"]["signature"]
    (verified,) = verify_sigstore(changed(name, "envelope", "signature", to=other), *ATTESTATIONS)
    assert (verified.outcome, verified.sentence.partition(" is ")[2][:7]) == (Outcome.BAD, "not one")


def test_a_log_that_does_not_have_it() -> None:
    """A signature whose log entry belongs to another one is unverified, though its mathematics be right."""
    name = "pypi_attestations-0.0.19.tar.gz.publish.attestation"
    other = json.loads(recorded("pypi_attestations-0.0.19.tar.gz.slsa.attestation"))["verification_material"]
    path = ("verification_material", "transparency_entries")
    (verified,) = verify_sigstore(changed(name, *path, to=other["transparency_entries"]), *ATTESTATIONS)
    assert verified.outcome is Outcome.UNVERIFIED


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no JSON",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"7",
        b'{"attestation_bundles": 1}',
        b'{"attestation_bundles": [{"attestations": [7]}]}',
        b'{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}',
        b'{"version": 1}',
        b'{"version": 2}',
        json.dumps([{"version": 1}] * (MAX_SIGNATURES + 1)).encode(),
        changed("pypi_attestations-0.0.19.tar.gz.publish.attestation", "version", to=2),
        changed(
            "pypi_attestations-0.0.19.tar.gz.publish.attestation",
            "verification_material",
            "certificate",
            to="AAAA",
        ),
        changed(
            "pypi_attestations-0.0.19.tar.gz.publish.attestation",
            "verification_material",
            "transparency_entries",
            to=[],
        ),
    ],
)
def test_what_is_no_signature_is_unverified(document: bytes) -> None:
    """Whatever the document is, it is one answer with a reason, and no error."""
    (verified,) = verify_sigstore(document, *ATTESTATIONS)
    assert (verified.outcome, verified.signer) == (Outcome.UNVERIFIED, None)
    assert verified.sentence.startswith("Not verified: ")


def test_without_the_libraries_nothing_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index without the extra says so."""
    monkeypatch.setitem(__import__("sys").modules, "sigstore.models", None)
    (verified,) = verify_sigstore(recorded(GOOD[0][0]), *MODELS)
    assert (verified.outcome, "homeport[attestations]" in verified.sentence) == (Outcome.UNVERIFIED, True)


# OpenPGP

DATA = b"release"


@pytest.fixture(scope="module")
def key() -> pysequoia.Tsk:
    """A maintainer's key."""
    return pysequoia.Tsk.generate("Ada <ada@example.org>")


def public(key: pysequoia.Tsk) -> str:
    """What a maintainer registers."""
    return str(key.extract_certificate())


def signed(key: pysequoia.Tsk, data: bytes = DATA) -> bytes:
    """A detached signature."""
    return pysequoia.sign(key.signer(), data, mode=pysequoia.SignatureMode.DETACHED)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The file that is signed."""
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return str(path)


def test_a_registered_key_verifies(key: pysequoia.Tsk, file: str) -> None:
    """A signature by a subkey of a registered certificate is good, and told by the certificate's fingerprint."""
    other = pysequoia.Tsk.generate("Bob")
    (verified,) = verify_openpgp(signed(key), file, [public(other), public(key)])
    fingerprint = key.extract_certificate().fingerprint
    assert (verified.outcome, verified.signer) == (Outcome.GOOD, Signer(fingerprint))
    assert fingerprint.upper() in verified.sentence


def test_other_bytes_under_a_registered_key_are_bad(key: pysequoia.Tsk, file: str) -> None:
    """A signature by a registered key over other bytes is bad."""
    (verified,) = verify_openpgp(signed(key, b"other"), file, [public(key)])
    assert verified.outcome is Outcome.BAD


def test_an_unknown_key_is_unverified(key: pysequoia.Tsk, file: str) -> None:
    """Without a registered key nothing is said of the signature but who claims to have made it."""
    for keys in ([], [public(pysequoia.Tsk.generate("Bob"))]):
        (verified,) = verify_openpgp(signed(key), file, keys)
        assert (verified.outcome, "nobody registered" in verified.sentence) == (Outcome.UNVERIFIED, True)


def test_a_revoked_key_is_unverified(key: pysequoia.Tsk, file: str) -> None:
    """A signature by a key that is revoked is no proof, and no lie either."""
    certificate = key.extract_certificate()
    revoked = pysequoia.Cert.from_bytes(bytes(certificate) + bytes(certificate.revoke(key.certifier())))
    (verified,) = verify_openpgp(signed(key, b"other"), file, [str(revoked)])
    assert (verified.outcome, verified.sentence) == (
        Outcome.UNVERIFIED,
        "Not verified: its key is revoked.",
    )


def test_a_revoked_subkey_is_unverified(key: pysequoia.Tsk, tmp_path: Path) -> None:
    """A lost subkey is revoked, the certificate is not: what it signed, these bytes or others, says nothing any more."""
    certificate = (RECORDED / "revoked_subkey.key.asc").read_text()
    document = (RECORDED / "revoked_subkey.sig.asc").read_bytes()
    for data in (b"the signed bytes", b"other bytes"):
        (tmp_path / "signed").write_bytes(data)
        (verified,) = verify_openpgp(document, str(tmp_path / "signed"), [public(key), certificate])
        assert (verified.outcome, verified.sentence) == (
            Outcome.UNVERIFIED,
            "Not verified: its key is revoked.",
        )


@pytest.mark.parametrize("document", [b"", b"garbage", b"-----BEGIN PGP SIGNATURE-----\n"])
def test_no_openpgp_signature(key: pysequoia.Tsk, file: str, document: bytes) -> None:
    """What is no signature is unverified."""
    (verified,) = verify_openpgp(document, file, [public(key)])
    assert verified.outcome is Outcome.UNVERIFIED


def test_certificates_are_read(key: pysequoia.Tsk) -> None:
    """A certificate tells its fingerprint and user ids, armoured or not, and is kept armoured."""
    certificate = key.extract_certificate()
    for document in (public(key).encode(), bytes(certificate)):
        facts = read_key(document)
        assert (facts.fingerprint, facts.user_ids, facts.problem) == (
            certificate.fingerprint,
            ("Ada <ada@example.org>",),
            "",
        )
        assert pysequoia.Cert.from_bytes(facts.armoured.encode()).fingerprint == certificate.fingerprint


def test_certificates_that_are_not_registered(key: pysequoia.Tsk) -> None:
    """Secret keys, several certificates, revoked ones and anything else are refused with the reason."""
    certificate = key.extract_certificate()
    revoked = bytes(certificate) + bytes(certificate.revoke(key.certifier()))
    two = bytes(certificate) + bytes(pysequoia.Tsk.generate("Bob").extract_certificate())
    for document, word in (
        (b"", "no OpenPGP certificate"),
        (b"garbage", "no OpenPGP certificate"),
        (bytes(key), "secret"),
        (str(key).encode(), "secret"),
        (two, "2 certificates"),
        (revoked, "revoked"),
    ):
        facts = read_key(document)
        assert (word in facts.problem, facts.fingerprint) == (True, ""), facts


# In the child


@pytest.fixture(scope="module")
def children() -> Iterator[ChildIsolation]:
    """The isolation with its usual limits."""
    with_defaults = ChildIsolation()
    yield with_defaults
    with_defaults.close()


def test_the_child_answers_as_the_functions_do(
    children: ChildIsolation, key: pysequoia.Tsk, file: str
) -> None:
    """Within its limits the child verifies bundles, signatures and certificates."""
    name, sha256 = ATTESTATIONS
    document = recorded(f"{name}.provenance")
    told = children.verify_signature(document, NeighbourKind.PROVENANCE, Path(file), name, Sha256(sha256), ())
    assert told == verify_sigstore(document, name, sha256)
    keys = [public(key)]
    document = signed(key)
    told = children.verify_signature(document, NeighbourKind.OPENPGP, Path(file), name, Sha256.of(DATA), keys)
    assert told == verify_openpgp(document, file, keys)
    assert children.read_key(public(key).encode()) == read_key(public(key).encode())


def test_a_child_that_ends_says_nothing(file: str) -> None:
    """A document that uses up its limits is unverified, and a certificate that does cannot be registered."""
    limits = Limits(cpu_seconds=1, memory_bytes=16 * 1024**2, wall_seconds=5)
    children = ChildIsolation(verify_limits=limits, render_limits=limits)
    try:
        (verified,) = children.verify_signature(
            b"{}", NeighbourKind.SIGSTORE, Path(file), "demo.whl", Sha256.of(DATA), ()
        )
        facts = children.read_key(b"garbage")
    finally:
        children.close()
    assert (verified.outcome, verified.sentence.startswith("Not verified")) == (Outcome.UNVERIFIED, True)
    assert facts.problem
