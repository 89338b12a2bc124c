"""Which source is looked at how."""

from collections.abc import Callable, Iterator, Mapping

from homeport.domain.source import SourceKind
from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.sources import bucket, find_links, forges, index, links, listing, pages, urls
from homeport.flows.crawl.visitor import Visitor

LOOKS: Mapping[SourceKind, Callable[[Visitor, Place], Iterator[Reading]]] = {
    SourceKind.HOMEPAGE: pages.look,
    SourceKind.DOWNLOAD: pages.look,
    SourceKind.LINKS: links.look,
    SourceKind.FIND_LINKS: find_links.look,
    SourceKind.INDEX: index.look,
    SourceKind.GITHUB: forges.look,
    SourceKind.GITLAB: forges.look,
    SourceKind.GITEA: forges.look,
    SourceKind.BUCKET: bucket.look,
    SourceKind.LISTING: listing.look,
    SourceKind.URLS: urls.look,
}
