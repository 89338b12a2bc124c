"""Which refusals mean that an address takes no mail."""

import pytest

from homeport.domain.bounce import is_dead_address, is_dead_status


@pytest.mark.parametrize(
    ("code", "said", "is_dead"),
    [
        (550, "No such mailbox", True),
        (551, "User not local", True),
        (553, "Mailbox name not allowed", True),
        (554, "Transaction failed", False),
        (552, "Too much", False),
        (550, "5.1.1 <ada@example.org>: Recipient address rejected", True),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        (550, "5.2.1 The mailbox is disabled", True),
        (550, "5.2.2 Over quota", False),
        (550, "5.7.1 192.0.2.5.1 is on a list", False),
        (554, "5.1.1 unknown", True),
    ],
)
def test_a_reply_to_a_recipient(code: int, said: str, is_dead: bool) -> None:
    """The enhanced status decides where there is one; else the three replies that are about the address."""
    assert is_dead_address(code, said) is is_dead


@pytest.mark.parametrize(
    ("status", "is_dead"),
    [("5.1.1", True), ("5.1.0", True), ("5.2.1", True), ("4.1.1", False), ("5.2.0", False), ("5.1", False)],
)
def test_a_status_of_a_report(status: str, is_dead: bool) -> None:
    """What is not for good, or not whole, is not about the address."""
    assert is_dead_status(status) is is_dead
