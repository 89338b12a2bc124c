"""A page of a forge's list of releases: what the forges' answers have in common."""

from collections.abc import Callable, Iterable

from homeport.domain.offer import Offer, Offers
from homeport.formats.offers import fields
from homeport.formats.offers.fields import Json


def read_releases(
    page: bytes, asked_url: str, forge: str, per_page: str, offers_of: Callable[[Json], Iterable[Offer]]
) -> Offers:
    """What hangs on the releases of the page that are not drafts: a draft is nobody's file yet.

    ``per_page`` is the forge's parameter for the size of a page.
    """
    value = fields.parse_json(page)
    if not isinstance(value, list):
        return Offers(problem=f"It is no list of releases as {forge}'s API gives it.")
    offers = tuple(
        offer
        for release in fields.objects(value)
        if release.get("draft") is not True
        for offer in offers_of(release)
    )
    next_page = fields.page_after(asked_url, len(value), per_page)
    return Offers(offers[: fields.MAX_OFFERS], next_page=next_page)
