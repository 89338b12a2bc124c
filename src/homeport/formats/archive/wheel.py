"""A wheel, judged by its own record (PEP 427; standards B.10).

1. One ``.dist-info`` folder, named as the file is; METADATA, WHEEL and RECORD in it.
2. RECORD lists every member but itself with a SHA-256 or better and a size, both equal to the bytes, and nothing
   else. So a wheel whose bytes were changed after it was built is found out.
3. Only the few files above are held in memory, each within its bound; all other bytes pass by.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from homeport.domain.inspection import Expectation
from homeport.domain.metadata import CoreMetadata
from homeport.formats.archive.dist_info import (
    STRONG_HASHES,
    RecordLine,
    judge_entry_points,
    judge_wheel_file,
    read_record,
)
from homeport.formats.archive.entries import EntryKind
from homeport.formats.archive.identity import FileIdentity, read_identity_file
from homeport.formats.archive.installed import judge_installation
from homeport.formats.archive.nested import NestedArchives
from homeport.formats.archive.paths import Tree
from homeport.formats.archive.report import Report
from homeport.formats.archive.second_opinion import Witness
from homeport.formats.archive.zip_reader import ZipMember, stream_zip, walk_zip
from homeport.formats.core_metadata import MAX_METADATA_BYTES

_MAX_BYTES = {
    "METADATA": MAX_METADATA_BYTES,
    "RECORD": 16 * 1024 * 1024,
    "WHEEL": 64 * 1024,
    "entry_points.txt": 1024 * 1024,
}
_REQUIRED = ("METADATA", "WHEEL", "RECORD")
# RECORD cannot hold its own hash; the two signatures sign RECORD (PEP 427, deprecated by PEP 815).
_UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")


def inspect_wheel(
    file: BinaryIO, identity: FileIdentity, expectation: Expectation, witness: Witness, report: Report
) -> tuple[CoreMetadata | None, bytes | None]:
    """What one look at a wheel finds: its metadata and METADATA, both ``None`` where they cannot be had."""
    members = walk_zip(file, report)
    tree = Tree(report)
    for member in members:
        tree.add(member.entry)
    files = {member.entry.path: member for member in members if member.entry.kind is EntryKind.FILE}
    judge_installation(files, identity, report)
    folder = _dist_info_folder(files, identity, report)
    held = {
        name: data
        for name in _MAX_BYTES
        if (data := _held(file, files.get(f"{folder}/{name}"), name, report)) is not None
    }
    for name in _REQUIRED if folder else ():
        if f"{folder}/{name}" not in files:
            report.add(f"{name.lower()}-missing", f"The wheel has no {folder}/{name}.")
    lines = read_record(held["RECORD"], report) if "RECORD" in held else None
    _judge_contents(file, members, lines, folder, witness, report)
    if "WHEEL" in held:
        judge_wheel_file(held["WHEEL"], identity, report)
    if "entry_points.txt" in held:
        judge_entry_points(held["entry_points.txt"], report)
    if "METADATA" not in held:
        return None, None
    reading = read_identity_file(held["METADATA"], identity, expectation, report)
    for path in reading.license_files:
        if f"{folder}/licenses/{path}" not in files:
            report.add(
                "license-file-missing", f"METADATA names the License-File {path[:120]!r}, which is not there."
            )
    return reading.metadata, held["METADATA"]


def _dist_info_folder(files: Mapping[str, ZipMember], identity: FileIdentity, report: Report) -> str:
    """The one ``.dist-info`` folder, or nothing when there is not exactly one."""
    folders = sorted({path.split("/")[0] for path in files if "/" in path})
    found = [folder for folder in folders if folder.lower().endswith(".dist-info")]
    if len(found) != 1:
        report.add(
            "dist-info-folders", f"A wheel has one .dist-info folder at its top; this one has {len(found)}."
        )
        return ""
    name, _, version = found[0].removesuffix(".dist-info").rpartition("-")
    if not found[0].endswith(".dist-info") or not identity.agrees(name, version):
        report.add(
            "dist-info-name", f"{found[0]!r} does not name the release that {identity.filename!r} names."
        )
    return found[0]


def _held(file: BinaryIO, member: ZipMember | None, name: str, report: Report) -> bytes | None:
    if member is None:
        return None
    limit = _MAX_BYTES[name]
    if member.entry.size_bytes > limit:
        code = f"{name.lower().removesuffix('.txt').replace('_', '-')}-too-large"
        report.add(code, f"{name} has {member.entry.size_bytes} bytes; at most {limit} are read.")
        return None
    return b"".join(stream_zip(file, member))


def _judge_contents(
    file: BinaryIO,
    members: tuple[ZipMember, ...],
    lines: Mapping[str, RecordLine] | None,
    folder: str,
    witness: Witness,
    report: Report,
) -> None:
    """Verify every member's bytes, and compare them with their lines in RECORD when there is one (rule 2)."""
    nested = NestedArchives()
    unrecorded = {f"{folder}/{name}" for name in _UNRECORDED}
    for member in members:
        path = member.entry.path
        line = lines.get(path) if lines is not None else None
        algorithm = line.algorithm if line and line.algorithm in STRONG_HASHES else "sha256"
        digest = hashlib.new(algorithm)
        for chunk in nested.watch(witness.watch(member.entry, stream_zip(file, member))):
            digest.update(chunk)
        if lines is None or path in unrecorded or member.entry.kind is EntryKind.FOLDER:
            continue
        for code, message in _record_problems(line, member, digest.digest()):
            report.add(code, message)
    if nested.is_bomb():
        report.add("nested-bomb", "Archives inside the wheel unpack to far more than they hold.")
    present = {member.entry.path for member in members}
    for path in (lines or {}).keys() - present - unrecorded:
        if path.removesuffix("/") not in present:
            report.add("record-lists-missing", f"RECORD lists {path[:120]!r}, which is not in the wheel.")


def _record_problems(line: RecordLine | None, member: ZipMember, digest: bytes) -> Iterator[tuple[str, str]]:
    shown = repr(member.entry.path[:120])
    if line is None:
        yield (
            "record-unlisted-file",
            f"{shown} is in the wheel and not in RECORD: it was added after the build.",
        )
    elif not line.algorithm:
        yield "record-hash-missing", f"RECORD lists {shown} without a hash."
    elif line.algorithm not in STRONG_HASHES:
        yield (
            "record-weak-hash",
            f"RECORD gives {shown} a {line.algorithm[:40]!r} hash; sha256 or better is wanted.",
        )
    elif line.digest == base64.b64decode(digest.hex()):
        yield "record-hash-hex", f"RECORD gives {shown} its hash in hexadecimal."
    elif line.digest != digest:
        yield (
            "record-mismatch",
            f"RECORD lists {shown} with another {line.algorithm} than its bytes have: it was changed after the build.",
        )
    if line is None or line.size_bytes == member.entry.size_bytes:
        return
    if line.size_bytes is None:
        yield "record-size-missing", f"RECORD lists {shown} without a size."
    else:
        yield (
            "record-mismatch",
            f"RECORD gives {shown} {line.size_bytes} bytes, it has {member.entry.size_bytes}.",
        )
