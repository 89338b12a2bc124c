"""Waiting for a worker, with something to look at."""

from collections.abc import Callable

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from homeport.cli.output import errors
from homeport.domain.rehost import Bytes, Decision, State
from homeport.flows.rehost.review import RehostView
from homeport.ports.clock import Clock

_POLL_SECONDS = 0.15
_NOBODY_AFTER = 15.0


def wait_while(look: Callable[[], RehostView], clock: Clock, *, is_quiet: bool) -> None:
    """Return when no worker is at it any more; say so when none seems to be there."""
    waited = 0.0
    warned = False
    with _progress(is_quiet=is_quiet) as progress:
        task = progress.add_task("waiting for the worker", total=None)
        while (view := look()).rehost.state.is_running:
            done, total, what = _stand(view)
            progress.update(task, description=what, completed=done, total=total or None)
            clock.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            if not warned and waited > _NOBODY_AFTER and not view.plan.visits and not view.plan.items:
                warned = True
                errors.print("Still waiting: is a worker running? Start one with: homeport worker")


def _progress(*, is_quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=is_quiet or not errors.is_terminal,
    )


def _stand(view: RehostView) -> tuple[int, int, str]:
    items = view.plan.items
    if view.rehost.state is State.PLANNING:
        done = [item for item in items if item.bytes is not Bytes.WANTED]
        return len(done), len(items), "fetching and inspecting" if items else "looking for files"
    accepted = [item for item in items if item.decision is Decision.ACCEPT]
    return sum(item.is_published for item in accepted), len(accepted), "publishing"
