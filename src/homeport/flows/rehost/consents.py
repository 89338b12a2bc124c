"""The record of a consent is handed to who maintains the project, and to administrators who must answer for it."""

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.consent import Consent
from homeport.domain.errors import NotFound
from homeport.domain.ledger import Sealed
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.review import reached
from homeport.flows.rehost.start import find_rehost
from homeport.formats.consent_json import Recorded, consent_json
from homeport.ports.store import Transaction
from homeport.ports.world import World


def consent_record(world: World, caller: Caller, rehost_id: int) -> dict[str, Plain]:
    """Everything about the consents to a rehost; ``NotFound`` when nobody has agreed to it."""
    with world.store.read() as tx:
        # Who answers for what the index hosts reads it in person; no token reaches that far.
        if caller.user.is_admin and caller.token is None:
            rehost = find_rehost(tx, rehost_id)
            project = find_project(tx, rehost.project)
        else:
            rehost, project = reached(tx, caller, rehost_id)
        recorded = [_recorded(tx, consent) for consent in tx.rehosts.consents(rehost_id)]
        if not recorded:
            raise NotFound(f"Nobody has agreed to rehost {rehost_id}.", code="consent-unknown")
        items = tx.rehosts.plan(rehost).items
        return consent_json(world.base_url, project.name.normalized, items, recorded[0], recorded[1:])


def _recorded(tx: Transaction, consent: Consent) -> Recorded:
    withdrawal = consent.withdrawal
    return Recorded(
        consent, _entry(tx, consent.serial), _entry(tx, withdrawal.serial) if withdrawal else None
    )


def _entry(tx: Transaction, serial: int) -> Sealed | None:
    """The entry of that serial; there is none for what is older than these records."""
    return next(tx.ledger.entries(after=serial - 1, limit=1), None) if serial else None
