"""Which release files of a project its sources name, found as easy_install found them (standards D.5).

1. A source that itself names a distribution is a file, and is not fetched (D.5.11).
2. Any other page is fetched once, by its URL without fragment, also when a redirect led there before.
3. Only pages with ``html`` in their type are read; the HTML of an error page is read too (D.5.3, D.5.4).
4. Depth is one: on a page links are judged, not followed. The page of an ``index`` is the exception: its
   rel links are followed one level, unless its status was 404.
5. Links found twice are one file with two mentions. One file *name* at two URLs is two files: only their bytes
   can tell whether they are the same, so that is for the plan to see.
6. A followed link is worth no more than the page that asked for it: whoever could change that page chose where it
   led. Places are therefore looked at first that a source names, then those that TLS led to, then the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from homeport.domain.errors import Invalid
from homeport.domain.links import Candidate, LeftOut, PageLinks, Taken, candidates_for, judge
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.rehost import NotTaken
from homeport.domain.source import SourceKind
from homeport.domain.urls import Url
from homeport.formats.link_page import MAX_PAGE_BYTES
from homeport.ports.fetch import Fetched, Fetcher, FetchLimits, Outcome
from homeport.ports.isolation import Isolation

_NOT_FOUND = 404
_CHARSET = re.compile(r""";\s*charset\s*=\s*"?([^\s";]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What one discovery may cost. ``links`` counts links to files, of any project, over all pages."""

    page_bytes: int = MAX_PAGE_BYTES
    page_seconds: float = 30.0
    pages: int = 100
    links: int = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """A URL to look at: of a source, or of a rel link that ``led_by``, the index page of that source, asks to follow."""

    kind: SourceKind
    url: str
    led_by: "PageVisit | None" = None


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
class Mention:
    """One place that names a file, by ``link``, and the hashes its fragment claims.

    ``page`` is ``None`` when the source itself is the file.
    """

    link: str
    place: Place
    page: PageVisit | None
    claimed: tuple[tuple[str, str], ...] = ()

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


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that was looked at, found, and not taken, each in the order it was met."""

    visited: tuple[PageVisit, ...] = ()
    found: tuple[Found, ...] = ()
    left_out: tuple[NotTaken, ...] = ()


def discover(
    fetcher: Fetcher,
    isolation: Isolation,
    places: Sequence[Place],
    project: ProjectName,
    version: ReleaseVersion | None = None,
    limits: CrawlLimits = CrawlLimits(),
) -> Discovery:
    """Visit ``places`` and tell which files of ``project`` (of ``version``, when given) they lead to."""
    crawl = _Crawl(fetcher, isolation, project, version, limits)
    followed = [link for place in places for link in crawl.look_at(place)]
    for place in sorted(followed, key=_is_led_by_plain_http):
        crawl.look_at(place)
    return crawl.result()


@dataclass
class _Crawl:
    """One discovery while it runs."""

    fetcher: Fetcher
    isolation: Isolation
    project: ProjectName
    version: ReleaseVersion | None
    limits: CrawlLimits
    asked: set[str] = field(default_factory=set)
    visited: list[PageVisit] = field(default_factory=list)
    taken: dict[str, list[tuple[Taken, Mention]]] = field(default_factory=dict)
    left_out: dict[str, NotTaken] = field(default_factory=dict)
    judged: int = 0

    def look_at(self, place: Place) -> tuple[Place, ...]:
        """Judge ``place`` or visit it; what comes back is to be looked at next."""
        if candidates := candidates_for(place.url):
            self._judge(place.url, candidates, place, place.led_by)
            return ()
        url = _page_url(place.url)
        if url in self.asked:
            return ()
        if len(self.visited) >= self.limits.pages:
            self._leave_out(
                url, "", LeftOut("too-many-pages", f"Not visited: {self.limits.pages} pages were before it.")
            )
            return ()
        visit, links = self._visit(place, url)
        self.asked |= {url, visit.fetched.url}
        self.visited.append(visit)
        self._judge_all(links.hrefs, visit)
        if place.led_by or place.kind is not SourceKind.INDEX or visit.fetched.status == _NOT_FOUND:
            return ()
        return tuple(Place(place.kind, followed, visit) for followed in links.rel_hrefs)

    def _visit(self, place: Place, url: str) -> tuple[PageVisit, PageLinks]:
        body = bytearray()
        fetch_limits = FetchLimits(self.limits.page_bytes, total_seconds=self.limits.page_seconds)
        fetched = self.fetcher.fetch(url, fetch_limits, body.extend)
        links, code, problem = PageLinks(), fetched.code, fetched.reason
        if fetched.outcome in {Outcome.OK, Outcome.HTTP_ERROR}:
            is_html = "html" in fetched.content_type.lower()
            if is_html:
                charset = _charset_of(fetched)
                links = self.isolation.read_links(bytes(body), url, fetched.url, charset)
            if fetched.outcome is Outcome.OK and not is_html:
                code, problem = "page-not-html", f"Not read: its type is {fetched.content_type!r}, not HTML."
            elif links.problem:
                code, problem = "page-incomplete", links.problem
        return PageVisit(place, fetched, len(links.hrefs), code, problem), links

    def _judge_all(self, links: Sequence[str], page: PageVisit) -> None:
        for link in links:
            if not (candidates := candidates_for(link)):
                continue
            if self.judged >= self.limits.links:
                sentence = (
                    f"This link and those after it were not judged: {self.limits.links} were before them."
                )
                self._leave_out(link, page.fetched.url, LeftOut("too-many-links", sentence))
                return
            self._judge(link, candidates, page.place, page)

    def _judge(
        self, link: str, candidates: tuple[Candidate, ...], place: Place, page: PageVisit | None
    ) -> None:
        self.judged += 1
        mention = Mention(link, place, page, candidates[0].claimed)
        decision = judge(candidates, self.project, self.version)
        if isinstance(decision, Taken):
            self.taken.setdefault(decision.candidate.url, []).append((decision, mention))
        else:
            self._leave_out(link, mention.found_on, decision)

    def _leave_out(self, url: str, found_on: str, why: LeftOut) -> None:
        self.left_out.setdefault(url, NotTaken(url, found_on, why.code, why.sentence))

    def result(self) -> Discovery:
        """What was seen so far."""
        found = []
        for url, pairs in self.taken.items():
            pairs.sort(key=lambda pair: _proof(pair[1]), reverse=True)
            mentions = tuple(mention for _, mention in pairs)
            if algorithms := _contradictions(mentions):
                sentence = f"The places that name {url!r} claim different digests: {', '.join(algorithms)}."
                self._leave_out(url, mentions[0].found_on, LeftOut("claims-differ", sentence))
            else:
                found.append(Found(pairs[0][0], mentions))
        return Discovery(tuple(self.visited), tuple(found), tuple(self.left_out.values()))


def _page_url(text: str) -> str:
    try:
        return str(Url.parse(text).without_fragment())
    except Invalid:
        return text  # the fetcher refuses it, and says why


def _charset_of(fetched: Fetched) -> str | None:
    if fetched.outcome is Outcome.HTTP_ERROR:
        return None  # easy_install read every error page as Latin-1
    # Not email.message: some header values make its parser raise.
    charset = _CHARSET.search(fetched.content_type)
    return charset[1] if charset else None


def _is_led_by_plain_http(place: Place) -> bool:
    return place.led_by is not None and not place.led_by.is_tls


def _proof(mention: Mention) -> tuple[bool, bool, bool, bool]:
    """Sorts mentions: a sha256 read over TLS proves most, then TLS, then a sha256 anyone could have changed.

    A page goes before a source that says the same: what a source says is only known to be TLS once the file came.
    """
    is_tls, has_sha256 = mention.is_tls, mention.claims_sha256
    return is_tls and has_sha256, is_tls, has_sha256, mention.page is not None


def _contradictions(mentions: tuple[Mention, ...]) -> list[str]:
    claims = {claim for mention in mentions for claim in mention.claimed}
    algorithms = [algorithm for algorithm, _ in claims]
    return sorted({algorithm for algorithm in algorithms if algorithms.count(algorithm) > 1})
