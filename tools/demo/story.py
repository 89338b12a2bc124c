"""The whole story in one terminal: release files on somebody else's web site come home, and stay.

Every step runs the real programs: Homeport itself, pip and uv.
"""

import contextlib
import functools
import hashlib
import http.server
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.demo.stage import BIN, DidNotHold, Story, build, clean_environment, console, homeport, quiet

PROJECT, DECOY = "skylark", "nightingale"
MORAL = "[green]Every step held.[/green] The outside can change or vanish; what came home stays."


def play_story(story: Story, folder: Path) -> None:
    """Every step, in order."""
    site = folder / "outside"
    with story.step("A web site somewhere holds release files") as told:
        wheel = build_site(site, folder)
        told.append(
            f"{len(list(site.iterdir())) - 1} files, one of another project, one with a wrong #sha256="
        )
    with served(site) as url, homeport(folder, url.removeprefix("http://").rstrip("/")) as index:
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
            if index.files(PROJECT):
                raise DidNotHold("A file was visible before anybody agreed to it.")
        with story.step("homeport rehost accept: exactly these bytes") as told:
            index.run("rehost", "accept", "1", "--basis", "author")
            published = index.files(PROJECT)
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
            if index.files(PROJECT) != published:
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
