"""A survey begins: of one project, because a maintainer asks, or of all, because an administrator does.

A survey of the same that runs already is the answer: two would ask other people's servers twice.
"""

from collections.abc import Callable

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import NotFound
from homeport.domain.rights import require_admin, require_admitted, require_role
from homeport.domain.survey import Survey
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.start import require_open_outside
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction
from homeport.ports.world import World


def start_survey(world: World, caller: Caller, name: str) -> Survey:
    """Look at where the files of one project are."""
    require_admitted(caller, world.accounts)
    with world.store.write() as tx:
        now = world.clock.now()
        caller, project = require_live(tx, caller, now), find_project(tx, name)
        if not _administers(caller):
            require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        require_open_outside(tx, project, now)
        return _begin(world, tx, caller.user.name, project.id, project.name.normalized)


def start_survey_of_all(world: World, caller: Caller) -> Survey:
    """Look at where the files of every project are."""
    require_admin(caller)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        require_admin(caller)
        return begin_survey_of_all(world, tx, caller.user.name)


def begin_survey_of_all(world: World, tx: Transaction, by: str) -> Survey:
    """The same in a transaction of somebody who asks for more than that."""
    return _begin(world, tx, by, None, "")


def _begin(world: World, tx: Transaction, by: str, project_id: int | None, name: str) -> Survey:
    for running in tx.surveys.running():
        if running.project == name:
            return running
    survey = tx.surveys.add(project_id, by=by, at=world.clock.now())
    tx.jobs.enqueue(job_of(survey))
    return survey


def job_of(survey: Survey) -> Job:
    """The work on a survey."""
    return Job(Work.SURVEY, survey.id, survey.tries)


def resume_surveys(world: World, is_alive: Callable[[str], bool]) -> tuple[int, ...]:
    """Give work back to surveys whose worker was lost for good; their ids. ``is_alive`` knows the engine's jobs by key."""
    with world.store.read() as tx:
        lost = [survey for survey in tx.surveys.running() if not is_alive(job_of(survey).key)]
    resumed = []
    for survey in lost:
        with world.store.write() as tx:
            now = tx.surveys.find(survey.id)
            # Meanwhile it may have ended, as its work did.
            if now is not None and now.is_running and now.tries == survey.tries:
                tx.jobs.enqueue(job_of(tx.surveys.restart(survey.id)))
                resumed.append(survey.id)
    return tuple(resumed)


def reach_survey(tx: Transaction, caller: Caller, survey_id: int) -> Survey:
    """The survey of that number, for administrators, and for those who maintain the project it is of."""
    survey = tx.surveys.find(survey_id)
    if survey is None or not _may_see(tx, caller, survey):
        # Whoever counts through the numbers must not learn the names of projects.
        raise NotFound(f"There is no survey {survey_id} here.", code="survey-unknown")
    return survey


def _may_see(tx: Transaction, caller: Caller, survey: Survey) -> bool:
    if _administers(caller):
        return True
    if not survey.project or not caller.may_use(Scope.MANAGE, survey.project):
        return False
    role = tx.projects.role_of(find_project(tx, survey.project).id, caller.user.id)
    return role is not None and role.maintains


def _administers(caller: Caller) -> bool:
    return caller.user.is_admin and caller.token is None
