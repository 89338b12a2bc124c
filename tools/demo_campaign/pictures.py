"""The campaign in pictures: stacked bars for the terminal, and the same as SVG in a report that any browser opens."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text
from tools.demo_campaign.checks import Check
from tools.demo_campaign.index import BEGIN
from tools.demo_campaign.months import Months

from homeport.domain.campaign import Campaign, Stand
from homeport.domain.dashboard import progress
from homeport.domain.hosting import HostingMode
from homeport.flows.campaign.show import CampaignView, list_unreached, show_campaign
from homeport.flows.dashboard import campaign_progress
from homeport.flows.mode_days import DayFilter, list_mode_days
from homeport.web.day_chart import DayChart, Series, day_chart

_WIDE = 60
_ROWS = 22
# Told apart without colours, too.
_BRICKS = "█▒░▓"
_COLOURS = {
    "red": "#d1495b",
    "green": "#3a7d44",
    "blue": "#2e6f95",
    "yellow": "#e0a526",
    "magenta": "#8d5a97",
}
_MODES = {HostingMode.EXT: "red", HostingMode.CACHE: "green", HostingMode.ONLY: "blue"}
_STANDS = {
    Stand.MOVED: ("moved on the day", "blue"),
    Stand.ACTED: ("acted in time", "green"),
    Stand.EXEMPT: ("exempt", "magenta"),
    Stand.WAITING: ("waiting", "yellow"),
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "svg{width:100%;height:16rem;background:#f4f4f2}table{border-collapse:collapse}"
    "td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}"
    "i{display:inline-block;width:.8em;height:.8em;margin:0 .4em 0 1em}.bad{color:#b00020;font-weight:bold}"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: its title, its days, and its series from below, each with a number for every day."""

    title: str
    days: Sequence[date]
    series: Sequence[Series]

    @property
    def drawn(self) -> DayChart:
        """Its areas."""
        return day_chart(self.days, self.series)


def pictures_of(months: Months, campaign: Campaign) -> tuple[Picture, ...]:
    """Projects by mode, projects by how they stand in the campaign, and mails, over the days."""
    world = months.index.world
    modes = list_mode_days(world, None, DayFilter(since=BEGIN.date()))
    by_mode = [
        Series(mode.value, colour, "", [day.projects.get(mode, 0) for day in modes])
        for mode, colour in _MODES.items()
    ]
    left, until = campaign_progress(world, None, campaign.id), world.clock.now().date()
    stands = progress(left, len(months.projects), BEGIN.date(), until)
    by_stand = [
        Series(words, colour, "", [day.projects.get(stand, 0) for day in stands])
        for stand, (words, colour) in _STANDS.items()
    ]
    return (
        Picture("Projects by hosting mode", [day.day for day in modes], by_mode),
        Picture("Projects in the campaign", [day.day for day in stands], by_stand),
    )


def in_terminal(picture: Picture) -> Group:
    """The chart as rows of bars, the first and the last day among them."""
    rows = [Text(picture.title, "bold"), _legend(picture)]
    for place in _places(len(picture.days)):
        counts = [one.counts[place] for one in picture.series]
        row = Text(f"{picture.days[place]}  ", "dim")
        for one, brick, wide in zip(picture.series, _BRICKS, _widths(counts), strict=False):
            row.append(brick * wide, f"not dim {one.tone}")
        rows.append(row)
    return Group(*rows, Text())


def _legend(picture: Picture) -> Text:
    legend = Text()
    for one, brick in zip(picture.series, _BRICKS, strict=False):
        legend.append(f"{brick} ", one.tone)
        legend.append(f"{one.words}: {one.counts[0]} → {one.last}   ")
    return legend


def _places(days: int) -> list[int]:
    return sorted({round(row * (days - 1) / (_ROWS - 1)) for row in range(_ROWS)})


def _widths(counts: Sequence[int]) -> Iterator[int]:
    """How wide each part of a bar is; together they are as wide as every other bar."""
    total, seen, drawn = sum(counts), 0, 0
    for count in counts:
        seen += count
        wide = round(_WIDE * seen / total) - drawn if total else 0
        drawn += wide
        yield wide


def write_report(
    path: Path, months: Months, campaign: Campaign, pictures: Sequence[Picture], results: Sequence[Check]
) -> None:
    """The report: charts, what was told, whom no mail reached, and the checks."""
    world = months.index.world
    view = show_campaign(world, None, campaign.id)
    unreached = list_unreached(world, None, campaign.id)
    parts = [
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>A campaign</title>",
        f"<style>{_STYLE}</style><h1>{html.escape(campaign.title)}</h1>",
        _told(months, campaign),
        *(_figure(picture) for picture in pictures),
        "<h2>Notices given</h2>",
        _rows(("step", "notices"), _in_order(view.told)),
        "<h2>Whom no mail reaches</h2>",
        _rows(("project", "who", "why"), [(one.project, one.user, one.problem) for one in unreached]),
        "<h2>What was checked</h2>",
        _rows(("promise", "looked at", ""), [(one.promise, one.looked_at, _verdict(one)) for one in results]),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts) + "\n")


def _told(months: Months, campaign: Campaign) -> str:
    days = f"announced {BEGIN.date()}, the day {campaign.day}"
    return f"<p>{len(months.projects)} projects, {days}; {len(months.received)} mails arrived.</p>"


def _verdict(check: Check) -> str:
    return "holds" if check.holds else f"BROKEN: {'; '.join(check.problems) or 'nothing was looked at'}"


def _figure(picture: Picture) -> str:
    chart = picture.drawn
    areas = "".join(f'<polygon fill="{_COLOURS[area.tone]}" points="{area.points}"/>' for area in chart.areas)
    legend = "".join(
        f'<i style="background:{_COLOURS[one.tone]}"></i>{html.escape(one.words)}: {one.counts[0]} → {one.last}'
        for one in picture.series
    )
    return (
        f'<h2>{html.escape(picture.title)}</h2><figure><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40" '
        f'preserveAspectRatio="none" role="img" aria-label="{html.escape(picture.title)}">{areas}</svg>'
        f"<figcaption>{chart.first} to {chart.last}, {chart.most} projects.{legend}</figcaption></figure>"
    )


def _rows(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{html.escape(one)}" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows)
    return f"<table><tr>{head}{body}</table>"


def _in_order(told: Mapping[str, int]) -> list[tuple[str, int]]:
    """Steps as they follow each other: ``B-90`` before ``B-30``, the day last."""
    return sorted(told.items(), key=lambda one: (-int(one[0].partition("-")[2] or 0), one[0]))


def stands_table(view: CampaignView) -> Table:
    """How the projects stand, and what was given."""
    table = Table(title="The campaign", title_justify="left", header_style="bold")
    table.add_column("projects that")
    table.add_column("", justify="right")
    for stand, (words, colour) in _STANDS.items():
        table.add_row(Text(words, colour), f"{view.of_stand(stand)}")
    for step, count in _in_order(view.told):
        table.add_row(f"notices: {step}", f"{count}")
    table.add_row("people and projects that no mail reaches", f"{view.unreached}")
    return table
