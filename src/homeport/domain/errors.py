"""The kinds of refusal; every door maps a kind to its own answer.

A refusal is an answer, not an accident: it says what was found, what was wanted and what to do.
Its *kind* (the class) decides how a door answers, its *code* is stable and meant for programs, its
*sentence* is meant for people, and repeats no token (T05). This floor knows no HTTP number, exit code or retry.
"""

from collections.abc import Callable, Sequence

from homeport.domain.strike_out import without_tokens


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """A clear no, with a stable ``code``, a sentence, and every single ``problem`` that led to it."""

    default_code = "refused"
    # After how long it makes sense to ask again; ``None`` when waiting changes nothing.
    default_wait_seconds: int | None = None

    def __init__(
        self,
        sentence: str,
        *,
        code: str | None = None,
        problems: Sequence[str] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(without_tokens(sentence))
        self.sentence = without_tokens(sentence)
        self.code = code or self.default_code
        self.problems = tuple(map(without_tokens, problems))
        self.retry_after_seconds = retry_after_seconds or self.default_wait_seconds


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is."""

    default_code = "not-found"


class Invalid(Refusal):
    """The request itself is wrong; repeating it unchanged cannot help."""

    default_code = "invalid"


class Unauthenticated(Refusal):
    """Nobody is signed in, or the credentials shown are not ours."""

    default_code = "credentials-missing"


class Forbidden(Refusal):
    """Somebody is signed in, and lacks the right."""

    default_code = "forbidden"


class Conflict(Refusal):
    """The request was right for a state that is no longer, or never was."""

    default_code = "conflict"


class IllegalMove(Refusal):
    """A life cycle's table does not hold this move."""

    default_code = "illegal-move"


class TooLarge(Refusal):
    """A bound was passed; the sentence names it."""

    default_code = "too-large"


class RateLimited(Refusal):
    """Too much was tried in too short a time; the same request may be made again after a while."""

    default_code = "rate-limited"
    default_wait_seconds = 60


class Unavailable(Refusal):
    """Something we depend on does not answer now; the same request may succeed later."""

    default_code = "unavailable"
    default_wait_seconds = 30


class NeedsConsent(Refusal):
    """Nothing crawled becomes public without a live consent to exactly these bytes (I-05)."""

    default_code = "needs-consent"


KINDS: tuple[type[Refusal], ...] = (
    NotFound,
    Invalid,
    Unauthenticated,
    Forbidden,
    Conflict,
    IllegalMove,
    TooLarge,
    RateLimited,
    Unavailable,
    NeedsConsent,
)


def all_problems(what: str, problems: Sequence[str], *, code: str | None = None) -> None:
    """Refuse once with every problem of ``what``, or return when there is none."""
    if problems:
        raise together(what, problems, code=code)


def check_all(what: str, *checks: Callable[[], object], code: str | None = None) -> None:
    """Make every check, and refuse once with all that is ``Invalid``: one as it is, several together with ``code``."""
    refusals = []
    for check in checks:
        try:
            check()
        except Invalid as refusal:
            refusals.append(refusal)
    if len(refusals) == 1:
        raise refusals[0]
    all_problems(
        what, [one for refusal in refusals for one in refusal.problems or (refusal.sentence,)], code=code
    )


def together(what: str, problems: Sequence[str], *, code: str | None = None) -> Invalid:
    """One refusal that tells every problem of ``what``; there is at least one."""
    sentence = (
        problems[0] if len(problems) == 1 else f"{what}: {len(problems)} problems. " + " ".join(problems)
    )
    return Invalid(sentence, code=code, problems=problems)
