"""What installers ask, by ``wrk`` over many kept connections: pages, what is unchanged, metadata.

1. A list of paths is asked for one after another, in an order without meaning, the same kinds on both indexes.
2. Where the look-up is what is measured each request has a query of its own, so that no kept answer is given.
3. What was never read before lies on the disk with the large index, and in memory with the small one: that is a figure
   of the disk, and no ratio is wanted of it. Elsewhere the same number of pages is asked of both, after a first round.
"""

import os
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.bench.processes import processor_seconds
from tools.bench.wrk import LoadFailed, Said, read_wrk
from tools.scale.figures import Cost, Figure, cost_of
from tools.scale.homes import Home
from tools.scale.rows import newest_file, sha256_of
from tools.scale.servers import Side, page_path
from tools.scale.shapes import SHAPES, shape_of

ROUNDS = 7
SECONDS = 2
CONNECTIONS = 32
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
_HEADERS = {"Accept": JSON_TYPE, "Accept-Encoding": "gzip, deflate"}
_HOT_FILES = 20
_FRESH_AT_ONCE = 40_000

# The third argument to a script is the first of ours.
_SCRIPT = """
local paths, at, turn, query = {}, 0, 0, os.getenv("SCALE_QUERY")
for path in io.lines(os.getenv("SCALE_PATHS")) do paths[#paths + 1] = path end
request = function()
  at, turn = at % #paths + 1, turn + 1
  return wrk.format("GET", query and (paths[at] .. "?" .. query .. turn) or paths[at])
end
"""


@dataclass(frozen=True)
class Load:
    """One kind of traffic: the paths of a round on an index, and what goes with every request."""

    what: str
    paths: Callable[[Side, int], Sequence[str]]
    headers: Callable[[Side], Mapping[str, str]] = lambda side: _HEADERS  # noqa: ARG005 - most are alike
    is_looked_up: bool = False
    is_bounded: bool = True


def loads() -> list[Load]:
    """Everything that is measured with wrk."""
    return [
        Load("one page, again and again", lambda side, _: [side.page(hot_project())]),
        Load("one page, unchanged (304)", lambda side, _: [side.page(hot_project())], _conditional),
        Load("1,000 pages in turn", _pages),
        Load("1,000 pages in turn, each looked up anew", _pages, is_looked_up=True),
        Load("1,000 `.metadata` files in turn", _metadata),
        Load("pages that were never asked for (the small index has none)", _fresh_pages, is_bounded=False),
    ]


def measure_traffic(load: Load, large: Side, small: Side, core: int, scratch: Path) -> Figure:
    """One kind of traffic on both, in turns; what is asked for again was read from the disk before it is counted."""
    costs: dict[str, list[Cost]] = {}
    if load.is_bounded:
        for side in (large, small):
            for path in load.paths(side, 0):
                side.server.ask(path, load.headers(side))
    for number in range(ROUNDS + 1):
        for side in (large, small):
            cost = _round(load, side, number, core, scratch)
            if number:
                costs.setdefault(side.home.kind, []).append(cost)
    return Figure(
        load.what, _median(costs[large.home.kind]), _median(costs[small.home.kind]), load.is_bounded
    )


def sample(home: Home, seed: str) -> list[int]:
    """The numbers of a thousand projects, one of every shape, in an order without meaning."""
    draw = random.Random(seed)  # noqa: S311 - the same in every run
    blocks = max(1, len(home.names) // SHAPES)
    numbers = [draw.randrange(blocks) * SHAPES + place for place in range(SHAPES)]
    draw.shuffle(numbers)
    return [number for number in numbers if number < len(home.names)]


def hot_project() -> int:
    """A project of a usual number of files."""
    return next(number for number in range(SHAPES) if shape_of(number).files == _HOT_FILES)


def _pages(side: Side, number: int) -> list[str]:  # noqa: ARG001 - the same in every round
    return [side.page(project) for project in sample(side.home, "pages")]


def _fresh_pages(side: Side, number: int) -> list[str]:
    draw = random.Random(f"fresh {number}")  # noqa: S311 - the same in every run
    count = min(_FRESH_AT_ONCE, len(side.home.names))
    return [side.page(project) for project in draw.sample(range(len(side.home.names)), count)]


def _metadata(side: Side, number: int) -> list[str]:  # noqa: ARG001 - the same in every round
    files = (newest_file(project, side.home.names[project]) for project in sample(side.home, "metadata"))
    return [f"/files/{sha256_of(filename)}/{filename}.metadata" for filename in files]


def _conditional(side: Side) -> Mapping[str, str]:
    _, fields, _ = side.server.ask(page_path(side.home, hot_project()), _HEADERS)
    return {**_HEADERS, "If-None-Match": fields["ETag"]}


def _round(load: Load, side: Side, number: int, core: int, scratch: Path) -> Cost:
    script, paths = scratch / "paths.lua", scratch / "paths"
    script.write_text(_SCRIPT)
    paths.write_text("".join(f"{path}\n" for path in load.paths(side, number)))
    environment = {"SCALE_PATHS": str(paths)}
    if load.is_looked_up:
        environment["SCALE_QUERY"] = f"{number}."
    before = processor_seconds(side.server.pid)
    said = _wrk(side.server.port, load.headers(side), script, environment, core)
    used = processor_seconds(side.server.pid) - before
    return Cost(1 / said.requests_per_second, said.p99_ms / 1e3, used / said.requests)


def _wrk(
    port: int, headers: Mapping[str, str], script: Path, environment: Mapping[str, str], core: int
) -> Said:
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    command += ["--timeout", "30s", "-s", str(script)]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    if done.returncode:
        raise LoadFailed(f"wrk ended with status {done.returncode}: {done.stderr.strip()}")
    return read_wrk(done.stdout)


def _median(rounds: Sequence[Cost]) -> Cost:
    told = cost_of([cost.seconds for cost in rounds], [cost.processor_seconds or 0.0 for cost in rounds])
    slow = cost_of([cost.p99_seconds or 0.0 for cost in rounds])
    return Cost(told.seconds, slow.seconds, told.processor_seconds)
