"""A rehearsal with the real programs, beside an index that runs: what is kept is looked at as is told, and sends nothing."""

import select
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.index import HOMEPORT, Index, free_port, running

from homeport.adapters.system import SystemClock

pytestmark = pytest.mark.journey

_PATIENCE = 30.0
REHEARSE = ("campaign", "rehearse", "1", "--as", "root")


@pytest.fixture(scope="module")
def mail_server() -> Iterator[socket.socket]:
    """A mail server that answers nobody, so that whoever calls it waits to be seen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, mail_server: socket.socket) -> Iterator[Index]:
    """An index that sends mail; root has drafted a campaign over demo."""
    smtp = f"smtp://127.0.0.1:{mail_server.getsockname()[1]}?from=index@example.org"
    with running(tmp_path_factory.mktemp("rehearsal"), HOMEPORT_SMTP_URL=smtp) as index:
        index.ask("user", "add", "root", "--email", "root@example.org", "--admin")
        index.ask("project", "create", "demo", "--owner", "root", "--mode", "pypi-cache")
        day = (SystemClock().now() + timedelta(days=95)).date()
        said = ("--title", "End", "--reason", "Why.", "--day", f"{day}", "--terms", "https://example.org/")
        index.ask("campaign", "new", "phase-out", *said, "--as", "root")
        yield index


def test_what_is_kept_is_looked_at_as_is_told(
    index: Index, mail_server: socket.socket, tmp_path: Path
) -> None:
    """The printed command opens it, after the campaign; no worker runs on it, and nobody was written to."""
    kept = tmp_path / "after.db"
    told = index.ask(*REHEARSE, "--keep", str(kept))
    *given, name, door = shlex.split(told.strip().splitlines()[-1])
    assert (name, door) == ("homeport", "web")
    environment = dict(one.split("=", 1) for one in given)
    after = Index(tmp_path / "after")
    # Only the port differs, because it may be taken.
    port = str(free_port())
    printed, after.port = environment["HOMEPORT_PORT"], int(port)
    after.environment |= {key: value.replace(printed, port) for key, value in environment.items()}
    try:
        after.start(door)
        assert '"pypi-only"' in after.request("GET", "/api/v1/hosting-log").text
        assert after.request("GET", "/project/demo/").status == 200
        assert '"pypi-only"' not in index.request("GET", "/api/v1/hosting-log").text
        refused = after.cli("worker")
        assert (refused.returncode, "no worker runs on it" in refused.stderr) == (1, True)
        after.stop()
    finally:
        after.kill()
    after.require_no_traceback()
    assert "set back" not in after.log()
    assert select.select([mail_server], [], [], 0) == ([], [], [])
    assert "draft" in index.ask("campaign", "list")


def test_ctrl_c(index: Index) -> None:
    """The copy goes with the program."""
    rehearsal = subprocess.Popen(
        [HOMEPORT, *REHEARSE], env=index.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not (there := list(index.home.glob(".rehearsal-*"))) and time.monotonic() < deadline:
            time.sleep(0.005)
        assert len(there) == 1
        rehearsal.send_signal(signal.SIGINT)
        _, said = rehearsal.communicate(timeout=_PATIENCE)
    finally:
        rehearsal.kill()
        rehearsal.wait()
    assert rehearsal.returncode == 130
    assert b"Traceback" not in said
    assert list(index.home.glob(".rehearsal-*")) == []
