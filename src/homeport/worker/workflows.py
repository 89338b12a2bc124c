"""Work as durable workflows: each step is remembered, so that a run that was killed goes on where it stopped.

A step may run twice (killed between its effect and the remembering of it); the flows allow for that. State
tables are the truth: a workflow that finds nothing to do ends.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from dbos import DBOS
from dbos._error import DBOSMaxStepRetriesExceeded

from homeport.domain.errors import Refusal
from homeport.flows.rehost import fetch, plan, publish
from homeport.flows.rehost.start import UNAVAILABLE
from homeport.observe.events import event, trouble
from homeport.ports.jobs import Job, Work
from homeport.ports.world import World
from homeport.worker.errors import FATE, Fate

_TRIES = 5
_FIRST_WAIT_SECONDS = 1.0


def register_workflows(world: World) -> None:
    """Give DBOS the functions behind the names in ``ports.jobs.Work``."""

    def plan_rehost(rehost_id: int) -> None:
        step("crawl", _without_answer(plan.crawl_sources), world, rehost_id)

    def fetch_items(rehost_id: int, try_number: int, host: str, part: int, waits: int) -> None:
        job = Job(Work.FETCH_ITEMS, rehost_id, try_number, host=host, part=part, waits=waits)
        step("fetch", fetch.fetch_from_host, world, job)

    def learn_sizes(rehost_id: int, try_number: int, host: str, part: int, waits: int) -> None:
        job = Job(Work.LEARN_SIZES, rehost_id, try_number, host=host, part=part, waits=waits)
        step("sizes", fetch.learn_sizes, world, job)

    def publish_rehost(rehost_id: int) -> None:
        for batch in step("begin", publish.begin_publishing, world, rehost_id):
            step("publish", publish.publish_batch, world, rehost_id, batch)
        step("complete", publish.complete, world, rehost_id)

    def retry_rehost(rehost_id: int) -> None:
        step("retry", publish.retry_later, world, rehost_id)

    works: dict[Work, Callable[..., None]] = {
        Work.PLAN_REHOST: plan_rehost,
        Work.FETCH_ITEMS: fetch_items,
        Work.LEARN_SIZES: learn_sizes,
        Work.PUBLISH_REHOST: publish_rehost,
        Work.RETRY_REHOST: retry_rehost,
    }
    for work, function in works.items():
        DBOS.workflow(name=work.value)(_answered(world, work, function))


def step(name: str, function: Callable[..., Any], world: World, *arguments: Any) -> Any:
    """Run a flow as a remembered step; only what may pass by itself is tried again."""
    return DBOS.run_step(
        {
            "name": name,
            "retries_allowed": True,
            "max_attempts": _TRIES,
            "interval_seconds": _FIRST_WAIT_SECONDS,
            "should_retry": _may_pass,
        },
        function,
        world,
        *arguments,
    )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Refusal) and FATE[type(error)] is Fate.RETRY


def _without_answer(function: Callable[..., object]) -> Callable[..., None]:
    """``function``, of which the engine remembers that it was done, and not what it said."""

    def done(*arguments: Any) -> None:
        function(*arguments)

    return done


def _answered(world: World, work: Work, function: Callable[..., None]) -> Callable[..., None]:
    def workflow(rehost_id: int, *rest: Any) -> None:
        try:
            function(rehost_id, *rest)
        except Refusal as refusal:
            trouble("rehost work was refused", work=work.value, rehost=rehost_id, code=refusal.code)
            if FATE[type(refusal)] is not Fate.DROP:
                _fail(world, work, rehost_id, refusal.sentence, refusal.code)
        except DBOSMaxStepRetriesExceeded as error:
            last = error.errors[-1] if error.errors else error
            trouble("rehost work was given up", work=work.value, rehost=rehost_id, error=last)
            _fail(world, work, rehost_id, f"Tried {_TRIES} times in vain: {last}", UNAVAILABLE)
        except Exception as error:
            # Nobody expected this: it is told once, here, and the rehost names the place to look.
            trouble("rehost work failed", work=work.value, rehost=rehost_id, error=error)
            sentence = f"An internal error: the log has it under rehost={rehost_id}."
            _fail(world, work, rehost_id, sentence, UNAVAILABLE)
            raise
        else:
            event("rehost work done", work=work.value, rehost=rehost_id)

    return workflow


def _fail(world: World, work: Work, rehost_id: int, problem: str, code: str) -> None:
    """Remember the failure; where even that cannot be written, the process ends and its next start resumes."""
    if work is Work.LEARN_SIZES:
        return  # the rehost does without
    try:
        plan.fail(world, rehost_id, problem, code)
    except Exception as error:  # noqa: BLE001 - told here, and answered by starting anew
        trouble("a failure could not be remembered; the worker ends", rehost=rehost_id, error=error)
        os.kill(os.getpid(), signal.SIGTERM)
