"""Sources at every door: listed, added with filters and a token, tried, removed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.api_door import ApiDoor, api_door
from tests.support.browser import Browser
from tests.support.command_line import Run, commands
from tests.support.http_site import serve
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.places_answers import github_release, json_answer
from tests.support.web_index import WebIndex, web_index
from tests.support.world import OwnProcess

from homeport.cli import accounts, projects, sources
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.source import Filters
from homeport.flows.manage_project import create_project, list_sources
from homeport.ports.world import World

REPO, TOKEN = "https://github.com/octo/demo", "ghp_0123456789secret"
API = "https://api.github.com/repos/octo/demo/releases?per_page=30"
PATH = "/manage/projects/demo/"


def outside_of(world: World) -> Outside:
    """The outside that a world reaches."""
    assert isinstance(world.fetcher, OutsideFetcher)
    return world.fetcher._outside


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """The machine door, with ada's project demo."""
    with api_door(tmp_path) as opened:
        create_project(opened.world, opened.user("ada"), "demo", HostingMode.CACHE)
        yield opened


def test_the_api(door: ApiDoor) -> None:
    """A source is tried, added, listed and removed by programs; its token is told to none of them."""
    ada = door.token("ada")
    release = github_release("octo/demo", "2.0", ["demo-2.0.tar.gz", "demo-2.0-py3-none-any.whl"])
    outside_of(door.world).put(API, json_answer([release]))
    wish = {"kind": "github", "url": REPO, "files": ["*.whl"], "newest": 2, "token": TOKEN}
    tried = door.call("POST", "/projects/demo/sources/try", ada, **wish)
    assert (tried.status, [file["filename"] for file in tried.json["files"]]) == (
        200,
        ["demo-2.0-py3-none-any.whl"],
    )
    assert [one["code"] for one in tried.json["left_out"]] == ["filtered"]
    assert door.call("POST", "/projects/demo/sources", ada, **wish).json == {"added": True}
    listed = door.call("GET", "/projects/demo/sources", ada)
    (source,) = listed.json["sources"]
    assert source == {
        "kind": "github", "url": REPO, "filters": {"files": ["*.whl"], "newest": 2}, "has_token": True,
    }  # fmt: skip
    assert TOKEN not in listed.text + tried.text + door.call("GET", "/projects/demo", ada).text
    removed = door.call("POST", "/projects/demo/sources/remove", ada, url=REPO)
    assert removed.json["removed"]["url"] == REPO
    assert (removed.json["delisted"], removed.json["stays_listed"]) == ([], False)
    assert door.call("GET", "/projects/demo/sources", ada).json == {"sources": []}


def test_what_the_api_refuses(door: ApiDoor) -> None:
    """Every mistake in a body is told at once, and filters that are none."""
    ada = door.token("ada")
    told = door.call("POST", "/projects/demo/sources", ada, url=1, newest="x", prereleases="y")
    assert told.status == 400
    assert len(told.json["problems"]) == 4
    told = door.call("POST", "/projects/demo/sources/try", ada, kind="github", url=REPO, versions="two")
    assert (told.status, told.code) == (400, "filters-invalid")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo."""
    with web_index(tmp_path) as opened:
        opened.project("demo", "ada")
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Her browser."""
    return index.signed_in("ada")


def test_the_page(index: WebIndex, ada: Browser) -> None:
    """Without a script: a source is previewed, and what was typed stays; added, listed with its filters, removed."""
    release = github_release("octo/demo", "2.0", ["demo-2.0.tar.gz", "demo-2.0-py3-none-any.whl"])
    outside_of(index.world).put(API, json_answer([release]))
    empty = ada.get(PATH)
    assert "No source yet" in empty.page.text
    typed = {
        "kind": "github",
        "url": REPO,
        "files": "*.whl, *.zip",
        "newest": "2",
        "prereleases": "on",
        "token": TOKEN,
    }
    shown = ada.submit(empty, "try-source", **typed)
    trial = shown.page.the("div", id="trial")
    assert "offers 1 file" in trial.text
    assert "demo-2.0-py3-none-any.whl" in trial.text
    assert "sha256" in trial.text
    assert "1 by files" in trial.text
    assert TOKEN not in shown.html
    assert list_sources(index.world, index.caller("ada"), "demo") == ()
    ada.submit(shown, "add-source", token=TOKEN)
    (source,) = list_sources(index.world, index.caller("ada"), "demo")
    assert source.filters == Filters(files=("*.whl", "*.zip"), newest=2, prereleases=True)
    assert source.has_token
    listed = ada.get(PATH)
    assert "files *.whl, *.zip; newest 2; pre-releases too" in listed.page.text
    assert "read with a token" in listed.page.text
    ada.submit(listed, "add-source", kind="github", url=REPO, no_token="on")
    assert not list_sources(index.world, index.caller("ada"), "demo")[0].has_token
    ada.submit(ada.get(PATH), "remove-source")
    assert list_sources(index.world, index.caller("ada"), "demo") == ()
    assert ada.get(PATH).page.the("p", role="status").text.startswith("The source is removed.")


def test_what_the_page_tells_of_nothing(index: WebIndex, ada: Browser) -> None:
    """A place that offers nothing, one that is not there, and filters that are none are told; nothing typed is lost."""
    shown = ada.submit(ada.get(PATH), "try-source", kind="listing", url="https://gone.example/")
    assert "Nothing that can be hosted was found there." in shown.page.text
    assert "gone.example has no address" in shown.page.text
    refused = ada.submit(
        ada.get(PATH), "try-source", kind="listing", url="https://gone.example/", newest="many"
    )
    assert refused.status == 400
    assert "newest: a number" in refused.page.text
    assert refused.page.the("input", id="newest").attributes["value"] == "many"
    assert ada.submit(ada.get(PATH), "add-source", kind="links").status == 303
    assert "descriptions and Project-URLs" in ada.get(PATH).page.text


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command, with what is sent on standard input, on a home where ada owns demo; exit status and output."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    monkeypatch.setenv("HOMEPORT_OUTSIDE_ALLOW", "127.0.0.1:*")
    monkeypatch.setenv("HOMEPORT_CRAWL_PACE", "0")
    # The processes that read hostile bytes end with the command, which is this very process here.
    monkeypatch.setattr("homeport.adapters.inspect.isolation.ChildIsolation", OwnProcess)
    run = commands(accounts, projects, sources)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
    return run


def test_the_commands(run: Run) -> None:
    """A forge on loopback is tried, added with filters and a token from standard input, listed, removed."""
    outside = Outside()
    with serve(outside) as site:
        forge = f"{site.base_url}/repos/octo/demo"
        release = github_release("octo/demo", "2.0", ["demo-2.0.tar.gz", "other-1.0.zip"])
        outside.put(f"{forge}/releases?per_page=30", json_answer([release]))
        told = run("source", "try", "github", forge, "--project", "demo")
        assert told.split()[:2] == ["1", "file"]
        assert "demo-2.0.tar.gz" in told
        assert "sha256" in told
        every = json.loads(run("source", "try", "github", forge, "--json"))
        assert [file["project"] for file in every["files"]] == ["demo", "other"]
        run("source", "try", "github", forge, "--project", "third", status=1)
        run("source", "try", "listing", "http://127.0.0.1:9/", status=3)
        add = ("source", "add", "demo", "github", forge, "--versions", ">=2", "--tag", "v*", "--newest", "3")
        assert run(*add, "--token-stdin", typed=f"{TOKEN}\n").startswith(f"Added github {forge}.")
        assert "has this source already" in run(*add)
        listed = run("source", "list", "demo")
        assert "versions >=2; tags v*; newest 3" in " ".join(listed.split())
        (source,) = json.loads(run("source", "list", "demo", "--json"))
        assert source["has_token"] is True
        assert TOKEN not in listed
        assert json.loads(run(*add, "--no-token", "--json")) == {"added": True}
        assert run("source", "remove", "demo", forge) == f"Removed github {forge}.\n"
        assert "No source yet" in run("source", "list", "demo")
        assert "--project" in run("source", "try", "links", status=1)
        assert "--project" not in run("source", "try", "homepage", f"{site.base_url}/none/", status=1)
        for hashless in ("", "#sha256=00"):
            with pytest.raises(Invalid, match="must end with the hash"):
                run("source", "try", "urls", f"{site.base_url}/demo-2.0.tar.gz{hashless}")
        with pytest.raises(Invalid, match="only releases of forges"):
            run("source", "add", "demo", "homepage", "https://a.example/", "--prereleases")
        assert json.loads(run("source", "add", "demo", "links", "--json")) == {"added": True}
        assert json.loads(run("source", "remove", "demo", "--json"))["removed"]["kind"] == "links"
