"""How many projects were in each mode at the end of every day: counted when the day is over, and kept.

A day that is missing, because nobody was there to count, is counted later from what the rows say of it, and is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from homeport.domain.account import Caller
from homeport.domain.dashboard import ModeDay, last_settled_day, mode_days
from homeport.domain.rights import require_admin
from homeport.ports.store import Transaction
from homeport.ports.world import World


def keep_mode_days(world: World) -> int:
    """Count and keep the days that are over and are not kept yet; how many that were."""
    until = last_settled_day(world.clock.now())
    # Counted outside of the write, which nobody then waits for: a day that is over counts the same for whoever counts it.
    with world.store.read() as tx:
        last = tx.overview.last_mode_day()
        if last is not None and last.day >= until:
            return 0
        days = mode_days(last, tx.overview.mode_changes(after=last.day if last else None), until)
    if not days:
        return 0
    with world.store.write() as tx:
        return tx.overview.keep_mode_days(days)


@dataclass(frozen=True, slots=True)
class DayFilter:
    """Which days are asked for; what is empty leaves nothing out."""

    since: date | None = None
    until: date | None = None


def list_mode_days(world: World, by: Caller | None, wanted: DayFilter) -> Sequence[ModeDay]:
    """The days that are asked for, oldest first; today is how it stands now."""
    if by is not None:
        require_admin(by)
    with world.store.read() as tx:
        return modes_between(tx, wanted, world.clock.now().date())


def modes_between(tx: Transaction, wanted: DayFilter, today: date) -> Sequence[ModeDay]:
    """The same within a read that others begin: kept days, and those behind them from what changed since."""
    last = tx.overview.last_mode_day()
    kept = tx.overview.mode_days(since=wanted.since, until=wanted.until)
    later = mode_days(last, tx.overview.mode_changes(after=last.day if last else None), today)
    return [*kept, *(one for one in later if _is_wanted(one.day, wanted))]


def _is_wanted(day: date, wanted: DayFilter) -> bool:
    return (wanted.since is None or day >= wanted.since) and (wanted.until is None or day <= wanted.until)
