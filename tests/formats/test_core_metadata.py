"""Core metadata: what files, forms and rows say is what is read."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.archives import metadata_bytes

from homeport.domain.metadata import CoreMetadata
from homeport.formats.core_metadata import from_json, metadata_from_form, read_metadata, to_json

LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=20
).filter(lambda text: text != "UNKNOWN")
LABEL = st.text(string.ascii_letters + " ", min_size=1, max_size=12).map(str.strip).filter(bool)
URL = st.sampled_from(["https://example.org", "https://example.org/a,b", "http://files.test/?q=1"])
METADATA = st.builds(
    CoreMetadata,
    metadata_version=st.sampled_from(["1.0", "2.1", "2.4"]),
    name=st.sampled_from(["demo", "Demo.Pkg"]),
    version=st.sampled_from(["1.0", "2004d"]),
    summary=LINE | st.just(""),
    description=LINE | st.just(""),
    description_content_type=st.sampled_from(["", "text/markdown"]),
    home_page=URL | st.just(""),
    download_url=URL | st.just(""),
    project_urls=st.lists(st.tuples(LABEL, URL), max_size=3, unique_by=lambda pair: pair[0]).map(tuple),
    author=LINE | st.just(""),
    author_email=LINE | st.just(""),
    maintainer=LINE | st.just(""),
    maintainer_email=LINE | st.just(""),
    license=LINE | st.just(""),
    license_expression=st.sampled_from(["", "MIT"]),
    keywords=st.sampled_from(["", "one,two", "three"]),
    requires_python=st.sampled_from(["", ">=3.11"]),
    requires_dist=st.lists(st.sampled_from(["a>=1", "b; extra == 'x'"]), max_size=2).map(tuple),
    provides_extra=st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True).map(tuple),
    classifiers=st.lists(st.just("Topic :: Software"), max_size=2).map(tuple),
    dynamic=st.lists(st.sampled_from(["summary", "license"]), max_size=2).map(tuple),
    platforms=st.lists(st.sampled_from(["linux", "win32"]), max_size=2).map(tuple),
    license_files=st.lists(st.sampled_from(["LICENSE", "doc/NOTICE"]), max_size=2).map(tuple),
    import_names=st.lists(st.sampled_from(["demo", "demo.x; private"]), max_size=2).map(tuple),
    requires_external=st.lists(st.just("libfoo (>=2)"), max_size=1).map(tuple),
)

# The lists of METADATA by the name that one item has in a file.
LISTS = {
    "classifiers": "classifier",
    "requires_dist": "requires_dist",
    "provides_extra": "provides_extra",
    "dynamic": "dynamic",
    "platforms": "platform",
    "license_files": "license_file",
    "import_names": "import_name",
    "requires_external": "requires_external",
}


def fields_of(metadata: CoreMetadata) -> list[tuple[str, str]]:
    """The header fields of a METADATA file, but for the first three and the description."""
    texts = [
        "summary", "description_content_type", "home_page", "download_url", "author", "author_email", "maintainer",
        "maintainer_email", "license", "license_expression", "keywords", "requires_python",
    ]  # fmt: skip
    fields = [(name, str(getattr(metadata, name))) for name in texts if getattr(metadata, name)]
    fields += [("project_url", f"{label}, {url}") for label, url in metadata.project_urls]
    for plural, singular in LISTS.items():
        fields += [(singular, str(item)) for item in getattr(metadata, plural)]
    return [(_email_name(name), value) for name, value in fields]


def _email_name(field: str) -> str:
    name = "-".join(word.capitalize() for word in field.split("_"))
    return {"Home-Page": "Home-page", "Download-Url": "Download-URL"}.get(name, name)


def problem_codes(data: bytes) -> list[str]:
    """The codes of all problems."""
    return [problem.code for problem in read_metadata(data).problems]


@settings(deadline=None)
@given(METADATA)
def test_what_a_file_says_is_what_is_read(metadata: CoreMetadata) -> None:
    """read(write(x)) == x for every field a METADATA file carries."""
    data = metadata_bytes(
        metadata.name,
        metadata.version,
        metadata_version=metadata.metadata_version,
        fields=fields_of(metadata),
        body=metadata.description,
    )
    assert read_metadata(data).metadata == metadata


@given(METADATA)
def test_what_is_stored_is_what_is_read(metadata: CoreMetadata) -> None:
    """from_json(to_json(x)) == x, and what is absent takes no room."""
    values = to_json(metadata)
    assert from_json(values) == metadata
    assert all(values.values())


@given(METADATA)
def test_what_a_form_says_is_what_is_read(metadata: CoreMetadata) -> None:
    """An upload form carries the same fields, lists repeated and Project-URLs as 'label, url'."""
    form = {name: [value] for name, value in to_json(metadata).items() if isinstance(value, str)}
    form |= {singular: list(getattr(metadata, plural)) for plural, singular in LISTS.items()}
    form["project_urls"] = [f"{label}, {url}" for label, url in metadata.project_urls]
    assert metadata_from_form(form) == metadata


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_hostile_bytes_are_read_or_refused(data: bytes) -> None:
    """Any bytes give metadata or problems, never an exception."""
    for text in (data, b"Metadata-Version: 2.1\nName: a\nVersion: 1\n" + data):
        reading = read_metadata(text)
        assert reading.metadata or reading.problems


def test_forms_of_old_clients_are_read_laxly() -> None:
    """UNKNOWN is absent, singular spellings count, nothing is refused."""
    form = {
        "name": ["Demo"],
        "version": ["1.0"],
        "summary": ["UNKNOWN"],
        "home_page": [""],
        "classifier": ["Topic :: Software"],
        "project_url": ["no comma", "UNKNOWN"],
        "provides_extras": ["x"],
        "something_else": ["ignored"],
    }
    assert metadata_from_form(form) == CoreMetadata(
        "",
        "Demo",
        "1.0",
        classifiers=("Topic :: Software",),
        project_urls=(("no comma", ""),),
        provides_extra=("x",),
    )


@pytest.mark.parametrize(
    "values",
    [
        {"name": 1},
        {"requires_dist": "a"},
        {"requires_dist": [1]},
        {"project_urls": [["only a label"]]},
        {"project_urls": [["a", 1]]},
        {"project_urls": ["ab"]},
    ],
)
def test_other_json_is_refused(values: dict[str, object]) -> None:
    """What to_json never writes is a ValueError."""
    with pytest.raises(ValueError, match="to_json did not write this"):
        from_json(values)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("Description: one\n        two\n        \n          three\n", "one\ntwo\n\n  three"),
        ("Description: one\n       |two\n       |  three\n", "one\ntwo\n  three"),
        ("Description: one\n  two\n        three\n", "one\n  two\n        three"),
        ("Description: only one line\n", "only one line"),
        ("Description: one\n\ntwo\n", "one\ntwo\n"),
    ],
)
def test_description_headers_are_unfolded(header: str, text: str) -> None:
    """Old descriptions stand in a header, indented by eight blanks or a bar; readers get the text."""
    reading = read_metadata(f"Metadata-Version: 1.0\nName: demo\nVersion: 1\n{header}".encode())
    assert reading.metadata is not None
    assert reading.metadata.description == text


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [
        (b"Name: evil\n", "metadata-ambiguous metadata-incomplete"),
        (b"Metadata-Version: 2.2\n", "metadata-ambiguous metadata-version-unknown"),
        (b"Summary: a\nSummary: b\n", "metadata-duplicate-field"),
        (b"Project-URL: a, https://b.test\nProject-URL: a, https://c.test\n", "metadata-duplicate-field"),
        (b"Summary: \xff\n", "metadata-not-utf8"),
        (b"Summary: a\0\n", "metadata-nul"),
        (b"Summary: a\rKeywords: b\n", "metadata-bare-cr"),
        (b"\na\rb\n", "metadata-line-ends"),
    ],
)
def test_each_problem_has_its_code(extra: bytes, wanted: str) -> None:
    """One fault is one problem with a stable code; the rest is read all the same."""
    assert set(problem_codes(b"Metadata-Version: 2.5\nName: demo\nVersion: 1\n" + extra)) == set(
        wanted.split()
    )


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_mail_headers_are_not_followed(newline: bytes) -> None:
    """METADATA that pretends to be a mail of many parts is refused before a mail parser sees it."""
    data = newline.join(
        [b"Metadata-Version: 2.1", b"Name: a", b"Version: 1", b"content-type: multipart/mixed; boundary=x"]
    )
    reading = read_metadata(data + newline * 2 + b"--x" + newline)
    assert reading.metadata is None
    assert "metadata-is-mail" in {problem.code for problem in reading.problems}


@pytest.mark.parametrize("fields", [b"".join(b"A%d:\n" % n for n in range(300)), b"Platform: x\n" * 20_001])
def test_very_many_fields_are_not_read(fields: bytes) -> None:
    """Fields that only cost time are refused before they are parsed."""
    assert "metadata-too-many-fields" in problem_codes(
        b"Metadata-Version: 2.1\nName: a\nVersion: 1\n" + fields
    )


def test_line_ends_of_windows_are_fine() -> None:
    """METADATA written with CRLF throughout is read as any other."""
    reading = read_metadata(b"Metadata-Version: 2.1\r\nName: demo\r\nVersion: 1\r\n\r\nText.\r\n")
    assert reading.problems == ()
    assert reading.metadata is not None
    assert (reading.metadata.version, reading.metadata.description) == ("1", "Text.\r\n")


def test_licence_files_count_from_2_4_on() -> None:
    """Before 2.4 License-File was a tool's own field."""
    fields = [("License-File", "LICENSE")]
    for version, promised in (("2.1", ()), ("2.4", ("LICENSE",))):
        data = metadata_bytes("demo", "1", metadata_version=version, fields=fields)
        assert read_metadata(data).license_files == promised
