"""Months of a campaign in seconds: random projects, people who act, pauses, kills between transactions, a clock that jumps.

What is asked of every story: nobody is forgotten, nobody is told twice, no project is moved too early, and nothing is
re-hosted or forgotten.
"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.campaigns import DAY, Play, begin_play
from tests.support.invariants import broken

from homeport.domain.campaign import CampaignKind, CampaignState, Group, Stand
from homeport.domain.errors import Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.flows.campaign.days import look_after_campaigns
from homeport.flows.campaign.manage import pause_campaign, resume_campaign
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status
from homeport.flows.exemptions import extend_exemption
from homeport.flows.render_pages import render_project

NAMES = ("aa", "bb", "cc", "dd")
EXT, ONLY = HostingMode.EXT, HostingMode.ONLY

DEEDS = st.one_of(
    st.tuples(st.just("days"), st.integers(0, 45)),
    st.tuples(st.just("kill"), st.integers(0, 5)),
    st.tuples(st.just("back"), st.integers(1, 40)),
    st.tuples(
        st.sampled_from(["act", "exempt", "quarantine", "free", "find", "bring"]),
        st.integers(0, len(NAMES) - 1),
    ),
    st.tuples(st.sampled_from(["pause", "resume"]), st.integers(0, 60)),
)


class Story:
    """One campaign and what must hold of it."""

    def __init__(self, play: Play, links: list[int]) -> None:
        self.play = play
        for name, count in zip(NAMES, links, strict=False):
            play.add(name, *(f"{name}-1.{number}.zip" for number in range(count)))
        self.names = NAMES[: len(links)]
        self.begun = play.announce()
        self.newest = self.begun
        self.links = {name: self._links(name) for name in self.names}

    def do(self, deed: str, number: int) -> None:
        """One thing that happens; what is refused did not."""
        try:
            getattr(self, deed)(number)
        except Refusal:
            return
        finally:
            self.check()

    def days(self, number: int) -> None:
        """Time passes, and the clock looks."""
        self.play.fakes.clock.advance(number * DAY)
        self.newest = max(self.newest, self.play.now.date())
        self.play.look()

    def kill(self, number: int) -> None:
        """A worker that is killed before its transaction is committed, and starts again: some rows were done."""
        store = self.play.fakes.store
        self.play.fakes.clock.advance(number * DAY)
        self.newest = max(self.newest, self.play.now.date())
        kept = store.committed.snapshot()
        look_after_campaigns(self.play.world)
        store.committed = kept
        self.play.look()

    def back(self, number: int) -> None:
        """The clock of the machine is set back."""
        self.play.fakes.clock.advance(-number * DAY)
        self.play.look()
        self.play.fakes.clock.advance(number * DAY)

    def act(self, number: int) -> None:
        """An owner moves the project, and accepts what is lost."""
        name = self._name(number)
        change_hosting(self.play.world, self.play.owner(name), name, Wish(ONLY, acknowledges_loss=True))

    def exempt(self, number: int) -> None:
        """An administrator gives the exemption an end."""
        until = self.newest + 2_000 * DAY
        extend_exemption(self.play.world, self.play.root, self._name(number), until, "Later.")

    def quarantine(self, number: int) -> None:
        """A moderator stops everything."""
        self._mark(number, ProjectStatus.QUARANTINED)

    def free(self, number: int) -> None:
        """And lets it go on."""
        self._mark(number, ProjectStatus.ACTIVE)

    def find(self, number: int) -> None:
        """A file elsewhere is recorded."""
        self._record(number, (*self.links[self._name(number)], "late-1.0.zip"))

    def bring(self, number: int) -> None:
        """The maintainers link to nothing elsewhere any more."""
        self._record(number, ())

    def pause(self, _: int) -> None:
        """An administrator stops the clock."""
        pause_campaign(self.play.world, self.play.root, 1, "Wait.")

    def resume(self, number: int) -> None:
        """And starts it again, sometimes with a later day."""
        day = self.play.campaign().day + (number - 30) * DAY
        resume_campaign(self.play.world, self.play.root, 1, day if number > 30 else None)

    def _name(self, number: int) -> str:
        return self.names[number % len(self.names)]

    def _mark(self, number: int, status: ProjectStatus) -> None:
        change_status(self.play.world, self.play.root, self._name(number), status, "")

    def _record(self, number: int, links: tuple[str, ...]) -> None:
        name = self._name(number)
        with self.play.world.store.write() as tx:
            project = tx.projects.find(name)
            assert project is not None
            if project.mode is EXT:
                self.play.put_links(tx, project, tuple(dict.fromkeys(links)))
                render_project(tx, project, project.serial)
                self.links[name] = tuple(sorted(dict.fromkeys(links)))

    def _links(self, name: str) -> tuple[str, ...]:
        with self.play.world.store.read() as tx:
            found = tx.outside.links(self.play.projects[name].id)
        return tuple(sorted(link.filename for link in found))

    def check(self) -> None:
        """What holds at every moment."""
        tables = self.play.fakes.store.committed
        for name in self.names:
            entrant, notices = self.play.entrant(name), self.play.notices(f"owner-of-{name}")
            given = Counter(notice.about for notice in notices)
            assert all(count == 1 for count in given.values()), given
            steps = [one.step for one in entrant.told]
            assert len(set(steps)) == len(steps)
            extra = entrant.stand is Stand.MOVED
            assert len(notices) == len(steps) + extra
            assert self._links(name) == self.links[name]
            if entrant.stand is Stand.MOVED:
                self._check_moved(name)
            elif entrant.stand is Stand.WAITING:
                assert entrant.due_on is not None
                assert self.play.mode(name) in {EXT, ONLY}
        assert tables.files == {}
        assert broken(self.play.fakes) == []

    def _check_moved(self, name: str) -> None:
        entrant = self.play.entrant(name)
        assert entrant.changed_at is not None
        moved = entrant.changed_at.date()
        assert self.play.mode(name) is ONLY
        counting = [one for one in entrant.told if entrant.group is Group.A or one.group is Group.B]
        least = (90, 30, 7) if entrant.group is Group.B else (30,)
        for days in least:
            assert any(one.days >= days and (moved - one.on).days >= days for one in counting), entrant

    def end(self) -> None:
        """Whatever happened: at last every project acted, is exempt, or was moved, and its people know."""
        for number, _ in enumerate(self.names):
            self.do("free", number)
        if self.play.campaign().state is CampaignState.PAUSED:
            resume_campaign(self.play.world, self.play.root, 1)
        for _ in range(80):
            self.days(7)
        self.check()
        assert self.play.campaign().state is CampaignState.REPORTED
        for name in self.names:
            stand = self.play.stand(name)
            assert stand in {Stand.MOVED, Stand.ACTED, Stand.EXEMPT}
            if stand is Stand.MOVED:
                assert self.play.told(f"owner-of-{name}")[-1][1] == "campaign-moved"
        assert len(self.play.notices("root")) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(links=st.lists(st.integers(0, 2), min_size=1, max_size=len(NAMES)), deeds=st.lists(DEEDS, max_size=14))
def test_whatever_happens_in_a_campaign(
    tmp_path_factory: pytest.TempPathFactory, links: list[int], deeds: list[tuple[str, int]]
) -> None:
    """At every moment, and at the end."""
    with begin_play(tmp_path_factory.mktemp("campaign")) as play:
        story = Story(play, links)
        story.check()
        for deed, number in deeds:
            story.do(deed, number)
        story.end()


def test_a_kill_between_any_two_transactions(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Killed after each single commit of the announcing and of the day, nobody is forgotten and nobody told twice."""
    with begin_play(tmp_path_factory.mktemp("kills")) as play:
        for number in range(6):
            play.add(f"p{number}", *([f"p{number}-1.0.zip"] if number % 2 else []))
        play.announce(CampaignKind.TO_ONLY)
        store, real_write = play.fakes.store, play.fakes.store.write
        for number in range(97):
            for allowed in range(1, 9):
                left = [allowed]

                def write(left: list[int] = left) -> object:
                    if not left[0]:
                        raise KeyboardInterrupt
                    left[0] -= 1
                    return real_write()

                store.write = write  # type: ignore[method-assign, assignment]
                try:
                    look_after_campaigns(play.world)
                except KeyboardInterrupt:
                    pass
                finally:
                    store.write = real_write  # type: ignore[method-assign]
                play.finish_surveys()
            play.fakes.clock.advance(timedelta(days=1))
            assert number >= 0
        for number in range(6):
            kinds = [kind for _, kind in play.told(f"owner-of-p{number}")]
            reminders = ["campaign-reminder"] * 2 if number % 2 else []
            assert kinds == ["campaign-announced", *reminders, "campaign-moved"]
            assert play.mode(f"p{number}") is ONLY
