"""What ``:action`` may say beside uploads and registrations: the addresses and actions of twenty years.

1. What is gone is answered 410, with what to do instead; what never was is answered 400.
2. A link to one of the old pages leads to the page of today (standards B.6).
"""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from homeport.api.errors import ACTION_GONE
from homeport.domain.errors import Invalid, NotFound, Refusal
from homeport.domain.names import ProjectName

TAKEN = ("file_upload", "submit", "submit_pkg_info", "verify", "urls")
_GONE: Mapping[str, str] = {
    "doc_upload": "Documentation is not hosted here: publish it elsewhere, and name it in Project-URL: Documentation.",
    "user": "Accounts are not made by this call: open this index in a browser, or ask an administrator.",
    "password_reset": "Passwords are not reset by this call: open this index in a browser, or ask an administrator.",
    "doap": "DOAP records are not written any more: read /pypi/NAME/json.",
}
_FIXED = {
    "browse": "/search/",
    "rss": "/rss/updates.xml",
    "packages_rss": "/rss/packages.xml",
    "index": "/simple/",
}


def no_such_action(action: str) -> Refusal:
    """What who asks for ``action`` is told, which nobody takes."""
    if gone := _GONE.get(action):
        return NotFound(gone, code=ACTION_GONE)
    wanted = ", ".join(TAKEN)
    return Invalid(f":action is {action[:40]!r}: one of {wanted} is wanted.", code="action-unknown")


def old_page(query: QueryParams) -> Response:
    """Where the page lies today that an old link leads to."""
    action = query.get(":action", "")
    if action in _FIXED:
        return _moved(_FIXED[action])
    if action == "search":
        return _moved("/search/", q=query.get("term") or query.get("name") or "")
    if action in {"display", "files"}:
        return _moved(f"/project/{ProjectName.parse(query.get('name', '')).normalized}/")
    if action in _GONE:
        raise no_such_action(action)
    raise Invalid(f":action is {action[:40]!r}: there is no such page.", code="page-action-unknown")


def _moved(path: str, **query: str) -> Response:
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, HTTPStatus.MOVED_PERMANENTLY)
