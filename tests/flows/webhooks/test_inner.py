"""What an inner address answers is read by administrators; whoever else has the webhook sees the status (T-01)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.hooks import Hooks, hooks_of
from tests.support.outside import Answer, Mood
from tests.support.world import add_person, fake_world, grant

from homeport.domain.account import Caller
from homeport.domain.address import parse_allow
from homeport.domain.errors import Invalid
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.webhook import LOST_AFTER, PAUSES, Feed
from homeport.flows.manage_project import find_project
from homeport.flows.webhooks.log import replay_delivery, show_log, try_hook
from homeport.flows.webhooks.manage import HookWish, add_hook

SECRET = b"root:x:0:0"


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index whose operator opened 10.0.0.0/8, where ada's receiver is."""
    with fake_world(tmp_path) as fakes:
        hooks = hooks_of(fakes)
        hooks.poster.allow = parse_allow("10.0.0.0/8")
        hooks.outside.move("ci.example.org", "10.0.0.7")
        yield hooks


@pytest.fixture
def zoe(hooks: Hooks) -> Caller:
    """An administrator who owns demo, too."""
    zoe = Caller(add_person(hooks.world, "zoe", is_admin=True))
    with hooks.world.store.read() as tx:
        project = find_project(tx, "demo")
    grant(hooks.world, project, zoe.user, Role.OWNER)
    return zoe


@pytest.mark.parametrize(("status", "problem"), [(200, ""), (500, "It answered with status 500.")])
def test_an_owner_sees_the_status_only(hooks: Hooks, zoe: Caller, status: int, problem: str) -> None:
    """In the log, after a test, and when something is told again; an administrator reads the words."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(status, SECRET))
    serial = hooks.happen(Kind.FILE_PUBLISHED)
    hooks.work()
    tried = try_hook(hooks.world, hooks.ada, made.hook.id)
    line = show_log(hooks.world, hooks.ada, made.hook.id).lines[1]
    assert line.delivery.serial == serial
    again = replay_delivery(hooks.world, hooks.ada, made.hook.id, line.delivery.id)
    for seen in (tried, line.delivery, again):
        assert (seen.answer.status, seen.answer.text, seen.answer.problem) == (status, "", problem)
        assert seen.answer.is_inner
    for administrator in (zoe, hooks.root):
        first = show_log(hooks.world, administrator, made.hook.id).lines[0].delivery
        assert first.answer.text == SECRET.decode()
    assert try_hook(hooks.world, zoe, made.hook.id).answer.text == SECRET.decode()


def test_why_nothing_was_answered_is_hidden_too(hooks: Hooks, zoe: Caller) -> None:
    """Neither the log, nor why it is disabled, nor the notice tells what is open at an inner address."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(mood=Mood.HANGS_UP))
    hooks.happen(Kind.FILE_PUBLISHED)
    hooks.work()
    seen = show_log(hooks.world, hooks.ada, made.hook.id).lines[0].delivery.answer
    assert (seen.problem, seen.took_ms) == ("It was not taken; an administrator sees why.", 0)
    real = show_log(hooks.world, zoe, made.hook.id).lines[0].delivery.answer
    assert real.problem == "The answer broke off before it was whole."
    for _ in range(LOST_AFTER // timedelta(days=1) + len(PAUSES)):
        hooks.fakes.clock.advance(PAUSES[-1])
        hooks.work()
    disabled = show_log(hooks.world, hooks.ada, made.hook.id).hook
    assert disabled.disabled_at
    assert "broke off" not in disabled.disabled_why
    assert "an administrator sees why" in disabled.disabled_why
    with hooks.world.store.read() as tx:
        texts = [notice.text for notice in tx.notices.of_user(hooks.ada.user.id, limit=9)]
    assert not [text for text in texts if "broke off" in text]


def test_outside_nothing_is_hidden(hooks: Hooks) -> None:
    """An address that everybody may reach is no secret of the operator's."""
    hooks.outside.move("ci.example.org", "203.0.114.7")
    hooks.answer(Answer(500, b"Oops."))
    tried = try_hook(hooks.world, hooks.ada, hooks.add().hook.id)
    assert (tried.answer.text, tried.answer.is_inner) == ("Oops.", False)


def test_a_name_that_leads_in_tells_no_address(hooks: Hooks, zoe: Caller) -> None:
    """What the operator's names mean is not told to who adds a webhook, nor to who has one; administrators see it."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.outside.move("ci.example.org", "192.168.7.7")
    with pytest.raises(Invalid, match=r"ci\.example\.org has an inner address") as refused:
        hooks.add()
    assert "192.168" not in refused.value.sentence
    with pytest.raises(Invalid, match=r"192\.168\.7\.7 is not a public address"):
        hooks.add(caller=zoe)
    with pytest.raises(Invalid, match=r"172\.16\.0\.1 is not a public address"):
        add_hook(hooks.world, hooks.ada, HookWish(Feed.PERSON, "https://172.16.0.1/"))
    tried = try_hook(hooks.world, hooks.ada, made.hook.id)
    assert tried.answer.problem == "It was not taken; an administrator sees why."
    assert "192.168.7.7" in try_hook(hooks.world, zoe, made.hook.id).answer.problem
