"""Drift over the real database and real sockets: what fakes promise, these keep."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.support.catalogue import publish, wheel_name
from tests.support.fake_clock import FakeClock
from tests.support.http_site import serve
from tests.support.outside import Answer, Outside
from tests.support.world import add_person, add_project, real_world

from homeport.adapters.net.fetch import HttpFetcher
from homeport.adapters.system import SystemClock
from homeport.domain.address import parse_allow
from homeport.domain.digests import Sha256
from homeport.domain.drift import Sign, State, Watch
from homeport.domain.hosting import HostingMode
from homeport.domain.source import SourceKind
from homeport.flows.drift.run import look_at_due
from homeport.flows.manage_project import find_project
from homeport.ports.watches import EventFilter
from homeport.ports.world import World

FILE = wheel_name("demo", "1.0")
BODY = FILE.encode()


def host(world: World, url: str, place: str) -> int:
    """Host a file that came from ``url``, and watch it; the project's id."""
    ada = add_person(world, "ada")
    project = add_project(world, ada, "demo", HostingMode.CACHE)
    publish(world, ada, "demo", "1.0")
    now = world.clock.now()
    with world.store.write() as tx:
        tx.watches.put(
            Watch(
                project_id=project.id,
                project="demo",
                filename=FILE,
                url=url,
                host=place,
                source=SourceKind.LISTING,
                sha256=Sha256.of(BODY),
                size_bytes=len(BODY),
                agreed_at=now,
                due_at=now,
                read_at=now,
            )
        )
    return project.id


def test_over_real_sockets_and_sqlite(tmp_path: Path) -> None:
    """Read once, then asked by validators with a HEAD, then found to be other bytes: told, and the host frozen."""
    outside = Outside()
    outside.put("http://site.test/file", Answer(body=BODY, headers=(("etag", '"one"'),)))
    with real_world(tmp_path) as real, serve(outside) as site:
        clock = FakeClock(SystemClock().now())
        fetcher = HttpFetcher(
            about_url="https://index.example.org/about",
            allow=parse_allow("127.0.0.1:*"),
            resolve=lambda host, seconds: ["127.0.0.1"],
        )
        world = replace(real.world, clock=clock, fetcher=fetcher)
        url = site.url("site.test", "/file")
        place = url.split("/")[2]
        project_id = host(world, url, place)

        def look() -> State:
            assert look_at_due(world) == 1
            clock.advance(timedelta(days=9))
            with world.store.read() as tx:
                watch = tx.watches.find(project_id, FILE)
            assert watch is not None
            return watch.state

        assert [look(), look()] == [State.SAME, State.SAME]
        assert [one.method for one in outside.requests] == ["GET", "HEAD"]
        outside.put("http://site.test/file", Answer(body=bytes(reversed(BODY)), headers=(("etag", '"two"'),)))
        assert look() is State.CHANGED
        with world.store.read() as tx:
            # Bytes that were read are sightings, which a later plan weighs; a HEAD shows none.
            seen = tx.proofs.sightings(project_id, url)
        other = Sha256.of(bytes(reversed(BODY)))
        assert [(one.sha256, one.host, one.is_tls, one.first_at == one.last_at) for one in seen] == [
            (Sha256.of(BODY).hex, place, False, True),
            (other.hex, place, False, True),
        ]
        assert [one.method for one in outside.requests][2:] == ["HEAD", "GET"]
        assert look_at_due(world) == 0
        with world.store.read() as tx:
            (event,) = tx.watches.events(EventFilter("demo"), limit=9)
            assert event.sign is Sign.OTHER_BYTES
            assert tx.hosts.find(place).frozen is not None
            (file,) = tx.files.of_project(find_project(tx, "demo").id)
            assert file.digests.sha256 == Sha256.of(BODY)
