"""A registration needs a live standing consent: asked before anything is fetched, and again when the files are there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.story import SITE, WHEEL, Story, begin_story, wheel
from tests.support.world import add_person, grant, run_jobs

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.project import Role
from homeport.domain.rehost import State
from homeport.domain.standing_consent import STANDING_LIMIT
from homeport.flows.rehost.registration import begin_registration, verify_registration
from homeport.flows.rehost.start import start_update_cache
from homeport.flows.standing_consents import StandingWish, give_consent, withdraw_consent

METADATA = CoreMetadata("2.1", "demo", "1.0", home_page=f"{SITE}/")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project of ada's and eve's with a file outside."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel()})
        yield story


@pytest.fixture
def eve(story: Story) -> Caller:
    """Another owner."""
    return grant(story.world, story.project, add_person(story.world, "eve"), Role.OWNER)


def end(story: Story, how: str, eve: Caller) -> str:
    """Let the standing consent count no more; what is told of it."""
    if how == "withdrawn":
        withdraw_consent(story.world, eve, "demo", "")
        return f"it was withdrawn on {story.fakes.clock.now():%Y-%m-%d}. An owner gives it anew"
    if how == "expired":
        story.fakes.clock.advance(STANDING_LIMIT)
        return f"it ended on {story.fakes.clock.now():%Y-%m-%d}. An owner gives it anew"
    if how == "void":
        grant(story.world, story.project, story.owner.user, Role.MAINTAINER)
        return "ada, who gave it, does not own the project any more. An owner gives it anew"
    story.fakes.store.committed.standing.clear()
    return "nobody gave one"


WAYS = ["withdrawn", "expired", "void", "never"]


@pytest.mark.parametrize("how", WAYS)
def test_nothing_is_fetched(story: Story, eve: Caller, how: str) -> None:
    """Without a live consent the call is refused at once, as its check is, with what became of it; no run begins."""
    why = end(story, how, eve)
    before = story.fakes.store.committed.snapshot()
    for call in (begin_registration, verify_registration):
        with pytest.raises(Conflict) as refused:
            call(story.world, story.owner, METADATA)
        assert refused.value.code == "standing-consent-missing"
        assert why in refused.value.sentence
    with pytest.raises(Conflict) as refused:
        start_update_cache(story.world, story.owner, "demo", "1.0")
    assert refused.value.code == "standing-consent-missing"
    assert story.fakes.store.committed == before
    assert story.fakes.outside.asked == []
    give_consent(story.world, eve, "demo", StandingWish(["site.test"]))
    verify_registration(story.world, story.owner, METADATA)
    assert isinstance(begin_registration(story.world, story.owner, METADATA), int)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}


@pytest.mark.parametrize("how", WAYS)
def test_it_is_asked_again_when_the_files_are_there(story: Story, eve: Caller, how: str) -> None:
    """A consent that ends while the files are fetched brings none of them home; the same call attaches until then."""
    begun = begin_registration(story.world, story.owner, METADATA)
    assert isinstance(begun, int)
    end(story, how, eve)
    assert begin_registration(story.world, story.owner, METADATA) == begun
    run_jobs(story.fakes)
    with story.world.store.read() as tx:
        rehost = tx.rehosts.find(begun)
    assert rehost is not None
    assert (rehost.state, rehost.problem_code) == (State.FAILED, "standing-consent-missing")
    assert story.files() == {}


def test_nobody_begins_a_project_so(story: Story) -> None:
    """Where new projects are pypi-cache, a registration of an unknown name is told how to begin it, and begins nothing."""
    with story.world.store.write() as tx:
        cache = HostingPolicy(default_mode=HostingMode.CACHE)
        tx.policies.put(cache, by="root", reason="", at=story.fakes.clock.now())
    other = CoreMetadata("2.1", "other", "1.0", home_page=f"{SITE}/")
    for call in (begin_registration, verify_registration):
        with pytest.raises(Conflict, match="homeport project create other --mode pypi-cache"):
            call(story.world, story.owner, other)
    with story.world.store.read() as tx:
        assert tx.projects.find("other") is None
