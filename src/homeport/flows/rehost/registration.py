"""Release registration: the maintainer's old command, answered when the files are home.

What it does depends on the hosting mode: ``pypi-cache`` brings the files of that version home before it answers
success; the others record the metadata at once.
"""

from dataclasses import dataclass

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Plan, Purpose, Rehost, State
from homeport.domain.rights import require_role, require_scope
from homeport.domain.urls import Url
from homeport.flows.manage_project import add_project
from homeport.flows.register import register
from homeport.flows.rehost.start import begin, find_rehost, find_running
from homeport.ports.store import Transaction
from homeport.ports.world import World

_POLL_SECONDS = 0.1
_TRY_AGAIN = "site-unreachable"


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registration did; ``files`` are the names that are hosted for the version now."""

    project: str
    version: str
    files: tuple[str, ...]


def register_release(world: World, caller: Caller, metadata: CoreMetadata) -> Registered:
    """Register one release and, in ``pypi-cache`` mode, wait until its files are hosted.

    Raises ``Invalid`` with every reason when nothing was registered, and ``Unavailable`` when a site cannot be
    reached, or when it takes longer than ``registration_wait_seconds``: the run goes on, and the same call attaches.
    """
    name, version = check_registration(metadata)
    with world.store.write() as tx:
        project = _project(world, tx, caller, name)
        if not project.mode.takes_crawled_files:
            _register_only(world, tx, caller, project, version, metadata)
            return Registered(project.name.normalized, version.text, ())
        running = find_running(tx, project, Purpose.REGISTRATION, version.text)
        rehost = running or begin(
            tx,
            project,
            Purpose.REGISTRATION,
            version.text,
            by=caller.user.name,
            at=world.clock.now(),
            metadata=metadata,
        )
    return wait_for(world, rehost.id)


def check_registration(metadata: CoreMetadata) -> tuple[ProjectName, ReleaseVersion]:
    """The name and version a registration is for, or ``Invalid``; laxer than an upload's check (standards B.9)."""
    return ProjectName.parse(metadata.name), ReleaseVersion.parse_legacy(metadata.version)


def wait_for(world: World, rehost_id: int) -> Registered:
    """The outcome of a registration or update, or ``Unavailable`` when it takes too long for one answer."""
    waited = 0.0
    while True:
        with world.store.read() as tx:
            rehost = find_rehost(tx, rehost_id)
            plan = tx.rehosts.plan(rehost)
        if not rehost.state.is_running:
            return _outcome(rehost, plan)
        if waited >= world.limits.registration_wait_seconds:
            raise Unavailable(_still(plan), code="still-running", retry_after_seconds=5)
        world.clock.sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS


def _project(world: World, tx: Transaction, caller: Caller, name: ProjectName) -> Project:
    project = tx.projects.find(name.normalized)
    if project is None:
        require_scope(caller, Scope.UPLOAD, name)
        return add_project(
            tx, name, caller.user, HostingMode.ONLY, actor=caller.user.name, at=world.clock.now()
        )
    require_role(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, caller.user.id))
    if not project.status.takes_files:
        raise Conflict(
            f"{project.name} is {project.status}: it takes no new files.", code="project-takes-no-files"
        )
    return project


def _register_only(
    world: World,
    tx: Transaction,
    caller: Caller,
    project: Project,
    version: ReleaseVersion,
    metadata: CoreMetadata,
) -> None:
    if (
        project.mode is HostingMode.ONLY
        and metadata.download_url
        and _origin(metadata.download_url) != _origin(world.base_url)
    ):
        raise Conflict(
            f"{project.name} is pypi-only: the external download URL {metadata.download_url} is refused. Upload the files, "
            "or choose pypi-cache to have them brought here (homeport mode set).",
            code="external-refused",
        )
    register(tx, project, version, metadata, actor=caller.user.name, at=world.clock.now())


def _origin(url: str) -> str:
    """Where ``url`` leads; what is no URL leads nowhere of ours."""
    try:
        return Url.parse(url).origin
    except Invalid:
        return ""


def _outcome(rehost: Rehost, plan: Plan) -> Registered:
    if rehost.state is State.PUBLISHED:
        return Registered(
            rehost.project, rehost.version, tuple(item.filename for item in plan.items if item.is_published)
        )
    if rehost.problem_code == _TRY_AGAIN:
        raise Unavailable(rehost.problem, code=rehost.problem_code)
    if rehost.state is State.PARTLY_PUBLISHED:
        raise Unavailable(rehost.problem, code="partly-published")
    if rehost.problem_code == "file-exists":
        raise Conflict(rehost.problem, code="file-exists")
    raise Invalid(
        rehost.problem or f"The rehost is {rehost.state}.", code=rehost.problem_code or "registration-failed"
    )


def _still(plan: Plan) -> str:
    if not plan.items:
        return "Still looking for files; repeat the command to attach to the same run."
    fetched = sum(item.bytes is not Bytes.WANTED for item in plan.items)
    return f"Still fetching {len(plan.items) - fetched} of {len(plan.items)} files; repeat the command to attach to the same run."
