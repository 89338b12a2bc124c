"""A page of GitHub's list of releases: assets with their size, digest and tag.

1. Drafts are nobody's files yet. The archives GitHub makes of a tag have no stable bytes, and are no assets.
2. ``digest`` is a claim of the origin (``sha256:…``); releases older than mid-2025 have none.
"""

from collections.abc import Iterator

from homeport.domain.offer import Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json
from homeport.formats.offers.releases import read_releases


def read_github(page: bytes, asked_url: str, final_url: str) -> Offers:
    """The assets of all releases on the page that are not drafts."""
    return read_releases(page, asked_url, "GitHub", "per_page", lambda release: _assets(release, final_url))


def _assets(release: Json, base: str) -> Iterator[Offer]:
    is_prerelease = release.get("prerelease") is True
    for asset in fields.objects(release.get("assets")):
        url = fields.address(base, asset.get("browser_download_url"))
        # "open" and "starter" assets are still being uploaded.
        if url and asset.get("state", "uploaded") == "uploaded":
            algorithm, _, digest = fields.text(asset.get("digest")).partition(":")
            yield Offer(
                url,
                fields.digests({algorithm: digest}),
                fields.filename(asset.get("name")),
                fields.forge_facts(release, asset, is_prerelease=is_prerelease),
                token_url=fields.address(base, asset.get("url")),
            )
