"""Choosing from a plan: what may be accepted, what is taken without a choice, and where a person must look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import (
    HOLD,
    INFO,
    PLAIN,
    PLAIN_LOOPBACK,
    REJECT,
    item,
    plan,
    unreachable,
)

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.evidence import Evidence, Level
from homeport.domain.inspection import Verdict
from homeport.domain.plan_choice import acceptable, choose, contradictions, is_held
from homeport.domain.rehost import (
    Bytes,
    Decision,
    Item,
    Plan,
)

HINT = "Supply its sha256"
KNOWN = Sha256.of(b"bytes").hex


def test_choose() -> None:
    """What was chosen comes back in the plan's order, whatever else is in the plan."""
    shown = plan(item(3, "c.zip"), item(1, "a.zip"), item(2, "b.zip", findings=(REJECT,)))
    assert [chosen.id for chosen in choose(shown, frozenset({1, 3}))] == [3, 1]


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (item(), False),
        (item(findings=(HOLD,)), True),
        (item(findings=(HOLD, REJECT)), False),
        (item(findings=(HOLD,), is_published=True), False),
        (unreachable(), False),
    ],
)
def test_what_is_held(one: Item, held: bool) -> None:
    """Held is what can be accepted and of which something was found; it is accepted when it is named, only."""
    assert is_held(one) is held
    if held:
        assert not acceptable(plan(one))
        assert choose(plan(one), frozenset({one.id})) == (one,)


@pytest.mark.parametrize(
    ("shown", "accept", "kind", "code", "words"),
    [
        (plan(), set(), NeedsConsent, "nothing-acceptable", []),
        (plan(unreachable()), set(), NeedsConsent, "nothing-acceptable", [HINT]),
        (
            plan(item()).under(Level.CORROBORATED),
            set(),
            NeedsConsent,
            "nothing-acceptable",
            ["this index publishes “corroborated” or better"],
        ),
        (
            plan(item(findings=(REJECT,)), item(2, is_published=True)),
            set(),
            NeedsConsent,
            "nothing-acceptable",
            [REJECT.message, "already hosted"],
        ),
        (
            plan(item(findings=(REJECT,)), item(2)),
            set(),
            Invalid,
            "nothing-accepted",
            ["homeport rehost refuse"],
        ),
        (plan(item()), set(), Invalid, "nothing-accepted", []),
        (plan(), {1}, Invalid, "item-unknown", ["no item 1."]),
        (plan(item()), {1, 9, 7}, Invalid, "item-unknown", ["no item 7, 9."]),
        (plan(item(findings=(REJECT,))), {1}, NeedsConsent, "items-not-acceptable", [REJECT.message]),
        (plan(item(evidence=PLAIN)), {1}, NeedsConsent, "items-not-acceptable", ["confirm"]),
        (plan(item(is_published=True)), {1}, NeedsConsent, "items-not-acceptable", ["already hosted"]),
        (plan(unreachable()), {1}, NeedsConsent, "items-not-acceptable", [HINT]),
        (
            plan(
                *(item(n, f"{n}.zip", None, bytes=Bytes.LISTED) for n in range(1, 31)),
                item(99, is_published=True),
            ),
            {*range(1, 31), 99},
            NeedsConsent,
            "items-not-acceptable",
            ["30 of the files are only listed", "already hosted"],
        ),
        (plan(item(1), item(2)), {1, 2}, NeedsConsent, "items-not-acceptable", ["from more than one place"]),
        (
            plan(item(1), item(2), item(3, "b.zip", evidence=PLAIN), item(4, "c.zip", findings=(REJECT,))),
            {1, 2, 3, 4},
            NeedsConsent,
            "items-not-acceptable",
            [
                "demo-1.0.tar.gz: accepted from more",
                "b.zip: It came over plain HTTP",
                f"c.zip: {REJECT.message}",
            ],
        ),
    ],
)
def test_refused_choices(
    shown: Plan, accept: set[int], kind: type[Exception], code: str, words: list[str]
) -> None:
    """A choice that cannot be is refused with every reason at once."""
    with pytest.raises((Invalid, NeedsConsent)) as caught:
        choose(shown, frozenset(accept))
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert all(word in caught.value.sentence for word in words)
    if kind is NeedsConsent:
        assert len(caught.value.problems) == len(words)


def test_of_many_obstacles_the_first_are_told() -> None:
    """A sentence is for people, and says how many more there are; programs get every one."""
    shown = plan(*(item(n, f"{n}.zip", is_published=True) for n in range(1, 8)))
    with pytest.raises(NeedsConsent) as caught:
        choose(shown, frozenset())
    assert caught.value.sentence.endswith("5.zip: It is already hosted here. And 2 more.")
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    "chosen",
    [
        item(findings=(HOLD,)),
        item(evidence=PLAIN_LOOPBACK),
        item(evidence=PLAIN, declared_sha256=KNOWN),
        unreachable(declared_sha256=KNOWN),
        item(decision=Decision.LEAVE_OUT),
    ],
)
def test_a_person_may_choose(chosen: Item) -> None:
    """Who looked may accept what is held, what stayed on this machine, what they confirmed, and change their mind."""
    assert choose(plan(chosen), frozenset({1})) == (chosen,)


def test_one_of_two_places_may_be_chosen() -> None:
    """One name from two places is accepted from the one that was chosen."""
    here, there = item(1), item(2, content=b"other")
    assert choose(plan(here, there), frozenset({2})) == (there,)


@pytest.mark.parametrize(
    ("items", "taken"),
    [
        ([], set()),
        ([item()], {1}),
        ([item(findings=(INFO,))], {1}),
        ([item(findings=(HOLD,))], set()),
        ([item(findings=(REJECT,))], set()),
        ([item(evidence=PLAIN)], set()),
        ([item(evidence=PLAIN, declared_sha256=KNOWN)], {1}),
        ([item(evidence=PLAIN_LOOPBACK)], {1}),
        ([item(is_published=True)], set()),
        ([item(decision=Decision.LEAVE_OUT)], set()),
        ([item(decision=Decision.ACCEPT)], {1}),
        ([item(content=None)], set()),
        ([unreachable()], set()),
        ([unreachable(declared_sha256=KNOWN)], {1}),
        ([unreachable(declared_sha256=KNOWN, findings=(HOLD,))], set()),
        ([item(1), item(2)], {1}),
        ([item(1, findings=(HOLD,)), item(2)], {2}),
        ([item(1), item(2, content=b"other")], set()),
        ([item(1), item(2, content=b"other", findings=(REJECT,))], set()),
        ([item(1), item(2, content=b"other"), item(3, "b.zip")], {3}),
        ([item(1), unreachable(2)], {1}),
    ],
)
def test_acceptable(items: list[Item], taken: set[int]) -> None:
    """Without a choice only that is taken which nobody needs to look at, and what has one meaning."""
    assert acceptable(plan(*items)) == taken


items = st.builds(
    item,
    st.integers(1, 6),
    st.sampled_from(["a.zip", "b.zip"]),
    st.sampled_from([None, b"one", b"two"]),
    evidence=st.sampled_from([PLAIN, PLAIN_LOOPBACK, Evidence(Level.TLS, ""), None]),
    findings=st.lists(st.sampled_from([HOLD, INFO, REJECT]), max_size=2).map(tuple),
    decision=st.sampled_from(Decision),
    declared_sha256=st.sampled_from(["", Sha256.of(b"one").hex]),
    is_published=st.booleans(),
)


@given(st.lists(items, max_size=5, unique_by=lambda one: one.id))
def test_what_is_acceptable_can_be_chosen(found: list[Item]) -> None:
    """Everything that would be taken without a choice may be chosen, and brings no name twice."""
    shown = plan(*found)
    if taken := acceptable(shown):
        chosen = choose(shown, taken)
        assert {one.id for one in chosen} == taken
        assert len({one.filename for one in chosen}) == len(chosen)
        assert all(one.verdict is Verdict.ACCEPT for one in chosen)


def test_contradictions() -> None:
    """A name contradicts itself when its known bytes differ; bytes that are not here say nothing."""
    found = [
        item(1, "b.zip"),
        item(2, "b.zip", content=b"other"),
        item(3, "b.zip", content=b"third"),
        item(4, "a.zip"),
        item(5, "a.zip"),
        unreachable(6, "a.zip"),
        item(7, "A.zip", content=b"other"),
    ]
    assert contradictions(found) == {"b.zip": 3}
