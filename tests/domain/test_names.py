"""Project names, versions and file names: what is read, what is refused, and what counts as the same."""

import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.errors import Invalid
from homeport.domain.names import (
    FileKind,
    ProjectName,
    ReleaseVersion,
    file_key,
    is_final,
    parse_filename,
    require_plain_filename,
    same_version,
    version_order,
)

project_names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,40}[A-Za-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    "name", ["a", "Z", "0", "Django", "zope.interface", "a--b", "a._-b", "3to2", "x" * 128]
)
def test_project_name(name: str) -> None:
    """A name of the living spec is read, and shown as it was written."""
    assert str(ProjectName.parse(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "-", ".", "_a", "-a", ".a", "a_", "a-", "a.", "a b", " a", "a ", "a\n", "\na", "a\r\n", "a\tb", "a\x00",
        "é", "aé", "\u017f", "a\u017fb", "\u212a", "\u0131", "\u2167", "\uff11", "a\u200bb", "a/b", "a\\b", "../a", "a+b", "a%20b", "<a>", "a~b", "x" * 129,
    ],
)  # fmt: skip
def test_no_project_name(name: str) -> None:
    """Whatever the spec's expression does not match to its very end, or is too long, is refused."""
    with pytest.raises(Invalid) as caught:
        ProjectName.parse(name)
    assert caught.value.code == "name-invalid"


@pytest.mark.parametrize(
    "name",
    [
        "friendly-bard",
        "Friendly-Bard",
        "FRIENDLY-BARD",
        "friendly.bard",
        "friendly_bard",
        "friendly--bard",
        "FrIeNdLy-._.-bArD",
    ],
)
def test_one_project_many_spellings(name: str) -> None:
    """The spellings that the specification lists as one project have one normalized form."""
    assert ProjectName.parse(name).normalized == "friendly-bard"


@given(project_names)
def test_normalizing_twice_changes_nothing(name: str) -> None:
    """The normalized form is PEP 503's, is a name itself, and is its own normalized form."""
    normalized = ProjectName.parse(name).normalized
    assert normalized == re.sub(r"[-_.]+", "-", name).lower()
    assert ProjectName.parse(normalized).normalized == normalized


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("1.0", "1.0"),
        ("1.0.0", "1.0.0"),
        ("v1.0", "1.0"),
        ("1.0RC1", "1.0rc1"),
        ("1.0-alpha.2", "1.0a2"),
        ("1.0-1", "1.0.post1"),
        ("01.02", "1.2"),
        ("2!1.0+Local.7", "2!1.0+local.7"),
        ("1.0.dev3", "1.0.dev3"),
        ("2004d", None),
        ("1.0-dev-r12", None),
        ("dev", None),
        ("1.0*", None),
        ("1.0+a+b", None),
    ],
)
def test_version(text: str, normalized: str | None) -> None:
    """A PEP 440 version is normalized; what old tools wrote is kept, and refused where a modern one is wanted."""
    version = ReleaseVersion.parse_legacy(text)
    assert str(version) == text
    if normalized is not None:
        assert version == ReleaseVersion.parse(text) == ReleaseVersion(text, normalized, is_pep440=True)
        return
    assert version == ReleaseVersion(text, text.lower(), is_pep440=False)
    with pytest.raises(Invalid) as caught:
        ReleaseVersion.parse(text)
    assert caught.value.code == "version-invalid"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1.0\n", "\n1.0", " 1.0", "1.0 ", "1 0", "1.0\x00", "1\t0", "1.0é", "\uff11.0", "1.0\u202e", "\ud800", "1" * 129,
        "1/0", "../1.0", "1\\0", ".", "..", "/",
    ],
)  # fmt: skip
def test_no_version(text: str) -> None:
    """A version is short printable ASCII and one segment of an address, also an old one."""
    with pytest.raises(Invalid) as caught:
        ReleaseVersion.parse_legacy(text)
    assert caught.value.code == "version-invalid"


@pytest.mark.parametrize("character", '<>:*?"|#%')
def test_no_version_of_a_file(character: str) -> None:
    """A version that no file's name can hold has no files: nobody looks for them, though it may have been registered once."""
    text = f"1.0{character}b"
    assert str(ReleaseVersion.parse_legacy(text)) == text
    with pytest.raises(Invalid) as caught:
        ReleaseVersion.parse_of_files(text)
    assert caught.value.code == "version-invalid"
    assert caught.value.sentence.endswith(f"the name of no file holds {character}.")


@pytest.mark.parametrize("text", ["1.0", "1!2.0+local", "2004b-final", "zzz"])
def test_a_version_of_files(text: str) -> None:
    """Old ones, which are no numbers, are some."""
    assert ReleaseVersion.parse_of_files(text) == ReleaseVersion.parse_legacy(text)


@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/\\"), min_size=3, max_size=60
    )
)
def test_normalizing_a_version_twice_changes_nothing(text: str) -> None:
    """The normalized form of any version is its own normalized form, and the same version."""
    version = ReleaseVersion.parse_legacy(text)
    again = ReleaseVersion.parse_legacy(version.normalized)
    assert again.normalized == version.normalized
    assert again.is_pep440 == version.is_pep440
    assert same_version(version.text, version.normalized)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1.0", True),
        ("1.0", "1", True),
        ("1.0", "1.0.0.0", True),
        ("1.0", "v1", True),
        ("1.0rc1", "1.0-RC.1", True),
        ("1.0.post1", "1.0-1", True),
        ("1.0", "1.0+local", False),
        ("1.0", "1!1.0", False),
        ("1.0", "1.0.1", False),
        ("10", "1", False),
        ("2004d", "2004D", True),
        ("2004d", "2004c", False),
        ("dev", "dev.0", False),
    ],
)
def test_same_version(one: str, other: str, *, same: bool) -> None:
    """Two texts name one version when PEP 440 compares them as equal; of other texts only the case is ignored."""
    assert same_version(one, other) is same
    assert same_version(other, one) is same
    keys = [ReleaseVersion.parse_legacy(text).key for text in (one, other)]
    assert (keys[0] == keys[1]) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1." + "0" * 126, "1", True),
        ("1." + "0" * 127, "1", False),
        ("1" * 5_000 + "A", "1" * 5_000 + "a", True),
        ("1" * 5_000, "1" * 4_999, False),
    ],
)
def test_what_is_longer_than_any_version_is_not_taken_apart(one: str, other: str, *, same: bool) -> None:
    """It is no other spelling of a version, also when it has more digits than Python makes a number of."""
    assert same_version(one, other) is same


@pytest.mark.parametrize(
    ("filename", "project", "version", "tags", "build"),
    [
        ("demo-1.0-py3-none-any.whl", "demo", "1.0", {"py3-none-any"}, ""),
        ("Demo_Pkg-1.0-py3-none-any.whl", "demo-pkg", "1.0", {"py3-none-any"}, ""),
        ("zope.interface-6.0-cp311-cp311-win32.whl", "zope-interface", "6.0", {"cp311-cp311-win32"}, ""),
        ("demo-1.0-2b-py3-none-any.whl", "demo", "1.0", {"py3-none-any"}, "2b"),
        ("demo-1.0-py2.py3-none-any.whl", "demo", "1.0", {"py2-none-any", "py3-none-any"}, ""),
        ("demo-1!2.0rc1+cu12.1-py3-none-any.whl", "demo", "1!2.0rc1+cu12.1", {"py3-none-any"}, ""),
    ],
)
def test_wheel_filename(filename: str, project: str, version: str, tags: set[str], build: str) -> None:
    """A wheel's name tells project, version, tags and build."""
    parsed = parse_filename(filename)
    assert parsed.filename == filename
    assert (parsed.kind, parsed.project, parsed.version.text) == (FileKind.WHEEL, project, version)
    assert (set(parsed.tags), parsed.build) == (tags, build)


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("demo-1.0.tar.gz", "demo", "1.0"),
        ("demo_pkg-1.0.post1.tar.gz", "demo-pkg", "1.0.post1"),
        ("Demo-Pkg-1.0.zip", "demo-pkg", "1.0"),
        ("demo-v1.0.tar.gz", "demo", "1.0"),
    ],
)
def test_sdist_filename(filename: str, project: str, version: str) -> None:
    """A modern sdist's name tells project and version."""
    parsed = parse_filename(filename)
    assert (parsed.kind, parsed.project, parsed.version.text) == (FileKind.SDIST, project, version)
    assert (parsed.tags, parsed.build) == ((), "")


@pytest.mark.parametrize(
    "filename",
    [
        "demo-1.0.tar.bz2", "demo-1.0.tgz", "demo-1.0.egg", "demo-1.0.exe", "demo-1.0.whl.gz", "demo-1.0", "demo.whl", "demo.zip",
        "demo-1.0.TAR.GZ", "demo-1.0-py3-none-any.WHL", "demo-1.0-py3-none.whl", "demo-x-py3-none-any.whl", "demo-x.tar.gz",
        "demo-1.0-b1-py3-none-any.whl", "de__mo-1.0-py3-none-any.whl", "-1.0-py3-none-any.whl", "-1.0.tar.gz",
        "_demo-1.0-py3-none-any.whl", "_-1.0-py3-none-any.whl", "_demo-1.0.tar.gz", "de~mo-1.0.tar.gz", "(demo)-1.0.zip",
        "demo-1.0--none-any.whl", f"demo-1{'0' * 130}-py3-none-any.whl",
    ],
)  # fmt: skip
def test_no_file_of_ours(filename: str) -> None:
    """What is neither a wheel's nor a modern sdist's name, of a project that can exist, is refused."""
    with pytest.raises(Invalid) as caught:
        parse_filename(filename)
    assert caught.value.code in {"filename-invalid", "version-invalid"}


@pytest.mark.parametrize(
    "filename",
    [
        "", ".", "..", ".demo-1.0.tar.gz", "a/demo-1.0.tar.gz", "/demo-1.0.tar.gz", "../demo-1.0.tar.gz", "a\\demo-1.0.tar.gz",
        "C:demo-1.0.tar.gz", "demo-1.0.tar.gz\n", "demo-1.0.tar.gz\x00.txt", "demo\r\n-1.0.tar.gz", "demo-1.0\u202egz.rat",
        "démo-1.0.tar.gz", "de mo-1.0.tar.gz", "demo-1.0.tar.gz#x", "demo-1.0.tar.gz?x", "demo%2f-1.0.tar.gz", 'demo"-1.0.tar.gz',
        "<demo>-1.0.tar.gz", "demo|-1.0.tar.gz", "demo*-1.0.tar.gz", "d" * 256,
    ],
)  # fmt: skip
def test_no_plain_filename(filename: str) -> None:
    """A name that could be a path, end a header, or deceive a reader is refused before it is read."""
    for read in (require_plain_filename, parse_filename):
        with pytest.raises(Invalid) as caught:
            read(filename)
        assert caught.value.code == "filename-invalid"


@given(
    st.text(
        st.sampled_from(list('ab.-_~+!/\\:*?"<>| #%\n\r\t\x00\x7f\x85\u2028\u202eé')), min_size=1, max_size=12
    )
)
def test_a_plain_filename_is_one_segment(filename: str) -> None:
    """What passes as a file name is a file name to every system, and needs no quoting in a URL's path."""
    try:
        passed = require_plain_filename(filename)
    except Invalid:
        return
    assert passed == filename
    assert PurePosixPath(passed).name == PureWindowsPath(passed).name == passed
    assert re.fullmatch(r"[a-b_~+!-][a-b._~+!-]*", passed)


def test_version_order_puts_old_texts_last() -> None:
    """Whatever is no PEP 440 version sorts before everything that is."""
    texts = ["1.0.post1", "1.0", "2004d", "1.0.dev1", "1!0.1", "zzz"]
    assert sorted(texts, key=version_order) == ["2004d", "zzz", "1.0.dev1", "1.0", "1.0.post1", "1!0.1"]


@pytest.mark.parametrize(
    ("text", "wanted"), [("1.0", True), ("1.0.post1", True), ("1.0rc1", False), ("2004d", False)]
)
def test_is_final(text: str, wanted: bool) -> None:
    """A final version is one that installers take unasked."""
    assert is_final(text) is wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("demo-1.0-py3-none-any.whl", "demo-1-py3-none-any.whl"),
        ("demo-1.0-py3-none-any.whl", "demo-1.0.0-PY3-None-any.whl"),
        ("demo-1.0-py2.py3-none-any.whl", "demo-1.0-py3.py2-none-any.whl"),
        ("demo-1.0-1-py3-none-any.whl", "demo-1.0-1-py3-none-ANY.whl"),
        ("demo-5.0.tar.gz", "Demo-5.0.0.tar.gz"),
        ("odd name.bin", "Odd Name.BIN"),
    ],
)
def test_one_file_has_one_key(one: str, other: str) -> None:
    """Two spellings that installers take for one file have one key."""
    assert file_key(one) == file_key(other)


@pytest.mark.parametrize(
    "other",
    [
        "demo-1.1-py3-none-any.whl",
        "demo-1.0-1-py3-none-any.whl",
        "demo-1.0-py2.py3-none-any.whl",
        "demo-1.0-py3-none-win32.whl",
        "demo-1.0.tar.gz",
    ],
)
def test_other_files_have_other_keys(other: str) -> None:
    """Another version, build, tag or kind is another file."""
    assert file_key(other) != file_key("demo-1.0-py3-none-any.whl")
