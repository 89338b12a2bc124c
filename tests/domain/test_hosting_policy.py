"""The policy of the index: what is read, what contradicts itself, and what it refuses."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.errors import Forbidden, IllegalMove, Invalid
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_policy import (
    FIELDS,
    CacheChooser,
    FrozenStatus,
    HostingPolicy,
    changed_fields,
    kept_policy,
    read_policy,
    takes_back_two,
)

EXT, CACHE, ONLY = HostingMode
TODAY = date(2026, 3, 4)
DEFAULT = HostingPolicy()

POLICIES = st.builds(
    HostingPolicy,
    allowed_modes=st.sampled_from([frozenset(HostingMode), frozenset({CACHE, ONLY})]),
    cache_ends_on=st.none() | st.dates(),
    allow_cache_after_only=st.booleans(),
    lowest_evidence=st.sampled_from(Level),
    cooling_hours=st.integers(0, 720),
    two_to_unfreeze=st.booleans(),
    two_to_delete=st.booleans(),
    cache_chosen_by=st.sampled_from(CacheChooser),
    frozen_status=st.sampled_from(FrozenStatus),
)


@given(POLICIES)
def test_what_is_written_is_read(policy: HostingPolicy) -> None:
    """A policy as people write it, and as it is kept, is that policy; of fields that came later nothing is known."""
    texts = policy.to_texts()
    assert tuple(texts) == FIELDS
    assert read_policy(texts) == kept_policy(texts | {"of_tomorrow": "?"}) == policy
    assert changed_fields(DEFAULT, policy) == {
        name: (DEFAULT.to_texts()[name], text)
        for name, text in texts.items()
        if text != DEFAULT.to_texts()[name]
    }


def test_only_what_is_named_changes() -> None:
    """Fields that are not named stay as they are."""
    base = read_policy({"cooling_hours": "24", "lowest_evidence": "tls"})
    changed = read_policy({"lowest_evidence": " corroborated "}, base)
    assert (changed.cooling_time, changed.lowest_evidence) == (timedelta(hours=24), Level.CORROBORATED)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("allowed_modes", "pypi-only; pypi-ext"),
        ("allowed_modes", ""),
        ("default_mode", "only"),
        ("cache_chosen_by", "everybody"),
        ("cache_ends_on", "31.3.2027"),
        ("allow_cache_after_only", "true"),
        ("lowest_evidence", "some"),
        ("cooling_hours", "-1"),
        ("cooling_hours", "721"),
        ("cooling_hours", "9999999999999"),
        ("cooling_hours", "1.5"),
        ("cooling_hours", "7200"),
        ("two_to_unfreeze", "YES"),
        ("two_to_delete", ""),
        ("frozen_status", "410"),
        ("frozen_status", "٤٠٤"),
        ("frozen_status", "not"),
    ],
)
def test_what_is_no_value(name: str, text: str) -> None:
    """A field says what it was given, and what it wants."""
    with pytest.raises(Invalid) as refused:
        read_policy({name: text})
    assert refused.value.code == "policy-invalid"
    assert refused.value.sentence.startswith(f"{name} is {text!r}: ")
    assert refused.value.sentence.endswith("wanted.")


def test_all_problems_at_once() -> None:
    """Whoever changes several things learns of everything that is wrong."""
    with pytest.raises(Invalid) as refused:
        read_policy(
            {"mode": "x", "cooling_hours": "soon", "frozen_status": "200", "default_mode": "pypi-ext"}
        )
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"allowed_modes": "pypi-cache, pypi-ext"}, "must hold pypi-only"),
        ({"default_mode": "pypi-ext"}, "cannot be pypi-ext"),
        ({"default_mode": "pypi-cache", "allowed_modes": "pypi-only"}, "allowed_modes does not hold"),
        ({"default_mode": "pypi-cache", "cache_chosen_by": "administrators"}, "only administrators"),
        ({"default_mode": "pypi-cache", "cache_ends_on": "2027-01-01"}, "cache_ends_on"),
    ],
)
def test_what_contradicts_itself(texts: dict[str, str], words: str) -> None:
    """A policy that cannot be followed is none."""
    with pytest.raises(Invalid) as refused:
        read_policy(texts)
    assert any(words in problem for problem in refused.value.problems)


def test_by_default_everything_may_be_chosen() -> None:
    """The policy of an index whose administrators decided nothing forbids no mode."""
    for mode in HostingMode:
        assert DEFAULT.mode_refusal(mode, TODAY, by_admin=False) is None
    assert DEFAULT.allows_cache_again(TODAY)
    assert not DEFAULT.asks_two


def test_a_mode_that_is_not_allowed() -> None:
    """Nobody chooses it, administrators neither; the refusal names those that are allowed."""
    policy = HostingPolicy(allowed_modes=frozenset({ONLY, CACHE}))
    refusal = policy.refusal(ONLY, EXT, Mover.ADMIN, TODAY)
    assert isinstance(refusal, IllegalMove)
    assert (refusal.code, "pypi-cache and pypi-only" in refusal.sentence) == ("mode-not-allowed", True)
    assert policy.refusal(EXT, ONLY, Mover.CLOCK, TODAY) is None


def test_the_day_on_which_the_cache_ends() -> None:
    """The day before it may be chosen; from the day on by nobody; leaving it is always possible."""
    policy = HostingPolicy(cache_ends_on=TODAY)
    assert policy.mode_refusal(CACHE, TODAY - timedelta(days=1), by_admin=False) is None
    refusal = policy.mode_refusal(CACHE, TODAY, by_admin=True)
    assert refusal is not None
    assert (refusal.code, str(TODAY) in refusal.sentence) == ("cache-phased-out", True)
    assert policy.refusal(CACHE, ONLY, Mover.OWNER, TODAY) is None
    assert not policy.allows_cache_again(TODAY)


def test_the_way_back_says_when_it_ended() -> None:
    """As a phase-out leaves the policy: from the day on the refusal names it, before it the way is closed without one."""
    policy = HostingPolicy(allow_cache_after_only=False, cache_ends_on=TODAY)
    for today, says_when in ((TODAY - timedelta(days=1), False), (TODAY, True)):
        refusal = policy.cache_refusal(today)
        assert refusal is not None
        assert refusal.code == "cache-phased-out"
        assert (str(TODAY) in refusal.sentence) is says_when
        assert "ask an administrator to change the policy" in refusal.sentence


def test_the_cache_may_be_for_administrators_to_choose() -> None:
    """An owner is told to ask one; an owner who is one may."""
    policy = HostingPolicy(cache_chosen_by=CacheChooser.ADMINISTRATORS)
    assert isinstance(policy.refusal(ONLY, CACHE, Mover.OWNER, TODAY), Forbidden)
    assert policy.refusal(ONLY, CACHE, Mover.OWNER, TODAY, by_admin=True) is None
    assert policy.mode_refusal(ONLY, TODAY, by_admin=False) is None


@pytest.mark.parametrize("lowest", Level)
def test_the_lowest_evidence(lowest: Level) -> None:
    """What is known as well or better may be published, and nothing else."""
    policy, order = HostingPolicy(lowest_evidence=lowest), list(Level)
    assert [level for level in Level if policy.publishes(level)] == order[order.index(lowest) :]


@pytest.mark.parametrize(
    ("before", "after", "takes"),
    [
        (DEFAULT, HostingPolicy(two_to_delete=True), False),
        (HostingPolicy(two_to_delete=True), DEFAULT, True),
        (HostingPolicy(two_to_unfreeze=True), HostingPolicy(two_to_delete=True), True),
        (HostingPolicy(two_to_unfreeze=True), HostingPolicy(two_to_unfreeze=True, cooling_hours=1), False),
    ],
)
def test_what_takes_two_is_not_taken_back_by_one(
    before: HostingPolicy, after: HostingPolicy, *, takes: bool
) -> None:
    """Ending a two-person rule is told apart from every other change."""
    assert takes_back_two(before, after) is takes
