"""Project names, versions and file names: parsed once at the door, typed ever after.

1. A project name is ASCII and matches the living spec's expression to its very end (a trailing newline
   does not pass); two names are one project when their PEP 503 forms are equal.
2. A version of a modern upload is PEP 440; a version found in an old file may be any text that can be one
   segment of an address, and stays as it was written (PEP 700 allows it in ``versions``).
3. Two versions are one release when their keys are equal: neither spelling, case nor trailing zeros count, so that
   ``1.0`` and ``1.0.0``, and ``1.0c1`` and ``1.0rc1``, are never two (PEP 440).
4. A file name is never a path: no separators, no control characters, no reordering marks.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from homeport.domain.errors import Invalid

_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE | re.ASCII)
_LOOK_ALIKE = str.maketrans("1io", "ll0")
_NO_VERSION = Version("0")
_MAX_NAME = 128
_MAX_VERSION = 128
_MAX_FILENAME = 255
_IN_NO_FILENAME = frozenset('/\\:*?"<>| #%')


@dataclass(frozen=True)
class ProjectName:
    """A project's name as its owner writes it; compare and look up by ``normalized``."""

    display: str

    @classmethod
    def parse(cls, text: str) -> "ProjectName":
        """The name, or ``Invalid`` with what a name may hold."""
        if not _NAME.fullmatch(text) or len(text) > _MAX_NAME:
            raise Invalid(
                f"{text[:80]!r} is not a project name: use letters, digits, '.', '-' and '_', "
                f"beginning and ending with a letter or digit, at most {_MAX_NAME} characters.",
                code="name-invalid",
            )
        return cls(text)

    @cached_property
    def normalized(self) -> str:
        """PEP 503: lower case, runs of ``-``, ``_`` and ``.`` become one ``-``."""
        return str(canonicalize_name(self.display))

    @cached_property
    def look_alike(self) -> str:
        """The name as a careless reader sees it: no separators, ``1`` and ``i`` as ``l``, ``o`` as ``0`` (T-15)."""
        return self.normalized.replace("-", "").translate(_LOOK_ALIKE)

    def __str__(self) -> str:
        return self.display


@dataclass(frozen=True)
class ReleaseVersion:
    """A version; ``normalized`` is how it is shown, ``key`` what releases are compared and looked up by."""

    text: str
    normalized: str
    is_pep440: bool

    @classmethod
    def parse(cls, text: str) -> "ReleaseVersion":
        """A PEP 440 version, or ``Invalid``."""
        version = cls.parse_legacy(text)
        if not version.is_pep440:
            raise Invalid(
                f"{text[:80]!r} is not a version: write one as PEP 440 says, for example 1.0, 2.1rc1 or 3.0.post1.",
                code="version-invalid",
            )
        return version

    @classmethod
    def parse_legacy(cls, text: str) -> "ReleaseVersion":
        """Any version that old tools wrote; what is not PEP 440 stays opaque text."""
        if (
            not text
            or len(text) > _MAX_VERSION
            or not text.isprintable()
            or not text.isascii()
            or any(c in " /\\" for c in text)
            or text in {".", ".."}
        ):
            raise Invalid(
                f"{text[:80]!r} is not a version: write at most {_MAX_VERSION} printable ASCII characters, without "
                "blanks and slashes.",
                code="version-invalid",
            )
        try:
            return cls(text, str(Version(text)), is_pep440=True)
        except InvalidVersion:
            return cls(text, text.lower(), is_pep440=False)

    @classmethod
    def parse_of_files(cls, text: str) -> "ReleaseVersion":
        """A version that there can be files of, or ``Invalid``: what no file's name holds was only ever registered."""
        version = cls.parse_legacy(text)
        if alien := sorted(_IN_NO_FILENAME.intersection(text)):
            raise Invalid(
                f"{text[:80]!r} is not a version: the name of no file holds {' or '.join(alien)}.",
                code="version-invalid",
            )
        return version

    @cached_property
    def key(self) -> str:
        """Equal for all spellings of one version, and for no two versions."""
        return version_key(self.text)

    def __str__(self) -> str:
        return self.text


class FileKind(StrEnum):
    """What a release file is, in the words of the upload form's ``filetype``."""

    WHEEL = "bdist_wheel"
    SDIST = "sdist"


@dataclass(frozen=True)
class ParsedFilename:
    """What a release file's name says about it; ``project`` is in PEP 503 form."""

    filename: str
    kind: FileKind
    project: str
    version: ReleaseVersion
    tags: tuple[str, ...] = ()
    build: str = ""


def require_plain_filename(filename: str) -> str:
    """``filename`` itself when it is one path segment of printable ASCII, else ``Invalid``."""
    if not filename or len(filename) > _MAX_FILENAME or not filename.isascii() or not filename.isprintable():
        raise Invalid(
            f"The file name {filename[:80]!r} must be 1 to {_MAX_FILENAME} printable ASCII characters.",
            code="filename-invalid",
        )
    if filename.startswith(".") or _IN_NO_FILENAME.intersection(filename):
        raise Invalid(
            f"The file name {filename!r} holds a character that a file name may not hold.",
            code="filename-invalid",
        )
    return filename


def parse_filename(filename: str) -> ParsedFilename:
    """A wheel's or a modern sdist's name (PEP 427, PEP 625), or ``Invalid`` with the reason."""
    require_plain_filename(filename)
    if filename.endswith(".whl"):
        try:
            name, version, build, tags = parse_wheel_filename(filename)
        except InvalidWheelFilename as error:
            raise Invalid(f"{filename!r} is not a wheel's name: {error}", code="filename-invalid") from error
        return ParsedFilename(
            filename,
            FileKind.WHEEL,
            _project_of(name, filename),
            ReleaseVersion.parse(str(version)),
            tuple(sorted(str(tag) for tag in tags)),
            "".join(str(part) for part in build),
        )
    if filename.endswith((".tar.gz", ".zip")):
        try:
            name, version = parse_sdist_filename(filename)
        except InvalidSdistFilename as error:
            raise Invalid(f"{filename!r} is not an sdist's name: {error}", code="filename-invalid") from error
        return ParsedFilename(
            filename, FileKind.SDIST, _project_of(name, filename), ReleaseVersion.parse(str(version))
        )
    raise Invalid(
        f"{filename!r} is neither a wheel (.whl) nor an sdist (.tar.gz): only these can be hosted.",
        code="filename-invalid",
    )


@lru_cache(4096)
def file_key(filename: str) -> str:
    """What installers take for one file, however its name is spelled; equal keys are one file (T-38).

    A wheel is its version, build number and tags; an sdist its version and the kind of archive. The project is not in it.
    """
    try:
        file = parse_filename(filename)
    except Invalid:
        return filename.lower()
    if file.kind is FileKind.SDIST:
        return f"{file.version.key}.{filename.rpartition('.')[2]}"
    return "-".join((file.version.key, file.build, *sorted(tag.lower() for tag in file.tags)))


def _project_of(name: str, filename: str) -> str:
    # packaging lets names pass that no project can have: `_a`, `a~b`.
    if not _NAME.fullmatch(name):
        raise Invalid(f"{filename!r} begins with no project's name.", code="filename-invalid")
    return name


@lru_cache(4096)
def version_order(text: str) -> tuple[bool, Version, str]:
    """A sort key: the order of PEP 440, after everything that is no such version."""
    try:
        return True, Version(text), text
    except InvalidVersion:
        return False, _NO_VERSION, text


def is_final(text: str) -> bool:
    """True for a version that installers take when nobody asks for another: no pre-release, and no old text."""
    is_pep440, version, _ = version_order(text)
    return is_pep440 and not version.is_prerelease


def same_version(one: str, other: str) -> bool:
    """True when both texts name one version."""
    return version_key(one) == version_key(other)


def version_key(text: str) -> str:
    """The key of the version that ``text`` spells (``ReleaseVersion.key``).

    What is longer than any version is no other spelling of one: taking it apart would cost the more, the longer it is.
    """
    return canonicalize_version(text).lower() if len(text) <= _MAX_VERSION else text.lower()
