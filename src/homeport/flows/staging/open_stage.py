"""A stage is opened, and with the first release of a project its name is kept."""

from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Refusal, together
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.rights import require_admitted
from homeport.domain.staging import MOST_STAGES, Stage, first_end
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import held_by_other, new_name_objection, project_for_files
from homeport.flows.publish_file import closed_release
from homeport.flows.staging.ask import StageView, view_of
from homeport.observe.events import event
from homeport.ports.store import Transaction
from homeport.ports.world import World

_KEY_BYTES, _SECRET_BYTES = 16, 32


@dataclass(frozen=True, slots=True)
class Opened:
    """The live stage of a release; not ``is_new`` when it was there already."""

    view: StageView
    is_new: bool


def open_stage(world: World, caller: Caller, name: ProjectName, version: ReleaseVersion) -> Opened:
    """A stage for that release, or the one that it has.

    Raises ``Forbidden`` to who may not add files to the project, or whose name it is not.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admitted(caller, world.accounts)
        project = project_for_files(tx, caller, name)
        if project is None and (held := held_by_other(tx, name, caller.user, now)):
            raise held
        live = tx.stages.live(name.normalized, now)
        there = next((stage for stage in live if stage.version.key == version.key), None)
        if there is not None:
            return Opened(view_of(tx, there), is_new=False)
        _require_welcome(world, tx, project, name, version)
        if tx.stages.count_of_user(caller.user.id, now) >= MOST_STAGES:
            raise Conflict(
                f"You have {MOST_STAGES} publishing sessions open: publish or cancel some of them.",
                code="stages-too-many",
            )
        stage = tx.stages.add(
            Stage(
                id=0,
                key=world.clock.random_bytes(_KEY_BYTES).hex(),
                secret=world.clock.random_bytes(_SECRET_BYTES).hex(),
                # One spelling of the name is the project's.
                name=project.name if project else name,
                version=version,
                user_id=caller.user.id,
                created_at=now,
                expires_at=first_end(now),
                changed_at=now,
            )
        )
        view = view_of(tx, stage)
    event("stage opened", project=name.normalized, version=version.text, by=caller.user.name)
    return Opened(view, is_new=True)


def _require_welcome(
    world: World, tx: Transaction, project: Project | None, name: ProjectName, version: ReleaseVersion
) -> None:
    """Everything at once that the index has against a release of that name and version."""
    objection: Refusal | None
    if project is None:
        objection = new_name_objection(tx, name, world.policy)
    else:
        objection = closed_release(tx, project, version, world.policy, world.clock.now())
    if objection is not None:
        raise together("The publishing session", [objection.sentence], code="upload-policy")
