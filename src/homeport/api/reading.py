"""Who may read what is not for everybody: an index that asks everyone to sign in, or a private project.

1. Who is not signed in is asked to (401); who is, and may not read it, is told that it is not there (404).
2. What is given to somebody is for nobody else: ``private``, never shared, never open to other sites (S05).
3. A token costs one look-up; a password costs a slow hash, in a thread: installers should use tokens.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from homeport.api.answers import NOT_FOUND, Answer, header_fields, text_answer
from homeport.api.credentials import CHALLENGE, credentials_of
from homeport.domain.account import TOKEN_USER, Caller, token_digest
from homeport.domain.errors import Unauthenticated
from homeport.domain.rights import may_read
from homeport.ports.reads import HotReads

SignIn = Callable[[str, str], Caller]


class Readers:
    """The gate in front of the hot paths.

    ``must_sign_in`` says that nothing of this index is for everybody. ``sign_in`` takes a user name and a password,
    and raises ``Unauthenticated``; it is called in a thread.
    """

    def __init__(
        self, reads: HotReads, now: Callable[[], datetime], sign_in: SignIn, *, must_sign_in: bool
    ) -> None:
        self._reads = reads
        self._now = now
        self._sign_in = sign_in
        self.must_sign_in = must_sign_in

    async def checked(self, answer: Answer, scope: Scope) -> Answer:
        """``answer`` for the one who asked, or what stands in its place."""
        try:
            caller = await self._caller(header_fields(scope).get(b"authorization", b"").decode("latin-1"))
        except Unauthenticated as refusal:
            challenge = (b"www-authenticate", CHALLENGE.encode())
            return for_one_only(text_answer(401, refusal.sentence, challenge, cache_control=b"no-store"))
        return for_one_only(answer if self._may_have(caller, answer) else NOT_FOUND)

    def _may_have(self, caller: Caller, answer: Answer) -> bool:
        if answer.of is None:
            return True
        role = self._reads.role(caller.user.id, answer.of) if answer.is_private else None
        return may_read(caller, answer.of, role, is_private=answer.is_private)

    async def _caller(self, authorization: str) -> Caller:
        name, secret = credentials_of(authorization)
        if name != TOKEN_USER:
            return await run_in_threadpool(self._sign_in, name, secret)
        digest = token_digest(secret)
        caller = self._reads.caller(digest.hex, self._now()) if digest else None
        if caller is None:
            raise Unauthenticated("This token is not known here, or has ended.", code="credentials-wrong")
        return caller


def for_one_only(answer: Answer) -> Answer:
    """``answer``, for nobody but the one who asked (rule 2)."""
    fields = dict(answer.headers)
    fields.pop(b"access-control-allow-origin", None)
    fields[b"cache-control"] = b"private, " + fields[b"cache-control"].removeprefix(b"public, ")
    fields[b"vary"] = b", ".join(filter(None, (fields.get(b"vary"), b"Authorization")))
    return answer._replace(headers=tuple(fields.items()))
