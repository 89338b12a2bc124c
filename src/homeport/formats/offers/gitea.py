"""A page of Gitea's list of releases, which Forgejo and Codeberg speak as well: assets with their size and tag.

Drafts are nobody's files yet. Gitea tells no hashes.
"""

from collections.abc import Iterator

from homeport.domain.offer import Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json

_PER_PAGE = "limit"


def read_gitea(page: bytes, asked_url: str, final_url: str) -> Offers:
    """The assets of all releases on the page that are not drafts."""
    value = fields.parse_json(page)
    if not isinstance(value, list):
        return Offers(problem="It is no list of releases as Gitea's API gives it.")
    offers = tuple(
        offer
        for release in fields.objects(value)
        if release.get("draft") is not True
        for offer in _assets(release, final_url)
    )
    next_page = fields.page_after(asked_url, len(value), _PER_PAGE)
    return Offers(offers[: fields.MAX_OFFERS], next_page=next_page)


def _assets(release: Json, base: str) -> Iterator[Offer]:
    is_prerelease = release.get("prerelease") is True
    for asset in fields.objects(release.get("assets")):
        if url := fields.address(base, asset.get("browser_download_url")):
            yield Offer(
                url,
                (),
                fields.filename(asset.get("name")),
                fields.forge_facts(release, asset, is_prerelease=is_prerelease),
            )
