"""People who ask by a token that is really there: what counts is asked for again inside the transaction."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
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
