"""The origin record of a hosted file, for whoever may read the file."""

import json
from dataclasses import dataclass
from typing import Any

from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound
from homeport.domain.freeze import frozen_reason, told_frozen
from homeport.domain.project import Project
from homeport.domain.release import HostedFile
from homeport.flows.reading import Who
from homeport.flows.release_pages import readable_project
from homeport.ports.world import World


@dataclass(frozen=True)
class OriginStory:
    """A file, and its record as it was written."""

    project: Project
    file: HostedFile
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What the record says."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def digest(self) -> Sha256:
        """What the ledger entry of the publishing names."""
        return Sha256.of(self.body)


def origin_story(world: World, who: Who, name: str, filename: str) -> OriginStory:
    """How a hosted file came here; ``NotFound`` for files of before there were records, and while it is frozen or quarantined."""
    with world.store.read() as tx:
        project = readable_project(world, tx, who, name)
        file = tx.files.find(project.id, filename)
        if file is None:
            raise NotFound(f"{project.name} hosts no file {filename[:255]!r}.", code="file-not-hosted")
        if file.is_frozen:
            freezes = tx.freezes.of_project(project.id)
            reason = frozen_reason(freezes, file.version, filename) or frozen_reason(freezes, file.version)
            raise NotFound(told_frozen(filename, reason), code="file-frozen")
        body = tx.proofs.origin(project.id, filename, file.digests.sha256)
        if body is None:
            raise NotFound(
                f"{filename} was published before origin records were written: the ledger has its entry.",
                code="origin-unknown",
            )
        return OriginStory(project, file, body)
