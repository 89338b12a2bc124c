"""Make the index and its outside, survey them, compare, and write the document; status 1 when a figure is wrong."""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from tools.survey.measure import SurveyFailed, measure
from tools.survey.report import document

DOCUMENT = Path(__file__).parents[2] / "docs" / "survey.md"
PROJECTS, LINKS = 25_000, 18_000
_LOG_COLUMNS = 160


def main() -> None:
    """Do all of it."""
    given = arguments()
    links = given.projects * LINKS // PROJECTS
    console = Console(width=None if sys.stdout.isatty() else _LOG_COLUMNS)
    with tempfile.TemporaryDirectory(prefix="homeport-survey-") as scratch:
        try:
            results = measure(given.projects, links, (given.home or Path(scratch)).absolute(), console)
        except SurveyFailed as reason:
            sys.exit(str(reason))
    given.report.write_text(document(results))
    for difference in results.differences:
        console.print(difference, style="red")
    console.print(
        f"made in {results.making_seconds:.0f} s, surveyed in {results.survey_seconds:.0f} s, "
        f"{results.processor_seconds:.0f} s of processor time; written: {given.report}"
    )
    sys.exit(1 if results.differences else 0)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make survey ARGS=…", description=__doc__)
    parser.add_argument("--projects", type=int, default=PROJECTS, help="projects of the index (%(default)s)")
    parser.add_argument(
        "--home",
        type=Path,
        help="keep the index, its outside and their logs below this folder, which is empty",
    )
    parser.add_argument("--report", type=Path, default=DOCUMENT, help="the document (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
