"""Names of new projects, whichever way they come: created, uploaded to, registered."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.forms import upload_fields
from tests.support.invariants import broken, entries
from tests.support.world import Fakes, add_person, fake_world, register_release

from homeport.domain.account import Caller, Scope, Token, User
from homeport.domain.errors import Conflict, Forbidden, Invalid, Refusal
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.name_policy import ReservedNames
from homeport.domain.project import ProjectStatus
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.upload import upload
from homeport.ports.world import World

POLICY = Policy(reserved_names=ReservedNames.parse("homeport\nacme-*"))
Ask = Callable[[World, Caller, str], object]


def create(world: World, caller: Caller, name: str) -> object:
    """Ask for it."""
    return create_project(world, caller.user, name, HostingMode.ONLY)


def send(world: World, caller: Caller, name: str) -> object:
    """Upload its first file."""
    filename, body = f"{name}-1.0-py3-none-any.whl", make_wheel(name, "1.0")
    fields: dict[str, list[str]] = {}
    for field, value in upload_fields(filename, body):
        fields.setdefault(field, []).append(value)
    with world.blobs.receive(len(body)) as incoming:
        incoming.write(body)
        return upload(world, caller, fields, filename, incoming)


def register(world: World, caller: Caller, name: str) -> object:
    """Register its first release."""
    return register_release(world, caller, CoreMetadata("1.0", name, "1.0"))


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world with a project ``lolo`` and reserved names; its invariants hold at the end."""
    with fake_world(tmp_path, policy=POLICY) as fakes:
        create_project(fakes.world, add_person(fakes.world, "ada"), "lolo", HostingMode.ONLY)
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def bob(fakes: Fakes) -> Caller:
    """Somebody else."""
    return Caller(add_person(fakes.world, "bob"))


@pytest.mark.parametrize("ask", [create, send, register])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("json", "standard library"),
        ("homeport", "reserved"),
        ("acme_tools", "reserved"),
        ("l0l0", "that of the project lolo"),
        ("lo_lo", "that of the project lolo"),
    ],
)
def test_v49_v50_whoever_asks_is_told_why(fakes: Fakes, bob: Caller, ask: Ask, name: str, says: str) -> None:
    """V49, V50: the name is refused with its reason, by every way in, and nothing is there afterwards."""
    before = fakes.store.committed
    with pytest.raises(Refusal) as refused:
        ask(fakes.world, bob, name)
    assert isinstance(refused.value, Invalid | Conflict)
    assert says in refused.value.sentence
    assert fakes.store.committed == before


@pytest.mark.parametrize("ask", [create, send, register])
def test_a_project_that_is_there_keeps_its_name(fakes: Fakes, ask: Ask) -> None:
    """What came before the rule, or by an administrator, is used as any other project."""
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    create_project(fakes.world, root.user, "l0l0", HostingMode.ONLY, overriding=root)
    if ask is create:
        with pytest.raises(Conflict) as refused:
            create(fakes.world, root, "L0l0")
        assert refused.value.code == "project-exists"
    else:
        ask(fakes.world, root, "l0l0")


@pytest.mark.parametrize("ask", [create, send, register])
def test_a_project_that_nobody_knows_is_not_named(fakes: Fakes, bob: Caller, ask: Ask) -> None:
    """Who is refused for a private, or a quarantined, project learns that the name is taken, and not by which."""
    ada, root = (
        Caller(user) for user in (user_of(fakes, "ada"), add_person(fakes.world, "root", is_admin=True))
    )
    change_visibility(fakes.world, ada, "lolo", is_private=True)
    require_unnamed(fakes, bob, ask)
    change_visibility(fakes.world, ada, "lolo", is_private=False)
    change_status(fakes.world, root, "lolo", ProjectStatus.QUARANTINED, "Malware.")
    require_unnamed(fakes, bob, ask)


def require_unnamed(fakes: Fakes, bob: Caller, ask: Ask) -> None:
    """The name is refused, and the refusal names no other."""
    with pytest.raises(Refusal, match="too similar to one that is taken") as refused:
        ask(fakes.world, bob, "l0l0")
    assert "lolo" not in refused.value.sentence


def user_of(fakes: Fakes, name: str) -> User:
    """The account of that name."""
    with fakes.store.read() as tx:
        user = tx.users.by_name(name)
    assert user is not None
    return user


@pytest.mark.parametrize(
    ("name", "code"), [("json", "name-of-stdlib"), ("acme-x", "name-reserved"), ("l0l0", "name-look-alike")]
)
def test_t16_an_administrator_may(fakes: Fakes, bob: Caller, name: str, code: str) -> None:
    """T-16: an administrator who says so creates it for whom they like; the ledger says what was overridden."""
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    create_project(fakes.world, bob.user, name, HostingMode.ONLY, overriding=root)
    entry = entries(fakes.store, Kind.PROJECT_CREATED)[-1]
    assert (entry["actor"], entry["project"]) == ("root", name)
    assert entry["details"] == {"name": name, "mode": "pypi-only", "overrode": code}
    assert entries(fakes.store, Kind.ROLE_GRANTED)[-1]["details"] == {"user": "bob", "role": "owner"}


def test_who_overrides_nothing_is_not_said_to(fakes: Fakes, bob: Caller) -> None:
    """An override of a name that anybody may have leaves no mark."""
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    create_project(fakes.world, bob.user, "wren", HostingMode.ONLY, overriding=root)
    assert entries(fakes.store, Kind.PROJECT_CREATED)[-1]["details"] == {"name": "wren", "mode": "pypi-only"}


def test_only_administrators_override(fakes: Fakes, bob: Caller) -> None:
    """Other people, and an administrator's token, may not."""
    root = add_person(fakes.world, "root", is_admin=True)
    token = Token(1, "root", frozenset({Scope.MANAGE}), frozenset(), fakes.clock.now(), None)
    for caller in (bob, Caller(root, token)):
        with pytest.raises(Forbidden) as refused:
            create_project(fakes.world, bob.user, "wren", HostingMode.ONLY, overriding=caller)
        assert refused.value.code == "admin-only"
