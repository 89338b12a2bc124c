"""The last step of every arrival: rows, pages, ledger and notices at once, or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from tests.support.builders import NOW, digests
from tests.support.invariants import broken, entries
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

from homeport.domain.account import Caller, User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.hosting import Policy
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion, file_key
from homeport.domain.project import Project
from homeport.domain.release import Origin
from homeport.flows import publish_file
from homeport.flows.publish_file import Arrival, TakenNames, already_hosted, publish_files
from homeport.flows.remove import remove
from homeport.ports.catalogue import Provenance


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """The owner."""
    return add_person(fakes.world, "ada")


@pytest.fixture
def project(fakes: Fakes, ada: User) -> Project:
    """A project without files."""
    return add_project(fakes.world, ada)


def arrival(
    fakes: Fakes, filename: str = "demo-1.0.tar.gz", body: bytes = b"one", summary: str = ""
) -> Arrival:
    """A file whose bytes are kept."""
    with fakes.blobs.receive(len(body)) as incoming:
        incoming.write(body)
        incoming.keep()
    return Arrival(
        version=ReleaseVersion.parse("1.0"),
        filename=filename,
        kind=FileKind.SDIST,
        size_bytes=len(body),
        digests=digests(body),
        metadata=CoreMetadata("2.2", "demo", "1.0", summary=summary, requires_python=">=3.9"),
        metadata_file=b"Name: demo\n",
        origin=Origin.UPLOAD,
        provenance=Provenance("ada", url="https://site.test/x"),
    )


def publish(
    fakes: Fakes, project: Project, *arrivals: Arrival, actor: str = "ada", policy: Policy | None = None
) -> tuple[str, ...]:
    """Publish in a transaction of its own, what ``actor`` brings."""
    brought = [replace(one, provenance=replace(one.provenance, published_by=actor)) for one in arrivals]
    with fakes.store.write() as tx:
        return publish_files(tx, project, brought, policy=policy or Policy(), actor=actor, at=NOW)


def test_everything_is_written_together(fakes: Fakes, project: Project, ada: User) -> None:
    """A new file has its row, its release, its record, its ledger entry, its page, and a notice to those who did not do it."""
    grant(fakes.world, project, add_person(fakes.world, "bob"))
    assert publish(fakes, project, arrival(fakes), actor="bob") == ("demo-1.0.tar.gz",)
    (entry,) = entries(fakes.store, Kind.FILE_PUBLISHED)
    ((_, record),) = fakes.store.committed.origins
    assert entry["actor"] == "bob"
    assert entry["details"] == {
        "filename": "demo-1.0.tar.gz",
        "version": "1.0",
        "sha256": Sha256.of(b"one").hex,
        "size": 3,
        "origin": "upload",
        "url": "https://site.test/x",
        "rehost": None,
        "record": record.digest.hex,
    }
    with fakes.store.read() as tx:
        file = tx.files.find(project.id, "demo-1.0.tar.gz")
        there = tx.projects.find("demo")
        (notice,) = tx.notices.of_user(ada.id, limit=9)
    assert file is not None
    assert (file.requires_python, file.metadata_sha256) == (">=3.9", Sha256.of(b"Name: demo\n"))
    assert there is not None
    assert there.serial == entry["seq"] == fakes.store.committed.pages["demo", "json"].serial
    assert (notice.subject, notice.path) == ("demo: demo-1.0.tar.gz published by bob", "/project/demo/")


def test_many_files_are_one_notice(fakes: Fakes, project: Project, ada: User) -> None:
    """Files that arrive together are told of together, and the page has the last one's serial."""
    arrivals = [arrival(fakes, f"demo-1.{n}.tar.gz", str(n).encode()) for n in range(3)]
    assert len(publish(fakes, project, *arrivals, actor="bob")) == 3
    with fakes.store.read() as tx:
        (notice,) = tx.notices.of_user(ada.id, limit=9)
    assert notice.subject == "demo: 3 files published by bob"
    assert notice.text.splitlines() == [f"- demo-1.{number}.tar.gz" for number in range(3)]
    last = entries(fakes.store, Kind.FILE_PUBLISHED)[-1]["seq"]
    assert fakes.store.committed.pages["demo", "html"].serial == last


def test_one_conflict_publishes_none(fakes: Fakes, project: Project) -> None:
    """When one name of several is taken by other bytes nothing of them is published."""
    publish(fakes, project, arrival(fakes))
    before = fakes.store.committed.snapshot()
    with pytest.raises(Conflict) as refused:
        publish(fakes, project, arrival(fakes, "demo-2.0.tar.gz", b"two"), arrival(fakes, body=b"other"))
    assert refused.value.code == "file-exists"
    assert fakes.store.committed == before


def test_what_is_there_is_not_published_again(fakes: Fakes, project: Project) -> None:
    """The same bytes under the same name are passed over; nothing at all changes nothing at all."""
    publish(fakes, project, arrival(fakes))
    before = fakes.store.committed.snapshot()
    assert publish(fakes, project, arrival(fakes)) == ()
    assert publish(fakes, project) == ()
    assert fakes.store.committed == before
    assert publish(fakes, project, arrival(fakes), arrival(fakes, "demo-2.0.tar.gz", b"two")) == (
        "demo-2.0.tar.gz",
    )


def test_the_first_metadata_of_a_release_stay(fakes: Fakes, project: Project) -> None:
    """A second file of a version leaves the metadata that the version is known by."""
    publish(fakes, project, arrival(fakes, summary="first"))
    publish(fakes, project, arrival(fakes, "demo-1.0.zip", b"two", summary="second"))
    with fakes.store.read() as tx:
        (release,) = tx.releases.of_project(project.id)
    assert release.metadata.summary == "first"


def test_a_file_may_have_no_metadata_to_serve(fakes: Fakes, project: Project) -> None:
    """Without a metadata file none is promised."""
    bare = arrival(fakes)
    with fakes.store.write() as tx:
        given = Arrival(**{**{n: getattr(bare, n) for n in bare.__dataclass_fields__}, "metadata_file": None})
        publish_files(tx, project, [given], policy=Policy(), actor="ada", at=NOW)
        file = tx.files.find(project.id, bare.filename)
    assert file is not None
    assert file.metadata_sha256 is None


def test_hosted_already(fakes: Fakes, project: Project) -> None:
    """A name is free, or has these bytes, or is a conflict."""
    publish(fakes, project, arrival(fakes))
    with fakes.store.read() as tx:
        assert not already_hosted(tx, project, "demo-2.0.tar.gz", Sha256.of(b"one"))
        assert already_hosted(tx, project, "demo-1.0.tar.gz", Sha256.of(b"one"))
        with pytest.raises(Conflict):
            already_hosted(tx, project, "demo-1.0.tar.gz", Sha256.of(b"two"))


@pytest.mark.parametrize("other", ["demo-1.0.0.tar.gz", "Demo-1.0.tar.gz", "demo-1.tar.gz"])
def test_t38_another_spelling_is_the_same_file(fakes: Fakes, project: Project, ada: User, other: str) -> None:
    """What installers take for a file that is, or was, there is refused under any spelling, whatever its bytes."""
    publish(fakes, project, arrival(fakes))
    for body in (b"one", b"two"):
        with pytest.raises(Conflict, match=r"another spelling of demo-1\.0\.tar\.gz") as refusal:
            publish(fakes, project, arrival(fakes, other, body))
        assert refusal.value.code == "file-spelled-otherwise"
    remove(fakes.world, Caller(ada), "demo", "1.0", reason="A secret.")
    with pytest.raises(Conflict, match="another spelling"):
        publish(fakes, project, arrival(fakes, other))


def test_t38_old_files_keep_their_spellings(fakes: Fakes, project: Project) -> None:
    """Files that are brought home were called as they are for years; both are hosted."""
    publish(fakes, project, arrival(fakes))
    other = replace(arrival(fakes, "Demo-1.0.tar.gz", b"two"), is_legacy=True)
    assert publish(fakes, project, other) == ("Demo-1.0.tar.gz",)


def test_t38_wheels_of_other_tags_are_other_files(fakes: Fakes, project: Project) -> None:
    """Wheels are told apart by tags and build numbers, not by how these are written."""
    publish(fakes, project, arrival(fakes, "demo-1.0-py3-none-any.whl"))
    others = ("demo-1.0-1-py3-none-any.whl", "demo-1.0-py2.py3-none-any.whl", "demo-1.1-py3-none-any.whl")
    for name in others:
        assert publish(fakes, project, arrival(fakes, name)) == (name,)
    with pytest.raises(Conflict, match="another spelling"):
        publish(fakes, project, arrival(fakes, "demo-1-PY3-None-any.whl", b"two"))


def test_each_taken_name_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files come at once: other spellings are found, and the work is that of all names, not of all pairs."""
    asked = Mock(wraps=file_key)
    monkeypatch.setattr(publish_file, "file_key", asked)
    names = TakenNames(f"demo-{number}.0-py3-none-any.whl" for number in range(100))
    found = [names.other_spelling(f"demo-{number}-py3-none-any.whl") for number in range(100)]
    assert found == [f"demo-{number}.0-py3-none-any.whl" for number in range(100)]
    assert asked.call_count == 200
    assert names.other_spelling("demo-7.0-py3-none-any.whl") == ""
    names.add("demo-7-py3-none-any.whl")
    assert names.other_spelling("demo-7.0-py3-none-any.whl") == "demo-7-py3-none-any.whl"
    assert names.other_spelling("demo-7.0-py2-none-any.whl") == ""
