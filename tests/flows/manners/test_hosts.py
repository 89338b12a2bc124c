"""What administrators see of hosts, and decide about them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.world import Fakes, add_person, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from homeport.domain.ledger import Kind
from homeport.domain.manners import Host, HostState, Politeness, Taken
from homeport.domain.urls import Url
from homeport.flows.manners.hosts import (
    PAGE_LENGTH,
    HostView,
    freeze_host,
    list_hosts,
    rest_host,
    show_host,
    unfreeze_host,
    unfreeze_now,
    wake_host,
)
from homeport.flows.manners.turns import Turns
from homeport.ports.fetch import PLAIN_GET, FetchLimits
from homeport.ports.world import World

NAME = "files.example.org"
HOUR = timedelta(hours=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world in which one host failed."""
    with fake_world(tmp_path) as fakes:
        now = fakes.clock.now()
        with fakes.store.write() as tx:
            tx.hosts.put(Host(NAME, asked_at=now, failures=3, resting_until=now + HOUR, problem="timed-out"))
            tx.hosts.take(NAME, now.date(), 5)
            tx.hosts.take("*.example.org", now.date(), 7)
        yield fakes


@pytest.fixture
def admin(fakes: Fakes) -> Caller:
    """An administrator."""
    return Caller(add_person(fakes.world, "root", is_admin=True))


def kinds(fakes: Fakes) -> list[str]:
    """What the ledger tells."""
    with fakes.store.read() as tx:
        return [
            sealed.body.decode().partition('"kind":"')[2].partition('"')[0] for sealed in tx.ledger.entries()
        ]


def test_a_view(fakes: Fakes, admin: Caller) -> None:
    """How it stands, and what was taken today from it and from its domain; by its name or any URL there."""
    for name in (NAME, f"https://{NAME}/a/b?c", f" {NAME.upper()}"[1:], f"{NAME}:443", f"{NAME}:80"):
        view = show_host(fakes.world, admin, name)
        assert (view.host.name, view.state, view.domain) == (NAME, HostState.RESTING, "example.org")
        assert view.taken == Taken(5, 7)


def test_a_list(fakes: Fakes) -> None:
    """A page at a time, by name, by state and by a part of the name; the shell needs nobody's name."""
    with fakes.store.write() as tx:
        for number in range(PAGE_LENGTH):
            tx.hosts.put(Host(f"host{number:02}.test"))
    first = list_hosts(fakes.world, None)
    assert (len(first.hosts), first.after) == (PAGE_LENGTH, "host48.test")
    second = list_hosts(fakes.world, None, after=first.after)
    assert ([view.host.name for view in second.hosts], second.after) == (["host49.test"], "")
    resting = list_hosts(fakes.world, None, HostState.RESTING, "files")
    assert [view.host.name for view in resting.hosts] == [NAME]
    assert list_hosts(fakes.world, None, HostState.FROZEN).hosts == []


def test_freezing_and_unfreezing(fakes: Fakes, admin: Caller) -> None:
    """Each is one entry with its reason; who comes second is told whose reason holds, and nothing is written."""
    view = freeze_host(fakes.world, admin, "https://new.test/", "  Its domain was sold. ")
    assert view.state is HostState.FROZEN
    assert view.host.frozen
    assert (view.host.frozen.by, view.host.frozen.reason) == ("root", "Its domain was sold.")
    with pytest.raises(Conflict) as refused:
        freeze_host(fakes.world, admin, "new.test", "It answers with malware.")
    assert refused.value.code == "frozen-already"
    assert refused.value.sentence == "new.test is frozen already, by root: “Its domain was sold.”."
    assert unfreeze_host(fakes.world, admin, "new.test", "It was a mistake.").state is HostState.READY
    with pytest.raises(Conflict, match="is not frozen"):
        unfreeze_host(fakes.world, admin, "new.test", "It was bought back.")
    assert kinds(fakes) == [Kind.HOST_FROZEN, Kind.HOST_UNFROZEN]


def test_an_unfreezing_that_comes_too_late(fakes: Fakes, admin: Caller) -> None:
    """Who decides about a host that is not frozen any more is told so, and nothing is written."""
    with fakes.store.write() as tx, pytest.raises(Conflict, match="is not frozen"):
        unfreeze_now(tx, admin, NAME, "It was a mistake.", fakes.clock.now())
    assert kinds(fakes) == []


def test_a_rest_and_its_end(fakes: Fakes, admin: Caller) -> None:
    """A host rests until the moment that was said, and is awake when somebody says so; each is one entry."""
    now = fakes.clock.now()
    view = rest_host(fakes.world, admin, NAME, now + 9 * HOUR)
    assert (view.host.resting_until, view.host.problem) == (now + 9 * HOUR, "rest ordered by root")
    for _ in range(2):
        view = wake_host(fakes.world, admin, NAME)
        assert (view.state, view.host.failures, view.host.problem) == (HostState.READY, 0, "")
    assert kinds(fakes) == [Kind.HOST_REST_CHANGED] * 2


def test_t41_a_rest_that_is_ordered_after_the_clock_went_back(fakes: Fakes, admin: Caller) -> None:
    """T-41: what was known of the host goes back with the clock; the rest that was just ordered does not."""
    url = Url.parse(f"https://{NAME}/")
    fakes.clock.advance(-240 * HOUR)
    until = fakes.clock.now() + 9 * HOUR
    rest_host(fakes.world, admin, NAME, until)
    away = Turns(fakes.store, fakes.clock, Politeness(), FetchLimits(1)).before(url, PLAIN_GET)
    assert away is not None
    assert (away.code, away.retry_after_seconds) == ("host-resting", 9 * 3600)


def test_failures_are_forgotten_before_they_are_a_rest(fakes: Fakes, admin: Caller) -> None:
    """Two failures are forgotten as well."""
    with fakes.store.write() as tx:
        tx.hosts.put(Host("two.test", failures=2, problem="timed-out"))
    assert wake_host(fakes.world, admin, "two.test").host == Host("two.test")


@pytest.mark.parametrize("hours", [-1, 0, 24 * 366])
def test_a_rest_has_bounds(fakes: Fakes, admin: Caller, hours: int) -> None:
    """A rest ends in the future, and within a year."""
    with pytest.raises(Invalid) as refused:
        rest_host(fakes.world, admin, NAME, fakes.clock.now() + hours * HOUR)
    assert refused.value.code == "rest-invalid"


def test_a_frozen_host_is_not_woken(fakes: Fakes, admin: Caller) -> None:
    """Ending a rest would not let it be asked: that is told."""
    freeze_host(fakes.world, admin, NAME, "Stop.")
    with pytest.raises(Conflict):
        wake_host(fakes.world, admin, NAME)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_reason_is_wanted(fakes: Fakes, admin: Caller, reason: str) -> None:
    """T-33: nothing is frozen or unfrozen without one."""
    for change in (freeze_host, unfreeze_host):
        with pytest.raises(Invalid) as refused:
            change(fakes.world, admin, NAME, reason)
        assert refused.value.code == "reason-missing"


@pytest.mark.parametrize(
    "name", ["", "a b", "example.org/path", "ftp://example.org/", "exa_mple..org", "example.org:99999"]
)
def test_what_is_no_host(fakes: Fakes, admin: Caller, name: str) -> None:
    """A name that no URL could have is refused, and nothing is remembered of it."""
    with pytest.raises(Invalid):
        freeze_host(fakes.world, admin, name, "Stop.")
    assert len(list_hosts(fakes.world, admin).hosts) == 1


def test_unknown_hosts(fakes: Fakes, admin: Caller) -> None:
    """Where nothing was ever asked there is nothing to show, to unfreeze or to wake."""
    with pytest.raises(NotFound):
        show_host(fakes.world, admin, "nowhere.test")
    with pytest.raises(NotFound):
        unfreeze_host(fakes.world, admin, "nowhere.test", "Why not.")
    with pytest.raises(NotFound):
        wake_host(fakes.world, admin, "nowhere.test")


Deed = Callable[[World, Caller], object]
DEEDS: dict[str, Deed] = {
    "list": list_hosts,
    "show": lambda world, by: show_host(world, by, NAME),
    "freeze": lambda world, by: freeze_host(world, by, NAME, "Stop."),
    "unfreeze": lambda world, by: unfreeze_host(world, by, NAME, "Go."),
    "rest": lambda world, by: rest_host(world, by, NAME, world.clock.now() + HOUR),
    "wake": lambda world, by: wake_host(world, by, NAME),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_only_administrators(fakes: Fakes, deed: str) -> None:
    """Nobody else sees or changes anything."""
    with pytest.raises(Forbidden):
        DEEDS[deed](fakes.world, Caller(add_person(fakes.world, "ada")))
    assert kinds(fakes) == []


@pytest.mark.parametrize("deed", ["freeze", "unfreeze", "rest", "wake"])
def test_who_was_an_administrator(fakes: Fakes, admin: Caller, deed: str) -> None:
    """Rights are looked at again where they count."""
    with fakes.store.write() as tx:
        tx.users.disable(admin.user.id, fakes.clock.now())
    with pytest.raises(Unauthenticated):
        DEEDS[deed](fakes.world, admin)


def test_views_are_values(fakes: Fakes, admin: Caller) -> None:
    """What was shown does not change with what it shows."""
    before: HostView = show_host(fakes.world, admin, NAME)
    wake_host(fakes.world, admin, NAME)
    assert before == replace(before)
    assert before.state is HostState.RESTING
