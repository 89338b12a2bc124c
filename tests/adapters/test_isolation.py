"""The nursery and its children: whatever hostile bytes do, the caller gets an answer in time."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from homeport.adapters.inspect import child, isolation, wire
from homeport.adapters.inspect.isolation import INSPECT_LIMITS, LINKS_LIMITS, ChildIsolation
from homeport.adapters.inspect.wire import GarbledAnswerError, InspectRequest, Limits, LinksRequest
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity, Verdict
from homeport.domain.links import PageLinks
from homeport.domain.metadata import CoreMetadata
from tests.support.archives import ZipPart, make_wheel, make_zip, metadata_bytes, wheel_parts
from tests.support.looks import WHEEL, look

PAGE = b'<a href="demo-1.0.tar.gz">demo</a> <a rel="homepage" href="/home">home</a>'


@pytest.fixture
def children() -> Iterator[ChildIsolation]:
    """The isolation with its usual limits."""
    with_defaults = ChildIsolation()
    yield with_defaults
    with_defaults.close()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A good wheel on disk."""
    path = tmp_path / WHEEL.filename
    path.write_bytes(make_wheel())
    return path


def limited(*, cpu: int = 10, memory_mib: int = 512, wall: float = 20) -> ChildIsolation:
    """The isolation with small limits for everything."""
    limits = Limits(cpu, memory_mib << 20, wall)
    return ChildIsolation(inspect_limits=limits, links_limits=limits)


def test_child_answers_as_the_pure_function_does(children: ChildIsolation, wheel: Path) -> None:
    """What comes back over the wire is what inspection said, down to the metadata's bytes."""
    assert children.inspect(wheel, WHEEL) == look(wheel.read_bytes(), WHEEL)
    other = Expectation(WHEEL.filename, "other", "2.0", is_legacy=True)
    assert children.inspect(wheel, other) == look(wheel.read_bytes(), other)


def test_links_are_read_in_a_child(children: ChildIsolation) -> None:
    """File links resolve against where the page was, rel links against what was asked."""
    links = children.read_links(PAGE, "http://asked.test/", "http://final.test/dl/", "utf-8")
    assert links.hrefs == ("http://final.test/dl/demo-1.0.tar.gz", "http://final.test/home")
    assert links.rel_hrefs == ("http://asked.test/home",)
    assert links.problem == ""


def test_many_callers_are_served_at_once(children: ChildIsolation, wheel: Path) -> None:
    """Any number of threads may ask; each gets the answer to its own question."""

    def ask(number: int) -> Inspection:
        return children.inspect(wheel, Expectation(WHEEL.filename, project=f"p{number}"))

    with ThreadPoolExecutor(8) as threads:
        for number, inspection in enumerate(threads.map(ask, range(40))):
            assert [f.code for f in inspection.findings].count("project-mismatch") == 2
            assert f"'p{number}'" in inspection.findings[0].message


def test_a_hundred_small_wheels_from_eight_callers_are_quick(children: ChildIsolation, wheel: Path) -> None:
    """Uploads wait little for inspection: far below their own limit, even on a busy machine."""
    children.inspect(wheel, WHEEL)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda _: children.inspect(wheel, WHEEL).verdict, range(100)))
    assert set(verdicts) == {Verdict.ACCEPT}
    assert time.monotonic() - started < 10


def cpu_bomb(path: Path) -> Path:
    """A wheel that takes seconds to inflate: 512 MiB that compress well enough to pass the ratio rule."""
    noise = os.urandom(1 << 16)
    parts = [ZipPart(f"demo/{n}.bin", noise + bytes(3_000_000)) for n in range(1)]
    first = parts[0].filled()
    many = [ZipPart(f"demo/{n}.bin", b"", packed=first.packed, size=first.size, crc=first.crc) for n in range(170)]
    path.write_bytes(make_zip([*wheel_parts(), *many]))
    return path


def test_cpu_bomb_is_held_in_time(tmp_path: Path) -> None:
    """Bytes that burn the CPU are cut off at the limit and wait for a person."""
    bomb = cpu_bomb(tmp_path / WHEEL.filename)
    children = limited(cpu=1)
    try:
        started = time.monotonic()
        inspection = children.inspect(bomb, WHEEL)
        assert time.monotonic() - started < 15
    finally:
        children.close()
    assert inspection.verdict is Verdict.HOLD
    assert [finding.code for finding in inspection.findings] == ["inspection-limit"]
