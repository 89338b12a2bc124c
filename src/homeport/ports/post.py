"""Telling somebody outside something by a POST: once, within bounds, and only where a fetch may go.

What the outside does is told by the answer, and never raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it. ``status`` is 0 when nothing was answered; ``text`` is the beginning of what was said.

    ``code`` and ``reason`` say why nothing was answered, and are empty else. A redirect is an answer: it is not followed.
    ``is_inner`` says that the host has an inner address: one that only a rule of the operator's opens, or would open.
    """

    status: int
    text: str = ""
    code: str = ""
    reason: str = ""
    retry_after_seconds: int | None = None
    took_ms: int = 0
    is_inner: bool = False


class Poster(Protocol):
    """Reaches whoever wants to be told."""

    def objection(self, url: str) -> Posted | None:
        """What would come of it where nothing may, or can, be told, as far as that is seen without asking there."""
        ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send ``body`` as JSON to ``url``; nothing is sent where a fetch may not go."""
        ...
