"""Surveys: begun, watched, and read as charts, tables and files."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import starmap
from urllib.parse import urlencode

from homeport.domain.errors import NotFound, Refusal
from homeport.domain.row_id import row_id
from homeport.domain.survey import Letter, Reach, Survey
from homeport.flows.survey import show
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.formats.survey_csv import links_csv, looks_csv, surveys_csv
from homeport.formats.survey_json import link_json, look_json, report_json, survey_json, survey_row_json
from homeport.ports.surveys import LinkFilter
from homeport.web import survey_charts
from homeport.web.exports import CSV, JSON, export, json_list
from homeport.web.filters import chosen, yes_or_no
from homeport.web.page import Asked, Download, GoTo, Page

_LONGEST = 300


def show_surveys(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The surveys there were, and a form for a new one."""
    views = show.list_surveys(asked.world, asked.caller())
    return Page("surveys.html", {"views": views, "form": asked.form}, refusal)


def download_surveys(asked: Asked) -> Download:
    """The same surveys, all of them, as ``surveys.csv`` or ``surveys.json``."""
    found = show.every_survey(asked.world, asked.caller())
    pieces = ([(view.survey, view.progress, view.report) for view in views] for views in found)
    return export(
        asked.params["file"],
        "surveys",
        lambda: surveys_csv(pieces),
        lambda: starmap(survey_row_json, (row for piece in pieces for row in piece)),
    )


def send_surveys(asked: Asked) -> Page | GoTo:
    """Begin a survey, or go to the one that runs already."""
    caller, name = asked.caller(), asked.form.text("name").strip()
    try:
        begin: Callable[[], Survey] = asked.form.chosen(
            {
                "one": partial(start_survey, asked.world, caller, name),
                "all": partial(start_survey_of_all, asked.world, caller),
            }
        )
        survey = begin()
    except Refusal as refusal:
        return show_surveys(asked, refusal)
    return GoTo(_base(survey.id))


def show_survey(asked: Asked) -> Page:
    """One survey: how far it is, or its report."""
    view = show.show_survey(asked.world, asked.caller(), _survey_id(asked))
    base = _base(view.survey.id)
    values: dict[str, object] = {"view": view, "base": base, "report": view.report}
    if view.survey.project:
        values["looks"] = show.list_looks(asked.world, asked.caller(), view.survey.id).looks
        values["page"] = show.list_links(asked.world, asked.caller(), view.survey.id)
    elif view.report:
        values |= {
            "letters": survey_charts.letters(view.report, base),
            "reaches": survey_charts.reaches(view.report, base),
            "schemes": survey_charts.schemes(view.report, base),
            "hashes": survey_charts.hashes(view.report),
            "hosts": survey_charts.hosts_by_projects(view.report, base),
            "dead_hosts": survey_charts.hosts_by_dead(view.report, base),
            "spread": survey_charts.spread(view.report),
        }
    return Page("survey.html", values)


def show_projects(asked: Asked) -> Page:
    """The projects of a survey, all or those of a class."""
    survey_id, letter = _survey_id(asked), chosen(asked.query, "class", Letter)
    view = show.show_survey(asked.world, asked.caller(), survey_id)
    after = asked.query.get("after", "")[:_LONGEST]
    listed = show.list_looks(asked.world, asked.caller(), survey_id, letter=letter, after=after)
    query = {"class": letter.value} if letter else {}
    return Page(
        "survey_projects.html",
        {
            "view": view,
            "base": _base(survey_id),
            "listed": listed,
            "letter": letter,
            "letters": survey_charts.LETTERS,
            "query": urlencode(query),
            "is_begin": not after,
            "following": _following(query, listed.after),
        },
    )


def show_links(asked: Asked) -> Page:
    """The links of a survey, all or those that are wanted."""
    survey_id = _survey_id(asked)
    view = show.show_survey(asked.world, asked.caller(), survey_id)
    query, wanted = _wanted(asked)
    after = asked.query.get("after", "")
    start = row_id(after, "link") if after else 0
    page = show.list_links(asked.world, asked.caller(), survey_id, wanted, after=start)
    return Page(
        "survey_links.html",
        {
            "view": view,
            "base": _base(survey_id),
            "page": page,
            "wanted": wanted,
            "letters": survey_charts.LETTERS,
            "reach_words": survey_charts.REACHES,
            "query": urlencode(query),
            "is_begin": not after,
            "following": _following(query, page.after),
        },
    )


def download(asked: Asked) -> Download:
    """What a survey saw, as a file: the report, its projects or its links, all or those that are wanted."""
    survey_id, caller = _survey_id(asked), asked.caller()
    view, filename = show.show_survey(asked.world, caller, survey_id), asked.params["export"]
    _, wanted = _wanted(asked)
    letter = chosen(asked.query, "class", Letter)

    def report() -> Iterator[str]:
        told = survey_json(view.survey, view.progress)
        told["report"] = report_json(view.report) if view.report else None
        yield json.dumps(told, indent=1)

    def looks() -> Iterator[str]:
        pieces = show.every_look(asked.world, caller, survey_id, letter)
        yield from json_list(look_json(look) for piece in pieces for look in piece)

    def links() -> Iterator[str]:
        pieces = show.every_link(asked.world, caller, survey_id, wanted)
        yield from json_list(link_json(one.project, one.link) for piece in pieces for one in piece)

    def look_lines() -> Iterator[str]:
        return looks_csv(show.every_look(asked.world, caller, survey_id, letter))

    def link_lines() -> Iterator[str]:
        pieces = show.every_link(asked.world, caller, survey_id, wanted)
        return links_csv([(one.project, one.link) for one in piece] for piece in pieces)

    exports: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
        "report.json": (JSON, report),
        "projects.json": (JSON, looks),
        "links.json": (JSON, links),
        "projects.csv": (CSV, look_lines),
        "links.csv": (CSV, link_lines),
    }
    if filename not in exports:
        raise NotFound(
            f"There is no such file of a survey: there are {', '.join(exports)}.", code="page-unknown"
        )
    content_type, pieces = exports[filename]
    return Download(f"survey-{survey_id}-{filename}", content_type, pieces())


def _wanted(asked: Asked) -> tuple[dict[str, str], LinkFilter]:
    """What of the query says which links are wanted, as it reads in an address, and as what it means."""
    names = ("project", "host", "reach", "class", "tls")
    query = {name: text for name in names if (text := asked.query.get(name, "").strip()[:_LONGEST])}
    return query, LinkFilter(
        project=query.get("project", "").lower(),
        host=query.get("host", "").lower(),
        reach=chosen(query, "reach", Reach),
        letter=chosen(query, "class", Letter),
        is_tls=yes_or_no(query, "tls"),
    )


def _following(query: Mapping[str, str], after: str | int) -> str:
    return f"?{urlencode({**query, 'after': after})}" if after else ""


def _survey_id(asked: Asked) -> int:
    return row_id(asked.params["id"], "survey")


def _base(survey_id: int) -> str:
    return f"/admin/surveys/{survey_id}/"
