"""The parsers of hostile bytes, called as functions and run as children of a nursery.

1. Whatever happens to a child (it dies, hangs, runs into a limit, answers nonsense) becomes an answer: a held file,
   a page that offers nothing, a description that is not rendered. The caller never waits longer than the wall time, and
   never sees an exception.
2. The nursery is started by the first request and again when it is found dead; it has an empty environment, no
   terminal, and a session of its own.
3. Any number of threads may ask; so many children run at once as there are processors, the others wait.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from homeport.adapters.inspect.contents_wire import decode_contents
from homeport.adapters.inspect.wire import (
    MAX_ANSWER_BYTES,
    ContentsRequest,
    GarbledAnswerError,
    InspectRequest,
    KeyRequest,
    Limits,
    OffersRequest,
    RenderRequest,
    Request,
    VerifyRequest,
    decode_description,
    decode_inspection,
    decode_key,
    decode_offers,
    decode_verified,
    encode_request,
)
from homeport.domain.contents import Contents
from homeport.domain.digests import Sha256
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity
from homeport.domain.metadata import Description
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.offer import Offers, PageKind
from homeport.domain.signature import KeyFacts, Outcome, Verified

# The wall is for a child that hangs: on a busy machine an honest one waits for its turn.
INSPECT_LIMITS: Final = Limits(cpu_seconds=10, memory_bytes=512 * 1024**2, wall_seconds=40)
# Somebody looks at a page meanwhile.
CONTENTS_LIMITS: Final = Limits(cpu_seconds=5, memory_bytes=512 * 1024**2, wall_seconds=15)
OFFERS_LIMITS: Final = Limits(cpu_seconds=5, memory_bytes=256 * 1024**2, wall_seconds=10)
RENDER_LIMITS: Final = Limits(cpu_seconds=5, memory_bytes=256 * 1024**2, wall_seconds=10)
# A signature over the largest file is a digest of all of it.
VERIFY_LIMITS: Final = Limits(cpu_seconds=30, memory_bytes=512 * 1024**2, wall_seconds=90)
# The child's own alarm rings first; this is for one that cannot hear it, and for the nursery to start.
_GRACE_SECONDS = 5.0
_CHUNK_BYTES = 1 << 18


class ChildIsolation:
    """``ports.isolation.Isolation`` by child processes; ``close`` ends the nursery."""

    def __init__(
        self,
        *,
        inspect_limits: Limits = INSPECT_LIMITS,
        contents_limits: Limits = CONTENTS_LIMITS,
        offers_limits: Limits = OFFERS_LIMITS,
        render_limits: Limits = RENDER_LIMITS,
        verify_limits: Limits = VERIFY_LIMITS,
        parallel: int | None = None,
    ) -> None:
        self._inspect_limits = inspect_limits
        self._contents_limits = contents_limits
        self._offers_limits = offers_limits
        self._render_limits = render_limits
        self._verify_limits = verify_limits
        self._slots = threading.BoundedSemaphore(parallel or max(2, os.cpu_count() or 2))
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = None

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """Judge the release file at ``file``."""
        limits = self._inspect_limits
        try:
            with file.open("rb") as opened:
                answer = self._ask(InspectRequest(expectation, limits), b"", opened.fileno())
            return decode_inspection(answer)
        except (_NoAnswerError, GarbledAnswerError):
            sentence = (
                f"{expectation.filename[:120]!r} could not be inspected within {limits.cpu_seconds} seconds and "
                f"{limits.memory_bytes >> 20} MiB of memory: a person must look at it."
            )
            return Inspection((Finding("inspection-limit", Severity.HOLD, sentence),))

    def list_contents(self, file: Path, filename: str) -> Contents:
        """What a release file holds."""
        limits = self._contents_limits
        try:
            with file.open("rb") as opened:
                return decode_contents(self._ask(ContentsRequest(filename, limits), b"", opened.fileno()))
        except (_NoAnswerError, GarbledAnswerError):
            return Contents(
                problem=f"{filename[:120]!r} could not be listed within {limits.cpu_seconds} seconds and "
                f"{limits.memory_bytes >> 20} MiB of memory."
            )

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """What a foreign page offers."""
        limits = self._offers_limits
        try:
            request = OffersRequest(kind, asked_url, final_url, content_type, limits)
            return decode_offers(self._ask(request, page))
        except (_NoAnswerError, GarbledAnswerError):
            return Offers(
                problem=f"The page could not be read within {limits.cpu_seconds} seconds and "
                f"{limits.memory_bytes >> 20} MiB of memory: none of its links was read."
            )

    def render_description(self, text: str, content_type: str) -> Description:
        """A long description as HTML."""
        limits = self._render_limits
        try:
            answer = self._ask(RenderRequest(content_type, limits), text.encode("utf-8", "replace"))
            return decode_description(answer)
        except (_NoAnswerError, GarbledAnswerError):
            return Description(
                problem=f"The description could not be rendered within {limits.cpu_seconds} seconds and "
                f"{limits.memory_bytes >> 20} MiB of memory: make it simpler, or declare it as text/plain."
            )

    def verify_signature(
        self,
        document: bytes,
        kind: NeighbourKind,
        file: Path,
        filename: str,
        sha256: Sha256,
        keys: Sequence[str],
    ) -> tuple[Verified, ...]:
        """What the signatures in ``document`` say of a file."""
        limits = self._verify_limits
        request = VerifyRequest(kind, filename, sha256.hex, tuple(keys), limits)
        try:
            with file.open("rb") as opened:
                return decode_verified(self._ask(request, document, opened.fileno()))
        except (_NoAnswerError, GarbledAnswerError):
            sentence = f"Not verified: it could not be read within {limits.cpu_seconds} seconds of work."
            return (Verified(Outcome.UNVERIFIED, sentence),)

    def read_key(self, document: bytes) -> KeyFacts:
        """What an OpenPGP certificate says of itself."""
        try:
            return decode_key(self._ask(KeyRequest(self._render_limits), document))
        except (_NoAnswerError, GarbledAnswerError):
            return KeyFacts(problem="It could not be read.")

    def close(self) -> None:
        """End the nursery; a later request starts another."""
        with self._lock:
            if self._nursery:
                self._nursery.close()
            self._nursery = None

    def _ask(self, request: Request, body: bytes, *descriptors: int) -> bytes:
        with self._slots:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    self._send_to_nursery(theirs.fileno(), *descriptors)
                return _converse(
                    ours, encode_request(request) + body, request.limits.wall_seconds + _GRACE_SECONDS
                )

    def _send_to_nursery(self, *descriptors: int) -> None:
        with self._lock:
            if self._nursery:
                with suppress(OSError):
                    self._nursery.send(descriptors)
                    return
                self._nursery.close()  # it died: somebody killed it, or the machine ran out of memory
            self._nursery = _Nursery()
            try:
                self._nursery.send(descriptors)
            except OSError as error:
                raise _NoAnswerError from error


class _NoAnswerError(Exception):
    """The child ended, or was ended, before it had answered."""


class _Nursery:
    """The process of :mod:`homeport.adapters.inspect.child`, and the socket it takes requests from."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-I", "-m", "homeport.adapters.inspect.child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={},
                cwd="/",
                start_new_session=True,
            )

    def send(self, descriptors: Sequence[int]) -> None:
        """Have a child forked that owns ``descriptors``; ``OSError`` when the nursery is dead."""
        socket.send_fds(self._control, [b"."], descriptors)

    def close(self) -> None:
        """End the process; children at work finish by themselves or by their limits."""
        self._control.close()
        self._process.kill()
        self._process.wait()


def _converse(child: socket.socket, request: bytes, seconds: float) -> bytes:
    """Send the request, and return the whole answer after the child's process id, which comes first."""
    deadline = time.monotonic() + seconds
    received = b""
    try:
        child.settimeout(seconds)
        child.sendall(request)
        child.shutdown(socket.SHUT_WR)
        while chunk := child.recv(_CHUNK_BYTES):
            received += chunk
            if len(received) > MAX_ANSWER_BYTES:
                break
            child.settimeout(max(0.001, deadline - time.monotonic()))
    except TimeoutError as error:
        _kill(received)
        raise _NoAnswerError from error
    except OSError as error:
        raise _NoAnswerError from error
    if len(received) > MAX_ANSWER_BYTES:
        _kill(received)
        raise _NoAnswerError
    return received.partition(b"\n")[2]


def _kill(received: bytes) -> None:
    # The child leads a session of its own, and lives as long as its end of the socket is open.
    identifier, newline, _ = received.partition(b"\n")
    if newline:
        with suppress(ProcessLookupError):
            os.killpg(int(identifier), signal.SIGKILL)
