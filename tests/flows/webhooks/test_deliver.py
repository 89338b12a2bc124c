"""Webhooks are fed from the ledger and from notices, told what is due at least once, and given up in the end."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.fake_sealer import FakeSealer
from tests.support.hooks import URL, Hooks, hooks_of
from tests.support.outside import Answer, Mood
from tests.support.world import add_person, add_project, fake_world, grant

from homeport.domain.account import Caller
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.webhook import LOST_AFTER, PAUSES, Feed, HookState, Webhook
from homeport.domain.webhook_delivery import KEPT
from homeport.domain.webhook_signature import is_signed
from homeport.flows.change_status import change_visibility
from homeport.flows.manners.hosts import freeze_host, unfreeze_host
from homeport.flows.membership import revoke_role
from homeport.flows.users import demote_user, disable_user
from homeport.flows.webhooks import feed
from homeport.flows.webhooks.deliver import deliver_next, hooks_ready
from homeport.flows.webhooks.feed import feed_hooks
from homeport.flows.webhooks.manage import disable_hook, enable_hook, remove_hook
from homeport.ports.post import Posted

FILE, MODE = Kind.FILE_PUBLISHED, Kind.MODE_CHANGED
MINUTE = timedelta(minutes=1)


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def find(hooks: Hooks, hook_id: int) -> Webhook:
    """A webhook as it is now."""
    with hooks.world.store.read() as tx:
        hook = tx.webhooks.find(hook_id)
    assert hook
    return hook


def inbox(hooks: Hooks, caller: Caller) -> list[str]:
    """The kinds of notices somebody has."""
    with hooks.world.store.read() as tx:
        return [notice.kind for notice in tx.notices.of_user(caller.user.id, limit=99)]


def pass_rests(hooks: Hooks) -> None:
    """Let the longest pause go by."""
    hooks.fakes.clock.advance(PAUSES[-1])


def test_what_happens_is_told_in_order_and_signed(hooks: Hooks) -> None:
    """Everything from its making on, once each, with the id, the moment and the signature that receivers check."""
    hooks.happen(FILE)
    made = hooks.add()
    first, second = hooks.happen(FILE, filename="demo-1.0.tar.gz"), hooks.happen(MODE)
    hooks.work()
    hooks.work()
    # Its own making is its first event.
    assert hooks.told() == [("webhook-added", first - 1), ("file-published", first), ("mode-changed", second)]
    message = hooks.poster.told[1]
    assert message.url == URL
    assert message.headers["webhook-id"] == f"msg_{made.hook.id}_{first}"
    moment = int(hooks.world.clock.now().timestamp())
    assert is_signed(
        made.secret,
        message.headers["webhook-id"],
        message.headers["webhook-timestamp"],
        message.body,
        message.headers["webhook-signature"],
        moment,
    )
    assert json.loads(message.body)["data"]["details"] == {"filename": "demo-1.0.tar.gz"}


def test_who_is_told_of_what(hooks: Hooks) -> None:
    """A project's webhook of that project, the index's of all, by the events they name; each person's of their notices."""
    add_project(hooks.world, hooks.ada.user, "other")
    hooks.add(Feed.PROJECT, "file-published")
    hooks.add(Feed.INDEX, "file-published", "user-added")
    hooks.add(Feed.PERSON)
    one = hooks.happen(FILE, MODE) - 1
    two = hooks.happen(FILE, project="other")
    three = hooks.happen(Kind.USER_ADDED, project="")
    hooks.notify("Moved")
    hooks.work()
    assert sorted(hooks.told()) == sorted(
        [
            ("file-published", one),
            ("file-published", one),
            ("file-published", two),
            ("user-added", three),
            # Those before it told that each of the three was added.
            ("notice", 4),
        ]
    )
    notice = json.loads(hooks.poster.told[-1].body)["data"]
    assert (notice["subject"], notice["url"]) == ("Moved", f"{hooks.world.base_url}/project/demo/")


def test_a_private_project_is_told_to_its_own_only(hooks: Hooks) -> None:
    """The index's webhooks hear nothing of it, whoever names it; nor of what was due when it became private."""
    own, index = hooks.add(), hooks.add(Feed.INDEX, "file-published", "token-created")
    public = hooks.happen(FILE)
    feed_hooks(hooks.world)
    change_visibility(hooks.world, hooks.ada, "demo", is_private=True)
    hidden = hooks.happen(FILE)
    hooks.happen(Kind.TOKEN_CREATED, project="", projects=["demo"])
    hooks.happen(Kind.TOKEN_CREATED, project="", projects=["nowhere"])
    shown = hooks.happen(Kind.TOKEN_CREATED, project="", projects=[])
    hooks.work()
    messages = [one.headers["webhook-id"] for one in hooks.poster.told]
    assert [one for one in messages if one.startswith(f"msg_{index.hook.id}_")] == [
        f"msg_{index.hook.id}_{shown}"
    ]
    assert {f"msg_{own.hook.id}_{serial}" for serial in (public, hidden)} <= set(messages)
    assert hooks.problems(index.hook.id, hooks.root)[-1] == "There is nothing to tell any more."


def test_a_failure_is_tried_again(hooks: Hooks) -> None:
    """It rests, what comes meanwhile waits with it, and a success lets everything go on."""
    made = hooks.add(Feed.PROJECT, "file-published", "mode-changed")
    hooks.answer(Answer(500, b"Oops."), Answer(body=b"ok"))
    one = hooks.happen(FILE)
    hooks.work()
    failing = find(hooks, made.hook.id)
    assert (failing.state, failing.rests_until) == (HookState.FAILING, hooks.world.clock.now() + MINUTE)
    two = hooks.happen(MODE)
    hooks.work()
    assert len(hooks.poster.told) == 1
    hooks.fakes.clock.advance(MINUTE)
    hooks.work()
    assert hooks.told() == [("file-published", one), ("mode-changed", two), ("file-published", one)]
    ids = [one.headers["webhook-id"] for one in hooks.poster.told]
    assert ids[0] == ids[2]
    assert find(hooks, made.hook.id).state is HookState.LIVE
    assert hooks.problems(made.hook.id) == ["", ""]


def test_one_that_is_never_taken_does_not_hold_up_others(hooks: Hooks) -> None:
    """It waits for its own next try while the rest is told."""
    hooks.add(Feed.PROJECT, "file-published", "mode-changed")
    hooks.answer(Answer(400, b"Not this one."), Answer(), Answer(), Answer(400), Answer())
    hooks.happen(FILE, MODE, MODE)
    hooks.work()
    hooks.fakes.clock.advance(MINUTE - timedelta(seconds=1))
    hooks.work()
    assert [kind for kind, _ in hooks.told()] == ["file-published"]
    hooks.fakes.clock.advance(timedelta(seconds=1))
    hooks.work()
    assert [kind for kind, _ in hooks.told()][1:] == ["mode-changed", "mode-changed", "file-published"]
    hooks.fakes.clock.advance(PAUSES[1])
    hooks.work()
    assert [kind for kind, _ in hooks.told()][4:] == ["file-published"]


@pytest.mark.parametrize("feed_of", list(Feed))
def test_who_takes_nothing_for_days_is_disabled(hooks: Hooks, feed_of: Feed) -> None:
    """After five days people are told, and nothing is tried any more; enabled again, it is told what it missed."""
    made = hooks.add(feed_of)
    hooks.answer(Answer(mood=Mood.HANGS_UP))
    hooks.happen(FILE)
    hooks.notify("Moved")
    start = hooks.world.clock.now()
    while find(hooks, made.hook.id).disabled_at is None:
        pass_rests(hooks)
        hooks.work()
    assert hooks.world.clock.now() - start >= LOST_AFTER
    owner = hooks.root if feed_of is Feed.INDEX else hooks.ada
    assert "webhook-disabled" in inbox(hooks, owner)
    assert "broke off" in find(hooks, made.hook.id).disabled_why
    hooks.answer(Answer(body=b"back"))
    last = hooks.happen(MODE)
    pass_rests(hooks)
    hooks.work()
    assert hooks.poster.told == []
    enable_hook(hooks.world, owner, made.hook.id)
    hooks.work()
    assert ("notice", 2) in hooks.told() if feed_of is Feed.PERSON else ("mode-changed", last) in hooks.told()


def test_who_is_gone_for_good_is_disabled_at_once(hooks: Hooks) -> None:
    """410 says so; a redirect is a failure, and is not followed."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(302, headers=(("location", "https://ci.example.org/other"),)), Answer(410))
    hooks.happen(FILE)
    hooks.work()
    assert hooks.problems(made.hook.id) == ["It answered with status 302; redirects are not followed."]
    assert len(hooks.poster.told) == 1
    hooks.fakes.clock.advance(MINUTE)
    hooks.work()
    assert find(hooks, made.hook.id).disabled_why == "It answered that it is gone for good (410)."


def test_who_asks_for_a_pause_gets_it(hooks: Hooks) -> None:
    """Retry-After puts the next try off."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.answer(Answer(503, headers=(("retry-after", "7200"),)))
    hooks.happen(FILE)
    hooks.work()
    assert find(hooks, made.hook.id).rests_until == hooks.world.clock.now() + timedelta(hours=2)


def test_an_address_that_became_private_is_told_nothing(hooks: Hooks) -> None:
    """It was public when it was added; it is looked up and checked at every use."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.outside.move("ci.example.org", "169.254.169.254")
    hooks.happen(FILE)
    hooks.work()
    assert hooks.poster.told == []
    assert "not a public address" in hooks.problems(made.hook.id, hooks.root)[0]


def test_a_frozen_host_is_told_nothing(hooks: Hooks) -> None:
    """What an administrator froze is asked nothing; it goes on when that ends."""
    made = hooks.add(Feed.PROJECT, "file-published")
    freeze_host(hooks.world, hooks.root, "ci.example.org", "Sold.")
    hooks.happen(FILE)
    hooks.work()
    assert hooks.poster.told == []
    assert hooks.problems(made.hook.id) == ["ci.example.org is frozen: nothing is asked there. Sold."]
    unfreeze_host(hooks.world, hooks.root, "ci.example.org", "Bought back.")
    pass_rests(hooks)
    hooks.work()
    assert len(hooks.poster.told) == 1


def test_an_owner_who_is_none_any_more_hears_no_more(hooks: Hooks) -> None:
    """Their webhook is disabled before it is told anything else; the owners that there are learn why (T-32)."""
    zoe = add_person(hooks.world, "zoe")
    with hooks.world.store.read() as tx:
        demo = tx.projects.find("demo")
    assert demo
    grant(hooks.world, demo, zoe, Role.OWNER)
    made = hooks.add(caller=Caller(zoe))
    hooks.work()
    told = len(hooks.poster.told)
    revoke_role(hooks.world, hooks.ada, "demo", "zoe")
    hooks.happen(FILE)
    hooks.work()
    assert len(hooks.poster.told) == told
    assert find(hooks, made.hook.id).disabled_why == "zoe, who answers for it, does not own demo any more."
    assert "webhook-disabled" in inbox(hooks, hooks.ada)


def test_an_administrator_who_is_none_any_more(hooks: Hooks) -> None:
    """The index's webhook is disabled with whoever answers for it."""
    adm = Caller(add_person(hooks.world, "adm", is_admin=True))
    made = hooks.add(Feed.INDEX, caller=adm)
    demote_user(hooks.world, hooks.root, "adm")
    hooks.work()
    assert hooks.poster.told == []
    assert "administer" in find(hooks, made.hook.id).disabled_why
    assert "webhook-disabled" in inbox(hooks, hooks.root)


def test_an_account_that_is_closed(hooks: Hooks) -> None:
    """Its own webhooks are told nothing more."""
    made = hooks.add(Feed.PERSON)
    hooks.notify("Moved")
    disable_user(hooks.world, hooks.root, "ada")
    hooks.work()
    assert hooks.poster.told == []
    assert "not open" in find(hooks, made.hook.id).disabled_why


def test_a_lost_key_is_told(hooks: Hooks) -> None:
    """A secret that cannot be opened signs nothing: nothing is sent."""
    made = hooks.add(Feed.PROJECT, "file-published")
    assert isinstance(hooks.world.sealer, FakeSealer)
    hooks.world.sealer.lose_key()
    hooks.happen(FILE)
    hooks.work()
    assert hooks.poster.told == []
    assert "cannot be opened" in hooks.problems(made.hook.id)[0]


class Broken:
    """A poster that meets what nobody expected; ``first`` happens before."""

    def objection(self, url: str) -> Posted | None:
        """See the port."""
        return None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See the port."""
        raise ZeroDivisionError(url)


def test_what_nobody_expected_is_a_failure(hooks: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once with an id, which the log of the webhook names; it is not due at once for ever."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(FILE)
    feed_hooks(hooks.world)
    broken = replace(hooks.world, poster=Broken())
    assert not deliver_next(broken, made.hook.id)
    assert "a webhook met what nobody expected" in caplog.text
    assert "Nobody expected this" in hooks.problems(made.hook.id)[0]
    assert not hooks_ready(hooks.world)


def test_what_goes_while_it_is_told(hooks: Hooks) -> None:
    """Removed or disabled meanwhile: nothing is written of the one, and the other stays disabled."""
    for change in (disable_hook, remove_hook):
        made = hooks.add(Feed.PROJECT, "file-published")
        hooks.happen(FILE)
        feed_hooks(hooks.world)

        class Changes(Broken):
            def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
                change(hooks.world, hooks.ada, made.hook.id)  # noqa: B023 - used within this round
                return Posted(500)

        assert not deliver_next(replace(hooks.world, poster=Changes()), made.hook.id)
        with hooks.world.store.read() as tx:
            left = tx.webhooks.find(made.hook.id)
        assert left is None or left.state is HookState.DISABLED
        assert not deliver_next(hooks.world, made.hook.id)


def test_voided_and_enabled_meanwhile(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it counts is asked again in the transaction that disables it."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(FILE)
    feed_hooks(hooks.world)
    answers = iter(["Not any more.", ""])
    monkeypatch.setattr("homeport.flows.webhooks.deliver.why_void", lambda *_: next(answers))
    assert not deliver_next(hooks.world, made.hook.id)
    assert find(hooks, made.hook.id).state is HookState.LIVE


def test_feeding_is_bounded(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many entries at once; a webhook with much waiting waits, and those beside it go on."""
    monkeypatch.setattr(feed, "ENTRIES_AT_ONCE", 2)
    monkeypatch.setattr(feed, "MOST_WAITING", 3)
    slow = hooks.add(Feed.PROJECT, "file-published")
    quick = hooks.add(Feed.PROJECT, "mode-changed")
    hooks.happen(*[FILE] * 5)
    last = hooks.happen(MODE)
    while feed_hooks(hooks.world):
        pass
    assert find(hooks, slow.hook.id).cursor < last
    assert find(hooks, quick.hook.id).cursor == last
    hooks.work()
    hooks.work()
    assert [kind for kind, _ in hooks.told()].count("file-published") == 5
    hooks.add(Feed.PERSON)
    for number in range(3):
        hooks.notify(str(number))
    assert [feed_hooks(hooks.world) for _ in range(3)][1:] == [1, 0]


def test_a_kill_between_sending_and_marking_sends_twice(hooks: Hooks) -> None:
    """At least once, with the same id: the row is due until it is marked."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(FILE)
    feed_hooks(hooks.world)
    before = hooks.fakes.store.committed
    assert deliver_next(hooks.world, made.hook.id)
    hooks.fakes.store.committed = before
    hooks.work()
    assert len({one.headers["webhook-id"] for one in hooks.poster.told}) == 1
    assert len(hooks.poster.told) == 2


def test_old_deliveries_go(hooks: Hooks) -> None:
    """What is older than 30 days is dropped when something else is told."""
    made = hooks.add(Feed.PROJECT, "file-published")
    hooks.happen(FILE)
    hooks.work()
    hooks.fakes.clock.advance(KEPT + MINUTE)
    hooks.happen(FILE)
    hooks.work()
    assert len(hooks.problems(made.hook.id)) == 1


def test_a_notice_that_is_gone(hooks: Hooks) -> None:
    """What is not there any more is given up."""
    made = hooks.add(Feed.PERSON)
    with hooks.world.store.write() as tx:
        tx.webhooks.add_delivery(made.hook.id, "notice", 77, hooks.world.clock.now())
    hooks.work()
    assert hooks.problems(made.hook.id) == ["There is nothing to tell any more."]
    index = hooks.add(Feed.INDEX)
    with hooks.world.store.write() as tx:
        tx.webhooks.add_delivery(index.hook.id, "mode-changed", 7777, hooks.world.clock.now())
    hooks.work()
    assert "There is nothing to tell any more." in hooks.problems(index.hook.id, hooks.root)
