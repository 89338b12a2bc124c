"""What may come between while a stage's file is judged: accidents, races, and bytes that are not what was said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.stages import opened, send, sent
from tests.support.world import Fakes, Meanwhile, Says

from homeport.domain.account import Caller
from homeport.domain.errors import NotFound, Refusal, Unavailable
from homeport.domain.inspection import Inspection
from homeport.domain.metadata import CoreMetadata
from homeport.domain.staging import FileState, StagedFile
from homeport.flows.staging.add_file import delete_file
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import cancel_stage, show_stage, show_staged_file
from homeport.flows.staging.publish_stage import publish_stage
from homeport.flows.staging.sweep import sweep_stages
from homeport.ports.world import World


def the_file(world: World, ada: Caller, key: str, number: int) -> StagedFile:
    """The file as it stands."""
    return show_staged_file(world, ada, key, number).file


def during_inspection(world: World, happens: Callable[[], object]) -> World:
    """The world, in which something happens while a file is judged."""
    return replace(world, isolation=Meanwhile(happens))


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
