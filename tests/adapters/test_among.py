"""Rows of as many projects as a whole index has, asked for at once."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from tests.support.store_rows import NOW
from tests.support.world import Real, add_person, add_project, real_world

from homeport.domain.campaign import CampaignKind, CampaignState
from homeport.domain.drift import Consequence, Seen, Sign
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Purpose
from homeport.flows.standing_consent import give_standing
from homeport.ports.store import Transaction

# More than the variables that a statement may have, however the database was built.
MANY = range(1, 260_001)
ASKED: dict[str, Callable[[Transaction, Collection[int]], Collection[object]]] = {
    "campaign_projects": lambda tx, ids: tx.campaigns.waiting_of(ids),
    "exemptions": lambda tx, ids: tx.exemptions.live_of(ids),
    "standing_consents": lambda tx, ids: tx.standing_consents.of_projects(ids),
    "rehosts": lambda tx, ids: tx.rehosts.open_of(ids),
    "drift_events": lambda tx, ids: tx.watches.told_since(ids, NOW),
    "projects": lambda tx, ids: tx.projects.named(["demo", *map(str, ids)]),
}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Real adapters, and one project that each of these questions finds."""
    with real_world(tmp_path_factory.mktemp("among")) as opened:
        project = add_project(opened.world, add_person(opened.world, "ada"), "demo", HostingMode.CACHE)
        with opened.store.write() as tx:
            campaign = tx.campaigns.add(
                CampaignKind.PHASE_OUT, "Home", "Why.", NOW.date(), (30,), "", by="root", at=NOW
            )
            tx.campaigns.put(replace(campaign, state=CampaignState.ANNOUNCED))
            tx.campaigns.enrol(campaign.id, HostingMode.CACHE, due_on=NOW.date())
            tx.exemptions.add(project.id, "Why.", None, by="root", at=NOW)
            give_standing(tx, project, by="ada", at=NOW)
            tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
            place = ("site.test", "https://site.test/", "demo.whl")
            later = opened.world.clock.now()
            tx.watches.tell(project.id, place, Seen(Sign.GONE, "It", "It is gone."), Consequence.TELL, later)
        yield opened


@pytest.mark.parametrize("table", ASKED)
def test_there_is_no_end_to_a_list(real: Real, table: str) -> None:
    """As many as there are projects are asked for in one statement, and found by an index."""
    statements: list[tuple[str, Any]] = []
    engine = real.store._reading

    def remember(*told: Any) -> None:
        statements.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", remember)
    with real.store.read() as tx:
        assert len(ASKED[table](tx, MANY)) == 1
        assert len(ASKED[table](tx, MANY[:1])) == 1
    event.remove(engine, "before_cursor_execute", remember)
    asked = [one for one in statements if one[0].startswith("SELECT")]
    assert len(asked) == 2
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).fetchall()
    assert [row.detail for row in plan if row.detail.startswith(f"SCAN {table}")] == []
