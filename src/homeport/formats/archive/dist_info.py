"""The small files of a wheel's ``.dist-info`` folder: WHEEL, RECORD and entry_points.txt, read."""

import base64
import binascii
import csv
import re
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from io import StringIO

from packaging.tags import parse_tag

from homeport.formats.archive.entries import ArchiveError
from homeport.formats.archive.identity import FileIdentity
from homeport.formats.archive.installed import is_python
from homeport.formats.archive.report import Report

# PEP 427: "sha256 or better"; these are what Python guarantees to have.
STRONG_HASHES = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b"})
_SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts"})
_SCRIPT_NAME = re.compile(r"[\w.-]+")
# The entry points specification's object reference, with a function; extras behind it are deprecated and read.
_SCRIPT_TARGET = re.compile(r"\w+(?:\.\w+)*\s*:\s*\w+(?:\.\w+)*\s*(?:\[[\w\s,.-]*\])?")
_WHEEL_VERSION = re.compile(r"([0-9]{1,4})\.[0-9]{1,4}")
_RECORD_COLUMNS = 3
_MAX_TAG_DOTS = 60


@dataclass(frozen=True, slots=True)
class RecordLine:
    """What RECORD says of one member; ``digest`` is empty when it says nothing."""

    algorithm: str
    digest: bytes
    size_bytes: int | None


def read_record(data: bytes, report: Report) -> dict[str, RecordLine]:
    """RECORD's lines by path; lines that mean nothing are told and left out."""
    lines: dict[str, RecordLine] = {}
    for row in _rows(data):
        if len(row) != _RECORD_COLUMNS:
            report.add(
                "record-damaged", f"A line of RECORD has {len(row)} columns; path, hash and size are wanted."
            )
            continue
        path, claim, size = row
        if path in lines:
            report.add("record-duplicate", f"RECORD lists {path[:120]!r} twice.")
        if size and not (size.isascii() and size.isdigit() and len(size) <= 20):  # noqa: PLR2004 - 2**64 has 20 digits
            report.add("record-damaged", f"RECORD gives {path[:120]!r} the size {size[:40]!r}.")
            continue
        algorithm, _, text = claim.partition("=")
        digest = _digest(text)
        if claim and not digest:
            report.add("record-damaged", f"RECORD gives {path[:120]!r} the hash {claim[:80]!r}.")
        lines[path] = RecordLine(algorithm, digest, int(size) if size else None)
    return lines


def judge_wheel_file(data: bytes, identity: FileIdentity, report: Report) -> None:
    """WHEEL's version must be 1, its tags and build number those of the file's name, when it has a name."""
    try:
        fields = [line.partition(":") for line in data.decode("utf-8").splitlines()]
    except UnicodeDecodeError:
        report.add("wheel-file-damaged", "The WHEEL file is not UTF-8.")
        return
    given = [(name.strip().lower(), value.strip()) for name, _, value in fields]
    versions = [value for name, value in given if name == "wheel-version"]
    version = _WHEEL_VERSION.fullmatch(versions[0]) if len(versions) == 1 else None
    if not version:
        report.add("wheel-version", "The WHEEL file does not give one Wheel-Version.")
    elif int(version[1]) != 1:
        report.add(
            "wheel-version", f"Wheel-Version {version[0]} is one that installers do not know; 1.0 is wanted."
        )
    claimed = {str(tag) for name, value in given if name == "tag" for tag in _expanded(value)}
    if identity.tags and claimed != identity.tags:
        report.add(
            "wheel-tags-differ",
            f"The WHEEL file is tagged {_listed(claimed)}, the file's name says {_listed(identity.tags)}.",
        )
    builds = [value for name, value in given if name == "build"]
    if identity.tags and builds != [identity.build][: len(identity.build)]:
        told = ", ".join(builds)[:40] or "none"
        report.add(
            "wheel-build-differs",
            f"The WHEEL file has the build number {told!r}, the file's name {identity.build or 'none'!r}.",
        )


def judge_entry_points(data: bytes, report: Report) -> None:
    """entry_points.txt must be readable by every installer; scripts have plain names and call a function."""
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=True, default_section="")
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    try:
        parser.read_string(data.decode("utf-8"))
    except (UnicodeDecodeError, ConfigError) as error:
        report.add(
            "entry-points",
            f"entry_points.txt cannot be read: {type(error).__name__}. Groups in brackets and name = value are wanted.",
        )
        return
    for group in sorted(_SCRIPT_GROUPS.intersection(parser.sections())):
        for name, target in parser.items(group):
            if not _SCRIPT_NAME.fullmatch(name) or name in {".", ".."}:
                report.add("entry-points", f"The script {name[:80]!r} must be a plain name without a path.")
            elif is_python(name):
                report.add(
                    "script-shadows-python", f"The script {name!r} would be installed over the interpreter."
                )
            if not _SCRIPT_TARGET.fullmatch(target):
                report.add(
                    "entry-points",
                    f"The script {name[:80]!r} calls {target[:80]!r}, which is no 'module:function'.",
                )


def _rows(data: bytes) -> Iterator[list[str]]:
    try:
        yield from filter(None, csv.reader(StringIO(data.decode("utf-8"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise ArchiveError("record-damaged", "RECORD is not UTF-8.") from error
    except csv.Error as error:
        raise ArchiveError(
            "record-damaged", f"RECORD is not a list of comma-separated values ({error})."
        ) from error


def _digest(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _expanded(tag: str) -> Iterator[str]:
    if tag.count(".") > _MAX_TAG_DOTS:
        yield tag  # its product would be a bomb of its own
        return
    try:
        yield from map(str, parse_tag(tag))
    except ValueError:
        yield tag


def _listed(tags: "frozenset[str] | set[str]") -> str:
    shown = sorted(tags)[:5]
    return ", ".join(shown) + (", …" if len(tags) > len(shown) else "") if tags else "with nothing"
