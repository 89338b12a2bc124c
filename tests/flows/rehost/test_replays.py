"""Consent replayed, given by who has left, raced, or meant for other bytes: nothing is published by it twice or wrongly."""

import json
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path
from threading import Barrier, Thread

import pytest
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import (
    Meanwhile,
    add_person,
    add_project,
    drop_jobs,
    grant,
    real_world,
    revoke,
    run_jobs,
    run_plan,
    run_work,
)

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import IllegalMove, Refusal
from homeport.domain.fetching import Few
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.rehost import Rehost, State
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.publish import begin_publishing, complete, publish_batch
from homeport.flows.rehost.review import Choice, accept, show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.ports.jobs import Job, Work
from homeport.ports.world import Limits

SWAPS = 1_000


@pytest.mark.parametrize("answer", ["other-bytes", "gone", "silent"])
def test_t12_what_a_site_says_after_the_review_changes_nothing(tmp_path: Path, answer: str) -> None:
    """A thousand files are exchanged, removed or silent after they were looked at; the reviewed bytes are published."""
    count = SWAPS // 3 + 1
    with begin_story(tmp_path, limits=Limits(few=Few(items=count))) as story:
        names = [f"demo-{number}.0.tar.gz" for number in range(count)]
        evil = sdist("1.0", b"evil = True\n")
        reviewed = {name: sdist(f"{number}.0") for number, name in enumerate(names)}
        story.offer(reviewed)
        view = story.plan()
        assert {item.filename: item.sha256 for item in view.plan.items} == {
            name: Sha256.of(data) for name, data in reviewed.items()
        }
        story.accept(view)
        for name in names:
            url = f"{SITE}/{name}"
            if answer == "other-bytes":
                story.fakes.outside.put_file(url, evil)
            else:
                story.fakes.outside.put(
                    url, Answer(status=404) if answer == "gone" else Answer(mood=Mood.SILENT)
                )
        asked = len(story.fakes.outside.asked)
        run_jobs(story.fakes)
        assert {name: file.digests.sha256 for name, file in story.files().items()} == {
            name: Sha256.of(data) for name, data in reviewed.items()
        }
        assert len(story.fakes.outside.asked) == asked, "nothing is fetched again"


def test_t31_a_consent_is_one_effect_however_often_it_comes(story: Story) -> None:
    """The same answer a hundred times: one consent, one publishing, and every other one is told where the rehost stands."""
    view = story.plan()
    story.accept(view)
    for number in range(99):
        if number == 50:
            run_jobs(story.fakes)
        with pytest.raises(IllegalMove):
            story.accept(view)
    assert story.count(Kind.CONSENT_GIVEN) == 1
    assert story.count(Kind.FILE_PUBLISHED) == 2
    with story.world.store.read() as tx:
        assert len(tx.rehosts.consents(view.rehost.id)) == 1


def test_t31_every_step_of_publishing_may_come_again(story: Story) -> None:
    """Work that is done again, in any order, publishes nothing twice."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    (batch,) = begin_publishing(story.world, rehost.id)
    for _ in range(3):
        publish_batch(story.world, rehost.id, batch)
        begin_publishing(story.world, rehost.id)
    complete(story.world, rehost.id)
    publish_batch(story.world, rehost.id, batch)
    complete(story.world, rehost.id)
    assert story.count(Kind.FILE_PUBLISHED) == 2
    assert story.count(Kind.REHOST_COMPLETED) == 1


def test_t31_a_consent_counts_for_its_own_rehost(story: Story) -> None:
    """What was agreed to of one plan says nothing of the same files in another one."""
    first = story.plan("1.0")
    story.accept(first)
    drop_jobs(story.fakes)
    other = story.plan()
    with story.world.store.write() as tx:
        tx.rehosts.put(replace(other.rehost, state=State.PUBLISHING))
        for item in other.plan.items:
            tx.rehosts.put_item(
                other.rehost.id, replace(story.item(first.rehost.id, item.filename), id=item.id)
            )
    batches = begin_publishing(story.world, other.rehost.id)
    for batch in batches:
        publish_batch(story.world, other.rehost.id, batch)
    failed = story.view(other.rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "consent-missing")
    assert story.files() == {}


BOB_LEAVES_BEFORE = ["publishing", "batch", "commit"]


@pytest.mark.parametrize(("moment", "left_as"), [*product(BOB_LEAVES_BEFORE, [None, Role.READER])])
def test_t32_who_has_left_publishes_nothing(story: Story, moment: str, left_as: Role | None) -> None:
    """Whenever the role ends, before publishing or in the middle of it, the consent ends with it (T-32)."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    view = story.plan()
    accept(story.world, bob, view.rehost.id, Choice(view.digest, Basis.AUTHOR))
    drop_jobs(story.fakes)

    def leave() -> None:
        if left_as is None:
            revoke(story.fakes.store, story.project, bob.user)
        else:
            grant(story.world, story.project, bob.user, left_as)

    world = story.world
    if moment == "publishing":
        leave()
    (batch,) = begin_publishing(world, view.rehost.id)
    if moment == "batch":
        leave()
    if moment == "commit":
        world = replace(world, isolation=Meanwhile(leave))
    publish_batch(world, view.rehost.id, batch)
    failed = story.view(view.rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "consent-role-lost")
    assert failed.problem == "bob, who agreed, no longer maintains demo."
    assert story.files() == {}


def test_parallel_answers_over_sqlite_are_one(tmp_path: Path) -> None:
    """Eight maintainers accept at the same moment, and two workers publish at the same moment: each file comes home once."""
    with real_world(tmp_path) as real:
        world, ada = real.world, Caller(add_person(real.world, "ada"))
        project = add_project(world, ada.user, "demo", HostingMode.CACHE)
        people = [ada, *(grant(world, project, add_person(world, f"m{number}")) for number in range(7))]
        add_source(world, ada, "demo", "homepage", f"{SITE}/")
        real.outside.put(f"{SITE}/", page(f'<a href="{SDIST}">x</a><a href="{WHEEL}">y</a>'))
        real.outside.put_file(f"{SITE}/{SDIST}", sdist())
        real.outside.put_file(f"{SITE}/{WHEEL}", wheel())
        rehost = start_plan(world, ada, "demo")
        run_plan(world, rehost.id)
        digest = show_rehost(world, ada, rehost.id).digest
        outcomes: list[Rehost | Refusal] = []
        together = Barrier(len(people))

        def answer(person: Caller) -> None:
            together.wait(timeout=20)
            try:
                outcomes.append(accept(world, person, rehost.id, Choice(digest, Basis.AUTHOR)))
            except Refusal as refusal:
                outcomes.append(refusal)

        in_threads([Thread(target=answer, args=(person,)) for person in people])
        won = [one for one in outcomes if isinstance(one, Rehost)]
        assert (len(won), len(outcomes)) == (1, len(people))
        assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"rehost-move-illegal"}
        job = Job(Work.PUBLISH_REHOST, rehost.id, 1)
        in_threads([Thread(target=run_work, args=(world, job)) for _ in range(2)])
        assert show_rehost(world, ada, rehost.id).rehost.state is State.PUBLISHED
        with real.store.read() as tx:
            told = Counter(json.loads(sealed.body)["kind"] for sealed in tx.ledger.entries())
        assert (told[Kind.CONSENT_GIVEN], told[Kind.FILE_PUBLISHED], told[Kind.REHOST_COMPLETED]) == (1, 2, 1)


def in_threads(threads: list[Thread]) -> None:
    """Run them all to their end."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
