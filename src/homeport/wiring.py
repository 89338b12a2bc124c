"""The only place that builds adapters: settings in, World out, and the doors hung into it.

Large libraries are imported by the function that needs them, because a web process answers its first request before
the database toolkit is loaded, and a start-up with nothing to migrate never loads Alembic.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.adapters.db.driver import HEAD, current_revision, has_administrator, sqlite_file
from homeport.domain.errors import Unavailable
from homeport.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from homeport.ports.fetch import Fetcher
    from homeport.ports.world import World


def open_world(settings: Settings) -> "World":
    """Every port, ready to use; the database must be up to date (:func:`prepare`)."""
    from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
    from homeport.adapters.db.jobs import DbosJobs
    from homeport.adapters.db.store import SqlStore
    from homeport.adapters.inspect.isolation import ChildIsolation
    from homeport.adapters.system import Argon2Passwords, SystemClock
    from homeport.ports.world import World

    database = settings.store.database_url
    return World(
        store=SqlStore(open_engine(database), DbosJobs(partial(open_engine_for_dbos, database))),
        blobs=FolderBlobs(settings.store.blobs),
        fetcher=open_fetcher(settings),
        isolation=ChildIsolation(),
        clock=SystemClock(),
        passwords=Argon2Passwords(),
        base_url=settings.serve.base_url,
    )


def open_fetcher(settings: Settings) -> "Fetcher":
    """The crawler's way outside."""
    from homeport.adapters.net.fetch import HttpFetcher
    from homeport.domain.address import own_places
    from homeport.domain.urls import Url

    return HttpFetcher(
        about_url=f"{settings.serve.base_url}/about/crawler/",
        allow=settings.outside.allow,
        own=own_places(Url.parse(settings.serve.base_url), settings.serve.host, settings.serve.port),
        ca_file=settings.outside.ca_file,
    )


def prepare(settings: Settings) -> None:
    """Make the folders and bring the database up to date; nothing happens when all is as it should be."""
    file = sqlite_file(settings.store.database_url)
    for folder in (settings.store.home, file.parent):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder {folder} cannot be made ({error.strerror}): choose another with HOMEPORT_HOME.",
                code="home-unwritable",
            ) from error
    FolderBlobs(settings.store.blobs).set_up()
    if current_revision(file) != HEAD:
        _upgrade(settings)


def _upgrade(settings: Settings) -> None:
    from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
    from homeport.adapters.db.migrate import upgrade
    from homeport.flows.render_pages import render_project_list

    engine = open_engine(settings.store.database_url)
    dbos_engine = open_engine_for_dbos(settings.store.database_url)
    upgrade(engine, dbos_engine)
    engine.dispose()
    dbos_engine.dispose()
    with open_world(settings).store.write() as tx:
        render_project_list(tx, 0)


def is_new(settings: Settings) -> bool:
    """True while nobody administers the index."""
    return not has_administrator(sqlite_file(settings.store.database_url))


def build_web(settings: Settings) -> "ASGIApp":
    """The ASGI application: hot paths at once, the machine door and the browser door as soon as they are loaded."""
    from homeport.adapters.db.hot_reads import SqliteHotReads
    from homeport.api.hot import hot_paths
    from homeport.api.late import late_app
    from homeport.observe.events import trouble

    reads = SqliteHotReads(sqlite_file(settings.store.database_url), settings.store.blobs)

    def on_missing(sha256: str, filename: str) -> None:
        trouble("bytes of a listed file are missing", sha256=sha256, file=filename)

    return hot_paths(reads, late_app(partial(_build_doors, settings)), on_missing)


def _build_doors(settings: Settings) -> "ASGIApp":
    from starlette.applications import Starlette

    from homeport.api.app import api_routes
    from homeport.web.app import web_routes

    world = open_world(settings)
    return Starlette(routes=[*api_routes(world), *web_routes(world)])


def worker_parts(settings: Settings) -> "tuple[World, Callable[[], Engine], Path]":
    """What the worker needs: the world, an engine for DBOS, and the lock that keeps it alone."""
    from homeport.adapters.db.connect import open_engine_for_dbos

    return (
        open_world(settings),
        partial(open_engine_for_dbos, settings.store.database_url),
        settings.store.home / "worker.lock",
    )
