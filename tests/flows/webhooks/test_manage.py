"""Webhooks are made by who may have them, for places that may be told, and every change is one entry."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.hooks import URL, Hooks, hooks_of
from tests.support.invariants import entries
from tests.support.token_callers import by_token
from tests.support.world import add_person, fake_world, grant

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from homeport.domain.project import Role
from homeport.domain.receiver import Forge
from homeport.domain.throttle import PER_TRIER
from homeport.domain.webhook import MOST_HOOKS, Feed, HookState, Webhook
from homeport.flows.manage_project import find_project
from homeport.flows.users import disable_user
from homeport.flows.webhooks.manage import (
    HookWish,
    add_hook,
    disable_hook,
    enable_hook,
    list_hooks,
    remove_hook,
)
from homeport.flows.webhooks.receivers import add_receiver


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def test_made_changed_and_removed(hooks: Hooks) -> None:
    """A secret that is shown once and stored sealed; each change is one entry, which names the host and no more."""
    before = len(entries(hooks.fakes.store))
    made = hooks.add(Feed.PROJECT, "mode-changed")
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    with hooks.world.store.read() as tx:
        (sealed,) = tx.webhooks.sealed_secrets(made.hook.id, hooks.world.clock.now())
    assert hooks.world.sealer
    assert hooks.world.sealer.open(sealed) == made.secret
    assert made.hook.cursor == before
    hook_id = made.hook.id
    assert disable_hook(hooks.world, hooks.ada, hook_id).disabled_why == "By ada."
    assert disable_hook(hooks.world, hooks.ada, hook_id).state is HookState.DISABLED
    assert enable_hook(hooks.world, hooks.ada, hook_id).state is HookState.LIVE
    assert enable_hook(hooks.world, hooks.ada, hook_id).by == "ada"
    assert list_hooks(hooks.world, hooks.ada, Feed.PROJECT, "demo") == [
        enable_hook(hooks.world, hooks.ada, hook_id)
    ]
    remove_hook(hooks.world, hooks.ada, hook_id)
    assert list_hooks(hooks.world, hooks.ada, Feed.PROJECT, "demo") == []
    told = entries(hooks.fakes.store)[before:]
    assert [one["kind"] for one in told] == [
        "webhook-added",
        "webhook-changed",
        "webhook-changed",
        "webhook-removed",
    ]
    assert told[0]["details"] == {
        "webhook": hook_id,
        "feed": "project",
        "host": "ci.example.org",
        "events": ["mode-changed"],
    }
    assert {one["project"] for one in told} == {"demo"}


@pytest.mark.parametrize("feed", list(Feed))
def test_everybody_concerned_is_told(hooks: Hooks, feed: Feed) -> None:
    """Also who did it: by a stolen token it was not they. The webhook itself is not told that it was added."""
    made = hooks.add(feed)
    hooks.work()
    by = made.hook.by
    with hooks.world.store.read() as tx:
        user = tx.users.by_name(by)
        assert user
        (notice,) = tx.notices.of_user(user.id, limit=5)
    assert notice.kind == "webhook-added"
    assert notice.subject.startswith("A webhook that tells ci.example.org was added to ")
    assert f"By {by}." in notice.text
    assert "notice" not in [event for event, _ in hooks.told()]


def test_a_receiver_is_told_of(hooks: Hooks) -> None:
    """It acts in a maintainer's name: every owner is told that it is there."""
    eve = add_person(hooks.world, "eve")
    with hooks.world.store.read() as tx:
        project = find_project(tx, "demo")
    grant(hooks.world, project, eve, Role.OWNER)
    add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    with hooks.world.store.read() as tx:
        (notice,) = tx.notices.of_user(eve.id, limit=5)
    assert notice.subject == "A receiver of github events was added to demo"


def test_who_may_have_which(hooks: Hooks) -> None:
    """Administrators the index's, owners their project's, everybody their own; others are told that there is none."""
    world = hooks.world
    eve, mia = Caller(add_person(world, "eve")), Caller(add_person(world, "mia"))
    with world.store.read() as tx:
        demo = tx.projects.find("demo")
    assert demo
    grant(world, demo, mia.user)
    made = hooks.add()
    index, own = hooks.add(Feed.INDEX), hooks.add(Feed.PERSON)
    with pytest.raises(Forbidden, match="administrator"):
        hooks.add(Feed.INDEX, caller=hooks.ada)
    for stranger in (eve, mia, hooks.root):
        with pytest.raises(Forbidden):
            hooks.add(caller=stranger)
    with pytest.raises(Forbidden, match="owner"):
        remove_hook(world, mia, made.hook.id)
    for who, hook in ((eve, made), (hooks.root, made), (hooks.ada, index), (eve, own), (hooks.root, own)):
        with pytest.raises(NotFound):
            remove_hook(world, who, hook.hook.id)
    with pytest.raises(NotFound):
        remove_hook(world, hooks.ada, 99)
    narrow = by_token(world, hooks.ada, Scope.MANAGE, projects=("demo",))
    assert list_hooks(world, narrow, Feed.PROJECT, "demo") == [made.hook]
    with pytest.raises(Forbidden):
        list_hooks(world, narrow, Feed.PERSON)
    with pytest.raises(Forbidden):
        list_hooks(world, by_token(world, hooks.ada, Scope.UPLOAD), Feed.PROJECT, "demo")
    assert list_hooks(world, hooks.ada, Feed.PERSON) == [own.hook]
    assert list_hooks(world, hooks.root, Feed.INDEX) == [index.hook]


def test_where_nothing_may_be_told(hooks: Hooks) -> None:
    """A private address, by name or by number, a name that nobody has, or no https: refused, and nothing is kept."""
    hooks.outside.move("inner.example.org", "10.0.0.7")
    for url in (
        "https://inner.example.org/",
        "https://10.0.0.7/",
        "https://gone.example.org/",
        "http://ci.example.org/",
        "https://ci.example.org:8443/",
    ):
        with pytest.raises(Invalid):
            add_hook(hooks.world, hooks.ada, HookWish(Feed.PERSON, url))
    assert list_hooks(hooks.world, hooks.ada, Feed.PERSON) == []


def test_there_are_bounds(hooks: Hooks) -> None:
    """So many webhooks of one project, and so many tries of one person."""
    with hooks.world.store.write() as tx:
        demo = tx.projects.find("demo")
        assert demo
        for _ in range(MOST_HOOKS):
            tx.webhooks.add(
                Webhook(0, Feed.PROJECT, URL, (), "ada", hooks.world.clock.now(), project_id=demo.id), b""
            )
    with pytest.raises(Conflict, match="remove one first"):
        hooks.add()
    for _ in range(PER_TRIER - 1):
        with pytest.raises(Invalid):
            add_hook(hooks.world, hooks.ada, HookWish(Feed.PERSON, "https://gone.example.org/"))
    with pytest.raises(RateLimited):
        hooks.add(Feed.PERSON)


def test_who_was_disabled_meanwhile(hooks: Hooks) -> None:
    """Who asks is asked for again in the transaction that writes."""
    made = hooks.add()
    disable_user(hooks.world, hooks.root, "ada")
    with pytest.raises(Unauthenticated):
        remove_hook(hooks.world, hooks.ada, made.hook.id)


def test_without_what_it_needs(hooks: Hooks) -> None:
    """Where secrets cannot be kept, or nobody can be told, it says so."""
    wish = HookWish(Feed.PERSON, URL)
    for lame in (replace(hooks.world, sealer=None), replace(hooks.world, poster=None)):
        with pytest.raises(Unavailable):
            add_hook(lame, hooks.ada, wish)


def test_an_owner_takes_it_over(hooks: Hooks) -> None:
    """Who enables a webhook answers for it."""
    zoe = add_person(hooks.world, "zoe")
    with hooks.world.store.read() as tx:
        demo = tx.projects.find("demo")
    assert demo
    grant(hooks.world, demo, zoe, Role.OWNER)
    made = hooks.add()
    assert enable_hook(hooks.world, Caller(zoe), made.hook.id).by == "zoe"
