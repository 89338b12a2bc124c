"""From refusal to status and heading, for people: one table."""

from http import HTTPStatus
from typing import NamedTuple

from homeport.domain import errors


class Told(NamedTuple):
    """How a kind of refusal is told."""

    status: HTTPStatus
    heading: str


TABLE: dict[type[errors.Refusal], Told] = {
    errors.NotFound: Told(HTTPStatus.NOT_FOUND, "Nothing here"),
    errors.Invalid: Told(HTTPStatus.BAD_REQUEST, "That cannot be done as asked"),
    # Nobody is shown this one: the browser goes to the sign-in page, and comes back.
    errors.Unauthenticated: Told(HTTPStatus.SEE_OTHER, "Sign in first"),
    errors.Forbidden: Told(HTTPStatus.FORBIDDEN, "Not yours to do"),
    errors.Conflict: Told(HTTPStatus.CONFLICT, "Something else happened first"),
    errors.IllegalMove: Told(HTTPStatus.CONFLICT, "That cannot follow from here"),
    errors.TooLarge: Told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too large"),
    errors.RateLimited: Told(HTTPStatus.TOO_MANY_REQUESTS, "Too many tries"),
    errors.Unavailable: Told(HTTPStatus.SERVICE_UNAVAILABLE, "Not now"),
    errors.NeedsConsent: Told(HTTPStatus.FORBIDDEN, "Your consent is needed"),
}
# The one code that is not told as its kind: HTTP has a word for it (RFC 9110 §15.5.9).
BODY_TOO_SLOW = "body-too-slow"
_TOO_SLOW = Told(HTTPStatus.REQUEST_TIMEOUT, "That took too long")
UNEXPECTED = Told(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here")


def told(refusal: errors.Refusal) -> Told:
    """How ``refusal`` is told."""
    return _TOO_SLOW if refusal.code == BODY_TOO_SLOW else TABLE[type(refusal)]
