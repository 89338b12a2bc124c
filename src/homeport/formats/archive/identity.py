"""Who a release file says it is: by its name, by its metadata, and by what the caller expects (I-09).

1. A wheel's name has one reading. An sdist's name may have several, because names and old versions hold hyphens;
   every reading with a PEP 440 version counts. Of more than one a person must choose, unless the caller asked for
   the very release that one of them names (T-14).
2. The file is attributed to a project only when one reading of its name, its metadata, and the expectation agree,
   names compared as PEP 503 and versions as PEP 440 compare them.
"""

from contextlib import suppress
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from homeport.domain.errors import Invalid
from homeport.domain.inspection import Expectation
from homeport.domain.legacy_filename import SDIST_EXTENSIONS, LinkKind, readings_of
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import (
    FileKind,
    ProjectName,
    ReleaseVersion,
    parse_filename,
    require_plain_filename,
    same_version,
)
from homeport.formats.archive.report import Report
from homeport.formats.core_metadata import MetadataReading, read_metadata
from homeport.formats.metadata_rules import PRIVATE_CLASSIFIER


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a file's name; ``project`` is in PEP 503 form."""

    project: str
    version: ReleaseVersion


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What a file's name says; no ``readings`` when the name is not one that installers know."""

    filename: str
    kind: FileKind
    readings: tuple[Reading, ...]
    tags: frozenset[str] = frozenset()
    build: str = ""

    def agrees(self, name: str, version: str) -> bool:
        """True when one reading is ``name`` and ``version``, or the file's name could not be read."""
        return not self.readings or any(
            reading.project == canonicalize_name(name) and same_version(reading.version.text, version)
            for reading in self.readings
        )


def is_wheel_name(filename: str) -> bool:
    """True when the name says that the file is a wheel."""
    return filename.lower().endswith(".whl")


def identify(expectation: Expectation, report: Report) -> FileIdentity:
    """What the file's name says; what is wrong with it goes to ``report``."""
    filename = expectation.filename
    reader = _read_wheel_name if is_wheel_name(filename) else _read_sdist_name
    kind = FileKind.WHEEL if is_wheel_name(filename) else FileKind.SDIST
    try:
        require_plain_filename(filename)
        identity = reader(filename, report)
    except Invalid as refusal:
        report.add("filename-invalid", refusal.sentence)
        return FileIdentity(filename, kind, ())
    _judge_expectation(identity, expectation, report)
    return identity


def read_identity_file(
    data: bytes, identity: FileIdentity, expectation: Expectation, report: Report
) -> MetadataReading:
    """The metadata in a METADATA or PKG-INFO file, and whether it is the same release as everything else says."""
    reading = read_metadata(data)
    for problem in reading.problems:
        if problem.code != PRIVATE_CLASSIFIER or not expectation.is_private:
            report.add(problem.code, problem.message)
    if reading.metadata:
        _judge_metadata(reading.metadata, identity, expectation, report)
    return reading


def _judge_metadata(
    metadata: CoreMetadata, identity: FileIdentity, expectation: Expectation, report: Report
) -> None:
    said = f"{metadata.name[:80]!r} {metadata.version[:80]!r}"
    if not identity.agrees(metadata.name, metadata.version):
        report.add(
            "metadata-mismatch",
            f"The metadata are those of {said}, which is not what {identity.filename!r} names.",
        )
    if expectation.project and canonicalize_name(metadata.name) != expectation.project:
        report.add(
            "project-mismatch", f"The metadata are those of {said}; the project is {expectation.project!r}."
        )
    if expectation.version and not same_version(metadata.version, expectation.version):
        report.add(
            "version-mismatch", f"The metadata are those of {said}; the version is {expectation.version!r}."
        )
    try:
        ReleaseVersion.parse_legacy(metadata.version)
    except Invalid as refusal:
        report.add(refusal.code, refusal.sentence)


def _judge_expectation(identity: FileIdentity, expectation: Expectation, report: Report) -> None:
    filename, project, version = identity.filename, expectation.project, expectation.version
    readings = [reading for reading in identity.readings if project in (None, reading.project)]
    exact = [reading for reading in readings if version and same_version(reading.version.text, version)]
    if not readings:
        found = identity.readings[-1].project
        report.add("project-mismatch", f"{filename!r} is a file of {found!r}, not of {project!r}.")
    elif version and not exact:
        found = readings[-1].version.text
        report.add("version-mismatch", f"{filename!r} is a file of version {found!r}, not of {version!r}.")
    elif len(identity.readings) > 1 and not (project and exact):
        told = " or ".join(f"{reading.project!r} {reading.version}" for reading in identity.readings)
        report.add(
            "filename-ambiguous", f"{filename!r} can be read as {told}: a person must say which it is."
        )


def _read_wheel_name(filename: str, report: Report) -> FileIdentity:
    parsed = parse_filename(filename)
    reading = Reading(parsed.project, parsed.version)
    if not filename.startswith(f"{_normalized(reading)}-"):
        report.add("filename-not-normalized", f"{filename!r} must begin with '{_normalized(reading)}-'.")
    return FileIdentity(filename, FileKind.WHEEL, (reading,), frozenset(parsed.tags), parsed.build)


def _read_sdist_name(filename: str, report: Report) -> FileIdentity:
    suffix = next(filter(filename.endswith, SDIST_EXTENSIONS), "")
    stem = filename.removesuffix(suffix)
    readings = _sdist_readings(filename)
    if not readings:
        raise Invalid(
            f"{filename!r} is neither a wheel's name (.whl) nor an sdist's: only these can be hosted."
        )
    if suffix != SDIST_EXTENSIONS[0]:
        report.add("sdist-format-retired", f"{filename!r} must be a .tar.gz (PEP 625, PEP 527).")
    standard = [reading for reading in readings if reading.version.is_pep440]
    if not standard:
        standard = _opaque(readings)
        report.add("version-not-pep440", f"The version in {filename!r} is not one that PEP 440 knows.")
    wanted = [_normalized(reading) for reading in standard]
    if stem not in wanted:
        report.add("filename-not-normalized", f"{filename!r} must be called '{wanted[-1]}.tar.gz' (PEP 625).")
    return FileIdentity(filename, FileKind.SDIST, tuple(standard))


def _sdist_readings(filename: str) -> list[Reading]:
    possible = readings_of(filename)
    if any(reading.kind is not LinkKind.SDIST for reading in possible):
        return []  # built for one platform: every other reading of the name is nonsense
    readings = []
    for reading in possible:
        with suppress(Invalid):
            name, version = ProjectName.parse(reading.name), ReleaseVersion.parse_legacy(reading.version)
            readings.append(Reading(name.normalized, version))
    return readings


def _opaque(readings: list[Reading]) -> list[Reading]:
    """Old versions begin with a digit; where none does, the last hyphen is the usual place."""
    return [reading for reading in readings if reading.version.text[0].isdigit()] or readings[-1:]


def _normalized(reading: Reading) -> str:
    return f"{reading.project.replace('-', '_')}-{reading.version.normalized}"
