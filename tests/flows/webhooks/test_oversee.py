"""Administrators see the webhooks and receivers of everybody, without their secrets, and stop what does harm."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.forges import recorded, told
from tests.support.hooks import URL, Hooks, hooks_of
from tests.support.invariants import entries
from tests.support.outside import Answer
from tests.support.token_callers import by_token
from tests.support.world import add_person, fake_world, grant

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.receiver import Forge
from homeport.domain.webhook import Feed, HookState
from homeport.flows.manage_project import find_project
from homeport.flows.webhooks import oversee
from homeport.flows.webhooks.log import replay_from, show_log, try_hook
from homeport.flows.webhooks.manage import disable_hook, enable_hook, remove_hook, renew_secret
from homeport.flows.webhooks.oversee import (
    every_hook,
    every_receiver,
    let_hook_go,
    let_receiver_go,
    list_hooks_of_all,
    list_receivers_of_all,
    stop_hook,
    stop_receiver,
)
from homeport.flows.webhooks.receive import receive
from homeport.flows.webhooks.receivers import NewReceiver, add_receiver, list_receivers, remove_receiver
from homeport.ports.webhooks import HookFilter

ALL = HookFilter()
WHY = "It asks a server that nobody may reach."


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def inbox(hooks: Hooks, caller: Caller) -> list[str]:
    """The subjects of somebody's notices of what was stopped."""
    with hooks.world.store.read() as tx:
        found = tx.notices.of_user(caller.user.id, limit=99)
    return [notice.subject for notice in found if notice.kind == "webhook-stopped"]


def receiver_of(hooks: Hooks) -> NewReceiver:
    """A receiver of demo."""
    return add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)


def tell(hooks: Hooks, made: NewReceiver) -> None:
    """Let the forge tell it of a release."""
    body = recorded("github_release")
    receive(hooks.world, made.receiver.key, told("github_release", made.secret, body), body)


def test_everybodys_are_seen(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, a page at a time, by owner, state and failures; of the address the host only."""
    monkeypatch.setattr(oversee, "PAGE_LENGTH", 2)
    world, root = hooks.world, hooks.root
    of_demo, own, index = hooks.add(), hooks.add(Feed.PERSON), hooks.add(Feed.INDEX)
    first = list_hooks_of_all(world, root, ALL)
    assert [hook.owner for hook in first.hooks] == ["index", "ada"]
    assert {hook.url for hook in first.hooks} == {"https://ci.example.org/"}
    then = list_hooks_of_all(world, root, HookFilter(before=first.before))
    assert ([hook.id for hook in then.hooks], then.before) == ([of_demo.hook.id], 0)
    assert [len(piece) for piece in every_hook(world, root, ALL)] == [3]
    hooks.answer(Answer(500))
    hooks.happen(Kind.FILE_PUBLISHED)
    hooks.work()
    disable_hook(world, root, index.hook.id)

    def found(**wanted: object) -> list[int]:
        (piece,) = every_hook(world, root, HookFilter(**wanted))  # type: ignore[arg-type]
        return [hook.id for hook in piece]

    assert found(owner="demo") == found(state=HookState.FAILING, owner="demo") == [of_demo.hook.id]
    assert found(owner="ada") == [own.hook.id]
    assert found(feed=Feed.INDEX) == found(state=HookState.DISABLED) == [index.hook.id]
    assert of_demo.hook.id in found(failures=1)
    assert list(every_hook(world, root, HookFilter(failures=9))) == []


def test_receivers_are_seen(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of all projects, with how much of what they were told was refused."""
    monkeypatch.setattr(oversee, "PAGE_LENGTH", 1)
    one, two = receiver_of(hooks), receiver_of(hooks)
    with pytest.raises(Conflict):
        tell(hooks, one)
    listed = list_receivers_of_all(hooks.world, hooks.root, ALL)
    assert [(stand.receiver.id, stand.state) for stand in listed.stands] == [
        (two.receiver.id, HookState.LIVE)
    ]
    assert listed.before == two.receiver.id
    (piece,) = every_receiver(hooks.world, hooks.root, HookFilter(failures=1))
    assert [(stand.receiver.id, stand.refused, stand.state) for stand in piece] == [
        (one.receiver.id, 1, HookState.FAILING)
    ]
    assert list_receivers_of_all(hooks.world, hooks.root, HookFilter("other")).before == 0


@pytest.mark.parametrize("feed", [Feed.PROJECT, Feed.PERSON])
def test_a_webhook_is_stopped_and_let_go(hooks: Hooks, feed: Feed) -> None:
    """Its owner is told why, cannot start it, and may remove it; let go, it is told what it missed."""
    made, world = hooks.add(feed), hooks.world
    hooks.work()
    before, number = len(entries(hooks.fakes.store)), made.hook.id
    stopped = stop_hook(world, hooks.root, number, f" {WHY} ")
    assert (stopped.state, stopped.stopped_by) == (HookState.DISABLED, "root")
    assert stopped.why == f"An administrator stopped it: {WHY}"
    assert stopped.url == "https://ci.example.org/"
    assert stop_hook(world, hooks.root, number, "Again.").why == stopped.why
    for start in (enable_hook, try_hook):
        with pytest.raises(Forbidden, match="stopped this webhook"):
            start(world, hooks.ada, number)
    with pytest.raises(Conflict):
        replay_from(world, hooks.ada, number, 1)
    renew_secret(world, hooks.ada, number)
    hooks.happen(Kind.FILE_PUBLISHED)
    hooks.notify("Look")
    was_told = len(hooks.told())
    hooks.work()
    assert len(hooks.told()) == was_told
    free = let_hook_go(world, hooks.root, number, "It was a mistake.")
    assert (free.state, free.by, free.stopped_by) == (HookState.LIVE, "ada", "")
    hooks.work()
    assert len(hooks.told()) > was_told
    assert sorted(inbox(hooks, hooks.ada)) == [
        "The webhook at ci.example.org was let go again by an administrator",
        "The webhook at ci.example.org was stopped by an administrator",
    ]
    changed = [one for one in entries(hooks.fakes.store)[before:] if "reason" in one["details"]]
    assert [(one["actor"], one["details"]["enabled"], one["details"]["reason"]) for one in changed] == [
        ("root", False, WHY),
        ("root", True, "It was a mistake."),
    ]
    stop_hook(world, hooks.root, number, WHY)
    assert remove_hook(world, hooks.ada, number).id == number


@pytest.mark.parametrize("is_stopped_first", [True, False])
def test_what_its_owner_disabled_its_owner_enables(hooks: Hooks, *, is_stopped_first: bool) -> None:
    """Let go, it stands as before, and its people are told so; enabled, it goes on where it was."""
    number, world = hooks.add(Feed.PROJECT, "file-published").hook.id, hooks.world
    if is_stopped_first:
        stop_hook(world, hooks.root, number, WHY)
    disable_hook(world, hooks.ada, number)
    stop_hook(world, hooks.root, number, WHY)
    missed = hooks.happen(Kind.FILE_PUBLISHED)
    free = let_hook_go(world, hooks.root, number, "It was a mistake.")
    assert (free.state, free.why, free.stopped_by) == (HookState.DISABLED, "By ada.", "")
    hooks.work()
    assert hooks.told() == []
    with world.store.read() as tx:
        assert (
            "It was disabled before, and still is" in tx.notices.of_user(hooks.ada.user.id, limit=1)[0].text
        )
    enable_hook(world, hooks.ada, number)
    hooks.work()
    assert hooks.told() == [("file-published", missed)]


def test_a_receiver_is_stopped_and_let_go(hooks: Hooks) -> None:
    """What it is told is refused with the reason, and its owners are told; let go, it is judged as before."""
    made, world = receiver_of(hooks), hooks.world
    number = made.receiver.id
    stand = stop_receiver(world, hooks.root, number, WHY)
    assert (stand.state, stand.receiver.stopped_by) == (HookState.DISABLED, "root")
    assert stop_receiver(world, hooks.root, number, "Again.").receiver.stopped_why == WHY
    with pytest.raises(Forbidden, match=WHY) as refused:
        tell(hooks, made)
    assert refused.value.code == "receiver-stopped"
    (view,) = list_receivers(world, hooks.ada, "demo")
    assert WHY in view.receptions[0].said
    assert let_receiver_go(world, hooks.root, number, "Sorry.").state is HookState.FAILING
    with pytest.raises(Conflict, match="no source"):
        tell(hooks, made)
    assert len(inbox(hooks, hooks.ada)) == 2
    kinds = [one["kind"] for one in entries(hooks.fakes.store)]
    assert kinds[-2:] == ["receiver-changed", "receiver-changed"]
    remove_receiver(world, hooks.ada, number)


@pytest.mark.parametrize("change", [stop_hook, let_hook_go, stop_receiver, let_receiver_go])
def test_who_stops(hooks: Hooks, change: Callable[..., object]) -> None:
    """An administrator in person, who says why; of what is not there they are told so."""
    hooks.add()
    receiver_of(hooks)
    for caller in (hooks.ada, by_token(hooks.world, hooks.root, Scope.MANAGE)):
        with pytest.raises(Forbidden):
            change(hooks.world, caller, 1, WHY)
    with pytest.raises(Invalid, match="Say why"):
        change(hooks.world, hooks.root, 1, "  ")
    with pytest.raises(NotFound):
        change(hooks.world, hooks.root, 99, WHY)
    with pytest.raises(Forbidden):
        list_hooks_of_all(hooks.world, hooks.ada, ALL)
    with pytest.raises(Forbidden):
        list_receivers_of_all(hooks.world, hooks.ada, ALL)


def test_the_log_of_somebody_elses(hooks: Hooks) -> None:
    """An administrator reads what was answered, and neither the address nor what was told; owners read all of it."""
    made, own, index = hooks.add(), hooks.add(Feed.PERSON), hooks.add(Feed.INDEX)
    for one in (made, own):
        try_hook(hooks.world, hooks.ada, one.hook.id)
        seen = show_log(hooks.world, hooks.root, one.hook.id)
        assert seen.is_overseen
        assert (seen.hook.url, seen.lines[0].body) == ("https://ci.example.org/", "")
        assert seen.lines[0].delivery.answer.text == "thanks"
    assert not show_log(hooks.world, hooks.root, index.hook.id).is_overseen
    with hooks.world.store.read() as tx:
        project = find_project(tx, "demo")
    grant(hooks.world, project, hooks.root.user, Role.MAINTAINER)
    assert show_log(hooks.world, hooks.root, made.hook.id).is_overseen
    zoe = Caller(add_person(hooks.world, "zoe", is_admin=True))
    grant(hooks.world, project, zoe.user, Role.OWNER)
    whole = show_log(hooks.world, zoe, made.hook.id)
    assert (whole.hook.url, whole.is_overseen) == (URL, False)
    with pytest.raises(NotFound):
        show_log(hooks.world, hooks.root, 99)
    with pytest.raises(NotFound):
        show_log(hooks.world, by_token(hooks.world, hooks.root, Scope.MANAGE), own.hook.id)
