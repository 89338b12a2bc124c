"""A page of GitLab's list of releases: the links that hang on them, also to its generic packages.

1. ``direct_asset_url`` is GitLab's own address for a link, ``url`` where that leads. The second is taken: a permalink
   may lead elsewhere tomorrow, and the file's host is the one that consent is about.
2. ``assets.sources`` are archives made of a tag: they have no stable bytes, and are left out.
3. A link's name is free text: it names the file only when it looks like a file's name.
4. GitLab knows no pre-releases and no hashes; a release whose day is yet to come counts as a pre-release.
"""

from collections.abc import Iterator

from homeport.domain.legacy_filename import readings_of
from homeport.domain.neighbour import neighbour_at
from homeport.domain.offer import Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json
from homeport.formats.offers.releases import read_releases


def read_gitlab(page: bytes, asked_url: str, final_url: str) -> Offers:
    """The links of all releases on the page."""
    return read_releases(page, asked_url, "GitLab", "per_page", lambda release: _links(release, final_url))


def _links(release: Json, base: str) -> Iterator[Offer]:
    is_prerelease = release.get("upcoming_release") is True
    for link in fields.objects(fields.inner(release, "assets").get("links")):
        url = fields.address(base, link.get("url")) or fields.address(base, link.get("direct_asset_url"))
        if not url:
            continue
        name = fields.filename(link.get("name"))
        is_name = bool(readings_of(name)) and neighbour_at(url) is None
        yield Offer(
            url, (), name if is_name else "", fields.forge_facts(release, link, is_prerelease=is_prerelease)
        )
