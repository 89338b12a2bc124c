"""Canonical JSON: one value, one spelling, so that a digest of it means something.

The subset of RFC 8785 that we use: objects with ASCII keys sorted by code point, arrays, strings, integers of at
most 53 bits, booleans and null; no floats, whose spelling differs between languages.
"""

import json
from collections.abc import Mapping, Sequence

_EXACT = 2**53 - 1  # beyond it RFC 8785 spells a number as a float

Plain = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]


def canonical_bytes(value: Plain) -> bytes:
    """The one spelling of ``value``, as UTF-8. A float anywhere is a ``TypeError``: our mistake, not input.

    So is a string that is no Unicode text (a lone surrogate): ``UnicodeEncodeError``.
    """
    _require_plain(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _require_plain(value: Plain) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON holds no floats")
    if isinstance(value, int) and abs(value) > _EXACT:
        raise TypeError("canonical JSON holds no integers of more than 53 bits")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not key.isascii():
                raise TypeError(f"canonical JSON has ASCII keys, not {key!r}")
            _require_plain(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            _require_plain(inner)
