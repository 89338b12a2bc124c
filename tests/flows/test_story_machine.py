"""Any story that maintainers, workers and sites can tell together keeps the invariants of threats §2.2.

Two people, a project with three files outside, and a worker whose steps interleave with everything else, may be run
twice, and may be cut off: after each step Hypothesis asks for every invariant.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from, sets
from tests.support.invariants import History, broken
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, begin_story, sdist, wheel
from tests.support.world import add_person, drop_jobs, grant, register_release, revoke, steps

from homeport.domain.account import Caller, User
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.fetching import Few
from homeport.domain.fetching import Wish as FetchWish
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.quota import Quotas
from homeport.domain.rehost import Bytes, Rehost, State
from homeport.domain.release import Origin
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.rehost import plan
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.review import Choice, RehostView, accept, fetch, refuse
from homeport.flows.rehost.start import resume, start_plan, start_update_cache
from homeport.flows.rehost.withdraw import withdraw
from homeport.flows.remove import remove
from homeport.flows.yank import unyank, yank
from homeport.ports.jobs import Job
from homeport.ports.world import Limits, World
from homeport.worker.errors import FATE, Fate

BODIES = {
    name: [make(version, content) for content in (b"answer = 42\n", b"answer = 43\n")] + [b"no archive"]
    for name, make, version in ((WHEEL, wheel, "1.0"), (SDIST, sdist, "1.0"), (WHEEL_2, wheel, "2.0"))
}
NAMES = sampled_from(sorted(BODIES))
VARIANTS = integers(0, 2)
AWAY: dict[str, Answer] = {"down": Answer(mood=Mood.SILENT), "gone": page("gone", status=404)}
REASONS = ["", "Broken.", 'It breaks "x" & <y>.']
ENDED = {State.WITHDRAWN, State.REFUSED, State.EXPIRED, State.PUBLISHED}


@dataclass
class Running:
    """A job a worker is at, and the steps that are left of it."""

    job: Job
    left: Iterator[Callable[[], object]]
    last: Callable[[], object] | None = None


class StoryMachine(RuleBasedStateMachine):
    """One project, and everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        # One file is a part of its own, and three are too many to be fetched unasked.
        limits = Limits(registration_wait_seconds=0, retries=3, fetch_slice_seconds=0, few=Few(items=2))
        # Two of the three files that there may be fit in; a release closes within the story.
        quotas = Quotas(project_bytes=len(wheel()) + len(wheel("2.0")) + 20)
        policy = Policy(quotas=quotas, releases_close_after=timedelta(days=14))
        self.story = self.open.enter_context(begin_story(folder, limits=limits, policy=policy))
        self.world, self.fakes = self.story.world, self.story.fakes
        self.bob = grant(self.world, self.story.project, add_person(self.world, "bob"))
        self.people = [self.story.owner, self.bob]
        self.running: list[Running] = []
        self.views: list[RehostView] = []
        self.history = History(self.fakes.store)
        self.settled: dict[int, int] = {}
        self.story.offer({name: bodies[0] for name, bodies in BODIES.items()})

    def teardown(self) -> None:
        """Whatever work is left is expected; what must hold at a story's end is asked by its own teardown."""
        drop_jobs(self.fakes)
        self.open.close()

    # What is asked of it

    def ask(self, act: Callable[[], object]) -> None:
        """Do it; a refusal is an answer too, and changes nothing."""
        before = self.fakes.store.committed
        try:
            act()
        except Refusal as refusal:
            # A registration that is not waited for has begun all the same.
            if refusal.code != "still-running" and self.fakes.store.committed != before:
                raise AssertionError(f"refused, and something changed: {refusal}") from refusal

    @rule(name=NAMES, variant=VARIANTS, claim=booleans())
    def site_changes(self, name: str, variant: int, *, claim: bool) -> None:
        """A file outside has other bytes, and its page claims a digest, sometimes that of other bytes."""
        self.fakes.outside.put_file(f"{SITE}/{name}", BODIES[name][variant])
        claimed = f"#sha256={Sha256.of(BODIES[name][0])}" if claim else ""
        links = "".join(f'<a href="{other}{claimed if other == name else ""}">' for other in BODIES)
        self.fakes.outside.put(f"{SITE}/", page(links))

    @rule(name=NAMES, how=sampled_from(sorted(AWAY)))
    def site_loses_a_file(self, name: str, how: str) -> None:
        """A file outside cannot be had for a while, or is gone."""
        self.fakes.outside.put(f"{SITE}/{name}", AWAY[how])

    @rule(name=NAMES, variant=VARIANTS, who=integers(0, 1))
    def somebody_uploads(self, name: str, variant: int, who: int) -> None:
        """A maintainer, or who was one, sends a file by hand."""
        self.ask(lambda: self.story.upload(name, BODIES[name][variant], self.people[who]))

    @rule(version=sampled_from(["", "1.0"]), who=integers(0, 1))
    def somebody_plans(self, version: str, who: int) -> None:
        """A maintainer wants to see what there is."""
        self.ask(lambda: start_plan(self.world, self.people[who], "demo", version or None))

    @rule()
    def somebody_updates_the_cache(self) -> None:
        """A maintainer wants new files hosted."""
        self.ask(lambda: start_update_cache(self.world, self.story.owner, "demo"))

    @rule(who=integers(0, 1))
    def somebody_registers(self, who: int) -> None:
        """A maintainer registers a release, and does not wait."""
        metadata = CoreMetadata("1.0", "demo", "1.0")
        self.ask(lambda: register_release(self.world, self.people[who], metadata))

    # What is decided

    @precondition(lambda self: self.views)
    @rule(
        wanted=sets(integers(0, 2)), declared=VARIANTS, who=integers(0, 1), age=sampled_from([1, 1, 1, 2, 3])
    )
    def somebody_accepts(self, wanted: set[int], declared: int, who: int, age: int) -> None:
        """A maintainer agrees to some files of a plan, perhaps of an older view, and names what cannot be had."""
        view = self.views[-min(age, len(self.views))]
        items = view.plan.items
        hashes = {
            item.id: Sha256.of(BODIES[item.filename][declared])
            for item in items
            if item.bytes is Bytes.UNREACHABLE
        }
        chosen = frozenset(items[number % len(items)].id for number in wanted) if items and wanted else None
        choice = Choice(view.digest, Basis.AUTHOR, accept=chosen, declared=hashes)
        self.ask(lambda: accept(self.world, self.people[who], view.rehost.id, choice))

    @precondition(lambda self: self.views)
    @rule(only=sampled_from(["*", "*1.0*", "*.whl"]), who=integers(0, 1), age=sampled_from([1, 1, 2]))
    def somebody_fetches(self, only: str, who: int, age: int) -> None:
        """A maintainer wants the bytes of files that a plan only lists, or could not reach."""
        view = self.views[-min(age, len(self.views))]
        out = frozenset(item.id for item in view.plan.items[:1])
        wish = FetchWish(only=(only,))
        self.ask(lambda: fetch(self.world, self.people[who], view.rehost.id, wish, leave_out=out))

    @rule(which=integers(0, 9), what=sampled_from([withdraw, retry, retry, refuse]), who=integers(0, 1))
    def somebody_decides(self, which: int, what: Callable[[World, Caller, int], Rehost], who: int) -> None:
        """A maintainer withdraws, refuses or retries."""
        if rehosts := self.rehosts():
            self.ask(lambda: what(self.world, self.people[who], rehosts[which % len(rehosts)].id))

    @rule(
        mode=sampled_from(
            [HostingMode.CACHE, HostingMode.CACHE, HostingMode.EXT, HostingMode.EXT, HostingMode.ONLY]
        )
    )
    def mode_changes(self, mode: HostingMode) -> None:
        """Whoever may moves the project to another hosting mode."""
        until = (self.fakes.clock.now() + timedelta(days=30)).date()
        wish = Wish(mode, "Because.", until, consents=True, acknowledges_loss=True)
        mover = Caller(self.admin()) if mode is HostingMode.EXT else self.story.owner
        self.ask(lambda: change_hosting(self.world, mover, "demo", wish))

    @rule(role=sampled_from([None, Role.READER, Role.MAINTAINER]))
    def bobs_role_changes(self, role: Role | None) -> None:
        """Bob loses his role, may only read, or maintains the project again."""
        if role is None:
            revoke(self.fakes.store, self.story.project, self.bob.user)
        else:
            grant(self.world, self.story.project, self.bob.user, role)

    @rule(
        version=sampled_from(["1.0", "v1.0", "2.0"]),
        names=sets(NAMES, max_size=2),
        reason=sampled_from([None, None, *REASONS]),
        who=integers(0, 1),
    )
    def somebody_yanks(self, version: str, names: set[str], reason: str | None, who: int) -> None:
        """A maintainer yanks a release or some of its files, or takes that back."""
        caller, files = self.people[who], sorted(names)
        if reason is None:
            self.ask(lambda: unyank(self.world, caller, "demo", version, filenames=files))
        else:
            self.ask(lambda: yank(self.world, caller, "demo", version, filenames=files, reason=reason))

    @rule(version=sampled_from(["1.0", "1.0.0", "2.0"]), names=sets(NAMES, max_size=2), who=integers(0, 1))
    def somebody_removes(self, version: str, names: set[str], who: int) -> None:
        """The owner removes a release or some of its files; a maintainer tries to."""
        caller, files = self.people[who], sorted(names)
        self.ask(lambda: remove(self.world, caller, "demo", version, reason="Gone.", filenames=files))

    @rule(days=sampled_from([1, 10, 15]))
    def time_passes(self, days: int) -> None:
        """Days go by: releases close, consents end."""
        self.fakes.clock.advance(timedelta(days=days))

    @rule(
        status=sampled_from([ProjectStatus.ACTIVE, *ProjectStatus]),
        reason=sampled_from(REASONS),
        is_moderator=booleans(),
    )
    def somebody_marks_the_project(self, status: ProjectStatus, reason: str, *, is_moderator: bool) -> None:
        """The owner or a moderator gives the project another status, where they may."""
        caller = Caller(self.admin()) if is_moderator else self.story.owner
        self.ask(lambda: change_status(self.world, caller, "demo", status, reason))

    @rule(is_private=booleans())
    def the_owner_decides_who_reads(self, *, is_private: bool) -> None:
        """The project becomes private, or public again."""
        self.ask(lambda: change_visibility(self.world, self.story.owner, "demo", is_private=is_private))

    # What workers do

    @rule()
    def worker_takes_a_job(self) -> None:
        """Some worker begins what waits, also what waited for its time."""
        if waiting := self.fakes.waiting():
            self.fakes.done.add(waiting[0].key)
            self.running.append(Running(waiting[0], steps(self.world, waiting[0])))

    @precondition(lambda self: self.running)
    @rule(which=integers(0, 3))
    def worker_does_a_step(self, which: int) -> None:
        """One step of one job."""
        running = self.running[which % len(self.running)]
        running.last = next(running.left, None)
        if running.last is None:
            self.running.remove(running)
        else:
            self.step(running)

    @precondition(lambda self: self.running or self.fakes.waiting())
    @rule()
    def workers_finish(self) -> None:
        """Every job that was begun or waits, and what follows from it; whoever looks then sees the plans."""
        self.worker_takes_a_job()
        while self.running:
            self.worker_does_a_step(0)
            if not self.running and any(not job.delay_seconds for job in self.fakes.waiting()):
                self.worker_takes_a_job()
        planned = [rehost for rehost in self.rehosts() if rehost.state is State.PLANNED]
        self.views += [self.story.view(rehost.id) for rehost in planned]

    @precondition(lambda self: self.running)
    @rule(which=integers(0, 3))
    def worker_dies(self, which: int) -> None:
        """A step that was done is not remembered as done: the whole job is begun again."""
        running = self.running[which % len(self.running)]
        running.left = steps(self.world, running.job)

    @precondition(lambda self: any(running.last for running in self.running))
    @rule()
    def worker_repeats_itself(self) -> None:
        """A step that was done is done again."""
        self.step(next(running for running in self.running if running.last))

    @rule(loses=booleans())
    def the_engine_gives_a_job_up(self, *, loses: bool) -> None:
        """A job that waits is lost for good; whatever is missed then is begun anew, and nothing else."""
        if loses and (waiting := self.fakes.waiting()):
            self.fakes.done.add(waiting[0].key)
        alive = [job.key for job in (*self.fakes.waiting(), *(running.job for running in self.running))]
        resume(self.world, lambda key: any(one.startswith(key) for one in alive))

    def step(self, running: Running) -> None:
        """Do the step of a job that is to be done, and answer a refusal as the worker does."""
        may_publish = self.consenting()
        before = self.story.files()
        try:
            assert running.last is not None
            running.last()
        except Refusal as refusal:
            if FATE[type(refusal)] is not Fate.DROP:
                plan.fail(self.world, running.job.rehost_id, refusal.sentence, refusal.code)
            self.running.remove(running)
        for file in self.story.files().values():
            if file.filename not in before:
                assert file.origin is Origin.REHOST
                assert running.job.rehost_id in may_publish, "published without a live consent (I-07, T-32)"

    def consenting(self) -> set[int]:
        """The rehosts that may publish now: consented to by somebody who still maintains the project."""
        with self.world.store.read() as tx:
            live = set()
            for rehost in tx.rehosts.of_project(self.story.project.id):
                consent = tx.rehosts.consent(rehost.id)
                giver = tx.users.by_name(consent.given_by) if consent else None
                role = tx.projects.role_of(self.story.project.id, giver.id) if giver else None
                if role and role.maintains and rehost.state is State.PUBLISHING:
                    live.add(rehost.id)
        return live

    # What must hold

    @invariant()
    def nothing_is_half_planned(self) -> None:
        """A plan that is closed wants nothing, has the digest it was closed with, and nobody is told of its fetches."""
        with self.world.store.read() as tx:
            for rehost in self.rehosts():
                if rehost.state is State.PLANNED:
                    assert not tx.rehosts.is_wanting(rehost.id)
                    assert tx.rehosts.plan(rehost).digest() == rehost.plan_digest
                    assert not tx.fetches.of_rehost(rehost.id)

    @invariant()
    def nothing_is_broken(self) -> None:
        """I-01 to I-06, I-08 and I-16, as they stand."""
        assert broken(self.fakes) == []

    @invariant()
    def what_was_stays(self) -> None:
        """I-03, I-04 and I-12: entries, names, and the files of a project that takes none (Q05, Q06, Q09)."""
        assert self.history.broken() == []

    @invariant()
    def what_ended_publishes_nothing_more(self) -> None:
        """I-07: a rehost that was withdrawn, refused, expired or completed adds no file."""
        provenances = self.fakes.store.committed.provenances.values()
        for rehost in self.rehosts():
            if rehost.state in ENDED:
                count = sum(one.rehost_id == rehost.id for one in provenances)
                assert count <= self.settled.get(rehost.id, count)
                self.settled[rehost.id] = count

    def rehosts(self) -> list[Rehost]:
        """Every rehost there is."""
        return [stored.rehost for stored in self.fakes.store.committed.rehosts.values()]

    def admin(self) -> User:
        """The administrator."""
        with self.world.store.read() as tx:
            there = tx.users.by_name("root")
        return there or add_person(self.world, "root", is_admin=True)


TestStories = StoryMachine.TestCase
if settings.get_current_profile_name() == "default":
    TestStories.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
