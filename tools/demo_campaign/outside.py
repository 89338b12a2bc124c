"""Everything that is not the index: web sites on loopback where files lie, and a mail server that takes what people get."""

import email.policy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.support.archives import make_sdist
from tools.demo.outside import NOT_FOUND, Answer, Handle, Place, served
from tools.demo.stage import free_port
from tools.demo_campaign.cast import CLOSING, PLACES, Project, sha256

ALLOWED = ",".join(f"127.0.0.{2 + number}:*" for number in range(PLACES))


class Sites:
    """The web sites: each on an address of its own, so that to the index they are as many hosts."""

    def __init__(self, projects: Sequence[Project], stack: ExitStack, port: int = 0) -> None:
        self._things: list[dict[str, Answer]] = [{} for _ in range(PLACES)]
        self._running: list[ExitStack] = []
        self.places: list[Place] = []
        for number in range(PLACES):
            running = stack.enter_context(ExitStack())
            place = running.enter_context(served(f"127.0.0.{2 + number}", self._handle(number), port))
            self._running.append(running)
            self.places.append(place)
        for project in projects:
            if project.is_outside:
                self._offer(project)

    def page_of(self, project: Project) -> str:
        """Its home page, which links to its files."""
        return self.places[project.place].url(f"/{project.name}/")

    def close(self) -> str:
        """One of the sites closes for good; its address."""
        self._running[CLOSING].close()
        return self.places[CLOSING].authority

    def change(self, project: Project) -> str:
        """Let the first file of the project be another one under the same name; that name."""
        filename = next(iter(project.files))
        other = make_sdist(project.name, "1.0", files={"surprise.py": b"import this\n"})
        self._things[project.place][f"/{project.name}/{filename}"] = Answer(other)
        return filename

    def lose(self, project: Project) -> str:
        """Let the first file of the project be gone, while its page still leads there; that name."""
        filename = next(iter(project.files))
        self._things[project.place].pop(f"/{project.name}/{filename}", None)
        return filename

    @property
    def requests(self) -> int:
        """How often they were asked for anything."""
        return sum(len(place.requests) for place in self.places)

    def _offer(self, project: Project) -> None:
        things = self._things[project.place]
        links = (
            f'<li><a href="{filename}#sha256={sha256(body)}">{filename}</a>\n'
            for filename, body in project.files.items()
        )
        page = f"<!DOCTYPE html><title>{project.name}</title><ul>\n{''.join(links)}</ul>\n"
        things[f"/{project.name}/"] = Answer(page.encode(), "text/html; charset=utf-8")
        for filename, body in project.files.items():
            things[f"/{project.name}/{filename}"] = Answer(body)

    def _handle(self, number: int) -> Callable[[str], Handle]:
        things = self._things[number]

        def handle(path: str, query: Mapping[str, str]) -> Answer:  # noqa: ARG001 - every place is told
            return things.get(path, NOT_FOUND)

        return lambda _: handle


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as a person gets it."""

    recipient: str
    subject: str
    message_id: str
    text: str


@dataclass
class Postbox:
    """A mail server that takes everything but what goes to ``nobody``; ``mails`` is what it took, ``refused`` what not."""

    port: int
    nobody: frozenset[str]
    mails: list[Mail] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's arguments
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """Take a recipient, or say that there is no such mailbox."""
        if address in self.nobody:
            self.refused.append(address)
            return "550 5.1.1 There is no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Take a message."""
        content = envelope.content
        message = message_from_bytes(
            content if isinstance(content, bytes) else b"", policy=email.policy.default
        )
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        for recipient in envelope.rcpt_tos:
            self.mails.append(
                Mail(recipient, str(message["Subject"]).strip(), str(message["Message-ID"]), text)
            )
        return "250 OK"


@contextmanager
def postbox(nobody: frozenset[str]) -> Iterator[Postbox]:
    """A running mail server on loopback."""
    box = Postbox(free_port(), nobody)
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
