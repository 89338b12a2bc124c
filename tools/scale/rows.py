"""The rows of an index without bytes: users, projects, releases, files, and what the ledger tells of them.

1. Everything follows from a project's number: who asks for a row again is given the same one.
2. A file's digests are those of its name, and metadata is kept beside the newest wheel of a project only.
3. Releases come in rounds, as years bring them: the rows of one project do not lie side by side.
4. The ledger tells of every user and project, and of the newest file of each: told of all files, it would be most
   of the database.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from tools.scale.shapes import SHAPES, Shape, shape_of, shapes, version

from homeport.adapters.db.moments import to_text
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Entry, Kind, Sealed, seal
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.release import Origin
from homeport.formats.core_metadata import to_json

Row = tuple[object, ...]

START = datetime(2010, 1, 1, tzinfo=UTC)
_FIRST_YEAR = timedelta(days=365)
_ALL_YEARS = timedelta(days=5_600)
ROUNDS = 40
# When in its share of the years a project's release comes: late, so that the last round is everybody's.
_LATE = 0.9
_NAME, _VERSION = "@name@", "@version@"

USER_COLUMNS = ("id", "name", "email", "password_hash", "is_admin", "created_at", "uploaded_bytes")
PROJECT_COLUMNS = (
    "id",
    "name",
    "normalized",
    "mode",
    "status",
    "serial",
    "created_at",
    "status_reason",
    "is_private",
    "size_bytes",
    "look_alike",
)
ROLE_COLUMNS = ("project_id", "user_id", "role")
RELEASE_COLUMNS = ("project_id", "version", "normalized", "key", "metadata", "registered_at", "yanked")
FILE_COLUMNS = (
    "project_id",
    "version",
    "filename",
    "kind",
    "size_bytes",
    "sha256",
    "blake2b_256",
    "md5",
    "published_at",
    "origin",
    "requires_python",
    "metadata_sha256",
    "metadata_file",
    "yanked",
    "is_legacy",
    "published_by",
    "rehost_id",
    "url",
    "found_on",
)
LEDGER_COLUMNS = ("seq", "body", "leaf_hash", "chain_hash")

_METADATA = CoreMetadata(
    metadata_version="2.1",
    name=_NAME,
    version=_VERSION,
    summary=f"What {_NAME} does, told in one line, as long as such lines are",
    home_page=f"https://{_NAME}.example.org/",
    author="The maintainers",
    author_email="maintainers@example.org",
    license="MIT",
    requires_python=">=3.9",
    requires_dist=("requests>=2.28", "attrs>=22.2", "typing-extensions>=4; python_version < '3.11'"),
    classifiers=("Programming Language :: Python :: 3", "License :: OSI Approved :: MIT License"),
)
_METADATA_JSON = json.dumps(to_json(_METADATA))
_METADATA_FILE = (
    f"Metadata-Version: 2.1\nName: {_NAME}\nVersion: {_VERSION}\nSummary: {_METADATA.summary}\n"
    "Requires-Python: >=3.9\n" + "".join(f"Requires-Dist: {wanted}\n" for wanted in _METADATA.requires_dist)
)


@dataclass(frozen=True)
class Numbering:
    """Which ids and serials come next: an index has its first rows before these."""

    first_user: int
    first_seq: int
    previous_hash: str


class _Coming(NamedTuple):
    """A release of a shape, in the round in which it comes."""

    place: int
    version: str
    endings: Sequence[str]
    is_newest: bool


class Rows:
    """Every row of an index of these projects."""

    def __init__(self, names: Sequence[ProjectName], numbering: Numbering) -> None:
        self.names = names
        self.users = len(names) // 2 + 1
        self.releases = sum(shape_of(number).releases for number in range(len(names)))
        self.files = sum(shape_of(number).files for number in range(len(names)))
        self._numbering = numbering
        self._rounds = _rounds()
        created = (
            to_text(START + _FIRST_YEAR * (number / len(names))) for number in range(0, len(names), SHAPES)
        )
        self._created = tuple(created)

    def serials(self) -> Sequence[int]:
        """The entry that the ledger tells last of each project."""
        first = self._numbering.first_seq + self.users + 2 * len(self.names)
        return range(first, first + len(self.names))

    def user_rows(self) -> Iterator[Row]:
        """An account for every two projects."""
        for number in range(self.users):
            name = f"user-{number}"
            yield (
                self._numbering.first_user + number,
                name,
                f"{name}@example.org",
                None,
                0,
                self._created[0],
                sum(map(project_bytes, range(2 * number, min(2 * number + 2, len(self.names))))),
            )

    def project_rows(self) -> Iterator[Row]:
        """The projects, with the serial of what the ledger tells last of each."""
        for number, (name, serial) in enumerate(zip(self.names, self.serials(), strict=True)):
            yield (
                number + 1,
                name.display,
                name.normalized,
                HostingMode.ONLY.value,
                ProjectStatus.ACTIVE.value,
                serial,
                self._created[number // SHAPES],
                "",
                0,
                project_bytes(number),
                name.look_alike,
            )

    def role_rows(self) -> Iterator[Row]:
        """An owner for every project."""
        for number in range(len(self.names)):
            yield (number + 1, self._owner(number), Role.OWNER.value)

    def release_rows(self) -> Iterator[Row]:
        """The releases, round after round."""
        for number, coming, at in self._arrivals():
            name = self.names[number].display
            metadata = _METADATA_JSON.replace(_NAME, name).replace(_VERSION, coming.version)
            yield (number + 1, coming.version, coming.version, _key(coming.version), metadata, at, None)

    def file_rows(self) -> Iterator[Row]:
        """The files, round after round."""
        for number, coming, at in self._arrivals():
            name, published_by = self.names[number], f"user-{number // 2}"
            stem = f"{name.normalized.replace('-', '_')}-{coming.version}"
            for place, ending in enumerate(coming.endings):
                is_wheel = ending.endswith(".whl")
                filename = stem + ending
                said = filename.encode()
                is_last = coming.is_newest and place + 1 == len(coming.endings)
                metadata = metadata_file(name, coming.version) if is_last else None
                metadata_sha256 = hashlib.sha256(metadata or said[1:]).hexdigest() if is_wheel else None
                yield (
                    number + 1,
                    coming.version,
                    filename,
                    (FileKind.WHEEL if is_wheel else FileKind.SDIST).value,
                    file_bytes(number, place),
                    hashlib.sha256(said).hexdigest(),
                    hashlib.blake2b(said, digest_size=32).hexdigest(),
                    hashlib.md5(said, usedforsecurity=False).hexdigest(),
                    at,
                    Origin.UPLOAD.value,
                    ">=3.9",
                    metadata_sha256,
                    metadata,
                    None,
                    0,
                    published_by,
                    None,
                    "",
                    "",
                )

    def ledger_rows(self) -> Iterator[Row]:
        """The entries, sealed one to the other."""
        previous = self._numbering.previous_hash
        for seq, entry in enumerate(self._told(), self._numbering.first_seq):
            kind, at, actor, project, details = entry
            sealed: Sealed = seal(Entry(seq, at, kind, actor, project, details), previous)
            previous = sealed.chain_hash
            yield (sealed.seq, sealed.body, sealed.leaf_hash, sealed.chain_hash)

    def _told(self) -> Iterator[tuple[Kind, datetime, str, str, dict[str, str | int | bool | None]]]:
        for number in range(self.users):
            user = f"user-{number}"
            yield Kind.USER_ADDED, START, user, "", {"user": user, "admin": False}
        for number, name in enumerate(self.names):
            at, owner, project = self._moment(number), f"user-{number // 2}", name.normalized
            created = {"name": name.display, "mode": HostingMode.ONLY.value}
            yield Kind.PROJECT_CREATED, at, owner, project, dict(created)
            yield Kind.ROLE_GRANTED, at, owner, project, {"user": owner, "role": Role.OWNER.value}
        for number, name in enumerate(self.names):
            newest = newest_file(number, name)
            yield (
                Kind.FILE_PUBLISHED,
                START + _FIRST_YEAR + _ALL_YEARS,
                f"user-{number // 2}",
                name.normalized,
                {
                    "filename": newest,
                    "version": version(shape_of(number).releases - 1),
                    "sha256": sha256_of(newest),
                    "size": file_bytes(number, shape_of(number).files_each - 1),
                    "origin": Origin.UPLOAD.value,
                    "url": "",
                    "rehost": None,
                },
            )

    def _arrivals(self) -> Iterator[tuple[int, _Coming, str]]:
        """Every release with its project's number and its moment, in the order in which they come."""
        count = len(self.names)
        for turn, coming in enumerate(self._rounds):
            for block in range(0, count, SHAPES):
                part = (turn + block / count) / ROUNDS
                at = to_text(START + _FIRST_YEAR + _ALL_YEARS * part)
                for release in coming:
                    if (number := block + release.place) < count:
                        yield number, release, at

    def _owner(self, number: int) -> int:
        return self._numbering.first_user + number // 2

    def _moment(self, number: int) -> datetime:
        return START + _FIRST_YEAR * (number / len(self.names))


def file_bytes(number: int, place: int) -> int:
    """The size of a project's file, by its place in its release."""
    return (1 + number % 97) * (4_000 + 1_100 * place)


@cache
def _key(version: str) -> str:
    # There are few versions, and millions of releases.
    return ReleaseVersion.parse(version).key


def project_bytes(number: int) -> int:
    """The size of all files of a project."""
    shape = shape_of(number)
    return shape.releases * sum(file_bytes(number, place) for place in range(shape.files_each))


def newest_file(number: int, name: ProjectName) -> str:
    """The name of a project's newest file."""
    shape = shape_of(number)
    return f"{name.normalized.replace('-', '_')}-{version(shape.releases - 1)}{shape.endings()[-1]}"


def sha256_of(filename: str) -> str:
    """The digest that a file is found by."""
    return hashlib.sha256(filename.encode()).hexdigest()


def metadata_file(name: ProjectName, of_version: str) -> bytes:
    """The core metadata beside a wheel."""
    return _METADATA_FILE.replace(_NAME, name.display).replace(_VERSION, of_version).encode()


def _rounds() -> Sequence[Sequence[_Coming]]:
    """The releases of all shapes, by the round in which they come."""
    rounds: list[list[_Coming]] = [[] for _ in range(ROUNDS)]
    for place, shape in enumerate(shapes()):
        for release in range(shape.releases):
            rounds[_round(shape, release)].append(
                _Coming(place, version(release), shape.endings(), release + 1 == shape.releases)
            )
    return rounds


def _round(shape: Shape, release: int) -> int:
    return int((release + _LATE) / shape.releases * ROUNDS)
