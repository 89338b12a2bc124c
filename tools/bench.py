"""``make bench``: the read side of Homeport beside nginx, which serves the same bytes from disk.

1. Both servers have one process's worth of one core, the load generator (wrk) has another.
2. Homeport is the product as ``homeport web`` starts it, over a real home: database, rendered pages, blobs.
3. nginx is given the bytes that Homeport answered and sends the same kinds of header fields with them.
4. Rounds alternate between the two; a figure is the median of the rounds' ratios.
5. Beside requests a second stands the processor time a request costs the server: it is the same figure on a quiet
   machine, and holds on a busy one too.
"""

import http.client
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, parse_filename
from homeport.domain.release import Origin
from homeport.flows.manage_project import add_project
from homeport.flows.publish_file import Arrival, publish_files
from homeport.flows.sign_in import add_user
from homeport.ports.catalogue import Provenance
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

ROUNDS = 3
SECONDS = 3
FILES_ON_PAGE = 50
LARGE_BYTES = 50 * 1000 * 1000
START_SECONDS = 20.0
QUIET_SHARE = 0.9
PROGRAMS = {"nginx": "nginx-light", "wrk": "wrk", "taskset": "util-linux"}
REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
PAGE = "/simple/bench/"
GZIP = ("Accept-Encoding", "gzip")


@dataclass(frozen=True)
class Case:
    """One request, as each server is asked for it, by so many connections at once."""

    what: str
    connections: int
    homeport: str
    nginx: str
    headers: tuple[tuple[str, str], ...] = ()
    is_conditional: bool = False
    wanted: str = ""


@dataclass(frozen=True)
class Load:
    """What one server did in one round."""

    requests_per_second: float
    processor_seconds_per_request: float
    share_of_core: float


@dataclass(frozen=True)
class Outcome:
    """The rounds of one case in pairs: Homeport, nginx."""

    case: Case
    rounds: tuple[tuple[Load, Load], ...]

    @property
    def homeport(self) -> float:
        """Homeport's requests a second."""
        return statistics.median(ours.requests_per_second for ours, _ in self.rounds)

    @property
    def nginx(self) -> float:
        """The requests a second of nginx."""
        return statistics.median(theirs.requests_per_second for _, theirs in self.rounds)

    @property
    def ratio(self) -> float:
        """Homeport's requests a second for one of nginx."""
        return statistics.median(
            ours.requests_per_second / theirs.requests_per_second for ours, theirs in self.rounds
        )

    @property
    def processor_ratio(self) -> float:
        """Homeport's requests for the processor time that one costs nginx."""
        return statistics.median(
            theirs.processor_seconds_per_request / ours.processor_seconds_per_request
            for ours, theirs in self.rounds
        )

    @property
    def had_its_core(self) -> bool:
        """False when other programs took the core from a server that many connections kept busy."""
        shares = [load.share_of_core for pair in self.rounds for load in pair]
        return self.case.connections == 1 or min(shares) >= QUIET_SHARE


@dataclass(frozen=True)
class Server:
    """A running server: its port, and its first process."""

    port: int
    pid: int


def main() -> None:
    """Fill a home, start both servers, measure, print, and write the report."""
    require_programs()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004 - one to serve, one to ask
        sys.exit("The bench needs two cores: one for the servers, one for the load generator.")
    with tempfile.TemporaryDirectory(prefix="homeport-bench-") as folder:
        home, www = Path(folder) / "home", Path(folder) / "www"
        large = fill(home)
        with homeport_server(home, cores[0]) as ours, nginx_server(www, cores[0]) as theirs:
            copy_answers(ours.port, www, large)
            outcomes = [measured(case, ours, theirs, cores[1]) for case in cases(large)]
    print(table(outcomes))
    print(disturbance(outcomes))
    REPORT.write_text(report(outcomes))


def cases(large: str) -> list[Case]:
    """What is measured; ``large`` is the URL of the large file."""
    json = (("Accept", JSON_TYPE),)
    html = (("Accept", "text/html"),)
    found = []
    for connections in (1, 32):
        wanted = "0.40" if connections > 1 else ""
        found += [
            Case("project page, JSON", connections, PAGE, "/page.json", json, wanted=wanted),
            Case("project page, JSON, gzip", connections, PAGE, "/page.json", (*json, GZIP)),
            Case("project page, HTML", connections, PAGE, "/page.html", html, wanted=wanted),
            Case("project page unchanged (304)", connections, PAGE, "/page.json", json, is_conditional=True),
        ]
    return [*found, Case("file of 50 MB", 1, large, "/large.whl", wanted="0.9")]


def require_programs() -> None:
    """Install what is missing when we may, else say what to install."""
    missing = sorted(package for program, package in PROGRAMS.items() if not shutil.which(program))
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"The bench needs {' and '.join(missing)}: install them (on Debian: apt-get install) and repeat."
        )
    print(f"installing {', '.join(missing)}", flush=True)
    subprocess.run(["apt-get", "-qq", "update"], check=True)
    subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing], check=True)


def fill(home: Path) -> str:
    """A home with a project of fifty wheels and one with a large wheel, whose URL is returned."""
    settings = read_settings({"HOMEPORT_HOME": str(home)}, home.parent)
    prepare(settings)
    world = open_world(settings)
    owner = add_user(world, "bench", "bench@example.org", None, is_admin=False)
    small = [arrival(world, "bench", f"1.{i}", b"%d" % i * 100, 1) for i in range(FILES_ON_PAGE)]
    big = arrival(world, "bench-large", "1.0", os.urandom(LARGE_BYTES // 50), 50)
    now = world.clock.now()
    with world.store.write() as tx:
        for name, arrivals in (("bench", small), ("bench-large", [big])):
            project = add_project(
                tx, ProjectName.parse(name), owner, HostingMode.ONLY, actor=owner.name, at=now
            )
            publish_files(tx, project, arrivals, actor=owner.name, at=now)
    return f"/files/{big.digests.sha256}/{big.filename}"


def arrival(world: World, name: str, text: str, content: bytes, times: int) -> Arrival:
    """A wheel whose bytes are kept; nobody looks inside here."""
    parsed = parse_filename(f"{name.replace('-', '_')}-{text}-py3-none-any.whl")
    with world.blobs.receive(LARGE_BYTES) as incoming:
        for _ in range(times):
            incoming.write(content)
        digests, size = incoming.digests(), incoming.size_bytes
        incoming.keep()
    return Arrival(
        version=parsed.version,
        filename=parsed.filename,
        kind=parsed.kind,
        size_bytes=size,
        digests=digests,
        metadata=CoreMetadata("2.1", name, text, requires_python=">=3.9"),
        metadata_file=f"Metadata-Version: 2.1\nName: {name}\nVersion: {text}\n".encode(),
        origin=Origin.UPLOAD,
        provenance=Provenance("bench"),
    )


def copy_answers(port: int, www: Path, large: str) -> None:
    """Give nginx the bytes Homeport answers with."""
    (www / "page.json").write_bytes(ask(port, PAGE, Accept=JSON_TYPE).read())
    (www / "page.json.gz").write_bytes(ask(port, PAGE, Accept=JSON_TYPE, **dict([GZIP])).read())
    (www / "page.html").write_bytes(ask(port, PAGE, Accept="text/html").read())
    (www / "large.whl").write_bytes(ask(port, large).read())


def measured(case: Case, ours: Server, theirs: Server, core: int) -> Outcome:
    """Alternate between the two servers."""
    rounds = [
        (load(case, ours, case.homeport, core), load(case, theirs, case.nginx, core)) for _ in range(ROUNDS)
    ]
    outcome = Outcome(case, tuple(rounds))
    print(f"{case.what}, {case.connections} connections: {outcome.ratio:.2f}", flush=True)
    return outcome


def load(case: Case, server: Server, path: str, core: int) -> Load:
    """Ask one server for a while; every answer must be the one that is measured."""
    headers = dict(case.headers)
    if case.is_conditional:
        headers["If-None-Match"] = ask(server.port, path, **headers).headers["ETag"]
    expected = 304 if case.is_conditional else 200
    status = ask(server.port, path, **headers).status
    if status != expected:
        sys.exit(f"{case.what}: the server on port {server.port} answered {status} instead of {expected}.")
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    wrk = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{case.connections}", f"-d{SECONDS}s", *given]
    before = processor_seconds(server.pid)
    said = subprocess.run(
        [*wrk, f"http://127.0.0.1:{server.port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    used = processor_seconds(server.pid) - before
    summary = re.search(r"(\d+) requests in .*^Requests/sec:\s+([\d.]+)", said, re.DOTALL | re.MULTILINE)
    if summary is None or "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{case.what}: the server on port {server.port} failed under load:\n{said}")
    return Load(float(summary[2]), used / int(summary[1]), used / SECONDS)


def processor_seconds(pid: int) -> float:
    """User and system time of a process and all below it (proc(5): fields 14 and 15, counted after the name)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = [
        child for known in Path(f"/proc/{pid}/task").glob("*/children") for child in known.read_text().split()
    ]
    return own + sum(processor_seconds(int(child)) for child in children)


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    """One request of our own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@contextmanager
def homeport_server(home: Path, core: int) -> Iterator[Server]:
    """The product's web process, on one core."""
    port = free_port()
    environment = {**os.environ, "HOMEPORT_HOME": str(home), "HOMEPORT_PORT": str(port)}
    command = [sys.executable, "-m", "homeport.cli.supervisor", "web"]
    with running(command, port, core, environment) as server:
        yield server


@contextmanager
def nginx_server(www: Path, core: int) -> Iterator[Server]:
    """The other server, as a good administrator sets it up for static files, on one core."""
    port = free_port()
    www.mkdir()
    folder = www.parent
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
        events {{ worker_connections 1024; }}
        http {{
            {paths}
            access_log off; sendfile on; tcp_nopush on; gzip_static on; keepalive_requests 1000000000;
            add_header Cache-Control no-cache; add_header Vary "Accept, Accept-Encoding";
            add_header Access-Control-Allow-Origin "*"; add_header X-Content-Type-Options nosniff;
            add_header X-PyPI-Last-Serial 100;
            types {{ {JSON_TYPE} json; text/html html; }}
            default_type application/octet-stream;
            server {{ listen 127.0.0.1:{port}; root {www}; }}
        }}
        """
    )
    command = ["nginx", "-e", f"{folder}/nginx.log", "-c", str(configuration)]
    with running(command, port, core, dict(os.environ)) as server:
        yield server


@contextmanager
def running(command: list[str], port: int, core: int, environment: dict[str, str]) -> Iterator[Server]:
    """``command`` pinned to ``core``, once it listens on ``port``."""
    with subprocess.Popen(["taskset", "-c", str(core), *command], env=environment) as process:
        try:
            wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when somebody listens on ``port``."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"{process.args!r} did not start.")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def table(outcomes: list[Outcome]) -> str:
    """What was measured, for the terminal."""
    lines = [
        f"{'':30} {'connections':>11} {'Homeport/s':>11} {'nginx/s':>9} {'ratio':>6} {'by processor':>13} {'wanted':>7}"
    ]
    lines += [
        f"{outcome.case.what:30} {outcome.case.connections:>11} {outcome.homeport:>11.0f} {outcome.nginx:>9.0f} "
        f"{outcome.ratio:>6.2f} {outcome.processor_ratio:>13.2f} {outcome.case.wanted:>7}"
        for outcome in outcomes
    ]
    return "\n".join(lines)


def disturbance(outcomes: list[Outcome]) -> str:
    """What to think of the figures: on a busy machine a server of many threads is given more of the core."""
    if all(outcome.had_its_core for outcome in outcomes):
        return "The servers had their core to themselves."
    return (
        "Other programs used the servers' core during this run. The first figure then favours Homeport, whose threads "
        "are given more turns than the one of nginx: go by processor time."
    )


def report(outcomes: list[Outcome]) -> str:
    """The page of the documentation: ratios, because absolute figures belong to a machine."""
    nginx = (
        subprocess.run(["nginx", "-v"], check=True, capture_output=True, text=True)
        .stderr.split("/")[-1]
        .strip()
    )
    rows = "\n".join(
        f"| {outcome.case.what} | {outcome.case.connections} | {outcome.ratio:.2f} | "
        f"{outcome.processor_ratio:.2f} | {outcome.case.wanted} |"
        for outcome in outcomes
    )
    return f"""# Benchmarks

Written by `make bench`. A figure is how many requests Homeport answers for one that nginx answers from disk with
the same bytes: in the same time, and for the same processor time of the server. Both run on the same single core, on
the same machine, in the same run; the load generator has a core of its own. With many connections and a core to
itself the two figures are equal; with one connection the first is mostly about waiting.

{disturbance(outcomes)}

| what | connections | in the same time | for the same processor time | wanted |
|---|---|---|---|---|
{rows}

How it is measured:

- Homeport is started as `homeport web` starts it, with one process, over a home that was filled by its own flows:
  a project of {FILES_ON_PAGE} wheels, and one wheel of 50 MB. Pages come from the database, files from the blob folder.
- nginx has one worker, `sendfile`, `gzip_static`, no access log, files with exactly the bytes that Homeport answered,
  and sends the same kinds of header fields.
- The load is `wrk` with one thread and kept connections. Each case is measured {ROUNDS} times for {SECONDS} seconds, Homeport
  and nginx in turn; the figure is the median of the ratios.
- Measured with CPython {platform.python_version()}, Granian {version("granian")}, nginx {nginx}.
"""


if __name__ == "__main__":
    main()
