"""What mirrors follow: serials that agree, windows that end, and nothing private (S06, S07, S12)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.builders import caller
from tests.support.catalogue import publish
from tests.support.fake_clock import FakeClock
from tests.support.world import Fakes, add_person, add_project, fake_world, real_world

from homeport.domain.account import Caller, Scope
from homeport.domain.changelog import Change
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.flows import changelog
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.changelog import changes_after, last_serial, listed_projects, serial_before
from homeport.flows.manage_project import add_source, find_project
from homeport.flows.membership import grant_role
from homeport.flows.register import register
from homeport.flows.yank import unyank, yank
from homeport.ports.world import World


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Tests with this world run over the fake store and over the real one."""
    open_world = fake_world if request.param == "fake" else real_world
    with open_world(tmp_path) as opened:
        yield opened.world


def nobody() -> Caller:
    """For what everybody may read."""
    raise AssertionError("what everybody may read asks nobody")


def told(world: World, serial: int = 0) -> list[tuple[str, Change]]:
    """Every change after a serial, with the project's name."""
    return [named for window in changes_after(world, nobody, serial) for named in window]


def listed(world: World) -> dict[str, int]:
    """Every listed project, with its serial."""
    return {one.name: one.serial for window in listed_projects(world, nobody) for one in window}


def serial_of(world: World, name: str) -> int:
    """The serial that the project's page bears."""
    with world.store.read() as tx:
        return find_project(tx, name).serial


def test_s07_s12_serials_agree_after_every_step(world: World) -> None:
    """Whatever changes, the changelog's last word on a project, the list's and its page's are one serial."""
    ada, root = Caller(add_person(world, "ada")), Caller(add_person(world, "root", is_admin=True))
    add_person(world, "bob")
    project = add_project(world, ada.user, "My.Demo")

    def registers() -> None:
        metadata = CoreMetadata("2.1", "My.Demo", "2.0")
        with world.store.write() as tx:
            now = find_project(tx, "my-demo")
            register(tx, now, ReleaseVersion.parse("2.0"), metadata, actor="ada", at=world.clock.now())

    steps = (
        lambda: publish(world, ada.user, "my-demo", "1.0"),
        lambda: publish(world, ada.user, "my-demo", "1.1"),
        registers,
        lambda: grant_role(world, ada, "my-demo", "bob", Role.MAINTAINER),
        lambda: grant_role(world, ada, "my-demo", "bob", Role.READER),
        lambda: yank(world, ada, "my-demo", "1.0", reason="It bites."),
        lambda: unyank(world, ada, "my-demo", "1.0"),
        lambda: change_hosting(world, ada, "my-demo", Wish(HostingMode.CACHE, consents=True)),
        lambda: add_source(world, ada, "my-demo", "download", "https://example.org/dl"),
        lambda: change_status(world, ada, "my-demo", ProjectStatus.DEPRECATED, "Use another."),
        lambda: change_visibility(world, ada, "my-demo", is_private=True),
        lambda: change_visibility(world, ada, "my-demo", is_private=False),
        lambda: change_status(world, root, "my-demo", ProjectStatus.QUARANTINED, "It bites."),
        lambda: change_status(world, root, "my-demo", ProjectStatus.ACTIVE),
    )
    seen = [serial_of(world, "my-demo")]
    for step in steps:
        step()
        serial = serial_of(world, "my-demo")
        changes = told(world)
        with world.store.read() as tx:
            now = find_project(tx, "my-demo")
        assert [change.serial for _, change in changes][-1:] == ([] if now.is_private else [serial])
        assert listed(world) == ({"My.Demo": serial} if now.is_listed else {})
        assert last_serial(world, nobody) >= serial
        seen.append(serial)
    assert seen == sorted(set(seen)), "every step has a serial of its own"
    assert {name for name, _ in told(world)} == {project.name.display}


def test_s12_changes_after_a_serial(world: World) -> None:
    """A mirror that is in step is told nothing, and then what came since."""
    ada = add_person(world, "ada")
    add_project(world, ada, "one")
    add_project(world, ada, "other")
    in_step = last_serial(world, nobody)
    assert told(world, in_step) == []
    filename = publish(world, ada, "other", "1.0")
    (named,) = told(world, in_step)
    assert (named[0], named[1].version, named[1].actions) == ("other", "1.0", (f"add py3 file {filename}",))
    assert named[1].serial == last_serial(world, nobody)
    assert told(world, 10**17) == []


def test_s12_what_is_private_is_not_told(world: World) -> None:
    """Nothing of a private project is told; when it becomes public, everything is, behind the serial that made it so."""
    ada = Caller(add_person(world, "ada"))
    add_project(world, ada.user, "hidden")
    change_visibility(world, ada, "hidden", is_private=True)
    in_step = last_serial(world, nobody)
    assert (told(world), listed(world)) == ([], {})
    change_visibility(world, ada, "hidden", is_private=False)
    assert [change.actions for _, change in told(world, in_step)] == [("project made public",)]
    assert set(listed(world)) == {"hidden"}


def test_s12_a_quarantine_is_told_and_not_listed(world: World) -> None:
    """Mirrors learn of a quarantine, or they would go on offering what is harmful."""
    ada, root = add_person(world, "ada"), Caller(add_person(world, "root", is_admin=True))
    add_project(world, ada, "harmful")
    in_step = last_serial(world, nobody)
    change_status(world, root, "harmful", ProjectStatus.QUARANTINED, "It bites.")
    assert [(name, change.actions) for name, change in told(world, in_step)] == [
        ("harmful", ("project quarantined",))
    ]
    assert listed(world) == {}


def test_s12_windows_hide_nothing(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the windows are, and however many of them hold nothing to tell, all is told once and in order."""
    ada = Caller(add_person(fakes.world, "ada"))
    for number in range(7):
        add_project(fakes.world, ada.user, f"demo{number}")
    for number in (1, 2, 3):
        change_visibility(fakes.world, ada, f"demo{number}", is_private=True)
    at_once = (told(fakes.world), listed(fakes.world))
    monkeypatch.setattr(changelog, "_ENTRIES_AT_ONCE", 2)
    monkeypatch.setattr(changelog, "_PROJECTS_AT_ONCE", 1)
    assert (told(fakes.world), listed(fakes.world)) == at_once
    assert [change.serial for _, change in at_once[0]] == [1, 2, 9, 10, 11, 12, 13, 14]
    assert list(at_once[1]) == ["demo0", "demo4", "demo5", "demo6"]


def test_s12_an_answer_ends(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer holds so many actions, and the next one goes on where it ended."""
    ada = add_person(fakes.world, "ada")
    for number in range(5):
        add_project(fakes.world, ada, f"demo{number}")
    whole = told(fakes.world)
    monkeypatch.setattr(changelog, "MOST_ROWS", 3)
    monkeypatch.setattr(changelog, "_ENTRIES_AT_ONCE", 2)
    first = told(fakes.world)
    assert first == whole[:3]
    assert told(fakes.world, first[-1][1].serial) == whole[3:6]


def test_s12_no_serial_is_beyond_the_beginning(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes while the list is told is told with the serial of the list's beginning: a mirror asks again from there."""
    ada = add_person(fakes.world, "ada")
    add_project(fakes.world, ada, "aaa")
    add_project(fakes.world, ada, "zzz")
    monkeypatch.setattr(changelog, "_PROJECTS_AT_ONCE", 1)
    windows = listed_projects(fakes.world, nobody)
    head = last_serial(fakes.world, nobody)
    told_first = list(next(windows))
    publish(fakes.world, ada, "aaa", "1.0")
    publish(fakes.world, ada, "zzz", "1.0")
    rest = [one for window in windows for one in window]
    mirrored = max(one.serial for one in (*told_first, *rest))
    assert mirrored == head
    assert {name for name, _ in told(fakes.world, mirrored)} == {"aaa", "zzz"}


def test_s12_changes_since_a_moment(fakes: Fakes) -> None:
    """Everything later than a moment stands behind its serial, and nothing else is told."""
    clock: FakeClock = fakes.clock
    ada = add_person(fakes.world, "ada")
    moments = []
    for number in range(9):
        moments.append(clock.now())
        add_project(fakes.world, ada, f"demo{number}")
        clock.sleep(timedelta(hours=1).total_seconds())
    for number, moment in enumerate(moments):
        serial = serial_before(fakes.world, nobody, moment)
        later = [
            name
            for window in changes_after(fakes.world, nobody, serial, since=moment)
            for name, change in window
            if change.actions == ("create",)
        ]
        assert later == [f"demo{later}" for later in range(number + 1, 9)]
        # The search leaves little to leave out: no more than began within the longest wait before.
        assert serial >= 2 * (number - 1)
    assert serial_before(fakes.world, nobody, clock.now() + timedelta(days=1)) == last_serial(
        fakes.world, nobody
    )


def test_s12_a_moment_before_everything(world: World) -> None:
    """A moment before the first entry has everything after it, and an empty ledger has nothing."""
    assert serial_before(world, nobody, world.clock.now()) == 0
    assert told(world) == []
    add_project(world, add_person(world, "ada"), "demo")
    assert serial_before(world, nobody, world.clock.now() - timedelta(days=1)) == 0


def test_where_everybody_must_sign_in(fakes: Fakes) -> None:
    """Nothing is begun for a stranger, nor for a token that may not read."""

    def stranger() -> Caller:
        raise Unauthenticated("Sign in.")

    closed = replace(fakes.world, policy=Policy(must_sign_in=True))
    for who, refusal in ((stranger, Unauthenticated), (_only_uploads, NotFound)):
        with pytest.raises(refusal):
            last_serial(closed, who)
        with pytest.raises(refusal):
            changes_after(closed, who, 0)
        with pytest.raises(refusal):
            listed_projects(closed, who)
        with pytest.raises(refusal):
            serial_before(closed, who, fakes.clock.now())
    assert last_serial(closed, lambda: Caller(add_person(fakes.world, "ada"))) == 0


def _only_uploads() -> Caller:
    return caller(Scope.UPLOAD)
