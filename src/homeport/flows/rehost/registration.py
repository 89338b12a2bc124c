"""Release registration: the maintainer's old command, answered when the files are home.

What it does depends on the hosting mode: ``pypi-cache`` brings the files of that version home before it answers
success; the others record the metadata at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid, Unavailable, together
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion, same_version
from homeport.domain.project import Project
from homeport.domain.registration import SITE_UNREACHABLE
from homeport.domain.rehost import Bytes, Plan, Purpose, Rehost, State
from homeport.domain.rights import require_admitted
from homeport.domain.urls import Url
from homeport.flows.judge_file import describe
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import add_project, new_name_objection, project_for_files
from homeport.flows.register import register
from homeport.flows.rehost.start import UNAVAILABLE, begin, find_rehost
from homeport.flows.standing_consent import no_standing, require_standing
from homeport.ports.store import Transaction
from homeport.ports.world import World

_UNHEARD_FOR = timedelta(minutes=10)
# Every address is read again whenever the project's page is written, or its standing consent.
_MOST_URLS = 100
# What succeeds: a version that is hosted already, and registered so, is left as it is.
_ANSWERED = {State.PUBLISHED, State.UNCHANGED}
# Codes of failures that may pass by themselves.
TRY_AGAIN = {SITE_UNREACHABLE, UNAVAILABLE}
_HOW_TO_CHOOSE = "“Hosting” on its page, or homeport mode set"


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registration did; ``files`` are the names that are hosted for the version now.

    ``told`` says that the project was made by it, and what comes next.
    """

    project: str
    version: str
    files: tuple[str, ...]
    told: str = ""


def begin_registration(world: World, caller: Caller, metadata: CoreMetadata) -> Registered | int:
    """Register one release; in ``pypi-cache`` mode, the id of the rehost that brings its files home first.

    The same call again attaches to a run that is under way, and is told the outcome of one that ended after its
    caller had been sent away. Raises ``Unavailable`` while another call's run for this version is under way, and
    ``Conflict`` before anything is fetched when no standing consent counts; whether one still does is asked again when
    the files are there (``settle``).
    """
    require_admitted(caller, world.accounts)
    name, version = check_registration(metadata)
    # Whatever is asked of a child is asked before a transaction keeps others waiting.
    description_html = describe(world.isolation, metadata).html
    now = world.clock.now()
    with world.store.write() as tx:
        require_live(tx, caller, now)
        known = project_for_files(tx, caller, name)
        project = known or add_project(
            tx, name, caller.user, None, policy=world.policy, actor=caller.user.name, at=now
        )
        if not project.mode.takes_crawled_files:
            _require_home(world, project.name, project.mode, metadata)
            register(
                tx,
                project,
                version,
                metadata,
                description_html=description_html,
                actor=caller.user.name,
                at=now,
            )
            return Registered(project.name.normalized, version.text, (), told="" if known else _made(project))
        newest = _newest(tx, project, version)
        if newest is not None:
            is_same_call = newest.asked_by == caller.user.name and (
                tx.rehosts.registration_metadata(newest.id) == metadata
            )
            if newest.state.is_running and not is_same_call:
                raise Unavailable(
                    f"Another registration of {project.name} {version} is under way: wait for it, then repeat this.",
                    code="registration-running",
                )
            if is_same_call and (newest.state.is_running or _is_unheard(world, newest, now)):
                return newest.id
        require_standing(tx, project, now)
        return begin(
            tx, project, Purpose.REGISTRATION, version.text, by=caller.user.name, at=now, metadata=metadata
        ).id


def registration_outcome(world: World, rehost_id: int) -> Registered | None:
    """What came of a registration, ``None`` while it runs; raises what refused it."""
    with world.store.read() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state.is_running:
            return None
        plan = tx.rehosts.plan(rehost)
    return _outcome(rehost, plan)


def still_running(world: World, rehost_id: int) -> Unavailable:
    """What to tell a caller who has waited as long as one answer may take: the run goes on."""
    with world.store.read() as tx:
        plan = tx.rehosts.plan(find_rehost(tx, rehost_id))
    return Unavailable(_still(plan), code="still-running", retry_after_seconds=5)


def _newest(tx: Transaction, project: Project, version: ReleaseVersion) -> Rehost | None:
    return next(
        (
            rehost
            for rehost in tx.rehosts.of_project(project.id)
            if rehost.purpose is Purpose.REGISTRATION and same_version(rehost.version, version.text)
        ),
        None,
    )


def _is_unheard(world: World, rehost: Rehost, now: datetime) -> bool:
    """True when it succeeded just now, and took longer than its caller was kept waiting."""
    took = (rehost.changed_at - rehost.created_at).total_seconds()
    is_recent = now - rehost.changed_at < _UNHEARD_FOR
    return rehost.state in _ANSWERED and took > world.limits.registration_wait_seconds and is_recent


def check_registration(metadata: CoreMetadata) -> tuple[ProjectName, ReleaseVersion]:
    """The name and version a registration is for, or ``Invalid``; laxer than an upload's check (standards B.9)."""
    problems: list[str] = []
    name, version = None, None
    sent = {"name": metadata.name, "version": metadata.version}
    if missing := [field for field, text in sent.items() if not text.strip()]:
        without = [f"The form has no field {field}." for field in missing]
        raise together("The registration", without, code="registration-invalid")
    try:
        name = ProjectName.parse(metadata.name)
    except Invalid as refusal:
        problems.append(refusal.sentence)
    try:
        version = ReleaseVersion.parse_of_files(metadata.version)
    except Invalid as refusal:
        problems.append(refusal.sentence)
    if (told := len(metadata.project_urls)) > _MOST_URLS:
        problems.append(f"{told:,} Project-URLs are given: at most {_MOST_URLS} are taken.")
    if problems or name is None or version is None:
        raise together("The registration", problems, code="registration-invalid")
    return name, version


def verify_registration(world: World, caller: Caller, metadata: CoreMetadata) -> None:
    """Refuse what :func:`begin_registration` would refuse at once, and change nothing."""
    name, _ = check_registration(metadata)
    with world.store.read() as tx:
        project = project_for_files(tx, caller, name)
        if project is None and (refusal := new_name_objection(tx, name, world.policy)):
            raise refusal
        mode = project.mode if project else tx.policies.current().default_mode
        if mode.takes_crawled_files:
            if project is None:
                raise no_standing(name)
            require_standing(tx, project, world.clock.now())
    _require_home(world, name, mode, metadata)


def _require_home(world: World, name: ProjectName, mode: HostingMode, metadata: CoreMetadata) -> None:
    """``Conflict`` when the metadata of a ``pypi-only`` project say that its files are elsewhere."""
    url = metadata.download_url
    if mode is HostingMode.ONLY and url and _origin(url) != _origin(world.base_url):
        raise Conflict(
            f"{name} is pypi-only: the external download URL {url} is refused. Upload the files, "
            f"or choose pypi-cache to have them brought here ({_HOW_TO_CHOOSE}).",
            code="external-refused",
        )


def _made(project: Project) -> str:
    return (
        f"The project {project.name} did not exist: it was made, it is {project.mode}, and you own it. Next: upload its "
        f"files, or choose pypi-cache to have them brought here ({_HOW_TO_CHOOSE})."
    )


def _origin(url: str) -> str:
    """Where ``url`` leads; what is no URL leads nowhere of ours."""
    try:
        return Url.parse(url).origin
    except Invalid:
        return ""


def _outcome(rehost: Rehost, plan: Plan) -> Registered:
    if rehost.state in _ANSWERED:
        return Registered(
            rehost.project, rehost.version, tuple(item.filename for item in plan.items if item.is_published)
        )
    if rehost.problem_code in TRY_AGAIN or rehost.state is State.PARTLY_PUBLISHED:
        raise Unavailable(rehost.problem, code=rehost.problem_code)
    if rehost.problem_code == "file-exists":
        raise Conflict(rehost.problem, code="file-exists")
    raise Invalid(
        rehost.problem or f"The rehost is {rehost.state}.",
        code=rehost.problem_code or "registration-failed",
        problems=rehost.problem.splitlines(),
    )


def _still(plan: Plan) -> str:
    if not plan.items:
        return "Still looking for files; repeat the command to attach to the same run."
    fetched = sum(item.bytes is not Bytes.WANTED for item in plan.items)
    return f"Still fetching {len(plan.items) - fetched} of {len(plan.items)} files; repeat the command to attach to the same run."
