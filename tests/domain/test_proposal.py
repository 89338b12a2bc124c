"""Proposals: who decides, how long they are open, and what takes two."""

from datetime import UTC, datetime, timedelta

import pytest

from homeport.domain.account import User
from homeport.domain.errors import Conflict, Forbidden
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.proposal import (
    OPEN_FOR,
    SETTLES_AFTER,
    Act,
    Deed,
    Proposal,
    ProposalState,
    require_settled,
    takes_two,
)

AT = datetime(2026, 3, 4, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ROOT, EVE = (
    User(number, name, f"{name}@example.org", is_admin=True) for number, name in ((1, "root"), (2, "eve"))
)
PROPOSAL = Proposal(
    7, Deed(Act.UNFREEZE_HOST, subject="files.test"), "Sold back.", 1, "root", AT, AT + OPEN_FOR
)
AGREED, REFUSED, WITHDRAWN = ProposalState.AGREED, ProposalState.REFUSED, ProposalState.WITHDRAWN


def test_another_one_decides() -> None:
    """What eve decides is remembered with her name, and is final."""
    ended = PROPOSAL.ended(EVE, REFUSED, AT + MOMENT, "No.")
    assert (ended.end, ended.ended_by, ended.ended_at, ended.answer) == (REFUSED, "eve", AT + MOMENT, "No.")
    assert ended.state(AT + OPEN_FOR) is REFUSED
    with pytest.raises(Conflict) as refused:
        ended.ended(EVE, AGREED, AT + MOMENT)
    assert refused.value.code == "proposal-ended"


@pytest.mark.parametrize(("by", "end"), [(ROOT, AGREED), (ROOT, REFUSED), (EVE, WITHDRAWN)])
def test_not_theirs_to_decide(by: User, end: ProposalState) -> None:
    """Who asked neither agrees nor refuses, and nobody else withdraws."""
    with pytest.raises(Forbidden) as refused:
        PROPOSAL.ended(by, end, AT)
    assert refused.value.code == "proposal-not-yours"


def test_who_asked_may_withdraw() -> None:
    """A proposal is taken back by who made it."""
    assert PROPOSAL.ended(ROOT, WITHDRAWN, AT).end is WITHDRAWN


def test_it_is_open_for_seven_days() -> None:
    """At the end of the seventh day nobody agrees any more."""
    last = AT + timedelta(days=7) - MOMENT
    assert PROPOSAL.state(last) is ProposalState.OPEN
    assert PROPOSAL.ended(EVE, AGREED, last).end is AGREED
    assert PROPOSAL.state(last + MOMENT) is ProposalState.EXPIRED
    with pytest.raises(Conflict):
        PROPOSAL.ended(EVE, AGREED, last + MOMENT)


DEEDS = (
    (Deed(Act.UNFREEZE_HOST, subject="files.test"), "Unfreeze the host files.test"),
    (Deed(Act.UNFREEZE, "demo", "1.0"), "Unfreeze demo 1.0"),
    (Deed(Act.UNFREEZE, "demo", "1.0", ("demo-1.0.zip",)), "Unfreeze demo-1.0.zip"),
    (Deed(Act.END_QUARANTINE, "demo", "active"), "End the quarantine of demo: it becomes active"),
    (Deed(Act.DELETE, "demo", "1.0", ("a.zip", "b.zip")), "Delete a.zip, b.zip"),
    (
        Deed(Act.ANSWER_REMOVAL, "demo", "7", ("a.zip", "b.zip")),
        "Remove from demo what request 7 asks for: a.zip, b.zip",
    ),
    (
        Deed(Act.CHANGE_POLICY, changes={"two_to_delete": "no", "cache_ends_on": ""}),
        "Change the policy: two_to_delete to no, cache_ends_on to nothing",
    ),
)


_REMOVALS = {Act.DELETE, Act.ANSWER_REMOVAL}


@pytest.mark.parametrize(("deed", "sentence"), DEEDS)
def test_a_deed_says_what_it_is(deed: Deed, sentence: str) -> None:
    """Every deed has a sentence, and comes back from what is kept of it."""
    assert deed.sentence == sentence
    assert Deed.from_json(deed.to_json()) == deed


@pytest.mark.parametrize("act", Act)
def test_what_takes_two(act: Act) -> None:
    """Each rule is about its own deeds; taking a rule back takes two while there is any."""
    assert not takes_two(act, HostingPolicy())
    assert takes_two(act, HostingPolicy(two_to_unfreeze=True)) is (act not in _REMOVALS)
    assert takes_two(act, HostingPolicy(two_to_delete=True)) is (act in {*_REMOVALS, Act.CHANGE_POLICY})


def test_what_was_kept_before_there_were_serials() -> None:
    """It is read as a deed that nobody named one for."""
    kept = DEEDS[0][0].to_json()
    assert kept.pop("serial") == 0
    assert Deed.from_json(kept) == DEEDS[0][0]
    seen = Deed(Act.END_QUARANTINE, "demo", "active", serial=7)
    assert Deed.from_json(seen.to_json()) == seen


def test_an_account_counts_when_it_has_settled() -> None:
    """72 hours after somebody else had it in hands, for what was proposed since; at once where nobody ever had."""
    require_settled(None, AT, PROPOSAL)
    before = AT - SETTLES_AFTER
    require_settled(before, AT)
    require_settled(before, AT, PROPOSAL)
    with pytest.raises(Forbidden, match="from 04 Mar 2026, 00:00 UTC on") as fresh:
        require_settled(before, AT - MOMENT)
    with pytest.raises(Forbidden, match="after proposal 7 was made: somebody else agrees") as late:
        require_settled(AT, AT + SETTLES_AFTER, PROPOSAL)
    assert {one.value.code for one in (fresh, late)} == {"account-unsettled"}
