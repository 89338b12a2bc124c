"""Pages are rendered when something changes, as the hosting mode wants them."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from tests.support.builders import NOW, digests
from tests.support.project_lists import stored_list
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile, Origin
from homeport.flows.render_pages import put_page, render_project
from homeport.formats.accept import Form
from homeport.formats.codings import CODINGS
from homeport.ports.catalogue import Provenance
from homeport.ports.pages import Rendered

HOSTED, LISTED = "demo-1.0.tar.gz", "demo-2.0.tar.gz"
METADATA = CoreMetadata(
    "2.1",
    "demo",
    "3.0",
    home_page="https://home.test/",
    download_url="https://files.test/",
    project_urls=(("Homepage", "ftp://old.test/"),),
)


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
    file = HostedFile("demo", one, HOSTED, FileKind.SDIST, 5, digests(), NOW, Origin.UPLOAD)
    with fakes.store.write() as tx:
        tx.files.add(project.id, file, Provenance("ada"), None)
        tx.releases.put(project.id, ReleaseVersion.parse("3.0"), METADATA, replace=False, at=NOW)
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


def plain(page: Rendered) -> bytes:
    """The page without a coding."""
    return page.bodies["identity"]


def render(
    fakes: Fakes, project: Project, serial: int = 9, *, comes_or_goes: bool = False
) -> dict[Form, Rendered]:
    """Render, and take what was stored."""
    with fakes.store.write() as tx:
        render_project(tx, project, serial, comes_or_goes=comes_or_goes)
    pages = fakes.store.committed.pages
    return {"json": pages["demo", "json"], "html": pages["demo", "html"]}


def test_pypi_ext_lists_what_is_outside(fakes: Fakes, project: Project) -> None:
    """Hosted files, external links, and the anchors that crawling clients follow; a hosted file is not also a link."""
    pages = render(fakes, replace(project, mode=HostingMode.EXT))
    told: dict[str, Any] = json.loads(plain(pages["json"]))
    assert [file["filename"] for file in told["files"]] == [HOSTED, LISTED]
    assert told["files"][0]["url"].startswith("/files/")
    assert told["files"][1]["url"] == f"https://site.test/{LISTED}"
    assert told["versions"] == ["1.0", "2.0", "3.0"]
    html = plain(pages["html"]).decode()
    assert html.count(f">{HOSTED}</a>") == 1
    assert 'href="https://home.test/" rel="homepage"' in html
    assert 'href="https://files.test/" rel="download"' in html
    assert "old.test" not in html


@pytest.mark.parametrize("mode", [HostingMode.CACHE, HostingMode.ONLY])
def test_other_modes_list_what_is_here(fakes: Fakes, project: Project, mode: HostingMode) -> None:
    """Nothing on the page leads outside; versions without a file of ours are told all the same (I-08)."""
    pages = render(fakes, replace(project, mode=mode))
    told = json.loads(plain(pages["json"]))
    assert [file["filename"] for file in told["files"]] == [HOSTED]
    assert told["versions"] == ["1.0", "3.0"]
    assert b"://" not in plain(pages["json"]) + plain(pages["html"])


def test_a_quarantined_project_shows_no_files(fakes: Fakes, project: Project) -> None:
    """The page of a quarantined project says so, and offers nothing (PEP 792)."""
    pages = render(fakes, replace(project, status=ProjectStatus.QUARANTINED))
    assert json.loads(plain(pages["json"]))["files"] == []
    assert HOSTED.encode() not in plain(pages["html"])


def test_a_page_is_stored_as_it_is_sent(fakes: Fakes, project: Project) -> None:
    """Each form is there in every coding, with an ETag that names its plain bytes, and the serial of the change."""
    first = render(fakes, project, 9)
    for page in first.values():
        assert gzip.decompress(page.bodies["gzip"]) == page.bodies["identity"]
        assert zstd.decompress(page.bodies["zstd"]) == page.bodies["identity"]
        assert page.bodies.keys() == set(CODINGS)
        assert page.etag == Sha256.of(page.bodies["identity"]).hex[:32]
        assert (page.serial, page.is_private) == (9, False)
    assert first["json"].etag != first["html"].etag, "S01"
    assert render(fakes, project, 9) == first, "H18"
    assert render(fakes, project, 10)["json"].etag != first["json"].etag, "S03"
    with fakes.store.read() as tx:
        there = tx.projects.find("demo")
    assert there is not None
    assert there.serial == 10


def test_j04_to_j07_names_and_versions(fakes: Fakes, project: Project) -> None:
    """The name is that of the URL; every version is told once, as PEP 440 writes it, and those of all files are."""
    five = ReleaseVersion.parse("V5.0")
    again = HostedFile("demo", five, "demo-V5.0.zip", FileKind.SDIST, 5, digests(), NOW, Origin.UPLOAD)
    with fakes.store.write() as tx:
        tx.files.add(project.id, again, Provenance("ada"), None)
        tx.releases.put(project.id, ReleaseVersion.parse("v4.0-RC1"), METADATA, replace=False, at=NOW)
    told = json.loads(plain(render(fakes, replace(project, mode=HostingMode.EXT))["json"]))
    assert told["name"] == "demo"
    assert told["versions"] == ["1.0", "2.0", "3.0", "4.0rc1", "5.0"]


def test_a_private_page_says_so(fakes: Fakes, project: Project) -> None:
    """What only members may read is stored with that word, in both forms."""
    assert {page.is_private for page in render(fakes, replace(project, is_private=True)).values()} == {True}


def test_q03_q05_q07_q08_status_and_yank_are_on_the_page(fakes: Fakes, project: Project) -> None:
    """A marker and its reason are told in both forms, files stay listed, and a yank without a reason is one."""
    with fakes.store.write() as tx:
        tx.files.set_yanked(project.id, [HOSTED], "")
    for status in (ProjectStatus.ARCHIVED, ProjectStatus.DEPRECATED):
        pages = render(fakes, replace(project, status=status, status_reason="use <other>"))
        told = json.loads(plain(pages["json"]))
        assert told["project-status"] == {"status": status.value, "reason": "use <other>"}
        assert [file["yanked"] for file in told["files"]] == [True]
        assert b'content="use &lt;other&gt;"' in plain(pages["html"])
        assert b'data-yanked=""' in plain(pages["html"])
    assert b"project-status" not in plain(render(fakes, project)["json"])


def test_a_page_alone_leaves_serial_and_list(fakes: Fakes, project: Project) -> None:
    """Writing a page anew does not say that its project changed."""
    before = fakes.store.committed
    with fakes.store.write() as tx:
        put_page(tx, project, project.serial)
    after = fakes.store.committed
    assert (after.projects, after.segments) == (before.projects, before.segments)
    assert after.pages["demo", "json"].serial == project.serial


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"status": ProjectStatus.QUARANTINED}])
def test_q10_r01_who_goes_leaves_the_list_and_who_comes_back_is_in_it(
    fakes: Fakes, project: Project, hidden: dict[str, Any]
) -> None:
    """A project that becomes private or quarantined leaves the list with that change, and returns with another."""
    other = add_project(fakes.world, add_person(fakes.world, "bob"), "Other.One")
    gone = replace(project, **hidden)
    hide(fakes, gone)
    render(fakes, gone, 20, comes_or_goes=True)
    assert [one.name for one in stored_list(fakes.store)] == [other.name.display]
    render(fakes, gone, 21)
    assert [one.name for one in stored_list(fakes.store)] == [other.name.display]
    hide(fakes, project)
    render(fakes, project, 22, comes_or_goes=True)
    assert stored_list(fakes.store) == [
        ListedProject("demo", "demo", 22),
        ListedProject("Other.One", "other-one", other_serial(fakes)),
    ]


def test_the_list_tells_each_projects_last_change(fakes: Fakes, project: Project) -> None:
    """A change that neither brings nor takes a project is told by the JSON of the list all the same (J03)."""
    before = dict(fakes.store.committed.segments)
    render(fakes, project, 30)
    assert stored_list(fakes.store) == [ListedProject("demo", "demo", 30)]
    changed = {key for key, segment in fakes.store.committed.segments.items() if before[key] != segment}
    assert changed == {("", "json")}


def hide(fakes: Fakes, as_it_is: Project) -> None:
    """Remember who may know of the project."""
    with fakes.store.write() as tx:
        tx.projects.set_status(as_it_is.id, as_it_is.status, "")
        tx.projects.set_private(as_it_is.id, is_private=as_it_is.is_private)


def other_serial(fakes: Fakes) -> int:
    """The last change of the other project."""
    with fakes.store.read() as tx:
        other = tx.projects.find("other-one")
    assert other is not None
    return other.serial
