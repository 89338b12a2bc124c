"""Evidence: every way of the file, every way of the page, every claim."""

import hashlib
from itertools import product

import pytest
from tests.support.builders import digests

from homeport.domain.evidence import Evidence, Level, Way, mismatches, weigh

CONTENT = b"bytes"
DIGESTS = digests(CONTENT)
SHA256, OTHER = DIGESTS.sha256.hex, "0" * 64

WAYS = {
    "tls": Way(is_tls=True, is_loopback=False),
    "tls here": Way(is_tls=True, is_loopback=True),
    "plain": Way(is_tls=False, is_loopback=False),
    "plain here": Way(is_tls=False, is_loopback=True),
}
PAGES: dict[str, Way | None] = {"no page": None, **WAYS}

PLAIN, LOCAL, TLS, CORROBORATED = "plain", "plain, here", "tls", "corroborated"
# (file, page): without a sha256 on the page, and with it.
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
WITHOUT_SHA256: list[dict[str, str]] = [
    {},
    {"md5": DIGESTS.md5},
    {"sha512": hashlib.sha512(CONTENT).hexdigest()},
    {"sha256": OTHER},
]
WITH_SHA256 = [{"sha256": SHA256}, {"sha256": SHA256.upper()}, {"md5": DIGESTS.md5, "sha256": SHA256}]


def told(evidence: Evidence) -> str:
    """The level, and whether plain bytes stayed on this machine."""
    return LOCAL if evidence.level is Level.PLAIN and evidence.is_loopback else evidence.level.value


def test_the_table_is_whole() -> None:
    """Every way of a file and of a page has a row."""
    assert set(TABLE) == set(product(WAYS, PAGES))


@pytest.mark.parametrize(("file", "page"), TABLE)
def test_level(file: str, page: str) -> None:
    """Only a sha256 read over TLS corroborates; one plain hop of page or file makes the whole way plain."""
    without, with_sha256 = TABLE[file, page]
    for declared, claim_is_tls in product(["", OTHER], [True, False]):
        for claimed in [*WITHOUT_SHA256, *WITH_SHA256]:
            evidence = weigh(WAYS[file], PAGES[page], claimed, declared, DIGESTS, claim_is_tls=claim_is_tls)
            is_proof = claimed in WITH_SHA256 and claim_is_tls
            assert told(evidence) == (with_sha256 if is_proof else without)


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
    evidence = weigh(WAYS[file], PAGES[page], {}, "", DIGESTS, claim_is_tls=False)
    assert evidence == Evidence(Level.PLAIN, sentence)


@pytest.mark.parametrize(("file", "page"), TABLE)
def test_declared(file: str, page: str) -> None:
    """A sha256 that the maintainer sent is declared, in whatever way the bytes came."""
    cases = product([*WITHOUT_SHA256, *WITH_SHA256], [SHA256, SHA256.upper()], [True, False])
    for claimed, declared, claim_is_tls in cases:
        evidence = weigh(WAYS[file], PAGES[page], claimed, declared, DIGESTS, claim_is_tls=claim_is_tls)
        assert evidence.level is Level.DECLARED
        assert not evidence.needs_confirmed_sha256


@pytest.mark.parametrize(("level", "is_loopback"), [*product(Level, [False, True])])
def test_what_needs_a_confirmed_sha256(level: Level, *, is_loopback: bool) -> None:
    """Plain bytes that crossed a network need a person who names their sha256; no others do."""
    needs = Evidence(level, "", is_loopback).needs_confirmed_sha256
    assert needs is (level is Level.PLAIN and not is_loopback)


def test_levels_are_ordered() -> None:
    """The levels are listed weakest first."""
    assert list(Level) == [Level.PLAIN, Level.TLS, Level.CORROBORATED, Level.DECLARED]


ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
HAVE = {name: hashlib.new(name, CONTENT, usedforsecurity=False).hexdigest() for name in ALGORITHMS}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_any_claimed_hash_counts(name: str) -> None:
    """A claimed hash of any algorithm is compared, in either case, and a wrong one is named."""
    assert mismatches({name: HAVE[name]}, "", HAVE) == ()
    assert mismatches({name: HAVE[name].upper()}, "", HAVE) == ()
    wrong = "0" * len(HAVE[name])
    assert mismatches({name: wrong}, "", HAVE) == (
        f"The link claims {name} {wrong}, but the bytes have {HAVE[name]}.",
    )
    assert mismatches({name: HAVE[name][:-1]}, "", HAVE)


@pytest.mark.parametrize("wrong", ALGORITHMS)
def test_one_wrong_hash_among_right_ones(wrong: str) -> None:
    """Right hashes, and a right declaration, do not outweigh a wrong one."""
    problems = mismatches(HAVE | {wrong: "0"}, HAVE["sha256"], HAVE)
    assert len(problems) == 1
    assert f"claims {wrong} 0" in problems[0]


def test_every_mismatch_is_told() -> None:
    """All wrong claims are told at once, the maintainer's last; a right declaration, in either case, is none."""
    problems = mismatches({"md5": "1", "sha256": "2"}, OTHER, HAVE)
    assert [problem.split(",")[0] for problem in problems] == [
        "The link claims md5 1",
        "The link claims sha256 2",
        f"The maintainer declared sha256 {OTHER}",
    ]
    assert mismatches({}, HAVE["sha256"].upper(), HAVE) == ()
    assert mismatches({}, "", HAVE) == ()
