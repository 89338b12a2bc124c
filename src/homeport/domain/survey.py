"""A survey: which release files of each project lie elsewhere, whether they are still to be had, and who depends on whom.

1. An installable file is one that could be hosted: a wheel or an sdist. Eggs and Windows installers are none.
2. A file name counts once in its project. Of several places the best counts: hosted here, then a link that claims a
   hash, then a link that claims none (PEP 470).
3. A project is ``A`` when every installable file is hosted here, ``B`` when every other one is named by metadata
   itself, ``C`` when some are found only on pages that must be crawled (PEP 438). ``B`` and ``C`` have external files.
4. The letter says where files are, not whether they can be had: a file whose every link is dead stays external.
5. A link is dead when its host answered that the file is not there, or did not answer. One that was not asked for,
   because robots.txt or our own rules forbid it, is not known to be dead.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Letter(StrEnum):
    """Where the installable files of a project are."""

    A = "A"  # every one is hosted here
    B = "B"  # some are elsewhere, and metadata names each
    C = "C"  # some are elsewhere, and only crawled pages name them


class Reach(StrEnum):
    """What became of asking for a link."""

    FOUND = "found"  # its host has it
    GONE = "gone"  # its host answered that there is no such thing, or with another error
    SILENT = "silent"  # nobody answered, or not in HTTP, or not over TLS that holds
    UNASKED = "unasked"  # nobody asked: robots.txt or our rules forbid it, or the host wants to be left alone

    @property
    def is_dead(self) -> bool:
        """True when the file cannot be had there."""
        return self in {Reach.GONE, Reach.SILENT}


@dataclass(frozen=True, slots=True)
class Check:
    """What came of asking for a link once. ``code`` and ``problem`` are empty when it was found."""

    reach: Reach = Reach.UNASKED
    status: int = 0
    size_bytes: int | None = None
    code: str = ""
    problem: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One URL that names an installable file of a project.

    ``found_on`` is the page that names it, and empty when metadata or a maintainer does; ``source`` is the kind of
    source that led there; ``seen_by`` the tools that would have found it. ``is_hosted``: this index hosts a file of that
    name.
    """

    url: str
    host: str
    filename: str
    version: str
    found_on: str
    source: str
    is_tls: bool
    is_hosted: bool
    seen_by: tuple[str, ...] = ()
    claimed: tuple[tuple[str, str], ...] = ()
    check: Check = Check()

    @property
    def is_direct(self) -> bool:
        """True when no page must be crawled to find it."""
        return not self.found_on


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one project. ``letter`` is ``None`` when nothing was looked at, for which ``problem`` has the reason.

    Beside a letter, ``problem`` says what could not be read, so that there may be more files than were found.
    """

    project: str
    letter: Letter | None
    problem: str = ""
    hosted_files: int = 0
    external_files: int = 0
    hashed_files: int = 0
    dead_files: int = 0
    links: int = 0
    at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """True when it has external files, and none of them can be had any more."""
        return 0 < self.external_files == self.dead_files


@dataclass(frozen=True, slots=True)
class Survey:
    """One survey: of the project of that PEP 503 form, or with ``""`` of all.

    ``problem`` is why it ended before every project was looked at, else it is empty.
    """

    id: int
    project: str
    asked_by: str
    started_at: datetime
    finished_at: datetime | None = None
    tries: int = 1
    problem: str = ""

    @property
    def is_running(self) -> bool:
        """True until it ends, either way."""
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a survey is. ``waiting_hosts`` are those that must be asked for more before it ends, as far as is known."""

    projects: int
    looked_at: int
    links: int
    waiting_hosts: int


def look_of(
    project: str, hosted: Collection[str], links: Sequence[Link], *, problem: str = "", at: datetime
) -> Look:
    """What ``links`` make of a project that hosts files of the names ``hosted``."""
    external: dict[str, list[Link]] = {}
    for link in links:
        if link.filename not in hosted:
            external.setdefault(link.filename, []).append(link)
    return Look(
        project,
        _letter(external.values()),
        problem,
        hosted_files=len(hosted),
        external_files=len(external),
        hashed_files=sum(any(link.claimed for link in places) for places in external.values()),
        dead_files=sum(all(link.check.reach.is_dead for link in places) for places in external.values()),
        links=len(links),
        at=at,
    )


def _letter(files: Collection[Sequence[Link]]) -> Letter:
    if not files:
        return Letter.A
    return Letter.B if all(any(link.is_direct for link in places) for places in files) else Letter.C
