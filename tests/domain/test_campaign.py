"""Campaigns: which notices there are, what the clock decides, and that nobody is moved too early whatever happens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.campaign import (
    Act,
    Campaign,
    CampaignKind,
    CampaignState,
    Entrant,
    Group,
    Seen,
    Stand,
    Told,
    announced,
    cancelled,
    day_of,
    decide,
    next_step,
    paused,
    require_editable,
    resumed,
    too_soon,
)
from homeport.domain.campaign_notices import parse_notices, require_notices
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.hosting import MOVES, HostingMode, Mover, Need

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
EXT, CACHE, ONLY = HostingMode.EXT, HostingMode.CACHE, HostingMode.ONLY


def campaign(kind: CampaignKind = CampaignKind.TO_ONLY, ahead: int = 90, **fields: object) -> Campaign:
    """A previewed campaign, whose day is ``ahead`` days from now."""
    made = Campaign(
        1, kind, "Home", "Why.", TODAY + ahead * DAY, kind.usual, "", CampaignState.PREVIEWED, "root", NOW
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def running(kind: CampaignKind = CampaignKind.TO_ONLY, ahead: int = 90, **fields: object) -> Campaign:
    """The same, announced."""
    return announced(campaign(kind, ahead, **fields), NOW)


def entrant(*told: Told, group: Group = Group.A) -> Entrant:
    """A project that waits."""
    return Entrant(1, 1, "demo", group, told=told, due_on=TODAY)


def play(
    made: Campaign, seen: dict[int, Seen], days: range, start: Entrant | None = None
) -> tuple[Entrant, list[tuple[int, str]]]:
    """Let the clock look on each of ``days``, counted from today; what was done, and the project after that.

    ``seen`` says what is true from which day on.
    """
    stands, done = start or entrant(), list[tuple[int, str]]()
    for number in days:
        now = seen[max(day for day in seen if day <= number)]
        while stands.stand is Stand.WAITING:
            decision = decide(made, stands, now, TODAY + number * DAY)
            stands = decision.entrant
            if decision.act is Act.WAIT:
                break
            done.append((number, decision.told.step if decision.told else decision.act.value))
    return stands, done


@pytest.mark.parametrize("kind", CampaignKind)
def test_kinds(kind: CampaignKind) -> None:
    """A kind is known by its name, and moves what the table lets the clock move."""
    assert CampaignKind.parse(kind.value) is kind
    for group in Group:
        need = campaign(kind).need(group)
        rows = [row for row in MOVES if row.need is need and row.mover is Mover.CLOCK]
        assert [(row.source, row.target) for row in rows] == [(kind.source, ONLY)]
    assert require_notices(kind, kind.usual) == kind.usual
    with pytest.raises(Invalid, match="'sideways' is no kind"):
        CampaignKind.parse("sideways")


def test_groups_have_needs_of_their_own() -> None:
    """Who loses files is told for three months."""
    assert campaign().need(Group.A) is Need.NOTICE_30_DAYS_NO_LOSS
    assert campaign().need(Group.B) is Need.NOTICES_90_30_7_DAYS


@pytest.mark.parametrize(
    ("kind", "notices", "kept"),
    [
        (CampaignKind.TO_ONLY, (7, 30, 90, 30), (90, 30, 7)),
        (CampaignKind.TO_ONLY, (180, 95, 60, 14, 1), (180, 95, 60, 14, 1)),
        (CampaignKind.PHASE_OUT, (31,), (31,)),
    ],
)
def test_notices(kind: CampaignKind, notices: tuple[int, ...], kept: tuple[int, ...]) -> None:
    """They fall, each counts once, and more than the least may be."""
    assert require_notices(kind, notices) == kept


@pytest.mark.parametrize(
    ("kind", "notices", "code"),
    [
        (CampaignKind.TO_ONLY, (), "notices-invalid"),
        (CampaignKind.TO_ONLY, (90, 30, 7, 0), "notices-invalid"),
        (CampaignKind.TO_ONLY, (1000, 90, 30, 7), "notices-invalid"),
        (CampaignKind.TO_ONLY, tuple(range(80, 93)), "notices-invalid"),
        (CampaignKind.TO_ONLY, (90, 30), "notices-too-few"),
        (CampaignKind.TO_ONLY, (89, 30, 7), "notices-too-few"),
        (CampaignKind.PHASE_OUT, (29, 7), "notices-too-few"),
    ],
)
def test_notices_that_are_too_few(kind: CampaignKind, notices: tuple[int, ...], code: str) -> None:
    """The table of moves has the last word."""
    with pytest.raises(Invalid) as refused:
        require_notices(kind, notices)
    assert refused.value.code == code


def test_notices_are_typed() -> None:
    """With commas or blanks; anything else is no number of days."""
    assert parse_notices("90, 30 7") == (90, 30, 7)
    assert parse_notices("") == ()
    for text in ("ninety", "-3", "12345", "٣"):
        with pytest.raises(Invalid):
            parse_notices(text)


def test_three_months_of_group_b() -> None:
    """Told 90, 30 and 7 days before, moved on the day."""
    after, done = play(running(), {0: Seen(EXT, 2)}, range(100))
    assert done == [(0, "B-90"), (60, "B-30"), (83, "B-7"), (90, "move")]
    assert (after.stand, after.external, after.due_on, after.group) == (Stand.MOVED, 2, None, Group.B)


def test_group_a_is_told_once() -> None:
    """It loses nothing and need not be reminded of that."""
    _, done = play(running(), {0: Seen(EXT)}, range(100))
    assert done == [(0, "A-90"), (90, "move")]


def test_a_phase_out() -> None:
    """A month, and a week before the day again; links do not matter."""
    _, done = play(running(CampaignKind.PHASE_OUT, 40), {0: Seen(CACHE, 3)}, range(50))
    assert done == [(0, "A-40"), (33, "A-7"), (40, "move")]


@pytest.mark.parametrize(
    ("ahead", "steps"), [(90, (90, 30, 7)), (103, (103, 30, 7)), (104, (104, 90, 30, 7))]
)
def test_the_announcement(ahead: int, steps: tuple[int, ...]) -> None:
    """It stands for the first notice, unless it comes two weeks ahead of that."""
    made = running(ahead=ahead)
    assert made.steps(Group.B) == steps
    assert made.steps(Group.A) == steps[:1]
    _, done = play(made, {0: Seen(EXT, 1)}, range(ahead + 1))
    assert [day for day, _ in done] == [ahead - days for days in (*steps, 0)]


def test_what_is_late_puts_off_the_day_of_that_project() -> None:
    """A worker that was away for two weeks around the second notice moves nobody before a month has passed."""
    made = running()
    first, _ = play(made, {0: Seen(EXT, 1)}, range(1))
    _, done = play(made, {0: Seen(EXT, 1)}, range(74, 130), first)
    assert done == [(74, "B-30"), (97, "B-7"), (104, "move")]


def test_files_that_turn_up_late() -> None:
    """Who gets into group B is told as group B from the beginning, and has three months from then."""
    after, done = play(running(), {0: Seen(EXT), 70: Seen(EXT, 1)}, range(70))
    assert done == [(0, "A-90")]
    _, done = play(running(), {0: Seen(EXT, 1)}, range(90, 200), after)
    assert done == [(90, "B-90"), (150, "B-30"), (173, "B-7"), (180, "move")]


def test_an_announcement_that_is_late_is_the_first_notice() -> None:
    """Nobody gets two mails on one day that say the same."""
    made = running(ahead=120)
    _, done = play(made, {0: Seen(EXT, 1)}, range(31, 140))
    assert done == [(31, "B-90"), (91, "B-30"), (114, "B-7"), (121, "move")]
    _, done = play(made, {0: Seen(EXT)}, range(100, 140))
    assert done == [(100, "A-120"), (130, "move")]


def test_files_that_came_home() -> None:
    """Who was told as group B and loses nothing any more needs no other notice, and no other day."""
    seen = {0: Seen(EXT, 1), 50: Seen(EXT), 85: Seen(EXT, 1)}
    _, done = play(running(), seen, range(130))
    assert done == [(0, "B-90"), (85, "B-30"), (108, "B-7"), (115, "move")]
    _, done = play(running(), {0: Seen(EXT, 1), 50: Seen(EXT)}, range(100))
    assert done == [(0, "B-90"), (90, "move")]


@pytest.mark.parametrize(
    ("seen", "stand", "why"),
    [
        (Seen(CACHE), Stand.ACTED, "It is pypi-cache already."),
        (Seen(ONLY), Stand.ACTED, "It is pypi-only already."),
        (Seen(EXT, 1, date(2027, 1, 1)), Stand.EXEMPT, "It has an exemption until 2027-01-01."),
    ],
)
def test_who_leaves_the_list(seen: Seen, stand: Stand, why: str) -> None:
    """Whoever acted, or is exempt, is told nothing more."""
    after, done = play(running(), {0: seen}, range(100))
    assert (done, after.stand, after.why, after.due_on) == ([(0, "leave")], stand, why, None)


def test_a_cancelled_campaign_releases() -> None:
    """Also who was told."""
    after, done = play(cancelled(running(), NOW), {0: Seen(EXT, 1)}, range(2))
    assert (done, after.stand) == ([(0, "leave")], Stand.RELEASED)


def test_announcing_needs_a_preview_and_time() -> None:
    """Nobody is told of what nobody looked at, nor too late."""
    with pytest.raises(Conflict, match="Look at its preview first"):
        announced(campaign(state=CampaignState.DRAFT), NOW)
    with pytest.raises(Conflict):
        announced(running(), NOW)
    with pytest.raises(Invalid, match="2026-06-02 is the first day"):
        announced(campaign(ahead=89), NOW)
    with pytest.raises(Invalid, match="there are 0 left"):
        announced(campaign(ahead=-5), NOW)
    made = running(ahead=91)
    assert (made.state, made.lead, made.announced_at) == (CampaignState.ANNOUNCED, 91, NOW)
    assert made.path == "/admin/campaigns/1/"


def test_states() -> None:
    """What cannot be done in a state is refused with that state."""
    draft, there = campaign(state=CampaignState.DRAFT), running()
    require_editable(draft)
    with pytest.raises(Conflict, match="what people were told stays"):
        require_editable(there)
    stopped = paused(there)
    assert [one.state.is_open for one in (draft, there, stopped)] == [False, True, True]
    with pytest.raises(Conflict):
        paused(stopped)
    with pytest.raises(Conflict):
        resumed(there, None, TODAY)
    with pytest.raises(Conflict):
        cancelled(cancelled(stopped, NOW), NOW)
    with pytest.raises(Invalid, match="may come later only"):
        resumed(stopped, there.day - DAY, TODAY)


def test_a_short_pause_changes_nothing() -> None:
    """The day stays while there is time for the last notice."""
    made = running()
    assert resumed(paused(made), None, TODAY + 83 * DAY) == made
    assert resumed(paused(made), made.day, TODAY) == made


def test_a_long_pause_leaves_time_to_be_told_again() -> None:
    """Whoever was told everything is told the last of it again, of the later day."""
    made = running()
    told, _ = play(made, {0: Seen(EXT, 1)}, range(89))
    later = resumed(paused(made), None, TODAY + 200 * DAY)
    assert (later.day, later.round) == (TODAY + 207 * DAY, 1)
    _, done = play(later, {0: Seen(EXT, 1)}, range(200, 220), told)
    assert done == [(200, "B-7-1"), (207, "move")]


def test_a_day_put_off_is_told_in_time() -> None:
    """With three months more, every notice comes again; one who was never told gets them all."""
    made = running()
    told, _ = play(made, {0: Seen(EXT, 1)}, range(61))
    later = resumed(paused(made), TODAY + 200 * DAY, TODAY + 70 * DAY)
    _, done = play(later, {0: Seen(EXT, 1)}, range(70, 210), told)
    assert done == [(110, "B-90-1"), (170, "B-30-1"), (193, "B-7-1"), (200, "move")]
    _, done = play(later, {0: Seen(EXT, 1)}, range(70, 210))
    assert done == [(110, "B-90-1"), (170, "B-30-1"), (193, "B-7-1"), (200, "move")]


def test_every_notice_has_a_name() -> None:
    """No two notices of a project share one; what is told says everything."""
    assert [Told(Group.B, 30, TODAY).step, Told(Group.B, 30, TODAY, 2).step] == ["B-30", "B-30-2"]
    told = Told(Group.A, 90, TODAY)
    assert next_step(running(), entrant(told), TODAY) is None
    assert next_step(running(), entrant(told, group=Group.B), TODAY) == 90
    assert day_of(running(), entrant(replace(told, on=TODAY + 80 * DAY))) == TODAY + 110 * DAY


LOOKS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 2), st.sampled_from(["", "pause", "put off"])),
    min_size=1,
    max_size=30,
)


@given(
    kind=st.sampled_from(CampaignKind),
    ahead=st.integers(90, 150),
    looks=LOOKS,
)
def test_nobody_is_moved_too_early(kind: CampaignKind, ahead: int, looks: list[tuple[int, int, str]]) -> None:
    """However late the clock looks, whatever turns up or is put off: each notice was given in time, and once."""
    made, stands, today = running(kind, ahead), entrant(), TODAY
    for days, external, deed in looks:
        today += days * DAY
        if deed:
            day = made.day + 50 * DAY if deed == "put off" else None
            made = resumed(paused(made), day, today)
        decision = decide(made, stands, Seen(kind.source, external), today)
        stands = decision.entrant
        if decision.act is Act.MOVE:
            break
        assert stands.due_on is not None
    steps = [one.step for one in stands.told]
    assert len(set(steps)) == len(steps)
    if stands.stand is Stand.MOVED:
        assert today >= made.day
        counting = [one for one in stands.told if stands.group is Group.A or one.group is Group.B]
        least = kind.least if stands.group is Group.B else (30,)
        for days in least:
            assert any(one.days >= days and (today - one.on).days >= days for one in counting)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Seen(EXT, 3, date(2027, 1, 1)), CampaignState.ANNOUNCED),
        (Seen(CACHE, 3), CampaignState.ANNOUNCED),
        (Seen(EXT, 3), CampaignState.CANCELLED),
    ],
)
def test_who_leaves_is_remembered_as_seen(seen: Seen, state: CampaignState) -> None:
    """Before its first notice a project leaves as what it is then; after it as what it was told."""
    made = replace(running(), state=state)
    untold = Entrant(1, 2, "demo")
    left = decide(made, untold, seen, made.day).entrant
    assert (left.group, left.external) == (Group.B, 3)
    told = replace(untold, group=Group.B, external=5, told=(Told(Group.B, 90, made.day),))
    left = decide(made, told, replace(seen, external=0), made.day).entrant
    assert (left.group, left.external) == (Group.B, 5)


def test_a_day_that_is_too_near_is_told_before_it_is_announced() -> None:
    """It names the first day there can be; one with time enough is no trouble."""
    made = running()
    assert too_soon(made, made.day - timedelta(days=90)) == ""
    assert f"{made.day + timedelta(days=1)} is the first" in too_soon(made, made.day - timedelta(days=89))
    assert "there are 0 left" in too_soon(made, made.day + timedelta(days=1))
