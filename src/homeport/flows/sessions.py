"""Sessions: a browser is signed in, recognised, listed and signed out.

1. A browser is signed in for good when its user has shown everything they have to show: with a second factor there
   is half a session first, which opens one page only and ends soon.
2. A browser that is signed in by a password is so only while that is still the password: another one ends sessions,
   and must end those that are just beginning, too.
3. Whenever somebody shows who they are, the browser gets another secret, and the old one is worth nothing (T-30).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from homeport.domain.account import Caller, User
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.domain.second_factor import SecondFactor
from homeport.flows.sign_in import NOT_KNOWN, Shown
from homeport.ports.sessions import Session
from homeport.ports.store import Transaction
from homeport.ports.world import World

SESSION_LASTS = timedelta(hours=12)
HALF_SESSION_LASTS = timedelta(minutes=10)
_SECRET_BYTES = 32
_LONGEST_AGENT = 200


def sign_in_browser(world: World, shown: Shown, agent: str = "") -> str:
    """A fresh secret for the browser of who has shown a password; ``Unauthenticated`` when that was replaced since."""
    with world.store.write() as tx:
        if not shown.is_still_stored(tx):
            raise Unauthenticated(NOT_KNOWN, code="credentials-wrong")
        return _open(world, tx, shown.user, agent)


def open_session(world: World, user: User, agent: str = "") -> str:
    """The same for a user who has just set their password."""
    with world.store.write() as tx:
        return _open(world, tx, user, agent)


def _open(world: World, tx: Transaction, user: User, agent: str) -> str:
    """With a second factor it is half a session, until that is shown too."""
    now = world.clock.now()
    is_whole = not tx.second_factors.of_user(user.id)
    ends = now + (SESSION_LASTS if is_whole else HALF_SESSION_LASTS)
    shown = "".join(character for character in agent if character.isprintable())
    secret, digest = _fresh_secret(world)
    tx.sessions.add(Session(digest, user, now, ends, now, is_whole, agent=shown[:_LONGEST_AGENT]))
    return secret


def find_session(world: World, secret: str) -> Session | None:
    """Whose browser this is, and since when; ``None`` also when the account was disabled."""
    with world.store.read() as tx:
        session = tx.sessions.find(Sha256.of(secret.encode()), world.clock.now())
    return None if session is None or session.user.is_disabled else session


def caller_of(session: Session) -> Caller:
    """Who asks from that browser, and when they last showed who they are."""
    return Caller(session.user, confirmed_at=session.confirmed_at)


def renew_session(world: World, tx: Transaction, session: Session) -> str:
    """Everything was shown: the session is whole and freshly confirmed, under a new secret, which is returned.

    ``Unauthenticated`` when it ended meanwhile, also because somebody was quicker with the same answer.
    """
    now = world.clock.now()
    if not tx.sessions.close(session.secret):
        raise Unauthenticated("This session has ended: sign in again.", code="session-ended")
    secret, digest = _fresh_secret(world)
    ends = session.expires_at if session.is_whole else now + SESSION_LASTS
    renewed = replace(
        session, secret=digest, expires_at=ends, confirmed_at=now, is_whole=True, challenge=None
    )
    tx.sessions.add(renewed)
    return secret


def close_session(world: World, secret: str) -> None:
    """Sign a browser out."""
    with world.store.write() as tx:
        tx.sessions.close(Sha256.of(secret.encode()))


def close_one_of(world: World, session: Session, secret_sha256: Sha256) -> None:
    """Sign out one browser of the user of ``session``; ``NotFound`` when it is none of theirs."""
    with world.store.write() as tx:
        theirs = {one.secret for one in tx.sessions.of_user(session.user.id, world.clock.now())}
        if secret_sha256 not in theirs:
            raise NotFound("This session has ended already.", code="session-unknown")
        tx.sessions.close(secret_sha256)


def close_others(world: World, session: Session) -> int:
    """Sign out every other browser of the user of ``session``; how many there were."""
    with world.store.write() as tx:
        return tx.sessions.close_all(session.user.id, but=session.secret)


@dataclass(frozen=True, slots=True)
class Security:
    """How somebody is signed in, and what they have to show."""

    sessions: Sequence[Session]
    factors: Sequence[SecondFactor]
    recovery_codes_left: int


def show_security(world: World, user: User) -> Security:
    """What the page about a person's own security tells."""
    with world.store.read() as tx:
        return Security(
            tx.sessions.of_user(user.id, world.clock.now()),
            tx.second_factors.of_user(user.id),
            tx.second_factors.recovery_codes_left(user.id),
        )


def _fresh_secret(world: World) -> tuple[str, Sha256]:
    secret = world.clock.random_bytes(_SECRET_BYTES).hex()
    return secret, Sha256.of(secret.encode())
