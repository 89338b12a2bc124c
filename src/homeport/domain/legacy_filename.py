"""What a file's name may say, read as easy_install read it (setuptools 58.0.0; standards D.5.15-17, D.5.19).

1. ``.egg.zip`` is an egg. An egg's name and a wheel's name have one reading.
2. A Windows installer is named ``.win32.exe``, ``.win32-pyX.Y.exe``, or the same with ``win-amd64``.
3. A name ending in ``.tar.gz .tar.bz2 .tar .zip .tgz`` (there is no ``.tar.xz``) is split at *every* hyphen:
   each split is a reading, so ``foo-bar-2.6`` is also version ``bar-2.6`` of ``foo``.
4. A part from the third on that is ``pyX.Y`` makes it a dumb binary: no reading at all.
5. A name longer than a file name can be, or of more than 32 parts, has no reading: easy_install knew no
   bound, and each part costs a reading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

SDIST_EXTENSIONS = (".tar.gz", ".tar.bz2", ".tar", ".zip", ".tgz")
MAX_FILENAME = 255
MAX_PARTS = 32

_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")
_EGG = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)")
_PYTHON_PART = re.compile(r"py\d\.\d$")
# The words distutils' get_platform() begins with: `bdist_dumb` writes them between version and extension.
_PLATFORM = re.compile(
    r"\.(?:linux|macosx|darwin|win32|win-(?:amd64|ia64|arm32|arm64)|cygwin|mingw|solaris|sunos|irix|irix64"
    r"|aix|osf1|hp-ux|freebsd|openbsd|netbsd|dragonfly)(?:-|$)"
)
# PEP 427 without and with a build number: name, version, (build,) python, abi, platform.
_WHEEL_PARTS = (5, 6)


class LinkKind(StrEnum):
    """What a link leads to, in the words of the upload form's ``filetype`` where it has one."""

    SDIST = "sdist"
    WHEEL = "bdist_wheel"
    EGG = "bdist_egg"
    WININST = "bdist_wininst"
    DUMB = "bdist_dumb"
    DEVELOP = "develop"  # named by `#egg=` only: a checkout, or a bare module


@dataclass(frozen=True, slots=True)
class Reading:
    """One project and version that a name may stand for, both as they were written; either may be empty."""

    kind: LinkKind
    name: str
    version: str

    @property
    def key(self) -> str:
        """What easy_install compared projects by: dots stay, ``_`` becomes ``-``; this is not PEP 503."""
        return safe_name(self.name).lower()


def safe_name(name: str) -> str:
    """``pkg_resources.safe_name``: each run of anything but ASCII letters, digits and dots becomes one ``-``."""
    return _UNSAFE.sub("-", name)


def readings_of(filename: str) -> tuple[Reading, ...]:
    """Everything ``filename`` may stand for; nothing when it is no distribution."""
    if not _is_bounded(filename):
        return ()
    if filename.endswith(".egg.zip"):
        filename = filename.removesuffix(".zip")
    if filename.endswith(".egg") and "-" in filename:
        return tuple(_read_egg(filename.removesuffix(".egg")))
    if filename.endswith(".whl") and "-" in filename:
        return tuple(_read_wheel(filename.removesuffix(".whl")))
    if filename.endswith(".exe"):
        return _read_wininst(filename)
    for extension in SDIST_EXTENSIONS:
        if filename.endswith(extension):
            return split_everywhere(filename.removesuffix(extension), LinkKind.SDIST)
    return ()


def split_everywhere(stem: str, kind: LinkKind, *, has_python: bool = False) -> tuple[Reading, ...]:
    """Rules 3 and 4; ``has_python`` says that the Python version was read from the end of the name before."""
    if not _is_bounded(stem):
        return ()
    parts = stem.split("-")
    if not has_python and any(_PYTHON_PART.match(part) for part in parts[2:]):
        return ()
    splits = (("-".join(parts[:at]), "-".join(parts[at:])) for at in range(1, len(parts) + 1))
    return tuple(Reading(_unless_dumb(kind, version), name, version) for name, version in splits)


def _is_bounded(name: str) -> bool:
    return len(name) <= MAX_FILENAME and name.count("-") < MAX_PARTS


def _unless_dumb(kind: LinkKind, version: str) -> LinkKind:
    return LinkKind.DUMB if kind is LinkKind.SDIST and _PLATFORM.search(version) else kind


def _read_egg(stem: str) -> Iterator[Reading]:
    if match := _EGG.match(stem):
        yield Reading(LinkKind.EGG, match["name"], match["version"])


def _read_wheel(stem: str) -> Iterator[Reading]:
    parts = stem.split("-")
    # setuptools took the first part that begins with a digit, and has three tags behind it, for the version.
    for at in range(1, len(parts) - 3):
        if parts[at][:1].isdecimal():
            yield Reading(LinkKind.WHEEL, "-".join(parts[:at]), parts[at])
            return
    if len(parts) in _WHEEL_PARTS:
        yield Reading(LinkKind.WHEEL, parts[0], parts[1])


def _read_wininst(filename: str) -> tuple[Reading, ...]:
    lowered = filename.lower()
    for platform in ("win32", "win-amd64"):
        plain, for_python = f".{platform}.exe", f".{platform}-pyX.Y.exe"
        if lowered.endswith(plain):
            return split_everywhere(filename[: -len(plain)], LinkKind.WININST)
        if lowered.startswith(f".{platform}-py", -len(for_python)):
            return split_everywhere(filename[: -len(for_python)], LinkKind.WININST, has_python=True)
    return ()
