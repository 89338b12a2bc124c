"""What follows once a project is hosted: its next release, the terms of its standing consent, and who is told of it all."""

import time
from datetime import timedelta

from tools.screenshots.camera import Camera, both
from tools.screenshots.outside import PROJECT, SUMMARIES, release_again
from tools.screenshots.waiting import WORK_SECONDS, wait_for

from homeport.domain.account import Caller
from homeport.domain.receiver import Forge
from homeport.domain.rehost import State
from homeport.domain.webhook import Feed, HookState
from homeport.flows.rehost.review import show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.flows.standing_consents import StandingWish, give_consent
from homeport.flows.webhooks.manage import list_hooks
from homeport.flows.webhooks.receivers import add_receiver
from homeport.ports.world import World

_NEXT = list(SUMMARIES)[-1]
_NARROWED, _SOON = timedelta(days=180), timedelta(days=300)


def tell_of_upkeep(world: World, me: Caller, camera: Camera) -> None:
    """All of it."""
    _webhooks(world, me, camera)
    _next_release(world, me, camera)
    _standing_consent(world, me, camera)


def _next_release(world: World, me: Caller, camera: Camera) -> None:
    """One file of a plan, beside the file of the version before."""
    filename = release_again(_NEXT)
    plan = start_plan(world, me, _NEXT)
    wait_for(world, me, plan.id, State.PLANNED)
    item = next(one for one in show_rehost(world, me, plan.id).plan.items if one.filename == filename)
    both(camera, "review-item", f"/manage/rehosts/{plan.id}/items/{item.id}", height=1900, unfolded=True)


def _standing_consent(world: World, me: Caller, camera: Camera) -> None:
    """Terms that were narrowed, and then were to hold for longer."""
    today = world.clock.now().date()
    narrow = StandingWish(paths=(f"/{PROJECT}/*",), patterns=("*.whl", "*.tar.gz"), until=today + _NARROWED)
    give_consent(world, me, PROJECT, narrow)
    give_consent(world, me, PROJECT, StandingWish(until=today + _SOON))
    both(camera, "standing-consent", f"/manage/projects/{PROJECT}/consent/", height=2400)


def _webhooks(world: World, me: Caller, camera: Camera) -> None:
    """A webhook whose receiver has a bad day, and a receiver of a forge's events."""
    deadline = time.monotonic() + WORK_SECONDS
    while (hook := list_hooks(world, me, Feed.PROJECT, PROJECT)[0]).state is not HookState.FAILING:
        if time.monotonic() > deadline:
            raise SystemExit(f"The webhook is {hook.state}: its receiver should have refused something.")
        time.sleep(0.1)
    both(camera, "webhook-log", f"/webhooks/{hook.id}/", height=1500)
    add_receiver(world, me, PROJECT, Forge.GITHUB)
    both(camera, "webhooks", f"/manage/projects/{PROJECT}/webhooks/")
