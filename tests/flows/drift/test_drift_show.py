"""Who is shown how sources fare, who may have them looked at, and how a watch begins."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.drift import BODY, FILE, HOST, WEEK, Home, begin_home
from tests.support.outside import MISSING
from tests.support.world import add_person

from homeport.domain.account import Caller
from homeport.domain.drift import DriftPolicy, Sign, State
from homeport.domain.errors import Conflict, Forbidden
from homeport.domain.hosting import HostingMode
from homeport.flows.browse import project_story
from homeport.flows.drift import show
from homeport.flows.drift.run import look_at_due, look_at_project, look_soon
from homeport.flows.drift.show import every_event, list_drift, show_drift
from homeport.flows.manage_project import add_source, find_project
from homeport.ports.watches import EventFilter

OTHER = bytes(reversed(BODY))


def set_mode(home: Home, mode: HostingMode) -> None:
    """Move the project, whoever may."""
    with home.world.store.write() as tx:
        tx.projects.set_mode(find_project(tx, "demo").id, mode)


def test_those_who_keep_it_are_shown_everything(tmp_path: Path) -> None:
    """Owners and administrators see each source, what was told of it, and why its host is frozen."""
    with begin_home(tmp_path) as home:
        home.has(OTHER, ())
        home.passes()
        for caller in (home.owner, home.admin):
            shown = show_drift(home.world, caller, "Demo")
            assert [watch.state for watch in shown.watches] == [State.CHANGED]
            assert [event.sign for event in shown.events] == [Sign.OTHER_BYTES]
            assert shown.frozen[HOST].reason == f"What came from {HOST} has other bytes there now."


@pytest.mark.parametrize("flow", [show_drift, look_soon, look_at_project])
def test_strangers_are_not(flow: Callable[..., object], tmp_path: Path) -> None:
    """Where a project's files came from is the business of who maintains it."""
    with begin_home(tmp_path) as home:
        stranger = Caller(add_person(home.world, "sam"))
        with pytest.raises(Forbidden) as refused:
            flow(home.world, stranger, "demo")
        assert refused.value.code == "role-missing"


@pytest.mark.parametrize("flow", [list_drift, every_event])
def test_the_list_of_all_is_for_administrators(flow: Callable[..., object], tmp_path: Path) -> None:
    """What was seen of everybody's sources is shown to administrators."""
    with begin_home(tmp_path) as home, pytest.raises(Forbidden) as refused:
        flow(home.world, home.owner, EventFilter())
    assert refused.value.code == "admin-only"


def test_the_list_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page at a time, and all of it for a file to keep; both newest first."""
    monkeypatch.setattr(show, "PAGE_LENGTH", 10)
    with begin_home(tmp_path) as home:
        with home.world.store.read() as tx:
            demo = find_project(tx, "demo")
        now = home.world.clock.now()
        for number in range(13):
            name = f"demo-9.{number}.tar.gz"
            home.bring(demo, name, name.encode(), f"host{number}.test", due_at=now)
            home.outside.put(f"https://host{number}.test/{name}", MISSING)
        assert home.passes(5) == [Sign.GONE] * 13
        first = list_drift(home.world, home.admin, EventFilter())
        assert len(first.events) == 10
        second = list_drift(home.world, home.admin, EventFilter(before=first.before))
        assert (len(second.events), second.before) == (3, 0)
        assert every_event(home.world, home.admin, EventFilter()) == [*first.events, *second.events]


def test_a_maintainer_has_it_looked_at(tmp_path: Path) -> None:
    """Now, by whoever asks, or next, by the worker; frozen hosts are left alone by both."""
    with begin_home(tmp_path) as home:
        home.outside.asked.clear()
        assert look_at_project(home.world, home.owner, "demo") == 1
        assert look_at_due(home.world) == 0
        assert look_soon(home.world, home.owner, "demo") == 1
        assert look_at_due(home.world) == 1
        assert len(home.outside.asked) == 2
        with home.world.store.write() as tx:
            tx.hosts.freeze(HOST, "root", "It is bad.", home.world.clock.now())
        assert look_at_project(home.world, home.owner, "demo") == 0
        assert len(home.outside.asked) == 2


def test_nothing_is_looked_at_where_nothing_may_be(tmp_path: Path) -> None:
    """A pypi-only project, and an index that never looks, say so."""
    with begin_home(tmp_path) as home:
        set_mode(home, HostingMode.ONLY)
        with pytest.raises(Conflict) as refused:
            look_soon(home.world, home.owner, "demo")
        assert refused.value.code == "external-refused"
    with begin_home(tmp_path, every=timedelta()) as home, pytest.raises(Conflict) as refused:
        look_at_project(home.world, home.owner, "demo")
    assert refused.value.code == "drift-off"


def test_readers_are_told_since_when_a_source_is_gone(tmp_path: Path) -> None:
    """The project's page says it of each file; nobody is alarmed, and the files are offered as before (G-24)."""
    with begin_home(tmp_path) as home:
        assert project_story(home.world, lambda: home.owner, "demo").gone == {}
        home.outside.put(f"https://{HOST}/{FILE}", MISSING)
        home.passes(20)
        story = project_story(home.world, lambda: home.owner, "demo")
        assert story.gone == {FILE: home.watch().since}
        assert [file.filename for release in story.releases for file, _ in release.files] == [FILE]


def test_consent_is_given_again_by_naming_the_source(tmp_path: Path) -> None:
    """A known source that is named once more names its host again; before, and after, naming it changes nothing."""
    with begin_home(tmp_path) as home:
        source = ("demo", "homepage", f"https://{HOST}/")
        assert add_source(home.world, home.owner, *source)
        assert not add_source(home.world, home.owner, *source)
        home.has(OTHER, ())
        home.passes()
        assert not home.consents_to()
        assert add_source(home.world, home.owner, *source)
        assert home.consents_to()
        assert not add_source(home.world, home.owner, *source)


def test_policies() -> None:
    """An index looks about once a week, and asks no registry, unless its operator says otherwise."""
    assert DriftPolicy() == DriftPolicy(every=WEEK, rdap_url="")
