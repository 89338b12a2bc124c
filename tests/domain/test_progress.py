"""How far a rehost is, host by host."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW

from homeport.domain.manners import Frozen, Host
from homeport.domain.progress import Fetching, HostProgress, ItemStand, progress_of, wait_at
from homeport.domain.rehost import Bytes, Decision


def stand(
    host: str = "a.test",
    bytes_: Bytes = Bytes.WANTED,
    size: int | None = None,
    decision: Decision = Decision.UNDECIDED,
    *,
    is_published: bool = False,
) -> ItemStand:
    """An item as progress knows it."""
    return ItemStand(host, bytes_, size, decision, is_published)


def fetching(
    host: str = "a.test",
    received: int = 100,
    total: int | None = None,
    waiting_for: str = "",
    seconds: float = 2.0,
    ago: float = 0.0,
) -> Fetching:
    """A fetch that was told of ``ago`` seconds ago, ``seconds`` after it began."""
    told = NOW - timedelta(seconds=ago)
    return Fetching(1, 1, host, received, total, waiting_for, told - timedelta(seconds=seconds), told)


def one_host(*stands: ItemStand, fetches: tuple[Fetching, ...] = (), wait: str = "") -> HostProgress:
    """The progress at the one host there is."""
    (host,) = progress_of(stands, fetches, {"a.test": wait} if wait else {}, NOW).hosts
    return host


def test_nothing_is_nothing() -> None:
    """A plan without items has no hosts, and is neither done nor not."""
    nothing = progress_of((), (), {}, NOW)
    assert (nothing.hosts, nothing.done, nothing.total, nothing.received_bytes) == ((), 0, 0, 0)
    assert (nothing.total_bytes, nothing.bytes_per_second, nothing.accepted, nothing.published) == (
        0,
        0,
        0,
        0,
    )


def test_hosts_that_are_not_done_come_first() -> None:
    """Files are counted where they come from; what is only listed is not on its way."""
    progress = progress_of(
        [
            stand("b.test"),
            stand("a.test", Bytes.HERE, 10),
            stand("c.test", Bytes.LISTED, 999),
            stand("d.test", Bytes.REFUSED),
            stand("b.test", Bytes.UNREACHABLE, 5),
        ],
        [],
        {},
        NOW,
    )
    assert [(host.host, host.done, host.total, host.is_done) for host in progress.hosts] == [
        ("b.test", 1, 2, False),
        ("a.test", 1, 1, True),
        ("d.test", 1, 1, True),
    ]
    assert (progress.done, progress.total, progress.received_bytes) == (3, 4, 10)


@pytest.mark.parametrize(
    ("stands", "fetches", "expected"),
    [
        # What is known adds up.
        ([stand(size=30), stand(bytes_=Bytes.HERE, size=10)], [], (10, 40)),
        # An unknown size leaves the sum unknown, whatever the order.
        ([stand(size=30), stand()], [], (0, None)),
        ([stand(), stand(size=30)], [], (0, None)),
        # The only file that is missing: its site told its size.
        ([stand(), stand(bytes_=Bytes.HERE, size=10)], [fetching(received=3, total=50)], (13, 60)),
        ([stand()], [fetching(received=3)], (3, None)),
        # More came than was told.
        ([stand(size=30)], [fetching(received=70)], (70, 70)),
        # Nothing of what could not be had is waited for.
        ([stand(bytes_=Bytes.UNREACHABLE)], [], (0, 0)),
    ],
)
def test_bytes(stands: list[ItemStand], fetches: list[Fetching], expected: tuple[int, int | None]) -> None:
    """Bytes that are here and on their way, and how many there will be, where that is known."""
    host = one_host(*stands, fetches=tuple(fetches))
    assert (host.received_bytes, host.total_bytes) == expected
    progress = progress_of(stands, fetches, {}, NOW)
    assert (progress.received_bytes, progress.total_bytes) == expected


def test_an_unknown_size_leaves_the_sum_unknown() -> None:
    """While one host does not tell, nobody knows how much there is."""
    assert progress_of([stand("a.test"), stand("b.test", size=4)], [], {}, NOW).total_bytes is None


@pytest.mark.parametrize(
    ("told", "rate"),
    [
        (fetching(received=100, seconds=2), 50.0),
        (fetching(received=100, seconds=0), 0.0),
        (fetching(received=100, seconds=2, ago=4.9), 50.0),
        (fetching(received=100, seconds=2, ago=5), 0.0),
    ],
)
def test_rates(told: Fetching, rate: float) -> None:
    """Bytes a second since the fetch began; a fetch that was not heard of for a while has none."""
    assert one_host(stand(), fetches=(told,)).bytes_per_second == rate
    assert progress_of([stand()], [told], {}, NOW).bytes_per_second == rate


@pytest.mark.parametrize(
    ("fetches", "wait", "bytes_", "told"),
    [
        ((), "", Bytes.WANTED, "its turn"),
        ((), "", Bytes.HERE, ""),
        ((), "it rests", Bytes.WANTED, "it rests"),
        ((), "it rests", Bytes.HERE, ""),
        ((fetching(received=0, waiting_for="a pause"),), "it rests", Bytes.WANTED, "a pause"),
        ((fetching(),), "the next turn at this host", Bytes.WANTED, ""),
        ((fetching(received=0),), "", Bytes.WANTED, ""),
    ],
)
def test_waits(fetches: tuple[Fetching, ...], wait: str, bytes_: Bytes, told: str) -> None:
    """What a host's files wait for: the fetch knows best, then the host; where bytes come, nothing is waited for."""
    assert one_host(stand(bytes_=bytes_), fetches=fetches, wait=wait).waiting_for == told


def test_published_files_are_counted_of_the_accepted() -> None:
    """What was hosted before, or left out, is no part of what is being published."""
    accepted = [
        stand(bytes_=Bytes.HERE, decision=Decision.ACCEPT, is_published=done) for done in (True, False)
    ]
    others = [stand(bytes_=Bytes.HERE, is_published=True), stand(decision=Decision.LEAVE_OUT)]
    progress = progress_of([*accepted, *others], [], {}, NOW)
    assert (progress.accepted, progress.published) == (2, 1)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (Host("a.test"), ""),
        (Host("a.test", next_at=NOW + timedelta(seconds=1)), "the next turn at this host"),
        (
            Host("a.test", resting_until=NOW + timedelta(seconds=60)),
            "it rests until 05:07:07 UTC",
        ),
        (
            Host("a.test", resting_until=NOW + timedelta(seconds=60), problem="timed-out"),
            "it rests until 05:07:07 UTC (timed-out)",
        ),
        (Host("a.test", frozen=Frozen(NOW, "ada", "It was taken over.")), "it is frozen: It was taken over."),
    ],
)
def test_waits_at_a_host(host: Host, told: str) -> None:
    """Why nobody is served at a host now, in words."""
    assert wait_at(host, NOW) == told
