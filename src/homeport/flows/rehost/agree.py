"""Consent is recorded, and the work it allows is started, in one transaction."""

from dataclasses import replace
from datetime import datetime

from homeport.domain.consent import STATEMENT_VERSION, Basis, Consent
from homeport.domain.digests import Sha256
from homeport.domain.errors import NeedsConsent
from homeport.domain.ledger import Kind
from homeport.domain.rehost import Decision, Item, Plan, Rehost, Step
from homeport.flows.rehost.start import move
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction


def agree(
    tx: Transaction,
    rehost: Rehost,
    plan: Plan,
    chosen: tuple[Item, ...],
    *,
    by: str,
    basis: Basis,
    text: str,
    at: datetime,
) -> Consent:
    """Bind ``by``'s consent to the plan that was shown and to each chosen item's sha256, and start publishing.

    ``chosen`` are items of ``plan``, with what the maintainer declared about them.
    """
    accepted = {item.id: replace(item, decision=Decision.ACCEPT) for item in chosen}
    for item in plan.items:
        left_out = replace(item, decision=Decision.LEAVE_OUT)
        tx.rehosts.put_item(rehost.id, accepted.get(item.id, left_out))
    consent = tx.rehosts.add_consent(
        Consent(
            id=0,
            rehost_id=rehost.id,
            given_by=by,
            basis=basis,
            text=text,
            statement_version=STATEMENT_VERSION,
            plan_digest=plan.digest(),
            files=tuple((item.id, agreed_sha256(item)) for item in chosen),
            given_at=at,
        )
    )
    tx.ledger.append(
        Kind.CONSENT_GIVEN,
        at=at,
        actor=by,
        project=rehost.project,
        details={
            "rehost": rehost.id,
            "plan": consent.plan_digest.hex,
            "statement": STATEMENT_VERSION,
            "basis": basis.value,
            "text": text,
            "files": [[item.filename, agreed_sha256(item).hex] for item in chosen],
        },
    )
    consented = move(tx, rehost, Step.CONSENT, at)
    tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost.id, consented.tries))
    return consent


def consent_to(tx: Transaction, rehost: Rehost) -> Consent:
    """The consent that ``rehost`` goes on with, or ``NeedsConsent`` while nobody has agreed to it."""
    consent = tx.rehosts.consent(rehost.id)
    if consent is None:
        raise NeedsConsent("No maintainer has agreed to this rehost.", code="consent-missing")
    return consent


def agreed_sha256(item: Item) -> Sha256:
    """The bytes an agreement to ``item`` is bound to: those that are here, or those the maintainer declared."""
    return item.sha256 or Sha256.parse(item.declared_sha256)
