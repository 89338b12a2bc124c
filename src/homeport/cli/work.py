"""The worker's process: one at a time for each home."""

import fcntl
import sys

from homeport.cli.context import settings
from homeport.cli.errors import tell_refusal
from homeport.cli.orphan import end_with_parent
from homeport.domain.errors import Conflict, Refusal
from homeport.observe.events import set_up_logs


def work() -> None:
    """Work until told to stop; refuses when another worker holds this home."""
    from homeport.wiring import prepare, worker_parts
    from homeport.worker.run import run_worker

    set_up_logs()
    chosen = settings()
    prepare(chosen)
    world, open_engine, stamp, lock = worker_parts(chosen)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another worker is at work for {chosen.store.home}: one is enough, it does several things at once.",
                code="worker-running",
            ) from None
        run_worker(world, open_engine, stamp)


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            end_with_parent(int(sys.argv[1]))
        work()
    except Refusal as refusal:
        sys.exit(tell_refusal(refusal, as_json=False))
