"""How a fetch ends before its bytes are in, and the clock that ends it."""

import time
from dataclasses import dataclass, replace

from homeport.ports.fetch import Outcome


class Ended(Exception):  # noqa: N818 - an answer that ``HttpFetcher`` turns into a value, never an error of ours
    """The fetch is over: the outcome, a stable code, a sentence, and when to come again if somebody said so."""

    def __init__(
        self, outcome: Outcome, code: str, reason: str, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.code = code
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, and what to say when it has passed."""

    at: float
    code: str
    reason: str

    @classmethod
    def after(cls, seconds: float, code: str, reason: str) -> "Deadline":
        """The deadline ``seconds`` from now."""
        return cls(time.monotonic() + seconds, code, reason)

    def or_sooner(self, seconds: float, code: str, reason: str) -> "Deadline":
        """This deadline, or the one ``seconds`` from now when that is sooner."""
        other = Deadline.after(seconds, code, reason)
        return other if other.at < self.at else self

    def later(self, seconds: float) -> "Deadline":
        """This deadline, put off by time that was not spent on what it bounds."""
        return replace(self, at=self.at + seconds)

    def seconds_left(self) -> float:
        """A positive number of seconds, or the end."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> Ended:
        """The end this deadline brings."""
        return Ended(Outcome.UNREACHABLE, self.code, self.reason)
