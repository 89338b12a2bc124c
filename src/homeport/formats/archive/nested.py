"""Archives inside members: counted as they pass by, so that a bomb packed twice is seen (Z11, T-19).

Only sizes are of interest here: nothing is verified, kept or believed. ZIP and gzip are followed, the two that
programs open by themselves, a few levels deep and up to a fixed number of bytes.
"""

import struct
import zlib
from collections.abc import Generator, Iterator

from homeport.formats.archive.entries import BOMB_RATIO, CHUNK_BYTES

BOMB_BYTES = 8 * 1024**2
MAX_FOLLOWED_BYTES = 256 * 1024**2
MAX_LEVELS = 6

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MAGIC, _GZIP_MAGIC = b"PK\x03\x04", b"\x1f\x8b\x08"
_MAGIC_BYTES = 4
_DEFLATED = 8
# The longest data descriptor; the next entry begins after it.
_DESCRIPTOR_BYTES = 24


class NestedArchives:
    """Counts what the archives inside one archive's members would unpack to."""

    def __init__(self) -> None:
        self.followed_bytes = 0
        self._bomb_bytes = 0

    @property
    def is_tired(self) -> bool:
        """True when enough was followed: what comes now is not looked into."""
        return self.followed_bytes > MAX_FOLLOWED_BYTES

    def watch(self, content: Iterator[bytes]) -> Iterator[bytes]:
        """``content`` itself; what it would unpack to is counted on the way."""
        follower = _Follower(self, level=0)
        size, before = 0, self.followed_bytes
        for chunk in content:
            size += len(chunk)
            follower.feed(chunk)
            yield chunk
        inflated = self.followed_bytes - before
        if inflated > BOMB_RATIO * size:
            self._bomb_bytes += inflated

    def is_bomb(self) -> bool:
        """True when nested archives unpack to far more than they hold."""
        return self._bomb_bytes > BOMB_BYTES


class _Follower:
    """Takes the bytes of one file; when they are an archive, follows what is in it."""

    def __init__(self, total: NestedArchives, *, level: int) -> None:
        self._total = total
        self._level = level
        self._held = b""
        self._steps = self._follow()
        next(self._steps)
        self._is_done = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes, at least one."""
        if self._is_done:
            return
        try:
            self._steps.send(data)
        except (StopIteration, zlib.error):
            # Not an archive, at its end, or broken: a broken one is no bomb for anybody.
            self._is_done = True

    def _follow(self) -> Generator[None, bytes, None]:
        magic = yield from self._take(_MAGIC_BYTES)
        if magic.startswith(_GZIP_MAGIC):
            self._held = magic + self._held
            yield from self._inflate(zlib.MAX_WBITS | 16)
        while magic == _LOCAL_MAGIC and not self._total.is_tired:
            header = magic + (yield from self._take(_LOCAL.size - _MAGIC_BYTES))
            _, _, _, method, _, _, _, compressed, _, name_length, extra_length = _LOCAL.unpack(header)
            yield from self._take(name_length + extra_length)
            if method == _DEFLATED:
                yield from self._inflate(-zlib.MAX_WBITS)
            else:
                yield from self._pass_on(compressed)
            magic = yield from self._next_magic()

    def _take(self, count: int) -> Generator[None, bytes, bytes]:
        while len(self._held) < count:
            self._held += yield
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def _inflate(self, window_bits: int) -> Generator[None, bytes, None]:
        inflater = zlib.decompressobj(window_bits)
        inner = _Follower(self._total, level=self._level + 1) if self._level < MAX_LEVELS else None
        out = b""
        while not inflater.eof and not self._total.is_tired:
            if not self._held and len(out) < CHUNK_BYTES:
                self._held = yield
            out = inflater.decompress(self._held, CHUNK_BYTES)
            self._held = inflater.unconsumed_tail
            self._total.followed_bytes += len(out)
            if inner and out:
                inner.feed(out)
        self._held = inflater.unused_data

    def _pass_on(self, count: int) -> Generator[None, bytes, None]:
        inner = _Follower(self._total, level=self._level + 1) if self._level < MAX_LEVELS else None
        while count:
            if not self._held:
                self._held = yield
            piece, self._held = self._held[:count], self._held[count:]
            count -= len(piece)
            if inner:
                inner.feed(piece)

    def _next_magic(self) -> Generator[None, bytes, bytes]:
        # A data descriptor may stand before the next entry; its length is not known beforehand.
        window = yield from self._take(_MAGIC_BYTES)
        for _ in range(_DESCRIPTOR_BYTES):
            if window.startswith(b"PK") and window[2:] != b"\x07\x08":
                return window
            window = window[1:] + (yield from self._take(1))
        return b""
