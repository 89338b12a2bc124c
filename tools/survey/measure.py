"""A home and its outside are made, a worker surveys them, and what it says is compared with the truth."""

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from tools.survey.certificates import CA_FILE, write_certificates
from tools.survey.index import fill_home
from tools.survey.outside import TLS_PORTS, Ports
from tools.survey.story import SEED, Story, Truth, tell_story

HOMEPORT = str(Path(sys.executable).with_name("homeport"))
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Results:
    """What was surveyed, what was said, what differs from the truth, and what it took."""

    projects: int
    truth: Truth
    said: Mapping[str, Any]
    differences: tuple[str, ...]
    making_seconds: float
    survey_seconds: float
    processor_seconds: float


class SurveyFailed(Exception):  # noqa: N818 - the end of a run, with its reason
    """The survey did not come to its end."""


def measure(projects: int, links: int, folder: Path, console: Console, first_port: int = 0) -> Results:
    """Make everything below ``folder``, survey it, and look at what came of it; with a first port, ports are in a row."""
    folder.mkdir(parents=True, exist_ok=True)
    with reserved_ports(first_port) as ports:
        began = time.monotonic()
        console.print(f"making {projects:,} projects with {links:,} external links, and their outside …")
        story = tell_story(projects, links, ports)
        write_certificates(story.outside, folder)
        environment = environment_of(folder, ports)
        fill_home(environment, story.projects)
        made = time.monotonic()
        with outside_running(story, links, folder), _worker(environment, folder):
            console.print("surveying …")
            said = _survey(environment, console)
    surveyed, processor = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return Results(
        projects,
        story.truth,
        said,
        tuple(differences(story, said)),
        made - began,
        surveyed - made,
        processor.ru_utime + processor.ru_stime,
    )


@contextmanager
def reserved_ports(first: int = 0) -> Iterator[Ports]:
    """Ports for the outside, no two the same; at the dead one nobody listens, or can, while the block lasts."""
    with ExitStack() as stack, socket.socket() as dead:
        sockets = [stack.enter_context(socket.socket()) for _ in range(1 + TLS_PORTS)]
        for number, one in enumerate((*sockets, dead)):
            one.bind(("127.0.0.1", first and first + number))
        plain, *tls = (one.getsockname()[1] for one in sockets)
        stack.close()
        yield Ports(plain, tuple(tls), dead.getsockname()[1])


def differences(story: Story, said: Mapping[str, Any]) -> Iterator[str]:
    """Every figure of the report that is not what the story tells."""
    truth, report = story.truth, said["report"]
    reaches = ("found", "gone", "silent", "unasked")
    wanted = {
        "projects": len(story.projects),
        "classes": {letter: truth.letters[letter] for letter in "ABC"},
        "links": truth.links,
        "hosted_links": truth.hosted_links,
        "external_files": truth.external_files,
        "reach": {reach: truth.reaches[reach] for reach in reaches},
        "dead_links": truth.dead_links,
        "plain_http_links": truth.plain_http_links,
        "unhashed_links": truth.unhashed_links,
        "hosts": len(truth.hosts),
        "unread_projects": truth.unread_projects,
    }
    for name, figure in wanted.items():
        if report[name] != figure:
            yield f"{name}: the survey says {report[name]}, the truth is {figure}"


def environment_of(folder: Path, ports: Ports) -> dict[str, str]:
    """The settings of an index below ``folder`` that may reach the simulated outside, and needs no patience with it."""
    return {
        **os.environ,
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_OUTSIDE_ALLOW": ",".join(f"127.0.0.0/8:{port}" for port in ports.every),
        "HOMEPORT_OUTSIDE_CA": str(folder / CA_FILE),
        # The outside is one process on this machine, and nobody's server.
        "HOMEPORT_CRAWL_PACE": "0",
    }


@contextmanager
def outside_running(story: Story, links: int, folder: Path) -> Iterator[None]:
    """The story's outside, while the block lasts."""
    ports = story.outside.ports
    numbers = (len(story.projects), links, SEED, ports.plain, ports.dead, *ports.tls)
    command = [sys.executable, "-m", "tools.survey.server", str(folder), *map(str, numbers)]
    with _running(command, None, folder / "outside.log") as process:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise SurveyFailed(f"The simulated outside did not start: see {folder / 'outside.log'}.")
        yield


@contextmanager
def _worker(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    with _running([HOMEPORT, "worker"], environment, folder / "worker.log"):
        yield


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str] | None, log: Path
) -> Iterator[subprocess.Popen[str]]:
    with (
        log.open("w") as written,
        subprocess.Popen(
            command,
            env=environment,
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _survey(environment: Mapping[str, str], console: Console) -> Mapping[str, Any]:
    command = [HOMEPORT, "survey", "--all", "--json"]
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if console.is_terminal else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SurveyFailed(f"homeport survey --all ended with status {done.returncode}. {done.stderr or ''}")
    said: Mapping[str, Any] = json.loads(done.stdout)
    return said
