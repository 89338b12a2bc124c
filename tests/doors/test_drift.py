"""How the places that files came from are shown: pages, API, files to keep, and the command line."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.support.api_door import ApiDoor, Told
from tests.support.catalogue import publish
from tests.support.command_line import Run, commands
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person

from homeport.api.app import api_routes
from homeport.api.body import Body
from homeport.api.drift import DRIFT_CALLS
from homeport.cli import accounts, drift, projects
from homeport.domain.account import Caller, User
from homeport.domain.digests import Sha256
from homeport.domain.drift import Consequence, DriftPolicy, Seen, Sign, State, Watch
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.source import SourceKind
from homeport.flows.drift.show import PAGE_LENGTH
from homeport.flows.manage_project import find_project
from homeport.flows.sign_in import find_user
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.web.app import web_routes
from homeport.wiring import open_world

HOST = "files.example.org"
FIRST, SECOND = "demo-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl"
OTHER_BYTES = Seen(Sign.OTHER_BYTES, "f" * 64, f"{FIRST} has other bytes now.")
TAKEN = Seen(Sign.NEW_TLS, "key", "=HYPERLINK: another authority vouches for it.")


def fill(world: World, owner: User) -> None:
    """Two files of demo that came from one host: one is gone, one has other bytes, and the host is frozen."""
    now = world.clock.now()
    for version in ("1.0", "2.0"):
        publish(world, owner, "demo", version)
    with world.store.write() as tx:
        demo = find_project(tx, "demo")
        for filename, state in ((FIRST, State.CHANGED), (SECOND, State.GONE)):
            tx.watches.put(
                Watch(
                    project_id=demo.id,
                    project="demo",
                    filename=filename,
                    url=f"https://{HOST}/{filename}",
                    host=HOST,
                    source=SourceKind.LISTING,
                    sha256=Sha256.of(filename.encode()),
                    size_bytes=len(filename),
                    agreed_at=now,
                    due_at=now + timedelta(days=3),
                    read_at=now,
                    state=state,
                    since=now - timedelta(days=40),
                    looked_at=now,
                    problem="The site answers 404." if state is State.GONE else "",
                )
            )
        place = (HOST, f"https://{HOST}/{FIRST}", FIRST)
        tx.watches.tell(demo.id, place, OTHER_BYTES, Consequence.FREEZE, now)
        tx.watches.tell(demo.id, (HOST, place[1], ""), TAKEN, Consequence.TELL, now)
        tx.hosts.freeze(HOST, "drift", OTHER_BYTES.sentence, now)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """An index where ada owns demo, bare has nothing from outside, and root administers."""
    with web_index(tmp_path_factory.mktemp("drift")) as opened:
        ada = opened.user("ada")
        opened.project("demo", "ada")
        opened.project("bare", "ada")
        add_person(opened.world, "root", is_admin=True)
        fill(opened.world, ada)
        yield opened


# Pages


def test_a_maintainer_sees_where_files_came_from(index: WebIndex) -> None:
    """Each file, how its source fares and since when, that its host is frozen, and what was seen there."""
    shown = index.signed_in("ada").get("/manage/projects/demo/")
    (origins,) = [part for part in shown.page.all("section") if part.attributes.get("id") == "origins"]
    for told in (
        FIRST,
        SECOND,
        "changed",
        "gone",
        "host frozen",
        "The site answers 404.",
        OTHER_BYTES.sentence,
    ):
        assert told in origins.text
    assert "The host was frozen" in origins.text


def test_looking_again_is_one_button(index: WebIndex) -> None:
    """It makes every source of the project due; the worker does the rest."""
    ada = index.signed_in("ada")
    page = ada.get("/manage/projects/demo/")
    assert ada.submit(page, "look-again").goes_to == "/manage/projects/demo/"
    with index.world.store.read() as tx:
        now = index.world.clock.now()
        assert all(watch.due_at <= now for watch in tx.watches.of_project(find_project(tx, "demo").id))


def test_nothing_from_outside_says_what_to_expect(index: WebIndex) -> None:
    """A project whose files all came by upload is told what would be here."""
    shown = index.signed_in("ada").get("/manage/projects/bare/")
    assert "No file came from outside yet." in shown.page.text


@pytest.mark.parametrize(
    ("mode", "every", "says"),
    [
        (HostingMode.ONLY, timedelta(days=7), "left alone while the project is pypi-only"),
        (HostingMode.CACHE, timedelta(), "This index does not look at them again"),
        (HostingMode.CACHE, timedelta(days=1), "looked at about every 1 day"),
    ],
)
def test_where_nobody_looks_no_button_is_shown(
    index: WebIndex, mode: HostingMode, every: timedelta, says: str
) -> None:
    """The page says who looks and how often; the button is there where it does something."""
    world = replace(index.world, drift=DriftPolicy(every))
    there = WebIndex(world, Starlette(routes=web_routes(world)))
    with world.store.write() as tx:
        tx.projects.set_mode(find_project(tx, "demo").id, mode)
    shown = there.signed_in("ada").get("/manage/projects/demo/")
    with world.store.write() as tx:
        tx.projects.set_mode(find_project(tx, "demo").id, HostingMode.CACHE)
    assert says in shown.page.text
    buttons = {part.attributes.get("value") for part in shown.page.all("button")}
    assert ("look-again" in buttons) == (mode is HostingMode.CACHE and bool(every))


def test_readers_see_that_a_source_is_gone(index: WebIndex) -> None:
    """The public page says since when, and that the file stays; other bytes elsewhere are no reader's business."""
    shown = index.browser().get("/project/demo/")
    assert shown.page.text.count("source gone since") == 1
    assert "the file stays here" in shown.page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"other bytes", "new TLS key and issuer"}),
        ("?sign=other-bytes", {"other bytes"}),
        ("?sign=gone", set()),
        ("?project=Demo&host=" + HOST, {"other bytes", "new TLS key and issuer"}),
        ("?project=bare", set()),
        ("?host=other.example.org", set()),
    ],
)
def test_an_administrator_lists_and_filters(index: WebIndex, query: str, found: set[str]) -> None:
    """All events, or those of a project, a host or a sign; nothing found says so."""
    shown = index.signed_in("root").get(f"/admin/drift/{query}")
    rows = [row.text for row in shown.page.all("tr")][1:]
    assert {
        word for word in ("other bytes", "new TLS key and issuer") if any(word in row for row in rows)
    } == found
    assert ("Nothing like that was seen." in shown.page.text) == (not found)
    assert index.signed_in("root").get("/admin/drift/?sign=nonsense").status == 400


def test_an_empty_list_says_what_it_waits_for(tmp_path: Path) -> None:
    """Before anything was seen, the page says when that may be."""
    with web_index(tmp_path) as empty:
        add_person(empty.world, "root", is_admin=True)
        assert "Nothing was seen yet" in empty.signed_in("root").get("/admin/drift/").page.text


def test_events_as_files_to_keep(index: WebIndex) -> None:
    """CSV and JSON hold the same events; a cell from outside is no formula; no other file is there."""
    root = index.signed_in("root")
    told = root.get("/admin/drift/export/events.csv?project=demo")
    assert told.headers["content-disposition"] == 'attachment; filename="drift.csv"'
    rows = list(csv.DictReader(StringIO(told.html)))
    assert [row["sign"] for row in rows] == ["new-tls", "other-bytes"]
    assert rows[0]["sentence"] == f"'{TAKEN.sentence}"
    assert rows[0]["filename"] == ""
    events = json.loads(root.get("/admin/drift/export/events.json?sign=other-bytes").html)
    assert [(event["project"], event["consequence"]) for event in events] == [("demo", "freeze")]
    assert root.get("/admin/drift/export/events.xml").status == 404


def test_a_list_goes_on(tmp_path: Path) -> None:
    """A page at a time, and back to the newest."""
    with web_index(tmp_path) as long:
        add_person(long.world, "root", is_admin=True)
        demo = long.project("demo", "ada")
        with long.world.store.write() as tx:
            for number in range(PAGE_LENGTH + 1):
                seen = Seen(Sign.GONE, str(number), f"Gone {number}.")
                tx.watches.tell(demo.id, (HOST, "", ""), seen, Consequence.TELL, long.world.clock.now())
        root = long.signed_in("root")
        (older,) = root.get("/admin/drift/?sign=gone").page.all("a", rel="next")
        following = root.get(f"/admin/drift/{older.attributes['href']}")
        assert len(following.page.all("tr")) == 2
        assert "Gone 0." in following.page.text
        assert any(link.text == "To the newest" for link in following.page.all("a"))


# API


@pytest.fixture
def call(index: WebIndex) -> Callable[..., Told]:
    """Asks the API as a person."""
    door = ApiDoor(index.world, Starlette(routes=api_routes(index.world)), Path())

    def call(who: str, method: str, path: str, **body: Any) -> Told:
        return door.call(method, path, door.token(who), **body)

    return call


def test_programs_are_told_the_same(call: Callable[..., Told]) -> None:
    """The sources of a project's files and its events, to a token of a maintainer's."""
    told = json.loads(call("ada", "GET", "/projects/demo/drift").body)
    assert told["project"] == "demo"
    first, second = told["sources"]
    assert (first["filename"], first["state"], first["host_frozen"]) == (
        FIRST,
        "changed",
        OTHER_BYTES.sentence,
    )
    assert (second["state"], second["problem"]) == ("gone", "The site answers 404.")
    assert [event["sign"] for event in told["events"]] == ["new-tls", "other-bytes"]
    due = call("ada", "POST", "/projects/demo/drift")
    assert (due.status, json.loads(due.body)) == (202, {"project": "demo", "due": 2})


def test_the_list_for_administrators(index: WebIndex) -> None:
    """All events with a password, filtered by query; a sign that is none is refused."""
    handler = next(call.handler for call in DRIFT_CALLS if call.path == "/drift")
    root = Caller(index.user("root"))
    told = handler(index.world, root, {}, Body({"sign": "new-tls"}))
    assert [event["sign"] for event in told["events"]] == ["new-tls"]
    assert told["before"] is None
    newest = told["events"][0]["id"]
    told = handler(index.world, root, {}, Body({"before": str(newest)}))
    assert [event["sign"] for event in told["events"]] == ["other-bytes"]
    with pytest.raises(Invalid):
        handler(index.world, root, {}, Body({"sign": "nonsense"}))


# The command line


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home where ada owns demo, whose sources changed; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, drift)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
    run("project", "create", "bare", "--owner", "ada", "--mode", "pypi-cache")
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    fill(world, find_user(world, "ada"))
    return run


def test_the_command(run: Run) -> None:
    """All that was told, one project's sources, and a look at them now; for people and for scripts."""
    assert "other-bytes" in run("drift")
    assert [event["sign"] for event in json.loads(run("drift", "--json"))] == ["new-tls", "other-bytes"]
    assert [one["sign"] for one in json.loads(run("drift", "--sign", "new-tls", "--json"))] == ["new-tls"]
    assert "Nothing was seen" in run("drift", "--host", "nowhere.example.org")
    shown = run("drift", "demo")
    assert FIRST in shown
    assert OTHER_BYTES.sentence in shown
    assert len(json.loads(run("drift", "demo", "--json"))["sources"]) == 2
    assert "No file of bare came from outside." in run("drift", "bare")
    # Its host is frozen: nothing is asked.
    assert json.loads(run("drift", "look", "demo", "--json"))["sources"][0]["state"] == "changed"


def test_what_the_command_does_not_know(run: Run) -> None:
    """Words that mean nothing are refused with those that do."""
    for words in (["look"], ["look", "demo", "more"], ["demo", "more"], ["--sign", "nonsense"]):
        with pytest.raises(Invalid):
            run("drift", *words)
