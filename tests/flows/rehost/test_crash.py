"""A job that is run twice, or was cut off anywhere, leaves what one whole run leaves (I-16, I-18, I-20)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.fake_store import FakeStore, FakeTransaction
from tests.support.invariants import broken
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import drop_jobs, run_work, steps

from homeport.domain.digests import Sha256
from homeport.domain.rehost import Bytes, State
from homeport.flows.rehost.start import start_plan
from homeport.ports.jobs import Job, Work


class Crash(BaseException):
    """The power goes out."""


class CrashingStore:
    """A store whose ``at``-th write transaction is cut off before it is committed."""

    def __init__(self, store: FakeStore, at: int) -> None:
        self.read = store.read
        self._store = store
        self._left = at

    @contextmanager
    def write(self) -> Iterator[FakeTransaction]:
        """See the port."""
        with self._store.write() as tx:
            yield tx
            self._left -= 1
            if not self._left:
                raise Crash

    write_lightly = write


@dataclass
class CrashOf:
    """Runs jobs of one kind, and cuts them off at their ``at``-th write."""

    work: Work
    at: int
    happened: bool = False

    def __call__(self, story: Story, job: Job) -> None:
        """Run ``job`` until the crash; whatever is left then keeps every invariant."""
        if job.work is not self.work:
            return
        try:
            run_work(replace(story.world, store=CrashingStore(story.fakes.store, self.at)), job)
        except Crash:
            self.happened = True
        assert broken(story.fakes) == []


def tell(story: Story, crash: Callable[[Story, Job], None]) -> None:
    """Plan, accept and publish; ``crash`` is what happens before each job is run to its end."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    rehost = start_plan(story.world, story.owner, "demo")
    drop_jobs(story.fakes)
    planning, publishing = (Job(work, rehost.id, 1) for work in (Work.PLAN_REHOST, Work.PUBLISH_REHOST))
    fetching = Job(Work.FETCH_ITEMS, rehost.id, 1, host="site.test")
    for job in (planning, fetching):
        crash(story, job)
        run_work(story.world, job)
        drop_jobs(story.fakes)
    view = story.view(rehost.id)
    hashes = {item.id: Sha256.of(sdist()) for item in view.plan.items if item.bytes is Bytes.UNREACHABLE}
    story.accept(view, declared=hashes, accept=frozenset(item.id for item in view.plan.items))
    drop_jobs(story.fakes)
    story.fakes.outside.put_file(f"{SITE}/{SDIST}", sdist())
    crash(story, publishing)
    run_work(story.world, publishing)


def run_each_twice(story: Story, job: Job) -> None:
    """Run every step of ``job`` again as soon as it has ended, at another time; nothing changes by it."""
    for step in steps(story.world, job):
        step()
        before = story.fakes.store.committed.snapshot()
        story.fakes.clock.sleep(1)
        step()
        assert story.fakes.store.committed == before


def test_every_step_may_run_twice(story: Story) -> None:
    """A step that is run again at once changes nothing (I-18)."""
    rehost = start_plan(story.world, story.owner, "demo")
    run_each_twice(story, Job(Work.PLAN_REHOST, rehost.id, 1))
    run_each_twice(story, Job(Work.FETCH_ITEMS, rehost.id, 1, host="site.test"))
    story.accept(story.view(rehost.id))
    run_each_twice(story, Job(Work.PUBLISH_REHOST, rehost.id, 1))
    assert drop_jobs(story.fakes) == [Work.PLAN_REHOST, Work.FETCH_ITEMS, Work.PUBLISH_REHOST]
    assert story.view(rehost.id).rehost.state is State.PUBLISHED


def test_a_crash_at_any_point_ends_where_no_crash_would_have(tmp_path: Path) -> None:
    """However far a job got, run again from its beginning it leaves what one whole run leaves: no entry twice (I-20)."""
    (tmp_path / "straight").mkdir()
    with begin_story(tmp_path / "straight") as story:
        tell(story, lambda story, job: None)
        straight = story.fakes.store.committed
        assert len(straight.files) == 2
    writes = {Work.PLAN_REHOST: 1, Work.FETCH_ITEMS: 2, Work.PUBLISH_REHOST: 4}
    for work, at in ((work, at) for work, last in writes.items() for at in range(1, last + 2)):
        crash = CrashOf(work, at)
        folder = tmp_path / f"{work}-{at}"
        folder.mkdir()
        with begin_story(folder) as story:
            tell(story, crash)
            assert story.fakes.store.committed == straight
        assert crash.happened is (at <= writes[work])
