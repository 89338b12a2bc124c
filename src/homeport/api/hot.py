"""The entry of every request: the hot paths are answered here, everything else goes to the rest.

1. ``/simple`` and ``/files`` are answered by one function over ``HotReads``, without routing or middleware.
2. ``.provenance`` beside a file, and files whose bytes lie in a bucket, are the rest's.
3. Lifespan and websockets are the rest's.
4. What not everybody may read passes the gate of ``reading`` before it is sent.
5. By which token a request was made is noted when it has its answer.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from homeport.api.answers import METHOD_NOT_ALLOWED, Answer, accident, send_answer, text_answer
from homeport.api.files import Files, OnMissing
from homeport.api.reading import Readers
from homeport.api.simple import LIST_PATH, SimplePages, list_answer
from homeport.api.token_uses import TokenUses
from homeport.ports.reads import HotReads

OnAccident = Callable[[Exception, str], str]


def hot_paths(
    reads: HotReads,
    rest: ASGIApp,
    readers: Readers,
    uses: TokenUses,
    on_missing: OnMissing,
    on_accident: OnAccident,
) -> ASGIApp:
    """An ASGI application that answers ``/simple/…`` and ``/files/…`` from ``reads`` and hands on the others.

    ``on_missing(sha256, filename)`` is called when a listed file's bytes are not on disk, ``on_accident(error, path)``
    when an answer could not be made; it returns the id under which it is told.
    """
    pages, files = SimplePages(reads), Files(reads, on_missing)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = _answer(pages, files, scope) if scope["type"] == "http" else None
            if answer is _LIST:
                answer = await list_answer(reads, scope)
            if answer is not None and (answer.is_private or readers.must_sign_in):
                answer = await readers.checked(answer, scope)
        except Exception as error:  # noqa: BLE001 - what nobody expected is answered here, once
            answer = text_answer(500, accident(on_accident(error, scope["path"])), cache_control=b"no-store")
        if answer is None:
            await rest(scope, receive, send)
        else:
            await send_answer(answer, scope, send)
        await uses.note(scope)

    return app


# Stands for the list of projects, which is not answered at once.
_LIST = Answer(200, ())


def _answer(pages: SimplePages, files: Files, scope: Scope) -> Answer | None:
    path: str = scope["path"]
    is_page = path.startswith(LIST_PATH) or path == "/simple"
    if not is_page and (not path.startswith("/files/") or path.endswith(".provenance")):
        return None
    if scope["method"] not in {"GET", "HEAD"}:
        return METHOD_NOT_ALLOWED
    if path == LIST_PATH:
        return _LIST
    return pages.answer(scope) if is_page else files.answer(scope)
