"""Second factors: shown to sign in and to confirm, added, removed, and the codes for who lost theirs.

1. A try and its count are one transaction: no answer counts twice, and of guesses made side by side no more than the
   limit are answered.
2. Every change is in the ledger, and its user is told.
3. Who changes factors has shown a short while ago who they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, User
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from homeport.domain.ledger import Kind
from homeport.domain.rights import require_admin, require_fresh
from homeport.domain.second_factor import (
    MOST_FACTORS,
    RECOVERY_CODE_BYTES,
    RECOVERY_CODES,
    TOTP_SECRET_BYTES,
    FactorKind,
    SecondFactor,
    counted_step,
    recovery_code,
    recovery_digest,
    require_label,
)
from homeport.domain.throttle import Trier
from homeport.flows.administrators import Reset, tell_of_reset
from homeport.flows.attempts import count_failure, require_room
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.sessions import caller_of, renew_session
from homeport.flows.sign_in import check_password
from homeport.flows.two_people import note_hand
from homeport.formats.passkeys import (
    CHALLENGE_BYTES,
    RelyingParty,
    creation_options,
    read_new_key,
    read_signature,
    relying_party,
    request_options,
)
from homeport.ports.sessions import Session
from homeport.ports.store import Transaction
from homeport.ports.world import World

SECURITY_PAGE = "/account/security/"

# What there is to show


@dataclass(frozen=True, slots=True)
class Showable:
    """What somebody can show now besides a password; ``key_options`` is JSON for the browser, or empty."""

    has_app: bool
    key_options: str


def ask(world: World, session: Session) -> Showable:
    """What the user of ``session`` can show; a key is asked to sign a fresh challenge."""
    with world.store.write() as tx:
        factors = tx.second_factors.of_user(session.user.id)
        keys, party = _keys(factors), relying_party(world.base_url)
        challenge = world.clock.random_bytes(CHALLENGE_BYTES)
        if keys and party:
            tx.sessions.put_challenge(session.secret, challenge)
    has_app = any(factor.kind is FactorKind.APP for factor in factors)
    return Showable(has_app, request_options(party, challenge, keys) if keys and party else "")


def has_factor(world: World, user: User) -> bool:
    """True when a password alone does not sign the user in."""
    with world.store.read() as tx:
        return bool(tx.second_factors.of_user(user.id))


# Showing it


def confirm_by_password(world: World, session: Session, password: str, address: str) -> str:
    """The new secret of a session whose user showed their password again."""
    if not session.is_whole:
        raise Forbidden("Show your second factor: the password was shown already.", code="factor-needed")
    try:
        check_password(world, session.user.name, password, address)
    except Unauthenticated:
        raise Forbidden("This is not your password.", code="password-wrong") from None
    with world.store.write() as tx:
        return renew_session(world, tx, session)


def confirm_by_code(world: World, session: Session, typed: str, address: str) -> str:
    """The new secret of a session whose user typed a code of their app, or a recovery code."""
    trier = Trier(session.user.name, address)
    with world.store.write() as tx:
        require_room(world, tx, trier)
        if _code_counts(world, tx, session.user, typed):
            return renew_session(world, tx, session)
        count_failure(world, tx, trier)
    raise Forbidden(
        "This code does not count: it is wrong, was used before, or is not of this half minute.",
        code="code-wrong",
    )


def _code_counts(world: World, tx: Transaction, user: User, typed: str) -> bool:
    now = world.clock.now()
    for factor in tx.second_factors.of_user(user.id):
        if factor.kind is FactorKind.APP:
            step = counted_step(factor.secret, typed, now, factor.counter)
            if step is not None:
                tx.second_factors.use(factor.id, step, now)
                return True
    digest = recovery_digest(typed)
    if digest is None or not tx.second_factors.take_recovery_code(user.id, digest):
        return False
    left = tx.second_factors.recovery_codes_left(user.id)
    _tell(tx, user, now, "recovery-code-used", {"left": left})
    return True


def confirm_by_key(world: World, session: Session, answer: str, address: str) -> str:
    """The new secret of a session whose user let one of their keys sign the challenge."""
    trier = Trier(session.user.name, address)
    with world.store.write() as tx:
        require_room(world, tx, trier)
        party, challenge = _asked(world, tx, session)
        keys = _keys(tx.second_factors.of_user(session.user.id))
        try:
            key, count = read_signature(party, challenge, keys, answer)
        except Invalid as error:
            count_failure(world, tx, trier)
            refusal = error
        else:
            tx.second_factors.use(key.id, count, world.clock.now())
            return renew_session(world, tx, session)
    raise refusal


# Adding


def begin_app(world: World, session: Session) -> bytes:
    """A new secret for an authenticator app; it counts when a code made of it is sent back."""
    require_fresh(caller_of(session), world.clock.now())
    secret = world.clock.random_bytes(TOTP_SECRET_BYTES)
    with world.store.write() as tx:
        tx.sessions.put_challenge(session.secret, secret)
    return secret


def add_app(world: World, session: Session, label: str, code: str) -> Sequence[str]:
    """An authenticator app shows its first code; the recovery codes, when it is the first factor."""
    now = world.clock.now()
    require_fresh(caller_of(session), now)
    require_label(label)
    with world.store.write() as tx:
        secret = _pending_secret(world, tx, session)
        if secret is None:
            raise Conflict(
                "Begin again: another page asked for something else meanwhile.", code="factor-begun"
            )
        step = counted_step(secret, code, now, last_step=0)
        if step is None:
            raise Invalid(
                "This code does not fit the secret: is the clock of the device right? Type the newest code.",
                code="first-code-wrong",
            )
        tx.sessions.put_challenge(session.secret, None)
        return _added(world, tx, session.user, SecondFactor(0, FactorKind.APP, label, secret, step, now))


def pending_app(world: World, session: Session) -> bytes | None:
    """The secret that an app was given and has not answered yet, while whoever asked for it is freshly confirmed."""
    require_fresh(caller_of(session), world.clock.now())
    with world.store.read() as tx:
        return _pending_secret(world, tx, session)


def _pending_secret(world: World, tx: Transaction, session: Session) -> bytes | None:
    there = tx.sessions.find(session.secret, world.clock.now())
    challenge = there.challenge if there else None
    return challenge if challenge is not None and len(challenge) == TOTP_SECRET_BYTES else None


def begin_key(world: World, session: Session) -> str:
    """What the browser is asked to make a key for, as JSON; empty where browsers know no keys."""
    require_fresh(caller_of(session), world.clock.now())
    party = relying_party(world.base_url)
    if party is None:
        return ""
    challenge = world.clock.random_bytes(CHALLENGE_BYTES)
    with world.store.write() as tx:
        tx.sessions.put_challenge(session.secret, challenge)
        keys = _keys(tx.second_factors.of_user(session.user.id))
    return creation_options(party, session.user.id, session.user.name, challenge, keys)


def add_key(world: World, session: Session, label: str, answer: str) -> Sequence[str]:
    """A key was made; the recovery codes, when it is the first factor."""
    now = world.clock.now()
    require_fresh(caller_of(session), now)
    require_label(label)
    with world.store.write() as tx:
        party, challenge = _asked(world, tx, session)
    made = read_new_key(party, challenge, answer)
    key = SecondFactor(
        0, FactorKind.KEY, label, made.public_key, made.sign_count, now, credential_id=made.credential_id
    )
    with world.store.write() as tx:
        return _added(world, tx, session.user, key)


def _added(world: World, tx: Transaction, user: User, factor: SecondFactor) -> Sequence[str]:
    there = tx.second_factors.of_user(user.id)
    if len(there) >= MOST_FACTORS:
        raise Conflict(f"There are {MOST_FACTORS} already: remove one first.", code="factors-many")
    tx.second_factors.add(user.id, factor)
    details = {"user": user.name, "factor": factor.kind.value, "label": factor.label}
    tx.ledger.append(
        Kind.SECOND_FACTOR_ADDED, at=factor.created_at, actor=user.name, project="", details=details
    )
    _tell(tx, user, factor.created_at, "factor-added", {"label": factor.label})
    return () if there else _new_codes(world, tx, user)


# Removing, and what to do when they are lost


def remove_factor(world: World, session: Session, factor_id: int) -> None:
    """Take one factor away; with the last one the recovery codes go too."""
    now, user = world.clock.now(), session.user
    require_fresh(caller_of(session), now)
    with world.store.write() as tx:
        factors = {factor.id: factor for factor in tx.second_factors.of_user(user.id)}
        if factor_id not in factors:
            raise NotFound("This factor is gone already.", code="factor-unknown")
        _removed(tx, user, factors[factor_id], by=user, at=now)
        if len(factors) == 1:
            tx.second_factors.put_recovery_codes(user.id, ())


def make_recovery_codes(world: World, session: Session) -> Sequence[str]:
    """Fresh recovery codes in the place of those before: told once, now."""
    now, user = world.clock.now(), session.user
    require_fresh(caller_of(session), now)
    with world.store.write() as tx:
        if not tx.second_factors.of_user(user.id):
            raise Conflict("Add a second factor first: without one no code is asked for.", code="factor-none")
        details = {"user": user.name, "factor": "recovery-codes", "label": ""}
        tx.ledger.append(Kind.SECOND_FACTOR_ADDED, at=now, actor=user.name, project="", details=details)
        _tell(tx, user, now, "recovery-codes-made", {})
        return _new_codes(world, tx, user)


def reset_factors(world: World, by: Caller | None, name: str) -> int:
    """Take every factor of a person away who lost them all; how many there were.

    It is done by an administrator in person, or (``by`` is ``None``) at the shell of whoever runs the index, which is
    trusted to know whom it helps. Their browsers are signed out: who is signed in now is not known to be them.
    """
    now = world.clock.now()
    if by is not None:
        require_admin(by)
        require_fresh(by, now)
    with world.store.write() as tx:
        if by is not None:
            require_admin(require_live(tx, by, now))
        user = tx.users.by_name(name)
        if user is None:
            raise NotFound(f"There is no user {name}.", code="user-unknown")
        factors = tx.second_factors.of_user(user.id)
        for factor in factors:
            _removed(tx, user, factor, by=by.user if by else user, at=now, is_reset=True)
        if factors:
            tx.second_factors.put_recovery_codes(user.id, ())
            tx.sessions.close_all(user.id)
            note_hand(tx, by, user, now)
            tell_of_reset(tx, by, user, Reset.FACTORS, now)
    return len(factors)


def _removed(
    tx: Transaction, user: User, factor: SecondFactor, *, by: User, at: datetime, is_reset: bool = False
) -> None:
    tx.second_factors.remove(factor.id)
    details = {"user": user.name, "factor": factor.kind.value, "label": factor.label, "reset": is_reset}
    tx.ledger.append(Kind.SECOND_FACTOR_REMOVED, at=at, actor=by.name, project="", details=details)
    _tell(tx, user, at, "factor-removed", {"label": factor.label, "is_reset": is_reset})


def _new_codes(world: World, tx: Transaction, user: User) -> Sequence[str]:
    made = [recovery_code(world.clock.random_bytes(RECOVERY_CODE_BYTES)) for _ in range(RECOVERY_CODES)]
    tx.second_factors.put_recovery_codes(user.id, [digest for _, digest in made])
    return [code for code, _ in made]


def _asked(world: World, tx: Transaction, session: Session) -> tuple[RelyingParty, bytes]:
    """Who asks a key, and the challenge it was asked to sign: good for one answer."""
    there, party = tx.sessions.find(session.secret, world.clock.now()), relying_party(world.base_url)
    challenge = there.challenge if there else None
    if party is None or challenge is None or len(challenge) != CHALLENGE_BYTES:
        raise Conflict("Begin again: no key was asked, or it has answered already.", code="factor-begun")
    tx.sessions.put_challenge(session.secret, None)
    return party, challenge


def _keys(factors: Sequence[SecondFactor]) -> list[SecondFactor]:
    return [factor for factor in factors if factor.kind is FactorKind.KEY]


def _tell(tx: Transaction, user: User, at: datetime, kind: str, facts: Mapping[str, object]) -> None:
    tell(tx, [user], write_notice(kind, facts, path=SECURITY_PAGE, at=at))
