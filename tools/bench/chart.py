"""The chart of a run: an SVG with text, readable on light and on dark pages, written without any library.

1. Bars are as long as their figures on one linear scale for each panel; the longest fills the panel.
2. The figure stands beside its bar, so that nothing has to be read off a scale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from tools.bench.cases import KEY_FILES, Form
from tools.bench.corpus import PAGES, page
from tools.bench.figures import Results
from tools.bench.homeport import NAME, NGINX
from tools.bench.report import number

WIDTH = 860
_MARGIN = 24
_LABELS = 190
_FIGURES = 90
_BAR = 18
_STEP = 26
_HEAD = 58
_TITLE = 64

_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1c2930; }
.title { font-size: 19px; font-weight: 650; }
.panel { font-size: 14px; font-weight: 600; }
.soft { fill: #57636b; }
.figure { font-variant-numeric: tabular-nums; }
.other { fill: #a9a294; }
.limit { fill: none; stroke: #8a857a; stroke-dasharray: 4 3; }
.ours { fill: #0f6b6b; }
.name-ours { font-weight: 650; }
@media (prefers-color-scheme: dark) {
  text { fill: #e2e8ea; }
  .soft { fill: #9fadb4; }
  .other { fill: #5a6a73; }
  .limit { stroke: #76848c; }
  .ours { fill: #6fd0c5; }
}
"""


@dataclass(frozen=True)
class Panel:
    """One row of bars: what they say, in which unit, and the figure of each server."""

    title: str
    unit: str
    figures: Mapping[str, float]

    @property
    def height(self) -> int:
        """What it takes."""
        return _HEAD + _STEP * len(self.figures)


def chart(results: Results) -> str:
    """The chart of a run."""
    return draw("Homeport, nginx and other Python package indexes on the same core", panels(results))


def panels(results: Results) -> list[Panel]:
    """What the chart shows, as far as it was measured."""
    found = [_pages(results, files) for files in (KEY_FILES, max(PAGES))]
    installs = {name: results.costs[name].install_seconds for name in results.names if name in results.costs}
    memory = {name: results.costs[name].downloads for name in results.names if name in results.costs}
    found += [
        Panel(
            "uv installs 30 packages that depend on one another, nothing cached",
            "seconds, less is better",
            {name: seconds for name, seconds in installs.items() if seconds is not None},
        ),
        Panel(
            "Memory for 50 downloads of 50 MB at once",
            "megabytes more than before, less is better",
            {name: seen.rise_bytes / 1e6 for name, seen in memory.items() if seen is not None},
        ),
    ]
    return [panel for panel in found if panel.figures]


def _pages(results: Results, files: int) -> Panel:
    """A project page as installers ask for it: JSON, or HTML from a server without JSON."""
    figures: dict[str, float] = {}
    for form in (Form.HTML, Form.JSON):
        outcome = results.outcome(project=page(files), form=form, connections=32, is_gzip=True)
        if outcome:
            figures |= {name: figure.requests_per_second for name, figure in outcome.figures.items()}
    return Panel(
        f"Project page of {files:,} files, 32 connections",
        "answers a second",
        {name: figures[name] for name in results.names if name in figures},
    )


def draw(title: str, shown: list[Panel]) -> str:
    """The panels below one another."""
    height = _TITLE + sum(panel.height for panel in shown)
    told = "; ".join(
        f"{panel.title} ({panel.unit}): "
        + ", ".join(f"{name} {number(value)}" for name, value in panel.figures.items())
        for panel in shown
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"',
        f'  width="{WIDTH}" height="{height}" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(told)}.</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="{_MARGIN}" y="36">{escape(title)}</text>',
    ]
    top = _TITLE
    for panel in shown:
        lines += _panel(panel, top)
        top += panel.height
    return "\n".join([*lines, "</svg>", ""])


def _panel(panel: Panel, top: int) -> Iterable[str]:
    yield (
        f'<text class="panel" x="{_MARGIN}" y="{top + 16}">{escape(panel.title)}'
        f'<tspan class="soft" font-weight="400" dx="8">{escape(panel.unit)}</tspan></text>'
    )
    room = WIDTH - 2 * _MARGIN - _LABELS - _FIGURES
    most = max(panel.figures.values()) or 1.0
    for place, (name, value) in enumerate(panel.figures.items()):
        y = top + 30 + place * _STEP
        length = max(1.5, room * value / most)
        kind = {NAME: "ours", NGINX: "limit"}.get(name, "other")
        strong = ' class="name-ours"' if name == NAME else ""
        left = _MARGIN + _LABELS
        yield f'<text{strong} x="{left - 10}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{left}" y="{y}" width="{length:.1f}" height="{_BAR}" rx="3"/>'
        yield f'<text class="figure" x="{left + length + 8:.1f}" y="{y + 14}">{number(value)}</text>'
