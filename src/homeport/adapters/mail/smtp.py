"""Mail by SMTP: one connection for one message, over TLS wherever the server offers it.

1. ``smtps`` is TLS from the first byte. ``smtp`` is upgraded by STARTTLS when the server offers that; where it does not,
   a message may go in the clear, a password never.
2. Certificates are verified, by the system's authorities and the extra ones that the operator named.
3. What the server says of this one message for good (5xx to the recipient or the text) is final; everything else may be
   different in a while, because an operator may put it right.
4. Lines are folded at white space; an address in a header is never taken apart or encoded (RFC 2369 §2, RFC 8058 §3.1).
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from pathlib import Path

from homeport.domain.bounce import ADDRESS_REFUSED, is_dead_address
from homeport.domain.errors import Invalid, Refusal, Unavailable
from homeport.domain.mail import MailServer, Message

_TIMEOUT_SECONDS = 20.0
_FINAL = range(500, 600)


class _AddressHeader(UnstructuredHeader, BaseHeader):
    """A header that is an address: whatever its length, it stands on one line as it is."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent: the standard library would make encoded words of what is longer than a line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AddressHeader)
_POLICY = SMTP.clone(header_factory=_HEADERS)


class SmtpMailer:
    """``ports.mail.Mailer`` over one server."""

    def __init__(
        self, server: MailServer, ca_file: Path | None = None, *, timeout_seconds: float = _TIMEOUT_SECONDS
    ) -> None:
        self._server = server
        self._ca_file = ca_file
        self._timeout_seconds = timeout_seconds
        self._domain = server.sender.rpartition("@")[2]

    def send(self, message: Message) -> None:
        """See the port."""
        email = self._email(message)
        try:
            with self._connected() as connection:
                connection.send_message(email, self._server.sender, [message.recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[message.recipient]
            if is_dead_address(code, _text(said)):
                raise Invalid(_sentence("the address", code, said), code=ADDRESS_REFUSED) from error
            raise _refusal("the recipient", code, said) from error
        except smtplib.SMTPDataError as error:
            raise _refusal("the message", error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._unavailable(_told(error)) from error

    def _email(self, message: Message) -> EmailMessage:
        email = EmailMessage(policy=_POLICY)
        try:
            email["From"] = Address("Homeport", addr_spec=self._server.sender)
            email["To"] = Address(addr_spec=message.recipient)
            email["Subject"] = message.subject
        except (ValueError, LookupError, AttributeError, HeaderParseError) as error:
            # The standard library's parser stumbles over some texts instead of refusing them.
            raise Invalid(f"No mail can be addressed so: {error}.", code="mail-refused") from error
        email["Date"] = message.at
        email["Message-ID"] = f"<{message.id}@{self._domain}>"
        # RFC 3834: no holiday notice answers a program.
        email["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:
            # RFC 8058: mail programs show a button, which sends a POST; a GET of the same address changes nothing.
            email["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        email.set_content(message.text, cte="quoted-printable")
        if message.page:
            email.add_alternative(message.page, subtype="html", cte="quoted-printable")
        return email

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        place, timeout = (server.host, server.port, self._domain), self._timeout_seconds
        connection = (
            smtplib.SMTP_SSL(*place, timeout=timeout, context=self._trust())
            if server.is_tls
            else smtplib.SMTP(*place, timeout=timeout)
        )
        try:
            connection.ehlo()
            if not server.is_tls and connection.has_extn("starttls"):
                connection.starttls(context=self._trust())
                connection.ehlo()
            elif not server.is_tls and server.user:
                raise self._unavailable("it offers no TLS, and the password is not sent without")
            if server.user:
                connection.login(server.user, server.password)
            yield connection
            # The message is taken: what the server says to the farewell changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
        finally:
            connection.close()

    def _trust(self) -> ssl.SSLContext:
        """Whose certificates are believed; reading them costs more than handing over a mail does."""
        context = ssl.create_default_context()
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        return context

    def _unavailable(self, why: str) -> Unavailable:
        return Unavailable(
            f"The mail server {self._server.host}:{self._server.port} takes no mail now: {why}.",
            code="mail-server-unavailable",
        )


def _refusal(what: str, code: int, said: bytes | str) -> Refusal:
    kind = Invalid if code in _FINAL else Unavailable
    return kind(
        _sentence(what, code, said), code="mail-refused" if kind is Invalid else "mail-server-unavailable"
    )


def _sentence(what: str, code: int, said: bytes | str) -> str:
    return f"The mail server refused {what}: {code} {_text(said)}"


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
