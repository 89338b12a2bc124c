"""Delivery reports: what is believed of them, and what is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.domain.bounce import Bounce
from homeport.domain.errors import Invalid, Refusal, TooLarge
from homeport.formats.delivery_report import MAX_REPORT_BYTES, read_report

SENT = f"homeport.7.20260304050607000000.{'5a' * 16}"
RECIPIENT = """\
Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1
 No such
 mailbox
"""


def report(
    *recipients: str, sent: str = SENT, kind: str = "multipart/report", headers: str = "text/rfc822-headers"
) -> bytes:
    """A report of a mail, as Postfix and others write them."""
    blocks = "\n".join(("Reporting-MTA: dns; mx.example.org\n", *recipients))
    return f"""\
From: MAILER-DAEMON@mx.example.org
To: index@example.org
Message-ID: <homeport.1.20000101000000000000.00000000000000000000000000000000@example.org>
Content-Type: {kind}; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.

--b
Content-Type: message/delivery-status

{blocks}

--b
Content-Type: {headers}

From: index@example.org
Message-ID: <{sent}@example.org>
Subject: News

--b--
""".encode()


@pytest.mark.parametrize("headers", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_names_the_mail_and_the_address(headers: str) -> None:
    """Whose mailbox is not there, by which mail, in the server's words."""
    (bounce,) = read_report(report(RECIPIENT, headers=headers))
    assert bounce == Bounce("ada@example.org", "5.1.1 smtp; 550 5.1.1 No such mailbox", SENT)


def test_the_address_that_was_mailed_counts() -> None:
    """Where it was forwarded to is nobody's here."""
    (bounce,) = read_report(report(f"Original-Recipient: rfc822;bob@example.org\n{RECIPIENT}"))
    assert bounce.recipient == "bob@example.org"


@pytest.mark.parametrize(
    "recipient",
    [
        RECIPIENT.replace("failed", "delayed"),
        RECIPIENT.replace("Status: 5.1.1", "Status: 4.2.0"),
        RECIPIENT.replace("Status: 5.1.1", "Status: 5.7.1"),
        RECIPIENT.replace("Status: 5.1.1", "Status: bad"),
        RECIPIENT.replace("rfc822;", "x400;"),
        RECIPIENT.replace("Action: failed\n", ""),
    ],
)
def test_what_is_not_about_a_dead_address(recipient: str) -> None:
    """Delays, policies, other kinds of addresses: nobody is marked."""
    assert read_report(report(recipient)) == []


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"hello",
        report(RECIPIENT, kind="multipart/mixed"),
        report(RECIPIENT, sent="somebody-else"),
        report(RECIPIENT, sent="homeport.7.2026"),
    ],
)
def test_what_is_no_report_of_a_mail_from_here(mail: bytes) -> None:
    """The report's own Message-ID does not count, whatever it says."""
    with pytest.raises(Invalid) as refused:
        read_report(mail)
    assert refused.value.code == "report-unreadable"


def test_a_report_has_bounds() -> None:
    """Bytes, parts and recipients."""
    with pytest.raises(TooLarge):
        read_report(b"x" * (MAX_REPORT_BYTES + 1))
    assert len(read_report(report(*[RECIPIENT] * 99))) == 20
    assert len(read_report(report(*[RECIPIENT] * 9))) == 9


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 900))
def test_hostile_reports_are_refused_or_read(noise: bytes, at: int) -> None:
    """Whatever stands in it, the answer is bounces of that mail, or a refusal."""
    whole = report(RECIPIENT)
    try:
        bounces = read_report(whole[:at] + noise + whole[at:])
    except Refusal:
        return
    assert all(bounce.message_id.startswith("homeport.") for bounce in bounces)
