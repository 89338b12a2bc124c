"""Stages and their files move by their tables, and end when they say."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from homeport.domain.digests import digests_of
from homeport.domain.errors import IllegalMove, Invalid
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename
from homeport.domain.staged_attestations import MOST_ATTESTATIONS, attestations_text
from homeport.domain.staged_claim import Claim
from homeport.domain.staging import (
    FILE_MOVES,
    LASTS,
    LONGEST,
    STAGE_MOVES,
    FileState,
    FileStep,
    Stage,
    StagedFile,
    StageState,
    StageStep,
    file_after,
    first_end,
    stage_after,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
STAGE = Stage(
    1, "key", "secret", ProjectName("lark"), ReleaseVersion.parse("1.0"), 7, NOW, first_end(NOW), NOW
)
CLAIM = Claim(parse_filename("lark-1.0-py3-none-any.whl"), 3, (("blake2b", "00"),))
FILE = StagedFile(1, 1, CLAIM, NOW)
EDITED = {
    (StageStep.EDIT, "open"),
    (StageStep.PUBLISH, "published"),
    (StageStep.DEFER, "processing"),
    (StageStep.CANCEL, "canceled"),
    (StageStep.EXPIRE, "canceled"),
}
STAGES = {
    "open": EDITED,
    "error": EDITED,
    "processing": {(StageStep.PUBLISH, "published"), (StageStep.FAIL, "error")},
    "published": set(),
    "canceled": set(),
}
FILES = {
    "pending": {
        (FileStep.RECEIVE, "pending"),
        (FileStep.COMPLETE, "processing"),
        (FileStep.FAIL, "error"),
        (FileStep.DELETE, "canceled"),
    },
    "processing": {
        (FileStep.ACCEPT, "completed"),
        (FileStep.FAIL, "error"),
        (FileStep.INTERRUPT, "pending"),
    },
    "completed": {(FileStep.DELETE, "canceled")},
    "error": {(FileStep.DELETE, "canceled")},
    "canceled": set(),
}


def test_the_tables_are_those_of_the_draft() -> None:
    """Every move that the draft has, and no other; the words are its words."""
    assert {state.value: set(moves.items()) for state, moves in STAGE_MOVES.items()} == STAGES
    assert {state.value: set(moves.items()) for state, moves in FILE_MOVES.items()} == FILES
    assert (set(STAGE_MOVES), set(FILE_MOVES)) == (set(StageState), set(FileState))


@pytest.mark.parametrize(("state", "step"), list(product(StageState, StageStep)))
def test_a_stage_moves_by_its_table(state: StageState, step: StageStep) -> None:
    """What the table does not say is refused, with what is possible instead."""
    if step in STAGE_MOVES[state]:
        assert stage_after(state, step) is STAGE_MOVES[state][step]
        return
    with pytest.raises(IllegalMove) as refused:
        stage_after(state, step)
    assert f"is {state}: {step} is not possible" in refused.value.sentence
    assert all(possible in refused.value.sentence for possible in STAGE_MOVES[state])


@pytest.mark.parametrize(("state", "step"), list(product(FileState, FileStep)))
def test_a_file_moves_by_its_table(state: FileState, step: FileStep) -> None:
    """The same for files."""
    if step in FILE_MOVES[state]:
        assert file_after(state, step) is FILE_MOVES[state][step]
        return
    with pytest.raises(IllegalMove) as refused:
        file_after(state, step)
    assert f"is {state}: {step} is not possible" in refused.value.sentence


def test_an_error_of_a_file_is_left_by_deleting_it_only() -> None:
    """U07: from error no way leads to completed."""
    reached, waiting = {FileState.ERROR}, [FileState.ERROR]
    while waiting:
        new = set(FILE_MOVES[waiting.pop()].values()) - reached
        reached |= new
        waiting += new
    assert reached == {FileState.ERROR, FileState.CANCELED}


def test_a_stage_ends_by_itself() -> None:
    """At the moment it says it is canceled, whoever looks; one that a worker is at is not, nor what has ended."""
    end = STAGE.expires_at
    assert end == (NOW + LASTS).replace(microsecond=0)
    before = end - timedelta(microseconds=1)
    assert (STAGE.is_lapsed(before), STAGE.is_live(before), STAGE.as_of(before)) == (False, True, STAGE)
    assert (STAGE.is_lapsed(end), STAGE.is_live(end)) == (True, False)
    assert (STAGE.as_of(end).state, STAGE.as_of(end).changed_at) == (StageState.CANCELED, end)
    processing = STAGE.moved(StageStep.DEFER, NOW)
    assert (processing.is_lapsed(end), processing.is_live(end)) == (False, True)
    published = STAGE.moved(StageStep.PUBLISH, NOW)
    assert (published.is_lapsed(end), published.is_live(NOW), published.has_ended) == (False, False, True)
    assert published.extended(60) == published


@given(lists(integers(), max_size=8))
def test_u14_the_end_never_comes_nearer(asked: list[int]) -> None:
    """U14: whatever is asked for, the end moves by as much, or by what is left of the longest life."""
    stage, due = STAGE, STAGE.expires_at
    for seconds in asked:
        stage = stage.extended(seconds)
        due = due + timedelta(seconds=min(max(0, seconds), 10**7))
        assert stage.expires_at == min(due, NOW + LONGEST)
        due = stage.expires_at


def test_a_stage_does_not_show_its_secret() -> None:
    """What is printed of a stage opens nothing."""
    assert "secret" not in repr(STAGE).replace("staged", "")


def test_bytes_that_are_here_are_known_by_their_sha256() -> None:
    """What was claimed without one has one when the bytes are here."""
    assert FILE.known_claim() == CLAIM
    digests = digests_of([b"abc"])
    here = FILE.with_bytes(digests, NOW, is_own=True)
    assert dict(here.known_claim().hashes) == {"blake2b": "00", "sha256": digests.sha256.hex}
    assert here.with_attestations("[]").attestations == "[]"
    with pytest.raises(IllegalMove):
        here.moved(FileStep.COMPLETE, NOW).with_bytes(digests, NOW, is_own=True)


GOOD = {"version": 1, "verification_material": {}, "envelope": {"statement": "\N{OWL}"}}


def test_attestations_are_kept_as_they_came() -> None:
    """An array of attestations is what it was; its text is ASCII."""
    text = attestations_text([GOOD])
    assert text.isascii()
    assert attestations_text([GOOD] * MOST_ATTESTATIONS)


@pytest.mark.parametrize(
    "values",
    [None, {}, [], [1], [GOOD] * 51, [GOOD | {"version": 2}], [GOOD | {"envelope": 1}], [{"version": 1}]],
)
def test_what_are_no_attestations(values: object) -> None:
    """Anything else is refused."""
    with pytest.raises(Invalid) as refused:
        attestations_text(values)
    assert refused.value.code == "attestations-invalid"
