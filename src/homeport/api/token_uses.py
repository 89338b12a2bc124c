"""That a token was used is noted when its request has been answered: once an hour for each, and never on its way.

Whatever finds out who asks leaves the token in the request's scope; the entry of every request looks there at the end.
"""

from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from homeport.domain.account import Caller, Token
from homeport.domain.errors import Unavailable
from homeport.domain.token import is_use_news

_USED = "homeport.token"

NoteUse = Callable[[Token], None]


def leave_token(scope: MutableMapping[str, Any], caller: Caller) -> None:
    """Say by which token a request was made, if it was by one."""
    if caller.token is not None:
        scope[_USED] = caller.token


class TokenUses:
    """Notes what was left; ``note`` may take its time, it is called in a thread, once at a time for each token."""

    def __init__(self, note: NoteUse, now: Callable[[], datetime]) -> None:
        self._note = note
        self._now = now
        self._at_work = set[int]()

    async def note(self, scope: MutableMapping[str, Any]) -> None:
        """Note the token that the request of ``scope`` was made by; call it when the answer is on its way."""
        token: Token | None = scope.get(_USED)
        if token is None or token.id in self._at_work or not is_use_news(token, self._now()):
            return
        self._at_work.add(token.id)
        try:
            await run_in_threadpool(self._note, token)
        except Unavailable:
            # Another request will come; this one has its answer.
            return
        finally:
            self._at_work.discard(token.id)
