"""The hosting log, for everybody who may read the lists of this index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from homeport.domain.errors import Invalid
from homeport.domain.hosting_log import HostingLine
from homeport.domain.names import ProjectName
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.reading import Who, require_index_reader
from homeport.ports.world import World

PAGE_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines, newest first; ``before`` asks for those that follow, and is 0 when there are none."""

    lines: Sequence[HostingLine]
    before: int


def show_hosting_log(world: World, who: Who, project: str = "", *, before: int = 0) -> LogPage:
    """The lines of all projects, or of the one of that name in any spelling.

    Of a project that is not there, or is none of the reader's business, there are none: nobody learns which it is.
    """
    require_index_reader(world, who)
    wanted = _named(project)
    if wanted is None:
        return LogPage((), 0)
    with world.store.read() as tx:
        found = tx.hosting_log.lines(wanted, before=before, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return LogPage(shown, shown[-1].serial if len(found) > PAGE_LENGTH else 0)


def every_line(world: World, who: Who, project: str = "") -> Iterator[Sequence[HostingLine]]:
    """All of :func:`show_hosting_log`, piece by piece."""
    require_index_reader(world, who)
    wanted = _named(project)
    if wanted is None:
        return iter(())
    return pieces(
        world,
        lambda tx, before: tx.hosting_log.lines(wanted, before=before, limit=AT_ONCE),
        lambda line: line.serial,
        0,
    )


def _named(project: str) -> str | None:
    """The name in PEP 503 form, empty for all projects; ``None`` when nothing can have that name."""
    try:
        return ProjectName.parse(project).normalized if project else ""
    except Invalid:
        return None
