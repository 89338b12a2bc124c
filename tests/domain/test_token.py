"""What a token may be made for: never more than what asks for it; and when it has ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import NOW, caller, project, user

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Forbidden, Invalid
from homeport.domain.project import Role
from homeport.domain.rights import (
    may_read,
    require_admin,
    require_in_person,
    require_role,
    require_scope,
    require_unrestricted,
)
from homeport.domain.token import (
    LONGEST_LABEL,
    MOST_PROJECTS,
    NOTED_EVERY,
    Reach,
    TokenState,
    is_use_news,
    keeps,
    parse_duration,
    require_may_make,
    require_sense,
    token_state,
)

NAMES = ("lark", "finch", "wren")
TOKEN = Token(1, "alice", frozenset({Scope.UPLOAD}), frozenset(), NOW, None)
MOMENT = timedelta(microseconds=1)

scopes = st.frozensets(st.sampled_from(Scope), min_size=1)
names = st.frozensets(st.sampled_from(NAMES))
ends = st.none() | st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days))
reaches = st.builds(Reach, scopes, names, ends)


def by(reach: Reach) -> Caller:
    """Alice, by a token that reaches that far."""
    return Caller(user(), Token(1, "alice", reach.scopes, reach.projects, NOW, reach.until))


def opens(reach: Reach, scope: Scope, name: str, at: datetime) -> bool:
    """True when a token of this reach is good for that use then."""
    is_over = reach.until is not None and reach.until <= at
    return not is_over and by(reach).may_use(scope, name)


@given(asking=reaches, wanted=reaches)
def test_a_token_makes_none_that_does_more(asking: Reach, wanted: Reach) -> None:
    """Whatever a token may be made by another is open to that one: each use, each project, each moment (I-15)."""
    try:
        require_may_make(by(asking), wanted)
    except Forbidden:
        return
    assert Scope.MANAGE in asking.scopes
    moments = [NOW + timedelta(days=days, hours=1) for days in range(-4, 5)]
    for scope in Scope:
        for name in (*NAMES, "to-come"):
            for at in moments:
                assert opens(asking, scope, name, at) or not opens(wanted, scope, name, at)


@given(asking=reaches)
def test_a_token_to_manage_makes_its_like(asking: Reach) -> None:
    """A token may make one that reaches as far as itself, if it may manage: the rule forbids no more than it must."""
    if Scope.MANAGE in asking.scopes:
        require_may_make(by(asking), asking)
    else:
        with pytest.raises(Forbidden) as refused:
            require_may_make(by(asking), asking)
        assert refused.value.code == "token-scope"


def test_a_person_makes_any_token() -> None:
    """Who signed in without a token is bound by their rights alone, and these are asked at every use."""
    require_may_make(caller(), Reach(frozenset(Scope), frozenset(), None))


def test_everything_that_is_too_much_is_said() -> None:
    """A refusal names each way in which the token would reach farther."""
    asking = Reach(frozenset({Scope.MANAGE}), frozenset({"lark"}), NOW)
    with pytest.raises(Forbidden) as refused:
        require_may_make(by(asking), Reach(frozenset(Scope), frozenset({"lark", "wren"}), None))
    assert refused.value.code == "token-beyond"
    assert refused.value.problems == (
        "It may not read or upload itself.",
        "It is not for wren.",
        "It ends by itself at 2026-03-04 05:06 UTC.",
    )
    everywhere = Reach(asking.scopes, frozenset(), NOW).beyond(asking)
    assert everywhere == ("It is for lark only, not for all projects.",)


@given(reach=reaches, role=st.none() | st.sampled_from(Role), is_admin=st.booleans())
def test_a_token_never_exceeds_its_user(reach: Reach, role: Role | None, *, is_admin: bool) -> None:
    """With whatever role the user has now, a token opens no gate that is closed for the user (I-15)."""
    person = replace(user(), is_admin=is_admin)
    for scope in Scope:
        narrowed, whole = (
            gates(replace(by(reach), user=person), scope, role),
            gates(Caller(person), scope, role),
        )
        assert all(
            open_alone or not open_by_token for open_by_token, open_alone in zip(narrowed, whole, strict=True)
        )


def gates(who: Caller, scope: Scope, role: Role | None) -> list[bool]:
    """Which gates are open to ``who``, whose role in a project is ``role``."""
    lark = project("lark")
    asked: list[Callable[[], object]] = [
        lambda: require_role(who, scope, lark, role),
        lambda: require_role(who, scope, lark, role, owner=True),
        lambda: require_scope(who, scope, lark.name),
        lambda: require_unrestricted(who, scope),
        lambda: require_admin(who),
        lambda: require_in_person(who),
    ]
    readable = [may_read(who, "lark", role, is_private=True), may_read(who, "", None, is_private=False)]
    return [*map(is_open, asked), *readable]


def is_open(gate: Callable[[], object]) -> bool:
    """True when ``gate`` lets pass."""
    try:
        gate()
    except Forbidden:
        return False
    return True


# Whose tokens


def test_people_keep_their_own_tokens() -> None:
    """A person sees and revokes their tokens, and nobody else's."""
    assert keeps(caller(), TOKEN)
    assert not keeps(caller(name="bob"), TOKEN)
    assert not keeps(caller(Scope.MANAGE, name="bob"), TOKEN)


def test_a_token_keeps_what_it_could_have_made() -> None:
    """By a token one sees that token itself, and those that reach no farther, if it may manage."""
    small = replace(TOKEN, id=2, scopes=frozenset({Scope.MANAGE}), projects=frozenset({"lark"}))
    assert keeps(by(Reach.of(small)), replace(small, id=3))
    assert not keeps(by(Reach.of(small)), replace(small, id=3, projects=frozenset()))
    uploads = Caller(user(), TOKEN)
    assert keeps(uploads, TOKEN)
    assert not keeps(uploads, replace(TOKEN, id=2))


# What is asked for


def test_everything_wrong_about_a_token_is_said_at_once() -> None:
    """Label, scopes, projects and time are all looked at before it is refused."""
    many = [str(number) for number in range(MOST_PROJECTS + 1)]
    with pytest.raises(Invalid) as refused:
        require_sense("x" * (LONGEST_LABEL + 1), frozenset(), many, timedelta(0))
    assert refused.value.code == "token-invalid"
    assert [problem.split()[1] for problem in refused.value.problems] == [
        "label",
        "what",
        "projects",
        "token",
    ]
    require_sense("x" * LONGEST_LABEL, {Scope.READ}, many[1:], MOMENT)
    require_sense("", {Scope.READ}, (), None)


@pytest.mark.parametrize("label", ["\x1b[2J", "a\u202eb", "a\x00"])
def test_a_label_hides_nothing(label: str) -> None:
    """What is not seen where it stands is no label (T-44)."""
    with pytest.raises(Invalid):
        require_sense(label, {Scope.READ}, (), None)


@pytest.mark.parametrize(
    ("text", "lasts"),
    [
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("52w", timedelta(weeks=52)),
        ("99999w", timedelta(weeks=99_999)),
    ],
)
def test_durations(text: str, lasts: timedelta) -> None:
    """Hours, days and weeks, as people write them; the longest is still a date."""
    assert parse_duration(text) == lasts
    assert NOW + lasts > NOW


@pytest.mark.parametrize(
    "text", ["", "90", "d", "0d", "000h", "-1d", "1.5d", "90 d", "90D", "100000d", "٣d", "1d\n"]
)
def test_what_is_no_duration(text: str) -> None:
    """Anything else is refused, with examples."""
    with pytest.raises(Invalid, match="12h, 90d or 52w") as refused:
        parse_duration(text)
    assert refused.value.code == "duration-invalid"


# How it stands


def test_a_token_ends_by_time_or_by_hand() -> None:
    """It is live until its time has come; revoked, it is that and nothing else."""
    timed = replace(TOKEN, expires_at=NOW)
    assert token_state(TOKEN, NOW) is TokenState.LIVE
    assert token_state(timed, NOW - MOMENT) is TokenState.LIVE
    assert token_state(timed, NOW) is TokenState.EXPIRED
    assert token_state(replace(timed, revoked_at=NOW), NOW) is TokenState.REVOKED


def test_a_use_is_news_once_an_hour() -> None:
    """The first use is noted, and then one an hour; a clock that went back makes no news."""
    used = replace(TOKEN, last_used_at=NOW)
    assert is_use_news(TOKEN, NOW)
    assert not is_use_news(used, NOW + NOTED_EVERY - MOMENT)
    assert is_use_news(used, NOW + NOTED_EVERY)
    assert not is_use_news(used, NOW - timedelta(days=1))
