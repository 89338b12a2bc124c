"""A person looks at the plan, and accepts or refuses it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.archives import make_wheel
from tests.support.invariants import entries
from tests.support.outside import page
from tests.support.story import SDIST, SITE, WHEEL, WHEEL_2, Story, ids, put_down, sdist, wheel
from tests.support.token_callers import by_token
from tests.support.world import add_person, drop_jobs, grant, run_jobs, set_status

from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NeedsConsent, NotFound, Refusal
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, Decision, State
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.rehost.agree import agreed_sha256
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.review import Choice, RehostView, accept, list_rehosts, refuse, show_rehost
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.jobs import Job, Work

OTHER = Sha256.of(b"other")
# Code that runs whenever Python starts: a person must look at it.
HELD = make_wheel("demo", "2.0", files={"demo.pth": b"import demo\n"})


def decisions(story: Story, view: RehostView) -> dict[str, Decision]:
    """What was decided, by file name."""
    return {item.filename: item.decision for item in story.view(view.rehost.id).plan.items}


def refused(story: Story, view: RehostView, kind: type[Refusal], **choice: object) -> str:
    """The code of the refusal to accept; nothing changed by it."""
    before = story.fakes.store.committed.snapshot()
    with pytest.raises(kind) as refusal:
        story.accept(view, **choice)
    assert story.fakes.store.committed == before
    return refusal.value.code


# Looking


def test_a_maintainer_sees_everything(story: Story) -> None:
    """A view has the rehost, its project, its plan, the digest an answer must name, and the consent once given."""
    view = story.plan()
    assert (view.project.name.display, view.consent) == ("demo", None)
    assert view.digest == view.plan.digest()
    story.accept(view)
    run_jobs(story.fakes)
    consent = story.view(view.rehost.id).consent
    assert consent is not None
    assert consent.given_by == "ada"


def test_rehosts_are_listed_newest_first(story: Story) -> None:
    """A project's rehosts are told to its maintainers."""
    one, two = story.plan("1.0").rehost, story.plan().rehost
    assert [rehost.id for rehost in list_rehosts(story.world, story.owner, "Demo")] == [two.id, one.id]


def test_strangers_see_and_do_nothing(story: Story) -> None:
    """Without a role, or with a token of another use, a rehost is neither seen nor moved."""
    view = story.plan()
    uploader = by_token(story.world, story.owner, Scope.UPLOAD)
    world, rehost_id = story.world, view.rehost.id
    choice = Choice(view.digest, Basis.AUTHOR)
    eve = Caller(add_person(world, "eve"))
    for caller in (eve, uploader):
        for ask in (
            lambda caller=caller: show_rehost(world, caller, rehost_id),
            lambda caller=caller: list_rehosts(world, caller, "demo"),
            lambda caller=caller: accept(world, caller, rehost_id, choice),
            lambda caller=caller: refuse(world, caller, rehost_id),
            lambda caller=caller: retry(world, caller, rehost_id),
            lambda caller=caller: withdraw(world, caller, rehost_id),
        ):
            with pytest.raises((Forbidden, NotFound)):
                ask()
    narrow = by_token(world, eve, Scope.MANAGE, projects=["other"])
    for stranger in (eve, narrow):
        with pytest.raises(NotFound) as refused:
            show_rehost(world, stranger, rehost_id)
        assert refused.value.sentence == f"There is no rehost {rehost_id} here.", "its project is not named"
    assert story.view(rehost_id).rehost == view.rehost


def test_what_is_not_there_is_not_found(story: Story) -> None:
    """A rehost that never was is not found."""
    with pytest.raises(NotFound):
        story.view(99)


# Accepting


def test_an_unverified_account_agrees_to_nothing(story: Story) -> None:
    """Where a verified address is wanted, who has none accepts no plan, and begins none."""
    view, strict = story.plan(), replace(story.world, accounts=AccountPolicy(needs_verified=True))
    choice = Choice(view.digest, Basis.AUTHOR)
    asked: tuple[Callable[[], object], ...] = (
        lambda: accept(strict, story.owner, view.rehost.id, choice),
        lambda: start_plan(strict, story.owner, "demo"),
        lambda: start_update_cache(strict, story.owner, "demo"),
    )
    for ask in asked:
        with pytest.raises(Forbidden) as refused:
            ask()
        assert refused.value.code == "email-unverified"
    assert story.view(view.rehost.id).rehost == view.rehost
    verified = Caller(replace(story.owner.user, is_verified=True))
    assert start_plan(strict, verified, "demo").state is State.PLANNING
    assert drop_jobs(story.fakes)


def test_accepting_takes_what_nothing_speaks_against(story: Story) -> None:
    """Without a choice every file without obstacle is accepted, once per name; held ones are left for a person."""
    story.offer({WHEEL: wheel(), SDIST: b"no sdist", WHEEL_2: HELD})
    story.fakes.outside.put(
        f"{SITE}/", page(f'<a href={WHEEL}> <a href={SDIST}> <a href={WHEEL_2}> <a href="mirror/{WHEEL}">')
    )
    story.fakes.outside.put_file(f"{SITE}/mirror/{WHEEL}", wheel())
    view = story.plan()
    rehost = story.accept(view)
    assert rehost.state is State.CONSENTED
    after = story.view(view.rehost.id).plan.items
    assert [item.url for item in after if item.decision is Decision.ACCEPT] == [f"{SITE}/{WHEEL}"]
    assert story.fakes.waiting() == [Job(Work.PUBLISH_REHOST, rehost.id, 1)]
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}


def test_consent_is_recorded_with_all_it_says(story: Story) -> None:
    """Who, on what basis, to which plan and which bytes: in the consent and in the ledger, in one transaction."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    view = story.plan()
    choice = Choice(view.digest, Basis.OTHER, "  The author told me so. ", frozenset({ids(view)[WHEEL]}))
    accept(story.world, bob, view.rehost.id, choice)
    consent = story.view(view.rehost.id).consent
    assert consent is not None
    assert (consent.given_by, consent.basis, consent.text) == ("bob", Basis.OTHER, "The author told me so.")
    assert consent.plan_digest == view.digest
    assert consent.files == ((ids(view)[WHEEL], Sha256.of(wheel())),)
    entry = entries(story.fakes.store, Kind.CONSENT_GIVEN)[-1]
    assert (entry["actor"], entry["project"]) == ("bob", "demo")
    assert entry["details"] == {
        "rehost": view.rehost.id,
        "plan": view.digest.hex,
        "statement": "2",
        "basis": "other",
        "text": "The author told me so.",
        "evidence": "",
        "files": [[WHEEL, Sha256.of(wheel()).hex]],
    }
    assert decisions(story, view) == {WHEEL: Decision.ACCEPT, SDIST: Decision.LEAVE_OUT}
    assert drop_jobs(story.fakes) == [Work.PUBLISH_REHOST]


def test_a_choice_is_what_was_chosen(story: Story) -> None:
    """Only the named files are accepted; the others are left out, and stay outside."""
    view = story.plan()
    story.accept(view, accept=frozenset({ids(view)[SDIST]}))
    run_jobs(story.fakes)
    assert set(story.files()) == {SDIST}


def test_a_held_file_is_accepted_by_name(story: Story) -> None:
    """What inspection holds for a person a person may accept."""
    story.offer({WHEEL_2: HELD})
    view = story.plan()
    assert refused(story, view, Invalid) == "nothing-accepted"
    story.accept(view, accept=frozenset({ids(view)[WHEEL_2]}))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL_2}


def test_consent_to_another_plan_is_no_consent(story: Story) -> None:
    """Whoever looked at a plan that changed since must look again."""
    put_down(story, SDIST)
    old = story.plan()
    story.offer({WHEEL: wheel(), SDIST: sdist()})
    retry(story.world, story.owner, old.rehost.id)
    run_jobs(story.fakes)
    assert refused(story, old, Conflict) == "plan-changed"
    story.accept(story.view(old.rehost.id))
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def test_what_cannot_be_accepted_is_named(story: Story) -> None:
    """An item with an obstacle, an unknown one, and none at all where none can be accepted, are refused."""
    story.offer({WHEEL: b"no wheel", SDIST: sdist()})
    put_down(story, SDIST)
    view = story.plan()
    assert refused(story, view, NeedsConsent) == "nothing-acceptable"
    assert refused(story, view, NeedsConsent, accept=frozenset()) == "nothing-acceptable"
    assert refused(story, view, Invalid, accept=frozenset({99})) == "item-unknown"
    for name in (WHEEL, SDIST):
        assert (
            refused(story, view, NeedsConsent, accept=frozenset({ids(view)[name]})) == "items-not-acceptable"
        )


def test_a_basis_may_need_words(story: Story) -> None:
    """A basis that somebody else gave must be told in words."""
    view = story.plan()
    with pytest.raises(Invalid) as refusal:
        accept(story.world, story.owner, view.rehost.id, Choice(view.digest, Basis.WRITTEN_PERMISSION, "yes"))
    assert refusal.value.code == "basis-text-missing"


def test_a_plan_is_answered_once(story: Story) -> None:
    """A second acceptance, or one while the plan is made, is no legal move."""
    rehost = start_plan(story.world, story.owner, "demo")
    assert refused(story, story.view(rehost.id), IllegalMove) == "rehost-move-illegal"
    run_jobs(story.fakes)
    view = story.view(rehost.id)
    story.accept(view)
    assert refused(story, view, IllegalMove) == "rehost-move-illegal"
    run_jobs(story.fakes)


def test_nothing_comes_to_a_project_that_takes_nothing(story: Story) -> None:
    """A project that became pypi-only, or was quarantined, accepts no plan made before (I-12)."""
    view = story.plan()
    set_status(story.fakes.store, story.project, ProjectStatus.QUARANTINED)
    assert refused(story, view, Conflict) == "project-takes-no-files"
    set_status(story.fakes.store, story.project, ProjectStatus.ACTIVE)
    change_hosting(story.world, story.owner, "demo", Wish(HostingMode.ONLY))
    assert refused(story, view, Conflict) == "external-refused"


# Declaring


def test_plain_http_needs_the_sha256_named(story: Story) -> None:
    """What came over plain HTTP is accepted when the maintainer names the very sha256 that came."""
    story.fakes.outside.put(f"{SITE}/", page(f'<a href="http://site.test/{WHEEL}">'))
    view = story.plan()
    item_id = ids(view)[WHEEL]
    assert refused(story, view, NeedsConsent) == "nothing-acceptable"
    assert refused(story, view, Invalid, declared={item_id: OTHER}) == "sha256-differs"
    assert refused(story, view, Invalid, declared={99: OTHER}) == "item-unknown"
    story.accept(view, declared={item_id: Sha256.of(wheel())})
    item = story.item(view.rehost.id, WHEEL)
    assert item.declared_sha256 == Sha256.of(wheel()).hex
    assert item.evidence is not None
    assert item.evidence.level is Level.DECLARED
    consent = story.view(view.rehost.id).consent
    assert consent is not None
    assert consent.plan_digest == view.digest
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL}


def test_a_file_that_cannot_be_reached_is_accepted_by_its_sha256(story: Story) -> None:
    """Consent to bytes that are not here yet is bound to the sha256 the maintainer declares."""
    put_down(story, SDIST)
    view = story.plan()
    declared = {ids(view)[SDIST]: Sha256.of(sdist())}
    story.accept(view, declared=declared, accept=frozenset(declared))
    consent = story.view(view.rehost.id).consent
    assert consent is not None
    assert consent.files == tuple(declared.items())
    item = story.item(view.rehost.id, SDIST)
    assert (item.bytes, agreed_sha256(item)) == (Bytes.UNREACHABLE, Sha256.of(sdist()))
    assert drop_jobs(story.fakes) == [Work.PUBLISH_REHOST]


# Refusing


def test_a_refused_plan_stays_on_record(story: Story) -> None:
    """Who wants none of it says so, with a reason or without; the ledger has it, and nothing is published."""
    view = story.plan()
    rehost = refuse(story.world, story.owner, view.rehost.id, "We rewrote it.")
    assert (rehost.state, rehost.problem) == (State.REFUSED, "Refused by ada: We rewrote it.")
    (entry,) = entries(story.fakes.store, Kind.REHOST_REFUSED)
    assert entry["details"] == {"rehost": rehost.id, "reason": "We rewrote it."}
    assert refused(story, view, IllegalMove) == "rehost-move-illegal"
    again = story.plan()
    with pytest.raises(Invalid, match="at most 1000"):
        refuse(story.world, story.owner, again.rehost.id, "x" * 1001)
    assert refuse(story.world, story.owner, again.rehost.id).problem == "Refused by ada."
    assert story.files() == {}
