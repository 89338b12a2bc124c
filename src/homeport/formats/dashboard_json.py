"""How the dashboard and the lists behind it are told to programs: one shape for the API, files to keep, and ``--json``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from homeport.domain.dashboard import Dashboard, ExternalLinks, ModeDay, ProjectStand
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import Host, HostState
from homeport.domain.rehost import Rehost
from homeport.formats.csv_lines import csv_lines
from homeport.formats.drift_json import event_json
from homeport.formats.exemption_json import exemption_json
from homeport.formats.management_json import moment, rehost_json

Json = dict[str, Any]

DAY_COLUMNS = ("day", *(mode.value for mode in HostingMode), "total")
STAND_COLUMNS = (
    "project",
    "mode",
    "since",
    "exemption",
    "until",
    "owners",
    "reachable_owners",
    "reachable",
)
REHOST_COLUMNS = (
    "id",
    "project",
    "purpose",
    "version",
    "state",
    "tries",
    "asked_by",
    "created",
    "changed",
    "problem",
    "problem_code",
)
HOST_COLUMNS = ("host", "state", "asked", "resting_until", "failures", "problem", "frozen_by", "frozen_why")


def dashboard_json(dashboard: Dashboard) -> Json:
    """Everything on the dashboard; what is a list there is one here."""
    counts, mails = dashboard.exemptions, dashboard.mails
    return {
        "at": moment(dashboard.at),
        "projects": mode_day_json(dashboard.now),
        "modes": [mode_day_json(day) for day in dashboard.modes],
        "lingering": [stand_json(stand) for stand in dashboard.lingering],
        "external_links": _external_json(dashboard.external) if dashboard.external else None,
        "exemptions": {
            **{standing.value: count for standing, count in counts.standing.items()},
            "ending_soon": counts.ending_soon,
            "next": [exemption_json(one) for one in dashboard.next_to_end],
        },
        "rehosts": {state.value: count for state, count in dashboard.rehosts.items()},
        "queues": [
            {"queue": one.queue, "waiting": one.waiting, "later": one.later, "running": one.running}
            for one in dashboard.queues
        ],
        "hosts": {state.value: count for state, count in dashboard.hosts.items()},
        "mails": {"sent": mails.are_sent, "waiting": mails.waiting, "troubled": mails.troubled},
        "drift": {
            "alarms": [
                {"host": one.host, "sign": one.sign.value, "count": one.count} for one in dashboard.alarms
            ],
            "newest": [event_json(one) for one in dashboard.newest_alarms],
        },
    }


def _external_json(external: ExternalLinks) -> Json:
    report = external.report
    return {
        "survey": external.survey.id,
        "finished": moment(external.survey.finished_at) if external.survey.finished_at else None,
        "projects": report.projects,
        "external_projects": report.external_projects,
        "external_files": report.external_files,
        "links": report.links,
        "dead_links": report.dead_links,
        "reaches": {reach.value: count for reach, count in report.reaches.items()},
        "hosts": [
            {
                "host": one.host,
                "projects": one.projects,
                "links": one.links,
                "dead": one.dead,
                "state": one.state.value,
                "alarms": one.alarms,
            }
            for one in external.hosts
        ],
    }


def mode_day_json(day: ModeDay) -> Json:
    """How many projects were in each mode at the end of a day."""
    modes = {mode.value: day.projects[mode] for mode in HostingMode}
    return {"day": day.day.isoformat(), **modes, "total": day.total}


def stand_json(stand: ProjectStand) -> Json:
    """How a project is hosted."""
    return {
        "project": stand.project,
        "mode": stand.mode.value,
        "since": moment(stand.since),
        "exemption": stand.exempt.value,
        "until": stand.until.isoformat() if stand.until else None,
        "owners": stand.owners,
        "reachable_owners": stand.reachable_owners,
        "reachable": stand.is_reachable,
    }


def host_row_json(host: Host, state: HostState) -> Json:
    """A host in a list: how it stands, and what went wrong there last."""
    frozen = host.frozen
    return {
        "host": host.name,
        "state": state.value,
        "asked": moment(host.asked_at) if host.asked_at else None,
        "resting_until": moment(host.resting_until) if host.resting_until else None,
        "failures": host.failures,
        "problem": host.problem or None,
        "frozen_by": frozen.by if frozen else None,
        "frozen_why": frozen.reason if frozen else None,
    }


def mode_days_csv(days: Iterable[ModeDay]) -> Iterator[str]:
    """Days, a line each, below the names of the columns (RFC 4180)."""
    return csv_lines(DAY_COLUMNS, ([mode_day_json(day)] for day in days))


def stands_csv(pieces: Iterable[Sequence[ProjectStand]]) -> Iterator[str]:
    """Projects, a line each, piece by piece."""
    return csv_lines(STAND_COLUMNS, (map(stand_json, piece) for piece in pieces))


def rehosts_csv(pieces: Iterable[Sequence[Rehost]]) -> Iterator[str]:
    """Rehosts, a line each, piece by piece."""
    return csv_lines(REHOST_COLUMNS, (map(rehost_json, piece) for piece in pieces))


def hosts_csv(pieces: Iterable[Iterable[tuple[Host, HostState]]]) -> Iterator[str]:
    """Hosts, a line each, piece by piece."""
    return csv_lines(HOST_COLUMNS, ((host_row_json(*one) for one in piece) for piece in pieces))
