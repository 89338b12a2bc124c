"""Work that goes on after the answer: a value, enqueued inside the transaction that causes it.

1. Every job is safe to run twice. Its ``key`` says which try it is; a key that was used does not start again.
2. What asks the outside is queued by host: for one host there is one such job at a time, for many hosts many. A job that
   has been at a host for a while lets others in: the rest of its work is its next ``part``, behind theirs.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Queue(StrEnum):
    """Where a job waits for its turn."""

    REHOSTS = "rehosts"  # work on what is here
    OUTSIDE = "outside"  # pages are read and files are fetched: one job at a time for each host
    SURVEYS = "surveys"  # a survey minds its hosts itself


class Work(StrEnum):
    """What a worker can be asked to do; the argument is a rehost's id."""

    PLAN_REHOST = "plan-rehost"
    FETCH_ITEMS = "fetch-items"
    LEARN_SIZES = "learn-sizes"
    PUBLISH_REHOST = "publish-rehost"
    RETRY_REHOST = "retry-rehost"
    SURVEY = "survey"  # its argument is a survey's id

    @property
    def queue(self) -> Queue:
        """Where it waits."""
        if self is Work.SURVEY:
            return Queue.SURVEYS
        return Queue.REHOSTS if self in {Work.PUBLISH_REHOST, Work.RETRY_REHOST} else Queue.OUTSIDE

    @property
    def is_at_host(self) -> bool:
        """True when one rehost has such work at several hosts."""
        return self in {Work.FETCH_ITEMS, Work.LEARN_SIZES}


class Urgency(StrEnum):
    """Who goes first where several wait for one host."""

    CALLER = "caller"  # somebody waits for the answer
    PERSON = "person"  # somebody watches
    NOBODY = "nobody"  # it is good to know


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, for the rehost ``rehost_id``, as its ``try_number``-th start.

    ``host`` is whose turn it takes; ``part`` counts how often it has let others in there, ``waits`` how often that host
    asked in vain to be left alone for a while.
    """

    work: Work
    rehost_id: int
    try_number: int
    delay_seconds: float = 0.0
    host: str = ""
    part: int = 1
    waits: int = 0
    urgency: Urgency = Urgency.PERSON

    @property
    def key(self) -> str:
        """The workflow's id: rehost id + try (design §5), and for work at a host that host and part."""
        if self.work.is_at_host:
            return f"{keys_at(self.work, self.rehost_id, self.host)}{self.try_number}-{self.part}"
        return f"{self.work}-{self.rehost_id}-{self.try_number}"


def keys_at(work: Work, rehost_id: int, host: str) -> str:
    """How the keys of every try and part of one rehost's work at ``host`` begin."""
    return f"{work}-{rehost_id}/{host}/"


class Jobs(Protocol):
    """The queue, seen from inside a transaction."""

    def enqueue(self, job: Job) -> None:
        """Start ``job`` when, and only when, the transaction commits."""
        ...
