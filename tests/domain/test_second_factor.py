"""Second factors: what counts, and when."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid
from homeport.domain.second_factor import (
    FactorKind,
    SecondFactor,
    counted_step,
    otpauth_link,
    recovery_code,
    recovery_digest,
    require_label,
    secret_text,
)

SECRET = b"12345678901234567890"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_the_rfc_count(seconds: int, code: str) -> None:
    """The codes of RFC 6238 appendix B (their last six digits) count at their times."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert counted_step(SECRET, code, now, 0) == seconds // 30


def code_at(step: int) -> str:
    """The code of a step, found by trying: one of a million counts."""
    import pyotp

    return pyotp.HOTP(secret_text(SECRET)).at(step)


@pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_half_a_minute(off: int, counts: bool) -> None:
    """A code counts in its own half minute, the one before and the one after."""
    step = counted_step(SECRET, code_at(STEP + off), NOW, 0)
    assert step == (STEP + off if counts else None)


@pytest.mark.parametrize("last", [STEP, STEP + 1])
def test_a_code_counts_once(last: int) -> None:
    """After a code counted, neither it nor one from before counts."""
    assert counted_step(SECRET, code_at(STEP), NOW, last) is None
    assert counted_step(SECRET, code_at(STEP), NOW, STEP - 1) == STEP


def test_a_code_may_be_typed_with_blanks() -> None:
    """Apps show codes in groups."""
    code = code_at(STEP)
    assert counted_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0) == STEP


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "abcdef",
        "\N{FULLWIDTH DIGIT ONE}" * 6,
        "\N{ARABIC-INDIC DIGIT ONE}" * 6,
        "-12345",
    ],
)
def test_what_is_no_code_does_not_count(typed: str) -> None:
    """Six ASCII digits, or nothing."""
    assert counted_step(SECRET, typed, NOW, 0) is None


def test_a_wrong_code_does_not_count() -> None:
    """Another secret's code is not this one's."""
    assert counted_step(b"another secret of 20", code_at(STEP), NOW, 0) is None


def test_the_link_holds_what_an_app_needs() -> None:
    """Secret, account and issuer are in the link, each in its place."""
    link = urlsplit(otpauth_link(SECRET, "ada", "index.test"))
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    assert link.path == "/Homeport%20index.test:ada"
    assert parse_qs(link.query) == {"secret": [secret_text(SECRET)], "issuer": ["Homeport index.test"]}
    assert secret_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@given(st.binary(min_size=10, max_size=10))
def test_a_recovery_code_is_known_however_it_is_typed(random: bytes) -> None:
    """Blanks, hyphens and capitals do not matter, and what is stored does not tell the code."""
    code, stored = recovery_code(random)
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    digest = recovery_digest(code)
    assert digest == stored == Sha256.of(code.replace("-", "").encode())
    for typed in (code.upper(), code.replace("-", " "), code.replace("-", ""), f"  {code}\t"):
        assert recovery_digest(typed) == digest


@pytest.mark.parametrize(
    "typed", ["", "123456", "aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaa1", "a" * 17, "é" * 16]
)
def test_what_is_no_recovery_code_is_nothing(typed: str) -> None:
    """Its form alone tells that it is none."""
    assert recovery_digest(typed) is None


@pytest.mark.parametrize("label", ["x", "phone", "my key ring \N{KEY}", "x" * 64])
def test_a_factor_has_a_name(label: str) -> None:
    """Anything short that can be printed."""
    assert require_label(label) == label


@pytest.mark.parametrize("label", ["", "x" * 65, "a\nb", "a\0", "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_what_cannot_be_a_name(label: str) -> None:
    """Empty, long, or with what moves other text on a page."""
    with pytest.raises(Invalid) as refused:
        require_label(label)
    assert refused.value.code == "factor-label"


def test_a_secret_is_not_shown_by_accident() -> None:
    """What a log or an assertion shows of a factor is not its secret."""
    factor = SecondFactor(1, FactorKind.APP, "phone", SECRET, 0, NOW + timedelta(0))
    assert "1234567890" not in repr(factor)
