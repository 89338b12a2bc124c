"""What is new, and how large the index is (S14)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.catalogue import publish, wheel_name
from tests.support.world import add_person, add_project, fake_world, real_world

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.domain.hosting import Policy
from homeport.flows.change_status import change_visibility
from homeport.flows.news import NEWEST_OF_PROJECT, Sizes, newest_releases, newest_releases_of, sizes
from homeport.ports.world import World


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Every test here runs over the fake store and over the real one."""
    open_world = fake_world if request.param == "fake" else real_world
    with open_world(tmp_path) as opened:
        yield opened.world


@pytest.fixture
def ada(world: World) -> Caller:
    """The owner of two projects with files; one of them is private."""
    owner = Caller(add_person(world, "ada"))
    for name in ("demo", "hidden"):
        add_project(world, owner.user, name)
        publish(world, owner.user, name, "1.0", summary=f"The {name} bird.")
    change_visibility(world, owner, "hidden", is_private=True)
    return owner


def nobody() -> Caller:
    """For what everybody may read."""
    raise AssertionError("what everybody may read asks nobody")


def stranger() -> Caller:
    """Somebody who did not sign in."""
    raise Unauthenticated("Sign in.")


def test_s14_newest_releases(world: World, ada: Caller) -> None:
    """The releases that came last are told with their summaries, and private ones are not."""
    (release,) = newest_releases(world, nobody)
    assert (release.project.display, release.version, release.summary) == ("demo", "1.0", "The demo bird.")


def test_s14_newest_releases_of_a_project(world: World, ada: Caller) -> None:
    """One project's releases come newest first, so many of them; a private project's are for its members."""
    for number in range(NEWEST_OF_PROJECT + 1):
        publish(world, ada.user, "demo", f"2.{number}")
    project, releases = newest_releases_of(world, nobody, "Demo")
    assert project.name.display == "demo"
    assert [release.version for release in releases] == [f"2.{n}" for n in reversed(range(1, 41))]
    with pytest.raises(Unauthenticated):
        newest_releases_of(world, stranger, "hidden")
    assert [one.version for one in newest_releases_of(world, lambda: ada, "hidden")[1]] == ["1.0"]
    with pytest.raises(NotFound):
        newest_releases_of(world, nobody, "nobody-s")


def test_sizes(world: World, ada: Caller) -> None:
    """All bytes count, and only public projects are named."""
    demo, hidden = (len(wheel_name(name, "1.0")) for name in ("demo", "hidden"))
    assert sizes(world, nobody) == Sizes(demo + hidden, {"demo": demo})


def test_where_everybody_must_sign_in(world: World, ada: Caller) -> None:
    """A stranger is told of nothing."""
    closed = replace(world, policy=Policy(must_sign_in=True))
    with pytest.raises(Unauthenticated):
        newest_releases(closed, stranger)
    with pytest.raises(Unauthenticated):
        sizes(closed, stranger)
    assert len(newest_releases(closed, lambda: ada)) == 1
