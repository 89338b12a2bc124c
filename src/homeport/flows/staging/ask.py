"""Who asks for a stage may use it now: asked with every request, whoever opened it and by whatever token.

1. Whoever may add files to the project may use its stages; while there is no project, who opened the stage.
2. A stage whose time is over is canceled, whether or not somebody has noticed.
3. Of a canceled stage there is nothing but its status.
"""

from dataclasses import dataclass

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Forbidden, NotFound
from homeport.domain.project import Project
from homeport.domain.rights import require_admitted, require_maintainer, require_scope
from homeport.domain.staging import Stage, StagedFile, StageState, StageStep, stage_after
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import project_for_files
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """A stage, its project if there is one yet, and who asks, as the index knows them now."""

    stage: Stage
    project: Project | None
    caller: Caller


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage with its files."""

    stage: Stage
    files: tuple[StagedFile, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A staged file, and its stage."""

    stage: Stage
    file: StagedFile


def ask(world: World, tx: Transaction, caller: Caller, key: str) -> Asked:
    """The stage in whatever state it is, or ``NotFound``; ``Forbidden`` to who may not add files to its project."""
    now = world.clock.now()
    caller = require_live(tx, caller, now)
    require_admitted(caller, world.accounts)
    stage = tx.stages.by_key(key)
    if stage is None:
        raise _unknown()
    return Asked(stage.as_of(now), _project(tx, caller, stage), caller)


def ask_live(world: World, tx: Transaction, caller: Caller, key: str) -> Asked:
    """The same; ``NotFound`` for a stage that was canceled."""
    asked = ask(world, tx, caller, key)
    if asked.stage.state is StageState.CANCELED:
        raise _unknown()
    return asked


def ask_editable(world: World, tx: Transaction, caller: Caller, key: str) -> Asked:
    """The same; ``Conflict`` for a project that takes no files, ``IllegalMove`` for a stage that cannot be changed now."""
    asked = ask_live(world, tx, caller, key)
    project_for_files(tx, asked.caller, asked.stage.name)
    stage_after(asked.stage.state, StageStep.EDIT)
    return asked


def the_file(tx: Transaction, stage: Stage, file_id: int) -> StagedFile:
    """The stage's file of that number, or ``NotFound``."""
    file = tx.stages.file(stage.id, file_id)
    if file is None:
        raise NotFound("There is no such file in this publishing session.", code="staged-file-unknown")
    return file


def view_of(tx: Transaction, stage: Stage) -> StageView:
    """The stage with its files; none when it was canceled."""
    return StageView(stage, () if stage.state is StageState.CANCELED else tuple(tx.stages.files(stage.id)))


def _project(tx: Transaction, caller: Caller, stage: Stage) -> Project | None:
    project = tx.projects.find(stage.name.normalized)
    if project is not None:
        require_maintainer(caller, Scope.UPLOAD, project, tx.projects.role_of(project.id, caller.user.id))
        return project
    require_scope(caller, Scope.UPLOAD, stage.name)
    if caller.user.id != stage.user_id:
        raise Forbidden("Somebody else opened this publishing session.", code="stage-of-other")
    return None


def _unknown() -> NotFound:
    return NotFound(
        "There is no such publishing session, or it was canceled, or its time was over.", code="stage-unknown"
    )
