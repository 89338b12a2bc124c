"""``make run`` and ``make test`` begin with ``tools/setup.py``: from a bare checkout, and then never again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.clients import pythons, said
from tests.support.index import Finished, clean_environment

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
CHECKOUT = ("tools", "requirements", "src", "pyproject.toml", "README.md", "LICENSE", "Makefile")


def copy_checkout(folder: Path) -> Path:
    """A checkout without an environment."""
    for name in CHECKOUT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder / name)
    return folder


def setup(checkout: Path, python: str = sys.executable, kind: str = "run", **environment: str) -> Finished:
    """Run the script; where packages come from is the machine's own business."""
    return subprocess.run(
        [python, "tools/setup.py", kind],
        cwd=checkout,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )


def test_from_bare(tmp_path: Path) -> None:
    """One command makes an environment in which the index works; it is made again when the lock changes."""
    checkout = copy_checkout(tmp_path / "homeport")
    done = setup(checkout)
    assert done.returncode == 0, said(done)
    assert "setup: ready" in done.stdout
    environment = clean_environment(HOMEPORT_HOME=str(checkout / "var"))
    command = [str(checkout / ".venv" / "bin" / "homeport"), "verify"]
    worked = subprocess.run(
        command, env=environment, cwd=checkout, capture_output=True, text=True, check=False
    )
    assert (worked.returncode, worked.stdout) == (0, "0 files checked, 0 problems.\n"), worked.stderr

    again = setup(checkout)
    assert (again.returncode, again.stdout) == (0, ""), "nothing is done twice"
    lock = checkout / "requirements" / "run.txt"
    lock.write_text(lock.read_text() + "# another lock\n")
    assert "setup: installing" in setup(checkout).stdout, "a new lock is installed"


OLD = [version for version in pythons() if version in {"3.6", "3.8", "3.10"}]


@pytest.mark.parametrize("version", OLD)
def test_a_python_that_is_too_old(tmp_path: Path, version: str) -> None:
    """Started by an old Python, and with no newer one to be found, it says what is wanted."""
    done = setup(copy_checkout(tmp_path / "homeport"), pythons()[version], PATH=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "setup: Python 3.11 or newer is needed, this is 3." in said(done)
    assert not (tmp_path / "homeport" / ".venv").exists()


def test_a_package_with_other_bytes(tmp_path: Path) -> None:
    """A package whose bytes are not the locked ones stops it, in words."""
    copied = copy_checkout(tmp_path / "homeport")
    lock = copied / "requirements" / "build.txt"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", lock.read_text()))
    done = setup(copied)
    assert done.returncode == 1
    assert "setup: pip could not install the dependencies" in said(done)
    assert "setup: ready" not in done.stdout
