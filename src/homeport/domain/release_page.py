"""What scripts and mirrors are told of one release, with every file of its project beside it.

1. The latest release is not yanked, and final where there is one: then a pre-release, then a yanked one (standards A.15).
2. A release is yanked when that was said of it, or when all of its files are (PEP 592 knows files only).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import is_final, version_key, version_order
from homeport.domain.project import Project, Role
from homeport.domain.release import HostedFile


@dataclass(frozen=True, slots=True)
class ReleasedVersion:
    """A version, in the normalized form of its first spelling, and its files by name.

    ``yanked`` is ``None`` or the reason, which may be empty.
    """

    version: str
    files: tuple[HostedFile, ...]
    yanked: str | None

    @property
    def key(self) -> str:
        """What all spellings of the version have in common (``ReleaseVersion.key``)."""
        return version_key(self.version)


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """Everything ``/pypi/<name>/<version>/json`` says; ``versions`` has the release itself among them, oldest first."""

    project: Project
    release: ReleasedVersion
    metadata: CoreMetadata
    versions: tuple[ReleasedVersion, ...]
    maintainers: tuple[tuple[Role, str], ...]


def released_versions(
    versions: Iterable[str], files: Iterable[HostedFile], yanks: Mapping[str, str]
) -> tuple[ReleasedVersion, ...]:
    """Every version with its files, oldest first. ``yanks`` are the reasons of the releases that were yanked."""
    reasons = {version_key(version): reason for version, reason in yanks.items()}
    shown = {version_key(version): version for version in versions}
    by_key: dict[str, list[HostedFile]] = {key: [] for key in shown}
    for file in sorted(files, key=lambda file: file.filename):
        shown.setdefault(file.version.key, file.version.normalized)
        by_key.setdefault(file.version.key, []).append(file)
    return tuple(
        ReleasedVersion(shown[key], tuple(its), reasons.get(key, _yanked_as_a_whole(its)))
        for key, its in sorted(by_key.items(), key=lambda pair: version_order(shown[pair[0]]))
    )


def latest(oldest_first: Iterable[ReleasedVersion]) -> ReleasedVersion | None:
    """The release that is meant when no version is named; ``None`` when there is none."""
    # Of equals max() takes the first, and the order of versions comes last.
    return max(
        oldest_first,
        key=lambda one: (one.yanked is None, is_final(one.version), version_order(one.version)),
        default=None,
    )


def python_version(filename: str) -> str:
    """What PyPI calls the Python version of a file: a wheel's Python tag, or ``source``."""
    # PEP 427: a wheel's tags are the last three parts, whether or not there is a build number.
    return filename.split("-")[-3] if filename.endswith(".whl") else "source"


def _yanked_as_a_whole(files: list[HostedFile]) -> str | None:
    reasons = [file.yanked for file in files]
    return None if None in reasons else next(iter(reasons), None)
