"""Processes as the kernel tells of them: who descends from whom, who still lives, and what they hold in memory."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process; ``started`` tells it from a later one that was given the same number."""

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """True while it runs; one that nobody has waited for is dead."""
        told = _stat(self.pid)
        return told is not None and told[0] not in "ZX" and told[2] == self.started

    @property
    def command(self) -> str:
        """How it was called, for a message."""
        with suppress(OSError):
            return (_PROC / str(self.pid) / "cmdline").read_text().replace("\0", " ").strip()
        return ""


def family(pid: int) -> list[Process]:
    """The process ``pid`` and all that descend from it, ancestors first; empty when it is gone."""
    children: dict[int, list[int]] = {}
    starts: dict[int, int] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and (told := _stat(int(entry.name))) and told[0] not in "ZX":
            children.setdefault(told[1], []).append(int(entry.name))
            starts[int(entry.name)] = told[2]
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop(0)
        if one in starts:
            found.append(Process(one, starts[one]))
            waiting += children.get(one, [])
    return found


def kill_family(pid: int) -> list[Process]:
    """SIGKILL to the whole family at once, and wait until all of it is gone; who was killed."""
    killed = family(pid)
    for process in killed:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    require_gone(killed, 10)
    return killed


def require_gone(processes: list[Process], seconds: float) -> None:
    """An ``AssertionError`` naming those that still live after ``seconds``."""
    deadline = time.monotonic() + seconds
    while living := [process for process in processes if process.is_alive]:
        assert time.monotonic() < deadline, f"still running: {[one.command for one in living]}"
        time.sleep(0.01)


def _stat(pid: int) -> tuple[str, int, int] | None:
    """State, parent, start time."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses, and may hold anything.
    fields = text.rpartition(") ")[2].split()
    return fields[0], int(fields[1]), int(fields[19])
