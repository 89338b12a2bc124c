"""Every client that publishes, old and new, each asked in its own way to publish one wheel of one project."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.archives import make_wheel
from tests.support.clients import Reachable, run
from tests.support.index import BIN, Finished
from tests.support.programs import environment_with

# Archives that are built anew have the same bytes when their time is the same.
BUILT_AT = "1700000000"


@dataclass(frozen=True)
class Workshop:
    """A folder with a project that every client can publish: a pyproject.toml, a module, and a wheel in ``dist``."""

    folder: Path
    project: str

    def write(self, *, note: str = "") -> None:
        """Write all of it; another ``note`` makes other bytes of the same name."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        (self.folder / "home").mkdir(exist_ok=True)
        (self.folder / "dist").mkdir(exist_ok=True)
        (self.folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
            f'[project]\nname = "{self.project}"\nversion = "1.0"\ndescription = "A bird."\n'
            f'requires-python = ">={version}"\n'
        )
        (self.folder / f"{self.project}.py").write_text(f'"""A bird. {note}"""\n')
        files = {f"{self.project}/note.py": note.encode()}
        self.wheel.write_bytes(make_wheel(self.project, "1.0", files=files))

    @property
    def wheel(self) -> Path:
        """The wheel that clients find which do not build."""
        return self.folder / "dist" / f"{self.project}-1.0-py3-none-any.whl"


@dataclass(frozen=True)
class Publisher:
    """How one client is asked; ``{url}``, ``{index}``, ``{token}`` and ``{file}`` are filled in.

    ``tells_more`` makes it show the whole of an answer, ``passes_over`` go on where the file is there already.
    """

    requirement: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    tells_more: tuple[str, ...] = ()
    passes_over: tuple[str, ...] = ()

    def __call__(self, index: Reachable, workshop: Workshop, token: str, *options: str) -> Finished:
        """Publish the wheel."""
        known = {"url": f"{index.url}/legacy/", "index": f"{index.url}/simple/", "token": token}
        known["file"] = str(workshop.wheel)
        environment = {name: value.format(**known) for name, value in self.environment.items()}
        arguments = [part.format(**known) for part in (*self.command, *options)]
        if self.requirement:
            program = environment_with(*self.requirement)
            return run(
                program, "-m", *arguments, cwd=workshop.folder, **_surroundings(workshop), **environment
            )
        return run(
            str(BIN / arguments[0]),
            *arguments[1:],
            cwd=workshop.folder,
            **_surroundings(workshop),
            **environment,
        )


def _surroundings(workshop: Workshop) -> dict[str, str]:
    return {"HOME": str(workshop.folder / "home"), "SOURCE_DATE_EPOCH": BUILT_AT}


_TWINE = (
    "twine",
    "upload",
    "--non-interactive",
    "--disable-progress-bar",
    "--repository-url",
    "{url}",
    "{file}",
)
_TWINE_USER = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "{token}"}

PUBLISHERS = {
    "twine 7.0.0": Publisher((), _TWINE, _TWINE_USER, ("--verbose",), ("--skip-existing",)),
    "twine 6.2.0": Publisher(("twine==6.2.0",), _TWINE, _TWINE_USER, ("--verbose",), ("--skip-existing",)),
    "twine 3.8.0": Publisher(
        ("twine==3.8.0", "packaging", "setuptools"), _TWINE, _TWINE_USER, ("--verbose",), ("--skip-existing",)
    ),
    "uv": Publisher(
        (),
        ("uv", "publish", "--publish-url", "{url}", "--token", "{token}", "{file}"),
        {"UV_NO_CONFIG": "1", "UV_NO_CACHE": "1", "COLUMNS": "500"},
        passes_over=("--check-url", "{index}"),
    ),
    "poetry 2.5.1": Publisher(
        ("poetry==2.5.1",),
        ("poetry", "--no-interaction", "publish", "--repository", "home"),
        {
            "POETRY_KEYRING_ENABLED": "false",
            "POETRY_REPOSITORIES_HOME_URL": "{url}",
            "POETRY_HTTP_BASIC_HOME_USERNAME": "__token__",
            "POETRY_HTTP_BASIC_HOME_PASSWORD": "{token}",
        },
        passes_over=("--skip-existing",),
    ),
    "pdm 2.29.3": Publisher(
        ("pdm[locked]==2.29.3",),
        ("pdm", "publish", "--no-build", "--repository", "{url}", "-u", "__token__", "-P", "{token}"),
        {"PDM_CHECK_UPDATE": "false"},
        ("-vv",),
        ("--skip-existing",),
    ),
    # It looks at another index's address for what is there, and has no option to pass over anything.
    "hatch 1.18.2": Publisher(
        ("hatch==1.18.2",),
        ("hatch", "publish", "--no-prompt", "-r", "{url}", "-u", "__token__", "-a", "{token}", "{file}"),
    ),
    "flit 3.12.0": Publisher(
        ("flit==3.12.0",),
        ("flit", "publish", "--no-setup-py", "--format", "wheel"),
        {"FLIT_INDEX_URL": "{url}", "FLIT_USERNAME": "__token__", "FLIT_PASSWORD": "{token}"},
    ),
}
