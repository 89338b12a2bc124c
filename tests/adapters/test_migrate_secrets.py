"""An index of the twelfth schema becomes a newer one: webhooks keep their secrets, and what was answered before is not shown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, text
from tests.support.old_index import old_index, settings_in

from homeport.adapters.db.connect import open_engine
from homeport.adapters.db.webhook_secrets import forget_secrets
from homeport.adapters.db.webhook_tables import receivers, webhooks
from homeport.domain.webhook import HookState
from homeport.settings import Settings
from homeport.wiring import open_world, prepare

AT = datetime(2025, 6, 7, 8, 9, 10, 111213, tzinfo=UTC)
STATEMENTS = (
    """
    INSERT INTO projects (id, name, normalized, mode, status, serial, created_at, status_reason, is_private, size_bytes,
        look_alike)
    VALUES (1, 'demo', 'demo', 'pypi-cache', 'active', 1, :then, '', 0, 0, 'demo')
    """,
    """
    INSERT INTO webhooks (id, feed, project_id, url, events, by, at, sealed_secret, cursor, failures, disabled_why)
    VALUES (1, 'project', 1, 'https://ci.example.org/', '[]', 'ada', :then, X'01', 0, 0, '')
    """,
    """
    INSERT INTO webhook_deliveries (id, webhook_id, event, serial, at, tries, tried_at, status, answer, problem, took_ms)
    VALUES (1, 1, 'test', 0, :then, 1, :then, 200, 'thanks', '', 7)
    """,
    """
    INSERT INTO receivers (id, key, project_id, forge, by, at, sealed_secret)
    VALUES (1, 'abababababababababababababababab', 1, 'github', 'ada', :then, X'02')
    """,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index of the twelfth schema, with a webhook that was answered once, and a receiver."""
    settings = settings_in(tmp_path)
    with old_index(settings, "0012") as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement), {"then": "2025-06-07T08:09:10.111213Z"})
    return settings


def test_nothing_is_lost(settings: Settings) -> None:
    """Nobody stopped them and nobody renewed a secret; of what was answered nobody knows any more from where it came."""
    prepare(settings)
    with open_world(settings).store.read() as tx:
        hook, receiver, delivery = tx.webhooks.find(1), tx.receivers.find(1), tx.webhooks.delivery(1)
        assert hook
        assert receiver
        assert delivery
        assert (hook.state, hook.stopped_at, hook.both_until) == (HookState.LIVE, None, None)
        assert (receiver.stopped_at, receiver.stopped_by, receiver.both_until) == (None, "", None)
        assert tx.webhooks.sealed_secrets(1, AT) == [b"\x01"]
        assert tx.receivers.sealed_secrets(1, AT) == [b"\x02"]
        assert (delivery.answer.text, delivery.bare.answer.text) == ("thanks", "")


@pytest.mark.parametrize("table", [webhooks, receivers])
def test_a_secret_that_ends_is_found_by_its_index(settings: Settings, table: Table) -> None:
    """It is looked for in the transaction of every delivery: without one that ends, nothing is read."""
    prepare(settings)
    database = open_engine(settings.store.database_url)
    with database.connect() as connection:
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        forget_secrets(connection, table, AT)
        ((statement, values),) = [one for one in asked if one[0].startswith("UPDATE")]
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        found = [row[3] for row in steps]
    database.dispose()
    assert found == [f"SEARCH {table.name} USING INDEX ix_{table.name}_both_until (both_until<?)"]
