"""How campaigns are told to programs: one shape for the API, files to keep, and ``--json``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from homeport.domain.campaign import Campaign, Entrant, GivenNotice, Group, Stand
from homeport.domain.campaign_calendar import moves_on
from homeport.domain.campaign_log import CampaignLine
from homeport.domain.campaign_revision import revision_of
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

ENTRANT_COLUMNS = ("project", "group", "stand", "external_files", "told", "day", "due", "why", "moved_by")
CAMPAIGN_COLUMNS = (
    "id",
    "kind",
    "title",
    "reason",
    "state",
    "day",
    "notices",
    "terms_url",
    "by",
    "created",
    "announced",
    "ended",
    "survey",
)
UNREACHED_COLUMNS = ("project", "user", "step", "at", "problem")


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    """A campaign as administrators are told it."""
    return {
        "id": campaign.id,
        "kind": campaign.kind.value,
        "title": campaign.title,
        "reason": campaign.reason,
        "state": campaign.state.value,
        "day": campaign.day.isoformat(),
        "notices": list(campaign.notices),
        "terms_url": campaign.terms_url,
        "by": campaign.by,
        "created": moment(campaign.at),
        "announced": moment(campaign.announced_at) if campaign.announced_at else None,
        "ended": moment(campaign.ended_at) if campaign.ended_at else None,
        "survey": campaign.survey_id,
        "changed": moment(campaign.changed_at) if campaign.changed_at else None,
        "changed_by": campaign.changed_by or None,
        "why": campaign.why or None,
        "revision": revision_of(campaign),
    }


def history_json(lines: Iterable[CampaignLine]) -> list[dict[str, Any]]:
    """What was decided about a campaign, oldest first."""
    return [
        {
            "serial": line.serial,
            "at": moment(line.at),
            "event": line.event.value,
            "by": line.by,
            "day": line.day.isoformat() if line.day else None,
            "why": line.why or None,
        }
        for line in lines
    ]


def counts_json(counts: Iterable[tuple[tuple[Stand, Group], int]]) -> dict[str, dict[str, int]]:
    """Projects by how they stand, and by group."""
    told = {stand.value: {group.value: 0 for group in Group} for stand in Stand}
    for (stand, group), count in counts:
        told[stand.value][group.value] = count
    return told


def entrant_json(campaign: Campaign, entrant: Entrant) -> dict[str, Any]:
    """A project in a campaign; ``day`` is the one on which it is moved, as things stand."""
    day = moves_on(campaign, entrant)
    return {
        "project": entrant.project,
        "group": entrant.group.value,
        "stand": entrant.stand.value,
        "external_files": entrant.external,
        "told": [f"{one.step} {one.on.isoformat()}" for one in entrant.told],
        "day": day.isoformat() if day else None,
        "due": entrant.due_on.isoformat() if entrant.due_on else None,
        "why": entrant.why or None,
        "moved_by": entrant.moved_by,
    }


def unreached_json(given: GivenNotice) -> dict[str, Any]:
    """A person whom no mail reaches."""
    return {
        "project": given.project,
        "user": given.user,
        "step": given.step,
        "at": moment(given.at),
        "problem": given.problem,
    }


def campaigns_csv(pieces: Iterable[Iterable[Campaign]]) -> Iterator[str]:
    """Campaigns, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(CAMPAIGN_COLUMNS, (map(campaign_json, piece) for piece in pieces))


def entrants_csv(campaign: Campaign, pieces: Iterable[Sequence[Entrant]]) -> Iterator[str]:
    """The projects of a campaign, a line each, below the names of the columns (RFC 4180)."""
    told = ((entrant_json(campaign, entrant) for entrant in piece) for piece in pieces)
    return csv_lines(ENTRANT_COLUMNS, told)


def unreached_csv(unreached: Iterable[GivenNotice]) -> Iterator[str]:
    """People whom no mail reaches, a line each."""
    return csv_lines(UNREACHED_COLUMNS, [[unreached_json(one) for one in unreached]])
