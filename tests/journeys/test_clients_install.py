"""Installers of every age install from the index: pip from 1.5 to the newest, and uv."""

import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from tests.journeys.conftest import People
from tests.support.abroad import Abroad
from tests.support.archives import make_wheel
from tests.support.clients import Installer, Pip, Uv, old_pip, require_success, said, say_version
from tests.support.index import Index
from tests.support.releases import TAG, host, unyank, wheel_name, yank
from tests.support.wire import tapped

pytestmark = pytest.mark.journey

# Each with the Pythons that run it, the likeliest to be here first.
OLD_PIPS = {
    "pip 23.3.2": ("23.3.2", "3.11", "3.12", "3.10", "3.9", "3.8", "3.7"),
    "pip 22.0.2": ("22.0.2", "3.11", "3.10", "3.9", "3.8", "3.7"),
    "pip 20.3.4": ("20.3.4", "3.9", "3.8", "3.7", "3.6", "2.7"),
    "pip 9.0.3, Python 3.6": ("9.0.3", "3.6"),
    "pip 9.0.3, Python 2.7": ("9.0.3", "2.7"),
    "pip 1.5.6, Python 2.7": ("1.5.6", "2.7"),
}
NEWEST = ("pip", "uv")
# Each of these has a neighbour that reads pages as it does.
_LIKE_OTHERS = ("pip 23.3.2", "pip 9.0.3, Python 3.6")


def for_make_clients(*names: str) -> list[Any]:
    """These installers, for ``make clients`` alone."""
    return [pytest.param(name, marks=pytest.mark.clients) for name in names]


def since(version: str) -> pytest.MarkDecorator:
    """Runs a test with the newest installers and, for ``make clients``, every old pip that is at least this."""
    able = [name for name, (pip, *_) in OLD_PIPS.items() if Version(pip) >= Version(version)]
    return pytest.mark.parametrize("name", [*NEWEST, *for_make_clients(*able)])


@pytest.fixture
def installer(name: str, pip: Pip, tmp_path: Path) -> Installer:
    """The installer of that name."""
    if name in OLD_PIPS:
        return old_pip(*OLD_PIPS[name])
    return pip if name == "pip" else Uv(tmp_path)


@pytest.mark.parametrize(
    "name",
    [*NEWEST, *(name for name in OLD_PIPS if name not in _LIKE_OTHERS), *for_make_clients(*_LIKE_OTHERS)],
)
def test_installs_and_upgrades(
    index: Index, people: People, project: str, installer: Installer, name: str, tmp_path: Path
) -> None:
    """The newest version is installed with what it needs, and a version published a moment later replaces it."""
    site, needed = tmp_path / "site", f"{project}needed"
    host(index, people.ada, needed, "0.9", "1.0")
    host(index, people.ada, project, "1.0", "1.1", needs=f"{needed}<1")
    require_success(installer.install(index, site, project))
    assert say_version(installer.python, site, project) == "1.1"
    assert say_version(installer.python, site, needed) == "0.9"
    host(index, people.ada, project, "1.2", needs=needed)
    # Pip's --target could replace nothing before 6.0.
    upgraded = site if "1.5.6" not in name else tmp_path / "fresh"
    require_success(installer.install(index, upgraded, "--upgrade", project))
    assert say_version(installer.python, upgraded, project) == "1.2"


@since("9.0")
def test_passes_over_other_pythons(
    index: Index, people: People, project: str, installer: Installer, tmp_path: Path
) -> None:
    """A version for a later Python is passed over, and refused when it alone will do."""
    host(index, people.ada, project, "1.0")
    host(index, people.ada, project, "1.1", python=">=3.99")
    require_success(installer.install(index, tmp_path / "site", project))
    assert say_version(installer.python, tmp_path / "site", project) == "1.0"
    refused = installer.install(index, tmp_path / "other", f"{project}==1.1")
    assert refused.returncode != 0
    assert f"{project}==1.1" in said(refused)


@since("8.0")
def test_checks_hashes(
    index: Index, people: People, project: str, installer: Installer, tmp_path: Path
) -> None:
    """What is pinned by our hash is installed; another hash is refused."""
    host(index, people.ada, project, "1.0")
    digest = index.hosted(project)[wheel_name(project, "1.0")]
    lines = tmp_path / "requirements.txt"
    lines.write_text(f"{project}==1.0 --hash=sha256:{digest}\n")
    require_success(installer.install(index, tmp_path / "site", "--require-hashes", "-r", str(lines)))
    assert say_version(installer.python, tmp_path / "site", project) == "1.0"
    lines.write_text(f"{project}==1.0 --hash=sha256:{'0' * 64}\n")
    refused = installer.install(index, tmp_path / "other", "--require-hashes", "-r", str(lines))
    assert refused.returncode != 0
    assert digest in said(refused)


@since("19.2")
def test_heeds_a_yank(
    index: Index, people: People, project: str, installer: Installer, tmp_path: Path
) -> None:
    """A yanked version is passed over, taken with a warning and its reason when pinned, and back when unyanked."""
    host(index, people.ada, project, "1.0", "1.1")
    yank(index, people.ada, project, "1.1", "It loses feathers.")
    require_success(installer.install(index, tmp_path / "site", project))
    assert say_version(installer.python, tmp_path / "site", project) == "1.0"
    pinned = require_success(installer.install(index, tmp_path / "pinned", f"{project}==1.1"))
    assert say_version(installer.python, tmp_path / "pinned", project) == "1.1"
    assert "yanked" in said(pinned)
    assert "It loses feathers." in said(pinned)
    unyank(index, people.ada, project, "1.1")
    require_success(installer.install(index, tmp_path / "again", project))
    assert say_version(installer.python, tmp_path / "again", project) == "1.1"


@pytest.mark.parametrize("name", NEWEST)
def test_installs_as_of_a_date(
    index: Index, people: People, project: str, installer: Installer, name: str, tmp_path: Path
) -> None:
    """Who wants nothing that was published after a moment gets what was there at that moment."""
    host(index, people.ada, project, "1.0")
    host(index, people.ada, project, "1.1")
    moment = index.simple(project)[wheel_name(project, "1.1")]["upload-time"]
    option = "--exclude-newer" if name == "uv" else "--uploaded-prior-to"
    require_success(installer.install(index, tmp_path / "site", option, moment, project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"


@pytest.mark.parametrize("name", NEWEST)
def test_finds_elsewhere_what_is_not_here(
    index: Index, project: str, abroad: Abroad, installer: Installer, name: str, tmp_path: Path
) -> None:
    """A project that is not here is looked for on the next index."""
    filename = wheel_name(project, "1.0")
    abroad.file(filename, make_wheel(project, "1.0", tag=TAG))
    abroad.page(f"/{filename}", at=f"/simple/{project}/")
    with tapped(index) as wire:
        first, option, second = (
            (abroad, "--index", wire) if name == "uv" else (wire, "--extra-index-url", abroad)
        )
        require_success(installer.install(first, tmp_path / "site", option, f"{second.url}/simple/", project))
    assert [one.status for one in wire.of(project)] == [404]
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"
