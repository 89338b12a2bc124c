"""Which release files of a project its sources name, each source read as its kind says.

1. A source that itself names a distribution is a file, and is not fetched (D.5.11).
2. Any other page is fetched once, by its URL without fragment, also when a redirect led there before.
3. People's pages are read as easy_install read them (standards D.5); what only pip 1.5.6 saw there is told, not taken.
4. Depth is one: on a page links are judged, not followed. An ``index`` and a ``listing`` ask to look one level further.
5. Links found twice are one file with two mentions. One file *name* at two URLs is two files: only their bytes
   can tell whether they are the same, so that is for the plan to see.
6. A followed link is worth no more than the page that asked for it: whoever could change that page chose where it
   led. Places are therefore looked at first that a source names, then those that TLS led to, then the others.
7. The filters of a source speak of what that source offers: a file that another source wants is wanted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from homeport.domain.errors import Invalid
from homeport.domain.links import Candidate, LeftOut, Taken, candidates_named, judge
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename
from homeport.domain.neighbour import neighbour_at
from homeport.domain.offer import Offer
from homeport.domain.pip_finds import EASY_INSTALL, PIP, cleaned, pip_sees, pip_stem
from homeport.domain.rehost import NotTaken
from homeport.domain.source import SourceKind
from homeport.domain.wanted import sift
from homeport.flows.crawl.places import Beside, Discovery, Found, Mention, PageVisit, Place, Reading
from homeport.flows.crawl.sources.registry import LOOKS
from homeport.flows.crawl.visitor import USUAL_LIMITS, CrawlLimits, Visitor
from homeport.ports.fetch import Fetcher
from homeport.ports.isolation import Isolation

_OTHER_PROJECT = "other-project"
# So many links of a place to files of other projects are told one by one; more are told as a number.
_TOLD_ONE_BY_ONE = 20


def discover(
    fetcher: Fetcher,
    isolation: Isolation,
    places: Sequence[Place],
    project: ProjectName | None,
    version: ReleaseVersion | None = None,
    limits: CrawlLimits = USUAL_LIMITS,
) -> Discovery:
    """Visit ``places`` and tell which files of ``project`` (of ``version``, when given) they lead to.

    Without a project, the files of every project that they offer.
    """
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
    project: ProjectName | None
    version: ReleaseVersion | None
    limits: CrawlLimits
    taken: list[tuple[Taken, Mention]] = field(default_factory=list)
    left_out: dict[tuple[str, str], NotTaken] = field(default_factory=dict)
    neighbours: list[Beside] = field(default_factory=list)
    others: list[tuple[str, str, LeftOut]] = field(default_factory=list)
    judged: int = 0

    def __post_init__(self) -> None:
        normalized = self.project.normalized if self.project else ""
        self.visitor = Visitor(
            self.fetcher,
            self.isolation,
            self.limits,
            normalized,
            lambda url, why: self._leave_out(url, "", why),
        )

    def look_at(self, place: Place) -> tuple[Place, ...]:
        """Judge ``place`` or visit it; what comes back is to be looked at next."""
        if place.obstacle:
            self._leave_out(place.url, "", LeftOut("source-unreadable", place.obstacle))
            return ()
        candidates = candidates_named(place.url, "")
        if candidates and not place.is_folder:
            self._judge(Offer(place.url), candidates, place, place.led_by)
            self._tell_others(place)
            return ()
        follow: list[Place] = []
        for reading in LOOKS[place.kind](self.visitor, place):
            follow += reading.follow
            if not self._judge_all(reading, place):
                break
        self._tell_others(place)
        return tuple(follow)

    def _judge_all(self, reading: Reading, place: Place) -> bool:
        """True while there is room for more links."""
        page = reading.page
        if page:
            self.neighbours += (Beside(url, page) for url in reading.offers.neighbours)
        for offer in reading.offers.offers:
            name = offer.filename or offer.url
            is_only_pips = PIP in offer.facts.seen_by and EASY_INSTALL not in offer.facts.seen_by
            candidates = () if is_only_pips else candidates_named(offer.url, offer.filename, offer.claimed)
            if not candidates and not is_only_pips:
                continue
            if self.judged >= self.limits.links:
                sentence = (
                    f"This link and those after it were not judged: {self.limits.links} were before them."
                )
                self._leave_out(name, page.fetched.url if page else "", LeftOut("too-many-links", sentence))
                return False
            if is_only_pips:
                self._tell_of_pip(offer, page)
            else:
                self._judge(offer, candidates, place, page)
        return True

    def _judge(
        self, offer: Offer, candidates: tuple[Candidate, ...], place: Place, page: PageVisit | None
    ) -> None:
        self.judged += 1
        facts = offer.facts
        mention = Mention(offer.url, place, page, candidates[0].claimed, facts)
        decision = self._decided(candidates)
        if isinstance(decision, Taken):
            self.taken.append((decision, mention))
        elif decision.code == _OTHER_PROJECT:
            self.others.append((offer.url, mention.found_on, decision))
        else:
            self._leave_out(offer.url, mention.found_on, decision)

    def _decided(self, candidates: tuple[Candidate, ...]) -> Taken | LeftOut:
        if self.project:
            return judge(candidates, self.project, self.version)
        try:
            parsed = parse_filename(candidates[0].filename)
        except Invalid as refusal:
            return LeftOut(refusal.code, refusal.sentence)
        return judge(candidates, ProjectName(parsed.project), self.version)

    def _tell_of_pip(self, offer: Offer, page: PageVisit | None) -> None:
        self.judged += 1
        if self.project and pip_sees(pip_stem(cleaned(offer.url)), self.project):
            sentence = (
                f"Only {PIP} saw this link; {EASY_INSTALL} did not, so that not everybody was given the file."
            )
            self._leave_out(offer.url, page.fetched.url if page else "", LeftOut("only-pip", sentence))

    def _tell_others(self, place: Place) -> None:
        """Links to files of other projects: few one by one, many as a number."""
        if len(self.others) <= _TOLD_ONE_BY_ONE:
            for url, found_on, why in self.others:
                self._leave_out(url, found_on, why)
        else:
            sentence = f"{len(self.others):,} links name other projects."
            self._leave_out(place.url, self.others[0][1], LeftOut("other-projects", sentence))
        self.others.clear()

    def _leave_out(self, url: str, found_on: str, why: LeftOut) -> None:
        self.left_out.setdefault((url, why.code), NotTaken(url, found_on, why.code, why.sentence))

    def result(self) -> Discovery:
        """What was seen so far."""
        by_url: dict[str, list[tuple[Taken, Mention]]] = {}
        for pair in self._wanted():
            by_url.setdefault(pair[0].candidate.url, []).append(pair)
        found = []
        for url, pairs in by_url.items():
            pairs.sort(key=lambda pair: _proof(pair[1]), reverse=True)
            mentions = tuple(mention for _, mention in pairs)
            if algorithms := _contradictions(mentions):
                sentence = f"The places that name {url!r} claim different digests: {', '.join(algorithms)}."
                self._leave_out(url, mentions[0].found_on, LeftOut("claims-differ", sentence))
            else:
                found.append(Found(pairs[0][0], mentions))
        return Discovery(
            tuple(self.visitor.visited),
            tuple(found),
            tuple(self.left_out.values()),
            self._neighbours_of(found),
        )

    def _wanted(self) -> list[tuple[Taken, Mention]]:
        """What the filters of the place that names it let through; the mentions of what some place wants stay."""
        by_source: dict[tuple[SourceKind, str], list[tuple[Taken, Mention]]] = {}
        for pair in self.taken:
            source = _source_of(pair[1].place)
            by_source.setdefault((source.kind, source.url), []).append(pair)
        wanted: set[str] = set()
        for pairs in by_source.values():
            source = _source_of(pairs[0][1].place)
            sifted = sift(source.filters, [(taken.parsed, mention.facts) for taken, mention in pairs])
            wanted |= {pairs[position][0].candidate.url for position in sifted.kept}
            if sifted.sentence:
                found_on = pairs[0][1].found_on
                self._leave_out(source.url or source.kind, found_on, LeftOut("filtered", sifted.sentence))
        return [pair for pair in self.taken if pair[0].candidate.url in wanted]

    def _neighbours_of(self, found: Sequence[Found]) -> tuple[Beside, ...]:
        """The neighbours that speak of what was found: each of its own file, a list of what its page names."""
        names = {one.filename for one in found}
        pages = {mention.found_on for one in found for mention in one.mentions}
        told = []
        for url, page in dict.fromkeys(self.neighbours):
            neighbour = neighbour_at(url)
            if neighbour and (neighbour.about in names if neighbour.about else page.fetched.url in pages):
                told.append(Beside(url, page))
        return tuple(told)


def _source_of(place: Place) -> Place:
    """The place that a source names, from which pages led to ``place``."""
    while place.led_by is not None:
        place = place.led_by.place
    return place


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
    digests = Counter(algorithm for algorithm, _ in claims)
    return sorted(algorithm for algorithm, count in digests.items() if count > 1)
