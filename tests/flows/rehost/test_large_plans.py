"""Large plans: files are listed, a maintainer says which to fetch, and only what was fetched can be agreed to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, begin_story, sdist, wheel
from tests.support.world import add_person, drop_jobs, run_job, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, IllegalMove, Invalid, NeedsConsent, NotFound
from homeport.domain.fetching import Few, Wish
from homeport.domain.offer import Facts
from homeport.domain.rehost import Bytes, Decision, State
from homeport.domain.source import MAX_PATTERNS
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.review import Choice, RehostView, accept, fetch, refuse
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.ports.jobs import Job, Urgency, Work
from homeport.ports.world import Limits

FILES = {WHEEL: wheel(), SDIST: sdist(), WHEEL_2: wheel("2.0")}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A project with three files outside; more than two are not fetched unasked."""
    with begin_story(tmp_path, limits=Limits(few=Few(items=2))) as story:
        story.offer(FILES)
        yield story


def bytes_of(view: RehostView) -> dict[str, Bytes]:
    """How every item stands."""
    return {item.filename: item.bytes for item in view.plan.items}


def test_a_large_plan_is_shown_without_bytes(story: Story) -> None:
    """Nothing but the page is asked for; the plan is ready for review, and says what it waits for."""
    view = story.plan()
    assert view.rehost.state is State.PLANNED
    assert set(bytes_of(view).values()) == {Bytes.LISTED}
    assert [url for url in story.fakes.outside.asked if url.endswith((".whl", ".gz"))] == [
        f"{SITE}/{name}" for name in FILES
    ], "sizes are asked for, once"
    (notice,) = (notice for _, notice in story.fakes.store.committed.notices)
    assert "3 of them are only listed" in notice.text


def test_nobody_agrees_to_what_is_only_listed(story: Story) -> None:
    """Such an item is refused with what to do, also when its sha256 is named, and is taken by no acceptance."""
    view = story.plan()
    item = story.item(view.rehost.id, WHEEL)
    for declared in ({}, {item.id: Sha256.of(wheel())}):
        with pytest.raises(
            NeedsConsent, match=r"Fetch it first .*“Fetch the ticked files” .*homeport rehost fetch"
        ) as refused:
            story.accept(view, accept=frozenset({item.id}), declared=declared)
        assert refused.value.code == "items-not-acceptable"
    with pytest.raises(NeedsConsent) as refused:
        story.accept(view)
    assert refused.value.code == "nothing-acceptable"


def test_chosen_files_are_fetched_and_the_plan_is_another(story: Story) -> None:
    """What was wanted is here and can be agreed to, the rest is still only listed, and what was shown before is void."""
    before = story.plan()
    again = fetch(story.world, story.owner, before.rehost.id, Wish(version="1.0"))
    assert (again.state, again.tries) == (State.PLANNING, 2)
    assert story.fakes.waiting() == [Job(Work.FETCH_ITEMS, again.id, 2, host="site.test")]
    run_jobs(story.fakes)
    view = story.view(again.id)
    assert view.rehost.state is State.PLANNED
    assert bytes_of(view) == {WHEEL: Bytes.HERE, SDIST: Bytes.HERE, WHEEL_2: Bytes.LISTED}
    assert view.digest != before.digest
    with pytest.raises(Conflict) as refused:
        accept(story.world, story.owner, again.id, Choice(before.digest, Basis.AUTHOR))
    assert refused.value.code == "plan-changed"
    story.accept(view)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}
    assert story.item(again.id, WHEEL_2).decision is Decision.LEAVE_OUT


def test_files_are_fetched_step_by_step(story: Story) -> None:
    """What was fetched stays while more is fetched, and what could not be reached is tried again."""
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    view = story.plan()
    fetch(story.world, story.owner, view.rehost.id, Wish(version="1.0"))
    run_jobs(story.fakes)
    assert bytes_of(story.view(view.rehost.id)) == {
        WHEEL: Bytes.HERE,
        SDIST: Bytes.UNREACHABLE,
        WHEEL_2: Bytes.LISTED,
    }
    story.fakes.outside.put_file(f"{SITE}/{SDIST}", sdist())
    story.fakes.outside.asked.clear()
    fetch(story.world, story.owner, view.rehost.id, Wish(everything=True))
    run_jobs(story.fakes)
    assert set(bytes_of(story.view(view.rehost.id)).values()) == {Bytes.HERE}
    assert story.fakes.outside.asked == [f"{SITE}/{SDIST}", f"{SITE}/{WHEEL_2}"]


def test_what_was_not_chosen_is_remembered(story: Story) -> None:
    """An item that a maintainer did not tick before fetching others is not taken by an acceptance without a choice."""
    view = story.plan()
    fetch(story.world, story.owner, view.rehost.id, Wish(version="1.0"))
    run_jobs(story.fakes)
    unwanted = frozenset({story.item(view.rehost.id, SDIST).id, story.item(view.rehost.id, WHEEL_2).id})
    fetch(story.world, story.owner, view.rehost.id, Wish(version="2.0"), leave_out=unwanted)
    run_jobs(story.fakes)
    story.accept(story.view(view.rehost.id))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, WHEEL_2}


def test_small_plans_and_calls_fetch_at_once(story: Story) -> None:
    """Two files are few; and an update of the cache fetches however many there are."""
    assert set(bytes_of(story.plan("1.0")).values()) == {Bytes.HERE}
    rehost = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    assert Bytes.LISTED not in bytes_of(story.view(rehost.id)).values()


@pytest.mark.parametrize(
    ("wish", "kind"),
    [(Wish(), Invalid), (Wish(items=frozenset({77})), Invalid), (Wish(version="9"), Conflict)],
)
def test_a_wish_for_nothing_changes_nothing(story: Story, wish: Wish, kind: type[Exception]) -> None:
    """What cannot be fetched is refused, and the plan stays as it was."""
    view = story.plan()
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(kind):
        fetch(story.world, story.owner, view.rehost.id, wish)
    assert story.fakes.store.committed == before


def test_a_wish_is_measured_before_anybody_waits_for_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Patterns without end are refused while everybody else can still write."""
    view = story.plan()
    monkeypatch.delattr(type(story.world.store), "write")
    with pytest.raises(Invalid) as refused:
        fetch(story.world, story.owner, view.rehost.id, Wish(only=("*",) * (MAX_PATTERNS + 1)))
    assert refused.value.code == "fetch-choice-too-large"


def test_only_a_plan_that_waits_is_fetched_for(story: Story) -> None:
    """While it is planned, and once it was answered, nobody asks for more of its bytes; a stranger never does."""
    rehost = start_plan(story.world, story.owner, "demo")
    with pytest.raises(IllegalMove):
        fetch(story.world, story.owner, rehost.id, Wish(everything=True))
    run_jobs(story.fakes)
    with pytest.raises(NotFound):
        fetch(story.world, Caller(add_person(story.world, "eve")), rehost.id, Wish(everything=True))
    refuse(story.world, story.owner, rehost.id)
    with pytest.raises(IllegalMove):
        fetch(story.world, story.owner, rehost.id, Wish(everything=True))


def test_a_retry_lists_anew(story: Story) -> None:
    """A retry looks at every page again; where something was published by consent, what was only listed stays listed."""
    view = story.plan()
    fetch(story.world, story.owner, view.rehost.id, Wish(only=(WHEEL,)))
    run_jobs(story.fakes)
    story.accept(story.view(view.rehost.id))
    drop_jobs(story.fakes)
    fail(story.world, view.rehost.id, "The worker died.", "failed")
    retry(story.world, story.owner, view.rehost.id)
    run_jobs(story.fakes)
    assert bytes_of(story.view(view.rehost.id)) == {
        WHEEL: Bytes.HERE,
        SDIST: Bytes.LISTED,
        WHEEL_2: Bytes.LISTED,
    }


# Sizes that nobody told


def test_sizes_are_learned_after_the_plan_is_shown(story: Story) -> None:
    """The plan is there first, and stays the plan that was shown; a site that does not tell is asked once."""
    rehost = start_plan(story.world, story.owner, "demo")
    run_job(story.fakes, story.fakes.waiting()[0])
    shown = story.view(rehost.id)
    assert shown.rehost.state is State.PLANNED
    (job,) = story.fakes.waiting()
    assert (job.work, job.host, job.urgency) == (Work.LEARN_SIZES, "site.test", Urgency.NOBODY)
    run_jobs(story.fakes)
    told = story.view(rehost.id)
    assert {item.filename: item.facts.size_bytes for item in told.plan.items} == {
        name: len(body) for name, body in FILES.items()
    }
    assert told.digest == shown.digest


def test_a_host_that_tells_no_size_is_left_alone(story: Story) -> None:
    """After the first answer without a size no other is asked for; sizes that are known are not asked for again."""
    story.fakes.outside.put(f"{SITE}/{WHEEL}", Answer(mood=Mood.SILENT))
    rehost = start_plan(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    assert story.fakes.outside.asked == [f"{SITE}/", f"{SITE}/{WHEEL}"]
    assert {item.facts.size_bytes for item in story.view(rehost.id).plan.items} == {None}


def test_sizes_of_a_plan_that_went_on_are_not_asked_for(story: Story) -> None:
    """A plan that was answered meanwhile is left as it is."""
    rehost = start_plan(story.world, story.owner, "demo")
    run_job(story.fakes, story.fakes.waiting()[0])
    refuse(story.world, story.owner, rehost.id)
    before = story.fakes.store.committed.snapshot()
    run_jobs(story.fakes)
    assert story.fakes.store.committed == before


def test_what_places_say_must_hold(story: Story) -> None:
    """A size that the bytes do not have is held for a person to see."""
    view = story.plan()
    item = story.item(view.rehost.id, WHEEL)
    with story.world.store.write() as tx:
        tx.rehosts.put_item(view.rehost.id, replace(item, facts=Facts(size_bytes=len(wheel()) + 1)))
    fetch(story.world, story.owner, view.rehost.id, Wish(only=(WHEEL,)))
    run_jobs(story.fakes)
    fetched = story.item(view.rehost.id, WHEEL)
    assert [finding.code for finding in fetched.findings if finding.severity == "hold"] == ["size-differs"]
    assert fetched.verdict == "hold"
