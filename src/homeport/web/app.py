"""The routes of the browser door."""

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from homeport.domain.errors import NotFound
from homeport.ports.world import World
from homeport.web import home, hosting, inbox, projects, releases, reviews, sign_in
from homeport.web.page import Asked, Door, GoTo, Handler, Page
from homeport.web.rendering import Look
from homeport.web.static_files import StaticFiles

_GET, _POST = ["GET"], ["POST"]

# A page that takes a form takes it at its own address: after a refusal, loading it again is loading the page.
_TABLE: tuple[tuple[list[str], str, Handler], ...] = (
    (_GET, "/", home.show_home),
    (_GET, "/search/", home.search),
    (_GET, "/about/crawler/", home.about_crawler),
    (_GET, "/project/{name}/", projects.show_project),
    (_GET, "/sign-in/", sign_in.show_sign_in),
    (_POST, "/sign-in/", sign_in.send_sign_in),
    (_POST, "/sign-out/", sign_in.send_sign_out),
    (_GET, "/welcome/{secret}", sign_in.show_welcome),
    (_POST, "/welcome/{secret}", sign_in.send_welcome),
    (_GET, "/manage/", inbox.show_inbox),
    (_POST, "/manage/", inbox.send_inbox),
    (_GET, "/manage/projects/{name}/", hosting.show_hosting),
    (_POST, "/manage/projects/{name}/", hosting.send_hosting),
    (_GET, "/manage/projects/{name}/releases/", releases.show_releases),
    (_POST, "/manage/projects/{name}/releases/", releases.send_releases),
    (_GET, "/manage/rehosts/{id}", reviews.show_review),
    (_POST, "/manage/rehosts/{id}", reviews.send_review),
)


def web_routes(world: World) -> list[BaseRoute]:
    """Every page, the static files, and at last the page for what is nowhere: hang these routes in behind all others."""
    files = StaticFiles.read()
    door = Door(world, Look(world.base_url, files))
    pages = [Route(path, door.endpoint(handler), methods=methods) for methods, path, handler in _TABLE]
    return [
        *pages,
        Route("/static/{name}", files.answer, methods=_GET),
        _ForBrowsers("/{path:path}", door.endpoint(_nowhere(pages)), methods=_GET),
    ]


class _ForBrowsers(Route):
    """Is there for who asks for HTML only: programs get the router's own 404, and 405 with what is allowed."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match is Match.FULL and "text/html" in Headers(scope=scope).get("accept", ""):
            return match, child_scope
        return Match.NONE, {}


def _nowhere(pages: list[Route]) -> Handler:
    def nowhere(asked: Asked) -> Page | GoTo:
        for path in (f"{asked.path}/", asked.path.removesuffix("/")):
            scope = {"type": "http", "method": "GET", "path": path}
            if any(page.matches(scope)[0] is Match.FULL for page in pages):
                return GoTo(path)
        raise NotFound("There is no page at this address.", code="page-unknown")

    return nowhere
