"""The contract of ``ports.drafts``: drafts of decisions about plans, by fake and SQLite."""

from datetime import UTC, datetime

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
