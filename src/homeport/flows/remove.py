"""Files and releases are removed: for broken promises, leaked secrets, and what must not be offered any longer.

1. Only owners remove, and say why. Who only wants to warn yanks: that breaks nothing.
2. From the moment it is removed a file is listed nowhere, and its address is 404. Its name stays taken: only the very
   same bytes may come back under it (I-04).
3. Its bytes stay in the store, where nobody reads them: other projects may have the same ones.
4. A release is removed with all of its files. When its version comes back, it is as old as it was (T-38).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Invalid
from homeport.domain.ledger import Kind
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, require_reason
from homeport.domain.release import HostedFile
from homeport.domain.rights import require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import notify_members
from homeport.flows.publish_file import counted
from homeport.flows.render_pages import render_project
from homeport.flows.yank import release_files
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class Doomed:
    """What a removal takes away: these files, and with ``is_whole`` the release itself."""

    project: Project
    version: ReleaseVersion
    files: tuple[HostedFile, ...]
    is_whole: bool

    @property
    def filenames(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(file.filename for file in self.files)


def show_doomed(
    world: World, caller: Caller, name: str, version: str, *, filenames: Sequence[str] = ()
) -> Doomed:
    """What :func:`remove` would take away, for who may; nothing is changed."""
    with world.store.read() as tx:
        return _doomed(tx, caller, name, version, filenames)


def remove(
    world: World, caller: Caller, name: str, version: str, *, reason: str, filenames: Sequence[str] = ()
) -> Doomed:
    """Remove a release, or these of its files; what is gone then.

    Raises ``NotFound`` for a version that the project does not have, ``Invalid`` for files that are not the version's
    and without a reason.
    """
    reason, now, actor = require_reason(reason), world.clock.now(), caller.user.name
    if not reason:
        raise Invalid(
            "A removal needs a reason: whoever maintains the project is told it.", code="reason-missing"
        )
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        doomed = _doomed(tx, caller, name, version, filenames)
        project, shown, serial = doomed.project, doomed.version.normalized, 0
        for file in doomed.files:
            tx.files.remove(project.id, file.filename, by=actor, reason=reason, at=now)
            serial = tx.ledger.append(
                Kind.FILE_REMOVED,
                at=now,
                actor=actor,
                project=project.name.normalized,
                details={
                    "filename": file.filename,
                    "version": file.version.text,
                    "sha256": file.digests.sha256.hex,
                    "size": file.size_bytes,
                    "reason": reason,
                },
            )
        if doomed.is_whole:
            tx.releases.remove(project.id, doomed.version.key, now)
            serial = tx.ledger.append(
                Kind.RELEASE_REMOVED,
                at=now,
                actor=actor,
                project=project.name.normalized,
                details={"version": shown, "reason": reason},
            )
        render_project(tx, project, serial)
        what = f"{project.name} {shown}" if doomed.is_whole else counted(doomed.filenames)
        notify_members(
            tx,
            project,
            kind="files-removed",
            subject=f"{project.name}: {what} removed by {actor}",
            text="\n".join((reason, *doomed.filenames)),
            at=now,
            but_not=actor,
        )
        return doomed


def _doomed(tx: Transaction, caller: Caller, name: str, version: str, filenames: Sequence[str]) -> Doomed:
    project = find_project(tx, name)
    role = tx.projects.role_of(project.id, caller.user.id)
    require_role(caller, Scope.MANAGE, project, role, owner=True)
    project.require_no_quarantine()
    shown, files = release_files(tx, project, ReleaseVersion.parse_legacy(version), filenames)
    return Doomed(project, shown, tuple(files), is_whole=not filenames)
