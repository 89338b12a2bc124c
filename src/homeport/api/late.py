"""An application that is loaded while another already answers."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from starlette.types import ASGIApp, Receive, Scope, Send


def late_app(build: Callable[[], ASGIApp]) -> ASGIApp:
    """An ASGI application made by ``build`` in a thread that starts now; requests wait until it is there.

    When ``build`` raises, every request raises what it raised: the server logs it and answers 500.
    """
    built: Future[ASGIApp] = Future()

    def load() -> None:
        try:
            built.set_result(build())
        except BaseException as error:  # noqa: BLE001 - handed to the requests that wait
            built.set_exception(error)

    threading.Thread(target=load, name="doors", daemon=True).start()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            # Nothing is to be started or stopped; waiting here would keep the hot paths closed.
            return
        ready = built.result() if built.done() else await asyncio.wrap_future(built)
        await ready(scope, receive, send)

    return app
