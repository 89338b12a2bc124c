"""What may be a token is struck out of everything that is said (T05)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.account import token_text
from homeport.domain.errors import Invalid
from homeport.domain.strike_out import without_mail_addresses, without_secrets, without_tokens


@given(st.binary(min_size=32, max_size=32), st.text(), st.text())
def test_a_token_is_never_repeated(random: bytes, before: str, after: str) -> None:
    """Wherever it stands, none of its secret digits are left in one piece."""
    text = token_text(random)
    said = without_tokens(f"{before}{text}{after}")
    assert text not in said
    assert text[3:35] not in said
    assert said.startswith(before)


@pytest.mark.parametrize(
    "wrong", [str.upper, lambda text: text[:40], lambda text: f"{text}0", lambda text: f"x{text}"]
)
def test_a_token_with_a_mistake_is_one_too(wrong: Callable[[str], str]) -> None:
    """In capitals, cut short, with a digit or a letter too many: it is struck out as well."""
    text = wrong(token_text(bytes(32)))
    assert "0" * 16 not in without_tokens(text)


@pytest.mark.parametrize(
    "text", ["", "hp_", "hp_printer", "hp_0123", "sha256:" + "0" * 64, "Zürich \N{SNOWMAN}"]
)
def test_what_is_no_token_is_left(text: str) -> None:
    """Names, digests and words stay as they are."""
    assert without_tokens(text) == text


def test_refusals_repeat_no_token() -> None:
    """A refusal that quotes what was sent quotes no token: not in its sentence, not in a problem, not in a traceback."""
    text = token_text(bytes(32))
    refusal = Invalid(f"{text!r} is not a name.", problems=[f"{text} is too long."])
    assert (refusal.sentence, refusal.problems) == ("'hp_***' is not a name.", ("hp_*** is too long.",))
    assert str(refusal) == refusal.sentence


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "private_token",
        "accessToken",
        "sig",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "AWSAccessKeyId",
        "jwt",
        "api_key",
        "PASSWORD",
    ],
)
def test_what_opens_a_place_is_not_told(name: str) -> None:
    """Of a URL that holds a secret all is told but that, wherever in a sentence it stands."""
    said = without_secrets(
        f"Read 'https://a.test/f?one=1&{name}=s3cr%2Bt&two=2#x' and https://b.test/?{name}=s3cr."
    )
    assert "s3cr" not in said
    assert said.startswith(f"Read 'https://a.test/f?one=1&{name}=***&two=2#x' and https://b.test/?{name}=***")


@pytest.mark.parametrize(
    "text",
    ["https://a.test/f?version=1&keyword=x&design=y", "https://a.test/#sha256=ab", "token=1", "?", "a=b&sig"],
)
def test_what_opens_nothing_is_left(text: str) -> None:
    """Other parameters, fragments and words stay as they are."""
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ask ada@example.org, please.", "Ask (address), please."),
        ("Ask ada@example.org.", "Ask (address)."),
        ("<ada.b+c@example.org>; (bob@host)", "<(address)>; ((address))"),
        ("münz@bücher.example says so", "(address) says so"),
        ("a@b@c", "(address)@c"),
        ("at 9 @ night", "at 9 @ night"),
        ("hp_" + "0" * 64 + " of ada@example.org", "hp_*** of (address)"),
        ("https://a.test/?token=s3cr", "https://a.test/?token=***"),
    ],
)
def test_no_address_is_for_everybody(text: str, said: str) -> None:
    """What mail could be sent to is struck out, and secrets are too; the rest stays."""
    assert without_mail_addresses(text) == said


def test_a_long_text_costs_no_more_than_its_length() -> None:
    """A text that is nearly an address everywhere is read in no time."""
    text = "a" * 200_000
    assert without_mail_addresses(text) == text
