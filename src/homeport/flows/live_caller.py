"""Who asked is asked for again where it counts: what was shown at the door may have ended since."""

from dataclasses import replace
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.errors import Unauthenticated
from homeport.domain.token import TokenState, token_state
from homeport.ports.store import Transaction


def require_live(tx: Transaction, caller: Caller, now: datetime) -> Caller:
    """The caller as the index knows them in this transaction, or ``Unauthenticated``.

    Judging a file takes a while, in which a token is revoked or runs out, an account is disabled, and an
    administrator becomes none.
    """
    user, token = tx.users.by_id(caller.user.id), caller.token
    if user is None or user.is_disabled:
        raise Unauthenticated("This account is not open any more.", code="credentials-ended")
    if token is not None:
        found = tx.tokens.find(token.id)
        if found is None or token_state(found[0], now) is not TokenState.LIVE:
            raise Unauthenticated("This token has ended.", code="credentials-ended")
    return replace(caller, user=user)
