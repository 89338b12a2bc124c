"""Canonical JSON: one value, one spelling."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.canonical import Plain, canonical_bytes

EXACT = 2**53 - 1
ascii_keys = st.text(st.characters(max_codepoint=127), max_size=5)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_keys, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        (None, b"null"),
        (True, b"true"),
        (1, b"1"),
        (-EXACT, b"-9007199254740991"),
        ("", b'""'),
        ("é€😀", b'"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"'),
        ('"\\/', b'"\\"\\\\/"'),
        ("\b\f\n\r\t\x00\x1f\x7f", b'"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
        ([], b"[]"),
        (("a", [1, None]), b'["a",[1,null]]'),
        ({"b": 1, "a": {"z": [], "B": False}}, b'{"a":{"B":false,"z":[]},"b":1}'),
        ({"10": 0, "9": 0, "": 0, "A": 0, "a": 0}, b'{"":0,"10":0,"9":0,"A":0,"a":0}'),
    ],
)
def test_spelling(value: Plain, spelling: bytes) -> None:
    """The spelling is that of RFC 8785: sorted keys, no blanks, only the escapes that must be."""
    assert canonical_bytes(value) == spelling


@given(plain_values)
def test_reads_as_what_was_written(value: Any) -> None:
    """The spelling is JSON of the same value, and spells that value again."""
    written = canonical_bytes(value)
    assert json.loads(written) == value
    assert canonical_bytes(json.loads(written)) == written


@given(st.dictionaries(ascii_keys, plain_values, min_size=2, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    """Two objects that are equal are spelled alike."""
    keys = list(value)
    random.shuffle(keys)
    assert canonical_bytes({key: value[key] for key in keys}) == canonical_bytes(value)


@pytest.mark.parametrize(
    "bad", [1.0, float("nan"), float("inf"), EXACT + 1, -EXACT - 1, {"é": 1}, b"bytes", {1}]
)
def test_what_has_no_one_spelling(bad: Any) -> None:
    """What languages spell differently is a mistake, however deep it stands."""
    for value in (bad, [bad], {"a": {"b": [bad]}}):
        with pytest.raises(TypeError):
            canonical_bytes(value)


def test_no_unicode_text() -> None:
    """A lone surrogate is no text: it has no UTF-8."""
    with pytest.raises(UnicodeEncodeError):
        canonical_bytes({"a": "\ud800"})
