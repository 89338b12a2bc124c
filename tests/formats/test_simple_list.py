"""``/simple/`` out of segments: golden files, joints and empty segments, and hostile names (J03, H03)."""

import json
from collections.abc import Sequence
from pathlib import Path

import mousebender.simple
import pytest
from hypothesis import given, settings
from pypi_simple import IndexPage
from tests.formats.test_simple_html import ELEMENTS, seen
from tests.formats.test_simple_html import read as read_html
from tests.formats.test_simple_json import read as read_json
from tests.support.index_pages import GOLDEN_LIST, LIST_SEGMENTS, SERIALS
from tests.support.project_lists import gunzip_whole

from homeport.domain.index_page import ListedProject
from homeport.formats.accept import Form
from homeport.formats.deflate_segments import GzipStream
from homeport.formats.simple_list import list_pieces, segment_of

GOLDEN = Path(__file__).parent / "golden"
Segments = Sequence[Sequence[ListedProject]]


def written(segments: Segments, form: Form, serial: int = 7) -> bytes:
    """The list of those segments, as a client reads it."""
    pieces = list_pieces((segment_of(listed, form) for listed in segments), form, serial)
    return gunzip_whole(b"".join(GzipStream(pieces)))


@pytest.mark.parametrize("form", ["json", "html"])
def test_golden(form: Form) -> None:
    """The bytes of the list are those kept beside this test, whatever its segments."""
    golden = (GOLDEN / f"list.{form}").read_bytes()
    wanted = golden.rstrip(b"\n") if form == "json" else golden
    assert written(GOLDEN_LIST, form) == wanted
    assert written([[project for segment in GOLDEN_LIST for project in segment]], form) == wanted
    assert written([[], GOLDEN_LIST[0], [], [], GOLDEN_LIST[1], []], form) == wanted


@pytest.mark.parametrize("segments", [[], [[]], [[], []]])
def test_an_empty_list_is_a_list(segments: Segments) -> None:
    """Without projects the list is there all the same, in both forms."""
    assert read_json(written(segments, "json"))["projects"] == []
    assert read_html(written(segments, "html")).anchors == []


def test_no_projects_are_no_bytes() -> None:
    """A segment that everybody left costs nothing, and joins nothing."""
    assert segment_of([], "json") == segment_of([], "html") == b""


def test_a_segment_is_named_by_its_content() -> None:
    """Equal segments are equal bytes, also when they are told by an iterator (H18)."""
    for form in ("json", "html"):
        assert segment_of(iter(GOLDEN_LIST[0]), form) == segment_of(GOLDEN_LIST[0], form)


@settings(max_examples=60)
@given(LIST_SEGMENTS, SERIALS)
def test_j01_j02_j03_j25_the_list_as_json(segments: Segments, serial: int) -> None:
    """Any text in any name, in any segments: the list is one JSON object that names every project once, as it is."""
    projects = [project for segment in segments for project in segment]
    assert read_json(written(segments, "json", serial)) == {
        "meta": {"api-version": "1.4", "_last-serial": serial},
        "projects": [{"_last-serial": project.serial, "name": project.name} for project in projects],
    }


@settings(max_examples=60)
@given(LIST_SEGMENTS, SERIALS)
def test_h03_h15_the_list_as_html(segments: Segments, serial: int) -> None:
    """Any text in any name: one anchor per project, its text the name, its URL the project's page, and nothing else."""
    document = read_html(written(segments, "html", serial))
    assert document.elements <= ELEMENTS
    assert document.metas == {"pypi:repository-version": "1.4", "api-version": "2"}, "H02, H12"
    assert document.comments == [f"SERIAL {serial}"]
    assert [(anchor.text, anchor.attributes) for anchor in document.anchors] == [
        (seen(project.name), {"href": seen(f"/simple/{project.normalized}/")})
        for segment in segments
        for project in segment
    ]


@settings(max_examples=40)
@given(LIST_SEGMENTS)
def test_j24_both_forms_name_the_same_projects(segments: Segments) -> None:
    """JSON and HTML tell the same projects in the same order, to pypi-simple and mousebender too."""
    told = [project["name"] for project in read_json(written(segments, "json"))["projects"]]
    page = written(segments, "html")
    assert [anchor.text for anchor in read_html(page).anchors] == list(map(seen, told))
    assert IndexPage.from_html(page).projects == [seen(name).strip() for name in told]
    assert IndexPage.from_json_data(json.loads(written(segments, "json"))).projects == told
    listed = mousebender.simple.parse_project_index(
        written(segments, "json").decode(), mousebender.simple.ACCEPT_JSON_V1
    )
    assert [project["name"] for project in listed["projects"]] == told
