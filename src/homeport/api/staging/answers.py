"""How Upload 2.0 reads a request and answers it: one media type, problem details, and nothing that is kept.

1. A request with a body says that it is of this API's media type, and its ``meta`` that it is of version 2.
2. Keys that nobody knows are let pass: a later minor version may have them.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from homeport.api.answers import accident
from homeport.api.endpoint import Teller
from homeport.api.errors import refusal_headers, refusal_status
from homeport.api.stream import small_body
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.staged_claim import MECHANISM_UNKNOWN
from homeport.formats.staging_json import API_VERSION, MEDIA_TYPE, upload_problem_json

_MAX_BODY_BYTES = 1024 * 1024
_MEDIA_TYPE_WRONG = "media-type-wrong"
_STATUS = {
    MECHANISM_UNKNOWN: HTTPStatus.UNPROCESSABLE_ENTITY,
    _MEDIA_TYPE_WRONG: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_PRIVATE = {"cache-control": "private, no-store"}


def document(
    values: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """A document of this API."""
    return JSONResponse(dict(values), status, {**_PRIVATE, **(headers or {})}, media_type=MEDIA_TYPE)


def problem(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal as problem details."""
    status = _STATUS.get(refusal.code) or refusal_status(refusal)
    told = upload_problem_json(status.value, status.phrase, refusal.sentence, refusal.code, refusal.problems)
    fields = {**refusal_headers(refusal), **_PRIVATE, **(headers or {})}
    return JSONResponse(told, status, fields, media_type="application/problem+json")


def _refusal(request: Request, refusal: Refusal) -> Response:  # noqa: ARG001 - as every door has it
    return problem(refusal)


def _accident(request: Request, error_id: str) -> Response:  # noqa: ARG001 - as every door has it
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    told = upload_problem_json(status.value, status.phrase, accident(error_id), error_id, ())
    return JSONResponse(told, status, _PRIVATE, media_type="application/problem+json")


TELL = Teller(_refusal, _accident)


async def body_of(request: Request) -> Mapping[str, Any]:
    """The request's document, or ``Invalid`` when it is none of this API's version."""
    require_type(request, MEDIA_TYPE)
    values = await json_of(request)
    if not isinstance(values, dict):
        raise Invalid("The body must be a JSON object.", code="body-invalid")
    meta = values.get("meta")
    version = meta.get("api-version") if isinstance(meta, dict) else None
    if not isinstance(version, str) or version.partition(".")[0] != API_VERSION.partition(".")[0]:
        raise Invalid(
            f'meta.api-version is {str(version)[:20]!r}: "{API_VERSION}" is wanted.',
            code="api-version-unknown",
        )
    return values


async def json_of(request: Request) -> Any:
    """The request's JSON, or ``Invalid``."""
    data = await small_body(request, _MAX_BODY_BYTES)
    try:
        values = json.loads(data)
        # JSON can spell half a character (a lone surrogate), which nothing can store.
        json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.", code="body-invalid") from None
    return values


def require_type(request: Request, wanted: str) -> None:
    """``Invalid`` when the body says that it is something else than ``wanted``."""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != wanted:
        raise Invalid(f"Content-Type is {given[:80]!r}: {wanted} is wanted.", code=_MEDIA_TYPE_WRONG)
