"""Pages are rendered when something changes, as the hosting mode wants them."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import NOW, digests
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile, Origin
from homeport.flows.render_pages import render_project, render_project_list
from homeport.formats.accept import Form
from homeport.ports.catalogue import Provenance
from homeport.ports.reads import StoredPage

HOSTED, LISTED = "demo-1.0.tar.gz", "demo-2.0.tar.gz"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def project(fakes: Fakes) -> Project:
    """A project with a hosted file, two external links, one of them to that file, and a release of metadata."""
    project = add_project(fakes.world, add_person(fakes.world, "ada"))
    one, two = ReleaseVersion.parse("1.0"), ReleaseVersion.parse("2.0")
    metadata = CoreMetadata(
        "2.1",
        "demo",
        "3.0",
        home_page="https://home.test/",
        download_url="https://files.test/",
        project_urls=(("Homepage", "ftp://old.test/"),),
    )
    file = HostedFile("demo", one, HOSTED, FileKind.SDIST, 5, digests(), NOW, Origin.UPLOAD)
    with fakes.store.write() as tx:
        tx.files.add(project.id, file, Provenance("ada"), None)
        tx.releases.put(project.id, ReleaseVersion.parse("3.0"), metadata, replace=False, at=NOW)
        tx.outside.put_links(
            project.id,
            [
                ExternalLink("demo", one, HOSTED, f"https://site.test/{HOSTED}", "https://site.test/"),
                ExternalLink(
                    "demo",
                    two,
                    LISTED,
                    f"https://site.test/{LISTED}",
                    "https://site.test/",
                    3,
                    Sha256.of(b"two"),
                ),
            ],
        )
    return project


def render(fakes: Fakes, project: Project, serial: int = 9) -> dict[Form, StoredPage]:
    """Render, and take what was stored."""
    with fakes.store.write() as tx:
        render_project(tx, project, serial)
    pages = fakes.store.committed.pages
    return {"json": pages["demo", "json"], "html": pages["demo", "html"]}


def test_pypi_ext_lists_what_is_outside(fakes: Fakes, project: Project) -> None:
    """Hosted files, external links, and the anchors that crawling clients follow; a hosted file is not also a link."""
    pages = render(fakes, replace(project, mode=HostingMode.EXT))
    told: dict[str, Any] = json.loads(pages["json"].body)
    assert [file["filename"] for file in told["files"]] == [HOSTED, LISTED]
    assert told["files"][0]["url"].startswith("/files/")
    assert told["files"][1]["url"] == f"https://site.test/{LISTED}"
    assert told["versions"] == ["1.0", "2.0", "3.0"]
    html = pages["html"].body.decode()
    assert html.count(f">{HOSTED}</a>") == 1
    assert 'href="https://home.test/" rel="homepage"' in html
    assert 'href="https://files.test/" rel="download"' in html
    assert "old.test" not in html


@pytest.mark.parametrize("mode", [HostingMode.CACHE, HostingMode.ONLY])
def test_other_modes_list_what_is_here(fakes: Fakes, project: Project, mode: HostingMode) -> None:
    """Nothing on the page leads outside; versions without a file of ours are told all the same (I-08)."""
    pages = render(fakes, replace(project, mode=mode))
    told = json.loads(pages["json"].body)
    assert [file["filename"] for file in told["files"]] == [HOSTED]
    assert told["versions"] == ["1.0", "3.0"]
    assert b"://" not in pages["json"].body + pages["html"].body


def test_a_quarantined_project_shows_no_files(fakes: Fakes, project: Project) -> None:
    """The page of a quarantined project says so, and offers nothing (PEP 792)."""
    pages = render(fakes, replace(project, status=ProjectStatus.QUARANTINED))
    assert json.loads(pages["json"].body)["files"] == []
    assert HOSTED.encode() not in pages["html"].body


def test_a_page_is_stored_as_it_is_sent(fakes: Fakes, project: Project) -> None:
    """Each form has its own bytes, their compression, an ETag that names them, and the serial of the change."""
    first = render(fakes, project, 9)
    for page in first.values():
        assert gzip.decompress(page.gzipped) == page.body
        assert page.serial == 9
    assert first["json"].etag != first["html"].etag
    assert render(fakes, project, 9) == first
    assert render(fakes, project, 10)["json"].etag != first["json"].etag
    with fakes.store.read() as tx:
        there = tx.projects.find("demo")
    assert there is not None
    assert there.serial == 10


def test_the_list_names_every_visible_project(fakes: Fakes, project: Project) -> None:
    """The list is the page without a name, in both forms."""
    with fakes.store.write() as tx:
        render_project_list(tx, 12)
    pages = fakes.store.committed.pages
    assert json.loads(pages["", "json"].body)["projects"] == [{"name": "demo"}]
    assert b'href="/simple/demo/"' in pages["", "html"].body
    assert pages["", "html"].serial == 12
