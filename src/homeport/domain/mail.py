"""Mails: what is written into the outbox, when it is tried again, and how it reads when it leaves.

1. A mail is written by the transaction that is its cause, and sent at least once; each try has the same Message-ID.
2. No secret lies in the outbox: a one-time link is made when its mail leaves.
3. What may pass is tried again after pauses that grow, and given up after the last; what the mail server refuses for
   good is given up at once. Either way the problem stays on the row.
4. A subject is one line: nothing in it can begin another header field.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from homeport.domain.account import require_email
from homeport.domain.account_link import LinkPurpose
from homeport.domain.errors import Invalid

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
# So many mails with links go to one account or address in this time, and no more: nobody's mailbox is flooded.
MOST_LINKS = 5
LINKS_WITHIN = timedelta(hours=1)
KEPT = timedelta(days=30)
NONCE_BYTES = 16
_LONGEST_RECIPIENT = 320
_LONGEST_SUBJECT = 200
_LONGEST_TEXT = 20_000
_LONGEST_PROBLEM = 500
_PORTS = {"smtp": 587, "smtps": 465}
_EXAMPLE = "smtp://user:password@mail.example.org:587?from=index@example.org"


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is told by mail; ``path`` is the page that it is about, ``purpose`` that of the link in it.

    ``html`` is the same as ``text``, as a piece of a page; ``kind`` is the kind of notice that it tells.
    """

    recipient: str
    subject: str
    text: str
    path: str = ""
    purpose: LinkPurpose | None = None
    user_id: int | None = None
    html: str = field(default="", repr=False)
    kind: str = ""

    @property
    def is_question(self) -> bool:
        """True when nobody knows yet whether there is an account that it would go to."""
        return self.purpose is not None and self.user_id is None


def forgotten_by(who: str) -> Letter:
    """The question who has that name or address, and forgot a password.

    It is answered when the mail would leave, and not where it is asked: there it would take other work, and so other
    time, to ask for an account that there is than for one that there is not (T-27).
    """
    return Letter(_one_line(who, _LONGEST_RECIPIENT), "", "", purpose=LinkPurpose.SET_PASSWORD)


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter in the outbox; ``due_at`` is when it is tried next, ``None`` when it was sent or given up.

    ``nonce`` makes its Message-ID a thing that only its recipient knows: people who are told at once get mails of one
    moment with neighbouring numbers, and none of them shall report that another's came back. Older mails have none.
    """

    id: int
    letter: Letter
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None = None
    tries: int = 0
    problem: str = ""
    nonce: str = ""

    @property
    def message_id(self) -> str:
        """The left side of its Message-ID."""
        return f"homeport.{self.id}.{self.created_at:%Y%m%d%H%M%S%f}.{self.nonce}".rstrip(".")

    def sent(self, now: datetime) -> "Mail":
        """It left."""
        return replace(self, due_at=None, sent_at=now, tries=self.tries + 1, problem="")

    def failed(self, now: datetime, problem: str) -> "Mail":
        """A try failed that may pass: there is another one, unless this was the last."""
        due_at = now + PAUSES[self.tries] if self.tries < len(PAUSES) else None
        return replace(self, due_at=due_at, tries=self.tries + 1, problem=problem[:_LONGEST_PROBLEM])

    def given_up(self, problem: str) -> "Mail":
        """A try failed for good."""
        return replace(self, due_at=None, tries=self.tries + 1, problem=problem[:_LONGEST_PROBLEM])

    def again(self, now: datetime) -> "Mail":
        """A person asked for another round of tries."""
        return replace(self, due_at=now, tries=0)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail as it leaves; ``id`` is the left side of its Message-ID, the same at every try.

    ``page`` is a whole HTML document that tells the same as ``text``. ``unsubscribe`` is the address where no more of
    its topic is asked for, of a mail that one may do without.
    """

    id: str
    recipient: str
    subject: str
    text: str
    at: datetime
    page: str = field(default="", repr=False)
    unsubscribe: str = field(default="", repr=False)


def message_of(mail: Mail, base_url: str, link: str, now: datetime, unsubscribe: str = "") -> Message:
    """``mail`` as it leaves the index at ``base_url``; ``link`` is the path of its one-time link, or ``""``."""
    place = link or mail.letter.path
    text = mail.letter.text[:_LONGEST_TEXT].rstrip()
    return Message(
        id=mail.message_id,
        recipient=mail.letter.recipient,
        subject=_one_line(mail.letter.subject, _LONGEST_SUBJECT),
        text=f"{text}\n\n"
        + (f"{base_url}{place}\n\n" if place else "")
        + f"-- \nHomeport, the package index at {base_url}/\nWhich notices come by mail: {base_url}/account/notices/\n"
        + (f"No more mails like this one: {unsubscribe}\n" if unsubscribe else ""),
        at=now,
        unsubscribe=unsubscribe,
    )


def _one_line(text: str, longest: int) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over. ``password`` is not shown by ``repr``."""

    host: str
    port: int
    sender: str
    is_tls: bool
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port} from {self.sender})"


def parse_mail_server(text: str) -> MailServer:
    """The server that ``smtp://user:password@host:port?from=address`` or ``smtps://…`` names, or ``Invalid``.

    The refusal never repeats the text, which may hold a password.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _no_server("it cannot be read") from None
    if parts.scheme not in _PORTS:
        raise _no_server("it begins with neither smtp:// nor smtps://")
    if not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise _no_server("it names no host, or more than one")
    name, _, sender = parts.query.partition("=")
    if name != "from" or not sender:
        raise _no_server("it does not say from whom mails are (?from=…)")
    if bool(parts.username) != bool(parts.password):
        raise _no_server("it has a user without a password, or a password without a user")
    return MailServer(
        parts.hostname,
        port,
        require_email(unquote(sender)),
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def _no_server(why: str) -> Invalid:
    return Invalid(f"This is no mail server: {why}. Write it like {_EXAMPLE}.", code="mail-server-invalid")
