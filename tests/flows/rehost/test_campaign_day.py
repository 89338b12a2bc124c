"""The day of a campaign comes while files are on their way home: what was agreed to comes, nothing else does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.support.campaigns import Play
from tests.support.outside import Answer, Mood
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import add_person, drop_jobs, run_jobs, run_work

from homeport.domain.account import Caller
from homeport.domain.campaign import CampaignKind
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, NeedsConsent
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event
from homeport.domain.rehost import Bytes, Rehost, State
from homeport.flows.campaign.manage import cancel_campaign
from homeport.flows.campaign.opt_in import opt_in
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import end_exemption
from homeport.flows.rehost.publish import begin_publishing, complete, publish_batch, retry_later
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.start import start_plan
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.jobs import Job, Work

MANY = {f"demo-{number}.0-py3-none-any.whl": wheel(f"{number}.0") for number in range(1, 24)}
TO_ONLY, PHASE_OUT = CampaignKind.TO_ONLY, CampaignKind.PHASE_OUT


@dataclass
class Eve:
    """The last day before that of a campaign."""

    story: Story
    play: Play

    def let_the_day_come(self) -> None:
        """The clock moves the project, and work that waits goes on waiting."""
        self.play.pass_days(1)
        assert self.play.mode("demo") is HostingMode.ONLY

    def state(self, rehost: Rehost) -> tuple[State, str]:
        """How far the rehost is, and the code of its problem."""
        now = self.story.view(rehost.id).rehost
        return now.state, now.problem_code

    def publish(self, rehost: Rehost) -> None:
        """The work that consent starts."""
        run_work(self.story.world, Job(Work.PUBLISH_REHOST, rehost.id, 1))


@pytest.fixture
def kind() -> CampaignKind:
    """The campaign; a test may want the other one."""
    return TO_ONLY


@pytest.fixture
def eve(tmp_path: Path, kind: CampaignKind) -> Iterator[Eve]:
    """Project ``demo`` has all its files outside, and was told in time."""
    with begin_story(tmp_path, kind.source) as story:
        root = Caller(add_person(story.world, "root", is_admin=True))
        play = Play(story.fakes, root, {"demo": story.project})
        if kind is TO_ONLY:
            forget_the_end(story)
            story.offer({WHEEL: wheel(), SDIST: sdist()})
            story.plan()
        play.announce(kind)
        play.pass_days(89)
        assert play.mode("demo") is kind.source
        yield Eve(story, play)
        drop_jobs(story.fakes)


def forget_the_end(story: Story) -> None:
    """Let the project's exemption be one of those that never had an end."""
    with story.world.store.write() as tx:
        exemption = tx.exemptions.live(story.project.id)
        assert exemption is not None
        tx.exemptions.put(replace(exemption, until=None))


def agreed(story: Story) -> Rehost:
    """A plan of everything outside, agreed to."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    return rehost


def links_of(eve: Eve) -> bool:
    """True while the page sends installers elsewhere."""
    return SITE.encode() in eve.play.page("demo")


@pytest.mark.parametrize("kind", [TO_ONLY, PHASE_OUT])
def test_what_was_agreed_to_comes_home_after_the_day(eve: Eve) -> None:
    """Consent given in time stands: the project is pypi-only, and every file of it is hosted."""
    rehost = agreed(eve.story)
    eve.let_the_day_come()
    eve.publish(rehost)
    assert eve.state(rehost) == (State.PUBLISHED, "")
    assert eve.story.files().keys() == {WHEEL, SDIST}
    assert eve.play.mode("demo") is HostingMode.ONLY
    assert not links_of(eve)


def test_the_day_comes_between_two_batches(eve: Eve) -> None:
    """What is being published when the day comes is published to its end."""
    eve.story.offer(MANY)
    rehost = eve.story.accept(eve.story.plan())
    first, second = begin_publishing(eve.story.world, rehost.id)
    publish_batch(eve.story.world, rehost.id, first)
    assert links_of(eve)
    eve.let_the_day_come()
    assert not links_of(eve)
    publish_batch(eve.story.world, rehost.id, second)
    complete(eve.story.world, rehost.id)
    assert eve.state(rehost) == (State.PUBLISHED, "")
    assert eve.story.files().keys() == MANY.keys()


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_file_that_could_not_be_reached_before_the_day(eve: Eve, *, by_hand: bool) -> None:
    """A file that was accepted by its sha256 is tried again after the day, by the clock and by a person."""
    rehost = agreed_unseen(eve)
    eve.publish(rehost)
    assert eve.state(rehost) == (State.PARTLY_PUBLISHED, "partly-published")
    eve.let_the_day_come()
    eve.story.offer({WHEEL: wheel(), SDIST: sdist()})
    if by_hand:
        retry(eve.story.world, eve.story.owner, rehost.id)
    else:
        retry_later(eve.story.world, rehost.id)
    eve.publish(rehost)
    assert eve.state(rehost) == (State.PUBLISHED, "")
    assert eve.story.files().keys() == {WHEEL, SDIST}


def agreed_unseen(eve: Eve) -> Rehost:
    """A plan agreed to with a file that is only known by its sha256, for its place is silent."""
    story = eve.story
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    story.fakes.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))
    view = story.plan()
    ids = {item.filename: item.id for item in view.plan.items}
    assert story.item(view.rehost.id, SDIST).bytes is Bytes.UNREACHABLE
    declared = {ids[SDIST]: Sha256.of(sdist())}
    rehost = story.accept(view, accept=frozenset(ids.values()), declared=declared)
    drop_jobs(story.fakes)
    return rehost


def test_a_consent_that_is_withdrawn_after_the_day(eve: Eve) -> None:
    """Consent stands until it is withdrawn, and then nothing comes (I-07)."""
    rehost = agreed(eve.story)
    eve.let_the_day_come()
    withdraw(eve.story.world, eve.story.owner, rehost.id)
    eve.publish(rehost)
    assert eve.state(rehost) == (State.WITHDRAWN, "")
    assert eve.story.files() == {}


def test_an_owner_who_closes_the_outside_means_it(eve: Eve) -> None:
    """Whoever makes the project pypi-only before the day, with files on their way, gets none of them."""
    rehost = agreed(eve.story)
    change_hosting(eve.story.world, eve.story.owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    eve.let_the_day_come()
    eve.publish(rehost)
    assert eve.state(rehost) == (State.FAILED, "external-refused")
    assert eve.story.files() == {}


def test_a_campaign_that_is_cancelled_opens_nothing(eve: Eve) -> None:
    """What an owner closed stays closed, whatever the hosting log tells of the project later."""
    rehost = agreed_unseen(eve)
    eve.publish(rehost)
    change_hosting(eve.story.world, eve.story.owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    cancel_campaign(eve.story.world, eve.play.root, 1, "The lawyers have not answered.")
    eve.play.look()
    eve.story.offer({WHEEL: wheel(), SDIST: sdist()})
    with pytest.raises(Conflict) as refused:
        retry(eve.story.world, eve.story.owner, rehost.id)
    assert refused.value.code == "external-refused"
    assert eve.story.files().keys() == {WHEEL}
    with eve.story.world.store.read() as tx:
        (last,) = tx.hosting_log.of_project(eve.story.project.id, limit=1)
    assert (last.event, last.mover) == (Event.CAMPAIGN_CANCELLED, Mover.CLOCK)


def test_an_administrator_who_ends_an_exemption_ends_no_consent(eve: Eve) -> None:
    """The end of an exemption takes the links from the page; it is not for administrators to withdraw a consent."""
    rehost = agreed(eve.story)
    end_exemption(eve.story.world, eve.play.root, "demo", "Long enough.")
    assert not links_of(eve)
    eve.publish(rehost)
    assert eve.story.files().keys() == {WHEEL, SDIST}


def test_a_plan_that_nobody_agreed_to_waits_for_the_opt_in(eve: Eve) -> None:
    """On the day a plan is no consent; when the project is pypi-cache again, the same plan is agreed to."""
    eve.story.offer({WHEEL: wheel(), SDIST: sdist()})
    view = eve.story.plan()
    eve.let_the_day_come()
    with pytest.raises(Conflict) as refused:
        eve.story.accept(view)
    assert refused.value.code == "external-refused"
    change_hosting(eve.story.world, eve.story.owner, "demo", Wish(HostingMode.CACHE, consents=True))
    rehost = eve.story.accept(view)
    run_jobs(eve.story.fakes)
    assert eve.state(rehost) == (State.PUBLISHED, "")
    assert eve.story.files().keys() == {WHEEL, SDIST}


def test_a_plan_that_is_being_made_on_the_day(eve: Eve) -> None:
    """Nobody has agreed to it: nothing is asked for any more, and no link is listed; a later opt-in makes it whole."""
    rehost = start_plan(eve.story.world, eve.story.owner, "demo")
    drop_jobs(eve.story.fakes)
    eve.let_the_day_come()
    eve.story.fakes.outside.asked.clear()
    run_work(eve.story.world, Job(Work.PLAN_REHOST, rehost.id, 1))
    assert eve.state(rehost) == (State.FAILED, "external-refused")
    assert eve.story.fakes.outside.asked == []
    assert not links_of(eve)
    with pytest.raises(NeedsConsent):
        opt_in(eve.story.world, eve.story.owner, "demo")
    later = opt_in(eve.story.world, eve.story.owner, "demo", consents=True)
    run_jobs(eve.story.fakes)
    eve.story.accept(eve.story.view(later.id))
    run_jobs(eve.story.fakes)
    assert eve.story.files().keys() == {WHEEL, SDIST}
