"""The entry of every request: the hot paths are answered here, everything else goes to the rest.

1. ``/simple`` and ``/files`` are answered by one function over ``HotReads``, without routing or middleware.
2. ``.provenance`` beside a file, and files whose bytes lie in a bucket, are the rest's.
3. Lifespan and websockets are the rest's.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from homeport.api.answers import METHOD_NOT_ALLOWED, Answer, send_answer
from homeport.api.files import OnMissing, file_answer
from homeport.api.simple import simple_answer
from homeport.ports.reads import HotReads


def hot_paths(reads: HotReads, rest: ASGIApp, on_missing: OnMissing) -> ASGIApp:
    """An ASGI application that answers ``/simple/…`` and ``/files/…`` from ``reads`` and hands on the others.

    ``on_missing(sha256, filename)`` is called when a listed file's bytes are not on disk.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = _answer(reads, scope, on_missing) if scope["type"] == "http" else None
        if answer is None:
            await rest(scope, receive, send)
        else:
            await send_answer(answer, scope, send)

    return app


def _answer(reads: HotReads, scope: Scope, on_missing: OnMissing) -> Answer | None:
    path: str = scope["path"]
    is_page = path.startswith("/simple/") or path == "/simple"
    if not is_page and (not path.startswith("/files/") or path.endswith(".provenance")):
        return None
    if scope["method"] not in {"GET", "HEAD"}:
        return METHOD_NOT_ALLOWED
    return simple_answer(reads, scope) if is_page else file_answer(reads, scope, on_missing)
