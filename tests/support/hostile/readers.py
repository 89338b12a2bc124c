"""Other people's readers of archives: what each of them lists in a file, when it is on this machine."""

import io
import shutil
import subprocess
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

# A path without its final slash, and its size where the reader tells it.
Listing = list[tuple[str, int | None]]


def by_python(data: bytes, filename: str) -> Listing:
    """What ``zipfile`` or ``tarfile`` lists; a link has no size, some would say the length of its target."""
    if filename.endswith((".whl", ".zip")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            return sorted((_composed(info.filename.encode()), info.file_size) for info in archive.infolist())
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as tar:
        return sorted((_composed(info.name.encode()), None if info.issym() else info.size) for info in tar)


def by_unzip(path: Path) -> Listing:
    """What Info-ZIP lists, once it has tested every entry."""
    _run("unzip", "-tqq", path)
    listed = _run("unzip", "-Z1", "-UU", path).splitlines()
    return sorted((_composed(line), None) for line in listed)


def by_bsdtar(path: Path) -> Listing:
    """What libarchive lists, ZIP or tar."""
    listed = _run("bsdtar", "-tf", path).splitlines()
    return sorted((_composed(line), None) for line in listed)


def by_seven_zip(path: Path) -> Listing:
    """What 7-Zip lists of a ZIP, once it has tested every entry."""
    _run("7z", "t", "-bd", path)
    told = _run("7z", "l", "-slt", "-ba", path).decode("utf-8", "replace").split("\n\n")
    blocks = [dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line) for block in told]
    return sorted(
        (_composed(block["Path"].encode()), int(block["Size"])) for block in blocks if "Path" in block
    )


_PROGRAMS: Final[Mapping[str, tuple[str, Callable[[Path], Listing]]]] = {
    "unzip": (".zip .whl", by_unzip),
    "bsdtar": (".zip .whl .tar.gz .tgz .tar.bz2 .tar", by_bsdtar),
    "7z": (".zip .whl .tar", by_seven_zip),
}


def present(filename: str) -> dict[str, Callable[[Path], Listing]]:
    """The programs on this machine that read such a file."""
    return {
        program: read
        for program, (suffixes, read) in _PROGRAMS.items()
        if shutil.which(program) and filename.endswith(tuple(suffixes.split()))
    }


def _composed(path: bytes) -> str:
    # libarchive composes the names of a ZIP; that no two of them are one then is another test's promise.
    return unicodedata.normalize("NFC", path.decode()).rstrip("/")


def _run(*command: str | Path) -> bytes:
    done = subprocess.run(
        command, capture_output=True, check=False, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 0, (command, done.stdout[-400:], done.stderr[-400:])
    return done.stdout
