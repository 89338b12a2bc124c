"""The JSON index: golden files, the checks of standards F.3, and hostile text."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.support.index_pages import (
    PROJECT_PAGES,
    external_link,
    full_page,
    hosted_file,
    project_page,
    quarantined_page,
)

from homeport.domain.index_page import ProjectPage, file_url
from homeport.domain.project import ProjectStatus
from homeport.formats.simple_json import project_page_json

GOLDEN = Path(__file__).parent / "golden"
UPLOAD_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
PAGE_KEYS = {"meta", "name", "versions", "files", "project-status"}
FILE_KEYS = {"filename", "url", "hashes", "size", "upload-time", "requires-python", "core-metadata", "yanked"}


def read(body: bytes) -> dict[str, Any]:
    """The document, refusing duplicate keys and the numbers JSON does not have (J25)."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key is written once"
        return dict(pairs)

    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    document = json.loads(body.decode("utf-8"), object_pairs_hook=unique, parse_constant=refused)
    assert isinstance(document, dict), "J01"
    return document


def only_file(**facts: Any) -> dict[str, Any]:
    """The entry of a page's one hosted file."""
    (entry,) = read(project_page_json(project_page(hosted_file(**facts))))["files"]
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize(
    ("golden", "written"),
    [
        ("page.json", lambda: project_page_json(full_page())),
        ("quarantined.json", lambda: project_page_json(quarantined_page())),
    ],
)
def test_golden(golden: str, written: Callable[[], bytes]) -> None:
    """The bytes of a page are those kept beside this test."""
    assert written() == (GOLDEN / golden).read_bytes().rstrip(b"\n")


def test_j23_a_project_without_files_has_empty_files() -> None:
    """A project with nothing to install has an empty list, not a missing one."""
    assert read(project_page_json(project_page(versions=()))) == {
        "meta": {"api-version": "1.4", "_last-serial": 42},
        "name": "demo",
        "versions": [],
        "files": [],
    }


def test_order_is_that_of_versions_not_of_text() -> None:
    """Files and versions are in the order of PEP 440 whatever the order of the rows (H18)."""
    names = ["demo-1.9.tar.gz", "demo-1.10-py3-none-any.whl", "demo-1.10.tar.gz"]
    files = [hosted_file(name, version="1.9" if "1.9" in name else "1.10") for name in names]
    page = project_page(*reversed(files), versions=("1.10", "1.9"))
    document = read(project_page_json(page))
    assert [entry["filename"] for entry in document["files"]] == names
    assert document["versions"] == ["1.9", "1.10"]
    assert project_page_json(
        replace(page, files=tuple(files), versions=("1.9", "1.10"))
    ) == project_page_json(page)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC), "2026-01-02T03:04:05.000060Z"),
    ],
)
def test_j11_upload_time_is_utc_with_at_most_six_digits(moment: datetime, written: str) -> None:
    """Microseconds are written when there are any."""
    assert only_file(published_at=moment)["upload-time"] == written


@pytest.mark.parametrize(
    ("yanked", "written"), [(None, False), ("", True), ("broken on <3.9", "broken on <3.9")]
)
def test_j16_yanked_is_a_boolean_or_a_reason(yanked: str | None, written: bool | str) -> None:
    """A yank without reason is ``true``, never an empty text (Q03)."""
    entry = only_file(yanked=yanked)
    assert (type(entry["yanked"]), entry["yanked"]) == (type(written), written)


def test_j13_requires_python_is_plain_or_absent() -> None:
    """``requires-python`` is not escaped, and left out when there is none."""
    assert only_file(requires_python=">=3.9,<4")["requires-python"] == ">=3.9,<4"
    assert "requires-python" not in only_file()


def test_j14_core_metadata_names_the_digest_or_is_false() -> None:
    """``core-metadata`` holds the digest of the served bytes, or denies that there are any."""
    metadata = b"Metadata-Version: 2.1\n"
    digest = hashlib.sha256(metadata).hexdigest()
    assert only_file(metadata=metadata)["core-metadata"] == {"sha256": digest}
    assert only_file()["core-metadata"] is False


def test_j21_status_is_said_when_it_is_not_active() -> None:
    """A status stands at the top level, its reason only when there is one."""
    page = project_page(hosted_file())
    archived = replace(page, status=ProjectStatus.ARCHIVED)
    assert "project-status" not in read(project_page_json(page))
    assert read(project_page_json(archived))["project-status"] == {"status": "archived"}
    assert read(project_page_json(replace(archived, status_reason="done")))["project-status"] == {
        "status": "archived",
        "reason": "done",
    }


def test_q06_quarantine_offers_nothing() -> None:
    """A quarantined project shows no file, hosted or external, whatever the value holds."""
    assert read(project_page_json(quarantined_page()))["files"] == []


def test_l26_an_external_file_needs_size_and_sha256() -> None:
    """An external link is listed with size, sha256 and its own URL, or not at all."""
    known = external_link(content=b"far", requires_python=">=3.8")
    unknown_size = replace(external_link("a-1.zip", content=b"x"), size_bytes=None)
    unknown_hash = replace(external_link("b-1.zip", content=b"x"), sha256=None)
    page = replace(project_page(), external=(known, unknown_size, unknown_hash))
    assert read(project_page_json(page))["files"] == [
        {
            "filename": "demo-0.9.tar.gz",
            "url": "https://files.example.org/demo-0.9.tar.gz",
            "hashes": {"sha256": hosted_file(content=b"far").digests.sha256.hex},
            "size": 3,
            "requires-python": ">=3.8",
        }
    ]


def test_l23_a_hosted_file_hides_the_link_of_its_name() -> None:
    """One file name is listed once, as the hosted file (J22)."""
    name = "demo-1.0-py3-none-any.whl"
    page = replace(project_page(hosted_file(name)), external=(external_link(name, content=b"x"),))
    assert [entry["url"] for entry in read(project_page_json(page))["files"]] == [file_url(hosted_file(name))]


@settings(max_examples=80)
@given(PROJECT_PAGES)
def test_j25_hostile_text_survives_and_nothing_else_appears(page: ProjectPage) -> None:
    """Reading a page back gives the value, with keys, types and lengths that clients accept."""
    document = read(project_page_json(page))
    assert document.keys() <= PAGE_KEYS, "J19, J20"
    assert document["meta"] == {"api-version": "1.4", "_last-serial": page.serial}, "J02"
    assert document["name"] == page.name, "J04"
    assert sorted(document["versions"]) == sorted(page.versions), "J05"

    hosted = {entry["filename"]: entry for entry in document["files"] if entry["url"].startswith("/files/")}
    shown = page.files if page.status is not ProjectStatus.QUARANTINED else ()
    assert hosted.keys() == {file.filename for file in shown}
    for file in shown:
        entry = hosted[file.filename]
        assert entry.keys() <= FILE_KEYS, "J15"
        assert entry["hashes"] == {"sha256": file.digests.sha256.hex}, "J10"
        assert entry["size"] == file.size_bytes, "J09"
        assert UPLOAD_TIME.fullmatch(entry["upload-time"]), "J11, J12"
        assert entry.get("requires-python", "") == file.requires_python, "J13"
        assert entry["yanked"] not in {"", None}, "J16"
        assert entry["yanked"] == (False if file.yanked is None else file.yanked or True)

    names = [entry["filename"] for entry in document["files"]]
    assert len(set(names)) == len(names), "J22"
    for entry in document["files"][len(hosted) :]:
        assert entry.keys() <= {"filename", "url", "hashes", "size", "requires-python"}, "F14"
        assert entry["url"].lower().startswith(("http://", "https://"))
        assert type(entry["size"]) is int
        assert "#" not in entry["url"]


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("page", [full_page(), quarantined_page(), project_page()])
def test_j15_j17_to_j20_j26_no_other_key_anywhere(page: ProjectPage) -> None:
    """A page holds the specification's keys that we mean, ours with an underscore, and none of what never came to be.

    There are no signatures, no provenance and no namespaces here, so their keys are not there either.
    """
    meant = PAGE_KEYS | FILE_KEYS | {"api-version", "sha256", "status", "reason"}
    assert {key for key in _keys(read(project_page_json(page))) if not key.startswith("_")} <= meant


def test_j08_j09_j10_j12_what_every_hosted_file_says() -> None:
    """A hosted file has name, URL, length as a number, its digest in lower case, and the time it came."""
    content = b"many bytes"
    assert only_file(content=content) == {
        "filename": "demo-1.0-py3-none-any.whl",
        "url": f"/files/{hashlib.sha256(content).hexdigest()}/demo-1.0-py3-none-any.whl",
        "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        "size": 10,
        "upload-time": "2026-03-04T05:06:07Z",
        "core-metadata": False,
        "yanked": False,
    }
