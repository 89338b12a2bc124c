"""The rest of a body that broke off: when it may be asked for, and which answers are believed (T-24).

1. Only a strong ETag names bytes: without one nothing is continued. ``Last-Modified`` is a date, not bytes.
2. A part (206) must begin where the body broke off, within the same total, under the same ETag.
3. The whole (200) must begin with the very bytes that are here, by their SHA-256; they are skipped.
4. Everything else ends the fetch: a body is never put together from two versions.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from homeport.adapters.net.ending import Ended
from homeport.adapters.net.response import Head
from homeport.domain.urls import Url
from homeport.ports.fetch import Outcome

_STRONG_ETAG = re.compile(r'"[!\x23-\x7e\x80-\xff]{0,1000}"')
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
_OK, _PARTIAL = 200, 206


@dataclass(frozen=True, slots=True)
class Rest:
    """What is missing of a body after ``have_bytes`` with the SHA-256 ``have_sha256``.

    ``total_bytes`` is ``None`` when no length was announced.
    """

    etag: str
    have_bytes: int
    have_sha256: bytes
    total_bytes: int | None

    @classmethod
    def of(cls, head: Head, have_bytes: int, have_sha256: bytes, total_bytes: int | None) -> Self | None:
        """The rest of the body that ``head`` began, or ``None`` when it must not be asked for (rule 1)."""
        etag = head.header("etag")
        if head.status != _OK or not _STRONG_ETAG.fullmatch(etag):
            return None
        return cls(etag, have_bytes, have_sha256, total_bytes)

    def total_in(self, head: Head, url: Url) -> int | None:
        """The length of the whole as this answer tells it, when it holds the rest; else the end (rules 2 and 4)."""
        if head.is_encoded_for(url):
            raise _changed(f"{url.host} sends the rest encoded.")
        if head.status == _OK and head.header("etag") in {"", self.etag}:
            return self._agreed(head.announced_bytes, url)
        if head.status == _PARTIAL and head.header("etag") == self.etag:
            part = _RANGE.fullmatch(head.header("content-range"))
            if part is None:
                raise _garbled(url, "does not say which part of the file it sends")
            first, last, total = (int(number) for number in part.groups())
            if first != self.have_bytes or not first <= last < total:
                raise _garbled(
                    url, f"sends bytes {first} to {last} of {total} when asked from byte {self.have_bytes} on"
                )
            if head.announced_bytes not in {None, last - first + 1}:
                raise _garbled(url, f"announces {head.announced_bytes} bytes for {first} to {last}")
            return self._agreed(total, url)
        if head.status in {_OK, _PARTIAL}:
            raise _changed(f"The file at {url} has another ETag than the one that broke off.")
        raise Ended(
            Outcome.UNREACHABLE,
            "rest-refused",
            f"The answer broke off, and {url.host} answered with status {head.status} when asked for the rest.",
            head.retry_after_seconds,
        )

    def missing_from(self, head: Head, body: Iterable[bytes]) -> Iterator[bytes]:
        """What of ``body`` comes after the bytes that are here (rule 3)."""
        skipped = self.have_bytes if head.status == _OK else 0
        digest = hashlib.sha256()
        for piece in body:
            known, unknown = piece[:skipped], piece[skipped:]
            if known:
                digest.update(known)
                skipped -= len(known)
                if not skipped:
                    self._require_same(digest.digest())
            if unknown:
                yield unknown
        if skipped:
            raise _changed("The file is shorter now than what had come of it.")

    @staticmethod
    def is_whole(have_bytes: int, total_bytes: int | None) -> bool:
        """True when nothing is missing any more; the end when there is more than was announced."""
        if total_bytes is not None and have_bytes > total_bytes:
            raise _changed(f"{total_bytes} bytes were announced and {have_bytes} sent.")
        return total_bytes is None or have_bytes == total_bytes

    def _agreed(self, total: int | None, url: Url) -> int | None:
        if None not in {total, self.total_bytes} and total != self.total_bytes:
            raise _changed(f"The file at {url} had {self.total_bytes} bytes and has {total} now.")
        return self.total_bytes if total is None else total

    def _require_same(self, have_sha256: bytes) -> None:
        if have_sha256 != self.have_sha256:
            raise _changed("The file begins with other bytes now than those that had come.")


def _changed(what: str) -> Ended:
    return Ended(Outcome.UNREACHABLE, "changed-while-fetched", f"{what} It must be fetched anew.")


def _garbled(url: Url, what: str) -> Ended:
    return Ended(Outcome.UNREACHABLE, "answer-garbled", f"{url.host} {what}.")
