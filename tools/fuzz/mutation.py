"""Inputs changed at random, the same way for the same seed: for machines without a fuzzer that sees coverage."""

from collections.abc import Iterator, Sequence
from random import Random

MAX_BYTES = 64 * 1024

_TELLING = (
    b"\0",
    b"\xff",
    b"\r",
    b"\n",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xe2\x80\xae",
    b"%",
    b'"',
    b"<",
)


def mutants(seeds: Sequence[bytes], words: Sequence[bytes], named: str) -> Iterator[bytes]:
    """The seeds themselves, then changed ones without end; the same ones for the same name."""
    random = Random(named)  # noqa: S311 - the same run again is the point
    yield from seeds
    while True:
        data = bytearray(random.choice(seeds))
        for _ in range(random.choice((1, 1, 2, 3, 5, 8))):
            _change(data, seeds, words, random)
        yield bytes(data[:MAX_BYTES])


def _change(data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes], random: Random) -> None:
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.choice((1, 2, 4, 16, 64, 512)))
    match random.randrange(7):
        case 0 if at < len(data):
            data[at] ^= 1 << random.randrange(8)
        case 1 if at < len(data):
            data[at] = random.randrange(256)
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end] * random.choice((1, 2, 50))
        case 4:
            data[at:at] = random.choice((*words, *_TELLING))
        case 5:
            data[at:end] = random.choice((*words, *_TELLING))
        case _:
            other = random.choice(seeds)
            start = random.randrange(len(other) + 1)
            data[at:end] = other[start : start + random.choice((4, 64, 1024))]
