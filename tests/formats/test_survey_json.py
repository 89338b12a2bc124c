"""Surveys as programs are told them: what is written is read back, and spreadsheets compute nothing of it."""

import csv
import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from tests.domain.test_survey import CRAWLED, LINK, NOW

from homeport.domain.survey import Check, Letter, Look, Progress, Reach, Survey, look_of
from homeport.domain.survey_report import report_of
from homeport.formats.survey_csv import LINK_COLUMNS, LOOK_COLUMNS, links_csv, looks_csv
from homeport.formats.survey_json import link_json, look_json, read_report, report_json, survey_json

FULL = replace(
    CRAWLED,
    seen_by=("easy_install", "pip 1.5.6"),
    claimed=(("md5", "a" * 32), ("sha256", "b" * 64)),
    is_tls=True,
    check=Check(Reach.GONE, 404, 12, "http-error", "site.test answered with status 404.", NOW),
)


def test_a_report_is_read_back() -> None:
    """What the database keeps of a report is the report."""
    links = [LINK, FULL]
    looks = [look_of("demo", ("x",), links, problem="p", at=NOW), Look("other", None, "archived", at=NOW)]
    report = report_of(looks, [("demo", link) for link in links])
    stored = json.loads(json.dumps(report_json(report)))
    # When a project was looked at stands in its own row.
    without_times = tuple(replace(look, at=None) for look in report.projects_by_files)
    assert read_report(stored) == replace(report, projects_by_files=without_times)


def test_a_survey() -> None:
    """A survey tells of what, by whom, since when, how far it is and why it ended."""
    survey = Survey(7, "", "ada", NOW)
    told = survey_json(survey, Progress(3, 2, 5, 1))
    assert told["project"] is told["finished"] is told["problem"] is None
    assert told["progress"] == {"projects": 3, "looked_at": 2, "links": 5, "waiting_hosts": 1}
    ended = replace(survey, project="demo", finished_at=NOW + timedelta(hours=1), problem="It broke.")
    told = survey_json(ended, Progress(1, 1, 0, 0))
    assert (told["project"], told["finished"], told["problem"]) == (
        "demo",
        "2026-03-04T06:06:07Z",
        "It broke.",
    )


def test_a_link() -> None:
    """A link tells where it was found, how it is reached and what it claims; what is not known is null."""
    bare = link_json("demo", replace(LINK, check=Check()))
    assert (bare["found_on"], bare["direct"], bare["status"], bare["size"], bare["checked"]) == (
        None,
        True,
        None,
        None,
        None,
    )
    full = link_json("demo", FULL)
    assert full["claimed"] == {"md5": "a" * 32, "sha256": "b" * 64}
    assert (full["reach"], full["status"], full["size"], full["checked"]) == (
        "gone",
        404,
        12,
        "2026-03-04T05:06:07Z",
    )
    assert not full["direct"]


def rows(text: str) -> list[list[str]]:
    """The cells of a file."""
    return list(csv.reader(StringIO(text, newline="")))


def test_links_in_a_spreadsheet() -> None:
    """Links are lines below the names of the columns, in pieces as they come."""
    text = "".join(links_csv([[("demo", LINK)], [("demo", FULL)]]))
    head, first, second = rows(text)
    assert tuple(head) == LINK_COLUMNS
    assert dict(zip(head, first, strict=True))["tls"] == "no"
    told = dict(zip(head, second, strict=True))
    assert told["seen_by"] == "easy_install, pip 1.5.6"
    assert told["claimed"] == f"md5={'a' * 32} sha256={'b' * 64}"
    assert (told["tls"], told["size"]) == ("yes", "12")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_nothing_is_a_formula(text: str) -> None:
    """What a spreadsheet would compute is text there, with an apostrophe before it."""
    _, row = rows("".join(looks_csv([[Look("demo", Letter.A, text)]])))
    assert row[LOOK_COLUMNS.index("problem")] == f"'{text}"


def test_projects_in_a_spreadsheet() -> None:
    """A project is a line; what was not looked at has no class."""
    head, row = rows("".join(looks_csv([[Look("demo", None, "archived", at=NOW)]])))
    assert tuple(head) == LOOK_COLUMNS
    assert row[:3] == ["demo", "", "0"]
    assert look_json(Look("demo", Letter.B))["looked_at"] is None
