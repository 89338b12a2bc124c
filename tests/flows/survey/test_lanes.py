"""Lanes: many hosts side by side, each with one piece of work at a time."""

import threading
import time
from collections import Counter

import pytest

from homeport.flows.survey.lanes import Lanes


def wait_for(done: threading.Event) -> None:
    """Wait, and fail when it takes too long."""
    assert done.wait(10)


def test_everything_is_done_and_one_at_a_time() -> None:
    """Every piece is done once; no two of a host overlap, and pieces of one host keep their order."""
    lock, done = threading.Lock(), threading.Event()
    inside: Counter[str] = Counter()
    overlaps, order = list[str](), list[tuple[str, int]]()

    def piece(host: str, number: int) -> None:
        with lock:
            inside[host] += 1
            if inside[host] > 1:
                overlaps.append(host)
        time.sleep(0.0005)
        with lock:
            inside[host] -= 1
            order.append((host, number))
            if len(order) == 150:
                done.set()

    with Lanes(8) as lanes:
        for number in range(50):
            for host in ("one", "two", "three"):
                lanes.add(host, lambda host=host, number=number: piece(host, number))  # type: ignore[misc]
        wait_for(done)
    assert overlaps == []
    for host in ("one", "two", "three"):
        assert [number for one, number in order if one == host] == list(range(50))


def test_a_slow_host_holds_up_itself_alone() -> None:
    """While one host keeps a thread waiting, the others go on, however much is waiting in its lane."""
    go_on, done = threading.Event(), threading.Event()
    with Lanes(2) as lanes:
        for _ in range(20):
            lanes.add("slow", lambda: wait_for(go_on))
        lanes.add("quick", done.set)
        wait_for(done)
        assert lanes.hosts >= 1
        go_on.set()


def test_hosts_with_work_are_counted() -> None:
    """A host counts while work of it waits or is under way, and not longer."""
    go_on, begun = threading.Event(), threading.Event()

    def piece() -> None:
        begun.set()
        wait_for(go_on)

    with Lanes(1) as lanes:
        assert lanes.hosts == 0
        lanes.add("one", piece)
        lanes.add("one", lambda: None)
        lanes.add("two", lambda: None)
        wait_for(begun)
        assert lanes.hosts == 2
        go_on.set()
        while lanes.hosts:
            time.sleep(0.001)


def test_what_a_piece_raises_ends_the_work() -> None:
    """An error is raised to who gave the work, the first of several; what waits is not begun."""
    begun = list[str]()

    def broken() -> None:
        raise ValueError("no")

    with Lanes(1) as lanes:
        lanes.require_sound()
        lanes.add("one", broken)
        while all(thread.is_alive() for thread in lanes._threads):
            time.sleep(0.001)
        with pytest.raises(ValueError, match="no"):
            lanes.require_sound()
        lanes.add("two", lambda: begun.append("two"))
    assert begun == []
