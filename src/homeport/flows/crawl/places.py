"""What is looked at and what is found there: places, visits to their pages, mentions of files."""

from dataclasses import dataclass, field
from typing import NamedTuple

from homeport.domain.links import Taken
from homeport.domain.offer import Facts, Offers
from homeport.domain.rehost import NotTaken
from homeport.domain.source import Filters, SourceKind
from homeport.ports.fetch import Credential, Fetched


@dataclass(frozen=True, slots=True)
class Place:
    """A URL to look at: of a source, or of a link that ``led_by``, a page of that source, asks to follow.

    ``is_folder``: its page lists this one as a folder. ``text`` is what a ``links`` source reads instead of a page.
    ``obstacle`` says why the place cannot be looked at.
    """

    kind: SourceKind
    url: str
    led_by: "PageVisit | None" = None
    filters: Filters = field(default_factory=Filters)
    credential: Credential | None = None
    is_folder: bool = False
    text: str = ""
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class PageVisit:
    """One page that was asked for, and all that happened; ``problem`` is empty when it was read to its end."""

    place: Place
    fetched: Fetched
    links: int = 0
    code: str = ""
    problem: str = ""

    @property
    def is_tls(self) -> bool:
        """True when this page, and whatever led to it, came over verified TLS."""
        led_by = self.place.led_by
        return self.fetched.is_tls and (led_by is None or led_by.is_tls)

    @property
    def is_loopback(self) -> bool:
        """True when neither this page nor what led to it crossed a network."""
        led_by = self.place.led_by
        return self.fetched.is_loopback and (led_by is None or led_by.is_loopback)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says, and where it asks to look next. ``page`` is ``None`` where a source itself says it."""

    page: PageVisit | None
    offers: Offers
    follow: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that names a file, by ``link``, and the hashes and facts it claims.

    ``page`` is ``None`` when the source itself is the file.
    """

    link: str
    place: Place
    page: PageVisit | None
    claimed: tuple[tuple[str, str], ...] = ()
    facts: Facts = field(default_factory=Facts)

    @property
    def found_on(self) -> str:
        """The page's own URL after redirects, else nothing."""
        return self.page.fetched.url if self.page else ""

    @property
    def is_tls(self) -> bool:
        """True when nobody on the way could have changed it: the page is TLS, or the source itself says it."""
        return self.page is None or self.page.is_tls

    @property
    def claims_sha256(self) -> bool:
        """True when the link claims a sha256."""
        return any(algorithm == "sha256" for algorithm, _ in self.claimed)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that can be hosted, and who mentions it: the mention that proves most comes first."""

    taken: Taken
    mentions: tuple[Mention, ...]

    @property
    def filename(self) -> str:
        """The name that it would be hosted under."""
        return self.taken.parsed.filename

    @property
    def facts(self) -> Facts:
        """What the mention that proves most says of it; what that leaves open is what others say."""
        best, *others = (mention.facts for mention in self.mentions)
        for other in others:
            best = best.or_else(other)
        return best


class Beside(NamedTuple):
    """The URL of a file that speaks about found ones (``domain.neighbour``), and the page that names it."""

    url: str
    page: PageVisit


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that was looked at, found, and not taken, each in the order it was met."""

    visited: tuple[PageVisit, ...] = ()
    found: tuple[Found, ...] = ()
    left_out: tuple[NotTaken, ...] = ()
    neighbours: tuple[Beside, ...] = ()
