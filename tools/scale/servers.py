"""Both indexes as ``homeport serve`` starts them, each on the same core; how fast they begin, and what they hold in memory."""

import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.bench.processes import Command, Server, free_port, running, tree
from tools.scale.figures import Figure, Size, cost_of
from tools.scale.homes import HOMEPORT, Home

STARTS = 5
_IDLE_SECONDS = 5
_PATIENCE_SECONDS = 60
_LOOK_SECONDS = 0.002


@dataclass(frozen=True)
class Side:
    """One of the two: its home, and its server."""

    home: Home
    server: Server

    def page(self, number: int) -> str:
        """The address of a project's page."""
        return page_path(self.home, number)


@dataclass(frozen=True)
class Memory:
    """What a server's processes hold: of their own, and of the database's file, which the kernel takes back at will."""

    own_bytes: int
    mapped_bytes: int


def page_path(home: Home, number: int) -> str:
    """The address of a project's page."""
    return f"/simple/{home.names[number].normalized}/"


@contextmanager
def both_running(homes: Sequence[Home], core: int) -> Iterator[tuple[Side, Side]]:
    """The large and the small index, web and worker."""
    with ExitStack() as stack:
        large, small = (stack.enter_context(_running(home, core)) for home in homes)
        for side in (large, small):
            side.server.ask(side.page(0))
        yield large, small


@contextmanager
def _running(home: Home, core: int) -> Iterator[Side]:
    port = free_port()
    environment = {"HOMEPORT_HOME": str(home.folder), "HOMEPORT_PORT": str(port)}
    command = Command((HOMEPORT, "serve", "--quiet"), environment)
    with running(home.kind, command, port, core, home.folder / "server.log", "/simple/") as server:
        yield Side(home, server)


def measure_starts(homes: Sequence[Home], core: int) -> Figure:
    """From the command to the first page."""
    taken: dict[str, list[float]] = {home.kind: [] for home in homes}
    for number in range(STARTS + 1):
        for home in homes:
            began = time.monotonic()
            with _running(home, core) as side:
                _wait_for_a_page(side, began)
                if number:
                    taken[home.kind].append(time.monotonic() - began)
    large, small = (cost_of(taken[home.kind]) for home in homes)
    return Figure("from the command to the first page", large, small)


def memory_of(server: Server) -> Memory:
    """What all processes of a server hold now; what several share counts once."""
    own = mapped = 0
    for process in tree(server.pid):
        with suppress(OSError):
            said = Path(f"/proc/{process}/smaps_rollup").read_text()
            own += _field(said, "Pss_Anon")
            mapped += _field(said, "Pss_File") + _field(said, "Pss_Shmem")
    return Memory(own, mapped)


def idle_memory(large: Side, small: Side) -> list[Size]:
    """What both hold after a while without a request."""
    time.sleep(_IDLE_SECONDS)
    return memory_sizes("idle", memory_of(large.server), memory_of(small.server))


def memory_sizes(when: str, large: Memory, small: Memory) -> list[Size]:
    """Memory as figures; what is mapped is the kernel's, and no ratio is wanted of it."""
    return [
        Size(
            f"memory of their own, {when}",
            "MB",
            large.own_bytes / 1e6,
            small.own_bytes / 1e6,
            is_bounded=True,
        ),
        Size(f"files mapped into memory, {when}", "MB", large.mapped_bytes / 1e6, small.mapped_bytes / 1e6),
    ]


def _wait_for_a_page(side: Side, began: float) -> None:
    while time.monotonic() < began + _PATIENCE_SECONDS:
        with suppress(OSError, http.client.HTTPException):
            status, _, _ = side.server.ask(side.page(0))
            if status == http.HTTPStatus.OK:
                return
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError(f"the {side.home.kind} index gave no page within {_PATIENCE_SECONDS} seconds")


def _field(rollup: str, name: str) -> int:
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith(f"{name}:"))
