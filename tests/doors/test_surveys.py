"""Surveys on pages, over the API and in the terminal."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.domain.test_survey import CRAWLED, LINK, NOW
from tests.support.api_door import ApiDoor, api_door
from tests.support.browser import Browser, Shown
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person
from typer.testing import CliRunner

from homeport.cli import accounts, projects, surveys
from homeport.domain.account import Scope
from homeport.domain.errors import Conflict, Invalid, NotFound, Refusal, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project
from homeport.domain.survey import Check, Link, Look, Reach, look_of
from homeport.flows.manage_project import create_project
from homeport.flows.survey.run import fail_survey, finish_survey
from homeport.flows.survey.show import PAGE_LENGTH
from homeport.ports.surveys import Seen
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world

HOSTILE = '"><script>alert(1)</script>'
GONE = replace(
    CRAWLED,
    host="other.test",
    filename="demo-3.0.zip",
    url=f"https://other.test/demo-3.0.zip?{HOSTILE}",
    is_tls=True,
    claimed=(("md5", "a" * 32),),
    seen_by=("easy_install",),
    check=Check(Reach.GONE, 404, None, "http-error", "It is gone.", NOW),
)


def survey_of(
    world: World, seen: dict[str, list[Link]], *, of: Project | None = None, ends: bool = True
) -> int:
    """A survey that saw these links; its number."""
    with world.store.write() as tx:
        survey = tx.surveys.add(of.id if of else None, by="root", at=NOW)
        looks = []
        for name, links in seen.items():
            project = tx.projects.find(name)
            assert project is not None
            looks.append(Seen(project.id, look_of(name, ("x",), links, at=NOW), tuple(links)))
        tx.surveys.put(survey.id, looks, waiting_hosts=3)
    if ends:
        finish_survey(world, survey.id)
    return survey.id


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


# Commands

Run = Callable[..., str]


@pytest.fixture(scope="module")
def begun_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which ada owns demo, and root administers; made once, because migrating takes longer than a test."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMEPORT_HOME", str(folder))
        run_command("user", "add", "ada", "--email", "ada@example.org")
        run_command("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
        run_command("user", "add", "root", "--email", "root@example.org", "--admin")
    return folder


@pytest.fixture
def home(begun_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of that home."""
    shutil.copytree(begun_home, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    return open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))


def run_command(*words: str) -> str:
    """Run a command; what it printed."""
    app = typer.Typer()
    for module in (accounts, projects, surveys):
        module.add_commands(app)
    done = CliRunner().invoke(app, list(words))
    if isinstance(done.exception, Refusal):
        raise done.exception
    return done.output


def test_begun_from_the_shell(home: World) -> None:
    """NAME and --all begin a survey, or show the one that runs; nothing, or both, is a mistake."""
    assert "Survey 1 of all projects" in run_command("survey", "--all", "--no-wait")
    assert json.loads(run_command("survey", "--all", "--no-wait", "--json"))["id"] == 1
    assert "Survey 2 of demo" in run_command("survey", "demo", "--no-wait")
    assert "Survey 2 of demo" in run_command("survey", "run", "demo", "--no-wait")
    for words in (("survey", "run"), ("survey", "demo", "--all")):
        with pytest.raises(Invalid, match="--all"):
            run_command(*words)
    listed = run_command("survey", "list")
    assert "all projects" in listed
    assert "0 of 1" in listed
    assert [one["id"] for one in json.loads(run_command("survey", "list", "--json"))] == [2, 1]


def test_shown_in_the_shell(home: World) -> None:
    """The newest survey is shown, or one by its number: the figures of all projects, or every link of one."""
    with pytest.raises(NotFound):
        run_command("survey", "show")
    assert "None yet." in run_command("survey", "list")
    number = survey_of(home, {"demo": [LINK, GONE]})
    shown = run_command("survey", "show")
    assert "C: external files, through crawled pages" in shown
    assert "site.test" in shown
    assert json.loads(run_command("survey", "show", str(number), "--json"))["report"]["links"] == 2
    with home.store.read() as tx:
        demo = tx.projects.find("demo")
    of_one = survey_of(home, {"demo": [LINK, GONE]}, of=demo)
    shown = run_command("survey", "show", str(of_one))
    assert "Class C" in shown
    assert "demo-3.0.zip" in shown
    told = json.loads(run_command("survey", "show", str(of_one), "--json"))
    assert (told["look"]["class"], len(told["links"])) == ("C", 2)
    assert "finished" in run_command("survey", "list", "--as", "root")


def test_for_whom_the_shell_acts(home: World) -> None:
    """With several administrators the shell asks which one is meant."""
    run_command("user", "add", "toor", "--email", "toor@example.org", "--admin")
    with pytest.raises(Invalid, match="root, toor administer this index"):
        run_command("survey", "--all", "--no-wait")
    assert "Survey 1" in run_command("survey", "--all", "--no-wait", "--as", "toor")


def test_a_survey_that_failed(home: World) -> None:
    """A survey that ended early is an error of the command, with its reason."""
    number = survey_of(home, {}, ends=False)
    fail_survey(home, number, "The disk is full.")
    with pytest.raises(Unavailable, match="The disk is full"):
        run_command("survey", "show", str(number))
    assert "ended early" in run_command("survey", "list")


def test_nobody_takes_it(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits is told when no worker comes; a project without an outside is refused at once."""
    monkeypatch.setattr(surveys, "_NOBODY_AFTER", 0.01)
    monkeypatch.setattr(surveys, "_POLL_SECONDS", 0.02)
    with pytest.raises(Unavailable, match="No worker took it"):
        run_command("survey", "demo")
    run_command("project", "create", "only", "--owner", "ada")
    with pytest.raises(Conflict, match="pypi-only"):
        run_command("survey", "only")


def test_watched_no_longer(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the watching; who did it is told that the survey goes on, and where it is seen."""
    number = survey_of(home, {"demo": [LINK]}, ends=False)

    def sleep(self: object, seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("homeport.adapters.system.SystemClock.sleep", sleep)
    assert f"It goes on: homeport survey show {number}" in run_command("survey", "--all")
    with home.store.read() as tx:
        found = tx.surveys.find(number)
    assert found is not None
    assert found.is_running


def test_watched_to_its_end(home: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits sees the report when the survey has ended."""
    number = survey_of(home, {"demo": [LINK]}, ends=False)
    polls: list[int] = []

    def sleep(self: object, seconds: float) -> None:
        polls.append(1)
        if len(polls) == 2:
            finish_survey(home, number)

    monkeypatch.setattr("homeport.adapters.system.SystemClock.sleep", sleep)
    told = run_command("survey", "--all")
    assert "projects looked at: 1 of 1; links found: 1; hosts to be asked for more: 3\n" in told
    assert "Survey 1 of all projects" in told
    assert len(polls) == 2
    skipped = Look("demo", None, "It is archived.", at=NOW)
    with home.store.write() as tx:
        demo = tx.projects.find("demo")
        assert demo is not None
        one = tx.surveys.add(demo.id, by="ada", at=NOW)
        tx.surveys.put(one.id, [Seen(demo.id, skipped)], waiting_hosts=0)
    assert "It is archived." in run_command("survey", "show", str(one.id))
