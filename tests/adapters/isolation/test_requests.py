"""What the children are asked: whatever hostile bytes do, the caller gets an answer in time."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.archives import ZipPart, make_wheel, make_zip, metadata_bytes, wheel_parts
from tests.support.looks import WHEEL, look
from tests.support.places_answers import bucket_page, github_release, pytorch_page, simple_json

from homeport.adapters.inspect import child, wire
from homeport.adapters.inspect.contents_wire import decode_contents
from homeport.adapters.inspect.isolation import CONTENTS_LIMITS, ChildIsolation
from homeport.adapters.inspect.wire import ContentsRequest, Limits
from homeport.domain.inspection import Expectation, Severity, Verdict
from homeport.domain.metadata import Description
from homeport.domain.offer import PageKind
from homeport.formats.description import render_description
from homeport.formats.inspect_file import list_contents
from homeport.formats.offers.reader import read_offers

PAGE = b'<a href="demo-1.0.tar.gz">demo</a> <a rel="homepage" href="/home">home</a>'


def test_child_answers_as_the_pure_function_does(children: ChildIsolation, wheel: Path) -> None:
    """What comes back over the wire is what inspection said, down to the metadata's bytes."""
    assert children.inspect(wheel, WHEEL) == look(wheel.read_bytes(), WHEEL)
    other = Expectation(WHEEL.filename, "other", "2.0", is_legacy=True)
    assert children.inspect(wheel, other) == look(wheel.read_bytes(), other)


def test_pages_are_read_in_a_child(children: ChildIsolation) -> None:
    """Every kind of page is read as the pure function reads it, down to what is said of each file."""
    asked, final = "http://asked.test/", "http://final.test/dl/"
    release = github_release("octo/demo", "1.0", ["demo-1.0.zip", "demo-1.0.zip.asc"])
    pages = {
        PageKind.HTML: PAGE,
        PageKind.SIMPLE_HTML: pytorch_page("demo", 3_000).encode(),
        PageKind.SIMPLE_JSON: json.dumps(simple_json("demo", asked, ["demo-1.0.zip"])).encode(),
        PageKind.GITHUB: json.dumps([release]).encode(),
        PageKind.BUCKET: bucket_page(["demo-1.0.zip"], "t").encode(),
        PageKind.TEXT: b"http://a.test/\xff",
    }
    for kind, page in pages.items():
        offers = children.read_offers(kind, page, asked, final, "text/html")
        assert offers == read_offers(kind, page, asked, final, "text/html")
        assert offers.offers


def test_descriptions_are_rendered_in_a_child(children: ChildIsolation) -> None:
    """What comes back is what the pure function says, with every letter."""
    for text, kind in (("# Ä *b*", "text/markdown"), (".. c::", "text/x-rst"), ("d", "text/plain")):
        assert children.render_description(text, kind) == render_description(text, kind)
    assert children.render_description("\ud800", "text/markdown") == Description("<p>?</p>")


def test_description_that_asks_for_too_much_is_not_rendered() -> None:
    """A description that makes its renderer work for minutes says so, in time, and the next one is rendered (T-19)."""
    bomb = (
        "\n".join(f".. |{n}| replace:: " + f"|{n + 1}| " * 9 for n in range(30))
        + "\n.. |30| replace:: x\n\n|0|"
    )
    small = ChildIsolation(render_limits=Limits(1, 256 << 20, 5))
    try:
        started = time.monotonic()
        rendered = small.render_description(bomb, "text/x-rst")
        assert time.monotonic() - started < 12
        assert rendered.html == ""
        assert "could not be rendered within 1 seconds" in rendered.problem
        assert small.render_description("*a*", "text/x-rst").html
    finally:
        small.close()


def slow_wheel(path: Path) -> Path:
    """A wheel that passes every rule of size and takes seconds: half a gigabyte under the slowest hash."""
    part = ZipPart("demo/big.bin", os.urandom(1 << 16) + bytes(3_000_000)).filled()
    many = [ZipPart(f"demo/{n}.bin", packed=part.packed, size=part.size, crc=part.crc) for n in range(165)]
    record = "".join(f"demo/{n}.bin,sha3_512=AAAA,{part.size}\n" for n in range(165)).encode()
    path.write_bytes(make_zip([*many, *wheel_parts(record=record)]))
    return path


def greedy_wheel(path: Path) -> Path:
    """A wheel whose METADATA makes the reader build very many small objects."""
    text = metadata_bytes("demo", "1.0") + b"Summary: x\n" + b" y\n" * 320_000
    path.write_bytes(make_wheel(metadata=text))
    return path


@pytest.mark.parametrize(
    ("build", "limits"),
    [
        (slow_wheel, Limits(1, 512 << 20, 20)),
        (slow_wheel, Limits(10, 512 << 20, 0.3)),
        (greedy_wheel, Limits(10, 72 << 20, 20)),
    ],
    ids=["cpu", "wall", "memory"],
)
def test_bombs_are_held_in_time(build: Callable[[Path], Path], limits: Limits, tmp_path: Path) -> None:
    """Bytes that ask for too much are cut off by the kernel and wait for a person."""
    bomb = build(tmp_path / WHEEL.filename)
    children = ChildIsolation(inspect_limits=limits)
    try:
        started = time.monotonic()
        inspection = children.inspect(bomb, WHEEL)
        assert time.monotonic() - started < 12
        assert [(finding.code, finding.severity) for finding in inspection.findings] == [
            ("inspection-limit", Severity.HOLD)
        ]
    finally:
        children.close()


def test_limits_leave_room_for_good_files(wheel: Path) -> None:
    """A good wheel passes under the very limits that stop the bombs."""
    children = ChildIsolation(inspect_limits=Limits(1, 72 << 20, 5))
    try:
        assert children.inspect(wheel, WHEEL).verdict is Verdict.ACCEPT
    finally:
        children.close()


def test_page_that_asks_for_too_much_has_no_links() -> None:
    """A page that cannot be read within the limits says so, and yields nothing."""
    small = ChildIsolation(offers_limits=Limits(5, 16 << 20, 5))
    try:
        links = small.read_offers(
            PageKind.HTML, PAGE + b" " * (1 << 20), "http://a.test/", "http://a.test/", ""
        )
    finally:
        small.close()
    assert links.offers == ()
    assert "could not be read" in links.problem


def test_contents_are_listed_in_a_child(children: ChildIsolation, wheel: Path, tmp_path: Path) -> None:
    """What a file holds comes back as the pure function lists it; a broken file says what hinders it."""
    with wheel.open("rb") as file:
        expected = list_contents(file, WHEEL.filename)
    assert children.list_contents(wheel, WHEEL.filename) == expected
    assert {member.path for member in expected.members} >= {"demo/__init__.py"}
    assert all(len(member.holds) == 64 for member in expected.members)
    assert expected.metadata is not None
    broken = tmp_path / "broken"
    broken.write_bytes(wheel.read_bytes()[:100])
    told = children.list_contents(broken, WHEEL.filename)
    assert (told.members, bool(told.problem)) == ((), True)


def test_contents_that_ask_for_too_much_are_not_listed(wheel: Path) -> None:
    """A file that cannot be listed within its limits leaves a sentence."""
    children = ChildIsolation(contents_limits=Limits(cpu_seconds=1, memory_bytes=1 << 29, wall_seconds=0.001))
    told = children.list_contents(wheel, WHEEL.filename)
    children.close()
    assert (told.members, told.metadata) == ((), None)
    assert "could not be listed within 1 seconds" in told.problem


def test_a_list_of_contents_needs_a_file(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    """The child lists what it is handed, and takes a request without a file for its caller's mistake."""
    confined: list[Limits] = []
    monkeypatch.setattr(child, "confine", confined.append)
    request = wire.encode_request(ContentsRequest(WHEEL.filename, CONTENTS_LIMITS))
    with wheel.open("rb") as file:
        assert decode_contents(child.answer(request, b"", file.fileno())).members
    with pytest.raises(ValueError, match="needs a file"):
        child.answer(request, b"", None)
    assert confined == [CONTENTS_LIMITS] * 2
