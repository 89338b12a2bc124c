"""Two clients that are not wrk: uv, which installs thirty packages, and fifty downloads of a large file at once."""

import os
import selectors
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.cases import Case, Form, request_for
from tools.bench.corpus import LARGE, LARGE_BYTES, PACKAGES, package
from tools.bench.processes import MemoryWatch, Server
from tools.bench.wrk import LoadFailed

DOWNLOADS = 50
_PATIENCE_SECONDS = 120.0
_AT_ONCE_BYTES = 1 << 18


@dataclass(frozen=True)
class Downloads:
    """Fifty downloads at once: how long they took in all, and what they cost the server."""

    seconds: float
    rise_bytes: int

    @property
    def megabytes_per_second(self) -> float:
        """Of all downloads together."""
        return DOWNLOADS * LARGE_BYTES / self.seconds / 1e6


def install_packages(server: Server, core: int) -> float:
    """Seconds that uv takes for all packages, with a cache and a target folder that are new each time."""
    with TemporaryDirectory(prefix="homeport-bench-uv-") as name:
        folder = Path(name)
        uv = str(Path(sys.executable).parent / "uv")
        command = [uv, "pip", "install", "--quiet", "--no-config", "--python", sys.executable]
        command += ["--target", str(folder / "target"), "--cache-dir", str(folder / "cache")]
        command += ["--index-url", f"http://127.0.0.1:{server.port}{server.simple}", package(0)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
        clean["NO_PROXY"] = "127.0.0.1"
        began = time.monotonic()
        done = subprocess.run(
            ["taskset", "-c", str(core), *command], check=False, capture_output=True, text=True, env=clean
        )
        took = time.monotonic() - began
        installed = len(list(folder.glob("target/*.dist-info")))
        shutil.rmtree(folder / "cache", ignore_errors=True)
    if done.returncode or installed != PACKAGES:
        raise LoadFailed(f"uv installed {installed} of {PACKAGES} packages: {done.stderr.strip()}")
    return took


def download_at_once(server: Server, core: int) -> Downloads:
    """Fetch the large file over fifty connections at the same time, from this process, moved to ``core``."""
    request = request_for(Case("", Form.FILE, LARGE, DOWNLOADS), server)
    head = (
        f"GET {request.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode()
    )
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        with MemoryWatch(server.pid) as memory:
            began = time.monotonic()
            _read_all([_connected(server.port, head) for _ in range(DOWNLOADS)])
            took = time.monotonic() - began
    finally:
        os.sched_setaffinity(0, allowed)
    return Downloads(took, memory.rise_bytes)


def _connected(port: int, head: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
    connection.sendall(head)
    connection.settimeout(0)
    return connection


def _read_all(connections: list[socket.socket]) -> None:
    """Read every connection to its end; each must have sent a whole file."""
    received = dict.fromkeys(connections, 0)
    buffer = bytearray(_AT_ONCE_BYTES)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with selectors.DefaultSelector() as waiting:
        for opened in connections:
            waiting.register(opened, selectors.EVENT_READ, opened)
        while waiting.get_map():
            ready = waiting.select(timeout=1)
            if time.monotonic() > deadline:
                raise LoadFailed(f"{DOWNLOADS} downloads did not end in {_PATIENCE_SECONDS:.0f} seconds")
            for key, _ in ready:
                connection: socket.socket = key.data
                count = _read(connection, buffer)
                received[connection] += count
                if not count:
                    waiting.unregister(connection)
                    connection.close()
    whole = sum(count >= LARGE_BYTES for count in received.values())
    if whole != DOWNLOADS:
        raise LoadFailed(f"{whole} of {DOWNLOADS} downloads were whole")


def _read(connection: socket.socket, buffer: bytearray) -> int:
    try:
        return connection.recv_into(buffer)
    except ConnectionError:
        return 0
