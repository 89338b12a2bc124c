"""Is there room for what somebody uploads? Asked before a byte of it is stored, and of every byte that comes.

Whether the file fits is decided once more, in the transaction that counts it (``flows.publish_file``): what is asked
here only spares everybody the bytes that would be refused then.
"""

from collections.abc import Iterator

from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.hosting import Policy
from homeport.domain.names import ProjectName
from homeport.domain.project import Project
from homeport.domain.quota import Room, Usage, file_room, index_room, project_room, tightest, user_room
from homeport.domain.upload import Fields, first
from homeport.ports.staging import Coming
from homeport.ports.store import Transaction
from homeport.ports.world import World

NOTHING_COMING = Coming()


def room_for_body(world: World) -> Room:
    """How large a body may be that nothing else is known of: a file's bound, and what the disk has left."""
    refusal = Unavailable("The disk is almost full. Nothing was stored.", code="disk-full")
    return tightest((file_room(world.limits.file_bytes), Room(world.blobs.free_bytes(), refusal)))


def room_for_file(world: World, uploader: User, fields: Fields) -> Room:
    """How large the file may be whose form said ``fields`` so far."""
    rooms = [room_for_body(world)]
    with world.store.read() as tx:
        project = _own_project(tx, uploader, first(fields, "name"))
        # What it has already is not stored again: who repeats an upload is told so, however full the quota is.
        if project is None or not _has(tx, project, first(fields, "sha256_digest")):
            rooms += quota_rooms(tx, project, uploader, world.policy)
    return tightest(rooms)


def quota_rooms(
    tx: Transaction,
    project: Project | None,
    uploader: User | None,
    policy: Policy,
    coming: Coming = NOTHING_COMING,
) -> Iterator[Room]:
    """What the quotas leave to ``project``, which may be one to come, to ``uploader``, if it is an upload, and to the index.

    What is ``coming`` counts as if it were there.
    """
    name, of_project = _used(tx, project)
    of_user = tx.quotas.of_user(uploader.id) if uploader else Usage(0)
    rooms = (
        project_room(name, of_project.with_more(coming.project_bytes), policy.quotas),
        user_room(uploader.name, of_user.with_more(coming.user_bytes), policy.quotas) if uploader else None,
        index_room(tx.files.total_bytes() + coming.index_bytes, policy.quotas),
    )
    return (room for room in rooms if room is not None)


def _used(tx: Transaction, project: Project | None) -> tuple[str, Usage]:
    return (project.name.display, tx.quotas.of_project(project.id)) if project else ("", Usage(0))


def _has(tx: Transaction, project: Project, sha256: str) -> bool:
    try:
        wanted = Sha256.parse(sha256)
    except Invalid:
        return False
    # A digest that is hosted nowhere, as that of every new file, costs one look-up; what others host is theirs to know.
    files = tx.files.of_project(project.id) if tx.files.is_hosted(wanted) else ()
    return any(file.digests.sha256 == wanted for file in files)


def _own_project(tx: Transaction, uploader: User, name: str) -> Project | None:
    """The project of that name; how full another's is, is nobody's business."""
    try:
        project = tx.projects.find(ProjectName.parse(name).normalized)
    except Invalid:
        return None
    role = tx.projects.role_of(project.id, uploader.id) if project else None
    return project if role and role.maintains else None
