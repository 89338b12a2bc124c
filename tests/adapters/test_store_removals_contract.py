"""The contract of ``ports.removal_requests``: the fake and the real one, by the same words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.rehost import Purpose
from homeport.domain.removal_request import Answer, RemovalRequest
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


def asked(tx: Transaction, name: str) -> RemovalRequest:
    """A request about a project of that name."""
    project = tx.projects.add(ProjectName(name), HostingMode.CACHE, NOW)
    rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
    request = RemovalRequest(
        0, project.id, project.name.normalized, rehost.id, ("a.whl", "b.whl"), "It ended.", "ada", NOW
    )
    return tx.removal_requests.add(request)


def test_requests_wait_until_they_are_answered(store: Store) -> None:
    """A request comes back as it was made; the longest waiting is told first, and the last answered."""
    with store.write() as tx:
        one, other = asked(tx, "Demo"), asked(tx, "Other")
        assert (one.project, one.answer) == ("demo", None)
        assert tx.removal_requests.find(one.id) == one
        assert tx.removal_requests.find(other.id + 1) is None
        assert list(tx.removal_requests.waiting()) == [one, other]
        assert list(tx.removal_requests.answered(limit=5)) == []
    first = replace(
        other, answer=Answer.DECLINED, answered_by="root", answered_at=NOW, answer_reason="They are used."
    )
    later = NOW + timedelta(seconds=1)
    second = replace(
        one, answer=Answer.REMOVED, answered_by="root", answered_at=later, answer_reason="So be it."
    )
    with store.write() as tx:
        tx.removal_requests.put(first)
        tx.removal_requests.put(second)
    with store.read() as tx:
        assert list(tx.removal_requests.waiting()) == []
        assert list(tx.removal_requests.answered(limit=5)) == [second, first]
        assert list(tx.removal_requests.answered(limit=1)) == [second]
        assert list(tx.removal_requests.every(limit=5)) == [first, second]
        assert list(tx.removal_requests.every(limit=1)) == [first]
        assert list(tx.removal_requests.every(before=first.id, limit=5)) == [second]
        assert list(tx.removal_requests.every(before=second.id, limit=5)) == []
