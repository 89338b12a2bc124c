"""A maintainer nominates release files on other servers, each by its URL and hash (PEP 438; standards D.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid, all_problems
from homeport.domain.links import Taken, nominated
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rights import require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.sources import remember_nominated
from homeport.ports.store import Transaction
from homeport.ports.world import World

# Each is held against every link of the project, while nobody else can write.
MOST_URLS = 100


@dataclass(frozen=True, slots=True)
class Nomination:
    """What a maintainer nominates: files of one release."""

    name: ProjectName
    version: ReleaseVersion
    urls: tuple[str, ...]


def read_nomination(name: str, version: str, urls: Sequence[str]) -> Nomination:
    """The form of PEP 438, or ``Invalid``."""
    if not any(urls):
        raise Invalid(
            "There is no new-url: send the URL of a release file, with its hash behind it (#sha256=…).",
            code="nomination-empty",
        )
    if len(urls) > MOST_URLS:
        raise Invalid(
            f"{len(urls):,} URLs are nominated at once: at most {MOST_URLS} are taken. Send the others by another call.",
            code="nomination-too-large",
        )
    return Nomination(
        ProjectName.parse(name), ReleaseVersion.parse_legacy(version), tuple(filter(None, urls))
    )


def nominate_urls(world: World, caller: Caller, nomination: Nomination) -> tuple[str, ...]:
    """Remember every URL as a source of the project; a sentence about each.

    In ``pypi-ext`` mode installers are given the link when its sha256 is known; in ``pypi-cache`` mode the file waits for
    a registration or a plan. Raises ``Conflict`` in ``pypi-only`` mode, and ``Invalid`` with every problem.
    """
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        caller, project = require_live(tx, caller, now), find_project(tx, nomination.name.display)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        if not project.status.takes_files:
            raise Conflict(
                f"{project.name} is {project.status}: it takes no new files.", code="project-takes-no-files"
            )
        files = _files(tx, project, nomination)
        new = [
            taken.parsed.filename
            for taken in files
            if remember_nominated(tx, project, taken, by=actor, at=now)
        ]
        if new:
            urls = [taken.candidate.url for taken in files]
            facts = {"project": project.name.display, "by": actor, "urls": urls}
            notice = write_notice("urls-nominated", facts, path=page_of(project), at=now)
            tell_members(tx, project, notice, but_not=actor)
        return tuple(_told(project, taken, is_new=taken.parsed.filename in new) for taken in files)


def _files(tx: Transaction, project: Project, nomination: Nomination) -> list[Taken]:
    version = nomination.version
    problems: list[str] = []
    if tx.releases.find(project.id, version.key) is None:
        problems.append(f"{project.name} has no release {version}: register it first (:action=submit).")
    files: list[Taken] = []
    for url in nomination.urls:
        try:
            files.append(nominated(url, project.name, version))
        except Invalid as refusal:
            problems.append(refusal.sentence)
    all_problems("The nomination", problems, code="nomination-invalid")
    return files


def _told(project: Project, taken: Taken, *, is_new: bool) -> str:
    name = taken.parsed.filename
    if not is_new:
        return f"{name} was nominated before."
    if not project.mode.lists_external:
        return f"{name} is hosted when its release is registered, or a plan is accepted ({_how_to_plan(project)})."
    if "sha256" in dict(taken.candidate.claimed):
        return f"{name} is listed."
    return f"{name} is listed when its sha256 is known: have it read ({_how_to_plan(project)})."


def _how_to_plan(project: Project) -> str:
    return f"“Look for files” on the project's page, or homeport plan {project.name}"
