"""Write the reference pages that the code itself knows best: every command's help, every setting's sentence.

python tools/reference.py           writes docs/reference/commands.md and settings.md
python tools/reference.py --check   says whether they are up to date
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import typer

from homeport.cli import main

HERE = Path(__file__).parent.parent
PAGES = HERE / "docs" / "reference"
SETTINGS = HERE / "src" / "homeport" / "settings.py"
HOMEPORT = Path(sys.executable).with_name("homeport")


def commands_page() -> str:
    """Every command with its help, as the terminal shows it."""
    head = """\
# Commands

Made from the commands' own help by `tools/reference.py`.

Every command that tells something takes `--json`. Exit status: 0 done, 1 refused, 2 usage, 3 unavailable. A refusal is one
sentence on standard error, with `--json` an object with `code`, `detail` and `problems`.

Commands act on the home that `HOMEPORT_HOME` names (default `./var`), for the user that `--as` names; without it, for the
project's only owner.
"""
    commands = [f"## homeport {command}\n\n```text\n{_help(command)}\n```\n" for command in _commands()]
    return "\n".join((head, *commands))


def _commands() -> list[str]:
    main.grow("")
    tree = typer.main.get_command(main.app)
    found = []
    for name, command in getattr(tree, "commands", {}).items():
        below = getattr(command, "commands", None)
        found += [f"{name} {inner}" for inner in below] if below else [name]
    return found


def _help(command: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run(
        [HOMEPORT, *command.split(), "--help"], env=environment, capture_output=True, text=True, check=True
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def settings_page() -> str:
    """Every field of the settings classes, with the sentence that stands below it."""
    head = """\
# Settings

Made from `src/homeport/settings.py` by `tools/reference.py`.

A variable in the environment wins over the same setting in `<HOMEPORT_HOME>/homeport.toml`, where names are lower case and
without the prefix: `base_url = "https://…"`. Settings that cannot be read refuse to start, all at once.
"""
    parts = [head]
    for node in ast.parse(SETTINGS.read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings") and node.name != "Settings":
            parts.append(f"## {_title(node)}\n\n| setting | meaning |\n|---|---|")
            parts.extend(f"| {name} | {meaning} |" for name, meaning in _fields(node))
            parts.append("")
    return "\n".join(parts)


def _title(node: ast.ClassDef) -> str:
    return (ast.get_docstring(node) or node.name).rstrip(".")


def _fields(node: ast.ClassDef) -> list[tuple[str, str]]:
    fields = []
    for field, said in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(said, ast.Expr)
            and isinstance(said.value, ast.Constant)
        ):
            name, _, meaning = str(said.value.value).replace("``", "`").partition(": ")
            fields.append((name, meaning))
    return fields


def write_or_check() -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, text in (("commands.md", commands_page()), ("settings.md", settings_page())):
        page = PAGES / name
        if "--check" in sys.argv:
            if not page.exists() or page.read_text() != text:
                stale.append(name)
        else:
            page.write_text(text)
    if stale:
        print(f"Not up to date: {', '.join(stale)}. Run: python tools/reference.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(write_or_check())
