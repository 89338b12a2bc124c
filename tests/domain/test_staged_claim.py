"""What is claimed of a staged file is read strictly, and the bytes are held to all of it (U06, U07)."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, dictionaries, integers, none, recursive, sampled_from, text

from homeport.domain.digests import digests_of
from homeport.domain.errors import Invalid
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import MECHANISM_UNKNOWN, Claim, Hashing, read_claim

NAME, VERSION = ProjectName("lark"), ReleaseVersion.parse("1.0")
DATA = b"some bytes"
GOOD: dict[str, object] = {
    "filename": "lark-1.0-py3-none-any.whl",
    "size": len(DATA),
    "hashes": {"sha256": hashlib.sha256(DATA).hexdigest()},
    "mechanism": "http-post-bytes",
}
ALGORITHMS = sorted(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake_"))


def read(**changes: object) -> Claim:
    """The claim, with some of it changed."""
    return read_claim(NAME, VERSION, GOOD | changes)


def test_a_claim_is_read() -> None:
    """Name, size and every hash, in lower case; any spelling of the version will do."""
    digest = hashlib.sha256(DATA).hexdigest()
    claim = read(hashes={"sha256": digest.upper(), "md5": "0" * 32}, filename="Lark-1.0.0-py3-none-any.whl")
    assert claim.hashes == (("md5", "0" * 32), ("sha256", digest))
    assert (claim.size_bytes, claim.file.filename) == (len(DATA), "Lark-1.0.0-py3-none-any.whl")


@pytest.mark.parametrize(
    "changes",
    [
        {"filename": "lark-1.0.exe"},
        {"filename": "../lark-1.0-py3-none-any.whl"},
        {"filename": "lark-1.0-py3-none-any.whl\n"},
        {"filename": "wren-1.0-py3-none-any.whl"},
        {"filename": "lark-2.0-py3-none-any.whl"},
        {"filename": 3},
        {"filename": None},
        {"size": -1},
        {"size": 0},
        {"size": True},
        {"size": "12"},
        {"size": 2**63},
        {"hashes": None},
        {"hashes": []},
        {"hashes": {}},
        {"hashes": {"md5": "0" * 32}},
        {"hashes": {"sha1": "0" * 40, "md5": "0" * 32}},
        {"hashes": {"sha256": "0" * 63}},
        {"hashes": {"sha256": "g" * 64}},
        {"hashes": {"sha256": "0" * 63 + "\n"}},
        {"hashes": {"sha256": 5}},
        {"hashes": {"sha256": "0" * 64, "crc32": "0" * 8}},
        {"hashes": {"shake_128": "0" * 64}},
        {"hashes": {str(number): "" for number in range(99)}},
    ],
)
def test_u06_a_claim_that_is_none(changes: dict[str, object]) -> None:
    """U06: a name that is not the release's, a size or hashes that cannot be, are refused."""
    with pytest.raises(Invalid) as refused:
        read(**changes)
    assert refused.value.code == "staged-file-invalid"


@pytest.mark.parametrize("mechanism", ["http-put", "", None, 3, []])
def test_u06_an_unknown_mechanism_comes_first(mechanism: object) -> None:
    """U06: a mechanism that is not known has a code of its own, whatever else is wrong."""
    with pytest.raises(Invalid) as refused:
        read(mechanism=mechanism, size=-1)
    assert refused.value.code == MECHANISM_UNKNOWN


def test_everything_wrong_is_told_at_once() -> None:
    """One refusal has all problems: project, version, size, the hash, and that there is no secure one."""
    with pytest.raises(Invalid) as refused:
        read(filename="wren-2.0-py3-none-any.whl", size=-1, hashes={"md5": "x"})
    assert len(refused.value.problems) == 5


@settings(max_examples=50)
@given(
    dictionaries(
        sampled_from(["filename", "size", "hashes", "x"]),
        recursive(none() | text() | integers(), lambda inner: dictionaries(text(), inner, max_size=3)),
    )
)
def test_whatever_comes_is_refused_or_read(values: dict[str, object]) -> None:
    """No document makes the reading fail otherwise than by a refusal."""
    with suppress(Invalid):
        assert read_claim(NAME, VERSION, GOOD | values).size_bytes > 0


@settings(max_examples=50)
@given(binary(max_size=50), sampled_from(ALGORITHMS), binary(max_size=3))
def test_u07_every_hash_is_held_to(data: bytes, algorithm: str, more: bytes) -> None:
    """U07: of every algorithm there is, the right digest passes, and of other bytes none does."""
    digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
    claim = Claim(read().file, len(data), ((algorithm, digest),))
    hashing = Hashing(claim)
    came = data + more
    for byte in came:
        hashing.update(bytes([byte]))
    problems = hashing.problems(len(came), digests_of([came]))
    assert len(problems) == (2 if more else 0)
    assert all(algorithm in problem or "announced" in problem for problem in problems)
