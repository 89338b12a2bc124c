"""Work that goes on after the answer: a value, enqueued inside the transaction that causes it.

Every job is safe to run twice. Its ``key`` says which try it is; a key that was used does not start again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

QUEUE = "rehosts"


class Work(StrEnum):
    """What a worker can be asked to do; the argument is a rehost's id."""

    PLAN_REHOST = "plan-rehost"
    PUBLISH_REHOST = "publish-rehost"
    RETRY_REHOST = "retry-rehost"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, for the rehost ``rehost_id``, as its ``try_number``-th start."""

    work: Work
    rehost_id: int
    try_number: int
    delay_seconds: float = 0.0

    @property
    def key(self) -> str:
        """The workflow's id: rehost id + try (design §5)."""
        return f"{self.work}-{self.rehost_id}-{self.try_number}"


class Jobs(Protocol):
    """The queue, seen from inside a transaction."""

    def enqueue(self, job: Job) -> None:
        """Start ``job`` when, and only when, the transaction commits."""
        ...
