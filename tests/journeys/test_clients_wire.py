"""What goes over the wire: parts of files when a part will do, pages only when they changed."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.clients import Pip, Uv, old_pip, require_success, say_version
from tests.support.index import Index
from tests.support.lockers import Locker, poetry_recipe
from tests.support.releases import host, wheel_name
from tests.support.wire import Wire, tapped

pytestmark = pytest.mark.journey

LARGE_BYTES = 400_000


@pytest.fixture
def wire(index: Index) -> Iterator[Wire]:
    """A wire to the index, on which the clients are heard."""
    with tapped(index) as wire:
        yield wire


@pytest.fixture
def wanted(index: Index, people: People, project: str, wire: Wire) -> tuple[str, str]:
    """Two wishes that rule out the newest version, which is large; to know that, one must look into its wheel."""
    tool = f"{project}tool"
    host(index, people.ada, tool, "1.0")
    host(index, people.ada, project, "1.0")
    host(index, people.ada, project, "1.1", needs=f"{tool}<1", noise_bytes=LARGE_BYTES)
    # Pages of an index that knows metadata files would make it too easy.
    wire.hide_metadata()
    return project, f"{tool}>=1"


def require_parts(wire: Wire, filename: str) -> None:
    """The file was asked for in parts, each was given, and together they are far less than the file."""
    asked = wire.of(filename)
    assert asked
    assert {one.status for one in asked} == {206}
    assert sum(one.size_bytes for one in asked) < LARGE_BYTES / 4


def test_poetry_looks_into_a_wheel(wire: Wire, wanted: tuple[str, str], tmp_path: Path) -> None:
    """Poetry reads the last bytes of a wheel, however many there are, and no more."""
    app = Locker(tmp_path / "app", wire, poetry_recipe())
    app.want(*wanted)
    require_success(app.lock())
    require_parts(wire, wheel_name(wanted[0], "1.1"))
    # The other wheel has fewer bytes than it asks for.
    require_parts(wire, wheel_name(wanted[0], "1.0"))
    firsts = [wire.of(wheel_name(wanted[0], version))[0] for version in ("1.1", "1.0")]
    assert [one.request.header("range") for one in firsts] == ["bytes=-10000", "bytes=-10000"]


def test_uv_looks_into_a_wheel(wire: Wire, wanted: tuple[str, str], tmp_path: Path) -> None:
    """Uv asks how long a wheel is, and reads its end."""
    require_success(Uv(tmp_path).install(wire, tmp_path / "site", *wanted))
    assert say_version(sys.executable, tmp_path / "site", wanted[0]) == "1.0"
    require_parts(wire, wheel_name(wanted[0], "1.1"))
    assert [one.status for one in wire.of(wheel_name(wanted[0], "1.1"), "HEAD")] == [200]


@pytest.mark.parametrize("version", ["newest", pytest.param("20.3.4", marks=pytest.mark.clients)])
def test_pip_looks_into_a_wheel(
    wire: Wire, wanted: tuple[str, str], pip: Pip, version: str, tmp_path: Path
) -> None:
    """Pip, asked to be lazy, reads the end of a wheel."""
    lazy = pip if version == "newest" else old_pip(version, "3.9", "3.8", "3.7", "3.6")
    require_success(lazy.install(wire, tmp_path / "site", "--use-feature=fast-deps", *wanted))
    assert say_version(lazy.python, tmp_path / "site", wanted[0]) == "1.0"
    require_parts(wire, wheel_name(wanted[0], "1.1"))


def test_pip_resumes(
    index: Index, people: People, project: str, wire: Wire, pip: Pip, tmp_path: Path
) -> None:
    """A download that broke off goes on where it stopped, and ends with the published bytes."""
    host(index, people.ada, project, "1.0", noise_bytes=LARGE_BYTES)
    filename = wheel_name(project, "1.0")
    wire.cut(filename, after_bytes=LARGE_BYTES // 2)
    require_success(pip.install(wire, tmp_path / "site", project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"
    first, second = wire.of(filename)
    assert (first.status, second.status) == (200, 206)
    assert second.size_bytes < first.size_bytes * 0.6


def test_pip_asks_whether_a_page_changed(
    index: Index, people: People, project: str, wire: Wire, pip: Pip, tmp_path: Path
) -> None:
    """With a warm cache pip is told that nothing changed, and sees at once what did."""
    # Pip keeps no pages of plain HTTP but of those it is told to trust.
    trusting = ("--cache-dir", str(tmp_path / "cache"), "--trusted-host", wire.url.removeprefix("http://"))
    warm = replace(pip, options=trusting)
    host(index, people.ada, project, "1.0")
    for _ in range(2):
        require_success(warm.from_index(wire, "download", "--dest", str(tmp_path / "older"), project))
    host(index, people.ada, project, "1.1")
    require_success(warm.from_index(wire, "download", "--dest", str(tmp_path / "newer"), project))
    assert [one.status for one in wire.of(project)] == [200, 304, 200]
    assert [file.name for file in (tmp_path / "newer").iterdir()] == [wheel_name(project, "1.1")]
