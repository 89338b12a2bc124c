"""A running Homeport with a home of its own, for the pictures."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.demo.stage import clean_environment

from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

BIN = Path(sys.executable).parent
# As the documents have it: it is in the pictures.
PORT = 8417
_START_SECONDS = 30.0


@contextmanager
def homeport(folder: Path, settings: Mapping[str, str]) -> Iterator[World]:
    """An index and its worker; the world they live in."""
    if _is_up(PORT):
        raise SystemExit(f"Something listens on port {PORT} already: end it first.")
    environment = {
        **clean_environment(),
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_PORT": str(PORT),
        "HOMEPORT_CRAWL_PACE": "0",
        **settings,
    }
    read = read_settings(environment, folder)
    prepare(read)
    world = open_world(read)
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen([BIN / "homeport", "serve", "--quiet"], env=environment, stderr=log)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _is_up(read.serve.port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"Homeport did not start: {(folder / 'log').read_text()}")
                time.sleep(0.05)
            yield world
        finally:
            process.terminate()
            process.wait(20)


def _is_up(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
