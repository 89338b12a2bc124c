"""What may come between while a worker publishes a stage: rights that end, names that are taken, and other workers."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.stages import NAME, opened, send, sent, the_stage
from tests.support.staging import claim
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Unavailable
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.names import ProjectName
from homeport.domain.staging import StageState
from homeport.flows.manage_project import create_project
from homeport.flows.remove import remove
from homeport.flows.staging.add_file import add_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import show_stage
from homeport.flows.staging.publish_stage import publish_deferred, publish_stage
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.ports.store import Transaction
from homeport.ports.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def deferred(fakes: Fakes, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of a stage that waits for a worker; ada asked for it by a token."""
    monkeypatch.setattr("homeport.flows.staging.publish_stage.MOST_AT_ONCE", 0)
    made = create_token(fakes.world, ada, TokenWish(frozenset({Scope.UPLOAD})))
    by_token = replace(ada, token=made.token)
    key = opened(fakes.world, by_token)
    complete_file(fakes.world, by_token, key, sent(fakes.world, by_token, key))
    assert publish_stage(fakes.world, by_token, key).stage.state is StageState.PROCESSING
    return key


def test_a_token_that_ended_publishes_nothing(fakes: Fakes, ada: Caller, deferred: str) -> None:
    """What was asked for by a token is not done when that has ended meanwhile."""
    with fakes.store.read() as tx:
        (token,) = tx.tokens.of_user(ada.user.id, ended_after=fakes.clock.now(), limit=9)
    revoke_token(fakes.world, ada, token.id)
    assert publish_deferred(fakes.world) == 1
    assert the_stage(fakes.world, ada, deferred).problems == ("This token has ended.",)
    assert publish_deferred(fakes.world) == 0


def test_a_token_that_is_not_known_publishes_nothing(fakes: Fakes, ada: Caller, deferred: str) -> None:
    """Nor when nobody knows it any more."""
    stage = the_stage(fakes.world, ada, deferred)
    assert stage.publisher
    with fakes.store.write() as tx:
        tx.stages.put(replace(stage, publisher=replace(stage.publisher, token_id=99)))
    publish_deferred(fakes.world)
    assert the_stage(fakes.world, ada, deferred).state is StageState.ERROR


def test_a_store_that_is_away_is_waited_for(fakes: Fakes, ada: Caller, deferred: str) -> None:
    """What may pass by itself leaves the stage as it is."""

    class Away:
        """A store in which nothing can be written."""

        read = fakes.store.read

        def write(self) -> object:
            """See the port."""
            raise Unavailable("Away.", code="database-unavailable")

    with pytest.raises(Unavailable):
        publish_deferred(replace(fakes.world, store=Away()))  # type: ignore[arg-type]
    assert the_stage(fakes.world, ada, deferred).state is StageState.PROCESSING
    publish_deferred(fakes.world)
    assert the_stage(fakes.world, ada, deferred).state is StageState.PUBLISHED


@pytest.mark.parametrize("is_refused", [False, True])
def test_two_workers_publish_once(fakes: Fakes, ada: Caller, deferred: str, *, is_refused: bool) -> None:
    """Who comes second finds nothing to do, and nothing to fail."""
    if is_refused:
        add_project(fakes.world, add_person(fakes.world, "root"), "wren")
        with fakes.store.write() as tx:
            tx.stages.put(replace(the_stage(fakes.world, ada, deferred), name=ProjectName("wren")))

    class Meddling:
        """A store in which another worker is quicker."""

        read, inside = fakes.store.read, False

        def write(self) -> object:
            """See the port."""
            if not self.inside:
                self.inside = True
                publish_deferred(fakes.world)
            return fakes.store.write()

    publish_deferred(replace(fakes.world, store=Meddling()))  # type: ignore[arg-type]
    with fakes.store.read() as tx:
        state = tx.stages.by_key(deferred)
    assert state
    assert state.state is (StageState.ERROR if is_refused else StageState.PUBLISHED)


def test_a_failure_that_comes_too_late(
    fakes: Fakes, ada: Caller, deferred: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage that was published by another worker is not in error because this one could not."""

    def refuse(world: World, tx: Transaction, key: str) -> None:
        stage = tx.stages.by_key(key)
        assert stage
        monkeypatch.undo()
        raise Conflict("No.", code="no")

    monkeypatch.setattr("homeport.flows.staging.publish_stage._publish_waiting", refuse)
    real_write, calls = fakes.store.write, list[int]()

    class Late:
        """A store in which another worker publishes between the refusal and its being told."""

        read = fakes.store.read

        def write(self) -> object:
            """See the port."""
            calls.append(1)
            if len(calls) == 2:
                publish_deferred(fakes.world)
            return real_write()

    publish_deferred(replace(fakes.world, store=Late()))  # type: ignore[arg-type]
    assert the_stage(fakes.world, ada, deferred).state is StageState.PUBLISHED


def test_an_administrators_project_takes_the_name(fakes: Fakes, ada: Caller) -> None:
    """A name that is held is overridden by an administrator who says so; then the stage is the new owner's affair."""
    key = opened(fakes.world, ada)
    root = Caller(add_person(fakes.world, "root", is_admin=True))
    bob = add_person(fakes.world, "bob")
    with pytest.raises(Forbidden) as refused:
        create_project(fakes.world, bob, "lark", HostingMode.ONLY)
    assert refused.value.code == "name-held"
    project = create_project(fakes.world, bob, "lark", HostingMode.ONLY, overriding=root)
    with pytest.raises(Forbidden):
        show_stage(fakes.world, ada, key)
    grant(fakes.world, project, ada.user)
    assert the_stage(fakes.world, ada, key).state is StageState.OPEN


def test_a_look_alike_that_came_meanwhile(fakes: Fakes, ada: Caller) -> None:
    """What the index has against a name is asked again when it counts."""
    key = opened(fakes.world, ada)
    complete_file(fakes.world, ada, key, sent(fakes.world, ada, key))
    add_project(fakes.world, add_person(fakes.world, "bob"), "1ark")
    with pytest.raises(Conflict) as refused:
        publish_stage(fakes.world, ada, key)
    assert "too similar" in refused.value.sentence


def test_a_tombstone_is_minded_by_what_the_bytes_are(fakes: Fakes, ada: Caller) -> None:
    """A name that was removed meanwhile is not given to other bytes, whichever hash was claimed."""
    world = fakes.world
    first = opened(world, ada)
    complete_file(world, ada, first, sent(world, ada, first))
    publish_stage(world, ada, first)
    remove(world, ada, "lark", "1.0", reason="old", filenames=[NAME])
    key, other = opened(world, ada), make_wheel("lark", "1.0", files={"lark/note.py": b"other"})
    hashes = {"blake2b": claim(NAME, other)["hashes"]["blake2b"]}
    number = add_file(world, ada, key, claim(NAME, other, hashes=hashes)).file.id
    send(world, ada, key, number, other)
    complete_file(world, ada, key, number)
    with pytest.raises(Conflict) as refused:
        publish_stage(world, ada, key)
    assert "previously used" in refused.value.sentence


def test_a_release_that_closed_meanwhile(tmp_path: Path) -> None:
    """A release that takes no new files takes none by a stage that was opened before it closed."""
    with fake_world(tmp_path, policy=Policy(releases_close_after=DAY)) as fakes:
        world, ada = fakes.world, Caller(add_person(fakes.world, "ada"))
        first = opened(world, ada)
        complete_file(world, ada, first, sent(world, ada, first))
        publish_stage(world, ada, first)
        key, name = opened(world, ada), "lark-1.0-py2-none-any.whl"
        data = make_wheel("lark", "1.0", tag="py2-none-any")
        complete_file(world, ada, key, sent(world, ada, key, name, data))
        fakes.clock.advance(DAY + HOUR)
        for act in (
            lambda: publish_stage(world, ada, key),
            lambda: add_file(world, ada, key, claim("lark-1.0-py3-none-win32.whl", data)),
        ):
            with pytest.raises(Conflict) as refused:
                act()
            assert "takes no new files" in refused.value.sentence
