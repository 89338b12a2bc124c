"""The dashboard and its lists at the doors: pages, files to keep, API and command line; and the way to all admin pages."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import typer
from tests.domain.test_survey import LINK
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person
from typer.testing import CliRunner

from homeport.api.body import Body
from homeport.api.dashboard import DASHBOARD_CALLS
from homeport.cli import dashboard as command
from homeport.domain.account import Caller
from homeport.domain.drift import Consequence, Seen, Sign
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Purpose
from homeport.domain.survey import Check, Reach, look_of
from homeport.domain.survey_report import report_of
from homeport.flows import dashboard as flow
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manners.hosts import freeze_host
from homeport.web.app import web_routes
from homeport.web.places import places

REASON = "Too large. <b>=1+1</b>"


@contextmanager
def begin(folder: Path) -> Iterator[WebIndex]:
    """An index where ada owns small and large, which is exempt for ten days; something happened to each part."""
    with web_index(folder) as opened:
        root = Caller(add_person(opened.world, "root", is_admin=True))
        large = opened.project("large", "ada", HostingMode.ONLY)
        opened.project("small", "ada", HostingMode.ONLY)
        now = opened.world.clock.now()
        until = now.date() + timedelta(days=10)
        change_hosting(opened.world, root, "large", Wish(HostingMode.EXT, REASON, until))
        freeze_host(opened.world, root, LINK.host, "Its domain was sold.")
        gone = replace(LINK, url="https://files.test/2", filename="demo-2.zip", check=Check(Reach.GONE))
        report = report_of([look_of("large", (), [gone], at=now)], [("large", gone)])
        with opened.world.store.write() as tx:
            survey = tx.surveys.add(None, by="root", at=now)
            tx.surveys.finish(survey.id, report, now)
            seen = Seen(Sign.GONE, "", "It is gone. <b>")
            tx.watches.tell(large.id, (LINK.host, LINK.url, LINK.filename), seen, Consequence.TELL, now)
            tx.rehosts.add(large.id, Purpose.HISTORY, "", by="ada", at=now, metadata=None)
        yield opened


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """One that is only looked at."""
    with begin(tmp_path_factory.mktemp("dashboard")) as opened:
        yield opened


def lines(text: str) -> list[dict[str, str]]:
    """CSV as a spreadsheet reads it."""
    return list(csv.DictReader(StringIO(text)))


# Pages


def test_everything_at_a_glance(index: WebIndex) -> None:
    """Each block says how it stands, and leads to its list."""
    shown = index.signed_in("root").get("/admin/")
    text = shown.page.text
    assert "2 projects" in text
    assert "1 exemption ends within 30 days" in text
    assert "Too large. <b>=1+1</b>" in text
    assert "1 project of 1 has external files, on 1 host" in text
    assert "none reachable 1 owner" in text
    assert "1 rehost planning" in text
    assert "It is gone. <b>" in text
    assert "There is none. A campaign announces" in text
    addresses = {link.attributes["href"] for link in shown.page.all("a")}
    assert {
        "/admin/projects/?mode=pypi-ext",
        "/admin/projects/?mode=pypi-ext&reachable=no",
        "/admin/surveys/1/links/?reach=gone",
        f"/admin/surveys/1/links/?host={LINK.host}",
        f"/admin/drift/?host={LINK.host}",
        "/admin/drift/?sign=gone",
        "/admin/hosts/?state=frozen",
        "/admin/rehosts/?state=planning",
        "/admin/exemptions/?standing=dated",
        "/admin/mails/",
        "/admin/modes/",
        "/admin/campaigns/",
    } <= addresses


def test_the_chart_is_a_picture_with_a_table(index: WebIndex) -> None:
    """Areas that need no style of their own; the numbers stand beside them, and in words for who sees no picture."""
    shown = index.signed_in("root").get("/admin/?days=365")
    assert len(shown.page.all("polygon")) == 3
    assert "style=" not in shown.html
    assert 'aria-label="pypi-only: 1, pypi-cache: 0, pypi-ext: 1"' in shown.html
    assert shown.page.all("a", **{"aria-current": "page"})[1].text == "365 days"
    assert index.signed_in("root").get("/admin/?days=1000000000").status == 200


def test_an_empty_index_says_what_to_do(tmp_path: Path) -> None:
    """Every block has words for that there is nothing yet."""
    with web_index(tmp_path) as empty:
        add_person(empty.world, "root", is_admin=True)
        browser = empty.signed_in("root")
        told = browser.get("/admin/").page.text
        assert "There is no project yet." in told
        assert "Begin a survey of all projects" in told
        assert "No rehost is open." in told
        assert "There is no project yet: the first day" in browser.get("/admin/modes/").page.text
        assert "There is no project yet." in browser.get("/admin/projects/").page.text
        assert "Nothing was brought home yet." in browser.get("/admin/rehosts/").page.text


def test_the_way_to_every_page(index: WebIndex) -> None:
    """Pages of administrators name each other, only those that there are; the header leads to the dashboard."""
    browser = index.signed_in("root")
    paths = {getattr(route, "path", "") for route in web_routes(index.world)}
    there = places(paths)
    assert len(there) > 5
    for place in there:
        shown = browser.get(place.path)
        assert shown.status == 200, place
        (here,) = [one for one in shown.page.all("a", **{"aria-current": "page"}) if one.text == place.words]
        assert here.attributes["href"] == place.path
    assert places({"/admin/", "/elsewhere/"}) == there[:1]
    (header,) = [one for one in browser.get("/manage/").page.all("a") if one.text == "Administration"]
    assert header.attributes["href"] == "/admin/"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?mode=pypi-ext", "large until"),
        ("?mode=pypi-only&exempt=none", "small"),
        ("?exempt=dated&reachable=no&q=la", "large until"),
        ("?reachable=yes", "No project is like that."),
        ("?after=small", "No project is like that."),
        ("?after=large", "To the beginning"),
    ],
)
def test_projects_are_found(index: WebIndex, address: str, found: str) -> None:
    """By mode, exemption, whether owners can be reached and how the name begins."""
    text = index.signed_in("root").get(f"/admin/projects/{address}").page.text
    assert all(word in text for word in found.split(" until"))
    assert ("small" in text) or "small" not in found


@pytest.mark.parametrize("wrong", ["mode=zz", "exempt=zz", "reachable=zz"])
def test_a_filter_that_means_nothing_is_refused(index: WebIndex, wrong: str) -> None:
    """All projects would be another answer than was asked for, on the page and in the file."""
    for path in ("/admin/projects/", "/admin/projects/export/projects.csv"):
        assert index.signed_in("root").get(f"{path}?{wrong}").status == 400
    assert index.signed_in("root").get("/admin/rehosts/?state=zz").status == 400


def test_rehosts_are_found(index: WebIndex) -> None:
    """By state and project, from any on."""
    browser = index.signed_in("root")
    assert "all versions" in browser.get("/admin/rehosts/?state=planning&project=large").page.text
    for address in ("?state=failed", "?project=small", "?before=1"):
        assert "No rehost is like that." in browser.get(f"/admin/rehosts/{address}").page.text


def test_lists_go_on(index: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time; the link to the next keeps the filter."""
    monkeypatch.setattr(flow, "PAGE_LENGTH", 1)
    browser = index.signed_in("root")
    (more,) = browser.get("/admin/projects/?reachable=no").page.all("a", rel="next")
    assert more.attributes["href"] == "?reachable=no&after=large"


def test_days_are_found(index: WebIndex) -> None:
    """From a day to a day; one that was not yet is said to be none, and what is no day is refused."""
    browser = index.signed_in("root")
    today = index.world.clock.now().date()
    assert f"{today} 1 0 1 2" in browser.get(f"/admin/modes/?since={today}").page.text
    assert "There is no such day yet." in browser.get("/admin/modes/?since=2099-01-01").page.text
    for query, said in (
        ("until=x", "until is 'x': a day"),
        ("since=2031-01-02&until=2031-01-01", "after until"),
    ):
        for address in ("/admin/modes/", "/admin/modes/export/modes.csv"):
            refused = browser.get(f"{address}?{query}")
            assert (refused.status, said in refused.page.text) == (400, True)


# Files to keep


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/admin/projects/export/projects", "project", ["large", "small"]),
        ("/admin/modes/export/modes", "total", ["2"]),
        ("/admin/rehosts/export/rehosts", "project", ["large"]),
        ("/admin/hosts/export/hosts", "host", [LINK.host]),
    ],
)
def test_lists_are_files(index: WebIndex, path: str, name: str, expected: list[str]) -> None:
    """Each list as CSV and as JSON, the same in both; no other file is there, and nobody else gets one."""
    root = index.signed_in("root")
    assert [row[name] for row in lines(root.get(f"{path}.csv").html)] == expected
    assert [str(row[name]) for row in json.loads(root.get(f"{path}.json").html)] == expected
    assert root.get(f"{path}.xml").status == 404
    assert index.signed_in("ada").get(f"{path}.csv").status == 403


def test_files_keep_the_filter(index: WebIndex) -> None:
    """What is asked for is what is in the file; of nothing there is an empty list."""
    root = index.signed_in("root")
    told = json.loads(root.get("/admin/projects/export/projects.json?mode=pypi-ext").html)
    assert [one["exemption"] for one in told] == ["dated"]
    assert json.loads(root.get("/admin/hosts/export/hosts.json?state=resting").html) == []
    assert json.loads(root.get("/admin/rehosts/export/rehosts.json?state=failed").html) == []


# Programs


def test_calls(index: WebIndex) -> None:
    """The dashboard and each list; what cannot be read is refused with everything that is wrong."""
    calls = {call.path: call.handler for call in DASHBOARD_CALLS}
    root = Caller(index.user("root"))

    def ask(path: str, **query: str) -> dict[str, object]:
        return calls[f"/admin/{path}"](index.world, root, {}, Body(query))

    told = ask("dashboard")
    assert isinstance(told["projects"], dict)
    assert told["projects"]["total"] == 2
    assert ask("modes", until="2001-01-01") == {"days": []}
    projects = ask("projects", mode="pypi-ext", reachable="no")["projects"]
    assert isinstance(projects, list)
    assert [one["project"] for one in projects] == ["large"]
    assert ask("projects", reachable="yes") == {"projects": [], "after": None}
    rehosts = ask("rehosts", state="planning")["rehosts"]
    assert isinstance(rehosts, list)
    assert len(rehosts) == 1
    assert ask("rehosts", before="1") == {"rehosts": [], "before": None}
    with pytest.raises(Invalid) as refused:
        ask("projects", mode="x", exempt="y", reachable="z")
    assert len(refused.value.problems) == 3


def test_in_a_terminal(index: WebIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words for people, JSON for scripts; also where there is nothing."""
    app = typer.Typer()
    command.add_commands(app)
    run = CliRunner()
    monkeypatch.setattr(command, "world", lambda: index.world)
    shown = run.invoke(app, ["dashboard"]).output
    assert "2 projects: 1 in pypi-ext, 0 in pypi-cache, 1 in pypi-only" in shown
    assert "in pypi-ext: large, exempt until" in shown
    assert "0 of 1 owners reachable" in shown
    assert "1 dead (survey 1)" in shown
    assert "Drift in 30 days: 1 gone" in shown
    assert json.loads(run.invoke(app, ["dashboard", "--json"]).output)["rehosts"] == {"planning": 1}
    with web_index(tmp_path) as empty:
        monkeypatch.setattr(command, "world", lambda: empty.world)
        shown = run.invoke(app, ["dashboard"]).output
        assert "External links: nobody has looked yet" in shown
        assert "Rehosts: none is open" in shown
