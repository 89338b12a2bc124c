"""Delivery reports: what a mail server sends back when it could not deliver a mail after all (RFC 3464).

1. A report is somebody's mail: it is read within bounds, and nothing in it is believed but for a mail that it names.
2. It counts when it is a ``multipart/report`` with a ``message/delivery-status`` that says ``failed`` of a recipient, with
   a status that is about the address, and when it brings the header of the mail: its Message-ID is one that we gave.
"""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import Message

from homeport.domain.bounce import Bounce, is_dead_status
from homeport.domain.errors import Invalid, TooLarge

MAX_REPORT_BYTES = 256 * 1024
_MOST_PARTS = 20
_MOST_RECIPIENTS = 20
_LONGEST_SAID = 300
_MESSAGE_ID = re.compile(r"<(homeport\.[0-9]{1,18}\.[0-9]{20}\.[0-9a-f]{32})@[^<>@\s]{1,255}>")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")


def read_report(mail: bytes) -> Sequence[Bounce]:
    """Whose address takes no mail, by this report; ``Invalid`` when it is none that can be believed."""
    if len(mail) > MAX_REPORT_BYTES:
        raise TooLarge(
            f"A delivery report has at most {MAX_REPORT_BYTES >> 10} KiB.", code="report-too-large"
        )
    # The old policy keeps fields as text: the new one parses each, and stumbles over hostile ones.
    message = message_from_bytes(mail, policy=policy.compat32)
    held = message.get_payload()
    parts = (
        [part for part in held if isinstance(part, Message)][:_MOST_PARTS] if message.is_multipart() else []
    )
    message_id = _sent_id(parts)
    if message.get_content_type() != "multipart/report" or not message_id:
        raise Invalid(
            "This is no delivery report of a mail from here: a multipart/report (RFC 3464) with the header of the mail is "
            "wanted. To mark an address by hand, name it: homeport mail bounced ADDRESS.",
            code="report-unreadable",
        )
    recipients = [fields for part in parts for fields in _recipients(part)][:_MOST_RECIPIENTS]
    return [bounce for fields in recipients if (bounce := _bounce(fields, message_id))]


def _sent_id(parts: Sequence[Message]) -> str:
    """The Message-ID, left side, of the mail that came back; the report's own is none of ours."""
    for part in parts:
        if found := _MESSAGE_ID.search(str(_returned(part).get("Message-ID", ""))):
            return found[1]
    return ""


def _returned(part: Message) -> Message:
    """The mail that came back, or its header alone; a message without any field where there is none."""
    held = part.get_payload()
    if (
        part.get_content_type() == "message/rfc822"
        and isinstance(held, list)
        and isinstance(held[0], Message)
    ):
        return held[0]
    is_header = part.get_content_type() == "text/rfc822-headers" and isinstance(held, str)
    return message_from_bytes(
        str(held).encode(errors="replace") if is_header else b"", policy=policy.compat32
    )


def _recipients(part: Message) -> Iterator[Message]:
    """The blocks of a delivery status that speak of a recipient."""
    blocks = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
        yield from (block for block in blocks if isinstance(block, Message) and "Final-Recipient" in block)


def _bounce(fields: Message, message_id: str) -> Bounce | None:
    status = _STATUS.match(str(fields.get("Status", "")).strip())
    is_failed = str(fields.get("Action", "")).strip().lower() == "failed"
    if not is_failed or status is None or not is_dead_status(status[0]):
        return None
    # What the mail was sent to; the final recipient may be where it was forwarded to.
    told = str(fields.get("Original-Recipient") or fields["Final-Recipient"])
    kind, _, address = told.partition(";")
    if kind.strip().lower() != "rfc822":
        return None
    diagnostic = " ".join(str(fields.get("Diagnostic-Code", "")).split())
    return Bounce(address.strip(), f"{status[0]} {diagnostic}".strip()[:_LONGEST_SAID], message_id)
