"""Many hosts side by side: one job at a time for each, nobody keeps others waiting, and people see how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.fake_store import FakeTransaction
from tests.support.outside import Answer, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import (
    Fakes,
    Meanwhile,
    add_person,
    drop_jobs,
    fake_world,
    run_job,
    run_jobs,
    run_late_jobs,
)

from homeport.domain.account import Caller
from homeport.domain.errors import IllegalMove, NotFound, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import Frozen, Host
from homeport.domain.names import ProjectName
from homeport.domain.progress import Fetching
from homeport.domain.project import Role
from homeport.domain.rehost import Bytes, Purpose, Rehost, State
from homeport.domain.source import Source, SourceKind
from homeport.flows.rehost.fetch import fetch_from_host
from homeport.flows.rehost.review import refuse, show_rehost
from homeport.flows.rehost.start import begin, start_plan, start_update_cache
from homeport.flows.rehost.watch import watch_rehost
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits
from homeport.ports.jobs import Job, Urgency, Work
from homeport.ports.world import Limits

FILES = {WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project with three files at one host; a job takes one file there before it lets others in."""
    with begin_story(tmp_path, limits=Limits(fetch_slice_seconds=0)) as story:
        story.offer(FILES)
        yield story


def begun(story: Story) -> Rehost:
    """A plan whose sources were visited."""
    rehost = start_plan(story.world, story.owner, "demo")
    run_job(story.fakes, story.fakes.waiting()[0])
    return rehost


def test_a_job_lets_others_in(story: Story) -> None:
    """After its time a job's rest is a part of its own; the parts together fetch everything once, and close the plan."""
    rehost = begun(story)
    parts = []
    while waiting := story.fakes.waiting():
        parts.append(waiting[0])
        run_job(story.fakes, waiting[0])
    first = Job(Work.FETCH_ITEMS, rehost.id, 1, host="site.test")
    assert parts == [replace(first, part=number) for number in (1, 2, 3)]
    assert story.fakes.outside.asked == [f"{SITE}/", *(f"{SITE}/{name}" for name in FILES)]
    assert story.view(rehost.id).rehost.state is State.PLANNED


def test_a_part_that_runs_twice_leaves_one_part(story: Story) -> None:
    """A job that was killed after it had handed on what is left hands the same part on again."""
    begun(story)
    (job,) = story.fakes.waiting()
    fetch_from_host(story.world, job)
    fetch_from_host(story.world, job)
    assert [one.part for one in story.fakes.waiting()] == [1, 2]
    run_jobs(story.fakes)


def test_a_plan_that_was_refused_has_no_further_part(story: Story) -> None:
    """A job that finds its plan answered when it hands on what is left starts nothing."""
    rehost = begun(story)
    (job,) = story.fakes.waiting()
    story.fakes.world = replace(
        story.world, isolation=Meanwhile(lambda: refuse(story.world, story.owner, rehost.id))
    )
    run_job(story.fakes, job)
    assert story.fakes.waiting() == []


def test_who_waits_goes_first(story: Story) -> None:
    """Work for a call that somebody waits for is more urgent than what somebody watches."""
    begun(story)
    start_update_cache(story.world, story.owner, "demo")
    run_job(story.fakes, story.fakes.waiting()[-1])
    urgencies = {(job.work, job.urgency) for job in story.fakes.store.committed.jobs.values()}
    assert urgencies == {
        (work, urgency)
        for work in (Work.PLAN_REHOST, Work.FETCH_ITEMS)
        for urgency in (Urgency.PERSON, Urgency.CALLER)
    }
    drop_jobs(story.fakes)


# Hosts that want to be left alone


def busy(seconds: str = "30") -> Answer:
    """A site that asks to come back later."""
    return replace(page("busy", status=503), headers=(("retry-after", seconds),))


@dataclass
class Retries:
    """A fetcher that tells what ``Retry-After`` says, as the real one does."""

    inner: Callable[..., Fetched]

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        fetched = self.inner(url, limits, sink, ask)
        after = dict(fetched.headers).get("retry-after")
        return replace(fetched, retry_after_seconds=int(after)) if after else fetched


def told_to_wait(story: Story) -> Story:
    """The same story, where ``Retry-After`` is heard."""
    story.fakes.world = replace(story.world, fetcher=Retries(story.world.fetcher.fetch))
    return story


def test_a_host_that_asks_for_a_pause_gets_it(story: Story) -> None:
    """The rest waits in the queue for as long as the host asked, people see why, and then it comes."""
    told_to_wait(story).fakes.outside.put(f"{SITE}/{WHEEL}", busy(), busy("1"), Answer(body=FILES[WHEEL]))
    rehost = begun(story)
    run_jobs(story.fakes)
    (later,) = story.fakes.waiting()
    assert (later.delay_seconds, later.waits, later.part) == (30.0, 1, 2)
    (host,) = watch_rehost(story.world, story.owner, rehost.id).progress.hosts
    assert "503" in host.waiting_for
    run_job(story.fakes, later)
    (later,) = story.fakes.waiting()
    # Whoever asks for little after having asked once is given more.
    assert (later.delay_seconds, later.waits, later.part) == (10.0, 2, 3)
    run_late_jobs(story.fakes)
    assert {item.bytes for item in story.view(rehost.id).plan.items} == {Bytes.HERE}
    assert story.view(rehost.id).rehost.state is State.PLANNED


def test_patience_ends(story: Story) -> None:
    """A host that asks for pause after pause is taken at its word: the file is unreachable, the next one is asked for."""
    told_to_wait(story).fakes.outside.put(f"{SITE}/{WHEEL}", busy("9999999"))
    rehost = begun(story)
    run_jobs(story.fakes)
    pauses = []
    while story.view(rehost.id).rehost.state is State.PLANNING:
        pauses += [job.delay_seconds for job in story.fakes.waiting()]
        run_late_jobs(story.fakes)
    assert pauses == [600.0] * 3
    assert story.item(rehost.id, WHEEL).bytes is Bytes.UNREACHABLE
    assert story.item(rehost.id, SDIST).bytes is Bytes.HERE


def test_a_call_is_answered_and_not_put_off(story: Story) -> None:
    """Where somebody waits for the answer, a host that asks for a pause is unreachable at once."""
    told_to_wait(story).fakes.outside.put(f"{SITE}/{WHEEL}", busy())
    rehost = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    assert story.item(rehost.id, WHEEL).bytes is Bytes.UNREACHABLE


# Watching


@dataclass
class Dripping:
    """A fetcher that hands bodies over in pieces; ``between`` happens before each."""

    inner: Callable[..., Fetched]
    between: Callable[[], object]
    pieces: int = 2

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""

        def take(body: bytes) -> None:
            size = len(body) // self.pieces
            for number in range(self.pieces):
                self.between()
                last = number == self.pieces - 1
                sink(body[number * size :] if last else body[number * size : (number + 1) * size])

        return self.inner(url, limits, take, ask)


def test_people_see_bytes_come(story: Story) -> None:
    """Once a second, and not more often, it is told how many bytes are here and how fast they come; then it is forgotten."""
    rehost = begun(story)
    (item, *_) = story.view(rehost.id).plan.items
    seen: list[int | None] = []
    began = story.fakes.clock.now()

    def between() -> None:
        with story.world.store.read() as tx:
            told = [(one.item_id, one.started_at) for one in tx.fetches.of_rehost(rehost.id)]
            assert told in ([], [(item.id, began)])
            seen.append(next((one.received_bytes for one in tx.fetches.of_rehost(rehost.id)), None))
        story.fakes.clock.advance(timedelta(seconds=0.4))

    dripping = Dripping(story.world.fetcher.fetch, between, pieces=7)
    story.fakes.world = replace(story.world, fetcher=dripping)
    (job,) = story.fakes.waiting()
    run_job(story.fakes, job)
    piece = len(FILES[WHEEL]) // 7
    assert seen == [None, None, None, 3 * piece, 3 * piece, 3 * piece, 6 * piece]
    with story.world.store.read() as tx:
        assert list(tx.fetches.of_rehost(rehost.id)) == []
    assert story.item(rehost.id, item.filename).bytes is Bytes.HERE
    drop_jobs(story.fakes)


def test_what_is_told_is_seen_by_maintainers_only(story: Story) -> None:
    """Bytes, rate and what is waited for, to who maintains the project; to others there is no such rehost."""
    rehost = begun(story)
    (one, other, _) = story.view(rehost.id).plan.items
    now = story.fakes.clock.now()
    with story.world.store.write() as tx:
        tx.rehosts.put_item(rehost.id, replace(other, bytes=Bytes.HERE, size_bytes=1000))
        tx.fetches.put(
            Fetching(one.id, rehost.id, "site.test", 500, None, "", now - timedelta(seconds=2), now)
        )
    watched = watch_rehost(story.world, story.owner, rehost.id)
    (host,) = watched.progress.hosts
    assert (host.host, host.done, host.total) == ("site.test", 1, 3)
    assert (host.received_bytes, host.total_bytes, host.bytes_per_second) == (1500, None, 250.0)
    assert watched.is_begun
    with pytest.raises(NotFound):
        watch_rehost(story.world, Caller(add_person(story.world, "eve")), rehost.id)
    with story.world.store.write() as tx:
        tx.fetches.forget(one.id)
        tx.hosts.put(Host("site.test", frozen=Frozen(now, "ada", "It changed hands.")))
    (host,) = watch_rehost(story.world, story.owner, rehost.id).progress.hosts
    assert host.waiting_for == "it is frozen: It changed hands."
    drop_jobs(story.fakes)


def test_a_fetch_ends_when_nobody_wants_it_any_more(story: Story) -> None:
    """A plan that is refused while bytes come slowly ends that fetch: nobody waits for the rest of it."""
    rehost = begun(story)
    (job,) = story.fakes.waiting()
    drop_jobs(story.fakes)
    calls = []

    def between() -> None:
        calls.append(story.fakes.clock.now())
        story.fakes.clock.advance(timedelta(seconds=2))
        if len(calls) == 2:
            refuse(story.world, story.owner, rehost.id)

    dripping = replace(story.world, fetcher=Dripping(story.world.fetcher.fetch, between))
    with pytest.raises(IllegalMove) as ended:
        fetch_from_host(dripping, job)
    assert ended.value.code == "fetch-unwanted"
    with story.world.store.read() as tx:
        assert list(tx.fetches.of_rehost(rehost.id)) == []


def test_telling_disturbs_no_fetch(story: Story) -> None:
    """Where the database is busy when something is to be told, the fetch goes on."""
    rehost = begun(story)
    (job,) = story.fakes.waiting()
    drop_jobs(story.fakes)
    busy_store = BusyNow(story)
    dripping = Dripping(story.world.fetcher.fetch, lambda: story.fakes.clock.advance(timedelta(seconds=2)))
    fetch_from_host(replace(story.world, store=busy_store, fetcher=dripping), job)
    assert busy_store.refused == 2
    assert story.item(rehost.id, WHEEL).bytes is Bytes.HERE
    drop_jobs(story.fakes)


class BusyNow:
    """A store whose first two write transactions find another writer."""

    def __init__(self, story: Story) -> None:
        self.read = story.fakes.store.read
        self._write = story.fakes.store.write
        self.refused = 0

    @contextmanager
    def write(self) -> Iterator[FakeTransaction]:
        """See the port."""
        if self.refused < 2:
            self.refused += 1
            raise Unavailable("The database cannot be used now.", code="database-unavailable")
        with self._write() as tx:
            yield tx

    write_lightly = write


# Nobody starves


@dataclass
class ByHost:
    """What a worker of few hands takes: of each host one job at a time, the most urgent that waited longest."""

    fakes: Fakes
    hands: int

    def round(self) -> list[Job]:
        """One job for every hand, of different hosts; hosts take turns as they are drawn by the engine."""
        chosen: dict[str, Job] = {}
        rank = {Urgency.CALLER: 0, Urgency.PERSON: 1, Urgency.NOBODY: 2}
        for job in sorted(self.fakes.waiting(), key=lambda job: rank[job.urgency]):
            chosen.setdefault(job.host, job)
        taken = list(chosen.values())[: self.hands]
        for job in taken:
            run_job(self.fakes, job)
        return taken


def plans_of(fakes: Fakes, owner: Caller, site: str, *names: str) -> list[Rehost]:
    """Projects with a page of one file at ``site`` each, and their plans, begun at once."""
    begun_plans, now = [], fakes.clock.now()
    with fakes.store.write() as tx:
        for name in names:
            fakes.outside.put_page(f"{site}/{name}/", f'<a href="{name}-1.0.tar.gz">')
            project = tx.projects.add(ProjectName(name), HostingMode.CACHE, now)
            tx.projects.grant(project.id, owner.user.id, Role.OWNER)
            source = Source(SourceKind.HOMEPAGE, f"{site}/{name}/")
            tx.outside.add_source(project.id, source, by="ada", at=now)
            begun_plans.append(begin(tx, project, Purpose.HISTORY, "", by="ada", at=now))
    return begun_plans


def test_many_plans_at_one_host_keep_no_other_waiting(tmp_path: Path) -> None:
    """With 500 projects at one host, a plan at another one is ready after two jobs of its own, whatever else waits."""
    with fake_world(tmp_path) as fakes:
        owner = Caller(add_person(fakes.world, "ada"))
        plans_of(fakes, owner, "https://slow.test", *(f"many{number}" for number in range(500)))
        (lone,) = plans_of(fakes, owner, "https://quick.test", "lone")
        worker = ByHost(fakes, hands=2)
        done = [job for _ in range(2) for job in worker.round()]
        assert [job.host for job in done] == ["slow.test", "quick.test"] * 2
        assert show_rehost(fakes.world, owner, lone.id).rehost.state is State.PLANNED
        drop_jobs(fakes)
