"""Long lists, piece by piece: each piece is read by itself, so that who takes a file slowly keeps nothing open."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from homeport.ports.store import Transaction
from homeport.ports.world import World

T = TypeVar("T")
K = TypeVar("K")
AT_ONCE: Final = 500


def pieces(
    world: World, read: Callable[[Transaction, K], Sequence[T]], place: Callable[[T], K], begin: K
) -> Iterator[Sequence[T]]:
    """All that ``read`` finds; it is given ``begin`` first, and then the ``place`` of the last one that it found."""
    while True:
        with world.store.read() as tx:
            found = read(tx, begin)
        if not found:
            return
        yield found
        begin = place(found[-1])
