"""Two homes with one content: a thousand projects, and as many as are asked for.

1. The small one is rendered by the product; the large one takes its pages, because to render millions takes a day.
2. A home that was finished by the same generator is used again; any other is thrown away.
3. Nothing is begun that would not fit on the disk.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from tools.scale.load import load_pages, load_rows, loading, numbering, read_models
from tools.scale.names import project_names
from tools.scale.rows import Rows
from tools.scale.shapes import SHAPES

from homeport.domain.names import ProjectName
from homeport.flows.render_list import render_whole_list
from homeport.ports.world import World
from homeport.settings import Settings, read_settings
from homeport.wiring import open_world

LARGE, SMALL = "large", "small"
OWNER = "scale"
_SEED = "homeport scale"
_FINISHED = "finished.json"
# Measured; what a project takes on the disk, its pages, rows and indexes together.
BYTES_PER_PROJECT = 56_000
_ROOM_TO_WORK = 4_000_000_000
HOMEPORT = str(Path(sys.executable).with_name("homeport"))


class NoRoom(Exception):  # noqa: N818 - a refusal with its sentence
    """The disk is too small."""


@dataclass(frozen=True)
class Home:
    """An index that is ready: its folder, its projects by number, and a token that may do everything its owner may."""

    kind: str
    folder: Path
    names: Sequence[ProjectName]
    token: str

    @property
    def settings(self) -> Settings:
        """The settings of this home."""
        return read_settings({"HOMEPORT_HOME": str(self.folder)}, self.folder)

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / "homeport.db"

    def open(self) -> World:
        """The product over this home."""
        return open_world(self.settings)


class Steps:
    """The bars of a long load, one for each step."""

    def __init__(self, progress: Progress, kind: str) -> None:
        self._progress = progress
        self._kind = kind
        self._bars: dict[str, TaskID] = {}

    def told(self, step: str, done: int, count: int) -> None:
        """So many of so many rows of a step are written."""
        bar = self._bars.get(step)
        if bar is None:
            bar = self._bars[step] = self._progress.add_task(f"{self._kind}: {step}", total=count)
        self._progress.update(bar, completed=done)


def make_homes(parent: Path, projects: int, console: Console) -> tuple[Home, Home]:
    """The large home and the small one, below ``parent``."""
    wanted = {kind: parent / str(projects) / kind for kind in (LARGE, SMALL)}
    if not (wanted[LARGE] / _FINISHED).exists():
        require_room(parent, projects)
    with Progress(
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        naming = progress.add_task("names", total=None)
        names = tuple(islice(project_names(_SEED), max(projects, SHAPES)))
        progress.update(naming, total=len(names), completed=len(names))
        small = _small(wanted[SMALL], names[:SHAPES], Steps(progress, SMALL))
        large = _large(wanted[LARGE], names[:projects], small, Steps(progress, LARGE))
    return large, small


def require_room(parent: Path, projects: int) -> None:
    """Raises ``NoRoom`` unless the disk has room for so many projects."""
    parent.mkdir(parents=True, exist_ok=True)
    needed = projects * BYTES_PER_PROJECT + _ROOM_TO_WORK
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise NoRoom(
            f"{projects:,} projects need {needed / 1e9:.0f} GB, and {parent} has {free / 1e9:.0f} GB free: make room, "
            'name another folder (ARGS="--home DIR") or make fewer projects (ARGS="--projects N").'
        )


def _small(folder: Path, names: Sequence[ProjectName], steps: Steps) -> Home:
    there = _finished(SMALL, folder, names)
    if there:
        return there
    token = prepared(folder)
    home = Home(SMALL, folder, names, token)
    with loading(home.database) as connection:
        load_rows(connection, Rows(names, numbering(connection)), steps.told)
        # Of this rendering no page is known: the product makes them all.
        connection.execute("UPDATE facts SET value = 0 WHERE name = 'rendering'")
    steps.told("pages", 0, len(names))
    _homeport(folder, "db", "upgrade")
    steps.told("pages", len(names), len(names))
    return _finish(home)


def _large(folder: Path, names: Sequence[ProjectName], small: Home, steps: Steps) -> Home:
    there = _finished(LARGE, folder, names)
    if there:
        return there
    token = prepared(folder)
    home = Home(LARGE, folder, names, token)
    with loading(home.database) as connection:
        rows = Rows(names, numbering(connection))
        load_rows(connection, rows, steps.told)
        load_pages(connection, rows, read_models(small.database, rows), steps.told)
        steps.told("indexes", 0, 1)
    steps.told("indexes", 1, 1)
    steps.told("list of projects", 0, len(names))
    with home.open().store.write() as tx:
        render_whole_list(tx)
    steps.told("list of projects", len(names), len(names))
    return _finish(home)


def prepared(folder: Path) -> str:
    """An empty home that the product made, with an owner; the owner's token."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _homeport(folder, "user", "add", OWNER, "--email", f"{OWNER}@example.org", "--admin")
    return _homeport(folder, "token", "create", "--user", OWNER).strip()


def _homeport(folder: Path, *arguments: str) -> str:
    """A command of the product, in a process of its own: it lets go of the database when it ends."""
    environment = {**os.environ, "HOMEPORT_HOME": str(folder)}
    done = subprocess.run(
        [HOMEPORT, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _finished(kind: str, folder: Path, names: Sequence[ProjectName]) -> Home | None:
    try:
        told = json.loads((folder / _FINISHED).read_text())
    except FileNotFoundError:
        return None
    return Home(kind, folder, names, told["token"]) if told.get("maker") == maker() else None


def _finish(home: Home) -> Home:
    (home.folder / _FINISHED).write_text(json.dumps({"maker": maker(), "token": home.token}))
    return home


def maker() -> str:
    """A digest of the files that decide what a home holds: what others made is made again."""
    digest = hashlib.sha256()
    for name in ("names", "shapes", "rows", "load"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()
