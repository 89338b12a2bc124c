"""Evidence: every way of the file, every way of the page, everything that is said (design §4, row by row)."""

import hashlib
from itertools import product

import pytest
from tests.support.builders import NOW, digests

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.evidence import Evidence, Hearing, Level, Way, mismatches, weigh
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.sighting import Sighting
from homeport.domain.signature import Outcome, Signature, Signer

CONTENT = b"bytes"
SHA256, OTHER = digests(CONTENT).sha256, "0" * 64
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
HAVE = {name: hashlib.new(name, CONTENT, usedforsecurity=False).hexdigest() for name in ALGORITHMS}

WAYS = {
    "tls": Way(is_tls=True, is_loopback=False),
    "tls here": Way(is_tls=True, is_loopback=True),
    "plain": Way(is_tls=False, is_loopback=False),
    "plain here": Way(is_tls=False, is_loopback=True),
}
PAGES: dict[str, Way | None] = {"no page": None, **WAYS}

PLAIN, LOCAL, TLS, CORROBORATED = "plain", "plain, here", "tls", "corroborated"
# (file, page): without anything that corroborates, and with it.
TABLE = {
    ("tls", "no page"): (TLS, CORROBORATED),
    ("tls", "tls"): (TLS, CORROBORATED),
    ("tls", "tls here"): (TLS, CORROBORATED),
    ("tls", "plain"): (PLAIN, PLAIN),
    ("tls", "plain here"): (LOCAL, LOCAL),
    ("tls here", "no page"): (TLS, CORROBORATED),
    ("tls here", "tls"): (TLS, CORROBORATED),
    ("tls here", "tls here"): (TLS, CORROBORATED),
    ("tls here", "plain"): (PLAIN, PLAIN),
    ("tls here", "plain here"): (LOCAL, LOCAL),
    ("plain", "no page"): (PLAIN, PLAIN),
    ("plain", "tls"): (PLAIN, CORROBORATED),
    ("plain", "tls here"): (PLAIN, CORROBORATED),
    ("plain", "plain"): (PLAIN, PLAIN),
    ("plain", "plain here"): (PLAIN, PLAIN),
    ("plain here", "no page"): (LOCAL, LOCAL),
    ("plain here", "tls"): (LOCAL, CORROBORATED),
    ("plain here", "tls here"): (LOCAL, CORROBORATED),
    ("plain here", "plain"): (PLAIN, PLAIN),
    ("plain here", "plain here"): (LOCAL, LOCAL),
}
SEEN = Sighting("https://a.test/f", SHA256.hex, "a.test", is_tls=True, first_at=NOW, last_at=NOW)


def claim(algorithm: str, kind: ClaimKind = ClaimKind.LINK, **fields: bool) -> Claim:
    """A claim that holds and came over TLS, unless ``fields`` say otherwise."""
    told = {"is_tls": True, "holds": True, **fields}
    return Claim(kind, algorithm, HAVE[algorithm], "https://a.test/", **told)


def signature(outcome: Outcome = Outcome.GOOD, *, is_named: bool = True) -> Signature:
    """A signature beside the file."""
    return Signature(
        NeighbourKind.SIGSTORE, "https://a.test/s", outcome, "Why.", Signer("ada", "b"), is_named
    )


WEAK = {
    "nothing": Hearing(),
    "md5, sha1 and sha224": Hearing(tuple(map(claim, ("md5", "sha1", "sha224")))),
    "a claim over plain HTTP": Hearing((claim("sha256", is_tls=False),)),
    "a claim that does not hold": Hearing((claim("sha256", holds=False),)),
    "a signature by nobody who was named": Hearing(signatures=(signature(is_named=False),)),
    "a signature that was not verified": Hearing(signatures=(signature(Outcome.UNVERIFIED),)),
    "a bad signature": Hearing(signatures=(signature(Outcome.BAD),)),
    "another declared sha256": Hearing(declared_sha256=OTHER),
}
CORROBORATING = {
    **{
        f"{algorithm} by a {kind.value}": Hearing((claim("md5"), claim(algorithm, kind)))
        for algorithm, kind in product(("sha256", "sha384", "sha512"), ClaimKind)
    },
    "the same bytes a day later": Hearing(seen_before=SEEN),
}


def told(evidence: Evidence) -> str:
    """The level, and whether plain bytes stayed on this machine."""
    return LOCAL if evidence.level is Level.PLAIN and evidence.is_loopback else evidence.level.value


def test_the_table_is_whole() -> None:
    """Every way of a file and of a page has a row."""
    assert set(TABLE) == set(product(WAYS, PAGES))


@pytest.mark.parametrize(("file", "page"), TABLE)
def test_level(file: str, page: str) -> None:
    """Only a strong claim over TLS, or a second sight, corroborates; one plain hop makes the whole way plain."""
    without, with_proof = TABLE[file, page]
    for name, testimony in WEAK.items():
        assert told(weigh(WAYS[file], PAGES[page], testimony, SHA256)) == without, name
    for name, testimony in CORROBORATING.items():
        assert told(weigh(WAYS[file], PAGES[page], testimony, SHA256)) == with_proof, name


@pytest.mark.parametrize(("file", "page"), TABLE)
def test_declared_and_attested(file: str, page: str) -> None:
    """What the maintainer sent is declared, what a named signer signed attested, in whatever way the bytes came."""
    for claims in ((), (claim("sha256"),)):
        declared = Hearing(claims, SHA256.hex.upper())
        assert weigh(WAYS[file], PAGES[page], declared, SHA256).level is Level.DECLARED
        signed = Hearing(claims, SHA256.hex, (signature(Outcome.UNVERIFIED), signature()))
        evidence = weigh(WAYS[file], PAGES[page], signed, SHA256)
        assert evidence.level is Level.ATTESTED
        assert "ada (b)" in evidence.sentence
        assert not evidence.needs_confirmed_sha256


@pytest.mark.parametrize(
    ("file", "page", "sentence"),
    [
        ("plain", "tls", "Plain HTTP: anyone on the way could have changed these bytes."),
        ("plain", "no page", "Plain HTTP: anyone on the way could have changed these bytes."),
        ("tls", "plain", "Plain HTTP led to this file: anyone on the way could have named another."),
    ],
)
def test_what_was_plain_is_told(file: str, page: str, sentence: str) -> None:
    """A maintainer reads whether the bytes, or what led to them, could have been changed."""
    assert weigh(WAYS[file], PAGES[page], Hearing(), SHA256) == Evidence(Level.PLAIN, sentence)


def test_what_corroborates_is_told() -> None:
    """A maintainer reads who claims the digest, or since when the bytes are the same."""
    tls = WAYS["tls"]
    by_list = Hearing((claim("sha512", ClaimKind.CHECKSUMS),))
    assert weigh(tls, tls, by_list, SHA256).sentence == (
        "The checksum file https://a.test/ claims this sha512, and was read over verified TLS."
    )
    assert "2026-03-04 at 05:06 UTC" in weigh(tls, tls, Hearing(seen_before=SEEN), SHA256).sentence


@pytest.mark.parametrize(("level", "is_loopback"), [*product(Level, [False, True])])
def test_what_needs_a_confirmed_sha256(level: Level, *, is_loopback: bool) -> None:
    """Plain bytes that crossed a network need a person who names their sha256; no others do."""
    needs = Evidence(level, "", is_loopback).needs_confirmed_sha256
    assert needs is (level is Level.PLAIN and not is_loopback)


def test_levels_are_ordered() -> None:
    """The levels are listed weakest first."""
    assert list(Level) == [Level.PLAIN, Level.TLS, Level.CORROBORATED, Level.DECLARED, Level.ATTESTED]


@pytest.mark.parametrize("wrong", ALGORITHMS)
def test_one_wrong_hash_among_right_ones(wrong: str) -> None:
    """Right hashes, and a right declaration, do not outweigh a wrong one, whatever its algorithm and way."""
    claims = [claim(name) for name in ALGORITHMS]
    assert mismatches(claims, HAVE["sha256"].upper(), HAVE) == ()
    lie = Claim(ClaimKind.LINK, wrong, "0" * len(HAVE[wrong]), "http://b.test/")
    (problem,) = mismatches([*claims, lie], HAVE["sha256"], HAVE)
    assert problem == (
        f"The link on http://b.test/ claims {wrong} {lie.value}, but the bytes have {HAVE[wrong]}."
    )


def test_every_mismatch_is_told() -> None:
    """All wrong claims are told at once, the maintainer's last."""
    lies = [Claim(ClaimKind.LINK, "md5", "1"), Claim(ClaimKind.CHECKSUMS, "sha256", "2", "https://a.test/s")]
    problems = mismatches(lies, OTHER, HAVE)
    assert [problem.split(",")[0] for problem in problems] == [
        "The link on a place that is not remembered claims md5 1",
        "The checksum file https://a.test/s claims sha256 2",
        f"The maintainer declared sha256 {OTHER}",
    ]
    assert mismatches([], "", HAVE) == ()
