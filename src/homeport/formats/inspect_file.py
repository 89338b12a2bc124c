"""The one look at a release file: every problem found, and the metadata it carries; and a list of what it holds.

What our own reader has nothing against is read a second time, by the standard library: no two readers may differ.
"""

from collections.abc import Iterator
from typing import BinaryIO

from homeport.domain.contents import MAX_LISTED, MAX_PATH_CHARACTERS, Contents, Member
from homeport.domain.inspection import Expectation, Inspection
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind
from homeport.formats.archive.entries import ArchiveError, Budget, Entry, EntryKind, size_of
from homeport.formats.archive.identity import FileIdentity, identify, is_wheel_name
from homeport.formats.archive.inflate import bunzip, gunzip, pieces
from homeport.formats.archive.report import Report, profile_of
from homeport.formats.archive.sdist import inspect_sdist
from homeport.formats.archive.second_opinion import Witness, ask_second_reader
from homeport.formats.archive.tar_reader import walk_tar
from homeport.formats.archive.wheel import inspect_wheel
from homeport.formats.archive.zip_reader import stream_zip, walk_zip
from homeport.formats.archive.zip_records import opens_as_zip


def inspect_file(file: BinaryIO, expectation: Expectation) -> Inspection:
    """Judge the release file in the seekable ``file``; nothing is extracted, memory stays bounded.

    Every problem is a finding, none is raised. What the file asks of time and memory is for the caller to bound.
    """
    report = Report(profile_of(expectation), is_wheel=is_wheel_name(expectation.filename))
    identity = identify(expectation, report)
    witness = Witness()
    metadata, metadata_file = None, None
    try:
        metadata, metadata_file = _inspect(file, identity, expectation, witness, report)
    except ArchiveError as error:
        report.add(error.code, error.message)
    if not report.rejects():
        ask_second_reader(file, expectation.filename, witness, report)
    return Inspection(report.findings(), metadata, metadata_file)


def list_contents(file: BinaryIO, filename: str) -> Contents:
    """What the seekable ``file`` holds, as far as it can be read, within bounds; nothing is judged."""
    expectation = Expectation(filename, is_legacy=True)
    report = Report(profile_of(expectation), is_wheel=is_wheel_name(filename))
    witness = Witness()
    metadata, problem = None, ""
    try:
        metadata, _ = _inspect(file, identify(expectation, report), expectation, witness, report)
    except ArchiveError as error:
        problem = error.message
    files = [(path, seen) for path, seen in witness.seen.items() if seen.kind != EntryKind.FOLDER]
    members = tuple(
        Member(path[:MAX_PATH_CHARACTERS], seen.size_bytes, seen.digest or seen.target[:MAX_PATH_CHARACTERS])
        for path, seen in files[:MAX_LISTED]
    )
    return Contents(members, metadata, max(0, len(files) - MAX_LISTED), problem)


def _inspect(
    file: BinaryIO, identity: FileIdentity, expectation: Expectation, witness: Witness, report: Report
) -> tuple[CoreMetadata | None, bytes | None]:
    if identity.kind is FileKind.WHEEL:
        return inspect_wheel(file, identity, expectation, witness, report)
    members = _sdist_members(file, identity.filename, report)
    return inspect_sdist(members, identity, expectation, witness, report)


def _sdist_members(file: BinaryIO, filename: str, report: Report) -> Iterator[tuple[Entry, Iterator[bytes]]]:
    if filename.endswith(".zip"):
        return ((member.entry, stream_zip(file, member)) for member in walk_zip(file, report))
    if opens_as_zip(file):
        raise ArchiveError(
            "also-a-zip", "The file opens as a ZIP as well: readers would see different contents."
        )
    budget = Budget(size_of(file))
    if filename.endswith(".tar.bz2"):
        chunks = bunzip(file)
    elif filename.endswith(".tar"):
        chunks = pieces(file)
    else:
        chunks = gunzip(file)
    return walk_tar(chunks, budget, report)
