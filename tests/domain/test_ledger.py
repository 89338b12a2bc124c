"""The ledger: fixed bytes, sealed hashes, and that no change to what was written goes unseen."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builders import NOW

from homeport.domain.ledger import (
    FORMAT,
    GENESIS,
    Entry,
    Kind,
    Sealed,
    Verification,
    chain_hash,
    leaf_hash,
    seal,
    verify,
)

LENGTH = 50

# Written down once: whoever changes the format changes every ledger there is.
GOLDEN = Entry(
    seq=1,
    at=datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC),
    kind=Kind.FILE_PUBLISHED,
    actor="alice",
    project="demo",
    details={"version": "1.0", "filename": "demo-1.0.tar.gz", "size": 5, "rehost": None, "by": ["é", True]},
)
GOLDEN_BODY = (
    '{"actor":"alice","at":"2026-03-04T05:06:07.000089Z",'
    '"details":{"by":["é",true],"filename":"demo-1.0.tar.gz","rehost":null,"size":5,"version":"1.0"},'
    '"format":"homeport-ledger-1","kind":"file-published","project":"demo","seq":1}'
).encode()
GOLDEN_GENESIS = "140d69e573d9082d7ba02e1004fc46ad1c85c77fe0738f9f48617936676d11d8"
GOLDEN_LEAF = "21ce7954a4fb227d6f40795e463bff67ce4088814135f48358e3e53bc7fc23e3"
GOLDEN_CHAIN = "76f900938895d2e13832dcc3ae2e46eaa4fa2b1f5eb645ff49dfdc67da6e82ef"


def ledger(length: int = LENGTH) -> list[Sealed]:
    """A ledger that is as it should be."""
    entries: list[Sealed] = []
    for seq in range(1, length + 1):
        entry = Entry(seq, NOW + timedelta(seconds=seq), Kind.FILE_PUBLISHED, "alice", "demo", {"n": seq})
        entries.append(seal(entry, entries[-1].chain_hash if entries else GENESIS))
    return entries


GOOD = ledger()


def test_the_format_is_written_down() -> None:
    """An entry has the bytes, and the hashes, that it had when the format was fixed."""
    assert (FORMAT, GENESIS) == ("homeport-ledger-1", GOLDEN_GENESIS)
    assert GOLDEN.to_bytes() == GOLDEN_BODY
    assert seal(GOLDEN, GENESIS) == Sealed(1, GOLDEN_BODY, GOLDEN_LEAF, GOLDEN_CHAIN)


def test_the_kinds_are_written_down() -> None:
    """The kinds of entries that were ever written keep their names; new ones are only added."""
    assert {
        "user-added", "project-created", "role-granted", "mode-changed", "source-added", "release-registered",
        "file-published", "standing-consent-given", "consent-given", "consent-withdrawn", "rehost-refused",
        "rehost-completed",
    } <= set(Kind)  # fmt: skip


def test_hashes_are_those_of_the_specification() -> None:
    """A leaf is hashed behind a zero byte (RFC 6962), a link of the chain from the raw bytes of both hashes."""
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert chain_hash("00" * 32, "ff" * 32) == hashlib.sha256(b"\x00" * 32 + b"\xff" * 32).hexdigest()


def test_time_is_written_in_utc() -> None:
    """The same moment has the same bytes, in whatever zone it is told."""
    elsewhere = replace(GOLDEN, at=GOLDEN.at.astimezone(timezone(timedelta(hours=-7))))
    assert elsewhere.to_bytes() == GOLDEN_BODY


@given(st.permutations(list(GOLDEN.details)))
def test_the_order_of_details_does_not_matter(keys: list[str]) -> None:
    """Details that are equal are the same bytes."""
    shuffled = replace(GOLDEN, details={key: GOLDEN.details[key] for key in keys})
    assert shuffled.to_bytes() == GOLDEN_BODY


@pytest.mark.parametrize("details", [{"n": 1.0}, {"n": [{"m": float("nan")}]}])
def test_floats_are_refused(details: Any) -> None:
    """An entry with a float cannot be sealed."""
    with pytest.raises(TypeError):
        seal(replace(GOLDEN, details=details), GENESIS)


def test_every_field_counts() -> None:
    """Whatever an entry says differently, it has another hash."""
    others = [
        replace(GOLDEN, seq=2),
        replace(GOLDEN, at=GOLDEN.at + timedelta(microseconds=1)),
        replace(GOLDEN, kind=Kind.MODE_CHANGED),
        replace(GOLDEN, actor="bob"),
        replace(GOLDEN, project="other"),
        replace(GOLDEN, details={}),
    ]
    assert len({seal(entry, GENESIS).chain_hash for entry in [GOLDEN, *others]}) == len(others) + 1
    assert seal(GOLDEN, GENESIS).chain_hash != seal(GOLDEN, GOLDEN_LEAF).chain_hash


@pytest.mark.parametrize("length", [0, 1, 2, LENGTH])
def test_an_untouched_ledger_holds(length: int) -> None:
    """Every entry is counted, and the head is the hash of the last one."""
    entries = GOOD[:length]
    assert verify(iter(entries)) == Verification(length, entries[-1].chain_hash if entries else GENESIS)


def flipped_bits(data: bytes) -> Iterator[bytes]:
    """``data`` once for each of its bits, with that bit turned over."""
    for at, byte in enumerate(data):
        for bit in range(8):
            yield data[:at] + bytes([byte ^ (1 << bit)]) + data[at + 1 :]


def changed(sealed: Sealed) -> Iterator[Sealed]:
    """``sealed`` once for each bit of its bytes and of its hashes, with that bit turned over."""
    yield from (replace(sealed, body=body) for body in flipped_bits(sealed.body))
    yield from (
        replace(sealed, leaf_hash=leaf.hex()) for leaf in flipped_bits(bytes.fromhex(sealed.leaf_hash))
    )
    yield from (
        replace(sealed, chain_hash=chain.hex()) for chain in flipped_bits(bytes.fromhex(sealed.chain_hash))
    )


def test_every_flipped_bit_is_seen() -> None:
    """One bit of the bytes or hashes of any entry: the ledger holds up to the entry before, and no further."""
    for at, sealed in enumerate(GOOD):
        before = verify(GOOD[:at])
        problem = f"Entry {sealed.seq} was changed: its hashes do not match its bytes."
        wanted = replace(before, problem=problem)
        for wrong in changed(sealed):
            assert verify([*GOOD[:at], wrong]) == wanted


@pytest.mark.parametrize("at", range(LENGTH - 1))
def test_a_missing_entry_is_seen(at: int) -> None:
    """An entry, or everything from it on but the last, cannot be taken out."""
    without_one = verify(GOOD[:at] + GOOD[at + 1 :])
    assert without_one.problem == f"Entry {at + 1} is missing: entry {at + 2} stands in its place."
    assert (without_one.entries, without_one.head) == (at, GOOD[at - 1].chain_hash if at else GENESIS)
    assert verify([*GOOD[:at], GOOD[-1]]).entries == at
    assert verify([*GOOD[:at], GOOD[-1]]).problem


@given(st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
@settings(max_examples=200)
def test_moved_and_repeated_entries_are_seen(one: int, other: int) -> None:
    """Entries cannot change places, and none can stand twice."""
    swapped = list(GOOD)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert bool(verify(swapped).problem) is (one != other)
    assert verify([*GOOD[: other + 1], GOOD[one], *GOOD[other + 1 :]]).problem


def test_a_renumbered_entry_is_seen() -> None:
    """An entry that is given another's number still has its own hashes."""
    gap = [*GOOD[:10], *(replace(sealed, seq=sealed.seq - 1) for sealed in GOOD[11:])]
    assert verify(gap) == Verification(
        10, GOOD[9].chain_hash, "Entry 11 was changed: its hashes do not match its bytes."
    )


def test_a_resealed_entry_breaks_the_chain_after_it() -> None:
    """Whoever rewrites an entry and its own hashes cannot make the next one follow it."""
    forged = seal(Entry(20, NOW, Kind.FILE_PUBLISHED, "mallory", "demo", {}), GOOD[18].chain_hash)
    verification = verify([*GOOD[:19], forged, *GOOD[20:]])
    assert (verification.entries, bool(verification.problem)) == (20, True)
    assert verification.head != GOOD[19].chain_hash
