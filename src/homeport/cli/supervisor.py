"""The process that keeps the doors open: the web server's, and the parent of the worker.

It imports nothing but the server, so that it stays small; the application is loaded in the server's own process.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer as Server

from homeport.cli.application import SUPERVISOR
from homeport.cli.errors import Exit
from homeport.settings import Settings, read_settings

# A connection takes its place from the first byte to the last, also one that says nothing; when all are taken, nobody
# is answered until one is free. So there are many, and none is kept by silence (homeport.api.stream).
_CONNECTIONS = 8_192
# The connection, and the file that is sent or received over it.
_FILES_PER_CONNECTION = 2
_OWN_FILES = 512
# Also how long a connection is kept open between two requests.
_HEAD_MILLISECONDS = 15_000
# What one connection may hold in memory, and so the longest head: the server's own bound is 400 KiB.
_BUFFER_BYTES = 64 * 1024
_STOP_SECONDS = 15
# A download may take for ever, and a web process that has only just begun does not hear that it is to stop.
_WEB_STOP_SECONDS = 5
_RESTART_SECONDS = 2.0
# What the server itself says, as of a web process that died, is a line as every other.
_SERVER_LOG = {
    "formatters": {"line": {"()": "homeport.observe.events.line_format"}},
    "handlers": {
        "lines": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    },
    "loggers": {"_granian": {"handlers": ["lines"], "propagate": False}},
}


def main() -> None:
    """Serve until SIGTERM or SIGINT; with a worker beside it when asked for ``all``."""
    settings = read_settings(os.environ, Path.cwd())
    os.environ[SUPERVISOR] = str(os.getpid())
    worker = _Worker() if sys.argv[1:] == ["all"] else None
    try:
        make_server(settings).serve()
    finally:
        if worker:
            worker.stop()


def make_server(settings: Settings) -> Server:
    """The web server as we run it."""
    return Server(
        "homeport.cli.application:build",
        factory=True,
        address=settings.serve.host,
        port=settings.serve.port,
        workers=settings.serve.workers,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS, max_buffer_size=_BUFFER_BYTES),
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig=_SERVER_LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=_WEB_STOP_SECONDS,
    )


def _connections() -> int:
    """How many connections one web process holds at once, with room made for the files they need."""
    allowed = _allow_files(_CONNECTIONS * _FILES_PER_CONNECTION + _OWN_FILES)
    return min(_CONNECTIONS, (allowed - _OWN_FILES) // _FILES_PER_CONNECTION)


def _allow_files(wanted: int) -> int:
    """Let this process, and those it starts, open ``wanted`` files; how many it may open then."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now == resource.RLIM_INFINITY or now >= wanted:
        return wanted
    possible = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    # Some systems allow less than they say.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, most))
        return possible
    return now


class _Worker:
    """The worker's process, started again when it dies."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        # Here, in the main thread, and before the server forks: a fork in the middle of this would keep its pipe open,
        # and it would never return.
        self._process = _start_worker()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._stopping.set()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _keep(self) -> None:
        while True:
            if self._process.wait() == Exit.REFUSED:
                # It said why: another worker is at work for this home. The index goes on without one of its own.
                return
            if self._stopping.wait(_RESTART_SECONDS):
                return
            self._process = _start_worker()


def _start_worker() -> "subprocess.Popen[bytes]":
    # In a group of its own, so that Ctrl-C in a terminal reaches the supervisor alone, which then stops it in order.
    return subprocess.Popen([sys.executable, "-m", "homeport.cli.work", str(os.getpid())], process_group=0)


if __name__ == "__main__":
    main()
