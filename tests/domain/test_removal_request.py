"""Requests to remove files: one answer, by another person, with a reason."""

from dataclasses import replace

import pytest
from tests.support.builders import NOW

from homeport.domain.errors import Refusal
from homeport.domain.removal_request import Answer, RemovalRequest, answered, fulfilled

ASKED = RemovalRequest(7, 1, "demo", 3, ("demo-1.0.tar.gz",), "It ended.", "ada", NOW)


@pytest.mark.parametrize("answer", Answer)
def test_an_answer(answer: Answer) -> None:
    """It is recorded with who gave it, when, and why, and read by its name."""
    told = answered(ASKED, Answer.parse(answer.value), by="root", reason=" So  be it. ", at=NOW)
    assert told == replace(
        ASKED, answer=answer, answered_by="root", answered_at=NOW, answer_reason="So be it."
    )


@pytest.mark.parametrize(
    ("request_", "by", "reason", "code"),
    [
        (replace(ASKED, answer=Answer.DECLINED, answered_by="zoe"), "root", "No.", "request-answered"),
        (ASKED, "ada", "Mine.", "two-people-needed"),
        (ASKED, "root", " ", "reason-missing"),
    ],
)
def test_no_answer(request_: RemovalRequest, by: str, reason: str, code: str) -> None:
    """Not twice, not by who asked (I-11), and not without a reason."""
    with pytest.raises(Refusal) as caught:
        answered(request_, Answer.REMOVED, by=by, reason=reason, at=NOW)
    assert caught.value.code == code


def test_no_such_answer() -> None:
    """Any other word is refused with those there are."""
    with pytest.raises(Refusal) as caught:
        Answer.parse("maybe")
    assert all(answer in caught.value.sentence for answer in Answer)


def test_nothing_is_left_to_answer() -> None:
    """Whoever took the last file away has answered, also who asked: there is nothing left to decide."""
    told = fulfilled(ASKED, by="ada", reason=" A  secret. ", at=NOW)
    assert (told.answer, told.answered_by, told.answered_at) == (Answer.REMOVED, "ada", NOW)
    assert told.answer_reason == "A secret."
