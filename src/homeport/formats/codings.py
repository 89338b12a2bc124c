"""The content codings in which pages are kept: what a client takes, and how a body is written in it (RFC 9110 §8.4).

1. Every client that asks for a coding at all asks for gzip; uv asks for Zstandard too, which it reads faster.
2. Brotli is asked for by none of the installers (standards E).
3. A coding is taken when it is acceptable and no less welcome than the others: Zstandard, then gzip, then none.
"""

import gzip
import sys
from functools import lru_cache
from typing import Literal

from homeport.formats.weighted import MAX_HEADER_BYTES, weighted

if sys.version_info >= (3, 14):  # pragma: no cover - the other branch is where the tests run
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["identity", "gzip", "zstd"]
CODINGS: tuple[Coding, ...] = ("identity", "gzip", "zstd")

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 9
_REMEMBERED = 512


def encoded(body: bytes, coding: Coding) -> bytes:
    """``body`` in ``coding``; equal bodies give equal bytes."""
    if coding == "gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    if coding == "zstd":
        return zstd.compress(body, _ZSTD_LEVEL)
    return body


def accepted_coding(accept_encoding: bytes, offered: tuple[Coding, ...] = CODINGS) -> Coding:
    """The best of ``offered`` for an ``Accept-Encoding`` value, empty when absent.

    ``offered`` begins with ``identity``, which is the answer to what cannot be read, and goes on to the better.
    """
    if not accept_encoding or len(accept_encoding) > MAX_HEADER_BYTES:
        return "identity"
    return _accepted(accept_encoding, offered)


@lru_cache(_REMEMBERED)
def _accepted(accept_encoding: bytes, offered: tuple[Coding, ...]) -> Coding:
    weights: dict[str, int] = {}
    for name, weight in weighted(accept_encoding):
        coding = "gzip" if name == "x-gzip" else name
        weights[coding] = max(weight, weights.get(coding, 0))
    best, best_weight = offered[0], weights.get("identity", 0)
    for coding in offered[1:]:
        # A bare "*" promises any coding; those who send it know gzip, and few know more.
        weight = weights.get(coding, weights.get("*", 0) if coding == "gzip" else 0)
        if weight and weight >= best_weight:
            best, best_weight = coding, weight
    return best
