"""Checksum files: every way to write one, and what is none."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.known_hashes import Unread
from homeport.formats.checksums import MAX_LINES, read_checksums, unread_lines

A, B = hashlib.sha256(b"a").hexdigest(), hashlib.sha256(b"b").hexdigest()
LONG, LONGER = hashlib.sha384(b"a").hexdigest(), hashlib.sha512(b"a").hexdigest()
WHEEL = "demo-1.0-py3-none-any.whl"


def read(text: str, about: str = "") -> dict[str, tuple[tuple[str, str], ...]]:
    """What is claimed, by file name."""
    return {offer.filename: offer.claimed for offer in read_checksums(text.encode(), about).offers}


@pytest.mark.parametrize(
    ("line", "algorithm", "digest"),
    [
        (f"{A}  {WHEEL}", "sha256", A),
        (f"{A} *{WHEEL}", "sha256", A),
        (f"{A}\t{WHEEL}", "sha256", A),
        (f"{A.upper()}  ./{WHEEL}", "sha256", A),
        (f"{A}  dist/{WHEEL}", "sha256", A),
        (f"  {A}  {WHEEL}  ", "sha256", A),
        (f"{LONG}  {WHEEL}", "sha384", LONG),
        (f"{LONGER}  {WHEEL}", "sha512", LONGER),
        (f"SHA256 ({WHEEL}) = {A}", "sha256", A),
        (f"SHA2-256 ({WHEEL}) = {A}", None, None),
        (f"SHA512 ({WHEEL}) = {LONGER}", "sha512", LONGER),
        (f"SHA512 ({WHEEL}) = {A}", None, None),
        (f"MD5 ({WHEEL}) = {A[:32]}", None, None),
        (f"{A[:40]}  {WHEEL}", None, None),
        (f"{A}0  {WHEEL}", None, None),
        (f"{A}  ../{WHEEL}", None, None),
        (f"{A}  dist/", None, None),
        (f"\\{A}  {WHEEL}", None, None),
        (f"# {A}  {WHEEL}", None, None),
        (A, None, None),
        ("x" * 2_000, None, None),
        ("", None, None),
    ],
)
def test_a_line(line: str, algorithm: str | None, digest: str | None) -> None:
    """A line claims what its format says, and nothing when it has none."""
    assert read(line) == ({WHEEL: ((algorithm, digest),)} if algorithm else {})


@pytest.mark.parametrize("text", [A, f"{A}\n", f"{A}  {WHEEL}\n", f"{A}  dist/{WHEEL}", f"\ufeff{A}\r\n"])
def test_a_file_about_one_file(text: str) -> None:
    """A checksum file that is named after its file may leave out the name."""
    assert read(text, WHEEL) == {WHEEL: (("sha256", A),)}


def test_a_file_about_one_file_may_name_another() -> None:
    """What is written in a line counts, whatever the checksum file is called."""
    assert read(f"{A}  other.whl", WHEEL) == {"other.whl": (("sha256", A),)}


def test_many_lines_and_algorithms() -> None:
    """One file may be claimed by several algorithms; the same line twice is one claim; signatures around are ignored."""
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{A}  a.whl\n{A}  a.whl\n{LONGER}  a.whl\n{B}  b.whl\n"
    assert read(text) == {"a.whl": (("sha256", A), ("sha512", LONGER)), "b.whl": (("sha256", B),)}


def test_a_file_that_contradicts_itself_is_not_believed() -> None:
    """Two digests of one algorithm for one name make every line worthless, and that is told."""
    offers = read_checksums(f"{A}  a.whl\n{B}  a.whl\n{B}  b.whl\n".encode())
    assert offers.offers == ()
    assert "'a.whl'" in offers.problem


def test_lines_are_bounded() -> None:
    """Lines beyond the limit are not read, and that is told."""
    offers = read_checksums(b"\n" * MAX_LINES + f"{A}  a.whl\n".encode())
    assert (offers.offers, bool(offers.problem)) == ((), True)


NAMES = st.from_regex(r"[a-z0-9_.+-]{1,30}\.(whl|tar\.gz)", fullmatch=True)


@given(
    st.dictionaries(NAMES, st.binary(max_size=9), max_size=8),
    st.sampled_from(["  ", " *", "\t"]),
    st.booleans(),
)
def test_what_is_written_is_read(files: dict[str, bytes], gap: str, bsd: bool) -> None:
    """Whatever names and digests, both styles are read back as they were written."""
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    lines = [f"SHA256 ({n}) = {d}" if bsd else f"{d}{gap}{n}" for n, d in digests.items()]
    assert read("\n".join(lines)) == {name: (("sha256", digest),) for name, digest in digests.items()}


@given(st.binary(max_size=400), st.sampled_from(["", WHEEL]))
def test_any_bytes_are_read(page: bytes, about: str) -> None:
    """Whatever the bytes are, each claim has a plain name and a digest of its algorithm's length."""
    for offer in read_checksums(page, about).offers:
        assert offer.filename
        assert "/" not in offer.filename
        assert all(
            len(value) == {"sha256": 64, "sha384": 96, "sha512": 128}[name] for name, value in offer.claimed
        )


def test_what_was_not_understood_is_told() -> None:
    """Lines that claim nothing are told, the first few and cut; comments, empty lines and signatures are none of them."""
    lines = f"# ours\n\n; old\n{A}  {WHEEL}\nSHA256 ({WHEEL}) = {A}\n"
    assert unread_lines(lines.encode()) == Unread()
    signed = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{A}  {WHEEL}\n-----BEGIN PGP SIGNATURE-----\n\nAbc=\n"
        "-----END PGP SIGNATURE-----\n"
    )
    assert unread_lines(signed.encode()) == Unread()
    wrong = ["abc  demo.whl", "x" * 2_000, f"{A[:-1]}  {WHEEL}", f"{A}  {WHEEL} {'y' * 1_000}"]
    told = unread_lines((lines + "\n".join(wrong)).encode())
    assert told == Unread((wrong[0], "x" * 80, wrong[2][:80]), 4)
