"""From a mail straight to the plan: a maintainer lets what lies elsewhere be looked at, before the day or after it.

What is recorded stays recorded: a project that a campaign moved to ``pypi-only`` becomes ``pypi-cache`` first, by its
owner and with the consent that this needs. Nothing is hosted by asking for a plan.
"""

from dataclasses import dataclass
from datetime import date

from homeport.domain.account import Caller, Scope
from homeport.domain.campaign import Campaign, day_of
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Rehost
from homeport.domain.rights import require_role
from homeport.flows.campaign.facts import OutsideFile, comes_home_after, files_elsewhere, outside_files
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.start import start_plan
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class OptIn:
    """What a maintainer decides about: the files elsewhere, and whether the project must be moved first.

    ``campaign`` is the one that waits for the project, if there is one, and ``day`` when it moves it; ``stays_open`` says
    that files come home after it, too. ``closed`` says why no plan can be made now, and is empty when one can.
    """

    project: Project
    role: Role
    files: tuple[OutsideFile, ...]
    campaign: Campaign | None
    day: date | None
    stays_open: bool
    needs_consent: bool
    closed: str


def show_opt_in(world: World, caller: Caller, name: str) -> OptIn:
    """What there is to bring home, as far as it is known."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        campaign, entrant = next(iter(tx.campaigns.waiting_of({project.id})), (None, None))
        day = day_of(campaign, entrant) if campaign and entrant else None
        files = outside_files(tx, campaign, project) if campaign else files_elsewhere(tx, project)
        stays_open = comes_home_after(tx, campaign, day) if campaign and day else True
        is_only = project.mode is HostingMode.ONLY
        closed = tx.policies.current().cache_refusal(world.clock.now().date()) if is_only else None
        return OptIn(
            project, role, files, campaign, day, stays_open, is_only, closed.sentence if closed else ""
        )


def opt_in(world: World, caller: Caller, name: str, *, consents: bool = False) -> Rehost:
    """Make the plan; a ``pypi-only`` project becomes ``pypi-cache`` first."""
    with world.store.read() as tx:
        project = find_project(tx, name)
    if project.mode is HostingMode.ONLY:
        change_hosting(world, caller, name, Wish(HostingMode.CACHE, consents=consents))
    return start_plan(world, caller, name)
