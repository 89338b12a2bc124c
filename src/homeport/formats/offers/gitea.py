"""A page of Gitea's list of releases, which Forgejo and Codeberg speak as well: assets with their size and tag.

Drafts are nobody's files yet. Gitea tells no hashes.
"""

from collections.abc import Iterator

from homeport.domain.offer import Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json
from homeport.formats.offers.releases import read_releases


def read_gitea(page: bytes, asked_url: str, final_url: str) -> Offers:
    """The assets of all releases on the page that are not drafts."""
    return read_releases(page, asked_url, "Gitea", "limit", lambda release: _assets(release, final_url))


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
