"""Somebody's apps, keys and sessions, as they are added and used."""

from collections.abc import Sequence

import pyotp
from tests.support.authenticator import SecurityKey
from tests.support.world import Fakes

from homeport.domain.account import User
from homeport.domain.second_factor import secret_text
from homeport.flows.second_factors import add_app, add_key, begin_app, begin_key
from homeport.flows.sessions import find_session, open_session
from homeport.ports.sessions import Session
from homeport.ports.world import World

PASSWORD = "correct horse battery"
HERE = "198.51.100.7"


def signed_in(world: World, user: User) -> Session:
    """The session of a browser whose user typed their password: half of one when there is a factor."""
    return there(world, open_session(world, user))


def there(world: World, secret: str) -> Session:
    """The session of that secret."""
    session = find_session(world, secret)
    assert session is not None
    return session


def code(world: World, secret: bytes) -> str:
    """What an app with that secret shows now."""
    return pyotp.TOTP(secret_text(secret)).at(world.clock.now())


def with_app(world: World, session: Session) -> tuple[bytes, Sequence[str]]:
    """Add an app; its secret, and the recovery codes."""
    secret = begin_app(world, session)
    return secret, add_app(world, session, "phone", code(world, secret))


def with_key(world: World, session: Session, key: SecurityKey) -> Sequence[str]:
    """Add a key; the recovery codes."""
    return add_key(world, session, "key ring", key.make(begin_key(world, session)))


def told(fakes: Fakes) -> list[str]:
    """The subjects of all notices, oldest first."""
    return [notice.subject for _, notice in fakes.store.committed.notices]
