"""Digests: known values, chunks, and the text they are read from."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.digests import Digester, Digests, Sha256, digests_of, hex_digests
from homeport.domain.errors import Invalid

ABC = Digests(
    Sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
    "900150983cd24fb0d6963f7d28e17f72",
)


def test_known_values() -> None:
    """The digests are those that the algorithms' authors publish for ``abc``."""
    assert digests_of([b"abc"]) == ABC
    assert Sha256.of(b"abc") == ABC.sha256
    assert str(ABC.sha256) == ABC.sha256.hex


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_chunks_do_not_matter(chunks: list[bytes]) -> None:
    """However bytes are cut, their digests and their size are those of the whole."""
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    whole = b"".join(chunks)
    assert digester.digests() == digests_of(chunks) == digests_of([whole])
    assert digester.size_bytes == len(whole)
    assert hex_digests(chunks, ["sha256", "md5"]) == hex_digests([whole], ["md5", "sha256"])


def test_hex_digests() -> None:
    """Every algorithm that is asked for is computed, and no other."""
    names = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
    have = hex_digests([b"a", b"bc"], names)
    assert have == {name: hashlib.new(name, b"abc", usedforsecurity=False).hexdigest() for name in names}
    assert hex_digests([b"abc"], []) == {}


@pytest.mark.parametrize("text", [ABC.sha256.hex, ABC.sha256.hex.upper(), f"  {ABC.sha256.hex}\n"])
def test_sha256_is_read(text: str) -> None:
    """A digest is read in either case, with blanks around it, into one spelling."""
    assert Sha256.parse(text) == ABC.sha256


@pytest.mark.parametrize(
    "text",
    ["", "0", "g" * 64, "0" * 63, "0" * 65, "0" * 32 + " " + "0" * 31, "sha256:" + "0" * 64, "\uff10" * 64, "0x" + "0" * 62],
)  # fmt: skip
def test_no_sha256(text: str) -> None:
    """Anything but 64 hexadecimal digits is refused."""
    with pytest.raises(Invalid) as caught:
        Sha256.parse(text)
    assert caught.value.code == "digest-invalid"


def test_sha256_is_ordered() -> None:
    """Digests sort by their text."""
    assert sorted([Sha256("b" * 64), Sha256("a" * 64)]) == [Sha256("a" * 64), Sha256("b" * 64)]
