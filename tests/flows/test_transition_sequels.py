"""Mistakes about bytes that somebody agreed to and about webhooks of everybody, planted: fine, and objected to with the mistake.

Each mistake is what a few lines of the product would do otherwise; each story is told by the machine's own steps.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from unittest.mock import patch

import pytest
from tests.flows.test_transition_machine import TransitionMachine, playing, tell
from tests.support.fake_blobs import FakeBlobs, FakeIncoming
from tests.support.fake_store import FakeNotices
from tests.support.transition_hooks import ITS_OWN, MINE
from tests.support.transition_sequels import SEEN
from tests.support.transition_stage import NAMES, bodies, sha256_of
from tests.support.transition_stored import DAMAGED, LOST, SWAPPED

from homeport.domain.digests import Sha256
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, State
from homeport.domain.webhook import Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.flows.notify import tell as tell_people
from homeport.flows.rehost import close, plan, publish, start, testimony
from homeport.flows.webhooks import deliver, manage
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction

Story = Callable[[TransitionMachine], None]
Plant = Callable[[], AbstractContextManager[object]]
_ALL = 10_000


# Bytes that somebody agreed to


def a_site_has_other_bytes_by_then(machine: TransitionMachine) -> None:
    """Ada agrees to what she saw, and the site has other bytes before a worker comes to it: hers become public."""
    tell(machine, lambda: machine.the_outside_changes_behind_an_answer("demo", "other", dies=True))
    assert machine.model.projects["demo"].public == {
        name: sha256_of("demo", name, 0) for name in bodies("demo")
    }


def stored_bytes_are_swapped(machine: TransitionMachine) -> None:
    """Ada agrees, the disk has other bytes for a file; she is told, begins again, and agrees to what comes anew."""
    tell(machine, lambda: machine.agreed_bytes_go_bad("demo", 0, SWAPPED, begins_again=True))
    assert machine.model.projects["demo"].public.keys() == bodies("demo").keys()


def damaged_bytes_are_uploaded(machine: TransitionMachine) -> None:
    """Ada agrees, the disk damages a file, and she uploads the same one: what everybody gets is what she sent."""
    tell(
        machine,
        lambda: machine.agreed_bytes_go_bad("demo", 2, DAMAGED, begins_again=False),
        *[lambda number=number: machine.somebody_uploads("demo", number, 0, "ada") for number in range(3)],
    )
    assert machine.model.projects["demo"].public.keys() == bodies("demo").keys()


def stored_bytes_are_lost(machine: TransitionMachine) -> None:
    """Ada agrees, and the disk loses a file: nothing comes, and she is told which it is."""
    tell(machine, lambda: machine.agreed_bytes_go_bad("demo", 0, LOST, begins_again=False))
    (rehost,) = machine.rehosts()
    assert (rehost.state, rehost.problem_code) == (State.FAILED, "blob-missing")


def other_bytes_come_than_were_named(machine: TransitionMachine) -> None:
    """Ada names the digest of a file that cannot be reached, and the site comes back with other bytes: they stay away."""
    tell(machine, lambda: machine.somebody_agrees_unseen("demo", 0, SEEN, "other", is_late=False))
    assert len(machine.model.projects["demo"].public) == 2
    (rehost,) = machine.rehosts()
    assert rehost.state is State.PARTLY_PUBLISHED


def it_comes_as_it_was_named(machine: TransitionMachine) -> None:
    """The same, and the site comes back late with the bytes that she named."""
    tell(machine, lambda: machine.somebody_agrees_unseen("demo", 0, SEEN, "named", is_late=True))
    filename = min(bodies("demo"))
    assert machine.model.projects["demo"].public[filename] == sha256_of("demo", filename, SEEN)


def it_is_taken_back(machine: TransitionMachine) -> None:
    """The same, and she takes it back when a worker has just begun."""
    tell(machine, lambda: machine.somebody_takes_back_what_is_awaited("demo", 0, 1))
    assert machine.model.projects["demo"].public == {}


# Webhooks


def a_season_is_wanted_again(machine: TransitionMachine) -> None:
    """Everything is told again after so long that nobody remembers what was told."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.weeks_pass(6),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
    )
    (hook,) = machine.hooks.values()
    there = len(machine.tables.ledger)
    tell(machine, lambda: machine.somebody_wants_everything_again(0, "rita", there - 1))
    assert hook.again == set(range(1, there + 1))


def a_resting_one_is_wanted_again(machine: TransitionMachine) -> None:
    """A receiver fails, and an administrator wants the message told again at once: that waits for the end of its rest."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.webhooks_are_told("broken", 0, _ALL),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
        lambda: machine.somebody_wants_one_message_again(0, ITS_OWN, 0, is_its=True),
        lambda: machine.webhooks_are_told("well", 24, _ALL),
    )


def what_was_told_is_hidden(machine: TransitionMachine) -> None:
    """An owner hides a project, and an administrator wants the last message about it again: it is not told any more."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.somebody_names_a_place("demo", 1, "bob", adds=True),
        lambda: machine.somebody_hides("demo", "ada", is_private=True),
        lambda: machine.somebody_wants_one_message_again(0, ITS_OWN, 0, is_its=True),
    )
    (hook,) = machine.hooks.values()
    assert hook.again & hook.excused


def what_was_told_is_read(machine: TransitionMachine) -> None:
    """The same, and an administrator reads the log: what is hidden is not there."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.somebody_names_a_place("demo", 1, "bob", adds=True),
        lambda: machine.somebody_hides("demo", "ada", is_private=True),
        lambda: machine.somebody_reads_a_log(0, ITS_OWN),
    )


def a_receiver_is_gone(machine: TransitionMachine) -> None:
    """A receiver says that it is gone for good, and administrators hear of it."""
    tell(
        machine,
        lambda: machine.somebody_adds_a_webhook("root", "all"),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
    )
    machine.somebody_freezes_a_host("site.test", "root", freezes=True)
    machine.webhooks_are_told("gone", 0, _ALL)
    (hook,) = machine.hooks.values()
    assert hook.is_disabled


def a_call_is_interrupted(machine: TransitionMachine) -> None:
    """A call found files; the site has others before they are published, and those that were found become public."""
    tell(machine, lambda: machine.a_call_is_interrupted("solo", "other"))
    assert machine.model.projects["solo"].public == {
        name: sha256_of("solo", name, SEEN) for name in bodies("solo")
    }


def an_owner_leaves(machine: TransitionMachine) -> None:
    """Ada listens to her project, and leaves it: what Bob does there, nobody tells her."""
    tell(
        machine,
        lambda: machine.somebody_adds_a_webhook("ada", "all", "demo"),
        lambda: machine.roles_change("demo", ("", "owner")),
        lambda: machine.somebody_names_a_place("demo", 1, "bob", adds=True),
    )
    (hook,) = machine.hooks.values()
    assert hook.is_disabled


def bob_listens_to_his_notices(machine: TransitionMachine) -> None:
    """One of two projects is for members only, of whom Bob is none; he listens to his notices while something happens to both."""
    tell(
        machine,
        lambda: machine.somebody_adds_a_webhook("bob", "all", MINE),
        lambda: machine.somebody_hides("solo", "ada", is_private=True),
        lambda: machine.a_plan_is_made_and_looked_at("solo", decides=False),
        lambda: machine.a_plan_is_made_and_looked_at("demo", decides=False),
    )
    (hook,) = machine.hooks.values()
    assert len(hook.taken) == 1


def a_secret_is_renewed_too_often(machine: TransitionMachine) -> None:
    """Root renews a secret eleven times within an hour: the last is refused."""
    tell(machine, machine.somebody_listens, lambda: machine.somebody_renews_often(0, 11, 5))
    assert len(machine.renewing.used["root"]) == 10


# Mistakes


def bytes_are_fetched_anew() -> AbstractContextManager[object]:
    """Who publishes fetches what was reviewed."""
    right = publish._arrival
    return patch.object(
        publish,
        "_arrival",
        lambda world, rehost, item: right(world, rehost, replace(item, bytes=Bytes.UNREACHABLE)),
    )


def stored_bytes_are_trusted() -> AbstractContextManager[object]:
    """What is read again before it is published is not what is stored."""
    known = {
        Sha256.of(body): body for name in NAMES for variants in bodies(name).values() for body in variants
    }
    return patch.object(FakeBlobs, "open", lambda _, sha256: io.BytesIO(known[sha256]))


def what_is_there_is_kept() -> AbstractContextManager[object]:
    """Nobody looks whether bytes that are stored already are what their name says."""

    def keep(incoming: FakeIncoming) -> Sha256:
        sha256 = incoming.digests().sha256
        incoming._kept.setdefault(sha256, incoming.path.read_bytes())
        return sha256

    return patch.object(FakeIncoming, "keep", keep)


def failures_are_silent() -> AbstractContextManager[object]:
    """A rehost fails, and nobody says why."""
    right = plan.fail
    return patch.object(plan, "fail", lambda world, rehost_id, _, code: right(world, rehost_id, "", code))


@contextmanager
def any_bytes_will_do() -> Iterator[None]:
    """Neither the digest that was named nor the one that was agreed to is compared with the bytes."""
    with (
        patch.object(testimony, "mismatches", lambda *_: ()),
        patch.object(publish, "require_live", lambda consent, *_: consent),
    ):
        yield


def nobody_looks_again() -> AbstractContextManager[object]:
    """Who publishes goes on, wherever the rehost stands."""
    right = start.find_rehost
    return patch.object(
        publish, "find_rehost", lambda tx, rehost_id: replace(right(tx, rehost_id), state=State.PUBLISHING)
    )


def nothing_is_tried_later() -> AbstractContextManager[object]:
    """What could not be had is not tried again."""
    return patch.object(publish, "_try_later", lambda *_: None)


def rows_are_messages() -> AbstractContextManager[object]:
    """A message is known by its row, which is forgotten after a while."""
    return patch.object(Delivery, "message_id", property(lambda one: f"msg_{one.id}"))


def nobody_rests() -> AbstractContextManager[object]:
    """Who takes nothing is told more at once."""
    right = Webhook.failed
    return patch.object(
        Webhook, "failed", lambda hook, now, asked_for: replace(right(hook, now, asked_for), rests_until=None)
    )


def what_was_told_may_be_told() -> AbstractContextManager[object]:
    """Nobody asks whether it may still be told."""
    return patch.object(
        deliver, "entry_of", lambda tx, _, serial: next(iter(tx.ledger.entries(after=serial - 1, limit=1)))
    )


def who_left_listens_on() -> AbstractContextManager[object]:
    """Nobody asks whether a webhook still counts."""
    return patch.object(deliver, "why_void", lambda *_: "")


def nobody_hears_of_it() -> AbstractContextManager[object]:
    """A webhook is disabled, and nobody is told."""
    return patch.object(deliver, "concerned", lambda *_: [])


def notices_are_for_everybody() -> AbstractContextManager[object]:
    """A webhook of a person is fed with everybody's notices."""
    right = FakeNotices.after

    def everybodys(notices: FakeNotices, user_id: int, number: int, *, limit: int) -> object:
        found = [right(notices, one, number, limit=limit) for one in range(user_id + 1)]
        return sorted((numbered for some in found for numbered in some), key=lambda one: one[0])

    return patch.object(FakeNotices, "after", everybodys)


def everybody_is_a_member() -> AbstractContextManager[object]:
    """A plan that is ready is told to everybody."""

    def tell_all(tx: Transaction, _project: Project, notice: Notice) -> None:
        tell_people(tx, filter(None, (tx.users.by_name(name) for name in ("ada", "bob"))), notice)

    return patch.object(close, "tell_members", tell_all)


def nobody_counts() -> AbstractContextManager[object]:
    """A secret is renewed as often as anybody likes."""
    return patch.object(manage, "count_renewing", lambda *_: None)


@pytest.mark.parametrize(
    ("story", "plant", "told"),
    [
        (a_site_has_other_bytes_by_then, bytes_are_fetched_anew, "and asked for again"),
        (stored_bytes_are_swapped, stored_bytes_are_trusted, "I-0[12]"),
        (damaged_bytes_are_uploaded, what_is_there_is_kept, "I-0[12]"),
        (stored_bytes_are_lost, failures_are_silent, "and says nothing"),
        (a_call_is_interrupted, bytes_are_fetched_anew, "and asked for again"),
        (other_bytes_come_than_were_named, any_bytes_will_do, "I-05: nobody agreed to"),
        (it_comes_as_it_was_named, nothing_is_tried_later, "was named, and it is"),
        (it_is_taken_back, nobody_looks_again, "was taken back"),
        (a_season_is_wanted_again, rows_are_messages, "and was sent as"),
        (a_resting_one_is_wanted_again, nobody_rests, "rests until"),
        (what_was_told_is_hidden, what_was_told_may_be_told, "for members only"),
        (what_was_told_is_read, what_was_told_may_be_told, "for members only"),
        (a_receiver_is_gone, nobody_hears_of_it, "must hear of webhook-disabled"),
        (an_owner_leaves, who_left_listens_on, "does not own"),
        (bob_listens_to_his_notices, notices_are_for_everybody, "for which it did not ask"),
        (bob_listens_to_his_notices, everybody_is_a_member, "bob was told of solo"),
        (a_secret_is_renewed_too_often, nobody_counts, "10 times within"),
    ],
)
def test_the_machine_objects_to_a_planted_mistake(story: Story, plant: Plant, told: str) -> None:
    """The same steps are fine as the product is, and objected to with the mistake."""
    with playing() as machine:
        story(machine)
    with plant(), playing() as machine, pytest.raises(AssertionError, match=told):
        story(machine)
