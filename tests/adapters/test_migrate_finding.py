"""An index of the third schema becomes one of the newest: plans keep their items, and what was claimed says who claimed it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.old_index import insert, next_start, old_index, settings_in

from homeport.adapters.db.connect import open_engine
from homeport.domain.account import Scope
from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.rehost import Bytes
from homeport.domain.source import Source, SourceKind
from homeport.ports.store import Transaction
from homeport.settings import Settings
from homeport.wiring import prepare

AT = "2026-03-01T05:06:07.891011Z"
PAGE, SHA256, MD5 = "https://site.test/dl/", "c" * 64, "d" * 32
CLAIMED: tuple[tuple[list[list[str]], bool, str, tuple[Claim, ...]], ...] = (
    # claimed, its TLS, the page; and the claims they become.
    (
        [["sha256", SHA256], ["md5", MD5]],
        True,
        PAGE,
        (
            Claim(ClaimKind.LINK, "sha256", SHA256, PAGE, is_tls=True),
            Claim(ClaimKind.LINK, "md5", MD5, PAGE),
        ),
    ),
    ([], False, PAGE, ()),
    ([["sha256", SHA256]], False, "", (Claim(ClaimKind.SOURCE, "sha256", SHA256),)),
)
HOPS = [[PAGE, "192.0.2.1", 200]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index of the third schema, in which a plan is open."""
    settings = settings_in(tmp_path)
    ada = {"id": 1, "name": "ada", "email": "ada@example.org", "is_admin": False, "created_at": AT}
    demo = {"id": 1, "name": "Demo", "normalized": "demo", "look_alike": "demo", "mode": "pypi-cache"}
    demo |= {"status": "active", "serial": 0, "created_at": AT, "size_bytes": 0}
    token = {"user_id": 1, "projects": [], "created_at": AT, "label": "", "scopes": ["manage"]}
    plan = {"id": 3, "project_id": 1, "purpose": "history", "version": "", "state": "planned", "tries": 1}
    plan |= {"asked_by": "ada", "created_at": AT, "changed_at": AT, "problem": "", "problem_code": ""}
    item = {"rehost_id": 3, "kind": "sdist", "source": "homepage", "page_is_tls": True, "hops": HOPS}
    item |= {"page_is_loopback": False, "bytes": "here", "problem": "", "sha256": SHA256, "size_bytes": 5}
    item |= {
        "findings": [],
        "change": "new",
        "declared_sha256": "",
        "decision": "accept",
        "is_published": False,
    }
    with old_index(settings, "0003") as connection:
        insert(connection, "users", ada)
        insert(connection, "projects", demo)
        insert(
            connection,
            "sources",
            {"project_id": 1, "kind": "homepage", "url": PAGE, "added_by": "ada", "added_at": AT},
        )
        insert(
            connection,
            "tokens",
            *({**token, "id": number, "text_sha256": f"{number:064}"} for number in (7, 8)),
        )
        insert(connection, "rehosts", {**plan, "not_taken": [], "visits": []})
        for number, (claimed, is_tls, found_on, _) in enumerate(CLAIMED):
            version = f"1.{number}"
            named = {
                "id": 10 + number,
                "filename": f"demo-{version}.tar.gz",
                "version": version,
                "found_on": found_on,
            }
            told = {"claimed": claimed, "claim_is_tls": is_tls, "url": f"{PAGE}demo-{version}.tar.gz"}
            insert(connection, "rehost_items", {**item, **named, **told})
    return settings


@pytest.fixture
def tx(settings: Settings) -> Iterator[Transaction]:
    """The index after its next start."""
    with next_start(settings) as tx:
        yield tx


def test_plans_keep_their_items(tx: Transaction) -> None:
    """Every item is there with its bytes and decision, and with each digest that was claimed, by whom, and how it came."""
    rehost = tx.rehosts.find(3)
    assert rehost is not None
    items = tx.rehosts.plan(rehost).items
    assert [item.id for item in items] == [10, 11, 12]
    assert [item.claims for item in items] == [claims for *_, claims in CLAIMED]
    for item in items:
        assert item.sha256 is not None
        assert (item.bytes, item.sha256.hex, item.decision) == (Bytes.HERE, SHA256, "accept")
        assert item.hops == ((PAGE, "192.0.2.1", 200),)
        assert (item.neighbours, item.signatures, item.fetched) == ((), (), None)


def test_sources_and_tokens_are_as_they_were(tx: Transaction) -> None:
    """A source filters nothing and has no token; nobody knows by which token one was made."""
    assert list(tx.outside.sources(1)) == [Source(SourceKind.HOMEPAGE, PAGE)]
    for number in (7, 8):
        found = tx.tokens.find(number)
        assert found is not None
        assert (found[0].scopes, found[0].parent_id, found[1].name) == (
            frozenset({Scope.MANAGE}),
            None,
            "ada",
        )


def test_every_reference_still_leads_somewhere(settings: Settings) -> None:
    """Tables that were rebuilt lost no row that another one names."""
    prepare(settings)
    engine = open_engine(settings.store.database_url)
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()
