"""The places where a project's files are sought: its sources, and what its releases' own metadata names."""

from collections.abc import Iterable, Sequence

from homeport.domain.errors import Refusal
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import same_version
from homeport.domain.project import Project
from homeport.domain.source import Source, SourceKind
from homeport.flows.crawl.places import Place
from homeport.flows.source_tokens import credential_of
from homeport.ports.store import Transaction
from homeport.ports.world import World

# Of the descriptions of all releases, newest first, so many characters are read.
_MAX_TEXT = 1024 * 1024


def places_of(
    world: World,
    tx: Transaction,
    project: Project,
    version: str = "",
    registering: CoreMetadata | None = None,
) -> tuple[Place, ...]:
    """Where to look for files of ``project``; with ``version``, only that release's metadata are asked.

    ``registering`` are metadata of a release that is not there yet.
    """
    metadatas = [registering] if registering else []
    metadatas += [
        release.metadata
        for release in tx.releases.of_project(project.id)
        if not version or same_version(release.version.text, version)
    ]
    named: list[Place] = []
    for source in tx.outside.sources(project.id):
        named += source_places(world, source, tx.outside.sealed_token(project.id, source), metadatas)
    for metadata in metadatas:
        named += metadata_places(metadata)
    return tuple(dict.fromkeys(named))


def source_places(
    world: World, source: Source, sealed: bytes | None, metadatas: Sequence[CoreMetadata]
) -> list[Place]:
    """What a source stands for: one place, and for ``links`` all that the releases' texts and labels name."""
    if source.kind is SourceKind.LINKS:
        return list(_linked(source, metadatas))
    place = Place(source.kind, source.url, filters=source.filters)
    if sealed is None:
        return [place]
    try:
        credential = credential_of(world, source, sealed)
    except Refusal as refusal:
        return [Place(source.kind, source.url, filters=source.filters, obstacle=refusal.sentence)]
    return [Place(source.kind, source.url, filters=source.filters, credential=credential)]


def metadata_places(metadata: CoreMetadata) -> list[Place]:
    """The places that a release's own metadata names (PEP 753 for modern ones)."""
    return [
        *(Place(SourceKind.HOMEPAGE, url) for url in metadata.homepage_urls()),
        *(Place(SourceKind.DOWNLOAD, url) for url in metadata.download_urls()),
    ]


def _linked(source: Source, metadatas: Sequence[CoreMetadata]) -> Iterable[Place]:
    text = "\n".join(metadata.description for metadata in reversed(metadatas))[:_MAX_TEXT]
    yield Place(source.kind, "", filters=source.filters, text=text)
    for url in dict.fromkeys(url for metadata in metadatas for _, url in metadata.project_urls):
        yield Place(source.kind, url, filters=source.filters)
