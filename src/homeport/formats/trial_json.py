"""What a source would offer, as it is told to programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from homeport.domain.links import Taken
from homeport.domain.offer import Facts
from homeport.domain.rehost import NotTaken, Visit
from homeport.domain.source import Source
from homeport.formats.management_json import moment, source_json


@dataclass(frozen=True, slots=True)
class TriedFile:
    """A file that a source offers: what it is taken for, on which page it was found, and what that page says of it."""

    taken: Taken
    found_on: str
    claimed: tuple[tuple[str, str], ...]
    facts: Facts

    def to_json(self) -> dict[str, Any]:
        """The file as it is told to programs."""
        parsed, facts = self.taken.parsed, self.facts
        return {
            "filename": parsed.filename,
            "project": parsed.project,
            "version": parsed.version.text,
            "kind": parsed.kind.value,
            "url": self.taken.candidate.url,
            "found_on": self.found_on or None,
            "claimed": dict(self.claimed),
            "size": facts.size_bytes,
            "uploaded": moment(facts.uploaded_at) if facts.uploaded_at else None,
            "requires_python": facts.requires_python or None,
            "yanked": facts.yanked,
            "tag": facts.tag or None,
            "prerelease": facts.is_prerelease,
            "seen_by": list(facts.seen_by),
            "doubt": self.taken.doubt or None,
        }


def trial_json(
    source: Source,
    project: str,
    files: Iterable[TriedFile],
    left_out: Iterable[NotTaken],
    visits: Iterable[Visit],
    neighbours: Iterable[str],
) -> dict[str, Any]:
    """A trial: what would be a file of a plan, what would not and why, and the pages that were asked."""
    return {
        "source": source_json(source),
        "project": project or None,
        "files": [file.to_json() for file in files],
        "left_out": [
            {"url": one.url, "found_on": one.found_on or None, "code": one.code, "reason": one.sentence}
            for one in left_out
        ],
        "visits": [
            {"url": one.url, "status": one.status, "links": one.links, "problem": one.problem or None}
            for one in visits
        ],
        "neighbours": list(neighbours),
    }
