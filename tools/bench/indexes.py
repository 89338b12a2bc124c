"""The other indexes that install from the package registry: which, how they are filled, and how they are started.

1. Each has an environment of its own, with the versions of this table.
2. Each is configured as its documentation recommends for speed, with one process; what is said here is in the document.
3. What was filled once is used again: it depends on the version and on the files alone.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.bench.corpus import Corpus
from tools.bench.processes import CannotRun, Command

_FILLED = ".filled"
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Place:
    """The folders an index works with, and where an index to stand in front of listens."""

    environment: Path
    data: Path
    scratch: Path
    corpus: Corpus
    upstream: str

    def program(self, name: str) -> str:
        """A program of the index's environment."""
        return str(self.environment / "bin" / name)


@dataclass(frozen=True)
class Index:
    """Another index."""

    name: str
    package: str
    version: str
    configuration: str
    start: Callable[[Place, int], Command]
    with_packages: tuple[str, ...] = ()
    extra: str = ""
    fill: Callable[[Place], None] | None = None
    simple: str = "/simple/"
    is_cache: bool = False

    @property
    def requirements(self) -> tuple[str, ...]:
        """What is installed, by its exact version."""
        return (f"{self.package}{self.extra}=={self.version}", *self.with_packages)


def install(index: Index, folder: Path) -> Path:
    """The index's own environment below ``folder``; ``CannotRun`` when it cannot be made."""
    environment = folder / f"{index.package}-{index.version}"
    stamp = environment / ".requirements"
    wanted = "\n".join(index.requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return environment
    uv = str(Path(sys.executable).parent / "uv")
    # The machine's own settings say where packages come from: these two calls keep them.
    make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)]
    add = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(environment / "bin" / "python"),
        *index.requirements,
    ]
    print(f"installing {' and '.join(index.requirements)}", flush=True)
    for command in (make, add):
        if subprocess.run(command, check=False).returncode:
            raise CannotRun("its packages could not be installed")
    stamp.write_text(wanted)
    return environment


def fill(index: Index, place: Place) -> None:
    """Bring the files in, unless they are; ``CannotRun`` when the index does not take them."""
    if index.fill is None or (place.data / _FILLED).exists():
        return
    print(f"filling {index.name}, which is kept for the next run", flush=True)
    shutil.rmtree(place.data, ignore_errors=True)
    place.data.mkdir(parents=True)
    index.fill(place)
    (place.data / _FILLED).touch()


def _run(place: Place, *command: str) -> None:
    log = place.data / "fill.log"
    with log.open("wb") as written:
        done = subprocess.run(
            command, check=False, stdout=written, stderr=subprocess.STDOUT, env={**os.environ, **_QUIET}
        )
    if done.returncode:
        raise CannotRun(
            f"{Path(command[0]).name} ended with status {done.returncode} when it was to be filled"
        )


_QUIET = {"PYTHONWARNINGS": "ignore"}


def _fill_devpi(place: Place) -> None:
    """Write an export, as ``devpi-export`` would, and import it: a hundred times faster than single uploads."""
    projects: dict[str, dict[str, dict[str, str]]] = {}
    files = []
    for wheel in place.corpus.wheels():
        told = {"name": wheel.project, "version": wheel.version, "requires_python": ">=3.9"}
        projects.setdefault(wheel.project, {})[wheel.version] = {"metadata_version": "2.1", **told}
        files.append(
            {
                "type": "releasefile",
                "projectname": wheel.project,
                "version": wheel.version,
                "relpath": f"files/{wheel.project}/{wheel.path.name}",
                "entrymapping": {"last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"},
                "log": [],
            }
        )
    stage = {"type": "stage", "bases": [], "volatile": False}
    export = {
        "dumpversion": "2",
        "uuid": "0" * 32,
        "secret": "bench",
        "users": {name: {"username": name, "pwhash": ""} for name in ("root", "bench")},
        "indexes": {"bench/dev": {"indexconfig": stage, "projects": projects, "files": files}},
    }
    folder = place.data / "export"
    folder.mkdir()
    (folder / "files").symlink_to(place.corpus.folder)
    (folder / "dataindex.json").write_text(json.dumps(export))
    server = str(place.data / "server")
    _run(place, place.program("devpi-import"), "--serverdir", server, "--no-root-pypi", str(folder))


def _start_devpi(place: Place, port: int) -> Command:
    logging = place.scratch / "devpi-logging.json"
    logging.write_text(
        json.dumps({"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}})
    )
    arguments = (place.program("devpi-server"), "--serverdir", str(place.data / "server"))
    options = ("--host", "127.0.0.1", "--port", str(port), "--logger-cfg", str(logging))
    return Command((*arguments, *options, "--enable-core-metadata"), _QUIET)


def _start_pypiserver(place: Place, port: int) -> Command:
    arguments = (place.program("pypi-server"), "run", "-i", "127.0.0.1", "-p", str(port))
    options = (
        "--server",
        "gunicorn",
        "--backend",
        "cached-dir",
        "--disable-fallback",
        "--log-stream",
        "none",
    )
    return Command((*arguments, *options, str(place.corpus.folder)), _QUIET)


_SIMPLE_REPOSITORY = """\
import sys
import uvicorn
from simple_repository_server.__main__ import create_app
uvicorn.run(create_app([sys.argv[1]]), host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="error")
"""


def _start_simple_repository(place: Place, port: int) -> Command:
    arguments = (place.program("python"), "-c", _SIMPLE_REPOSITORY, str(place.corpus.folder), str(port))
    return Command(arguments, _QUIET)


def _fill_peryx(place: Place) -> None:
    configuration = _peryx_configuration(place, place.data / "store", _PERYX_HOSTED)
    _run(place, place.program("peryx"), "import-dir", "-c", configuration, "bench", str(place.corpus.folder))


def _start_peryx(place: Place, port: int) -> Command:
    return _serve_peryx(place, port, _peryx_configuration(place, place.data / "store", _PERYX_HOSTED))


def _start_peryx_cache(place: Place, port: int) -> Command:
    upstream = f'[[index.upstream]]\nname = "homeport"\nurl = "{place.upstream}"\n'
    return _serve_peryx(place, port, _peryx_configuration(place, place.scratch / "store", upstream))


_PERYX_HOSTED = "hosted = true\n"


def _peryx_configuration(place: Place, store: Path, index: str) -> str:
    configuration = place.scratch / "peryx.toml"
    configuration.write_text(
        f'data_dir = "{store}"\ncache_ttl_secs = {_DAY_SECONDS}\n'
        f'[[index]]\necosystem = "pypi"\nname = "bench"\n{index}'
    )
    return str(configuration)


def _serve_peryx(place: Place, port: int, configuration: str) -> Command:
    arguments = (place.program("peryx"), "serve", "-c", configuration, "--port", str(port))
    return Command((*arguments, "--log-level", "error"))


def _start_proxpi(place: Place, port: int) -> Command:
    environment = {
        "PROXPI_INDEX_URL": place.upstream,
        "PROXPI_INDEX_TTL": str(_DAY_SECONDS),
        "PROXPI_CACHE_DIR": str(place.scratch / "files"),
        # Otherwise a file that takes longer is not served by this program: it sends the client elsewhere.
        "PROXPI_DOWNLOAD_TIMEOUT": "60",
        "PROXPI_LOGGING_LEVEL": "ERROR",
    }
    arguments = (place.program("gunicorn"), "--threads", "2", "--bind", f"127.0.0.1:{port}")
    return Command((*arguments, "--log-level", "error", "proxpi.server:app"), environment)


INDEXES = (
    Index(
        "devpi",
        "devpi-server",
        "6.20.3",
        "filled with `devpi-import`; its own server (waitress) with the 50 threads it has by default, "
        "`--enable-core-metadata`, no mirror, logs errors only",
        _start_devpi,
        fill=_fill_devpi,
        simple="/bench/dev/+simple/",
    ),
    Index(
        "pypiserver",
        "pypiserver",
        "2.4.2",
        "the folder of files, its cache of the folder (`--backend cached-dir`, with watchdog), `--server gunicorn` "
        "(the fastest that its command takes), no fallback, no log",
        _start_pypiserver,
        with_packages=("gunicorn==27.0.1",),
        extra="[cache]",
    ),
    Index(
        "simple-repository-server",
        "simple-repository-server",
        "0.10.0",
        "the folder of files; its application under uvicorn with uvloop and httptools, without the access log that "
        "its command cannot turn off",
        _start_simple_repository,
    ),
    Index(
        "peryx",
        "peryx",
        "2026.1010.0",
        "a program in Rust out of its wheel; a hosted index, filled with `peryx import-dir`, logs errors only",
        _start_peryx,
        fill=_fill_peryx,
        simple="/bench/simple/",
    ),
    Index(
        "peryx (cache)",
        "peryx",
        "2026.1010.0",
        "the same program as a cache in front of Homeport, whose pages nginx hands on with a lifetime of a day; every "
        "answer asked for before it is measured",
        _start_peryx_cache,
        simple="/bench/simple/",
        is_cache=True,
    ),
    Index(
        "proxpi (cache)",
        "proxpi",
        "1.3.1",
        "a cache in front of Homeport in the same way, under gunicorn with two threads as its image starts it; what "
        "it has read once it keeps for a day; every answer asked for before it is measured",
        _start_proxpi,
        with_packages=("gunicorn==27.0.1",),
        simple="/index/",
        is_cache=True,
    ),
)
