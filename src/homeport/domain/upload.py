"""What an upload must satisfy: its form, its digests, and its agreement with the file itself.

Checks collect every problem before they refuse. The file's own metadata is the record; the form must agree
on name and version, and where it differs elsewhere the file wins (design §7.1).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from homeport.domain.digests import Digests
from homeport.domain.errors import Invalid, all_problems, together
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import (
    FileKind,
    ParsedFilename,
    ProjectName,
    ReleaseVersion,
    parse_filename,
    same_version,
)

T = TypeVar("T")
Fields = Mapping[str, Sequence[str]]

_HEX = {"md5_digest": 32, "sha256_digest": 64, "blake2_256_digest": 64}
_OVERLONG = re.compile(r"[0-9a-f]{128}")
_ABSENT = {"", "UNKNOWN"}
_GONE = {"bdist_egg", "bdist_wininst", "bdist_dumb", "bdist_rpm", "bdist_msi", "bdist_dmg"}


@dataclass(frozen=True, slots=True)
class Submitted:
    """An upload form that makes sense. ``digests`` are the claimed ones by form field, lower case."""

    name: ProjectName
    version: ReleaseVersion
    file: ParsedFilename
    digests: Mapping[str, str]


def read_upload_form(fields: Fields, filename: str) -> Submitted:
    """The form's claims, or ``Invalid`` with everything that is wrong with them."""
    problems: list[str] = []
    if first(fields, "protocol_version") not in {"", "1"}:
        problems.append(f"protocol_version is {first(fields, 'protocol_version')!r}: only 1 is known.")
    name = _try(problems, ProjectName.parse, first(fields, "name"))
    version = _try(problems, ReleaseVersion.parse, first(fields, "version"))
    file = _try(problems, parse_filename, filename)
    filetype = first(fields, "filetype")
    if filetype in _GONE:
        problems.append(f"filetype {filetype!r} is not hosted any more (PEP 527, PEP 715): build a wheel.")
    elif filetype not in set(FileKind):
        problems.append(f"filetype is {filetype!r}: sdist or bdist_wheel is wanted.")
    elif file is not None and file.kind != filetype:
        problems.append(f"filetype is {filetype!r}, but {filename} is a {file.kind}.")
    if file is not None and name is not None and file.project != name.normalized:
        problems.append(f"{filename} is a file of {file.project}, but the form says {name}.")
    if file is not None and version is not None and not same_version(file.version.text, version.text):
        problems.append(f"{filename} is version {file.version}, but the form says {version}.")
    digests, wrong = _claimed_digests(fields)
    problems += wrong
    # What could not be read is None, and one of the problems.
    if name is None or version is None or file is None or problems:
        raise together("The upload form", problems, code="form-invalid")
    return Submitted(name, version, file, digests)


def first(fields: Fields, key: str) -> str:
    """The field's first value without blanks around it; absent, empty and ``UNKNOWN`` are ``""``."""
    values = fields.get(key) or ("",)
    value = values[0].strip()
    return "" if value in _ABSENT else value


def check_digests(claimed: Mapping[str, str], digests: Digests) -> None:
    """``Invalid`` naming every claimed digest that the bytes do not have."""
    have = {
        "md5_digest": digests.md5,
        "sha256_digest": digests.sha256.hex,
        "blake2_256_digest": digests.blake2b_256,
    }
    all_problems(
        "The digests",
        [
            f"{field} is {value}, but the bytes that arrived have {have[field]}: the upload was damaged, try again."
            for field, value in claimed.items()
            if have[field] != value
        ],
        code="digest-mismatch",
    )


def check_agreement(submitted: Submitted, metadata: CoreMetadata) -> None:
    """``Invalid`` when the file's own metadata names another project or version than the form."""
    problems = []
    if ProjectName.parse(metadata.name).normalized != submitted.name.normalized:
        problems.append(f"The file's metadata says Name: {metadata.name}, the form says {submitted.name}.")
    if not same_version(metadata.version, submitted.version.text):
        problems.append(
            f"The file's metadata says Version: {metadata.version}, the form says {submitted.version}."
        )
    all_problems("The file and the form", problems, code="metadata-disagrees")


def _claimed_digests(fields: Fields) -> tuple[dict[str, str], list[str]]:
    claimed: dict[str, str] = {}
    wrong: list[str] = []
    for field, length in _HEX.items():
        value = first(fields, field).lower()
        # distutils sends 128 digits of another blake2b by mistake: no claim, and no harm (B.1).
        if not value or (field == "blake2_256_digest" and _OVERLONG.fullmatch(value)):
            continue
        if re.fullmatch(f"[0-9a-f]{{{length}}}", value):
            claimed[field] = value
        else:
            wrong.append(f"{field} is {value[:80]!r}: {length} hexadecimal digits are wanted.")
    if not claimed and not wrong:
        wrong.append("No digest of the file was sent: send sha256_digest, blake2_256_digest or md5_digest.")
    return claimed, wrong


def _try(problems: list[str], parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except Invalid as refusal:
        problems.append(refusal.sentence)
        return None
