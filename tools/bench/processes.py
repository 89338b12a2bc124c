"""Servers as processes: started on one core, watched through proc(5), and stopped with everything below them."""

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Self

START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.02


class CannotRun(Exception):  # noqa: N818 - a server that is left out, and why
    """The server cannot be part of this run, for a reason that the document tells."""


@dataclass(frozen=True)
class Command:
    """How a server is started."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """A running server: what it is called, its port, its first process, and where its index pages begin."""

    name: str
    port: int
    pid: int
    simple: str = "/simple/"

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Message, bytes]:
        """One request of our own: status, header fields, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@contextmanager
def running(name: str, command: Command, port: int, core: int, log: Path, simple: str) -> Iterator[Server]:
    """``command`` pinned to ``core`` once it listens on ``port``; ``CannotRun`` when it does not."""
    environment = {**os.environ, **command.environment}
    with (
        log.open("wb") as written,
        subprocess.Popen(
            ["taskset", "-c", str(core), *command.arguments],
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            process_group=0,
        ) as process,
    ):
        try:
            _wait_for(name, port, process)
            yield Server(name, port, process.pid, simple)
        finally:
            _stop(process)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """A process and all below it that are alive."""
    found = [pid]
    for known in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [below for child in known.read_text().split() for below in tree(int(child))]
    return found


def processor_seconds(pid: int) -> float:
    """User and system time of a process and all below it (proc(5): fields 14 and 15, counted after the name)."""
    ticks = 0
    for process in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Memory of a process and all below it; what several of them share is counted once (Pss)."""
    total = 0
    for process in tree(pid):
        with suppress(OSError):
            total += pss_bytes(Path(f"/proc/{process}/smaps_rollup").read_text())
    return total


def pss_bytes(rollup: str) -> int:
    """The proportional set size out of the text of ``smaps_rollup``."""
    (line,) = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) * 1024


class MemoryWatch:
    """The most memory that a process and all below it have had while this was entered."""

    def __init__(self, pid: int) -> None:
        self.peak_bytes = self.first_bytes = memory_bytes(pid)
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def rise_bytes(self) -> int:
        """How much more than at the start."""
        return self.peak_bytes - self.first_bytes

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            self.peak_bytes = max(self.peak_bytes, memory_bytes(self._pid))


def _wait_for(name: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    if process.returncode is not None:
        raise CannotRun(f"{name} ended at its start with status {process.returncode}")
    raise CannotRun(f"{name} did not listen within {START_SECONDS:.0f} seconds")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server's own group of processes, by force when asking is not enough."""
    for way in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, way)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        break
