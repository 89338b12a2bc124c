"""What an upload must satisfy: its form, its digests, and its agreement with the file itself.

1. No problem hides another: each check returns all that it finds, and an upload is refused once, with everything.
2. The file's own metadata is the record; the form must agree on name and version, and where it differs elsewhere
   the file wins (design §7.1).
3. A form that speaks of metadata 1.x is distutils': its sdist has the name that distutils gave it, and the version
   may be of before PEP 440 (design §7.11). Nothing else about it is lax.
4. What is taken and not kept is told to the sender.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from packaging.utils import canonicalize_name

from homeport.domain.digests import Digests
from homeport.domain.errors import Invalid, together
from homeport.domain.legacy_filename import LinkKind, readings_of
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import (
    FileKind,
    ParsedFilename,
    ProjectName,
    ReleaseVersion,
    parse_filename,
    require_plain_filename,
    same_version,
)

T = TypeVar("T")
Fields = Mapping[str, Sequence[str]]

FORM_INVALID = "form-invalid"
DIGEST_MISMATCH = "digest-mismatch"
UPLOAD_POLICY = "upload-policy"
FILE_REJECTED = "file-rejected"
_WHAT_TO_DO = "homeport inspect --upload FILE tells what to do about each."
METADATA_DISAGREES = "metadata-disagrees"

_HEX = {"md5_digest": 32, "sha256_digest": 64, "blake2_256_digest": 64}
_OVERLONG = re.compile(r"[0-9a-f]{128}")
_ABSENT = {"", "UNKNOWN"}
_GONE = {"bdist_egg", "bdist_wininst", "bdist_dumb", "bdist_rpm", "bdist_msi", "bdist_dmg"}
_ONCE = ("name", "version", "filetype", "protocol_version", *_HEX)
_LEGACY_EXTENSIONS = (".tar.gz", ".tgz", ".tar.bz2", ".zip")


@dataclass(frozen=True, slots=True)
class Submitted:
    """An upload form that makes sense. ``digests`` are the claimed ones by form field, lower case."""

    name: ProjectName
    version: ReleaseVersion
    file: ParsedFilename
    digests: Mapping[str, str]
    is_legacy: bool = False


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form as far as it could be read: what could not be is ``None``, and among the ``problems``."""

    name: ProjectName | None
    version: ReleaseVersion | None
    file: ParsedFilename | None
    digests: Mapping[str, str]
    is_legacy: bool
    problems: tuple[str, ...]

    @property
    def submitted(self) -> Submitted | None:
        """What was submitted, when there is no problem."""
        if self.problems or self.name is None or self.version is None or self.file is None:
            return None
        return Submitted(self.name, self.version, self.file, self.digests, self.is_legacy)


def read_upload_form(fields: Fields, filename: str) -> UploadForm:
    """The form's claims, and everything that is wrong with them."""
    problems = [
        f"{field} is given {len(values)} times, with different values: give it once."
        for field in _ONCE
        if len(set(values := fields.get(field, ()))) > 1
    ]
    if first(fields, "protocol_version") not in {"", "1"}:
        problems.append(f"protocol_version is {first(fields, 'protocol_version')[:40]!r}: only 1 is known.")
    filetype = first(fields, "filetype")
    is_legacy = filetype == FileKind.SDIST and first(fields, "metadata_version").startswith("1.")
    name = _try(problems, ProjectName.parse, _exactly(fields, "name"))
    read_version = ReleaseVersion.parse_legacy if is_legacy else ReleaseVersion.parse
    version = _try(problems, read_version, _exactly(fields, "version"))
    file = _legacy_sdist(filename, name, version) if is_legacy else None
    file = file or _try(problems, parse_filename, filename)
    problems += _filetype_problems(filetype, file)
    if file is not None and name is not None and file.project != name.normalized:
        problems.append(f"{filename} is a file of {file.project}, but the form says {name}.")
    if file is not None and version is not None and not same_version(file.version.text, version.text):
        problems.append(f"{filename} is version {file.version}, but the form says {version}.")
    digests, wrong = _claimed_digests(fields)
    return UploadForm(name, version, file, digests, is_legacy, (*problems, *wrong))


def first(fields: Fields, key: str) -> str:
    """The field's first value without blanks around it; absent, empty and ``UNKNOWN`` are ``""``."""
    values = fields.get(key) or ("",)
    value = values[0].strip()
    return "" if value in _ABSENT else value


def _exactly(fields: Fields, key: str) -> str:
    """The field's first value as it was sent: a name with a line end behind it is no name."""
    return fields[key][0] if first(fields, key) else ""


def not_kept(fields: Fields) -> tuple[str, ...]:
    """What a form carries that nothing is done with, told to who sent it."""
    notes = []
    if first(fields, "attestations"):
        notes.append("The attestations were not kept: this index neither verifies nor serves attestations.")
    if "gpg_signature" in fields:
        notes.append("The signature was not kept: signatures are neither checked nor served here.")
    return tuple(notes)


def digest_problems(claimed: Mapping[str, str], digests: Digests) -> list[str]:
    """Every claimed digest that the bytes do not have."""
    have = {
        "md5_digest": digests.md5,
        "sha256_digest": digests.sha256.hex,
        "blake2_256_digest": digests.blake2b_256,
    }
    return [
        f"{field} is {value}, but the bytes that arrived have {have[field]}: the upload was damaged, try again."
        for field, value in claimed.items()
        if have[field] != value
    ]


def disagreements(submitted: Submitted, metadata: CoreMetadata) -> list[str]:
    """Where the file's own metadata name another project or version than the form."""
    problems = []
    if canonicalize_name(metadata.name) != submitted.name.normalized:
        problems.append(f"The file's metadata says Name: {metadata.name}, the form says {submitted.name}.")
    if not same_version(metadata.version, submitted.version.text):
        problems.append(
            f"The file's metadata says Version: {metadata.version}, the form says {submitted.version}."
        )
    return problems


def refused_upload(filename: str, found: Mapping[str, Sequence[str]]) -> Invalid:
    """One refusal with every problem of ``found``, which has them by code; there is one at least, the first is its code."""
    refusal = _refused(filename, found)
    if not found.get(FILE_REJECTED):
        return refusal
    return Invalid(f"{refusal.sentence} {_WHAT_TO_DO}", code=refusal.code, problems=refusal.problems)


def _refused(filename: str, found: Mapping[str, Sequence[str]]) -> Invalid:
    codes = [code for code, problems in found.items() if problems]
    problems = [problem for code in codes for problem in found[code]]
    if codes == [FILE_REJECTED]:
        # Inspection does not name the file it speaks of.
        sentence = f"{filename} cannot be hosted. " + " ".join(problems)
        return Invalid(sentence, code=FILE_REJECTED, problems=problems)
    return together("The upload", problems, code=codes[0])


def _legacy_sdist(
    filename: str, name: ProjectName | None, version: ReleaseVersion | None
) -> ParsedFilename | None:
    """What distutils calls the sdist of this release, or ``None`` when the name reads otherwise."""
    if name is None or version is None or not filename.endswith(_LEGACY_EXTENSIONS):
        return None
    is_theirs = any(
        reading.kind is LinkKind.SDIST
        and canonicalize_name(reading.name) == name.normalized
        and same_version(reading.version, version.text)
        for reading in readings_of(filename)
    )
    if not is_theirs or _is_odd(filename):
        return None
    return ParsedFilename(filename, FileKind.SDIST, name.normalized, version)


def _is_odd(filename: str) -> bool:
    try:
        require_plain_filename(filename)
    except Invalid:
        return True
    return False


def _filetype_problems(filetype: str, file: ParsedFilename | None) -> Iterator[str]:
    if filetype in _GONE:
        yield f"filetype {filetype!r} is not hosted any more (PEP 527, PEP 715): build a wheel."
    elif filetype not in set(FileKind):
        yield f"filetype is {filetype[:40]!r}: sdist or bdist_wheel is wanted."
    elif file is not None and file.kind != filetype:
        yield f"filetype is {filetype!r}, but {file.filename} is a {file.kind}."


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
