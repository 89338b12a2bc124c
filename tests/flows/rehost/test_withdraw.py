"""Consent is withdrawn: publishing stops at once, and what is hosted becomes what was chosen."""

from dataclasses import replace

import pytest
from tests.support.invariants import entries
from tests.support.story import SDIST, WHEEL, Story, sdist, wheel
from tests.support.world import Meanwhile, add_person, drop_jobs, grant, run_jobs

from homeport.domain.account import Caller
from homeport.domain.consent import Hosted
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, NeedsConsent, NotFound
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import Proposal
from homeport.domain.rehost import Rehost, State
from homeport.domain.removal_request import Answer, RemovalRequest
from homeport.flows import proposals
from homeport.flows.change_status import change_status
from homeport.flows.rehost.plan import fail
from homeport.flows.rehost.publish import begin_publishing, publish_batch
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.withdraw import withdraw
from homeport.flows.removal_requests import answer_request, answered_requests, waiting_requests
from homeport.flows.remove import remove
from homeport.flows.yank import yank

REASON = "The permission has ended."


@pytest.fixture
def root(story: Story) -> Caller:
    """An administrator."""
    return Caller(add_person(story.world, "root", is_admin=True))


def published(story: Story) -> Rehost:
    """Both files came home."""
    rehost = story.accept(story.plan())
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}
    return rehost


def told(story: Story, caller: Caller) -> list[str]:
    """The kinds of notices a person got, newest first."""
    with story.world.store.read() as tx:
        return [notice.kind for notice in tx.notices.of_user(caller.user.id, limit=20)]


def test_a_batch_that_is_under_way_is_not_published(story: Story) -> None:
    """What is judged while the consent is withdrawn stays private, and the rehost does not fail but is withdrawn (I-07)."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    (batch,) = begin_publishing(story.world, rehost.id)
    interrupted = Meanwhile(lambda: withdraw_once(story, rehost))
    publish_batch(replace(story.world, isolation=interrupted), rehost.id, batch)
    assert story.files() == {}
    assert story.view(rehost.id).rehost.state is State.WITHDRAWN
    assert story.count(Kind.FILE_PUBLISHED) == 0


def withdraw_once(story: Story, rehost: Rehost) -> None:
    """Withdraw, unless it was done."""
    if story.view(rehost.id).rehost.state is State.PUBLISHING:
        withdraw(story.world, story.owner, rehost.id)


@pytest.mark.parametrize("hosted", Hosted)
def test_what_is_hosted_becomes_what_was_chosen(story: Story, hosted: Hosted, root: Caller) -> None:
    """Kept, yanked with the reason, or asked to be removed; the ledger and everybody else are told, in one transaction."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    rehost = published(story)
    withdrawn = withdraw(story.world, story.owner, rehost.id, hosted, REASON)
    assert withdrawn.state is State.WITHDRAWN
    assert withdrawn.problem == f"Consent withdrawn by ada. Reason: {REASON}"
    files = story.files()
    assert {file.yanked for file in files.values()} == ({REASON} if hosted is Hosted.YANK else {None})
    (entry,) = entries(story.fakes.store, Kind.CONSENT_WITHDRAWN)
    assert entry["details"] == {
        "rehost": rehost.id,
        "hosted": hosted.value,
        "reason": REASON,
        "files": [[WHEEL, Sha256.of(wheel()).hex], [SDIST, Sha256.of(sdist()).hex]],
    }
    consent = story.view(rehost.id).consent
    assert consent is not None
    assert consent.withdrawal is not None
    assert (consent.withdrawal.hosted, consent.withdrawal.serial) == (hosted, entry["seq"])
    assert story.count(Kind.RELEASE_YANKED) == (hosted is Hosted.YANK)
    assert story.view(rehost.id).yanked == (set(files) if hosted is Hosted.YANK else set())
    assert told(story, bob)[0] == "consent-withdrawn"
    assert "consent-withdrawn" not in told(story, story.owner)
    asked = hosted is Hosted.ASK_REMOVAL
    assert told(story, root) == (["removal-asked"] if asked else [])
    assert [request.filenames for request in waiting_requests(story.world, root)] == (
        [(WHEEL, SDIST)] if asked else []
    )


@pytest.mark.parametrize("hosted", [Hosted.YANK, Hosted.ASK_REMOVAL])
def test_nothing_is_done_to_files_that_came_another_way(story: Story, hosted: Hosted, root: Caller) -> None:
    """A consent by which nothing came home is withdrawn, and a file that was uploaded meanwhile is left alone."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    story.upload(WHEEL, wheel())
    withdraw(story.world, story.owner, rehost.id, hosted, REASON)
    assert story.files()[WHEEL].yanked is None
    assert list(waiting_requests(story.world, root)) == []


def test_yanked_files_are_not_yanked_again(story: Story) -> None:
    """Files that bear this reason already have one entry in the ledger."""
    rehost = published(story)
    yank(story.world, story.owner, "demo", "1.0", reason=REASON)
    withdraw(story.world, story.owner, rehost.id, Hosted.YANK, REASON)
    assert story.count(Kind.RELEASE_YANKED) == 1


def test_a_reason_is_wanted_before_anything_happens(story: Story) -> None:
    """Without one neither consent nor files change."""
    rehost = published(story)
    with pytest.raises(Invalid) as refused:
        withdraw(story.world, story.owner, rehost.id, Hosted.YANK)
    assert refused.value.code == "reason-missing"
    assert story.view(rehost.id).rehost.state is State.PUBLISHED


def test_in_quarantine_consent_can_be_withdrawn_and_files_are_left(story: Story, root: Caller) -> None:
    """A quarantined project's files are the administrators' affair; taking a consent back is its giver's."""
    rehost = published(story)
    change_status(story.world, root, "demo", ProjectStatus.QUARANTINED, "Malware was reported.")
    with pytest.raises(Conflict):
        withdraw(story.world, story.owner, rehost.id, Hosted.YANK, REASON)
    assert withdraw(story.world, story.owner, rehost.id).state is State.WITHDRAWN


def test_a_failed_rehost_has_a_consent_only_when_somebody_agreed(story: Story) -> None:
    """What failed before anybody agreed has nothing to withdraw; what failed afterwards has, of every try."""
    view = story.plan()
    again = story.plan()
    story.accept(again)
    (batch,) = begin_publishing(story.world, again.rehost.id)
    publish_batch(story.world, again.rehost.id, batch[:1])
    drop_jobs(story.fakes)
    fail(story.world, again.rehost.id, "The disk is full.", "unavailable")
    retry(story.world, story.owner, again.rehost.id)
    run_jobs(story.fakes)
    story.accept(story.view(again.rehost.id))
    drop_jobs(story.fakes)
    (name,) = story.files()
    withdraw(story.world, story.owner, again.rehost.id, Hosted.YANK, REASON)
    assert story.files()[name].yanked == REASON, "it came home by the first consent"
    with story.world.store.read() as tx:
        assert all(consent.withdrawal for consent in tx.rehosts.consents(again.rehost.id))
    assert story.view(view.rehost.id).rehost.state is State.EXPIRED
    never = story.plan()
    fail(story.world, never.rehost.id, "x", "y")
    with story.world.store.write() as tx:
        tx.rehosts.put(replace(never.rehost, state=State.FAILED))
    with pytest.raises(NeedsConsent) as refused:
        withdraw(story.world, story.owner, never.rehost.id)
    assert refused.value.code == "consent-missing"


# Administrators answer


def asked(story: Story) -> int:
    """Both files are asked to be removed; the number of the request."""
    rehost = published(story)
    withdraw(story.world, story.owner, rehost.id, Hosted.ASK_REMOVAL, REASON)
    with story.world.store.read() as tx:
        (request,) = tx.removal_requests.waiting()
    return request.id


def test_files_are_removed_as_was_asked(story: Story, root: Caller) -> None:
    """They are gone with the administrator's reason, the maintainers are told, and the request waits no more."""
    request_id = asked(story)
    done = answer_request(story.world, root, request_id, Answer.REMOVED, "As the author wishes.")
    assert (done.answer, done.answered_by) == (Answer.REMOVED, "root")
    assert story.files() == {}
    removed = entries(story.fakes.store, Kind.FILE_REMOVED)
    assert {entry["details"]["reason"] for entry in removed} == {"As the author wishes."}
    assert {entry["actor"] for entry in removed} == {"root"}
    assert told(story, story.owner)[0] == "removal-answered"
    assert list(waiting_requests(story.world, None)) == []
    assert list(answered_requests(story.world, root)) == [done]
    with pytest.raises(Conflict) as refused:
        answer_request(story.world, root, request_id, Answer.DECLINED, "No.")
    assert refused.value.code == "request-answered"


def test_a_request_whose_files_are_gone_is_answered(story: Story, root: Caller) -> None:
    """It waits while a file of it is left; whoever removes the last one has answered it, and nobody does it again."""
    request_id = asked(story)
    remove(story.world, story.owner, "demo", "1.0", reason="A secret in it.", filenames=[WHEEL])
    assert [request.id for request in waiting_requests(story.world, root)] == [request_id]
    remove(story.world, story.owner, "demo", "1.0", reason="A secret in it.")
    assert list(waiting_requests(story.world, root)) == []
    (done,) = answered_requests(story.world, root)
    assert (done.answer, done.answered_by) == (Answer.REMOVED, "ada")
    assert done.answer_reason == "A secret in it."
    with pytest.raises(Conflict) as refused:
        answer_request(story.world, root, request_id, Answer.REMOVED, "Gone.")
    assert refused.value.code == "request-answered"


def test_files_that_are_gone_are_not_removed_again(story: Story, root: Caller) -> None:
    """Only what is left of a request is removed by its answer."""
    request_id = asked(story)
    remove(story.world, story.owner, "demo", "1.0", reason="A secret in it.", filenames=[WHEEL])
    answer_request(story.world, root, request_id, Answer.REMOVED, "Gone.")
    removed = entries(story.fakes.store, Kind.FILE_REMOVED)
    assert [(entry["actor"], entry["details"]["filename"]) for entry in removed] == [
        ("ada", WHEEL),
        ("root", SDIST),
    ]


def test_what_a_request_does_not_name_answers_it_not(story: Story, root: Caller) -> None:
    """Also when none of its files is there any more: an administrator says what becomes of it."""
    request_id = asked(story)
    with story.world.store.write() as tx:
        request = tx.removal_requests.find(request_id)
        assert request is not None
        tx.removal_requests.put(replace(request, filenames=("demo-0.9.tar.gz",)))
    remove(story.world, story.owner, "demo", "1.0", reason="A secret in it.", filenames=[WHEEL])
    assert [one.id for one in waiting_requests(story.world, root)] == [request_id]


def test_files_may_stay(story: Story, root: Caller) -> None:
    """An administrator may decline; the ledger and the maintainers are told why."""
    request_id = asked(story)
    answer_request(story.world, root, request_id, Answer.DECLINED, "Builds depend on them.")
    assert set(story.files()) == {WHEEL, SDIST}
    (entry,) = entries(story.fakes.store, Kind.REMOVAL_DECLINED)
    assert entry["details"] == {"request": request_id, "reason": "Builds depend on them."}
    assert told(story, story.owner)[0] == "removal-answered"


def test_only_another_administrator_answers(story: Story, root: Caller) -> None:
    """Neither a maintainer nor who asked; and a number that nothing has is not found."""
    request_id = asked(story)
    with pytest.raises(Forbidden):
        answer_request(story.world, story.owner, request_id, Answer.REMOVED, "Mine.")
    with pytest.raises(Forbidden):
        waiting_requests(story.world, story.owner)
    with pytest.raises(Forbidden):
        answered_requests(story.world, story.owner)
    assert list(answered_requests(story.world, None)) == []
    with pytest.raises(NotFound):
        answer_request(story.world, root, request_id + 1, Answer.REMOVED, "What?")
    with story.world.store.write() as tx:
        request = tx.removal_requests.find(request_id)
        assert request is not None
        tx.removal_requests.put(replace(request, asked_by="root"))


def two_delete(story: Story) -> None:
    """From now on a removal takes two administrators."""
    with story.world.store.write() as tx:
        policy = HostingPolicy(two_to_delete=True)
        tx.policies.put(policy, by="root", reason="", at=story.fakes.clock.now())


def test_where_it_takes_two_one_administrator_removes_nothing(story: Story, root: Caller) -> None:
    """The answer is a proposal, which is made once; declining takes one."""
    request_id = asked(story)
    two_delete(story)
    with pytest.raises(Conflict) as refused:
        answer_request(story.world, root, request_id, Answer.REMOVED, "As the author wishes.")
    assert refused.value.code == "takes-two"
    proposal = proposals.answer_removal(story.world, root, request_id, Answer.REMOVED, "As is wished.")
    assert isinstance(proposal, Proposal)
    assert set(story.files()) == {WHEEL, SDIST}
    assert proposals.proposed_answers(story.world, root) == {request_id: proposal}
    assert [one.id for one in waiting_requests(story.world, root)] == [request_id]
    with pytest.raises(Conflict, match=r"proposed that already.*waits for another") as refused:
        proposals.answer_removal(story.world, root, request_id, Answer.REMOVED, "Again.")
    eve = Caller(add_person(story.world, "eve", is_admin=True))
    with pytest.raises(Conflict, match=f"as proposal {proposal.id}: agree to it there") as refused:
        proposals.answer_removal(story.world, eve, request_id, Answer.REMOVED, "Me too.")
    assert refused.value.code == "proposed-already"
    done = proposals.answer_removal(story.world, eve, request_id, Answer.DECLINED, "Builds need them.")
    assert isinstance(done, RemovalRequest)
    assert done.answer is Answer.DECLINED
    with pytest.raises(Conflict) as refused:
        proposals.agree(story.world, eve, proposal.id)
    assert refused.value.code == "request-answered"
    assert set(story.files()) == {WHEEL, SDIST}


def test_the_second_administrator_gives_the_answer(story: Story, root: Caller) -> None:
    """Who proposed has answered, the files are gone, and the maintainers are told; no number of nothing is proposed."""
    request_id = asked(story)
    two_delete(story)
    proposal = proposals.answer_removal(story.world, root, request_id, Answer.REMOVED, "As is wished.")
    assert isinstance(proposal, Proposal)
    eve = Caller(add_person(story.world, "eve", is_admin=True))
    with pytest.raises(NotFound):
        proposals.answer_removal(story.world, eve, request_id + 1, Answer.REMOVED, "What?")
    proposals.agree(story.world, eve, proposal.id)
    assert story.files() == {}
    (done,) = answered_requests(story.world, root)
    assert (done.answer, done.answered_by, done.answer_reason) == (Answer.REMOVED, "root", "As is wished.")
    assert told(story, story.owner)[0] == "removal-answered"
    assert proposals.proposed_answers(story.world, root) == {}
