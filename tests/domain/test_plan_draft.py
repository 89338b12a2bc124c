"""Drafts: kept by the bytes they are about, revision by revision, and nobody's decision is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.builders import HOLD, NOW, PLAIN, REJECT, TLS, item, plan, unreachable

from homeport.domain import plan_draft
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.evidence import Evidence, Level
from homeport.domain.inspection import Verdict
from homeport.domain.plan_draft import (
    NO_DRAFT,
    Changes,
    Drafted,
    PlanDraft,
    changed_since,
    declarations,
    mark_of,
    require_revision,
    require_true,
    review_items,
    save,
    ticked,
    with_sha256,
)
from homeport.domain.rehost import Bytes, Decision, Plan

GOOD, HELD = item(1, "demo-1.0.tar.gz"), item(2, "demo-2.0.tar.gz", b"held", findings=(HOLD,))
BARE = item(3, "demo-3.0.tar.gz", b"bare", evidence=PLAIN)
AWAITED = unreachable(4, "demo-4.0.tar.gz")
LISTED = item(5, "demo-5.0.tar.gz", None, bytes=Bytes.LISTED)
BAD = item(6, "demo-6.0.tar.gz", b"bad", findings=(REJECT,))
PLAN = plan(GOOD, HELD, BARE, AWAITED, LISTED, BAD)
SHA256 = Sha256.of(b"bare")


def saved(
    changes: Changes,
    draft: PlanDraft = NO_DRAFT,
    of: Plan = PLAN,
    *,
    base: int | None = None,
    by: str = "ada",
) -> PlanDraft:
    """The draft after one save; by who saw the newest revision unless ``base`` is named."""
    shown = draft.revision if base is None else base
    return save(draft, of, changes, base=shown, by=by, at=NOW)


def decisions(**by_letter: int) -> Changes:
    """Items to accept, leave out, and leave undecided."""
    words = {"accept": Decision.ACCEPT, "leave": Decision.LEAVE_OUT, "reset": Decision.UNDECIDED}
    return Changes({item_id: words[word] for word, item_id in by_letter.items()})


def test_what_stands_before_anybody_decides() -> None:
    """What needs no thought is proposed; what a person or a sha256 can settle waits for a decision; the rest is closed."""
    shown = {one.item.id: one for one in review_items(PLAN, NO_DRAFT)}
    assert {n for n, one in shown.items() if one.is_ticked} == {1}
    assert {n for n, one in shown.items() if one.needs_decision} == {2, 3, 4}
    assert {n for n, one in shown.items() if one.may_tick} == {1, 2, 3, 4, 5}
    assert {n for n, one in shown.items() if one.takes_sha256} == {3, 4}


def test_decisions_are_kept() -> None:
    """A decision wins over what is proposed, in either way, until it is taken back."""
    draft = saved(decisions(accept=2, leave=1))
    assert (draft.revision, draft.saved_by, draft.saved_at) == (1, "ada", NOW)
    assert ticked(review_items(PLAN, draft)) == {2}
    assert not any(one.needs_decision for one in review_items(PLAN, draft) if one.item.id in {1, 2})
    back = saved(decisions(reset=1), draft)
    assert ticked(review_items(PLAN, back)) == {1, 2}
    assert back.revision == 2


def test_what_cannot_be_chosen_is_not_ticked() -> None:
    """A decision to accept what inspection rejects ticks nothing."""
    assert 6 not in ticked(review_items(PLAN, saved(decisions(accept=6))))


def test_a_sha256_settles_what_waits_for_one() -> None:
    """Named for bytes that came plainly, or for bytes to come, it lets them be proposed; taken back, it does not."""
    named = saved(Changes(sha256={3: SHA256, 4: SHA256}))
    shown = review_items(PLAN, named)
    assert ticked(shown) == {1, 3, 4}
    assert declarations(shown, frozenset({1, 3, 4})) == {3: SHA256, 4: SHA256}
    back = saved(Changes(sha256={3: None, 1: None}), named)
    assert ticked(review_items(PLAN, back)) == {1, 4}
    assert back.revision == 2


def test_a_contradicted_sha256_rejects() -> None:
    """An item whose bytes have another sha256 than a maintainer names cannot be taken while that stands."""
    draft = saved(Changes(sha256={1: SHA256}))
    (shown,) = (one for one in review_items(PLAN, draft) if one.item.id == 1)
    assert (shown.may_tick, shown.item.verdict) == (False, Verdict.REJECT)
    assert "named sha256" in shown.item.obstacles[0]


def test_what_a_named_sha256_makes_of_an_item() -> None:
    """It is evidence, unless a signature is a better one; before the bytes are here it is only a promise."""
    signed = replace(BARE, evidence=Evidence(Level.ATTESTED, "Signed."))
    assert with_sha256(BARE, SHA256.hex).evidence == Evidence(
        Level.DECLARED, "The maintainer confirmed this sha256."
    )
    assert with_sha256(signed, SHA256.hex).evidence == signed.evidence
    assert with_sha256(replace(BARE, evidence=None), SHA256.hex).evidence is not None
    assert with_sha256(AWAITED, SHA256.hex) == replace(AWAITED, declared_sha256=SHA256.hex)


def test_typed_digests_are_compared_first() -> None:
    """A sha256 that somebody types for bytes that are here must be theirs, and every wrong one is told."""
    require_true(PLAN, {3: SHA256, 4: SHA256, 1: None})
    with pytest.raises(Invalid, match="another one") as refused:
        require_true(PLAN, {1: SHA256, 2: SHA256})
    assert len(refused.value.problems) == 2


def test_the_same_bytes_keep_their_decision() -> None:
    """A plan that is made again has other ids: decisions go with file name and bytes, and other bytes have none."""
    draft = saved(decisions(accept=2, leave=1))
    again = plan(
        replace(HELD, id=11),
        replace(GOOD, id=12, sha256=Sha256.of(b"other")),
        replace(GOOD, id=13, url="x:/"),
    )
    by_id = {one.item.id: one for one in review_items(again, draft)}
    assert by_id[11].is_ticked
    assert by_id[12].entry is None
    assert by_id[13].decision is Decision.LEAVE_OUT


def test_a_promise_is_kept_by_the_bytes_it_named() -> None:
    """What was decided by address and sha256 holds for the bytes that come, if they are those, and not for others."""
    draft = saved(Changes({4: Decision.ACCEPT, 5: Decision.ACCEPT}, {4: SHA256}))
    came = replace(AWAITED, bytes=Bytes.HERE, sha256=SHA256, evidence=PLAIN, verdict=Verdict.ACCEPT)
    listed = replace(LISTED, bytes=Bytes.HERE, sha256=SHA256, evidence=TLS, findings=(HOLD,))
    shown = review_items(plan(came, listed), draft)
    assert [one.is_ticked for one in shown] == [True, False]
    other = replace(came, sha256=Sha256.of(b"other"))
    assert review_items(plan(other), draft)[0].entry is None


def test_one_of_several_places() -> None:
    """Where one of several places is chosen, its rivals are neither proposed nor waited for."""
    one, two = item(1, content=b"one"), item(2, content=b"two", url="https://b.example/x")
    shown = review_items(plan(one, two), NO_DRAFT)
    assert [(r.rivals, r.is_ticked, r.needs_decision) for r in shown] == [(1, False, True)] * 2
    draft = saved(decisions(accept=2), of=plan(one, two))
    shown = review_items(plan(one, two), draft)
    assert [(r.is_ticked, r.needs_decision) for r in shown] == [(False, False), (True, False)]


def test_what_was_left_out_with_a_fetch_stays_left_out() -> None:
    """An item that was not wanted when others were fetched is left out before anybody drafts anything."""
    (shown,) = review_items(plan(replace(GOOD, decision=Decision.LEAVE_OUT)), NO_DRAFT)
    assert (shown.is_ticked, shown.needs_decision) == (False, False)


def test_the_later_save_hears_of_the_earlier() -> None:
    """Nothing is saved over what somebody did not see; they are told who changed what."""
    first = saved(decisions(accept=2, leave=1), by="bob")
    named = saved(Changes({4: Decision.ACCEPT}, {3: SHA256, 4: SHA256}), first, by="eve")
    with pytest.raises(Conflict) as refused:
        saved(decisions(leave=2), named, base=0)
    assert refused.value.code == "draft-changed"
    assert "eve saved this review" in refused.value.sentence
    assert refused.value.problems[1:] == (
        "demo-1.0.tar.gz: bob left it out.",
        "demo-2.0.tar.gz: bob ticked it.",
        "demo-3.0.tar.gz: eve named its sha256.",
        "demo-4.0.tar.gz: eve ticked it, and named its sha256.",
    )
    assert changed_since(named, PLAN, 1).keys() == {3, 4}
    undone = saved(decisions(reset=1), named, by="eve")
    assert changed_since(undone, PLAN, 2) == {1: "eve took the decision back."}
    assert saved(decisions(leave=2), named).revision == 3


def test_the_same_decision_is_no_conflict() -> None:
    """Who sends again what stands already, or changes nothing, is told nothing and changes nothing."""
    draft = saved(decisions(accept=2), by="bob")
    assert saved(decisions(accept=2), draft, base=0) is draft
    assert saved(Changes(), draft, base=0) is draft
    assert saved(decisions(reset=1), draft, base=0) is draft


def test_only_some_of_many_changes_are_told() -> None:
    """A refusal stays readable: twenty changes, and how many more."""
    many = plan(*(item(n, f"demo-{n}.tar.gz", str(n).encode()) for n in range(30)))
    draft = saved(Changes(dict.fromkeys(range(30), Decision.LEAVE_OUT)), of=many)
    with pytest.raises(Conflict) as refused:
        require_revision(draft, many, 0)
    assert len(refused.value.problems) == 22
    assert refused.value.problems[-1] == "And 10 more."
    require_revision(draft, many, 1)


def test_a_revision_that_never_was() -> None:
    """A page of a later draft than stands is answered as well."""
    with pytest.raises(Conflict, match="Nobody saved"):
        require_revision(NO_DRAFT, PLAN, 7)


def test_items_that_do_not_exist() -> None:
    """An item that the plan has not is refused, and nothing is saved."""
    with pytest.raises(Invalid, match="no item 98, 99"):
        saved(Changes({99: Decision.ACCEPT}, {98: SHA256}))


def test_old_entries_are_let_go_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not in the plan now is remembered, for a site may be down; when there is too much of it, no longer."""
    draft = saved(decisions(leave=1))
    other = plan(replace(HELD, id=1))
    kept = save(draft, other, decisions(accept=1), base=1, by="bob", at=NOW + timedelta(days=3))
    assert len(kept.entries) == 2
    monkeypatch.setattr(plan_draft, "MAX_ENTRIES", 1)
    assert len(saved(decisions(accept=1), draft, other).entries) == 1


def test_what_is_hosted_takes_nothing() -> None:
    """A hosted file can neither be ticked nor confirmed."""
    (shown,) = review_items(plan(replace(BARE, is_published=True)), NO_DRAFT)
    assert (shown.may_tick, shown.takes_sha256, shown.needs_decision) == (False, False, False)


def test_an_answered_plan_is_what_was_answered() -> None:
    """Once a plan takes no answer, its items' own decisions count and not a later draft; nothing of it is to be decided."""
    held = item(1, findings=(HOLD,))
    left = item(2, "demo-1.0.zip", decision=Decision.LEAVE_OUT)
    there = item(3, "demo-1.0.tgz", decision=Decision.LEAVE_OUT, is_published=True)
    shown = plan(held, left, there, item(4, "demo-1.0.whl"))
    drafted = PlanDraft(1, "bob", NOW, {mark_of(left): Drafted(Decision.UNDECIDED, "", 1, "bob", NOW)})
    open_one, closed = review_items(shown, drafted), review_items(shown, drafted, is_open=False)
    assert [one.needs_decision for one in open_one] == [True, False, False, False]
    assert not any(one.needs_decision for one in closed)
    assert [one.is_left_out for one in open_one] == [False, False, False, False]
    assert [one.is_left_out for one in closed] == [False, True, False, False]
    assert [one.is_ticked for one in open_one] == [False, True, False, True]
    assert not any(one.is_ticked for one in closed)


def test_who_decided_and_who_named() -> None:
    """Who names a sha256 takes over nobody's decision, and is no decider where nobody decided; each is told as theirs."""
    left = saved(decisions(leave=1, accept=2), by="ben")
    named = saved(Changes(sha256={1: GOOD.sha256, 3: SHA256, 4: SHA256}), left, by="mia")
    shown = {one.item.id: one for one in review_items(PLAN, named)}
    assert {n: one.decided_by for n, one in shown.items() if one.decided_by} == {1: "ben", 2: "ben"}
    entry = shown[1].entry
    assert entry is not None
    assert (entry.by, entry.named_by, entry.revision) == ("ben", "mia", 2)
    assert changed_since(named, PLAN, 0) == {
        1: "ben left it out, and mia named its sha256.",
        2: "ben ticked it.",
        3: "mia named its sha256.",
        4: "mia named its sha256.",
    }
    assert changed_since(named, PLAN, 1).keys() == {1, 3, 4}
    back = saved(Changes({1: Decision.ACCEPT}, {1: None, 3: None}), named, by="eve")
    assert changed_since(back, PLAN, 2) == {
        1: "eve ticked it, and took its sha256 back.",
        3: "eve took its sha256 back.",
    }


def test_who_decided_what_stands_otherwise() -> None:
    """Nobody is said to have accepted what cannot be accepted, nor to have decided what is hosted, or was answered."""
    draft = saved(decisions(accept=6, leave=1), by="ben")
    hosted = plan(replace(GOOD, is_published=True), BAD)
    assert [one.decided_by for one in review_items(hosted, draft)] == ["", ""]
    assert [one.decided_by for one in review_items(plan(GOOD), draft)] == ["ben"]
    assert [one.decided_by for one in review_items(plan(GOOD), draft, is_open=False)] == [""]


def test_a_contradiction_names_who_named() -> None:
    """Whoever decided before is not said to have named the sha256."""
    draft = saved(Changes(sha256={1: SHA256}), saved(decisions(leave=1), by="ben"), by="mia")
    (shown,) = (one for one in review_items(PLAN, draft) if one.item.id == 1)
    assert shown.item.obstacles[0].startswith("mia named sha256")
