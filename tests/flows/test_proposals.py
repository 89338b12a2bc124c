"""What takes two administrators: asked by one, agreed by another, done at once, or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.support.fake_clock import FakeClock
from tests.support.keeping import Keeping, keeping
from tests.support.story import SDIST, WHEEL, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import Act, Deed, Proposal, ProposalState
from homeport.domain.removal_request import Answer, RemovalRequest
from homeport.flows import proposals
from homeport.flows.change_status import change_status
from homeport.flows.freeze import freeze, unfreeze, unfreeze_now
from homeport.flows.manners import hosts
from homeport.flows.policies import change_policy, show_policy
from homeport.flows.removal_requests import answer_request, ask_for_removal
from homeport.flows.remove import remove

REASON = "It was a mistake."
HOST = "files.test"


def second_admin(kept: Keeping) -> Caller:
    """Another administrator, eve."""
    eve = add_person(kept.world, "eve")
    with kept.world.store.write() as tx:
        tx.users.make_administrator(eve.id)
        user = tx.users.by_id(eve.id)
    assert user is not None
    return Caller(user)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Keeping]:
    """A project with two files, on an index where root and eve agree about everything that takes two."""
    with keeping("fake", tmp_path) as kept:
        kept.upload(WHEEL, wheel())
        kept.upload(SDIST, sdist())
        second_admin(kept)
        change_policy(kept.world, kept.root, {"two_to_unfreeze": "yes", "two_to_delete": "yes"}, "Careful.")
        yield kept


@pytest.fixture
def eve(kept: Keeping) -> Caller:
    """The second administrator."""
    with kept.world.store.read() as tx:
        user = tx.users.by_name("eve")
    assert user is not None
    return Caller(user)


@dataclass(frozen=True)
class Case:
    """A deed that takes two, what one administrator alone would call for it, and whether it was done."""

    deed: Deed
    call: Callable[[], object]
    is_done: Callable[[], bool]


def prepared(kept: Keeping, act: Act) -> Case:
    """Something that is to be undone."""
    world, root = kept.world, kept.root
    if act is Act.UNFREEZE_HOST:
        hosts.freeze_host(world, root, HOST, "Sold.")
        return Case(
            Deed(act, subject=HOST),
            partial(hosts.unfreeze_host, world, root, HOST, REASON),
            lambda: hosts.show_host(world, root, HOST).host.frozen is None,
        )
    if act is Act.UNFREEZE:
        freeze(world, root, "demo", "1.0", filename=WHEEL, reason="A virus.")
        return Case(
            Deed(act, "Demo", "1.0", (WHEEL,)),
            partial(unfreeze, world, root, "demo", "1.0", filename=WHEEL, reason=REASON),
            lambda: not kept.files()[WHEEL].is_frozen,
        )
    if act is Act.END_QUARANTINE:
        change_status(world, root, "demo", ProjectStatus.QUARANTINED, "Malware.")
        return Case(
            Deed(act, "Demo", "active"),
            partial(change_status, world, root, "demo", ProjectStatus.ACTIVE, REASON),
            lambda: kept.project().status is ProjectStatus.ACTIVE,
        )
    if act is Act.DELETE:
        return Case(
            Deed(act, "Demo", "1.0", (WHEEL,)),
            partial(remove, world, root, "demo", "1.0", filenames=(WHEEL,), reason=REASON),
            lambda: WHEEL not in kept.files(),
        )
    if act is Act.ANSWER_REMOVAL:
        request = RemovalRequest(
            0, kept.project().id, "demo", 0, (WHEEL,), "It ended.", "ada", world.clock.now()
        )
        with world.store.write() as tx:
            made = ask_for_removal(tx, request)
        return Case(
            Deed(act, "Demo", str(made.id), (WHEEL,)),
            partial(answer_request, world, root, made.id, Answer.REMOVED, REASON),
            lambda: WHEEL not in kept.files(),
        )
    changes = {"two_to_delete": "no"}
    return Case(
        Deed(act, changes=changes),
        partial(change_policy, world, root, changes, REASON),
        lambda: not show_policy(world).now.policy.two_to_delete,
    )


def proposed(kept: Keeping, case: Case) -> Proposal:
    """What root asks for."""
    made = proposals.or_propose(kept.world, kept.root, case.deed, REASON, case.call)
    assert isinstance(made, Proposal)
    return made


@pytest.mark.parametrize("act", Act)
def test_another_administrator_agrees(kept: Keeping, eve: Caller, act: Act) -> None:
    """One alone changes nothing but the list of proposals; when another agrees it is done, in the name of who asked."""
    case = prepared(kept, act)
    with pytest.raises(Conflict) as refused:
        case.call()
    assert refused.value.code == "takes-two"
    before = len(kept.entries())
    made = proposed(kept, case)
    assert not case.is_done()
    assert [entry["kind"] for entry in kept.entries()[before:]] == ["proposal-made"]
    assert kept.notices(eve)[0].subject == f"Proposed: {made.deed.sentence}"
    ended = proposals.agree(kept.world, eve, made.id)
    assert (ended.end, ended.ended_by) == (ProposalState.AGREED, "eve")
    assert case.is_done()
    first, *deeds = kept.entries()[before + 1 :]
    assert (first["kind"], first["actor"]) == ("proposal-ended", "eve")
    assert {entry["actor"] for entry in deeds} == {"root"}
    assert len(deeds) == 1
    assert kept.notices(kept.root)[0].subject == f"Proposal agreed: {made.deed.sentence}"


@pytest.mark.parametrize("act", Act)
def test_nobody_agrees_with_themselves(kept: Keeping, act: Act) -> None:
    """Root asks, and root alone is nobody to agree."""
    case = prepared(kept, act)
    made = proposed(kept, case)
    with pytest.raises(Forbidden) as refused:
        proposals.agree(kept.world, kept.root, made.id)
    assert refused.value.code == "proposal-not-yours"
    assert not case.is_done()


def test_it_is_refused_or_taken_back(kept: Keeping, eve: Caller) -> None:
    """Then nothing is done, and it can be asked for again."""
    case = prepared(kept, Act.UNFREEZE)
    first = proposed(kept, case)
    with pytest.raises(Conflict) as twice:
        proposed(kept, case)
    assert twice.value.code == "proposed-already"
    assert proposals.refuse(kept.world, eve, first.id, " Not  yet. ").answer == "Not yet."
    second = proposed(kept, case)
    assert proposals.withdraw(kept.world, kept.root, second.id).end is ProposalState.WITHDRAWN
    with pytest.raises(Conflict) as ended:
        proposals.agree(kept.world, eve, second.id)
    assert ended.value.code == "proposal-ended"
    assert not case.is_done()
    states = [state for _, state in proposals.list_proposals(kept.world, None).proposals]
    assert states == [ProposalState.WITHDRAWN, ProposalState.REFUSED]


def test_after_seven_days_it_is_over(kept: Keeping, eve: Caller) -> None:
    """Nobody agrees to what nobody remembers."""
    case = prepared(kept, Act.DELETE)
    made = proposed(kept, case)
    clock = kept.world.clock
    assert isinstance(clock, FakeClock)
    clock.advance(timedelta(days=7))
    with pytest.raises(Conflict):
        proposals.agree(kept.world, eve, made.id)
    ((_, state),) = proposals.list_proposals(kept.world, eve).proposals
    assert (state, case.is_done()) == (ProposalState.EXPIRED, False)


def test_it_is_judged_again_when_it_is_done(kept: Keeping, eve: Caller) -> None:
    """What was proposed is done as things are now, or not at all; and who asked must still administer the index."""
    case = prepared(kept, Act.DELETE)
    made = proposed(kept, case)
    with kept.world.store.write() as tx:
        tx.users.unmake_administrator(kept.root.user.id)
    with pytest.raises(Conflict) as refused:
        proposals.agree(kept.world, eve, made.id)
    assert refused.value.code == "proposer-gone"
    with kept.world.store.write() as tx:
        tx.users.make_administrator(kept.root.user.id)
    remove(kept.world, kept.ada, "demo", "1.0", filenames=[WHEEL], reason="I did it.")
    with pytest.raises(Invalid) as gone:
        proposals.agree(kept.world, eve, made.id)
    assert gone.value.code == "file-unknown"
    assert [state for _, state in proposals.list_proposals(kept.world, eve).proposals] == [ProposalState.OPEN]


def test_what_could_not_be_done_is_not_proposed(kept: Keeping) -> None:
    """It is refused at once, and the try leaves nothing."""
    for deed, code in (
        (Deed(Act.UNFREEZE, "demo", "1.0"), "not-frozen"),
        (Deed(Act.UNFREEZE_HOST, subject="never.test"), "host-unknown"),
        (Deed(Act.END_QUARANTINE, "nothing", "active"), "project-unknown"),
        (Deed(Act.CHANGE_POLICY, changes={"cooling_hours": "soon"}), "policy-invalid"),
    ):
        with pytest.raises(Refusal) as refused:
            proposals.propose(kept.world, kept.root, deed, REASON)
        assert refused.value.code == code
    hosts.freeze_host(kept.world, kept.root, HOST, "Sold.")
    with pytest.raises(Invalid) as silent:
        proposals.propose(kept.world, kept.root, Deed(Act.UNFREEZE_HOST, subject=HOST), " ")
    assert silent.value.code == "reason-missing"
    assert kept.entries(Kind.PROPOSAL_MADE) == []


def test_only_administrators_in_person(kept: Keeping, eve: Caller) -> None:
    """Neither an owner nor a token asks, agrees, or is shown what waits."""
    case = prepared(kept, Act.UNFREEZE)
    made = proposed(kept, case)
    for caller in (kept.ada, by_token(kept.world, eve, Scope.MANAGE)):
        for ask in (
            lambda caller: proposals.propose(kept.world, caller, case.deed, REASON),
            lambda caller: proposals.agree(kept.world, caller, made.id),
            lambda caller: proposals.refuse(kept.world, caller, made.id, ""),
            lambda caller: proposals.list_proposals(kept.world, caller),
        ):
            with pytest.raises(Forbidden):
                ask(caller)
    with pytest.raises(NotFound):
        proposals.agree(kept.world, eve, 99)


def test_other_refusals_are_no_proposals(kept: Keeping) -> None:
    """Only what takes two is proposed; everything else that is refused stays refused."""
    case = prepared(kept, Act.UNFREEZE)
    do = partial(freeze, kept.world, kept.root, "demo", "1.0", filename=WHEEL, reason="Again.")
    with pytest.raises(Conflict) as refused:
        proposals.or_propose(kept.world, kept.root, case.deed, REASON, do)
    assert refused.value.code == "frozen-already"
    done = proposals.or_propose(kept.world, kept.root, case.deed, REASON, lambda: "done")
    assert done == "done"


def test_owners_need_nobody(kept: Keeping) -> None:
    """The rule is for administrators: an owner removes what is theirs, and host and project freeze by one."""
    assert remove(kept.world, kept.ada, "demo", "1.0", filenames=[WHEEL], reason="Mine.").by_admin is False


def test_the_list_goes_on(kept: Keeping, eve: Caller) -> None:
    """A page of proposals says where the older ones begin."""
    older = proposed(kept, prepared(kept, Act.DELETE))
    newer = proposed(kept, prepared(kept, Act.UNFREEZE))
    first = proposals.list_proposals(kept.world, eve, limit=1)
    assert ([one.id for one, _ in first.proposals], first.before) == ([newer.id], newer.id)
    rest = proposals.list_proposals(kept.world, eve, before=first.before, limit=1)
    assert ([one.id for one, _ in rest.proposals], rest.before) == ([older.id], 0)


def test_a_quarantine_that_ended_meanwhile_is_not_ended_again(kept: Keeping, eve: Caller) -> None:
    """Two proposals are open, one is agreed to, and an owner goes on: the other one overrides nobody."""
    change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Malware.")
    stale, other = (
        proposals.propose(kept.world, kept.root, Deed(Act.END_QUARANTINE, "demo", status), REASON)
        for status in ("active", "deprecated")
    )
    proposals.agree(kept.world, eve, other.id)
    change_status(kept.world, kept.ada, "demo", ProjectStatus.ARCHIVED)
    before = len(kept.entries())
    with pytest.raises(Conflict) as refused:
        proposals.agree(kept.world, eve, stale.id)
    assert refused.value.code == "not-quarantined"
    assert kept.project().status is ProjectStatus.ARCHIVED
    assert len(kept.entries()) == before


def outdated(kept: Keeping, eve: Caller, asked: Proposal) -> None:
    """Eve cannot agree, and nothing is done."""
    before = len(kept.entries())
    with pytest.raises(Conflict) as refused:
        proposals.agree(kept.world, eve, asked.id)
    assert refused.value.code == "proposal-outdated"
    assert len(kept.entries()) == before


def passing(kept: Keeping) -> None:
    """Some time goes by."""
    assert isinstance(kept.world.clock, FakeClock)
    kept.world.clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize("act", [Act.UNFREEZE, Act.UNFREEZE_HOST])
def test_what_was_frozen_anew_is_not_let_go_by_an_older_proposal(
    kept: Keeping, eve: Caller, act: Act
) -> None:
    """It was let go by another way, and frozen for another reason, of which who proposed knew nothing."""
    case = prepared(kept, act)
    asked = proposed(kept, case)
    with kept.world.store.write() as tx:
        now = kept.world.clock.now()
        if act is Act.UNFREEZE:
            unfreeze_now(tx, kept.root, "demo", "1.0", WHEEL, REASON, now)
        else:
            hosts.unfreeze_now(tx, kept.root, HOST, REASON, now)
    passing(kept)
    prepared(kept, act)
    outdated(kept, eve, asked)
    assert not case.is_done()


def test_a_project_that_was_quarantined_anew_is_not_let_go_by_an_older_proposal(
    kept: Keeping, eve: Caller
) -> None:
    """Two were open for one quarantine; after the one was agreed to, the other one is not about the next quarantine."""
    change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Malware.")
    serial = kept.project().serial
    named, unnamed = (
        proposals.propose(kept.world, kept.root, deed, REASON)
        for deed in (
            Deed(Act.END_QUARANTINE, "demo", "deprecated", serial=serial),
            Deed(Act.END_QUARANTINE, "demo", "active"),
        )
    )
    assert (named.deed.serial, unnamed.deed.serial) == (serial, serial)
    proposals.agree(kept.world, eve, named.id)
    change_status(kept.world, kept.root, "demo", ProjectStatus.QUARANTINED, "Other malware.")
    outdated(kept, eve, unnamed)
    assert kept.project().status_reason == "Other malware."


def test_a_release_that_grew_is_not_removed_by_an_older_proposal(kept: Keeping, eve: Caller) -> None:
    """The whole of it was meant as it was; as long as it is so, it is removed."""
    deed = Deed(Act.DELETE, "demo", "1.0")
    first = proposals.propose(kept.world, kept.root, deed, REASON)
    passing(kept)
    kept.upload("demo-1.0-1-py3-none-any.whl", wheel(build="1"))
    outdated(kept, eve, first)
    proposals.withdraw(kept.world, kept.root, first.id)
    passing(kept)
    again = proposals.propose(kept.world, kept.root, deed, REASON)
    proposals.agree(kept.world, eve, again.id)
    assert kept.files() == {}
