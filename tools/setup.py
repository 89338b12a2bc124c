"""Make ``.venv``, and install the locked dependencies into it; says what it does, and does nothing twice.

    python3 tools/setup.py run     what the index needs
    python3 tools/setup.py dev     that, and what the tests and checks need

It is started by any Python 3, so that it can say which one is wanted: nothing newer than 3.6 is used here.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".homeport-installed"
OLDEST = (3, 11)
NEWER = (14, 13, 12, 11)
# Where Debian's servers do not answer, apt asks for long.
APT_SECONDS = 180
REQUIREMENTS = {"run": ("build.txt", "run.txt"), "dev": ("build.txt", "dev.txt")}


def main(kind: str) -> None:
    """Install what ``kind`` needs, unless just that is installed."""
    if is_done(kind):
        return
    if not PYTHON.exists():
        make_venv(python())
    files = [HERE / "requirements" / name for name in REQUIREMENTS[kind]]
    say(f"installing the locked dependencies ({count(files)} packages), a minute the first time")
    pip("install", "--quiet", "--require-hashes", "--no-deps", *(f"--requirement={file}" for file in files))
    say("installing homeport itself, editable")
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", f"--editable={HERE}")
    if kind == "dev":
        fetch_browser()
    STAMP.write_text(digest(kind))
    say("ready")


def say(text: str) -> None:
    """One line for whoever waits."""
    print(f"setup: {text}", flush=True)


def python() -> str:
    """A Python that is new enough: the one that runs this, or one on the PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in NEWER:
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    sys.exit(f"setup: Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}.")


def make_venv(with_python: str) -> None:
    """The virtual environment; on Debian, with the package that makes it possible."""
    say(f"making .venv with {with_python}")
    if has_made_venv(with_python):
        return
    # Debian ships Python without ensurepip; a package of its own brings it.
    if apt("python3-venv") and has_made_venv(with_python):
        return
    sys.exit("setup: a virtual environment cannot be made. On Debian: apt-get install python3-venv")


def fetch_browser() -> None:
    """The browser that some tests look at pages with: Debian's own, where it may be installed."""
    if not shutil.which("chromium") and not apt("chromium"):
        say("there is no chromium on the PATH: the tests that need a browser will be skipped")


def apt(package: str) -> bool:
    """True when Debian's package is there now; only root may ask for it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"installing {package} with apt-get")
    quietly = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    try:
        subprocess.call(["apt-get", "update", "-qq"], timeout=APT_SECONDS)
        return subprocess.call(install, env=quietly, stdout=subprocess.DEVNULL, timeout=APT_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False


def has_made_venv(with_python: str) -> bool:
    """True when it worked; nothing is left behind when it did not."""
    if subprocess.call([with_python, "-m", "venv", str(VENV)], stdout=subprocess.DEVNULL) == 0:
        return True
    shutil.rmtree(str(VENV), ignore_errors=True)
    return False


def pip(*arguments: str) -> None:
    """Run pip in the environment, or stop."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    if subprocess.call([str(PYTHON), "-m", "pip", *arguments], env=environment):
        sys.exit("setup: pip could not install the dependencies; what it said stands above.")


def count(files: "list[Path]") -> int:
    """How many packages are locked in ``files``."""
    return len(
        {
            line.split("==")[0]
            for file in files
            for line in file.read_text().splitlines()
            if line[:1].isalpha()
        }
    )


def digest(kind: str) -> str:
    """What an installation of ``kind`` is known by."""
    content = hashlib.sha256()
    for file in (*(HERE / "requirements" / name for name in REQUIREMENTS[kind]), HERE / "pyproject.toml"):
        content.update(file.read_bytes())
    return f"{kind} {content.hexdigest()}"


def is_done(kind: str) -> bool:
    """True when just this is installed, or the larger set of the same files."""
    installed = STAMP.read_text() if STAMP.exists() else ""
    return PYTHON.exists() and installed in (digest(kind), digest("dev"))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
