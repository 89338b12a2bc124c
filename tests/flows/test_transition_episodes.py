"""Mistakes about webhooks, campaigns, plans and who decides, planted: a story is fine, and objected to with the mistake.

1. Each story is told by the machine's own steps, of which chance alone would need many.
2. The mistake is one line of the product, made in all places that have it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from tests.flows.test_transition_machine import TransitionMachine, playing, tell
from tests.support.fake_webhooks import FakeWebhooks
from tests.support.transition_clock import DAY

from homeport.domain import campaign
from homeport.domain.campaign import Campaign, Decision, Entrant, Seen
from homeport.domain.digests import Sha256
from homeport.domain.rehost import Plan
from homeport.domain.webhook import Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.flows import proposals
from homeport.flows.campaign import days

Story = Callable[[TransitionMachine], None]
Plant = Callable[[], AbstractContextManager[object]]
_ALL = 10_000


def a_receiver_fails_once(machine: TransitionMachine) -> None:
    """A receiver does not take what it is told, and takes it a day later."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.webhooks_are_told("broken", 0, _ALL),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
        lambda: machine.webhooks_are_told("well", 24, _ALL),
    )


def a_secret_is_renewed(machine: TransitionMachine) -> None:
    """A secret is renewed: both sign that, and two days later the new one alone."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.somebody_renews_a_secret(0, "rita"),
        lambda: machine.pass_time(2 * DAY),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
    )
    (hook,) = machine.hooks.values()
    assert len(hook.taken) == len(machine.tables.ledger) - min(hook.due) + 1


def a_webhook_is_stopped(machine: TransitionMachine) -> None:
    """An administrator stops a webhook, and something happens."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.somebody_looks_after_a_webhook(0, "rita", "stop"),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
    )
    (hook,) = machine.hooks.values()
    assert len(hook.taken) == 1


def one_of_two_webhooks_is_removed(machine: TransitionMachine) -> None:
    """Of two webhooks the first is removed; another comes, and each that is there hears of what follows its own coming."""
    tell(
        machine,
        machine.somebody_listens,
        lambda: machine.somebody_adds_a_webhook("root", "all"),
        lambda: machine.somebody_looks_after_a_webhook(0, "root", "remove"),
        lambda: machine.somebody_adds_a_webhook("root", "all"),
        lambda: machine.webhooks_are_told("well", 0, _ALL),
        lambda: machine.somebody_freezes_a_host("solo.test", "root", freezes=True),
        lambda: machine.webhooks_are_told("well", 24, _ALL),
    )
    earlier, later = machine.hooks.values()
    assert earlier.taken - later.taken == set(range(min(earlier.taken), min(later.taken)))


def an_exemption_is_given(machine: TransitionMachine) -> None:
    """A project gets an exemption that outlasts the campaign, whose day comes."""
    tell(machine, lambda: machine.a_campaign_goes_by("demo", 200, is_soon=False, comes_home=False))
    assert machine.model.projects["demo"].mode == "pypi-ext"


def a_plan_is_made_anew(machine: TransitionMachine) -> None:
    """A file could not be had; it is tried again, the site has other bytes, and Ada accepts what she saw before."""
    tell(machine, lambda: machine.a_plan_changes_behind_its_reader("demo", 0, "ada", is_same=False))
    assert not machine.model.agreed


def root_had_the_account_of_rita(machine: TransitionMachine) -> None:
    """Root makes a link to the account of Rita, proposes, and Rita agrees within three days."""
    tell(machine, lambda: machine.two_administrators_decide("rita", 71, "site.test", is_before=True))
    assert machine.model.frozen_hosts


def every_try_has_an_id() -> AbstractContextManager[object]:
    """A message that is sent again looks like another one."""
    return patch.object(
        Delivery, "message_id", property(lambda one: f"msg_{one.webhook_id}_{one.serial}_{one.tries}")
    )


def who_was_removed_listens_on() -> AbstractContextManager[object]:
    """A webhook is written down as removed, and stays."""
    return patch.object(FakeWebhooks, "remove", lambda *_: None)


@contextmanager
def exempt_projects_are_moved() -> Iterator[None]:
    """A campaign does not look at exemptions."""
    right = campaign.decide

    def hasty(running: Campaign, entrant: Entrant, seen: Seen, today: date) -> Decision:
        return right(running, entrant, replace(seen, exempt_until=None), today)

    with patch.object(days, "decide", hasty):
        yield


def any_plan_is_that_one() -> AbstractContextManager[object]:
    """What was shown is not compared with what there is."""
    return patch.object(Plan, "digest", lambda _: Sha256.of(b""))


def everybody_counts_alone() -> AbstractContextManager[object]:
    """Nobody asks in whose hands an account was."""
    return patch.object(proposals, "require_counting", lambda *_: None)


def who_is_stopped_listens_on() -> AbstractContextManager[object]:
    """An administrator's stop is written down, and stops nothing."""
    return patch.object(Webhook, "stopped", lambda hook, _now, by, _why: replace(hook, stopped_by=by))


def old_secrets_sign_on() -> AbstractContextManager[object]:
    """A renewed secret signs for ever."""
    right = FakeWebhooks.sealed_secrets
    return patch.object(
        FakeWebhooks,
        "sealed_secrets",
        lambda hooks, hook_id, now: right(hooks, hook_id, now - timedelta(days=9)),
    )


@pytest.mark.parametrize(
    ("story", "plant", "told"),
    [
        (a_receiver_fails_once, every_try_has_an_id, "and was sent as"),
        (a_secret_is_renewed, old_secrets_sign_on, "with other signatures"),
        (a_webhook_is_stopped, who_is_stopped_listens_on, "was stopped, and told of"),
        (one_of_two_webhooks_is_removed, who_was_removed_listens_on, "was removed, and told of"),
        (an_exemption_is_given, exempt_projects_are_moved, "moved earlier than told"),
        (a_plan_is_made_anew, any_plan_is_that_one, "T-12|must not have been done"),
        (root_had_the_account_of_rita, everybody_counts_alone, "must not have been done"),
    ],
)
def test_the_machine_objects_to_a_planted_mistake(story: Story, plant: Plant, told: str) -> None:
    """The same steps are fine as the product is, and objected to with the mistake."""
    with playing() as machine:
        story(machine)
    with plant(), playing() as machine, pytest.raises(AssertionError, match=told):
        story(machine)
