"""Where administrators go: the pages below ``/admin/`` that lead to all others, in the order they are named."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One page; ``name`` is what templates call it."""

    name: str
    path: str
    words: str


_PLACES = (
    Place("dashboard", "/admin/", "Dashboard"),
    Place("campaigns", "/admin/campaigns/", "Campaigns"),
    Place("projects", "/admin/projects/", "Projects"),
    Place("exemptions", "/admin/exemptions/", "Exemptions"),
    Place("rehosts", "/admin/rehosts/", "Rehosts"),
    Place("surveys", "/admin/surveys/", "Surveys"),
    Place("drift", "/admin/drift/", "Drift"),
    Place("hosts", "/admin/hosts/", "Hosts"),
    Place("frozen", "/admin/frozen/", "Frozen"),
    Place("policies", "/admin/policies/", "Policies"),
    Place("proposals", "/admin/proposals/", "Proposals"),
    Place("removals", "/admin/removals/", "Removals"),
    Place("webhooks", "/admin/webhooks/", "Webhooks"),
    Place("mails", "/admin/mails/", "Mails"),
    Place("users", "/admin/users/", "Accounts"),
)


def places(paths: Collection[str]) -> tuple[Place, ...]:
    """Those of them that have a page."""
    return tuple(place for place in _PLACES if place.path in paths)
