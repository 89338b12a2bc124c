"""The nursery: one small process that is started once, imports the parsers once, and forks a child per request.

1. The nursery has one thread and never touches hostile bytes, so forking it is safe and quick.
2. A child limits itself before it looks at anything: CPU, memory, open files, no file may grow, no process may
   be started, no core is written, and an alarm ends it when it hangs. The kernel keeps these limits, whatever
   the parser does.
3. A child says its process id, so that its caller can end it, answers on its own socket and ends. The nursery ends when its last caller is gone.
"""

import gc
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import NoReturn

from homeport.adapters.inspect.contents_wire import encode_contents
from homeport.adapters.inspect.offers_wire import encode_offers
from homeport.adapters.inspect.openpgp import read_key, verify_openpgp
from homeport.adapters.inspect.sigstore_bundles import verify_sigstore
from homeport.adapters.inspect.wire import (
    ContentsRequest,
    InspectRequest,
    KeyRequest,
    Limits,
    OffersRequest,
    VerifyRequest,
    decode_request,
    encode_description,
    encode_inspection,
    encode_key,
    encode_verified,
)
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.signature import Verified
from homeport.formats.description import render_description
from homeport.formats.inspect_file import inspect_file, list_contents
from homeport.formats.offers.reader import read_offers

# One caller's socket, and the file to look at when there is one.
_MAX_DESCRIPTORS = 2
_MAX_OPEN_FILES = 16


# Renderers load most of themselves when they are first used: better once here than in every child.
_WARMING = (
    ("```python\npass\n```", "text/markdown"),
    ("`a <https://example.org>`_\n\n.. code-block:: python\n\n   pass", "text/x-rst"),
)


def serve(control: socket.socket) -> None:
    """Fork a child for every set of descriptors that arrives, until nobody can send more."""
    for text, content_type in _WARMING:
        render_description(text, content_type)
    # The kernel collects ended children by itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, _MAX_DESCRIPTORS)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _run(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def answer(line: bytes, body: bytes, file_descriptor: int | None) -> bytes:
    """The answer to one request, worked out within its limits."""
    request = decode_request(line)
    confine(request.limits)
    if isinstance(request, InspectRequest):
        if file_descriptor is None:
            raise ValueError("an inspection needs a file")
        with os.fdopen(file_descriptor, "rb", closefd=False) as file:
            return encode_inspection(inspect_file(file, request.expectation))
    if isinstance(request, ContentsRequest):
        if file_descriptor is None:
            raise ValueError("a list of contents needs a file")
        with os.fdopen(file_descriptor, "rb", closefd=False) as file:
            return encode_contents(list_contents(file, request.filename))
    if isinstance(request, OffersRequest):
        return encode_offers(
            read_offers(request.page_kind, body, request.asked_url, request.final_url, request.content_type)
        )
    if isinstance(request, VerifyRequest):
        return encode_verified(_verify(request, body, file_descriptor))
    if isinstance(request, KeyRequest):
        return encode_key(read_key(body))
    return encode_description(render_description(body.decode(), request.content_type))


def _verify(request: VerifyRequest, body: bytes, file_descriptor: int | None) -> tuple[Verified, ...]:
    if request.kind is not NeighbourKind.OPENPGP:
        return verify_sigstore(body, request.filename, request.sha256)
    if file_descriptor is None:
        raise ValueError("an OpenPGP signature needs its file")
    return verify_openpgp(body, f"/proc/self/fd/{file_descriptor}", request.keys)


def confine(limits: Limits) -> None:
    """Give up everything that reading bytes does not need."""
    for signal_number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(signal_number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
    for kind, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _run(descriptors: list[int]) -> NoReturn:
    """The whole life of one child."""
    with suppress(BaseException):  # there is nobody to tell; no answer is an answer
        os.setsid()
        with socket.socket(fileno=descriptors[0]) as caller:
            caller.sendall(b"%d\n" % os.getpid())
            request = b"".join(iter(lambda: caller.recv(1 << 20), b""))
            line, _, body = request.partition(b"\n")
            caller.sendall(answer(line, body, descriptors[1] if len(descriptors) > 1 else None))
    os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
