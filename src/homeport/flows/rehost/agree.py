"""Consent is recorded, and the work it allows is started, in one transaction.

Where the index's policy has a cooling time, the work starts when that is over: until then whoever maintains the project may
withdraw the consent, and nothing was public (``flows/rehost/cool.py``).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from homeport.domain.consent import STATEMENT_VERSION, Consent, Grounds
from homeport.domain.digests import Sha256
from homeport.domain.errors import NeedsConsent
from homeport.domain.ledger import Kind
from homeport.domain.rehost import Bytes, Decision, Item, Plan, Rehost, Step
from homeport.flows.rehost.cool import cooled_at
from homeport.flows.rehost.start import move
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction


def agree(
    tx: Transaction,
    rehost: Rehost,
    plan: Plan,
    chosen: tuple[Item, ...],
    *,
    named: Mapping[int, Sha256] | None = None,
    by: str,
    grounds: Grounds,
    at: datetime,
) -> Consent:
    """Bind ``by``'s consent to the plan that was shown and to each chosen item's sha256, and start publishing.

    ``chosen`` are items of ``plan``, with what the maintainer declared about them. ``named`` are the sha256s that were named,
    by item id, those of files that were left out, too.
    """
    accepted = {item.id: _accepted(item, at) for item in chosen}
    for item in plan.items:
        sha256 = (named or {}).get(item.id)
        declared = sha256.hex if sha256 else item.declared_sha256
        left_out = replace(item, decision=Decision.LEAVE_OUT, declared_sha256=declared)
        tx.rehosts.put_item(rehost.id, accepted.get(item.id, left_out))
    consent = Consent(
        id=0,
        rehost_id=rehost.id,
        given_by=by,
        basis=grounds.basis,
        text=grounds.text,
        statement_version=STATEMENT_VERSION,
        plan_digest=plan.digest(),
        files=tuple((item.id, agreed_sha256(item)) for item in chosen),
        given_at=at,
        evidence=grounds.evidence,
    )
    serial = tx.ledger.append(
        Kind.CONSENT_GIVEN,
        at=at,
        actor=by,
        project=rehost.project,
        details={
            "rehost": rehost.id,
            "plan": consent.plan_digest.hex,
            "statement": STATEMENT_VERSION,
            "basis": grounds.basis.value,
            "text": grounds.text,
            "evidence": grounds.evidence,
            "files": [[item.filename, agreed_sha256(item).hex] for item in chosen],
        },
    )
    consent = tx.rehosts.add_consent(replace(consent, serial=serial))
    consented = move(tx, rehost, Step.CONSENT, at)
    cooled = cooled_at(tx, consented, consent)
    delay = (cooled - at).total_seconds() if cooled is not None else 0.0
    tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost.id, consented.tries, delay_seconds=delay))
    return consent


def _accepted(item: Item, at: datetime) -> Item:
    """The item as it is agreed to; one whose bytes are not here is tried at once."""
    is_missing = item.bytes is not Bytes.HERE
    return replace(item, decision=Decision.ACCEPT, tries=0, next_try_at=at if is_missing else None)


def consent_to(tx: Transaction, rehost: Rehost) -> Consent:
    """The consent that ``rehost`` goes on with, or ``NeedsConsent`` while nobody has agreed to it."""
    consent = tx.rehosts.consent(rehost.id)
    if consent is None:
        raise NeedsConsent("No maintainer has agreed to this rehost.", code="consent-missing")
    return consent


def agreed_sha256(item: Item) -> Sha256:
    """The bytes an agreement to ``item`` is bound to: those that are here, or those the maintainer declared."""
    return item.sha256 or Sha256.parse(item.declared_sha256)
