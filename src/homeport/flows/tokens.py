"""API tokens: made, listed, used, revoked, and found where they should not be."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from homeport.domain.account import TOKEN_RANDOM_BYTES, Caller, Scope, Token, User, token_digest, token_text
from homeport.domain.digests import Sha256
from homeport.domain.errors import Forbidden, Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.domain.project import require_reason
from homeport.domain.rights import require_admin, require_known
from homeport.domain.strike_out import without_tokens
from homeport.domain.token import (
    LISTED_FOR,
    MOST_FOUND,
    Reach,
    TokenState,
    keeps,
    require_may_make,
    require_sense,
    token_state,
)
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, write_notice
from homeport.ports.store import Transaction
from homeport.ports.world import World

TOKENS_PAGE = "/account/tokens/"
_MOST_LISTED = 500
_LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a new token shall be good for; no ``projects`` means all of its user's, no ``lasts`` means for ever.

    What is left open is as the asking token has it; a person leaves no ``scopes`` open.
    """

    scopes: frozenset[Scope] = frozenset()
    projects: tuple[str, ...] = ()
    lasts: timedelta | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; its ``text`` is shown now and never again."""

    token: Token
    text: str = field(repr=False)


def create_token(world: World, caller: Caller, wish: TokenWish) -> NewToken:
    """A token of the caller's; by a token, none that reaches farther than that one. Its text is stored as a digest only."""
    now, label = world.clock.now(), " ".join(wish.label.split())
    scopes = wish.scopes or (caller.token.scopes if caller.token else frozenset())
    require_sense(label, scopes, wish.projects, wish.lasts)
    text = token_text(world.clock.random_bytes(TOKEN_RANDOM_BYTES))
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        reach = _reach(tx, caller, replace(wish, scopes=scopes), now)
        require_may_make(caller, reach)
        token = tx.tokens.add(
            Sha256.of(text.encode()),
            caller.user.id,
            scopes=reach.scopes,
            projects=reach.projects,
            at=now,
            expires_at=reach.until,
            label=label,
            parent_id=caller.token.id if caller.token else None,
        )
        tx.ledger.append(
            Kind.TOKEN_CREATED,
            at=now,
            actor=caller.user.name,
            project="",
            details={
                "token": token.id,
                "user": token.user,
                "scopes": sorted(reach.scopes),
                "projects": sorted(reach.projects),
                "until": reach.until.isoformat() if reach.until else None,
            },
        )
        _tell_owner(tx, caller.user, "token-created", token, _told(reach), now)
    return NewToken(token, text)


def _reach(tx: Transaction, caller: Caller, wish: TokenWish, now: datetime) -> Reach:
    projects = frozenset(_project(tx, caller, name) for name in wish.projects)
    until = now + wish.lasts if wish.lasts is not None else None
    if caller.token is not None:
        projects, until = projects or caller.token.projects, until or caller.token.expires_at
    return Reach(wish.scopes, projects, until)


def _project(tx: Transaction, caller: Caller, name: str) -> str:
    project = find_project(tx, ProjectName.parse(name).display)
    # A form must not tell strangers what exists.
    require_known(caller, project, tx.projects.role_of(project.id, caller.user.id))
    return project.name.normalized


def _told(reach: Reach) -> str:
    where = ", ".join(sorted(reach.projects)) or "all your projects"
    until = f"until {reach.until:%Y-%m-%d}" if reach.until else "without end"
    return (
        f"It may {' and '.join(sorted(reach.scopes))} {where}, {until}. If that was not you, revoke it at once "
        "and change your password."
    )


def list_tokens(world: World, caller: Caller) -> Sequence[Token]:
    """The caller's tokens, newest first, also those that ended lately; by a token, those that it could have made."""
    if caller.token is not None and Scope.MANAGE not in caller.token.scopes:
        raise Forbidden("This needs a token to manage, or a password.", code="token-scope")
    ended_after = world.clock.now() - LISTED_FOR
    with world.store.read() as tx:
        tokens = tx.tokens.of_user(caller.user.id, ended_after=ended_after, limit=_MOST_LISTED)
    return [token for token in tokens if keeps(caller, token)]


def revoke_token(world: World, caller: Caller, token_id: int, reason: str = "") -> Token:
    """Let a token be good for nothing, at once; an administrator may do it to anybody's, with a reason."""
    now, why = world.clock.now(), require_reason(reason)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        found = tx.tokens.find(token_id)
        if found is None:
            raise NotFound(f"There is no token {token_id} here.", code="token-unknown")
        token, owner = found
        if not keeps(caller, token):
            require_admin(caller)
            if not why:
                raise Invalid("Say why: the token's user is told.", code="reason-missing")
        if token_state(token, now) is TokenState.LIVE:
            said = f"By {caller.user.name}. {why}".strip()
            token = _revoke(tx, token, owner, now, by=caller.user.name, reason=why, told=said)
        return token


class Found(NamedTuple):
    """The text of a token, and where somebody saw it; ``url`` may be empty."""

    text: str
    url: str


def revoke_found(world: World, found: Sequence[Found]) -> None:
    """Revoke what lies in the open, and tell each owner where; whoever reports learns nothing of what was ours."""
    if len(found) > MOST_FOUND:
        raise Invalid(f"At most {MOST_FOUND} tokens are taken at once.", code="too-many-tokens")
    known = [(digest, one.url) for one in found if (digest := token_digest(one.text))]
    now = world.clock.now()
    # Anybody may ask: what hits nothing must not keep those waiting who write.
    with world.store.read() as tx:
        hits = [(digest, url) for digest, url in known if _live(tx, digest, now)]
    if not hits:
        return
    with world.store.write() as tx:
        for digest, url in hits:
            # Asked again: the same text may be told twice.
            if there := _live(tx, digest, now):
                said = f"Somebody found its text at {_shown(url)}. Whatever used it needs another one."
                _revoke(tx, *there, now, by="", reason="found in the open", told=said)


def _live(tx: Transaction, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
    there = tx.tokens.by_text(digest)
    return there if there is not None and token_state(there[0], now) is TokenState.LIVE else None


def _shown(url: str) -> str:
    is_address = url and url.isprintable() and " " not in url
    return without_tokens(url)[:_LONGEST_URL] if is_address else "a place that was not named"


def _revoke(
    tx: Transaction, token: Token, owner: User, now: datetime, *, by: str, reason: str, told: str
) -> Token:
    """End ``token``, and what it made: whoever had its text may have made others with it.

    ``by`` is empty when nobody of this index asked for it.
    """
    # Row by row: a thief makes a line of descendants longer than any stack.
    waiting = deque([(token, told)])
    while waiting:
        ended, text = waiting.popleft()
        tx.tokens.revoke(ended.id, now)
        tx.ledger.append(
            Kind.TOKEN_REVOKED,
            at=now,
            actor=by,
            project="",
            details={"token": ended.id, "user": owner.name, "reason": reason},
        )
        _tell_owner(tx, owner, "token-revoked", ended, text, now)
        because = f"Token {token.id}, from which it was made, was revoked. {told}"
        made = tx.tokens.made_by(ended.id)
        waiting.extend((one, because) for one in made if token_state(one, now) is TokenState.LIVE)
    return replace(token, revoked_at=now)


def _tell_owner(tx: Transaction, owner: User, kind: str, token: Token, told: str, at: datetime) -> None:
    facts = {"token": token.id, "label": token.label, "told": told}
    tell(tx, [owner], write_notice(kind, facts, path=TOKENS_PAGE, at=at))


def note_use(world: World, token: Token) -> None:
    """Remember that ``token`` was used just now."""
    with world.store.write() as tx:
        tx.tokens.note_use(token.id, world.clock.now())
