"""Between a request and what answers it, for programs: a refusal is told in the door's own way, an accident by its id."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from homeport.api.stream import drain
from homeport.domain.errors import Refusal
from homeport.observe.events import accident
from homeport.ports.world import World

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Teller:
    """How one door tells a refusal, and an accident by the id under which it was logged."""

    refusal: Callable[[Request, Refusal], Response]
    accident: Callable[[Request, str], Response]


def endpoint(world: World, tell: Teller, answer: Endpoint) -> Endpoint:
    """``answer`` as the router calls it: whatever it raises becomes a response, what nobody expected is logged once."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except Refusal as refusal:
            await drain(request)
            _let_go(refusal)
            return tell.refusal(request, refusal)
        except Exception as error:  # noqa: BLE001 - what nobody expected is answered here, once
            random_bytes, path = world.clock.random_bytes, request.url.path
            error_id = accident(
                "a call failed", error=error, random_bytes=random_bytes, method=request.method, path=path
            )
            await drain(request)
            _let_go(error)
            return tell.accident(request, error_id)

    return answered


def _let_go(error: Exception) -> None:
    # An error from a thread is in a cycle with its own frames, which hold the request; and the server closes a
    # connection whose body is not over only when nothing holds the request any more.
    error.__traceback__ = None
