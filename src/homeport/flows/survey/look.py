"""Where the files of one project are: its sources are read as a plan reads them, and nothing is fetched but pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeport.domain.fetching import host_of
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Project
from homeport.domain.source import SourceKind
from homeport.domain.survey import Check, Link
from homeport.domain.urls import Url
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.named import places_of
from homeport.flows.crawl.places import Discovery, Found, Mention, Place
from homeport.ports.fetch import Credential
from homeport.ports.store import Transaction
from homeport.ports.world import World

_TOLD = 3
# Of all descriptions of a project, newest first.
_MOST_TEXT = 256 * 1024


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A project, the names of the files it hosts, and the places that name others. ``skipped``: why nothing is asked."""

    project: Project
    hosted: frozenset[str]
    places: tuple[Place, ...] = ()
    skipped: str = ""

    @property
    def host(self) -> str:
        """Whose turn it takes to begin."""
        return next((host for place in self.places if (host := host_of(place.url))), "")

    @property
    def is_heavy(self) -> bool:
        """True when it is too much to be held in memory until its turn comes."""
        return any(place.text for place in self.places)


def to_look_at(world: World, tx: Transaction, project: Project) -> ToLookAt:
    """What must be known of a project before its outside is asked."""
    hosted = frozenset(file.filename for file in tx.files.of_project(project.id))
    if project.mode is HostingMode.ONLY:
        return ToLookAt(project, hosted)
    if not project.status.takes_files:
        return ToLookAt(
            project, hosted, skipped=f"It is {project.status}: nothing outside is asked for its files."
        )
    places = places_of(world, tx, project)
    if project.mode.lists_external:
        # Installers are given the links of descriptions as well (standards D.2).
        texts = [release.metadata.description for release in tx.releases.of_project(project.id)]
        if text := "\n".join(filter(None, reversed(texts)))[:_MOST_TEXT]:
            places = (*places, Place(SourceKind.LINKS, "", text=text))
    return ToLookAt(project, hosted, places)


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A link that was found, and the secret it is asked for with, if its source has one."""

    link: Link
    credential: Credential | None = None


def links_of(world: World, asked: ToLookAt) -> tuple[tuple[ToCheck, ...], str]:
    """The links that the places lead to; and what could not be read."""
    discovery = discover(world.fetcher, world.isolation, asked.places, asked.project.name)
    return tuple(_to_check(found, asked.hosted) for found in discovery.found), _problem(discovery)


def _to_check(found: Found, hosted: frozenset[str]) -> ToCheck:
    mention, url = _most_direct(found.mentions), Url.parse(found.taken.candidate.url)
    link = Link(
        url=str(url),
        host=url.authority,
        filename=found.filename,
        version=found.taken.parsed.version.text,
        found_on=mention.found_on,
        source=mention.place.kind.value,
        is_tls=url.is_tls,
        is_hosted=found.filename in hosted,
        seen_by=_tools(found.mentions),
        claimed=_claims(found.mentions),
        check=Check(size_bytes=found.facts.size_bytes),
    )
    return ToCheck(link, mention.place.credential)


def _tools(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tool for mention in mentions for tool in mention.facts.seen_by))


def _most_direct(mentions: Sequence[Mention]) -> Mention:
    """Metadata itself before pages; else the mention that proves most."""
    return next((mention for mention in mentions if mention.page is None), mentions[0])


def _claims(mentions: Sequence[Mention]) -> tuple[tuple[str, str], ...]:
    return tuple({name: digest for mention in mentions for name, digest in mention.claimed}.items())


def _problem(discovery: Discovery) -> str:
    unread = [visit for visit in discovery.visited if visit.problem]
    if not unread:
        return ""
    told = " ".join(f"{visit.place.url}: {visit.problem}" for visit in unread[:_TOLD])
    more = " …" if len(unread) > _TOLD else ""
    return f"{len(unread)} of {len(discovery.visited)} pages could not be read. {told}{more}"
