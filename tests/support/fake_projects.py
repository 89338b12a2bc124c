"""The fake store's projects, releases, files and external links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import ExternalLink, HostedFile
from homeport.ports.catalogue import Membership, Provenance, Release, Source


class FakeProjects:
    """``ports.store.Projects``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, name: ProjectName, mode: HostingMode, at: datetime) -> Project:
        """See the port."""
        if there := self.find(name.normalized):
            raise Conflict(f"There is already a project {there.name}.", code="project-exists")
        project = Project(self._tables.fresh_id("projects"), name, mode, ProjectStatus.ACTIVE, 0, at)
        self._tables.projects[project.id] = project
        return project

    def find(self, normalized: str) -> Project | None:
        """See the port."""
        return next((one for one in self._in_order() if one.name.normalized == normalized), None)

    def names(self) -> Sequence[str]:
        """See the port."""
        return [one.name.display for one in self._visible()]

    def newest(self, *, limit: int) -> Sequence[Project]:
        """See the port."""
        return sorted(self._visible(), key=lambda one: -one.id)[:limit]

    def search(self, text: str, *, limit: int) -> Sequence[Project]:
        """See the port."""
        found = [one for one in self._visible() if text in one.name.normalized]
        found.sort(key=lambda one: (one.name.normalized != text, not one.name.normalized.startswith(text)))
        return found[:limit]

    def set_mode(self, project_id: int, mode: HostingMode) -> None:
        """See the port."""
        self._tables.projects[project_id] = replace(self._tables.projects[project_id], mode=mode)

    def set_serial(self, project_id: int, serial: int) -> None:
        """See the port."""
        self._tables.projects[project_id] = replace(self._tables.projects[project_id], serial=serial)

    def grant(self, project_id: int, user_id: int, role: Role) -> None:
        """See the port."""
        self._tables.roles[project_id, user_id] = role

    def role_of(self, project_id: int, user_id: int) -> Role | None:
        """See the port."""
        return self._tables.roles.get((project_id, user_id))

    def members(self, project_id: int) -> Sequence[Membership]:
        """See the port."""
        members = [
            Membership(self._tables.users[user_id], role)
            for (of_project, user_id), role in self._tables.roles.items()
            if of_project == project_id
        ]
        return sorted(members, key=lambda one: (one.role is not Role.OWNER, one.user.name))

    def of_user(self, user_id: int) -> Sequence[Project]:
        """See the port."""
        return [one for one in self._in_order() if (one.id, user_id) in self._tables.roles]

    def _visible(self) -> list[Project]:
        return [one for one in self._in_order() if one.status is not ProjectStatus.QUARANTINED]

    def _in_order(self) -> list[Project]:
        return sorted(self._tables.projects.values(), key=lambda one: one.name.normalized)


class FakeReleases:
    """``ports.store.Releases``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(
        self, project_id: int, version: ReleaseVersion, metadata: CoreMetadata, *, replace: bool, at: datetime
    ) -> bool:
        """See the port."""
        there = self.find(project_id, version.normalized)
        if there is not None and (not replace or there.metadata == metadata):
            return False
        told = there.version if there else version
        self._tables.releases[project_id, version.normalized] = Release(told, metadata)
        return True

    def of_project(self, project_id: int) -> Sequence[Release]:
        """See the port."""
        return [one for (of_project, _), one in self._tables.releases.items() if of_project == project_id]

    def find(self, project_id: int, normalized_version: str) -> Release | None:
        """See the port."""
        return self._tables.releases.get((project_id, normalized_version))

    def newest(self, project_id: int) -> Release | None:
        """See the port."""
        there = self.of_project(project_id)
        return there[-1] if there else None


class FakeFiles:
    """``ports.store.Files``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self, project_id: int, file: HostedFile, provenance: Provenance, metadata_file: bytes | None
    ) -> None:
        """See the port."""
        key = (project_id, file.filename)
        if key in self._tables.files:
            raise Conflict(f"{file.filename} is already hosted here.", code="file-exists")
        self._tables.files[key] = file
        self._tables.provenances[key] = provenance
        self._tables.metadata_files[key] = metadata_file

    def find(self, project_id: int, filename: str) -> HostedFile | None:
        """See the port."""
        return self._tables.files.get((project_id, filename))

    def of_project(self, project_id: int) -> Sequence[HostedFile]:
        """See the port."""
        return [file for (of_project, _), file in self._tables.files.items() if of_project == project_id]

    def provenance(self, project_id: int, filename: str) -> Provenance | None:
        """See the port."""
        return self._tables.provenances.get((project_id, filename))

    def provenances(self, project_id: int) -> Mapping[str, Provenance]:
        """See the port."""
        everywhere = self._tables.provenances.items()
        return {
            filename: provenance
            for (of_project, filename), provenance in everywhere
            if of_project == project_id
        }

    def every(self) -> Iterator[tuple[str, str, Sha256, int]]:
        """See the port."""
        files = sorted(self._tables.files.values(), key=lambda file: (file.project, file.filename))
        for file in files:
            yield file.project, file.filename, file.digests.sha256, file.size_bytes


class FakeOutside:
    """``ports.store.Outside``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add_source(self, project_id: int, source: Source, *, by: str, at: datetime) -> bool:
        """See the port."""
        is_new = (project_id, source) not in self._tables.sources
        self._tables.sources.setdefault((project_id, source), by)
        return is_new

    def sources(self, project_id: int) -> Sequence[Source]:
        """See the port."""
        return [source for of_project, source in self._tables.sources if of_project == project_id]

    def put_links(self, project_id: int, links: Iterable[ExternalLink]) -> None:
        """See the port."""
        self._tables.links[project_id] = tuple({link.url: link for link in links}.values())

    def links(self, project_id: int) -> Sequence[ExternalLink]:
        """See the port."""
        return self._tables.links.get(project_id, ())
