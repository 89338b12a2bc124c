"""Projects, roles, sources, and the external links that are listed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row

from homeport.adapters.db.among import among
from homeport.adapters.db.held_roles import HELD_ROLES, IS_ABLE, RANK, role_of_rank
from homeport.adapters.db.identity import user_of
from homeport.adapters.db.outside_tables import external_links, sources
from homeport.adapters.db.tables import project_names, projects, roles, users
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import ExternalLink
from homeport.domain.source import Filters, Source, SourceKind
from homeport.ports.catalogue import SHORTEST_PART, Membership


def project_of(row: Row[Any]) -> Project:
    """The project in a row that has all columns of ``projects``."""
    return Project(
        row.id,
        ProjectName(row.name),
        HostingMode(row.mode),
        ProjectStatus(row.status),
        row.serial,
        row.created_at,
        row.status_reason,
        row.is_private,
    )


# What lists that anybody reads may name (``Project.is_listed``).
LISTED = and_(~projects.c.is_private, projects.c.status != ProjectStatus.QUARANTINED.value)

_HELD = (
    text(HELD_ROLES)
    .columns(column("project_id"), column("user_id"), column("role"), column("organisation"), column("team"))
    .subquery("held")
)
_RANK: ColumnElement[int] = literal_column(RANK)


class SqlProjects:
    """``ports.catalogue.Projects`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: ProjectName, mode: HostingMode, at: datetime) -> Project:
        """See the port."""
        made = self._connection.execute(
            upsert(projects)
            .values(
                name=name.display,
                normalized=name.normalized,
                mode=mode.value,
                status=ProjectStatus.ACTIVE.value,
                serial=0,
                created_at=at,
                status_reason="",
                is_private=False,
                size_bytes=0,
                look_alike=name.look_alike,
            )
            .on_conflict_do_nothing()
        )
        project = self.find(name.normalized)
        if made.rowcount != 1 or project is None:
            there = project.name if project else name
            raise Conflict(f"There is already a project {there}.", code="project-exists")
        return project

    def find(self, normalized: str) -> Project | None:
        """See the port."""
        row = self._connection.execute(select(projects).where(projects.c.normalized == normalized)).first()
        return project_of(row) if row else None

    def look_alike(self, name: ProjectName) -> Project | None:
        """See the port."""
        alike = projects.c.look_alike == name.look_alike
        wanted = select(projects).where(alike, projects.c.normalized != name.normalized)
        row = self._connection.execute(wanted.order_by(LISTED.desc(), projects.c.normalized).limit(1)).first()
        return project_of(row) if row else None

    def listed(self, first: str, before: str | None, *, limit: int) -> Sequence[ListedProject]:
        """See the port."""
        wanted = (
            select(projects.c.name, projects.c.normalized, projects.c.serial)
            .where(LISTED, projects.c.normalized >= first)
            .order_by(projects.c.normalized)
            .limit(limit)
        )
        if before is not None:
            wanted = wanted.where(projects.c.normalized < before)
        return [ListedProject(*row) for row in self._connection.execute(wanted)]

    def named(self, normalized: Collection[str]) -> Mapping[str, Project]:
        """See the port."""
        wanted = select(projects).where(among(projects.c.normalized, normalized))
        return {row.normalized: project_of(row) for row in self._connection.execute(wanted)}

    def largest(self, *, limit: int) -> Sequence[tuple[str, int]]:
        """See the port."""
        wanted = select(projects.c.name, projects.c.size_bytes).where(LISTED)
        largest_first = wanted.order_by(projects.c.size_bytes.desc()).limit(limit)
        return [(row.name, row.size_bytes) for row in self._connection.execute(largest_first)]

    def every(self, *, after: int, limit: int) -> Sequence[Project]:
        """See the port."""
        wanted = select(projects).where(projects.c.id > after).order_by(projects.c.id).limit(limit)
        return [project_of(row) for row in self._connection.execute(wanted)]

    def newest(self, *, limit: int) -> Sequence[Project]:
        """See the port."""
        return self._visible(select(projects).order_by(projects.c.id.desc()).limit(limit))

    def search(self, text: str, *, limit: int) -> Sequence[Project]:
        """See the port."""
        normalized = projects.c.normalized
        # Bounds, not LIKE: they are found by the index. No name holds a character after "z".
        beginnings = select(projects).where(normalized >= text, normalized < f"{text}~")
        found = list(self._visible(beginnings.order_by(normalized).limit(limit)))
        if len(found) < limit and len(text) >= SHORTEST_PART:
            phrase = '"' + text.replace('"', '""') + '"'
            parts = select(projects).join(project_names, project_names.c.rowid == projects.c.id)
            parts = parts.where(literal_column("project_names").match(phrase)).limit(limit)
            known = {project.id for project in found}
            rest = [project for project in self._visible(parts) if project.id not in known]
            found += sorted(rest, key=lambda project: project.name.normalized)
        return found[:limit]

    def _visible(self, wanted: Select[Any]) -> Sequence[Project]:
        return [project_of(row) for row in self._connection.execute(wanted.where(LISTED))]

    def set_mode(self, project_id: int, mode: HostingMode) -> None:
        """See the port."""
        self._connection.execute(update(projects).where(projects.c.id == project_id).values(mode=mode.value))

    def set_serial(self, project_id: int, serial: int) -> None:
        """See the port."""
        self._connection.execute(update(projects).where(projects.c.id == project_id).values(serial=serial))

    def set_status(self, project_id: int, status: ProjectStatus, reason: str) -> None:
        """See the port."""
        changed = update(projects).where(projects.c.id == project_id)
        self._connection.execute(changed.values(status=status.value, status_reason=reason))

    def set_private(self, project_id: int, *, is_private: bool) -> None:
        """See the port."""
        self._connection.execute(
            update(projects).where(projects.c.id == project_id).values(is_private=is_private)
        )

    def grant(self, project_id: int, user_id: int, role: Role) -> bool:
        """See the port."""
        row = upsert(roles).values(project_id=project_id, user_id=user_id, role=role.value)
        changed = row.on_conflict_do_update(
            index_elements=["project_id", "user_id"],
            set_={"role": role.value},
            where=roles.c.role != role.value,
        )
        return self._connection.execute(changed).rowcount > 0

    def revoke(self, project_id: int, user_id: int) -> Role | None:
        """See the port."""
        own = (roles.c.project_id == project_id, roles.c.user_id == user_id)
        role = self._connection.execute(select(roles.c.role).where(*own)).scalar()
        self._connection.execute(delete(roles).where(*own))
        return None if role is None else Role(role)

    def role_of(self, project_id: int, user_id: int) -> Role | None:
        """See the port."""
        best = select(func.min(_RANK)).where(_HELD.c.project_id == project_id, _HELD.c.user_id == user_id)
        able = best.select_from(_HELD).where(text(IS_ABLE))
        return role_of_rank(self._connection.execute(able).scalar())

    def members(self, project_id: int) -> Sequence[Membership]:
        """See the port."""
        rows = self._connection.execute(
            select(users, _HELD.c.role, _HELD.c.organisation, _HELD.c.team)
            .join(_HELD, _HELD.c.user_id == users.c.id)
            .where(_HELD.c.project_id == project_id)
            # A role of one's own comes before the same one through others.
            .order_by(_RANK, users.c.name, _HELD.c.organisation, _HELD.c.team)
        )
        members: dict[int, Membership] = {}
        for row in rows:
            members.setdefault(row.id, Membership(user_of(row), Role(row.role), _through(row)))
        return list(members.values())

    def of_user(self, user_id: int) -> Sequence[Project]:
        """See the port."""
        maintains = _HELD.c.role != Role.READER.value
        rows = self._connection.execute(
            select(projects)
            .where(projects.c.id.in_(select(_HELD.c.project_id).where(_HELD.c.user_id == user_id, maintains)))
            .order_by(projects.c.normalized)
        )
        return [project_of(row) for row in rows]


def _through(row: Row[Any]) -> str:
    if row.team:
        return f"team {row.organisation}/{row.team}"
    return f"organisation {row.organisation}" if row.organisation else ""


def _is_source(project_id: int, source: Source) -> ColumnElement[bool]:
    return and_(
        sources.c.project_id == project_id,
        sources.c.kind == source.kind.value,
        sources.c.url == source.url,
    )


class SqlOutside:
    """``ports.catalogue.Outside`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_source(
        self, project_id: int, source: Source, *, by: str, at: datetime, sealed_token: bytes | None = None
    ) -> bool:
        """See the port."""
        made = self._connection.execute(
            upsert(sources)
            .values(
                project_id=project_id,
                kind=source.kind.value,
                url=source.url,
                added_by=by,
                added_at=at,
                filters=source.filters.to_json(),
                sealed_token=sealed_token,
            )
            .on_conflict_do_nothing()
        )
        return made.rowcount == 1

    def change_source(self, project_id: int, source: Source, *, sealed_token: bytes | None) -> None:
        """See the port."""
        changed = update(sources).where(_is_source(project_id, source))
        self._connection.execute(changed.values(filters=source.filters.to_json(), sealed_token=sealed_token))

    def remove_source(self, project_id: int, source: Source) -> None:
        """See the port."""
        self._connection.execute(delete(sources).where(_is_source(project_id, source)))

    def sealed_token(self, project_id: int, source: Source) -> bytes | None:
        """See the port."""
        wanted = select(sources.c.sealed_token).where(_is_source(project_id, source))
        return self._connection.execute(wanted).scalar()

    def sources(self, project_id: int) -> Sequence[Source]:
        """See the port."""
        rows = self._connection.execute(
            select(sources).where(sources.c.project_id == project_id).order_by(sources.c.id)
        )
        return [
            Source(
                SourceKind(row.kind),
                row.url,
                Filters.from_json(row.filters),
                has_token=row.sealed_token is not None,
            )
            for row in rows
        ]

    def put_links(self, project_id: int, links: Iterable[ExternalLink]) -> None:
        """See the port."""
        self._connection.execute(delete(external_links).where(external_links.c.project_id == project_id))
        for link in {link.url: link for link in links}.values():
            self._connection.execute(
                insert(external_links).values(
                    project_id=project_id,
                    version=link.version.text,
                    filename=link.filename,
                    url=link.url,
                    found_on=link.found_on,
                    size_bytes=link.size_bytes,
                    sha256=link.sha256.hex if link.sha256 else None,
                )
            )

    def links(self, project_id: int) -> Sequence[ExternalLink]:
        """See the port."""
        rows = self._connection.execute(
            select(external_links, projects.c.normalized)
            .join(projects, projects.c.id == external_links.c.project_id)
            .where(external_links.c.project_id == project_id)
            .order_by(external_links.c.id)
        )
        return [
            ExternalLink(
                row.normalized,
                ReleaseVersion.parse_legacy(row.version),
                row.filename,
                row.url,
                row.found_on,
                row.size_bytes,
                Sha256(row.sha256) if row.sha256 else None,
            )
            for row in rows
        ]
