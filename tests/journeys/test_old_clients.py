"""Clients of ten and twenty years ago install from the index, under the Pythons that run them."""

from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD, People
from tests.support.abroad import Abroad
from tests.support.clients import (
    Pip,
    Reachable,
    SetupPy,
    make_pip,
    python_with,
    pythons,
    require_success,
    run,
    say_version,
)
from tests.support.index import Index
from tests.support.programs import packages
from tests.support.releases import host
from tests.support.wire import tapped

pytestmark = pytest.mark.journey


@pytest.fixture(scope="session")
def pip_20(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    """The last pip that read HTML as browsers did and spoke no JSON: 20.3.4."""
    python = python_with("venv", "3.8", "3.9", "3.7", "3.6")
    return make_pip(tmp_path_factory.mktemp("pip") / "20.3.4", python, "pip==20.3.4")


def test_pip_20_builds_what_came_home(
    index: Index, people: People, project: str, abroad: Abroad, pip_20: Pip, tmp_path: Path
) -> None:
    """An sdist of old, found on its old home page and brought home, is built and installed by pip 20.3.4."""
    setup = SetupPy.write(tmp_path / "old", pip_20.python, index, PASSWORD, name=project, version="0.3")
    require_success(setup("sdist", "--formats=gztar"))
    name = f"{project}-0.3.tar.gz"
    abroad.file(name, (tmp_path / "old" / "dist" / name).read_bytes())
    abroad.page(name)
    index.ask("project", "create", project, "--owner", "ada", "--mode", "pypi-cache")
    index.ask("source", "add", project, "homepage", f"{abroad.url}/")
    planned = index.json("plan", project)
    index.ask("rehost", "accept", str(planned["id"]), "--basis", "author")
    require_success(pip_20.install(index, tmp_path / "site", "--no-build-isolation", project))
    assert say_version(pip_20.python, tmp_path / "site", project) == "0.3"


BUNDLED = [version for version in pythons() if version in {"2.7", "3.6", "3.7", "3.9", "3.12"}]


@pytest.mark.parametrize("version", BUNDLED)
def test_the_pip_that_came_with_a_python(
    index: Index, people: People, project: str, tmp_path: Path, version: str
) -> None:
    """Whatever pip a Python was shipped with installs from the index."""
    python = pythons()[version]
    if run(python, "-m", "pip", "--version").returncode:
        pytest.skip(f"Python {version} is here without pip")
    host(index, people.ada, project, "1.0")
    require_success(Pip(python).install(index, tmp_path / "site", project))
    assert say_version(python, tmp_path / "site", project) == "1.0"


EASY_INSTALL = "import setuptools, sys; setuptools.setup(script_args=['easy_install'] + sys.argv[1:])"


def easy_install(python: str, index: Reachable, target: Path, *arguments: str, path: str = "") -> None:
    """Install with easy_install, with the index as its only index; ``path`` is where setuptools lies."""
    target.mkdir(exist_ok=True)
    options = ("--index-url", f"{index.url}/simple/", "--install-dir", str(target), "--multi-version")
    command = (python, "-W", "ignore", "-c", EASY_INSTALL, *options, *arguments)
    require_success(run(*command, cwd=target, PYTHONPATH=f"{path}:{target}", HOME=str(target)))


def test_easy_install(index: Index, people: People, project: str, abroad: Abroad, tmp_path: Path) -> None:
    """The oldest client installs a hosted sdist, and asks nobody else for it."""
    python = python_with("setuptools.command.easy_install, distutils.command.sdist", "2.7", "3.6", "3.7")
    setup = SetupPy.write(
        tmp_path / "old", python, index, PASSWORD, name=project, version="0.3", url=f"{abroad.url}/"
    )
    require_success(setup("sdist", "--formats=gztar", "upload", "-r", "here"))
    easy_install(python, index, tmp_path / "site", project)
    assert list((tmp_path / "site").glob(f"{project}-0.3-*.egg"))
    assert abroad.outside.asked == []


@pytest.mark.clients
def test_last_easy_install(
    index: Index, people: People, project: str, abroad: Abroad, tmp_path: Path
) -> None:
    """Setuptools 58.0.0 installs a wheel under any spelling of its name, and upgrades to a hosted sdist."""
    python = python_with("distutils.command.sdist", "3.10", "3.9", "3.8", "3.11")
    path, site = packages("setuptools==58.0.0"), tmp_path / "site"
    host(index, people.ada, project, "0.2")
    with tapped(index) as wire:
        easy_install(python, wire, site, project.upper(), path=path)
    assert list(site.glob(f"{project}-0.2-*.egg"))
    assert [one.status for one in (*wire.of(project.upper()), *wire.of(project))] == [301, 200]
    setup = SetupPy.write(
        tmp_path / "old", python, index, PASSWORD, name=project, version="0.3", url=f"{abroad.url}/"
    )
    require_success(setup("sdist", "--formats=gztar"))
    name = f"{project}-0.3.tar.gz"
    reply = index.upload(name, (tmp_path / "old" / "dist" / name).read_bytes(), people.ada)
    assert reply.status == 200, reply.text
    easy_install(python, index, site, "--upgrade", project, path=path)
    assert list(site.glob(f"{project}-0.3-*.egg"))
    assert abroad.outside.asked == []
