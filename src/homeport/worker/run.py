"""The worker process: launch DBOS over our own database, work, stop cleanly."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig

from homeport.flows.rehost.start import resume
from homeport.flows.survey.start import resume_surveys
from homeport.observe.events import event, trouble
from homeport.ports.jobs import Queue
from homeport.ports.world import World
from homeport.worker.chores import every_chore, keep_at
from homeport.worker.quiet import Quiet, Stamp
from homeport.worker.surveys import register_surveys
from homeport.worker.workflows import register_workflows

_AT_ONCE = {Queue.REHOSTS: 4, Queue.OUTSIDE: 16, Queue.SURVEYS: 2}
# Work is asked for through the database; this is how long it waits there at most. Each look costs, also when nothing waits.
_POLL_SECONDS = {Queue.REHOSTS: 0.25, Queue.OUTSIDE: 0.25, Queue.SURVEYS: 2.0}
# Quiet or not, work is looked for so often.
_LOOK_ANYWAY_SECONDS = 2.0
_ALIVE = ["ENQUEUED", "PENDING", "DELAYED"]
# A job that the engine gave up is missed after so long.
_LOOK_FOR_LOST_SECONDS = 30.0


def run_worker(world: World, open_engine: Callable[[], Any], stamp: Stamp) -> None:
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
        "max_executor_threads": sum(_AT_ONCE.values()) + 4,
    }
    engine = DBOS(config=config)
    register_workflows(world)
    register_surveys(world)
    DBOS.launch()
    spare_looks(engine._sys_db, stamp)  # noqa: SLF001 - it has no other name for its database
    for queue, at_once in _AT_ONCE.items():
        DBOS.register_queue(
            queue.value,
            worker_concurrency=at_once,
            partition_concurrency=1 if queue is Queue.OUTSIDE else None,
            polling_interval_sec=_POLL_SECONDS[queue],
        )
    _give_back_lost(world)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for chore in every_chore():
        threading.Thread(
            target=keep_at, args=(chore, world, stop, stamp), name=chore.name, daemon=True
        ).start()
    event("worker ready")
    while not stop.wait(_LOOK_FOR_LOST_SECONDS):
        _give_back_lost(world)
    event("worker stops")
    # What is under way is not finished and not failed but left as it is, exactly as by kill -9: every step is
    # remembered, and the next start goes on. Shutting the engine down under a running step would fail it.
    logging.shutdown()
    os._exit(0)


def spare_looks(database: Any, stamp: Stamp) -> None:
    """Let the engine find its queues empty without asking the database, while nobody wrote anything to it.

    It asks where a queue's work may be (``dequeue_scopes``) before it asks for the work. ``worker_concurrency`` may have
    kept it from taking what was there: that is why a quiet ends soon.
    """
    ask, known = database.dequeue_scopes, dict[str, Quiet]()

    def scopes(queue: str) -> Any:
        quiet = known.setdefault(queue, Quiet(stamp, _LOOK_ANYWAY_SECONDS))
        return [] if quiet.lasts() else ask(queue)

    database.dequeue_scopes = scopes


def _give_back_lost(world: World) -> None:
    try:
        resumed, surveys = resume(world, _is_alive), resume_surveys(world, _is_alive)
    except Exception as error:  # noqa: BLE001 - told here; what was lost is looked for again
        trouble("lost work could not be looked for", error=error)
    else:
        if resumed:
            event("abandoned rehosts resumed", rehosts=",".join(map(str, resumed)))
        if surveys:
            event("abandoned surveys resumed", surveys=",".join(map(str, surveys)))


def _is_alive(key: str) -> bool:
    found = DBOS.list_workflows(
        workflow_id_prefix=key, status=_ALIVE, limit=1, load_input=False, load_output=False
    )
    return bool(found)
