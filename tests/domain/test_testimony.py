"""Claims, neighbours, signers and sightings: what each may say, and that it is stored as it was said."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import NOW

from homeport.domain.claim import Claim, ClaimKind, broken, compared
from homeport.domain.errors import Invalid
from homeport.domain.evidence import Way
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.neighbour import Neighbour, NeighbourKind, may_speak, neighbour_at
from homeport.domain.sighting import APART, Sighting, other_bytes, seen_before
from homeport.domain.signature import (
    GITHUB,
    GITLAB,
    Outcome,
    Signature,
    Signer,
    SigningIdentity,
    SigningKey,
    is_named,
    person_identity,
    repository_identity,
)

WHEEL = "demo-1.0-py3-none-any.whl"
AT = f"https://a.test/dl/{WHEEL}"
TEXTS = st.text(max_size=9)

# Claims


def test_claims_are_compared() -> None:
    """A claim holds when the bytes have it, in either case; one that does not is told with who made it."""
    claims = (
        Claim(ClaimKind.LISTING, "md5", "AB", "https://a.test/"),
        Claim(ClaimKind.SOURCE, "sha256", "cd"),
        Claim(ClaimKind.SOURCE, "sha256", "ce", AT),
    )
    assert [claim.holds for claim in compared(claims, {"md5": "ab", "sha256": "ef"})] == [True, False, False]
    assert broken(claims, {"md5": "ab", "sha256": "ef"}) == (
        "The source's own URL claims sha256 cd, but the bytes have ef.",
        f"The source {AT} claims sha256 ce, but the bytes have ef.",
    )


@given(
    st.builds(
        Claim, st.sampled_from(ClaimKind), TEXTS, TEXTS, TEXTS, st.booleans(), st.none() | st.booleans()
    )
)
def test_claims_round_trip(claim: Claim) -> None:
    """What is stored of a claim is all of it."""
    assert Claim.from_json(claim.to_json()) == claim


# Neighbours


@pytest.mark.parametrize(
    ("name", "kind", "about"),
    [
        ("SHA256SUMS", "checksums", ""),
        ("sha256sums.txt", "checksums", ""),
        ("SHA512SUMS", "checksums", ""),
        ("SHA256", "checksums", ""),
        ("demo-1.0.SHA256SUMS", "checksums", ""),
        ("demo_1.0_checksums.txt", "checksums", ""),
        ("CHECKSUMS", "checksums", ""),
        (f"{WHEEL}.sha256", "checksums", WHEEL),
        (f"{WHEEL}.sha512sum", "checksums", WHEEL),
        (f"{WHEEL}.sha256?download=1", "checksums", WHEEL),
        (f"{WHEEL}.asc", "openpgp", WHEEL),
        (f"{WHEEL}.sig", "openpgp", WHEEL),
        ("SHA256SUMS.asc", None, None),
        (f"{WHEEL}.sigstore", "sigstore", WHEEL),
        (f"{WHEEL}.sigstore.json", "sigstore", WHEEL),
        (f"{WHEEL}.publish.attestation", "provenance", WHEEL),
        (f"{WHEEL}.slsa.attestation", "provenance", WHEEL),
        (f"{WHEEL}.provenance", "provenance", WHEEL),
        (f"integrity/demo/1.0/{WHEEL}/provenance", "provenance", WHEEL),
        ("demo%2B1.whl.asc", "openpgp", "demo+1.whl"),
        (WHEEL, None, None),
        ("demo-1.0.tar.gz", None, None),
        (".asc", None, None),
        ("index.html", None, None),
    ],
)
def test_neighbours_are_known_by_their_names(name: str, kind: str | None, about: str | None) -> None:
    """A name says what a neighbour holds, and which file it speaks about."""
    neighbour = neighbour_at(f"https://a.test/dl/{name}", "https://a.test/", is_tls=True)
    if kind is None:
        assert neighbour is None
    else:
        assert neighbour is not None
        assert (neighbour.kind, neighbour.about) == (NeighbourKind(kind), about)
        assert (neighbour.page, neighbour.is_tls) == ("https://a.test/", True)
        assert neighbour.kind.is_signature is (kind != "checksums")
        assert Neighbour.from_json(neighbour.to_json()) == neighbour


@pytest.mark.parametrize(
    "url", ["", "ftp://a.test/SHA256SUMS", "https://a.test/provenance", "https://[/x.asc"]
)
def test_what_is_no_neighbour(url: str) -> None:
    """What we would not ask for, and a provenance of nothing, are no neighbours."""
    assert neighbour_at(url) is None


@pytest.mark.parametrize(
    ("url", "page", "may"),
    [
        ("https://a.test/dl/SHA256SUMS", "https://x.test/", True),
        ("https://a.test/dl/SHA256SUMS?x=/y/", "https://x.test/", True),
        ("https://a.test/SHA256SUMS", "https://a.test/page", True),
        ("https://a.test/SHA256SUMS", "https://x.test/", False),
        ("https://b.test/dl/SHA256SUMS", "https://x.test/", False),
        ("https://a.test/dl/other.whl.sha256", "https://a.test/page", False),
        (f"https://a.test/{WHEEL}.sha256", "https://a.test/page", True),
        (f"https://b.test/{WHEEL}.sha256", "https://x.test/", False),
    ],
)
def test_who_may_speak_about_a_file(url: str, page: str, may: bool) -> None:
    """A neighbour speaks about files of its folder, and of the page that names it; no place about another's (T-09)."""
    neighbour = neighbour_at(url, page)
    assert neighbour is not None
    assert may_speak(neighbour, WHEEL, f"{AT}#sha256=0", frozenset({"https://a.test/page"})) is may


# Signers


SIGNERS = st.none() | st.builds(Signer, TEXTS, TEXTS, TEXTS, TEXTS)


@given(
    st.builds(
        Signature,
        st.sampled_from(NeighbourKind),
        TEXTS,
        st.sampled_from(Outcome),
        TEXTS,
        SIGNERS,
        st.booleans(),
        TEXTS,
    )
)
def test_signatures_round_trip(signature: Signature) -> None:
    """What is stored of a signature is all of it; it proves only when it is good and its signer was named."""
    assert Signature.from_json(signature.to_json()) == signature
    assert signature.proves is (signature.outcome is Outcome.GOOD and signature.is_named)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("o/r",), SigningIdentity(GITHUB, "https://github.com/o/r")),
        (
            ("https://github.com/o/r/", "release.yml"),
            SigningIdentity(GITHUB, "https://github.com/o/r", "release.yml"),
        ),
        (("g/s/r", ".ci/p.yml", "gitlab"), SigningIdentity(GITLAB, "https://gitlab.com/g/s/r", ".ci/p.yml")),
    ],
)
def test_repositories(arguments: tuple[str, ...], expected: SigningIdentity) -> None:
    """A repository is named as its forge's certificates name it."""
    assert repository_identity(*arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("o",), "repository-invalid"),
        (("",), "repository-invalid"),
        (("o/r/x",), "repository-invalid"),
        (("o/..",), "repository-invalid"),
        (("o /r",), "repository-invalid"),
        (("https://evil.test/o/r",), "repository-invalid"),
        (("o/r", "a b"), "workflow-invalid"),
        (("o/r", "x@refs/heads/main"), "workflow-invalid"),
        (("o/r", "x" * 501), "workflow-invalid"),
        (("o/r", "", "sourceforge"), "forge-unknown"),
    ],
)
def test_what_is_no_repository(arguments: tuple[str, ...], code: str) -> None:
    """Anything but owner/name of a known forge is refused."""
    with pytest.raises(Invalid) as refusal:
        repository_identity(*arguments)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("subject", "issuer"),
    [("", "https://i.test"), ("ada", "http://i.test"), ("ada", ""), ("a" * 501, "https://i.test")],
)
def test_what_is_no_person(subject: str, issuer: str) -> None:
    """A person is a subject and the https URL of an issuer."""
    with pytest.raises(Invalid, match="An identity is"):
        person_identity(subject, issuer)
    assert person_identity(" ada@x.test ", " https://i.test ").subject == "ada@x.test"


REPOSITORY = repository_identity("Ada/demo", "release.yml")
OF_IT = Signer("https://github.com/ada/demo/x", GITHUB, "https://github.com/ada/Demo", "release.yml")


@pytest.mark.parametrize(
    ("identity", "signer", "named"),
    [
        (REPOSITORY, OF_IT, True),
        (repository_identity("ada/demo"), OF_IT, True),
        (repository_identity("ada/demo", "RELEASE.yml"), OF_IT, False),
        (repository_identity("ada/demo2"), OF_IT, False),
        (repository_identity("ada/demo", forge="gitlab"), OF_IT, False),
        (REPOSITORY, Signer("x", "https://evil.test", OF_IT.repository, OF_IT.workflow), False),
        (REPOSITORY, Signer("x", GITHUB), False),
        (person_identity("ada@x.test", "https://i.test"), Signer("ada@x.test", "https://i.test"), True),
        (person_identity("ada@x.test", "https://i.test"), Signer("ada@x.test", "https://j.test"), False),
        (person_identity("ada@x.test", "https://i.test"), Signer("bob@x.test", "https://i.test"), False),
    ],
)
def test_who_was_named(identity: SigningIdentity, signer: Signer, named: bool) -> None:
    """A signer was named when issuer and repository, and the workflow if any, or the subject, are those."""
    assert is_named(NeighbourKind.SIGSTORE, signer, (), (identity,)) is named
    assert not is_named(NeighbourKind.OPENPGP, signer, (), (identity,))


def test_named_keys() -> None:
    """For OpenPGP a signer is the fingerprint of a registered key, and nothing else."""
    key = SigningKey("ab" * 20, "", "ada", NOW)
    assert is_named(NeighbourKind.OPENPGP, Signer("ab" * 20), (key,), ())
    assert not is_named(NeighbourKind.OPENPGP, Signer("cd" * 20), (key,), ())
    assert not is_named(NeighbourKind.SIGSTORE, Signer("ab" * 20), (key,), ())
    assert not is_named(NeighbourKind.OPENPGP, None, (key,), ())


def test_signers_are_told() -> None:
    """A signer and an identity read as repository and workflow, or subject and issuer; one is known again by these."""
    assert REPOSITORY.key == (GITHUB, "https://github.com/Ada/demo", "release.yml", "")
    assert [
        str(Signer("s")),
        str(Signer("s", "i")),
        str(Signer("s", "i", "r")),
        str(Signer("s", "i", "r", "w")),
    ] == [
        "s",
        "s (i)",
        "r",
        "r (w)",
    ]
    assert [
        str(REPOSITORY),
        str(repository_identity("a/b")),
        str(person_identity("a", "https://i.test")),
    ] == [
        "https://github.com/Ada/demo (release.yml)",
        "https://github.com/a/b",
        "a (https://i.test)",
    ]


# Sightings


def seen(sha256: str = "a", days: float = 0, **fields: Any) -> Sighting:
    """What the URL gave so many days after the first look."""
    at = NOW + timedelta(days=days)
    told: dict[str, Any] = {"host": "a.test", "is_tls": True, **fields}
    return Sighting("https://a.test/f", sha256, first_at=at, last_at=at, **told)


@pytest.mark.parametrize(
    ("before", "is_repeated"),
    [
        ([], False),
        ([seen(days=1)], True),
        ([seen(days=1 + 1 / 86400)], False),
        ([seen(is_tls=False)], False),
        ([seen(host="cdn.test")], False),
        ([seen("b", -1), seen()], True),
        ([seen(), seen("b", 1)], False),
        ([seen("b", 0), seen()], False),
    ],
)
def test_the_same_bytes_a_day_later(before: list[Sighting], is_repeated: bool) -> None:
    """Only the same bytes, from the same host, over TLS both times, 24 hours apart and with none between, count (T-11)."""
    assert timedelta(hours=24) == APART
    now = seen(days=2)
    assert bool(seen_before(before, now)) is is_repeated
    assert seen_before(before, seen(days=2, is_tls=False)) is None


def test_other_bytes_at_the_same_url() -> None:
    """The newest of other bytes is told; bytes of other URLs are none."""
    elsewhere = Sighting("https://b.test/f", "d", "b.test", is_tls=True, first_at=NOW, last_at=NOW)
    before = [seen("b", 0), seen("c", 1), seen(), elsewhere]
    assert other_bytes(before, seen(days=2)) == before[1]
    assert other_bytes([seen(), elsewhere], seen(days=2)) is None


@given(
    st.builds(
        FetchFacts,
        TEXTS,
        TEXTS,
        TEXTS,
        st.integers(0, 599),
        TEXTS,
        TEXTS,
        TEXTS,
        st.booleans(),
        st.booleans(),
    ),
    st.sampled_from([("", "", ""), ("TLSv1.3", "ab", "CN=CA")]),
)
def test_fetch_facts_round_trip(facts: FetchFacts, tls: tuple[str, str, str]) -> None:
    """What is stored of a fetch is all of it."""
    protocol, leaf, issuer = tls
    stored = {
        **facts.to_json(),
        "tls": {"protocol": protocol, "leaf_sha256": leaf, "issuer": issuer} if protocol else None,
    }
    read = FetchFacts.from_json(stored)
    assert read.to_json() == stored
    assert read.way == Way(facts.is_tls, facts.is_loopback)
