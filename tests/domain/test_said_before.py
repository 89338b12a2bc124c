"""What people said of files before holds where nobody looks: named hashes, and bytes that were left out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.builders import HOLD, NOW, PLAIN, item, plan, rehost, unreachable

from homeport.domain.digests import Sha256
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.plan_draft import NO_DRAFT, Drafted, PlanDraft
from homeport.domain.rehost import Decision, Item, Purpose, State
from homeport.domain.said_before import Answer, AnsweredFile, answered_words, drafted_words, told_beside

NAME = "demo-1.0.tar.gz"
OURS, OTHER = Sha256.of(b"bytes").hex, "0" * 64
LATER = NOW + timedelta(days=1)


def entry(decision: Decision = Decision.UNDECIDED, sha256: str = "", **fields: object) -> Drafted:
    """What bob decided, and named."""
    at = fields.get("at", NOW)
    return Drafted(decision, sha256, 1, "bob", at, "bob" if sha256 else "", at)  # type: ignore[arg-type]


def draft(**entries: Drafted) -> PlanDraft:
    """A draft about bytes of the file: ``ours``, ``other``, or those at an address (``url``)."""
    marks = {"ours": OURS, "other": OTHER, "url": "https://files.example.org/1"}
    return PlanDraft(1, "bob", LATER, {f"{NAME} {marks[which]}": one for which, one in entries.items()})


def held(*drafts: PlanDraft, one: Item | None = None, version: str = "1.0") -> list[tuple[str, str]]:
    """Code and sentence of what then stands against the file."""
    said = drafted_words({version + "+" * number: one_draft for number, one_draft in enumerate(drafts)})
    told = told_beside(plan(one or item()), said, Severity.HOLD)
    return [(f.code, f.message) for kept in told for f in kept.findings]


def test_other_bytes_than_the_named_ones_wait() -> None:
    """The sentence says who named which sha256 when, and how it is taken back; a person must look."""
    said = drafted_words({"1.0": draft(ours=entry(sha256=OTHER))})
    (kept,) = told_beside(plan(item(), item(2, "demo-1.0.zip")), said, Severity.HOLD)
    (finding,) = kept.findings
    assert (kept.verdict, finding.severity, finding.code) == (Verdict.HOLD, Severity.HOLD, "named-otherwise")
    assert finding.message == (
        f"bob named sha256 {OTHER} for this file on 2026-03-04 at 05:06 UTC, and these bytes have {OURS}. To take that "
        "back, make a new plan of version 1.0: empty the sha256 beside the file, or accept these bytes there."
    )


def test_bytes_that_were_left_out_wait() -> None:
    """They stay away until somebody accepts them; other bytes of that name are another matter."""
    said = draft(ours=entry(Decision.LEAVE_OUT))
    assert held(said, version="") == [
        (
            "left-out-before",
            (
                "bob left out these bytes on 2026-03-04 at 05:06 UTC. If that is wanted after all, accept it in a new "
                "plan of all versions."
            ),
        )
    ]
    assert held(said, one=item(content=b"others")) == []


@pytest.mark.parametrize(
    "said",
    [
        NO_DRAFT,
        PlanDraft(1, "bob", None, {f"{NAME} {OURS}": entry(sha256=OTHER, at=None)}),
        draft(ours=entry(Decision.ACCEPT)),
        draft(ours=entry(sha256=OURS)),
        draft(url=entry(Decision.LEAVE_OUT)),
        draft(url=entry(Decision.ACCEPT)),
        draft(other=entry(Decision.LEAVE_OUT)),
    ],
    ids=["nothing", "before times", "accepted", "named rightly", "another address", "wanted", "other bytes"],
)
def test_what_says_nothing_against_the_bytes(said: PlanDraft) -> None:
    """A draft that does not speak against these bytes holds nothing."""
    assert held(said) == []


def test_the_newest_word_counts() -> None:
    """Whoever names the right hash later overrules the wrong one; an entry without a time is as old as its draft's save."""
    wrong, right = draft(other=entry(sha256=OTHER)), draft(ours=entry(sha256=OURS, at=LATER))
    assert held(wrong, right) == held(right, wrong) == []
    assert [code for code, _ in held(draft(ours=entry(sha256=OTHER, at=None)), right)] == []
    assert [
        code for code, _ in held(draft(ours=entry(sha256=OURS)), draft(ours=entry(sha256=OTHER, at=None)))
    ] == ["named-otherwise"]


def test_a_named_hash_speaks_louder_than_leaving_out() -> None:
    """Bytes that were left out because their hash is another one are held by the hash; confirmed ones by the decision."""
    assert [code for code, _ in held(draft(ours=entry(Decision.LEAVE_OUT, OTHER)))] == ["named-otherwise"]
    assert [code for code, _ in held(draft(ours=entry(Decision.LEAVE_OUT, OURS)))] == ["left-out-before"]


def test_what_is_not_here_or_hosted_already_is_not_held() -> None:
    """Nothing is said of bytes that nobody has, nor of those that are files already."""
    said = draft(ours=entry(sha256=OTHER))
    assert held(said, one=unreachable()) == []
    assert held(said, one=item(is_published=True)) == []


def test_a_file_that_was_left_out_unseen_waits() -> None:
    """Where nobody had its bytes, its address was left out: whatever comes from there waits, even a named sha256."""
    there = item(url="https://files.example.org/1")
    for one in (entry(Decision.LEAVE_OUT), entry(Decision.LEAVE_OUT, OURS)):
        ((code, sentence),) = held(draft(url=one), one=there)
        assert (code, sentence[:24]) == ("left-out-before", "bob left out this file o")
    assert held(draft(url=entry(Decision.LEAVE_OUT), ours=entry(Decision.ACCEPT, at=LATER)), one=there) == []


def test_whoever_takes_bytes_takes_back_what_was_said_against_them() -> None:
    """A later decision to take them overrules a named sha256; a sha256 that is named later speaks against them again."""
    wrong, wanted = draft(other=entry(sha256=OTHER)), draft(ours=entry(Decision.ACCEPT, at=LATER))
    assert held(wrong, wanted) == []
    assert [code for code, _ in held(draft(ours=entry(Decision.ACCEPT, OTHER)), NO_DRAFT)] == [
        "named-otherwise"
    ]
    promised = draft(url=entry(Decision.ACCEPT, OURS, at=LATER))
    assert held(draft(ours=entry(Decision.LEAVE_OUT)), promised) == []


def test_naming_the_sha256_is_not_wanting_the_file() -> None:
    """Bytes that were left out stay out when somebody says later that they are the right ones."""
    left, named = draft(ours=entry(Decision.LEAVE_OUT)), draft(ours=entry(sha256=OURS, at=LATER))
    assert [code for code, _ in held(left, named)] == ["left-out-before"]


# Answers


def answer(*items: Item, state: State = State.PUBLISHED, **fields: object) -> Answer:
    """What carol answered, a day later; none of the files came home."""
    told = rehost(state, id=7, problem="Refused by carol: It is\n not ours.", changed_at=LATER)
    purpose = fields.get("purpose", Purpose.HISTORY)
    by = ("", None) if state is State.REFUSED else ("carol", LATER)
    return Answer(replace(told, purpose=purpose), tuple(map(AnsweredFile.of, items)), *by)  # type: ignore[arg-type]


def against(*answers: Answer, one: Item | None = None, weight: Severity = Severity.HOLD) -> list[str]:
    """Codes of what then stands against the file."""
    told = told_beside(plan(one or item()), answered_words(answers), weight)
    return [finding.code for kept in told for finding in kept.findings]


def test_a_plan_that_was_refused_holds_its_files() -> None:
    """Who refused it, when and why is told; bytes that nobody had then are held by their address, other bytes not at all."""
    refused = answer(item(2), state=State.REFUSED)
    (kept,) = told_beside(plan(item()), answered_words([refused]), Severity.HOLD)
    (finding,) = kept.findings
    assert (kept.verdict, finding.code) == (Verdict.HOLD, "refused-before")
    assert finding.message == (
        "Rehost 7 had these bytes in its plan, and ended on 2026-03-05 at 05:06 UTC. Refused by carol: It is not ours. If "
        "that is wanted after all, accept it in a new plan of all versions."
    )
    unseen = answer(unreachable(), state=State.REFUSED)
    assert against(unseen) == ["refused-before"]
    assert against(unseen, one=item(3)) == against(refused, one=item(content=b"others")) == []


def test_where_a_person_looks_it_is_only_told() -> None:
    """In a plan that a person answers it holds nothing, and says nothing of plans to come; told once, it is told once."""
    words = answered_words([answer(item(2), state=State.REFUSED)])
    (kept,) = told_beside(plan(item()), words, Severity.INFO)
    assert kept.verdict is Verdict.ACCEPT
    assert kept.findings[0].message.endswith("Refused by carol: It is not ours.")
    assert told_beside(plan(kept), words, Severity.INFO) == ()
    assert told_beside(plan(kept), (), Severity.INFO) == (item(),)


def test_a_consent_that_was_withdrawn_holds_what_was_accepted() -> None:
    """What was to come by it waits, whoever gave it; what it left out is no more than left out."""
    accepted, left = (item(decision=decision) for decision in (Decision.ACCEPT, Decision.LEAVE_OUT))
    for purpose in Purpose:
        assert against(answer(accepted, state=State.WITHDRAWN, purpose=purpose)) == ["refused-before"]
    assert against(answer(left, state=State.WITHDRAWN)) == ["left-out-before"]


def test_what_an_answer_says() -> None:
    """What was accepted is wanted; what would have been taken and was not was left out; a named sha256 is one."""
    left = item(decision=Decision.LEAVE_OUT)
    assert against(answer(left)) == ["left-out-before"]
    assert against(answer(left, item(4, decision=Decision.ACCEPT))) == []
    assert against(answer(replace(left, declared_sha256=OTHER))) == ["named-otherwise"]
    promised = unreachable(declared_sha256=OURS, decision=Decision.ACCEPT)
    assert against(answer(promised)) == []
    assert against(answer(promised), one=item(content=b"others")) == ["named-otherwise"]


@pytest.mark.parametrize(
    "unsaid",
    [
        item(),
        item(decision=Decision.LEAVE_OUT, findings=(HOLD,)),
        item(decision=Decision.LEAVE_OUT, evidence=PLAIN),
        unreachable(decision=Decision.LEAVE_OUT),
    ],
    ids=["planned anew", "held", "needs its sha256", "not here"],
)
def test_what_an_answer_does_not_say(unsaid: Item) -> None:
    """Nobody left out what could not be taken by the way, nor what is asked about again."""
    assert against(answer(unsaid)) == []


def test_a_standing_consent_says_nothing_of_files() -> None:
    """What an update of the cache left out comes home as soon as the standing consent covers it."""
    left = item(decision=Decision.LEAVE_OUT)
    assert against(answer(left, purpose=Purpose.UPDATE_CACHE)) == []
