"""The list of projects in segments: what one change writes, and that no name is ever lost or told twice."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.fake_store import FakePages
from tests.support.project_lists import stored_list
from tests.support.world import Fakes, add_person, fake_world

from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.flows import render_list
from homeport.flows.manage_project import create_project
from homeport.flows.render_list import render_whole_list
from homeport.flows.render_pages import render_project
from homeport.formats.accept import Form

Key = tuple[str, Form]


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Key]:
    """Which segments were written, in order."""
    keys: list[Key] = []
    put_segment = FakePages.put_segment

    def noted(pages: FakePages, first: str, form: Form, deflated: bytes) -> None:
        keys.append((first, form))
        put_segment(pages, first, form, deflated)

    monkeypatch.setattr(FakePages, "put_segment", noted)
    return keys


def add(fakes: Fakes, *names: str) -> None:
    """Projects without anything."""
    with fakes.store.write() as tx:
        for name in names:
            tx.projects.add(ProjectName(name), HostingMode.ONLY, fakes.clock.now())


def render_all(fakes: Fakes) -> None:
    """Render the whole list."""
    with fakes.store.write() as tx:
        render_whole_list(tx)


def wanted(fakes: Fakes) -> list[ListedProject]:
    """The list as it should be: who is listed, by PEP 503 form."""
    projects = sorted(fakes.store.committed.projects.values(), key=lambda one: one.name.normalized)
    return [
        ListedProject(one.name.display, one.name.normalized, one.serial) for one in projects if one.is_listed
    ]


def change(fakes: Fakes, name: str, *, status: ProjectStatus, is_private: bool) -> None:
    """What a change of status or visibility does to the list."""
    with fakes.store.write() as tx:
        before = tx.projects.find(name)
        assert before is not None
        tx.projects.set_status(before.id, status, "")
        tx.projects.set_private(before.id, is_private=is_private)
        after = tx.projects.find(name)
        assert after is not None
        render_project(tx, after, before.serial + 1, comes_or_goes=before.is_listed != after.is_listed)


def test_r01_the_whole_list_in_half_full_segments(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is written anew has room for those who come, and names every listed project once."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 4)
    add(fakes, *(f"p{number:02}" for number in range(11)))
    render_all(fakes)
    assert [first for first, form in fakes.store.committed.segments if form == "json"] == [
        "",
        "p02",
        "p04",
        "p06",
        "p08",
    ]
    assert stored_list(fakes.store) == wanted(fakes)


def test_an_empty_index_has_an_empty_list(fakes: Fakes) -> None:
    """Without projects there is one segment of nothing."""
    render_all(fakes)
    assert fakes.store.committed.segments == {("", "json"): b"", ("", "html"): b""}
    assert stored_list(fakes.store) == []


def test_the_whole_list_forgets_the_segments_before(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing the list anew leaves nothing of how it was cut before."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 2)
    add(fakes, "a", "b", "c", "d", "e")
    render_all(fakes)
    monkeypatch.setattr(render_list, "MOST_NAMES", 9)
    render_all(fakes)
    assert fakes.store.committed.segments.keys() == {("", "json"), ("", "html")}
    assert stored_list(fakes.store) == wanted(fakes)


def test_a_change_writes_one_segment_in_json_alone(
    fakes: Fakes, written: list[Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that stays listed has another serial: that is one write, whatever else the index holds."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 4)
    add(fakes, *(f"p{number:02}" for number in range(20)))
    render_all(fakes)
    before = dict(fakes.store.committed.segments)
    written.clear()
    change(fakes, "p05", status=ProjectStatus.ARCHIVED, is_private=False)
    assert written == [("p04", "json")]
    after = fakes.store.committed.segments
    assert {key for key in after if after[key] != before[key]} == {("p04", "json")}
    assert stored_list(fakes.store) == wanted(fakes)


@pytest.mark.parametrize(
    ("status", "is_private"), [(ProjectStatus.QUARANTINED, False), (ProjectStatus.ACTIVE, True)]
)
def test_q10_who_goes_and_comes_writes_one_segment_in_both_forms(
    fakes: Fakes,
    written: list[Key],
    monkeypatch: pytest.MonkeyPatch,
    status: ProjectStatus,
    *,
    is_private: bool,
) -> None:
    """A project that leaves the list, or returns, is two writes; one that is away is none."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 4)
    add(fakes, *(f"p{number:02}" for number in range(20)))
    render_all(fakes)
    for now, hidden in ((status, is_private), (ProjectStatus.ACTIVE, False)):
        written.clear()
        change(fakes, "p04", status=now, is_private=hidden)
        assert written == [("p04", "json"), ("p04", "html")]
        assert stored_list(fakes.store) == wanted(fakes)
        assert ("p04" in [one.name for one in stored_list(fakes.store)]) is (
            now == ProjectStatus.ACTIVE and not hidden
        )
    change(fakes, "p04", status=status, is_private=is_private)
    written.clear()
    change(fakes, "p04", status=ProjectStatus.QUARANTINED, is_private=True)
    assert written == []


def test_a_segment_that_everybody_left_is_still_found(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty segment keeps its place: who comes between its bounds is written there."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 2)
    add(fakes, "a", "b", "c", "d", "e")
    render_all(fakes)
    for name in ("a", "b", "c", "d", "e"):
        change(fakes, name, status=ProjectStatus.QUARANTINED, is_private=False)
    assert stored_list(fakes.store) == []
    owner = add_person(fakes.world, "ada")
    for name in ("bb", "A0", "z", "0"):
        create_project(fakes.world, owner, name, HostingMode.ONLY)
    assert [one.name for one in stored_list(fakes.store)] == ["0", "A0", "bb", "z"]


def test_a_full_segment_becomes_two(
    fakes: Fakes, written: list[Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name that is one too many splits its segment in both forms, and no other one is written."""
    monkeypatch.setattr(render_list, "MOST_NAMES", 4)
    owner = add_person(fakes.world, "ada")
    for name in ("a", "b", "y", "z"):
        create_project(fakes.world, owner, name, HostingMode.ONLY)
    assert {first for first, _ in fakes.store.committed.segments} == {""}
    written.clear()
    create_project(fakes.world, owner, "m", HostingMode.ONLY)
    assert written == [("", "json"), ("", "html"), ("m", "json"), ("m", "html")]
    written.clear()
    create_project(fakes.world, owner, "n", HostingMode.ONLY)
    assert written == [("m", "json"), ("m", "html")]
    assert stored_list(fakes.store) == wanted(fakes)


def test_a_segment_of_a_larger_bound_becomes_smaller_ones(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that brings nobody splits what has become too long all the same, in both forms."""
    add(fakes, *(f"p{number:02}" for number in range(20)))
    render_all(fakes)
    monkeypatch.setattr(render_list, "MOST_NAMES", 4)
    change(fakes, "p19", status=ProjectStatus.ARCHIVED, is_private=False)
    assert stored_list(fakes.store) == wanted(fakes)
    assert _longest(fakes) <= 4


NAMES = st.sampled_from([f"{first}{second}" for first in "aBmz" for second in ("", "-0", "1", ".x", "_Y")])
ACTS = st.lists(
    st.tuples(st.sampled_from(["come", "hide", "quarantine", "show", "touch"]), NAMES),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(ACTS, st.integers(1, 4))
def test_r01_no_name_is_lost_or_told_twice(acts: list[tuple[str, str]], most_names: int) -> None:
    """Whoever comes, goes, returns or changes, in whatever order: the list is who is listed, in order, each once."""
    with (
        TemporaryDirectory() as folder,
        fake_world(Path(folder)) as fakes,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(render_list, "MOST_NAMES", most_names)
        owner = add_person(fakes.world, "ada")
        for act, name in acts:
            normalized = ProjectName(name).normalized
            there = _find(fakes, normalized)
            if there is None:
                create_project(fakes.world, owner, name, HostingMode.ONLY)
            else:
                status, is_private = _wish(act, there)
                change(fakes, normalized, status=status, is_private=is_private)
            assert stored_list(fakes.store) == wanted(fakes)
            assert _longest(fakes) <= most_names


def _find(fakes: Fakes, normalized: str) -> Project | None:
    with fakes.store.read() as tx:
        return tx.projects.find(normalized)


def _wish(act: str, there: Project) -> tuple[ProjectStatus, bool]:
    if act == "hide":
        return there.status, True
    if act == "quarantine":
        return ProjectStatus.QUARANTINED, there.is_private
    if act == "show":
        return ProjectStatus.ACTIVE, False
    return there.status, there.is_private


def _longest(fakes: Fakes) -> int:
    """How many names the longest segment holds."""
    firsts = sorted({first for first, _ in fakes.store.committed.segments})
    names = [one.normalized for one in stored_list(fakes.store)]
    bounds = zip(firsts, [*firsts[1:], "\x7f"], strict=True)
    return max(sum(first <= name < before for name in names) for first, before in bounds)
