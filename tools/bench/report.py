"""The document and the tables of the terminal, written from the figures alone."""

import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

from rich.console import Console
from rich.table import Table
from tools.bench.clients import DOWNLOADS
from tools.bench.corpus import PACKAGES
from tools.bench.figures import Cost, Goal, Outcome, Results
from tools.bench.homeport import NAME, NGINX

NOTHING = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
_MEGABYTE = 1e6
_TWO_DIGITS, _NO_DIGITS = 10, 100


def number(value: float | None) -> str:
    """A figure with about three digits, and a dash for none."""
    if value is None:
        return NOTHING
    digits = 0 if value >= _NO_DIGITS else 1 if value >= _TWO_DIGITS else 2
    return f"{value:,.{digits}f}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def goal_rows(goals: Iterable[Goal]) -> list[list[str]]:
    """What is wanted beside what is."""
    held = {True: "yes", False: "**no**", None: ""}
    return [
        [
            goal.what,
            f"{number(goal.figure)} {TIMES} {goal.against}",
            f"≥ {goal.wanted:.2f}" if goal.wanted else "",
            held[goal.is_held],
        ]
        for goal in goals
    ]


def rows(
    results: Results, names: Sequence[str], connections: int, cell: Callable[[Outcome, str], str]
) -> list[list[str]]:
    """One row for each case with so many connections, one column for each server."""
    return [
        [outcome.case.title, *(cell(outcome, name) for name in names)]
        for outcome in results.outcomes
        if outcome.case.connections == connections
    ]


def rate(outcome: Outcome, name: str) -> str:
    """Answers a second."""
    return number(outcome.figures[name].requests_per_second) if name in outcome.figures else NOTHING


def ratio(outcome: Outcome, name: str) -> str:
    """Homeport's answers for one of this server's."""
    return number(outcome.ratio(name))


def latency(outcome: Outcome, name: str) -> str:
    """Half of the answers, and nearly all of them, in milliseconds."""
    figure = outcome.figures.get(name)
    return f"{number(figure.p50_ms)} / {number(figure.p99_ms)}" if figure else NOTHING


def cost_rows(results: Results) -> list[list[str]]:
    """Everything else that was measured, one row for each server."""
    return [
        [
            name,
            number(cost.install_seconds),
            number(cost.downloads.megabytes_per_second if cost.downloads else None),
            number(cost.downloads.rise_bytes / _MEGABYTE if cost.downloads else None),
            number(cost.idle_bytes / _MEGABYTE),
            number(cost.used_bytes / _MEGABYTE),
            number(results.processor_seconds(name)),
        ]
        for name, cost in _costs(results)
    ]


COST_HEAD = [
    "",
    f"`uv pip install` of {PACKAGES} packages, s",
    f"{DOWNLOADS} {TIMES} 50 MB at once, MB/s",
    "memory rise meanwhile, MB",
    "memory when started, MB",
    "memory after the run, MB",
    "processor s for 1,000 pages",
]


def _costs(results: Results) -> list[tuple[str, Cost]]:
    return [(name, results.costs[name]) for name in results.names if name in results.costs]


def disturbance(results: Results) -> str:
    """What to think of the figures: on a busy machine a server of many threads is given more of the core."""
    if results.had_their_core:
        return "The servers had their core to themselves."
    return (
        "Other programs used the servers' core during this run. A figure then favours servers of many threads, which\n"
        "are given more turns than the one of nginx: go by processor time, and repeat on a quiet machine."
    )


def print_tables(results: Results) -> None:
    """The end of a run, in the terminal."""
    # Where nobody looks at a screen, no line is folded.
    console = Console() if sys.stdout.isatty() else Console(width=200)
    others = [name for name in results.names if name != NAME]
    for connections in sorted({outcome.case.connections for outcome in results.outcomes}, reverse=True):
        many = f"{connections} connection{'s' * (connections > 1)}"
        console.print(
            _table(
                f"Answers a second, {many}",
                ["", *results.names],
                rows(results, results.names, connections, rate),
            )
        )
        console.print(
            _table(
                f"{NAME}'s answers for one of …, {many}",
                ["", *others],
                rows(results, others, connections, ratio),
            )
        )
    console.print(_table("Cost", COST_HEAD, cost_rows(results)))
    console.print(_table("Wanted", ["", "figure", "wanted", "held"], goal_rows(results.goals())))
    for name, reason in results.absent.items():
        console.print(f"Without {name}: {reason}.")
    console.print(disturbance(results))


def _table(title: str, head: Sequence[str], body: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name.replace("`", ""), justify="right" if place else "left")
    for row in body:
        table.add_row(*(cell.replace("**", "").replace("`", "") for cell in row))
    return table


def report(results: Results) -> str:
    """The page of the documentation."""
    return "\n\n".join([_opening(results), *_tables(results), *_servers(results), _method(results)]) + "\n"


def _opening(results: Results) -> str:
    return f"""# Benchmarks

Written by `make bench`, every figure by the same run. Homeport stands beside nginx, which sends the same bytes from
disk and is the limit, and beside every other index that installs from the package registry and starts here. All serve
the same {results.projects:,} projects from the same single core; the load generator has a core of its own.
{disturbance(results)}

![Homeport beside nginx and other indexes](images/bench.svg)

Absolute figures belong to the machine, ratios less so. A dash means that the server has no such answer.

## What is wanted, and what is

{markdown(["what", "Homeport's answers for one", "wanted", "held"], goal_rows(results.goals()))}

A cache in front of an index knows nothing of uploads, owners and changes but what it last read; it is shown because it
runs here, and nothing is promised against it."""


def _tables(results: Results) -> Iterable[str]:
    others = [name for name in results.names if name != NAME]
    for connections in (32, 1):
        if not any(outcome.case.connections == connections for outcome in results.outcomes):
            continue
        many = f"{connections} connection{'s' * (connections > 1)}"
        yield f"## {many}"
        yield "Answers a second:"
        yield markdown(["", *results.names], rows(results, results.names, connections, rate))
        yield f"{NAME}'s answers for one of:"
        yield markdown(["", *others], rows(results, others, connections, ratio))
        yield f"{NAME}'s answers for the processor time that one costs nginx:"
        yield markdown(["", NGINX], rows(results, [NGINX], connections, _processor_ratio))
        yield "Milliseconds for an answer, half of them / all but one of a hundred:"
        yield markdown(["", *results.names], rows(results, results.names, connections, latency))
    yield "## Installing, many downloads, memory, processor time"
    yield markdown(COST_HEAD, cost_rows(results))


def _processor_ratio(outcome: Outcome, name: str) -> str:
    if NAME not in outcome.figures or name not in outcome.figures:
        return NOTHING
    return number(outcome.figures[NAME].processor_ratio(outcome.figures[name]))


def _servers(results: Results) -> Iterable[str]:
    yield "## How each is set up"
    yield "\n".join(
        f"- **{server.name}** {server.version}: {server.configuration}." for server in results.servers
    )
    if results.absent:
        yield "Not here, and why:"
        yield "\n".join(f"- {name}: {reason}." for name, reason in results.absent.items())


def _method(results: Results) -> str:
    rounds = f"{results.rounds} round{'s' * (results.rounds > 1)} of {results.seconds} s"
    return f"""## How it is measured

- Every server is one process (or as few as it starts) pinned to one core; `wrk` with one thread and kept connections,
  `uv` and the downloads have another. The other servers are idle
  meanwhile.
- A case is measured in {rounds}, the servers in turn; the figure is the median. A server that needs longer than
  a round to answer every connection once is measured once, for as long as two such turns take, at most 12 s. Large
  files are asked for three times as long.
- Before a case is measured the answer is looked at: status, kind, and that it lists every file. "gzip" means that the
  client offers gzip and deflate, as installers do; who does not compress sends more bytes.
- Memory is the proportional set size of the server's process and all below it; its rise is looked at fifty times a
  second while {DOWNLOADS} clients download the same 50 MB at once.
- `uv` installs {PACKAGES} small wheels that depend on one another, with an empty cache and an empty folder each time.
- Processor time for 1,000 pages is that of pages of 50 files in JSON with gzip offered, in HTML where there is no JSON.
- Measured with CPython {platform.python_version()}, Granian {version("granian")}, uv {version("uv")}."""
