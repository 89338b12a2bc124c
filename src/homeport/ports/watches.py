"""Watches over the places that hosted files came from, and what was told of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.drift import Consequence, DriftEvent, HostMemory, Seen, Sign, Watch


@dataclass(frozen=True, slots=True)
class Stakes:
    """Who depends on a host: the projects that files came from there to, and of them those with other bytes there.

    ``agreed_at`` is the oldest consent by which a file came from there.
    """

    projects: tuple[int, ...]
    changed: frozenset[int]
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for; what is empty leaves nothing out. ``before`` is the id of an event, 0 for the newest."""

    project: str = ""
    host: str = ""
    sign: Sign | None = None
    before: int = 0


class Watches(Protocol):
    """Watches, what is remembered of their hosts, and events."""

    def put(self, watch: Watch) -> None:
        """Watch a file's source, or remember what was found of it."""
        ...

    def find(self, project_id: int, filename: str) -> Watch | None:
        """The watch over the source of that file."""
        ...

    def of_project(self, project_id: int) -> Sequence[Watch]:
        """All watches of a project, by file name."""
        ...

    def due(self, now: datetime, *, limit: int, per_host: int) -> Sequence[Watch]:
        """The watches whose time has come, oldest first, not more than ``per_host`` of one host.

        Those of projects that have no outside (``pypi-only``) or take no files wait, and those at frozen hosts too.
        """
        ...

    def hasten(self, project_id: int, at: datetime) -> int:
        """Let all watches of a project be due at ``at``, unless they are sooner; how many there are."""
        ...

    def forget(self, project_id: int, filename: str) -> None:
        """Watch the source of that file no longer; its events stay."""
        ...

    def stakes(self, host: str) -> Stakes | None:
        """Who depends on a host; ``None`` when nobody does."""
        ...

    def host(self, host: str) -> HostMemory | None:
        """What is remembered of a host."""
        ...

    def put_host(self, memory: HostMemory) -> None:
        """Remember it."""
        ...

    def tell(
        self,
        project_id: int,
        place: tuple[str, str, str],
        seen: Seen,
        what_follows: Consequence,
        at: datetime,
    ) -> bool:
        """Record that this was seen at ``place``, a host, URL and file name; False when it was told before."""
        ...

    def told_since(self, project_ids: Collection[int], since: datetime) -> Mapping[int, int]:
        """How many signs were told of each of these projects after ``since``; those of which none was are left out."""
        ...

    def events(self, wanted: EventFilter, *, limit: int) -> Sequence[DriftEvent]:
        """What was told, newest first."""
        ...
