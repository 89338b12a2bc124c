"""Which of the files that a source offers are wanted, by its filters; pure.

1. Files are judged one by one first; of what is left, ``newest`` keeps the files of so many versions, in the order
   of PEP 440. A version that PEP 440 does not know is older than all that it knows, and in no specifier.
2. A pre-release is what the forge calls so; a final release of a pre-version (``2.0rc1``) is for ``versions`` to say.
3. What is left out is told by the filter that did it: the first, in the order they are written below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from homeport.domain.names import FileKind, ParsedFilename, version_order
from homeport.domain.offer import Facts
from homeport.domain.source import Filters, matches


@dataclass(frozen=True, slots=True)
class Sifted:
    """Positions of the files that are wanted, and how many each filter left out, by its name."""

    kept: tuple[int, ...]
    left_out: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """What was left out, for people; empty when nothing was."""
        counts = [f"{count:,} by {name}" for name, count in self.left_out.items()]
        total = sum(self.left_out.values())
        files = "1 file is" if total == 1 else f"{total:,} files are"
        return f"{files} left out by the source's filters: {', '.join(counts)}." if counts else ""


def sift(filters: Filters, files: Sequence[tuple[ParsedFilename, Facts]]) -> Sifted:
    """Which of ``files`` are wanted."""
    left_out: dict[str, int] = {}
    specifiers = SpecifierSet(filters.versions)
    kept = []
    for position, (parsed, facts) in enumerate(files):
        if why := _objection(filters, specifiers, parsed, facts):
            left_out[why] = left_out.get(why, 0) + 1
        else:
            kept.append(position)
    if filters.newest:
        newest = _newest((files[position][0] for position in kept), filters.newest)
        fresh = [position for position in kept if files[position][0].version.key in newest]
        if len(fresh) < len(kept):
            left_out["newest"] = len(kept) - len(fresh)
        kept = fresh
    return Sifted(tuple(kept), left_out)


def _objection(filters: Filters, specifiers: SpecifierSet, parsed: ParsedFilename, facts: Facts) -> str:
    """The name of the filter that does not let a file through, or nothing."""
    if facts.is_prerelease and not filters.prereleases:
        return "prereleases"
    if filters.versions and not _is_in(specifiers, parsed):
        return "versions"
    if not any(matches(filters.platforms, platform) for platform in _platforms(parsed)):
        return "platforms"
    if not matches(filters.files, parsed.filename):
        return "files"
    return "" if matches(filters.tags, facts.tag) else "tags"


def _is_in(specifiers: SpecifierSet, parsed: ParsedFilename) -> bool:
    version = parsed.version
    return version.is_pep440 and specifiers.contains(Version(version.text), prereleases=True)


def _platforms(parsed: ParsedFilename) -> set[str]:
    if parsed.kind is FileKind.SDIST:
        return {"sdist"}
    return {tag.rpartition("-")[2] for tag in parsed.tags}


def _newest(files: Iterable[ParsedFilename], count: int) -> frozenset[str]:
    """The keys of the newest versions."""
    by_key = {parsed.version.key: parsed.version.text for parsed in files}
    ordered = sorted(by_key, key=lambda key: version_order(by_key[key]), reverse=True)
    return frozenset(ordered[:count])
