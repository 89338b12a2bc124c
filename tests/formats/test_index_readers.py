"""Project pages read back by the readers that scripts use: any text in any field arrives as it was (standards F.3, F.4)."""

import json
import warnings
from dataclasses import replace
from datetime import UTC
from typing import Any
from urllib.parse import urljoin, urlsplit

import mousebender.simple
import pypi_simple
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.test_simple_html import seen
from tests.support.index_pages import HOSTILE_TEXT, PROJECT_PAGES, hosted_file, project_page

from homeport.domain.index_page import MetadataLink, ProjectPage, file_url
from homeport.domain.project import ProjectStatus
from homeport.domain.release import HostedFile
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json

BASE = "https://index.test/simple/demo/"


def by_pypi_simple(page: ProjectPage) -> tuple[pypi_simple.ProjectPage, pypi_simple.ProjectPage]:
    """The JSON and the HTML page, as ``pypi-simple`` reads them; it warns of versions it does not know."""
    told = json.loads(project_page_json(page))
    from_html = pypi_simple.ProjectPage.from_html("demo", project_page_html(page), BASE)
    return pypi_simple.ProjectPage.from_json_data(told, BASE), from_html


def by_mousebender(page: ProjectPage) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The files of the JSON and of the HTML page, as ``mousebender`` reads them."""
    in_json = mousebender.simple.parse_project_details(
        project_page_json(page).decode(), mousebender.simple.ACCEPT_JSON_V1, "demo"
    )
    with warnings.catch_warnings():
        # It knows HTML up to 1.1, and says so; what came since are metas.
        warnings.simplefilter("ignore", mousebender.simple.APIVersionWarning)
        in_html = mousebender.simple.parse_project_details(
            project_page_html(page).decode(), "text/html", "demo"
        )
    json_files: list[Any] = [*in_json["files"]]
    html_files: list[Any] = [*in_html["files"]]
    return json_files, html_files


def metadata_digests(file: HostedFile) -> dict[str, str] | None:
    """The digests of the metadata beside ``file``."""
    return {"sha256": file.metadata_sha256.hex} if file.metadata_sha256 else None


@settings(max_examples=60)
@given(PROJECT_PAGES)
def test_j01_to_j16_j21_j25_the_json_page_is_the_model(page: ProjectPage) -> None:
    """``pypi-simple``, which checks every type, finds in the JSON page what the model holds."""
    read, _ = by_pypi_simple(page)
    assert (read.project, read.repository_version, read.last_serial) == (page.name, "1.4", str(page.serial))
    assert read.versions is not None
    assert sorted(read.versions) == sorted(page.versions)
    is_active = page.status is ProjectStatus.ACTIVE
    assert read.status == (None if is_active else pypi_simple.ProjectStatus(page.status.value))
    assert read.status_reason == (None if is_active else page.status_reason or None)
    hosted = {package.filename: package for package in read.packages if package.upload_time is not None}
    assert hosted.keys() == {file.filename for file in page.shown_files}
    for file in page.shown_files:
        package = hosted[file.filename]
        assert package.url == urljoin(BASE, file_url(file))
        assert package.digests == {"sha256": file.digests.sha256.hex}
        assert package.size == file.size_bytes
        assert package.upload_time is not None
        assert package.upload_time.astimezone(UTC) == file.published_at
        assert package.requires_python == (file.requires_python or None)
        assert package.has_metadata is (file.metadata_sha256 is not None)
        assert package.metadata_digests == metadata_digests(file)
        assert package.is_yanked is (file.yanked is not None)
        assert package.yanked_reason == (file.yanked or None)


@settings(max_examples=60)
@given(PROJECT_PAGES)
def test_h01_to_h09_h12_h15_the_html_page_is_the_model(page: ProjectPage) -> None:
    """``pypi-simple`` finds in the HTML page what the model holds, but for what HTML cannot carry, and nothing else."""
    _, read = by_pypi_simple(page)
    assert read.repository_version == "1.4"
    is_active = page.status is ProjectStatus.ACTIVE
    assert read.status == (None if is_active else pypi_simple.ProjectStatus(page.status.value))
    assert read.status_reason == (None if is_active else seen(page.status_reason) or None)
    assert len(read.packages) == len(page.shown_files) + len(page.shown_external) + len(page.shown_links)
    for file, package in zip(page.shown_files, read.packages, strict=False):
        assert package.filename == seen(file.filename).strip()
        assert package.url == urljoin(BASE, file_url(file))
        assert package.digests == {"sha256": file.digests.sha256.hex}
        assert package.requires_python == (seen(file.requires_python) or None)
        assert package.metadata_digests == metadata_digests(file)
        assert package.yanked_reason == (None if file.yanked is None else seen(file.yanked))


@settings(max_examples=60)
@given(PROJECT_PAGES)
def test_j24_h04_both_pages_are_one_to_mousebender(page: ProjectPage) -> None:
    """``mousebender`` finds the hosted files in both pages, each under the last segment of its URL."""
    in_json, in_html = by_mousebender(page)
    named = [file.filename for file in page.shown_files]
    assert [entry["filename"] for entry in in_json[: len(named)]] == named
    assert [entry["filename"] for entry in in_html[: len(named)]] == named
    for json_entry, html_entry, file in zip(in_json, in_html, page.shown_files, strict=False):
        assert json_entry["url"] == html_entry["url"] == file_url(file)
        assert json_entry["hashes"] == html_entry["hashes"]
        assert html_entry.get("core-metadata", False) == json_entry["core-metadata"]
        assert html_entry.get("yanked", False) == (
            seen(file.yanked) or True if file.yanked is not None else False
        )


@given(st.text(max_size=20) | HOSTILE_TEXT)
def test_j16_j21_j25_h09_h12_any_reason_is_a_reason(reason: str) -> None:
    """Any text may be the reason of a yank and of a status: JSON tells it as it is, HTML as far as HTML can."""
    page = replace(
        project_page(hosted_file(yanked=reason)), status=ProjectStatus.DEPRECATED, status_reason=reason
    )
    in_json, in_html = by_pypi_simple(page)
    assert (in_json.packages[0].yanked_reason or "", in_json.status_reason or "") == (reason, reason)
    assert in_json.packages[0].is_yanked
    assert (in_html.packages[0].yanked_reason, in_html.status_reason or "") == (seen(reason), seen(reason))


@pytest.mark.parametrize("url", ["http://[", "https://[::1", "http://a]b/", "https://\u2100.example/"])
def test_a_url_that_no_client_can_split_is_left_out(url: str) -> None:
    """One URL that clients cannot split would cost them the whole page: it is not shown, everything else is."""
    with pytest.raises(ValueError, match=r"."):
        urlsplit(url)
    links = (MetadataLink("homepage", "1.0", url), MetadataLink("download", "1.0", "https://example.org/"))
    _, read = by_pypi_simple(replace(project_page(hosted_file()), links=links))
    assert [package.url for package in read.packages][1:] == ["https://example.org/"]
