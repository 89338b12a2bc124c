"""The table of drift: what each look makes of a watch, and when to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis.strategies import builds, datetimes, floats, lists, sampled_from, timedeltas

from homeport.domain.digests import Sha256
from homeport.domain.drift import Answer, Look, Sign, State, Watch, first_look, judge, next_look
from homeport.domain.source import SourceKind

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
OURS, OTHERS = Sha256.of(b"ours"), Sha256.of(b"others")
HOST = "site.test"
WATCH = Watch(
    project_id=1,
    project="demo",
    filename="demo-1.0.tar.gz",
    url=f"https://{HOST}/demo-1.0.tar.gz",
    host=HOST,
    source=SourceKind.HOMEPAGE,
    sha256=OURS,
    size_bytes=4,
    agreed_at=NOW - DAY,
    due_at=NOW,
    read_at=NOW - DAY,
    home=HOST,
    etag='"one"',
)


def read(content: Sha256 = OURS, at: datetime = NOW, ended_at: str = HOST) -> Look:
    """The bytes were read."""
    return Look(Answer.READ, at, ended_at, content.hex, '"two"', "today")


def seen_after(watch: Watch, *looks: Look) -> tuple[Watch, list[Sign]]:
    """The watch after these looks, and what they showed."""
    signs = []
    for look in looks:
        watch, seen = judge(watch, look)
        signs += [seen.sign] if seen else []
    return watch, signs


# A look at a file's source


def test_validators_that_stand_change_nothing() -> None:
    """What the site says is unchanged is the same, and its bytes are as old as they were."""
    watch, seen = judge(WATCH, Look(Answer.UNCHANGED, NOW, HOST))
    assert seen is None
    assert watch == replace(WATCH, state=State.SAME, looked_at=NOW)


def test_the_same_bytes_teach_validators() -> None:
    """Bytes that were read and are the same leave their validators, and the day they were read."""
    watch, seen = judge(WATCH, read())
    assert seen is None
    assert (watch.state, watch.etag, watch.last_modified, watch.read_at) == (
        State.SAME,
        '"two"',
        "today",
        NOW,
    )


def test_the_first_look_learns_where_a_source_leads() -> None:
    """Where nothing is known of the host that redirects end at, the first look is right; the next one may differ."""
    watch, seen = judge(replace(WATCH, home=""), read(ended_at="cdn.test"))
    assert (watch.home, watch.state, seen) == ("cdn.test", State.SAME, None)
    assert judge(watch, read(ended_at="other.test"))[0].state is State.MOVED


def test_other_bytes_are_told_and_remembered_beside_ours() -> None:
    """Other bytes are a sign known by their digest; the watch still stands for ours, and the validators are ours."""
    watch, seen = judge(WATCH, read(OTHERS))
    assert seen is not None
    assert (seen.sign, seen.what) == (Sign.OTHER_BYTES, OTHERS.hex)
    assert OURS.hex in seen.sentence
    assert (watch.sha256, watch.etag, watch.state, watch.seen, watch.since) == (
        OURS,
        '"one"',
        State.CHANGED,
        OTHERS.hex,
        NOW,
    )


def test_what_is_longer_are_other_bytes() -> None:
    """A file of more bytes than ours is not ours, though nobody read it to its end."""
    watch, seen = judge(WATCH, Look(Answer.READ, NOW, HOST))
    assert (watch.state, watch.seen) == (State.CHANGED, "longer")
    assert seen is not None
    assert "more than 4 of them" in seen.sentence


def test_what_changed_and_came_back_is_the_same() -> None:
    """A site that has our bytes again fares as before."""
    watch, signs = seen_after(WATCH, read(OTHERS), read(at=NOW + DAY))
    assert signs == [Sign.OTHER_BYTES]
    assert (watch.state, watch.seen, watch.since) == (State.SAME, "", None)


def test_the_same_bytes_elsewhere_have_moved() -> None:
    """A redirect to another host is told by its name, each time the same, and since when it is so stays."""
    watch, first = judge(WATCH, read(ended_at="cdn.test"))
    later, again = judge(watch, read(at=NOW + WEEK, ended_at="cdn.test"))
    assert first == again
    assert first is not None
    assert (first.sign, first.what) == (Sign.MOVED, "cdn.test")
    assert (later.state, later.seen, later.since, later.home) == (State.MOVED, "cdn.test", NOW, HOST)


def test_unchanged_without_a_place_has_not_moved() -> None:
    """A look that does not know where it ended tells of no move."""
    assert judge(WATCH, Look(Answer.UNCHANGED, NOW))[0].state is State.SAME


@pytest.mark.parametrize(
    ("answer", "gaps", "state"),
    [
        (Answer.MISSING, [HOUR * 0], State.MISSING),
        (Answer.MISSING, [HOUR * 0, HOUR * 23], State.MISSING),
        (Answer.MISSING, [HOUR * 0, HOUR * 24], State.GONE),
        (Answer.MISSING, [HOUR * 0, HOUR, HOUR * 12, HOUR * 24], State.GONE),
        (Answer.TROUBLE, [HOUR * 0], State.SILENT),
        (Answer.TROUBLE, [HOUR * 0, DAY * 6], State.SILENT),
        (Answer.TROUBLE, [HOUR * 0, DAY * 7], State.GONE),
    ],
)
def test_gone_takes_its_time(answer: Answer, gaps: list[timedelta], state: State) -> None:
    """404 counts when it is there for a day, silence after a week; before that nobody is told (G-24)."""
    watch, signs = seen_after(WATCH, *(Look(answer, NOW + gap, problem="It is away.") for gap in gaps))
    assert watch.state is state
    assert signs == ([Sign.GONE] if state is State.GONE else [])
    assert (watch.since, watch.problem) == (NOW, "It is away.")


def test_down_and_back_starts_anew() -> None:
    """What was missing, was there, and is missing again is missing since then."""
    away = [Look(Answer.MISSING, NOW + gap) for gap in (HOUR * 0, HOUR * 30)]
    watch, signs = seen_after(WATCH, away[0], read(at=NOW + HOUR), away[1])
    assert (watch.state, watch.since, signs) == (State.MISSING, NOW + HOUR * 30, [])


def test_silence_between_two_looks_in_vain_starts_anew() -> None:
    """Missing, silent, missing: nobody knows what it was meanwhile, so the day begins again."""
    looks = [
        Look(Answer.MISSING, NOW),
        Look(Answer.TROUBLE, NOW + HOUR * 12),
        Look(Answer.MISSING, NOW + HOUR * 25),
    ]
    watch, signs = seen_after(WATCH, *looks)
    assert (watch.state, watch.since, signs) == (State.MISSING, NOW + HOUR * 25, [])


@pytest.mark.parametrize("answer", [Answer.MISSING, Answer.TROUBLE])
def test_gone_is_gone_until_it_is_seen(answer: Answer) -> None:
    """What is gone stays gone since the same day, whatever else is answered; nothing new is told."""
    gone, _ = seen_after(WATCH, Look(Answer.MISSING, NOW), Look(Answer.MISSING, NOW + DAY))
    watch, seen = judge(gone, Look(answer, NOW + WEEK))
    assert (watch.state, watch.since, seen) == (State.GONE, NOW, None)
    assert judge(watch, read(at=NOW + WEEK))[0].state is State.SAME


def test_gone_twice_are_two_things() -> None:
    """A source that came back and is gone again is told again: it is known by the day it began."""
    looks = [Look(Answer.MISSING, NOW + DAY * day) for day in (0, 2)]
    looks += [read(at=NOW + DAY * 3)]
    looks += [Look(Answer.MISSING, NOW + DAY * day) for day in (9, 11)]
    watch, whats = WATCH, []
    for look in looks:
        watch, seen = judge(watch, look)
        whats += [seen.what] if seen else []
    assert whats == [NOW.isoformat(), (NOW + DAY * 9).isoformat()]


def test_kept_away_by_ourselves_shows_nothing() -> None:
    """A frozen host, a budget or robots.txt tells nothing of the source; only why is remembered."""
    watch, seen = judge(WATCH, Look(Answer.KEPT_AWAY, NOW, problem="The host rests."))
    assert (watch, seen) == (replace(WATCH, problem="The host rests."), None)


LOOKS = builds(
    Look,
    sampled_from(Answer),
    datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    sampled_from(["", HOST, "cdn.test"]),
    sampled_from(["", OURS.hex, OTHERS.hex]),
)


@settings(max_examples=60, deadline=None)
@given(lists(LOOKS, max_size=12))
def test_what_is_published_never_moves(looks: list[Look]) -> None:
    """Whatever is seen, a watch stands for the same file, bytes and URL; a state that is told has its reason (T-10)."""
    watch = WATCH
    for look in looks:
        watch, seen = judge(watch, look)
        assert (watch.filename, watch.sha256, watch.url, watch.size_bytes) == (
            WATCH.filename,
            OURS,
            WATCH.url,
            4,
        )
        assert (watch.state is State.CHANGED) >= (seen is not None and seen.sign is Sign.OTHER_BYTES)
        assert (watch.since is None) == (watch.state in {State.NEW, State.SAME})
        assert bool(watch.seen) == (watch.state in {State.CHANGED, State.MOVED})


# When validators are believed


def test_validators_are_not_believed_for_ever() -> None:
    """A site that says for months that nothing changed is read again; one without validators always is."""
    assert WATCH.may_believe_validators(NOW)
    assert not WATCH.may_believe_validators(NOW + timedelta(days=90))
    assert not replace(WATCH, etag="").may_believe_validators(NOW)
    assert replace(WATCH, etag="", last_modified="today").may_believe_validators(NOW)


# When to look again


@pytest.mark.parametrize(
    ("before", "after", "failures", "answer", "pause"),
    [
        (State.NEW, State.SAME, 0, Answer.READ, WEEK),
        (State.SAME, State.SAME, 0, Answer.UNCHANGED, WEEK),
        (State.SAME, State.CHANGED, 0, Answer.READ, DAY),
        (State.CHANGED, State.CHANGED, 0, Answer.READ, WEEK),
        (State.SAME, State.MOVED, 0, Answer.READ, DAY),
        (State.SAME, State.MISSING, 0, Answer.MISSING, HOUR * 30),
        (State.MISSING, State.GONE, 0, Answer.MISSING, DAY),
        (State.GONE, State.GONE, 0, Answer.MISSING, WEEK),
        (State.GONE, State.GONE, 9, Answer.TROUBLE, WEEK),
        (State.SAME, State.SILENT, 1, Answer.TROUBLE, HOUR),
        (State.SILENT, State.SILENT, 3, Answer.TROUBLE, HOUR * 4),
        (State.SILENT, State.SILENT, 40, Answer.TROUBLE, DAY),
        (State.SAME, State.SAME, 0, Answer.KEPT_AWAY, DAY),
    ],
)
def test_when_to_look_again(
    before: State, after: State, failures: int, answer: Answer, pause: timedelta
) -> None:
    """Weekly; after a change the next day; after errors soon, and then ever later."""
    watch = replace(WATCH, state=after, failures=failures)
    assert next_look(before, watch, Look(answer, NOW), WEEK, 0.5) == NOW + pause


def test_the_second_look_in_vain_is_late_enough() -> None:
    """With the least jitter there is, a look after one that found nothing still comes a day later."""
    missing = replace(WATCH, state=State.MISSING)
    assert next_look(State.SAME, missing, Look(Answer.MISSING, NOW), WEEK, 0.0) >= NOW + DAY


@given(floats(0, 1, exclude_max=True), timedeltas(DAY, timedelta(days=365)))
def test_jitter_is_a_fifth_at_most(chance: float, every: timedelta) -> None:
    """A look comes at most a fifth earlier or later than it would."""
    at = next_look(State.SAME, replace(WATCH, state=State.SAME), Look(Answer.UNCHANGED, NOW), every, chance)
    assert every * 0.799 <= at - NOW <= every * 1.201


def test_jitter_spreads() -> None:
    """A thousand looks that are due in a week are spread over nearly three days, evenly."""
    days = [0] * 3
    for number in range(1_000):
        at = next_look(
            State.SAME, replace(WATCH, state=State.SAME), Look(Answer.UNCHANGED, NOW), WEEK, number / 1_000
        )
        days[min(int((at - NOW - WEEK * 0.8) / DAY), 2)] += 1
    assert days == sorted(days, reverse=True)
    assert all(250 <= count <= 400 for count in days)


def test_the_first_look_is_soon() -> None:
    """What a fetch did not show is learned within a day or so; never later than any other look."""
    assert first_look(NOW, WEEK, 0.5) == NOW + DAY
    assert first_look(NOW, HOUR, 0.5) == NOW + HOUR
