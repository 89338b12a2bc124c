"""What mirrors follow: the newest serial, the changes after one, and every listed project with its own.

1. An answer may be long: it is read in windows, each a short transaction of its own, so that a slow reader holds
   nothing and no process holds it all. Its cost is that of what is told, however large the index is.
2. A mirror remembers the greatest serial it was told. So no serial told of a project is beyond the newest entry of
   the moment the answer began: what changes while it is told is told again by the changes after it.
3. Private projects are not told of; a quarantined one is, because mirrors must learn of it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from homeport.domain.changelog import Change, change_of, written_at
from homeport.domain.index_page import ListedProject
from homeport.flows.reading import Who, require_index_reader
from homeport.ports.store import Transaction
from homeport.ports.world import World

MOST_ROWS = 50_000
_ENTRIES_AT_ONCE = 1_000
_PROJECTS_AT_ONCE = 2_000
# An entry bears the moment its work began; work that waited for other work is written behind later moments.
_LONGEST_WAIT = timedelta(minutes=15)

NamedChange = tuple[str, Change]


def last_serial(world: World, who: Who) -> int:
    """The newest serial of the index; 0 before there is any."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        return tx.ledger.last()


def changes_after(
    world: World, who: Who, serial: int, *, since: datetime | None = None
) -> Iterator[Sequence[NamedChange]]:
    """The changes of greater serials, each with its project's name, in windows.

    It ends after the change with which ``MOST_ROWS`` actions are told: ask again from there. ``since`` leaves out
    what is not later.
    """
    require_index_reader(world, who)
    return _changes_after(world, serial, since)


def _changes_after(world: World, serial: int, since: datetime | None) -> Iterator[Sequence[NamedChange]]:
    told = 0
    while told < MOST_ROWS:
        with world.store.read() as tx:
            window, serial, is_last = _window(tx, serial)
        shown: list[NamedChange] = []
        for name, change in window:
            if told < MOST_ROWS and (since is None or change.at > since):
                shown.append((name, change))
                told += len(change.actions)
        yield shown
        if is_last:
            return


def serial_before(world: World, who: Who, moment: datetime) -> int:
    """A serial after which everything stands that bears a later moment; found in a few dozen look-ups."""
    require_index_reader(world, who)
    moment -= _LONGEST_WAIT
    with world.store.read() as tx:
        # Everything up to ``low`` is earlier, everything behind ``high`` is not.
        low, high = 0, tx.ledger.last()
        while low < high:
            middle = (low + high + 1) // 2
            entry = next(tx.ledger.entries(after=middle - 1, limit=1))
            low, high = (middle, high) if written_at(entry) < moment else (low, middle - 1)
        return low


def listed_projects(world: World, who: Who) -> Iterator[Sequence[ListedProject]]:
    """Every listed project by name with the serial of its last change, in windows."""
    return _listed_projects(world, last_serial(world, who))


def _listed_projects(world: World, head: int) -> Iterator[Sequence[ListedProject]]:
    first = ""
    while True:
        with world.store.read() as tx:
            window = tx.projects.listed(first, None, limit=_PROJECTS_AT_ONCE + 1)
        shown = window[:_PROJECTS_AT_ONCE]
        yield [project._replace(serial=min(project.serial, head)) for project in shown]
        if len(window) <= _PROJECTS_AT_ONCE:
            return
        first = window[_PROJECTS_AT_ONCE].normalized


def _window(tx: Transaction, serial: int) -> tuple[list[NamedChange], int, bool]:
    entries = list(tx.ledger.entries(after=serial, limit=_ENTRIES_AT_ONCE))
    changes = [change for entry in entries if (change := change_of(entry)) is not None]
    projects = tx.projects.named({change.project for change in changes})
    told = [
        (projects[change.project].name.display, change)
        for change in changes
        if not projects[change.project].is_private
    ]
    return told, entries[-1].seq if entries else serial, len(entries) < _ENTRIES_AT_ONCE
