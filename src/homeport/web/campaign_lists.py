"""The projects of a campaign as they stand, and who is to be reached otherwise than by mail; each as a file, too."""

import json
from urllib.parse import urlencode

from homeport.domain.campaign import Group, Stand
from homeport.domain.campaign_calendar import moves_on, next_notice_on
from homeport.flows.campaign.show import every_entrant, list_entrants, list_unreached, show_campaign
from homeport.formats.campaign_json import (
    campaign_json,
    counts_json,
    entrant_json,
    entrants_csv,
    unreached_csv,
    unreached_json,
)
from homeport.ports.campaigns import EntrantFilter
from homeport.web.campaigns import campaign_id
from homeport.web.exports import export
from homeport.web.filters import chosen
from homeport.web.page import Asked, Download, Page

_LONGEST = 200
_MOST_SHOWN = 200
_FILTERS = ("project", "stand", "group")


def show_projects(asked: Asked) -> Page:
    """Projects by name, a page at a time; all, or those that are wanted."""
    query, wanted = _wanted(asked)
    view = show_campaign(asked.world, asked.caller(), campaign_id(asked))
    listed = list_entrants(asked.world, asked.caller(), view.campaign.id, wanted)
    base = f"{view.campaign.path}projects/"
    campaign, today = view.campaign, asked.world.clock.now().date()
    return Page(
        "campaign_projects.html",
        {
            "campaign": campaign,
            "listed": listed,
            "rows": [
                (one, moves_on(campaign, one), next_notice_on(campaign, one, today))
                for one in listed.entrants
            ],
            "today": today,
            "wanted": wanted,
            "stands": list(Stand),
            "groups": list(Group),
            "is_begin": not wanted.after,
            "query": urlencode(query),
            "begin": f"?{urlencode(query)}" if query else base,
            "following": f"?{urlencode({**query, 'after': listed.after})}" if listed.after else "",
        },
    )


def show_unreached(asked: Asked) -> Page:
    """People whom no mail reaches, by project: the first of them, where there are many."""
    view = show_campaign(asked.world, asked.caller(), campaign_id(asked))
    given = list_unreached(asked.world, asked.caller(), view.campaign.id, limit=_MOST_SHOWN)
    values = {"campaign": view.campaign, "given": given, "more": view.unreached - len(given)}
    return Page("campaign_unreached.html", values)


def download_projects(asked: Asked) -> Download:
    """The same projects, all of them, as ``projects.csv`` or ``projects.json``."""
    campaign = show_campaign(asked.world, asked.caller(), campaign_id(asked)).campaign
    pieces = every_entrant(asked.world, asked.caller(), campaign.id, _wanted(asked)[1])
    return export(
        asked.params["file"],
        "projects",
        lambda: entrants_csv(campaign, pieces),
        lambda: (entrant_json(campaign, one) for piece in pieces for one in piece),
    )


def download_unreached(asked: Asked) -> Download:
    """The same people as ``unreached.csv`` or ``unreached.json``."""
    given = list_unreached(asked.world, asked.caller(), campaign_id(asked))
    return export(
        asked.params["file"], "unreached", lambda: unreached_csv(given), lambda: map(unreached_json, given)
    )


def download_report(asked: Asked) -> Download:
    """The campaign and what became of it, as JSON."""
    view = show_campaign(asked.world, asked.caller(), campaign_id(asked))
    report = campaign_json(view.campaign) | {
        "projects": counts_json(view.counts.items()),
        "notices_given": dict(view.told),
        "unreached": view.unreached,
    }
    told = json.dumps(report, indent=1)
    return Download(f"campaign-{view.campaign.id}.json", "application/json", iter([told]))


def _wanted(asked: Asked) -> tuple[dict[str, str], EntrantFilter]:
    """What of the query says which projects are wanted, as it reads in an address, and as what it means."""
    query = {name: text for name in _FILTERS if (text := asked.query.get(name, "").strip()[:_LONGEST])}
    return query, EntrantFilter(
        query.get("project", "").lower(),
        chosen(query, "stand", Stand),
        chosen(query, "group", Group),
        asked.query.get("after", "")[:_LONGEST],
    )
