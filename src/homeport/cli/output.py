"""How commands speak: tables and colour on a terminal, JSON for scripts."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

# Where no terminal says how wide it is, lines are not cut to an imagined one.
_PIPE_WIDTH = 180
console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
errors = Console(stderr=True, highlight=False)

_COLOURS = {
    "accept": "green",
    "published": "green",
    "hold": "yellow",
    "planned": "yellow",
    "partly-published": "yellow",
    "same": "green",
    "moved": "yellow",
    "missing": "yellow",
    "silent": "yellow",
    "changed": "red",
    "frozen": "red",
    "reject": "red",
    "failed": "red",
    "refused": "red",
    "plain": "yellow",
    "tls": "cyan",
    "corroborated": "green",
    "declared": "green",
}


def print_json(value: Any) -> None:
    """``value`` for a script."""
    print(json.dumps(value, indent=2))


def say(sentence: str) -> None:
    """One line for a person."""
    console.print(escape(sentence), soft_wrap=True)


def hint(sentence: str) -> None:
    """What to do next, quietly."""
    console.print(f"[dim]{escape(sentence)}[/dim]", soft_wrap=True)


def coloured(word: str) -> str:
    """A word in the colour of its meaning, as markup."""
    colour = _COLOURS.get(word)
    return f"[{colour}]{escape(word)}[/{colour}]" if colour else escape(word)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """A table; cells are markup made by :func:`coloured` or escaped by the caller."""
    made = Table(
        title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    console.print(made)
