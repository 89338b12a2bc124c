"""What a release file holds, and how it differs from the file of another version.

1. Folders that are named after a version (``demo-1.0/``, ``demo-1.0.dist-info/``) are the same folder in every version.
2. A file is compared with the newest older one that is its like: a wheel for the same platforms before any other, an sdist
   with an sdist. What is hosted is preferred to what is only planned.
3. What a file says of itself is shown within bounds: it is somebody else's text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from homeport.domain.digests import Sha256
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion, version_order

MAX_LISTED: Final = 20_000
MAX_PATH_CHARACTERS: Final = 400
_MOST_SHOWN: Final = 200
_MOST_LINES: Final = 100
_MOST_CHARACTERS: Final = 500
# What differs in every release, and what is too long to be read line by line.
_NOT_COMPARED: Final = frozenset({"version", "description"})
_VERSIONED: Final = re.compile(r"[^/]+\.(dist-info|data)/")


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a release file; ``holds`` is its sha256 or, of a link, its target; empty where it was not looked at."""

    path: str
    size_bytes: int
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files in a release file, ``left_out`` more of them, its core metadata, and what hindered reading it."""

    members: tuple[Member, ...] = ()
    metadata: CoreMetadata | None = None
    left_out: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A file that another may be compared with."""

    filename: str
    version: ReleaseVersion
    kind: str
    sha256: Sha256
    is_hosted: bool

    @property
    def shape(self) -> str:
        """The file name without the version: what it is for."""
        return self.filename.replace(self.version.text, "", 1)


@dataclass(frozen=True, slots=True)
class Paths:
    """Some of the paths that differ in one way, and how many there are."""

    shown: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the core metadata that differs: the lines that only the older file has, and only the newer one."""

    name: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContentsDiff:
    """How the newer of two files differs from the older one."""

    added: Paths
    removed: Paths
    changed: Paths
    same: int
    fields: tuple[FieldChange, ...]
    is_description_changed: bool
    is_whole: bool
    """False when not everything in them was compared."""


def previous_of(like: Likeness, candidates: Iterable[Likeness]) -> Likeness | None:
    """The file that ``like`` is compared with, if there is an older one of its kind."""
    own = version_order(like.version.normalized)
    older = [
        one for one in candidates if one.kind == like.kind and version_order(one.version.normalized) < own
    ]
    return max(
        older,
        key=lambda one: (
            version_order(one.version.normalized),
            one.shape == like.shape,
            one.is_hosted,
            one.filename,
        ),
        default=None,
    )


def compare_contents(old: Contents, new: Contents) -> ContentsDiff:
    """What is different in ``new``."""
    before, after = _by_path(old), _by_path(new)
    both = before.keys() & after.keys()
    changed = sorted(path for path in both if _differs(before[path], after[path]))
    return ContentsDiff(
        added=_some(after.keys() - before.keys()),
        removed=_some(before.keys() - after.keys()),
        changed=_some(changed),
        same=len(both) - len(changed),
        fields=_field_changes(old.metadata, new.metadata),
        is_description_changed=_description(old) != _description(new),
        is_whole=_is_whole(old) and _is_whole(new),
    )


def _is_whole(contents: Contents) -> bool:
    return not contents.left_out and not contents.problem and all(member.holds for member in contents.members)


def _by_path(contents: Contents) -> Mapping[str, Member]:
    tops = {member.path.partition("/")[0] for member in contents.members}
    has_one_folder = len(tops) == 1 and all("/" in member.path for member in contents.members)
    return {_plain(member.path, has_one_folder=has_one_folder): member for member in contents.members}


def _plain(path: str, *, has_one_folder: bool) -> str:
    if has_one_folder:
        return path.partition("/")[2]
    return _VERSIONED.sub(r"\1/", path, count=1) if _VERSIONED.match(path) else path


def _differs(one: Member, other: Member) -> bool:
    return one.size_bytes != other.size_bytes or bool(one.holds and other.holds and one.holds != other.holds)


def _some(paths: Iterable[str]) -> Paths:
    everything = sorted(paths)
    return Paths(tuple(everything[:_MOST_SHOWN]), len(everything))


def _description(contents: Contents) -> str:
    return contents.metadata.description if contents.metadata else ""


def _field_changes(old: CoreMetadata | None, new: CoreMetadata | None) -> tuple[FieldChange, ...]:
    if old is None or new is None:
        return ()
    changes = []
    for name in (one.name for one in fields(CoreMetadata) if one.name not in _NOT_COMPARED):
        before, after = _lines(getattr(old, name)), _lines(getattr(new, name))
        removed = tuple(line for line in before if line not in after)
        added = tuple(line for line in after if line not in before)
        if removed or added:
            changes.append(FieldChange(name.replace("_", "-"), removed, added))
    return tuple(changes)


def _lines(value: str | tuple[str, ...] | tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    told = (value,) if isinstance(value, str) else value
    lines = (line if isinstance(line, str) else ", ".join(line) for line in told)
    return tuple(line[:_MOST_CHARACTERS] for line in lines if line)[:_MOST_LINES]
