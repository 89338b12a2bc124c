"""A real mail server on loopback that keeps what it is given."""

import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.support.index import free_port

CERTS = Path(__file__).with_name("certs")


@dataclass
class Received:
    """One message as it came over the wire."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    was_tls: bool
    raw: bytes = b""

    @property
    def header_lines(self) -> list[bytes]:
        """The lines of the header, as they came."""
        return self.raw.partition(b"\r\n\r\n")[0].split(b"\r\n")

    @property
    def text(self) -> str:
        """The plain body, decoded."""
        body = self.message.get_body(("plain",))
        assert body is not None, "a mail without a plain part"
        return str(body.get_content())


@dataclass
class MailServer:
    """What the server got; ``answers`` are given to recipients and data before it takes anything again."""

    port: int
    received: list[Received] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or say what it was told to."""
        if answers := self.answers.get("RCPT"):
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a message, or say what it was told to."""
        if answers := self.answers.get("DATA"):
            return answers.pop(0)
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        was_tls = session.ssl is not None
        self.received.append(
            Received(envelope.mail_from or "", list(envelope.rcpt_tos), message, was_tls, raw)
        )
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: object
    ) -> AuthResult:
        """Let one user in."""
        assert isinstance(said, LoginPassword)
        self.logins.append((said.login, said.password))
        return AuthResult(success=said.password == b"secret", handled=False)


@contextmanager
def mail_server(*, tls: str = "", certificate: str = "site.pem", asks: bool = False) -> Iterator[MailServer]:
    """A server that takes everything. ``tls`` is ``starttls`` or ``whole``; ``asks`` for a password, over TLS only."""
    server = MailServer(free_port())
    more: dict[str, Any] = {}
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / certificate)
        more["ssl_context" if tls == "whole" else "tls_context"] = context
    if asks:
        more |= {"authenticator": server.authenticate, "auth_required": True}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **more)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
