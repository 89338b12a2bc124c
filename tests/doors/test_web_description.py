"""A project's page shows the newest release's long description: as HTML where there is some, else as text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Element
from tests.support.web_index import WebIndex, web_index

from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.formats.description import render_description

README = """# demo

See [below](#use), [elsewhere](https://example.org/a?b&c), [the file](docs/use.md).

![A bird](https://pictures.example/bird.png)

## Use

| a | b |
|---|---|
| 1 | 2 |
"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with one project of ada's, demo."""
    with web_index(tmp_path) as opened:
        opened.project("demo", "ada")
        yield opened


def describe(index: WebIndex, version: str, text: str, html: str = "") -> None:
    """Register a version that says ``text``."""
    parsed = ReleaseVersion.parse(version)
    metadata = CoreMetadata("2.1", "demo", version, description=text)
    with index.world.store.write() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        tx.releases.put(project.id, parsed, metadata, replace=True, at=index.world.clock.now())
        tx.releases.set_description(project.id, parsed.key, html)


def readme(index: WebIndex) -> Element:
    """The description on the page, as what it was rendered to."""
    return index.browser().get("/project/demo/").page.the("div", **{"class": "readme"})


def test_the_newest_release_describes_the_project(index: WebIndex) -> None:
    """Headings stand below those of the page, links lead where they say, pictures are named and not loaded."""
    describe(index, "1.0", "old", "<p>old</p>")
    describe(index, "2.0", README, render_description(README, "text/markdown").html)
    shown = readme(index)
    assert [(one.name, one.attributes["id"]) for one in shown.everything() if one.name.startswith("h")] == [
        ("h3", "readme-demo"),
        ("h4", "readme-use"),
    ]
    links = {one.text: one.attributes.get("href") for one in shown.all("a")}
    assert links == {
        "below": "#readme-use",
        "elsewhere": "https://example.org/a?b&c",
        "the file": None,
        "A bird": "https://pictures.example/bird.png",
    }
    assert {one.attributes["rel"] for one in shown.all("a")} == {"nofollow ugc noopener noreferrer"}
    assert not shown.all("img")
    assert shown.the("div", **{"class": "wide"}).the("table").text == "a b 1 2"


def test_a_description_without_html_is_shown_as_text(index: WebIndex) -> None:
    """Plain text, and what nothing could render, keeps its lines and is escaped."""
    describe(index, "1.0", "one\n  <b>two</b>")
    page = index.browser().get("/project/demo/").page
    assert page.the("pre", **{"class": "description"}).parts == ["one\n  <b>two</b>"]
    assert not page.all("div", **{"class": "readme"})


def test_a_release_that_says_nothing_has_no_description(index: WebIndex) -> None:
    """No heading over nothing."""
    describe(index, "1.0", "")
    assert "Description" not in index.browser().get("/project/demo/").page.the("main").text


def test_nothing_unseen_comes_with_a_description(index: WebIndex) -> None:
    """Characters that reorder or hide what stands beside them are shown as such, in HTML as in text (T-44)."""
    text = "a\u202eb \x1b[31m \u200b"
    describe(index, "1.0", text, render_description(text, "text/markdown").html)
    assert readme(index).the("p").text == "a\ufffdb \ufffd[31m \ufffd"
