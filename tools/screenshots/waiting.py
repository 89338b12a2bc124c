"""What the worker of a running index does is waited for."""

import time

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.rehost import State
from homeport.flows.rehost import review
from homeport.flows.rehost.start import start_plan
from homeport.ports.world import World

WORK_SECONDS = 60.0


def publish_all(world: World, me: Caller, name: str) -> None:
    """Plan, accept and wait."""
    plan = start_plan(world, me, name)
    wait_for(world, me, plan.id, State.PLANNED)
    accept(world, me, plan.id)


def accept(world: World, me: Caller, rehost_id: int, *, evidence: str = "") -> None:
    """Accept what can be as it stands, and wait until it is hosted."""
    shown = review.show_rehost(world, me, rehost_id)
    review.accept(world, me, rehost_id, review.Choice(shown.digest, Basis.AUTHOR, evidence=evidence))
    wait_for(world, me, rehost_id, State.PUBLISHED)


def wait_for(world: World, me: Caller, rehost_id: int, state: State) -> None:
    """Return when the worker brought the rehost to ``state``."""
    deadline = time.monotonic() + WORK_SECONDS
    while (rehost := review.show_rehost(world, me, rehost_id).rehost).state is not state:
        if time.monotonic() > deadline or rehost.state is State.FAILED:
            raise SystemExit(f"Rehost {rehost_id} is {rehost.state}, not {state}: {rehost.problem}")
        time.sleep(0.1)
