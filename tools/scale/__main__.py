"""Make both indexes, measure, print, and write the document; status 1 only when something could not be done."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from tools.bench.processes import CannotRun
from tools.bench.wrk import LoadFailed
from tools.scale.homes import NoRoom, make_homes
from tools.scale.measure import measure
from tools.scale.report import document, print_results
from tools.scale.shapes import SHAPES

DOCUMENT = Path(__file__).parents[2] / "docs" / "scale.md"
PROJECTS = 700_000
PROGRAMS = {"wrk": "wrk", "taskset": "util-linux"}
_LOG_COLUMNS = 160


def main() -> None:
    """Do all of it."""
    given = arguments()
    missing = sorted(package for program, package in PROGRAMS.items() if not shutil.which(program))
    if missing:
        sys.exit(
            f"make scale needs {' and '.join(missing)}: install them (on Debian: apt-get install) and repeat."
        )
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004 - one to serve, one to ask
        sys.exit("make scale needs two cores: one for the servers, one for those who ask.")
    console = Console(width=None if sys.stdout.isatty() else _LOG_COLUMNS)
    with tempfile.TemporaryDirectory(prefix="homeport-scale-") as scratch:
        try:
            homes = make_homes((given.home or Path(scratch)).absolute(), given.projects, console)
            results = measure(homes, (cores[0], cores[1]), Path(scratch), console)
        except (NoRoom, CannotRun, LoadFailed) as reason:
            sys.exit(str(reason))
    given.report.write_text(document(results))
    print_results(results, console)
    console.print(f"written: {given.report}")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make scale ARGS=…", description=__doc__)
    parser.add_argument(
        "--projects", type=projects, default=PROJECTS, help="projects of the large index (%(default)s)"
    )
    parser.add_argument("--home", type=Path, help="keep the indexes below this folder, and use them again")
    parser.add_argument("--report", type=Path, default=DOCUMENT, help="the document (%(default)s)")
    return parser.parse_args()


def projects(text: str) -> int:
    """So many thousands of projects: the small index is as it is, and the large one is that many times over."""
    if not text.isdecimal() or int(text) < SHAPES or int(text) % SHAPES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of thousands: for example 20000.")
    return int(text)


if __name__ == "__main__":
    main()
