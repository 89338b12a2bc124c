"""Where to look for external files of a project, and which of them are wanted.

1. A source is a kind and a URL; its kind says how the place is read.
2. Filters only ever leave out. A source without filters wants everything but drafts and pre-releases of forges.
3. Every filter that is given must let a file through. Patterns are shell patterns, compared without case;
   of several patterns of one filter, one suffices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, Self

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid, together

MAX_PATTERNS = 20
MAX_PATTERN = 200
MAX_NEWEST = 1_000


class SourceKind(StrEnum):
    """Where to look for external files (design, glossary)."""

    HOMEPAGE = "homepage"  # a page that links to files
    DOWNLOAD = "download"  # the same, or the file itself
    LINKS = "links"  # the links of long descriptions and Project-URLs
    FIND_LINKS = "find-links"  # a flat page of files, of any projects
    INDEX = "index"  # a project's page on another index (PEP 503, PEP 691)
    GITHUB = "github"  # releases of a GitHub repository
    GITLAB = "gitlab"  # releases of a GitLab project
    GITEA = "gitea"  # releases of a Gitea or Forgejo repository
    BUCKET = "bucket"  # the listing of an S3-style bucket
    LISTING = "listing"  # a directory listing of a web server, and its folders
    URLS = "urls"  # one file, nominated with its hash

    @property
    def is_forge(self) -> bool:
        """True when files hang on tagged releases, read from the forge's API."""
        return self in {SourceKind.GITHUB, SourceKind.GITLAB, SourceKind.GITEA}

    @property
    def is_for_machines(self) -> bool:
        """True when the place exists to be read by programs and was named by a person, so that no crawl is needed."""
        return self.is_forge or self in {SourceKind.INDEX, SourceKind.BUCKET, SourceKind.URLS}

    @property
    def takes_token(self) -> bool:
        """True when the place may be read with a token."""
        return self.is_forge or self in {
            SourceKind.INDEX,
            SourceKind.FIND_LINKS,
            SourceKind.BUCKET,
            SourceKind.LISTING,
        }

    @classmethod
    def parse(cls, text: str) -> "SourceKind":
        """The kind of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            known = ", ".join(cls)
            raise Invalid(
                f"{text[:40]!r} is not a kind of source: use one of {known}.", code="source-kind"
            ) from None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which files of a source are wanted; what is empty leaves nothing out.

    ``versions`` is a PEP 440 specifier set, ``platforms`` are patterns for a wheel's platform tags (``any`` for pure
    wheels, ``sdist`` for source archives), ``files`` patterns for file names, ``tags`` patterns for the tag of a
    forge's release. ``newest`` keeps the files of so many versions.
    """

    versions: str = ""
    platforms: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    newest: int = 0
    prereleases: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Plain]) -> Self:
        """What :meth:`to_json` made, or ``Invalid`` with everything that is wrong."""
        known = {"versions", "platforms", "files", "tags", "newest", "prereleases"}
        problems = [f"There is no filter {name[:40]!r}." for name in stored if name not in known]
        versions = stored.get("versions", "")
        if not isinstance(versions, str) or not _is_specifier(versions):
            problems.append(f"versions: {str(versions)[:80]!r} is not a version specifier like '>=2,<3'.")
        patterns = {
            name: _patterns(name, stored.get(name, []), problems) for name in ("platforms", "files", "tags")
        }
        newest = stored.get("newest", 0)
        if isinstance(newest, bool) or not isinstance(newest, int) or not 0 <= newest <= MAX_NEWEST:
            problems.append(f"newest: a number from 1 to {MAX_NEWEST} is wanted, or 0 for all.")
        prereleases = stored.get("prereleases", False)
        if not isinstance(prereleases, bool):
            problems.append("prereleases: true or false is wanted.")
        if problems:
            raise together("The filters", problems, code="filters-invalid")
        return cls(
            versions=str(versions),
            newest=int(newest) if isinstance(newest, int) else 0,
            prereleases=bool(prereleases),
            **patterns,
        )

    def require_fit(self, kind: SourceKind) -> None:
        """``Invalid`` when a filter asks for what files of such a source never have."""
        alien = [name for name, is_set in (("tags", self.tags), ("prereleases", self.prereleases)) if is_set]
        if alien and not kind.is_forge:
            raise Invalid(
                f"{' and '.join(alien)}: only releases of forges have that, and {kind} is none.",
                code="filters-invalid",
            )
        if kind is SourceKind.URLS and self.to_json():
            raise Invalid(
                "A file that is nominated is wanted: urls takes no filters.", code="filters-invalid"
            )

    def to_json(self) -> dict[str, Plain]:
        """The filters that are set, for storing and for people's scripts."""
        every: dict[str, Plain] = {
            "versions": self.versions,
            "platforms": list(self.platforms),
            "files": list(self.files),
            "tags": list(self.tags),
            "newest": self.newest,
            "prereleases": self.prereleases,
        }
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class Source:
    """A place where files of a project may be found. ``has_token``: it is read with a token that is kept sealed."""

    kind: SourceKind
    url: str
    filters: Filters = field(default_factory=Filters)
    has_token: bool = False

    @property
    def place(self) -> str:
        """Its address without the hash that a nominated file has behind it."""
        return self.url.partition("#")[0]


NO_FILTERS: Final = Filters()


def matches(patterns: tuple[str, ...], text: str) -> bool:
    """True when there is no pattern, or one of them matches ``text``."""
    return not patterns or any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def too_many_patterns(name: str, patterns: Sequence[str]) -> list[str]:
    """What is wrong with the number and the length of the patterns that are called ``name``."""
    if len(patterns) > MAX_PATTERNS or any(len(pattern) > MAX_PATTERN for pattern in patterns):
        return [f"{name}: at most {MAX_PATTERNS} patterns of {MAX_PATTERN} characters are taken."]
    return []


def _is_specifier(text: str) -> bool:
    if len(text) > MAX_PATTERN:
        return False
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _patterns(name: str, given: Plain, problems: list[str]) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(entry, str) and entry for entry in given):
        problems.append(f'{name}: a list of patterns is wanted, like ["*manylinux*"].')
        return ()
    patterns = tuple(str(entry) for entry in given)
    problems += too_many_patterns(name, patterns)
    return patterns
