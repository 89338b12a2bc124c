"""What people said of files before holds where nobody looks: named hashes, and bytes that were left out."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW, item, plan, unreachable

from homeport.domain.digests import Sha256
from homeport.domain.inspection import Severity, Verdict
from homeport.domain.plan_draft import NO_DRAFT, Drafted, PlanDraft
from homeport.domain.rehost import Decision, Item
from homeport.domain.said_before import held_by_words, words

NAME = "demo-1.0.tar.gz"
OURS, OTHER = Sha256.of(b"bytes").hex, "0" * 64
LATER = NOW + timedelta(days=1)


def entry(decision: Decision = Decision.UNDECIDED, sha256: str = "", **fields: object) -> Drafted:
    """What bob decided."""
    return Drafted(decision, sha256, 1, "bob", fields.get("at", NOW))  # type: ignore[arg-type]


def draft(**entries: Drafted) -> PlanDraft:
    """A draft about bytes of the file: ``ours``, ``other``, or those at an address (``url``)."""
    marks = {"ours": OURS, "other": OTHER, "url": "https://files.example.org/1"}
    return PlanDraft(1, "bob", LATER, {f"{NAME} {marks[which]}": one for which, one in entries.items()})


def held(*drafts: PlanDraft, one: Item | None = None, version: str = "1.0") -> list[tuple[str, str]]:
    """Code and sentence of what then stands against the file."""
    said = words({version + "+" * number: one_draft for number, one_draft in enumerate(drafts)})
    return [(f.code, f.message) for kept in held_by_words(plan(one or item()), said) for f in kept.findings]


def test_other_bytes_than_the_named_ones_wait() -> None:
    """The sentence says who named which sha256 when, and how it is taken back; a person must look."""
    said = words({"1.0": draft(ours=entry(sha256=OTHER))})
    (kept,) = held_by_words(plan(item(), item(2, "demo-1.0.zip")), said)
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
                "bob left out these bytes on 2026-03-04 at 05:06 UTC. If they are wanted after all, accept them in a new "
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
        draft(other=entry(Decision.LEAVE_OUT)),
    ],
    ids=["nothing", "before times", "accepted", "named rightly", "an address", "other bytes"],
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
