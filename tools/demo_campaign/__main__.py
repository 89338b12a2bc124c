"""``python -m tools.demo_campaign``: play the campaign; the exit status is 0 only if every check holds."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from tools.demo_campaign.cast import Character, Project, draw_cast, people_of
from tools.demo_campaign.checks import Check, checks
from tools.demo_campaign.index import fill, running_index
from tools.demo_campaign.months import Months
from tools.demo_campaign.outside import Sites, postbox
from tools.demo_campaign.pictures import in_terminal, pictures_of, stands_table, write_report

from homeport.flows.campaign.show import Totals, show_campaign

console = Console()


def play(count: int, report: Path) -> int:
    """The whole story with so many projects."""
    began = time.monotonic()
    projects = draw_cast(count)
    console.print(_cast_table(projects))
    nobody = frozenset(person.email for person in people_of(projects) if person.character is Character.GONE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="homeport-campaign-")))
        sites, box = Sites(projects, stack), stack.enter_context(postbox(nobody))
        index = stack.enter_context(running_index(folder, box.port))
        fill(index, projects, sites.page_of)
        progress = stack.enter_context(_progress())
        months = Months(index, sites, box, projects, lambda *told: _tell(progress, *told))
        previewed, totals = months.preview()
        campaign = months.announce(previewed)
        _tell(progress, 0, campaign.at.date(), _preview(totals, campaign.day))
        bar = progress.add_task("four months", total=len(months.days))
        for day in months.days:
            months.live_through(day, campaign)
            progress.advance(bar)
        progress.stop()
        results, pictures = checks(months, campaign), pictures_of(months, campaign)
        write_report(report, months, campaign, pictures, results)
        for picture in pictures:
            console.print(in_terminal(picture))
        console.print(stands_table(show_campaign(index.world, None, campaign.id)))
        told = (
            f"{len(months.received)} mails arrived, {len(box.refused)} were refused at the door, the sites were asked "
            f"{sites.requests:,} times, and all of it took {time.monotonic() - began:.0f} s."
        )
    console.print(told)
    console.print(f"The charts and the checks as a page for a browser: [bold]{report}", soft_wrap=True)
    return judge(results)


def judge(results: Sequence[Check]) -> int:
    """Say what holds and, loudly, what does not; the exit status."""
    table = Table(title="What was checked", title_justify="left", header_style="bold")
    for column in ("", "promise", "looked at"):
        table.add_column(column)
    for one in results:
        table.add_row("[green]✓" if one.holds else "[bold red]✗", one.promise, f"{one.looked_at:,}")
    console.print(table)
    broken = [one for one in results if not one.holds]
    for one in broken:
        problems = "\n".join(one.problems[:20]) or "Nothing was there to be looked at."
        console.print(Panel(problems, title=f"This did not hold: {one.promise}", border_style="red"))
    if not broken:
        console.print("[green]Every check held.[/green] Nobody was forgotten, and nothing came home unasked.")
    return 1 if broken else 0


def _cast_table(projects: Sequence[Project]) -> Table:
    table = Table(title=f"{len(projects)} projects", title_justify="left", header_style="bold")
    table.add_column("somebody who maintains it")
    table.add_column("projects", justify="right")
    table.add_column("files", justify="right")
    counts = Counter(project.owner.character for project in projects)
    files = Counter(project.owner.character for project in projects for _ in project.files)
    for character in Character:
        table.add_row(character.value, f"{counts[character]}", f"{files[character]}")
    return table


def _preview(totals: Totals, day: date) -> str:
    return (
        f"announced for {day}: {totals.group_a} projects lose nothing, {totals.group_b} have {totals.files} files "
        f"elsewhere; {totals.people} people are told"
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _tell(progress: Progress, day: int, on: date, what: str) -> None:
    progress.console.print(f"[dim]day {day:>3}  {on}[/dim]  {what}", highlight=False, soft_wrap=True)


def main(arguments: Sequence[str]) -> int:
    """Read what was asked for, and play."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo_campaign", description=__doc__)
    parser.add_argument("--projects", type=int, default=200, help="how many projects (200)")
    parser.add_argument(
        "--report",
        type=Path,
        default=Path(os.environ.get("HOMEPORT_HOME") or "var") / "demo-campaign.html",
        help="where the report is written (demo-campaign.html in HOMEPORT_HOME, or in var)",
    )
    asked = parser.parse_args(arguments)
    return play(asked.projects, asked.report.absolute())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
