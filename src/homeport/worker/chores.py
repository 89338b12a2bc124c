"""What is done again and again beside the rest of the work: mails, stages, drift, exemptions, campaigns, and forgetting.

The rows are all that is remembered of it: what a kill interrupts is due again at the next start.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from homeport.flows import exemption_days, standing_consent_days
from homeport.flows.campaign import days as campaign_days
from homeport.flows.drift import run as drift
from homeport.flows.mode_days import keep_mode_days
from homeport.flows.rehost import expire
from homeport.flows.send_mails import send_mails
from homeport.flows.staging.sweep import sweep_stages
from homeport.observe.events import event, trouble
from homeport.ports.world import World
from homeport.worker import ended, webhooks
from homeport.worker.quiet import Quiet, Stamp


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing to do every ``every_seconds``; ``work`` says how much it did.

    It is done again at once when it did ``at_once`` or more, for there may be more to do, and later after trouble. Where
    ``is_wanted`` says no, it is not done at all. While nobody writes anything it is done every ``quiet_seconds`` only.
    """

    name: str
    work: Callable[[World], int]
    every_seconds: float
    trouble: str
    after_trouble_seconds: float = 30.0
    at_once: float = inf
    is_wanted: Callable[[World], object] = lambda _: True
    told: str = ""
    quiet_seconds: float = 0.0


# A retry, or the end of a stage, comes so much late at the most.
_QUIET_SECONDS = 5.0
_CHORES = (
    Chore(
        "mails",
        send_mails,
        1.0,
        "mails could not be sent",
        at_once=1,
        is_wanted=lambda world: world.mailer,
        quiet_seconds=_QUIET_SECONDS,
    ),
    Chore("stages", sweep_stages, 1.0, "stages could not be looked after", quiet_seconds=_QUIET_SECONDS),
    Chore(
        "drift",
        drift.look_at_due,
        60.0,
        "sources could not be looked at",
        after_trouble_seconds=600.0,
        at_once=drift.AT_ONCE,
        is_wanted=lambda world: world.drift.every,
        told="sources looked at",
    ),
    Chore(
        "exemptions",
        exemption_days.look_after_exemptions,
        60.0,
        "exemptions could not be looked after",
        after_trouble_seconds=300.0,
        at_once=exemption_days.AT_ONCE,
    ),
    Chore(
        "standing consents",
        standing_consent_days.look_after_standing_consents,
        60.0,
        "standing consents could not be looked after",
        after_trouble_seconds=300.0,
        at_once=standing_consent_days.AT_ONCE,
    ),
    Chore(
        "campaigns",
        campaign_days.look_after_campaigns,
        campaign_days.EVERY_SECONDS,
        "campaigns could not be looked after",
        after_trouble_seconds=300.0,
    ),
    Chore(
        "plans",
        expire.look_after_plans,
        60.0,
        "plans could not be looked after",
        after_trouble_seconds=300.0,
        at_once=expire.AT_ONCE,
    ),
    Chore(
        "mode days",
        keep_mode_days,
        600.0,
        "the projects of a day could not be counted",
        after_trouble_seconds=600.0,
        told="days counted",
    ),
    Chore(
        "ended work",
        ended.forget_ended,
        3600.0,
        "ended work could not be forgotten",
        after_trouble_seconds=3600.0,
        at_once=ended.AT_ONCE,
        told="ended work forgotten",
    ),
)


def every_chore() -> tuple[Chore, ...]:
    """What one worker does; the lanes in which it tells webhooks are its own."""
    telling = Chore(
        "webhooks",
        webhooks.Lanes(),
        1.0,
        "webhooks could not be told",
        at_once=webhooks.AT_ONCE,
        is_wanted=lambda world: world.poster,
        quiet_seconds=_QUIET_SECONDS,
    )
    return *_CHORES, telling


def keep_at(chore: Chore, world: World, stop: threading.Event, stamp: Stamp) -> None:
    """Do ``chore`` until ``stop``, first at once; what nobody expected is told, and it goes on."""
    pause, quiet = 0.0, Quiet(stamp, chore.quiet_seconds)
    while chore.is_wanted(world) and not stop.wait(pause):
        if quiet.lasts():
            pause = chore.every_seconds
            continue
        try:
            done = chore.work(world)
        except Exception as error:  # noqa: BLE001 - told here; the rows are as they were, and due
            trouble(chore.trouble, error=error)
            pause = chore.after_trouble_seconds
        else:
            pause = 0.0 if done >= chore.at_once else chore.every_seconds
            if done and chore.told:
                event(chore.told, count=done)
