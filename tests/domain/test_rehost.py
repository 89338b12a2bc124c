"""A rehost: its states and moves, the digest of its plan, and what keeps an item from being accepted."""

from dataclasses import fields, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from tests.support.builders import (
    HOLD,
    INFO,
    NOW,
    PLAIN,
    PLAIN_LOOPBACK,
    REJECT,
    item,
    plan,
    rehost,
    unreachable,
)

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.digests import Sha256
from homeport.domain.errors import IllegalMove
from homeport.domain.evidence import Evidence, Level
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.names import ReleaseVersion
from homeport.domain.neighbour import Neighbour, NeighbourKind
from homeport.domain.offer import Facts
from homeport.domain.rehost import (
    MOVES,
    Bytes,
    Decision,
    Item,
    NotTaken,
    Plan,
    State,
    Step,
    Visit,
    after,
)
from homeport.domain.retries import kept_out
from homeport.domain.signature import Outcome, Signature

# Each state's steps and where they lead; what is not here is illegal.
TABLE = {
    "planning": "plan>planned fail>failed refuse>refused",
    "planned": "consent>consented fetch>planning retry>planning refuse>refused expire>expired leave>unchanged "
    "fail>failed",
    "consented": "publish>publishing withdraw>withdrawn fail>failed",
    "publishing": "complete>published complete-partly>partly-published withdraw>withdrawn fail>failed",
    "partly-published": "retry>publishing withdraw>withdrawn",
    "failed": "retry>planning withdraw>withdrawn",
    "published": "withdraw>withdrawn",
    "refused": "",
    "withdrawn": "",
    "expired": "",
    "unchanged": "",
}
LEGAL = {
    (State(state), Step(step)): State(target)
    for state, row in TABLE.items()
    for step, target in (move.split(">") for move in row.split())
}
PUBLIC = {State.PUBLISHING, State.PUBLISHED, State.PARTLY_PUBLISHED}


@pytest.mark.parametrize(("state", "step"), [*product(State, Step)])
def test_every_pair(state: State, step: Step) -> None:
    """A step leads where the table says; any other is refused, with what is possible instead."""
    if (state, step) in LEGAL:
        assert after(state, step) is rehost(state).require(step) is LEGAL[state, step]
        return
    with pytest.raises(IllegalMove) as caught:
        rehost(state).require(step)
    assert caught.value.code == "rehost-move-illegal"
    possible = sorted(legal for source, legal in LEGAL if source is state)
    assert caught.value.sentence.endswith(f"Possible: {', '.join(possible) or 'nothing more'}.")


def reached(start: State, *, without: State | None = None) -> set[State]:
    """The states that some path from ``start`` leads to and that do not need ``without``."""
    seen, open_states = {start}, [start]
    while open_states:
        for target in MOVES[open_states.pop()].values():
            if target not in seen and target is not without:
                seen.add(target)
                open_states.append(target)
    return seen


def test_nothing_is_published_without_consent() -> None:
    """No path from the beginning publishes anything without passing consent, and with it every state is reached."""
    assert not PUBLIC & reached(State.PLANNING, without=State.CONSENTED)
    assert reached(State.PLANNING) == set(State)


def test_what_failed_needs_consent_again() -> None:
    """Whatever was consented to before: after a failure there is no way to publishing around a new consent."""
    assert State.CONSENTED in reached(State.FAILED)
    assert not PUBLIC & reached(State.FAILED, without=State.CONSENTED)


@pytest.mark.parametrize("state", State)
def test_finals(state: State) -> None:
    """Refused, withdrawn and expired are the end; nothing that runs is."""
    finals = {State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.UNCHANGED}
    is_final = not MOVES[state]
    assert is_final is (state in finals)
    assert is_final is (reached(state) == {state})
    assert state.is_running is (state in {State.PLANNING, State.CONSENTED, State.PUBLISHING})
    assert not (state.is_running and is_final)
    waits = state in {State.PLANNED, State.PARTLY_PUBLISHED}
    assert state.is_open is (state.is_running or waits)


def test_every_running_state_can_fail() -> None:
    """A worker that cannot go on can always say so."""
    assert all(Step.FAIL in MOVES[state] for state in State if state.is_running)


SHOWN: dict[str, Any] = {
    "id": 2,
    "filename": "demo-1.0.zip",
    "version": ReleaseVersion.parse("1.0.0"),
    "kind": "bdist_wheel",
    "url": "https://other.test/demo-1.0.tar.gz",
    "found_on": "",
    "source": "homepage",
    "claims": (Claim(ClaimKind.LINK, "md5", "0" * 32),),
    "neighbours": (Neighbour(NeighbourKind.OPENPGP, "https://other.test/demo-1.0.zip.asc", "demo-1.0.zip"),),
    "signatures": (Signature(NeighbourKind.OPENPGP, "https://other.test/x.asc", Outcome.UNVERIFIED, "No."),),
    "page_is_tls": False,
    "page_is_loopback": True,
    "bytes": Bytes.REFUSED,
    "problem": "Gone.",
    "hops": (("https://example.org/", "192.0.2.1", 302),),
    "sha256": Sha256.of(b"other"),
    "size_bytes": 6,
    "evidence": PLAIN,
    "verdict": Verdict.HOLD,
    "findings": (INFO,),
    "change": "new",
    "facts": Facts(size_bytes=7),
}
NOT_SHOWN: dict[str, Any] = {
    "declared_sha256": "0" * 64,
    "decision": Decision.ACCEPT,
    "is_published": True,
    "tries": 2,
    "next_try_at": NOW,
    "lowest": Level.TLS,
    "fetched": FetchFacts("https://other.test/", "", "", 200),
}
VISIT = Visit("https://example.org/", "homepage", 200, 3)
LEFT = NotTaken("https://example.org/x.egg", "https://example.org/", "egg", "It is an egg.")


def test_every_field_is_shown_or_not() -> None:
    """Each field of an item is in one of the two tables."""
    assert {field.name for field in fields(Item)} == SHOWN.keys() | NOT_SHOWN.keys()
    assert not SHOWN.keys() & NOT_SHOWN.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_digest_changes_with_what_is_shown(name: str) -> None:
    """Whatever a maintainer would see differently is another plan."""
    # Only what is not here is shown with a problem.
    shown = item(content=None, bytes=Bytes.UNREACHABLE) if name == "problem" else item()
    assert getattr(shown, name) != SHOWN[name]
    assert plan(replace(shown, **{name: SHOWN[name]})).digest() != plan(shown).digest()


@pytest.mark.parametrize(
    "facts",
    [
        Facts(uploaded_at=NOW),
        Facts(requires_python=">=3.8"),
        Facts(yanked=""),
        Facts(yanked="broken"),
        Facts(tag="v1"),
        Facts(is_prerelease=True),
        Facts(seen_by=("pip 1.5.6",)),
    ],
)
def test_digest_changes_with_every_fact(facts: Facts) -> None:
    """Whatever places say of a file is shown; it is another plan when they say something else."""
    listed = item(content=None, bytes=Bytes.LISTED)
    for shown in (item(), listed):
        assert plan(replace(shown, facts=facts)).digest() != plan(shown).digest()


def test_digest_keeps_while_a_file_is_kept_out() -> None:
    """Why something that is here is not published is no part of what was shown: the consent stays that to this plan."""
    shown = item()
    assert plan(kept_out(shown, "It is frozen.")).digest() == plan(shown).digest()


def test_digest_waits_for_no_size_of_what_is_only_listed() -> None:
    """A size that is learned after the plan was shown makes another plan only once the bytes are asked for."""
    listed = item(content=None, bytes=Bytes.LISTED)
    known = replace(listed, facts=Facts(size_bytes=7))
    assert plan(known).digest() == plan(listed).digest()
    wanted = [replace(one, bytes=Bytes.WANTED) for one in (known, listed)]
    assert plan(wanted[0]).digest() != plan(wanted[1]).digest()


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_digest_keeps_through_answers(name: str) -> None:
    """Decisions, supplied hashes and publishing do not make it another plan."""
    shown = item()
    assert getattr(shown, name) != NOT_SHOWN[name]
    assert plan(replace(shown, **{name: NOT_SHOWN[name]})).digest() == plan(shown).digest()


@pytest.mark.parametrize(
    "finding",
    [
        Finding("other", Severity.HOLD, HOLD.message),
        Finding(HOLD.code, Severity.INFO, HOLD.message),
        Finding(HOLD.code, Severity.HOLD, "Other words."),
    ],
)
def test_digest_holds_whole_findings(finding: Finding) -> None:
    """A finding's code, weight and words are all shown."""
    assert plan(item(findings=(finding,))).digest() != plan(item(findings=(HOLD,))).digest()


def test_digest_holds_the_reason_of_evidence() -> None:
    """The same level for another reason is shown differently."""
    other = Evidence(Level.TLS, "Another reason.")
    assert plan(item(evidence=other)).digest() != plan(item()).digest()


@pytest.mark.parametrize(
    "other",
    [
        plan(item(), project="other"),
        plan(item(), version=""),
        plan(),
        plan(item(), item(2)),
        plan(item(), not_taken=(LEFT,)),
        plan(item(), not_taken=(replace(LEFT, sentence="Other words."),)),
        plan(item(), visits=(VISIT,)),
        plan(item(), visits=(replace(VISIT, problem="Half of it."),)),
    ],
)
def test_digest_holds_the_whole_plan(other: Plan) -> None:
    """Project, version, every item, what was not taken and what was visited are part of what was shown."""
    assert other.digest() != plan(item()).digest()


def test_digest_is_of_the_plan_not_of_its_order() -> None:
    """The order in which items are read does not make it another plan."""
    assert plan(item(1), item(2)).digest() == plan(item(2), item(1)).digest()


def test_digest_format_is_written_down() -> None:
    """A plan has the digest it had when the format was fixed: consents name it."""
    fixed = plan(item(hops=(("https://a.test/", "192.0.2.1", 200),)), not_taken=(LEFT,), visits=(VISIT,))
    assert fixed.digest().hex == "fe11af477b4dcf2ccedb4c85be4b441b0792c34303c1d21281b4f5a39ebd3c68"


KNOWN = Sha256.of(b"bytes").hex
HINT = "Supply its sha256"


@pytest.mark.parametrize(
    ("subject", "obstacle"),
    [
        (item(), ""),
        (item(findings=(INFO,)), ""),
        (item(findings=(HOLD,)), ""),
        (item(findings=(REJECT,)), REJECT.message),
        (item(findings=(HOLD, REJECT, INFO)), REJECT.message),
        (item(findings=(REJECT,), declared_sha256=KNOWN), REJECT.message),
        (item(verdict=Verdict.REJECT), "Inspection rejects it."),
        (item(evidence=PLAIN), f"confirm that its sha256 is {KNOWN}"),
        (item(evidence=PLAIN, declared_sha256="0" * 64), f"confirm that its sha256 is {KNOWN}"),
        (item(evidence=PLAIN, declared_sha256=KNOWN), ""),
        (item(evidence=PLAIN, declared_sha256=KNOWN.upper()), ""),
        (item(evidence=PLAIN_LOOPBACK), ""),
        (item(evidence=Evidence(Level.CORROBORATED, "")), ""),
        (item(evidence=Evidence(Level.DECLARED, "")), ""),
        (item(is_published=True), "already hosted"),
        (item(is_published=True, findings=(REJECT,)), "already hosted"),
        (item(evidence=None), "not inspected"),
        (item(verdict=None), "not inspected"),
        (item(sha256=None), "not inspected"),
        (item(content=None), "not fetched yet"),
        (item(content=None, declared_sha256=KNOWN), "not fetched yet"),
        (item(content=None, bytes=Bytes.LISTED), "Fetch it first"),
        (item(content=None, bytes=Bytes.LISTED, declared_sha256=KNOWN), "Fetch it first"),
        (item(bytes=Bytes.REFUSED, problem="Too large."), "Too large."),
        (item(bytes=Bytes.REFUSED, problem="Too large.", declared_sha256=KNOWN), "Too large."),
        (unreachable(), HINT),
        (unreachable(problem=""), HINT),
        (unreachable(declared_sha256=KNOWN), ""),
    ],
)
def test_obstacles(subject: Item, obstacle: str) -> None:
    """What stands in the way of accepting an item, in words, and nothing else."""
    assert len(subject.obstacles) == (1 if obstacle else 0)
    assert obstacle in " ".join(subject.obstacles)


def test_only_an_unreachable_item_is_accepted_by_hash() -> None:
    """To supply a sha256 is offered only where it helps."""
    subjects = [
        item(content=None),
        item(bytes=Bytes.REFUSED),
        item(findings=(REJECT,)),
        item(is_published=True),
    ]
    assert not any(HINT in " ".join(subject.obstacles) for subject in subjects)


def test_every_reject_is_told() -> None:
    """A rejected item tells every reason for it, and no other findings."""
    second = Finding("second", Severity.REJECT, "And this.")
    assert item(findings=(HOLD, REJECT, second)).obstacles == (REJECT.message, second.message)


def test_rehost_keeps_its_fields() -> None:
    """Asking for a step changes nothing."""
    stands = rehost(State.PLANNED, changed_at=NOW + timedelta(days=1))
    assert stands.require(Step.CONSENT) is State.CONSENTED
    assert stands.state is State.PLANNED


@pytest.mark.parametrize(
    ("level", "lowest", "words"),
    [
        (Level.TLS, Level.TLS, None),
        (Level.ATTESTED, Level.CORROBORATED, None),
        (Level.TLS, Level.CORROBORATED, "confirm that its sha256 is"),
        (Level.CORROBORATED, Level.DECLARED, "confirm that its sha256 is"),
        (Level.DECLARED, Level.ATTESTED, "signed by somebody whom a maintainer named"),
    ],
)
def test_the_index_may_want_stronger_evidence(level: Level, lowest: Level, words: str | None) -> None:
    """What is weaker than the policy's lowest cannot be accepted, says what helps, and leaves the digest as it is."""
    shown = plan(item(1, evidence=Evidence(level, "")))
    (held_to,) = shown.under(lowest).items
    assert (held_to.weakness == "") is (words is None)
    assert held_to.obstacles == ((held_to.weakness,) if words else ())
    assert (words or "") in held_to.weakness
    assert shown.under(lowest).digest() == shown.digest()
    assert shown.under(Level.PLAIN) is shown
    confirmed = replace(held_to, declared_sha256=held_to.sha256.hex if held_to.sha256 else "")
    assert (confirmed.obstacles == ()) is (lowest is not Level.ATTESTED or level is Level.ATTESTED)


def test_what_is_not_here_has_no_weak_evidence() -> None:
    """Nothing is known of its bytes yet; it is weighed when they come."""
    assert item(1, content=None, bytes=Bytes.UNREACHABLE, lowest=Level.ATTESTED).weakness == ""
