"""Deliveries: what a webhook is told, tried until it is taken or given up, and how it reads.

1. A delivery is known by its entry, of a person's webhook by its notice, and is the same message however often it is sent.
2. It is remembered before it is sent, so it arrives at least once; the message's id tells a receiver that it came twice.
3. A try that fails is made again after pauses that grow; after five days a delivery is given up.
4. What is sent is read from the ledger, or the notices, when it is sent: nothing is kept twice.
5. What an inner address says is for administrators: nobody else makes this index read the operator's network to them (T-01).
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeport.domain.canonical import Plain, canonical_bytes
from homeport.domain.ledger import Sealed
from homeport.domain.webhook import LOST_AFTER, NOTICE, PAUSES, TEST

KEPT: Final = timedelta(days=30)
LONGEST_BODY: Final = 256 * 1024
LONGEST_ANSWER: Final = 4 * 1024
_NOTHING_CAME: Final = "It was not taken; an administrator sees why."


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: the status, 0 when nothing was answered, what was said, and what went wrong.

    ``is_inner`` says that it came, or would have come, from an address that only the operator's rule opened.
    """

    status: int
    text: str
    problem: str
    took_ms: int
    is_inner: bool = False

    @property
    def is_success(self) -> bool:
        """True when the receiver took it."""
        return not self.problem

    @property
    def bare(self) -> "Answer":
        """What is seen of it by who is no administrator: of an inner address the status, and no word of it (rule 5)."""
        if not self.is_inner or self.is_none:
            return self
        if self.status:
            return replace(self, text="")
        return replace(self, problem=_NOTHING_CAME, took_ms=0)

    @property
    def is_none(self) -> bool:
        """True before anything was tried."""
        return not (self.status or self.problem)


NO_ANSWER: Final = Answer(0, "", "", 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one webhook; ``serial`` is its entry, or its notice, and 0 for a test.

    ``due_at`` is when it is tried next, ``None`` when it was taken or given up. ``answer`` is of the last try.
    """

    id: int
    webhook_id: int
    event: str
    serial: int
    at: datetime
    due_at: datetime | None
    tries: int = 0
    first_tried_at: datetime | None = None
    tried_at: datetime | None = None
    taken_at: datetime | None = None
    answer: Answer = NO_ANSWER

    @property
    def message_id(self) -> str:
        """The message's id, the same at every try, and when it is sent anew."""
        return f"msg_{self.webhook_id}_{self.serial}" if self.serial else f"msg_{self.webhook_id}_t{self.id}"

    def tried(self, now: datetime, answer: Answer, asked_for: timedelta = timedelta(0)) -> "Delivery":
        """A try was made."""
        first = self.first_tried_at or now
        tried = replace(self, tries=self.tries + 1, first_tried_at=first, tried_at=now, answer=answer)
        if answer.is_success:
            return replace(tried, due_at=None, taken_at=now)
        if self.event == TEST or now - first >= LOST_AFTER:
            return replace(tried, due_at=None)
        pause = max(PAUSES[min(self.tries, len(PAUSES) - 1)], min(asked_for, PAUSES[-1]))
        return replace(tried, due_at=now + pause)

    @property
    def bare(self) -> "Delivery":
        """It, with the answer as it is seen by who is no administrator."""
        return replace(self, answer=self.answer.bare)

    def given_up(self, now: datetime, why: str) -> "Delivery":
        """It cannot be sent, and is not tried again."""
        return replace(self, due_at=None, tried_at=now, answer=Answer(0, "", why, 0))

    def again(self, now: datetime) -> "Delivery":
        """A person wants it sent once more."""
        return replace(self, due_at=now, tries=0, first_tried_at=None, taken_at=None)


def entry_body(sealed: Sealed) -> bytes:
    """What is told of an entry; its details are left out where they are a book."""
    entry = json.loads(sealed.body)
    data: dict[str, Any] = {
        "serial": entry["seq"],
        "actor": entry["actor"],
        "project": entry["project"] or None,
        "details": entry["details"],
        "is_whole": True,
    }
    body = _message(entry["kind"], datetime.fromisoformat(entry["at"]), data)
    if len(body) <= LONGEST_BODY:
        return body
    return _message(
        entry["kind"], datetime.fromisoformat(entry["at"]), data | {"details": {}, "is_whole": False}
    )


def notice_body(number: int, kind: str, subject: str, text: str, url: str, at: datetime) -> bytes:
    """What is told of a notice; ``url`` is the page that shows it."""
    return _message(
        NOTICE, at, {"notice": number, "kind": kind, "subject": subject, "text": text, "url": url}
    )


def trial_body(webhook_id: int, at: datetime) -> bytes:
    """What a test tells: that it is one."""
    return _message(TEST, at, {"webhook": webhook_id, "text": "This is a test: nothing happened."})


def _message(event: str, at: datetime, data: Plain) -> bytes:
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return canonical_bytes({"type": event, "timestamp": moment, "data": data})
