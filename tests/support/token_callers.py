"""People who ask by a token that is really there: what counts is asked for again inside the transaction."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from tests.support.world import Fakes

from homeport.domain.account import Caller, Scope, User
from homeport.domain.digests import Sha256
from homeport.flows.sign_in import sign_in_with_token
from homeport.flows.tokens import NewToken
from homeport.ports.notices import Notice
from homeport.ports.world import World


def by_token(world: World, caller: Caller, *scopes: Scope, projects: Iterable[str] = ()) -> Caller:
    """``caller`` with a fresh token of theirs for ``scopes``."""
    with world.store.write() as tx:
        token = tx.tokens.add(
            Sha256.of(secrets.token_bytes(16)),
            caller.user.id,
            scopes=frozenset(scopes),
            projects=frozenset(projects),
            at=world.clock.now(),
            expires_at=None,
        )
    return replace(caller, token=token)


def by(fakes: Fakes, made: NewToken) -> Caller:
    """Who signs in with a token."""
    return sign_in_with_token(fakes.world, made.text)


def notices(fakes: Fakes, user: User) -> list[Notice]:
    """What somebody was told, newest first."""
    with fakes.store.read() as tx:
        return list(tx.notices.of_user(user.id, limit=99))
