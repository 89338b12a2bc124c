"""The contract of ``ports.store``: one release per version, look-alikes, removals, and what is counted; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples
from tests.support.fake_store import FakeStore
from tests.support.index_pages import hosted_file
from tests.support.world import real_world

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.quota import Usage
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance, Release, Removal
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
METADATA, OTHER = CoreMetadata("2.1", "demo", "1.0"), CoreMetadata("2.1", "demo", "1.0.0", summary="Other.")
ONE, ONE_ZERO = ReleaseVersion.parse("1.0"), ReleaseVersion.parse("1.0.0")
FILE = "demo-1.0.tar.gz"


def add_project(store: Store, name: str = "demo") -> Project:
    """A project."""
    with store.write() as tx:
        return tx.projects.add(ProjectName.parse(name), HostingMode.ONLY, NOW)


def put(tx: Transaction, project: Project, file: HostedFile, by: str = "ada") -> None:
    """Host a file, and its release."""
    tx.releases.put(project.id, file.version, METADATA, replace=False, at=NOW)
    tx.files.add(project.id, file, Provenance(by), None)


# One release per version


@pytest.mark.parametrize(
    ("first", "second"), [("1.0", "1.0.0"), ("1.0.0", "1"), ("1.0c1", "1.0rc1"), ("Old-1", "old-1")]
)
def test_v53_v54_two_spellings_are_one_release(store: Store, first: str, second: str) -> None:
    """V53, V54: the second spelling is no second release, finds the first one, and is shown as it is."""
    project = add_project(store)
    one, other = ReleaseVersion.parse_legacy(first), ReleaseVersion.parse_legacy(second)
    with store.write() as tx:
        assert tx.releases.put(project.id, one, METADATA, replace=False, at=NOW)
        assert not tx.releases.put(project.id, other, OTHER, replace=False, at=LATER)
        for spelling in (first, second, one.normalized, other.normalized, one.key):
            assert tx.releases.find(project.id, spelling) == Release(one, METADATA)
            assert tx.releases.registered_at(project.id, spelling) == NOW
        assert tx.releases.put(project.id, other, OTHER, replace=True, at=LATER)
        tx.releases.set_yanked(project.id, second, "Broken.")
        assert tx.releases.find(project.id, first) == Release(one, OTHER, "Broken.")
        assert list(tx.releases.versions(project.id)) == [one.normalized]
        assert dict(tx.releases.yanks(project.id)) == {one.normalized: "Broken."}
        assert [new.version for new in tx.releases.latest(limit=9)] == [one.normalized]


def test_a_removed_release_is_nowhere(store: Store) -> None:
    """It is in no list; other releases, and other projects, keep theirs."""
    project, other = add_project(store), add_project(store, "other")
    two = ReleaseVersion.parse("2.0")
    with store.write() as tx:
        for version in (ONE, two):
            tx.releases.put(project.id, version, METADATA, replace=False, at=NOW)
        tx.releases.put(other.id, ONE, METADATA, replace=False, at=NOW)
        tx.releases.set_yanked(project.id, "1.0", "Broken.")
        tx.releases.remove(project.id, "1.0.0", LATER)
        assert tx.releases.find(project.id, "1.0") is None
        assert list(tx.releases.of_project(project.id)) == [Release(two, METADATA)]
        assert list(tx.releases.versions(project.id)) == ["2.0"]
        assert dict(tx.releases.yanks(project.id)) == {}
        assert [new.version for new in tx.releases.latest_of(project.id, limit=9)] == ["2.0"]
        assert [new.version for new in tx.releases.latest(limit=9)] == ["1.0", "2.0"]
        assert tx.releases.find(other.id, "1.0") == Release(ONE, METADATA)
        tx.releases.remove(project.id, "2.0", LATER)
        assert tx.releases.newest(project.id) is None


def test_t38_what_comes_back_is_as_old_as_it_was(store: Store) -> None:
    """T-38: a version that is put again after its removal is new in all but its age, and stands where it stood."""
    project = add_project(store)
    with store.write() as tx:
        tx.releases.put(project.id, ONE, METADATA, replace=False, at=NOW)
        tx.releases.put(project.id, ReleaseVersion.parse("2.0"), METADATA, replace=False, at=NOW)
        tx.releases.set_yanked(project.id, "1.0", "Broken.")
        tx.releases.remove(project.id, "1.0", NOW)
        assert tx.releases.registered_at(project.id, "1.0") == NOW
        assert tx.releases.put(project.id, ONE_ZERO, OTHER, replace=False, at=LATER)
        assert tx.releases.find(project.id, "1.0") == Release(ONE_ZERO, OTHER)
        assert tx.releases.registered_at(project.id, "1.0") == NOW
        assert tx.releases.registered_at(project.id, "9.0") is None
        assert list(tx.releases.versions(project.id)) == ["1.0.0", "2.0"]
        assert [new.version for new in tx.releases.latest(limit=9)] == ["2.0", "1.0.0"]


# Look-alikes


def test_v50_a_look_alike_is_found(store: Store) -> None:
    """V50: another project that looks like the name; one that may be named before one that may not."""
    hidden, listed = add_project(store, "f-00"), add_project(store, "foo")
    with store.write() as tx:
        tx.projects.set_private(hidden.id, is_private=True)
        assert tx.projects.look_alike(ProjectName.parse("F0O")) == listed
        assert tx.projects.look_alike(ProjectName.parse("foo")) == replace(hidden, is_private=True)
        tx.projects.set_status(listed.id, ProjectStatus.QUARANTINED, "x")
        found = tx.projects.look_alike(ProjectName.parse("f.o.o"))
        assert found is not None
        assert not found.is_listed
        assert tx.projects.look_alike(ProjectName.parse("food")) is None


# Removals


def test_a_removed_file_leaves_its_tombstone(store: Store) -> None:
    """It is not there, and what it was, by whom and why it went, is known; other projects' files of that name stay."""
    project, other = add_project(store), add_project(store, "other")
    file = hosted_file(FILE, content=b"one")
    with store.write() as tx:
        for of in (project, other):
            put(tx, of, replace(file, project=of.name.normalized))
        assert tx.files.removal(project.id, FILE) is None
        tx.files.remove(project.id, FILE, by="ada", reason="A secret.", at=LATER)
    with store.read() as tx:
        assert tx.files.find(project.id, FILE) is None
        assert tx.files.provenance(project.id, FILE) is None
        assert tx.files.removal(project.id, FILE) == Removal(Sha256.of(b"one"), LATER, "ada", "A secret.")
        assert tx.files.removal(other.id, FILE) is None
        assert tx.files.names(project.id) == tx.files.names(other.id) == [FILE]
        assert tx.files.is_hosted(Sha256.of(b"one")), "the other project has it"
        assert [one[0] for one in tx.files.every()] == ["other"]
        assert list(tx.files.removed_sha256()) == [Sha256.of(b"one")]


def test_a_file_comes_back_and_goes_again(store: Store) -> None:
    """The tombstone stays while the same bytes are there again, and tells of the last removal."""
    project, file = add_project(store), hosted_file(FILE, content=b"one")
    with store.write() as tx:
        put(tx, project, file)
        tx.files.remove(project.id, FILE, by="ada", reason="One.", at=NOW)
        put(tx, project, file)
        assert tx.files.find(project.id, FILE) == file
        assert tx.files.removal(project.id, FILE) == Removal(Sha256.of(b"one"), NOW, "ada", "One.")
        tx.files.remove(project.id, FILE, by="bob", reason="Two.", at=LATER)
        assert tx.files.removal(project.id, FILE) == Removal(Sha256.of(b"one"), LATER, "bob", "Two.")
        assert not tx.files.is_hosted(Sha256.of(b"one"))


# What is counted


def test_quotas_are_given_and_taken_back(store: Store) -> None:
    """A project's, and a user's, are their own; without one there is none."""
    project, other = add_project(store), add_project(store, "other")
    with store.write() as tx:
        ada, bob = (
            tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW) for name in ("ada", "bob")
        )
        tx.quotas.set_of_project(project.id, 7)
        tx.quotas.set_of_user(ada.id, 2**40)
        assert tx.quotas.of_project(project.id) == Usage(0, 7)
        assert tx.quotas.of_project(other.id) == Usage(0)
        assert tx.quotas.of_user(ada.id) == Usage(0, 2**40)
        assert tx.quotas.of_user(bob.id) == Usage(0)
        tx.quotas.set_of_project(project.id, None)
        tx.quotas.set_of_user(ada.id, None)
        assert tx.quotas.of_project(project.id) == tx.quotas.of_user(ada.id) == Usage(0)


def test_what_was_brought_home_is_nobodys_upload(store: Store) -> None:
    """A rehosted file counts for its project and the index, and not for who agreed to it."""
    project = add_project(store)
    with store.write() as tx:
        ada = tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)
        put(tx, project, replace(hosted_file(FILE, content=b"12345"), origin=Origin.REHOST))
        assert (tx.quotas.of_project(project.id), tx.quotas.of_user(ada.id)) == (Usage(5), Usage(0))
        tx.files.remove(project.id, FILE, by="ada", reason="x", at=NOW)
        assert (tx.quotas.of_project(project.id), tx.quotas.of_user(ada.id)) == (Usage(0), Usage(0))


STEPS = lists(
    tuples(sampled_from(["add", "remove", "fail"]), integers(0, 1), integers(0, 1), integers(0, 3)),
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_i17_sums_match_whatever_comes_and_goes(steps: list[tuple[str, int, int, int]]) -> None:
    """I-17: what is kept of projects, users and the index is what their files have, and never negative, in both stores."""
    with TemporaryDirectory() as folder, real_world(Path(folder)) as real:
        counts = [counted(store, steps) for store in (real.store, FakeStore())]
    for kept, there in counts:
        assert kept == there
        assert min(kept) >= 0
    assert counts[0] == counts[1]


def refuse() -> None:
    """End a transaction."""
    raise Conflict("x")


def counted(store: Store, steps: list[tuple[str, int, int, int]]) -> tuple[list[int], list[int]]:
    """Do the steps; what is kept, and what is there, of two projects, two users, and the index."""
    projects = [add_project(store, name) for name in ("one", "two")]
    with store.write() as tx:
        users = [
            tx.users.add(name, f"{name}@example.org", None, is_admin=False, at=NOW) for name in ("ada", "bob")
        ]
    uploaded: dict[tuple[int, str], str] = {}
    for what, of, by, number in steps:
        filename, name = f"demo-{number}.tar.gz", ("ada", "bob")[by]
        file = hosted_file(filename, content=b"x" * (number + 1))
        key = (projects[of].id, filename)
        try:
            with store.write() as tx:
                if what == "remove" and key in uploaded:
                    tx.files.remove(*key, by=name, reason="x", at=NOW)
                    del uploaded[key]
                elif what != "remove":
                    put(tx, projects[of], file, name)
                    if what == "fail":
                        refuse()
                    uploaded[key] = name
        except Conflict:
            assert what == "fail" or key in uploaded
    with store.read() as tx:
        kept = [tx.quotas.of_project(one.id).used_bytes for one in projects]
        kept += [tx.quotas.of_user(one.id).used_bytes for one in users]
        there = [sum(file.size_bytes for file in tx.files.of_project(one.id)) for one in projects]
        for user in ("ada", "bob"):
            files = [tx.files.find(*key) for key, by_name in uploaded.items() if by_name == user]
            there.append(sum(file.size_bytes for file in files if file))
        return [*kept, tx.files.total_bytes()], [*there, sum(size for *_, size in tx.files.every())]
