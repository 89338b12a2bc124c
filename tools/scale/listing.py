"""The list of all projects: its cost grows with the index, so it is told, and no ratio is wanted.

1. After a change the list is put together when it is asked for; then it is read from where it lies.
2. Eight clients read it at once, and the server's memory is watched meanwhile.
"""

import http.client
import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tools.bench.processes import MemoryWatch
from tools.scale.changes import Changer, touch
from tools.scale.figures import Cost, Figure, Group, Size
from tools.scale.servers import Side
from tools.scale.traffic import JSON_TYPE

ROUNDS = 3
READERS = 8
FORMS: Mapping[str, str] = {"JSON": JSON_TYPE, "HTML": "text/html"}
CODINGS = ("gzip", "identity")
_PATIENCE_SECONDS = 300
_AT_ONCE_BYTES = 1 << 18


@dataclass(frozen=True)
class Reading:
    """One answer, read to its end."""

    first_byte_seconds: float
    whole_seconds: float
    size_bytes: int


def measure_list(
    form: str, coding: str, sides: tuple[Side, Side], changers: tuple[Changer, Changer]
) -> Group:
    """The list in one form and coding on both, in turns."""
    headers = {"Accept": FORMS[form], "Accept-Encoding": coding}
    anew: dict[str, list[Reading]] = {side.home.kind: [] for side in sides}
    kept: dict[str, list[Reading]] = {side.home.kind: [] for side in sides}
    for turn in range(ROUNDS):
        for side, changer in zip(sides, changers, strict=True):
            touch(changer, turn)
            anew[side.home.kind].append(read_list(side, headers))
            kept[side.home.kind].append(read_list(side, headers))
    rises = [_rise(side, headers) for side in sides]
    large, small = (side.home.kind for side in sides)
    return Group(
        f"The list of all projects, {form}, {coding}",
        (
            Size("bytes", "MB", kept[large][0].size_bytes / 1e6, kept[small][0].size_bytes / 1e6),
            _first_bytes("first byte after a change", anew[large], anew[small]),
            _first_bytes("first byte, nothing changed", kept[large], kept[small]),
            Size("MB a second while one reads it", "MB/s", _speed(kept[large]), _speed(kept[small])),
            Size(f"more memory while {READERS} read it", "MB", rises[0] / 1e6, rises[1] / 1e6),
        ),
    )


def read_list(side: Side, headers: Mapping[str, str]) -> Reading:
    """Read the list once."""
    connection = http.client.HTTPConnection("127.0.0.1", side.server.port, timeout=_PATIENCE_SECONDS)
    try:
        began = time.perf_counter()
        connection.request("GET", "/simple/", headers=dict(headers))
        answer = connection.getresponse()
        size = len(answer.read(1))
        first = time.perf_counter() - began
        while piece := answer.read(_AT_ONCE_BYTES):
            size += len(piece)
        return Reading(first, time.perf_counter() - began, size)
    finally:
        connection.close()


def _rise(side: Side, headers: Mapping[str, str]) -> int:
    """How much more memory the server takes at most while all read at once."""
    with MemoryWatch(side.server.pid) as memory:
        readers = [threading.Thread(target=read_list, args=(side, headers)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    return memory.rise_bytes


def _first_bytes(what: str, large: list[Reading], small: list[Reading]) -> Figure:
    costs = [
        Cost(statistics.median(reading.first_byte_seconds for reading in side)) for side in (large, small)
    ]
    return Figure(what, costs[0], costs[1], is_bounded=False)


def _speed(readings: list[Reading]) -> float:
    return statistics.median(reading.size_bytes / reading.whole_seconds / 1e6 for reading in readings)
