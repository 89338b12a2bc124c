"""Organisations come into being, and projects move into them and out.

Every change is one entry of the ledger, and the people whom it concerns are told. No page of the simple API names
people, so none is rendered.
"""

from collections.abc import Sequence
from datetime import datetime

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, Forbidden, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.domain.organisation import (
    Organisation,
    OrganisationRole,
    require_display_name,
    require_organisation_name,
    require_organisation_owner,
    require_owner_of_its_own,
)
from homeport.domain.project import Project
from homeport.domain.rights import require_admitted, require_role, require_unrestricted
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, write_notice
from homeport.ports.catalogue import Membership
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.world import World


def find_organisation(tx: Transaction, name: str) -> Organisation:
    """The organisation of that name, or ``NotFound``."""
    organisation = tx.organisations.by_name(name)
    if organisation is None:
        raise NotFound(f"There is no organisation {name[:80]} here.", code="organisation-unknown")
    return organisation


def owned_organisation(tx: Transaction, caller: Caller, name: str) -> Organisation:
    """The organisation of that name, if the caller owns it; else ``NotFound`` or ``Forbidden``."""
    organisation = find_organisation(tx, name)
    role = tx.organisations.role_of(organisation.id, caller.user.id)
    require_organisation_owner(caller, organisation, role)
    return organisation


def find_person(tx: Transaction, name: str) -> User:
    """The account of that name, or ``NotFound``."""
    user = tx.users.by_name(name)
    if user is None:
        raise NotFound(f"There is no user {name[:80]} here.", code="user-unknown")
    return user


def create_organisation(world: World, caller: Caller, name: str, display_name: str = "") -> Organisation:
    """A new organisation, which the caller owns; without a display name it is shown by its name."""
    require_organisation_name(name, by_admin=caller.user.is_admin)
    shown, now = require_display_name(display_name or name), world.clock.now()
    require_unrestricted(caller, Scope.MANAGE)
    require_admitted(caller, world.accounts)
    if not (world.accounts.all_make_organisations or caller.user.is_admin):
        raise Forbidden("Only an administrator creates organisations here.", code="admin-only")
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = tx.organisations.add(name, shown, now)
        tx.ledger.append(
            Kind.ORGANISATION_CREATED,
            at=now,
            actor=caller.user.name,
            project="",
            details={"organisation": name, "display_name": shown},
        )
        grant_organisation_role(tx, organisation, caller.user, OrganisationRole.OWNER, by=caller.user, at=now)
        return organisation


def grant_organisation_role(
    tx: Transaction,
    organisation: Organisation,
    user: User,
    role: OrganisationRole,
    *,
    by: User,
    at: datetime,
    **told: str,
) -> None:
    """Give the role, or another one, with its entry; ``told`` is what that says besides."""
    tx.organisations.grant(organisation.id, user.id, role)
    tx.ledger.append(
        Kind.ORGANISATION_ROLE_GRANTED,
        at=at,
        actor=by.name,
        project="",
        details={"organisation": organisation.name, "user": user.name, "role": role.value, **told},
    )


def transfer_project(world: World, caller: Caller, name: str, project_name: str) -> None:
    """Move a project into the organisation: who owns both may. Its own members keep their roles."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        project = find_project(tx, project_name)
        role = tx.projects.role_of(project.id, caller.user.id)
        require_role(caller, Scope.MANAGE, project, role, owner=True)
        project.require_no_quarantine()
        there = tx.organisations.of_project(project.id)
        if there is not None:
            raise Conflict(
                f"{project.name} belongs to {there.name}: take it out of there first.",
                code="project-in-organisation",
            )
        tx.organisations.take_in(organisation.id, project.id)
        _record_transfer(tx, project, caller, {"from": None, "to": organisation.name, "teams": []}, now)
        notice = _transferred(project, organisation, caller, now, is_in=True)
        tell(tx, _maintainers(tx.projects.members(project.id)), notice, but_not=caller.user.name)


def take_project_out(world: World, caller: Caller, name: str, project_name: str) -> None:
    """Let the project belong to no organisation: an owner of the organisation may.

    Roles that people hold by themselves stay; there must be an owner among them.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        project = project_of_organisation(tx, organisation, project_name)
        project.require_no_quarantine()
        members = tx.projects.members(project.id)
        own = [one.role for one in members if not (one.through or one.user.is_disabled)]
        require_owner_of_its_own(project.name, own)
        teams = [team.name for team in tx.organisations.take_out(project.id)]
        _record_transfer(tx, project, caller, {"from": organisation.name, "to": None, "teams": teams}, now)
        notice = _transferred(project, organisation, caller, now, is_in=False)
        tell(tx, _maintainers(members), notice, but_not=caller.user.name)


def _transferred(
    project: Project, organisation: Organisation, caller: Caller, at: datetime, *, is_in: bool
) -> Notice:
    facts = {
        "project": project.name.display,
        "organisation": organisation.name,
        "is_in": is_in,
        "by": caller.user.name,
    }
    return write_notice("project-transferred", facts, path=_page_of(project), at=at)


def _record_transfer(
    tx: Transaction,
    project: Project,
    caller: Caller,
    details: dict[str, str | list[str] | None],
    at: datetime,
) -> None:
    tx.ledger.append(
        Kind.PROJECT_TRANSFERRED,
        at=at,
        actor=caller.user.name,
        project=project.name.normalized,
        details=details,
    )


def _maintainers(members: Sequence[Membership]) -> list[User]:
    return [member.user for member in members if member.role.maintains]


def project_of_organisation(tx: Transaction, organisation: Organisation, name: str) -> Project:
    """The project of that name in any spelling, which belongs to the organisation, or ``NotFound``.

    The refusal says the same of a project that is not there: somebody else's may be private.
    """
    project = tx.projects.find(ProjectName.parse(name).normalized)
    if project is None or tx.organisations.of_project(project.id) != organisation:
        raise NotFound(
            f"{organisation.name} has no project {name}: move it there first.",
            code="project-not-in-organisation",
        )
    return project


def managed_at(organisation: Organisation) -> str:
    """The page where an organisation is managed."""
    return f"/manage/organisations/{organisation.name}/"


def _page_of(project: Project) -> str:
    return f"/project/{project.name.normalized}/"
