"""Read tokens of sources: sealed when they are given, opened when their source is asked, and never shown.

1. What is sealed is the token with the origin it is for: a sealed token that somebody moved to another source's row is
   sent nowhere.
2. A forge is shown a token as its API wants it. Any other place is shown ``user:password`` as Basic, and a token alone
   as Bearer.
"""

import base64
import re
from collections.abc import Iterable

from homeport.domain.errors import Conflict, Invalid, Refusal, Unavailable
from homeport.domain.release_api import asked_address
from homeport.domain.source import Source, SourceKind
from homeport.domain.urls import origin_of
from homeport.ports.fetch import Ask, Credential, Errand
from homeport.ports.sealer import Sealer
from homeport.ports.store import Transaction
from homeport.ports.world import World

_TOKEN = re.compile(r"[!-~]{1,1000}")


def seal_token(world: World, source: Source, token: str) -> bytes:
    """``token`` as it is stored with ``source``; ``Invalid`` when it cannot be one, or the source takes none."""
    if not source.kind.takes_token:
        raise Invalid(
            f"A source of kind {source.kind} is read without a token.", code="source-takes-no-token"
        )
    return _sealer(world).seal(f"{origin_of(asked_address(source))}\n{_require_token(token)}")


def credential_of(world: World, source: Source, sealed: bytes) -> Credential:
    """What shows the sealed token to the source; ``Conflict`` when it cannot be opened, or was given for another place."""
    origin, _, token = _sealer(world).open(sealed).partition("\n")
    if origin != origin_of(asked_address(source)):
        raise Conflict(
            f"The read token of {source.url} was given for another place: give it anew.",
            code="source-token-misplaced",
        )
    return shown(source, token)


def shown(source: Source, token: str) -> Credential:
    """The header that shows ``token`` to the source."""
    origin, token = origin_of(asked_address(source)), _require_token(token)
    if source.kind is SourceKind.GITLAB:
        return Credential(origin, "PRIVATE-TOKEN", token)
    if source.kind is SourceKind.GITEA:
        return Credential(origin, "Authorization", f"token {token}")
    if source.kind is SourceKind.GITHUB or ":" not in token:
        return Credential(origin, "Authorization", f"Bearer {token}")
    return Credential(origin, "Authorization", f"Basic {base64.b64encode(token.encode()).decode()}")


def ask_for_file(world: World, tx: Transaction, project_id: int, url: str, kind: SourceKind) -> Ask:
    """How a file of a source of that kind is asked for: places for programs are not crawled, and shown their token."""
    credential = credential_for_file(world, tx, project_id, url)
    return Ask(
        # A forge's API tells of a private file unless its bytes are asked for.
        accept="application/octet-stream" if credential else "",
        errand=Errand.CALL if kind.is_for_machines else Errand.CRAWL,
        credential=credential,
    )


def credential_for_file(world: World, tx: Transaction, project_id: int, url: str) -> Credential | None:
    """What shows the token of the project's source at the origin of ``url``, if there is one that can be opened."""
    wanted = origin_of(url)
    for source in _with_tokens(tx.outside.sources(project_id)):
        sealed = tx.outside.sealed_token(project_id, source)
        if sealed is None or origin_of(asked_address(source)) != wanted:
            continue
        try:
            return credential_of(world, source, sealed)
        except Refusal:
            continue  # the crawl that found the file told of it
    return None


def _with_tokens(sources: Iterable[Source]) -> Iterable[Source]:
    return (source for source in sources if source.has_token)


def _require_token(token: str) -> str:
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise Invalid(
            "The token must be 1 to 1,000 printable characters without blanks.", code="source-token-invalid"
        )
    return token


def _sealer(world: World) -> Sealer:
    if world.sealer is None:
        raise Unavailable("This index has no place to keep secrets.", code="no-sealer")
    return world.sealer
