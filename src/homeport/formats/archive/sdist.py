"""An sdist, tar or ZIP: one folder with PKG-INFO at its top (PEP 517, PEP 625, PEP 643).

1. Everything lies in one folder, which is called as the release is.
2. PKG-INFO is a regular file right in it, and says the same name and version as everything else.
3. pyproject.toml, right beside it, can be read; where there is none, nobody is told how to build.
4. PKG-INFO may be served to resolvers only from metadata 2.2 on, and only when nothing they ask for is dynamic.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping

from homeport.domain.inspection import Expectation
from homeport.domain.metadata import CoreMetadata
from homeport.formats.archive.entries import Entry, EntryKind
from homeport.formats.archive.identity import FileIdentity, read_identity_file
from homeport.formats.archive.nested import NestedArchives
from homeport.formats.archive.paths import Tree
from homeport.formats.archive.report import Report
from homeport.formats.archive.second_opinion import Witness
from homeport.formats.core_metadata import MAX_METADATA_BYTES

_MAX_BYTES = {"PKG-INFO": MAX_METADATA_BYTES, "pyproject.toml": 1024 * 1024}
_ASKED_BY_RESOLVERS = frozenset({"name", "version", "requires-dist", "requires-python", "provides-extra"})


def inspect_sdist(
    members: Iterable[tuple[Entry, Iterator[bytes]]],
    identity: FileIdentity,
    expectation: Expectation,
    witness: Witness,
    report: Report,
) -> tuple[CoreMetadata | None, bytes | None]:
    """What one look at an sdist finds: its metadata, and PKG-INFO when resolvers may be given it."""
    tree = Tree(report)
    nested = NestedArchives()
    kinds: dict[str, EntryKind] = {}
    held: dict[str, bytes] = {}
    for entry, content in members:
        tree.add(entry)
        kinds[entry.path] = entry.kind
        watched = nested.watch(witness.watch(entry, content))
        rest = entry.path.partition("/")[2]
        if rest in _MAX_BYTES and entry.kind is EntryKind.FILE:
            held[entry.path] = _bounded(watched, _MAX_BYTES[rest])
        for _ in watched:
            pass  # verified as it passes by
    tree.judge_links()
    if nested.is_bomb():
        report.add("nested-bomb", "Archives inside the sdist unpack to far more than they hold.")
    top = _top_folder(kinds, identity, report)
    if not top:
        return None, None
    _judge_pyproject(held.get(f"{top}/pyproject.toml"), report)
    data = _pkg_info(top, kinds, held, report)
    if data is None:
        return None, None
    reading = read_identity_file(data, identity, expectation, report)
    for path in reading.license_files:
        if f"{top}/{path}" not in kinds:
            report.add(
                "license-file-missing", f"PKG-INFO names the License-File {path[:120]!r}, which is not there."
            )
    return reading.metadata, data if _is_static(reading.metadata) else None


def _top_folder(kinds: dict[str, EntryKind], identity: FileIdentity, report: Report) -> str:
    tops = {path.partition("/")[0] for path in kinds}
    if len(tops) != 1 or kinds.get(next(iter(tops)), EntryKind.FOLDER) is not EntryKind.FOLDER:
        report.add(
            "sdist-top-folder",
            f"An sdist holds one folder and nothing beside it; here are {len(tops)} things.",
        )
        return ""
    top = tops.pop()
    names = [(top[:at], top[at + 1 :]) for at, character in enumerate(top) if character == "-"]
    if not any(identity.agrees(name, version) for name, version in names):
        report.add(
            "sdist-folder-name", f"The folder {top[:120]!r} is not called as {identity.filename!r} is."
        )
    return top


def _pkg_info(
    top: str, kinds: Mapping[str, EntryKind], found: Mapping[str, bytes], report: Report
) -> bytes | None:
    path = f"{top}/PKG-INFO"
    if path not in kinds:
        report.add(
            "pkg-info-missing",
            f"There is no {path[:120]!r}: this is not an sdist that a build tool made, "
            "and nothing in it says which release it is.",
        )
    elif path not in found:
        report.add("pkg-info-not-a-file", f"{path[:120]!r} is a {kinds[path]}, not a regular file.")
    elif len(found[path]) > MAX_METADATA_BYTES:
        report.add(
            "metadata-too-large", f"PKG-INFO has more than {MAX_METADATA_BYTES} bytes, which is the limit."
        )
    else:
        return found[path]
    return None


def _bounded(content: Iterator[bytes], limit: int) -> bytes:
    data = b""
    for chunk in content:
        data += chunk
        if len(data) > limit:
            break
    return data


def _judge_pyproject(data: bytes | None, report: Report) -> None:
    if data is None:
        report.add("pyproject-missing", "There is no pyproject.toml: nothing says how this sdist is built.")
        return
    try:
        tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        report.add("pyproject-damaged", f"pyproject.toml cannot be read ({repr(str(error))[1:120]}).")


def _is_static(metadata: CoreMetadata | None) -> bool:
    return (
        metadata is not None and metadata.is_since(2, 2) and _ASKED_BY_RESOLVERS.isdisjoint(metadata.dynamic)
    )
