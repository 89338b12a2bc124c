"""Who may read what is not for everybody: an index that asks everyone to sign in, or a private project.

1. Who is not signed in is asked to (401); who is, and may not read it, is told that it is not there (404).
2. What is given to somebody is for nobody else: ``private``, never shared, never open to other sites (S05).
3. A token costs one look-up; a password costs a slow hash, in a thread: installers should use tokens.
4. Whoever cannot be signed in is told why as at the other doors: too many tries, a password that is not enough, a
   database that is away.
"""

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from homeport.api.answers import NOT_FOUND, Answer, header_fields, text_answer
from homeport.api.credentials import CHALLENGE, credentials_of
from homeport.api.token_uses import leave_token
from homeport.domain.account import TOKEN_USER, Caller, token_digest
from homeport.domain.errors import Refusal, Unauthenticated
from homeport.domain.rights import may_read
from homeport.domain.throttle import Proxies, client_address
from homeport.ports.reads import HotReads

SignIn = Callable[[str, str, str], Caller]


class Readers:
    """The gate in front of the hot paths.

    ``must_sign_in`` says that nothing of this index is for everybody. ``sign_in`` takes a user name, a password and
    the client's address, and refuses; it is called in a thread.
    """

    def __init__(
        self,
        reads: HotReads,
        now: Callable[[], datetime],
        sign_in: SignIn,
        *,
        must_sign_in: bool,
        proxies: Proxies = (),
        base_url: str = "",
    ) -> None:
        self._reads = reads
        self._now = now
        self._sign_in = sign_in
        self._proxies = proxies
        self._base_url = base_url
        self.must_sign_in = must_sign_in

    async def checked(self, answer: Answer, scope: Scope) -> Answer:
        """``answer`` for the one who asked, or what stands in its place."""
        try:
            caller = await self._caller(scope)
            leave_token(scope, caller)
        except Refusal as refusal:
            return for_one_only(_refused(refusal))
        return for_one_only(answer if self._may_have(caller, answer) else NOT_FOUND)

    def _may_have(self, caller: Caller, answer: Answer) -> bool:
        if answer.of is None:
            return True
        role = self._reads.role(caller.user.id, answer.of) if answer.is_private else None
        return may_read(caller, answer.of, role, is_private=answer.is_private)

    async def _caller(self, scope: Scope) -> Caller:
        fields = header_fields(scope)
        name, secret = credentials_of(fields.get(b"authorization", b"").decode("latin-1"), self._base_url)
        if name != TOKEN_USER:
            peer, told = scope.get("client"), fields.get(b"x-forwarded-for", b"").decode("latin-1")
            address = client_address(peer[0] if peer else "", told, self._proxies)
            return await run_in_threadpool(self._sign_in, name, secret, address)
        digest = token_digest(secret)
        caller = self._reads.caller(digest.hex, self._now()) if digest else None
        if caller is None:
            raise Unauthenticated("This token is not known here, or has ended.", code="credentials-wrong")
        return caller


def _refused(refusal: Refusal) -> Answer:
    # Asked for when it is needed: the first answers are given before this is loaded.
    from homeport.api.errors import STATUS

    headers = []
    if isinstance(refusal, Unauthenticated):
        headers.append((b"www-authenticate", CHALLENGE.encode()))
    if refusal.retry_after_seconds is not None:
        headers.append((b"retry-after", b"%d" % refusal.retry_after_seconds))
    return text_answer(STATUS[type(refusal)], refusal.sentence, *headers, cache_control=b"no-store")


def for_one_only(answer: Answer) -> Answer:
    """``answer``, for nobody but the one who asked (rule 2)."""
    fields = dict(answer.headers)
    fields.pop(b"access-control-allow-origin", None)
    fields[b"cache-control"] = b"private, " + fields[b"cache-control"].removeprefix(b"public, ")
    fields[b"vary"] = b", ".join(filter(None, (fields.get(b"vary"), b"Authorization")))
    return answer._replace(headers=tuple(fields.items()))
