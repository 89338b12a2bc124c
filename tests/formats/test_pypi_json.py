"""PyPI's JSON, written (S10, S11): the keys that scripts index, and any text in any field."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import digests, project

from homeport.domain.digests import Sha256
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Role
from homeport.domain.release import HostedFile, Origin
from homeport.domain.release_page import ReleasedVersion, ReleasePage
from homeport.formats.pypi_json import PypiJson, mirrored_path, stats_json

GOLDEN = Path(__file__).parent / "golden"
WRITER = PypiJson("https://index.test")
METADATA = CoreMetadata(
    metadata_version="2.4",
    name="My.Demo",
    version="1.0",
    summary="A démonstration with “odd” text",
    description="# Demo\n",
    description_content_type="text/markdown",
    home_page="https://example.org/",
    download_url="https://example.org/dl",
    project_urls=(("Homepage", "https://example.org/new"), ("Source", "https://git.example.org/")),
    author="Ada",
    author_email="ada@example.org",
    license_expression="MIT",
    keywords="birds,songs",
    requires_python=">=3.7",
    requires_dist=("other>=1",),
    provides_extra=("loud",),
    classifiers=("Topic :: Demo",),
    dynamic=("license",),
    platforms=("linux", "win32"),
    license_files=("LICENSE", "doc/NOTICE"),
)
WHEEL = HostedFile(
    project="my-demo",
    version=ReleaseVersion.parse("1.0"),
    filename="my_demo-1.0+local.1-py3-none-any.whl",
    kind=FileKind.WHEEL,
    size_bytes=5,
    digests=digests(),
    published_at=datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC),
    origin=Origin.UPLOAD,
    requires_python=">=3.7",
    metadata_sha256=Sha256.of(b"metadata"),
)
SDIST = replace(
    WHEEL,
    filename="my_demo-1.0.tar.gz",
    kind=FileKind.SDIST,
    requires_python="",
    metadata_sha256=None,
    yanked="",
)
OLD = ReleasedVersion(
    "0.9", (replace(SDIST, filename="my_demo-0.9.tar.gz", yanked="It <bites>."),), "It <bites>."
)
NEW = ReleasedVersion("1.0", (WHEEL, SDIST), None)
PAGE = ReleasePage(
    replace(project("My.Demo"), serial=42),
    NEW,
    METADATA,
    (ReleasedVersion("0.1", (), None), OLD, NEW),
    ((Role.OWNER, "ada"), (Role.MAINTAINER, "bob")),
)

# What Warehouse answers with (standards A.15), and what its ``info`` holds.
INFO_KEYS = {
    "author",
    "author_email",
    "bugtrack_url",
    "classifiers",
    "description",
    "description_content_type",
    "docs_url",
    "download_url",
    "downloads",
    "dynamic",
    "home_page",
    "keywords",
    "license",
    "license_expression",
    "license_files",
    "maintainer",
    "maintainer_email",
    "name",
    "package_url",
    "platform",
    "project_url",
    "project_urls",
    "provides_extra",
    "release_url",
    "requires_dist",
    "requires_python",
    "summary",
    "version",
    "yanked",
    "yanked_reason",
}
FILE_KEYS = {
    "comment_text",
    "core-metadata",
    "digests",
    "downloads",
    "filename",
    "has_sig",
    "md5_digest",
    "packagetype",
    "python_version",
    "requires_python",
    "size",
    "upload_time",
    "upload_time_iso_8601",
    "url",
    "yanked",
    "yanked_reason",
}


def read(written: bytes) -> dict[str, Any]:
    """The document in ``written``."""
    document: dict[str, Any] = json.loads(written)
    return document


def test_s10_the_document_is_as_it_was() -> None:
    """The bytes are those of the golden file."""
    assert WRITER.project(PAGE) == (GOLDEN / "pypi_project.json").read_bytes().rstrip(b"\n")


def test_s10_the_keys_are_pypi_s() -> None:
    """Every key is there, with something to say or without."""
    bare = replace(PAGE, metadata=CoreMetadata("1.0", "My.Demo", "1.0"), maintainers=())
    for page in (PAGE, bare):
        document = read(WRITER.project(page))
        assert set(document) == {"info", "last_serial", "ownership", "releases", "urls", "vulnerabilities"}
        assert set(document["info"]) == INFO_KEYS
        assert {frozenset(file) for files in document["releases"].values() for file in files} == {
            frozenset(FILE_KEYS)
        }


def test_s11_a_release_has_no_releases() -> None:
    """One release says the same as the project, without what the others have."""
    whole, one = read(WRITER.project(PAGE)), read(WRITER.release(PAGE))
    assert one == {key: value for key, value in whole.items() if key != "releases"}
    assert whole["releases"]["1.0"] == whole["urls"]
    assert list(whole["releases"]) == ["0.1", "0.9", "1.0"]
    assert whole["releases"]["0.1"] == []


def test_s10_a_yank_is_told_with_its_reason() -> None:
    """A yank without a reason is a yank; the release's own stands in ``info``."""
    document = read(WRITER.project(replace(PAGE, release=OLD)))
    assert (document["info"]["yanked"], document["info"]["yanked_reason"]) == (True, "It <bites>.")
    marks = {
        file["filename"]: (file["yanked"], file["yanked_reason"])
        for files in document["releases"].values()
        for file in files
    }
    assert marks == {
        "my_demo-0.9.tar.gz": (True, "It <bites>."),
        "my_demo-1.0+local.1-py3-none-any.whl": (False, None),
        "my_demo-1.0.tar.gz": (True, None),
    }


def test_s10_urls_lead_here() -> None:
    """Every URL begins with that of the index; a label of the project's own stands before that of an old field."""
    info = read(WRITER.project(PAGE))["info"]
    assert info["project_urls"] == {
        "Download": "https://example.org/dl",
        "Homepage": "https://example.org/new",
        "Source": "https://git.example.org/",
    }
    assert info["package_url"] == info["project_url"] == "https://index.test/project/my-demo/"
    assert info["release_url"] == "https://index.test/project/my-demo/#1.0"


def test_s16_a_file_s_path_is_in_pieces() -> None:
    """A mirror's folders hold few files each: the digest stands in three pieces, below ``/packages/``."""
    sha256 = WHEEL.digests.sha256.hex
    assert mirrored_path(WHEEL) == (
        f"/packages/{sha256[:2]}/{sha256[2:4]}/{sha256[4:]}/my_demo-1.0+local.1-py3-none-any.whl"
    )


TEXT = st.text(st.characters())


@given(
    st.builds(
        CoreMetadata,
        **dict.fromkeys(CoreMetadata.__dataclass_fields__, TEXT)
        | dict.fromkeys(
            ("requires_dist", "provides_extra", "classifiers", "dynamic"),
            st.lists(TEXT, max_size=2).map(tuple),
        )
        | {"project_urls": st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)},
    ),
    TEXT,
)
def test_s10_any_text_parses_back(metadata: CoreMetadata, reason: str) -> None:
    """Whatever stands in the metadata or in a reason, a reader sees it."""
    page = replace(PAGE, metadata=metadata, release=replace(NEW, yanked=reason))
    written = WRITER.project(page)
    info = read(written)["info"]
    assert written.isascii()
    assert (info["summary"], info["description"], info["author"]) == (
        metadata.summary,
        metadata.description,
        metadata.author,
    )
    assert (info["requires_dist"] or [], info["classifiers"]) == (
        list(metadata.requires_dist),
        list(metadata.classifiers),
    )
    assert (info["yanked"], info["yanked_reason"]) == (True, reason or None)


def test_stats() -> None:
    """The sum, and the largest projects by name."""
    assert read(stats_json(12, {"My.Demo": 7, "other": 5})) == {
        "total_packages_size": 12,
        "top_packages": {"My.Demo": {"size": 7}, "other": {"size": 5}},
    }
