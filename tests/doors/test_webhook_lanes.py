"""Webhooks are told side by side: who is slow holds up nobody, and nobody is told by two at once."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.hooks import Hooks, hooks_of
from tests.support.world import fake_world

from homeport.domain.ledger import Kind
from homeport.domain.webhook import Feed
from homeport.flows.webhooks.manage import HookWish, add_hook
from homeport.ports.post import Posted
from homeport.ports.world import World
from homeport.worker import webhooks
from homeport.worker.webhooks import Lanes

SLOW = "https://slow.example.org/"


class Slow:
    """A poster at which one receiver answers when it is let go."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.may_go = threading.Event()
        self.slow_ones = 0

    def objection(self, url: str) -> Posted | None:
        """See the port."""
        return None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See the port."""
        if url == SLOW:
            self.slow_ones += 1
            assert self.may_go.wait(10)
        self.told.append(url)
        return Posted(200)


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def slowed(hooks: Hooks) -> tuple[World, Slow]:
    """The world in which one of two receivers is slow."""
    slow = Slow()
    world = replace(hooks.world, poster=slow)
    add_hook(world, hooks.ada, HookWish(Feed.PROJECT, SLOW, ("file-published",), "demo"))
    add_hook(world, hooks.ada, HookWish(Feed.PROJECT, "https://ci.example.org/", ("file-published",), "demo"))
    return world, slow


def wait_until_idle(lanes: Lanes) -> None:
    """Let every lane come to its end."""
    for thread in threading.enumerate():
        if thread.name == "webhook":
            thread.join(10)
    assert not lanes.busy


def test_who_is_slow_holds_up_nobody(hooks: Hooks) -> None:
    """Others are told round after round while one is waited for; that one is not asked a second time meanwhile."""
    world, slow = slowed(hooks)
    lanes = Lanes(wait_seconds=0.05)
    for number in range(1, 4):
        hooks.happen(Kind.FILE_PUBLISHED)
        lanes(world)
        assert (slow.told.count("https://ci.example.org/"), slow.slow_ones) == (number, 1)
    assert lanes(world) == 0
    slow.may_go.set()
    wait_until_idle(lanes)
    assert slow.told.count(SLOW) == 3


def test_there_are_so_many_lanes(hooks: Hooks) -> None:
    """Who finds none free waits for the next round."""
    world, slow = slowed(hooks)
    hooks.happen(Kind.FILE_PUBLISHED)
    lanes = Lanes(wait_seconds=0.05, lanes=1)
    lanes(world)
    assert (slow.told, slow.slow_ones) == ([], 1)
    slow.may_go.set()
    wait_until_idle(lanes)
    lanes(world)
    wait_until_idle(lanes)
    assert sorted(slow.told) == ["https://ci.example.org/", SLOW]


def test_a_lane_ends_after_a_while(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has much to be told lets others in."""
    monkeypatch.setattr(webhooks, "_LANE_SECONDS", 0.0)
    hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(Kind.FILE_PUBLISHED, Kind.FILE_PUBLISHED)
    lanes = Lanes()
    assert lanes(hooks.world) > 1
    assert len(hooks.poster.told) == 1
    assert lanes(hooks.world) == 1
    assert len(hooks.poster.told) == 2


def test_trouble_in_one_lane(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, the webhook is free again, and the round goes on."""
    hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(Kind.FILE_PUBLISHED)

    def fail(*_: object) -> bool:
        raise OSError("disk")

    monkeypatch.setattr(webhooks, "deliver_next", fail)
    lanes = Lanes()
    lanes(hooks.world)
    assert "a webhook could not be told" in caplog.text
    assert not lanes.busy
