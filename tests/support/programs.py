"""Programs that tests install from the machine's own index, kept beside ``.venv``'s packages from run to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

KEPT = Path(sys.prefix) / "share" / "clients"


def environment_with(requirement: str, *beside: str) -> str:
    """The Python of an environment in which this is installed; ``beside`` is what an old release forgets to ask for."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        _pip("--python", str(folder / "bin" / "python"), "install", requirement, *beside)

    return str(_kept(requirement, make) / "bin" / "python")


def packages(requirement: str) -> str:
    """A folder for ``PYTHONPATH`` that holds this and nothing it depends on."""
    return str(
        _kept(requirement, lambda folder: _pip("install", "--no-deps", "--target", str(folder), requirement))
    )


def _kept(requirement: str, make: Callable[[Path], None]) -> Path:
    """What ``make`` made for this requirement, now or in an earlier run of the tests."""
    home = KEPT / requirement.replace("==", "-")
    if not home.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        try:
            make(fresh)
            with suppress(OSError):  # another run of these tests was quicker
                fresh.rename(home)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return home


def _pip(*arguments: str) -> None:
    # The machine's own settings say where packages come from: this call keeps them.
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
