"""Clients that build projects publish them too: poetry, pdm and hatch."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_wheel
from tests.support.clients import require_success, run
from tests.support.index import Finished, Index
from tests.support.programs import environment_with
from tests.support.releases import TAG, wheel_name

pytestmark = [pytest.mark.journey, pytest.mark.clients]

PROJECT = '[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">={python}"\n'


@dataclass(frozen=True)
class Publisher:
    """How one client is asked to publish what lies in ``dist``; ``{url}``, ``{token}`` and ``{file}`` are filled in."""

    requirement: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    passes_over: tuple[str, ...] = ("--skip-existing",)

    def __call__(self, index: Index, file: Path, token: str, *options: str) -> Finished:
        """Publish the file."""
        folder = file.parent.parent
        known = {"url": f"{index.url}/legacy/", "token": token, "file": str(file)}
        environment = {name: value.format(**known) for name, value in self.environment.items()}
        arguments = (part.format(**known) for part in self.command)
        program = environment_with(self.requirement)
        return run(program, "-m", *arguments, *options, cwd=folder, HOME=str(folder / "home"), **environment)


PUBLISHERS = {
    "poetry": Publisher(
        "poetry==2.5.1",
        ("poetry", "--no-interaction", "publish", "--repository", "home"),
        {
            "POETRY_KEYRING_ENABLED": "false",
            "POETRY_REPOSITORIES_HOME_URL": "{url}",
            "POETRY_HTTP_BASIC_HOME_USERNAME": "__token__",
            "POETRY_HTTP_BASIC_HOME_PASSWORD": "{token}",
        },
    ),
    "pdm": Publisher(
        "pdm[locked]==2.29.3",
        ("pdm", "publish", "--no-build", "--repository", "{url}", "-u", "__token__", "-P", "{token}"),
        {"PDM_CHECK_UPDATE": "false"},
    ),
    # It looks at another index's address for what is there, and has no option to pass over anything.
    "hatch": Publisher(
        "hatch==1.18.2",
        ("hatch", "publish", "--no-prompt", "-r", "{url}", "-u", "__token__", "-a", "{token}", "{file}"),
        passes_over=(),
    ),
}


@pytest.mark.parametrize("name", PUBLISHERS)
def test_publishes(index: Index, people: People, project: str, dist: Path, name: str) -> None:
    """The same file again is well; other bytes under its name are refused or, when so asked, passed over."""
    publish, file = PUBLISHERS[name], dist / wheel_name(project, "1.0")
    (dist.parent / "home").mkdir()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (dist.parent / "pyproject.toml").write_text(PROJECT.format(name=project, python=python))
    file.write_bytes(make_wheel(project, "1.0", tag=TAG))
    refused = publish(index, file, "hp_none")
    assert refused.returncode == 1
    assert "401" in refused.stdout + refused.stderr
    assert index.hosted(project) == {}

    for _ in range(2):
        require_success(publish(index, file, people.ada))
    before = index.hosted(project)
    assert list(before) == [file.name]

    file.write_bytes(make_wheel(project, "1.0", tag=TAG, files={f"{project}/more.py": b"more = True\n"}))
    refused = publish(index, file, people.ada)
    assert refused.returncode == 1
    assert "400" in refused.stdout + refused.stderr
    if publish.passes_over:
        require_success(publish(index, file, people.ada, *publish.passes_over))
    assert index.hosted(project) == before
