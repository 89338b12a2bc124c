"""The contract of what administrators decide: policies, proposals and freezes; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from homeport.domain.account import User
from homeport.domain.digests import Digests, Sha256
from homeport.domain.errors import Conflict
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import Decided, FrozenStatus, HostingPolicy
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.domain.project import Project
from homeport.domain.proposal import Act, Deed, ProposalState
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
FULL = HostingPolicy(
    allowed_modes=frozenset({HostingMode.ONLY, HostingMode.CACHE}),
    cache_ends_on=date(2027, 3, 31),
    lowest_evidence=Level.TLS,
    cooling_hours=24,
    two_to_unfreeze=True,
    frozen_status=FrozenStatus.LEGAL_REASONS,
)
ONE, TWO = ReleaseVersion.parse("1.0"), ReleaseVersion.parse("2.0")


def test_the_newest_policy_holds(store: Store) -> None:
    """Before anybody decides there are the defaults; what is decided comes back whole, and the rest is history."""
    with store.write() as tx:
        assert tx.policies.current() == HostingPolicy()
        assert tx.policies.newest() == Decided(0, HostingPolicy())
        assert list(tx.policies.decided(limit=9)) == []
        first = tx.policies.put(FULL, by="root", reason="Careful.", at=NOW)
        assert first == Decided(1, FULL, "root", NOW, "Careful.")
        second = tx.policies.put(HostingPolicy(), by="eve", reason="Not so.", at=NOW + DAY)
    with store.read() as tx:
        assert tx.policies.current() == HostingPolicy()
        assert tx.policies.newest() == second
        assert list(tx.policies.decided(limit=9)) == [second, first]
        assert list(tx.policies.decided(limit=1)) == [second]
        assert list(tx.policies.decided(before=second.revision, limit=9)) == [first]
        assert list(tx.policies.decided(before=first.revision, limit=9)) == []


def person(tx: Transaction, name: str) -> User:
    """An administrator."""
    return tx.users.add(name, f"{name}@example.org", None, is_admin=True, at=NOW)


def test_whose_hands_an_account_is_in(store: Store) -> None:
    """When somebody else last decided that is remembered of each account; of most there is nothing to remember."""
    with store.write() as tx:
        root = tx.users.add("root", "root@example.org", None, is_admin=True, at=NOW)
        eve = tx.users.add("eve", "eve@example.org", None, is_admin=True, at=NOW)
        assert tx.users.handed_at(eve.id) is None
        for at in (NOW, NOW + DAY):
            tx.users.put_handed(eve.id, at)
            assert tx.users.handed_at(eve.id) == at
        assert tx.users.handed_at(root.id) is None


def test_proposals(store: Store) -> None:
    """A proposal comes back whole; it is open until it ends or its time does."""
    deed = Deed(Act.DELETE, "demo", "1.0", ("demo-1.0.zip",), {"a": "b"})
    with store.write() as tx:
        root = person(tx, "root")
        assert tx.proposals.find(1) is None
        first = tx.proposals.add(deed, "A key.", by=root, at=NOW, expires_at=NOW + DAY)
        second = tx.proposals.add(deed, "Another.", by=root, at=NOW, expires_at=NOW + 2 * DAY)
        assert (first.deed, first.reason, first.user_id, first.asked_by) == (deed, "A key.", root.id, "root")
        assert list(tx.proposals.open(NOW)) == [first, second]
        assert list(tx.proposals.open(NOW + DAY)) == [second]
        ended = replace(second, end=ProposalState.REFUSED, ended_by="eve", ended_at=NOW, answer="No.")
        tx.proposals.put(ended)
    with store.read() as tx:
        assert list(tx.proposals.open(NOW)) == [first]
        assert tx.proposals.find(first.id) == first
        assert list(tx.proposals.every(limit=9)) == [ended, first]
        assert list(tx.proposals.every(limit=1)) == [ended]
        assert list(tx.proposals.every(before=ended.id, limit=9)) == [first]


def add_release(tx: Transaction, project: Project, version: ReleaseVersion, *filenames: str) -> None:
    """A release and its files."""
    metadata = CoreMetadata("2.1", "demo", version.text)
    tx.releases.put(project.id, version, metadata, replace=False, at=NOW)
    for filename in filenames:
        digests = Digests(Sha256.of(filename.encode()), "ab" * 32, "cd" * 16)
        file = HostedFile("demo", version, filename, FileKind.SDIST, 7, digests, NOW, Origin.UPLOAD)
        tx.files.add(project.id, file, Provenance("ada"), None)


def frozen_files(tx: Transaction, project: Project) -> set[str]:
    """The names of the files whose rows say that they are frozen."""
    return {file.filename for file in tx.files.of_project(project.id) if file.is_frozen}


def test_freezes(store: Store) -> None:
    """A freeze marks the rows of what it is about, and of nothing else; its end takes back what no other freeze holds."""
    with store.write() as tx:
        project = tx.projects.add(ProjectName.parse("Demo"), HostingMode.ONLY, NOW)
        add_release(tx, project, ONE, "a-1.0.zip", "b-1.0.zip")
        add_release(tx, project, TWO, "a-2.0.zip")
        file = tx.freezes.add(project.id, ONE, "a-1.0.zip", "A virus.", by="root", at=NOW)
        assert (file.project, file.version, file.filename, file.reason) == (
            "demo",
            "1.0",
            "a-1.0.zip",
            "A virus.",
        )
        assert frozen_files(tx, project) == {"a-1.0.zip"}
        assert list(tx.releases.versions(project.id)) == ["1.0", "2.0"]
        # Another spelling of the version is that version.
        release = tx.freezes.add(project.id, ReleaseVersion.parse("1"), "", "A key.", by="eve", at=NOW)
        assert frozen_files(tx, project) == {"a-1.0.zip", "b-1.0.zip"}
        assert list(tx.releases.versions(project.id)) == ["2.0"]
        found = tx.releases.find(project.id, ONE.key)
        assert found is not None
        assert found.is_frozen
        assert list(tx.freezes.of_project(project.id)) == [file, release]
        assert tx.freezes.find(project.id, ONE, "") == release
        assert tx.freezes.find(project.id, ONE, "b-1.0.zip") is None
        tx.freezes.end(release.id, by="root", at=NOW + DAY)
        assert frozen_files(tx, project) == {"a-1.0.zip"}
        assert list(tx.releases.versions(project.id)) == ["1.0", "2.0"]
    with store.read() as tx:
        ended = replace(release, ended_at=NOW + DAY, ended_by="root")
        assert list(tx.freezes.every(only_live=True, limit=9)) == [file]
        assert list(tx.freezes.every(only_live=False, limit=9)) == [ended, file]
        assert list(tx.freezes.every(only_live=False, before=release.id, limit=9)) == [file]
        assert list(tx.freezes.every(only_live=False, limit=1)) == [ended]


def test_nothing_is_frozen_twice(store: Store) -> None:
    """A second freeze of just the same is refused; after its end it can be frozen anew."""
    with store.write() as tx:
        project = tx.projects.add(ProjectName.parse("Demo"), HostingMode.ONLY, NOW)
        add_release(tx, project, ONE, "a-1.0.zip")
        freeze = tx.freezes.add(project.id, ONE, "", "A key.", by="root", at=NOW)
    with pytest.raises(Conflict) as refused, store.write() as tx:
        tx.freezes.add(project.id, ReleaseVersion.parse("1.0.0"), "", "A key.", by="root", at=NOW)
    assert refused.value.code == "frozen-already"
    with store.write() as tx:
        tx.freezes.end(freeze.id, by="root", at=NOW)
        again = tx.freezes.add(project.id, ONE, "", "A key.", by="root", at=NOW)
        assert list(tx.freezes.of_project(project.id)) == [again]


def test_lists_leave_out_what_is_frozen(store: Store) -> None:
    """What came last is told without frozen releases: of the project and of the index."""
    with store.write() as tx:
        project = tx.projects.add(ProjectName.parse("Demo"), HostingMode.ONLY, NOW)
        add_release(tx, project, ONE)
        add_release(tx, project, TWO)
        tx.freezes.add(project.id, TWO, "", "A key.", by="root", at=NOW)
        assert [one.version for one in tx.releases.latest(limit=9)] == ["1.0"]
        assert [one.version for one in tx.releases.latest_of(project.id, limit=9)] == ["1.0"]
        newest = tx.releases.newest(project.id)
        assert newest is not None
        assert newest.version == ONE
        assert [one.is_frozen for one in tx.releases.of_project(project.id)] == [False, True]
