"""Hosting modes: every triple of two modes and a mover, against the table of the design."""

from datetime import date
from itertools import product

import pytest

from homeport.domain.errors import Forbidden, IllegalMove, Invalid, NeedsConsent
from homeport.domain.hosting import MOVES, HostingMode, Move, Mover, Need, is_one_way, move
from homeport.domain.hosting_policy import HostingPolicy

EXT, CACHE, ONLY = HostingMode
OWNER, ADMIN, CLOCK = Mover
POLICY = HostingPolicy()
TODAY = date(2026, 3, 4)
EVERYTHING = frozenset(Need)

# What each move needs: one of these suffices.
ALLOWED: dict[tuple[HostingMode, HostingMode, Mover], set[Need]] = {
    (EXT, CACHE, OWNER): {Need.REVIEWED_PLAN},
    (EXT, ONLY, OWNER): {Need.ACKNOWLEDGED_LOSS},
    (CACHE, ONLY, OWNER): {Need.NOTHING},
    (ONLY, CACHE, OWNER): {Need.STANDING_CONSENT},
    (CACHE, EXT, ADMIN): {Need.EXEMPTION},
    (ONLY, EXT, ADMIN): {Need.EXEMPTION},
    (EXT, ONLY, CLOCK): {Need.EXEMPTION_ENDED, Need.NOTICE_30_DAYS_NO_LOSS, Need.NOTICES_90_30_7_DAYS},
    (EXT, ONLY, ADMIN): {Need.EXEMPTION_ENDED},
    (CACHE, ONLY, CLOCK): {Need.NOTICE_30_DAYS},
}
ONE_WAY = {(EXT, ONLY, OWNER), (CACHE, ONLY, OWNER)}
TRIPLES = list(product(HostingMode, HostingMode, Mover))


def who_may(source: HostingMode, target: HostingMode) -> set[Mover]:
    """Whom the design lets make this move."""
    return {mover for mover in Mover if (source, target, mover) in ALLOWED}


@pytest.mark.parametrize(("source", "target", "mover"), TRIPLES)
def test_with_everything_met(source: HostingMode, target: HostingMode, mover: Mover) -> None:
    """A move is made by whom the design names, refused to others, and otherwise does not exist."""
    if (source, target, mover) in ALLOWED:
        row = move(source, target, mover, EVERYTHING, POLICY, TODAY)
        assert (row.source, row.target, row.mover) == (source, target, mover)
        assert row.need in ALLOWED[source, target, mover]
        assert row.one_way is ((source, target, mover) in ONE_WAY)
        return
    somebody_may = bool(who_may(source, target))
    with pytest.raises(Forbidden if somebody_may else IllegalMove) as caught:
        move(source, target, mover, EVERYTHING, POLICY, TODAY)
    assert caught.value.code == ("mode-move-forbidden" if somebody_may else "mode-move-unknown")


@pytest.mark.parametrize(
    ("source", "target", "mover", "met"), [(*key, need) for key in ALLOWED for need in Need]
)
def test_one_need_met(source: HostingMode, target: HostingMode, mover: Mover, met: Need) -> None:
    """A move needs exactly what the design says; having met any other need does not help."""
    needs = ALLOWED[source, target, mover]
    if needs == {Need.NOTHING} or met in needs:
        move(source, target, mover, frozenset({met}), POLICY, TODAY)
        return
    kind = NeedsConsent if needs & {Need.REVIEWED_PLAN, Need.STANDING_CONSENT} else Invalid
    with pytest.raises(kind) as caught:
        move(source, target, mover, frozenset({met}), POLICY, TODAY)
    assert caught.value.code in {f"needs-{need}" for need in needs}


@pytest.mark.parametrize(
    ("source", "target", "mover", "sentence"),
    [
        (EXT, CACHE, OWNER, "homeport plan NAME"),
        (EXT, ONLY, OWNER, "--acknowledge-loss"),
        (ONLY, CACHE, OWNER, "--consent"),
        (CACHE, EXT, ADMIN, "--reason, --until"),
        (EXT, ONLY, CLOCK, "90, 30 and 7 days"),
        (EXT, ONLY, ADMIN, "exemption must have ended"),
        (CACHE, ONLY, CLOCK, "notice for 30 days"),
    ],
)
def test_the_refusal_says_what_to_do(
    source: HostingMode, target: HostingMode, mover: Mover, sentence: str
) -> None:
    """Who lacks something is told what, and how to supply it."""
    with pytest.raises((NeedsConsent, Invalid)) as caught:
        move(source, target, mover, frozenset(), POLICY, TODAY)
    assert sentence in caught.value.sentence
    assert f"from {source} to {target}" in caught.value.sentence


@pytest.mark.parametrize(
    ("source", "target", "mover", "who"),
    [(EXT, CACHE, CLOCK, "the owner"), (CACHE, ONLY, ADMIN, "the owner"), (ONLY, EXT, OWNER, "the admin")],
)
def test_the_refusal_says_who_can(source: HostingMode, target: HostingMode, mover: Mover, who: str) -> None:
    """Who may not make a move is told who may; the clock is nobody to ask."""
    with pytest.raises(Forbidden) as caught:
        move(source, target, mover, EVERYTHING, POLICY, TODAY)
    assert caught.value.sentence == f"Only {who} can move a project from {source} to {target}."


@pytest.mark.parametrize(("source", "target", "mover"), TRIPLES)
def test_after_the_phase_out(source: HostingMode, target: HostingMode, mover: Mover) -> None:
    """When pypi-cache has ended, only the way from pypi-only into it is closed."""
    if (source, target, mover) not in ALLOWED:
        return
    ended = HostingPolicy(allow_cache_after_only=False)
    if (source, target) != (ONLY, CACHE):
        assert move(source, target, mover, EVERYTHING, ended, TODAY) == move(
            source, target, mover, EVERYTHING, POLICY, TODAY
        )
        return
    with pytest.raises(IllegalMove) as caught:
        move(source, target, mover, EVERYTHING, ended, TODAY)
    assert caught.value.code == "cache-phased-out"


def test_nobody_but_an_admin_leads_back() -> None:
    """No row lets an owner or the clock make installers depend on other servers again."""
    assert {row.mover for row in MOVES if row.target.lists_external} == {ADMIN}


def test_the_clock_only_leads_to_pypi_only() -> None:
    """Neither a campaign nor the end of an exemption re-hosts anything."""
    assert {row.target for row in MOVES if row.mover is CLOCK} == {ONLY}


@pytest.mark.parametrize(
    ("text", "mode", "lists_external", "takes_crawled"),
    [("pypi-ext", EXT, True, False), ("pypi-cache", CACHE, False, True), ("pypi-only", ONLY, False, False)],
)
def test_mode(text: str, mode: HostingMode, *, lists_external: bool, takes_crawled: bool) -> None:
    """What a mode's name stands for."""
    assert HostingMode.parse(text) is mode
    assert mode.lists_external is lists_external
    assert mode.takes_crawled_files is takes_crawled


@pytest.mark.parametrize("text", ["", "ext", "PYPI-ONLY", "pypi-only\n", "pypi_only"])
def test_no_mode(text: str) -> None:
    """Any other text is refused, with the three modes there are."""
    with pytest.raises(Invalid) as caught:
        HostingMode.parse(text)
    assert caught.value.code == "mode-unknown"
    assert all(mode in caught.value.sentence for mode in HostingMode)


@pytest.mark.parametrize("row", MOVES)
@pytest.mark.parametrize("allow_cache_after_only", [True, False])
def test_a_way_back_may_be_the_policys(row: Move, *, allow_cache_after_only: bool) -> None:
    """A move that the table calls one-way can be undone when it left pypi-cache and the policy lets projects return."""
    returns = row.source is HostingMode.CACHE and allow_cache_after_only
    assert is_one_way(row, HostingPolicy(allow_cache_after_only=allow_cache_after_only), TODAY) is (
        row.one_way and not returns
    )


def test_the_one_ways_by_policy() -> None:
    """External links are left for good; pypi-cache only where the index has ended it."""
    ways = {
        allowed: {(row.source, row.target) for row in MOVES if is_one_way(row, policy, TODAY)}
        for allowed in (True, False)
        for policy in [HostingPolicy(allow_cache_after_only=allowed)]
    }
    left = (HostingMode.EXT, HostingMode.ONLY)
    assert ways == {True: {left}, False: {left, (HostingMode.CACHE, HostingMode.ONLY)}}
