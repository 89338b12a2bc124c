"""Start every server, measure, print, and write the document and its chart."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from tools.bench.cases import PLAIN_FILES, Case, NotOffered, cases
from tools.bench.chart import chart
from tools.bench.corpus import Corpus, make_corpus
from tools.bench.figures import Described, Results
from tools.bench.homeport import (
    CONFIGURATION,
    NAME,
    NGINX,
    NGINX_CONFIGURATION,
    copy_answers,
    filled_home,
    homeport_command,
    nginx_command,
    nginx_version,
)
from tools.bench.indexes import INDEXES, Index, Place, fill, install
from tools.bench.measure import Progress, measure_cases, measure_costs
from tools.bench.processes import CannotRun, Server, free_port, memory_bytes, running
from tools.bench.report import print_tables, report

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "images" / "bench.svg"
KEPT = ROOT / ".bench"
PROGRAMS = {"nginx": "nginx-light", "wrk": "wrk", "taskset": "util-linux"}
_STEPS_AFTER_CASES = 2


class Bench:
    """The servers of one run, and what the document says of them."""

    def __init__(self, stack: ExitStack, folder: Path, corpus: Corpus, core: int) -> None:
        self._stack = stack
        self._folder = folder
        self._corpus = corpus
        self._core = core
        self.servers: list[Server] = []
        self.described: list[Described] = []
        self.absent: dict[str, str] = {}

    def start_ours(self, planned: Sequence[Case]) -> str:
        """Fill Homeport, start it, and nginx with what it answers; where caches find Homeport's index."""
        home = filled_home(KEPT, self._corpus, self._folder)
        www, port = self._folder / "www", free_port()
        command = homeport_command(home, port)
        log = self._folder / "homeport.log"
        ours = self._stack.enter_context(running(NAME, command, port, self._core, log, "/simple/"))
        self._add(ours, Described(NAME, version("homeport"), CONFIGURATION))
        copy_answers(ours, planned, www)
        port, log = free_port(), self._folder / "nginx-output.log"
        command = nginx_command(www, self._folder, port, ours)
        nginx = self._stack.enter_context(running(NGINX, command, port, self._core, log, PLAIN_FILES))
        self._add(nginx, Described(NGINX, nginx_version(), NGINX_CONFIGURATION))
        return f"http://127.0.0.1:{nginx.port}{ours.simple}"

    def start_other(self, index: Index, upstream: str) -> None:
        """Install, fill and start another index, or keep the reason why not."""
        scratch = self._folder / index.name.replace(" ", "-")
        scratch.mkdir()
        try:
            environment = install(index, KEPT)
            data = KEPT / f"{environment.name}-{self._corpus.projects}"
            place = Place(environment, data, scratch, self._corpus, upstream)
            fill(index, place)
            port = free_port()
            started = running(
                index.name, index.start(place, port), port, self._core, scratch / "log", index.simple
            )
            self._add(
                self._stack.enter_context(started),
                Described(index.name, index.version, index.configuration, index.is_cache),
            )
        except CannotRun as reason:
            print(f"without {index.name}: {reason}", flush=True)
            self.absent[f"{index.name} {index.version}"] = str(reason)

    def _add(self, server: Server, described: Described) -> None:
        self.servers.append(server)
        self.described.append(described)


def main() -> None:
    """Do all of it."""
    given = arguments()
    require_programs()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004 - one to serve, one to ask
        sys.exit("The bench needs two cores: one for the servers, one for the load generator.")
    planned = cases(given.projects, is_quick=given.quick)
    corpus = make_corpus(KEPT, given.projects)
    with tempfile.TemporaryDirectory(prefix="homeport-bench-") as folder, ExitStack() as stack:
        bench = Bench(stack, Path(folder), corpus, cores[0])
        try:
            upstream = bench.start_ours(planned)
        except (CannotRun, NotOffered) as reason:
            sys.exit(f"There is nothing to compare: {reason}.")
        for index in INDEXES:
            if not given.only or index.package in given.only:
                bench.start_other(index, upstream)
        idle = {server.name: memory_bytes(server.pid) for server in bench.servers}
        progress = Progress(len(planned) + _STEPS_AFTER_CASES)
        outcomes = measure_cases(
            planned, bench.servers, cores[1], rounds=given.rounds, seconds=given.seconds, progress=progress
        )
        costs = measure_costs(bench.servers, idle, cores[1], rounds=given.rounds, progress=progress)
    results = Results(
        tuple(bench.described),
        bench.absent,
        tuple(outcomes),
        costs,
        given.projects,
        given.rounds,
        given.seconds,
    )
    print_tables(results)
    missing = results.missing()
    if missing:
        sys.exit("Nothing is written, because figures are missing:\n" + "\n".join(missing))
    given.report.write_text(report(results))
    given.chart.write_text(chart(results))
    print(f"written: {given.report} and {given.chart}")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer cases, one round of one second, for development"
    )
    parser.add_argument("--projects", type=int, default=5_000, help="projects in the index (%(default)s)")
    parser.add_argument("--rounds", type=int, help="how often each case is measured (3)")
    parser.add_argument("--seconds", type=int, default=1, help="for each measurement (%(default)s)")
    parser.add_argument(
        "--only", action="append", metavar="PACKAGE", help="measure only this other index; repeat it"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="the document (%(default)s)")
    parser.add_argument("--chart", type=Path, default=CHART, help="the chart (%(default)s)")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    return given


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


if __name__ == "__main__":
    main()
