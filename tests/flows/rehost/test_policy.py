"""The index's policy in agreeing and publishing: a cooling time, and the weakest evidence that is published."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.story import SDIST, SITE, WHEEL, Story, sdist, wheel
from tests.support.world import add_person, drop_jobs, grant, register_release, run_jobs, run_late_jobs

from homeport.domain.account import Caller
from homeport.domain.canonical import canonical_bytes
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent, NotFound
from homeport.domain.evidence import Level
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.rehost import State
from homeport.flows.policies import change_policy
from homeport.flows.rehost.consents import consent_record
from homeport.flows.rehost.publish import begin_publishing
from homeport.flows.rehost.start import start_update_cache
from homeport.flows.rehost.withdraw import withdraw
from homeport.ports.jobs import Work

COOLING = HostingPolicy(cooling_hours=72)


def decide(story: Story, policy: HostingPolicy) -> None:
    """Let an administrator decide it."""
    with story.world.store.write() as tx:
        tx.policies.put(policy, by="root", reason="", at=story.fakes.clock.now())


# Cooling


def test_agreed_files_wait_until_they_have_cooled(story: Story) -> None:
    """Three days lie between consent and publishing; whoever else maintains the project is told of them at once."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    decide(story, COOLING)
    rehost = story.accept(story.plan())
    assert run_jobs(story.fakes) == []
    view = story.view(rehost.id)
    assert view.cooled_at == story.fakes.clock.now() + timedelta(hours=72)
    with story.world.store.read() as tx:
        (notice, *_) = tx.notices.of_user(bob.user.id, limit=5)
    assert notice.kind == "consent-cooling"
    assert "2026-03-07 05:06 UTC" in notice.text
    assert begin_publishing(story.world, rehost.id) == (), "who comes too early waits on"
    story.fakes.clock.advance(timedelta(hours=72))
    run_late_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}
    assert story.view(rehost.id).cooled_at is None


def test_who_objects_in_time_stops_everything(story: Story) -> None:
    """A consent that is withdrawn while it cools publishes nothing."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    decide(story, COOLING)
    rehost = story.accept(story.plan())
    withdraw(story.world, bob, rehost.id)
    assert run_late_jobs(story.fakes) == [Work.PUBLISH_REHOST]
    assert story.files() == {}


def test_a_policy_that_became_longer_holds_for_what_cools(story: Story) -> None:
    """What counts is the policy of the moment in which it would be published."""
    decide(story, COOLING)
    rehost = story.accept(story.plan())
    decide(story, HostingPolicy(cooling_hours=100))
    assert run_late_jobs(story.fakes) == [Work.PUBLISH_REHOST]
    assert story.view(rehost.id).rehost.state is State.CONSENTED
    run_late_jobs(story.fakes)
    assert story.view(rehost.id).rehost.state is State.PUBLISHED


def shorten(story: Story, hours: int) -> None:
    """Let an administrator decide a shorter time by the flow that doors use."""
    root = add_person(story.world, f"root{hours}")
    with story.world.store.write() as tx:
        tx.users.make_administrator(root.id)
        user = tx.users.by_id(root.id)
    assert user is not None
    change_policy(story.world, Caller(user), {"cooling_hours": str(hours)}, "Soon enough.")


def test_no_cooling_time_any_more_publishes_what_waits(story: Story) -> None:
    """What cools when the time is taken back is published at once, and once."""
    decide(story, COOLING)
    rehost = story.accept(story.plan())
    waits = story.view(story.plan().rehost.id).rehost
    shorten(story, 0)
    assert Work.PUBLISH_REHOST in run_jobs(story.fakes)
    assert story.view(rehost.id).rehost.state is State.PUBLISHED
    assert story.view(waits.id).rehost.state is State.PLANNED, "nobody agreed to that one"
    run_late_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def test_a_shorter_cooling_time_holds_for_what_cools(story: Story) -> None:
    """It is published when the shorter time has passed, and who was told the later moment is told the sooner one."""
    bob = grant(story.world, story.project, add_person(story.world, "bob"))
    decide(story, COOLING)
    rehost = story.accept(story.plan())
    shorten(story, 24)
    assert run_jobs(story.fakes) == []
    assert story.view(rehost.id).cooled_at == story.fakes.clock.now() + timedelta(hours=24)
    with story.world.store.read() as tx:
        (notice, *_) = tx.notices.of_user(bob.user.id, limit=5)
    assert notice.kind == "consent-cooling"
    assert "2026-03-05 05:06 UTC" in notice.text
    assert WHEEL in notice.text
    story.fakes.clock.advance(timedelta(hours=24))
    assert begin_publishing(story.world, rehost.id)
    assert drop_jobs(story.fakes) == [Work.PUBLISH_REHOST] * 2


def register(story: Story) -> None:
    """The call of old, which names the home page."""
    story.fakes.clock.on_sleep = lambda: run_jobs(story.fakes)
    register_release(story.world, story.owner, CoreMetadata("2.1", "demo", "1.0", home_page=f"{SITE}/"))


def test_a_call_waits_for_the_standing_consent_to_cool(story: Story) -> None:
    """A registration says until when; afterwards the same command brings the files home."""
    decide(story, COOLING)
    with pytest.raises(Invalid) as refused:
        register(story)
    assert refused.value.code == "standing-consent-cools"
    assert refused.value.sentence.endswith("Repeat the command after 2026-03-07 05:06 UTC.")
    assert story.files() == {}
    story.fakes.clock.advance(timedelta(hours=72))
    register(story)
    assert set(story.files()) == {WHEEL, SDIST}


# Evidence


def test_weak_evidence_is_accepted_with_a_confirmed_sha256(story: Story) -> None:
    """What is too weak is told with what helps, by the plan as by the refusal, and naming the sha256 is enough."""
    decide(story, HostingPolicy(lowest_evidence=Level.CORROBORATED))
    view = story.plan()
    (obstacle,) = story.item(view.rehost.id, WHEEL).obstacles
    assert obstacle.startswith("Its evidence is “tls”, and this index publishes “corroborated” or better: ")
    items = frozenset(item.id for item in view.plan.items)
    with pytest.raises(NeedsConsent) as refused:
        story.accept(view, accept=items)
    assert refused.value.code == "items-not-acceptable"
    declared = {item.id: item.sha256 for item in view.plan.items if item.sha256}
    story.accept(view, accept=items, declared=declared)
    run_jobs(story.fakes)
    assert set(story.files()) == {WHEEL, SDIST}


def test_a_policy_that_became_stricter_holds_for_what_was_agreed(story: Story) -> None:
    """It is looked at again inside the publishing transaction, which then publishes nothing."""
    rehost = story.accept(story.plan())
    decide(story, HostingPolicy(lowest_evidence=Level.ATTESTED))
    run_jobs(story.fakes)
    failed = story.view(rehost.id).rehost
    assert (failed.state, failed.problem_code) == (State.FAILED, "evidence-too-weak")
    assert "it must be signed by somebody whom a maintainer named" in failed.problem
    assert story.files() == {}


def test_calls_are_held_to_the_same_evidence(story: Story) -> None:
    """A registration is refused with every reason, and an update of the cache leaves such files outside and says so."""
    decide(story, HostingPolicy(lowest_evidence=Level.CORROBORATED))
    with pytest.raises(Invalid) as refused:
        register(story)
    assert refused.value.code == "files-refused"
    assert refused.value.sentence.count("this index publishes “corroborated” or better") == 2
    updated = start_update_cache(story.world, story.owner, "demo")
    run_jobs(story.fakes)
    told = story.view(updated.id).rehost
    assert told.state is State.UNCHANGED
    assert told.problem.count("this index publishes “corroborated” or better") == 2
    assert story.files() == {}


# The record


def test_the_record_says_everything(story: Story) -> None:
    """Statement, who, when, basis, evidence, plan and files, with the entries of the ledger; it can be spelled canonically."""
    view = story.plan()
    story.accept(view, evidence="https://example.org/permission")
    run_jobs(story.fakes)
    withdraw(story.world, story.owner, view.rehost.id, reason="It ended.")
    record = consent_record(story.world, story.owner, view.rehost.id)
    entries = {json.loads(sealed.body)["kind"]: sealed for sealed in story.fakes.store.committed.ledger}
    given, withdrawn = entries[Kind.CONSENT_GIVEN], entries[Kind.CONSENT_WITHDRAWN]
    ids = {item.filename: item.id for item in view.plan.items}
    assert json.loads(canonical_bytes(record)) == {
        "format": "homeport-consent-1",
        "index": story.world.base_url,
        "project": "demo",
        "rehost": view.rehost.id,
        "consent": 1,
        "statement": {"version": "2", "text": consent_text()},
        "given_by": "ada",
        "given": "2026-03-04T05:06:07Z",
        "basis": "author",
        "basis_sentence": "I am the author of these files",
        "text": "",
        "evidence": "https://example.org/permission",
        "plan_digest": view.digest.hex,
        "files": [
            {
                "item": ids[name],
                "sha256": Sha256.of(data).hex,
                "filename": name,
                "version": "1.0",
                "url": f"{SITE}/{name}",
            }
            for name, data in ((WHEEL, wheel()), (SDIST, sdist()))
        ],
        "ledger": {"serial": given.seq, "leaf_hash": given.leaf_hash, "chain_hash": given.chain_hash},
        "withdrawal": {
            "by": "ada",
            "at": "2026-03-04T05:06:07Z",
            "hosted": "keep",
            "reason": "It ended.",
            "ledger": {
                "serial": withdrawn.seq,
                "leaf_hash": withdrawn.leaf_hash,
                "chain_hash": withdrawn.chain_hash,
            },
        },
        "earlier": [],
    }


def consent_text() -> str:
    """The first statement, word for word."""
    return (
        "I maintain this project and I have looked at the files listed. I agree that this index hosts and distributes "
        "exactly these bytes under their file names. I may do so on the basis given."
    )


def test_who_may_have_the_record(story: Story) -> None:
    """Maintainers, and an administrator in person; for strangers there is no such rehost, and nobody agreed to a plan that waits."""
    view = story.plan()
    with pytest.raises(NotFound) as missing:
        consent_record(story.world, story.owner, view.rehost.id)
    assert missing.value.code == "consent-unknown"
    story.accept(view)
    drop_jobs(story.fakes)
    root = Caller(add_person(story.world, "root", is_admin=True))
    assert consent_record(story.world, root, view.rehost.id)["given_by"] == "ada"
    with pytest.raises(NotFound) as hidden:
        consent_record(story.world, Caller(add_person(story.world, "eve")), view.rehost.id)
    assert hidden.value.code == "rehost-unknown"


def test_a_record_of_before_there_were_serials(story: Story) -> None:
    """A consent whose entry nobody remembers is told without it, and one of an older plan without its files' names."""
    rehost = story.accept(story.plan())
    drop_jobs(story.fakes)
    tables = story.fakes.store.committed
    tables.consents = {
        key: replace(consent, serial=0, files=((99, Sha256.of(b"gone")),))
        for key, consent in tables.consents.items()
    }
    record = consent_record(story.world, story.owner, rehost.id)
    assert record["ledger"] is None
    assert record["files"] == [{"item": 99, "sha256": Sha256.of(b"gone").hex}]
