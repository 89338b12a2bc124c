"""What an inbox costs: as much for who maintains a hundred projects as for who maintains two."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import event
from tests.support.world import Real, add_person, add_project, real_world

from homeport.domain.account import Caller, User
from homeport.domain.campaign import CampaignKind, CampaignState
from homeport.domain.hosting import HostingMode
from homeport.flows.waiting import show_waiting


def asked(real: Real, user: User) -> tuple[int, int]:
    """How many statements it takes, and how many things wait."""
    statements: list[str] = []
    engine = real.store._reading

    def remember(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", remember)
    shown = show_waiting(real.world, Caller(user))
    event.remove(engine, "before_cursor_execute", remember)
    return len([one for one in statements if one.startswith("SELECT")]), len(shown)


def test_one_query_for_all_projects(tmp_path: Path) -> None:
    """Campaigns, exemptions and standing consents of all of them are asked for at once."""
    with real_world(tmp_path) as real:
        ada = add_person(real.world, "ada")
        now = real.world.clock.now()
        for name in ("one", "two"):
            add_project(real.world, ada, name, HostingMode.CACHE)
        with real.store.write() as tx:
            campaign = tx.campaigns.add(
                CampaignKind.PHASE_OUT, "Home", "Why.", now.date(), (30,), "", by="root", at=now
            )
            tx.campaigns.put(replace(campaign, state=CampaignState.ANNOUNCED))
            tx.campaigns.enrol(campaign.id, HostingMode.CACHE, due_on=now.date())
        few = asked(real, ada)
        for number in range(20):
            add_project(real.world, ada, f"more-{number}", HostingMode.CACHE)
            add_project(real.world, ada, f"outside-{number}", HostingMode.EXT)
        with real.store.write() as tx:
            tx.campaigns.enrol(campaign.id, HostingMode.CACHE, due_on=now.date())
        many = asked(real, ada)
    assert (few[1], many[1]) == (2, 22)
    assert many[0] == few[0]
