"""Releases with files put into a world of any kind, as the last step of every arrival puts them there."""

from typing import Any

from tests.support.builders import digests

from homeport.domain.account import User
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.release import Origin
from homeport.flows.manage_project import find_project
from homeport.flows.publish_file import Arrival, publish_files
from homeport.ports.catalogue import Provenance
from homeport.ports.world import World


def wheel_name(project: str, version: str = "1.0") -> str:
    """The name of a pure wheel."""
    return f"{project}-{version}-py3-none-any.whl"


def publish(world: World, owner: User, name: str, version: str, **metadata: Any) -> str:
    """Publish a wheel of a project that is there; the wheel's name."""
    with world.store.write() as tx:
        project = find_project(tx, name)
        filename = wheel_name(project.name.normalized.replace("-", "_"), version)
        arrival = Arrival(
            version=ReleaseVersion.parse_legacy(version),
            filename=filename,
            kind=FileKind.WHEEL,
            size_bytes=len(filename),
            digests=digests(filename.encode()),
            metadata=CoreMetadata("2.1", project.name.display, version, **metadata),
            metadata_file=None,
            origin=Origin.UPLOAD,
            provenance=Provenance(owner.name),
        )
        publish_files(tx, project, [arrival], policy=world.policy, actor=owner.name, at=world.clock.now())
    return filename
