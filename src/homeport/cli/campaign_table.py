"""What became of a campaign so far, on a terminal and for scripts."""

from typing import TYPE_CHECKING

from homeport.cli.output import say, table

if TYPE_CHECKING:
    from homeport.flows.campaign.show import CampaignView, Totals


def report_json(view: "CampaignView") -> dict[str, object]:
    """A campaign with its projects and notices counted."""
    from homeport.formats.campaign_json import campaign_json, counts_json

    return campaign_json(view.campaign) | {
        "revision": view.revision,
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
    if made.changed_at is not None:
        why = f": {made.why}" if made.why else "."
        say(f"Last decided by {made.changed_by} on {made.changed_at:%Y-%m-%d}{why}")
    say(f"Its revision is {view.revision}.")
    if view.projects:
        rows = [
            (stand.value, *(str(view.counts.get((stand, group), 0)) for group in Group)) for stand in Stand
        ]
        table(("projects", *(f"group {group}" for group in Group)), rows)
    if view.told:
        table(("step", "notices"), [(step, str(count)) for step, count in sorted(view.told.items())])


def totals_json(view: "CampaignView", totals: "Totals") -> dict[str, object]:
    """What a campaign would do, added up; what no survey has seen yet is ``None``."""
    from dataclasses import asdict

    unknown = {} if view.is_counted else {"group_a": None, "group_b": None, "files": None}
    return asdict(totals) | unknown | {"counted_by": view.counted_by.id if view.counted_by else None}


def say_totals(view: "CampaignView", totals: "Totals") -> None:
    """The same as a table, with dashes for what is not known."""
    from homeport.domain.campaign import CampaignKind

    is_phase_out = view.campaign.kind is CampaignKind.PHASE_OUT
    numbers = totals_json(view, totals)
    columns = {
        "group A": "group_a",
        "group B": "group_b",
        "files not here yet" if is_phase_out else "files lost": "files",
        "exempt": "exempt",
        "quarantined": "quarantined",
        "people": "people",
        "no mail reaches": "unreached",
    }
    known = (numbers[name] for name in columns.values())
    table(tuple(columns), [tuple("-" if one is None else str(one) for one in known)])


def say_counting(view: "CampaignView") -> None:
    """By which survey is counted, where the one that the campaign asked for did not see all."""
    from homeport.domain.campaign import CampaignKind

    survey, last = view.survey, view.counted_by
    if view.campaign.kind is CampaignKind.PHASE_OUT and last is None:
        say("No survey of all projects was finished yet: there may be more files elsewhere than are known.")
    if survey is None or not (survey.is_running or survey.problem):
        return
    if survey.is_running:
        say(
            f"Survey {survey.id} of all projects still runs (homeport survey show {survey.id}): look again when it is finished, "
            "and announce the campaign after that."
        )
    else:
        say(f"Survey {survey.id} ended early: {survey.problem}")
    if last is None:
        say("No survey of all projects was finished yet: which files lie elsewhere is not known.")
    else:
        say(f"Groups and files are those of survey {last.id}, finished on {last.finished_at:%Y-%m-%d}.")
