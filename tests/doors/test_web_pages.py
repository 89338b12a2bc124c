"""The pages: each renders, says what it should, and is shown to those it is for."""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.support.browser import Browser, Element, Shown
from tests.support.builders import item
from tests.support.web_index import WebIndex, web_index
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.digests import Digests, Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.rehost import State
from homeport.domain.release import ExternalLink, HostedFile, Origin
from homeport.ports.catalogue import Provenance
from homeport.ports.notices import Notice
from homeport.web.app import web_routes

PUBLIC = ("/", "/search/", "/search/?q=demo", "/about/crawler/", "/sign-in/", "/project/demo/")
SIGNED_IN = (
    "/manage/",
    "/manage/organisations/",
    "/manage/projects/demo/",
    "/manage/projects/demo/releases/",
    "/manage/rehosts/1",
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, whose rehost 1 waits for her answer."""
    with web_index(tmp_path) as opened:
        opened.signed_in("ada")
        opened.plan(opened.project("demo", "ada"), [item(0)])
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


@pytest.fixture
def demo(index: WebIndex) -> Project:
    """The project."""
    with index.world.store.read() as tx:
        found = tx.projects.find("demo")
    assert found is not None
    return found


def publish(index: WebIndex, project: Project, version: str, filename: str, **changes: Any) -> None:
    """A hosted file with metadata, in rows alone."""
    parsed, now = ReleaseVersion.parse(version), index.world.clock.now()
    metadata = CoreMetadata(
        "2.1",
        "demo",
        version,
        summary=f"Summary of {version}",
        home_page="https://home.example/",
        project_urls=(("Source", "https://home.example/source"), ("Homepage", "https://home.example/")),
        download_url="UNKNOWN",
        description="First line\n\n  second <b>line</b>",
        requires_dist=tuple(f"need{number}" for number in range(25)),
        license="MIT",
    )
    file = HostedFile(
        project="demo",
        version=parsed,
        filename=filename,
        kind=FileKind.SDIST,
        size_bytes=1_234_567,
        digests=Digests(Sha256.of(filename.encode()), "0" * 64, "0" * 32),
        published_at=now,
        origin=Origin.REHOST,
    )
    file = replace(file, **changes)
    with index.world.store.write() as tx:
        tx.releases.put(project.id, parsed, metadata, replace=True, at=now)
        provenance = Provenance("ada", 1, f"https://files.example/{filename}", "https://files.example/")
        tx.files.add(project.id, file, provenance, None)


def main_of(shown: Shown) -> Element:
    """The part of a page that is not the same on all of them."""
    return shown.page.the("main")


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_shown_to_everybody(index: WebIndex, path: str) -> None:
    """A page that needs no account renders whole for a browser that was never here, and for one signed in."""
    for browser in (index.browser(), index.signed_in("ada")):
        shown = browser.get(path)
        if shown.status == HTTPStatus.SEE_OTHER:
            assert path == "/sign-in/", "only the sign-in page has nothing to say to who is signed in"
            continue
        assert shown.status == 200
        assert shown.page.the("h1").text
        assert shown.page.the("title").text.endswith("· Homeport")


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_maintainers_ask_to_sign_in(index: WebIndex, path: str) -> None:
    """Nobody signed in: to the sign-in page, and back afterwards."""
    shown = index.browser().get(path)
    assert (shown.status, shown.html) == (303, "")
    form = index.browser().get(shown.goes_to).page.the("main").the("form")
    assert form.the("input", name="next").attributes["value"] == path


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_maintainers_are_shown_to_them(ada: Browser, path: str) -> None:
    """Whoever keeps the project sees its pages, and is led to them from the public one."""
    public = ada.get("/project/demo/").page.the("main")
    assert [link.attributes["href"] for link in public.all("a", **{"class": "button"})] == [
        "/manage/projects/demo/",
        "/manage/projects/demo/releases/",
        "/manage/projects/demo/members/",
    ]
    assert ada.get(path).status == 200
    assert ada.get(path).page.the("h1").text


@pytest.mark.parametrize("path", SIGNED_IN[2:])
@pytest.mark.parametrize("name", ["stranger", "admin"])
def test_strangers_are_refused(index: WebIndex, path: str, name: str) -> None:
    """A page of a project is not for who has no role in it, and neither is its form."""
    browser = index.signed_in(name)
    # A number must not tell which project it is of.
    status = 404 if "rehosts" in path else 403
    assert browser.get(path).status == status
    fields: dict[str, str | list[str]] = {
        "do": "refuse",
        "form_token": token_of(browser.get("/manage/")),
    }
    assert browser.post(path, fields).status == status
    assert index.rehost(1).state is State.PLANNED


def token_of(shown: Shown) -> str:
    """The form token of a signed-in page."""
    return shown.page.all("input", name="form_token")[0].attributes["value"]


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/project/nobody/",
        "/project/-demo/",
        "/project/%F0%9F%92%A3/",
        "/welcome/x",
        "/static/nothing.css",
        "/static/..%2Fapp.py",
        "//evil.example/",
        "/project//evil.example/",
    ],
)
def test_what_is_nowhere_is_404(index: WebIndex, path: str) -> None:
    """An address without a page is told so, and leads nowhere else."""
    shown = index.browser().get(path)
    assert (shown.status, shown.goes_to) == (404, "")


@pytest.mark.parametrize(
    "path",
    [
        "/manage/projects/nobody/",
        *(f"/manage/rehosts/{number}" for number in (999, 0, 10**18 - 1, 10**30, -1, "x", "1.0", "%D9%A1")),
    ],
)
def test_what_is_not_there_is_404_when_signed_in(ada: Browser, path: str) -> None:
    """A project or rehost that is not there is a page that says so, whatever its number."""
    shown = ada.get(path)
    assert shown.status == 404
    assert shown.page.the("h1").text == "Nothing here"


@pytest.mark.parametrize(
    "path", ["/search", "/about/crawler", "/sign-in", "/manage", "/manage/projects/demo"]
)
def test_a_forgotten_slash_is_mended(index: WebIndex, path: str) -> None:
    """The page's own address has a final slash; without it the browser is sent there."""
    assert index.browser().get(path).goes_to == f"{path}/"


def test_a_slash_too_many_is_mended(index: WebIndex) -> None:
    """A rehost's address has none."""
    assert index.browser().get("/manage/rehosts/1/").goes_to == "/manage/rehosts/1"


@pytest.mark.parametrize("spelling", ["Demo", "DEMO", "d.emo", "d--emo", "D_emo"])
def test_a_project_has_one_address(index: WebIndex, spelling: str) -> None:
    """Other spellings of a name lead to its PEP 503 form for ever."""
    shown = index.browser().get(f"/project/{spelling}/")
    assert shown.status == 301
    assert (
        shown.goes_to
        == f"/project/{spelling.lower().replace('.', '-').replace('_', '-').replace('--', '-')}/"
    )


def test_programs_are_answered_in_a_line(index: WebIndex) -> None:
    """Who asks for no HTML gets the sentence alone: easy_install would look for links in a page."""
    for path, sentence in (
        ("/project/nobody/", "There is no project nobody here.\n"),
        ("/nowhere", "Not Found"),
    ):
        shown = index.browser().get(path, accept="*/*")
        assert (shown.status, shown.html) == (404, sentence)
        assert shown.headers["content-type"].startswith("text/plain")


def test_the_last_route_hides_no_other(index: WebIndex) -> None:
    """A program that uses the wrong method is told the right one, although there is a page for what is nowhere."""
    api = Route("/api/things", show_nothing, methods=["POST"])
    app = Starlette(routes=[api, *web_routes(index.world)])
    program = Browser(app, index.world.base_url)
    shown = program.get("/api/things", accept="application/json")
    assert (shown.status, shown.headers["allow"]) == (405, "POST")
    assert program.get("/api/things").status == 404, "a browser is told there is no page"


async def show_nothing(request: Request) -> Response:
    """An endpoint of another door."""
    return Response(request.url.path)


def test_every_page_is_guarded(index: WebIndex, ada: Browser) -> None:
    """Every HTML answer forbids scripts, styles and frames of others, guessing, leaking and keeping."""
    pages = [index.browser().get(path) for path in (*PUBLIC, "/nowhere")] + [ada.get(p) for p in SIGNED_IN]
    for shown in pages:
        policy = dict(
            part.strip().split(" ", 1) for part in shown.headers["content-security-policy"].split(";")
        )
        assert policy == {
            "default-src": "'none'",
            "style-src": "'self'",
            "script-src": "'self'",
            "img-src": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["referrer-policy"] == "same-origin"
        assert shown.headers["cache-control"] == "no-store"


def test_pages_obey_their_own_policy(index: WebIndex, ada: Browser) -> None:
    """No inline script, style or handler is on any page, and what is loaded comes from us."""
    pages = [index.browser().get(path) for path in (*PUBLIC, "/nowhere")] + [ada.get(p) for p in SIGNED_IN]
    for shown in pages:
        for element in shown.page.everything():
            assert element.name != "style"
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
            if element.name == "script":
                assert element.attributes["src"].startswith("/static/")
                assert not element.text


def test_static_files_are_kept_by_their_digest(index: WebIndex) -> None:
    """A page names its style sheet by content; the answer may be kept for a year, and is not guessed at."""
    browser = index.browser()
    page = browser.get("/").page
    links = [link.attributes["href"] for link in page.all("link")] + [page.the("script").attributes["src"]]
    kinds = {browser.get(link).headers["content-type"].partition(";")[0] for link in links}
    assert kinds == {"text/css", "image/svg+xml", "text/javascript"}
    for link in links:
        shown = browser.get(link)
        assert "immutable" in shown.headers["cache-control"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert Sha256.of(shown.html.encode()).hex.startswith(link.partition("?v=")[2])


def test_an_empty_index_says_how_to_begin(tmp_path: Path) -> None:
    """With no project there are commands to copy: to publish, to bring home, to install."""
    with web_index(tmp_path, "http://127.0.0.1:8417") as opened:
        page = opened.browser().get("/").page
        commands = " ".join(pre.text for pre in page.all("pre"))
        for command in ("twine upload", "uv publish", "homeport plan", "pip install"):
            assert command in commands
        assert "http://127.0.0.1:8417/legacy/" in commands
        assert not page.all("ul")


def test_the_front_page_lists_the_newest(index: WebIndex, demo: Project) -> None:
    """Projects lead to their pages; the install command names the newest that has files, else a place for a name."""

    def install() -> str:
        (told,) = (pre.text for pre in index.browser().get("/").page.all("pre") if "pip install" in pre.text)
        return str(told.split()[-1])

    index.project("another", "ada")
    assert install() == "NAME"
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    assert install() == "demo"
    page = index.browser().get("/").page
    links = [link.attributes["href"] for link in page.the("ul").all("a")]
    assert links == ["/project/another/", "/project/demo/"]


def test_search_finds_and_says_when_it_does_not(index: WebIndex) -> None:
    """Hits lead to pages, the field keeps the words, and no hit says what to do."""
    found = index.browser().get("/search/?q=DEM").page
    assert [link.attributes["href"] for link in found.the("ul").all("a")] == ["/project/demo/"]
    assert found.the("input", name="q").attributes["value"] == "DEM"
    missed = index.browser().get("/search/?q=zzz").page
    assert "zzz" in missed.the("h1").text
    assert not missed.all("ul")


def test_a_project_page_tells_its_story(index: WebIndex, demo: Project) -> None:
    """Name, mode, summary, install command, files with digest and origin, metadata, maintainers."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz", requires_python=">=3.9", yanked="Broken.")
    publish(index, demo, "2.0", "demo-2.0.tar.gz")
    page = index.browser().get("/project/demo/").page
    main = page.the("main")
    assert page.the("h1").text == "demo 2.0"
    assert "Summary of 2.0" in main.text
    assert "pypi-cache" in main.text
    assert main.the("pre", **{"class": "command"}).text == (
        "pip install --index-url https://index.test/simple/ demo"
    )
    newest, older = main.all("details")
    assert ("open" in newest.attributes, "open" in older.attributes) == (True, False)
    row = older.the("tbody").the("tr")
    sha256 = Sha256.of(b"demo-1.0.tar.gz").hex
    assert row.all("a")[0].attributes["href"] == f"/files/{sha256}/demo-1.0.tar.gz"
    assert row.the("code").attributes["title"] == sha256
    assert row.the("code").text == f"{sha256[:12]}…"
    for words in ("1.2 MiB", "brought home by ada", "Python >=3.9", "yanked"):
        assert words in row.text
    assert [link.attributes["href"] for link in row.all("a", rel="nofollow noopener noreferrer")] == [
        "https://files.example/demo-1.0.tar.gz"
    ]
    assert "ada owner" in main.text
    assert main.the("pre", **{"class": "description"}).parts == ["First line\n\n  second <b>line</b>"]


def test_a_projects_links_are_told_once(index: WebIndex, demo: Project) -> None:
    """Each place is named once, by its first label; UNKNOWN is no place; long lists are cut with their number."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    aside = index.browser().get("/project/demo/").page.the("aside")
    links = [link.attributes["href"] for link in aside.all("a")]
    assert links == ["https://home.example/", "https://home.example/source"]
    assert [name.text for name in aside.all("dt")][:2] == ["Home page", "Source"]
    assert "and 5 more" in aside.text


def test_external_links_are_told_apart(index: WebIndex, demo: Project) -> None:
    """In pypi-ext mode the page lists what is not hosted here, with a warning and without a download of ours."""
    link = ExternalLink(
        "demo",
        ReleaseVersion.parse("3.0"),
        "demo-3.0.tar.gz",
        "https://files.example/demo-3.0.tar.gz",
        "https://files.example/",
    )
    with index.world.store.write() as tx:
        tx.projects.set_mode(demo.id, HostingMode.EXT)
        tx.outside.put_links(demo.id, [link])
    main = index.browser().get("/project/demo/").page.the("main")
    assert "External links" in [heading.text for heading in main.all("h2")]
    assert main.the("tbody").the("a").attributes["href"] == link.url
    assert "unknown" in main.the("tbody").text


def test_a_quarantined_project_offers_nothing(index: WebIndex, demo: Project) -> None:
    """Its page says so, and names no file, no link and no way to install."""
    publish(index, demo, "1.0", "demo-1.0.tar.gz")
    assert isinstance(index.world.store, SqlStore)
    set_status(index.world.store, demo, ProjectStatus.QUARANTINED)
    main = index.browser().get("/project/demo/").page.the("main")
    assert "quarantined" in main.text.lower()
    assert "demo-1.0.tar.gz" not in main.text
    assert "pip install" not in main.text


def test_maintainers_are_led_to_the_hosting_of_their_project(index: WebIndex, ada: Browser) -> None:
    """The public page has a way to manage for those who may, and for nobody else."""
    mine, others = ada.get("/project/demo/").page, index.signed_in("bob").get("/project/demo/").page
    assert mine.all("a", href="/manage/projects/demo/")
    assert not others.all("a", href="/manage/projects/demo/")


def test_the_inbox_shows_what_waits_and_what_was_told(index: WebIndex, ada: Browser) -> None:
    """Open plans first, then projects, then notices that lead to their pages."""
    user = index.user("ada")
    notice = Notice("plan-ready", "Ready for review", "Look.", "/manage/rehosts/1", index.world.clock.now())
    with index.world.store.write() as tx:
        tx.notices.add(user.id, notice)
    main = ada.get("/manage/").page.the("main")
    assert main.the("ul", **{"class": "plans"}).all("a")[0].attributes["href"] == "/manage/rehosts/1"
    assert main.the("tbody").all("a")[0].attributes["href"] == "/manage/projects/demo/"
    assert main.the("ol", **{"class": "notices"}).the("a").attributes["href"] == "/manage/rehosts/1"
    empty = index.signed_in("bob").get("/manage/").page.the("main")
    assert not empty.all("table")
    assert "No news" in empty.text


def test_a_project_is_created_in_the_browser(index: WebIndex, ada: Browser) -> None:
    """The form makes ada its owner and leads to its hosting; a refused name keeps what was typed."""
    chosen = ada.get("/manage/").page.all("input", name="mode", checked="")
    assert [radio.attributes["value"] for radio in chosen] == ["pypi-only"]
    made = ada.submit(ada.get("/manage/"), name="New.Project", mode="pypi-only")
    assert (made.status, made.goes_to) == (303, "/manage/projects/new-project/")
    with index.world.store.read() as tx:
        project = tx.projects.find("new-project")
        assert project is not None
        assert project.mode is HostingMode.ONLY
        assert tx.projects.role_of(project.id, index.user("ada").id) is Role.OWNER
    for name, status in (("demo", 409), ("-bad-", 400)):
        refused = ada.submit(ada.get("/manage/"), name=name)
        assert refused.status == status
        assert refused.page.the("section", role="alert").text
        assert refused.page.the("input", id="name").attributes["value"] == name


def test_hosting_adds_sources_and_looks_for_files(index: WebIndex, ada: Browser, demo: Project) -> None:
    """A source is added once; looking for files makes a plan and leads to it; an odd URL is refused and kept."""
    path = "/manage/projects/demo/"
    added = ada.submit(ada.get(path), "add-source", kind="index", url="https://other.example/simple/demo/")
    assert (added.status, added.goes_to) == (303, path)
    with index.world.store.read() as tx:
        assert [source.kind for source in tx.outside.sources(demo.id)] == ["index"]
    refused = ada.submit(ada.get(path), "add-source", kind="download", url="ftp://other.example/")
    assert refused.status == 400
    assert refused.page.the("input", id="url").attributes["value"] == "ftp://other.example/"
    assert refused.page.the("option", selected="").attributes["value"] == "download"
    planned = ada.submit(ada.get(path), "plan", version="2.0")
    assert (planned.status, planned.goes_to) == (303, "/manage/rehosts/2")
    assert ada.get("/manage/rehosts/2").page.all("meta", **{"http-equiv": "refresh"})
    updated = ada.submit(ada.get(path), "update-cache")
    assert updated.goes_to == "/manage/rehosts/3"
    assert ada.submit(ada.get(path), "plan", version="not a version").status == 400
    assert ada.post(path, {"do": "explode", "form_token": token_of(ada.get(path))}).status == 400


def test_hosting_changes_the_mode(index: WebIndex, ada: Browser, demo: Project) -> None:
    """An owner moves as the table allows, with what the move needs; a maintainer is shown no form for it."""
    path = "/manage/projects/demo/"
    assert "You cannot undo it alone." not in ada.get(path).page.the("main").text
    moved = ada.submit(ada.get(path), "change-mode")
    assert (moved.status, moved.goes_to) == (303, path)
    without = ada.get(path)
    assert not without.page.all("button", value="plan"), "pypi-only asks nothing outside"
    refused = ada.submit(without, "change-mode")
    assert refused.status == 403, "consent was not ticked"
    assert ada.submit(without, "change-mode", consent="on").status == 303
    bob = index.user("bob")
    with index.world.store.write() as tx:
        tx.projects.grant(demo.id, bob.id, Role.MAINTAINER)
    assert not index.signed_in("bob").get(path).page.all("button", value="change-mode")


def test_hosting_says_when_there_is_no_way_back(index: WebIndex) -> None:
    """Where the index has ended pypi-cache, leaving it says that one cannot return."""
    with index.world.store.write() as tx:
        policy = HostingPolicy(allow_cache_after_only=False)
        tx.policies.put(policy, by="root", reason="Phase-out.", at=index.world.clock.now())
    browser = index.signed_in("ada")
    assert "You cannot undo it alone." in browser.get("/manage/projects/demo/").page.the("main").text


def test_coming_home_asks_for_consent_whatever_it_comes_from(index: WebIndex, ada: Browser) -> None:
    """The move from external links to pypi-cache carries the box of the standing consent, as every other one does."""
    project = index.project("external", "ada", HostingMode.ONLY)
    with index.world.store.write() as tx:
        tx.projects.set_mode(project.id, HostingMode.EXT)
    path = "/manage/projects/external/"
    assert not ada.get(path).page.all("input", name="consent"), "no plan was brought to its end"
    index.plan(project, [], state=State.PUBLISHED)
    boxes = ada.get(path).page.all("input", name="consent")
    assert [box.attributes["type"] for box in boxes] == ["checkbox"]
