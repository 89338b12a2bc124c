"""What a webhook was told and answered: seen by who may have it, told again, and tried out."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.hooks import Hooks, hooks_of
from tests.support.outside import Answer
from tests.support.world import add_person, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid, NotFound, RateLimited
from homeport.domain.ledger import Kind
from homeport.domain.throttle import PER_TRIER
from homeport.domain.webhook import Feed, HookState
from homeport.flows.change_status import change_visibility
from homeport.flows.webhooks import log
from homeport.flows.webhooks.log import replay_delivery, replay_from, show_log, try_hook
from homeport.flows.webhooks.manage import disable_hook

FILE = Kind.FILE_PUBLISHED


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def test_a_log_is_read_page_by_page(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, with what was told and answered, and what waits."""
    monkeypatch.setattr(log, "PAGE_LENGTH", 2)
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(FILE, FILE, FILE)
    hooks.work()
    last = hooks.happen(FILE)
    shown = show_log(hooks.world, hooks.ada, made.hook.id)
    assert (len(shown.lines), shown.waiting, shown.newest) == (2, 0, last)
    line = shown.lines[0]
    assert json.loads(line.body)["type"] == "file-published"
    assert (line.delivery.answer.status, line.delivery.answer.text) == (200, "thanks")
    rest = show_log(hooks.world, hooks.ada, made.hook.id, before=shown.before)
    assert (len(rest.lines), rest.before) == (1, 0)


def test_nobody_else_reads_it(hooks: Hooks) -> None:
    """Strangers are told that there is no such webhook."""
    made = hooks.add()
    with pytest.raises(NotFound):
        show_log(hooks.world, Caller(add_person(hooks.world, "eve")), made.hook.id)


def test_what_became_private_is_not_shown(hooks: Hooks) -> None:
    """The log of the index's webhook tells what may be told now."""
    made = hooks.add(Feed.INDEX, "file-published")
    hooks.happen(FILE)
    hooks.work()
    change_visibility(hooks.world, hooks.ada, "demo", is_private=True)
    assert [line.body for line in show_log(hooks.world, hooks.root, made.hook.id).lines] == [""]


def test_a_test_is_sent_at_once(hooks: Hooks) -> None:
    """Whatever the state of the webhook, once, and not by the worker; what was answered is told."""
    made = hooks.add()
    tried = try_hook(hooks.world, hooks.ada, made.hook.id)
    assert (tried.answer.status, tried.answer.text, tried.tries) == (200, "thanks", 1)
    assert hooks.told() == [("test", 0)]
    disable_hook(hooks.world, hooks.ada, made.hook.id)
    hooks.answer(Answer(500))
    assert try_hook(hooks.world, hooks.ada, made.hook.id).answer.problem == "It answered with status 500."
    shown = show_log(hooks.world, hooks.ada, made.hook.id)
    assert (shown.hook.state, shown.hook.failures, shown.waiting) == (HookState.DISABLED, 0, 0)
    hooks.work()
    assert len(hooks.poster.told) == 2


def test_tests_are_counted(hooks: Hooks) -> None:
    """Nobody makes this index ask another one without end."""
    made = hooks.add()
    for _ in range(PER_TRIER - 1):
        try_hook(hooks.world, hooks.ada, made.hook.id)
    with pytest.raises(RateLimited):
        try_hook(hooks.world, hooks.ada, made.hook.id)


def test_replays_are_counted(hooks: Hooks) -> None:
    """As tests are, and with them: of one thing, and of everything."""
    made = hooks.add(Feed.PROJECT, "file-published")
    serial = hooks.happen(FILE)
    hooks.work()
    (line,) = show_log(hooks.world, hooks.ada, made.hook.id).lines
    for _ in range(PER_TRIER - 2):
        replay_delivery(hooks.world, hooks.ada, made.hook.id, line.delivery.id)
    replay_from(hooks.world, hooks.ada, made.hook.id, serial)
    for ask in (
        lambda: replay_from(hooks.world, hooks.ada, made.hook.id, serial),
        lambda: replay_delivery(hooks.world, hooks.ada, made.hook.id, line.delivery.id),
        lambda: try_hook(hooks.world, hooks.ada, made.hook.id),
    ):
        with pytest.raises(RateLimited):
            ask()
    hooks.work()
    assert hooks.told() == [("file-published", serial)] * 2


def test_a_replay_wakes_nobody_who_rests(hooks: Hooks) -> None:
    """Who answers with errors is left alone for as long as without it, and then told everything."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(500), Answer())
    serial = hooks.happen(FILE)
    hooks.work()
    rests_until = show_log(hooks.world, hooks.ada, made.hook.id).hook.rests_until
    replay_delivery(hooks.world, hooks.ada, made.hook.id, 1)
    assert replay_from(hooks.world, hooks.ada, made.hook.id, serial).rests_until == rests_until
    hooks.work()
    assert hooks.told() == [("file-published", serial)]
    assert rests_until is not None
    hooks.fakes.clock.advance(rests_until - hooks.world.clock.now())
    hooks.work()
    assert hooks.told() == [("file-published", serial)] * 2


def test_a_good_test_wakes_who_rests(hooks: Hooks) -> None:
    """Whoever repaired the receiver need not wait."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(500), Answer())
    serial = hooks.happen(FILE)
    hooks.work()
    try_hook(hooks.world, hooks.ada, made.hook.id)
    replay_delivery(hooks.world, hooks.ada, made.hook.id, 1)
    hooks.work()
    assert hooks.told() == [("file-published", serial), ("test", 0), ("file-published", serial)]


def test_one_thing_is_told_again(hooks: Hooks) -> None:
    """With the same id; only what is the webhook's, and only while it is enabled."""
    made, other = hooks.add(Feed.PROJECT, "file-published"), hooks.add(Feed.PROJECT, "mode-changed")
    hooks.happen(FILE)
    hooks.work()
    (line,) = show_log(hooks.world, hooks.ada, made.hook.id).lines
    replay_delivery(hooks.world, hooks.ada, made.hook.id, line.delivery.id)
    hooks.work()
    assert len(hooks.poster.told) == 2
    assert len({one.headers["webhook-id"] for one in hooks.poster.told}) == 1
    for number, hook in ((line.delivery.id, other), (99, made)):
        with pytest.raises(NotFound, match="no delivery"):
            replay_delivery(hooks.world, hooks.ada, hook.hook.id, number)
    disable_hook(hooks.world, hooks.ada, made.hook.id)
    with pytest.raises(Conflict, match="enable it first"):
        replay_delivery(hooks.world, hooks.ada, made.hook.id, line.delivery.id)


def test_everything_is_told_again_from_a_serial(hooks: Hooks) -> None:
    """Also what happened before the webhook was made; numbers that there are not are refused."""
    first = hooks.happen(FILE)
    second = hooks.happen(FILE)
    made = hooks.add(Feed.PROJECT, "file-published")
    third = hooks.happen(FILE)
    hooks.work()
    replay_from(hooks.world, hooks.ada, made.hook.id, second)
    hooks.work()
    assert [serial for _, serial in hooks.told()] == [third, third, second] or [
        serial for _, serial in hooks.told()
    ] == [third, second, third]
    replay_from(hooks.world, hooks.ada, made.hook.id, first)
    hooks.work()
    assert {serial for _, serial in hooks.told()[3:]} == {first, second, third}
    for serial in (0, third + 1):
        with pytest.raises(Invalid, match=f"1 to {third}"):
            replay_from(hooks.world, hooks.ada, made.hook.id, serial)


def test_notices_are_told_again(hooks: Hooks) -> None:
    """A person's webhook counts in notices."""
    hooks.notify("one")
    made = hooks.add(Feed.PERSON)
    hooks.notify("two")
    hooks.work()
    assert show_log(hooks.world, hooks.ada, made.hook.id).newest == 3
    replay_from(hooks.world, hooks.ada, made.hook.id, 1)
    hooks.work()
    assert sorted(hooks.told()) == [("notice", 1), ("notice", 2), ("notice", 3), ("notice", 3)]
