"""The whole story in one terminal: release files on somebody else's web site come home, and stay.

Every step runs the real programs: Homeport itself, pip and uv. The exit status is 0 only if every step held.
"""

import contextlib
import functools
import hashlib
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

BIN = Path(sys.executable).parent
PROJECT, DECOY = "skylark", "nightingale"
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


def main() -> int:
    """Play the story."""
    story = Story()
    with tempfile.TemporaryDirectory(prefix="homeport-demo-") as name:
        folder = Path(name)
        try:
            play(story, folder)
        except DidNotHold as error:
            console.print(story.summary())
            console.print(Panel(str(error), title="This did not hold", border_style="red"))
            return 1
    console.print(story.summary())
    console.print("[green]Every step held.[/green] The outside can change or vanish; what came home stays.")
    return 0


def play(story: Story, folder: Path) -> None:
    """Every step, in order."""
    site = folder / "outside"
    with story.step("A web site somewhere holds release files") as told:
        wheel = build_site(site, folder)
        told.append(
            f"{len(list(site.iterdir())) - 1} files, one of another project, one with a wrong #sha256="
        )
    with served(site) as url, homeport(folder, url) as index:
        with story.step("Homeport starts, empty") as told:
            told.append(index.url)
        with story.step("The project is registered, with its old home as source") as told:
            index.run("user", "add", "ada", "--email", "ada@example.org")
            index.run("project", "create", PROJECT, "--owner", "ada", "--mode", "pypi-cache")
            index.run("source", "add", PROJECT, "homepage", url)
            told.append(f"{PROJECT}, owned by ada, pypi-cache")
        with story.step("homeport plan: found, fetched, inspected; nothing is visible yet") as told:
            index.run("plan", PROJECT)
            plan = index.json("rehost", "show", "1")
            told.append(check_plan(plan))
            if index.files():
                raise DidNotHold("A file was visible before anybody agreed to it.")
        with story.step("homeport rehost accept: exactly these bytes") as told:
            index.run("rehost", "accept", "1", "--basis", "author")
            published = index.files()
            if set(published) != acceptable(plan):
                raise DidNotHold(
                    f"{sorted(acceptable(plan))} were to be hosted, these are: {sorted(published)}"
                )
            told.append("hosted: " + ", ".join(sorted(published)))
        with story.step("pip installs it, with Homeport as its only index") as told:
            told.append(installed_by_pip(folder, index.url))
        with story.step("uv installs it, with Homeport as its only index") as told:
            told.append(installed_by_uv(folder, index.url))
        with story.step("The ledger tells it all, and proves it") as told:
            index.run("ledger", "show", "--project", PROJECT)
            verified = index.json("ledger", "verify")
            told.append(f"{verified['entries']} entries, every hash holds")
        with story.step("The site changes a file under its old name; the hosted one does not move") as told:
            wheel.write_bytes(build_wheel(folder / "changed", "2.0", "print('taken over')\n").read_bytes())
            index.run("plan", PROJECT)
            told.append(check_second_plan(index.json("rehost", "show", "2"), wheel.name))
            if index.files() != published:
                raise DidNotHold("A hosted file changed.")
            index.run("verify")


def build_site(site: Path, folder: Path) -> Path:
    """The outside: two old sdists, a wheel, another project's sdist, and one whose claimed hash is wrong."""
    site.mkdir()
    files = [
        build_sdist(folder / "a", PROJECT, "1.0"),
        build_sdist(folder / "b", PROJECT, "1.1"),
        build_wheel(folder / "c", "2.0", "def sing():\n    return 'tirra-lirra'\n"),
        build_sdist(folder / "d", DECOY, "7.0"),
        build_sdist(folder / "e", PROJECT, "0.9"),
    ]
    links = []
    for file in files:
        shutil.copy(file, site)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        claim = "0" * 64 if "0.9" in file.name else digest
        links.append(f'<li><a href="{file.name}#sha256={claim}">{file.name}</a>')
        console.print(f"  {file.name}  [dim]{file.stat().st_size} bytes[/dim]")
    page = f"<!DOCTYPE html><title>skylark</title><h1>Downloads</h1><ul>{''.join(links)}</ul>"
    (site / "index.html").write_text(page)
    return site / files[2].name


def build_sdist(folder: Path, name: str, version: str) -> Path:
    """An sdist, built from a small source tree by a real build backend."""
    return build(folder, name, version, "sdist", "def sing():\n    return 'tweet'\n")


def build_wheel(folder: Path, version: str, module: str) -> Path:
    """A wheel of the project, likewise."""
    return build(folder, PROJECT, version, "wheel", module)


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


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """``folder`` as a web site on loopback."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


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

    def files(self) -> dict[str, str]:
        """What installers see: file names and their sha256."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        connection.request("GET", f"/simple/{PROJECT}/", headers=accept)
        page = json.load(connection.getresponse())
        connection.close()
        return {file["filename"]: file["hashes"]["sha256"] for file in page["files"]}


@contextlib.contextmanager
def homeport(folder: Path, outside: str) -> Iterator[Index]:
    """Homeport with a home of its own; the crawler may reach the one outside site on loopback."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **clean_environment(),
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_PORT": str(port),
        "HOMEPORT_OUTSIDE_ALLOW": outside.removeprefix("http://").rstrip("/"),
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


def check_plan(plan: dict[str, Any]) -> str:
    """Three can be accepted, one claims a wrong hash, one belongs to another project."""
    verdicts = {item["filename"]: item["verdict"] for item in plan["items"]}
    rejected = [name for name, verdict in verdicts.items() if verdict == "reject"]
    if sorted(verdicts.values()) != ["accept", "accept", "accept", "reject"] or "0.9" not in rejected[0]:
        raise DidNotHold(f"The plan came out otherwise: {verdicts}")
    if not any(DECOY in entry["url"] and entry["code"] == "other-project" for entry in plan["not_taken"]):
        raise DidNotHold("The other project's file was not left out.")
    return f"3 accepted, {rejected[0]} rejected, {DECOY} left out"


def acceptable(plan: dict[str, Any]) -> set[str]:
    """The names of the files that passed."""
    return {item["filename"] for item in plan["items"] if item["verdict"] == "accept"}


def check_second_plan(plan: dict[str, Any], filename: str) -> str:
    """The changed file is seen, and can never replace the hosted one."""
    item = next(item for item in plan["items"] if item["filename"] == filename)
    codes = {finding["code"] for finding in item["findings"]}
    if item["verdict"] != "reject" or "other-bytes-hosted" not in codes:
        raise DidNotHold(f"The changed file was not refused: {item['verdict']} {codes}")
    return f"{filename} outside: rejected; hosted: the same bytes as before"


def installed_by_pip(folder: Path, url: str) -> str:
    """What the project says after pip installed it into a fresh environment."""
    target = folder / "by-pip"
    quiet(sys.executable, "-m", "venv", str(target))
    python = str(target / "bin" / "python")
    command = ("-m", "pip", "install", "--no-cache-dir", "--index-url", f"{url}/simple/", PROJECT)
    console.print(f"[bold cyan]$ pip install --index-url {url}/simple/ {PROJECT}")
    console.print(quiet(python, *command, env=clean_environment()).strip().splitlines()[-1], highlight=False)
    return check_song(python)


def installed_by_uv(folder: Path, url: str) -> str:
    """The same by uv."""
    target = folder / "by-uv"
    uv = str(BIN / "uv")
    environment = {**clean_environment(), "UV_CACHE_DIR": str(folder / "uv-cache"), "UV_NO_CONFIG": "1"}
    quiet(uv, "venv", "--quiet", "--python", sys.executable, str(target), env=environment)
    python = str(target / "bin" / "python")
    console.print(f"[bold cyan]$ uv pip install --default-index {url}/simple/ {PROJECT}")
    command = ("pip", "install", "--python", python, "--default-index", f"{url}/simple/", PROJECT)
    quiet(uv, *command, env=environment)
    return check_song(python)


def check_song(python: str) -> str:
    """Run the installed project."""
    song = quiet(python, "-c", f"import {PROJECT}; print({PROJECT}.sing())").strip()
    if song != "tirra-lirra":
        raise DidNotHold(f"The installed project says {song!r}.")
    return f"{PROJECT} 2.0 sings {song!r}"


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


if __name__ == "__main__":
    sys.exit(main())
