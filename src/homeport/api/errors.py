"""From refusal to status and body, for programs: one table, two bodies.

The legacy upload answers a conflict with 400, because that is the status whose ``File already exists`` every
version of every client understands (standards B.5); the JSON API answers 409.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from homeport.api.answers import accident
from homeport.api.credentials import CHALLENGE
from homeport.api.stream import BODY_TOO_SLOW
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
# The one code whose status is not its kind's: HTTP has a word for it (RFC 9110 §15.5.9).
_TOO_SLOW = HTTPStatus.REQUEST_TIMEOUT
_NEVER_KEPT = {"cache-control": "no-store"}


def legacy_refusal(request: Request, refusal: errors.Refusal) -> Response:
    """The answer an uploading client shows: plain text, or JSON for those that ask for it (standards B.4)."""
    return _legacy(request, _status(_LEGACY_STATUS, refusal), refusal.sentence, _headers(refusal))


def legacy_accident(request: Request, error_id: str) -> Response:
    """What an uploading client is shown of what nobody expected."""
    return _legacy(request, HTTPStatus.INTERNAL_SERVER_ERROR, accident(error_id), _NEVER_KEPT)


def api_refusal(request: Request, refusal: errors.Refusal) -> Response:  # noqa: ARG001 - as every door has it
    """The answer of the JSON API."""
    status = _status(STATUS, refusal)
    return _problem(status, refusal.sentence, refusal.code, refusal.problems, _headers(refusal))


def api_accident(request: Request, error_id: str) -> Response:  # noqa: ARG001 - as every door has it
    """What a program is told of what nobody expected; the code is the id it is found by in the log."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, accident(error_id), error_id, (), _NEVER_KEPT)


def _legacy(request: Request, status: HTTPStatus, sentence: str, headers: Mapping[str, str]) -> Response:
    sentence = _one_line(sentence)
    if "application/json" in request.headers.get("accept", ""):
        body = {"message": sentence, "code": f"{status.value} {sentence}", "title": sentence}
        return JSONResponse(body, status, headers)
    return PlainTextResponse(f"{sentence}\n", status, headers)


def _problem(
    status: HTTPStatus, sentence: str, code: str, problems: Sequence[str], headers: Mapping[str, str]
) -> Response:
    body = problem_json(status.value, status.phrase, sentence, code, problems)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _status(table: Mapping[type[errors.Refusal], HTTPStatus], refusal: errors.Refusal) -> HTTPStatus:
    return _TOO_SLOW if refusal.code == BODY_TOO_SLOW else table[type(refusal)]


def _headers(refusal: errors.Refusal) -> dict[str, str]:
    headers = dict(_NEVER_KEPT)
    if isinstance(refusal, errors.Unauthenticated):
        headers["www-authenticate"] = CHALLENGE
    if isinstance(refusal, errors.Unavailable):
        headers["retry-after"] = str(refusal.retry_after_seconds)
    if refusal.code == BODY_TOO_SLOW:
        headers["connection"] = "close"
    return headers


def _one_line(text: str) -> str:
    return " ".join(text.split())
