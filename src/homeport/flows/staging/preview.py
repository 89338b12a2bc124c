"""What installers see of a stage before it is public: the files that are completed, for who knows its secret.

1. A stage is seen while it lives, and not a moment longer.
2. Of a quarantined project nothing is seen (PEP 792), and nothing that is frozen.
3. The secret opens nothing that is not for everybody: where reading asks for an account or a role, so does this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound
from homeport.domain.freeze import objection
from homeport.domain.index_page import ProjectPage
from homeport.domain.project import ProjectStatus
from homeport.domain.release import HostedFile, Origin
from homeport.domain.rights import may_read
from homeport.domain.staging import Judgement, Stage, StagedFile
from homeport.ports.store import Transaction
from homeport.ports.world import World

SignIn = Callable[[], Caller]


@dataclass(frozen=True, slots=True)
class StagedBytes:
    """A file as it is downloaded from a stage."""

    path: Path
    filename: str
    size_bytes: int


def stage_root(secret: str) -> str:
    """The path below which a stage is seen."""
    return f"/stage/{secret}"


def preview_page(world: World, sign_in: SignIn, secret: str, name: str) -> ProjectPage:
    """The page of the stage's project, with what is staged of it and nothing else; ``NotFound`` for every other name."""
    with world.store.read() as tx:
        stage = _seen(world, tx, sign_in, secret)
        if stage.name.normalized != name:
            raise _unknown()
        shown = (found for found in tx.stages.completed(stage.id) if not _is_frozen(tx, stage, found[0]))
        files = [_as_hosted(stage, *found) for found in shown]
        serial = tx.ledger.last()
    # One spelling of each version, as everywhere; a stage has one version.
    versions = tuple({file.version.key: file.version.normalized for file in files}.values())
    return ProjectPage(name, serial, versions, tuple(files), root=stage_root(secret))


def preview_file(world: World, sign_in: SignIn, secret: str, sha256: str, filename: str) -> StagedBytes:
    """A completed file of the stage."""
    with world.store.read() as tx:
        file, judgement = _named(tx, _seen(world, tx, sign_in, secret), sha256, filename)
    path = world.blobs.path(judgement.digests.sha256)
    if path is None:
        raise _unknown()
    return StagedBytes(path, file.claim.file.filename, file.claim.size_bytes)


def preview_metadata(world: World, sign_in: SignIn, secret: str, sha256: str, filename: str) -> bytes:
    """The core metadata of a completed file (PEP 658)."""
    with world.store.read() as tx:
        _, judgement = _named(tx, _seen(world, tx, sign_in, secret), sha256, filename)
    if judgement.metadata_file is None:
        raise _unknown()
    return judgement.metadata_file


def _seen(world: World, tx: Transaction, sign_in: SignIn, secret: str) -> Stage:
    stage = tx.stages.by_secret(secret)
    if stage is None or not stage.is_live(world.clock.now()):
        raise _unknown()
    project = tx.projects.find(stage.name.normalized)
    if project is not None and project.status is ProjectStatus.QUARANTINED:
        raise _unknown()
    is_private = project is not None and project.is_private
    if not is_private and not world.policy.must_sign_in:
        return stage
    caller = sign_in()
    role = tx.projects.role_of(project.id, caller.user.id) if project else None
    if not may_read(caller, stage.name.normalized, role, is_private=is_private):
        raise _unknown()
    return stage


def _named(tx: Transaction, stage: Stage, sha256: str, filename: str) -> tuple[StagedFile, Judgement]:
    for file, judgement in tx.stages.completed(stage.id, filename):
        if judgement.digests.sha256.hex == sha256 and not _is_frozen(tx, stage, file):
            return file, judgement
    raise _unknown()


def _is_frozen(tx: Transaction, stage: Stage, file: StagedFile) -> bool:
    project, named = tx.projects.find(stage.name.normalized), file.claim.file
    if project is None:
        return False
    return objection(tx.freezes.of_project(project.id), named.version, named.filename) is not None


def _as_hosted(stage: Stage, file: StagedFile, judgement: Judgement) -> HostedFile:
    named, metadata_file = file.claim.file, judgement.metadata_file
    return HostedFile(
        project=stage.name.normalized,
        version=named.version,
        filename=named.filename,
        kind=named.kind,
        size_bytes=file.claim.size_bytes,
        digests=judgement.digests,
        published_at=_whole(file.changed_at),
        origin=Origin.UPLOAD,
        requires_python=judgement.metadata.requires_python,
        metadata_sha256=Sha256.of(metadata_file) if metadata_file is not None else None,
    )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _unknown() -> NotFound:
    return NotFound("There is no such stage, or it has ended.", code="preview-unknown")
