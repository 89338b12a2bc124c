"""Names to addresses: one look-up per request, bounded in time, every answer seen."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence

#: Every address of a host, in order of preference, within so many seconds. Raises ``OSError`` when there is none.
Resolve = Callable[[str, float], Sequence[str]]


def resolve_name(host: str, timeout_seconds: float) -> tuple[str, ...]:
    """All addresses the system's resolver knows for ``host``, each once.

    ``getaddrinfo`` cannot be interrupted, so it runs in a thread of its own, which a stalled name server may
    outlive us with; the resolver's own retries bound it.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, answers), name="homeport-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise TimeoutError(f"no name server answered within {timeout_seconds:g} seconds") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _look_up(host: str, answers: "queue.SimpleQueue[tuple[str, ...] | OSError]") -> None:
    try:
        # Bytes: a str would pass through Python's own, older IDNA codec.
        found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    except OSError as error:
        answers.put(error)
    else:
        answers.put(tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))
