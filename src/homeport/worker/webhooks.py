"""Webhooks are told side by side: each in a lane of its own, so that who is slow holds up nobody else.

1. A webhook has one lane at a time, and is told one message after another.
2. A round begins lanes for whom something is due, waits for them a moment, and leaves those that take longer.
3. A lane ends after a while, also when there is more to tell: others come first then. It ends at once when something was
   not taken.
4. There is a bounded number of lanes; those that are left do not count for ever, because every try ends by its deadline.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from homeport.flows.webhooks.deliver import deliver_next, hooks_ready
from homeport.flows.webhooks.feed import feed_hooks
from homeport.observe.events import trouble
from homeport.ports.world import World

AT_ONCE: Final = 1
_LANES: Final = 16
_LANE_SECONDS: Final = 5.0
_WAIT_SECONDS: Final = 1.0


class Lanes:
    """The lanes of one process; ``busy`` are the webhooks that are being told something."""

    def __init__(self, wait_seconds: float = _WAIT_SECONDS, lanes: int = _LANES) -> None:
        self.busy: set[int] = set()
        self._lock = threading.Lock()
        self._taken = 0
        self._wait_seconds = wait_seconds
        self._lanes = lanes

    def __call__(self, world: World) -> int:
        """One round: feed webhooks, and tell them what is due; how much was read, and taken so far."""
        read = feed_hooks(world)
        begun = [lane for hook_id in hooks_ready(world) if (lane := self._begin(world, hook_id))]
        ends = time.monotonic() + self._wait_seconds
        for lane in begun:
            lane.join(max(0.0, ends - time.monotonic()))
        with self._lock:
            taken, self._taken = self._taken, 0
        return read + taken

    def _begin(self, world: World, hook_id: int) -> threading.Thread | None:
        with self._lock:
            if hook_id in self.busy or len(self.busy) >= self._lanes:
                return None
            self.busy.add(hook_id)
        lane = threading.Thread(
            target=self._run,
            args=(partial(deliver_next, world, hook_id), hook_id),
            name="webhook",
            daemon=True,
        )
        lane.start()
        return lane

    def _run(self, deliver: Callable[[], bool], hook_id: int) -> None:
        ends = time.monotonic() + _LANE_SECONDS
        try:
            while deliver():
                with self._lock:
                    self._taken += 1
                if time.monotonic() >= ends:
                    return
        except Exception as error:  # noqa: BLE001 - told here; the row is as it was, and due
            trouble("a webhook could not be told", webhook=hook_id, error=error)
        finally:
            with self._lock:
                self.busy.discard(hook_id)
