"""A stage as installers see it: pages and files below an address that nobody can guess.

Nothing of it is kept by anybody, found by a search engine, or told by a referrer: the address is the key to it.
"""

from functools import partial
from http import HTTPStatus
from pathlib import Path

from packaging.utils import canonicalize_name
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from homeport.api.answers import Answer, FileSlice, send_answer
from homeport.api.caller import caller_of
from homeport.api.errors import refusal_headers, refusal_status
from homeport.domain.errors import Refusal
from homeport.flows.staging.preview import preview_file, preview_metadata, preview_page, stage_root
from homeport.formats.accept import negotiate
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json
from homeport.ports.world import World

_PRIVATE = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
}
_METADATA = ".metadata"


def preview_refusal(request: Request, refusal: Refusal) -> Response:  # noqa: ARG001 - as every door has it
    """What an installer is told: a sentence, and never HTML, in which some would look for links."""
    headers = refusal_headers(refusal) | _PRIVATE
    return PlainTextResponse(f"{refusal.sentence}\n", refusal_status(refusal), headers)


class Preview:
    """Answers below ``/stage/``; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def page(self, request: Request) -> Response:
        """The page of the stage's project."""
        secret, name = _text(request, "secret"), _text(request, "name")
        normalized = canonicalize_name(name)
        if name != normalized:
            return RedirectResponse(
                f"{stage_root(secret)}/simple/{normalized}/", HTTPStatus.MOVED_PERMANENTLY, _PRIVATE
            )
        representation = negotiate(
            request.headers.get("accept", "").encode("latin-1"), request.url.query.encode("latin-1")
        )
        if representation is None:
            return PlainTextResponse("This page can be had as HTML and as JSON.\n", HTTPStatus.NOT_ACCEPTABLE)
        sign_in = partial(caller_of, self._world, request)
        page = await run_in_threadpool(preview_page, self._world, sign_in, secret, normalized)
        body = project_page_json(page) if representation.form == "json" else project_page_html(page)
        headers = _PRIVATE | {
            "vary": "Accept, Authorization",
            "content-security-policy": "default-src 'none'",
            "content-type": representation.media_type,
        }
        return Response(body, headers=headers)

    async def file(self, request: Request) -> Response:
        """A file of the stage, or its core metadata."""
        secret, sha256, filename = (_text(request, name) for name in ("secret", "sha256", "filename"))
        sign_in = partial(caller_of, self._world, request)
        inert = _PRIVATE | {"content-security-policy": "sandbox"}
        if filename.endswith(_METADATA):
            named = filename.removesuffix(_METADATA)
            body = await run_in_threadpool(preview_metadata, self._world, sign_in, secret, sha256, named)
            return Response(body, headers=inert, media_type="text/plain; charset=utf-8")
        found = await run_in_threadpool(preview_file, self._world, sign_in, secret, sha256, filename)
        disposition = f'attachment; filename="{found.filename}"'
        described = {"content-type": "application/octet-stream", "content-disposition": disposition}
        return _FileResponse(found.path, found.size_bytes, inert | described)


class _FileResponse(Response):
    """A whole file, sent as the index sends its files."""

    def __init__(self, path: Path, size_bytes: int, headers: dict[str, str]) -> None:
        super().__init__(headers=headers | {"content-length": str(size_bytes)})
        self._file = FileSlice(path, 0, size_bytes, is_whole=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        await send_answer(Answer(self.status_code, self.raw_headers, self._file), scope, send)


def _text(request: Request, name: str) -> str:
    return str(request.path_params[name])
