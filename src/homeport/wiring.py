"""The only place that builds adapters: settings in, World out, and the doors hung into it.

Large libraries are imported by the function that needs them, because a web process answers its first request before
the database toolkit is loaded, and a start-up with nothing to migrate never loads Alembic.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.adapters.db.driver import (
    HEAD,
    connect_raw,
    current_rendering,
    current_revision,
    ensure_file,
    has_administrator,
    is_rehearsal,
    newest_moment,
    sqlite_file,
)
from homeport.domain.account import AccountPolicy
from homeport.domain.drift import DriftPolicy
from homeport.domain.errors import Conflict, Unavailable
from homeport.domain.hosting import Policy
from homeport.domain.index_page import RENDERING
from homeport.domain.quota import Quotas
from homeport.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from homeport.domain.account import Caller, Token
    from homeport.domain.manners import Politeness
    from homeport.ports.clock import Clock
    from homeport.ports.fetch import Fetcher
    from homeport.ports.mail import Mailer
    from homeport.ports.names import NameServers
    from homeport.ports.post import Poster
    from homeport.ports.store import Store
    from homeport.ports.world import World


T = TypeVar("T")

# Machines correct their clocks by less than this all the time.
_CLOCK_OFF_SECONDS = 60


def open_world(settings: Settings) -> "World":
    """Every port, ready to use; the database must be up to date (:func:`prepare`)."""
    from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
    from homeport.adapters.db.jobs import DbosJobs
    from homeport.adapters.db.store import SqlStore
    from homeport.adapters.inspect.isolation import ChildIsolation
    from homeport.adapters.sealer import FileSealer
    from homeport.adapters.system import Argon2Passwords
    from homeport.domain.fetching import Few
    from homeport.ports.world import Limits, World

    database = settings.store.database_url
    file = sqlite_file(database)
    store = SqlStore(
        open_engine(database),
        DbosJobs(partial(open_engine_for_dbos, database)),
        sends_mail=settings.accounts.smtp is not None,
    )
    clock = open_clock(settings)
    return World(
        store=store,
        blobs=FolderBlobs(settings.store.blobs, settings.policy.disk_reserve),
        fetcher=open_fetcher(settings, store, clock),
        isolation=ChildIsolation(),
        clock=clock,
        passwords=Argon2Passwords(),
        base_url=settings.serve.base_url,
        politeness=_politeness(settings),
        proxies=settings.serve.proxies,
        limits=Limits(
            file_bytes=settings.policy.max_file_bytes, few=Few(items=settings.outside.fetched_unasked)
        ),
        policy=Policy(
            must_sign_in=settings.serve.private,
            reserved_names=settings.policy.reserved_names,
            releases_close_after=settings.policy.releases_close_after,
            quotas=Quotas(
                settings.policy.project_quota_bytes,
                settings.policy.user_quota_bytes,
                settings.policy.index_quota_bytes,
            ),
            takes_stages=settings.policy.takes_stages,
        ),
        accounts=AccountPolicy(
            settings.accounts.sign_up,
            settings.accounts.verified_uploads,
            settings.accounts.all_make_organisations,
        ),
        mailer=_open_mailer(settings),
        sealer=FileSealer(settings.store.home),
        drift=DriftPolicy(settings.drift.every, settings.drift.rdap_url),
        names=_open_names(settings),
        poster=_open_poster(settings),
        rehearsed_until=newest_moment(file) if is_rehearsal(file) else None,
    )


def open_clock(settings: Settings) -> "Clock":
    """The machine's clock, which goes on from the newest moment that the ledger knows."""
    from homeport.adapters.system import SystemClock
    from homeport.observe.events import trouble

    file = sqlite_file(settings.store.database_url)
    clock = SystemClock(newest_moment(file))
    if (ahead := clock.seconds_ahead()) >= _CLOCK_OFF_SECONDS and not is_rehearsal(file):
        trouble(
            "the clock of this machine was set back; time goes on from the newest entry of the ledger",
            seconds=ahead,
        )
    return clock


@contextmanager
def open_rehearsal(
    settings: Settings, world: "World", keep: Path | None, on_progress: Callable[[int, int], None]
) -> "Iterator[World]":
    """``world`` over a copy of its database, in which work is never begun; it goes afterwards, if it is not to be kept."""
    from homeport.adapters.db.connect import open_engine
    from homeport.adapters.db.copy import NoJobs, kept_copy, temporary_copy
    from homeport.adapters.db.store import SqlStore

    live, reserve = sqlite_file(settings.store.database_url), settings.policy.disk_reserve
    copying = (
        kept_copy(live, keep, reserve, on_progress)
        if keep
        else temporary_copy(live, settings.store.home, reserve, on_progress)
    )
    with copying as file:
        engine = open_engine(f"sqlite:///{file}", is_copy=True)
        try:
            sends_mail = settings.accounts.smtp is not None
            yield replace(world, store=SqlStore(engine, NoJobs(), sends_mail=sends_mail))
        finally:
            engine.dispose()


def _open_names(settings: Settings) -> "NameServers | None":
    if settings.drift.resolver is None:
        return None
    from homeport.adapters.net.name_servers import DnsNameServers

    return DnsNameServers(settings.drift.resolver)


def _open_mailer(settings: Settings) -> "Mailer | None":
    if settings.accounts.smtp is None:
        return None
    from homeport.adapters.mail.smtp import SmtpMailer

    return SmtpMailer(settings.accounts.smtp, settings.outside.ca_file)


def open_fetcher(settings: Settings, store: "Store", clock: "Clock") -> "Fetcher":
    """The crawler's way outside: guarded, and with manners that all processes share."""
    from homeport.adapters.net.fetch import HttpFetcher
    from homeport.domain.address import own_places
    from homeport.domain.urls import Url
    from homeport.flows.manners.polite import PoliteFetcher

    outside = settings.outside
    raw = HttpFetcher(
        about_url=f"{settings.serve.base_url}/about/crawler/",
        allow=outside.allow,
        own=own_places(Url.parse(settings.serve.base_url), settings.serve.host, settings.serve.port),
        ca_file=outside.ca_file,
    )
    return PoliteFetcher(raw, store, clock, _politeness(settings))


def _open_poster(settings: Settings) -> "Poster":
    from homeport.adapters.net.post import HttpPoster
    from homeport.domain.address import own_places
    from homeport.domain.urls import Url

    serve, outside = settings.serve, settings.outside
    return HttpPoster(
        about_url=f"{serve.base_url}/about/crawler/",
        allow=outside.allow,
        own=own_places(Url.parse(serve.base_url), serve.host, serve.port),
        ca_file=outside.ca_file,
    )


def _politeness(settings: Settings) -> "Politeness":
    from homeport.domain.manners import Politeness

    outside = settings.outside
    return Politeness(outside.pace_seconds, outside.host_budget_bytes, outside.domain_budget_bytes)


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
    ensure_file(file)
    if current_revision(file) != HEAD:
        _upgrade(settings)
    if current_rendering(file) != RENDERING:
        from homeport.flows.render_everything import render_everything

        render_everything(open_world(settings).store)


def _upgrade(settings: Settings) -> None:
    from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
    from homeport.adapters.db.migrate import upgrade

    engine = open_engine(settings.store.database_url)
    dbos_engine = open_engine_for_dbos(settings.store.database_url)
    upgrade(engine, dbos_engine)
    engine.dispose()
    dbos_engine.dispose()


def is_new(settings: Settings) -> bool:
    """True while nobody administers the index."""
    return not has_administrator(sqlite_file(settings.store.database_url))


def build_web(settings: Settings) -> "ASGIApp":
    """The ASGI application: hot paths at once, the machine door and the browser door as soon as they are loaded."""
    from homeport.adapters.db.hot_reads import SqliteHotReads
    from homeport.api.hot import hot_paths
    from homeport.api.late import late_app
    from homeport.api.reading import Readers
    from homeport.api.token_uses import TokenUses
    from homeport.observe.events import accident, trouble

    world, clock = _once(partial(open_world, settings)), open_clock(settings)
    reads = SqliteHotReads(sqlite_file(settings.store.database_url), settings.store.blobs)

    def sign_in(name: str, password: str, address: str) -> "Caller":
        from homeport.flows import sign_in

        return sign_in.sign_in(world(), name, password, address)

    def note_use(token: "Token") -> None:
        from homeport.flows import tokens

        tokens.note_use(world(), token)

    def on_missing(sha256: str, filename: str) -> None:
        trouble("bytes of a listed file are missing", sha256=sha256, file=filename)

    def on_accident(error: Exception, path: str) -> str:
        return accident("a read failed", error=error, random_bytes=clock.random_bytes, path=path)

    readers = Readers(
        reads,
        clock.now,
        sign_in,
        must_sign_in=settings.serve.private,
        proxies=settings.serve.proxies,
        base_url=settings.serve.base_url,
    )
    rest, uses = late_app(lambda: _build_doors(world())), TokenUses(note_use, clock.now)
    return hot_paths(reads, rest, readers, uses, on_missing, on_accident)


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """``make``, called when it is first needed, by whichever thread, and never again."""
    lock, made = threading.Lock(), list[T]()

    def get() -> T:
        with lock:
            if not made:
                made.append(make())
        return made[0]

    return get


def _build_doors(world: "World") -> "ASGIApp":
    from homeport.api.app import answering, api_routes
    from homeport.web.app import web_routes

    return answering([*api_routes(world), *web_routes(world)])


def worker_parts(settings: Settings) -> "tuple[World, Callable[[], Engine], Callable[[], bytes], Path]":
    """What the worker needs: the world, an engine for DBOS, what tells the last commit, and the lock that keeps it alone.

    A copy has no worker.
    """
    from homeport.adapters.db.connect import open_engine_for_dbos
    from homeport.adapters.db.wal_changes import WalChanges

    if is_rehearsal(file := sqlite_file(settings.store.database_url)):
        raise Conflict(
            f"{file} is a copy that a rehearsal kept: no worker runs on it, so that nothing leaves it.",
            code="copy-has-no-worker",
        )
    return (
        open_world(settings),
        partial(open_engine_for_dbos, settings.store.database_url),
        WalChanges(connect_raw(file), file).stamp,
        settings.store.home / "worker.lock",
    )
