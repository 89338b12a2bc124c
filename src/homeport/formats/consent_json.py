"""The record of a consent, as whoever gave it keeps it: everything that was agreed to, and where that stands in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from homeport.domain.canonical import Plain
from homeport.domain.consent import STATEMENTS, Consent
from homeport.domain.ledger import Sealed
from homeport.domain.rehost import Item
from homeport.formats.management_json import moment

FORMAT = "homeport-consent-1"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A consent with its entry in the ledger, and that of its withdrawal; ``None`` for what no entry tells of."""

    consent: Consent
    entry: Sealed | None
    withdrawal_entry: Sealed | None = None


def consent_json(
    index: str, project: str, items: Sequence[Item], newest: Recorded, earlier: Sequence[Recorded] = ()
) -> dict[str, Plain]:
    """The record of the ``newest`` consent to a rehost, whose plan has these items, with those that were given ``earlier``."""
    by_id = {item.id: item for item in items}
    return {
        "format": FORMAT,
        "index": index,
        "project": project,
        "rehost": newest.consent.rehost_id,
        **_one(newest, by_id),
        "earlier": [_one(recorded, by_id) for recorded in earlier],
    }


def _one(recorded: Recorded, items: Mapping[int, Item]) -> dict[str, Plain]:
    consent, withdrawal = recorded.consent, recorded.consent.withdrawal
    return {
        "consent": consent.id,
        "statement": {
            "version": consent.statement_version,
            "text": STATEMENTS[consent.statement_version],
        },
        "given_by": consent.given_by,
        "given": moment(consent.given_at),
        "basis": consent.basis.value,
        "basis_sentence": consent.basis.agreed_in(consent.statement_version),
        "text": consent.text,
        "evidence": consent.evidence,
        "plan_digest": consent.plan_digest.hex,
        "files": [_file(item_id, sha256.hex, items.get(item_id)) for item_id, sha256 in consent.files],
        "ledger": _entry(recorded.entry),
        "withdrawal": None
        if withdrawal is None
        else {
            "by": withdrawal.by,
            "at": moment(withdrawal.at),
            "hosted": withdrawal.hosted.value,
            "reason": withdrawal.reason,
            "ledger": _entry(recorded.withdrawal_entry),
        },
    }


def _file(item_id: int, sha256: str, item: Item | None) -> dict[str, Plain]:
    told: dict[str, Plain] = {"item": item_id, "sha256": sha256}
    if item is not None:
        told |= {"filename": item.filename, "version": item.version.text, "url": item.url}
    return told


def _entry(entry: Sealed | None) -> dict[str, Plain] | None:
    if entry is None:
        return None
    return {"serial": entry.seq, "leaf_hash": entry.leaf_hash, "chain_hash": entry.chain_hash}
