"""Worlds for tests: one of fakes, with a worker that runs when it is told to, and one of real adapters."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from tests.support.fake_blobs import FakeBlobs
from tests.support.fake_clock import FakeClock
from tests.support.fake_passwords import FakePasswords
from tests.support.fake_sealer import FakeSealer
from tests.support.fake_store import FakeStore
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.outside_poster import OutsidePoster

from homeport.adapters.blobs.filesystem import FolderBlobs
from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
from homeport.adapters.db.jobs import DbosJobs
from homeport.adapters.db.migrate import upgrade
from homeport.adapters.db.store import SqlStore
from homeport.adapters.inspect.openpgp import read_key, verify_openpgp
from homeport.adapters.inspect.sigstore_bundles import verify_sigstore
from homeport.adapters.sealer import FileSealer
from homeport.adapters.system import Argon2Passwords, SystemClock
from homeport.domain.account import Caller, User
from homeport.domain.contents import Contents
from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.metadata import CoreMetadata, Description
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.offer import Offers, PageKind
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.signature import KeyFacts, Verified
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import create_project
from homeport.flows.rehost import fetch, plan, publish
from homeport.flows.rehost.registration import (
    Registered,
    begin_registration,
    registration_outcome,
    still_running,
)
from homeport.flows.rehost.start import fetch_jobs, find_rehost
from homeport.formats.description import render_description
from homeport.formats.inspect_file import inspect_file, list_contents
from homeport.formats.offers.reader import read_offers
from homeport.ports.jobs import Job, Work
from homeport.ports.world import Limits, World
from homeport.worker.errors import FATE, Fate

BASE_URL = "https://index.test"
_TRIES = 5
_POLL_SECONDS = 0.1


class OwnProcess:
    """``ports.isolation.Isolation`` that isolates nothing: for bytes that a test made itself."""

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """See the port."""
        with file.open("rb") as opened:
            return inspect_file(opened, expectation)

    def list_contents(self, file: Path, filename: str) -> Contents:
        """See the port."""
        with file.open("rb") as opened:
            return list_contents(opened, filename)

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """See the port."""
        return read_offers(kind, page, asked_url, final_url, content_type)

    def verify_signature(
        self,
        document: bytes,
        kind: NeighbourKind,
        file: Path,
        filename: str,
        sha256: Sha256,
        keys: Sequence[str],
    ) -> tuple[Verified, ...]:
        """See the port."""
        if kind is NeighbourKind.OPENPGP:
            return verify_openpgp(document, str(file), keys)
        return verify_sigstore(document, filename, sha256.hex)

    def read_key(self, document: bytes) -> KeyFacts:
        """See the port."""
        return read_key(document)

    def render_description(self, text: str, content_type: str) -> Description:
        """See the port."""
        return render_description(text, content_type)


@dataclass(frozen=True)
class Meanwhile(OwnProcess):
    """Inspects as ``OwnProcess`` does, and lets ``happens`` happen before it answers."""

    happens: Callable[[], object]

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """See the port."""
        inspection = OwnProcess().inspect(file, expectation)
        self.happens()
        return inspection

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """See the port."""
        return read_offers(kind, page, asked_url, final_url, content_type)

    def render_description(self, text: str, content_type: str) -> Description:
        """See the port."""
        return render_description(text, content_type)


@dataclass(frozen=True)
class Says(OwnProcess):
    """An inspection whose answer is known beforehand."""

    answer: Inspection

    def inspect(self, file: Path, expectation: Expectation) -> Inspection:
        """See the port."""
        return self.answer

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """See the port."""
        return read_offers(kind, page, asked_url, final_url, content_type)

    def render_description(self, text: str, content_type: str) -> Description:
        """See the port."""
        return render_description(text, content_type)


@dataclass
class Fakes:
    """A world of fakes, and its parts as what they are. ``done`` are the keys of the jobs that were run."""

    world: World
    store: FakeStore
    blobs: FakeBlobs
    clock: FakeClock
    outside: Outside
    done: set[str] = field(default_factory=set)

    def waiting(self) -> list[Job]:
        """The committed jobs that were not run, in the order they were enqueued."""
        return [job for job in self.store.committed.jobs.values() if job.key not in self.done]


@contextmanager
def fake_world(folder: Path, limits: Limits | None = None, policy: Policy | None = None) -> Iterator[Fakes]:
    """A world of fakes; whoever leaves jobs behind that nobody expected is told so at the end."""
    store, blobs, clock, outside = FakeStore(), FakeBlobs(folder), FakeClock(), Outside()
    world = World(
        store=store,
        blobs=blobs,
        fetcher=OutsideFetcher(outside),
        isolation=OwnProcess(),
        clock=clock,
        passwords=FakePasswords(),
        sealer=FakeSealer(),
        poster=OutsidePoster(outside),
        base_url=BASE_URL,
        # The fakes are for one thread at a time.
        limits=replace(limits or Limits(), hands=1),
        policy=policy or Policy(),
    )
    fakes = Fakes(world, store, blobs, clock, outside)
    yield fakes
    if left := fakes.waiting():
        raise AssertionError(f"nobody expected these jobs: {', '.join(job.key for job in left)}")


def run_jobs(fakes: Fakes) -> list[Work]:
    """Run what is waiting without delay, and what that enqueues, as the worker does; what was run."""
    ran: list[Work] = []
    while ready := [job for job in fakes.waiting() if not job.delay_seconds]:
        run_job(fakes, ready[0])
        ran.append(ready[0].work)
    return ran


def run_late_jobs(fakes: Fakes) -> list[Work]:
    """Let the time come for what waits for it, and run that, and then everything else."""
    late = [job for job in fakes.waiting() if job.delay_seconds]
    fakes.clock.advance(timedelta(seconds=max((job.delay_seconds for job in late), default=0)))
    for job in late:
        run_job(fakes, job)
    return [job.work for job in late] + run_jobs(fakes)


def drop_jobs(fakes: Fakes) -> list[Work]:
    """Expect what is waiting, and never run it; what it was."""
    waiting = fakes.waiting()
    fakes.done |= {job.key for job in waiting}
    return [job.work for job in waiting]


def run_job(fakes: Fakes, job: Job) -> None:
    """Run one job to its end, and answer a refusal by the worker's own table."""
    fakes.done.add(job.key)
    run_work(fakes.world, job)


def run_work(world: World, job: Job) -> None:
    """What ``homeport.worker.workflows`` does with ``job``, without remembering its steps."""
    try:
        for step in steps(world, job):
            _tried(step)
    except Refusal as refusal:
        if FATE[type(refusal)] is not Fate.DROP:
            plan.fail(world, job.rehost_id, refusal.sentence, refusal.code)


def run_plan(world: World, rehost_id: int, try_number: int = 1) -> None:
    """Plan a rehost to its end, where nobody keeps the jobs that follow from the first."""
    run_work(world, Job(Work.PLAN_REHOST, rehost_id, try_number))
    with world.store.read() as tx:
        jobs = fetch_jobs(tx, find_rehost(tx, rehost_id))
    for job in jobs:
        run_work(world, job)


def register_release(world: World, caller: Caller, metadata: CoreMetadata) -> Registered:
    """A registration as the upload door runs it: begun, and waited for."""
    begun = begin_registration(world, caller, metadata)
    return begun if isinstance(begun, Registered) else wait_for(world, begun)


def wait_for(world: World, rehost_id: int) -> Registered:
    """The outcome of a registration, or what a caller is told who has waited long enough."""
    waited = 0.0
    while (outcome := registration_outcome(world, rehost_id)) is None:
        if waited >= world.limits.registration_wait_seconds:
            raise still_running(world, rehost_id)
        world.clock.sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    return outcome


def steps(world: World, job: Job) -> Iterator[Callable[[], object]]:
    """The steps of ``job``, each made when those before it were run."""
    rehost_id = job.rehost_id
    if job.work is Work.PLAN_REHOST:
        yield partial(plan.crawl_sources, world, rehost_id)
    elif job.work is Work.FETCH_ITEMS:
        yield partial(fetch.fetch_from_host, world, job)
    elif job.work is Work.LEARN_SIZES:
        yield partial(fetch.learn_sizes, world, job)
    elif job.work is Work.PUBLISH_REHOST:
        begun: list[Sequence[Sequence[int]]] = []
        yield lambda: begun.append(publish.begin_publishing(world, rehost_id))
        for batch in begun[-1]:
            yield partial(publish.publish_batch, world, rehost_id, batch)
        yield partial(publish.complete, world, rehost_id)
    else:
        yield partial(publish.retry_later, world, rehost_id)


def _tried(step: Callable[[], object]) -> None:
    for number in range(1, _TRIES + 1):
        try:
            step()
        except Refusal as refusal:
            if FATE[type(refusal)] is not Fate.RETRY or number == _TRIES:
                raise
        else:
            return


def add_person(world: World, name: str, *, is_admin: bool = False) -> User:
    """An account without a password."""
    with world.store.write() as tx:
        return tx.users.add(name, f"{name}@example.org", None, is_admin=is_admin, at=world.clock.now())


def add_project(
    world: World, owner: User, name: str = "demo", mode: HostingMode = HostingMode.ONLY
) -> Project:
    """A project in any mode; ``pypi-ext`` by an administrator's exemption."""
    if mode is not HostingMode.EXT:
        return create_project(world, owner, name, mode)
    create_project(world, owner, name, HostingMode.ONLY)
    admin = Caller(add_person(world, f"root-of-{name}", is_admin=True))
    until = (world.clock.now() + timedelta(days=365)).date()
    return change_hosting(world, admin, name, Wish(mode, reason="Too large to host.", until=until)).project


def grant(world: World, project: Project, user: User, role: Role = Role.MAINTAINER) -> Caller:
    """Give ``user`` a role, and sign them in."""
    with world.store.write() as tx:
        tx.projects.grant(project.id, user.id, role)
    return Caller(user)


def revoke(store: FakeStore, project: Project, user: User) -> None:
    """Take every role in ``project`` from ``user``."""
    tables = store.committed.snapshot()
    tables.roles.pop((project.id, user.id), None)
    store.committed = tables


def set_status(store: FakeStore | SqlStore, project: Project, status: ProjectStatus) -> None:
    """What a moderator does: mark a project."""
    if isinstance(store, FakeStore):
        tables = store.committed.snapshot()
        tables.projects[project.id] = replace(tables.projects[project.id], status=status)
        store.committed = tables
        return
    with store._writing.begin() as connection:
        marked = {"status": status.value, "id": project.id}
        connection.execute(text("UPDATE projects SET status = :status WHERE id = :id"), marked)


@dataclass(frozen=True)
class Real:
    """A world of real adapters. ``database`` is an SQLAlchemy URL, ``folder`` where its blobs lie."""

    world: World
    store: SqlStore
    outside: Outside
    database: str
    folder: Path


@contextmanager
def real_world(folder: Path) -> Iterator[Real]:
    """Real adapters over a fresh SQLite file and a fresh folder; outside and inspection are as in a fake world."""
    (folder / "homeport.db").write_bytes(_fresh_database())
    with opened_world(folder) as real:
        yield real


@contextmanager
def opened_world(folder: Path) -> Iterator[Real]:
    """The same over what is in ``folder`` already."""
    file, blobs = folder / "homeport.db", FolderBlobs(folder / "blobs")
    blobs.set_up()
    database = f"sqlite:///{file}"
    engine, dbos_engine = open_engine(database), open_engine_for_dbos(database)
    store, outside = SqlStore(engine, DbosJobs(lambda: dbos_engine)), Outside()
    world = World(
        store=store,
        blobs=blobs,
        fetcher=OutsideFetcher(outside),
        isolation=OwnProcess(),
        clock=SystemClock(),
        passwords=Argon2Passwords(memory_kib=64),
        sealer=FileSealer(folder),
        poster=OutsidePoster(outside),
        base_url=BASE_URL,
    )
    yield Real(world, store, outside, database, folder / "blobs")
    engine.dispose()
    dbos_engine.dispose()


@cache
def _fresh_database() -> bytes:
    """A migrated database as bytes: migrating takes longer than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "homeport.db"
        engine, dbos_engine = open_engine(f"sqlite:///{file}"), open_engine_for_dbos(f"sqlite:///{file}")
        upgrade(engine, dbos_engine)
        engine.dispose()
        dbos_engine.dispose()
        return file.read_bytes()
