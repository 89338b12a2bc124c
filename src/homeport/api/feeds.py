"""``/rss/``: the newest projects, the newest releases, and those of one project."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import Route

from homeport.api.answers import Answer
from homeport.api.documents import document, document_routes
from homeport.api.endpoint import Teller
from homeport.api.errors import legacy_accident, legacy_refusal
from homeport.flows.browse import newest_projects
from homeport.flows.news import NEWEST_PROJECTS, newest_releases, newest_releases_of
from homeport.flows.reading import Who
from homeport.formats.feeds import Feed, News, feed_xml
from homeport.formats.pypi_json import PypiJson
from homeport.ports.catalogue import NewRelease
from homeport.ports.world import World

_RSS = "text/xml; charset=utf-8"


def feed_routes(world: World) -> list[Route]:
    """The routes."""
    writers = {
        "/rss/packages.xml": _packages,
        "/rss/updates.xml": _updates,
        "/rss/project/{name}/releases.xml": _releases,
    }
    return document_routes(world, Teller(legacy_refusal, legacy_accident), writers)


def _packages(world: World, who: Who, request: Request) -> Answer:
    urls = PypiJson(world.base_url)
    news = []
    for listed in newest_projects(world, who, limit=NEWEST_PROJECTS):
        url = urls.project_url(listed.project.name.normalized)
        title = f"{listed.project.name} is new"
        news.append(News(title, url, url, listed.summary, listed.project.created_at))
    return _told(request, Feed("Newest projects", f"{world.base_url}/", "The projects that came last.", news))


def _updates(world: World, who: Who, request: Request) -> Answer:
    news = _news(world, newest_releases(world, who))
    return _told(request, Feed("Newest releases", f"{world.base_url}/", "The releases that came last.", news))


def _releases(world: World, who: Who, request: Request) -> Answer:
    project, releases = newest_releases_of(world, who, request.path_params["name"])
    feed = Feed(
        f"Releases of {project.name}",
        PypiJson(world.base_url).project_url(project.name.normalized),
        f"The releases of {project.name} that came last.",
        _news(world, releases),
    )
    return _told(request, feed, is_private=project.is_private)


def _news(world: World, releases: Iterable[NewRelease]) -> list[News]:
    urls = PypiJson(world.base_url)
    return [
        News(
            title=f"{release.project} {release.version}",
            link=urls.project_url(release.project.normalized),
            guid=urls.release_url(release.project.normalized, release.version),
            description=release.summary,
            at=release.at,
        )
        for release in releases
    ]


def _told(request: Request, feed: Feed, *, is_private: bool = False) -> Answer:
    return document(request, _RSS, feed_xml(feed), is_private=is_private)
