"""What the clock takes from stages whose time is over, and what a freeze keeps them from."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.archives import make_wheel
from tests.support.stages import DATA, NAME, opened, send, sent, the_stage
from tests.support.staging import claim
from tests.support.world import Fakes, add_person

from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staging import StageState
from homeport.flows.freeze import freeze, unfreeze
from homeport.flows.manage_project import create_project
from homeport.flows.staging.add_file import add_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import cancel_stage, show_stage
from homeport.flows.staging.open_stage import open_stage
from homeport.flows.staging.preview import preview_file, preview_metadata, preview_page
from homeport.flows.staging.publish_stage import publish_stage
from homeport.flows.staging.sweep import sweep_stages

SHA256 = Sha256.of(DATA)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

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
