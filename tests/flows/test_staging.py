"""What a stage goes through besides its usual way: interruptions, the clock, and what is taken away meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.staging import claim
from tests.support.world import Fakes, Meanwhile, Says, add_person, add_project, fake_world, grant

from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, NotFound, Refusal, Unavailable
from homeport.domain.hosting import HostingMode, Policy
from homeport.domain.inspection import Inspection
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import Hashing
from homeport.domain.staging import FileState, Stage, StagedFile, StageState
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.manage_project import create_project
from homeport.flows.remove import remove
from homeport.flows.staging.add_file import add_file, delete_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import cancel_stage, show_stage, show_staged_file
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.preview import preview_file, preview_metadata, preview_page
from homeport.flows.staging.publish_stage import publish_deferred, publish_stage
from homeport.flows.staging.receive import awaited, receive_bytes
from homeport.flows.staging.sweep import sweep_stages
from homeport.flows.tokens import TokenWish, create_token, revoke_token
from homeport.ports.store import Transaction
from homeport.ports.world import World

NAME, DATA = "lark-1.0-py3-none-any.whl", make_wheel("lark", "1.0")
SHA256 = Sha256.of(DATA)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Who opens stages."""
    return Caller(add_person(fakes.world, "ada"))


def opened(world: World, ada: Caller, version: str = "1.0", name: str = "lark") -> str:
    """The key of a new stage."""
    return open_stage(world, ada, ProjectName(name), ReleaseVersion.parse(version)).view.stage.key


def sent(world: World, ada: Caller, key: str, name: str = NAME, data: bytes = DATA) -> int:
    """The number of a file whose bytes are there."""
    number = add_file(world, ada, key, claim(name, data)).file.id
    send(world, ada, key, number, data)
    return number


def send(world: World, ada: Caller, key: str, number: int, data: bytes = DATA) -> None:
    """Send its bytes."""
    hashing = Hashing(awaited(world, ada, key, number))
    with world.blobs.receive(10**6) as incoming:
        incoming.write(data)
        hashing.update(data)
        receive_bytes(world, ada, key, number, incoming, hashing)


def the_file(world: World, ada: Caller, key: str, number: int) -> StagedFile:
    """The file as it stands."""
    return show_staged_file(world, ada, key, number).file


def the_stage(world: World, ada: Caller, key: str) -> Stage:
    """The stage as it stands."""
    return show_stage(world, ada, key).stage


def during_inspection(world: World, happens: Callable[[], object]) -> World:
    """The world, in which something happens while a file is judged."""
    return replace(world, isolation=Meanwhile(happens))


# Judging


def test_an_inspection_that_breaks_says_nothing_of_the_file(fakes: Fakes, ada: Caller) -> None:
    """When the judge fails, the file may be completed again."""

    def fail() -> None:
        raise Unavailable("No.", code="no")

    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)
    with pytest.raises(Unavailable):
        complete_file(during_inspection(fakes.world, fail), ada, key, number)
    assert the_file(fakes.world, ada, key, number).state is FileState.PENDING
    assert complete_file(fakes.world, ada, key, number).file.state is FileState.COMPLETED


def test_bytes_that_are_lost_are_our_mistake(fakes: Fakes, ada: Caller) -> None:
    """A file whose bytes are missing here is no bad file."""
    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)
    kept = dict(fakes.blobs.kept)
    fakes.blobs.kept.clear()
    with pytest.raises(Unavailable) as refused:
        complete_file(fakes.world, ada, key, number)
    assert refused.value.code == "blob-missing"
    fakes.blobs.kept |= kept
    assert complete_file(fakes.world, ada, key, number).file.state is FileState.COMPLETED


def test_what_is_being_judged_is_left_alone(fakes: Fakes, ada: Caller) -> None:
    """While a file is judged it is not deleted, completed or sent again, and its stage is not published."""
    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)
    told: list[str] = []

    def meddle() -> None:
        for act in (
            lambda: delete_file(fakes.world, ada, key, number),
            lambda: complete_file(fakes.world, ada, key, number),
            lambda: send(fakes.world, ada, key, number),
            lambda: publish_stage(fakes.world, ada, key),
        ):
            with pytest.raises(Refusal) as refused:
                act()
            told.append(refused.value.code)

    complete_file(during_inspection(fakes.world, meddle), ada, key, number)
    assert told == ["staged-file-move-illegal"] * 3 + ["stage-not-publishable"]


def test_a_stage_that_is_canceled_while_a_file_is_judged(fakes: Fakes, ada: Caller) -> None:
    """A stage is canceled whatever its files are at; who judged is told so."""
    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)
    world = during_inspection(fakes.world, lambda: cancel_stage(fakes.world, ada, key))
    with pytest.raises(NotFound):
        complete_file(world, ada, key, number)
    assert show_stage(fakes.world, ada, key).files == ()


def test_a_judge_that_fails_after_all_is_gone(fakes: Fakes, ada: Caller) -> None:
    """What a judge would let go of may be gone, and then the failure is told all the same."""
    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)

    def forget() -> None:
        with fakes.store.write() as tx:
            tx.stages.forget_file(number)
        raise Unavailable("No.", code="no")

    with pytest.raises(Unavailable):
        complete_file(during_inspection(fakes.world, forget), ada, key, number)


def test_metadata_of_another_release(fakes: Fakes, ada: Caller) -> None:
    """A file whose own metadata name another version is an error, as by the upload of old."""
    says = Says(Inspection((), CoreMetadata("2.1", "lark", "1.1")))
    world = replace(fakes.world, isolation=says)
    key = opened(world, ada)
    number = sent(world, ada, key)
    with pytest.raises(Refusal) as refused:
        complete_file(world, ada, key, number)
    assert refused.value.code == "metadata-disagrees"
    file = the_file(world, ada, key, number)
    assert (file.state, "Version: 1.1" in file.notices[0]) == (FileState.ERROR, True)


def test_a_killed_inspection_may_be_done_again(fakes: Fakes, ada: Caller) -> None:
    """A file that is judged for too long is nobody's: it may be completed again."""

    class Killed(BaseException):
        """As by SIGKILL: nothing is tidied up."""

    key = opened(fakes.world, ada)
    number = sent(fakes.world, ada, key)
    states: list[FileState] = []

    def late() -> None:
        fakes.clock.advance(timedelta(minutes=9))
        sweep_stages(fakes.world)
        states.append(the_file(fakes.world, ada, key, number).state)
        fakes.clock.advance(timedelta(minutes=1))
        sweep_stages(fakes.world)
        states.append(the_file(fakes.world, ada, key, number).state)
        raise Killed

    with pytest.raises(Killed):
        complete_file(during_inspection(fakes.world, late), ada, key, number)
    assert states == [FileState.PROCESSING, FileState.PENDING]
    assert complete_file(fakes.world, ada, key, number).file.state is FileState.COMPLETED


# Publishing by the worker


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


# The clock


def test_bytes_of_dead_stages_go(fakes: Fakes, ada: Caller) -> None:
    """What nobody needs goes an hour later, then the stage itself; what was kept meanwhile is waited for."""
    world, key = fakes.world, opened(fakes.world, ada)
    sent(world, ada, key)
    add_file(world, ada, key, claim("lark-1.0-py2-none-any.whl", b"never sent"))
    cancel_stage(world, ada, key)
    assert sweep_stages(world) == 0
    fakes.clock.advance(HOUR)
    fakes.blobs.kept_at = fakes.clock.now()
    sweep_stages(world)
    assert SHA256 in fakes.blobs.kept
    fakes.clock.advance(2 * HOUR)
    sweep_stages(world)
    assert fakes.blobs.kept == {}
    assert the_stage(world, ada, key).state is StageState.CANCELED
    fakes.clock.advance(7 * DAY)
    sweep_stages(world)
    with pytest.raises(NotFound):
        show_stage(world, ada, key)
    assert sweep_stages(world) == 0


def test_bytes_that_are_shared_stay(fakes: Fakes, ada: Caller) -> None:
    """Bytes of another stage, of a published one, or that were there before a stage brought them, are not taken away."""
    world = fakes.world
    with world.blobs.receive(100) as incoming:
        incoming.write(b"other")
        other = incoming.keep()
    one = opened(world, ada)
    number = add_file(world, ada, one, claim("lark-1.0-py2-none-any.whl", b"other")).file.id
    send(world, ada, one, number, b"other")
    sent(world, ada, one)
    cancel_stage(world, ada, one)
    two = opened(world, ada)
    complete_file(world, ada, two, sent(world, ada, two))
    fakes.clock.advance(DAY)
    sweep_stages(world)
    assert set(fakes.blobs.kept) == {other, SHA256}
    publish_stage(world, ada, two)
    fakes.clock.advance(DAY)
    sweep_stages(world)
    assert set(fakes.blobs.kept) == {other, SHA256}


def test_bytes_of_two_dead_stages_go_once(fakes: Fakes, ada: Caller) -> None:
    """Whoever brought them second brought them as well: in the end they go."""
    world, one = fakes.world, opened(fakes.world, ada)
    sent(world, ada, one)
    cancel_stage(world, ada, one)
    two = opened(world, ada)
    sent(world, ada, two)
    fakes.clock.advance(DAY)
    sweep_stages(world)
    assert SHA256 in fakes.blobs.kept
    cancel_stage(world, ada, two)
    fakes.clock.advance(DAY)
    sweep_stages(world)
    assert fakes.blobs.kept == {}


def test_what_is_looked_at_twice_is_ended_once(
    fakes: Fakes, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed between the looking and the writing is left as it is."""
    world, key = fakes.world, opened(fakes.world, ada)
    number = sent(world, ada, key)
    fakes.clock.advance(7 * DAY)
    with fakes.store.read() as tx:
        stale, file = tx.stages.by_key(key), tx.stages.file(1, number)
    assert stale
    assert file
    sweep_stages(world)
    assert the_stage(world, ada, key).problems == ("Its time was over.",)
    stages = type(tx.stages)
    monkeypatch.setattr(stages, "lapsed", lambda *_: [stale])
    monkeypatch.setattr(stages, "stuck", lambda *_: [replace(file, stage_id=2)])
    before = fakes.store.committed
    sweep_stages(world)
    assert (before.stages, before.staged_files) == (
        fakes.store.committed.stages,
        fakes.store.committed.staged_files,
    )


# What is frozen


def test_a_stage_shows_and_publishes_nothing_that_is_frozen(fakes: Fakes, ada: Caller) -> None:
    """What is put into a release is gone from its preview while that is frozen, is not added to, and waits for the end."""
    world, root = fakes.world, Caller(add_person(fakes.world, "root", is_admin=True))
    project = create_project(world, ada.user, "lark", HostingMode.ONLY)
    with world.store.write() as tx:
        metadata = CoreMetadata("2.1", "lark", "1.0")
        tx.releases.put(
            project.id, ReleaseVersion.parse("1.0"), metadata, replace=False, at=world.clock.now()
        )
    stage = open_stage(world, ada, ProjectName("lark"), ReleaseVersion.parse("1.0")).view.stage
    complete_file(world, ada, stage.key, sent(world, ada, stage.key))
    assert [file.filename for file in preview_page(world, nobody, stage.secret, "lark").files] == [NAME]
    freeze(world, root, "lark", "1.0", reason="A virus.")
    assert preview_page(world, nobody, stage.secret, "lark").files == ()
    for ask in (preview_file, preview_metadata):
        with pytest.raises(NotFound):
            ask(world, nobody, stage.secret, SHA256.hex, NAME)
    other, data = "lark-1.0-1-py3-none-any.whl", make_wheel("lark", "1.0", build="1")
    with pytest.raises(Conflict, match=r"A virus\."):
        add_file(world, ada, stage.key, claim(other, data))
    with pytest.raises(Conflict, match=r"A virus\."):
        publish_stage(world, ada, stage.key)
    unfreeze(world, root, "lark", "1.0", reason="Clean.")
    assert publish_stage(world, ada, stage.key).stage.state is StageState.PUBLISHED


def nobody() -> Caller:
    """Who looks without signing in."""
    raise AssertionError("nobody has to sign in here")
