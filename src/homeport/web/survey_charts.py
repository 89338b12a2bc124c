"""The figures of a survey as bars: what each says, how long it is, and where it leads.

A bar is at most 100 wide. Its ``dark`` part, from the left, is what of it is in trouble.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from homeport.domain.survey import Letter, Reach
from homeport.domain.survey_report import HostFigures, Report
from homeport.web.words import count

_SHOWN_HOSTS = 20
LETTERS = {
    Letter.A: "all files hosted here",
    Letter.B: "external files, directly linked",
    Letter.C: "external files, through crawled pages",
}
REACHES = {
    Reach.FOUND: "there",
    Reach.GONE: "gone: the host says so",
    Reach.SILENT: "silent: nobody answers",
    Reach.UNASKED: "not asked: robots.txt or our rules",
}
_LETTER_TONES = {Letter.A: "good", Letter.B: "busy", Letter.C: "warn"}
_REACH_TONES = {Reach.FOUND: "good", Reach.GONE: "bad", Reach.SILENT: "warn", Reach.UNASKED: "quiet"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: from ``start``, so ``wide``, both of 100."""

    words: str
    count: int
    share: str
    tone: str
    start: float
    wide: float
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """One of several bars that are compared."""

    words: str
    count: int
    wide: float
    dark: float
    note: str
    path: str


def letters(report: Report, base: str) -> tuple[Part, ...]:
    """Projects by class."""
    rows = [
        (
            f"{letter}: {words}",
            report.letters[letter],
            _LETTER_TONES[letter],
            f"{base}projects/?class={letter}",
        )
        for letter, words in LETTERS.items()
    ]
    if report.skipped_projects:
        rows.append(("not looked at", report.skipped_projects, "quiet", ""))
    return parts_of(rows)


def reaches(report: Report, base: str) -> tuple[Part, ...]:
    """Links by what came of asking for them."""
    return parts_of(
        [
            (words, report.reaches[reach], _REACH_TONES[reach], f"{base}links/?reach={reach}")
            for reach, words in REACHES.items()
        ]
    )


def schemes(report: Report, base: str) -> tuple[Part, ...]:
    """Links by how they are fetched."""
    plain = report.plain_http_links
    return parts_of(
        [
            ("https", report.links - plain, "good", f"{base}links/?tls=yes"),
            ("plain http", plain, "bad", f"{base}links/?tls=no"),
        ]
    )


def hashes(report: Report) -> tuple[Part, ...]:
    """External files by whether any link says what bytes they have."""
    hashed = report.hashed_files
    return parts_of(
        [
            ("a link claims a hash", hashed, "good", ""),
            ("no hash anywhere", report.external_files - hashed, "bad", ""),
        ]
    )


def hosts_by_projects(report: Report, base: str) -> tuple[Line, ...]:
    """The hosts that most projects depend on."""
    hosts = report.hosts_by_projects[:_SHOWN_HOSTS]
    most = max((host.projects for host in hosts), default=0)
    return tuple(
        Line(
            host.host,
            host.projects,
            wide := _of(host.projects, most),
            wide * host.dead / host.links,
            f"{'project' if host.projects == 1 else 'projects'}; {count(host.links, 'link')}, {_percent(host.dead, host.links)} dead",
            _host_path(base, host),
        )
        for host in hosts
    )


def hosts_by_dead(report: Report, base: str) -> tuple[Line, ...]:
    """The hosts with the largest share of dead links."""
    return tuple(
        Line(
            host.host,
            host.dead,
            100.0,
            _of(host.dead, host.links),
            f"dead, {_percent(host.dead, host.links)} of {count(host.links, 'link')}",
            _host_path(base, host),
        )
        for host in report.hosts_by_dead[:_SHOWN_HOSTS]
    )


def spread(report: Report) -> tuple[Line, ...]:
    """Projects by how many external files they have."""
    most = max((bar.count for bar in report.spread), default=0)
    return tuple(
        Line(_range(bar.least, bar.most), bar.count, _of(bar.count, most), 0.0, "", "")
        for bar in report.spread
    )


def parts_of(rows: Sequence[tuple[str, int, str, str]]) -> tuple[Part, ...]:
    """The parts of a whole: words, how many, the tone, and where it leads."""
    whole, start, parts = sum(much for _, much, _, _ in rows), 0.0, []
    for words, much, tone, path in rows:
        wide = _of(much, whole)
        parts.append(Part(words, much, _percent(much, whole), tone, start, wide, path))
        start += wide
    return tuple(parts)


def _of(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0%"


def _range(least: int, most: int | None) -> str:
    if most is None:
        return f"{least:,} and more"
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _host_path(base: str, host: HostFigures) -> str:
    return f"{base}links/?{urlencode({'host': host.host})}"
