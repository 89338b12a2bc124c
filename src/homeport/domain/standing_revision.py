"""What somebody saw of a standing consent when they consented on its terms: the serial of its last change.

1. Each change is an entry of the ledger; 0 stands for what nobody gave yet.
2. Whoever saw another one consents to nothing: they are told who changed it, to what, and look again (T-12).
"""

from collections.abc import Sequence
from typing import Final

from homeport.domain.errors import Conflict
from homeport.domain.hosting_history import standing_sentence
from homeport.domain.standing_consent import StandingLine

_MOST_TOLD: Final = 5


def revision_of(lines: Sequence[StandingLine]) -> int:
    """The revision of a consent with these changes, newest first."""
    return lines[0].serial if lines else 0


def require_seen(project: str, lines: Sequence[StandingLine], revision: int | None) -> None:
    """``Conflict``, with what changed since, unless ``revision`` is the one that holds; ``None`` is for whichever holds."""
    now = revision_of(lines)
    if revision is None or revision == now:
        return
    since = [line for line in lines if line.serial > revision]
    by = f"{since[0].by} changed it" if since else "It is another one"
    sentence = (
        f"{by}: the standing consent of {project} is at revision {now}, you saw {revision}. Nothing was agreed to. Look at "
        "what holds, then decide again."
    )
    told = [
        f"{line.at:%Y-%m-%d %H:%M} UTC, {line.by}: {standing_sentence(line)}" for line in since[:_MOST_TOLD]
    ]
    raise Conflict(sentence, code="standing-consent-changed", problems=[sentence, *told])
