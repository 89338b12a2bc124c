"""How the command line's long-running commands end, and what outlives them: nothing."""

import hashlib
import os
import signal
import socket
import subprocess
import time

import pytest
from tests.support.archives import make_wheel
from tests.support.index import HOMEPORT, Index, require_sentence
from tests.support.processes import family, require_gone

pytestmark = pytest.mark.journey
REFUSED, USAGE, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 130


def test_output_that_nobody_reads(quiet: Index) -> None:
    """A reader that goes away early, as ``| head`` does, is no accident."""
    with subprocess.Popen(
        ["sh", "-c", f"{HOMEPORT} ledger show --json | head -c 1"],
        env=quiet.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as shell:
        out, err = shell.communicate(timeout=60)
    assert out == b"["
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends(own: Index, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end every process of ``serve`` within ten seconds, without a traceback."""
    own.start()
    deadline = time.monotonic() + 30
    while "worker ready" not in own.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(own.family()) >= 3, "supervisor, web server and worker"
    assert own.stop(number, within=10) == 0
    own.require_no_traceback()
    assert not own.is_up()


def test_ctrl_c_reaches_everyone(own: Index) -> None:
    """A terminal sends Ctrl-C to the whole group: the commands end all the same, and say nothing odd."""
    own.start()
    processes = own.family()
    os.killpg(own.process.pid, signal.SIGINT)
    assert own.process.wait(10) == 0
    require_gone(processes, 10)
    own.require_no_traceback()


def test_ended_while_starting(own: Index) -> None:
    """SIGTERM in the middle of a start leaves no process behind."""
    for number in range(12):
        seconds = 0.1 * (number + 1)
        own.spawn("serve", "--quiet")
        time.sleep(seconds)
        processes = own.family()
        own.process.terminate()
        own.process.wait(15)
        require_gone(processes, 15)
    own.require_no_traceback()


def test_ends_though_somebody_downloads(own: Index) -> None:
    """A client that takes its file slowly, or never, does not keep the index from ending."""
    token = own.add_user("ada")
    own.start("web")
    noise = {"lark/noise.bin": hashlib.shake_256(b"noise").digest(20_000_000)}
    assert own.upload("lark-1.0-py3-none-any.whl", make_wheel("lark", files=noise), token).status == 200
    (file,) = own.simple("lark").values()
    with socket.create_connection(("127.0.0.1", own.port)) as reader:
        path = file["url"].removeprefix(own.url)
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: index.test\r\n\r\n".encode())
        assert reader.recv(10_000).startswith(b"HTTP/1.1 200 ")
        own.stop(within=10)


def test_nothing_outlives_the_supervisor(own: Index) -> None:
    """When the supervisor is killed, the web server and the worker end by themselves."""
    own.start()
    time.sleep(1)
    processes = own.family()
    own.process.kill()
    own.process.wait()
    require_gone(processes, 10)


def test_worker_is_started_again(own: Index) -> None:
    """A worker that dies under ``serve`` is replaced."""
    own.start()
    deadline = time.monotonic() + 60
    while own.log().count("worker ready") < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    (worker,) = [process for process in own.family() if "homeport.cli.work" in process.command]
    os.kill(worker.pid, signal.SIGKILL)
    while own.log().count("worker ready") < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert own.log().count("worker ready") == 2
    own.stop()


def test_second_worker(own: Index) -> None:
    """One worker is enough for a home: a second one is refused, and the first goes on."""
    own.spawn("worker")
    deadline = time.monotonic() + 60
    while "worker ready" not in own.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    told = require_sentence(own.cli("worker"), REFUSED)
    assert "Another worker is at work" in told
    assert own.process.poll() is None
    assert own.stop(within=15) == 0
    assert family(own.process.pid) == []


def test_nobody_works(quiet: Index) -> None:
    """Without a worker a plan can be asked for, and waits in the queue; Ctrl-C ends the waiting, not the plan."""
    asked = quiet.json("plan", "lark", "--no-wait")
    assert asked["state"] == "planning"
    assert quiet.json("plan", "lark", "--no-wait")["id"] == asked["id"], "one run is enough"
    quiet.spawn("plan", "lark")
    time.sleep(2.5)
    assert quiet.stop(signal.SIGINT, within=10) == INTERRUPTED
    quiet.require_no_traceback()
    assert quiet.json("rehost", "show", str(asked["id"]))["state"] == "planning"


def test_interrupted_while_it_loads(quiet: Index) -> None:
    """Ctrl-C ends a command quietly, even one that has hardly begun."""
    for seconds in (0.25, 0.4, 0.6):
        quiet.spawn("project", "show", "lark")
        time.sleep(seconds)
        if quiet.process.poll() is None:
            quiet.stop(signal.SIGINT, within=10)
    quiet.require_no_traceback()
