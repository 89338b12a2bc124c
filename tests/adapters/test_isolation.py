"""The nursery and its children: whatever hostile bytes do, the caller gets an answer in time."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.archives import ZipPart, make_wheel, make_zip, metadata_bytes, wheel_parts
from tests.support.looks import WHEEL, look
from tests.support.places_answers import bucket_page, github_release, pytorch_page, simple_json

from homeport.adapters.inspect import child, isolation, wire
from homeport.adapters.inspect.contents_wire import decode_contents
from homeport.adapters.inspect.isolation import (
    CONTENTS_LIMITS,
    INSPECT_LIMITS,
    OFFERS_LIMITS,
    RENDER_LIMITS,
    ChildIsolation,
)
from homeport.adapters.inspect.offers_wire import encode_offers
from homeport.adapters.inspect.wire import (
    ContentsRequest,
    GarbledAnswerError,
    InspectRequest,
    Limits,
    OffersRequest,
    RenderRequest,
    Request,
)
from homeport.domain.inspection import Expectation, Finding, Inspection, Severity, Verdict
from homeport.domain.metadata import CoreMetadata, Description
from homeport.domain.offer import Facts, Offer, Offers, PageKind
from homeport.formats.description import render_description
from homeport.formats.inspect_file import list_contents
from homeport.formats.offers.reader import read_offers

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


def test_nursery_that_was_killed_is_started_again(children: ChildIsolation, wheel: Path) -> None:
    """A dead nursery costs nobody an answer."""
    assert children.inspect(wheel, WHEEL).verdict is Verdict.ACCEPT
    first = nursery_of(children)
    os.kill(first, signal.SIGKILL)
    time.sleep(0.1)
    assert children.inspect(wheel, WHEEL).verdict is Verdict.ACCEPT
    assert nursery_of(children) != first


def test_closed_isolation_may_be_asked_again(children: ChildIsolation, wheel: Path) -> None:
    """Closing ends the process, not the service."""
    children.close()
    assert children.inspect(wheel, WHEEL).verdict is Verdict.ACCEPT


def test_nursery_that_cannot_start_gives_held_files(
    children: ChildIsolation, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a working interpreter every file is held, and nothing is raised."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert children.inspect(wheel, WHEEL).verdict is Verdict.HOLD
    assert children.read_offers(PageKind.HTML, PAGE, "http://a.test/", "http://a.test/", "").problem
    assert children.render_description("a", "text/markdown").problem


def nursery_of(children: ChildIsolation) -> int:
    """The nursery's process id."""
    assert children._nursery is not None
    return children._nursery._process.pid


def test_nursery_knows_nothing_of_its_parent(
    children: ChildIsolation, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No environment, no terminal, no descriptor but its control socket, a session of its own."""
    monkeypatch.setenv("HOMEPORT_DATABASE_URL", "postgresql://secret")
    children.inspect(wheel, WHEEL)
    process = Path(f"/proc/{nursery_of(children)}")
    assert b"secret" not in (process / "environ").read_bytes()
    targets = [str(entry.readlink()) for entry in (process / "fd").iterdir()]
    assert sorted(target.split(":")[0] for target in targets) == ["/dev/null"] * 3 + ["socket"]
    assert os.getsid(nursery_of(children)) == nursery_of(children)


def test_nursery_ends_with_its_parent(wheel: Path) -> None:
    """When the index is killed, nothing of the inspector stays behind."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from homeport.adapters.inspect.isolation import ChildIsolation\n"
        "from homeport.domain.inspection import Expectation\n"
        "children = ChildIsolation()\n"
        "children.inspect(Path(sys.argv[1]), Expectation('demo-1.0-py3-none-any.whl'))\n"
        "print(children._nursery._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(wheel)], stdout=subprocess.PIPE, text=True, env={}
    ) as parent:
        assert parent.stdout is not None
        nursery = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{nursery}/cmdline").exists() and time.monotonic() < deadline:
        if not Path(f"/proc/{nursery}/cmdline").read_bytes():
            break  # ended, and not yet collected by whoever adopted it
        time.sleep(0.05)
    else:
        assert time.monotonic() < deadline


def test_confined_process_can_write_nothing_and_open_little(tmp_path: Path) -> None:
    """After confinement no file grows, few are open, memory has an end, and no process is left running."""
    script = (
        "import sys\n"
        "from homeport.adapters.inspect.child import confine\n"
        "from homeport.adapters.inspect.wire import Limits\n"
        "confine(Limits(5, 256 << 20, 20))\n"
        "told = []\n"
        "for attempt in (\n"
        "    lambda: open(sys.argv[1], 'wb', 0).write(b'x'),\n"
        "    lambda: [open('/dev/null') for _ in range(20)],\n"
        "    lambda: bytearray(512 << 20),\n"
        "):\n"
        "    try:\n"
        "        attempt()\n"
        "        told.append('done')\n"
        "    except (OSError, MemoryError) as error:\n"
        "        told.append(type(error).__name__)\n"
        "print(*told)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    assert run.stdout.split() == ["OSError", "OSError", "MemoryError"]
    assert not (tmp_path / "file").read_bytes()


def test_inspection_opens_nothing(tmp_path: Path) -> None:
    """Looking at an archive that wants to be written everywhere opens no file, socket or process (G-16)."""
    hostile = tmp_path / WHEEL.filename
    hostile.write_bytes(make_wheel(files={"../../evil": b"x", "/tmp/evil": b"x", "demo/a.py": b"a = 1\n"}))  # noqa: S108
    script = (
        "import io, sys\n"
        "from pathlib import Path\n"
        "from homeport.domain.inspection import Expectation\n"
        "from homeport.formats.inspect_file import inspect_file\n"
        "data = Path(sys.argv[1]).read_bytes()\n"
        "expectation = Expectation('demo-1.0-py3-none-any.whl')\n"
        "inspect_file(io.BytesIO(data), expectation)\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, arguments: seen.append(event))\n"
        "inspect_file(io.BytesIO(data), expectation)\n"
        "print(*sorted({e for e in seen if e.split('.')[0] in {'open', 'os', 'socket', 'subprocess', 'shutil'}}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(hostile)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_child_that_hears_no_alarm_is_killed() -> None:
    """The caller ends a child that neither answers nor dies, by the process id it told."""
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    ) as deaf:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(b"%d\n" % deaf.pid)
            with pytest.raises(isolation._NoAnswerError):
                isolation._converse(ours, b"request\n", 0.3)
        assert deaf.wait(10) == -signal.SIGKILL


def test_child_that_never_says_who_it_is_is_given_up() -> None:
    """Without a process id there is nobody to kill, and the caller goes on."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(isolation._NoAnswerError):
        isolation._converse(ours, b"request\n", 0.1)


def test_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is bounded, whoever gives it."""
    monkeypatch.setattr(isolation, "MAX_ANSWER_BYTES", 1000)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 2000)
        with pytest.raises(isolation._NoAnswerError):
            isolation._converse(ours, b"request\n", 5)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\xff", b"null", b"[]", b"{}", b"[" * 100_000,
        b'{"findings": [["a", "terrible", "b"]], "metadata": null, "metadata_file": null}',
        b'{"findings": [["a"]], "metadata": null, "metadata_file": null}',
        b'{"findings": 3, "metadata": null, "metadata_file": null}',
        b'{"findings": [], "metadata": [], "metadata_file": null}',
        b'{"findings": [], "metadata": {"name": 3}, "metadata_file": null}',
        b'{"findings": [], "metadata": null, "metadata_file": "not base64!"}',
        b'{"findings": [], "metadata": null, "metadata_file": 3}',
    ],
)  # fmt: skip
def test_nonsense_is_told_from_answers(answer: bytes) -> None:
    """What no well child says is refused by name."""
    with pytest.raises(GarbledAnswerError):
        wire.decode_inspection(answer)
    if b"findings" not in answer:
        for decode in (wire.decode_offers, wire.decode_description):
            with pytest.raises(GarbledAnswerError):
                decode(answer)


def test_wire_carries_everything() -> None:
    """decode(encode(x)) == x for requests and answers."""
    requests: list[Request] = [
        InspectRequest(Expectation("a.whl", "a", None, is_legacy=True), INSPECT_LIMITS),
        OffersRequest(PageKind.GITLAB, "http://a.test/", "http://b.test/ü", "", OFFERS_LIMITS),
        RenderRequest("text/markdown; variant=ü", RENDER_LIMITS),
    ]
    for request in requests:
        line = wire.encode_request(request)
        assert line.count(b"\n") == 1
        assert wire.decode_request(line) == request
    inspection = Inspection(
        (Finding("a", Severity.INFO, "ä"),),
        CoreMetadata("2.1", "a", "1", summary="\0\n"),
        b"\xff\0",
    )
    assert wire.decode_inspection(wire.encode_inspection(inspection)) == inspection
    at = datetime(2026, 1, 2, tzinfo=UTC)
    facts = Facts(7, at, ">=3", "ü", "v1", is_prerelease=True, seen_by=("pip",))
    offer = Offer("http://a.test/", (("md5", "0"),), "a.zip", facts, "http://b.test/")
    offers = Offers((offer, Offer("http://c.test/")), ("http://f.test/",), "n", ("s",), "cut")
    assert wire.decode_offers(encode_offers(offers)) == offers
    description = Description("<p>ä</p>\n", "why")
    assert wire.decode_description(wire.encode_description(description)) == description


def test_child_answers_every_kind_of_request(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    """The child confines itself before it looks, and an inspection without a file is its caller's mistake."""
    confined: list[Limits] = []
    monkeypatch.setattr(child, "confine", confined.append)
    inspect = wire.encode_request(InspectRequest(WHEEL, INSPECT_LIMITS))
    with wheel.open("rb") as file:
        assert wire.decode_inspection(child.answer(inspect, b"", file.fileno())).verdict is Verdict.ACCEPT
    request = OffersRequest(PageKind.HTML, "http://a.test/", "http://a.test/", "", OFFERS_LIMITS)
    offers = wire.encode_request(request)
    assert len(wire.decode_offers(child.answer(offers, PAGE, None)).offers) == 2
    render = wire.encode_request(RenderRequest("text/markdown", RENDER_LIMITS))
    assert wire.decode_description(child.answer(render, b"*a*", None)).html == "<p><em>a</em></p>"
    with pytest.raises(ValueError, match="needs a file"):
        child.answer(inspect, b"", None)
    assert confined == [INSPECT_LIMITS, OFFERS_LIMITS, RENDER_LIMITS, INSPECT_LIMITS]


_OFFER = ["http://a.test/", [["md5", "0"]], "", "", 7, "2026-01-02T00:00:00+00:00", "", None, "", False, []]
_SAID = {"offers": [_OFFER], "follow": [], "next_page": "", "neighbours": [], "problem": ""}


@pytest.mark.parametrize(
    "changed",
    [
        {"more": 1},
        {"offers": {}},
        {"follow": [1]},
        {"next_page": None},
        {"neighbours": "x"},
        {"problem": 1},
        {"offers": [_OFFER[:-1]]},
        {"offers": ["x"]},
        *({"offers": [[*_OFFER[:place], value, *_OFFER[place + 1 :]]]} for place, value in (
            (0, 1), (1, [["md5"]]), (1, [["md5", 0]]), (1, {}), (2, None), (3, 1), (4, -1), (4, "7"), (4, True), (5, 1),
            (5, "soon"), (5, "2026-01-02T00:00:00"), (6, None), (7, 1), (8, None), (9, 1), (10, "x"),
        )),
    ],
)  # fmt: skip
def test_offers_that_no_child_tells(changed: dict[str, object]) -> None:
    """What a page offers is read field by field: another type, or one more, is no answer."""
    assert len(wire.decode_offers(json.dumps(_SAID).encode()).offers) == 1
    with pytest.raises(GarbledAnswerError):
        wire.decode_offers(json.dumps(_SAID | changed).encode())


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


@pytest.mark.parametrize(
    "answer", [b"x", b"[]", b"{}", b'{"members": [["a"]], "metadata": null, "left_out": 0, "problem": ""}']
)
def test_lists_that_no_child_tells(answer: bytes) -> None:
    """The child is not believed: what is no list of contents is none."""
    with pytest.raises(wire.GarbledAnswerError):
        decode_contents(answer)


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
