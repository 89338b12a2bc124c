"""The run itself: case after case, server after server, and what is told while it goes on."""

import statistics
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPException

from tools.bench.cases import Case, Form, NotOffered, Request, request_for
from tools.bench.clients import Downloads, download_at_once, install_packages
from tools.bench.figures import Cost, Figure, Load, Outcome
from tools.bench.homeport import NGINX
from tools.bench.processes import Server, memory_bytes, processor_seconds
from tools.bench.wrk import LoadFailed, run_wrk

# A server that needs longer than a round to answer every connection once is measured once, until it has done so twice.
_TURNS_OF_A_SLOW_ONE = 2
_LONGEST_SECONDS = 12
# A second holds too few large files for a figure.
_TIMES_LONGER_FOR_A_FILE = 3


class Progress:
    """What is measured now, and how long the rest takes if it goes on like this."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()

    def step(self, what: str) -> None:
        """The next thing begins."""
        spent = time.monotonic() - self._began
        left = f", {spent / self._done * (self._steps - self._done) / 60:.0f} min left" if self._done else ""
        self._done += 1
        print(f"[{self._done}/{self._steps}{left}] {what}", flush=True)

    def told(self, name: str, text: str) -> None:
        """What came out for one server."""
        print(f"    {name:26} {text}", flush=True)


def measure_cases(
    cases: Sequence[Case],
    servers: Sequence[Server],
    core: int,
    *,
    rounds: int,
    seconds: int,
    progress: Progress,
) -> list[Outcome]:
    """Every case with every server, in turns."""
    outcomes = []
    for case in cases:
        progress.step(f"{case.title}, {case.connections} connection{'s' * (case.connections > 1)}")
        outcome = _measure(case, servers, core, rounds, seconds)
        for server in servers:
            figure = outcome.figures.get(server.name)
            progress.told(
                server.name,
                f"{figure.requests_per_second:>10,.1f} requests a second, p99 {figure.p99_ms:,.1f} ms"
                if figure
                else f"{'-':>10} {outcome.reasons[server.name]}",
            )
        outcomes.append(outcome)
    return outcomes


def _measure(case: Case, servers: Sequence[Server], core: int, rounds: int, seconds: int) -> Outcome:
    if case.form is Form.FILE:
        seconds *= _TIMES_LONGER_FOR_A_FILE
    reasons: dict[str, str] = {}
    asked: dict[Server, tuple[Request, int]] = {}
    for server in servers:
        try:
            asked[server] = _prepared(case, server, seconds)
        except NotOffered as reason:
            reasons[server.name] = str(reason)
        except (OSError, HTTPException, ValueError) as error:
            reasons[server.name] = f"failed: {error}"
    loads: dict[str, list[Load]] = {}
    for number in range(rounds):
        for server, (request, needed) in asked.items():
            if server.name in reasons or (number and needed > seconds):
                continue
            try:
                loads.setdefault(server.name, []).append(_load(case, server, request, needed, core))
            except LoadFailed as error:
                reasons[server.name] = f"failed: {error}"
                loads.pop(server.name, None)
    return Outcome(case, {name: Figure(tuple(measured)) for name, measured in loads.items()}, reasons)


def _prepared(case: Case, server: Server, seconds: int) -> tuple[Request, int]:
    """The request whose answer was looked at, and how many seconds this server is to be asked for."""
    request = request_for(case, server)
    began = time.monotonic()
    server.ask(request.path, request.headers)
    turn = (time.monotonic() - began) * case.connections
    return request, seconds if turn < seconds else min(
        _LONGEST_SECONDS, round(turn * _TURNS_OF_A_SLOW_ONE) + 1
    )


def _load(case: Case, server: Server, request: Request, seconds: int, core: int) -> Load:
    before = processor_seconds(server.pid)
    said = run_wrk(
        server.port, request.path, request.headers, connections=case.connections, seconds=seconds, core=core
    )
    used = processor_seconds(server.pid) - before
    return Load(said.requests_per_second, said.p50_ms, said.p99_ms, used / said.requests, used / seconds)


def measure_costs(
    servers: Sequence[Server], idle_bytes: Mapping[str, int], core: int, *, rounds: int, progress: Progress
) -> dict[str, Cost]:
    """Memory, downloads at once, and what uv needs for an installation."""
    progress.step("fifty downloads of 50 MB at once")
    downloads = {server.name: _downloads(server, core, progress) for server in servers}
    used = {server.name: memory_bytes(server.pid) for server in servers}
    progress.step("uv pip install of thirty packages, nothing cached by uv")
    installs = _installs([server for server in servers if server.name != NGINX], core, rounds, progress)
    return {
        server.name: Cost(
            idle_bytes[server.name], used[server.name], installs.get(server.name), downloads[server.name]
        )
        for server in servers
    }


def _downloads(server: Server, core: int, progress: Progress) -> Downloads | None:
    try:
        found = download_at_once(server, core)
    except (LoadFailed, NotOffered, OSError, HTTPException) as error:
        progress.told(server.name, f"failed: {error}")
        return None
    progress.told(
        server.name, f"{found.megabytes_per_second:,.0f} MB/s, {found.rise_bytes / 1e6:,.1f} MB more memory"
    )
    return found


def _installs(servers: Sequence[Server], core: int, rounds: int, progress: Progress) -> dict[str, float]:
    """The medians; the first installation is not counted, so that everybody has read every file once."""
    took: dict[str, list[float]] = {}
    failed: set[str] = set()
    for number in range(rounds + 1):
        for server in servers:
            if server.name in failed:
                continue
            try:
                seconds = install_packages(server, core)
            except LoadFailed as error:
                progress.told(server.name, f"failed: {error}")
                failed.add(server.name)
                continue
            if number:
                took.setdefault(server.name, []).append(seconds)
    medians = {name: statistics.median(seconds) for name, seconds in took.items() if name not in failed}
    for name, seconds in medians.items():
        progress.told(name, f"{seconds:.2f} s")
    return medians
