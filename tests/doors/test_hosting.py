"""A project's outlook and its standing consent at the doors: pages, API, and the command line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from tests.support.api_door import ApiDoor
from tests.support.browser import Browser, Shown, filled_in, token_of
from tests.support.builders import item, unreachable
from tests.support.command_line import Run, commands
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person, grant

from homeport.adapters.system import SystemClock
from homeport.api.app import api_routes
from homeport.cli import accounts, consents, exemptions, hosting, projects, sources
from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.release import ExternalLink
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import add_source, find_project, show_project
from homeport.flows.standing_consents import show_standing

TODAY = SystemClock().now().date()
UNTIL, LATEST = TODAY + timedelta(days=90), TODAY + timedelta(days=365)
SDIST, WHEEL, OLD = "ext-1.0.tar.gz", "ext-1.0-py3-none-any.whl", "ext-0.9.tar.gz"
EXT, CACHE = "/manage/projects/ext/", "/manage/projects/cache/"


def record_links(index: WebIndex, project: Project, *filenames: str) -> None:
    """External links to these files of ext."""
    links = [
        ExternalLink(
            "ext",
            ReleaseVersion.parse(name.split("-")[1].removesuffix(".tar.gz")),
            name,
            f"https://a.test/{name}",
            "",
        )
        for name in filenames
    ]
    with index.world.store.write() as tx:
        tx.outside.put_links(project.id, links)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """Ada's ext lists three files, of which a plan found one and missed one; her cache takes files of files.test."""
    with web_index(tmp_path) as opened:
        root = Caller(add_person(opened.world, "root", is_admin=True))
        ext = opened.project("ext", "ada", HostingMode.ONLY)
        change_hosting(opened.world, root, "ext", Wish(HostingMode.EXT, "Large.", UNTIL))
        record_links(opened, ext, SDIST, WHEEL, OLD)
        opened.plan(ext, [item(0, SDIST), unreachable(0, OLD, problem="No answer.")])
        opened.project("cache", "ada")
        add_source(opened.world, opened.caller("ada"), "cache", "homepage", "https://files.test/cache/")
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """The owner's browser."""
    return index.signed_in("ada")


def card(shown: Shown, mode: str) -> Any:
    """What the page says of one mode."""
    return shown.page.the("article", id=f"to-{mode}")


# Pages


def test_what_each_mode_would_mean(ada: Browser) -> None:
    """Numbers, the list, the way in steps, and that there is no way back, before anything is pressed."""
    shown = ada.get(EXT)
    main = shown.page.the("main").text
    assert "0 files hosted here, 3 external files" in main
    assert "external, can come home 1" in main
    assert "external, cannot come home 1" in main
    assert "No answer." in main
    only = card(shown, "pypi-only")
    assert "3 files would stop being installable; 1 can be brought home first" in only.text
    assert "You cannot undo it alone" in only.text
    assert [step.text for step in only.the("ol").all("li")][-1] == "Move."
    assert all(name in only.text for name in (SDIST, WHEEL, OLD))
    cache = card(shown, "pypi-cache")
    assert "2 files would stop being installable" in cache.text
    assert "1 external file can come home" in cache.text
    assert not cache.all("form"), "no plan was brought to its end"
    assert "When these steps are done" in cache.text
    assert "Exemption given" in shown.page.the("section", id="history").text


def test_moving_asks_for_the_list(index: WebIndex, ada: Browser) -> None:
    """Unticked it is refused with the list; a list that changed meanwhile is refused, too; then it moves."""
    shown = ada.get(EXT)
    unread = ada.submit(shown, "change-mode")
    assert unread.status == 400
    assert f"{OLD}: cannot come home (No answer.)." in unread.page.the("section", role="alert").text
    with index.world.store.read() as tx:
        ext = tx.projects.find("ext")
    assert ext is not None
    record_links(index, ext, SDIST, WHEEL)
    stale = ada.submit(shown, "change-mode", loss="on")
    assert stale.status == 409
    assert "The list has changed" in stale.page.text
    assert ada.submit(stale, "change-mode", loss="on").goes_to == EXT
    moved = ada.get(EXT)
    assert "Moved from pypi-ext to pypi-only." in moved.page.text
    assert "0 files hosted here, 2 external files, recorded and not listed" in moved.page.text
    assert "2 external files would be listed again" in card(moved, "pypi-ext").text


def test_who_is_shown_which_forms(index: WebIndex, ada: Browser) -> None:
    """A maintainer reads all of it and moves nothing; an administrator who owns it is led to exemptions."""
    with index.world.store.read() as tx:
        ext, cache = tx.projects.find("ext"), tx.projects.find("cache")
    assert ext is not None
    assert cache is not None
    for project in (ext, cache):
        grant(index.world, project, index.user("bob"))
        grant(index.world, project, index.user("root"))
    bob, root = index.signed_in("bob"), index.signed_in("root")
    shown = bob.get(EXT)
    assert "Only an owner changes the hosting mode." in card(shown, "pypi-only").text
    assert not shown.page.all("button", value="change-mode")
    assert not card(bob.get(CACHE), "pypi-ext").all("a", href="/admin/exemptions/")
    assert card(root.get(CACHE), "pypi-ext").all("a", href="/admin/exemptions/")
    consent = bob.get(f"{CACHE}consent/")
    assert not consent.page.the("main").all("button")
    assert "files.test" in consent.page.text
    assert ada.get("/manage/project/ext/hosting").goes_to == EXT


def test_a_stale_session_confirms_first(index: WebIndex, ada: Browser) -> None:
    """Who moves or consents shows in the same form who they are; withdrawing is not held up by that."""
    late = index.later(minutes=20).browser()
    late.cookies.update(ada.cookies)
    moved = late.submit(late.get(EXT), "change-mode", loss="on", reason="We upload now.")
    assert moved.status == 403
    assert "type your password beside the button" in moved.page.the("section", role="alert").text
    only = card(moved, "pypi-only")
    assert only.the("input", name="reason").attributes["value"] == "We upload now."
    assert "checked" in only.the("input", name="loss").attributes, "the list is the one that was read"
    moved = late.submit(late.get(EXT), "change-mode", loss="on", loss_digest="0" * 64)
    assert "checked" not in card(moved, "pypi-only").the("input", name="loss").attributes
    shown = late.get(f"{CACHE}consent/")
    assert not shown.page.the("section", id="withdraw").all("input", name="own_password")
    for form in ("give", "renew"):
        assert late.submit(shown, form).status == 403
    assert late.submit(shown, "withdraw").goes_to == f"{CACHE}consent/"


def test_a_source_that_is_consent_is_named_by_its_owner(index: WebIndex, ada: Browser) -> None:
    """Where naming a source gives or widens a consent, an old session shows who it is; nothing typed is lost."""
    typed = {"kind": "find-links", "url": "https://evil.example/dist/", "versions": ">=2"}
    late = index.later(minutes=60)
    stale = late.browser()
    stale.cookies.update(ada.cookies)
    refused = stale.submit(stale.get(CACHE), "add-source", **typed, token="secret", no_token="on")
    assert refused.status == 403
    assert "type your password beside the button" in refused.page.the("section", role="alert").text
    form = refused.page.the("form", id="source")
    assert {name: filled_in(form)[name] for name in typed} == typed
    assert "checked" in form.the("input", name="no_token").attributes
    assert "type it again" in form.text
    assert "secret" not in refused.html
    view = show_standing(index.world, index.caller("ada"), "cache")
    assert view.standing is not None
    assert view.standing.hosts == ("files.test",)
    assert stale.submit(stale.get(CACHE), "update-cache").status == 303, "it stays within the consent"
    # Neither is any consent: another mode, and a maintainer.
    assert stale.submit(stale.get(EXT), "add-source", **typed).goes_to == EXT
    grant(index.world, view.project, index.user("max"))
    browser, stale = index.signed_in("max"), late.browser()
    stale.cookies.update(browser.cookies)
    assert stale.submit(stale.get(CACHE), "add-source", **typed).goes_to == CACHE


def test_a_move_says_which_list_was_read(index: WebIndex, ada: Browser) -> None:
    """A form that acknowledges a loss without naming the list moves nothing."""
    sent = ada.submit(ada.get(EXT), "change-mode", loss="on", loss_digest="")
    assert sent.status == 400
    assert "which list you read" in sent.page.the("section", role="alert").text
    assert show_project(index.world, "ext").project.mode is HostingMode.EXT


def test_a_new_project_begins_with_its_sources(index: WebIndex) -> None:
    """Before there is anything else, the form to name a source comes first, and the consent says that it names no host."""
    index.project("fresh", "ada")
    ada, page = index.signed_in("ada"), "/manage/projects/fresh/"
    shown = ada.get(page)
    ids = [one.attributes.get("id") for one in shown.page.the("main").all("section")]
    assert ids[0] == "sources"
    assert ids.count("sources") == 1
    add_source(index.world, index.caller("ada"), "fresh", "homepage", "https://files.test/fresh/")
    ids = [one.attributes.get("id") for one in ada.get(page).page.the("main").all("section")]
    assert ids.index("sources") > ids.index("modes")


def test_removing_a_source_tells_what_it_narrows(index: WebIndex, ada: Browser) -> None:
    """The page after it says, once, which host the standing consent names no longer; without a host it says what is left."""
    removed = ada.submit(ada.get(CACHE), "remove-source")
    assert removed.goes_to == CACHE
    shown = ada.get(CACHE)
    assert "it names files.test no longer" in shown.page.the("p", role="status").text
    assert "It names no host yet" in shown.page.the("section", id="consent").text
    assert "It names no host yet" in ada.get(f"{CACHE}consent/").page.text
    assert not ada.get(CACHE).page.all("p", role="status")


def test_a_version_that_is_none_begins_nothing(index: WebIndex, ada: Browser) -> None:
    """However long it is, it comes whole, is refused, and stands in its field."""
    for typed in ("1" * 500, "zzz<b>"):
        shown = ada.submit(ada.get(CACHE), "plan", version=typed)
        assert shown.status == 400
        assert "is not a version" in shown.page.text
        assert shown.page.the("input", id="version").attributes["value"] == typed
    with index.world.store.read() as tx:
        assert tx.rehosts.of_project(find_project(tx, "cache").id) == []


def test_the_consent_is_changed(index: WebIndex, ada: Browser) -> None:
    """The form has what holds; what is typed is given, and kept when it is refused, with every problem."""
    path = f"{CACHE}consent/"
    shown = ada.get(path)
    assert shown.page.the("textarea", id="hosts").text == "files.test"
    assert "in force" in shown.page.text
    terms = {
        "hosts": "files.test, cdn.test",
        "paths": "/cache/*",
        "files": "*.whl\n*.tar.gz",
        "until": str(UNTIL),
    }
    assert ada.submit(shown, "give", **terms).goes_to == path
    with index.world.store.read() as tx:
        project = tx.projects.find("cache")
        assert project is not None
        standing = tx.standing_consents.of_project(project.id)
    assert standing is not None
    assert (standing.hosts, standing.paths) == (("files.test", "cdn.test"), ("/cache/*",))
    assert (standing.patterns, standing.ends_on) == (("*.whl", "*.tar.gz"), UNTIL)
    refused = ada.submit(ada.get(path), "give", hosts="https://a.test/x", paths="up/*", until="2199-01-01")
    assert refused.status == 400
    assert len(refused.page.the("section", role="alert").all("li")) == 3
    assert refused.page.the("textarea", id="hosts").text == "https://a.test/x"
    assert refused.page.the("textarea", id="files").text == "*.whl *.tar.gz"
    assert ada.submit(ada.get(path), "give", until="soon").status == 400
    assert ada.submit(ada.get(path), "renew").goes_to == path
    renewed = ada.get(path)
    assert str(LATEST) in renewed.page.text
    assert "on pages like /cache/*" in renewed.page.the("section", id="history").text


def test_the_consent_is_withdrawn(ada: Browser) -> None:
    """The reason is kept in the history; both pages say that nothing comes home any more; owners can give it anew."""
    path = f"{CACHE}consent/"
    assert ada.submit(ada.get(path), "withdraw", reason="We <b>upload</b> now.").goes_to == path
    shown = ada.get(path)
    assert "We <b>upload</b> now." in shown.page.the("section", id="history").text
    assert not shown.page.all("button", value="withdraw")
    assert "no registration brings files home until an owner consents anew" in ada.get(CACHE).page.text
    assert ada.post(path, {"do": "withdraw", "form_token": token_of(shown)}).status == 404
    assert ada.submit(shown, "give").goes_to == path
    assert "in force" in ada.get(path).page.text


def test_a_project_of_another_mode_has_none(ada: Browser) -> None:
    """The page says what a standing consent is for, and leads to the modes."""
    shown = ada.get(f"{EXT}consent/")
    assert "it is for projects in pypi-cache, and this one is pypi-ext" in shown.page.text
    assert shown.page.the("main").all("a", href=f"{EXT}#modes")


# API


@pytest.fixture
def door(index: WebIndex) -> ApiDoor:
    """The API of the index."""
    return ApiDoor(index.world, Starlette(routes=api_routes(index.world)), Path())


def test_programs_read_the_outlook(door: ApiDoor) -> None:
    """The same numbers as on the page; the digest of the list moves the project."""
    ada = door.token("ada")
    told = door.call("GET", "/projects/ext/hosting", ada).json
    assert (told["mode"], told["external_files"]["listed"]) == ("pypi-ext", 3)
    (only,) = (one for one in told["outlook"] if one["mode"] == "pypi-only")
    assert (only["would_stop_being_installable"], only["of_them_can_come_home"]) == (3, 1)
    wish: dict[str, object] = {"mode": "pypi-only"}
    refused = door.call("PUT", "/projects/ext/mode", ada, **wish)
    assert (refused.status, refused.json["code"]) == (400, "needs-acknowledged-loss")
    assert len(refused.json["problems"]) == 3
    wish |= {"acknowledge_loss": True, "loss_digest": "0" * 64}
    assert door.call("PUT", "/projects/ext/mode", ada, **wish).status == 409
    wish |= {"loss_digest": only["loss_digest"]}
    moved = door.call("PUT", "/projects/ext/mode", ada, **wish)
    assert (moved.status, len(moved.json["no_longer_listed"])) == (200, 3)


def test_programs_decide_about_the_consent(door: ApiDoor) -> None:
    """Shown, changed in part, refused with every problem, withdrawn."""
    ada = door.token("ada")
    shown = door.call("GET", "/projects/cache/consent", ada).json
    assert shown["standing_consent"]["condition"] == "live"
    assert shown["places_named_now"] == ["https://files.test/cache/"]
    changed = door.call("PUT", "/projects/cache/consent", ada, paths=["/cache/*"], until=str(UNTIL)).json
    told = changed["standing_consent"]
    assert (told["hosts"], told["paths"], told["files"]) == (["files.test"], ["/cache/*"], ["*"])
    assert told["until"] == str(UNTIL)
    widened = door.call("PUT", "/projects/cache/consent", ada, paths=[]).json["standing_consent"]
    assert (widened["paths"], widened["until"]) == (["/*"], str(LATEST))
    refused = door.call("PUT", "/projects/cache/consent", ada, hosts=["a b", "x/y"])
    assert (refused.status, len(refused.json["problems"])) == (400, 2)
    assert door.call("PUT", "/projects/ext/consent", ada).json["code"] == "mode-not-cache"
    gone = door.call("POST", "/projects/cache/consent/withdraw", ada, reason="No more.").json
    assert gone["standing_consent"]["condition"] == "withdrawn"
    assert gone["history"][0]["reason"] == "No more."


# The command line


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home where ada owns demo, and root administers; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, hosting, consents, exemptions, sources)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("user", "add", "root", "--email", "root@example.org", "--admin")
    run("project", "create", "demo", "--owner", "ada")
    return run


def test_mode_show(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """For people in sentences, for scripts whole; refusals carry the list."""
    monkeypatch.setattr(hosting, "_MOST_FILES", 1)
    assert "Hosted here: 0 files. None is external." in run("mode", "show", "demo")
    run("mode", "set", "demo", "pypi-ext", "--reason", "Large.", "--until", str(UNTIL), "--as", "root")
    digest = "0" * 64
    for number in range(3):
        run("source", "add", "demo", "urls", f"https://a.test/demo-1.{number}.tar.gz#sha256={digest}")
    shown = run("mode", "show", "demo")
    assert f"Its exemption ends on {UNTIL}" in shown
    assert "External (listed): 3 files, of which 0 can come home, 0 cannot, and 3 nobody looked at." in shown
    assert "nobody knows until you make a plan" in shown
    assert "and 2 more; --json has them all" in shown
    assert "To pypi-only (an owner moves); one way, you cannot undo it alone" in shown
    assert "3 files would stop being installable; 0 of them can come home first." in shown
    assert "1. ✓ Name the places where its files lie." in shown
    told = json.loads(run("mode", "show", "demo", "--json"))
    assert told["external_files"]["listed"] == 3
    with pytest.raises(Invalid) as refusal:
        run("mode", "set", "demo", "pypi-only")
    assert len(refusal.value.problems) == 3
    run("mode", "set", "demo", "pypi-only", "--acknowledge-loss")
    shown = run("mode", "show", "demo")
    assert "External (recorded, not listed): 3 files" in shown
    assert "To pypi-ext (an administrator moves)" in shown
    assert "External, would be listed: 3 files." in shown


def test_consent_commands(run: Run) -> None:
    """Given with mode set; shown, changed, renewed, withdrawn; for people and for scripts."""
    assert run("consent", "show", "demo").strip() == "demo has no standing consent."
    with pytest.raises(Conflict):
        run("consent", "give", "demo", "--host", "a.test")
    run("mode", "set", "demo", "pypi-cache", "--consent")
    run("source", "add", "demo", "homepage", "https://a.test/demo/")
    given = run("consent", "give", "demo", "--path", "/demo/*", "--file", "*.whl", "--until", str(UNTIL))
    assert f"demo: live, by ada, until {UNTIL}." in given
    assert "paths: /demo/*" in given
    renewed = json.loads(run("consent", "give", "demo", "--json"))["standing_consent"]
    assert (renewed["files"], renewed["until"]) == (["*.whl"], str(LATEST))
    assert "Standing consent: live" in run("mode", "show", "demo")
    shown = run("consent", "show", "demo")
    assert "named now: https://a.test/demo/" in shown
    assert "standing-consent-given by ada" in shown
    revision = shown.partition("Its revision is ")[2].partition(".")[0]
    run("consent", "give", "demo", "--revision", revision)
    with pytest.raises(Conflict, match=f"you saw {revision}"):
        run("consent", "give", "demo", "--host", "b.test", "--revision", revision)
    withdrawn = run("consent", "withdraw", "demo", "--reason", "No more.")
    assert f"demo: withdrawn by ada on {TODAY}.\n" in withdrawn
    assert f"Standing consent: withdrawn on {TODAY}." in run("mode", "show", "demo")
    told = json.loads(run("consent", "show", "demo", "--json"))
    assert told["history"][0]["reason"] == "No more."
    run("consent", "give", "demo")
    gone = json.loads(run("consent", "withdraw", "demo", "--json"))
    assert gone["standing_consent"]["condition"] == "withdrawn"
