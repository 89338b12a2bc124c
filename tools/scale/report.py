"""What is printed, with figures of this machine, and the document, which tells ratios and sizes only."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from tools.scale import changes, listing, looks, servers, traffic
from tools.scale.figures import BOUNDS, Figure, Group, Results, Size
from tools.scale.shapes import MOST_FILES, SHAPES

_WANTED = f"{BOUNDS[0]}…{BOUNDS[1]}"


_OPENING = """\
# What size costs

Written by `make scale`. One index has {projects:,} projects, {releases:,} releases and {files:,} files, the other
{small_projects:,} projects, {times:,} times fewer. A figure is what a thing costs on the large one, for one on the small one; both are
asked for the same, in turns, in one run on one machine. Wanted is {wanted}: what is asked or changed costs the same
however large the index is.

{held} of {judged} ratios are as they are wanted.
{out}
"""
_HOW = """\
## How it is measured

- Both indexes come from one generator, and are the same on every machine. A thousand projects have a thousand shapes: half
  of them have a handful of files, one has {most_files:,}. The large index is the small one {times:,} times over, under other names;
  its database has {gigabytes:.1f} GB.
- There are rows, and no bytes: no release file can be downloaded, and core metadata is kept beside the newest wheel of
  each project only. A file's digests are those of its name.
- The schema is made by the product. Rows are written through the driver, with `synchronous` off and without the
  secondary indexes, which the schema's own words make again. The rows of a project do not lie side by side.
- The product renders the pages of the small index. The large one has the same bytes {times:,} times, each time under the names of
  other projects of these shapes: what a page costs to read and to replace is its size. Both lists of projects are
  rendered by the product.
- The ledger verifies from its first entry. It tells of every user and project, and of the newest file of each project:
  told of all files, it would be a fifth of the database.
- Both run as `homeport serve` starts them, web and worker, on one core; those who ask have another. The operating system's
  memory is left as it is. The large index does not fit into it, and what is asked for the first time comes from the disk:
  pages that were never asked for are told apart from pages of which as many are asked of both, again and again.
- Traffic is `wrk` over {connections} kept connections, {rounds} rounds of {seconds} seconds in turns. Requests of people, scripts and
  mirrors are made {looks} times each; changes {changes} times, by the product's own flows, each in its transaction; uploads {uploads}
  times; starts {starts} times; the list is read {lists} times. A figure is the ratio of the medians.
- Processor time is the server's, or that of the flow; where nothing stands it was too little to be counted.
- What costs more, and why: a word that no name has, glued from parts that very many names have, is the worst that a
  search can be asked. The lists of names that have its three-letter parts are as long as the index is large, and all
  of them are read before it is sure that no name has the whole. It stays in the milliseconds. Changes wait for the
  disk to have them; where the time of one leaves the bounds and its processor time does not, the disk was slower then.
- Memory of their own is what web and worker hold together; what they share counts once. Files mapped into memory are
  pages of the database and of libraries, which the operating system takes back when it needs the room.
"""


def print_results(results: Results, console: Console) -> None:
    """The tables, and which ratios are out of bounds."""
    for group in results.groups:
        console.print(_table(group))
    for figure in results.out_of_bounds:
        console.print(f"[bold]out of bounds:[/bold] {figure.what}: {_ratio(figure.ratio)} (wanted {_WANTED})")
    if not results.out_of_bounds:
        console.print("Every ratio is within its bounds.")


def document(results: Results) -> str:
    """``docs/scale.md``."""
    return "\n".join([_opening(results), *_tables(results), _how(results)])


def _table(group: Group) -> Table:
    table = Table(
        "what", "large", "small", "p99 large", "p99 small", "ratio", "processor", "wanted", title=group.title
    )
    for figure in group.figures:
        if isinstance(figure, Figure):
            cells = [_time(figure.large.seconds), _time(figure.small.seconds)]
            cells += [_time(figure.large.p99_seconds), _time(figure.small.p99_seconds)]
            processor = _ratio(figure.processor_ratio)
        else:
            cells = [f"{figure.large:,.2f} {figure.unit}", f"{figure.small:,.2f} {figure.unit}", "", ""]
            processor = ""
        table.add_row(figure.what, *cells, _ratio(figure.ratio), processor, _verdict(figure))
    return table


def _opening(results: Results) -> str:
    out = results.out_of_bounds
    judged = sum(figure.is_held is not None for group in results.groups for figure in group.figures)
    return _OPENING.format(
        projects=results.projects,
        releases=results.releases,
        files=results.files,
        small_projects=results.small_projects,
        times=results.projects // results.small_projects,
        wanted=_WANTED,
        held=judged - len(out),
        judged=judged,
        out="".join(f"\n- out of bounds: {figure.what}: {_ratio(figure.ratio)}" for figure in out),
    )


def _tables(results: Results) -> list[str]:
    lines: list[str] = []
    for group in results.groups:
        lines += [f"## {group.title}", ""]
        lines += _sizes_table(group.figures) if _has_sizes(group) else _times_table(group.figures)
        lines.append("")
    return lines


def _times_table(figures: Sequence[Figure | Size]) -> list[str]:
    return [
        "| what | time | processor time | wanted |",
        "|---|---|---|---|",
        *(
            f"| {figure.what} | {_ratio(figure.ratio)} | {_ratio(figure.processor_ratio)} | {_verdict(figure)} |"
            for figure in figures
            if isinstance(figure, Figure)
        ),
    ]


def _sizes_table(figures: Sequence[Figure | Size]) -> list[str]:
    lines = ["| what | large | small | ratio | wanted |", "|---|---|---|---|---|"]
    for figure in figures:
        is_size = isinstance(figure, Size) and figure.unit == "MB"
        cells = (f"{figure.large:,.1f} MB", f"{figure.small:,.1f} MB") if is_size else ("", "")
        lines.append(
            f"| {figure.what} | {cells[0]} | {cells[1]} | {_ratio(figure.ratio)} | {_verdict(figure)} |"
        )
    return lines


def _how(results: Results) -> str:
    return _HOW.format(
        most_files=MOST_FILES,
        gigabytes=results.database_bytes / 1e9,
        times=results.projects // SHAPES,
        connections=traffic.CONNECTIONS,
        rounds=traffic.ROUNDS,
        seconds=traffic.SECONDS,
        looks=looks.TIMES,
        changes=changes.TIMES,
        uploads=changes.UPLOADS,
        starts=servers.STARTS,
        lists=listing.ROUNDS,
    )


def _has_sizes(group: Group) -> bool:
    return any(isinstance(figure, Size) for figure in group.figures)


def _verdict(figure: Figure | Size) -> str:
    if figure.is_held is None:
        return ""
    return _WANTED if figure.is_held else f"{_WANTED}: **no**"


def _ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"  # noqa: PLR2004 - digits that say something


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:,.2f} {unit}"
    return f"{seconds * 1e6:,.0f} µs"
