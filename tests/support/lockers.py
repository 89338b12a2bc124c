"""The clients that keep a lock file, each with a project of its own: pip, uv, poetry and pdm.

1. A client sees nothing of this machine's settings: its home is a folder of the test, and its environment is written
   here from nothing.
2. The index under test is the only one it knows.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.clients import Reachable, say_version
from tests.support.index import BIN, Finished
from tests.support.programs import environment_with

_PROJECT = """\
[project]
name = "app"
version = "0"
requires-python = ">={python}"
dependencies = {dependencies}
"""


@dataclass(frozen=True)
class Recipe:
    """How one client is asked; ``{url}`` is the index, ``{home}`` a folder of the client's own."""

    program: tuple[str, ...]
    lock: tuple[str, ...]
    update: tuple[str, ...]
    install: tuple[str, ...]
    lock_file: str
    locks_urls: bool = True
    settings: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def pip_recipe(python: str) -> Recipe:
    """``pip lock``, and an installation from ``pylock.toml``."""
    index = ("--index-url", "{url}/simple/")
    return Recipe(
        program=(python, "-m", "pip", "--python", ".venv", "--no-cache-dir", "--disable-pip-version-check"),
        lock=("lock", *index, "-r", "wanted.txt"),
        update=("lock", *index, "-r", "wanted.txt"),
        install=("install", *index, "-r", "pylock.toml"),
        lock_file="pylock.toml",
        environment={"PIP_CONFIG_FILE": os.devnull},
    )


def uv_recipe() -> Recipe:
    """``uv lock`` and ``uv sync``."""
    return Recipe(
        program=(str(BIN / "uv"), "--no-config", "--color=never"),
        lock=("lock",),
        update=("lock", "--upgrade"),
        install=("sync", "--frozen"),
        lock_file="uv.lock",
        environment={
            "UV_DEFAULT_INDEX": "{url}/simple/",
            "UV_CACHE_DIR": "{home}/.cache/uv",
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
        },
    )


def poetry_recipe() -> Recipe:
    """``poetry lock`` and ``poetry install``."""
    return Recipe(
        program=(environment_with("poetry==2.5.1"), "-m", "poetry", "--no-interaction", "--no-ansi"),
        lock=("lock",),
        update=("update", "--lock"),
        install=("install",),
        lock_file="poetry.lock",
        locks_urls=False,  # it asks the index for them again
        settings='[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "home"\nurl = "{url}/simple/"\n',
        environment={"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_KEYRING_ENABLED": "false"},
    )


def pdm_recipe() -> Recipe:
    """``pdm lock`` and ``pdm sync``."""
    return Recipe(
        # With "locked" come the dependencies it was released with; it breaks with later ones.
        program=(environment_with("pdm[locked]==2.29.3"), "-m", "pdm"),
        lock=("lock", "--static-urls"),
        update=("lock", "--static-urls"),
        install=("sync",),
        lock_file="pdm.lock",
        settings='[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{url}/simple/"\n',
        environment={"PDM_CHECK_UPDATE": "false"},
    )


@dataclass(frozen=True)
class Locker:
    """One client in one project below ``folder``, which knows only ``index``."""

    folder: Path
    index: Reachable
    recipe: Recipe

    def want(self, *dependencies: str) -> None:
        """Write down what the project depends on."""
        environment = self.folder / ".venv"
        if not environment.exists():
            # All of them take the one that is there; none needs a pip in it.
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        project = _PROJECT.format(python=python, dependencies=list(dependencies))
        (self.folder / "pyproject.toml").write_text(project + self._filled(self.recipe.settings))
        (self.folder / "wanted.txt").write_text("\n".join(dependencies))

    def lock(self) -> Finished:
        """Resolve, and write the lock file."""
        return self(*self.recipe.lock)

    def update(self) -> Finished:
        """Resolve anew, with the newest there is."""
        return self(*self.recipe.update)

    def install(self) -> Finished:
        """Install what the lock file says; nothing is left of what the client downloaded before."""
        shutil.rmtree(self._home, ignore_errors=True)
        return self(*self.recipe.install)

    @property
    def locked(self) -> str:
        """The text of the lock file."""
        return self._lock_file.read_text()

    def forge_hash(self, digest: str) -> None:
        """Write another hash into the lock file; the URLs, which name the hash too, stay."""
        forged, count = re.subn(rf"(?<!/){digest}", "0" * 64, self.locked)
        assert count == 1
        self._lock_file.write_text(forged)

    def installed(self, module: str) -> str:
        """The version that is installed."""
        return say_version(sys.executable, self.packages, module)

    @property
    def packages(self) -> Path:
        """Where the project's environment has its packages."""
        (found,) = (self.folder / ".venv").glob("lib/python*/site-packages")
        return found

    def __call__(self, *arguments: str) -> Finished:
        """Run the client in the project."""
        environment = {
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "COLUMNS": "500",
        }
        self._home.mkdir(exist_ok=True)
        return subprocess.run(
            [*self.recipe.program, *map(self._filled, arguments)],
            env=environment | {name: self._filled(value) for name, value in self.recipe.environment.items()},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )

    @property
    def _home(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-home")

    @property
    def _lock_file(self) -> Path:
        return self.folder / self.recipe.lock_file

    def _filled(self, text: str) -> str:
        return text.replace("{url}", self.index.url).replace("{home}", str(self._home))
