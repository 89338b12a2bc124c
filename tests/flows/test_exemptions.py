"""Exemptions are given, extended and ended by administrators; owners are told, and everybody may read of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.story import SDIST, SITE, WHEEL, Story, begin_story, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, grant

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode, Mover, Policy
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.flows import exemptions, hosting_log
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status
from homeport.flows.exemptions import (
    end_exemption,
    every_exemption,
    extend_exemption,
    list_exemptions,
)
from homeport.flows.hosting_log import many_lines, show_hosting_log
from homeport.flows.manage_project import create_project
from homeport.flows.users import demote_user
from homeport.ports.hosting import ExemptionFilter
from homeport.ports.notices import Notice

EVERY = ExemptionFilter()
DAY = timedelta(days=1)


@pytest.fixture
def ext(tmp_path: Path) -> Iterator[Story]:
    """A project with two external files, which root has let stay in pypi-ext for 90 days."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        give(story, 90)
        story.plan()
        yield story


def root(story: Story) -> Caller:
    """An administrator."""
    with story.world.store.read() as tx:
        there = tx.users.by_name("root")
    return Caller(there or add_person(story.world, "root", is_admin=True))


def give(story: Story, days: int, reason: str = "Too large; ask root@example.org.") -> None:
    """An exemption for so many days."""
    until = story.fakes.clock.now().date() + days * DAY
    change_hosting(story.world, root(story), "demo", Wish(HostingMode.EXT, reason, until))


def told(story: Story, who: Caller) -> Sequence[Notice]:
    """What a person was told, newest first."""
    with story.world.store.read() as tx:
        return tx.notices.of_user(who.user.id, limit=99)


def page(story: Story) -> bytes:
    """The project's HTML page."""
    return story.fakes.store.committed.pages["demo", "html"].bodies["identity"]


def log(story: Story) -> Sequence[HostingLine]:
    """The lines of the hosting log."""
    return show_hosting_log(story.world, nobody).lines


def nobody() -> Caller:
    """Who is not signed in."""
    raise Unauthenticated("Sign in.")


def test_what_is_given_is_remembered_and_told(ext: Story) -> None:
    """A row, a line of the log with the serial of its entry, and a notice with the day on which it ends."""
    (given,) = list_exemptions(ext.world, root(ext), EVERY).exemptions
    until = ext.fakes.clock.now().date() + 90 * DAY
    assert (given.project, given.until, given.by, given.reminded) == ("demo", until, "root", None)
    assert given.standing is Standing.DATED
    (line,) = log(ext)
    (entry,) = entries(ext.fakes.store, Kind.MODE_CHANGED)
    assert (line.serial, line.event, line.who) == (entry["seq"], Event.EXEMPTION_GIVEN, "administrator")
    assert (line.source, line.target, line.until) == (HostingMode.CACHE, HostingMode.EXT, until)
    assert line.public_reason == "Too large; ask (address)."
    (notice,) = (one for one in told(ext, ext.owner) if one.kind == "mode-changed")
    assert f"holds until {until}" in notice.text


def test_an_exemption_that_ends_soon_needs_no_early_reminder(tmp_path: Path) -> None:
    """Who was just told of an end in ten days is reminded at seven, and not at thirty."""
    with begin_story(tmp_path) as story:
        give(story, 10)
        (given,) = list_exemptions(story.world, None, EVERY).exemptions
    assert given.reminded == 30


@pytest.mark.parametrize("mode", [HostingMode.ONLY, HostingMode.CACHE])
def test_an_owner_who_moves_ends_it(tmp_path: Path, mode: HostingMode) -> None:
    """With the move out of pypi-ext the exemption is over, by the owner; another one may be given later."""
    with begin_story(tmp_path) as story:
        give(story, 90)
        wish = Wish(HostingMode.ONLY, acknowledges_loss=True)
        change_hosting(story.world, story.owner, "demo", wish)
        (ended,) = list_exemptions(story.world, None, EVERY).exemptions
        assert (ended.standing, ended.ended_by) == (Standing.ENDED, Mover.OWNER)
        assert log(story)[0].event is Event.MOVED
        if mode is HostingMode.CACHE:
            change_hosting(story.world, story.owner, "demo", Wish(mode, consents=True))
        give(story, 60)
        assert len(list_exemptions(story.world, None, ExemptionFilter("demo")).exemptions) == 2


def test_extended(ext: Story) -> None:
    """The new end and reason count, reminders begin anew, and it is told in ledger, log and inbox; nothing moves."""
    bob = grant(ext.world, ext.project, add_person(ext.world, "bob"))
    eve = Caller(add_person(ext.world, "eve", is_admin=True))
    before = ext.fakes.clock.now().date() + 90 * DAY
    ext.fakes.clock.advance(timedelta(days=85))
    until = before + 365 * DAY
    longer = extend_exemption(ext.world, eve, "Demo", until, "Still too large.")
    assert (longer.until, longer.reason, longer.by, longer.reminded) == (
        until,
        "Still too large.",
        "eve",
        None,
    )
    entry = entries(ext.fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["project"]) == ("exemption-extended", "eve", "demo")
    assert entry["details"] == {
        "from": before.isoformat(),
        "until": until.isoformat(),
        "reason": "Still too large.",
    }
    assert log(ext)[0] == HostingLine(
        serial=entry["seq"],
        at=ext.fakes.clock.now(),
        project="demo",
        event=Event.EXEMPTION_EXTENDED,
        source=HostingMode.EXT,
        target=HostingMode.EXT,
        mover=Mover.ADMIN,
        reason="Still too large.",
        until=until,
    )
    for who in (ext.owner, bob):
        assert told(ext, who)[0].kind == "exemption-extended"
        assert str(until) in told(ext, who)[0].subject
    assert told(ext, eve) == []
    assert SITE.encode() in page(ext)


def test_one_without_an_end_gets_one(ext: Story) -> None:
    """What an older version left without an end is given one by extending it."""
    with ext.world.store.write() as tx:
        live = tx.exemptions.live(ext.project.id)
        assert live is not None
        tx.exemptions.put(replace(live, until=None, by="", reason=""))
    until = ext.fakes.clock.now().date() + 20 * DAY
    longer = extend_exemption(ext.world, root(ext), "demo", until, "Decided.")
    assert (longer.until, longer.by, longer.reminded) == (until, "root", 30)
    assert entries(ext.fakes.store)[-1]["details"]["from"] is None


def test_ended_by_an_administrator(ext: Story) -> None:
    """The project is pypi-only at once: links are listed no more, stay recorded, and nothing is fetched."""
    fetched = len(ext.fakes.outside.asked)
    assert end_exemption(ext.world, root(ext), "demo", "They host it themselves now.") == (WHEEL, SDIST)
    with ext.world.store.read() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        assert project.mode is HostingMode.ONLY
        assert {link.filename for link in tx.outside.links(project.id)} == {WHEEL, SDIST}
        assert tx.exemptions.live(project.id) is None
    assert b"://" not in page(ext)
    assert len(ext.fakes.outside.asked) == fetched
    assert ext.files() == {}
    entry = entries(ext.fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["details"]["by"]) == ("mode-changed", "root", "admin")
    assert (log(ext)[0].event, log(ext)[0].who) == (Event.EXEMPTION_ENDED, "administrator")
    notice = told(ext, ext.owner)[0]
    assert notice.kind == "exemption-ended"
    for name in (WHEEL, SDIST):
        assert f"- {name}" in notice.text
    assert told(ext, root(ext)) == []


def test_only_administrators_decide(ext: Story) -> None:
    """Owners, tokens, and administrators who are none any more decide nothing, and see no list."""
    until = ext.fakes.clock.now().date() + 365 * DAY
    token, stale = by_token(ext.world, root(ext), *Scope), root(ext)
    for caller in (ext.owner, token):
        for refused in (
            lambda caller=caller: extend_exemption(ext.world, caller, "demo", until, "More."),
            lambda caller=caller: end_exemption(ext.world, caller, "demo", "Enough."),
            lambda caller=caller: list_exemptions(ext.world, caller, EVERY),
            lambda caller=caller: every_exemption(ext.world, caller, EVERY),
        ):
            with pytest.raises(Forbidden):
                refused()
    demote_user(ext.world, Caller(add_person(ext.world, "eve", is_admin=True)), "root")
    with pytest.raises(Forbidden):
        end_exemption(ext.world, stale, "demo", "Enough.")
    assert ext.count(Kind.EXEMPTION_EXTENDED) == 0
    assert ext.count(Kind.MODE_CHANGED) == 1


def test_reasons_are_needed(ext: Story) -> None:
    """Without a reason that everybody can read nothing is decided."""
    admin, until = root(ext), ext.fakes.clock.now().date() + 365 * DAY
    for reason in ("", " \n", "\x1b[31m"):
        with pytest.raises(Invalid):
            extend_exemption(ext.world, admin, "demo", until, reason)
        with pytest.raises(Invalid):
            end_exemption(ext.world, admin, "demo", reason)
    with pytest.raises(Invalid):
        extend_exemption(ext.world, admin, "demo", None, "More.")


def test_without_an_exemption_there_is_nothing_to_decide(ext: Story) -> None:
    """A project that has none is named with its mode; quarantine stops the move, and not the extension."""
    admin = root(ext)
    create_project(ext.world, ext.owner.user, "plain", HostingMode.ONLY)
    with pytest.raises(NotFound, match="plain has no exemption: it is pypi-only"):
        end_exemption(ext.world, admin, "plain", "Enough.")
    change_status(ext.world, admin, "demo", ProjectStatus.QUARANTINED, "Looked at.")
    with pytest.raises(Conflict) as refusal:
        end_exemption(ext.world, admin, "demo", "Enough.")
    assert refusal.value.code == "project-quarantined"
    extend_exemption(ext.world, admin, "demo", ext.fakes.clock.now().date() + 365 * DAY, "More.")


def test_lists_go_on(ext: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time, or all at once."""
    with ext.world.store.write() as tx:
        live = tx.exemptions.live(ext.project.id)
        assert live is not None
        for _ in range(4):
            tx.exemptions.put(replace(live, ended_at=live.at, ended_by=Mover.OWNER))
            live = tx.exemptions.add(ext.project.id, "", None, by="", at=live.at)
    monkeypatch.setattr(exemptions, "PAGE_LENGTH", 2)
    monkeypatch.setattr(exemptions, "AT_ONCE", 2)
    pieces = [[one.id for one in piece] for piece in every_exemption(ext.world, None, EVERY)]
    assert list(map(len, pieces)) == [2, 2, 1]
    every = [number for piece in pieces for number in piece]
    first = list_exemptions(ext.world, None, EVERY)
    assert [one.id for one in first.exemptions] == every[:2]
    last = list_exemptions(ext.world, None, ExemptionFilter(before=every[3]))
    assert ([one.id for one in last.exemptions], last.before) == (every[4:], 0)
    assert first.before == every[1]


def test_the_log_goes_on(ext: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time; of one project in any spelling; of what is not a name, none."""
    admin, today = root(ext), ext.fakes.clock.now().date()
    for days in (100, 110):
        extend_exemption(ext.world, admin, "demo", today + days * DAY, "More.")
    monkeypatch.setattr(hosting_log, "PAGE_LENGTH", 2)
    first = show_hosting_log(ext.world, nobody, "DEMO")
    assert [line.event for line in first.lines] == [Event.EXEMPTION_EXTENDED] * 2
    assert first.before == first.lines[1].serial
    last = show_hosting_log(ext.world, nobody, before=first.before)
    assert ([line.event for line in last.lines], last.before) == ([Event.EXEMPTION_GIVEN], 0)
    for name in ("other", "..", "ü"):
        assert list(show_hosting_log(ext.world, nobody, name).lines) == []


def test_a_file_of_the_log_has_an_end(ext: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is given more lines at once than there may be; the last of them says where to go on, until there are none."""
    admin, today = root(ext), ext.fakes.clock.now().date()
    for days in (100, 110, 120, 130):
        extend_exemption(ext.world, admin, "demo", today + days * DAY, "More.")
    every = show_hosting_log(ext.world, nobody).lines
    monkeypatch.setattr(hosting_log, "AT_ONCE", 1)
    monkeypatch.setattr(hosting_log, "MOST_LINES", 2)
    files, before = [], 0
    while lines := [line for piece in many_lines(ext.world, nobody, "Demo", before=before) for line in piece]:
        files.append(lines)
        before = lines[-1].serial
    assert [len(lines) for lines in files] == [2, 2, 1]
    assert [line for lines in files for line in lines] == list(every)
    assert list(many_lines(ext.world, nobody, "..")) == []


def test_a_private_index_keeps_its_log(ext: Story) -> None:
    """Where everybody must sign in, who did not is asked to."""
    closed = replace(ext.world, policy=Policy(must_sign_in=True))
    with pytest.raises(Unauthenticated):
        show_hosting_log(closed, nobody)
    assert len(show_hosting_log(closed, lambda: ext.owner).lines) == 1
