"""What a survey of the generated index said, as a document with its charts' data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.survey.measure import Results

_BAR = 40
_HOSTS = 12


def document(results: Results) -> str:
    """The document."""
    report = results.said["report"]
    return "\n".join([*_head(results), *_figures(report), *_charts(report), *_data(report), ""])


def _head(results: Results) -> Iterator[str]:
    minutes = results.survey_seconds / 60
    yield "# A survey of an index of 2013"
    yield ""
    yield (
        f"Written by `make survey`. The index is generated: {results.projects:,} projects, "
        f"{results.truth.links - results.truth.hosted_links:,} links to files that lie elsewhere (the problem of "
        "2013 had 25,000 and 18,000). The outside is simulated by one process on this machine, which answers for every host on an "
        "address of its own (127.x.y.z), over plain HTTP and TLS; hosts that are gone are ports where nobody listens. "
        "What is asked is what a real survey asks: robots.txt of each host, every page once, every file's head."
    )
    yield ""
    yield (
        f"Looking at everything took **{minutes:.1f} minutes** ({results.processor_seconds:,.0f} s of processor time for the index, its worker "
        "and the simulated outside together), with "
        "`HOMEPORT_CRAWL_PACE=0`. Outside a simulation the pace is a second between two requests to one host, so that a survey takes as "
        "long as the requests to the largest host do."
    )
    yield ""
    if results.differences:
        yield "**What the survey says is not what was generated:**"
        yield ""
        yield from (f"- {difference}" for difference in results.differences)
    else:
        yield "Every figure below that the generator knows is exactly what it made: classes, links, hosts, dead links, plain HTTP, hashes."
    yield ""


def _figures(report: Mapping[str, Any]) -> Iterator[str]:
    projects, links, files = report["projects"], report["links"], report["external_files"]
    rows = [
        ("projects", projects, None),
        ("class A: every file hosted here", report["classes"]["A"], projects),
        ("class B: external files, directly linked", report["classes"]["B"], projects),
        ("class C: external files, through crawled pages", report["classes"]["C"], projects),
        ("with pages that could not be read", report["unread_projects"], projects),
        ("whose external files are all gone", report["lost_projects"], projects),
        ("external files", files, None),
        ("with a hash", report["hashed_files"], files),
        ("that cannot be had any more", report["dead_files"], files),
        ("links", links, None),
        ("dead", report["dead_links"], links),
        ("over plain HTTP", report["plain_http_links"], links),
        ("without a hash", report["unhashed_links"], links),
        ("to files that are hosted here, too", report["hosted_links"], links),
        ("hosts", report["hosts"], None),
        ("without a link that works", report["dead_hosts"], report["hosts"]),
        ("on which one project depends alone", report["lone_hosts"], report["hosts"]),
    ]
    yield "| what | number | share |"
    yield "|---|---:|---:|"
    for words, count, whole in rows:
        yield f"| {words} | {count:,} | {f'{count / whole:.1%}' if whole else ''} |"
    yield ""


def _charts(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## What became of the links"
    yield ""
    yield from _bars([(reach, count) for reach, count in report["reach"].items()])
    yield "## Hosts by the projects that depend on them"
    yield ""
    yield from _bars([(host["host"], host["projects"]) for host in report["hosts_by_projects"][:_HOSTS]])
    yield "## Projects by the number of their external files"
    yield ""
    yield from _bars([(_range(bar), bar["count"]) for bar in report["spread"]])


def _range(bar: Mapping[str, Any]) -> str:
    if bar["most"] is None:
        return f"{bar['least']:,} and more"
    return str(bar["least"]) if bar["least"] == bar["most"] else f"{bar['least']}-{bar['most']}"


def _bars(rows: Sequence[tuple[str, int]]) -> Iterator[str]:
    most = max((count for _, count in rows), default=0)
    wide = max((len(words) for words, _ in rows), default=0)
    yield "```text"
    for words, count in rows:
        yield f"{words:<{wide}}  {'█' * round(_BAR * count / most) if most else '':<{_BAR}}  {count:,}"
    yield "```"
    yield ""


def _data(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## The report"
    yield ""
    yield "As `homeport survey show --json` tells it, its lists cut to their beginnings."
    yield ""
    cut = {name: value[:5] if isinstance(value, list) else value for name, value in report.items()}
    yield "```json"
    yield json.dumps(cut, indent=1)
    yield "```"
