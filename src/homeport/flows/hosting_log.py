"""The hosting log, for everybody who may read the lists of this index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from homeport.domain.errors import Invalid
from homeport.domain.hosting_log import HostingLine
from homeport.domain.names import ProjectName
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.reading import Who, require_index_reader
from homeport.ports.world import World

PAGE_LENGTH: Final = 100
MOST_LINES: Final = 10_000


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


def many_lines(
    world: World, who: Who, project: str = "", *, before: int = 0
) -> Iterator[Sequence[HostingLine]]:
    """The same, piece by piece, ``MOST_LINES`` of them at most; the serial of the last one is ``before`` of what follows.

    Whoever may read it need not say who they are: what one of them may ask for has an end, however long the log is.
    """
    require_index_reader(world, who)
    wanted = _named(project)
    if wanted is None:
        return iter(())
    found = pieces(
        world,
        lambda tx, older: tx.hosting_log.lines(wanted, before=older, limit=AT_ONCE),
        lambda line: line.serial,
        before,
    )
    return islice(found, MOST_LINES // AT_ONCE)


def _named(project: str) -> str | None:
    """The name in PEP 503 form, empty for all projects; ``None`` when nothing can have that name."""
    try:
        return ProjectName.parse(project).normalized if project else ""
    except Invalid:
        return None
