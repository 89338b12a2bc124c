"""The index: a home of its own with the real adapters, a clock that can be set, and the work of its worker in this process."""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from tests.support.forms import upload_fields
from tests.support.world import run_work
from tools.demo_campaign.cast import Person, Project, sha256
from tools.demo_campaign.outside import ALLOWED

from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.adapters.db.jobs import DbosJobs
from homeport.adapters.db.store import SqlStore
from homeport.adapters.inspect.isolation import ChildIsolation
from homeport.domain.account import Caller, User
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename
from homeport.domain.project import Role
from homeport.domain.release import ExternalLink
from homeport.domain.source import Source, SourceKind
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import render_project
from homeport.flows.send_mails import send_mails
from homeport.flows.survey.run import finish_survey, look_at_projects
from homeport.flows.upload import upload
from homeport.formats.accept import Form
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_fetcher, open_world, prepare
from homeport.worker.chores import Chore, every_chore
from homeport.worker.ended import forget_ended

BASE_URL = "https://index.example"
BEGIN = datetime(2027, 1, 4, 8, tzinfo=UTC)
ROOT = "root"
# What is done once, by hand of the story or never: the engine that remembers ended work is not here.
_NOT_DAILY = (look_after_campaigns, forget_ended)


class StoryClock:
    """``ports.clock.Clock`` of a story: it goes at the pace of this machine, waits in no time, and can be set ahead."""

    def __init__(self, begin: datetime) -> None:
        self._lock = threading.Lock()
        self._begin, self._steady = begin, time.monotonic()

    def now(self) -> datetime:
        """See the port."""
        with self._lock:
            return self._begin + timedelta(seconds=time.monotonic() - self._steady)

    def sleep(self, seconds: float) -> None:
        """See the port: the time passes, and nobody waits."""
        with self._lock:
            self._begin += timedelta(seconds=seconds)

    def random_bytes(self, count: int) -> bytes:
        """See the port."""
        return os.urandom(count)

    def go_on_to(self, moment: datetime) -> None:
        """Let the time pass until ``moment``; it never goes back."""
        self.sleep(max(0.0, (moment - self.now()).total_seconds()))


class Line(DbosJobs):
    """Jobs that wait for this process to run them, instead of a worker's; one that was rolled back finds nothing to do."""

    def __init__(self, database: str) -> None:
        super().__init__(partial(open_engine_for_dbos, database))
        self._waiting: list[tuple[datetime, int, Job]] = []
        self._numbers = itertools.count()
        self.world: World | None = None

    def enqueue(self, connection: Connection, job: Job) -> None:  # noqa: ARG002 - the engine's rows are not written
        """See the port."""
        if self.world is None:
            raise AssertionError("jobs begin before the world does")
        due = self.world.clock.now() + timedelta(seconds=job.delay_seconds)
        self._waiting.append((due, next(self._numbers), job))

    def run(self, *, only: Work | None = None) -> None:
        """Run what is due, and what follows from that."""
        while (job := self._next(only)) is not None and self.world is not None:
            if job.work is Work.SURVEY:
                look_at_projects(self.world, job.rehost_id)
                finish_survey(self.world, job.rehost_id)
            else:
                run_work(self.world, job)

    def _next(self, only: Work | None) -> Job | None:
        if self.world is None:
            return None
        now = self.world.clock.now()
        ready = [one for one in self._waiting if one[0] <= now and only in {None, one[2].work}]
        if not ready:
            return None
        first = min(ready)
        self._waiting.remove(first)
        return first[2]


class Troubles(logging.Handler):
    """What the index's log tells of trouble, kept instead of shown."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See ``logging``."""
        cause = record.exc_info[1] if record.exc_info else None
        self.told.append(f"{record.getMessage()}: {cause!r}" if cause else record.getMessage())


@dataclass
class Index:
    """A running index: what people ask of it, and what installers see."""

    world: World
    clock: StoryClock
    line: Line
    reads: SqliteHotReads
    troubles: Troubles
    callers: dict[str, Caller] = field(default_factory=dict)
    chores: tuple[Chore, ...] = field(default_factory=every_chore)

    @property
    def root(self) -> Caller:
        """Its administrator."""
        return self.callers[ROOT]

    def by(self, person: Person) -> Caller:
        """A person who has signed in."""
        return self.callers[person.name]

    def mode(self, name: str) -> HostingMode:
        """The mode of a project."""
        with self.world.store.read() as tx:
            project = tx.projects.find(name)
        if project is None:
            raise LookupError(name)
        return project.mode

    def page(self, name: str, form: Form = "html") -> str:
        """The project's page as installers get it."""
        page = self.reads.page(name, form, "identity")
        if page is None:
            raise LookupError(name)
        return page.body.decode()

    def upload(self, person: Person, filename: str, body: bytes) -> None:
        """Publish a file as an uploading client does."""
        fields: dict[str, list[str]] = {}
        for name, value in upload_fields(filename, body):
            fields.setdefault(name, []).append(value)
        with self.world.blobs.receive(self.world.limits.file_bytes) as incoming:
            incoming.write(body)
            upload(self.world, self.by(person), fields, filename, incoming)

    def send_mails(self) -> None:
        """Let every mail leave that is due."""
        while send_mails(self.world):
            pass

    def do_chores(self) -> None:
        """What the worker does again and again: campaigns with the surveys they wait for, then everything else."""
        while look_after_campaigns(self.world):
            self.line.run(only=Work.SURVEY)
        for chore in self.chores:
            if chore.work not in _NOT_DAILY and chore.is_wanted(self.world):
                while chore.work(self.world) >= chore.at_once:
                    pass
        self.line.run()


@contextmanager
def running_index(folder: Path, mail_port: int) -> Iterator[Index]:
    """An empty index below ``folder``."""
    environment = {
        "HOMEPORT_HOME": str(folder / "home"),
        "HOMEPORT_BASE_URL": BASE_URL,
        "HOMEPORT_OUTSIDE_ALLOW": ALLOWED,
        # The sites are this machine's own, so nobody is troubled.
        "HOMEPORT_CRAWL_PACE": "0",
        # The watch over sources is another story.
        "HOMEPORT_DRIFT_DAYS": "0",
        "HOMEPORT_SMTP_URL": f"smtp://127.0.0.1:{mail_port}?from=index@index.example",
    }
    settings = read_settings(environment, folder)
    prepare(settings)
    with ExitStack() as stack:
        engine = open_engine(settings.store.database_url)
        stack.callback(engine.dispose)
        isolation = stack.enter_context(closing(ChildIsolation()))
        clock, line = StoryClock(BEGIN), Line(settings.store.database_url)
        store = SqlStore(engine, line, sends_mail=True)
        fetcher = open_fetcher(settings, store, clock)
        opened = open_world(settings)
        world = replace(opened, store=store, clock=clock, isolation=isolation, fetcher=fetcher)
        line.world = world
        reads = SqliteHotReads(sqlite_file(settings.store.database_url), settings.store.blobs)
        stack.callback(reads.close)
        troubles, log = Troubles(), logging.getLogger("homeport")
        log.addHandler(troubles)
        stack.callback(log.removeHandler, troubles)
        yield Index(world, clock, line, reads, troubles)


def fill(index: Index, projects: Sequence[Project], page_of: Callable[[Project], str]) -> None:
    """The index as years have made it: everything in ``pypi-ext``, by exemptions that are older than their having an end."""
    with index.world.store.write() as tx:
        now = index.clock.now()
        admin = tx.users.add(ROOT, f"{ROOT}@index.example", None, is_admin=True, at=now)
        users = {ROOT: admin} | {
            person.name: tx.users.add(person.name, person.email, None, is_admin=False, at=now)
            for person in dict.fromkeys(person for project in projects for person in project.people)
        }
        for user in users.values():
            tx.users.put_email(user.id, user.email, verified_at=now)
        for project in projects:
            _add(tx, project, users, page_of(project), now)
        render_whole_list(tx)
    with index.world.store.read() as tx:
        found = {name: tx.users.by_name(name) for name in users}
    index.callers = {name: Caller(user) for name, user in found.items() if user is not None}
    for project in projects:
        if not project.is_outside:
            for filename, body in project.files.items():
                index.upload(project.owner, filename, body)


def _add(tx: Transaction, told: Project, users: dict[str, User], page: str, now: datetime) -> None:
    name = ProjectName.parse(told.name)
    project = tx.projects.add(name, HostingMode.EXT, now)
    for place, person in enumerate(told.people):
        tx.projects.grant(project.id, users[person.name].id, Role.MAINTAINER if place else Role.OWNER)
    tx.exemptions.add(project.id, "Since ever.", None, by=ROOT, at=now)
    if told.is_outside:
        tx.outside.add_source(project.id, Source(SourceKind.HOMEPAGE, page), by=told.owner.name, at=now)
        tx.outside.put_links(
            project.id, [_link(name, filename, body, page) for filename, body in told.files.items()]
        )
    serial = tx.ledger.append(
        Kind.PROJECT_CREATED,
        at=now,
        actor=told.owner.name,
        project=name.normalized,
        details={"name": name.display, "mode": HostingMode.EXT.value},
    )
    render_project(tx, project, serial)


def _link(name: ProjectName, filename: str, body: bytes, page: str) -> ExternalLink:
    version: ReleaseVersion = parse_filename(filename).version
    url = f"{page}{filename}"
    return ExternalLink(name.normalized, version, filename, url, page, len(body), Sha256.parse(sha256(body)))
