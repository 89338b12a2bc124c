"""The real clients: newest pip, old pips under old Pythons, uv and twine, each far from the machine's settings."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from tests.support.index import BIN, Finished, Index, clean_environment
from tests.support.programs import packages

_VERSIONS = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


def run(*command: str, cwd: Path | None = None, **environment: str) -> Finished:
    """Run a client; what it said, whatever came of it."""
    return subprocess.run(
        command,
        env=clean_environment(**environment),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )


def said(done: Finished) -> str:
    """Everything a program said, as one text without the wrapping of boxes and lines."""
    return " ".join((done.stdout + done.stderr).replace("│", " ").split())


def require_success(done: Finished) -> Finished:
    """The same, when the program succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@cache
def pythons() -> Mapping[str, str]:
    """Every Python of this machine that can be started, by its version, oldest first."""
    found = {}
    for version in _VERSIONS:
        installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for python in filter(None, (shutil.which(f"python{version}"), *map(str, installed))):
            tried = run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
            # What is on the PATH may be a stub that starts nothing.
            if tried.returncode == 0 and tried.stdout.strip() == version:
                found[version] = python
                break
    return found


def python_with(module: str, *versions: str) -> str:
    """The first of these Pythons that is here and has ``module``, or the test is skipped with the reason."""
    here = pythons()
    for version in versions:
        if version in here and run(here[version], "-W", "ignore", "-c", f"import {module}").returncode == 0:
            return here[version]
    pytest.skip(f"no Python {' or '.join(versions)} with {module} on this machine")


class Reachable(Protocol):
    """What a client can be sent to: an index, or a wire to one."""

    @property
    def url(self) -> str:
        """Its URL, without the final slash."""


class Installer(Protocol):
    """A client that installs into a folder; ``python`` is the Python it installs for."""

    @property
    def python(self) -> str:
        """That Python."""

    def install(self, index: Reachable, target: Path, *requirements: str) -> Finished:
        """Install into the folder ``target``."""


@dataclass(frozen=True)
class Pip:
    """A pip, and the Python it runs under; ``path`` is where it lies when the Python has another."""

    python: str
    path: str = ""
    options: tuple[str, ...] = ("--no-cache-dir",)

    @property
    def version(self) -> str:
        """Its version."""
        return self("--version").stdout.split()[1]

    def __call__(self, *arguments: str) -> Finished:
        """Run it."""
        return run(self.python, "-m", "pip", *self.options, *arguments, PYTHONPATH=self.path)

    def from_index(self, index: Reachable, command: str, *arguments: str) -> Finished:
        """Run it with ``index`` as the only index."""
        return self(command, "--index-url", f"{index.url}/simple/", *arguments)

    def install(self, index: Reachable, target: Path, *requirements: str) -> Finished:
        """Install into the folder ``target``."""
        return self.from_index(index, "install", "--target", str(target), *requirements)


def old_pip(version: str, *python_versions: str) -> Pip:
    """This pip, run by the first of these Pythons that is here, or the test is skipped."""
    options = () if version.startswith("1.") else ("--no-cache-dir",)  # which came with 6.0
    return Pip(python_with("zlib", *python_versions), packages(f"pip=={version}"), options)


def make_pip(folder: Path, python: str, wanted: str) -> Pip:
    """A pip as ``wanted`` says (``pip`` for the newest), from the machine's own index, in a new environment."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True, capture_output=True)
    pip = str(folder / "bin" / "python")
    # The machine's own settings say where packages come from: this one call keeps them.
    command = [pip, "-m", "pip", "install", "--quiet", "--upgrade", wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Pip(pip)


def twine(command: str, index: Index, *arguments: str, user: str = "__token__", password: str) -> Finished:
    """Run twine against ``index``."""
    options = ("--repository-url", f"{index.url}/legacy/", "--non-interactive", "--disable-progress-bar")
    return run(
        str(BIN / "twine"),
        command,
        *options,
        *arguments,
        TWINE_USERNAME=user,
        TWINE_PASSWORD=password,
        HOME="/nonexistent",
    )


def uv(folder: Path, *arguments: str) -> Finished:
    """Run uv with a cache of its own in ``folder``."""
    return run(
        str(BIN / "uv"), *arguments, UV_CACHE_DIR=str(folder / "uv-cache"), UV_NO_CONFIG="1", COLUMNS="500"
    )


@dataclass(frozen=True)
class Uv:
    """Uv as an installer, with a cache of its own in ``folder``."""

    folder: Path
    python: str = sys.executable

    def install(self, index: Reachable, target: Path, *requirements: str) -> Finished:
        """Install into the folder ``target``."""
        source = ("--python", self.python, "--default-index", f"{index.url}/simple/")
        return uv(self.folder, "pip", "install", *source, "--target", str(target), *requirements)


def uv_publish(index: Index, folder: Path, token: str, *arguments: str) -> Finished:
    """Publish with uv."""
    return uv(folder, "publish", "--publish-url", f"{index.url}/legacy/", "--token", token, *arguments)


def say_version(python: str, target: Path, module: str) -> str:
    """What the installed module says of its version."""
    code = f"import sys; sys.path.insert(0, {str(target)!r}); import {module}; print({module}.version)"
    return require_success(run(python, "-c", code)).stdout.strip()


@dataclass(frozen=True)
class SetupPy:
    """A project as it was released for twenty years: a ``setup.py``, run by an old Python, and a ``.pypirc``."""

    folder: Path
    python: str

    @classmethod
    def write(cls, folder: Path, python: str, index: Index, password: str, **arguments: str) -> "SetupPy":
        """Write the project; ``arguments`` are those of ``setup``, and ``ada`` with ``password`` is the user."""
        folder.mkdir(parents=True, exist_ok=True)
        arguments = {
            "description": "A small bird.",
            "author": "Ada",
            "author_email": "ada@example.org",
        } | arguments
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        module = arguments["name"]
        (folder / f"{module}.py").write_text(f"version = {arguments['version']!r}\n")
        (folder / "setup.py").write_text(
            f"from distutils.core import setup\nsetup({given}, py_modules=[{module!r}])\n"
        )
        (folder / ".pypirc").write_text(
            "[distutils]\nindex-servers = here\n\n"
            f"[here]\nrepository: {index.url}/pypi\nusername: ada\npassword: {password}\n"
        )
        return cls(folder, python)

    def __call__(self, *commands: str) -> Finished:
        """Run ``setup.py`` with these commands, by the distutils that came with the Python."""
        command = (self.python, "-W", "ignore", "setup.py", *commands)
        return run(*command, cwd=self.folder, HOME=str(self.folder), SETUPTOOLS_USE_DISTUTILS="stdlib")
