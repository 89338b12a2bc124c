"""What people are told by a campaign: all that PEP 470 wants in it, and a page that leads straight to bringing files home."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from homeport.domain.campaign import Campaign, Group, Told
from homeport.domain.project import Project
from homeport.flows.campaign.facts import Elsewhere
from homeport.flows.notify import write_notice
from homeport.ports.notices import Notice

ANNOUNCED: Final = "campaign-announced"
REMINDED: Final = "campaign-reminder"
MOVED: Final = "campaign-moved"
CANCELLED: Final = "campaign-cancelled"
REPORTED: Final = "campaign-reported"


def opt_in_path(project: Project) -> str:
    """The page from which a project's files are brought home; looking at it changes nothing."""
    return f"/manage/rehosts/new?{urlencode({'project': project.name.normalized})}"


def step_notice(
    campaign: Campaign,
    project: Project,
    elsewhere: Elsewhere,
    told: Told,
    day: date,
    *,
    is_first: bool,
    base_url: str,
    at: datetime,
) -> Notice:
    """An announcement, or a reminder of it: both say everything."""
    facts = _facts(campaign, project, elsewhere, base_url) | {
        "group": told.group.value,
        "day": day.isoformat(),
        "days": (day - told.on).days,
    }
    path = opt_in_path(project) if elsewhere.files or told.group is Group.B else _page(project)
    about = _about(campaign, project, told.step)
    return write_notice(ANNOUNCED if is_first else REMINDED, facts, path=path, at=at, about=about)


def moved_notice(
    campaign: Campaign,
    project: Project,
    elsewhere: Elsewhere,
    *,
    base_url: str,
    at: datetime,
) -> Notice:
    """The day has come, and this is what still can be done."""
    path = opt_in_path(project) if elsewhere.files and elsewhere.stays_open else _page(project)
    facts = _facts(campaign, project, elsewhere, base_url)
    return write_notice(MOVED, facts, path=path, at=at, about=_about(campaign, project, "moved"))


def cancelled_notice(campaign: Campaign, project: Project, *, at: datetime) -> Notice:
    """What was announced does not happen."""
    facts = {
        "project": project.name.display,
        "title": campaign.title,
        "mode": project.mode.value,
        "reason": campaign.why,
    }
    return write_notice(
        CANCELLED, facts, path=_page(project), at=at, about=_about(campaign, project, "cancelled")
    )


def reported_notice(campaign: Campaign, counts: Mapping[str, int], unreached: int, *, at: datetime) -> Notice:
    """What became of all of them, for administrators."""
    facts = {"title": campaign.title, "day": campaign.day.isoformat(), "unreached": unreached, **counts}
    return write_notice(REPORTED, facts, path=campaign.path, at=at, about=f"campaign-{campaign.id}-reported")


def _about(campaign: Campaign, project: Project, step: str) -> str:
    return f"campaign-{campaign.id}-{project.id}-{step}"


def _page(project: Project) -> str:
    return f"/manage/projects/{project.name.normalized}/"


def _facts(campaign: Campaign, project: Project, elsewhere: Elsewhere, base_url: str) -> dict[str, object]:
    return {
        "project": project.name.display,
        "name": project.name.normalized,
        "title": campaign.title,
        "reason": campaign.reason,
        "kind": campaign.kind.value,
        "links": [
            f"{one.filename}: {one.url}{' (not to be had there now)' if one.is_dead else ''}"
            for one in elsewhere.files
        ],
        "opt_in": f"{base_url}{opt_in_path(project)}",
        "stays_open": elsewhere.stays_open,
        "base_url": base_url,
        "terms_url": campaign.terms_url,
    }
