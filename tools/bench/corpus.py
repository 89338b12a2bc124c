"""The files that every server serves: small wheels that install, and one of 50 MB, the same bytes in every run.

1. One folder for each project, named as the project: the layout that indexes over a folder expect.
2. Nothing in a file depends on the day or the machine, so a folder that is there already is used again.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import parse_wheel_filename

PAGES = (1, 50, 500, 2_000)
PACKAGES = 30
LARGE = "bench-large"
LARGE_BYTES = 50_000_000
METADATA = "bench-metadata"
METADATA_BYTES = 1_024

_LONG_AGO = (2024, 1, 1, 0, 0, 0)
_NEEDED_BY_ONE = 3
_WHEEL = b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_COMPLETE = ".complete"


@dataclass(frozen=True)
class Wheel:
    """A wheel of the corpus, in its folder."""

    path: Path

    @property
    def project(self) -> str:
        """The project's name."""
        return self.path.parent.name

    @property
    def version(self) -> str:
        """The version in its file name."""
        return str(parse_wheel_filename(self.path.name)[1])

    def metadata(self) -> bytes:
        """The METADATA file inside."""
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(f"{self.path.name.partition('-py3')[0]}.dist-info/METADATA")


@dataclass(frozen=True)
class Corpus:
    """Every file there is, below one folder."""

    folder: Path
    projects: int

    def wheels(self) -> Iterator[Wheel]:
        """Every wheel, project by project."""
        for project in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            yield from map(Wheel, sorted(project.iterdir()))

    def names(self) -> list[str]:
        """Every project's name."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir())

    def only(self, project: str) -> Wheel:
        """The wheel of a project that has one."""
        (path,) = (self.folder / project).iterdir()
        return Wheel(path)


def page(files: int) -> str:
    """The project of so many files."""
    return f"bench-{files}"


def package(number: int) -> str:
    """One of the packages that are installed together."""
    return f"bench-package-{number:02}"


def make_corpus(parent: Path, projects: int) -> Corpus:
    """The corpus with so many projects in all, written below ``parent`` unless it is there."""
    corpus = Corpus(parent / f"corpus-{projects}", projects)
    if not (corpus.folder / _COMPLETE).exists():
        for files in PAGES:
            _write(corpus.folder, page(files), *(f"1.{number}" for number in range(files)))
        for number in range(PACKAGES):
            _write(corpus.folder, package(number), "1.0", needs=needed_by(number))
        _write(corpus.folder, METADATA, "1.0", metadata_bytes=METADATA_BYTES)
        _write(corpus.folder, LARGE, "1.0", payload=_noise(LARGE_BYTES))
        for number in range(projects - len(corpus.names())):
            _write(corpus.folder, f"bench-other-{number:06}", "1.0")
        (corpus.folder / _COMPLETE).touch()
    return corpus


def needed_by(number: int) -> tuple[str, ...]:
    """The packages that a package depends on: the next few, so that asking for the first asks for all."""
    return tuple(package(other) for other in range(number + 1, min(number + 1 + _NEEDED_BY_ONE, PACKAGES)))


def wheel(
    project: str,
    version: str,
    *,
    needs: tuple[str, ...] = (),
    payload: bytes = b"",
    metadata_bytes: int = 0,
) -> tuple[str, bytes]:
    """A wheel's file name and its bytes; the METADATA is filled up to ``metadata_bytes``."""
    stem = f"{project.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nRequires-Python: >=3.9\n"
    metadata += "".join(f"Requires-Dist: {name}>=1\n" for name in needs)
    if len(metadata) < metadata_bytes:
        metadata += "\n" + "x" * (metadata_bytes - len(metadata) - 1)
    members = {
        f"{project.replace('-', '_')}.py": payload or f"version = {version!r}\n".encode(),
        f"{stem}.dist-info/METADATA": metadata.encode(),
        f"{stem}.dist-info/WHEEL": _WHEEL,
    }
    record = "".join(
        f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in members.items()
    )
    record_name = f"{stem}.dist-info/RECORD"
    members[record_name] = f"{record}{record_name},,\n".encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content)
    return f"{stem}-py3-none-any.whl", written.getvalue()


def _write(
    folder: Path,
    project: str,
    *versions: str,
    needs: tuple[str, ...] = (),
    payload: bytes = b"",
    metadata_bytes: int = 0,
) -> None:
    (folder / project).mkdir(parents=True, exist_ok=True)
    for version in versions:
        name, content = wheel(project, version, needs=needs, payload=payload, metadata_bytes=metadata_bytes)
        (folder / project / name).write_bytes(content)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _noise(size: int) -> bytes:
    """Bytes that do not compress and are the same in every run."""
    return hashlib.shake_128(b"homeport bench").digest(size)
