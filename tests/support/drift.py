"""A file that came home from a site outside, and what happens to that site afterwards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.support.fake_clock import FakeClock
from tests.support.invariants import entries
from tests.support.outside import Answer, Outside
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.digests import digests_of
from homeport.domain.drift import DriftEvent, DriftPolicy, Sign, State, Watch, first_look
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.release import Origin
from homeport.domain.source import SourceKind
from homeport.domain.standing_consent import STANDING_LIMIT, StandingConsent
from homeport.flows.drift.begin import chance
from homeport.flows.drift.run import look_at_due
from homeport.flows.publish_file import Arrival, publish_files
from homeport.ports.catalogue import Provenance
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, TlsFacts
from homeport.ports.notices import Notice
from homeport.ports.watches import EventFilter
from homeport.ports.world import World

HOST = "site.test"
FILE, BODY = "demo-1.0.tar.gz", b"the bytes that came home"
WEEK = timedelta(days=7)
RDAP = "https://bootstrap.test/dns.json"
FIRST_TLS = TlsFacts("TLSv1.3", "leaf-1", "R10, Some Authority, XX", "key-1")
VALIDATORS = (("etag", '"one"'), ("last-modified", "Mon, 02 Mar 2026 05:06:07 GMT"))


class ChanceClock(FakeClock):
    """A fake clock whose randomness is spread as real randomness is."""

    def random_bytes(self, count: int) -> bytes:
        """See the port; anyone can guess these, and they are everywhere."""
        return sha256(super().random_bytes(8)).digest()[:count]


@dataclass
class Seen:
    """Reaches the simulated outside, where hosts show these TLS facts. ``meanwhile`` happens with every fetch."""

    inner: OutsideFetcher
    tls: dict[str, TlsFacts] = field(default_factory=dict)
    meanwhile: Callable[[str], object] = str
    asks: list[Ask] = field(default_factory=list)

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        self.asks.append(ask)
        self.meanwhile(url)
        fetched = self.inner.fetch(url, limits, sink, ask)
        hops = tuple(
            replace(hop, tls=self.tls.get(hop.url.split("/")[2], hop.tls) if hop.tls else None)
            for hop in fetched.hops
        )
        return replace(fetched, hops=hops)


@dataclass
class Names:
    """``ports.names.NameServers``: who serves which domain. ``asked`` lists the domains that were asked about."""

    servers: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def name_servers(self, domain: str) -> frozenset[str]:
        """See the port."""
        self.asked.append(domain)
        return self.servers.get(domain, frozenset())


@dataclass
class Home:
    """An index that a file came home to, its owner, its administrator, and everything outside that may change."""

    fakes: Fakes
    owner: Caller
    admin: Caller
    seen: Seen
    names: Names
    bodies: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The world it takes place in."""
        return self.fakes.world

    @property
    def outside(self) -> Outside:
        """Where the sites are."""
        return self.fakes.outside

    def add(
        self, name: str, mode: HostingMode = HostingMode.CACHE, *, owner: Caller | None = None
    ) -> Project:
        """A project of the owner's, or another's, whose standing consent names the site and another host."""
        project = add_project(self.world, (owner or self.owner).user, name, mode)
        now = self.world.clock.now()
        consent = StandingConsent(
            name, "ada", (HOST, "other.test"), ("*",), given_at=now, expires_at=now + STANDING_LIMIT
        )
        with self.world.store.write() as tx:
            tx.standing_consents.put(project.id, consent)
        return project

    def bring(
        self, project: Project, filename: str = FILE, body: bytes = BODY, host: str = HOST, **fields: Any
    ) -> Watch:
        """Host a file that came from ``host``, where it still is, and watch its source."""
        url, now = f"https://{host}/{filename}", self.world.clock.now()
        self.has(body, url=url)
        watch = Watch(
            project_id=project.id,
            project=project.name.normalized,
            filename=filename,
            url=url,
            host=host,
            source=SourceKind.HOMEPAGE,
            sha256=digests_of([body]).sha256,
            size_bytes=len(body),
            agreed_at=now,
            due_at=first_look(now, self.world.drift.every, chance(self.world.clock)),
            read_at=now,
        )
        arrival = Arrival(
            version=ReleaseVersion.parse("1.0"),
            filename=filename,
            kind=FileKind.SDIST,
            size_bytes=len(body),
            digests=digests_of([body]),
            metadata=CoreMetadata("2.1", project.name.display, "1.0"),
            metadata_file=None,
            origin=Origin.REHOST,
            provenance=Provenance("ada", None, url),
            is_legacy=True,
        )
        with self.world.blobs.receive(len(body)) as incoming:
            incoming.write(body)
            incoming.keep()
        with self.world.store.write() as tx:
            publish_files(tx, project, [arrival], policy=self.world.policy, actor="ada", at=now)
            tx.watches.put(replace(watch, **fields))
        self.bodies[project.name.normalized, filename] = body
        return replace(watch, **fields)

    def has(
        self,
        body: bytes,
        headers: tuple[tuple[str, str], ...] = VALIDATORS,
        url: str = f"https://{HOST}/{FILE}",
        **answer: Any,
    ) -> None:
        """Let the site have these bytes."""
        self.outside.put(url, Answer(body=body, headers=headers, **answer))

    def registered(self, on: datetime, *more: Mapping[str, str]) -> None:
        """Let the registry say so of the site's domain."""
        event = {"eventAction": "registration", "eventDate": on.isoformat()}
        self.outside.put(RDAP, json_answer({"services": [[["test"], ["https://rdap.registry.test/"]]]}))
        self.outside.put(f"https://rdap.registry.test/domain/{HOST}", json_answer({"events": [event, *more]}))

    def passes(self, days: float = 9.0, hours: int = 3) -> list[Sign]:
        """Let time pass, some hours at once, and the worker look at what is due; what it told, oldest first."""
        before = len(self.events())
        for _ in range(int(days * 24 / hours)):
            self.fakes.clock.advance(timedelta(hours=hours))
            look_at_due(self.world)
        return [event.sign for event in reversed(self.events())][before:]

    def events(self, wanted: EventFilter | None = None) -> list[DriftEvent]:
        """What was told, newest first."""
        with self.world.store.read() as tx:
            return list(tx.watches.events(wanted or EventFilter(), limit=1_000))

    def watch(self, project: str = "demo", filename: str = FILE) -> Watch:
        """How the source of a file fares."""
        with self.world.store.read() as tx:
            found = tx.projects.find(project)
            watch = tx.watches.find(found.id, filename) if found else None
        assert watch is not None
        return watch

    def state(self) -> State:
        """The state of the usual watch."""
        return self.watch().state

    def is_frozen(self, host: str = HOST) -> bool:
        """True when nobody may ask the host."""
        with self.world.store.read() as tx:
            return tx.hosts.find(host).frozen is not None

    def consents_to(self, host: str = HOST, project: str = "demo") -> bool:
        """True when the project's standing consent names the host."""
        with self.world.store.read() as tx:
            found = tx.projects.find(project)
            standing = tx.standing_consents.of_project(found.id) if found else None
        return standing is not None and host in standing.hosts

    def notices(self, caller: Caller, *kinds: str) -> list[Notice]:
        """What a person was told of these kinds, newest first."""
        with self.world.store.read() as tx:
            return [one for one in tx.notices.of_user(caller.user.id, limit=1_000) if one.kind in kinds]

    def entries(self, *kinds: Kind) -> list[dict[str, Any]]:
        """The ledger's entries of these kinds."""
        return entries(self.fakes.store, *kinds)

    def is_unmoved(self) -> bool:
        """True when every file that came home is hosted as it came, and nothing else is (T-10)."""
        files = self.fakes.store.committed.files.values()
        there = {(file.project, file.filename): self.fakes.blobs.kept[file.digests.sha256] for file in files}
        return there == self.bodies


def json_answer(value: object) -> Answer:
    """A document of a registry."""
    import json

    return Answer(body=json.dumps(value).encode(), content_type="application/rdap+json")


@contextmanager
def begin_home(
    folder: Path, *, every: timedelta = WEEK, projects: tuple[str, ...] = ("demo",)
) -> Iterator[Home]:
    """A home with the usual file of each project, all from one site; the world has looked once, and all is well."""
    with fake_world(folder) as fakes:
        seen, names = Seen(OutsideFetcher(fakes.outside), {HOST: FIRST_TLS}), Names()
        names.servers[HOST] = frozenset({"ns1.dns.test", "ns2.dns.test"})
        fakes.clock = ChanceClock()
        fakes.world = replace(
            fakes.world,
            fetcher=seen,
            clock=fakes.clock,
            names=names,
            drift=DriftPolicy(every, RDAP),
        )
        owner = Caller(add_person(fakes.world, "ada"))
        admin = Caller(add_person(fakes.world, "root", is_admin=True))
        home = Home(fakes, owner, admin, seen, names)
        home.registered(fakes.clock.now() - timedelta(days=3_000))
        for name in projects:
            home.bring(home.add(name), f"{name}-1.0.tar.gz")
        if every:
            assert home.passes(2) == []
            assert all(home.watch(name, f"{name}-1.0.tar.gz").state is State.SAME for name in projects)
        yield home
        assert home.is_unmoved()


def wait(home: Home) -> None:
    """Let the next look be due, and nobody look yet."""
    home.fakes.clock.advance(timedelta(days=9))
