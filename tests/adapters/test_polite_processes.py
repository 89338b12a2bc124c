"""Politeness between processes that share nothing but the database, seen from the server that they ask."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.http_site import Request, Site, listening
from tests.support.index import clean_environment

from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome
from homeport.settings import Settings, read_settings
from homeport.wiring import open_world, prepare

HERE = Path(__file__).parents[2]
PACE = 0.02
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"


@dataclass
class Victim:
    """A server that notes who asks it. ``answers``: else it is silent.

    ``started`` is when each request set out, as everybody who wants the turn after it reads it from the database.
    """

    answers: bool = True
    look: Callable[[], datetime | None] = lambda: None
    started: list[datetime | None] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: threading.Event = field(default_factory=threading.Event)

    def talk(self, connection: socket.socket, request: Request, site: Site) -> None:
        """Answer one request."""
        with self.lock:
            self.started.append(self.look())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.set()
        if self.answers:
            time.sleep(0.002)
        else:
            connection.recv(1)  # until the other side is gone
        with self.lock:
            self.at_once -= 1
        if self.answers:
            connection.sendall(ANSWER)


@dataclass(frozen=True)
class Home:
    """A home that processes share, and a victim's address."""

    url: str
    environment: dict[str, str]
    settings: Settings

    def process(self, times: int, threads: int, total_seconds: float) -> "subprocess.Popen[str]":
        """A process that asks the victim so often."""
        command = ["-m", "tests.support.polite_process", self.url, times, threads, total_seconds]
        return subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=self.environment,
            cwd=HERE,
            stdout=subprocess.PIPE,
            text=True,
        )


@contextmanager
def home(folder: Path, victim: Victim, pace: float) -> Iterator[Home]:
    """A home below ``folder`` whose processes may ask ``victim``."""
    with listening(victim.talk) as site:
        environment = clean_environment(
            HOMEPORT_HOME=str(folder),
            HOMEPORT_OUTSIDE_ALLOW=f"127.0.0.1:{site.port}",
            HOMEPORT_CRAWL_PACE=str(pace),
        )
        settings = read_settings(environment, folder)
        prepare(settings)
        store, name = open_world(settings).store, Url.parse(site.base_url).authority

        def look() -> datetime | None:
            with store.read() as tx:
                return tx.hosts.find(name).asked_at

        victim.look = look
        yield Home(f"{site.base_url}/file", environment, settings)


def test_t25_many_processes_on_one_host(tmp_path: Path) -> None:
    """T-25, G-25: two processes with three threads each ask a host one at a time, and never faster than the pace."""
    victim = Victim()
    with home(tmp_path, victim, PACE) as shared:
        processes = [shared.process(50, 3, 30) for _ in range(2)]
        answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert answers == [["ok"] * 50] * 2
    assert len(victim.started) == 100
    assert victim.most_at_once == 1
    starts = [moment for moment in victim.started if moment]
    assert min(later - earlier for earlier, later in pairwise(starts)) >= timedelta(seconds=PACE)


@pytest.mark.kill
def test_kill_9_of_who_has_the_turn(tmp_path: Path) -> None:
    """The host is free again when the lease ends, which is as long as a request may be silent, and a second."""
    victim = Victim(answers=False)
    with home(tmp_path, victim, 0) as shared:
        killed = shared.process(1, 1, 0.6)
        assert victim.asked.wait(30)
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        victim.answers, began = True, time.monotonic()
        fetcher = open_world(shared.settings).fetcher
        fetched = fetcher.fetch(shared.url, FetchLimits(1_000), lambda _: None, Ask(errand=Errand.CALL))
        assert fetched.outcome is Outcome.OK
        assert 0.5 < time.monotonic() - began < 3
