"""What scripts ask of one project: who may be told what of which release."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.catalogue import publish
from tests.support.fake_store import FakeStore
from tests.support.world import add_person, add_project, fake_world, grant, real_world, set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.account import Caller
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.domain.hosting import Policy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.change_status import change_visibility
from homeport.flows.register import register
from homeport.flows.release_pages import latest_release, one_release, roles_in, roles_of
from homeport.flows.yank import yank
from homeport.ports.world import World


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Every test here runs over the fake store and over the real one."""
    open_world = fake_world if request.param == "fake" else real_world
    with open_world(tmp_path) as opened:
        yield opened.world


@pytest.fixture
def ada(world: World) -> Caller:
    """The owner of My.Demo, which has a release with a file and a newer one without."""
    owner = add_person(world, "ada")
    project = add_project(world, owner, "My.Demo")
    publish(world, owner, "my-demo", "1.0", summary="A small bird.")
    with world.store.write() as tx:
        metadata = CoreMetadata("2.1", "My.Demo", "1.1", summary="A large bird.")
        register(tx, project, ReleaseVersion.parse("1.1"), metadata, actor="ada", at=world.clock.now())
    return Caller(owner)


def nobody() -> Caller:
    """For what everybody may read."""
    raise AssertionError("what everybody may read asks nobody")


def stranger() -> Caller:
    """Somebody who did not sign in."""
    raise Unauthenticated("Sign in.")


@pytest.mark.parametrize("name", ["My.Demo", "my-demo", "MY__demo"])
def test_s10_the_latest_release(world: World, ada: Caller, name: str) -> None:
    """The newest release is told with its metadata, every version and its files, and the people, under any spelling."""
    page = latest_release(world, nobody, name)
    assert (page.release.version, page.metadata.summary) == ("1.1", "A large bird.")
    assert [(one.version, [file.filename for file in one.files]) for one in page.versions] == [
        ("1.0", ["my_demo-1.0-py3-none-any.whl"]),
        ("1.1", []),
    ]
    assert page.maintainers == ((Role.OWNER, "ada"),)
    assert page.project.name.display == "My.Demo"


def test_s10_a_yanked_release_is_not_the_latest(world: World, ada: Caller) -> None:
    """After a yank, of files or of a release without any, the one before is the latest, and both say what they are."""
    yank(world, ada, "my-demo", "1.1", reason="It bites.")
    page = latest_release(world, nobody, "my-demo")
    assert (page.release.version, page.release.yanked) == ("1.0", None)
    assert [one.yanked for one in page.versions] == [None, "It bites."]
    assert one_release(world, nobody, "my-demo", "1.1").release.yanked == "It bites."


@pytest.mark.parametrize("version", ["1.0", "v1.0", "01.0", "1", "1.0.0"])
def test_s11_one_release(world: World, ada: Caller, version: str) -> None:
    """A release is found under any spelling of its version."""
    page = one_release(world, nobody, "my-demo", version)
    assert (page.release.version, page.metadata.summary) == ("1.0", "A small bird.")


@pytest.mark.parametrize("version", ["1.0.1", "2.0", "no version", ""])
def test_s11_no_such_release(world: World, ada: Caller, version: str) -> None:
    """Another version is not there, and neither is what is none."""
    with pytest.raises(NotFound) as refused:
        one_release(world, nobody, "my-demo", version)
    assert refused.value.code == "release-unknown"


ASKED: list[Callable[[World, Callable[[], Caller], str], object]] = [
    latest_release,
    roles_in,
    lambda world, who, name: one_release(world, who, name, "1.0"),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("name", ["nobody-s", "not a name", ""])
def test_s10_no_such_project(
    world: World, ada: Caller, ask: Callable[[World, Callable[[], Caller], str], object], name: str
) -> None:
    """A name that nobody has is not there, and neither is what is no name."""
    with pytest.raises(NotFound) as refused:
        ask(world, nobody, name)
    assert refused.value.code == "project-unknown"


@pytest.mark.parametrize("ask", ASKED)
def test_a_quarantined_project_is_there_for_nobody(
    world: World, ada: Caller, ask: Callable[[World, Callable[[], Caller], str], object]
) -> None:
    """Not even its owner is told of it here."""
    assert isinstance(world.store, FakeStore | SqlStore)
    set_status(world.store, latest_release(world, nobody, "my-demo").project, ProjectStatus.QUARANTINED)
    with pytest.raises(NotFound, match="There is no project"):
        ask(world, lambda: ada, "my-demo")


@pytest.mark.parametrize("ask", ASKED)
def test_a_private_project_is_there_for_its_members(
    world: World, ada: Caller, ask: Callable[[World, Callable[[], Caller], str], object]
) -> None:
    """A stranger is asked to sign in, who is no member is told that it is not there, a member is told all."""
    bob, zoe = Caller(add_person(world, "bob")), add_person(world, "zoe")
    project = change_visibility(world, ada, "my-demo", is_private=True)
    reader = grant(world, project, zoe, Role.READER)
    with pytest.raises(Unauthenticated):
        ask(world, stranger, "my-demo")
    with pytest.raises(NotFound, match="There is no project"):
        ask(world, lambda: bob, "my-demo")
    assert ask(world, lambda: reader, "my-demo") == ask(world, lambda: ada, "my-demo")


@pytest.mark.parametrize("ask", ASKED)
def test_where_everybody_must_sign_in(
    world: World, ada: Caller, ask: Callable[[World, Callable[[], Caller], str], object]
) -> None:
    """A stranger learns nothing, not even what is not there; whoever signed in is told."""
    closed = replace(world, policy=Policy(must_sign_in=True))
    bob = Caller(add_person(world, "bob"))
    for name in ("my-demo", "nobody-s"):
        with pytest.raises(Unauthenticated):
            ask(closed, stranger, name)
    with pytest.raises(NotFound):
        ask(closed, lambda: bob, "nobody-s")
    assert ask(closed, lambda: bob, "my-demo")


def test_a_project_without_releases_has_no_latest(world: World, ada: Caller) -> None:
    """It is told as what is not there, as PyPI does."""
    add_project(world, ada.user, "empty")
    with pytest.raises(NotFound) as refused:
        latest_release(world, nobody, "empty")
    assert refused.value.code == "release-unknown"


def test_roles(world: World, ada: Caller) -> None:
    """Owners come first; who may only read is not told."""
    project = latest_release(world, nobody, "my-demo").project
    for name, role in (("zoe", Role.OWNER), ("bob", Role.MAINTAINER), ("eve", Role.READER)):
        grant(world, project, add_person(world, name), role)
    told = ((Role.OWNER, "ada"), (Role.OWNER, "zoe"), (Role.MAINTAINER, "bob"))
    assert roles_in(world, nobody, "my-demo") == told
    assert latest_release(world, nobody, "my-demo").maintainers == told


def test_roles_of_a_user(world: World, ada: Caller) -> None:
    """The listed projects that somebody maintains are told, and private ones are not, not even to their owner."""
    add_project(world, ada.user, "hidden")
    change_visibility(world, ada, "hidden", is_private=True)
    bob = add_person(world, "bob")
    grant(world, latest_release(world, nobody, "my-demo").project, bob)
    assert roles_of(world, nobody, "ada") == ((Role.OWNER, "My.Demo"),)
    assert roles_of(world, nobody, "bob") == ((Role.MAINTAINER, "My.Demo"),)
    assert roles_of(world, nobody, "nobody") == ()
