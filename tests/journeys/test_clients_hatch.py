"""Hatch makes environments from the index, with pip and with uv."""

from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.clients import require_success, run
from tests.support.index import Index
from tests.support.programs import environment_with
from tests.support.releases import host, unyank, wheel_name, yank
from tests.support.wire import tapped

pytestmark = [pytest.mark.journey, pytest.mark.clients]

PROJECT = """\
[project]
name = "app"
version = "0"
[tool.hatch.envs.default]
installer = "{installer}"
skip-install = true
dependencies = ["{dependency}"]
"""


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_environments(index: Index, people: People, project: str, installer: str, tmp_path: Path) -> None:
    """An environment gets the newest version for its Python that is not yanked; made anew, what is there then."""
    host(index, people.ada, project, "1.0", "1.1")
    host(index, people.ada, project, "1.2", python=">=3.99")
    yank(index, people.ada, project, "1.1", "It loses feathers.")
    (tmp_path / "pyproject.toml").write_text(PROJECT.format(installer=installer, dependency=project))
    code = ("run", "python", "-c", f"import {project}; print({project}.version)")
    (tmp_path / "home").mkdir()

    def hatch(*arguments: str) -> str:
        """What hatch says, which hears of the index by pip's and uv's own settings."""
        done = run(
            *(environment_with("hatch==1.18.2"), "-m", "hatch", "--no-color", *arguments),
            cwd=tmp_path,
            HOME=str(tmp_path / "home"),
            PIP_INDEX_URL=f"{wire.url}/simple/",
            UV_DEFAULT_INDEX=f"{wire.url}/simple/",
            UV_NO_CONFIG="1",
        )
        return require_success(done).stdout

    with tapped(index) as wire:
        assert hatch(*code).split()[-1] == "1.0"
        assert wire.got(wheel_name(project, "1.0")) == [wheel_name(project, "1.0")]
        unyank(index, people.ada, project, "1.1")
        hatch("env", "remove")
        assert hatch(*code).split()[-1] == "1.1"
