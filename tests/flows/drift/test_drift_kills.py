"""Looks that are killed, overtaken or bounded lose nothing, and what is published never moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from
from tests.support.drift import BODY, FILE, HOST, WEEK, Home, begin_home, wait
from tests.support.outside import MISSING, Answer, Mood, redirect

from homeport.domain.drift import HostSeen, Sign, State
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.flows.drift import record as recording
from homeport.flows.drift import run
from homeport.flows.drift.look import look_at
from homeport.flows.drift.record import record
from homeport.flows.drift.run import AT_ONCE, PER_HOST, look_at_due
from homeport.flows.manage_project import find_project
from homeport.flows.manners.hosts import unfreeze_host
from homeport.ports.watches import EventFilter

OTHER = bytes(reversed(BODY))
URL = f"https://{HOST}/{FILE}"
SECOND = "other-1.0.tar.gz"


class Killed(BaseException):
    """The process is gone."""


def killed(*_: object, **__: object) -> None:
    """Nothing follows."""
    raise Killed


# Kills and races


@pytest.mark.parametrize("where", ["_tell", "_freeze", "_notify", "judge", "tell_members", "tell"])
def test_killed_within_the_record(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed anywhere before the commit, nothing was remembered or told; the next start finds all of it."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        wait(home)
        before = home.fakes.store.committed
        with monkeypatch.context() as patched:
            patched.setattr(recording, where, killed)
            with pytest.raises(Killed):
                look_at_due(home.world)
        assert home.fakes.store.committed == before
        assert look_at_due(home.world) == 1
        assert [event.sign for event in home.events()] == [Sign.OTHER_BYTES]
        assert home.is_frozen()


def test_an_accident_at_one_host_keeps_no_other_waiting(tmp_path: Path) -> None:
    """What nobody expected is raised to who runs the looks, when the other hosts had their turn."""
    with begin_home(tmp_path) as home:
        home.bring(home.add("other"), SECOND, host="other.test")
        assert home.passes(2) == []
        wait(home)
        fail = Mock(side_effect=RuntimeError("nobody expected this"))
        home.seen.meanwhile = lambda url: fail() if HOST in url else None
        with pytest.raises(RuntimeError, match="nobody expected this"):
            look_at_due(home.world)
        assert home.watch("other", SECOND).looked_at == home.world.clock.now()
        assert home.watch().looked_at != home.world.clock.now()


def test_killed_between_look_and_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that nobody wrote down did not happen."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        wait(home)
        before = home.fakes.store.committed
        with monkeypatch.context() as patched:
            patched.setattr(run, "record", killed)
            with pytest.raises(Killed):
                look_at_due(home.world)
        assert home.fakes.store.committed == before
        assert look_at_due(home.world) == 1
        assert len(home.events()) == len(home.notices(home.owner, "drift")) == 1


def test_recorded_twice_is_told_once(tmp_path: Path) -> None:
    """The same look written down again changes nothing but what is known of the host."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        glance = look_at(home.world, home.watch())
        assert record(home.world, HOST, [glance], HostSeen()) == 2
        before = home.fakes.store.committed
        assert record(home.world, HOST, [glance], HostSeen()) == 0
        assert home.fakes.store.committed == before


def test_an_overtaken_look_counts_for_nothing(tmp_path: Path) -> None:
    """Two that look at once: the one that writes later saw an older state."""
    with begin_home(tmp_path) as home:
        old = look_at(home.world, home.watch())
        home.has(OTHER, ())
        record(home.world, HOST, [look_at(home.world, home.watch())], HostSeen())
        assert home.state() is State.CHANGED
        record(home.world, HOST, [old], HostSeen())
        assert home.state() is State.CHANGED


def test_a_removed_file_is_watched_no_longer(tmp_path: Path) -> None:
    """What is hosted no more has no source to look at; its host is forgotten by nobody else."""
    with begin_home(tmp_path) as home:
        wait(home)
        with home.world.store.write() as tx:
            demo = find_project(tx, "demo")
            tx.files.remove(demo.id, FILE, by="ada", reason="Old.", at=home.world.clock.now())
        home.bodies.clear()
        assert look_at_due(home.world) == 1
        with home.world.store.read() as tx:
            assert tx.watches.find(demo.id, FILE) is None
        assert look_at_due(home.world) == 0


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    """The schedule is in the rows: another process looks when it is due, and not before."""
    with begin_home(tmp_path) as home:
        due_at = home.watch().due_at
        home.fakes.clock.advance(due_at - home.world.clock.now() - timedelta(seconds=1))
        again = replace(home.world)
        assert look_at_due(again) == 0
        home.fakes.clock.advance(timedelta(seconds=1))
        assert look_at_due(again) == 1


# Bounds


def test_a_run_is_bounded_and_every_host_has_a_part(tmp_path: Path) -> None:
    """Of a host with many files that are due some are looked at in one run, and the others are not kept waiting."""
    with begin_home(tmp_path) as home:
        with home.world.store.read() as tx:
            demo = find_project(tx, "demo")
        now = home.world.clock.now()
        for number in range(PER_HOST + 5):
            name = f"demo-9.{number}.tar.gz"
            home.bring(demo, name, name.encode(), "many.test", due_at=now - timedelta(hours=1))
        home.bring(demo, "demo-3.tar.gz", b"few", "few.test", due_at=now)
        assert PER_HOST < AT_ONCE
        assert look_at_due(home.world) == PER_HOST + 1
        assert look_at_due(home.world) == 5
        assert look_at_due(home.world) == 0


def test_after_a_danger_nothing_more_is_asked(tmp_path: Path) -> None:
    """The first file with other bytes ends the looks at its host: the others wait until somebody looked at it."""
    with begin_home(tmp_path) as home:
        with home.world.store.read() as tx:
            demo = find_project(tx, "demo")
        home.has(OTHER, ())
        home.bring(demo, "demo-2.tar.gz", b"two", due_at=home.world.clock.now() + timedelta(days=8.9))
        wait(home)
        home.outside.asked.clear()
        assert look_at_due(home.world) == 1
        assert not any("demo-2" in url for url in home.outside.asked)


def test_off_is_off(tmp_path: Path) -> None:
    """With no days between looks there are none."""
    with begin_home(tmp_path, every=timedelta()) as home:
        home.has(OTHER, ())
        wait(home)
        home.outside.asked.clear()
        assert look_at_due(home.world) == 0
        assert home.outside.asked == []


def test_pypi_only_asks_nothing_outside(tmp_path: Path) -> None:
    """A project that is pypi-only has no outside: its files stay, and their sources are left alone."""
    with begin_home(tmp_path) as home:
        wait(home)
        with home.world.store.write() as tx:
            tx.projects.set_mode(find_project(tx, "demo").id, HostingMode.ONLY)
        assert look_at_due(home.world) == 0


def test_looks_are_spread(tmp_path: Path) -> None:
    """Files that came home together are looked at on many days."""
    with begin_home(tmp_path) as home:
        with home.world.store.read() as tx:
            demo = find_project(tx, "demo")
        for number in range(60):
            home.bring(demo, f"demo-9.{number}.tar.gz", b"%d" % number, f"host{number}.test")
        home.passes(2)
        start = home.world.clock.now()
        with home.world.store.read() as tx:
            dues = sorted(watch.due_at - start for watch in tx.watches.of_project(demo.id))
        assert dues[-1] - dues[0] > WEEK * 0.3
        assert len({due // timedelta(hours=6) for due in dues}) >= 8


# Nothing moves


def _answers(home: Home) -> list[Callable[[], None]]:
    def moved() -> None:
        home.outside.put(URL, redirect(f"https://cdn.test/{FILE}"))
        home.has(OTHER, (), f"https://cdn.test/{FILE}")

    return [
        partial(home.has, BODY),
        partial(home.has, OTHER, ()),
        partial(home.has, BODY + b"!", ()),
        partial(home.has, BODY, mood=Mood.BREAKS_OFF),
        partial(home.has, BODY, mood=Mood.ENDLESS),
        partial(home.outside.put, URL, MISSING),
        partial(home.outside.put, URL, Answer(503)),
        partial(home.outside.put, URL, redirect("ftp://elsewhere.test/")),
        partial(home.outside.move, HOST),
        partial(home.outside.move, HOST, "203.0.114.9"),
        partial(home.outside.move, HOST, "10.0.0.1"),
        moved,
    ]


@settings(max_examples=12, deadline=None)
@given(steps=lists(sampled_from(range(12)), max_size=6))
def test_published_bytes_never_change(steps: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the outside does, in whatever order: what is hosted stays, and nothing is told twice (T-10)."""
    with begin_home(tmp_path_factory.mktemp("drift")) as home:
        for step in steps:
            _answers(home)[step]()
            home.passes(8)
            assert home.is_unmoved()
            if home.is_frozen():
                unfreeze_host(home.world, home.admin, HOST, "Let us see what happens.")
        told = [(one.project, one.host, one.filename, one.sign, one.what) for one in home.events()]
        assert len(told) == len(set(told)) == len(home.entries(Kind.DRIFT_SEEN))
        assert len(home.events(EventFilter("demo"))) == len(told)
