"""Webhooks of a small index: whose they are, what they were told, and how the worker tells them."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.outside import Answer, Outside
from tests.support.outside_poster import OutsidePoster
from tests.support.world import Fakes, add_person, add_project

from homeport.domain.account import Caller
from homeport.domain.ledger import Kind
from homeport.domain.webhook import Feed
from homeport.flows.webhooks.deliver import deliver_next, hooks_ready
from homeport.flows.webhooks.feed import feed_hooks
from homeport.flows.webhooks.log import show_log
from homeport.flows.webhooks.manage import HookWish, NewHook, add_hook
from homeport.ports.notices import Notice
from homeport.ports.world import World

URL = "https://ci.example.org/hook"


@dataclass
class Hooks:
    """An index with ada, who owns demo, and root, who administers it."""

    fakes: Fakes
    ada: Caller
    root: Caller

    @property
    def world(self) -> World:
        """All that flows may touch."""
        return self.fakes.world

    @property
    def outside(self) -> Outside:
        """Where receivers are."""
        return self.fakes.outside

    @property
    def poster(self) -> OutsidePoster:
        """What brings messages there."""
        assert isinstance(self.world.poster, OutsidePoster)
        return self.world.poster

    def add(self, feed: Feed = Feed.PROJECT, *events: str, caller: Caller | None = None) -> NewHook:
        """A webhook at ``URL``."""
        who = caller or (self.root if feed is Feed.INDEX else self.ada)
        return add_hook(self.world, who, HookWish(feed, URL, events, "demo" if feed is Feed.PROJECT else ""))

    def happen(self, *kinds: Kind, project: str = "demo", **details: Any) -> int:
        """Entries of the ledger; the serial of the last."""
        with self.world.store.write() as tx:
            for kind in kinds:
                serial = tx.ledger.append(
                    kind, at=self.world.clock.now(), actor="ada", project=project, details=details
                )
        return serial

    def notify(self, subject: str) -> None:
        """A notice to ada."""
        with self.world.store.write() as tx:
            now = self.world.clock.now()
            tx.notices.add(self.ada.user.id, Notice("drift", subject, "Look.", "/project/demo/", now))

    def work(self) -> None:
        """Let the worker do all that is due now."""
        while feed_hooks(self.world):
            pass
        for hook_id in hooks_ready(self.world):
            while deliver_next(self.world, hook_id):
                pass

    def answer(self, *answers: Answer) -> None:
        """What is answered at ``URL``."""
        self.outside.put(URL, *answers)

    def told(self) -> list[tuple[str, int]]:
        """Event and number of all that arrived, in order."""
        bodies = [json.loads(one.body) for one in self.poster.told]
        return [(one["type"], one["data"].get("serial") or one["data"].get("notice") or 0) for one in bodies]

    def problems(self, hook_id: int, caller: Caller | None = None) -> list[str]:
        """What went wrong with each delivery of a webhook, newest first."""
        shown = show_log(self.world, caller or self.ada, hook_id)
        return [line.delivery.answer.problem for line in shown.lines]


def hooks_of(fakes: Fakes) -> Hooks:
    """The index, and somebody who answers at ``URL``."""
    ada = add_person(fakes.world, "ada")
    add_project(fakes.world, ada)
    hooks = Hooks(fakes, Caller(ada), Caller(add_person(fakes.world, "root", is_admin=True)))
    hooks.answer(Answer(body=b"thanks"))
    return hooks
