"""The administrator's dashboard: the whole index on one page, every block with the way to its list."""

from collections.abc import Sequence

from homeport.domain.dashboard import ModeDay
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.flows.dashboard import SHOWN_DAYS, show_dashboard
from homeport.flows.mode_days import DayFilter, list_mode_days
from homeport.formats.dashboard_json import mode_day_json, mode_days_csv
from homeport.web import survey_charts
from homeport.web.day_chart import DayChart, Series, day_chart
from homeport.web.exports import export
from homeport.web.filters import chosen_day
from homeport.web.page import Asked, Download, Page

_RANGES = (30, SHOWN_DAYS, 365)
_TONES = {HostingMode.EXT: "warn", HostingMode.CACHE: "busy", HostingMode.ONLY: "good"}
# What is on the way out lies on top, where it is seen to shrink.
_FROM_BELOW = (HostingMode.ONLY, HostingMode.CACHE, HostingMode.EXT)


def show(asked: Asked) -> Page:
    """Everything at a glance."""
    wanted = asked.query.get("days", "")
    days = int(wanted) if wanted in {str(one) for one in _RANGES} else SHOWN_DAYS
    dashboard = show_dashboard(asked.world, asked.caller(), days=days)
    external = dashboard.external
    base = f"/admin/surveys/{external.survey.id}/" if external else ""
    return Page(
        "dashboard.html",
        {
            "dashboard": dashboard,
            "chart": mode_chart(dashboard.modes),
            "table": _few(dashboard.modes),
            "modes": list(HostingMode),
            "days": days,
            "ranges": _RANGES,
            "reaches": survey_charts.reaches(external.report, base) if external else (),
            "survey_base": base,
            "every": asked.world.drift.every,
        },
    )


def show_modes(asked: Asked) -> Page:
    """The days with their numbers, newest first, all or those that are wanted."""
    query, wanted = _wanted(asked)
    days = list_mode_days(asked.world, asked.caller(), wanted)
    return Page(
        "modes.html",
        {
            "days": list(reversed(days)),
            "chart": mode_chart(days) if days else None,
            "modes": list(HostingMode),
            "wanted": query,
            "query": "&".join(f"{name}={text}" for name, text in query.items() if text),
        },
    )


def download_modes(asked: Asked) -> Download:
    """The same days as ``modes.csv`` or ``modes.json``."""
    days = list_mode_days(asked.world, asked.caller(), _wanted(asked)[1])
    return export(
        asked.params["file"], "modes", lambda: mode_days_csv(days), lambda: map(mode_day_json, days)
    )


def mode_chart(days: Sequence[ModeDay]) -> DayChart:
    """Projects by mode over these days."""
    series = [
        Series(mode, _TONES[mode], f"/admin/projects/?mode={mode}", [day.projects[mode] for day in days])
        for mode in _FROM_BELOW
    ]
    return day_chart([day.day for day in days], series)


def _few(days: Sequence[ModeDay]) -> list[ModeDay]:
    """The last day, and some before it at equal distances: what a table beside a picture has room for."""
    step = max(len(days) // 6, 1)
    return list(reversed(days))[::step][:7]


def _wanted(asked: Asked) -> tuple[dict[str, str], DayFilter]:
    """Which days the query asks for, as it reads in an address, and as what it means."""
    days = {name: day for name in ("since", "until") if (day := chosen_day(asked.query, name))}
    if len(days) > 1 and days["since"] > days["until"]:
        raise Invalid(
            f"since is {days['since']}, which comes after until, {days['until']}: no day is between them.",
            code="filter-unknown",
        )
    query = {name: days[name].isoformat() if name in days else "" for name in ("since", "until")}
    return query, DayFilter(days.get("since"), days.get("until"))
