"""Files are fetched host by host: one job at a time for each host, many hosts side by side.

1. A job takes the wanted files of one rehost at one host, one after another; while one is fetched, those before it are
   examined. After a while it lets others in: what is left is its next part, behind theirs. So nobody's large plan
   keeps a small one waiting for longer than that.
2. What is wanted stands in the plan. A job that was lost is missed there (``start.resume``), one that runs twice finds
   nothing left to do.
3. A host that asks to be left alone is left alone, and nobody waits for it at a worker's cost: the next part starts later.
   A call that somebody waits for is answered instead.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from homeport.domain.fetching import host_of
from homeport.domain.rehost import Bytes, Rehost, State
from homeport.flows.rehost.examine import ask_for, fetch_item
from homeport.flows.rehost.start import fetch_jobs, find_rehost, urgency_of
from homeport.flows.rehost.telling import Telling
from homeport.ports.fetch import FetchLimits, Method, Outcome
from homeport.ports.jobs import Job
from homeport.ports.store import Transaction
from homeport.ports.world import World

_LONGEST_PAUSE_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 5.0
_SIZES_AT_A_HOST = 50


def enqueue_fetches(tx: Transaction, rehost: Rehost) -> tuple[Job, ...]:
    """Start a job for every host that wanted files of ``rehost`` come from."""
    jobs = fetch_jobs(tx, rehost)
    for job in jobs:
        tx.jobs.enqueue(job)
    return jobs


def fetch_from_host(world: World, job: Job) -> None:
    """Fetch and examine what is wanted from the host of ``job``; what is left after a while is its next part."""
    with world.store.read() as tx:
        wanted = _wanted_at(tx, job)
    if wanted:
        line = _Line(world, job, deque(wanted))
        line.work_off(min(len(wanted), world.limits.hands))
        with world.store.read() as tx:
            is_done = not _wanted_at(tx, job)
        if not is_done:
            _go_on(world, job, line.waits, line.pause)


@dataclass
class _Line:
    """The files that are wanted from one host, and the hands that work on them; only one of them asks the host.

    ``pause`` is for how many seconds the host asked to be left alone, ``waits`` how often it did so in a row.
    """

    world: World
    job: Job
    left: deque[int]
    pause: float = 0.0
    waits: int = field(init=False)
    telling: Telling = field(init=False)
    until: datetime = field(init=False)
    turn: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """From now on the time counts."""
        self.waits = self.job.waits
        self.telling = Telling(self.world, self.job.rehost_id, self.job.host)
        self.until = self.world.clock.now() + timedelta(seconds=self.world.limits.fetch_slice_seconds)

    def work_off(self, hands: int) -> None:
        """Work until nothing is left, the time is over, or the host wants to be left alone."""
        if hands == 1:
            self._work()
            return
        with ThreadPoolExecutor(hands, thread_name_prefix="homeport-fetch") as pool:
            for working in [pool.submit(self._work) for _ in range(hands)]:
                working.result()

    def _work(self) -> None:
        try:
            while (item_id := self._next()) is not None:
                self._take(item_id)
                if self.pause or self.world.clock.now() >= self.until:
                    self.left.clear()
        except BaseException:
            self.left.clear()
            raise

    def _next(self) -> int | None:
        try:
            return self.left.popleft()
        except IndexError:  # another hand may take the last one at this moment
            return None

    def _take(self, item_id: int) -> None:
        may_wait = self.waits < self.world.limits.host_waits
        pause = fetch_item(
            self.world, self.job.rehost_id, item_id, self.telling, self.turn, may_wait=may_wait
        )
        if pause:
            self.pause, self.waits = pause, self.waits + 1
        else:
            # Unless the host has just asked another hand to leave it alone.
            self.waits = self.waits if self.pause else 0


def _wanted_at(tx: Transaction, job: Job) -> list[int]:
    rehost = find_rehost(tx, job.rehost_id)
    if rehost.state is not State.PLANNING:
        return []
    return [item_id for item_id, url in tx.rehosts.wanted(rehost.id) if host_of(url) == job.host]


def _go_on(world: World, job: Job, waits: int, pause: float) -> None:
    delay = 0.0
    if pause:
        patience = max(pause, _FIRST_PAUSE_SECONDS * 2 ** (waits - 1))
        delay = min(patience, _LONGEST_PAUSE_SECONDS)
    with world.store.write() as tx:
        if _wanted_at(tx, job):
            rehost = find_rehost(tx, job.rehost_id)
            part = Job(
                job.work,
                job.rehost_id,
                job.try_number,
                delay_seconds=delay,
                host=job.host,
                part=job.part + 1,
                waits=waits,
                urgency=urgency_of(rehost),
            )
            tx.jobs.enqueue(part)


def learn_sizes(world: World, job: Job) -> None:
    """Ask the host of ``job`` for the sizes of some files that are only listed; a host that does not tell is left alone."""
    with world.store.read() as tx:
        rehost = find_rehost(tx, job.rehost_id)
        if rehost.state is not State.PLANNED:
            return
        unknown = [
            item
            for item in tx.rehosts.plan(rehost).items
            if item.bytes is Bytes.LISTED and item.facts.size_bytes is None and host_of(item.url) == job.host
        ][:_SIZES_AT_A_HOST]
    until = world.clock.now() + timedelta(seconds=world.limits.fetch_slice_seconds)
    sizes: dict[int, int] = {}
    for item in unknown:
        ask = replace(ask_for(world, rehost, item), method=Method.HEAD)
        fetched = world.fetcher.fetch(item.url, FetchLimits(max_bytes=0, total_seconds=30.0), _no_body, ask)
        if fetched.outcome is not Outcome.OK or fetched.announced_bytes is None:
            break
        sizes[item.id] = fetched.announced_bytes
        if world.clock.now() >= until:
            break
    if sizes:
        with world.store.write() as tx:
            for item_id, size in sizes.items():
                _remember_size(tx, job.rehost_id, item_id, size)


def _remember_size(tx: Transaction, rehost_id: int, item_id: int, size: int) -> None:
    item = tx.rehosts.item(rehost_id, item_id)
    if item is not None and item.bytes is Bytes.LISTED:
        tx.rehosts.put_item(rehost_id, replace(item, facts=replace(item.facts, size_bytes=size)))


def _no_body(_piece: bytes) -> None:
    """An answer to HEAD has none."""
