"""The contract of ``ports.webhooks``: webhooks, deliveries, receivers and what they were told; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support.fake_store import FakeStore

from homeport.adapters.db.store import SqlStore
from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.project import Project
from homeport.domain.receiver import Forge, Receiver, Reception
from homeport.domain.webhook import Feed, HookState, Webhook
from homeport.domain.webhook_delivery import Answer
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.webhooks import HookFilter

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)
ANSWER = Answer(502, "No.", "It answered with status 502.", 17, is_inner=True)


def begin(tx: Transaction) -> tuple[Project, User]:
    """A project and a person."""
    project = tx.projects.add(ProjectName.parse("Demo"), HostingMode.CACHE, NOW)
    return project, tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)


def hook(feed: Feed = Feed.INDEX, **more: object) -> Webhook:
    """A webhook to be added."""
    return replace(Webhook(0, feed, "https://ci.example.org/", ("mode-changed",), "ada", NOW), **more)  # type: ignore[arg-type]


def test_a_webhook_is_remembered_whole(store: FakeStore | SqlStore) -> None:
    """What is added and changed is found by id and by whose it is, its secret apart; what is removed is gone."""
    with store.write() as tx:
        project, ada = begin(tx)
        index = tx.webhooks.add(hook(), b"sealed-1")
        own = tx.webhooks.add(hook(Feed.PERSON, user_id=ada.id, events=()), b"sealed-2")
        of_demo = tx.webhooks.add(hook(Feed.PROJECT, project_id=project.id), b"sealed-3")
        assert of_demo.project == "demo"
        changed = replace(
            of_demo,
            by="eve",
            cursor=7,
            failures=2,
            failing_since=NOW,
            rests_until=NOW + MINUTE,
            disabled_at=NOW,
            disabled_why="Gone.",
            stopped_at=NOW,
            stopped_by="root",
            stopped_why="It floods.",
        )
        tx.webhooks.put(changed)
    with store.read() as tx:
        assert tx.webhooks.find(of_demo.id) == changed
        assert tx.webhooks.find(99) is None
        assert tx.webhooks.of(Feed.INDEX) == tx.webhooks.of(Feed.INDEX, ada.id) == [index]
        assert tx.webhooks.of(Feed.PROJECT, project.id) == [changed]
        assert tx.webhooks.of(Feed.PERSON, ada.id) == [own]
        assert tx.webhooks.sealed_secrets(own.id, NOW) == [b"sealed-2"]
    with store.write() as tx:
        tx.webhooks.add_delivery(own.id, "notice", 3, NOW)
        tx.webhooks.remove(own.id)
        assert (tx.webhooks.find(own.id), tx.webhooks.waiting(own.id)) == (None, 0)


def test_who_is_behind(store: FakeStore | SqlStore) -> None:
    """Those whose cursor is before the newest entry, or notice; not the disabled, nor who has much waiting."""
    with store.write() as tx:
        _, ada = begin(tx)
        near, far = tx.webhooks.add(hook(cursor=8), b""), tx.webhooks.add(hook(cursor=2), b"")
        tx.webhooks.add(hook(cursor=9), b"")
        disabled = tx.webhooks.add(hook(), b"")
        tx.webhooks.put(disabled.disabled(NOW, ""))
        own = tx.webhooks.add(hook(Feed.PERSON, user_id=ada.id), b"")
        assert tx.webhooks.behind(9, most_waiting=2, limit=9) == [far, near]
        assert tx.webhooks.behind(9, most_waiting=2, limit=1) == [far]
        for serial in (1, 2):
            tx.webhooks.add_delivery(far.id, "mode-changed", serial, NOW)
        assert tx.webhooks.behind(9, most_waiting=2, limit=9) == [near]
        assert tx.webhooks.behind_notices(most_waiting=2, limit=9) == []
        tx.notices.add(ada.id, Notice("drift", "Moved", "Look.", "/", NOW))
        assert tx.webhooks.behind_notices(most_waiting=2, limit=9) == [own]
        tx.webhooks.put(replace(own, cursor=tx.notices.newest(ada.id)))
        assert tx.webhooks.behind_notices(most_waiting=2, limit=9) == []


def test_cursors_move_on_together(store: FakeStore | SqlStore) -> None:
    """Those that are named, and never back."""
    with store.write() as tx:
        begin(tx)
        near, far, other = (tx.webhooks.add(hook(cursor=cursor), b"") for cursor in (8, 2, 1))
        tx.webhooks.advance([near.id, far.id], 5)
        assert [tx.webhooks.find(one.id) for one in (near, far, other)] == [
            near,
            replace(far, cursor=5),
            other,
        ]


def test_notices_are_numbered(store: FakeStore | SqlStore) -> None:
    """A person's notices after a number come in order, each with its own."""
    with store.write() as tx:
        _, ada = begin(tx)
        eve = tx.users.add("eve", "eve@example.org", None, is_admin=False, at=NOW)
        assert tx.notices.newest(ada.id) == 0
        for who, subject in ((ada, "one"), (eve, "other"), (ada, "two")):
            tx.notices.add(who.id, Notice("drift", subject, "", "/", NOW))
        (first, one), (second, two) = tx.notices.after(ada.id, 0, limit=9)
        assert (one.subject, two.subject) == ("one", "two")
        assert list(tx.notices.after(ada.id, first, limit=9)) == [(second, two)]
        assert [number for number, _ in tx.notices.after(ada.id, 0, limit=1)] == [first]
        assert tx.notices.newest(ada.id) == second


def test_deliveries(store: FakeStore | SqlStore) -> None:
    """One entry is one delivery, due again when it is added again; they come back whole, newest first."""
    with store.write() as tx:
        one = tx.webhooks.add(hook(), b"")
        first = tx.webhooks.add_delivery(one.id, "mode-changed", 5, NOW)
        assert (first.due_at, first.tries) == (NOW, 0)
        tried = first.tried(NOW, ANSWER)
        tx.webhooks.put_delivery(tried)
        assert tx.webhooks.delivery(first.id) == tried
        assert tx.webhooks.next_due(one.id, NOW) is None
        assert tx.webhooks.next_due(one.id, NOW + MINUTE) == tried
        again = tx.webhooks.add_delivery(one.id, "mode-changed", 5, NOW + MINUTE)
        assert (again.id, again.due_at, again.tries) == (first.id, NOW + MINUTE, 0)
        tests = [tx.webhooks.add_delivery(one.id, "test", 0, NOW) for _ in range(2)]
        assert tests[0].id != tests[1].id
        assert tx.webhooks.waiting(one.id) == 3
        assert tx.webhooks.next_due(one.id, NOW + MINUTE) == tests[0]
        listed = tx.webhooks.deliveries(one.id, limit=9)
        assert [each.id for each in listed] == [tests[1].id, tests[0].id, first.id]
        assert list(tx.webhooks.deliveries(one.id, before=tests[1].id, limit=1)) == [tests[0]]
        assert tx.webhooks.delivery(99) is None


def test_who_is_ready(store: FakeStore | SqlStore) -> None:
    """Who has something due, is awake and not disabled; the longest due first."""
    with store.write() as tx:
        late, early, resting, disabled, idle = (tx.webhooks.add(hook(), b"") for _ in range(5))
        for one, at in ((late, NOW), (early, NOW - MINUTE), (resting, NOW), (disabled, NOW)):
            tx.webhooks.add_delivery(one.id, "test", 0, at)
        tx.webhooks.put(replace(resting, rests_until=NOW + MINUTE))
        tx.webhooks.put(disabled.disabled(NOW, ""))
        assert list(tx.webhooks.ready(NOW, limit=9)) == [early.id, late.id]
        assert list(tx.webhooks.ready(NOW, limit=1)) == [early.id]
        assert list(tx.webhooks.ready(NOW - MINUTE, limit=9)) == [early.id]
        assert resting.id in tx.webhooks.ready(NOW + MINUTE, limit=9)
        assert idle.id not in tx.webhooks.ready(NOW + MINUTE, limit=9)


def test_old_deliveries_are_forgotten(store: FakeStore | SqlStore) -> None:
    """Those that are over and old; what still waits stays."""
    with store.write() as tx:
        one = tx.webhooks.add(hook(), b"")
        over, waits, young = (tx.webhooks.add_delivery(one.id, "test", 0, NOW + n * MINUTE) for n in range(3))
        for each in (over, young):
            tx.webhooks.put_delivery(replace(each, due_at=None))
        tx.webhooks.forget_old(NOW + 2 * MINUTE)
        assert [each.id for each in tx.webhooks.deliveries(one.id, limit=9)] == [young.id, waits.id]


def test_receivers(store: FakeStore | SqlStore) -> None:
    """A receiver is found by id, by key and by project; what it was told is kept until it is old, or it is removed."""
    with store.write() as tx:
        project, _ = begin(tx)
        one = tx.receivers.add(Receiver(0, "ab" * 16, project.id, "demo", Forge.GITEA, "ada", NOW), b"sealed")
        other = tx.receivers.add(replace(one, key="cd" * 16), b"other")
        assert (tx.receivers.find(one.id), tx.receivers.by_key("cd" * 16)) == (one, other)
        assert (tx.receivers.find(99), tx.receivers.by_key("")) == (None, None)
        assert tx.receivers.of_project(project.id) == [one, other]
        assert tx.receivers.sealed_secrets(other.id, NOW) == [b"other"]
        marks = [Sha256.of(b"id"), Sha256.of(b"body")]
        assert not tx.receivers.is_known(one.id, marks)
        tx.receivers.remember(one.id, marks, NOW)
        tx.receivers.remember(one.id, marks[:1], NOW + MINUTE)
        assert tx.receivers.is_known(one.id, [Sha256.of(b"else"), marks[1]])
        assert not tx.receivers.is_known(other.id, marks)
        told = [
            tx.receivers.add_reception(Reception(0, one.id, "release v1", NOW + n * MINUTE, 202, "Yes.", n))
            for n in range(2)
        ]
        assert list(tx.receivers.receptions(one.id, limit=9)) == told[::-1]
        assert list(tx.receivers.receptions(one.id, limit=1)) == told[1:]
        tx.receivers.forget_old(NOW + MINUTE)
        assert not tx.receivers.is_known(one.id, marks)
        assert list(tx.receivers.receptions(one.id, limit=9)) == told[1:]
        tx.receivers.remember(one.id, marks, NOW)
        tx.receivers.remove(one.id)
        assert tx.receivers.of_project(project.id) == [other]
        assert list(tx.receivers.receptions(one.id, limit=9)) == []


def test_a_secret_before_the_present_one(store: FakeStore | SqlStore) -> None:
    """It counts until its moment, beside the present one; of a third the first is forgotten, and in the end the old one."""
    with store.write() as tx:
        project, _ = begin(tx)
        one, other = tx.webhooks.add(hook(), b"1"), tx.webhooks.add(hook(), b"other")
        its = tx.receivers.add(Receiver(0, "ab" * 16, project.id, "demo", Forge.GITEA, "ada", NOW), b"1")
        for table, number in ((tx.webhooks, one.id), (tx.receivers, its.id)):
            assert table.sealed_secrets(number, NOW) == [b"1"]
            table.renew(number, b"2", NOW + MINUTE)
            assert table.sealed_secrets(number, NOW) == [b"2", b"1"]
            assert table.sealed_secrets(number, NOW + MINUTE) == [b"2"]
            table.renew(number, b"3", NOW + 2 * MINUTE)
            assert table.sealed_secrets(number, NOW) == [b"3", b"2"]
            found = table.find(number)
            assert found is not None
            assert found.both_until == NOW + 2 * MINUTE
        assert tx.webhooks.sealed_secrets(other.id, NOW) == [b"other"]
        # What is stored of a webhook otherwise leaves its secrets alone.
        tx.webhooks.put(one)
        tx.receivers.put(its)
        for table, number in ((tx.webhooks, one.id), (tx.receivers, its.id)):
            table.forget_secrets(NOW + 2 * MINUTE - MOMENT)
            assert table.sealed_secrets(number, NOW) == [b"3", b"2"]
            table.forget_secrets(NOW + 2 * MINUTE)
            assert table.sealed_secrets(number, NOW) == [b"3"]
            found = table.find(number)
            assert found is not None
            assert found.both_until is None


def test_webhooks_of_everybody(store: FakeStore | SqlStore) -> None:
    """By owner, state, failures and age, newest first."""
    with store.write() as tx:
        project, ada = begin(tx)
        index = tx.webhooks.add(hook(), b"")
        of_demo = tx.webhooks.add(hook(Feed.PROJECT, project_id=project.id), b"")
        own = tx.webhooks.add(hook(Feed.PERSON, user_id=ada.id), b"")
        tx.webhooks.put(of_demo.failed(NOW).failed(NOW))
        tx.webhooks.put(own.failed(NOW).stopped(NOW, "root", "Why."))

        def found(**wanted: object) -> list[int]:
            return [one.id for one in tx.webhooks.every(HookFilter(**wanted), limit=9)]  # type: ignore[arg-type]

        assert found() == [own.id, of_demo.id, index.id]
        assert [one.id for one in tx.webhooks.every(HookFilter(), limit=2)] == [own.id, of_demo.id]
        assert found(before=own.id) == [of_demo.id, index.id]
        assert (found(owner="demo"), found(owner="DeMo"), found(owner="ada")) == (
            [of_demo.id],
            [of_demo.id],
            [own.id],
        )
        assert found(owner="eve") == found(owner="Ada") == found(owner="index") == []
        assert [found(feed=feed) for feed in Feed] == [[index.id], [of_demo.id], [own.id]]
        assert [found(state=state) for state in HookState] == [[index.id], [of_demo.id], [own.id]]
        assert (found(failures=1), found(failures=2)) == ([own.id, of_demo.id], [of_demo.id])


def test_receivers_of_everybody(store: FakeStore | SqlStore) -> None:
    """By project, state, what they refused, and age, newest first; who stopped one is remembered, and forgotten."""
    with store.write() as tx:
        project, _ = begin(tx)
        new = Receiver(0, "ab" * 16, project.id, "demo", Forge.GITEA, "ada", NOW)
        live, failing, stopped = (tx.receivers.add(replace(new, key=f"{n:032}"), b"") for n in range(3))
        for status in (202, 409, 403):
            tx.receivers.add_reception(Reception(0, failing.id, "release v1", NOW, status, "So."))
        changed = stopped.stopped(NOW, "root", "Why.")
        tx.receivers.put(changed)
        assert tx.receivers.find(stopped.id) == changed

        def found(**wanted: object) -> list[tuple[int, int]]:
            stands = tx.receivers.every(HookFilter(**wanted), limit=9)  # type: ignore[arg-type]
            return [(one.receiver.id, one.refused) for one in stands]

        assert found() == [(stopped.id, 0), (failing.id, 2), (live.id, 0)]
        assert [one.receiver for one in tx.receivers.every(HookFilter(), limit=1)] == [changed]
        assert found(before=failing.id) == [(live.id, 0)]
        assert (found(owner="demo"), found(owner="De-Mo"), found(owner="ada")) == (found(), [], [])
        assert [found(feed=feed) for feed in Feed] == [[], found(owner="Demo"), []]
        assert [found(state=state) for state in HookState] == [
            [(live.id, 0)],
            [(failing.id, 2)],
            [(stopped.id, 0)],
        ]
        assert (found(failures=2), found(failures=3)) == ([(failing.id, 2)], [])
        tx.receivers.put(changed.let_go())
        assert tx.receivers.find(stopped.id) == stopped


def test_a_name_that_is_many_things(store: FakeStore | SqlStore) -> None:
    """A project, a person and the index may be called alike: whoever asks for a feed gets that one's."""
    with store.write() as tx:
        project = tx.projects.add(ProjectName.parse("In.Dex"), HostingMode.CACHE, NOW)
        named = tx.projects.add(ProjectName.parse("Index"), HostingMode.CACHE, NOW)
        person = tx.users.add("index", "index@example.org", None, is_admin=False, at=NOW)
        of_index = tx.webhooks.add(hook(), b"")
        of_other = tx.webhooks.add(hook(Feed.PROJECT, project_id=project.id), b"")
        of_project = tx.webhooks.add(hook(Feed.PROJECT, project_id=named.id), b"")
        of_person = tx.webhooks.add(hook(Feed.PERSON, user_id=person.id, by="index"), b"")

        def found(**wanted: object) -> list[int]:
            return [one.id for one in tx.webhooks.every(HookFilter(**wanted), limit=9)]  # type: ignore[arg-type]

        assert found(owner="index") == [of_person.id, of_project.id]
        assert [found(owner="index", feed=feed) for feed in Feed] == [[], [of_project.id], [of_person.id]]
        assert found(feed=Feed.INDEX) == [of_index.id]
        assert found(owner="IN_dex") == [of_other.id]
