"""A secret is renewed in its place: for a day the old and the new one count, and then the new one only."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.fake_sealer import FakeSealer
from tests.support.forges import recorded, told
from tests.support.hooks import Hooks, hooks_of
from tests.support.invariants import entries
from tests.support.world import add_person, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, NotFound, RateLimited
from homeport.domain.ledger import Kind
from homeport.domain.receiver import Forge
from homeport.domain.throttle import LONGEST_WINDOW, PER_RENEWER, asking
from homeport.domain.webhook import Feed
from homeport.domain.webhook_signature import BOTH_COUNT_FOR, is_signed
from homeport.flows.attempts import count
from homeport.flows.webhooks.manage import list_hooks, renew_secret
from homeport.flows.webhooks.receive import receive
from homeport.flows.webhooks.receivers import add_receiver, list_receivers, renew_receiver_secret

SECOND = timedelta(seconds=1)


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    """An index with ada, who owns demo, and root, who administers it."""
    with fake_world(tmp_path) as fakes:
        yield hooks_of(fakes)


def signed_by(hooks: Hooks, *secrets: str) -> list[bool]:
    """Which of the secrets sign what is told next."""
    hooks.happen(Kind.FILE_PUBLISHED)
    hooks.work()
    message = hooks.poster.told[-1]
    number, moment, signatures = (
        message.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")
    )
    return [is_signed(one, number, moment, message.body, signatures, int(moment)) for one in secrets]


def test_both_sign_for_a_day(hooks: Hooks) -> None:
    """The new one is shown once; one entry and a notice tell of it, and neither tells a secret."""
    made = hooks.add()
    before = len(entries(hooks.fakes.store))
    renewed = renew_secret(hooks.world, hooks.ada, made.hook.id)
    assert renewed.secret != made.secret
    assert renewed.secret not in repr(renewed)
    assert renewed.hook.both_until == hooks.world.clock.now() + BOTH_COUNT_FOR
    assert list_hooks(hooks.world, hooks.ada, Feed.PROJECT, "demo") == [renewed.hook]
    assert signed_by(hooks, made.secret, renewed.secret) == [True, True]
    assert hooks.poster.told[-1].headers["webhook-signature"].count("v1,") == 2
    hooks.fakes.clock.advance(BOTH_COUNT_FOR - SECOND)
    assert signed_by(hooks, made.secret, renewed.secret) == [True, True]
    hooks.fakes.clock.advance(SECOND)
    assert signed_by(hooks, made.secret, renewed.secret) == [False, True]
    (entry,) = [one for one in entries(hooks.fakes.store)[before:] if one["kind"] == "webhook-changed"]
    assert entry["details"] == {
        "webhook": made.hook.id,
        "feed": "project",
        "host": "ci.example.org",
        "secret": "renewed",
    }
    with hooks.world.store.read() as tx:
        notice = tx.notices.of_user(hooks.ada.user.id, limit=1)[0]
    assert notice.subject == "The webhook that tells ci.example.org has another secret (demo)"
    assert "By ada." in notice.text
    assert renewed.secret not in notice.text


def test_twice_within_a_day(hooks: Hooks) -> None:
    """The first secret ends at once: whoever found it out signs nothing any more."""
    made = hooks.add()
    second = renew_secret(hooks.world, hooks.ada, made.hook.id)
    third = renew_secret(hooks.world, hooks.ada, made.hook.id)
    assert signed_by(hooks, made.secret, second.secret, third.secret) == [False, True, True]


def test_a_new_secret_helps_where_the_key_was_lost(hooks: Hooks) -> None:
    """What is told is signed by it at once, and what it signs is read: nobody waits for the end of what cannot be opened."""
    made, receiver = hooks.add(), add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    assert isinstance(hooks.world.sealer, FakeSealer)
    hooks.world.sealer.lose_key()
    renewed = renew_secret(hooks.world, hooks.ada, made.hook.id)
    assert signed_by(hooks, made.secret, renewed.secret) == [False, True]
    secret = renew_receiver_secret(hooks.world, hooks.ada, receiver.receiver.id).secret
    body = recorded("github_release")
    with pytest.raises(Conflict, match="no source"):
        receive(hooks.world, receiver.receiver.key, told("github_release", secret, body), body)


def test_a_receiver_takes_both_for_a_day(hooks: Hooks) -> None:
    """What is signed by either is read; after a day by the new one only."""
    made = add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    renewed = renew_receiver_secret(hooks.world, hooks.ada, made.receiver.id)
    assert renewed.receiver.both_until == hooks.world.clock.now() + BOTH_COUNT_FOR
    (view,) = list_receivers(hooks.world, hooks.ada, "demo")
    assert view.receiver == renewed.receiver
    body = recorded("github_release")

    def is_read(secret: str) -> bool:
        try:
            receive(hooks.world, made.receiver.key, told("github_release", secret, body), body)
        except Forbidden:
            return False
        except Conflict:
            # It was read: its repository is no source of the project.
            return True
        raise AssertionError("there is nothing to begin with")

    assert [is_read(secret) for secret in (made.secret, renewed.secret, "whsec_")] == [True, True, False]
    hooks.fakes.clock.advance(BOTH_COUNT_FOR)
    assert [is_read(secret) for secret in (made.secret, renewed.secret)] == [False, True]
    told_of = [one for one in entries(hooks.fakes.store) if one["kind"] == "receiver-changed"]
    assert [one["details"]["secret"] for one in told_of] == ["renewed"]
    with hooks.world.store.read() as tx:
        notice = tx.notices.of_user(hooks.ada.user.id, limit=1)[0]
    assert notice.subject == "The receiver of github events has another secret (demo)"


def test_who_may(hooks: Hooks) -> None:
    """Who may have it: not even an administrator gets the secret of somebody else's."""
    made, receiver = hooks.add(), add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    for stranger in (hooks.root, Caller(add_person(hooks.world, "eve"))):
        with pytest.raises(NotFound):
            renew_secret(hooks.world, stranger, made.hook.id)
        with pytest.raises(NotFound):
            renew_receiver_secret(hooks.world, stranger, receiver.receiver.id)


def test_so_many_within_an_hour(hooks: Hooks) -> None:
    """Of one person, for webhooks and receivers together, whatever fails elsewhere meanwhile; others have their own."""
    made, receiver = hooks.add(), add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    own, of_index = hooks.add(Feed.PERSON), hooks.add(Feed.INDEX)
    begun = hooks.world.clock.now()
    for _ in range(PER_RENEWER - 2):
        renew_secret(hooks.world, hooks.ada, made.hook.id)
    hooks.fakes.clock.advance(LONGEST_WINDOW / 2)
    renew_secret(hooks.world, hooks.ada, own.hook.id)
    renew_receiver_secret(hooks.world, hooks.ada, receiver.receiver.id)
    with hooks.world.store.write() as tx:
        count(tx, [asking("198.51.100.7")], hooks.world.clock.now())
    with hooks.world.store.read() as tx:
        told = tx.notices.count(hooks.ada.user.id, "webhook-renewed", begun)
    for again in (
        lambda: renew_secret(hooks.world, hooks.ada, made.hook.id),
        lambda: renew_receiver_secret(hooks.world, hooks.ada, receiver.receiver.id),
    ):
        with pytest.raises(RateLimited, match=r"10 new secrets within an hour\. Wait 30 minutes") as refused:
            again()
        assert (refused.value.code, refused.value.retry_after_seconds) == ("renewed-too-often", 1800)
    with hooks.world.store.read() as tx:
        assert tx.notices.count(hooks.ada.user.id, "webhook-renewed", begun) == told
    renew_secret(hooks.world, hooks.root, of_index.hook.id)
    hooks.fakes.clock.advance(LONGEST_WINDOW / 2)
    renew_secret(hooks.world, hooks.ada, made.hook.id)


def test_a_secret_that_ended_is_not_kept(hooks: Hooks) -> None:
    """What ends is forgotten with the next thing that is told, or heard, and not a month later."""
    made, receiver = hooks.add(), add_receiver(hooks.world, hooks.ada, "demo", Forge.GITHUB)
    renew_secret(hooks.world, hooks.ada, made.hook.id)
    secret = renew_receiver_secret(hooks.world, hooks.ada, receiver.receiver.id).secret
    body = recorded("github_release")

    def kept() -> tuple[int, int]:
        hooks.happen(Kind.FILE_PUBLISHED)
        hooks.work()
        with pytest.raises(Conflict, match="no source"):
            receive(hooks.world, receiver.receiver.key, told("github_release", secret, body), body)
        tables = hooks.fakes.store.committed
        return len(tables.webhooks[made.hook.id][1]), len(tables.receivers[receiver.receiver.id][1])

    hooks.fakes.clock.advance(BOTH_COUNT_FOR - SECOND)
    assert kept() == (2, 2)
    hooks.fakes.clock.advance(SECOND)
    assert kept() == (1, 1)
