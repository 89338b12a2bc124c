"""The worker process: launch DBOS over our own database, work, stop cleanly."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig

from homeport.flows.rehost.start import resume
from homeport.observe.events import event
from homeport.ports.jobs import QUEUE, Job
from homeport.ports.world import World
from homeport.worker.mails import keep_sending
from homeport.worker.workflows import register_workflows

_AT_ONCE = 4
# Work is asked for through the database; this is how long it waits there at most.
_POLL_SECONDS = 0.25
_ALIVE = {"ENQUEUED", "PENDING", "DELAYED"}


def run_worker(world: World, open_engine: Callable[[], Any]) -> None:
    """Work until SIGTERM or SIGINT; what is under way then is finished, or resumed by the next start."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    config: DBOSConfig = {
        "name": "homeport",
        "system_database_engine": open_engine(),
        # Fixed, because a workflow of an older version must be resumed by a newer one.
        "application_version": "1",
        "executor_id": "worker",
        "run_migrations": True,
        "log_level": "WARNING",
        "scheduler_polling_interval_sec": 3600.0,
        "max_executor_threads": 16,
    }
    DBOS(config=config)
    register_workflows(world)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=_AT_ONCE, polling_interval_sec=_POLL_SECONDS)
    if resumed := resume(world, _is_alive):
        event("abandoned rehosts resumed", rehosts=",".join(map(str, resumed)))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=keep_sending, args=(world, stop), name="mails", daemon=True).start()
    event("worker ready")
    stop.wait()
    event("worker stops")
    # What is under way is not finished and not failed but left as it is, exactly as by kill -9: every step is
    # remembered, and the next start goes on. Shutting the engine down under a running step would fail it.
    logging.shutdown()
    os._exit(0)


def _is_alive(job: Job) -> bool:
    status = DBOS.get_workflow_status(job.key)
    return status is not None and status.status in _ALIVE
