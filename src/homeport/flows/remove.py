"""Files and releases are removed: for broken promises, leaked secrets, and what must not be offered any longer.

1. Owners remove, and say why; so do administrators, two of them where the policy says so. Who only wants to warn yanks:
   that breaks nothing. What is frozen, only administrators remove.
2. From the moment it is removed a file is listed nowhere, and its address is 404. Its name stays taken: only the very
   same bytes may come back under it (I-04).
3. Its bytes stay in the store, where nobody reads them: other projects may have the same ones.
4. A request of a maintainer to remove files, of which the last one goes, waits no longer.
5. A release is removed with all of its files. When its version comes back, it is as old as it was (T-38).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Invalid
from homeport.domain.freeze import objection
from homeport.domain.ledger import Kind
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project, Role, require_reason
from homeport.domain.proposal import Act, require_own_hands, takes_two
from homeport.domain.release import HostedFile
from homeport.domain.removal_request import fulfilled
from homeport.domain.rights import is_admin_in_person, require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.publish_file import counted
from homeport.flows.render_pages import render_project
from homeport.flows.two_people import require_one
from homeport.flows.yank import release_files
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class Doomed:
    """What a removal takes away: these files, and with ``is_whole`` the release itself.

    ``by_admin`` says that no owner may do it: who asks looks after the index.
    """

    project: Project
    version: ReleaseVersion
    files: tuple[HostedFile, ...]
    is_whole: bool
    by_admin: bool

    @property
    def filenames(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(file.filename for file in self.files)


def show_doomed(
    world: World, caller: Caller, name: str, version: str, *, filenames: Sequence[str] = ()
) -> Doomed:
    """What :func:`remove` would take away, for who may; nothing is changed."""
    with world.store.read() as tx:
        return find_doomed(tx, caller, name, version, filenames)


def remove(
    world: World, caller: Caller, name: str, version: str, *, reason: str, filenames: Sequence[str] = ()
) -> Doomed:
    """Remove a release, or these of its files; what is gone then.

    Raises ``NotFound`` for a version that the project does not have, ``Invalid`` for files that are not the version's
    and without a reason.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        doomed = find_doomed(tx, caller, name, version, filenames)
        if doomed.by_admin:
            require_one(tx, Act.DELETE)
        elif takes_two(Act.DELETE, tx.policies.current()):
            require_own_hands(tx.users.handed_at(caller.user.id), now)
        return remove_now(tx, caller, doomed, reason, now)


def remove_now(tx: Transaction, caller: Caller, doomed: Doomed, reason: str, now: datetime) -> Doomed:
    """The same, in the transaction of whoever may decide that."""
    reason, actor = require_reason(reason), caller.user.name
    if not reason:
        raise Invalid(
            "A removal needs a reason: whoever maintains the project is told it.", code="reason-missing"
        )
    project, shown = doomed.project, doomed.version.normalized
    serial = _take_away(tx, project, doomed.files, reason, actor=actor, at=now)
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
    facts = {
        "project": project.name.display,
        "told": what,
        "by": actor,
        "reason": reason,
        "files": doomed.filenames,
    }
    notice = write_notice("files-removed", facts, path=page_of(project), at=now)
    tell_members(tx, project, notice, but_not=actor)
    return doomed


def remove_files(
    tx: Transaction, project: Project, files: Sequence[HostedFile], reason: str, *, actor: str, at: datetime
) -> None:
    """Remove these files, of whatever releases, inside what else happens; the releases themselves stay."""
    if serial := _take_away(tx, project, files, reason, actor=actor, at=at):
        render_project(tx, project, serial)


def _take_away(
    tx: Transaction, project: Project, files: Sequence[HostedFile], reason: str, *, actor: str, at: datetime
) -> int:
    """The serial of the last of the entries; 0 when there was nothing to remove."""
    serial = 0
    for file in files:
        tx.files.remove(project.id, file.filename, by=actor, reason=reason, at=at)
        serial = tx.ledger.append(
            Kind.FILE_REMOVED,
            at=at,
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
    if files:
        gone = {file.filename for file in files}
        _end_requests(tx, project, gone, reason, actor=actor, at=at)
    return serial


def _end_requests(
    tx: Transaction, project: Project, gone: set[str], reason: str, *, actor: str, at: datetime
) -> None:
    """Requests of which the last file went with these are answered by whoever removed them."""
    left = {file.filename for file in tx.files.of_project(project.id)}
    for request in tx.removal_requests.waiting():
        is_about = request.project_id == project.id and not gone.isdisjoint(request.filenames)
        if is_about and left.isdisjoint(request.filenames):
            tx.removal_requests.put(fulfilled(request, by=actor, reason=reason, at=at))


def find_doomed(tx: Transaction, caller: Caller, name: str, version: str, filenames: Sequence[str]) -> Doomed:
    """What would be taken away, for who may."""
    project = find_project(tx, name)
    role, is_admin = tx.projects.role_of(project.id, caller.user.id), is_admin_in_person(caller)
    if role is Role.OWNER or not is_admin:
        require_role(caller, Scope.MANAGE, project, role, owner=True)
    project.require_no_quarantine()
    shown, files = release_files(tx, project, ReleaseVersion.parse_legacy(version), filenames)
    freezes = tx.freezes.of_project(project.id)
    frozen = next((found for name in _names(files) if (found := objection(freezes, shown, name))), None)
    if frozen is not None and not is_admin:
        raise frozen
    by_admin = role is not Role.OWNER or frozen is not None
    return Doomed(project, shown, tuple(files), is_whole=not filenames, by_admin=by_admin)


def _names(files: Sequence[HostedFile]) -> tuple[str, ...]:
    """What a freeze may be about: the release itself, and each of the files."""
    return ("", *(file.filename for file in files))
