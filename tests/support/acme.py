"""An organisation ``acme`` in a world of fakes: its people, a project, and what everybody was told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.invariants import broken, entries
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.flows.organisation_people import give_organisation_role
from homeport.flows.organisations import create_organisation
from homeport.ports.notices import Notice
from homeport.ports.world import World


@dataclass
class Acme:
    """Ada owns acme and the project demo, which is not acme's yet; bob and cyd are members, dan is nobody."""

    fakes: Fakes
    ada: Caller
    bob: Caller
    cyd: Caller
    dan: Caller
    demo: Project
    told_before: int = 0
    notices_before: int = 0

    @property
    def world(self) -> World:
        """The world."""
        return self.fakes.world

    def role(self, caller: Caller) -> Role | None:
        """What somebody is to the project."""
        with self.world.store.read() as tx:
            return tx.projects.role_of(self.demo.id, caller.user.id)

    def people(self) -> dict[str, str]:
        """Who is what in acme."""
        with self.world.store.read() as tx:
            acme = tx.organisations.by_name("acme")
            assert acme is not None
            return {member.user.name: member.role.value for member in tx.organisations.members(acme.id)}

    def entries(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """Kind, actor, project and details of everything that happened after the beginning."""
        new = entries(self.fakes.store)[self.told_before :]
        return [(one["kind"], one["actor"], one["project"], one["details"]) for one in new]

    def notices(self) -> dict[str, list[Notice]]:
        """What people were told after the beginning, oldest first."""
        names = {user.id: user.name for user in self.fakes.store.committed.users.values()}
        told: dict[str, list[Notice]] = {}
        for user_id, notice in self.fakes.store.committed.notices[self.notices_before :]:
            told.setdefault(names[user_id], []).append(notice)
        return told


@contextmanager
def acme(folder: Path) -> Iterator[Acme]:
    """The organisation; every invariant holds at the end."""
    with fake_world(folder) as fakes:
        ada, bob, cyd, dan = (Caller(add_person(fakes.world, name)) for name in ("ada", "bob", "cyd", "dan"))
        demo = add_project(fakes.world, ada.user)
        create_organisation(fakes.world, ada, "acme", "Acme & Sons")
        for member in (bob, cyd):
            give_organisation_role(
                fakes.world, ada, "acme", member.user.name, OrganisationRole.MEMBER, uninvited=True
            )
        committed = fakes.store.committed
        yield Acme(fakes, ada, bob, cyd, dan, demo, len(committed.ledger), len(committed.notices))
        assert broken(fakes) == []
