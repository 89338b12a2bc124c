"""The last step of every arrival: the bytes are durable; now rows, pages, ledger and notices, at once.

1. A file name is never given to other bytes (I-04), also when its file was removed; then the same bytes may come
   back under it. Bytes that are there already change nothing (I-18).
2. A file is attributed to the project that its arrival named, and its name and metadata agree with (I-09).
3. What is published fits into the quotas of its project, of who uploaded it, and of the index (I-17).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from homeport.domain.digests import Digests, Sha256
from homeport.domain.errors import Conflict
from homeport.domain.freeze import objection
from homeport.domain.hosting import Policy
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion, file_key
from homeport.domain.origin_record import Journey, OriginRecord, record_of
from homeport.domain.project import Project
from homeport.domain.release import HostedFile, Origin
from homeport.domain.strike_out import without_secrets
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.render_pages import render_project
from homeport.flows.room import quota_rooms
from homeport.ports.catalogue import Provenance, Release
from homeport.ports.store import Transaction

FILE_BEING_PUBLISHED = "file-being-published"


@dataclass(frozen=True)
class Arrival:
    """A file whose bytes are kept and judged. ``metadata`` is the file's own; it is the record (design §7.1).

    ``description_html`` is its long description, rendered; empty when that is shown as plain text. ``journey`` is its
    way here, for the origin record.
    """

    version: ReleaseVersion
    filename: str
    kind: FileKind
    size_bytes: int
    digests: Digests
    metadata: CoreMetadata
    metadata_file: bytes | None
    origin: Origin
    provenance: Provenance
    is_legacy: bool = False
    description_html: str = ""
    journey: Journey = field(default_factory=Journey)


def publish_files(
    tx: Transaction,
    project: Project,
    arrivals: Sequence[Arrival],
    *,
    policy: Policy,
    actor: str,
    at: datetime,
    stage_id: int | None = None,
) -> tuple[str, ...]:
    """Make ``arrivals`` files of ``project``; the names of those that are new. ``stage_id`` is the stage they come from.

    Raises ``Conflict`` when a name or its release is frozen, a name is or was taken by other bytes, or a quota is used
    up; then nothing is published.
    """
    published: list[str] = []
    serial = 0
    # Read once, however many files come at once: there may be thousands.
    names = TakenNames(tx.files.names(project.id))
    held = {file_key(name) for name in tx.stages.held_names(project.name.normalized, but=stage_id)}
    freezes = tx.freezes.of_project(project.id)
    for arrival in arrivals:
        if frozen := objection(freezes, arrival.version, arrival.filename):
            raise frozen
        if already_hosted(tx, project, arrival.filename, arrival.digests.sha256):
            continue
        if held and file_key(arrival.filename) in held:
            raise Conflict(
                f"{arrival.filename} is being published by a publishing session: wait until that has ended.",
                code=FILE_BEING_PUBLISHED,
            )
        if not arrival.is_legacy:
            _require_new_file(arrival.filename, names)
        names.add(arrival.filename)
        _require_room(tx, project, arrival, policy)
        tx.releases.put(project.id, arrival.version, arrival.metadata, replace=False, at=at)
        release = tx.releases.find(project.id, arrival.version.key)
        yanked = release.yanked if release else None
        _describe(tx, project, arrival, release)
        tx.files.add(
            project.id, _file(project, arrival, at, yanked), arrival.provenance, arrival.metadata_file
        )
        record = _record(project, arrival, actor, at)
        tx.proofs.add_origin(project.id, record)
        serial = tx.ledger.append(
            Kind.FILE_PUBLISHED,
            at=at,
            actor=actor,
            project=project.name.normalized,
            details={
                "filename": arrival.filename,
                "version": arrival.version.text,
                "sha256": arrival.digests.sha256.hex,
                "size": arrival.size_bytes,
                "origin": arrival.origin.value,
                "url": without_secrets(arrival.provenance.url),
                "rehost": arrival.provenance.rehost_id,
                "record": record.digest.hex,
            },
        )
        published.append(arrival.filename)
    if published:
        render_project(tx, replace(project, serial=serial), serial)
        facts = {
            "project": project.name.display,
            "told": counted(published),
            "by": actor,
            "files": published,
        }
        notice = write_notice("files-published", facts, path=page_of(project), at=at)
        tell_members(tx, project, notice, but_not=actor)
    return tuple(published)


def _record(project: Project, arrival: Arrival, actor: str, at: datetime) -> OriginRecord:
    return record_of(
        arrival.journey,
        project=project.name.normalized,
        filename=arrival.filename,
        version=arrival.version.text,
        sha256=arrival.digests.sha256,
        size_bytes=arrival.size_bytes,
        origin=arrival.origin.value,
        by=actor,
        at=at,
    )


def _describe(tx: Transaction, project: Project, arrival: Arrival, release: Release | None) -> None:
    """Give the release its rendered description, if the file describes it as the release itself does."""
    is_its_own = release is not None and release.metadata.description == arrival.metadata.description
    if is_its_own and arrival.description_html:
        tx.releases.set_description(project.id, arrival.version.key, arrival.description_html)


def already_hosted(tx: Transaction, project: Project, filename: str, sha256: Sha256) -> bool:
    """True when these bytes are already hosted under this name; ``Conflict`` when other bytes are, or were."""
    there = tx.files.find(project.id, filename)
    if there is None:
        removal = tx.files.removal(project.id, filename)
        if removal is not None and removal.sha256 != sha256:
            # Clients that skip what is hosted must not take this for it (standards B.5).
            raise Conflict(
                f"This filename was previously used: {filename} was removed on {removal.at:%Y-%m-%d}, and its name is "
                "never given to other bytes. Release a new version, or a new build number for a wheel.",
                code="file-removed",
            )
        return False
    if there.digests.sha256 != sha256:
        # Clients know this case by how the sentence starts (standards B.5).
        raise Conflict(
            f"File already exists: {filename} is hosted here with sha256 {there.digests.sha256}, and files never change. "
            "Release a new version, or a new build number for a wheel.",
            code="file-exists",
        )
    return True


class TakenNames:
    """The names that a project has or had, by what installers take for one file (T-38).

    Reading a name takes a while: each is read once, and only when it may matter.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._unread: dict[str, list[str]] = {}
        self._by_key: dict[str, list[str]] = {}
        for name in names:
            self.add(name)

    def add(self, filename: str) -> None:
        """One more is taken."""
        self._unread.setdefault(_tail(filename), []).append(filename)

    def other_spelling(self, filename: str) -> str:
        """A taken name that is another spelling of ``filename``; empty when there is none."""
        for name in self._unread.pop(_tail(filename), ()):
            self._by_key.setdefault(file_key(name), []).append(name)
        same = self._by_key.get(file_key(filename), ())
        return next((name for name in same if name != filename), "")


def _tail(filename: str) -> str:
    # Cheap, and equal for equal keys: names are read in full only where it is.
    return (
        "".join(sorted(filename.rpartition("-")[2].lower().split("."))) if filename.endswith(".whl") else ""
    )


def _require_new_file(filename: str, names: TakenNames) -> None:
    """``Conflict`` when ``names`` hold another that installers take for the same file (T-38)."""
    if other := names.other_spelling(filename):
        raise Conflict(
            f"{filename} is another spelling of {other}, which this project has or had: installers take both for "
            "one file. Release a new version, or a new build number for a wheel.",
            code="file-spelled-otherwise",
        )


def closed_release(
    tx: Transaction, project: Project, version: ReleaseVersion, policy: Policy, now: datetime
) -> Conflict | None:
    """Why the version takes no new files, if it was registered too long ago."""
    registered_at = tx.releases.registered_at(project.id, version.key)
    if registered_at is None or policy.releases_close_after is None:
        return None
    if now - registered_at <= policy.releases_close_after:
        return None
    return Conflict(
        f"{project.name} {version} was registered on {registered_at:%Y-%m-%d}, and a release of this index takes no new "
        f"files after {policy.releases_close_after.days} days: release a new version.",
        code="release-closed",
    )


def _require_room(tx: Transaction, project: Project, arrival: Arrival, policy: Policy) -> None:
    is_upload = arrival.origin is Origin.UPLOAD
    uploader = tx.users.by_name(arrival.provenance.published_by) if is_upload else None
    for room in quota_rooms(tx, project, uploader, policy):
        room.require(arrival.size_bytes)


def _file(project: Project, arrival: Arrival, at: datetime, yanked: str | None) -> HostedFile:
    return HostedFile(
        project=project.name.normalized,
        version=arrival.version,
        filename=arrival.filename,
        kind=arrival.kind,
        size_bytes=arrival.size_bytes,
        digests=arrival.digests,
        published_at=at,
        origin=arrival.origin,
        requires_python=arrival.metadata.requires_python,
        metadata_sha256=Sha256.of(arrival.metadata_file) if arrival.metadata_file is not None else None,
        yanked=yanked,
        is_legacy=arrival.is_legacy,
    )


def counted(names: Sequence[str]) -> str:
    """One name, or how many there are."""
    return names[0] if len(names) == 1 else f"{len(names)} files"
