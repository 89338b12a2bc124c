"""Surveys as programs are told them, and the report as it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from homeport.domain.survey import Letter, Link, Look, Progress, Reach, Survey
from homeport.domain.survey_report import Bar, HostFigures, Report
from homeport.formats.management_json import moment

Json = dict[str, Any]


def survey_json(survey: Survey, progress: Progress) -> Json:
    """A survey as it stands, without its report."""
    return {
        "id": survey.id,
        "project": survey.project or None,
        "asked_by": survey.asked_by,
        "started": moment(survey.started_at),
        "finished": moment(survey.finished_at) if survey.finished_at else None,
        "problem": survey.problem or None,
        "progress": {
            "projects": progress.projects,
            "looked_at": progress.looked_at,
            "links": progress.links,
            "waiting_hosts": progress.waiting_hosts,
        },
    }


def survey_row_json(survey: Survey, progress: Progress, report: Report | None) -> Json:
    """A survey in a list of them, with the figures of its report once there is one."""
    told = survey_json(survey, progress)
    return {
        **told,
        **told["progress"],
        "external_files": report.external_files if report else None,
        "dead_links": report.dead_links if report else None,
    }


def look_json(look: Look) -> Json:
    """What was seen of one project."""
    return {
        "project": look.project,
        "class": look.letter.value if look.letter else None,
        "problem": look.problem or None,
        "hosted_files": look.hosted_files,
        "external_files": look.external_files,
        "hashed_files": look.hashed_files,
        "dead_files": look.dead_files,
        "links": look.links,
        "looked_at": moment(look.at) if look.at else None,
    }


def link_json(project: str, link: Link) -> Json:
    """One external link."""
    return {
        "project": project,
        "url": link.url,
        "host": link.host,
        "filename": link.filename,
        "version": link.version,
        "found_on": link.found_on or None,
        "direct": link.is_direct,
        "source": link.source,
        "seen_by": list(link.seen_by),
        "claimed": dict(link.claimed),
        "tls": link.is_tls,
        "hosted_here": link.is_hosted,
        "reach": link.check.reach.value,
        "status": link.check.status or None,
        "size": link.check.size_bytes,
        "code": link.check.code or None,
        "problem": link.check.problem or None,
        "checked": moment(link.check.at) if link.check.at else None,
    }


def report_json(report: Report) -> Json:
    """The figures of a finished survey; :func:`read_report` reads them back."""
    return {
        "projects": report.projects,
        "classes": {letter.value: count for letter, count in report.letters.items()},
        "external_projects": report.external_projects,
        "skipped_projects": report.skipped_projects,
        "unread_projects": report.unread_projects,
        "lost_projects": report.lost_projects,
        "hosted_files": report.hosted_files,
        "external_files": report.external_files,
        "hashed_files": report.hashed_files,
        "dead_files": report.dead_files,
        "links": report.links,
        "hosted_links": report.hosted_links,
        "reach": {reach.value: count for reach, count in report.reaches.items()},
        "dead_links": report.dead_links,
        "plain_http_links": report.plain_http_links,
        "unhashed_links": report.unhashed_links,
        "hosts": report.hosts,
        "dead_hosts": report.dead_hosts,
        "lone_hosts": report.lone_hosts,
        "sources": dict(report.sources),
        "tools": dict(report.tools),
        "reasons": dict(report.reasons),
        "spread": [asdict(bar) for bar in report.spread],
        "hosts_by_projects": [asdict(host) for host in report.hosts_by_projects],
        "hosts_by_links": [asdict(host) for host in report.hosts_by_links],
        "hosts_by_dead": [asdict(host) for host in report.hosts_by_dead],
        "projects_by_files": [_top_look(look) for look in report.projects_by_files],
    }


def read_report(stored: Mapping[str, Any]) -> Report:
    """The report that :func:`report_json` wrote."""
    return Report(
        projects=stored["projects"],
        letters={letter: stored["classes"][letter.value] for letter in Letter},
        skipped_projects=stored["skipped_projects"],
        unread_projects=stored["unread_projects"],
        lost_projects=stored["lost_projects"],
        hosted_files=stored["hosted_files"],
        external_files=stored["external_files"],
        hashed_files=stored["hashed_files"],
        dead_files=stored["dead_files"],
        links=stored["links"],
        hosted_links=stored["hosted_links"],
        reaches={reach: stored["reach"][reach.value] for reach in Reach},
        plain_http_links=stored["plain_http_links"],
        unhashed_links=stored["unhashed_links"],
        hosts=stored["hosts"],
        dead_hosts=stored["dead_hosts"],
        lone_hosts=stored["lone_hosts"],
        sources=tuple(stored["sources"].items()),
        tools=tuple(stored["tools"].items()),
        reasons=tuple(stored["reasons"].items()),
        spread=tuple(Bar(**bar) for bar in stored["spread"]),
        hosts_by_projects=_read_hosts(stored["hosts_by_projects"]),
        hosts_by_links=_read_hosts(stored["hosts_by_links"]),
        hosts_by_dead=_read_hosts(stored["hosts_by_dead"]),
        projects_by_files=tuple(_read_look(look) for look in stored["projects_by_files"]),
    )


def _read_hosts(stored: Iterable[Mapping[str, Any]]) -> tuple[HostFigures, ...]:
    return tuple(HostFigures(**host) for host in stored)


def _top_look(look: Look) -> Json:
    return {name: value for name, value in look_json(look).items() if name != "looked_at"}


def _read_look(stored: Mapping[str, Any]) -> Look:
    return Look(
        project=stored["project"],
        letter=Letter(stored["class"]),
        problem=stored["problem"] or "",
        hosted_files=stored["hosted_files"],
        external_files=stored["external_files"],
        hashed_files=stored["hashed_files"],
        dead_files=stored["dead_files"],
        links=stored["links"],
    )
