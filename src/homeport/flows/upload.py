"""A file arrives from its owner.

Everything that is wrong is told at once: the form, the digests, the index's rules and the file itself are all judged
before any of them refuses. Rights come before all, and damaged bytes are not judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.errors import Refusal
from homeport.domain.freeze import objection
from homeport.domain.inspection import Expectation, Inspection, Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ParsedFilename, ProjectName, same_version
from homeport.domain.origin_record import journey_of_upload
from homeport.domain.platform_tags import tag_notes
from homeport.domain.project import Project
from homeport.domain.release import Origin
from homeport.domain.rights import require_admitted
from homeport.domain.upload import (
    DIGEST_MISMATCH,
    FILE_REJECTED,
    FORM_INVALID,
    METADATA_DISAGREES,
    UPLOAD_POLICY,
    Fields,
    Submitted,
    UploadForm,
    digest_problems,
    disagreements,
    not_kept,
    read_upload_form,
    refused_upload,
)
from homeport.flows.judge_file import INSPECTOR, Judged, judge_file
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import add_project, new_name_objection, project_for_files
from homeport.flows.publish_file import Arrival, already_hosted, closed_release, publish_files
from homeport.flows.room import quota_rooms
from homeport.ports.blobs import Incoming
from homeport.ports.catalogue import Provenance
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What came of an upload: its file, whether it is new, and what its maintainer should know."""

    project: str
    filename: str
    is_new: bool
    warnings: tuple[str, ...] = ()


def upload(world: World, caller: Caller, fields: Fields, filename: str, incoming: Incoming) -> Uploaded:
    """Judge the bytes in ``incoming`` and publish them as a file of the project the form names.

    A project nobody has yet becomes the caller's. Raises ``Invalid`` with every problem found, ``Forbidden``,
    and ``Conflict`` (``file-exists``) when the name is taken by other bytes.
    """
    require_admitted(caller, world.accounts)
    form, digests = read_upload_form(fields, filename), incoming.digests()
    damages = digest_problems(form.digests, digests)
    with world.store.read() as tx:
        project = _project(tx, caller, form)
        is_sound = form.submitted is not None and not damages
        frozen = _frozen(tx, project, form.file)
        if (
            project is not None
            and is_sound
            and not frozen
            and already_hosted(tx, project, filename, digests.sha256)
        ):
            return Uploaded(project.name.normalized, filename, is_new=False)
        objections = _objections(world, tx, caller, project, form, incoming.size_bytes)
    judged = None if damages or form.file is None else _judge(world, project, form, form.file, incoming)
    submitted, judged, metadata = _accepted(filename, form, damages, objections, judged)
    incoming.keep()
    arrival = Arrival(
        version=submitted.file.version,
        filename=submitted.file.filename,
        kind=submitted.file.kind,
        size_bytes=incoming.size_bytes,
        digests=digests,
        metadata=metadata,
        metadata_file=judged.inspection.metadata_file,
        origin=Origin.UPLOAD,
        provenance=Provenance(published_by=caller.user.name),
        is_legacy=submitted.is_legacy,
        description_html=judged.description_html,
        journey=journey_of_upload(
            world.base_url, INSPECTOR, judged.inspection.verdict, judged.inspection.findings
        ),
    )
    is_new = _publish(world, caller, submitted, arrival)
    noted = (finding.message for finding in judged.inspection.findings)
    warnings = (*not_kept(fields), *tag_notes(submitted.file.tags), *noted)
    return Uploaded(submitted.name.normalized, filename, is_new, warnings)


def _accepted(
    filename: str, form: UploadForm, damages: Sequence[str], objections: Sequence[str], judged: Judged | None
) -> tuple[Submitted, Judged, CoreMetadata]:
    """What may be published; ``Invalid`` with everything that speaks against it."""
    submitted, metadata = form.submitted, judged.inspection.metadata if judged else None
    rejections = rejections_of(judged.inspection) if judged else []
    differences = disagreements(submitted, metadata) if submitted and metadata and not rejections else []
    found = {
        FORM_INVALID: form.problems,
        DIGEST_MISMATCH: damages,
        UPLOAD_POLICY: objections,
        FILE_REJECTED: rejections,
        METADATA_DISAGREES: differences,
    }
    if submitted is None or judged is None or metadata is None or any(found.values()):
        raise refused_upload(filename, found)
    return submitted, judged, metadata


def _project(tx: Transaction, caller: Caller, form: UploadForm) -> Project | None:
    """The project, when the caller may add files to it; a form without a name is for the one that its file names."""
    name = form.name or (ProjectName(form.file.project) if form.file else None)
    return project_for_files(tx, caller, name) if name else None


def _objections(
    world: World,
    tx: Transaction,
    caller: Caller,
    project: Project | None,
    form: UploadForm | Submitted,
    size_bytes: int,
) -> list[str]:
    """What the index as it stands has against the file; it is asked again where it counts."""
    policy, refusals = world.policy, list[Refusal | None]()
    if project is None and form.name is not None:
        refusals.append(new_name_objection(tx, form.name, policy))
    if project is not None and form.file is not None:
        refusals.append(_frozen(tx, project, form.file))
        refusals.append(closed_release(tx, project, form.file.version, policy, world.clock.now()))
    rooms = quota_rooms(tx, project, caller.user, policy)
    refusals += [room.refusal for room in rooms if size_bytes > room.left_bytes]
    sentences = [refusal.sentence for refusal in refusals if refusal is not None]
    return sentences + other_sdists(tx, project, form.file)


def _frozen(tx: Transaction, project: Project | None, file: ParsedFilename | None) -> Refusal | None:
    if project is None or file is None:
        return None
    return objection(tx.freezes.of_project(project.id), file.version, file.filename)


def other_sdists(tx: Transaction, project: Project | None, file: ParsedFilename | None) -> list[str]:
    """Why the release takes no further sdist, if ``file`` is one; empty when it does."""
    if project is None or file is None or file.kind is not FileKind.SDIST:
        return []
    return [
        f"Release {other.version} of {project.name} has an sdist, {other.filename}: a release has one."
        for other in tx.files.of_project(project.id)
        if other.kind is FileKind.SDIST
        and other.filename != file.filename
        and same_version(other.version.text, file.version.text)
    ]


def _judge(
    world: World, project: Project | None, form: UploadForm, file: ParsedFilename, incoming: Incoming
) -> Judged:
    # Where the form says otherwise than the file's name, that is told already.
    expectation = Expectation(
        file.filename,
        file.project,
        file.version.text,
        is_legacy=form.is_legacy,
        is_private=world.policy.must_sign_in or (project is not None and project.is_private),
    )
    return judge_file(world.isolation, incoming.path, expectation)


def rejections_of(inspection: Inspection) -> list[str]:
    """Why the file cannot be published as somebody's own; empty when it can."""
    if inspection.verdict is Verdict.ACCEPT and inspection.metadata is not None:
        return []
    return list(inspection.reasons()) or ["Its metadata could not be read."]


def _publish(world: World, caller: Caller, submitted: Submitted, arrival: Arrival) -> bool:
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        # Rights are asked again where they count: the project may have been created, or given away, meanwhile.
        require_live(tx, caller, now)
        project = project_for_files(tx, caller, submitted.name)
        is_frozen = _frozen(tx, project, submitted.file) is not None
        if (
            project is not None
            and not is_frozen
            and already_hosted(tx, project, arrival.filename, arrival.digests.sha256)
        ):
            return False
        if objections := _objections(world, tx, caller, project, submitted, arrival.size_bytes):
            raise refused_upload(arrival.filename, {UPLOAD_POLICY: objections})
        policy = world.policy
        project = project or add_project(
            tx, submitted.name, caller.user, None, policy=policy, actor=actor, at=now
        )
        return bool(publish_files(tx, project, [arrival], policy=policy, actor=actor, at=now))
