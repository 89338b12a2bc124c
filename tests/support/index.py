"""A running Homeport: the real programs, with a home and a port of their own on loopback."""

import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.forms import FilePart, form_headers, multipart, upload_fields
from tests.support.processes import Process, family, kill_family, require_gone

from homeport.adapters.db.driver import sqlite_driver

BIN = Path(sys.executable).parent
HOMEPORT = str(BIN / "homeport")
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_START_SECONDS = 60
_STOP_SECONDS = 20
# What would point a client at another index, or at the machine's own settings; and the tracer, which makes each of the
# hundreds of programs that journeys start half as slow again: every floor that must be covered is covered without them.
_FOREIGN = ("PIP_", "UV_", "TWINE_", "HOMEPORT_", "COVERAGE_PROCESS_")

Finished = subprocess.CompletedProcess[str]


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without what would lead the programs under test elsewhere, and with ``more``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    # Programs that are started a hundred times may keep what they compiled.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Reply:
    """What the index answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Index:
    """One Homeport below ``folder``; it can be started, asked, stopped and killed, again and again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.home = folder / "home"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(
            HOMEPORT_HOME=str(self.home),
            HOMEPORT_PORT=str(self.port),
            # Everything outside is a simulator on loopback, which need not be spared.
            **({"HOMEPORT_CRAWL_PACE": "0"} | settings),
        )
        self._log = folder / "homeport.log"
        self._log.touch()
        self._log_read = 0
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: str = "serve") -> None:
        """Start ``homeport serve`` or ``homeport web``, and wait until it answers."""
        self.spawn(command, "--quiet")
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_up():
            ended = self.process.poll()
            assert ended is None, f"homeport {command} ended with {ended}:\n{self.log()}"
            assert time.monotonic() < deadline, f"homeport {command} does not answer:\n{self.log()}"
            time.sleep(0.02)

    def spawn(self, *command: str) -> None:
        """Start a long-running command in a process group of its own; what it says goes to the log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [HOMEPORT, *command],
                env=self.environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The process that was started last."""
        assert self._process is not None, "nothing was started"
        return self._process

    def is_up(self) -> bool:
        """True when it answers."""
        with suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/healthz", timeout=5).status == 200
        return False

    def family(self) -> list[Process]:
        """Every process of it."""
        return family(self.process.pid)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM, *, within: float = _STOP_SECONDS) -> int:
        """End it as an operator does; the exit status, once every one of its processes is gone."""
        processes = self.family()
        self.process.send_signal(with_signal)
        try:
            status = self.process.wait(within)
            require_gone(processes, within)
        except (subprocess.TimeoutExpired, AssertionError):
            kill_family(self.process.pid)
            self.process.wait()
            raise
        return status

    def kill(self) -> None:
        """SIGKILL to every process of it at once; nothing happens when none runs."""
        if self._process is not None:
            kill_family(self._process.pid)
            self._process.wait()

    def log(self) -> str:
        """Everything it said so far."""
        return self._log.read_text(errors="replace")

    def require_no_traceback(self) -> None:
        """Fail when it said since the last look what nobody expected."""
        said = self.log()
        news, self._log_read = said[self._log_read :], len(said)
        assert "Traceback" not in news, news

    def forget_attempts(self) -> None:
        """Whoever guessed in vain before has waited long enough."""
        with closing(sqlite_driver().connect(self.home / "homeport.db", timeout=30)) as database, database:
            database.execute("DELETE FROM attempts")

    def cli(self, *arguments: str, stdin: str = "", **settings: str) -> Finished:
        """What a ``homeport`` command says, whatever its exit status."""
        return subprocess.run(
            [HOMEPORT, *arguments],
            env=self.environment | settings,
            cwd=self._folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def ask(self, *arguments: str, stdin: str = "") -> str:
        """What a command that must succeed prints."""
        done = self.cli(*arguments, stdin=stdin)
        assert done.returncode == 0, f"homeport {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """What a command that must succeed tells a script."""
        return json.loads(self.ask(*arguments, "--json"))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = 60,
        chunked: bool = False,
    ) -> Reply:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers or {}), encode_chunked=chunked)
            answer = connection.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, fields, answer.read())
        finally:
            connection.close()

    def api(self, method: str, path: str, token: str = "", **body: Any) -> Reply:
        """One call of the JSON API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)

    def upload(self, filename: str, data: bytes, token: str, **changes: str | None) -> Reply:
        """Upload a file as twine does."""
        body = multipart(upload_fields(filename, data, **changes), [FilePart(filename, data)])
        return self.request("POST", "/legacy/", body, form_headers(token))

    def simple(self, project: str) -> dict[str, Any]:
        """The files that installers see, by name; none when there is no such project."""
        page = self.request("GET", f"/simple/{project}/", headers={"Accept": SIMPLE_JSON})
        return {file["filename"]: file for file in page.json()["files"]} if page.status == 200 else {}

    def hosted(self, project: str) -> dict[str, str]:
        """The sha256 of every file that installers see."""
        return {name: file["hashes"]["sha256"] for name, file in self.simple(project).items()}

    def serial(self, project: str) -> int:
        """The number of the ledger entry that last changed the project's page."""
        return int(self.request("GET", f"/simple/{project}/").headers["x-pypi-last-serial"])

    def incoming(self) -> list[str]:
        """What lies in the folder of unfinished uploads."""
        return [file.name for file in (self.home / "blobs" / "incoming").iterdir()]

    def add_user(self, name: str, *options: str, password: str = "") -> str:
        """Add an account; its token."""
        more = ("--password-stdin",) if password else ()
        self.ask(
            "user", "add", name, "--email", f"{name}@example.org", *more, *options, stdin=f"{password}\n"
        )
        return self.ask("token", "create", "--user", name).strip()


@functools.cache
def _empty_database() -> bytes:
    """The database of an index that was never used: the tests of the schema make it again and again, nobody else needs to."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        index.ask("db", "upgrade")
        return (index.home / "homeport.db").read_bytes()


@contextmanager
def running(folder: Path, command: str = "serve", **settings: str) -> Iterator[Index]:
    """A Homeport that runs; at the end it is stopped, and must not have said what nobody expected."""
    index = Index(folder, **settings)
    if "HOMEPORT_DATABASE_URL" not in settings and not index.home.exists():
        index.home.mkdir()
        (index.home / "homeport.db").write_bytes(_empty_database())
    try:
        index.start(command)
        yield index
    finally:
        if index.process.poll() is None:
            index.stop()
    index.require_no_traceback()


def require_sentence(done: Finished, status: int) -> str:
    """It was refused with this status, in words, without a traceback; the words."""
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.strip(), "nothing was said"
    return done.stderr
