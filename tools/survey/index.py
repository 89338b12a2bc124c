"""The story's projects in a home, written by the product's own repositories; files have rows and no bytes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tools.survey.story import Project

from homeport.domain.digests import digests_of
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance
from homeport.ports.store import Transaction
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

ADMINISTRATOR = "root"
_AT_ONCE = 1_000
_THEN = datetime(2013, 3, 1, tzinfo=UTC)
_SIZE = 20_000


def fill_home(environment: Mapping[str, str], projects: Sequence[Project]) -> None:
    """A home with an administrator and these projects, all of them ``pypi-ext``."""
    settings = read_settings(environment, Path.cwd())
    prepare(settings)
    store = open_world(settings).store
    with store.write() as tx:
        tx.users.add(ADMINISTRATOR, f"{ADMINISTRATOR}@example.org", None, is_admin=True, at=_THEN)
    for start in range(0, len(projects), _AT_ONCE):
        with store.write() as tx:
            for project in projects[start : start + _AT_ONCE]:
                _add(tx, project)


def _add(tx: Transaction, told: Project) -> None:
    name = ProjectName.parse(told.name)
    project = tx.projects.add(name, HostingMode.EXT, _THEN)
    for version, home_page, download_url in told.releases:
        said = CoreMetadata("1.1", told.name, version, home_page=home_page, download_url=download_url)
        tx.releases.put(project.id, ReleaseVersion.parse_legacy(version), said, replace=False, at=_THEN)
    for filename, version in told.hosted:
        file = HostedFile(
            name.normalized,
            ReleaseVersion.parse_legacy(version),
            filename,
            FileKind.SDIST,
            _SIZE,
            digests_of([filename.encode()]),
            _THEN,
            Origin.UPLOAD,
        )
        tx.files.add(project.id, file, Provenance(ADMINISTRATOR), None)
