"""What a survey saw, as comma-separated values."""

from collections.abc import Iterable, Iterator
from itertools import starmap

from homeport.domain.survey import Link, Look, Progress, Survey
from homeport.domain.survey_report import Report
from homeport.formats.csv_lines import csv_lines
from homeport.formats.survey_json import link_json, look_json, survey_row_json

LOOK_COLUMNS = (
    "project",
    "class",
    "hosted_files",
    "external_files",
    "hashed_files",
    "dead_files",
    "links",
    "problem",
    "looked_at",
)
SURVEY_COLUMNS = (
    "id",
    "project",
    "asked_by",
    "started",
    "finished",
    "problem",
    "projects",
    "looked_at",
    "links",
    "external_files",
    "dead_links",
)
LINK_COLUMNS = (
    "project",
    "filename",
    "version",
    "url",
    "host",
    "found_on",
    "source",
    "seen_by",
    "claimed",
    "tls",
    "hosted_here",
    "reach",
    "status",
    "size",
    "code",
    "problem",
    "checked",
)


def looks_csv(pieces: Iterable[Iterable[Look]]) -> Iterator[str]:
    """Projects, a line each, below the names of the columns; piece by piece."""
    return csv_lines(LOOK_COLUMNS, (map(look_json, looks) for looks in pieces))


def links_csv(pieces: Iterable[Iterable[tuple[str, Link]]]) -> Iterator[str]:
    """Links with their projects, a line each, below the names of the columns; piece by piece."""
    return csv_lines(LINK_COLUMNS, (starmap(link_json, links) for links in pieces))


def surveys_csv(pieces: Iterable[Iterable[tuple[Survey, Progress, Report | None]]]) -> Iterator[str]:
    """Surveys, a line each, piece by piece; what a report counts is there when there is a report."""
    return csv_lines(SURVEY_COLUMNS, (starmap(survey_row_json, surveys) for surveys in pieces))
