"""Fetch, inspect, and write docs/inspect-real.md; status 1 when more honest files are rejected than may be."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from tools.inspect_real.look import cost_of_second_reading, look_at
from tools.inspect_real.names import read_names, spread
from tools.inspect_real.registry import Registry
from tools.inspect_real.report import document, summary

from homeport.domain.inspection import Verdict
from homeport.domain.rules import Profile

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "inspect-real.md"
CACHE = HERE.parents[1] / ".real"
# G-14: one honest file in a thousand.
MOST_FALSE_REJECTS = 0.001
_SAMPLED = 60
_SAMPLED_BYTES = 30_000_000


def main() -> None:
    """Do all of it."""
    given = arguments()
    console = Console()
    registry = Registry(given.cache)
    names = read_names(HERE / "names.txt")[: given.most]
    files = [
        file
        for wanted in track(names, "fetching", console=console, transient=True)
        for file in registry.files_of(wanted)
    ]
    files = sorted(set(files), key=lambda file: file.name.lower())
    looked = list(
        track(look_at(files, given.jobs), "inspecting", total=len(files), console=console, transient=True)
    )
    sample = spread([file for file in files if file.stat().st_size < _SAMPLED_BYTES], _SAMPLED)
    explained = json.loads((HERE / "explained.json").read_text())
    text = document(looked, cost_of_second_reading(sample), explained)
    console.print(summary(looked))
    if given.most is None:
        DOCUMENT.write_text(text)
        console.print(f"Written: {DOCUMENT}")
    for profile in (Profile.ALONE, Profile.LEGACY):
        false = [
            one.name
            for one in looked
            if one.found[profile].verdict is Verdict.REJECT
            and not explained.get(one.name, "").startswith("Rightly")
        ]
        if len(false) > MOST_FALSE_REJECTS * len(looked):
            sys.exit(f"Falsely rejected ({profile.name.lower()}): {', '.join(false)}")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.inspect_real", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="files inspected at a time")
    parser.add_argument("--most", type=int, help="only so many projects; nothing is written")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where fetched files are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
