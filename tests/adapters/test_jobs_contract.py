"""The contract of ``ports.jobs``: work starts with the transaction that causes it, once (design §5)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.fake_store import FakeStore
from tests.support.world import Real, real_world

from homeport.adapters.db.connect import open_engine
from homeport.ports.jobs import Job, Urgency, Work
from homeport.ports.store import Store

JOB = Job(Work.PLAN_REHOST, rehost_id=7, try_number=1)

Keys = Callable[[], Sequence[str]]


def _rows(real: Real) -> list[tuple[object, ...]]:
    engine = open_engine(real.database)
    try:
        with engine.begin() as connection:
            wanted = "SELECT workflow_uuid, name, queue_name, status, queue_partition_key, priority FROM workflow_status ORDER BY created_at, rowid"
            return [tuple(row) for row in connection.execute(text(wanted))]
    finally:
        engine.dispose()


@pytest.fixture(params=["fake", "dbos"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Keys]]:
    """A store, and the keys of the work that was started through it."""
    if request.param == "fake":
        fake = FakeStore()
        yield fake, lambda: list(fake.committed.jobs)
        return
    with real_world(tmp_path) as real:
        yield real.store, lambda: [str(row[0]) for row in _rows(real)]


def test_work_starts_with_the_commit(queue: tuple[Store, Keys]) -> None:
    """A job is not there before its transaction ends, and is there afterwards."""
    store, keys = queue
    with store.write() as tx:
        tx.jobs.enqueue(JOB)
        assert keys() == []
    assert keys() == ["plan-rehost-7-1"]


def test_work_of_a_transaction_that_raises_never_starts(queue: tuple[Store, Keys]) -> None:
    """A job is rolled back with everything else of its transaction, and may be started by a later one."""
    store, keys = queue

    def enqueue_in_vain() -> None:
        with store.write() as tx:
            tx.jobs.enqueue(JOB)
            raise KeyError

    with pytest.raises(KeyError):
        enqueue_in_vain()
    assert keys() == []
    with store.write() as tx:
        tx.jobs.enqueue(JOB)
    assert keys() == [JOB.key]


def test_one_key_starts_once(queue: tuple[Store, Keys]) -> None:
    """The same try again starts nothing, within a transaction or later; another try does."""
    store, keys = queue
    with store.write() as tx:
        tx.jobs.enqueue(JOB)
        tx.jobs.enqueue(JOB)
    with store.write() as tx:
        tx.jobs.enqueue(JOB)
        tx.jobs.enqueue(Job(Work.PLAN_REHOST, 7, 2))
        tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, 7, 1))
        tx.jobs.enqueue(Job(Work.PLAN_REHOST, 8, 1))
    assert sorted(keys()) == ["plan-rehost-7-1", "plan-rehost-7-2", "plan-rehost-8-1", "publish-rehost-7-1"]


def test_rows_say_what_a_worker_needs(tmp_path: Path) -> None:
    """A started job names its function, its queue, and the host whose turn it takes; one with a delay waits for its time."""
    with real_world(tmp_path) as real:
        with real.store.write() as tx:
            tx.jobs.enqueue(replace(JOB, host="a.test"))
            tx.jobs.enqueue(Job(Work.RETRY_REHOST, 7, 2, delay_seconds=60))
            tx.jobs.enqueue(Job(Work.FETCH_ITEMS, 7, 2, host="b.test:81", part=3, urgency=Urgency.CALLER))
            tx.jobs.enqueue(Job(Work.FETCH_ITEMS, 7, 2, host=""))
            tx.jobs.enqueue(Job(Work.LEARN_SIZES, 7, 2, host="b.test:81", urgency=Urgency.NOBODY))
        assert sorted(_rows(real), key=str) == [
            ("fetch-items-7//2-1", "fetch-items", "outside", "ENQUEUED", "-", 2),
            ("fetch-items-7/b.test:81/2-3", "fetch-items", "outside", "ENQUEUED", "b.test:81", 1),
            ("learn-sizes-7/b.test:81/2-1", "learn-sizes", "outside", "ENQUEUED", "b.test:81", 3),
            ("plan-rehost-7-1", "plan-rehost", "outside", "ENQUEUED", "a.test", 2),
            ("retry-rehost-7-2", "retry-rehost", "rehosts", "DELAYED", None, 0),
        ]
