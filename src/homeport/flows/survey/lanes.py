"""Work at many hosts side by side, and at each host one piece after the other.

Politeness makes work at one host wait for itself. Were it handed to threads as it comes, the largest host would soon
have all of them waiting in its line, and nobody would be left for the others.
"""

import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

Piece = Callable[[], None]


class Lanes:
    """Threads that take pieces of work, never two of one host at a time; leave the block to end them.

    A lane that has more goes on before others begin: the longest one decides when everything is over. What a piece raises
    ends the work, and :meth:`require_sound` raises it to who gave it.
    """

    def __init__(self, threads: int) -> None:
        self._ready: deque[str] = deque()
        self._pieces: dict[str, deque[Piece]] = {}
        self._changed = threading.Condition()
        self._is_over = False
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"survey-{number}", daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    @property
    def hosts(self) -> int:
        """How many hosts have work, under way or waiting."""
        with self._changed:
            return len(self._pieces)

    def add(self, host: str, piece: Piece) -> None:
        """Do ``piece`` when the lane of ``host`` comes to it."""
        with self._changed:
            if host in self._pieces:
                self._pieces[host].append(piece)
            else:
                self._pieces[host] = deque([piece])
                self._ready.append(host)
                self._changed.notify()

    def require_sound(self) -> None:
        """Raise what a piece of work raised, if one did."""
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            host, piece = taken
            try:
                piece()
            except BaseException as error:  # noqa: BLE001 - raised again to who gave the work
                self._end(error)
            finally:
                self._give_back(host)

    def _take(self) -> tuple[str, Piece] | None:
        with self._changed:
            while not self._ready and not self._is_over:
                self._changed.wait()
            if self._is_over:
                return None
            host = self._ready.popleft()
            return host, self._pieces[host].popleft()

    def _give_back(self, host: str) -> None:
        with self._changed:
            if self._pieces[host]:
                self._ready.appendleft(host)
                self._changed.notify()
            else:
                del self._pieces[host]

    def _end(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._is_over = True
            self._changed.notify_all()
