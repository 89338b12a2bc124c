"""What nobody does in the transition: days pass, the clock looks, sites change, workers do a step, repeat it, and die."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

from hypothesis.stateful import precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from, sets
from tests.support.fake_store import FakeStore
from tests.support.outside import Answer, Mood, page
from tests.support.transition_people import PROJECT, Maintainers
from tests.support.transition_stage import bodies
from tests.support.transition_terms import SITES
from tests.support.world import steps

from homeport.domain.errors import Refusal
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.exemption_days import look_after_exemptions
from homeport.flows.mode_days import keep_mode_days
from homeport.flows.rehost import plan
from homeport.flows.rehost.expire import look_after_plans
from homeport.flows.rehost.start import resume
from homeport.flows.standing_consent_days import look_after_standing_consents
from homeport.ports.jobs import Job
from homeport.ports.store import Transaction
from homeport.worker.errors import FATE, Fate

DAY = timedelta(days=1)
AWAY: dict[str, Answer] = {"down": Answer(mood=Mood.SILENT), "gone": page("gone", status=404)}
CHORES = (look_after_exemptions, look_after_standing_consents, look_after_plans, keep_mode_days)
_ROUNDS = 4


class Killed(BaseException):
    """The process is gone: nothing catches that."""


@contextmanager
def killed_after(store: FakeStore, writes: int) -> Iterator[None]:
    """The process dies before it writes once more than that."""
    real_write, left = store.write, [writes]

    def write() -> AbstractContextManager[Transaction]:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return real_write()

    with suppress(Killed), patch.object(store, "write", write):
        yield


@dataclass
class Running:
    """A job a worker is at, and the steps that are left of it."""

    job: Job
    left: Iterator[Callable[[], object]]
    last: Callable[[], object] | None = None


class Clockwork(Maintainers):
    """The rules of time, of sites and of workers."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[Running] = []

    # The clock

    @rule(days=sampled_from([1, 2, 10, 31]))
    def time_passes(self, days: int) -> None:
        """Days go by, and then the clock looks."""
        self.pass_time(days * DAY)
        self.clock_looks()

    @rule(weeks=integers(2, 14))
    def weeks_pass(self, weeks: int) -> None:
        """A season goes by, and the clock looks every week."""
        for _ in range(weeks):
            self.pass_time(7 * DAY)
            self.clock_looks()

    @rule(allowed=integers(0, 5))
    def the_clock_dies(self, allowed: int) -> None:
        """A day goes by; the worker is killed between two transactions of the clock's, and starts again."""
        self.pass_time(DAY)
        before = self.before()
        with killed_after(self.fakes.store, allowed):
            self._look()
        self.clock_did(before, is_time_right=False)
        self.clock_looks()

    @rule(days=sampled_from([1, 40, 400]))
    def the_clock_is_wrong_for_a_while(self, days: int) -> None:
        """The machine's clock is set back, and later right again: nothing happens too early by that (I-19, T-41)."""
        before = self.before()
        self.fakes.clock.advance(-days * DAY)
        self._look()
        self.fakes.clock.advance(days * DAY)
        self.clock_did(before, is_time_right=False)

    def pass_time(self, by: timedelta) -> None:
        """Let time go by, for the model as well."""
        self.fakes.clock.advance(by)
        self.model.now = self.fakes.clock.now()

    def clock_looks(self) -> None:
        """Every chore, until there is nothing to do."""
        before = self.before()
        self._look()
        self.clock_did(before)

    def _look(self) -> None:
        for _ in range(_ROUNDS):
            self.finish_surveys()
            if not look_after_campaigns(self.world):
                break
        for chore in CHORES:
            chore(self.world)

    # Sites

    @rule(
        name=PROJECT,
        site=integers(0, 3),
        kept=sets(integers(0, 2), min_size=1),
        changed=sets(integers(0, 2), max_size=1),
        tells=sampled_from([True, True, False]),
    )
    def a_site_changes(self, name: str, site: int, kept: set[int], changed: set[int], *, tells: bool) -> None:
        """A site has other files, or other bytes in them, or has everything again, and may tell no digests."""
        names = sorted(bodies(name))
        files = {names[number]: int(number in changed) for number in sorted(kept)}
        self.offer(name, SITES[name][site % len(SITES[name])], files, tells=tells)

    @rule(name=PROJECT, number=integers(0, 2), how=sampled_from(sorted(AWAY)))
    def a_site_loses_a_file(self, name: str, number: int, how: str) -> None:
        """A file elsewhere cannot be had for a while, or is gone."""
        filename = sorted(bodies(name))[number]
        self.fakes.outside.put(f"{SITES[name][0]}/{filename}", AWAY[how])

    # Workers

    @precondition(lambda self: self.fakes.waiting())
    @rule()
    def a_worker_takes_a_job(self) -> None:
        """Some worker begins what waits, also what waited for its time."""
        self.finish_surveys()
        if waiting := self.fakes.waiting():
            self.fakes.done.add(waiting[0].key)
            self.running.append(Running(waiting[0], steps(self.world, waiting[0])))

    @precondition(lambda self: self.running)
    @rule(which=integers(0, 3))
    def a_worker_does_a_step(self, which: int) -> None:
        """One step of one job."""
        running = self.running[which % len(self.running)]
        running.last = next(running.left, None)
        if running.last is None:
            self.running.remove(running)
        else:
            self.step(running)

    @precondition(lambda self: self.running or self.fakes.waiting())
    @rule(looks=sampled_from([True, True, False]))
    def workers_finish(self, *, looks: bool) -> None:
        """Every job that was begun or waits, and what follows from it; somebody may look at the plans then."""
        self.a_worker_takes_a_job()
        while self.running:
            self.a_worker_does_a_step(0)
            if not self.running and any(not job.delay_seconds for job in self.fakes.waiting()):
                self.a_worker_takes_a_job()
        if looks:
            self.look_at_plans()

    @rule(name=PROJECT, decides=booleans())
    def a_plan_is_made_and_looked_at(self, name: str, *, decides: bool) -> None:
        """Ada wants a plan, workers make it, and she looks at it; she may agree to what is proposed at once."""
        self.somebody_plans(name, "ada", "")
        count = len(self.reviews)
        if self.running or self.fakes.waiting():
            self.workers_finish(looks=True)
        if decides and len(self.reviews) > count:
            self.somebody_accepts(1, "ada", set(), names_draft=True)

    @precondition(lambda self: self.running)
    @rule(which=integers(0, 3))
    def a_worker_dies(self, which: int) -> None:
        """A step that was done is not remembered as done: the whole job is begun again."""
        running = self.running[which % len(self.running)]
        running.left = steps(self.world, running.job)

    @precondition(lambda self: any(running.last for running in self.running))
    @rule()
    def a_worker_repeats_itself(self) -> None:
        """A step that was done is done again."""
        self.step(next(running for running in self.running if running.last))

    @precondition(lambda self: self.running or self.fakes.waiting())
    @rule(loses=booleans())
    def a_job_is_lost(self, *, loses: bool) -> None:
        """A job that waits is lost for good; whatever is missed then is begun anew, and nothing else."""
        if loses and (waiting := self.fakes.waiting()):
            self.fakes.done.add(waiting[0].key)
        alive = [job.key for job in (*self.fakes.waiting(), *(running.job for running in self.running))]
        resume(self.world, lambda key: any(one.startswith(key) for one in alive))

    def step(self, running: Running) -> None:
        """Do the step of a job that is to be done, and answer a refusal as the worker does."""
        before = self.before()
        try:
            assert running.last is not None
            running.last()
        except Refusal as refusal:
            if FATE[type(refusal)] is not Fate.DROP:
                plan.fail(self.world, running.job.rehost_id, refusal.sentence, refusal.code)
            self.running.remove(running)
        self.worker_did(before, running.job)
