"""What the index knows of a project's members, and changes to them."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.invariants import entries
from tests.support.world import Fakes

from homeport.domain.account import Caller
from homeport.domain.errors import Refusal
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Project, Role
from homeport.flows.organisation_people import accept_organisation_invitation, invite_to_organisation
from homeport.flows.organisations import create_organisation, transfer_project
from homeport.ports.notices import Notice


def role_of(fakes: Fakes, project: Project, caller: Caller) -> Role | None:
    """The role somebody has."""
    with fakes.store.read() as tx:
        return tx.projects.role_of(project.id, caller.user.id)


def last_entry(fakes: Fakes) -> tuple[str, str, str, dict[str, Any]]:
    """Kind, actor, project and details of what the ledger says last."""
    entry = entries(fakes.store)[-1]
    return entry["kind"], entry["actor"], entry["project"], entry["details"]


def told(fakes: Fakes, caller: Caller) -> list[tuple[str, str, str]]:
    """Kind, subject and path of somebody's notices, newest first."""
    with fakes.store.read() as tx:
        read: list[Notice] = list(tx.notices.of_user(caller.user.id, limit=99))
    return [(notice.kind, notice.subject, notice.path) for notice in read]


def require_refusal(code: str, deed: Callable[[], object]) -> None:
    """``deed`` is refused with this code."""
    with pytest.raises(Refusal) as refused:
        deed()
    assert refused.value.code == code


def in_acme(fakes: Fakes, owner: Caller, other: Caller, role: OrganisationRole) -> None:
    """An organisation keeps the project of ``owner``, and somebody else has a role in it."""
    create_organisation(fakes.world, owner, "acme")
    transfer_project(fakes.world, owner, "acme", "my-demo")
    invite_to_organisation(fakes.world, owner, "acme", other.user.name, role)
    accept_organisation_invitation(fakes.world, other, "acme")
