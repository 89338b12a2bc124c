"""A file arrives from its owner."""

from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.errors import Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Expectation, Inspection, Verdict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName
from homeport.domain.release import Origin
from homeport.domain.upload import Fields, Submitted, check_agreement, check_digests, read_upload_form
from homeport.flows.manage_project import add_project, project_for_files
from homeport.flows.publish_file import Arrival, already_hosted, publish_files
from homeport.ports.blobs import Incoming
from homeport.ports.catalogue import Provenance
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
    submitted = read_upload_form(fields, filename)
    with world.store.read() as tx:
        project = project_for_files(tx, caller, submitted.name)
        digests = incoming.digests()
        check_digests(submitted.digests, digests)
        if project is not None and already_hosted(tx, project, filename, digests.sha256):
            return Uploaded(project.name.normalized, filename, is_new=False)
    inspection, metadata = _inspect(world, submitted, incoming)
    incoming.keep()
    arrival = Arrival(
        version=submitted.file.version,
        filename=submitted.file.filename,
        kind=submitted.file.kind,
        size_bytes=incoming.size_bytes,
        digests=digests,
        metadata=metadata,
        metadata_file=inspection.metadata_file,
        origin=Origin.UPLOAD,
        provenance=Provenance(published_by=caller.user.name),
    )
    is_new = _publish(world, caller, submitted.name, arrival)
    warnings = tuple(finding.message for finding in inspection.findings)
    return Uploaded(submitted.name.normalized, filename, is_new, warnings)


def _inspect(world: World, submitted: Submitted, incoming: Incoming) -> tuple[Inspection, CoreMetadata]:
    expectation = Expectation(submitted.file.filename, submitted.name.normalized, submitted.version.text)
    inspection = world.isolation.inspect(incoming.path, expectation)
    if inspection.verdict is not Verdict.ACCEPT or inspection.metadata is None:
        reasons = inspection.reasons()
        raise Invalid(
            f"{submitted.file.filename} cannot be hosted. " + " ".join(reasons),
            code="file-rejected",
            problems=reasons,
        )
    check_agreement(submitted, inspection.metadata)
    return inspection, inspection.metadata


def _publish(world: World, caller: Caller, name: ProjectName, arrival: Arrival) -> bool:
    now, actor = world.clock.now(), caller.user.name
    with world.store.write() as tx:
        # Rights are asked again where they count: the project may have been created, or given away, meanwhile.
        project = project_for_files(tx, caller, name)
        if project is None:
            project = add_project(tx, name, caller.user, HostingMode.ONLY, actor=actor, at=now)
        return bool(publish_files(tx, project, [arrival], actor=actor, at=now))
