"""Member paths: what an archive may name, so that no reader on any system unpacks it elsewhere or differently.

1. A path is relative, UTF-8 without control or invisible characters, ``/`` between plain segments: no ``..``,
   no ``.``, no empty segment, no backslash, no drive, at most 400 bytes and 32 segments.
2. A path means the same on Windows: no device names, no ``:``, no segment that ends in a dot or a blank.
3. No two members have one path, not even for a reader that ignores case or Unicode composition; nothing is both
   a file and a folder.
4. A symbolic link, where one is tolerated, points to something else in the tree, and no path leads through it.
   A hard link, where one is tolerated, is a second name of a file before it.
"""

import re
import unicodedata
from collections.abc import Iterator

from homeport.formats.archive.entries import Entry, EntryKind
from homeport.formats.archive.report import Report

MAX_PATH_BYTES = 400
MAX_DEPTH = 32

# Controls, invisible format and reordering marks, surrogates, and the two Unicode line separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Characters of other categories that are shown as nothing; VS15 and VS16 choose how an emoji looks, and may stay.
_SHOWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0000-\U000e0fff]"
)
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)", re.IGNORECASE)
_UNWRITABLE_ON_WINDOWS = re.compile(r'[<>"|?*]')


def path_problems(path: str) -> Iterator[tuple[str, str]]:
    """Code and sentence of every rule (1 and 2) that one path breaks."""
    shown = _shown(path)
    segments = path.split("/")
    if _SHOWN_AS_NOTHING.search(path) or any(
        unicodedata.category(character) in _HIDDEN for character in path
    ):
        yield "path-hidden-characters", f"The member name {shown} holds control or invisible characters."
    if len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        yield "path-too-long", f"The member name {shown} is longer than {MAX_PATH_BYTES} bytes."
    if len(segments) > MAX_DEPTH:
        yield "path-too-deep", f"The member {shown} lies deeper than {MAX_DEPTH} folders."
    if path.startswith("/") or _DRIVE.match(path):
        yield (
            "path-absolute",
            f"The member name {shown} is absolute: it would be written outside of the package.",
        )
    elif ".." in segments:
        yield "path-escapes", f"The member name {shown} climbs out of the package with '..'."
    elif "" in segments or "." in segments:
        yield (
            "path-not-plain",
            f"The member name {shown} holds an empty or '.' segment: it has a second spelling.",
        )
    if "\\" in path:
        yield (
            "path-backslash",
            f"The member name {shown} holds a backslash, which some systems read as a folder.",
        )
    elif _UNWRITABLE_ON_WINDOWS.search(path):
        yield "path-not-on-windows", f"The member {shown} cannot be unpacked on Windows."
    if any(map(_is_windows_only, segments)):
        yield "path-not-portable", f"The member name {shown} means something else on Windows."


def _is_windows_only(segment: str) -> bool:
    return segment not in {".", ".."} and bool(
        ":" in segment or segment.endswith((".", " ")) or _DEVICE.match(segment)
    )


class Tree:
    """All paths of one archive, so that rules 3 and 4 can be told."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._kinds: dict[str, tuple[str, EntryKind]] = {}
        self._files: set[str] = set()
        self._links: list[Entry] = []
        self._implied: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Judge one member's path by itself and against all before it."""
        for code, message in path_problems(entry.path):
            self._report.add(code, message)
        if entry.kind is EntryKind.LINK:
            self._links.append(entry)
        elif entry.kind is EntryKind.HARD_LINK:
            self._judge_hard_link(entry)
        self._add_parents(entry.path)
        self._add_path(entry.path, entry.kind)

    def judge_links(self) -> None:
        """Tell which symbolic links stay in the tree (rule 4); call it when every member was added."""
        links = {link.path for link in self._links}
        for link in self._links:
            target = _resolved(link)
            inside = (
                self._kinds.get(comparison_key(target), ("", None))[0] == target != ""
                and not link.path.startswith(f"{target}/")
                and links.isdisjoint((target, *_parents(target)))
            )
            if inside:
                self._report.add(
                    "symlink-inside", f"{_shown(link.path)} is a symbolic link to {_shown(target)}."
                )
            else:
                self._report.add(
                    "symlink-outside",
                    f"The symbolic link {_shown(link.path)} leads to {_shown(link.target)}: "
                    "not straight to another file or folder of this archive.",
                )

    def _judge_hard_link(self, link: Entry) -> None:
        shown = f"{_shown(link.path)} is a hard link to {_shown(link.target)}"
        if self._kinds.get(comparison_key(link.target)) == (link.target, EntryKind.FILE):
            self._report.add("hard-link-inside", f"{shown}.")
        else:
            self._report.add("hard-link", f"{shown}, which is no file before it in this archive.")

    def _add_parents(self, path: str) -> None:
        for parent in _parents(path):
            if parent in self._implied:
                return
            self._implied.add(parent)
            self._add_path(parent, EntryKind.FOLDER)

    def _add_path(self, path: str, kind: EntryKind) -> None:
        if kind is not EntryKind.FOLDER:
            if path in self._files:
                self._report.add("path-duplicate", f"The archive holds {_shown(path)} twice.")
            self._files.add(path)
        known_path, known_kind = known = self._kinds.setdefault(comparison_key(path), (path, kind))
        if known_kind is not kind:
            self._report.add(
                "path-file-and-folder",
                f"{_shown(path)} is a {kind} and {_shown(known_path)} is a {known_kind}: one path cannot be both.",
            )
        elif kind is not EntryKind.FOLDER and known != (path, kind):
            self._report.add(
                "path-collision",
                f"{_shown(known_path)} and {_shown(path)} are one file where case or Unicode composition is ignored.",
            )


def _shown(path: str) -> str:
    # Two compositions of one letter look alike: only escaped they can be told apart.
    return ascii(path[:120])


def comparison_key(path: str) -> str:
    """Equal for two paths that are one file where case or Unicode composition is ignored."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _parents(path: str) -> Iterator[str]:
    parent, slash, _ = path.rpartition("/")
    while slash:
        yield parent
        parent, slash, _ = parent.rpartition("/")


def _resolved(link: Entry) -> str:
    """The path that a link's target names, or nothing when only following it could tell."""
    climbing = link.target.split("/")
    folder = link.path.split("/")[:-1]
    while climbing[0] == ".." and folder:
        climbing.pop(0)
        folder.pop()
        climbing = climbing or ["."]
    if link.target.startswith("/") or ".." in climbing:
        return ""
    return "/".join((*folder, *(segment for segment in climbing if segment not in {"", "."})))
