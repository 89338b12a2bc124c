"""Notices: what people are told, and what of it they want by mail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from homeport.domain.notice import Topic


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to a person about one thing; ``path`` is the page that shows it.

    ``html`` is how it reads in HTML, for its mail. A person is told once of what ``about`` names, however often a
    notice of that kind is written; what has no ``about`` is news each time.
    """

    kind: str
    subject: str
    text: str
    path: str
    at: datetime
    html: str = field(default="", compare=False, repr=False)
    about: str = ""


class Notices(Protocol):
    """What people are told."""

    def add(self, user_id: int, notice: Notice) -> bool:
        """Put a notice into a person's inbox; False when they were told of what it is about before."""
        ...

    def of_user(self, user_id: int, *, limit: int) -> Sequence[Notice]:
        """A person's newest notices."""
        ...

    def after(self, user_id: int, number: int, *, limit: int) -> Sequence[tuple[int, Notice]]:
        """A person's notices with greater numbers than ``number``, each with its own, oldest first."""
        ...

    def newest(self, user_id: int) -> int:
        """The number of a person's newest notice; 0 before there is any."""
        ...

    def count(self, user_id: int, kind: str, since: datetime) -> int:
        """How many notices of that kind a person got after ``since``."""
        ...

    def unmailed(self, user_id: int) -> frozenset[Topic]:
        """The topics that a person wants no mail of."""
        ...

    def put_mailed(self, user_id: int, topic: Topic, *, is_mailed: bool) -> None:
        """Say whether a person wants mail of a topic."""
        ...
