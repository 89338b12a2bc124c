"""What is said of found files: by the places that name them, and by their neighbours.

1. A list of checksums is read once, when it can speak about files that were found; so many lists are read and no more.
2. Whatever speaks about one file is read with that file's bytes: a plan of thousands is shown without asking for it.
3. A neighbour is worth no more than the page that names it, and than its own way here: both must be TLS (T-09).
4. What a maintainer gives as the hash of a file is about every file of that name, wherever else it is offered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.neighbour import Neighbour, NeighbourKind, may_speak, neighbour_at
from homeport.domain.offer import PageKind
from homeport.domain.rehost import Visit
from homeport.domain.source import SourceKind
from homeport.flows.crawl.places import Discovery, Found, Mention, PageVisit
from homeport.ports.fetch import Ask, Errand, Fetcher, FetchLimits, Outcome
from homeport.ports.isolation import Isolation

MAX_NEIGHBOUR_BYTES: Final = 64 * 1024
MAX_LISTS: Final = 20
MAX_CLAIMS: Final = 40
MAX_NEIGHBOURS: Final = 8
_MOST_OF_A_NAME: Final = 100
_SECONDS: Final = 30.0
_LISTS_FILES: Final = frozenset(kind for kind in SourceKind if kind.is_for_machines) - {SourceKind.URLS}


@dataclass(frozen=True)
class Said:
    """What is said of found files, by their URLs; ``visits`` are the lists that were read for it."""

    claims: dict[str, tuple[Claim, ...]] = field(default_factory=dict)
    neighbours: dict[str, tuple[Neighbour, ...]] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()


NOTHING_SAID: Final = Said()


def hear(fetcher: Fetcher, isolation: Isolation, discovery: Discovery) -> Said:
    """What the places of ``discovery`` and the neighbours they name say of its files."""
    given = _given(discovery.found)
    claims = {found.taken.candidate.url: _claimed(found, given) for found in discovery.found}
    neighbours: dict[str, tuple[Neighbour, ...]] = {}
    visits: list[Visit] = []
    named: dict[str, list[Found]] = {}
    for found in discovery.found:
        named.setdefault(found.filename, []).append(found)
    heard: Counter[str] = Counter()
    for url, page in dict.fromkeys(discovery.neighbours):
        neighbour = neighbour_at(url, page.fetched.url, is_tls=page.is_tls)
        if neighbour is None or (not neighbour.about and len(visits) == MAX_LISTS):
            continue
        # A page may name tens of thousands of files, and a neighbour of each, or one file as often and as many of it.
        heard[neighbour.about] += 1
        if neighbour.about and heard[neighbour.about] > _MOST_OF_A_NAME:
            continue
        of_that_name = named.get(neighbour.about, ()) if neighbour.about else discovery.found
        about = [found for found in of_that_name if _may_speak(neighbour, found)]
        if not about:
            continue
        if neighbour.about:
            for found in about:
                beside = neighbours.setdefault(found.taken.candidate.url, ())
                neighbours[found.taken.candidate.url] = (*beside, neighbour)[:MAX_NEIGHBOURS]
        else:
            visits.append(_read_list(fetcher, isolation, neighbour, page, about, claims))
    return Said(claims, neighbours, tuple(visits))


def _given(every: Sequence[Found]) -> dict[str, list[Claim]]:
    """The digests that sources themselves give with the address of a file (``urls``), by its name."""
    given: dict[str, list[Claim]] = {}
    for found in every:
        given.setdefault(found.filename, []).extend(
            Claim(ClaimKind.SOURCE, algorithm, value.lower(), found.taken.candidate.url, is_tls=True)
            for mention in found.mentions
            if mention.place.kind is SourceKind.URLS
            for algorithm, value in mention.claimed
        )
    return given


def _claimed(found: Found, given: Mapping[str, Sequence[Claim]]) -> tuple[Claim, ...]:
    """Every digest that any place claims; places that contradict each other about one address are no find."""
    elsewhere = (claim for claim in given[found.filename] if claim.said_at != found.taken.candidate.url)
    claims = [
        *elsewhere,
        *(
            Claim(_kind(mention), algorithm, value.lower(), mention.found_on, mention.is_tls)
            for mention in found.mentions
            for algorithm, value in mention.claimed
        ),
    ]
    return tuple(dict.fromkeys(claims))[:MAX_CLAIMS]


def _kind(mention: Mention) -> ClaimKind:
    if mention.page is None:
        return ClaimKind.SOURCE
    return ClaimKind.LISTING if mention.place.kind in _LISTS_FILES else ClaimKind.LINK


def _may_speak(neighbour: Neighbour, found: Found) -> bool:
    pages = frozenset(mention.found_on for mention in found.mentions)
    return may_speak(neighbour, found.filename, found.taken.candidate.url, pages)


def _read_list(
    fetcher: Fetcher,
    isolation: Isolation,
    neighbour: Neighbour,
    page: PageVisit,
    about: Sequence[Found],
    claims: dict[str, tuple[Claim, ...]],
) -> Visit:
    """Add to ``claims`` what the list says ``about`` those files."""
    errand = Errand.CALL if page.place.kind.is_for_machines else Errand.CRAWL
    ask = Ask(errand=errand, credential=page.place.credential)
    told, status, problem, is_tls = read_checksum_file(fetcher, isolation, neighbour, ask)
    for found in about:
        url = found.taken.candidate.url
        said = [
            Claim(ClaimKind.CHECKSUMS, algorithm, value, neighbour.url, is_tls)
            for algorithm, value in told.get(found.filename, ())
        ]
        claims[url] = (*claims.get(url, ()), *said)[:MAX_CLAIMS]
    return Visit(neighbour.url, NeighbourKind.CHECKSUMS.value, status, len(told), problem)


def read_checksum_file(
    fetcher: Fetcher, isolation: Isolation, neighbour: Neighbour, ask: Ask
) -> tuple[dict[str, tuple[tuple[str, str], ...]], int, str, bool]:
    """The digests by file name, the status of the answer, what was wrong with it, and whether all of it was TLS."""
    body = bytearray()
    fetched = fetcher.fetch(
        neighbour.url, FetchLimits(MAX_NEIGHBOUR_BYTES, total_seconds=_SECONDS), body.extend, ask
    )
    if fetched.outcome is not Outcome.OK:
        return {}, fetched.status, fetched.reason, False
    read = isolation.read_offers(
        PageKind.CHECKSUMS, bytes(body), neighbour.url, fetched.url, fetched.content_type
    )
    told = {offer.filename: offer.claimed for offer in read.offers}
    return told, fetched.status, read.problem, neighbour.is_tls and fetched.is_tls
