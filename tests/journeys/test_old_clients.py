"""Clients of ten and twenty years ago install from the index, under the Pythons that run them."""

from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD, Abroad, People
from tests.support.archives import make_wheel
from tests.support.clients import (
    Pip,
    SetupPy,
    make_pip,
    python_with,
    pythons,
    require_success,
    run,
    say_version,
)
from tests.support.index import Index

pytestmark = pytest.mark.journey


@pytest.fixture(scope="session")
def pip_20(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    """The last pip that read HTML as browsers did and spoke no JSON: 20.3.4."""
    python = python_with("venv", "3.8", "3.9", "3.7", "3.6")
    return make_pip(tmp_path_factory.mktemp("pip") / "20.3.4", python, "pip==20.3.4")


def publish(index: Index, people: People, project: str, *versions: str) -> None:
    """Host wheels for every Python there ever was."""
    for version in versions:
        name = f"{project}-{version}-py2.py3-none-any.whl"
        data = make_wheel(project, version, tag="py2.py3-none-any")
        assert index.upload(name, data, people.ada).status == 200


def test_pip_20_installs(index: Index, people: People, project: str, pip_20: Pip, tmp_path: Path) -> None:
    """Pip 20.3.4 installs the newest wheel, with its hash checked."""
    assert pip_20.version == "20.3.4"
    publish(index, people, project, "1.0", "1.1")
    require_success(pip_20.install(index, tmp_path / "site", project))
    assert say_version(pip_20.python, tmp_path / "site", project) == "1.1"
    digest = index.hosted(project)[f"{project}-1.0-py2.py3-none-any.whl"]
    lines = tmp_path / "requirements.txt"
    lines.write_text(f"{project}==1.0 --hash=sha256:{digest}\n")
    require_success(pip_20.install(index, tmp_path / "exact", "--require-hashes", "-r", str(lines)))
    assert say_version(pip_20.python, tmp_path / "exact", project) == "1.0"


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
    publish(index, people, project, "1.0")
    require_success(Pip(python).install(index, tmp_path / "site", project))
    assert say_version(python, tmp_path / "site", project) == "1.0"


EASY_INSTALL = "import sys; from setuptools.command.easy_install import main; main(sys.argv[1:])"


def easy_install(python: str, index: Index, target: Path, project: str) -> None:
    """Install with easy_install, with the index as its only index."""
    target.mkdir()
    options = ("--index-url", f"{index.url}/simple/", "--install-dir", str(target), "--multi-version")
    command = (python, "-W", "ignore", "-c", EASY_INSTALL, *options, project)
    require_success(run(*command, PYTHONPATH=str(target), HOME=str(target)))


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
