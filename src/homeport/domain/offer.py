"""What a place offers: external files by URL, and what is said of each. Nothing of it is believed before the bytes are here."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class PageKind(StrEnum):
    """How the bytes of a page are read; each has its reader in ``formats``."""

    HTML = "html"  # any page, as easy_install and pip 1.5.6 read it
    SIMPLE_HTML = "simple-html"  # a project's page of the simple API (PEP 503)
    SIMPLE_JSON = "simple-json"  # the same in JSON (PEP 691)
    GITHUB = "github"  # a page of GitHub's list of releases
    GITLAB = "gitlab"
    GITEA = "gitea"
    BUCKET = "bucket"  # ListObjectsV2 of S3
    CHECKSUMS = "checksums"  # SHA256SUMS and its like: lines of digest and file name
    TEXT = "text"  # any text, with URLs in it


@dataclass(frozen=True, slots=True)
class Facts:
    """What a place says of a file beside its hashes.

    ``seen_by`` names the tools that would have found it there (``easy_install``, ``pip 1.5.6``); empty where that is
    no question. ``yanked`` is the reason, ``None`` when it is not yanked.
    """

    size_bytes: int | None = None
    uploaded_at: datetime | None = None
    requires_python: str = ""
    yanked: str | None = None
    tag: str = ""
    is_prerelease: bool = False
    seen_by: tuple[str, ...] = ()

    def or_else(self, other: "Facts") -> "Facts":
        """These facts; what they leave open is what ``other`` says."""
        return Facts(
            size_bytes=other.size_bytes if self.size_bytes is None else self.size_bytes,
            uploaded_at=self.uploaded_at or other.uploaded_at,
            requires_python=self.requires_python or other.requires_python,
            yanked=other.yanked if self.yanked is None else self.yanked,
            tag=self.tag or other.tag,
            is_prerelease=self.is_prerelease,
            seen_by=self.seen_by or other.seen_by,
        )


NO_FACTS: Final = Facts()


@dataclass(frozen=True, slots=True)
class Offer:
    """One file that a place offers: an absolute URL, and the hashes it claims as (algorithm, hex digest).

    ``filename`` is the name the place gives it; empty where the URL's last segment says it. ``token_url`` is where the
    same file is given to who shows a token, where that is elsewhere.
    """

    url: str
    claimed: tuple[tuple[str, str], ...] = ()
    filename: str = ""
    facts: Facts = field(default_factory=Facts)
    token_url: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything one page says: files, pages that it asks to be followed, and where it goes on.

    ``neighbours`` are files that speak about other files (checksums, signatures). ``problem`` says why a page could not
    be read to its end, else it is empty.
    """

    offers: tuple[Offer, ...] = ()
    follow: tuple[str, ...] = ()
    next_page: str = ""
    neighbours: tuple[str, ...] = ()
    problem: str = ""
