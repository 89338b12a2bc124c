"""Surveys: begun, looked at, and listed by projects and links."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.errors import Invalid
from homeport.domain.row_id import row_id
from homeport.domain.survey import Letter, Reach
from homeport.flows.survey import show
from homeport.flows.survey.start import start_survey, start_survey_of_all
from homeport.formats.survey_json import link_json, look_json, report_json, survey_json
from homeport.ports.surveys import LinkFilter
from homeport.ports.world import World


def _list_surveys(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    return {"surveys": [survey_json(view.survey, view.progress) for view in show.list_surveys(world, caller)]}


def _begin_survey(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    project, of_all = body.text("project", ""), body.flag("all")
    body.finish()
    if bool(project) is of_all:
        raise Invalid("Name a project, or say all: true.", code="survey-of-what")
    survey = start_survey(world, caller, project) if project else start_survey_of_all(world, caller)
    return _told(show.show_survey(world, caller, survey.id))


def _show_survey(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _told(show.show_survey(world, caller, _survey_id(path)))


def _list_survey_projects(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    letter, after = body.parsed("class", Letter, None), body.text("after", "")
    body.finish()
    page = show.list_looks(world, caller, _survey_id(path), letter=letter, after=after)
    return {"projects": [look_json(look) for look in page.looks], "after": page.after or None}


def _list_survey_links(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    wanted = LinkFilter(
        project=body.text("project", ""),
        host=body.text("host", ""),
        reach=body.parsed("reach", Reach, None),
        letter=body.parsed("class", Letter, None),
    )
    after = body.parsed("after", _row, 0)
    body.finish()
    page = show.list_links(world, caller, _survey_id(path), wanted, after=after)
    return {
        "links": [link_json(one.project, one.link) for one in page.links],
        "after": str(page.after) if page.after else None,
    }


def _told(view: show.SurveyView) -> Json:
    return {
        **survey_json(view.survey, view.progress),
        "report": report_json(view.report) if view.report else None,
    }


def _survey_id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "survey")


def _row(text: str) -> int:
    return row_id(text, "link")


SURVEY_CALLS: tuple[Call, ...] = (
    Call("GET", "/surveys", HTTPStatus.OK, _list_surveys),
    Call("POST", "/surveys", HTTPStatus.ACCEPTED, _begin_survey),
    Call("GET", "/surveys/{id}", HTTPStatus.OK, _show_survey),
    Call("GET", "/surveys/{id}/projects", HTTPStatus.OK, _list_survey_projects),
    Call("GET", "/surveys/{id}/links", HTTPStatus.OK, _list_survey_links),
)
