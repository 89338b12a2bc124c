"""Waiting for a worker, with something to look at: one line for each host that files come from, and one for all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

from homeport.cli.output import errors
from homeport.domain.errors import Unavailable
from homeport.domain.progress import HostProgress, Progress
from homeport.domain.quota import told_size
from homeport.domain.rehost import State
from homeport.flows.rehost.watch import RehostProgress
from homeport.ports.clock import Clock

_POLL_SECONDS = 0.15
_NOBODY_AFTER = 10.0
_GIVE_UP_AFTER = 60.0
# Where lines stay, one is written so often.
_LINE_EVERY = 5.0
_MOST_HOSTS = 12


class _Shows(Protocol):
    def __call__(self, watched: RehostProgress, waited: float) -> None: ...


def wait_while(look: Callable[[], RehostProgress], clock: Clock, *, is_quiet: bool) -> None:
    """Return when no worker is at it any more; ``Unavailable`` when none takes it. The work stays in the queue."""
    waited = 0.0
    warned = False
    with _display(is_quiet=is_quiet) as show:
        while (watched := look()).rehost.state.is_running:
            show(watched, waited)
            clock.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            if waited > _NOBODY_AFTER and not _is_begun(watched):
                if waited > _GIVE_UP_AFTER:
                    raise Unavailable(
                        "No worker took it; it waits in the queue. Start one: homeport serve, or homeport worker.",
                        code="no-worker",
                    )
                if not warned:
                    warned = True
                    errors.print(
                        "Still waiting: the worker is busy, or none is running (homeport serve starts one)."
                    )


def tell_it_goes_on(command: str) -> None:
    """Say, to who waits no longer, that the work does not stop for that, and where it can be watched."""
    errors.print(f"It goes on: {escape(command)}", soft_wrap=True)


@contextmanager
def _display(*, is_quiet: bool) -> Iterator[_Shows]:
    """A picture that changes where there is a terminal, a line now and then where there is none."""
    if is_quiet:
        yield _nothing
    elif not errors.is_terminal:
        lines = Lines()
        yield lambda watched, waited: lines(told(watched), waited)
    else:
        with Live(console=errors, transient=True, refresh_per_second=4) as live:
            spinner = Spinner("dots")

            def show(watched: RehostProgress, waited: float) -> None:  # noqa: ARG001 - it turns by itself
                spinner.update(text=told(watched))
                live.update(Group(*_hosts(watched.progress), spinner))

            yield show


def _nothing(watched: RehostProgress, waited: float) -> None:
    """Nobody looks."""


class Lines:
    """Says how it stands when that is another sentence than before, not more often than every few seconds."""

    def __init__(self) -> None:
        self._said, self._said_at = "", -_LINE_EVERY

    def __call__(self, sentence: str, waited: float) -> None:
        """Say ``sentence`` after so many seconds, if it is time."""
        if sentence != self._said and waited - self._said_at >= _LINE_EVERY:
            errors.print(escape(sentence), soft_wrap=True)
            self._said, self._said_at = sentence, waited


def told(watched: RehostProgress) -> str:
    """What is going on, in one line."""
    progress = watched.progress
    if watched.rehost.state is not State.PLANNING:
        return f"publishing: {progress.published} of {progress.accepted} files"
    if not progress.total:
        return "looking for files" if watched.is_begun else "waiting for the worker"
    waits = [f"{host.host} waits: {host.waiting_for}" for host in progress.hosts if host.waiting_for]
    bytes_told = told_bytes(progress.received_bytes, progress.total_bytes, progress.bytes_per_second)
    return "; ".join([f"{progress.done} of {progress.total} files looked at, {bytes_told}", *waits[:3]])


def told_bytes(received: int, total: int | None, rate: float) -> str:
    """Bytes so far, of how many, and how fast they come."""
    so_far = f"{told_size(received)} of {told_size(total)}" if total is not None else told_size(received)
    return f"{so_far}, {told_size(round(rate))}/s" if rate else so_far


def _hosts(progress: Progress) -> Iterator[Table]:
    table = Table.grid(padding=(0, 2))
    for host in progress.hosts[:_MOST_HOSTS]:
        table.add_row(
            escape(host.host or "no host"),
            ProgressBar(total=host.total, completed=host.done, width=24),
            f"{host.done}/{host.total}",
            told_bytes(host.received_bytes, host.total_bytes, host.bytes_per_second),
            escape(_waits(host)),
        )
    if progress.hosts:
        yield table


def _waits(host: HostProgress) -> str:
    return f"waits: {host.waiting_for}" if host.waiting_for else ""


def _is_begun(watched: RehostProgress) -> bool:
    return watched.rehost.state is State.PUBLISHING or watched.is_begun
