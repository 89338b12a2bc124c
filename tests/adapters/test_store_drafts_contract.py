"""The contract of ``ports.drafts``: drafts of decisions about plans, by fake and SQLite."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

from tests.support.world import Real

from homeport.adapters.db.driver import sqlite_driver, sqlite_file
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.plan_draft import NO_DRAFT, Drafted, PlanDraft
from homeport.domain.rehost import Decision
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DRAFT = PlanDraft(
    3,
    "ada",
    NOW,
    {
        "demo-1.0.tar.gz https://é.example/": Drafted(Decision.LEAVE_OUT, "", 2, "bob", NOW),
        f"demo-2.0.tar.gz {'a' * 64}": Drafted(Decision.ACCEPT, "a" * 64, 3, "ada"),
        f"demo-3.0.tar.gz {'b' * 64}": Drafted(
            Decision.LEAVE_OUT, "b" * 64, 3, "bob", NOW, "ada", NOW + timedelta(days=1)
        ),
        f"demo-4.0.tar.gz {'c' * 64}": Drafted(sha256="c" * 64, revision=3, named_by="ada", named_at=NOW),
    },
)


def test_a_draft_is_what_was_kept_last(store: Store) -> None:
    """Each project and version has its own draft: none at first, then the newest, entry by entry."""
    with store.write() as tx:
        one, two = (
            tx.projects.add(ProjectName.parse(name), HostingMode.ONLY, NOW) for name in ("one", "two")
        )
        assert tx.drafts.find(one.id, "") == NO_DRAFT
        tx.drafts.put(one.id, "", PlanDraft(1, "bob", NOW))
        tx.drafts.put(one.id, "", DRAFT)
        tx.drafts.put(one.id, "2.0", PlanDraft(1, "bob", NOW))
    with store.read() as tx:
        assert tx.drafts.of_project(one.id) == {"": DRAFT, "2.0": PlanDraft(1, "bob", NOW)}
        assert tx.drafts.of_project(two.id) == {}
        assert tx.drafts.find(one.id, "") == DRAFT
        assert tx.drafts.find(one.id, "2.0") == PlanDraft(1, "bob", NOW)
        assert tx.drafts.find(two.id, "") == NO_DRAFT


def test_what_was_saved_before_who_named_was_kept(real: Real) -> None:
    """An entry with one name is of whom it must be: who decided, who named, or of one person for both."""
    sha256, at = "a" * 64, "2026-03-04T05:06:07.891011Z"
    with real.store.write() as tx:
        project = tx.projects.add(ProjectName.parse("one"), HostingMode.ONLY, NOW)
        tx.drafts.put(project.id, "", DRAFT)
    old = {
        "decided": ["leave-out", "", 1, "ben", at],
        "named": ["undecided", sha256, 2, "mia", at],
        "both": ["accept", sha256, 3, "eve"],
    }
    with closing(sqlite_driver().connect(sqlite_file(real.database))) as raw:
        raw.execute("UPDATE plan_drafts SET entries = ?", (json.dumps(old),))
        raw.commit()
    with real.store.read() as tx:
        assert tx.drafts.find(project.id, "").entries == {
            "decided": Drafted(Decision.LEAVE_OUT, "", 1, "ben", NOW),
            "named": Drafted(Decision.UNDECIDED, sha256, 2, "", NOW, "mia", NOW),
            "both": Drafted(Decision.ACCEPT, sha256, 3, "eve", None, "eve", None),
        }
