"""The contract of ``ports.store``: releases and files."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.support.store_rows import add_project

from homeport.domain.digests import Sha256, digests_of
from homeport.domain.errors import Conflict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.rehost import Purpose
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import Provenance, Release
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
METADATA = CoreMetadata(
    metadata_version="2.4",
    name="Demo",
    version="1.0",
    summary="A démonstration with “odd” text",
    project_urls=(("Home, sweet", "https://example.org/"), ("download", "https://example.org/dl")),
    description="What it is, at *length*.",
    requires_dist=("other>=1",),
    classifiers=("Topic :: Demo",),
    dynamic=("license",),
)


def hosted(filename: str = "demo-1.0.tar.gz", body: bytes = b"body", project: str = "demo") -> HostedFile:
    """A file that says the least."""
    return HostedFile(
        project=project,
        version=ReleaseVersion.parse("1.0"),
        filename=filename,
        kind=FileKind.SDIST,
        size_bytes=len(body),
        digests=digests_of([body]),
        published_at=NOW,
        origin=Origin.UPLOAD,
    )


# Releases


def test_releases_keep_order_and_metadata(store: Store) -> None:
    """Every version is kept in the order it came, and its metadata as they were."""
    project, versions = add_project(store), [ReleaseVersion.parse_legacy(v) for v in ("2.0", "1.0", "Old-1")]
    with store.write() as tx:
        for version in versions:
            assert tx.releases.put(project.id, version, METADATA, replace=False, at=NOW)
    with store.read() as tx:
        assert list(tx.releases.of_project(project.id)) == [
            Release(version, METADATA) for version in versions
        ]
        head = replace(METADATA, description="")
        assert (head != METADATA, list(tx.releases.heads(project.id))) == (True, [head] * 3)
        assert tx.releases.find(project.id, "old-1") == Release(versions[2], METADATA)
        assert tx.releases.find(project.id, "3.0") is None
        assert tx.releases.find(project.id + 1, "2.0") is None
        assert tx.releases.newest(project.id) == Release(versions[2], METADATA)
        assert tx.releases.newest(project.id + 1) is None


def test_a_release_is_replaced_only_when_asked(store: Store) -> None:
    """The same version again changes nothing, unless other metadata shall replace what is there."""
    project, version = add_project(store), ReleaseVersion.parse("1.0")
    other = CoreMetadata("1.0", "Demo", "1.0", summary="Another summary")
    with store.write() as tx:
        tx.releases.put(project.id, version, METADATA, replace=False, at=NOW)
        assert not tx.releases.put(project.id, version, other, replace=False, at=NOW)
        assert tx.releases.find(project.id, "1.0") == Release(version, METADATA)
        assert not tx.releases.put(project.id, version, METADATA, replace=True, at=NOW)
        assert tx.releases.put(project.id, ReleaseVersion.parse("1.0"), other, replace=True, at=NOW)
        assert list(tx.releases.of_project(project.id)) == [Release(version, other)]


def test_a_release_is_described_until_its_metadata_change(store: Store) -> None:
    """Its rendered description is kept beside its metadata, and forgotten with them."""
    project, version = add_project(store), ReleaseVersion.parse("1.0")
    with store.write() as tx:
        assert tx.releases.put(project.id, version, METADATA, replace=False, at=NOW)
        assert tx.releases.description_html(project.id, "1.0") == ""
        tx.releases.set_description(project.id, "1.0.0", "<p>ä</p>")
        assert not tx.releases.put(project.id, version, METADATA, replace=True, at=NOW)
        assert tx.releases.description_html(project.id, "1.0") == "<p>ä</p>"
        assert tx.releases.description_html(project.id, "2.0") == ""
        tx.releases.put(project.id, version, CoreMetadata("1.0", "Demo", "1.0"), replace=True, at=NOW)
        assert tx.releases.description_html(project.id, "1.0") == ""
        tx.releases.set_description(project.id, "1.0", "<p>b</p>")
        tx.releases.remove(project.id, "1.0", NOW)
        assert tx.releases.description_html(project.id, "1.0") == ""


def test_releases_are_yanked(store: Store) -> None:
    """A yank has a reason, which may be empty; it outlives new metadata, and can be taken back."""
    project, version = add_project(store), ReleaseVersion.parse("1.0")
    with store.write() as tx:
        tx.releases.put(project.id, version, METADATA, replace=False, at=NOW)
        tx.releases.put(project.id, ReleaseVersion.parse("2.0"), METADATA, replace=False, at=NOW)
        for reason in ("", "broken", None):
            tx.releases.set_yanked(project.id, "1.0", reason)
            assert tx.releases.find(project.id, "1.0") == Release(version, METADATA, reason)
            assert [one.yanked for one in tx.releases.of_project(project.id)] == [reason, None]
        tx.releases.set_yanked(project.id, "1.0", "broken")
        tx.releases.put(project.id, version, CoreMetadata("1.0", "Demo", "1.0"), replace=True, at=NOW)
        found = tx.releases.find(project.id, "1.0")
        assert found is not None
        assert found.yanked == "broken"


def test_versions_are_told_without_their_metadata(store: Store) -> None:
    """All versions of one project, normalized, in the order they came."""
    project, other = add_project(store), add_project(store, "other")
    with store.write() as tx:
        for version in ("2.0", "v1.0-RC1", "Old-1"):
            tx.releases.put(project.id, ReleaseVersion.parse_legacy(version), METADATA, replace=False, at=NOW)
        tx.releases.put(other.id, ReleaseVersion.parse("9"), METADATA, replace=False, at=NOW)
    with store.read() as tx:
        assert list(tx.releases.versions(project.id)) == ["2.0", "1.0rc1", "old-1"]
        assert list(tx.releases.versions(project.id + 9)) == []


# Files


def test_q02_files_are_yanked_again_and_again(store: Store) -> None:
    """A yank marks the files that are named, and no others; it can be taken back, and be made again."""
    project, other = add_project(store), add_project(store, "other")
    with store.write() as tx:
        for name in ("demo-1.0.tar.gz", "demo-1.0.zip"):
            tx.files.add(project.id, hosted(name), Provenance("ada"), None)
        tx.files.add(other.id, hosted("demo-1.0.tar.gz", project="other"), Provenance("ada"), None)
        for reason in ("broken", None, "", "broken & <bad>"):
            tx.files.set_yanked(project.id, ["demo-1.0.tar.gz"], reason)
            assert [file.yanked for file in tx.files.of_project(project.id)] == [reason, None]
            assert [file.yanked for file in tx.files.of_project(other.id)] == [None]
        tx.files.set_yanked(project.id, [], "nothing")
        tx.files.set_yanked(project.id, ["demo-1.0.tar.gz", "demo-1.0.zip"], "all")
        assert [file.yanked for file in tx.files.of_project(project.id)] == ["all", "all"]


def test_a_file_comes_back_as_it_was(store: Store) -> None:
    """Everything that is known of a file is kept, with where it came from."""
    project = add_project(store)
    file = HostedFile(
        project="demo",
        version=ReleaseVersion.parse_legacy("1.0-Final"),
        filename="demo-1.0-Final.tar.gz",
        kind=FileKind.SDIST,
        size_bytes=4,
        digests=digests_of([b"body"]),
        published_at=NOW,
        origin=Origin.REHOST,
        requires_python=">=2.6",
        metadata_sha256=Sha256.of(b"metadata"),
        yanked="",
        is_legacy=True,
    )
    with store.write() as tx:
        rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="ada", at=NOW, metadata=None)
        provenance = Provenance("ada", rehost.id, "https://example.org/a", "https://example.org/")
        tx.files.add(project.id, file, provenance, b"metadata")
    with store.read() as tx:
        assert tx.files.find(project.id, file.filename) == file
        assert list(tx.files.of_project(project.id)) == [file]
        assert tx.files.provenance(project.id, file.filename) == provenance
        assert tx.files.find(project.id, "other") is None
        assert tx.files.provenance(project.id, "other") is None
        assert tx.files.provenances(project.id) == {file.filename: provenance}
        assert tx.files.provenances(project.id + 1) == {}


def test_a_name_is_never_given_to_other_bytes(store: Store) -> None:
    """A second file of one name is refused, and the first stays (I-04); another project may use the name."""
    project, other = add_project(store), add_project(store, "other")
    first = hosted()
    with store.write() as tx:
        tx.files.add(project.id, first, Provenance("ada"), None)
        tx.files.add(other.id, hosted(project="other"), Provenance("ada"), None)
    with pytest.raises(Conflict) as refused, store.write() as tx:
        tx.files.add(project.id, hosted(body=b"other bytes"), Provenance("eve"), None)
    assert refused.value.code == "file-exists"
    with store.read() as tx:
        assert tx.files.find(project.id, first.filename) == first
        assert tx.files.provenance(project.id, first.filename) == Provenance("ada")


def test_every_file_of_the_index(store: Store) -> None:
    """All files are listed by project and name; a project lists its own in the order they came."""
    zeta, demo = add_project(store, "zeta"), add_project(store)
    names = ["demo-2.0.tar.gz", "demo-1.0.tar.gz"]
    with store.write() as tx:
        tx.files.add(zeta.id, hosted("zeta-1.0.tar.gz", b"zeta", "zeta"), Provenance("ada"), None)
        for name in names:
            tx.files.add(demo.id, hosted(name, name.encode()), Provenance("ada"), None)
    with store.read() as tx:
        assert [file.filename for file in tx.files.of_project(demo.id)] == names
        assert list(tx.files.every()) == [
            ("demo", names[1], Sha256.of(names[1].encode()), 15),
            ("demo", names[0], Sha256.of(names[0].encode()), 15),
            ("zeta", "zeta-1.0.tar.gz", Sha256.of(b"zeta"), 4),
        ]
