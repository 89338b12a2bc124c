"""Surveys on pages and over the API."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from tests.domain.test_survey import LINK, NOW
from tests.support.api_door import ApiDoor, api_door
from tests.support.browser import Browser, Shown
from tests.support.surveyed import GONE, survey_of
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.domain.account import Scope
from homeport.domain.hosting import HostingMode
from homeport.domain.survey import Check, Reach, look_of
from homeport.flows.manage_project import create_project
from homeport.flows.survey.run import fail_survey, finish_survey
from homeport.flows.survey.show import PAGE_LENGTH
from homeport.ports.surveys import Seen

# Pages


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with an administrator, and projects of ada's."""
    with web_index(tmp_path) as index:
        add_person(index.world, "root", is_admin=True)
        for name in ("demo", "beta", "gamma"):
            index.project(name, "ada")
        yield index


@pytest.fixture
def root(index: WebIndex) -> Browser:
    """The administrator's browser."""
    return index.signed_in("root")


def text(shown: Shown) -> str:
    """What a page says, between single blanks."""
    return " ".join(shown.page.the("main").text.split())


def test_none_yet(root: Browser) -> None:
    """Before the first survey the page says what one is for, and how to begin it."""
    shown = root.get("/admin/surveys/")
    assert "None yet." in text(shown)
    assert "homeport survey --all" in text(shown)


def test_begun_from_the_page(index: WebIndex, root: Browser) -> None:
    """A button begins a survey of all; pressed again it leads to the same; one of a project is refused with its reason."""
    shown = root.get("/admin/surveys/")
    begun = root.submit(shown, do="all")
    assert begun.goes_to == "/admin/surveys/1/"
    assert root.submit(shown, do="all").goes_to == begun.goes_to
    assert root.submit(shown, do="one", name="demo").goes_to == "/admin/surveys/2/"
    refused = root.submit(shown, do="one", name="unknown")
    assert "There is no project unknown" in text(refused)
    assert 'value="unknown"' in refused.html
    running = root.get("/admin/surveys/1/")
    assert "0 of 3 projects looked at" in text(running)
    assert 'http-equiv="refresh"' in running.html
    assert "running" in text(root.get("/admin/surveys/"))


def test_begun_from_the_hosting_page(index: WebIndex) -> None:
    """A maintainer begins a survey of their project where its sources are, and may read it; without sources no button."""
    ada, path = index.signed_in("ada"), "/manage/projects/demo/"
    assert "Survey these places" not in text(ada.get(path))
    ada.submit(ada.get(path), "add-source", kind="homepage", url="https://site.test/demo/")
    begun = ada.submit(ada.get(path), "survey")
    assert begun.goes_to == "/admin/surveys/1/"
    assert "of demo" in text(ada.get(begun.goes_to))


def test_the_report(index: WebIndex, root: Browser) -> None:
    """A finished survey is shown as figures and bars, without script or style; what is outside text stays text."""
    many = [replace(LINK, url=f"http://site.test/{n}", check=Check(Reach.SILENT, code="x")) for n in range(6)]
    number = survey_of(index.world, {"demo": [LINK, GONE], "beta": many, "gamma": []})
    shown = root.get(f"/admin/surveys/{number}/")
    assert "2 of 3 projects have external files" in text(shown)
    assert "C: external files, through crawled pages 1 33.3%" in text(shown)
    assert "6 silent" not in text(shown)
    assert shown.html.count("<rect") > 8
    assert "style=" not in shown.html
    assert "7 links, 85.7% dead" in text(shown)
    assert "On 1 host one project depends alone" in text(shown)
    for path in ("links/?host=site.test", "projects/?class=C", "links/?reach=gone", "links/?tls=no"):
        assert f'href="/admin/surveys/{number}/{path}"' in shown.html
        assert root.get(f"/admin/surveys/{number}/{path}").status == 200
    assert "finished" in text(root.get("/admin/surveys/"))


def test_a_report_of_nothing(index: WebIndex, root: Browser) -> None:
    """An index that depends on nobody is told so."""
    number = survey_of(index.world, {"demo": [], "beta": [], "gamma": []})
    shown = text(root.get(f"/admin/surveys/{number}/"))
    assert "No project depends on another host." in shown
    assert "0 of 3 projects have external files" in shown
    assert "No link is like that." in text(root.get(f"/admin/surveys/{number}/links/"))
    assert "None of that class was seen." in text(root.get(f"/admin/surveys/{number}/projects/?class=C"))


def test_links_are_filtered_and_paged(index: WebIndex, root: Browser) -> None:
    """Links are shown as the query wants them, a page at a time; what it says stays in the form and in the exports."""
    many = [replace(LINK, url=f"http://site.test/{n}/demo-1.0.tar.gz") for n in range(PAGE_LENGTH)]
    number = survey_of(index.world, {"demo": [*many, GONE]})
    base = f"/admin/surveys/{number}/links/"
    shown = root.get(f"{base}?host=OTHER.test&reach=gone&project=demo&class=C&tls=yes")
    assert "demo-3.0.zip" in text(shown)
    assert "It is gone." in text(shown)
    assert "<script>alert" not in shown.html
    assert "site.test/1/" not in text(shown)
    assert (
        "export/links.csv?project=demo&amp;host=OTHER.test&amp;reach=gone&amp;class=C&amp;tls=yes"
        in shown.html
    )
    first = root.get(base)
    assert "demo-3.0.zip" not in text(first)
    more = first.page.the("a", rel="next").attributes["href"]
    assert "demo-3.0.zip" in text(root.get(f"{base}{more}"))
    assert root.get(f"{base}?after=x").status == 404
    for wrong in ("reach=nonsense", "class=Z", "tls=maybe"):
        assert root.get(f"{base}?{wrong}").status == 400


def test_a_button_that_is_none_begins_nothing(index: WebIndex) -> None:
    """What the form does not know is refused; no survey is begun by it."""
    root = index.signed_in("root")
    with index.world.store.read() as tx:
        before = list(tx.surveys.newest(limit=9))
    token = root.get("/admin/surveys/").page.all("input", name="form_token")[0].attributes["value"]
    assert root.post("/admin/surveys/", {"do": "zz", "form_token": token}).status == 400
    with index.world.store.read() as tx:
        assert list(tx.surveys.newest(limit=9)) == before


def test_one_project(index: WebIndex) -> None:
    """Who maintains a project sees the survey of it; others are told that there is none."""
    ada, sam = index.signed_in("ada"), index.signed_in("sam")
    with index.world.store.read() as tx:
        demo = tx.projects.find("demo")
    number = survey_of(index.world, {"demo": [LINK, GONE]}, of=demo)
    shown = ada.get(f"/admin/surveys/{number}/")
    assert "demo-3.0.zip" in text(shown)
    assert "class C" in text(shown)
    assert sam.get(f"/admin/surveys/{number}/").status == 404
    empty = survey_of(index.world, {"demo": []}, of=demo)
    assert "None: no place that this project names" in text(ada.get(f"/admin/surveys/{empty}/"))


def test_ended_early(index: WebIndex, root: Browser) -> None:
    """A survey that failed says why, in its own page and in the list."""
    number = survey_of(index.world, {"demo": [LINK]}, ends=False)
    fail_survey(index.world, number, "The disk is full.")
    assert "The disk is full." in text(root.get(f"/admin/surveys/{number}/"))
    assert "ended early" in text(root.get("/admin/surveys/"))


def test_exports(index: WebIndex, root: Browser) -> None:
    """What was seen is had as files, whole or as it is wanted."""
    number = survey_of(index.world, {"demo": [LINK, GONE], "beta": []})
    base = f"/admin/surveys/{number}/export/"
    told = root.get(f"{base}links.csv")
    assert told.headers["content-disposition"] == f'attachment; filename="survey-{number}-links.csv"'
    rows = list(csv.DictReader(StringIO(told.html, newline="")))
    assert [(row["filename"], row["reach"]) for row in rows] == [
        ("demo-1.0.tar.gz", "found"),
        ("demo-3.0.zip", "gone"),
    ]
    assert [row["host"] for row in json.loads(root.get(f"{base}links.json?host=other.test").html)] == [
        "other.test"
    ]
    assert json.loads(root.get(f"{base}links.json?host=nobody.test").html) == []
    classes = csv.DictReader(StringIO(root.get(f"{base}projects.csv").html, newline=""))
    assert {row["project"]: row["class"] for row in classes} == {"beta": "A", "demo": "C"}
    assert [one["project"] for one in json.loads(root.get(f"{base}projects.json?class=C").html)] == ["demo"]
    assert json.loads(root.get(f"{base}report.json").html)["report"]["dead_links"] == 1
    assert root.get(f"{base}report.xml").status == 404


# Calls


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door behind which ada owns demo."""
    with api_door(tmp_path) as door:
        create_project(door.world, door.user("ada"), "demo", HostingMode.CACHE)
        yield door


def test_a_survey_over_the_api(door: ApiDoor) -> None:
    """A maintainer begins a survey of a project, looks at it, and lists what it saw."""
    token = door.token("ada", Scope.MANAGE)

    def call(method: str, path: str, **body: Any) -> tuple[int, Any]:
        told = door.call(method, path, token, **body)
        return told.status, json.loads(told.body)

    status, begun = call("POST", "/surveys", project="demo")
    assert (status, begun["project"], begun["report"]) == (202, "demo", None)
    with door.world.store.write() as tx:
        demo = tx.projects.find("demo")
        assert demo is not None
        links = (LINK, GONE)
        tx.surveys.put(
            begun["id"], [Seen(demo.id, look_of("demo", (), links, at=NOW), links)], waiting_hosts=0
        )
    finish_survey(door.world, begun["id"])
    assert call("GET", f"/surveys/{begun['id']}")[1]["report"]["classes"] == {"A": 0, "B": 0, "C": 1}
    told = call("GET", f"/surveys/{begun['id']}/projects?class=C")[1]
    assert [one["project"] for one in told["projects"]] == ["demo"]
    assert told["after"] is None
    path = f"/surveys/{begun['id']}/links"
    assert [one["reach"] for one in call("GET", path)[1]["links"]] == ["found", "gone"]
    assert [one["host"] for one in call("GET", f"{path}?reach=gone&host=other.test")[1]["links"]] == [
        "other.test"
    ]
    status, refused = call("GET", f"{path}?reach=nonsense")
    assert (status, refused["problems"]) == (400, ["reach must be one of found, gone, silent, unasked."])
    assert call("GET", f"{path}?after=999")[1]["links"] == []
    assert call("POST", "/surveys")[1]["code"] == "survey-of-what"
    assert call("POST", "/surveys", project="demo", all=True)[1]["code"] == "survey-of-what"
    assert call("POST", "/surveys", all=True)[0] == 403
