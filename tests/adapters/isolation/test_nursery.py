"""The nursery and its children as processes: many at once, killed, confined, silent, and telling nonsense."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.looks import WHEEL

from homeport.adapters.inspect import child, isolation, wire
from homeport.adapters.inspect.contents_wire import decode_contents
from homeport.adapters.inspect.isolation import INSPECT_LIMITS, OFFERS_LIMITS, RENDER_LIMITS, ChildIsolation
from homeport.adapters.inspect.offers_wire import encode_offers
from homeport.adapters.inspect.wire import (
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

PAGE = b'<a href="demo-1.0.tar.gz">demo</a> <a rel="homepage" href="/home">home</a>'


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


@pytest.mark.parametrize(
    "answer", [b"x", b"[]", b"{}", b'{"members": [["a"]], "metadata": null, "left_out": 0, "problem": ""}']
)
def test_lists_that_no_child_tells(answer: bytes) -> None:
    """The child is not believed: what is no list of contents is none."""
    with pytest.raises(wire.GarbledAnswerError):
        decode_contents(answer)
