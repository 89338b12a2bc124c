"""Clients that keep a lock file: pip, uv, poetry and pdm resolve, lock, and install what they locked."""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.conftest import People
from tests.support.clients import Pip, Uv, require_success, said, say_version
from tests.support.index import Index
from tests.support.lockers import Locker, Recipe, pdm_recipe, pip_recipe, poetry_recipe, uv_recipe
from tests.support.releases import host, wheel_name, yank
from tests.support.wire import Wire, tapped

pytestmark = pytest.mark.journey

RECIPES: dict[str, Callable[[], Recipe]] = {"uv": uv_recipe, "poetry": poetry_recipe, "pdm": pdm_recipe}


@pytest.fixture
def wire(index: Index) -> Iterator[Wire]:
    """A wire to the index, on which the clients are heard."""
    with tapped(index) as wire:
        yield wire


@pytest.fixture(params=["pip", *RECIPES])
def locker(request: pytest.FixtureRequest, wire: Wire, pip: Pip, tmp_path: Path) -> Locker:
    """One of the clients, at the far end of the wire."""
    name = request.param
    return Locker(tmp_path / "app", wire, pip_recipe(pip.python) if name == "pip" else RECIPES[name]())


def test_locks_by_metadata_and_installs(
    index: Index, people: People, project: str, wire: Wire, locker: Locker
) -> None:
    """Versions are weighed by their metadata files alone; the lock says where our bytes are, and gets them back."""
    tool = f"{project}tool"
    host(index, people.ada, tool, "0.9", "1.0")
    host(index, people.ada, project, "1.0")
    host(index, people.ada, project, "1.1", "1.2", needs=f"{tool}<1")
    locker.want(project, f"{tool}>=1")
    require_success(locker.lock())
    wheels = [wheel_name(project, version) for version in ("1.0", "1.1", "1.2")]
    metadata = [f"{name}.metadata" for name in wheels]
    assert wire.got(*metadata) == metadata
    assert wire.got(*wheels, wheel_name(tool, "1.0")) == []

    chosen = [index.simple(project)[wheels[0]], index.simple(tool)[wheel_name(tool, "1.0")]]
    assert [file["filename"] for file in chosen if file["hashes"]["sha256"] not in locker.locked] == []
    if locker.recipe.locks_urls:
        assert [file["url"] for file in chosen if f"{wire.url}{file['url']}" not in locker.locked] == []

    require_success(locker.install())
    assert (locker.installed(project), locker.installed(tool)) == ("1.0", "1.0")
    assert wire.got(*wheels) == wheels[:1]


def test_updates(index: Index, people: People, project: str, locker: Locker) -> None:
    """A lock holds the newest version for this Python, and once updated the one that was published a moment ago."""
    host(index, people.ada, project, "1.0")
    host(index, people.ada, project, "1.1", python=">=3.99")
    locker.want(project)
    require_success(locker.lock())
    assert index.hosted(project)[wheel_name(project, "1.0")] in locker.locked
    host(index, people.ada, project, "1.2")
    require_success(locker.update())
    require_success(locker.install())
    assert locker.installed(project) == "1.2"


def test_refuses_other_bytes(index: Index, people: People, project: str, locker: Locker) -> None:
    """A lock whose hash is not that of our bytes installs nothing."""
    host(index, people.ada, project, "1.0")
    locker.want(project)
    require_success(locker.lock())
    locker.forge_hash(index.hosted(project)[wheel_name(project, "1.0")])
    refused = locker.install()
    assert refused.returncode != 0
    assert re.search("hash|known checksum", said(refused), re.IGNORECASE)
    assert not (locker.packages / project).exists()


def test_heeds_a_yank(index: Index, people: People, project: str, locker: Locker) -> None:
    """A lock made before a yank still installs; one made after it passes the version over, unless it is pinned."""
    host(index, people.ada, project, "1.0", "1.1")
    older, newer = (index.hosted(project)[wheel_name(project, version)] for version in ("1.0", "1.1"))
    locker.want(project)
    require_success(locker.lock())
    yank(index, people.ada, project, "1.1", "It loses feathers.")
    require_success(locker.install())
    assert locker.installed(project) == "1.1"
    require_success(locker.update())
    assert (older in locker.locked, newer in locker.locked) == (True, False)
    locker.want(f"{project}==1.1")
    require_success(locker.lock())
    assert (older in locker.locked, newer in locker.locked) == (False, True)


def test_locked_facts(index: Index, people: People, project: str, wire: Wire, tmp_path: Path) -> None:
    """What uv writes down of a file, in its own lock and in a standard one, is what the index says of it."""
    host(index, people.ada, project, "1.0")
    app = Locker(tmp_path / "app", wire, uv_recipe())
    app.want(project)
    require_success(app.lock())
    (file,) = index.simple(project).values()
    published = datetime.fromisoformat(file["upload-time"])

    (wheel,) = packages_of(app.locked)[project]["wheels"]
    assert wheel["url"] == f"{wire.url}{file['url']}"
    assert (wheel["size"], wheel["hash"]) == (file["size"], f"sha256:{file['hashes']['sha256']}")
    # It writes thousandths of a second there, and whole ones below.
    thousandths = published.microsecond // 1000 * 1000
    assert datetime.fromisoformat(wheel["upload-time"]) == published.replace(microsecond=thousandths)

    standard = require_success(app("export", "--quiet", "--format", "pylock.toml")).stdout
    package = packages_of(standard)[project]
    (wheel,) = package["wheels"]
    assert package["index"] == f"{wire.url}/simple/"
    assert wheel["url"] == f"{wire.url}{file['url']}"
    assert (wheel["size"], wheel["hashes"]) == (file["size"], file["hashes"])
    assert wheel["upload-time"] == published.replace(microsecond=0)


def test_standard_lock_file(index: Index, people: People, project: str, pip: Pip, tmp_path: Path) -> None:
    """The ``pylock.toml`` that one client writes is installed by the others."""
    host(index, people.ada, project, "1.0")
    lock = tmp_path / "pylock.toml"
    require_success(pip.from_index(index, "lock", "--output", str(lock), project))
    require_success(Uv(tmp_path).install(index, tmp_path / "by uv", "-r", str(lock)))
    assert say_version(sys.executable, tmp_path / "by uv", project) == "1.0"
    synced = Locker(tmp_path / "synced", index, uv_recipe())
    synced.want()
    require_success(synced("pip", "sync", "--python", ".venv", str(lock)))
    assert synced.installed(project) == "1.0"

    app = Locker(tmp_path / "app", index, uv_recipe())
    app.want(project)
    require_success(app.lock())
    require_success(app("export", "--quiet", "--format", "pylock.toml", "--output-file", str(lock)))
    require_success(pip.install(index, tmp_path / "by pip", "-r", str(lock)))
    assert say_version(sys.executable, tmp_path / "by pip", project) == "1.0"


def packages_of(lock: str) -> dict[str, Any]:
    """The packages of a lock file in TOML, by name; uv calls the table by another name than the standard."""
    read = tomllib.loads(lock)
    return {one["name"]: one for one in read.get("packages") or read["package"]}
