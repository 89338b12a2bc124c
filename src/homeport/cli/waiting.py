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
from homeport.domain.errors import Unavailable
from homeport.domain.rehost import Bytes, Decision, State
from homeport.flows.rehost.review import RehostView
from homeport.ports.clock import Clock

_POLL_SECONDS = 0.15
_NOBODY_AFTER = 10.0
_GIVE_UP_AFTER = 60.0


def wait_while(look: Callable[[], RehostView], clock: Clock, *, is_quiet: bool) -> None:
    """Return when no worker is at it any more; ``Unavailable`` when none takes it. The work stays in the queue."""
    waited = 0.0
    warned = False
    with _progress(is_quiet=is_quiet) as progress:
        task = progress.add_task("waiting for the worker", total=None)
        while (view := look()).rehost.state.is_running:
            done, total, what = _stand(view)
            progress.update(task, description=what, completed=done, total=total or None)
            clock.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            if waited > _NOBODY_AFTER and not _is_begun(view):
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


def _is_begun(view: RehostView) -> bool:
    return view.rehost.state is State.PUBLISHING or bool(view.plan.visits or view.plan.items)
