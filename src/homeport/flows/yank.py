"""Files are yanked, and unyanked: they stay where they are, and installers take them only when asked for exactly that.

1. A yanked release yanks the files that are still to come, too: the version is what its maintainers warn of.
2. A single file may be yanked, or unyanked, apart from its release (PEP 592).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, require_reason
from homeport.domain.release import HostedFile
from homeport.domain.rights import require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.render_pages import render_project
from homeport.ports.store import Transaction
from homeport.ports.world import World


def yank(
    world: World, caller: Caller, name: str, version: str, *, filenames: Sequence[str] = (), reason: str = ""
) -> tuple[str, ...]:
    """Yank a release, or these of its files; the names of the files that are yanked with this reason now and were not.

    Raises ``NotFound`` for a version that the project does not have, ``Invalid`` for files that are not the version's.
    """
    return _change(world, caller, name, version, filenames, require_reason(reason))


def unyank(
    world: World, caller: Caller, name: str, version: str, *, filenames: Sequence[str] = ()
) -> tuple[str, ...]:
    """Take a yank back; the names of the files that were yanked. Raises as :func:`yank` does."""
    return _change(world, caller, name, version, filenames, None)


def _change(
    world: World, caller: Caller, name: str, version: str, filenames: Sequence[str], reason: str | None
) -> tuple[str, ...]:
    now, actor = world.clock.now(), caller.user.name
    wanted = ReleaseVersion.parse_legacy(version)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        project.require_no_quarantine()
        shown, files = release_files(tx, project, wanted, filenames)
        changed = tuple(file.filename for file in files if file.yanked != reason)
        if not _mark(tx, project, wanted, changed, reason, is_whole=not filenames):
            return ()
        serial = tx.ledger.append(
            Kind.RELEASE_UNYANKED if reason is None else Kind.RELEASE_YANKED,
            at=now,
            actor=actor,
            project=project.name.normalized,
            details={
                "version": shown.normalized,
                # Files that are still to come are marked, too.
                "whole": not filenames,
                "files": list(changed),
                "reason": reason or "",
            },
        )
        render_project(tx, project, serial)
        verb = "unyanked" if reason is None else "yanked"
        facts = {
            "project": project.name.display,
            "version": str(shown),
            "by": actor,
            "reason": reason or "",
            "files": changed,
        }
        notice = write_notice(f"release-{verb}", facts, path=page_of(project), at=now)
        tell_members(tx, project, notice, but_not=actor)
        return changed


def yank_files(
    tx: Transaction, project: Project, files: Iterable[HostedFile], reason: str, *, actor: str, at: datetime
) -> None:
    """Yank these files, of whatever releases, inside what else happens; the releases themselves are not."""
    by_version: dict[str, list[HostedFile]] = {}
    for file in files:
        if file.yanked != reason:
            by_version.setdefault(file.version.key, []).append(file)
    serial = 0
    for of_version in by_version.values():
        names = [file.filename for file in of_version]
        tx.files.set_yanked(project.id, names, reason)
        serial = tx.ledger.append(
            Kind.RELEASE_YANKED,
            at=at,
            actor=actor,
            project=project.name.normalized,
            details={
                "version": of_version[0].version.normalized,
                "whole": False,
                "files": names,
                "reason": reason,
            },
        )
    if serial:
        render_project(tx, project, serial)


def release_files(
    tx: Transaction, project: Project, version: ReleaseVersion, filenames: Sequence[str]
) -> tuple[ReleaseVersion, list[HostedFile]]:
    """The version as it was spelled first, and the files that are meant: those that were named, or all of them."""
    there = [file for file in tx.files.of_project(project.id) if file.version.key == version.key]
    release = tx.releases.find(project.id, version.key)
    if not there and release is None:
        raise NotFound(f"{project.name} has no release {version}.", code="release-unknown")
    named = frozenset(filenames)
    unknown = sorted(named - {file.filename for file in there})
    if unknown:
        known = ", ".join(file.filename for file in there) or "none"
        raise Invalid(
            f"{project.name} {version} has no file {', '.join(unknown)}; its files are: {known}.",
            code="file-unknown",
        )
    meant = [file for file in there if not named or file.filename in named]
    return release.version if release else version, meant


def _mark(
    tx: Transaction,
    project: Project,
    version: ReleaseVersion,
    changed: Sequence[str],
    reason: str | None,
    *,
    is_whole: bool,
) -> bool:
    """Write the marks; False when everything was marked so before."""
    tx.files.set_yanked(project.id, changed, reason)
    release = tx.releases.find(project.id, version.key)
    if not is_whole or release is None or release.yanked == reason:
        return bool(changed)
    tx.releases.set_yanked(project.id, version.key, reason)
    return True
