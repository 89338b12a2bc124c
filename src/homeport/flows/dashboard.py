"""The whole index on one page, and the lists behind it, for who administers it.

Each list is there a page at a time, and whole for a file to keep. The shell shows it to whoever runs the index (ADR 0004).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.campaign import Stand
from homeport.domain.dashboard import (
    SOON,
    Alarms,
    Dashboard,
    ExternalLinks,
    HostHealth,
    MailStand,
    ModeDay,
    ProjectStand,
)
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Rehost, State
from homeport.domain.rights import require_admin
from homeport.flows.mode_days import DayFilter, modes_between
from homeport.ports.overview import StandFilter
from homeport.ports.store import Transaction
from homeport.ports.watches import EventFilter
from homeport.ports.world import World

PAGE_LENGTH: Final = 100
SHOWN_DAYS: Final = 90
_FEW: Final = 5
_HOSTS: Final = 10
_AT_ONCE: Final = 1_000


def show_dashboard(world: World, by: Caller | None, *, days: int = SHOWN_DAYS) -> Dashboard:
    """How the index stands now, and how its modes were during the last ``days``."""
    _require_right(by)
    now = world.clock.now()
    today = now.date()
    with world.store.read() as tx:
        modes = modes_between(tx, DayFilter(since=today - timedelta(days=days - 1)), today)
        alarms = tx.overview.alarms(now - SOON)
        ends = [tx.exemptions.live(project_id) for project_id in tx.overview.next_ends(limit=_FEW)]
        return Dashboard(
            at=now,
            modes=modes or [ModeDay(today, dict.fromkeys(HostingMode, 0))],
            lingering=tx.overview.stands(StandFilter(mode=HostingMode.EXT), limit=_FEW),
            external=_external_links(tx, alarms, now),
            campaigns=tx.campaigns.every(limit=_FEW),
            exemptions=tx.overview.exemptions(today + SOON),
            next_to_end=[exemption for exemption in ends if exemption is not None],
            rehosts=tx.overview.open_rehosts(),
            queues=tx.overview.queues(),
            hosts=tx.overview.hosts(now),
            mails=MailStand(tx.mails.are_sent, tx.mails.waiting(), tx.overview.troubled_mails()),
            alarms=alarms,
            newest_alarms=tx.watches.events(EventFilter(), limit=_FEW),
        )


def _external_links(tx: Transaction, alarms: Sequence[Alarms], now: datetime) -> ExternalLinks | None:
    survey = tx.surveys.newest_of_all()
    report = tx.surveys.report(survey.id) if survey else None
    if survey is None or report is None:
        return None
    told: dict[str, int] = {}
    for alarm in alarms:
        told[alarm.host] = told.get(alarm.host, 0) + alarm.count
    hosts = [
        HostHealth(
            one.host,
            one.projects,
            one.links,
            one.dead,
            tx.hosts.find(one.host).state(now),
            told.get(one.host, 0),
        )
        for one in report.hosts_by_projects[:_HOSTS]
    ]
    return ExternalLinks(survey, report, hosts)


@dataclass(frozen=True, slots=True)
class ListedStands:
    """Some projects; ``after`` asks for those that follow, and is empty when there are none."""

    stands: Sequence[ProjectStand]
    after: str


def list_stands(world: World, by: Caller | None, wanted: StandFilter) -> ListedStands:
    """How projects are hosted, by name, a page at a time."""
    _require_right(by)
    with world.store.read() as tx:
        found = tx.overview.stands(wanted, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return ListedStands(shown, shown[-1].project if len(found) > PAGE_LENGTH else "")


def every_stand(world: World, by: Caller | None, wanted: StandFilter) -> Iterator[Sequence[ProjectStand]]:
    """All of them, piece by piece: there may be very many."""
    _require_right(by)

    def pieces() -> Iterator[Sequence[ProjectStand]]:
        asked = wanted
        while True:
            with world.store.read() as tx:
                found = tx.overview.stands(asked, limit=_AT_ONCE)
            if not found:
                return
            yield found
            asked = replace(asked, after=found[-1].project)

    return pieces()


@dataclass(frozen=True, slots=True)
class ListedRehosts:
    """Some rehosts; ``before`` asks for those that follow, and is 0 when there are none."""

    rehosts: Sequence[Rehost]
    before: int


def list_every_rehost(
    world: World, by: Caller | None, project: str = "", state: State | None = None, *, before: int = 0
) -> ListedRehosts:
    """Rehosts of all projects, newest first, a page at a time."""
    _require_right(by)
    with world.store.read() as tx:
        found = tx.rehosts.listed(project, state, before=before, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return ListedRehosts(shown, shown[-1].id if len(found) > PAGE_LENGTH else 0)


def every_rehost(
    world: World, by: Caller | None, project: str = "", state: State | None = None
) -> Iterator[Sequence[Rehost]]:
    """All of them, piece by piece."""
    _require_right(by)

    def pieces() -> Iterator[Sequence[Rehost]]:
        before = 0
        while True:
            with world.store.read() as tx:
                found = tx.rehosts.listed(project, state, before=before, limit=_AT_ONCE)
            if not found:
                return
            yield found
            before = found[-1].id

    return pieces()


def now_in_mode(world: World, by: Caller | None, mode: HostingMode) -> int:
    """How many projects are in that mode."""
    _require_right(by)
    today = world.clock.now().date()
    with world.store.read() as tx:
        return sum(day.projects[mode] for day in modes_between(tx, DayFilter(since=today), today))


def campaign_progress(world: World, by: Caller | None, campaign_id: int) -> Sequence[tuple[date, Stand, int]]:
    """How many projects of a campaign came to stand so on which day."""
    _require_right(by)
    with world.store.read() as tx:
        return tx.overview.campaign_days(campaign_id)


def _require_right(by: Caller | None) -> None:
    if by is not None:
        require_admin(by)
