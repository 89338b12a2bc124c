"""Numbers of rows are read from addresses, or there is no such row."""

import pytest

from homeport.domain.errors import NotFound
from homeport.domain.row_id import row_id


def test_a_number_is_read() -> None:
    """Digits are the number they are."""
    assert row_id("0042", "rehost") == 42


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "\u0661", "1" * 19, "1\n"])
def test_nothing_else_is_one(text: str) -> None:
    """No row is called anything else, and none has a longer number."""
    with pytest.raises(NotFound) as refusal:
        row_id(text, "rehost")
    assert refusal.value.code == "rehost-unknown"
