"""Write the reference pages that the code itself knows best: commands' helps, settings' sentences, findings' advice.

python tools/reference.py           writes docs/reference/commands.md, settings.md, findings.md and webhook-events.md
python tools/reference.py --check   says whether they are up to date
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.testing import CliRunner

from homeport.cli import main
from homeport.domain.notice import Topic
from homeport.domain.rules import SUBJECTS
from homeport.domain.webhook_events import INDEX_EVENTS, PROJECT_EVENTS
from homeport.flows.notice_folders import notice_folders
from homeport.web.words import TOPICS

HERE = Path(__file__).parent.parent
PAGES = HERE / "docs" / "reference"
SETTINGS = HERE / "src" / "homeport" / "settings.py"


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
    return list(_below(typer.main.get_command(main.app), ""))


def _below(command: object, name: str) -> Iterator[str]:
    """Every command that does something, by its whole name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name
        return
    for word, below in inner.items():
        yield from _below(below, f"{name} {word}".strip())


def _help(command: str) -> str:
    terminal = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    done = CliRunner().invoke(main.app, [*command.split(), "--help"], prog_name="homeport", env=terminal)
    if done.exit_code:
        raise SystemExit(f"homeport {command} --help: {done.output}")
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


def findings_page() -> str:
    """Every rule of inspection: what breaking it weighs for whom, and what to do."""
    head = """\
# Findings

Made from `src/homeport/domain/rules/` by `tools/reference.py`.

`homeport inspect`, an upload, and a plan tell findings by these codes. The heaviest finding of a file is its verdict: *reject* cannot
be overridden, *hold* waits for a person, *info* only informs. An **upload** comes from its owner today; a file looked at **alone**
need not keep rules that bind uploaders; a **legacy** file, crawled or sent by distutils, need not keep manners that came after it. Rules
of safety weigh the same for all; only in an sdist that is no upload, `path-collision` and `path-not-portable` are held instead.
"""
    parts = [head]
    for subject, rules in SUBJECTS.items():
        parts.append(
            f"## {subject}\n\n| code | upload | alone | legacy | what to do |\n|---|---|---|---|---|"
        )
        for rule in sorted(rules, key=lambda rule: rule.code):
            weights = " | ".join(weight or "-" for weight in rule.weights)
            parts.append(f"| `{rule.code}` | {weights} | {_cell(rule.advice)} |")
        parts.append("")
    return "\n".join(parts)


def webhook_events_page() -> str:
    """Every event that webhooks are told of."""
    head = """\
# Events of webhooks

Made from `src/homeport/domain/webhook_events.py` by `tools/reference.py`.

A webhook is told one event in each message. Its `type` is the name of an entry of the ledger, its `timestamp` the moment that
the entry bears, and `data` the entry itself: `serial`, `actor`, `project` (`null` where it concerns none) and `details`. Where
`is_whole` is false, the details are longer than a message may be, and left out. A project's webhooks are told of the entries
of that project; the index's of all but those that concern a private project. A person's own webhooks are told one event,
`notice`, whose `data` has the notice: its number, `kind`, `subject`, `text` and the `url` of its page. `test` is what a test
tells.
"""
    parts = [head]
    for title, events in (
        (title, events) for table in (PROJECT_EVENTS, INDEX_EVENTS) for title, events in table.items()
    ):
        parts.append(f"## {title}\n\n| event | when |\n|---|---|")
        parts.extend(f"| `{kind}` | {_cell(when)} |" for kind, when in events.items())
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return re.sub(r"([|*<>])", r"\\\1", text)


def notices_page() -> str:
    """Every kind of notice, from its folder: to whom it goes, and when."""
    head = """\
# Notices

Made from the folders of `src/homeport/notices/` by `tools/reference.py`.

Every notice lies in the inbox of whoever is told (`/manage/`). It is mailed, too, where the index sends mail, to addresses that are
verified and take mail, unless its topic was switched off (`/account/notices/`). A topic that is marked *always* cannot be switched off.
How each mail reads is shown at `/admin/mails/previews/`.
"""
    parts, kinds = [head], notice_folders().kinds.values()
    for topic in Topic:
        always = ", always mailed" if topic.must_be_mailed else ""
        parts.append(f"## {topic}{always}\n\n{TOPICS[topic].capitalize()}.\n")
        parts.append("| kind | goes to | when |\n|---|---|---|")
        parts.extend(
            f"| `{kind.name}` | {_cell(kind.to)} | {_cell(kind.when)} |"
            for kind in kinds
            if kind.topic is topic
        )
        parts.append("")
    return "\n".join(parts)


def write_or_check() -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, text in (
        ("commands.md", commands_page()),
        ("settings.md", settings_page()),
        ("findings.md", findings_page()),
        ("notices.md", notices_page()),
        ("webhook-events.md", webhook_events_page()),
    ):
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
