"""What people want by mail, topic by topic; and the address, in each mail one may do without, where its topic ends.

1. The address holds who and what, sealed: whoever has it can switch one topic off for one person, and nothing else.
2. To look at the page at that address changes nothing: scanners do that, too. Its button does, and the one of a mail
   program (RFC 8058), without signing in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from homeport.domain.account import Caller, User
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.notice import Topic
from homeport.domain.rights import require_in_person
from homeport.flows.live_caller import require_live
from homeport.ports.store import Transaction
from homeport.ports.world import World

_SEALED_FOR = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Choice:
    """One topic, and whether a person gets mail of it."""

    topic: Topic
    is_mailed: bool


def show_choices(world: World, caller: Caller) -> Sequence[Choice]:
    """Every topic, those first that nobody can switch off."""
    require_in_person(caller)
    with world.store.read() as tx:
        unmailed = tx.notices.unmailed(caller.user.id)
    return [Choice(topic, topic.must_be_mailed or topic not in unmailed) for topic in Topic]


def choose(world: World, caller: Caller, mailed: Collection[Topic]) -> None:
    """Get mail of these topics from now on, and of those that are always mailed."""
    require_in_person(caller)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        for topic in Topic:
            if not topic.must_be_mailed:
                tx.notices.put_mailed(caller.user.id, topic, is_mailed=topic in mailed)


def unsubscribe_address(world: World, user_id: int, topic: Topic) -> str:
    """Where one person ends the mails of one topic; empty where nothing can be sealed."""
    if world.sealer is None:
        return ""
    sealed = world.sealer.seal(f"{_SEALED_FOR}\n{user_id}\n{topic}").decode()
    return f"{world.base_url}/unsubscribe/{quote(sealed, safe='')}"


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """Whose mails of which topic an address ends, and whether they have ended."""

    user: User
    topic: Topic
    is_mailed: bool


def show_unsubscribing(world: World, sealed: str) -> Unsubscribing:
    """What the address would do. Nothing changes."""
    with world.store.read() as tx:
        return _opened(world, tx, sealed)


def unsubscribe(world: World, sealed: str) -> Unsubscribing:
    """No more mails of that topic to that person; what comes is in their inbox."""
    with world.store.write() as tx:
        there = _opened(world, tx, sealed)
        tx.notices.put_mailed(there.user.id, there.topic, is_mailed=False)
        return _opened(world, tx, sealed)


def _opened(world: World, tx: Transaction, sealed: str) -> Unsubscribing:
    purpose, _, told = _unsealed(world, sealed).partition("\n")
    user_id, _, topic = told.partition("\n")
    # Other secrets are sealed with the same key: theirs say something else first.
    user = tx.users.by_id(int(user_id)) if purpose == _SEALED_FOR else None
    if user is None:
        raise NotFound(
            "This address ends no mails. Sign in, and choose on your account's page which notices come by mail.",
            code="unsubscribe-unknown",
        )
    return Unsubscribing(user, Topic(topic), Topic(topic) not in tx.notices.unmailed(user.id))


def _unsealed(world: World, sealed: str) -> str:
    try:
        return world.sealer.open(sealed.encode()) if world.sealer else ""
    except (Conflict, UnicodeEncodeError):
        return ""
