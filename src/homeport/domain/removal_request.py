"""A maintainer asks the administrators to remove files that came home; one of them answers.

1. Who asked never answers: it takes two people to take files away from those who use them (I-11).
2. An answer is given once, and says why.
3. When the last file of a request goes by another way, whoever took it away has answered: nothing is left to ask for.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from homeport.domain.errors import Conflict, Forbidden, Invalid
from homeport.domain.project import require_reason


class Answer(StrEnum):
    """What came of a request."""

    REMOVED = "removed"
    DECLINED = "declined"

    @classmethod
    def parse(cls, text: str) -> "Answer":
        """The answer of that name, or ``Invalid`` with those there are."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is no answer: use one of {', '.join(cls)}.", code="answer-unknown"
            ) from None


@dataclass(frozen=True, slots=True)
class RemovalRequest:
    """One request, about these files of a project, which is named in PEP 503 form; ``answer`` is ``None`` while it waits."""

    id: int
    project_id: int
    project: str
    rehost_id: int
    filenames: tuple[str, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    answer: Answer | None = None
    answered_by: str = ""
    answered_at: datetime | None = None
    answer_reason: str = ""


def answered(
    request: RemovalRequest, answer: Answer, *, by: str, reason: str, at: datetime
) -> RemovalRequest:
    """The request with its answer, or a refusal: it has one already, nobody says why, or who asked answers."""
    if request.answer is not None:
        raise Conflict(
            f"Request {request.id} was answered by {request.answered_by}: {request.answer}.",
            code="request-answered",
        )
    if request.asked_by == by:
        raise Forbidden(
            "You asked for this yourself: another administrator answers.", code="two-people-needed"
        )
    why = require_reason(reason)
    if not why:
        raise Invalid("Say why: whoever maintains the project is told the reason.", code="reason-missing")
    return replace(request, answer=answer, answered_by=by, answered_at=at, answer_reason=why)


def fulfilled(request: RemovalRequest, *, by: str, reason: str, at: datetime) -> RemovalRequest:
    """The request, whose last file ``by`` has removed (rule 3)."""
    return replace(
        request, answer=Answer.REMOVED, answered_by=by, answered_at=at, answer_reason=require_reason(reason)
    )
