"""What people look at: projects newest first or by name, one project's page, and what waits for a maintainer.

Each function is one consistent read; nothing here changes anything.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.exemption import Exemption
from homeport.domain.freeze import Freeze, frozen_reason
from homeport.domain.membership import Invitation
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion, version_order
from homeport.domain.organisation import Organisation
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Rehost, State
from homeport.domain.release import ExternalLink, HostedFile
from homeport.domain.release_page import latest, released_versions
from homeport.domain.rights import require_maintainer_or_admin, require_role
from homeport.domain.source import Source
from homeport.flows.awaited_campaign import Awaited, awaited_by
from homeport.flows.drift.show import gone_since
from homeport.flows.external_links import external_links
from homeport.flows.manage_project import find_project
from homeport.flows.reading import Who, require_index_reader, require_reader, require_signed_in
from homeport.ports.catalogue import Membership, Provenance
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.world import World

_MOST_LISTED = 50
_MOST_NOTICES = 30
_NAME_SEPARATORS = re.compile(r"[-_.\s]+")
# What else is searched for can be in no name, and means something to a database.
_PART_OF_A_NAME = re.compile("[a-z0-9-]+")
_WAITING = {State.PLANNED, State.PARTLY_PUBLISHED}


@dataclass(frozen=True, slots=True)
class Listed:
    """A project in a list, with the one-line summary of what it registered last."""

    project: Project
    summary: str


def newest_projects(world: World, who: Who, *, limit: int = _MOST_LISTED) -> tuple[Listed, ...]:
    """The projects that came last, newest first."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        return listed(tx, tx.projects.newest(limit=limit))


def newest_with_files(world: World, who: Who, *, limit: int = _MOST_LISTED) -> Project | None:
    """The project that somebody can install and that came last, if it is among the newest ``limit``."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        for project in tx.projects.newest(limit=limit):
            if any(file.yanked is None and not file.is_frozen for file in tx.files.of_project(project.id)):
                return project
    return None


def search_projects(world: World, who: Who, text: str, *, limit: int = _MOST_LISTED) -> tuple[Listed, ...]:
    """Projects whose name holds ``text`` in any spelling, the best match first; none for no text."""
    require_index_reader(world, who)
    wanted = _NAME_SEPARATORS.sub("-", text.strip()).lower()
    if not _PART_OF_A_NAME.fullmatch(wanted):
        return ()
    with world.store.read() as tx:
        return listed(tx, tx.projects.search(wanted, limit=limit))


def listed(tx: Transaction, projects: Iterable[Project]) -> tuple[Listed, ...]:
    """These projects as a list tells them."""
    newest = ((project, tx.releases.newest(project.id)) for project in projects)
    return tuple(Listed(project, release.metadata.summary if release else "") for project, release in newest)


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """A version and its hosted files, each with where it came from.

    ``yanked`` is ``None``, or the reason that the whole release is yanked for; a frozen release is frozen as a whole.
    """

    version: ReleaseVersion
    files: tuple[tuple[HostedFile, Provenance], ...]
    yanked: str | None = None
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class ProjectStory:
    """Everything a project's page tells; releases come newest first.

    ``metadata`` is that of ``newest``, the release that is meant when no version is named (``release_page.latest``), and
    ``description_html`` its long description, safe to show; empty when there is none, or it is plain text.
    """

    project: Project
    members: tuple[Membership, ...]
    releases: tuple[ReleaseFiles, ...]
    newest: ReleaseVersion | None
    metadata: CoreMetadata | None
    external: tuple[ExternalLink, ...]
    organisation: Organisation | None
    description_html: str = ""
    gone: Mapping[str, datetime] = field(default_factory=dict)
    """Files whose source is gone, by name, and since when."""
    exemption: Exemption | None = None
    freezes: tuple[Freeze, ...] = ()
    campaign: Awaited | None = None
    """The campaign that waits for it, as soon as the hosting log tells of it."""

    def frozen(self, version: ReleaseVersion, filename: str = "") -> str:
        """Why just that release, or just that file of it, is frozen; empty when it is not."""
        return frozen_reason(self.freezes, version, filename)


def project_story(world: World, who: Who, name: str) -> ProjectStory:
    """The project of that name in any spelling, told to anybody who may read it."""
    require_signed_in(world, who)
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_reader(world, tx, who, project, name)
        releases = _releases(tx, project)
        newest, campaign = _newest(releases), awaited_by(tx, project)
        known = tx.releases.find(project.id, newest.key) if newest else None
        return ProjectStory(
            project=project,
            members=tuple(tx.projects.members(project.id)),
            releases=releases,
            newest=newest,
            metadata=known.metadata if known else None,
            external=_external(tx, project),
            organisation=tx.organisations.of_project(project.id),
            description_html=tx.releases.description_html(project.id, newest.key) if newest else "",
            gone=gone_since(tx, project),
            exemption=tx.exemptions.live(project.id),
            freezes=tuple(tx.freezes.of_project(project.id)),
            campaign=campaign if campaign and campaign.is_public else None,
        )


def _releases(tx: Transaction, project: Project) -> tuple[ReleaseFiles, ...]:
    """Every version, newest first, with its files by name."""
    files, provenances = tx.files.of_project(project.id), tx.files.provenances(project.id)
    by_version = {
        release.version.key: ReleaseFiles(release.version, (), release.yanked, release.is_frozen)
        for release in tx.releases.of_project(project.id)
    }
    for file in sorted(files, key=lambda file: file.filename):
        there = by_version.get(file.version.key, ReleaseFiles(file.version, ()))
        more = (*there.files, (file, provenances[file.filename]))
        by_version[file.version.key] = replace(there, files=more)
    return tuple(
        sorted(
            by_version.values(), key=lambda release: version_order(release.version.normalized), reverse=True
        )
    )


def _newest(releases: Sequence[ReleaseFiles]) -> ReleaseVersion | None:
    """The release that is meant when no version is named: people are shown the one that scripts are told of."""
    releases = [release for release in releases if not release.is_frozen]
    by_key = {release.version.key: release.version for release in releases}
    files = (file for release in releases for file, _ in release.files if not file.is_frozen)
    yanks = {release.version.normalized: release.yanked for release in releases if release.yanked is not None}
    meant = latest(released_versions((version.normalized for version in by_key.values()), files, yanks))
    return by_key[meant.key] if meant else None


def _external(tx: Transaction, project: Project) -> tuple[ExternalLink, ...]:
    hosted = {file.filename for file in tx.files.of_project(project.id)}
    return tuple(link for link in external_links(tx, project) if link.filename not in hosted)


@dataclass(frozen=True, slots=True)
class Kept:
    """A project somebody keeps, and its rehosts that wait for an answer or are running."""

    project: Project
    waiting: tuple[Rehost, ...]
    running: tuple[Rehost, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a maintainer finds after signing in."""

    kept: tuple[Kept, ...]
    invitations: tuple[Invitation, ...]
    notices: tuple[Notice, ...]


def show_inbox(world: World, caller: Caller) -> Inbox:
    """The caller's projects, what waits for their answer, and their newest notices."""
    with world.store.read() as tx:
        projects = tx.projects.of_user(caller.user.id)
        return Inbox(
            kept=_kept(tx, projects),
            invitations=tuple(tx.invitations.of_user(caller.user.id, world.clock.now())),
            notices=tuple(tx.notices.of_user(caller.user.id, limit=_MOST_NOTICES)),
        )


def my_projects(world: World, caller: Caller) -> Sequence[Project]:
    """The projects that the caller maintains, by name."""
    with world.store.read() as tx:
        return tx.projects.of_user(caller.user.id)


def _kept(tx: Transaction, projects: Sequence[Project]) -> tuple[Kept, ...]:
    found = tx.rehosts.open_of({project.id for project in projects})
    rehosts: dict[str, list[Rehost]] = {}
    for rehost in found:
        rehosts.setdefault(rehost.project, []).append(rehost)
    of = [(project, rehosts.get(project.name.normalized, [])) for project in projects]
    return tuple(
        Kept(
            project,
            waiting=tuple(rehost for rehost in its if rehost.state in _WAITING),
            running=tuple(rehost for rehost in its if rehost.state.is_running),
        )
        for project, its in of
    )


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a maintainer decides about a project's hosting; rehosts come newest first."""

    project: Project
    role: Role
    sources: tuple[Source, ...]
    rehosts: tuple[Rehost, ...]

    @property
    def consents_by_source(self) -> bool:
        """True when a source that the caller names gives a standing consent, or widens one."""
        return self.project.mode.takes_crawled_files and self.role is Role.OWNER


def show_hosting(world: World, caller: Caller, name: str) -> Hosting:
    """A project's sources and rehosts, for its maintainers."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = tx.projects.role_of(project.id, caller.user.id)
        return Hosting(
            project=project,
            role=require_role(caller, Scope.MANAGE, project, role),
            sources=tuple(tx.outside.sources(project.id)),
            rehosts=tuple(tx.rehosts.of_project(project.id))[:_MOST_LISTED],
        )


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a maintainer decides about a project's releases, its status, and who reads it; releases come newest first.

    ``role`` is ``None`` for an administrator who does not maintain the project, and looks after the index.
    """

    project: Project
    role: Role | None
    releases: tuple[ReleaseFiles, ...]
    members: tuple[Membership, ...]
    freezes: tuple[Freeze, ...]

    def frozen(self, version: ReleaseVersion, filename: str = "") -> str:
        """Why just that release, or just that file of it, is frozen; empty when it is not."""
        return frozen_reason(self.freezes, version, filename)


def show_keeping(world: World, caller: Caller, name: str) -> Keeping:
    """A project's releases, status and readers, for its maintainers and for administrators."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = require_maintainer_or_admin(caller, project, tx.projects.role_of(project.id, caller.user.id))
        return Keeping(
            project=project,
            role=role,
            releases=_releases(tx, project),
            members=tuple(tx.projects.members(project.id)),
            freezes=tuple(tx.freezes.of_project(project.id)),
        )
