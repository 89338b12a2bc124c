"""Wheels that contradict themselves: RECORD, WHEEL, METADATA, entry points, names."""

import base64
from collections.abc import Callable
from dataclasses import replace

from tests.support.archives import (
    ZipPart,
    make_sdist,
    make_wheel,
    make_zip,
    metadata_bytes,
    record_line,
    wheel_parts,
)
from tests.support.hostile.case import Hostile, in_wheel

INFO = "demo-1.0.dist-info"
DIGEST = record_line("demo/__init__.py", b"version = '1.0'\n")
WHEEL_FILE = b"Wheel-Version: 1.0\nTag: py3-none-any\n"


def with_files(**files: bytes) -> bytes:
    """A good wheel with more files; ``__`` stands for ``/`` and ``INFO`` for the dist-info folder."""
    return make_wheel(
        files={name.replace("__", "/").replace("INFO", INFO): data for name, data in files.items()}
    )


def with_path(path: str) -> bytes:
    """A good wheel that holds and records one more file."""
    return make_wheel(files={path: b"x"})


def with_record(change: Callable[[str], str]) -> bytes:
    """A good wheel whose RECORD is changed after the build."""
    *parts, record = wheel_parts()
    return make_zip([*parts, replace(record, data=change(record.data.decode()).encode())])


def without(name: str) -> bytes:
    """A good wheel without one of its dist-info files, and RECORD that never heard of it."""
    parts = [part for part in wheel_parts() if part.name != f"{INFO}/{name}"]
    lines = "".join(record_line(str(part.name), part.data) for part in parts if part.name != f"{INFO}/RECORD")
    return make_zip(
        replace(part, data=lines.encode()) if part.name == f"{INFO}/RECORD" else part for part in parts
    )


def metadata(**changes: str) -> bytes:
    """A wheel with METADATA written from ``name``, ``version`` and ``text``."""
    text = metadata_bytes(changes.get("name", "demo"), changes.get("version", "1.0")).decode()
    return make_wheel(metadata=(text + changes.get("text", "")).encode("latin-1"))


def renamed(prefix: str) -> bytes:
    """A wheel whose dist-info folder is called otherwise, consistently."""
    return make_zip(
        replace(
            part,
            name=str(part.name).replace("demo-1.0", prefix),
            data=part.data.replace(b"demo-1.0", prefix.encode()),
        )
        for part in wheel_parts()
    )


def hexadecimal() -> str:
    """RECORD's line of the first file, with the right hash wrongly written."""
    path, claim, size = DIGEST.split(",")
    digest = base64.urlsafe_b64decode(claim.removeprefix("sha256=") + "=").hex()
    return f"{path},sha256={digest},{size}"


# fmt: off
WHEELS = (
    in_wheel("W03 V43", "changed after build", "record-mismatch", "other bytes",
        lambda: with_record(lambda r: r.replace(DIGEST[26:36], "A" * 10))),
    in_wheel("W03 V43", "size changed", "record-mismatch", "other bytes",
        lambda: with_record(lambda r: r.replace(",16\n", ",17\n"))),
    in_wheel("W01 V43", "file added after build", "record-unlisted-file", "nobody vouches for it",
        lambda: make_zip([*wheel_parts(), ZipPart("demo/evil.py", b"x")])),
    in_wheel("W02 V43", "file removed", "record-lists-missing", "incomplete",
        lambda: with_record(lambda r: r + "demo/gone.py,sha256=AAAA,1\n")),
    in_wheel("W02 V43", "folder listed", "record-lists-missing", "incomplete",
        lambda: with_record(lambda r: r + "demo/gone/,,\n")),
    in_wheel("W04", "md5", "record-weak-hash", "can be forged",
        lambda: with_record(lambda r: r.replace("sha256=", "md5=", 1))),
    in_wheel("W05", "no hash", "record-hash-missing", "nobody vouches for it",
        lambda: with_record(lambda r: r.replace(DIGEST, "demo/__init__.py,,16\n"))),
    in_wheel("W06", "listed twice", "record-duplicate", "which line counts?",
        lambda: with_record(lambda r: r + DIGEST)),
    in_wheel("W06", "two columns", "record-damaged", "means nothing",
        lambda: with_record(lambda r: r + "demo/x.py,\n")),
    in_wheel("W06", "size is a word", "record-damaged", "means nothing",
        lambda: with_record(lambda r: r + "demo/x.py,sha256=AA,many\n")),
    in_wheel("W06", "hash is not base64", "record-damaged", "nothing",
        lambda: with_record(lambda r: r.replace("sha256=", "sha256=!", 1))),
    in_wheel("W06", "open quote", "record-damaged", "not a table",
        lambda: with_record(lambda r: r + '"demo/x.py,,')),
    in_wheel("W06", "not utf-8", "record-damaged", "not text",
        lambda: make_zip(wheel_parts(record=b"\xff,,\n"))),
    in_wheel("W19 V42", "no RECORD", "record-missing", "nothing can be compared", lambda: without("RECORD")),
    in_wheel("W12 V42", "no METADATA", "metadata-missing", "not a release", lambda: without("METADATA")),
    in_wheel("W18 V42", "no WHEEL", "wheel-missing", "installers do not know what to do",
        lambda: without("WHEEL")),
    in_wheel("V42", "no dist-info", "dist-info-folders", "not a wheel",
        lambda: make_zip([ZipPart("demo/__init__.py", b"")])),
    in_wheel("W07", "two dist-info", "dist-info-folders", "two projects",
        lambda: with_path("other-2.0.dist-info/METADATA")),
    in_wheel("W07", "two dist-info by case", "dist-info-folders", "two projects",
        lambda: with_path("Other-2.0.DIST-INFO/METADATA")),
    in_wheel("W07", "dist-info by the back door", "dist-info-folders", "two projects after installation",
        lambda: with_path("demo-1.0.data/purelib/other-2.0.dist-info/METADATA")),
    in_wheel("W21", "dist-info of another", "dist-info-name", "another project",
        lambda: renamed("other-1.0")),
    in_wheel("W21", "dist-info of another version", "dist-info-name", "another version",
        lambda: renamed("demo-2.0")),
    in_wheel("W13", "data of another", "data-folder", "installed as a file",
        lambda: with_path("other-1.0.data/scripts/x")),
    in_wheel("W13", "data of unknown kind", "data-folder", "installers differ",
        lambda: with_path("demo-1.0.data/root/x")),
    in_wheel("W13 V41", "data climbs", "path-escapes", "written outside",
        lambda: with_path("demo-1.0.data/scripts/../../../bin/x")),
    in_wheel("W08", "metadata of another", "metadata-mismatch", "another project",
        lambda: metadata(name="other")),
    in_wheel("W09", "metadata of another version", "metadata-mismatch", "another version",
        lambda: metadata(version="2.0")),
    in_wheel("W10", "two names", "metadata-ambiguous", "readers take first or last",
        lambda: metadata(text="Name: evil\n")),
    in_wheel("W10", "two versions", "metadata-ambiguous", "readers take first or last",
        lambda: metadata(text="Version: 2.0\n")),
    in_wheel("W11", "20 MiB of metadata", "metadata-too-large", "sent to every resolver",
        lambda: metadata(text=f"\n{'x' * (20 << 20)}")),
    in_wheel("W25", "metadata not utf-8", "metadata-not-utf8", "readers guess",
        lambda: metadata(text="Summary: ÿ\n")),
    in_wheel("W26", "metadata with NUL", "metadata-nul", "readers stop there",
        lambda: metadata(text="Summary: a\x00b\n")),
    in_wheel("W26", "metadata with CR", "metadata-bare-cr", "a second Name for some",
        lambda: metadata(text="Summary: a\rName: evil\n")),
    in_wheel("W25", "metadata 3.0", "metadata-version-unknown", "not ours",
        lambda: make_wheel(metadata=metadata_bytes("demo", "1.0", metadata_version="3.0"))),
    in_wheel("W10", "metadata of nobody", "metadata-incomplete", "no version",
        lambda: make_wheel(metadata=b"Metadata-Version: 2.1\nName: demo\n")),
    in_wheel("W25", "bad dependency", "metadata-dependency", "installers stop",
        lambda: metadata(text="Requires-Dist: other (>dev)\n")),
    in_wheel("W17 V45", "wheel version 2", "wheel-version", "unknown",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 2.0\nTag: py3-none-any\n"))),
    in_wheel("W17", "no wheel version", "wheel-version", "unknown",
        lambda: make_zip(wheel_parts(wheel=b"Tag: py3-none-any\n"))),
    in_wheel("W17", "two wheel versions", "wheel-version", "which?",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\n" * 2))),
    in_wheel("W16", "other tags", "wheel-tags-differ", "for another platform",
        lambda: make_wheel(tag="cp311-cp311-linux_x86_64")),
    in_wheel("W16", "no tags", "wheel-tags-differ", "for which platform?",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\n"))),
    in_wheel("W16", "broken tag", "wheel-tags-differ", "no tag",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\nTag: py3\n"))),
    in_wheel("W16", "tag bomb", "wheel-tags-differ", "explodes",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\nTag: " + b"a." * 9999 + b"-b-c\n"))),
    in_wheel("W18", "WHEEL not utf-8", "wheel-file-damaged", "not text",
        lambda: make_zip(wheel_parts(wheel=b"\xff"))),
    in_wheel("W14 V46", "script with a path", "entry-points", "written outside of bin",
        lambda: with_files(INFO__entry_points_txt=b"") and make_wheel(files={f"{INFO}/entry_points.txt": b"[console_scripts]\n../../bin/sh = demo:main\n"})),
    in_wheel("W14 V46", "script called ..", "entry-points", "no name",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[gui_scripts]\n.. = demo:main\n"})),
    in_wheel("W15 V46", "entry points twice", "entry-points", "which?",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[a]\nx = y\nx = z\n"})),
    in_wheel("W15 V46", "entry points not utf-8", "entry-points", "not text",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[a\xff]\n"})),
    in_wheel("W04", "sha1", "record-weak-hash", "can be forged",
        lambda: with_record(lambda r: r.replace("sha256=", "sha1=", 1))),
    in_wheel("W04", "sha224", "record-weak-hash", "weaker than sha256",
        lambda: with_record(lambda r: r.replace("sha256=", "sha224=", 1))),
    in_wheel("W04", "hash of unknown kind", "record-weak-hash", "nobody can check it",
        lambda: with_record(lambda r: r.replace("sha256=", "crc32=", 1))),
    in_wheel("W03 V43", "half a hash", "record-mismatch", "a prefix is not the hash",
        lambda: with_record(lambda r: r.replace(DIGEST[24:67], DIGEST[24:46]))),
    in_wheel("W04", "hash in hexadecimal", "record-hash-hex", "installers that verify cannot read it",
        lambda: with_record(lambda r: r.replace(DIGEST, hexadecimal()))),
    in_wheel("W02 V43", "RECORD climbs", "record-lists-missing", "uninstalling would remove it",
        lambda: with_record(lambda r: r + "../../../etc/passwd,,\n")),
    in_wheel("W02 V43", "RECORD is absolute", "record-lists-missing", "uninstalling would remove it",
        lambda: with_record(lambda r: r + "/etc/passwd,,\n")),
    in_wheel("W06", "RECORD of backslashes", "record-lists-missing", "no member is called so",
        lambda: with_record(lambda r: r.replace("demo/__init__.py", "demo\\__init__.py"))),
    in_wheel("W06", "RECORD too large", "record-too-large", "read into memory by every installer",
        lambda: make_zip(wheel_parts(record=b"x" * (17 << 20)))),
    in_wheel("W06", "RECORD empty", "record-unlisted-file", "nobody vouches for anything",
        lambda: make_zip(wheel_parts(record=b""))),
    in_wheel("W06", "RECORD of one endless line", "record-damaged", "exhausts a reader",
        lambda: make_zip(wheel_parts(record=b'"' + b"x" * 200_000 + b'",,\n'))),
    in_wheel("W07", "dist-info of another beside", "dist-info-folders", "two projects",
        lambda: with_path("other-1.0.dist-info/RECORD")),
    in_wheel("W12 V42", "metadata in lower case", "metadata-missing", "found on Windows and macOS only",
        lambda: make_zip(replace(part, name=str(part.name).replace("METADATA", "metadata"),
                                 data=part.data.replace(b"METADATA", b"metadata")) for part in wheel_parts())),
    in_wheel("W11", "one byte more than 1 MiB of metadata", "metadata-too-large", "sent to every resolver",
        lambda: make_wheel(metadata=metadata_bytes("demo", "1.0", body="x" * (1 << 20)))),
    in_wheel("W13", "data folder in upper case", "data-folder", "installed as a file, or not",
        lambda: with_path("demo-1.0.DATA/root/x")),
    in_wheel("W13", "file installed over another", "data-collision", "the last one written wins",
        lambda: with_path("demo-1.0.data/purelib/demo/__init__.py")),
    in_wheel("W13", "two kinds, one place", "data-collision", "the last one written wins",
        lambda: make_wheel(files={"demo-1.0.data/purelib/a.py": b"a", "demo-1.0.data/platlib/A.py": b"b"})),
    in_wheel("W13", "metadata installed over the wheel's own", "dist-info-folders", "another RECORD after installation",
        lambda: with_path(f"demo-1.0.data/platlib/{INFO}/RECORD")),
    in_wheel("W13", "script takes the interpreter's place", "script-shadows-python", "every later start runs it",
        lambda: with_path("demo-1.0.data/scripts/python3")),
    in_wheel("W13", "data take the interpreter's place", "script-shadows-python", "every later start runs it",
        lambda: with_path("demo-1.0.data/data/bin/python3.12")),
    in_wheel("W13", "data take it on Windows", "script-shadows-python", "every later start runs it",
        lambda: with_path("demo-1.0.data/data/Scripts/pythonw.exe")),
    in_wheel("W18", "WHEEL too large", "wheel-too-large", "read into memory by every installer",
        lambda: make_zip(wheel_parts(wheel=WHEEL_FILE + b"X: y\n" * 20_000))),
    in_wheel("W16", "build number only in the name", "wheel-build-differs", "readers sort by one or the other",
        make_wheel, "demo-1.0-1-py3-none-any.whl"),
    in_wheel("W16", "build number only in WHEEL", "wheel-build-differs", "readers sort by one or the other",
        lambda: make_zip(wheel_parts(wheel=WHEEL_FILE + b"Build: 3\n"))),
    in_wheel("W16", "two build numbers", "wheel-build-differs", "which?",
        lambda: make_zip(wheel_parts(wheel=WHEEL_FILE + b"Build: 1\nBuild: 1\n")), "demo-1.0-1-py3-none-any.whl"),
    in_wheel("W17 V45", "wheel version without a number", "wheel-version", "unknown",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: one\nTag: py3-none-any\n"))),
    in_wheel("W25", "a mail", "metadata-is-mail", "mail readers would decode the rest of it",
        lambda: metadata(text="Content-Type: multipart/mixed; boundary=x\n")),
    in_wheel("W25", "fields without end", "metadata-too-many-fields", "exhausts a reader",
        lambda: metadata(text="Keywords: x\n" * 20_001)),
    in_wheel("W10", "metadata version twice", "metadata-ambiguous", "readers take first or last",
        lambda: metadata(text="Metadata-Version: 2.4\n")),
    in_wheel("W08 V28", "metadata of a look-alike", "metadata-mismatch", "another project",
        lambda: metadata(name="dem0")),
    in_wheel("W20 V12", "file of another project", "project-mismatch", "found on this project's page",
        lambda: make_wheel("other"), "other-1.0-py3-none-any.whl"),
    in_wheel("W20", "file of another version", "version-mismatch", "not the one that was asked for",
        lambda: make_wheel(version="2.0"), "demo-2.0-py3-none-any.whl"),
    in_wheel("W21", "renamed to another version", "dist-info-name", "looks newer than it is",
        make_wheel, "demo-1.1-py3-none-any.whl"),
    *(in_wheel("W14 V46", shown, "entry-points", why,
               lambda text=text: make_wheel(files={f"{INFO}/entry_points.txt": text}))  # type: ignore[misc]
      for shown, text, why in (
        ("script with a backslash", b"[console_scripts]\n..\\x = demo:main\n", "written outside of Scripts"),
        ("script with an escape", b"[console_scripts]\na\x1b[2J = demo:main\n", "speaks to terminals"),
        ("script without a name", b"[console_scripts]\n= demo:main\n", "no name"),
        ("script without a function", b"[console_scripts]\nrun = demo\n", "pip refuses to install it"),
        ("script that is code", b"[console_scripts]\nrun = demo:main();import os\n", "written into a script as it is"),
        ("script over two lines", b"[gui_scripts]\nrun = demo:main\n  import os\n", "written into a script as it is"),
        ("entry points without a group", b"run = demo:main\n", "readers guess"),
      )),
    in_wheel("W15 V46", "entry points too large", "entry-points-too-large", "read by every start of a plugin host",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"# x\n" * 300_000})),
    in_wheel("W14", "script called python", "script-shadows-python", "uv refuses to install it",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[console_scripts]\npython = demo:main\n"})),
    in_wheel("V21", "licence file missing", "license-file-missing", "metadata promise a file that is not there",
        lambda: make_wheel(metadata=metadata_bytes("demo", "1.0", metadata_version="2.4", fields=[("License-File", "X")]))),
    in_wheel("V29", "sdist under a wheel's name", "zip-end", "not a ZIP", make_sdist),
    *(Hostile(threats, f"name {shown}", "filename-invalid", why, make_wheel, filename)
      for threats, shown, filename, why in (
        ("W22 V11", "with a slash", "dir/demo-1.0-py3-none-any.whl", "a path"),
        ("W22 V11", "with a backslash", "..\\demo-1.0-py3-none-any.whl", "a path on Windows"),
        ("W22 V11", "with NUL", "demo-1.0-py3-none-any.whl\0.exe", "readers stop there"),
        ("W22 V11", "with a newline", "demo-1.0-py3-none-any\n.whl", "two lines in a log"),
        ("W22 V11", "with a stream", "demo-1.0-py3-none-any.whl:x.whl", "a hidden stream"),
        ("W22 V11", "with an escape", "demo-1.0-py3-none-any%2f.whl", "a path after decoding"),
        ("W22 V11", "hidden", ".demo-1.0-py3-none-any.whl", "not listed"),
        ("W23", "reordered", "demo\u202e-1.0-py3-none-any.whl", "looks other"),
        ("W23", "look-alike letters", "d\u0435mo-1.0-py3-none-any.whl", "looks the same"),
        ("W24 V09", "of four parts", "demo-1.0-py3-none.whl", "no platform"),
        ("W24 V13", "with a variant", "demo-1.0-1variant-py3-none-any-x.whl", "installers do not know it"),
        ("W24 V09", "with a build of letters", "demo-1.0-one-py3-none-any.whl", "a build begins with a digit"),
        ("W24 V09", "without a version", "demo-py3-none-any.whl", "which release?"),
        ("W24", "too long", f"demo-1.0-py3-none-{'a' * 250}.whl", "cannot be written"),
      )),
    in_wheel("W24 V09", "name not normalized", "filename-not-normalized", "two files for one release",
        make_wheel, "Demo-1.0-py3-none-any.whl"),
)
# fmt: on
