"""Where a release's own metadata says its home page and its downloads are."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.metadata import CoreMetadata, normalized_label


def metadata(home_page: str = "", download_url: str = "", **urls: str) -> CoreMetadata:
    """Metadata with these addresses; an underscore in a label stands for a blank."""
    pairs = tuple((label.replace("_", " "), url) for label, url in urls.items())
    return CoreMetadata(
        "2.1", "demo", "1.0", home_page=home_page, download_url=download_url, project_urls=pairs
    )


@pytest.mark.parametrize(
    ("values", "homepages", "downloads"),
    [
        (metadata(), (), ()),
        (metadata("http://a.test/", "http://b.test/"), ("http://a.test/",), ("http://b.test/",)),
        (metadata("UNKNOWN", "UNKNOWN"), (), ()),
        (metadata(Homepage="http://c.test/"), ("http://c.test/",), ()),
        (
            metadata(Home_Page="http://c.test/", DOWNLOAD="http://d.test/"),
            ("http://c.test/",),
            ("http://d.test/",),
        ),
        (metadata("http://a.test/", Homepage="http://c.test/"), ("http://a.test/", "http://c.test/"), ()),
        (metadata("http://a.test/", homepage="http://a.test/"), ("http://a.test/",), ()),
        (metadata(Documentation="http://e.test/", Download_Mirror="http://f.test/"), (), ()),
        (metadata(Homepage="UNKNOWN", Download=""), (), ()),
    ],
)
def test_places(values: CoreMetadata, homepages: tuple[str, ...], downloads: tuple[str, ...]) -> None:
    """The old fields come first, then the labels of PEP 753, each address once; distutils' UNKNOWN is none."""
    assert values.homepage_urls() == homepages
    assert values.download_urls() == downloads


@pytest.mark.parametrize(
    ("version", "is_since"),
    [
        ("2.3", True),
        ("2.10", True),
        ("3.0", True),
        ("2.2", False),
        ("1.9", False),
        ("", False),
        ("2.3.1", False),
        ("x", False),
    ],
)
def test_metadata_versions_are_compared_as_numbers(version: str, is_since: bool) -> None:
    """2.10 is newer than 2.3; what is no version is older than all."""
    assert CoreMetadata(version, "demo", "1.0").is_since(2, 3) is is_since


def test_several_labels_of_one_meaning() -> None:
    """Labels that mean the same are all heard, in the order of the file."""
    urls = (("Download", "http://a.test/"), ("download:", "http://b.test/"), ("Down-Load", "http://a.test/"))
    assert CoreMetadata("2.1", "demo", "1.0", project_urls=urls).download_urls() == (
        "http://a.test/",
        "http://b.test/",
    )


@given(st.text(string.ascii_letters + string.digits + string.punctuation + " \t\n\r\v\fÉß"))
def test_label(label: str) -> None:
    """A label is compared as PEP 753 writes it: no punctuation, no white space, lower case."""
    reference = label.translate(str.maketrans("", "", string.punctuation + string.whitespace)).lower()
    assert normalized_label(label) == reference
