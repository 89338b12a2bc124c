"""What holds for every page: who sees it, what is nowhere, one address each, policies and static files."""

from http import HTTPStatus

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.support.browser import Browser, token_of
from tests.support.web_index import WebIndex

from homeport.domain.digests import Sha256
from homeport.domain.rehost import State
from homeport.web.app import web_routes

PUBLIC = ("/", "/search/", "/search/?q=demo", "/about/crawler/", "/sign-in/", "/project/demo/")
SIGNED_IN = (
    "/manage/",
    "/manage/organisations/",
    "/manage/projects/demo/",
    "/manage/projects/demo/releases/",
    "/manage/rehosts/1",
)


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
