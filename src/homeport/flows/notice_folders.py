"""The kinds of notices there are: one folder each, beside the code (``homeport/notices/<kind>/``).

A folder holds ``kind.json`` (topic, to whom, when), ``subject.txt``, ``text.txt``, ``page.html``, and ``example.json``: the
facts of a case as flows give them, from which previews and the reference are made.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from homeport.domain.notice import NoticeKind, Topic
from homeport.formats.notice_text import FRAME, PAGE, SUBJECT, TEXT, NoticeTemplates

_KIND, _EXAMPLE = "kind.json", "example.json"


@dataclass(frozen=True, slots=True)
class NoticeFolders:
    """Every kind by its name, how each one reads, and the facts of an example of each."""

    kinds: Mapping[str, NoticeKind]
    templates: NoticeTemplates
    examples: Mapping[str, Mapping[str, Any]]


@cache
def notice_folders() -> NoticeFolders:
    """The folders, read once."""
    root = files("homeport") / "notices"
    folders = {folder.name: folder for folder in sorted(root.iterdir(), key=_name) if folder.is_dir()}
    sources = {FRAME: (root / FRAME).read_text("utf-8")}
    for name, folder in folders.items():
        sources |= {f"{name}/{part}": (folder / part).read_text("utf-8") for part in (SUBJECT, TEXT, PAGE)}
    return NoticeFolders(
        dict(_kinds(folders)),
        NoticeTemplates(sources),
        {name: json.loads((folder / _EXAMPLE).read_text("utf-8")) for name, folder in folders.items()},
    )


def _name(folder: Traversable) -> str:
    return folder.name


def _kinds(folders: Mapping[str, Traversable]) -> Iterator[tuple[str, NoticeKind]]:
    for name, folder in folders.items():
        told = json.loads((folder / _KIND).read_text("utf-8"))
        yield name, NoticeKind(name, Topic.parse(told["topic"]), told["to"], told["when"])
