"""What a story is played with: steps, a running Homeport with its command line, and files built by a real build backend."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

BIN = Path(sys.executable).parent
console = Console()


class DidNotHold(Exception):  # noqa: N818 - a step of the story that came out otherwise
    """A step came out otherwise than the story says."""


class Story:
    """The steps that held, for the table at the end."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str, float]] = []

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """One step; what it appends is told in the summary."""
        console.rule(f"[bold]{title}", align="left", style="dim")
        told: list[str] = []
        began = time.monotonic()
        yield told
        self.held.append((title, " ".join(told), time.monotonic() - began))

    def summary(self) -> Table:
        """All steps."""
        table = Table(title="What happened", title_justify="left", header_style="bold")
        for column in ("", "step", "outcome", "s"):
            table.add_column(column)
        for title, outcome, seconds in self.held:
            table.add_row("[green]✓", title, outcome, f"{seconds:.1f}")
        return table


def play(story_of: Callable[[Story, Path], None], moral: str) -> int:
    """Play a story in a folder of its own; the exit status is 0 only if every step held."""
    story = Story()
    with tempfile.TemporaryDirectory(prefix="homeport-demo-") as name:
        try:
            story_of(story, Path(name))
        except DidNotHold as error:
            console.print(story.summary())
            console.print(Panel(str(error), title="This did not hold", border_style="red"))
            return 1
    console.print(story.summary())
    console.print(moral)
    return 0


def build(folder: Path, name: str, version: str, target: str, module: str) -> Path:
    """Write the tree and build ``target`` from it."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(module)
    (folder / "pyproject.toml").write_text(
        textwrap.dedent(f"""\
            [build-system]
            requires = ["hatchling"]
            build-backend = "hatchling.build"
            [project]
            name = "{name}"
            version = "{version}"
            description = "A small bird."
            """)
    )
    quiet(sys.executable, "-m", "hatchling", "build", "--target", target, cwd=folder)
    return next((folder / "dist").iterdir())


class Index:
    """A running Homeport, and its command line."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        self.url = url
        self._environment = environment

    def run(self, *arguments: str) -> None:
        """Run a command in this terminal, shown as a person would type it."""
        console.print(f"[bold cyan]$ homeport {' '.join(arguments)}")
        done = subprocess.run([BIN / "homeport", *arguments], env=self._environment, check=False)
        if done.returncode:
            raise DidNotHold(f"homeport {' '.join(arguments)} ended with status {done.returncode}.")

    def json(self, *arguments: str) -> Any:
        """What a command tells a script."""
        return json.loads(quiet(str(BIN / "homeport"), *arguments, "--json", env=self._environment))

    def page(self, project: str) -> dict[str, Any]:
        """What installers are told of a project."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        connection.request("GET", f"/simple/{project}/", headers=accept)
        page: dict[str, Any] = json.load(connection.getresponse())
        connection.close()
        return page

    def files(self, project: str) -> dict[str, str]:
        """What installers see: file names and their sha256."""
        return {file["filename"]: file["hashes"]["sha256"] for file in self.page(project)["files"]}


@contextlib.contextmanager
def homeport(folder: Path, outside: str, settings: Mapping[str, str] = {}) -> Iterator[Index]:
    """Homeport with a home of its own; the crawler may reach ``outside``, which is on loopback."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **clean_environment(),
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_PORT": str(port),
        "HOMEPORT_OUTSIDE_ALLOW": outside,
        "HOMEPORT_CRAWL_PACE": "0.1",
        **settings,
    }
    with (folder / "homeport.log").open("w+") as log:
        process = subprocess.Popen([BIN / "homeport", "serve", "--quiet"], env=environment, stderr=log)
        try:
            if not is_up(port, process):
                log.seek(0)
                raise DidNotHold(f"Homeport did not start:\n{log.read()}")
            yield Index(url, environment)
        finally:
            process.terminate()
            process.wait(20)


def is_up(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """True as soon as the index answers; False when it ends, or takes half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


def clean_environment() -> dict[str, str]:
    """This environment without what would point pip or uv at another index."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "HOMEPORT_"))
    }
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def quiet(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program and return what it says; a failure shows everything it said."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DidNotHold(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
