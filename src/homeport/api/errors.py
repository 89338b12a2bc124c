"""From refusal to status and body, for programs: one table, two bodies.

The legacy upload answers a conflict with 400, because that is the status whose ``File already exists`` every
version of every client understands (standards B.5); the JSON API answers 409.
"""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from homeport.domain import errors
from homeport.formats.management_json import problem_json

STATUS: dict[type[errors.Refusal], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Invalid: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.IllegalMove: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NeedsConsent: HTTPStatus.FORBIDDEN,
}
_LEGACY_STATUS = STATUS | {
    errors.Conflict: HTTPStatus.BAD_REQUEST,
    errors.IllegalMove: HTTPStatus.BAD_REQUEST,
    errors.NeedsConsent: HTTPStatus.BAD_REQUEST,
}
# distutils' register sends its credentials only when asked with exactly this realm (standards B.3).
_CHALLENGE = 'Basic realm="pypi"'


def legacy_refusal(request: Request, refusal: errors.Refusal) -> Response:
    """The answer an uploading client shows: plain text, or JSON for those that ask for it (standards B.4)."""
    status = _LEGACY_STATUS[type(refusal)]
    headers = _headers(refusal)
    sentence = _one_line(refusal.sentence)
    if "application/json" in request.headers.get("accept", ""):
        body = {"message": sentence, "code": f"{status.value} {sentence}", "title": sentence}
        return JSONResponse(body, status, headers)
    return PlainTextResponse(f"{sentence}\n", status, headers)


def api_refusal(refusal: errors.Refusal) -> Response:
    """The answer of the JSON API."""
    status = STATUS[type(refusal)]
    body = problem_json(status.value, status.phrase, refusal.sentence, refusal.code, refusal.problems)
    return JSONResponse(body, status, _headers(refusal), media_type="application/problem+json")


def _headers(refusal: errors.Refusal) -> dict[str, str]:
    headers = {"cache-control": "no-store"}
    if isinstance(refusal, errors.Unauthenticated):
        headers["www-authenticate"] = _CHALLENGE
    if isinstance(refusal, errors.Unavailable):
        headers["retry-after"] = str(refusal.retry_after_seconds)
    return headers


def _one_line(text: str) -> str:
    return " ".join(text.split())
