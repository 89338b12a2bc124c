"""How fast files come home: many hosts side by side, beside a plain reader that asks for the same files one after another.

Every host is a server on loopback that sends no faster than it is told to. The plain reader does nothing but read; Homeport
hashes, stores and inspects as well. Prints a table, and writes it into docs/benchmarks.md with ``--write``.
"""

import argparse
import hashlib
import io
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from homeport.domain.rehost import Rehost, State
from homeport.flows.rehost.start import find_rehost
from homeport.settings import read_settings
from homeport.wiring import open_world

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks.md"
_CHUNK = 64 * 1024
_HEADING = "## Re-hosting"
_MB = 1_000_000


def wheel(name: str, version: str, size: int) -> bytes:
    """A good wheel of about ``size`` bytes that do not compress."""
    noise = random.Random(f"{name}{version}").randbytes(size)  # noqa: S311 - bytes to carry, not secrets
    info = f"{name}-{version}.dist-info"
    members = {
        f"{name}/noise.bin": noise,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: speed\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},{_digest(data)},{len(data)}\n" for member, data in members.items())
    record += f"{info}/RECORD,,\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member, data in (*members.items(), (f"{info}/RECORD", record.encode())):
            archive.writestr(member, data)
    return made.getvalue()


def _digest(data: bytes) -> str:
    encoded = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"sha256={encoded}"


@dataclass
class Host:
    """A server that sends files: its address, and when the first of them was asked for and the last one had gone."""

    address: str = ""
    first: float = 0
    last: float = 0


@contextmanager
def host(files: Mapping[str, bytes], rate: float) -> Iterator[Host]:
    """A server of ``files`` with a page that links to them, which sends ``rate`` bytes a second."""
    told = Host()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, kind = files.get(self.path[1:]), "application/octet-stream"
            if self.path == "/":
                body, kind = "".join(f'<a href="{name}">{name}</a>' for name in files).encode(), "text/html"
            self.send_response(200 if body is not None else 404)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            began = time.monotonic()
            if self.path[1:] in files:
                told.first = told.first or began
            for start in range(0, len(body or b""), _CHUNK):
                self.wfile.write((body or b"")[start : start + _CHUNK])
                ahead = start / rate - (time.monotonic() - began)
                if ahead > 0:
                    time.sleep(ahead)
            told.last = time.monotonic()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        told.address = f"127.0.0.1:{server.server_port}"
        yield told
    finally:
        server.shutdown()


def read_plainly(address: str, names: list[str]) -> float:
    """The seconds in which a client that keeps nothing reads these files one after another."""
    name, _, port = address.partition(":")
    began = time.monotonic()
    for filename in names:
        with socket.create_connection((name, int(port))) as connection:
            request = f"GET /{filename} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            while connection.recv(_CHUNK * 4):
                pass
    return time.monotonic() - began


@dataclass(frozen=True)
class Figures:
    """What one run measured; memory is the worker's.

    ``plain`` and ``fetched`` hold the seconds in which each host's files came to the plain reader and to Homeport.
    """

    hosts: int
    files: int
    size: int
    rate: float
    plain: tuple[float, ...]
    fetched: tuple[float, ...]
    seconds: float
    idle_bytes: int
    peak_bytes: int

    def shares(self) -> list[float]:
        """The plain reader's seconds over Homeport's, by host."""
        return [plain / fetched for plain, fetched in zip(self.plain, self.fetched, strict=True)]

    def rows(self) -> list[tuple[str, str]]:
        """What they say."""
        total = self.hosts * self.files * self.size
        return [
            ("files", f"{self.hosts} hosts with {self.files} files of {self.size / _MB:.0f} MB"),
            ("each host sends", f"{self.rate / _MB:.0f} MB/s"),
            ("plain reader, slowest host alone", f"{max(self.plain):.1f} s"),
            ("plain reader, all hosts one after another", f"{sum(self.plain):.1f} s"),
            ("Homeport, all hosts side by side, examined and planned", f"{self.seconds:.1f} s"),
            (
                "of that, until the files are asked for and after the last one",
                f"{self.seconds - max(self.fetched):.1f} s",
            ),
            ("bandwidth of each host used while its files come, at least", f"{min(self.shares()):.0%}"),
            ("bandwidth used from the wish to the finished plan", f"{max(self.plain) / self.seconds:.0%}"),
            ("bytes a second", f"{total / self.seconds / _MB:.0f} MB/s"),
            ("worker's memory, idle", f"{self.idle_bytes / 2**20:.0f} MiB"),
            ("worker's memory above idle, at most", f"{(self.peak_bytes - self.idle_bytes) / 2**20:.0f} MiB"),
        ]


class Homeport:
    """An index of its own, with a worker."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self._home = home
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOMEPORT_")},
            "HOMEPORT_HOME": str(home),
            "HOMEPORT_PORT": str(port),
            "HOMEPORT_OUTSIDE_ALLOW": "127.0.0.0/8:*",
            "HOMEPORT_CRAWL_PACE": "0",
            "HOMEPORT_HOST_BUDGET": "none",
            "HOMEPORT_DOMAIN_BUDGET": "none",
        }

    def run(self, *arguments: str) -> str:
        """What a command says; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "homeport", *arguments],
            env=self._environment,
            cwd=self._home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"homeport {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def find(self, rehost_id: int) -> Rehost:
        """A rehost as it stands."""
        world = open_world(read_settings(self._environment, self._home))
        with world.store.read() as tx:
            return find_rehost(tx, rehost_id)

    @contextmanager
    def worker(self) -> Iterator[int]:
        """A worker that is ready; its process."""
        with (self._home / "worker.log").open("w+") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "homeport", "worker"],
                env=self._environment,
                cwd=self._home,
                stderr=log,
                stdout=log,
            )
            try:
                while "worker ready" not in (self._home / "worker.log").read_text():
                    if process.poll() is not None:
                        raise SystemExit((self._home / "worker.log").read_text())
                    time.sleep(0.05)
                yield process.pid
            finally:
                process.terminate()
                process.wait()


def memory_of(process: int, field: str) -> int:
    """``VmRSS`` or ``VmHWM`` of a process, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def measure(hosts: int, files: int, size: int, rate: float) -> Figures:
    """One run: the plain reader first, then Homeport."""
    versions = [f"{number}.0" for number in range(files)]
    bodies = {
        number: {
            f"speed-{number}.{v}-py3-none-any.whl": wheel("speed", f"{number}.{v}", size) for v in versions
        }
        for number in range(hosts)
    }
    with tempfile.TemporaryDirectory() as folder, _all(bodies, rate) as servers:
        plain = tuple(read_plainly(servers[number].address, list(bodies[number])) for number in range(hosts))
        for server in servers:
            server.first = server.last = 0
        index = Homeport(Path(folder))
        index.run("user", "add", "ada", "--email", "ada@example.org")
        index.run("project", "create", "speed", "--owner", "ada", "--mode", "pypi-cache")
        for server in servers:
            index.run("source", "add", "speed", "homepage", f"http://{server.address}/")
        with index.worker() as process:
            time.sleep(1)
            idle = memory_of(process, "VmRSS")
            rehost = json.loads(index.run("plan", "speed", "--no-wait", "--json"))["id"]
            while (stands := index.find(rehost)).state is State.PLANNING:
                time.sleep(0.2)
            seconds = (stands.changed_at - stands.created_at).total_seconds()
            told = json.loads(index.run("rehost", "watch", str(rehost), "--json"))
            peak = memory_of(process, "VmHWM")
        if (told["state"], told["files_done"]) != ("planned", hosts * files):
            raise SystemExit(f"not everything came: {told}")
        fetched = tuple(server.last - server.first for server in servers)
    return Figures(hosts, files, size, rate, plain, fetched, seconds, idle, peak)


@contextmanager
def _all(bodies: Mapping[int, Mapping[str, bytes]], rate: float) -> Iterator[list[Host]]:
    opened = [host(files, rate) for files in bodies.values()]
    try:
        yield [one.__enter__() for one in opened]
    finally:
        for one in opened:
            one.__exit__(None, None, None)


def write(figures: Figures) -> None:
    """Put the figures into their section of the document."""
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.rows())
    section = f"{_HEADING}\n\n`make rehost-speed`: files of many hosts come home side by side.\n\n| what | measured |\n|---|---|\n{rows}"
    text = REPORT.read_text() if REPORT.exists() else ""
    before, _, after = text.partition(_HEADING)
    _, separator, rest = after.partition("\n## ")
    REPORT.write_text(
        f"{before.rstrip()}\n\n{section}{separator.replace(chr(10), chr(10) * 2, 1)}{rest}".lstrip()
    )


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--files", type=int, default=5)
    parser.add_argument("--size", type=float, default=20, help="MB of one file")
    parser.add_argument("--rate", type=float, default=10, help="MB/s that each host sends")
    parser.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    asked = parser.parse_args()
    figures = measure(asked.hosts, asked.files, int(asked.size * _MB), asked.rate * _MB)
    for name, value in figures.rows():
        print(f"{name:<60} {value}")
    if asked.write:
        write(figures)


if __name__ == "__main__":
    main()
