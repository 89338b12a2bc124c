"""Lines of the hosting log: what a move is called, and what nobody is told."""

from datetime import UTC, datetime

import pytest

from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import WHO, Event, HostingLine, event_of

EXT, CACHE, ONLY = HostingMode
OWNER, ADMIN, CLOCK = Mover


@pytest.mark.parametrize(
    ("source", "target", "mover", "event"),
    [
        (ONLY, EXT, ADMIN, Event.EXEMPTION_GIVEN),
        (CACHE, EXT, ADMIN, Event.EXEMPTION_GIVEN),
        (EXT, ONLY, ADMIN, Event.EXEMPTION_ENDED),
        (EXT, ONLY, CLOCK, Event.EXEMPTION_ENDED),
        (EXT, ONLY, OWNER, Event.MOVED),
        (EXT, CACHE, OWNER, Event.MOVED),
        (CACHE, ONLY, CLOCK, Event.MOVED),
        (ONLY, CACHE, OWNER, Event.MOVED),
    ],
)
def test_what_a_move_is(source: HostingMode, target: HostingMode, mover: Mover, event: Event) -> None:
    """An exemption begins with the way into pypi-ext; leaving it is an owner's move, or its end."""
    assert event_of(source, target, mover) is event


def test_what_everybody_is_told() -> None:
    """Everybody who may move has a role that is told instead of a name, and no reason holds a mail address."""
    assert WHO.keys() == set(Mover)
    now = datetime(2026, 3, 4, tzinfo=UTC)
    line = HostingLine(7, now, "demo", Event.MOVED, CACHE, ONLY, ADMIN, "See ada@example.org.")
    assert (line.who, line.public_reason) == ("administrator", "See (address).")
