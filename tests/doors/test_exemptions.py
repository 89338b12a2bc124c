"""Exemptions and the hosting log at the doors: pages, API, files to keep, and the command line."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.support.api_door import ApiDoor
from tests.support.command_line import Run, commands
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.adapters.system import SystemClock
from homeport.api.app import api_routes
from homeport.api.body import Body
from homeport.api.exemptions import EXEMPTION_CALLS
from homeport.cli import accounts, exemptions, hosting, projects
from homeport.domain.account import Caller
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.exemption import LONGEST, Standing
from homeport.domain.hosting import HostingMode, Policy
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_visibility
from homeport.flows.exemptions import list_exemptions
from homeport.flows.hosting_log import PAGE_LENGTH
from homeport.flows.manage_project import find_project
from homeport.ports.hosting import ExemptionFilter
from homeport.web.app import web_routes

TODAY = SystemClock().now().date()
UNTIL, LATER = TODAY + timedelta(days=100), TODAY + timedelta(days=200)
REASON = "Too large; ask root@example.org. <b>=1+1</b>"


def give(index: WebIndex, name: str) -> None:
    """An exemption by root."""
    root = Caller(index.user("root"))
    change_hosting(index.world, root, name, Wish(HostingMode.EXT, REASON, UNTIL))


@contextmanager
def begin(folder: Path) -> Iterator[WebIndex]:
    """An index where ada owns large, which is exempt, and small and secret, which were; secret is private."""
    with web_index(folder) as opened:
        add_person(opened.world, "root", is_admin=True)
        for name in ("small", "secret", "large"):
            opened.project(name, "ada", HostingMode.ONLY)
            give(opened, name)
        ada = opened.caller("ada")
        for name in ("small", "secret"):
            change_hosting(opened.world, ada, name, Wish(HostingMode.ONLY, acknowledges_loss=True))
        change_visibility(opened.world, ada, "secret", is_private=True)
        yield opened


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """One that is only looked at."""
    with begin(tmp_path_factory.mktemp("exemptions")) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[WebIndex]:
    """One to change."""
    with begin(tmp_path) as opened:
        yield opened


def rows(html_rows: list[Any]) -> list[str]:
    """The texts of the rows of a table, without its head."""
    return [row.text for row in html_rows][1:]


# Pages


def test_everybody_reads_the_log(index: WebIndex) -> None:
    """Newest first: who by role, from where to where, until when and why; no address, no name, nothing private."""
    shown = index.browser().get("/hosting-log/")
    told = rows(shown.page.all("tr"))
    assert [row.split(" UTC ")[1].split()[0] for row in told] == ["small", "large", "small"]
    assert "moved: pypi-ext → pypi-only" in told[0]
    assert "owner" in told[0]
    assert "not said" in told[0]
    assert f"exemption given: pypi-only → pypi-ext until {UNTIL}" in told[1]
    assert "administrator" in told[1]
    assert "ask (address). <b>=1+1</b>" in told[1]
    assert "example.org" not in shown.html
    assert "secret" not in shown.html
    assert all("ada" not in row for row in told)


def test_the_log_of_one_project(index: WebIndex) -> None:
    """By name in any spelling; what is private, or not there, has the same empty log."""
    browser = index.browser()
    assert len(rows(browser.get("/hosting-log/?project=Small").page.all("tr"))) == 2
    for name in ("secret", "nowhere", "%2e%2e"):
        assert "Nothing is told here of that." in browser.get(f"/hosting-log/?project={name}").page.text
    assert browser.get("/hosting-log/?before=x").status == 404


def test_the_log_goes_on(fresh: WebIndex) -> None:
    """A page at a time, back to the newest, and past the last line."""
    with fresh.world.store.write() as tx:
        large = find_project(tx, "large")
        (line,) = tx.hosting_log.lines("large", limit=9)
        for number in range(PAGE_LENGTH):
            tx.hosting_log.add(large.id, replace(line, serial=1000 + number))
    browser = fresh.browser()
    (older,) = browser.get("/hosting-log/?project=large").page.all("a", rel="next")
    following = browser.get(f"/hosting-log/{older.attributes['href']}")
    assert len(rows(following.page.all("tr"))) == 1
    assert any(link.text == "To the newest" for link in following.page.all("a"))
    assert "Nothing is told here of that." in browser.get("/hosting-log/?before=1").page.text


def test_an_empty_log_says_what_it_waits_for(tmp_path: Path) -> None:
    """Before any move the page says what will be there; so does the list of exemptions."""
    with web_index(tmp_path) as empty:
        add_person(empty.world, "root", is_admin=True)
        assert (
            "No project has changed its hosting mode yet." in empty.browser().get("/hosting-log/").page.text
        )
        listed = empty.signed_in("root").get("/admin/exemptions/")
        assert "No project has, or had, an exemption." in listed.page.text


def test_where_everybody_signs_in(index: WebIndex) -> None:
    """On a private index the log is for who has an account."""
    world = replace(index.world, policy=Policy(must_sign_in=True))
    closed = WebIndex(world, Starlette(routes=web_routes(world)))
    assert closed.browser().get("/hosting-log/").goes_to.startswith("/sign-in/")
    assert closed.signed_in("ada").get("/hosting-log/").status == 200


def test_the_project_tells_of_its_exemption(index: WebIndex) -> None:
    """On its public page and on its maintainers': until when and why, without addresses; nothing where there is none."""
    pages = (index.browser().get("/project/large/"), index.signed_in("ada").get("/manage/projects/large/"))
    for shown in pages:
        assert f"until {UNTIL} : on that day it becomes pypi-only" in shown.page.text
        assert "ask (address)." in shown.page.text
    assert "exempt" not in index.browser().get("/project/small/").page.text


def test_the_project_tells_of_an_exemption_without_end(fresh: WebIndex) -> None:
    """One of an older version has neither day nor reason, and says so on the pages."""
    with fresh.world.store.write() as tx:
        one = tx.exemptions.live(find_project(tx, "large").id)
        assert one is not None
        tx.exemptions.put(replace(one, reason="", until=None, by=""))
    assert "until an administrator decides" in fresh.browser().get("/project/large/").page.text
    (row, *_) = rows(fresh.signed_in("root").get("/admin/exemptions/").page.all("tr"))
    assert "without end" in row
    assert "no end is known" in row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["large", "secret", "small"]),
        ("?standing=ended", ["secret", "small"]),
        ("?standing=dated", ["large"]),
        ("?standing=without-end", []),
        (f"?ends_by={UNTIL}", ["large"]),
        (f"?ends_by={TODAY}", []),
        ("?project=Small", ["small"]),
    ],
)
def test_an_administrator_lists_and_filters(index: WebIndex, query: str, found: list[str]) -> None:
    """All there were, private ones too, with dates and reasons; or those that are wanted."""
    shown = index.signed_in("root").get(f"/admin/exemptions/{query}")
    told = rows(shown.page.all("tr"))
    assert [row.split()[0] for row in told] == found
    assert all("ask root@example.org." in row and "last decided by root" in row for row in told)
    assert ("No exemption is like that." in shown.page.text) == (not found)


@pytest.mark.parametrize("query", ["?ends_by=soon", "?standing=nonsense"])
def test_a_filter_that_means_nothing_is_refused(index: WebIndex, query: str) -> None:
    """Neither the page nor the file shows everything instead, as the API does not."""
    for path in ("/admin/exemptions/", "/admin/exemptions/export/exemptions.csv"):
        shown = index.signed_in("root").get(f"{path}{query}")
        assert (shown.status, "is wanted, or nothing for all" in shown.page.text) == (400, True)


def test_exemptions_as_files_to_keep(index: WebIndex) -> None:
    """CSV and JSON hold the same, filtered alike; no other file is there."""
    root = index.signed_in("root")
    told = root.get("/admin/exemptions/export/exemptions.csv?standing=ended")
    assert told.headers["content-disposition"] == 'attachment; filename="exemptions.csv"'
    assert [row["project"] for row in csv.DictReader(StringIO(told.html))] == ["secret", "small"]
    kept = json.loads(root.get("/admin/exemptions/export/exemptions.json").html)
    assert [(one["project"], one["ended_by"]) for one in kept] == [
        ("large", None),
        ("secret", "owner"),
        ("small", "owner"),
    ]
    assert root.get("/admin/exemptions/export/exemptions.xml").status == 404


def test_an_administrator_decides(fresh: WebIndex) -> None:
    """Given by a form, extended and ended in the row of the exemption; a refusal keeps what was typed."""
    root = fresh.signed_in("root")
    address = "/admin/exemptions/"

    def decide(do: str, project: str, **fields: str) -> Any:
        shown = root.get(address)
        if do == "give":
            return root.submit(shown, do, project=project, **fields)
        (row,) = (one for one in shown.page.all("tr") if one.all("input", name="project", value=project))
        return root.submit_row(address, row, do, **fields)

    assert decide("extend", project="large", until=str(LATER), reason="More.").goes_to == address
    assert decide("give", project="small", until=str(UNTIL), reason="Again.").goes_to == address
    assert decide("end", project="large", reason="Enough.").goes_to == address
    with fresh.world.store.read() as tx:
        assert find_project(tx, "small").mode is HostingMode.EXT
        assert find_project(tx, "large").mode is HostingMode.ONLY
        assert [line.until for line in tx.hosting_log.lines("large", limit=2)] == [None, LATER]
    refused = decide("extend", project="small", until="31.12.2030", reason="Why <not>.")
    assert refused.status == 400
    assert "is not a date" in refused.page.text
    (kept,) = (one for one in refused.page.all("input", name="reason") if one.attributes["value"])
    assert kept.attributes["value"] == "Why <not>."
    assert "(--" not in refused.page.text
    assert decide("give", project="small", until="", reason="").status in {400, 409}


def test_everything_that_an_exemption_lacks_is_told_at_once(fresh: WebIndex) -> None:
    """A form that was left empty, a call and a command; and two years are the most."""
    root = fresh.signed_in("root")
    shown = root.get("/admin/exemptions/")
    told = root.submit(shown, "give", project="", until="", reason="").page.the("section", role="alert").text
    assert all(words in told for words in ("is not a project name", "Say why", "Say until when"))
    told = root.submit(shown, "give", project="small", until="9999-12-31", reason="Large.").page.text
    assert f"at most, until {TODAY + LONGEST}" in told
    call = next(one.handler for one in EXEMPTION_CALLS if one.path.endswith("/exemption"))
    with pytest.raises(Invalid) as refused:
        call(fresh.world, fresh.caller("root"), {"name": "large"}, Body({}))
    assert len(refused.value.problems) == 2
    with pytest.raises(Invalid) as refused:
        change_hosting(fresh.world, fresh.caller("root"), "small", Wish(HostingMode.EXT))
    assert (refused.value.code, len(refused.value.problems)) == ("needs-exemption", 2)


def test_a_refusal_keeps_the_filter(fresh: WebIndex) -> None:
    """Who decides about one row of those that were wanted sees those again, refused or not."""
    root, address = fresh.signed_in("root"), "/admin/exemptions/?project=large"
    (row,) = root.get(address).page.the("tbody").all("tr")
    assert "action" not in row.the("form").attributes, "a form goes to the address that it was shown at"
    refused = root.submit_row(address, row, "extend", until=str(TODAY), reason="More.")
    assert [one.split()[0] for one in rows(refused.page.all("tr"))] == ["large"]
    assert refused.page.the("input", id="of").attributes["value"] == "large"
    assert root.submit_row(address, row, "extend", until=str(LATER), reason="More.").goes_to == address


def test_a_stale_session_confirms_first(index: WebIndex) -> None:
    """Who signed in a while ago shows in the form itself who they are: nothing ends, and nothing typed is lost, without."""
    shown = index.later(minutes=20).browser()
    shown.cookies.update(index.signed_in("root").cookies)
    page = shown.get("/admin/exemptions/").page
    decisions = [form for form in page.all("form") if form.all("button", name="do")]
    assert decisions
    assert all(form.all("input", name="own_password", type="password") for form in decisions)
    row = next(row for row in page.all("tr") if row.all("button", value="end"))
    refused = shown.submit_row("/admin/exemptions/", row, "end", reason="The disks came.")
    assert refused.status == 403
    kept = [part.attributes["value"] for part in refused.page.all("input", name="reason")]
    assert "The disks came." in kept
    live = list_exemptions(index.world, index.caller("root"), ExemptionFilter("large"))
    assert [one.ended_at for one in live.exemptions] == [None]


# API


@pytest.fixture
def door(index: WebIndex) -> ApiDoor:
    """The API of the index."""
    return ApiDoor(index.world, Starlette(routes=api_routes(index.world)), Path())


def test_programs_read_the_log(door: ApiDoor) -> None:
    """Without credentials, as JSON, of all or one, with a tag; a serial that is none is refused."""
    told = door.call("GET", "/hosting-log", {})
    assert told.headers["content-type"] == "application/json"
    assert [(one["project"], one["event"], one["by"]) for one in told.json["changes"]] == [
        ("small", "moved", "owner"),
        ("large", "exemption-given", "administrator"),
        ("small", "exemption-given", "administrator"),
    ]
    assert "root" not in told.text
    assert told.headers["etag"]
    newest = told.json["changes"][0]["serial"]
    one = door.call("GET", f"/hosting-log?project=SMALL&before={newest}", {})
    assert [change["event"] for change in one.json["changes"]] == ["exemption-given"]
    assert door.call("GET", "/hosting-log?before=x", {}).status == 404


def test_a_project_tells_programs(door: ApiDoor) -> None:
    """Its maintainers are told of the exemption with the project."""
    told = door.call("GET", "/projects/large", door.token("ada")).json
    assert told["exemption"]["until"] == str(UNTIL)
    assert door.call("GET", "/projects/small", door.token("ada")).json["exemption"] is None


def test_calls_for_administrators(fresh: WebIndex) -> None:
    """Listed with filters, extended and ended; what cannot be read is refused."""
    root = Caller(fresh.user("root"))
    handlers: dict[str, Callable[..., Any]] = {call.path: call.handler for call in EXEMPTION_CALLS}

    def call(path: str, **body: str) -> Any:
        return handlers[path](fresh.world, root, {"name": "large"}, Body(body))

    assert [one["project"] for one in call("/exemptions", standing="ended")["exemptions"]] == [
        "secret",
        "small",
    ]
    assert call("/exemptions", ends_by=str(TODAY), before="9") == {"exemptions": [], "before": None}
    with pytest.raises(Invalid):
        call("/exemptions", standing="nonsense")
    longer = call("/projects/{name}/exemption", until=str(LATER), reason="More.")
    assert (longer["until"], longer["reason"]) == (str(LATER), "More.")
    with pytest.raises(Invalid):
        call("/projects/{name}/exemption", until="soon", reason="More.")
    assert call("/projects/{name}/exemption/end", reason="Enough.") == {
        "project": "large",
        "no_longer_listed": [],
    }


# The command line


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home where ada owns demo, and root administers; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, hosting, exemptions)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("user", "add", "root", "--email", "root@example.org", "--admin")
    run("project", "create", "demo", "--owner", "ada")
    return run


def test_the_commands(run: Run) -> None:
    """Given by mode set; listed, extended and ended by exemption; for people and for scripts."""
    assert "No project has an exemption." in run("exemption", "list")
    run("mode", "set", "demo", "pypi-ext", "--reason", "Large.", "--until", str(UNTIL), "--as", "root")
    assert f"exempt until {UNTIL}: Large." in run("project", "show", "demo")
    shown = run("exemption", "list")
    assert "demo" in shown
    assert str(UNTIL) in shown
    extend = ("exemption", "extend", "demo", "--as", "root", "--reason", "More.")
    assert f"until {LATER}" in run(*extend, "--until", str(LATER))
    longest = str(LATER + timedelta(days=1))
    assert json.loads(run(*extend, "--until", longest, "--json"))["until"] == longest
    (told,) = json.loads(
        run("exemption", "list", "Demo", "--standing", "dated", "--ends-by", longest, "--json")
    )
    assert (told["project"], told["reason"], told["by"]) == ("demo", "More.", "root")
    assert "There is no such exemption." in run("exemption", "list", "--ends-by", str(UNTIL))
    end = ("exemption", "end", "demo", "--reason", "Enough.", "--as", "root")
    assert json.loads(run(*end, "--json")) == {"project": "demo", "no_longer_listed": []}
    run("mode", "set", "demo", "pypi-ext", "--reason", "Large.", "--until", str(UNTIL), "--as", "root")
    assert "demo is pypi-only now." in run(*end)
    assert run("exemption", "list", "--standing", "ended").count("demo") == 2


def test_what_the_commands_refuse(run: Run) -> None:
    """What is missing or no word, and who may not."""
    with pytest.raises(NotFound):
        run("exemption", "end", "demo", "--reason", "Enough.", "--as", "root")
    for words in (
        ["list", "--standing", "nonsense"],
        ["list", "--ends-by", "soon"],
        ["extend", "demo", "--until", "20301231", "--as", "root"],
    ):
        with pytest.raises(Invalid):
            run("exemption", *words)
    with pytest.raises(Invalid):
        run("mode", "set", "demo", "pypi-ext", "--reason", "x", "--until", "2030-W10-1", "--as", "root")
    assert set(Standing) == {"dated", "without-end", "ended"}
