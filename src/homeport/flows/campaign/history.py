"""What was decided about a campaign: what, who, when and why, read from the ledger entry by entry."""

from collections.abc import Iterator
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.campaign import Campaign
from homeport.domain.campaign_log import CampaignLine, campaign_line
from homeport.domain.rights import require_admin
from homeport.ports.store import Transaction
from homeport.ports.world import World

# A draft may be previewed often; the ledger has what is older.
MOST_SHOWN: Final = 100


def campaign_history(world: World, caller: Caller | None, campaign: Campaign) -> tuple[CampaignLine, ...]:
    """The last decisions, oldest first; one look-up for each. ``caller`` is ``None`` for the index's own shell (ADR 0004)."""
    if caller is not None:
        require_admin(caller)
    with world.store.read() as tx:
        return tuple(_lines(tx, campaign))


def _lines(tx: Transaction, campaign: Campaign) -> Iterator[CampaignLine]:
    for serial in campaign.decisions[-MOST_SHOWN:]:
        yield from map(campaign_line, tx.ledger.entries(after=serial - 1, limit=1))
