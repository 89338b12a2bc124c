"""The fake store's projects, releases, files and external links."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_organisations import held_roles
from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion, version_key
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import ExternalLink, HostedFile
from homeport.domain.source import Source
from homeport.ports.catalogue import (
    SHORTEST_PART,
    Membership,
    NewRelease,
    Provenance,
    Release,
    Removal,
)


class FakeProjects:
    """``ports.catalogue.Projects``."""

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

    def look_alike(self, name: ProjectName) -> Project | None:
        """See the port."""
        alike = [one for one in self._in_order() if one.name.look_alike == name.look_alike]
        others = [one for one in alike if one.name.normalized != name.normalized]
        return min(others, key=lambda one: not one.is_listed, default=None)

    def listed(self, first: str, before: str | None, *, limit: int) -> Sequence[ListedProject]:
        """See the port."""
        lines = [ListedProject(one.name.display, one.name.normalized, one.serial) for one in self._visible()]
        within = [
            line
            for line in lines
            if line.normalized >= first and (before is None or line.normalized < before)
        ]
        return within[:limit]

    def named(self, normalized: Collection[str]) -> Mapping[str, Project]:
        """See the port."""
        return {one.name.normalized: one for one in self._in_order() if one.name.normalized in normalized}

    def largest(self, *, limit: int) -> Sequence[tuple[str, int]]:
        """See the port."""
        sizes = {project.id: 0 for project in self._visible()}
        for (project_id, _), file in self._tables.files.items():
            if project_id in sizes:
                sizes[project_id] += file.size_bytes
        largest_first = sorted(sizes.items(), key=lambda one: -one[1])[:limit]
        return [(self._tables.projects[project_id].name.display, size) for project_id, size in largest_first]

    def every(self, *, after: int, limit: int) -> Sequence[Project]:
        """See the port."""
        return [one for _, one in sorted(self._tables.projects.items()) if one.id > after][:limit]

    def newest(self, *, limit: int) -> Sequence[Project]:
        """See the port."""
        return sorted(self._visible(), key=lambda one: -one.id)[:limit]

    def search(self, text: str, *, limit: int) -> Sequence[Project]:
        """See the port."""
        is_part = len(text) >= SHORTEST_PART
        found = [
            one
            for one in self._visible()
            if one.name.normalized.startswith(text) or (is_part and text in one.name.normalized)
        ]
        found.sort(key=lambda one: (one.name.normalized != text, not one.name.normalized.startswith(text)))
        return found[:limit]

    def set_mode(self, project_id: int, mode: HostingMode) -> None:
        """See the port."""
        self._tables.projects[project_id] = replace(self._tables.projects[project_id], mode=mode)

    def set_serial(self, project_id: int, serial: int) -> None:
        """See the port."""
        self._tables.projects[project_id] = replace(self._tables.projects[project_id], serial=serial)

    def set_status(self, project_id: int, status: ProjectStatus, reason: str) -> None:
        """See the port."""
        there = self._tables.projects[project_id]
        self._tables.projects[project_id] = replace(there, status=status, status_reason=reason)

    def set_private(self, project_id: int, *, is_private: bool) -> None:
        """See the port."""
        there = self._tables.projects[project_id]
        self._tables.projects[project_id] = replace(there, is_private=is_private)

    def grant(self, project_id: int, user_id: int, role: Role) -> bool:
        """See the port."""
        was, self._tables.roles[project_id, user_id] = self._tables.roles.get((project_id, user_id)), role
        return was is not role

    def revoke(self, project_id: int, user_id: int) -> Role | None:
        """See the port."""
        return self._tables.roles.pop((project_id, user_id), None)

    def role_of(self, project_id: int, user_id: int) -> Role | None:
        """See the port."""
        able = (one for one in self.members(project_id) if not one.user.is_disabled)
        return next((one.role for one in able if one.user.id == user_id), None)

    def members(self, project_id: int) -> Sequence[Membership]:
        """See the port."""
        best: dict[int, Membership] = {}
        for user_id, role, through in held_roles(self._tables, project_id):
            there = best.get(user_id)
            if there is None or _rank(role) < _rank(there.role):
                best[user_id] = Membership(self._tables.users[user_id], role, through)
        return sorted(best.values(), key=lambda one: (_rank(one.role), one.user.name))

    def of_user(self, user_id: int) -> Sequence[Project]:
        """See the port."""
        return [
            one
            for one in self._in_order()
            if any(member.user.id == user_id and member.role.maintains for member in self.members(one.id))
        ]

    def _visible(self) -> list[Project]:
        return [one for one in self._in_order() if one.is_listed]

    def _in_order(self) -> list[Project]:
        return sorted(self._tables.projects.values(), key=lambda one: one.name.normalized)


def _rank(role: Role) -> int:
    return list(Role).index(role)


class FakeReleases:
    """``ports.catalogue.Releases``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(
        self, project_id: int, version: ReleaseVersion, metadata: CoreMetadata, *, replace: bool, at: datetime
    ) -> bool:
        """See the port."""
        there = self.find(project_id, version.key)
        if there is not None and (not replace or there.metadata == metadata):
            return False
        self._tables.registered.setdefault((project_id, version.key), at)
        told = there.version if there else version
        yanked, is_frozen = (there.yanked, there.is_frozen) if there else (None, False)
        self._tables.releases[project_id, version.key] = Release(told, metadata, yanked, is_frozen)
        self._tables.descriptions.pop((project_id, version.key), None)
        return True

    def set_description(self, project_id: int, version: str, html: str) -> None:
        """See the port."""
        self._tables.descriptions[project_id, version_key(version)] = html

    def description_html(self, project_id: int, version: str) -> str:
        """See the port."""
        key = (project_id, version_key(version))
        return self._tables.descriptions.get(key, "") if key in self._tables.releases else ""

    def versions(self, project_id: int) -> Sequence[str]:
        """See the port."""
        return [one.version.normalized for one in self.of_project(project_id) if not one.is_frozen]

    def set_yanked(self, project_id: int, version: str, reason: str | None) -> None:
        """See the port."""
        key = (project_id, version_key(version))
        self._tables.releases[key] = replace(self._tables.releases[key], yanked=reason)

    def remove(self, project_id: int, version: str, at: datetime) -> None:
        """See the port."""
        self._tables.releases.pop((project_id, version_key(version)), None)

    def of_project(self, project_id: int) -> Sequence[Release]:
        """See the port."""
        return [self._tables.releases[key] for key in self._in_order() if key[0] == project_id]

    def heads(self, project_id: int) -> Sequence[CoreMetadata]:
        """See the port."""
        return [replace(one.metadata, description="") for one in self.of_project(project_id)]

    def _in_order(self) -> list[tuple[int, str]]:
        # A release that came back stands where it stood.
        return [key for key in self._tables.registered if key in self._tables.releases]

    def find(self, project_id: int, version: str) -> Release | None:
        """See the port."""
        return self._tables.releases.get((project_id, version_key(version)))

    def registered_at(self, project_id: int, version: str) -> datetime | None:
        """See the port."""
        return self._tables.registered.get((project_id, version_key(version)))

    def newest(self, project_id: int) -> Release | None:
        """See the port."""
        there = [one for one in self.of_project(project_id) if not one.is_frozen]
        return there[-1] if there else None

    def yanks(self, project_id: int) -> Mapping[str, str]:
        """See the port."""
        return {
            one.version.normalized: one.yanked
            for one in self.of_project(project_id)
            if one.yanked is not None
        }

    def latest(self, *, limit: int) -> Sequence[NewRelease]:
        """See the port."""
        looked_at = set(list(self._tables.registered)[-20 * limit :])
        listed = [key for key in self._in_order() if self._tables.projects[key[0]].is_listed]
        return self._newest_first(key for key in listed if key in looked_at)[:limit]

    def latest_of(self, project_id: int, *, limit: int) -> Sequence[NewRelease]:
        """See the port."""
        return self._newest_first(key for key in self._in_order() if key[0] == project_id)[:limit]

    def _newest_first(self, keys: Iterable[tuple[int, str]]) -> list[NewRelease]:
        return [
            NewRelease(
                self._tables.projects[project_id].name,
                self._tables.releases[project_id, key].version.normalized,
                self._tables.releases[project_id, key].metadata.summary,
                self._tables.registered[project_id, key],
            )
            for project_id, key in reversed(list(keys))
            if not self._tables.releases[project_id, key].is_frozen
        ]


class FakeFiles:
    """``ports.catalogue.Files``."""

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

    def set_yanked(self, project_id: int, filenames: Iterable[str], reason: str | None) -> None:
        """See the port."""
        for filename in filenames:
            there = self._tables.files[project_id, filename]
            self._tables.files[project_id, filename] = replace(there, yanked=reason)

    def remove(self, project_id: int, filename: str, *, by: str, reason: str, at: datetime) -> None:
        """See the port."""
        key = (project_id, filename)
        sha256 = self._tables.files.pop(key).digests.sha256
        del self._tables.provenances[key], self._tables.metadata_files[key]
        self._tables.removals[key] = Removal(sha256, at, by, reason)

    def names(self, project_id: int) -> Sequence[str]:
        """See the port."""
        gone = {filename for project, filename in self._tables.removals if project == project_id}
        return sorted(gone | {file.filename for file in self.of_project(project_id)})

    def removal(self, project_id: int, filename: str) -> Removal | None:
        """See the port."""
        return self._tables.removals.get((project_id, filename))

    def removed_sha256(self) -> Iterator[Sha256]:
        """See the port."""
        return (removal.sha256 for removal in self._tables.removals.values())

    def is_hosted(self, sha256: Sha256) -> bool:
        """See the port."""
        return any(file.digests.sha256 == sha256 for file in self._tables.files.values())

    def total_bytes(self) -> int:
        """See the port."""
        return sum(file.size_bytes for file in self._tables.files.values())

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
    """``ports.catalogue.Outside``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add_source(
        self, project_id: int, source: Source, *, by: str, at: datetime, sealed_token: bytes | None = None
    ) -> bool:
        """See the port."""
        key = (project_id, source.kind, source.url)
        is_new = key not in self._tables.sources
        self._tables.sources.setdefault(key, (source, sealed_token))
        return is_new

    def change_source(self, project_id: int, source: Source, *, sealed_token: bytes | None) -> None:
        """See the port."""
        key = (project_id, source.kind, source.url)
        if key in self._tables.sources:
            self._tables.sources[key] = (source, sealed_token)

    def remove_source(self, project_id: int, source: Source) -> None:
        """See the port."""
        self._tables.sources.pop((project_id, source.kind, source.url), None)

    def sealed_token(self, project_id: int, source: Source) -> bytes | None:
        """See the port."""
        _, sealed = self._tables.sources.get((project_id, source.kind, source.url), (source, None))
        return sealed

    def sources(self, project_id: int) -> Sequence[Source]:
        """See the port."""
        return [
            replace(source, has_token=sealed is not None)
            for (of_project, _, _), (source, sealed) in self._tables.sources.items()
            if of_project == project_id
        ]

    def put_links(self, project_id: int, links: Iterable[ExternalLink]) -> None:
        """See the port."""
        self._tables.links[project_id] = tuple({link.url: link for link in links}.values())

    def links(self, project_id: int) -> Sequence[ExternalLink]:
        """See the port."""
        return self._tables.links.get(project_id, ())
