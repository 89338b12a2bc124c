"""Sdists that contradict themselves, or are somebody else's."""

from tests.support.archives import (
    TarPart,
    ZipPart,
    make_gzip,
    make_sdist,
    make_tar,
    make_zip,
    metadata_bytes,
    sdist_parts,
)
from tests.support.hostile.case import Hostile, Verdict, in_sdist


def packed(*parts: TarPart) -> bytes:
    """An sdist of exactly these members."""
    return make_gzip(make_tar(parts))


def with_fields(*fields: tuple[str, str], metadata_version: str = "2.2") -> bytes:
    """An sdist whose PKG-INFO has more fields."""
    return make_sdist(
        metadata=metadata_bytes("demo", "1.0", metadata_version=metadata_version, fields=fields)
    )


# fmt: off
SDISTS = (
    in_sdist("T22 V47", "two folders", "sdist-top-folder", "one is hidden",
        lambda: packed(*sdist_parts(), TarPart("other/x"))),
    in_sdist("T22 V47", "file beside", "sdist-top-folder", "one is hidden",
        lambda: packed(*sdist_parts(), TarPart("setup.py"))),
    in_sdist("T22", "only a file", "sdist-top-folder", "no folder", lambda: packed(TarPart("demo-1.0"))),
    in_sdist("T22", "nothing", "sdist-top-folder", "no folder", packed),
    in_sdist("T23 V47", "no PKG-INFO", "pkg-info-missing", "which release is it?",
        lambda: packed(TarPart("demo-1.0/setup.py"))),
    in_sdist("T25", "PKG-INFO is a link", "pkg-info-not-a-file", "readers that follow links see another file",
        lambda: packed(TarPart("demo-1.0/x", b"x"), TarPart("demo-1.0/PKG-INFO", kind=b"2", link="x"))),
    in_sdist("T24", "PKG-INFO too large", "metadata-too-large", "sent to every resolver",
        lambda: make_sdist(metadata=metadata_bytes("demo", "1.0", body="x" * (1 << 20)))),
    in_sdist("T24", "another project", "metadata-mismatch", "not ours",
        lambda: make_sdist(metadata=metadata_bytes("other", "1.0"))),
    in_sdist("T24", "another version", "metadata-mismatch", "not ours",
        lambda: make_sdist(metadata=metadata_bytes("demo", "1.1"))),
    in_sdist("T24", "folder of another", "sdist-folder-name", "tools look for the folder by name",
        lambda: packed(TarPart("other-1.0/PKG-INFO", metadata_bytes("demo", "1.0")))),
    in_sdist("T22", "folder without a version", "sdist-folder-name", "tools look for the folder by name",
        lambda: packed(TarPart("demo/PKG-INFO", metadata_bytes("demo", "1.0")))),
    in_sdist("T24", "version with a blank", "version-invalid", "no version",
        lambda: make_sdist(metadata=metadata_bytes("demo", "1 0"))),
    in_sdist("T18", "case", "path-collision", "collides on Windows",
        lambda: make_sdist(files={"a.py": b"", "A.py": b""})),
    in_sdist("T03", "device name", "path-not-portable", "a device on Windows",
        lambda: make_sdist(files={"aux.py": b""})),
    in_sdist("T24", "name invalid", "metadata-name-invalid", "no name",
        lambda: make_sdist(metadata=metadata_bytes("-demo-", "1.0"))),
    in_sdist("T23 V47", "PKG-INFO deeper down", "pkg-info-missing", "an egg-info folder's copy is not the sdist's",
        lambda: packed(TarPart("demo-1.0/demo.egg-info/PKG-INFO", metadata_bytes("demo", "1.0")))),
    in_sdist("T23 V47", "pkg-info in lower case", "pkg-info-missing", "found on Windows and macOS only",
        lambda: packed(TarPart("demo-1.0/pkg-info", metadata_bytes("demo", "1.0")))),
    in_sdist("T22 V47", "everything at the top", "sdist-top-folder", "installers enter the one folder there is",
        lambda: packed(TarPart("PKG-INFO", metadata_bytes("demo", "1.0")), TarPart("setup.py"))),
    in_sdist("T22", "top folder with a dot before it", "path-not-plain", "a second spelling",
        lambda: packed(*[TarPart("./" + str(part.name), part.data) for part in sdist_parts()])),
    in_sdist("T24", "two names", "metadata-ambiguous", "readers take the first or the last",
        lambda: make_sdist(metadata=metadata_bytes("demo", "1.0", fields=[("Name", "evil")]))),
    in_sdist("T24", "NUL in PKG-INFO", "metadata-nul", "readers stop there",
        lambda: make_sdist(metadata=metadata_bytes("demo", "1.0", fields=[("Summary", "a\0b")]))),
    in_sdist("T24", "empty PKG-INFO", "metadata-incomplete", "which release is it?", lambda: make_sdist(metadata=b"")),
    in_sdist("V21", "licence file not in the sdist", "license-file-missing", "metadata promise a file that is not there",
        lambda: with_fields(("License-File", "LICENSE"), metadata_version="2.4")),
    in_sdist("T23", "pyproject.toml is no TOML", "pyproject-damaged", "no installer can build it",
        lambda: make_sdist(files={"pyproject.toml": b"[build-system"})),
    in_sdist("T33", "pyproject.toml nested without end", "pyproject-damaged", "exhausts a recursive reader",
        lambda: make_sdist(files={"pyproject.toml": b"a = " + b"[" * 100_000})),
    in_sdist("T40 V12", "file of another project", "project-mismatch", "found on this project's page",
        lambda: make_sdist("other"), "other-1.0.tar.gz"),
    in_sdist("T40 V28", "another project under our name", "project-mismatch", "renamed",
        lambda: make_sdist("other")),
    in_sdist("T40", "another version under our name", "metadata-mismatch", "renamed", lambda: make_sdist(version="2.0")),
    in_sdist("V07", "name not normalized", "filename-not-normalized", "two files for one release",
        make_sdist, "Demo-1.0.tar.gz"),
    in_sdist("V07", "version not normalized", "filename-not-normalized", "two files for one release",
        lambda: make_sdist(version="1.0.0-RC1"), "demo-1.0.0-RC1.tar.gz"),
    in_sdist("V08", "zip", "sdist-format-retired", "retired by PEP 625",
        lambda: make_zip(ZipPart(str(part.name), part.data) for part in sdist_parts()), "demo-1.0.zip"),
    in_sdist("V08", "tgz", "sdist-format-retired", "retired by PEP 527", make_sdist, "demo-1.0.tgz"),
    in_sdist("V08", "tar", "sdist-format-retired", "retired by PEP 527",
        lambda: make_tar(sdist_parts()), "demo-1.0.tar"),
    in_sdist("V05", "egg", "filename-invalid", "retired by PEP 715", lambda: make_zip([]), "demo-1.0-py3.11.egg"),
    in_sdist("V04", "windows installer", "filename-invalid", "retired by PEP 527", lambda: b"MZ", "demo-1.0.win32.exe"),
    in_sdist("V04", "dumb binary", "filename-invalid", "retired by PEP 527",
        make_sdist, "demo-1.0.linux-x86_64.tar.gz"),
    in_sdist("V08", "xz", "filename-invalid", "retired by PEP 527", lambda: b"\xfd7zXZ\0", "demo-1.0.tar.xz"),
    in_sdist("V41", "zip sdist climbs", "path-escapes", "written outside",
        lambda: make_zip([ZipPart("demo-1.0/../../evil", b"")]), "demo-1.0.zip"),
    in_sdist("V36", "zip sdist behind a script", "zip-prefix", "a self-extractor is two files",
        lambda: make_zip([ZipPart(str(part.name), part.data) for part in sdist_parts()], prefix=b"#!/bin/sh\n"),
        "demo-1.0.zip"),
    in_sdist("Z32", "zip sdist with a symlink", "zip-symlink", "leads out",
        lambda: make_zip([*(ZipPart(str(part.name), part.data) for part in sdist_parts()),
                          ZipPart("demo-1.0/l", b"/etc/passwd", attributes=0o120777 << 16)]), "demo-1.0.zip"),
    Hostile("T41", "name with two readings", "filename-ambiguous", "project demo or demo-1-0?",
        lambda: make_sdist(version="1.0-1"), "demo-1.0-1.tar.gz", verdict=Verdict.HOLD, asked_by="alone"),
    Hostile("T06", "link inside the tree", "symlink-inside", "not every system can unpack links",
        lambda: packed(*sdist_parts(), TarPart("demo-1.0/l", kind=b"2", link="demo.py")), "demo-1.0.tar.gz",
        verdict=Verdict.HOLD),
)
# fmt: on
