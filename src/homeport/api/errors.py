"""From refusal to status and body, for programs: one table, two bodies.

1. The legacy upload answers a conflict with 400, because that is the status whose ``File already exists`` every
   version of every client understands (standards B.5); the JSON API answers 409.
2. Uploading clients are answered in plain text, on one line; in JSON when they name it. Never in HTML (W22).
3. What a client takes for "the file is there, go on" is said of nothing else, whoever chose the words (W23).
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from homeport.api.answers import accident
from homeport.api.credentials import CHALLENGE
from homeport.api.stream import BODY_TOO_SLOW
from homeport.domain import errors
from homeport.flows.publish_file import FILE_BEING_PUBLISHED
from homeport.formats.management_json import problem_json
from homeport.formats.weighted import MAX_HEADER_BYTES, weighted

STATUS: dict[type[errors.Refusal], HTTPStatus] = {
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Invalid: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.IllegalMove: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NeedsConsent: HTTPStatus.FORBIDDEN,
}
_LEGACY_STATUS = STATUS | {
    errors.Conflict: HTTPStatus.BAD_REQUEST,
    errors.IllegalMove: HTTPStatus.BAD_REQUEST,
    errors.NeedsConsent: HTTPStatus.BAD_REQUEST,
}
ACTION_GONE = "action-gone"
# The codes whose status is not their kind's: HTTP has a word for them (RFC 9110 §15.5.9, §15.5.11).
_OWN_STATUS = {
    BODY_TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    ACTION_GONE: HTTPStatus.GONE,
    # PEP 694 has every door say so; no client takes these words for "the file is there".
    FILE_BEING_PUBLISHED: HTTPStatus.CONFLICT,
}
_FILE_EXISTS = "file-exists"
# What twine, poetry and pdm look for in an answer, of whatever status (standards B.4, B.5).
_MEANT_AS_EXISTING = re.compile(
    "already exist|already been taken|updating asset|cannot be updated|overwrite artifact|was ever registered",
    re.IGNORECASE,
)
_JSON, _PROBLEM, _TEXT = "application/json", "application/problem+json", "text/plain"
_API = "/api/v1/"
_NEVER_KEPT = {"cache-control": "no-store"}


def legacy_refusal(request: Request, refusal: errors.Refusal) -> Response:
    """The answer an uploading client shows: plain text, or JSON for those that ask for it (standards B.4)."""
    status, problems = refusal_status(refusal, _LEGACY_STATUS), refusal.problems
    return _legacy(request, status, refusal.sentence, refusal.code, problems, refusal_headers(refusal))


def legacy_accident(request: Request, error_id: str) -> Response:
    """What an uploading client is shown of what nobody expected."""
    return _legacy(request, HTTPStatus.INTERNAL_SERVER_ERROR, accident(error_id), error_id, (), _NEVER_KEPT)


def api_refusal(request: Request, refusal: errors.Refusal) -> Response:  # noqa: ARG001 - as every door has it
    """The answer of the JSON API."""
    status = refusal_status(refusal)
    return _problem(status, refusal.sentence, refusal.code, refusal.problems, refusal_headers(refusal))


def api_accident(request: Request, error_id: str) -> Response:  # noqa: ARG001 - as every door has it
    """What a program is told of what nobody expected; the code is the id it is found by in the log."""
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, accident(error_id), error_id, (), _NEVER_KEPT)


def no_route(request: Request, error: Exception) -> Response:
    """What the router itself answers: nothing is there, or not for this method (RFC 9110 §15.5.6)."""
    if not isinstance(error, HTTPException):
        raise TypeError(f"not what the router raises: {error!r}")
    status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    if not request.url.path.startswith(_API):
        return PlainTextResponse(f"{status.phrase}\n", status, headers)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        sentence = f"{request.method} is not for this address: use {headers.get('Allow', 'another method')}."
        return _problem(status, sentence, "method-unknown", (), headers)
    return _problem(
        status,
        f"There is no call at this address; {_API}openapi.json lists them all.",
        "call-unknown",
        (),
        headers,
    )


def _legacy(
    request: Request,
    status: HTTPStatus,
    sentence: str,
    code: str,
    problems: Sequence[str],
    headers: Mapping[str, str],
) -> Response:
    lines = "\n".join(_said(line, code) for line in sentence.splitlines())
    sentence = _said(sentence, code)
    wanted = _wanted(request)
    if wanted == _JSON:
        body = {"message": sentence, "code": f"{status.value} {sentence}", "title": sentence}
        return JSONResponse(body, status, headers)
    if wanted == _PROBLEM:
        return _problem(status, sentence, code, [_said(problem, code) for problem in problems], headers)
    return PlainTextResponse(f"{lines}\n", status, headers)


def _said(sentence: str, code: str) -> str:
    """The sentence on one line, without what moves a terminal's cursor (T-44), and without words that mean another case."""
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(sentence.split()))
    if code == _FILE_EXISTS:
        return line
    return _MEANT_AS_EXISTING.sub(lambda found: found[0].replace(" ", "_"), line)


def _wanted(request: Request) -> str:
    """The kind of body that the client likes best of those it names; text when it names none."""
    accept = request.headers.get("accept", "").encode("latin-1")[:MAX_HEADER_BYTES]
    named = {name: weight for name, weight in weighted(accept) if weight and name in {_JSON, _PROBLEM, _TEXT}}
    return max(named, key=lambda name: named[name], default=_TEXT)


def _problem(
    status: HTTPStatus, sentence: str, code: str, problems: Sequence[str], headers: Mapping[str, str]
) -> Response:
    body = problem_json(status.value, status.phrase, sentence, code, problems)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def refusal_status(
    refusal: errors.Refusal, table: Mapping[type[errors.Refusal], HTTPStatus] = STATUS
) -> HTTPStatus:
    """The status of an answer that tells ``refusal``."""
    return _OWN_STATUS.get(refusal.code) or table[type(refusal)]


def refusal_headers(refusal: errors.Refusal) -> dict[str, str]:
    """The fields of an answer that tells ``refusal``: where to sign in, when to ask again, and that nobody keeps it."""
    headers = dict(_NEVER_KEPT)
    if isinstance(refusal, errors.Unauthenticated):
        headers["www-authenticate"] = CHALLENGE
    if refusal.retry_after_seconds is not None:
        headers["retry-after"] = str(refusal.retry_after_seconds)
    if refusal.code == BODY_TOO_SLOW:
        headers["connection"] = "close"
    return headers
