"""Projects come into being, gain sources, and are looked up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.links import SourceKind
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, Role
from homeport.domain.release import HostedFile
from homeport.domain.rights import require_role, require_scope
from homeport.domain.urls import Url
from homeport.flows.render_pages import render_project
from homeport.flows.standing_consent import extend_standing, give_standing
from homeport.formats.management_json import project_json
from homeport.ports.catalogue import Membership, Source
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project and everything a person asks about it first."""

    project: Project
    members: tuple[Membership, ...]
    files: tuple[HostedFile, ...]
    sources: tuple[Source, ...]
    versions: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The project as it is told to programs."""
        return project_json(
            self.project,
            [(member.user.name, member.role) for member in self.members],
            self.files,
            [(source.kind, source.url) for source in self.sources],
            self.versions,
        )


def find_project(tx: Transaction, name: str) -> Project:
    """The project of that name in any spelling, or ``NotFound``."""
    project = tx.projects.find(ProjectName.parse(name).normalized)
    if project is None:
        raise NotFound(f"There is no project {name} here.", code="project-unknown")
    return project


def project_for_files(tx: Transaction, caller: Caller, name: ProjectName) -> Project | None:
    """The project that the caller may add files or releases to, ``None`` when the name is free for the caller.

    Raises ``Forbidden`` without the right, and ``Conflict`` when the project takes no new files.
    """
    project = tx.projects.find(name.normalized)
    if project is None:
        require_scope(caller, Scope.UPLOAD, name)
        return None
    require_role(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, caller.user.id))
    if not project.status.takes_files:
        raise Conflict(
            f"{project.name} is {project.status}: it takes no new files.", code="project-takes-no-files"
        )
    return project


def add_project(
    tx: Transaction, name: ProjectName, owner: User, mode: HostingMode, *, actor: str, at: datetime
) -> Project:
    """A new project with its owner, its page, and its place in the list."""
    if mode is HostingMode.EXT:
        raise Invalid(
            "A new project is pypi-only or pypi-cache; pypi-ext needs an administrator's exemption.",
            code="mode-for-new",
        )
    project = tx.projects.add(name, mode, at)
    tx.projects.grant(project.id, owner.id, Role.OWNER)
    normalized = name.normalized
    tx.ledger.append(
        Kind.PROJECT_CREATED,
        at=at,
        actor=actor,
        project=normalized,
        details={"name": name.display, "mode": mode.value},
    )
    serial = tx.ledger.append(
        Kind.ROLE_GRANTED,
        at=at,
        actor=actor,
        project=normalized,
        details={"user": owner.name, "role": Role.OWNER.value},
    )
    if mode.takes_crawled_files:
        serial = give_standing(tx, project, by=owner.name, at=at)
    render_project(tx, project, serial, comes_or_goes=True)
    return project


def create_project(world: World, owner: User, name: str, mode: HostingMode) -> Project:
    """A project that its owner asks for before there is any file."""
    parsed, now = ProjectName.parse(name), world.clock.now()
    with world.store.write() as tx:
        return add_project(tx, parsed, owner, mode, actor=owner.name, at=now)


def grant_role(world: World, caller: Caller, name: str, user_name: str, role: str) -> Role:
    """Give a user a role, or another one; only owners may, and the last owner stays one."""
    try:
        wanted = Role(role)
    except ValueError:
        raise Invalid(
            f"{role[:40]!r} is not a role: use owner, maintainer or reader.", code="role-unknown"
        ) from None
    now = world.clock.now()
    with world.store.write() as tx:
        project = find_project(tx, name)
        own = tx.projects.role_of(project.id, caller.user.id)
        require_role(caller, Scope.MANAGE, project, own, owner=True)
        user = tx.users.by_name(user_name)
        if user is None:
            raise NotFound(
                f"There is no user {user_name}: add one with homeport user add.", code="user-unknown"
            )
        others = [m for m in tx.projects.members(project.id) if m.role is Role.OWNER and m.user.id != user.id]
        if wanted is not Role.OWNER and not others:
            raise Conflict(
                f"{user_name} is the last owner of {project.name}: make another one first.", code="last-owner"
            )
        tx.projects.grant(project.id, user.id, wanted)
        serial = tx.ledger.append(
            Kind.ROLE_GRANTED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"user": user_name, "role": wanted.value},
        )
        render_project(tx, project, serial)
        return wanted


def show_project(world: World, name: str) -> ProjectView:
    """What ``homeport project show`` and the project's page tell."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        return ProjectView(
            project=project,
            members=tuple(tx.projects.members(project.id)),
            files=tuple(tx.files.of_project(project.id)),
            sources=tuple(tx.outside.sources(project.id)),
            versions=tuple(release.version.text for release in tx.releases.of_project(project.id)),
        )


def add_source(world: World, caller: Caller, name: str, kind: str, url: str) -> bool:
    """Remember where to look for files; False when it was known. In ``pypi-cache`` mode, standing consent learns its host."""
    try:
        source = Source(SourceKind(kind).value, str(Url.parse(url)))
    except ValueError:
        kinds = ", ".join(SourceKind)
        raise Invalid(f"{kind!r} is not a kind of source: use one of {kinds}.", code="source-kind") from None
    now = world.clock.now()
    with world.store.write() as tx:
        project = find_project(tx, name)
        role = tx.projects.role_of(project.id, caller.user.id)
        require_role(caller, Scope.MANAGE, project, role)
        if project.mode is HostingMode.ONLY:
            raise Conflict(
                f"{project.name} is pypi-only: only uploaded files are listed, so external URLs are refused. "
                "Choose pypi-cache first (homeport mode set).",
                code="external-refused",
            )
        if not tx.outside.add_source(project.id, source, by=caller.user.name, at=now):
            return False
        serial = tx.ledger.append(
            Kind.SOURCE_ADDED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"kind": source.kind, "url": source.url},
        )
        if project.mode.takes_crawled_files:
            serial = extend_standing(tx, project, source.url, by=caller.user.name, at=now)
        render_project(tx, project, serial)
        return True
