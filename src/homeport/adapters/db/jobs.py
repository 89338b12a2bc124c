"""Work started inside our transaction: DBOS rows in the same database (design §5)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from homeport.ports.jobs import Job, Queue, Urgency

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

# The smallest number goes first.
_PRIORITY = {Urgency.CALLER: 1, Urgency.PERSON: 2, Urgency.NOBODY: 3}
# A place whose address cannot be read is at no host: such jobs wait for each other.
_NO_HOST = "-"


class DbosJobs:
    """Starts workflows by name; the worker that runs them may be another process.

    DBOS is imported when the first job is enqueued: it is large, and most processes only read.
    """

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        self._open_engine = open_engine

    @cached_property
    def _client(self) -> "DBOSClient":
        from dbos import DBOSClient

        return DBOSClient(system_database_engine=self._open_engine(), lazy=True)

    def inside(self, connection: Connection) -> "JobsInTransaction":
        """The queue, seen from the transaction on ``connection``."""
        return JobsInTransaction(self, connection)

    def enqueue(self, connection: Connection, job: Job) -> None:
        """Insert the workflow's row through ``connection``; a key that was used starts nothing."""
        queue = job.work.queue
        options: EnqueueOptions = {
            "workflow_name": job.work.value,
            "queue_name": queue.value,
            "workflow_id": job.key,
        }
        if job.delay_seconds:
            options["delay_seconds"] = job.delay_seconds
        if queue is Queue.OUTSIDE:
            options["queue_partition_key"] = job.host or _NO_HOST
            options["priority"] = _PRIORITY[job.urgency]
        if job.work.is_at_host:
            self._client.enqueue_in_transaction(
                connection, options, job.rehost_id, job.try_number, job.host, job.part, job.waits
            )
        else:
            self._client.enqueue_in_transaction(connection, options, job.rehost_id)


@dataclass(frozen=True, slots=True)
class JobsInTransaction:
    """``ports.jobs.Jobs`` over one connection."""

    jobs: DbosJobs
    connection: Connection

    def enqueue(self, job: Job) -> None:
        """See the port."""
        self.jobs.enqueue(self.connection, job)
