"""What is done to an index in a story about rights: by whom, whether they may, and what must not follow."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.fake_tables import Tables
from tests.support.forms import upload_fields
from tests.support.rights_model import Actor, Rights, Token
from tests.support.world import fake_world

from homeport.domain.account import TOKEN_USER, Caller
from homeport.domain.errors import Forbidden, RateLimited, Refusal
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.rights import require_in_person
from homeport.flows.manage_project import create_project
from homeport.flows.sign_in import sign_in
from homeport.flows.upload import upload
from homeport.ports.world import World

PASSWORD = "correct horse battery stable"


def asked(flow: Callable[..., object], *arguments: object, **named: object) -> tuple[Any, Refusal | None]:
    """What came of it: an answer, or a refusal."""
    try:
        return flow(*arguments, **named), None
    except Refusal as refusal:
        return None, refusal


def found(world: World, caller: Caller, name: str) -> None:
    """Create a project; in person, as its page does."""
    require_in_person(caller)
    create_project(world, caller.user, name, HostingMode.ONLY)


def send(world: World, caller: Caller, filename: str, body: bytes) -> None:
    """Upload a file as twine does."""
    sent: dict[str, list[str]] = {}
    for name, value in upload_fields(filename, body):
        sent.setdefault(name, []).append(value)
    with world.blobs.receive(world.limits.file_bytes) as incoming:
        incoming.write(body)
        upload(world, caller, sent, filename, incoming)


class Deeds:
    """A world of fakes, the model of who may do what there, and every token that was made."""

    def begin(self, policy: Policy) -> None:
        """Nobody is there yet."""
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.fakes = self.open.enter_context(fake_world(folder, policy=policy))
        self.world = self.fakes.world
        self.rights = Rights(self.fakes.clock.now())
        self.tokens: list[Token] = []

    def teardown(self) -> None:
        """Nothing of it is left."""
        self.open.close()

    def actor(self, number: int, may: Callable[[Actor], bool]) -> Actor:
        """Somebody, by a password or a token, whether they can sign in or not: two times of three one who may."""
        names = [user.name for user in self.fakes.store.committed.users.values()]
        everybody = [*map(Actor, names), *(Actor(token.user, token) for token in self.tokens)]
        able = [actor for actor in everybody if may(actor)]
        among = able if able and number % 3 else everybody
        return among[number // 3 % len(among)]

    def do(
        self,
        by: int,
        may: Callable[[Actor], bool],
        flow: Callable[..., object],
        *arguments: object,
        repeats: bool = True,
        **named: object,
    ) -> Sequence[tuple[Actor, Any]]:
        """Somebody signs in and asks ``flow``: who, and its answer; nobody when it refused. The model must agree.

        What was accepted is sent once more, if it ``repeats``.
        """
        actor = self.actor(by, may)
        name, secret = (TOKEN_USER, actor.token.text) if actor.token else (actor.name, PASSWORD)
        caller, refusal = asked(sign_in, self.world, name, secret)
        if isinstance(refusal, RateLimited):
            return ()
        assert (refusal is None) == self.rights.is_alive(actor), f"{actor}: {refusal or 'was let in'} (I-15)"
        if refusal is not None:
            return ()
        before, is_right = self.fakes.store.committed, may(actor)
        answer, refusal = asked(flow, self.world, caller, *arguments, **named)
        self.require_told(before, refusal)
        if refusal is not None:
            assert not (is_right and isinstance(refusal, Forbidden)), f"{actor} may do this: {refusal}"
            return ()
        assert is_right, f"{actor} did what they may not (I-15)"
        if repeats:
            before = self.fakes.store.committed
            asked(flow, self.world, caller, *arguments, **named)
            assert self.fakes.store.committed == before, "a message that came again changed something (I-18)"
        return ((actor, answer),)

    def require_told(self, before: Tables, refusal: Refusal | None) -> None:
        """A refusal changes nothing; a change is told by an entry, and an entry tells of a change (I-16)."""
        after = self.fakes.store.committed
        changed = {one.name for one in fields(after) if getattr(after, one.name) != getattr(before, one.name)}
        assert refusal is None or not changed, f"refused, and {changed} changed: {refusal}"
        assert bool(changed - {"ledger"}) == ("ledger" in changed), f"{changed} changed (I-16)"
