"""What the clock does about exemptions, over months: reminders, the end, and what a jump of the time cannot do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.invariants import broken, entries
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.world import add_person, grant, set_status

from homeport.domain.account import Caller
from homeport.domain.errors import Unavailable
from homeport.domain.exemption import Exemption, Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus, Role
from homeport.flows import exemption_days
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemption_days import look_after_exemptions
from homeport.flows.exemptions import extend_exemption
from homeport.ports.hosting import ExemptionFilter
from homeport.ports.world import World

DAY = timedelta(days=1)
LASTS = 120
WATCHED = {"exemption-reminder", "exemption-ended", "exemption-extended"}


def begin(story: Story) -> Caller:
    """Let demo, with two external files, stay in pypi-ext for four months; the administrator."""
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    root = Caller(add_person(story.world, "root", is_admin=True))
    until = story.fakes.clock.now().date() + LASTS * DAY
    change_hosting(story.world, root, "demo", Wish(HostingMode.EXT, "Too large.", until))
    story.plan()
    return root


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """The project with its exemption."""
    with begin_story(tmp_path) as story:
        begin(story)
        yield story


def told(story: Story, who: str = "ada") -> list[tuple[date, str]]:
    """What a person was told of exemptions, and on which day, oldest first."""
    with story.world.store.read() as tx:
        user = tx.users.by_name(who)
        assert user is not None
        notices = tx.notices.of_user(user.id, limit=999)
    return [(one.at.date(), one.kind) for one in reversed(notices) if one.kind in WATCHED]


def exemption(story: Story) -> Exemption:
    """The newest exemption of demo."""
    with story.world.store.read() as tx:
        return tx.exemptions.every(ExemptionFilter("demo"), limit=1)[0]


def mode(story: Story) -> HostingMode:
    """The project's mode."""
    with story.world.store.read() as tx:
        project = tx.projects.find("demo")
    assert project is not None
    return project.mode


def page(story: Story) -> bytes:
    """The project's HTML page."""
    return story.fakes.store.committed.pages["demo", "html"].bodies["identity"]


def pass_days(story: Story, days: int) -> None:
    """Let the clock look every day."""
    for _ in range(days):
        story.fakes.clock.advance(DAY)
        look_after_exemptions(story.world)


def test_four_months(ext: Story) -> None:
    """Reminded 30 and 7 days before, ended on the day, each told once to whoever maintains, the end to administrators."""
    begun = ext.fakes.clock.now().date()
    asked, files = len(ext.fakes.outside.asked), ext.files()
    grant(ext.world, ext.project, add_person(ext.world, "rita"), Role.READER)
    pass_days(ext, LASTS - 1)
    reminders = [(begun + (LASTS - left) * DAY, "exemption-reminder") for left in (30, 7)]
    assert told(ext) == reminders
    assert (mode(ext), SITE.encode() in page(ext)) == (HostingMode.EXT, True)
    pass_days(ext, 30)
    day = begun + LASTS * DAY
    assert told(ext) == [*reminders, (day, "exemption-ended")]
    assert told(ext, "root") == [(day, "exemption-ended")]
    assert told(ext, "rita") == []
    # Nothing was re-hosted or asked for, and nothing recorded is forgotten.
    assert mode(ext) is HostingMode.ONLY
    assert b"://" not in page(ext)
    assert (len(ext.fakes.outside.asked), ext.files()) == (asked, files)
    with ext.world.store.read() as tx:
        assert {link.filename for link in tx.outside.links(ext.project.id)} == {WHEEL, SDIST}
        (line, _) = tx.hosting_log.lines(limit=9)
    assert (line.event, line.who, line.source, line.target) == (
        Event.EXEMPTION_ENDED,
        "clock",
        HostingMode.EXT,
        HostingMode.ONLY,
    )
    entry = entries(ext.fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["details"]["by"]) == ("mode-changed", "clock", "clock")
    assert (exemption(ext).standing, exemption(ext).ended_by) == (Standing.ENDED, Mover.CLOCK)


def test_what_people_are_told(ext: Story) -> None:
    """A reminder says how long, which files and what to do; the end says what is lost, and that it can come home still."""
    pass_days(ext, LASTS)
    with ext.world.store.read() as tx:
        end, last, _, *_ = tx.notices.of_user(ext.owner.user.id, limit=9)
    until = exemption(ext).until
    assert last.subject == "demo may stay in pypi-ext for 7 days more"
    assert last.path == "/manage/projects/demo/"
    for said in (f"ends on {until}", f"- {WHEEL}", f"- {SDIST}", "without your consent", "extend"):
        assert said in last.text
    assert end.subject == "demo is pypi-only now: its exemption has ended"
    for said in ("Too large.", f"- {WHEEL}", "stays recorded"):
        assert said in end.text


def test_an_owner_brings_files_home_after_the_end(ext: Story) -> None:
    """The end closes nothing: with consent the project moves to pypi-cache, and its sources are still known."""
    pass_days(ext, LASTS)
    change_hosting(ext.world, ext.owner, "demo", Wish(HostingMode.CACHE, consents=True))
    assert {item.filename for item in ext.plan().plan.items} == {WHEEL, SDIST}


def test_extended_in_time(ext: Story) -> None:
    """An extension stops the end, and reminders come again before the new one."""
    with ext.world.store.read() as tx:
        root = tx.users.by_name("root")
    assert root is not None
    pass_days(ext, LASTS - 5)
    until = ext.fakes.clock.now().date() + 60 * DAY
    extend_exemption(ext.world, Caller(root), "demo", until, "Still too large.")
    pass_days(ext, 59)
    assert mode(ext) is HostingMode.EXT
    kinds = [kind for _, kind in told(ext)]
    assert kinds == ["exemption-reminder"] * 2 + ["exemption-extended"] + ["exemption-reminder"] * 2
    with ext.world.store.read() as tx:
        assert tx.notices.of_user(ext.owner.user.id, limit=1)[0].at.date() == until - 7 * DAY
    pass_days(ext, 1)
    assert mode(ext) is HostingMode.ONLY


def test_the_last_day(ext: Story) -> None:
    """A worker that was away reminds of what is left, in days as they are."""
    ext.fakes.clock.advance((LASTS - 1) * DAY)
    look_after_exemptions(ext.world)
    with ext.world.store.read() as tx:
        assert tx.notices.of_user(ext.owner.user.id, limit=1)[0].subject.endswith("for 1 day more")
    assert len(told(ext)) == 1


def test_quarantine_stops_the_clock(ext: Story) -> None:
    """A quarantined project stays as it is, also after its day; the move is made when quarantine ends (I-12)."""
    set_status(ext.fakes.store, ext.project, ProjectStatus.QUARANTINED)
    pass_days(ext, LASTS + 10)
    assert (mode(ext), told(ext)) == (HostingMode.EXT, [])
    set_status(ext.fakes.store, ext.project, ProjectStatus.ACTIVE)
    pass_days(ext, 1)
    assert mode(ext) is HostingMode.ONLY


def test_who_maintains_and_administers_is_told_once(ext: Story) -> None:
    """One notice of the end, however many reasons there are to be told."""
    with ext.world.store.read() as tx:
        root = tx.users.by_name("root")
    assert root is not None
    grant(ext.world, ext.project, root, Role.OWNER)
    pass_days(ext, LASTS)
    assert [kind for _, kind in told(ext, "root")].count("exemption-ended") == 1


def test_what_changed_meanwhile_is_left_alone(ext: Story) -> None:
    """An exemption that was extended, or ended, between the look and the transaction is not touched."""
    seen = exemption(ext)
    ext.fakes.clock.advance(LASTS * DAY)
    with ext.world.store.write() as tx:
        tx.exemptions.put(replace(seen, until=date(2030, 1, 1)))
    assert not exemption_days._look_after(ext.world, seen)
    assert mode(ext) is HostingMode.EXT
    change_hosting(ext.world, ext.owner, "demo", Wish(HostingMode.ONLY, acknowledges_loss=True))
    assert not exemption_days._look_after(ext.world, seen)
    assert told(ext) == []
    assert exemption(ext).ended_by is Mover.OWNER


def test_one_in_trouble_stops_no_other(
    ext: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is told of, and due again; a database that is away stops the round."""
    real = exemption_days._look_after
    ext.fakes.clock.advance(LASTS * DAY)

    def fail(error: Exception) -> None:
        def look_after(world: World, seen: Exemption) -> bool:
            raise error

        monkeypatch.setattr(exemption_days, "_look_after", look_after)

    fail(RuntimeError("never seen"))
    assert look_after_exemptions(ext.world) == 0
    assert "an exemption could not be looked after" in caplog.text
    fail(Unavailable("Away."))
    with pytest.raises(Unavailable):
        look_after_exemptions(ext.world)
    monkeypatch.setattr(exemption_days, "_look_after", real)
    assert look_after_exemptions(ext.world) == 1


def test_what_has_no_end_is_never_due(ext: Story) -> None:
    """To remind of no end is a mistake of ours."""
    endless = replace(exemption(ext), until=None)
    with ext.world.store.write() as tx:
        tx.exemptions.put(endless)
    pass_days(ext, 1)
    assert told(ext) == []
    with pytest.raises(AssertionError):
        exemption_days._look_after(ext.world, endless)


@settings(max_examples=25, deadline=None)
@given(
    jumps=st.lists(st.integers(-90, 90) | st.sampled_from((0, 1, -1)), min_size=1, max_size=25),
    kills=st.sets(st.integers(0, 24)),
)
def test_however_the_time_jumps(
    tmp_path_factory: pytest.TempPathFactory, jumps: list[int], kills: set[int]
) -> None:
    """Back and forth, with kills at the end of a transaction: nobody is told twice, and it ends once and on its day."""
    with begin_story(tmp_path_factory.mktemp("jumps")) as story:
        begin(story)
        until = exemption(story).until
        assert until is not None
        newest = story.fakes.clock.now().date()
        for number, days in enumerate(jumps):
            story.fakes.clock.advance(days * DAY)
            newest = max(newest, story.fakes.clock.now().date())
            if number in kills:
                # What a kill leaves is what was committed before, and that is looked at from its beginning.
                committed = story.fakes.store.committed.snapshot()
                look_after_exemptions(story.world)
                story.fakes.store.committed = committed
            look_after_exemptions(story.world)
            look_after_exemptions(story.world)
        kinds = [kind for _, kind in told(story)]
        is_over = newest >= until
        assert kinds.count("exemption-ended") == is_over
        assert kinds.count("exemption-reminder") <= 2
        assert (mode(story) is HostingMode.ONLY) is is_over
        assert story.count(Kind.MODE_CHANGED) == 1 + is_over
        reminded = [day for day, kind in told(story) if kind == "exemption-reminder"]
        assert all(until - 30 * DAY <= day < until for day in reminded)
        assert broken(story.fakes) == []
