"""The process that keeps the doors open: the web server's, and the parent of the worker.

It imports nothing but the server, so that it stays small; the application is loaded in the server's own process.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer as Server

from homeport.cli.application import SUPERVISOR
from homeport.settings import Settings, read_settings

_STOP_SECONDS = 15
_RESTART_SECONDS = 2.0


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
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )


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
            self._process.wait()
            if self._stopping.wait(_RESTART_SECONDS):
                return
            self._process = _start_worker()


def _start_worker() -> "subprocess.Popen[bytes]":
    # In a group of its own, so that Ctrl-C in a terminal reaches the supervisor alone, which then stops it in order.
    return subprocess.Popen([sys.executable, "-m", "homeport.cli.work", str(os.getpid())], process_group=0)


if __name__ == "__main__":
    main()
