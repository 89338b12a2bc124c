"""Mail: the outbox, and who carries it to the mail server."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.mail import Letter, Mail, Message


class Mails(Protocol):
    """The outbox."""

    @property
    def are_sent(self) -> bool:
        """True where a mail server is known; elsewhere nothing is written, because nothing would take it away."""
        ...

    def add(self, letter: Letter, at: datetime) -> None:
        """Write a letter; it leaves when, and only when, the transaction commits."""
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[Mail]:
        """What is to be tried now, the longest due first."""
        ...

    def find(self, mail_id: int) -> Mail | None:
        """The mail of that id."""
        ...

    def put(self, mail: Mail) -> None:
        """Store what became of a try."""
        ...

    def links_since(self, since: datetime, *, recipient: str) -> int:
        """How many mails with links were written since then to that address."""
        ...

    def troubled(self, *, before: int = 0, limit: int) -> Sequence[Mail]:
        """What could not be sent, given up or not yet, newest first; with ``before``, what is older than that mail."""
        ...

    def waiting(self) -> int:
        """How many are to be tried, now or later."""
        ...

    def forget(self, mail_id: int) -> None:
        """Drop a mail."""
        ...

    def forget_links(self, user_id: int) -> None:
        """Drop every mail with a link to that account that has not been sent, given up or not."""
        ...

    def forget_old(self, before: datetime) -> None:
        """Drop what was sent before then, and what was written before then and given up."""
        ...


class Mailer(Protocol):
    """The way to the mail server."""

    def send(self, message: Message) -> None:
        """Hand over one message.

        Raises ``Unavailable`` when the same message may be taken later, and ``Invalid`` when it never will be.
        """
        ...
