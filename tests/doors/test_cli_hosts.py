"""Other people's servers from the shell."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.command_line import Run, commands

from homeport.cli import accounts, hosts
from homeport.domain.errors import Forbidden, Invalid, NotFound
from homeport.domain.manners import Host
from homeport.domain.robots import Robots, RobotsStatus
from homeport.flows.manners.hosts import PAGE_LENGTH
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home that root administers; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, hosts)

    run("user", "add", "root", "--email", "root@example.org", "--admin")
    run("user", "add", "ada", "--email", "ada@example.org")
    return run


@pytest.fixture
def world(run: Run, tmp_path: Path) -> World:
    """The world of that home."""
    return open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))


def put(world: World, *known: Host) -> None:
    """Let that be known of hosts."""
    with world.store.write() as tx:
        for host in known:
            tx.hosts.put(host)


def failing(world: World) -> Host:
    """A host that rests."""
    now = world.clock.now()
    robots = Robots(RobotsStatus.READ, "User-agent: *\nDisallow: /a", now, 7.0)
    later = now + timedelta(hours=1)
    return Host("files.example.org", now, later, "", None, 3, later, "timed-out", robots)


def test_an_empty_list(run: Run) -> None:
    """It is said that there is nothing, and of what."""
    assert "No host was asked for anything yet" in run("host", "list")
    assert "No such host" in run("host", "list", "files")
    assert json.loads(run("host", "list", "--json")) == []


def test_a_list(run: Run, world: World) -> None:
    """Every host there is, however many, or those of a state; for people and for scripts."""
    put(world, failing(world), *(Host(f"host{number:02}.test") for number in range(PAGE_LENGTH)))
    told = json.loads(run("host", "list", "--json"))
    assert len(told) == PAGE_LENGTH + 1
    assert [one["name"] for one in json.loads(run("host", "list", "--state", "resting", "--json"))] == [
        "files.example.org"
    ]
    shown = run("host", "list", "files")
    for word in ("files.example.org", "resting", "3", "0 bytes", "read", "timed-out"):
        assert word in shown
    with pytest.raises(Invalid):
        run("host", "list", "--state", "asleep")


def test_a_host(run: Run, world: World) -> None:
    """What is known of it, in lines and as JSON; the budgets are the index's."""
    put(world, failing(world))
    shown = run("host", "show", "https://files.example.org/x")
    for line in (
        "files.example.org is resting.",
        "failures   3 in a row",
        "problem    timed-out",
        "0 bytes of 50 GiB from files.example.org",
        "0 bytes of 100 GiB from all of example.org",
        "robots.txt read, Crawl-delay 7 s",
        "Disallow: /a",
    ):
        assert line in shown
    assert (
        json.loads(run("host", "show", "files.example.org", "--json"))["today"]["host_budget"] == 50 * 1024**3
    )
    with pytest.raises(NotFound):
        run("host", "show", "nowhere.test")


def test_rest_and_wake(run: Run, world: World) -> None:
    """An administrator ends a rest, or orders one."""
    put(world, failing(world))
    assert "is ready" in run("host", "rest", "files.example.org", "--clear", "--as", "root").replace(
        "paced", "ready"
    )
    until = f"{world.clock.now() + timedelta(days=1):%Y-%m-%d}"
    told = json.loads(run("host", "rest", "files.example.org", "--until", until, "--as", "root", "--json"))
    assert (told["state"], told["resting_until"]) == ("resting", f"{until}T00:00:00Z")
    assert told["problem"] == "rest ordered by root"


@pytest.mark.parametrize("words", [(), ("--clear", "--until", "2030-01-31")])
def test_rest_wants_one_of_two(run: Run, words: tuple[str, ...]) -> None:
    """Neither is nothing to do, and both contradict each other."""
    with pytest.raises(Invalid) as refused:
        run("host", "rest", "site.test", *words, "--as", "root")
    assert refused.value.code == "rest-missing"


def test_freeze_and_unfreeze(run: Run) -> None:
    """A reason is wanted each time, and an administrator."""
    shown = run("host", "freeze", "site.test", "--reason", "It was sold.", "--as", "root")
    assert "site.test is frozen." in shown
    assert "by root: It was sold." in shown
    shown = run("host", "unfreeze", "site.test", "--reason", "Bought back.", "--as", "root")
    assert "site.test is ready." in shown
    with pytest.raises(Invalid):
        run("host", "freeze", "site.test", "--as", "root")
    with pytest.raises(Forbidden):
        run("host", "freeze", "site.test", "--reason", "Mine.", "--as", "ada")
    with pytest.raises(Invalid):
        run("host", "freeze", "site.test", "--reason", "Nobody's.")
