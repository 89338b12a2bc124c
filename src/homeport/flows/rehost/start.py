"""A rehost begins, or begins again: the row, and the job that works on it, in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.fetching import host_of
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rehost import Purpose, Rehost, State, Step
from homeport.domain.rights import require_admitted, require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.sources import require_outside
from homeport.flows.standing_consent import require_standing
from homeport.ports.jobs import Job, Urgency, Work, keys_at
from homeport.ports.store import Transaction
from homeport.ports.world import World

# The code of a failure that may pass by itself.
UNAVAILABLE = "unavailable"
# The largest key a database can hold.
_LARGEST_ID = 2**63 - 1


def start_plan(world: World, caller: Caller, name: str, version: str | None = None) -> Rehost:
    """Look at everything the sources of a project offer, of one version or of all.

    A plan that is being made already is the answer; an older one that nobody answered expires.
    """
    wanted = ReleaseVersion.parse_of_files(version).text if version else ""
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        caller, project = require_live(tx, caller, now), find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        require_open_outside(tx, project, now)
        for older in tx.rehosts.of_project(project.id):
            if older.purpose is Purpose.HISTORY and older.version == wanted:
                if older.state is State.PLANNING:
                    return older
                if older.state is State.PLANNED:
                    move(tx, older, Step.EXPIRE, now, problem="A newer plan was asked for.")
        return begin(tx, project, Purpose.HISTORY, wanted, by=caller.user.name, at=now)


def start_update_cache(world: World, caller: Caller, name: str, version: str | None = None) -> Rehost:
    """Look again for files of a registered version, or of all, because a maintainer asks."""
    wanted = ReleaseVersion.parse_of_files(version).text if version else ""
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        caller, project = require_live(tx, caller, now), find_project(tx, name)
        require_role(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, caller.user.id))
        return update_cache(tx, caller, project, wanted, now)


def update_cache(tx: Transaction, caller: Caller, project: Project, version: str, at: datetime) -> Rehost:
    """The same within a transaction, for who may; a run for that version that is under way is the answer.

    Raises ``Conflict`` before anything is fetched when no standing consent counts.
    """
    require_open_outside(tx, project, at)
    if project.mode is not HostingMode.CACHE:
        raise Conflict(
            f"{project.name} is {project.mode}: only a pypi-cache project has a cache to update.",
            code="mode-not-cache",
        )
    if running := find_running(tx, project, Purpose.UPDATE_CACHE, version):
        return running
    require_standing(tx, project, at)
    return begin(tx, project, Purpose.UPDATE_CACHE, version, by=caller.user.name, at=at)


def require_open_outside(tx: Transaction, project: Project, at: datetime) -> None:
    """``Conflict`` when nothing from outside may be looked at for this project."""
    require_outside(tx, project, at)
    if not project.status.takes_files:
        raise Conflict(
            f"{project.name} is {project.status}: nothing is crawled for it.", code="project-takes-no-files"
        )


def require_open_to_agreed(tx: Transaction, project: Project, at: datetime) -> None:
    """``Conflict`` when not even files that a maintainer has agreed to may come home any more.

    An owner who makes the project ``pypi-only`` means it. When a campaign's day or the end of an exemption does, the
    consent given before it stands: nobody took it back, and what it was given for comes home (design §2, §3).
    """
    if project.mode is HostingMode.ONLY and project.status.takes_files:
        last = tx.hosting_log.last_move(project.id)
        if last is not None and last.mover is not Mover.OWNER:
            return
    require_open_outside(tx, project, at)


def begin(
    tx: Transaction,
    project: Project,
    purpose: Purpose,
    version: str,
    *,
    by: str,
    at: datetime,
    metadata: CoreMetadata | None = None,
) -> Rehost:
    """A new rehost and the job that plans it."""
    rehost = tx.rehosts.add(project.id, purpose, version, by=by, at=at, metadata=metadata)
    tx.jobs.enqueue(plan_job(tx, project, rehost))
    return rehost


def plan_job(tx: Transaction, project: Project, rehost: Rehost) -> Job:
    """The job that visits the project's sources; it waits for its turn where the first of them is."""
    metadata = tx.rehosts.registration_metadata(rehost.id)
    metadatas = (
        [metadata] if metadata else [release.metadata for release in tx.releases.of_project(project.id)]
    )
    places = [
        *(source.url for source in tx.outside.sources(project.id)),
        *(url for one in metadatas for url in (*one.homepage_urls(), *one.download_urls())),
    ]
    host = host_of(places[0]) if places else ""
    return Job(Work.PLAN_REHOST, rehost.id, rehost.tries, host=host, urgency=urgency_of(rehost))


def find_running(tx: Transaction, project: Project, purpose: Purpose, version: str) -> Rehost | None:
    """The run of that kind for that version that a worker is at, if there is one."""
    return next(
        (
            rehost
            for rehost in tx.rehosts.of_project(project.id)
            if rehost.purpose is purpose and rehost.version == version and rehost.state.is_running
        ),
        None,
    )


def find_rehost(tx: Transaction, rehost_id: int) -> Rehost:
    """The rehost of that id, or ``NotFound``."""
    rehost = tx.rehosts.find(rehost_id) if 0 < rehost_id <= _LARGEST_ID else None
    if rehost is None:
        raise rehost_unknown(rehost_id)
    return rehost


def rehost_unknown(rehost_id: int) -> NotFound:
    """What is told of a rehost that is not there, and to strangers of every other one."""
    return NotFound(f"There is no rehost {rehost_id} here.", code="rehost-unknown")


def move(
    tx: Transaction,
    rehost: Rehost,
    step: Step,
    at: datetime,
    *,
    problem: str = "",
    code: str = "",
    tries: int = 0,
) -> Rehost:
    """Store the rehost after ``step``, or raise ``IllegalMove``; ``tries`` are added to its count."""
    moved = replace(
        rehost,
        state=rehost.require(step),
        changed_at=at,
        problem=problem,
        problem_code=code,
        tries=rehost.tries + tries,
        # A plan that waits anew is warned of anew.
        warned=None,
    )
    tx.rehosts.put(moved)
    return moved


def resume(world: World, is_alive: Callable[[str], bool]) -> tuple[int, ...]:
    """Give work back to rehosts that lost a job for good; their ids.

    ``is_alive`` says whether the engine has a job that waits or runs, and whose key begins so.
    """
    with world.store.read() as tx:
        suspects = [rehost.id for rehost in tx.rehosts.running() if _lost(tx, rehost, is_alive)]
    if not suspects:
        return ()
    resumed = []
    with world.store.write() as tx:
        for rehost in tx.rehosts.running():
            # What was missing a moment ago may have come to its end since.
            if rehost.id not in suspects or not (lost := _lost(tx, rehost, is_alive)):
                continue
            again = replace(rehost, tries=rehost.tries + 1)
            tx.rehosts.put(again)
            for job in lost:
                tx.jobs.enqueue(replace(job, try_number=again.tries))
            resumed.append(rehost.id)
    return tuple(resumed)


def _lost(tx: Transaction, rehost: Rehost, is_alive: Callable[[str], bool]) -> list[Job]:
    """The jobs that ``rehost`` needs to go on and that nobody has."""
    if rehost.state is not State.PLANNING:
        publishing = Job(Work.PUBLISH_REHOST, rehost.id, rehost.tries)
        return [] if is_alive(publishing.key) else [publishing]
    planning = plan_job(tx, find_project(tx, rehost.project), rehost)
    if is_alive(planning.key):
        return []
    jobs = fetch_jobs(tx, rehost)
    lost = [job for job in jobs if not is_alive(keys_at(job.work, rehost.id, job.host))]
    return lost if jobs else [planning]


def fetch_jobs(tx: Transaction, rehost: Rehost) -> tuple[Job, ...]:
    """One job for every host that wanted files of ``rehost`` come from."""
    hosts = dict.fromkeys(host_of(url) for _, url in tx.rehosts.wanted(rehost.id))
    return tuple(
        Job(Work.FETCH_ITEMS, rehost.id, rehost.tries, host=host, urgency=urgency_of(rehost))
        for host in hosts
    )


def urgency_of(rehost: Rehost) -> Urgency:
    """Who waits for what is planned."""
    return Urgency.PERSON if rehost.purpose is Purpose.HISTORY else Urgency.CALLER
