"""What README and docs say to type is typed: every console block is run, or says why it is not.

1. A comment in front of each block decides: ``<!-- test: run -->`` or ``<!-- test: skip because … -->``.
2. The blocks of a page are run in order by one shell, in an empty folder with ``.venv`` in it, beside a running index.
   Only the port differs, because 8417 may be taken.
   ``<!-- test: with NAME=value -->`` anywhere on the page is a setting of that index.
3. Every command must succeed; lines without ``$`` are output that must be shown, with ``…`` for anything.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.index import BIN, running

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
_BLOCK = re.compile(r"^([ \t]*)```console\n(.*?)^[ \t]*```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[ \t]*(console|shell|sh|bash)\b", re.MULTILINE)
_MARK = re.compile(r"<!-- test: (run|skip because \S.*) -->")
_SETTING = re.compile(r"<!-- test: with (HOMEPORT_\w+)=(\S+) -->")
DEFAULT_PORT = "8417"


@dataclass(frozen=True)
class Block:
    """One console block; ``mark`` is what the comment in front of it says, empty without one."""

    mark: str
    text: str

    @property
    def is_run(self) -> bool:
        """True when it is to be run."""
        return self.mark == "run"

    def commands(self) -> list[str]:
        """What is typed; a backslash at the end goes on in the next line."""
        joined = re.sub(r"\\\n[ \t]*(?:> )?", " ", self.text)
        return [line.strip()[2:] for line in joined.splitlines() if line.strip().startswith("$ ")]

    def output(self) -> list[str]:
        """What is said to be shown."""
        joined = re.sub(r"\\\n[ \t]*(?:> )?", " ", self.text)
        return [
            line.strip() for line in joined.splitlines() if line.strip() and not line.strip().startswith("$ ")
        ]


def blocks(text: str) -> list[Block]:
    """The console blocks of a page."""
    found = []
    for match in _BLOCK.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n")[2].strip()
        mark = _MARK.fullmatch(before)
        found.append(Block(mark[1] if mark else "", match[2]))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_marked(page: Path) -> None:
    """No block escapes: each is a console block, and says whether it is run."""
    text = page.read_text()
    found = blocks(text)
    assert len(found) == len(_FENCE.findall(text)), "commands stand in blocks that are called console"
    unmarked = [block.text for block in found if not block.mark]
    assert unmarked == []
    assert [block.text for block in found if not block.commands()] == []


RUN = [page for page in PAGES if any(block.is_run for block in blocks(page.read_text()))]


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_holds(page: Path, tmp_path: Path) -> None:
    """Whoever types what the page says sees what the page says."""
    text = page.read_text()
    wanted = [block for block in blocks(text) if block.is_run]
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / ".venv").symlink_to(BIN.parent)
    with running(tmp_path / "index", **dict(_SETTING.findall(text))) as index:
        lines = ["set -euo pipefail", *(command for block in wanted for command in block.commands())]
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines).replace(DEFAULT_PORT, str(index.port))],
            cwd=folder,
            env=index.environment | {"PATH": f"{BIN}:{index.environment['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    for line in (line for block in wanted for line in block.output()):
        pattern = re.escape(line.replace(DEFAULT_PORT, str(index.port))).replace("…", ".*")
        assert re.search(pattern, shown), f"{line!r} is not shown:\n{shown}"


def test_readme_is_run() -> None:
    """The first page that people read is among those whose commands are typed."""
    assert ROOT / "README.md" in RUN


EXAMPLE = """
Text.

<!-- test: run -->
```console
$ echo one \\
    two
one two
$ true
```

```console
$ nobody marked this
```
"""


def test_blocks_are_found() -> None:
    """The reading of pages finds marks, joined lines and output, and a block without a mark."""
    marked, unmarked = blocks(EXAMPLE)
    assert marked.is_run
    assert marked.commands() == ["echo one  two", "true"]
    assert marked.output() == ["one two"]
    assert unmarked.mark == ""
