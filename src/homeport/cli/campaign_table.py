"""What became of a campaign so far, on a terminal and for scripts."""

from typing import TYPE_CHECKING

from homeport.cli.output import say, table

if TYPE_CHECKING:
    from homeport.flows.campaign.show import CampaignView


def report_json(view: "CampaignView") -> dict[str, object]:
    """A campaign with its projects and notices counted."""
    from homeport.formats.campaign_json import campaign_json, counts_json

    return campaign_json(view.campaign) | {
        "projects": counts_json(view.counts.items()),
        "told": dict(view.told),
        "next": view.soonest.isoformat() if view.soonest else None,
        "unreached": view.unreached,
    }


def say_report(view: "CampaignView") -> None:
    """The same as tables: projects by stand and group, and notices by step."""
    from homeport.domain.campaign import Group, Stand

    made = view.campaign
    say(f"Campaign {made.id} ({made.kind}) is {made.state}; its day is {made.day}. {made.title}")
    if view.projects:
        rows = [
            (stand.value, *(str(view.counts.get((stand, group), 0)) for group in Group)) for stand in Stand
        ]
        table(("projects", *(f"group {group}" for group in Group)), rows)
    if view.told:
        table(("step", "notices"), [(step, str(count)) for step, count in sorted(view.told.items())])
