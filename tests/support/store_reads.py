"""``HotReads`` for files over the tables of a fake store; ``tests/adapters/test_file_reads_contract.py`` keeps it like the real one."""

from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from pathlib import Path

from tests.support.fake_tables import Tables
from tests.support.hot_reads import DictReads

from homeport.domain.freeze import frozen_reason
from homeport.domain.hosting_policy import FrozenStatus
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import HostedFile
from homeport.ports.reads import StoredFile, StoredFrozen, StoredMetadata


class StoreReads(DictReads):
    """The look-ups of files, by the conditions of the real statements; what is also public is public.

    ``paths`` are where bytes lie, by their sha256.
    """

    def __init__(self, tables: Tables, paths: Mapping[str, Path]) -> None:
        super().__init__()
        self._tables = tables
        self._paths = paths

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        for project, file in self._found(sha256, filename, is_frozen=False):
            date = format_datetime(file.published_at.replace(microsecond=0), usegmt=True)
            name = project.name.normalized
            return StoredFile(self._paths.get(sha256), file.size_bytes, date, name, project.is_private)
        return None

    def metadata_file(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        for project, _ in self._found(sha256, filename, is_frozen=False):
            body = self._tables.metadata_files.get((project.id, filename))
            if body is not None:
                return StoredMetadata(body, project.name.normalized, project.is_private)
        return None

    def origin_record(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        for project, _ in self._found(sha256, filename, is_frozen=False):
            for of, record in reversed(self._tables.origins):
                if (of, record.filename, record.sha256.hex) == (project.id, filename, sha256):
                    return StoredMetadata(record.body, project.name.normalized, project.is_private)
        return None

    def frozen(self, sha256: str, filename: str) -> StoredFrozen | None:
        """See the port."""
        for project, file in self._found(sha256, filename, is_frozen=True):
            live = [one for of, one in self._tables.freezes.values() if of == project.id and one.is_live]
            reason = frozen_reason(live, file.version, filename) or frozen_reason(live, file.version)
            policies = self._tables.policies
            status = policies[-1].policy.frozen_status if policies else FrozenStatus.NOT_FOUND
            return StoredFrozen(reason or "", status, project.name.normalized, project.is_private)
        return None

    def _found(self, sha256: str, filename: str, *, is_frozen: bool) -> Iterator[tuple[Project, HostedFile]]:
        """The files of that digest and name that are shown, those of public projects first."""
        every = [
            (self._tables.projects[of], file)
            for (of, name), file in self._tables.files.items()
            if name == filename
        ]
        for project, file in sorted(every, key=lambda one: one[0].is_private):
            is_it = (file.digests.sha256.hex, file.is_frozen) == (sha256, is_frozen)
            if is_it and project.status is not ProjectStatus.QUARANTINED:
                yield project, file
