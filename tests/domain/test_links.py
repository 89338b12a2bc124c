"""What a link is, and what becomes of it for one project."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.golden_site import GOLDEN, GOLDEN_FOUND, GOLDEN_PAGES

from homeport.domain.legacy_filename import MAX_FILENAME, MAX_PARTS, LinkKind, Reading, readings_of
from homeport.domain.links import Candidate, LeftOut, Taken, candidates_for, judge
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion
from homeport.formats.link_page import read_links

SDIST, WHEEL, EGG, WININST, DUMB, DEVELOP = LinkKind
SITE = "https://example.org/dl/"


def read(name: str) -> set[tuple[LinkKind, str, str]]:
    """The readings of a file name as plain values."""
    return {(reading.kind, reading.name, reading.version) for reading in readings_of(name)}


def decide(url: str, project: str, version: str = "") -> Taken | LeftOut:
    """The decision about a link of the site."""
    wanted = ReleaseVersion.parse_legacy(version) if version else None
    return judge(candidates_for(url if ":" in url else SITE + url), ProjectName.parse(project), wanted)


def code_of(decision: Taken | LeftOut) -> str:
    """The reason's code, or ``taken``."""
    return decision.code if isinstance(decision, LeftOut) else "taken"


@pytest.mark.parametrize("extension", [".tar.gz", ".tar.bz2", ".tar", ".zip", ".tgz"])
def test_sdist_is_split_at_every_hyphen(extension: str) -> None:
    """Each hyphen of an sdist's name may end the project's name, and so may the end."""
    assert read(f"foo-bar-2.6{extension}") == {
        (SDIST, "foo", "bar-2.6"),
        (SDIST, "foo-bar", "2.6"),
        (SDIST, "foo-bar-2.6", ""),
    }


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("foo-1.9.tar.xz", set()),
        ("foo-1.0.ZIP", set()),
        ("foo-2.3-py2.7.tar.gz", set()),
        ("foo-py2.7.zip", {(SDIST, "foo", "py2.7"), (SDIST, "foo-py2.7", "")}),
        ("foo-1.0-py3.10.zip", {(SDIST, "foo", "1.0-py3.10"), (SDIST, "foo-1.0", "py3.10"), (SDIST, "foo-1.0-py3.10", "")}),
        ("foo-2.2.linux-x86_64.tgz", {(DUMB, "foo", "2.2.linux-x86_64"), (SDIST, "foo-2.2.linux", "x86_64"), (SDIST, "foo-2.2.linux-x86_64", "")}),
        ("foo-2.2.win32.zip", {(DUMB, "foo", "2.2.win32"), (SDIST, "foo-2.2.win32", "")}),
        ("foo-2.1-py2.7.egg", {(EGG, "foo", "2.1")}),
        ("foo_bar-2.1.egg.zip", {(EGG, "foo_bar", "2.1")}),
        ("foo-bar-2.1.egg", {(EGG, "foo", "bar")}),
        ("foo-.egg", set()),
        ("foo.egg", set()),
        ("foo-1.0.win32.exe", {(WININST, "foo", "1.0"), (WININST, "foo-1.0", "")}),
        ("foo-1.0.Win-AMD64.exe", {(WININST, "foo", "1.0"), (WININST, "foo-1.0", "")}),
        ("foo-1.0.win32-py2.7.exe", {(WININST, "foo", "1.0"), (WININST, "foo-1.0", "")}),
        ("foo-1.0.win-amd64-py3.4.exe", {(WININST, "foo", "1.0"), (WININST, "foo-1.0", "")}),
        ("foo-1.0-py2.7.win32.exe", set()),
        ("foo-1.0.exe", set()),
        ("foo_bar-1.0-py3-none-any.whl", {(WHEEL, "foo_bar", "1.0")}),
        ("foo-1.0-2-py3-none-any.whl", {(WHEEL, "foo", "1.0")}),
        ("foo-bar-1.0-py3-none-any.whl", {(WHEEL, "foo-bar", "1.0")}),
        ("foo-v1-py3-none-any.whl", {(WHEEL, "foo", "v1")}),
        ("foo-1.0.whl", set()),
        ("foo.whl", set()),
        ("foo.txt", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_readings(name: str, readings: set[tuple[LinkKind, str, str]]) -> None:
    """Every kind of name is read as easy_install read it."""
    assert read(name) == readings


@pytest.mark.parametrize(
    "name", ["a" * (MAX_FILENAME - 3) + ".zip", "-".join("1" * (MAX_PARTS + 1)) + ".zip"]
)
def test_unbounded_names_are_not_read(name: str) -> None:
    """A name that no file can have, or that would cost too many readings, has none."""
    assert readings_of(name) == ()
    assert readings_of(name[1:] if len(name) > MAX_FILENAME else name[2:])


@given(st.text(max_size=80))
def test_readings_never_lose_a_character(stem: str) -> None:
    """However a name is split, name and version put together are the name again."""
    for reading in readings_of(f"{stem}.zip"):
        if reading.kind is not EGG:
            assert stem in {f"{reading.name}-{reading.version}", reading.name}


@given(st.text(max_size=200))
def test_any_text_is_a_link(text: str) -> None:
    """No text, however odd, makes the reading of links fail."""
    for candidate in candidates_for(text):
        assert candidate.url == text.partition("#")[0]


@pytest.mark.parametrize(
    ("url", "filename"),
    [
        ("https://example.org/a/foo-1.0.zip?download", "foo-1.0.zip"),
        ("https://example.org/a/foo-1.0.zip;jsessionid=1?x#y", "foo-1.0.zip"),
        ("https://example.org/a/foo%2D1.0.zip", "foo-1.0.zip"),
        ("https://example.org/a%2Ffoo-1.0.zip", "a/foo-1.0.zip"),
        ("http://sourceforge.net/projects/foo/foo-1.0.zip/download", "foo-1.0.zip"),
        ("https://example.org/foo-1.0.zip/download", None),
        ("http://downloads.sourceforge.net/foo-1.0.zip/download", None),
        ("https://example.org/?file=foo-1.0.zip", None),
        ("https://example.org/", None),
        ("https://example.org", None),
        ("http://[::1/foo-1.0.zip", None),
    ],
)
def test_file_name_of_a_url(url: str, filename: str | None) -> None:
    """The unquoted last segment is the file's name, whatever query or parameters follow it."""
    assert {candidate.filename for candidate in candidates_for(url)} == ({filename} if filename else set())


def test_quoted_fragment() -> None:
    """A quoted number sign in the name begins a fragment of its own."""
    found = candidates_for("https://example.org/foo-1.0.zip%23egg=bar-2.0")
    assert {(c.filename, c.reading.kind, c.reading.name) for c in found} == {
        ("foo-1.0.zip", SDIST, "foo"),
        ("foo-1.0.zip", SDIST, "foo-1.0"),
        ("foo-1.0.zip", DEVELOP, "bar"),
        ("foo-1.0.zip", DEVELOP, "bar-2.0"),
    }


def test_egg_fragment() -> None:
    """`#egg=` counts only when it is the whole fragment, and never for a Python-versioned binary."""
    assert [c.reading.version for c in candidates_for("https://example.org/x#egg=foo-dev")] == ["dev", ""]
    assert candidates_for("https://example.org/x#egg=foo-dev&subdirectory=y") == ()
    assert candidates_for("https://example.org/x#egg=foo-1.0-py2.7") == ()
    assert candidates_for("https://example.org/x#egg=" + "a" * 300) == ()


@pytest.mark.parametrize(
    ("fragment", "claimed"),
    [
        ("", ()),
        ("sha256=00ff", (("sha256", "00ff"),)),
        ("md5=0a&sha256=0b&md5=0c", (("md5", "0a"), ("sha256", "0b"))),
        ("sha256=ABCD", ()),
        ("SHA256=abcd", ()),
        ("sha3=abcd", ()),
        ("blake2b=abcd", ()),
    ],
)
def test_claimed_hashes(fragment: str, claimed: tuple[tuple[str, str], ...]) -> None:
    """Lower-case digests of the six known names are claims; anything else claims nothing."""
    (candidate, _) = candidates_for(f"{SITE}foo-1.0.zip#{fragment}")
    assert candidate == Candidate(f"{SITE}foo-1.0.zip", "foo-1.0.zip", Reading(SDIST, "foo", "1.0"), claimed)


def test_key_is_not_pep_503() -> None:
    """easy_install's key keeps dots and makes everything else odd a hyphen."""
    assert Reading(SDIST, "Foo__Bar.Baz+", "1").key == "foo-bar.baz-"


def test_golden_table() -> None:
    """On the pages of the golden site, the readings for `foo` are exactly those of the standard's table."""
    found = set()
    for path in GOLDEN_PAGES:
        page = GOLDEN[path].body.replace(b"{base}", b"http://site.test")
        for link in read_links(page, f"http://site.test{path}", f"http://site.test{path}", None).hrefs:
            of_foo = [c for c in candidates_for(link) if c.reading.key == "foo"]
            found |= {(c.reading.version, link.removeprefix("http://site.test")) for c in of_foo}
    assert found == GOLDEN_FOUND


@pytest.mark.parametrize("extension", [".tar.gz", ".tgz", ".zip", ".tar.bz2"])
def test_sdist_is_taken(extension: str) -> None:
    """An sdist that pip can read is taken under the exact name it has."""
    decision = decide(f"Foo_Bar-1.0{extension}#md5=00", "foo.bar")
    assert isinstance(decision, Taken)
    assert decision.candidate.claimed == (("md5", "00"),)
    assert decision.parsed.filename == f"Foo_Bar-1.0{extension}"
    assert decision.parsed.kind is FileKind.SDIST
    assert decision.parsed.project == "foo-bar"
    assert decision.parsed.version.normalized == "1.0"
    assert decision.doubt == ""


def test_wheel_is_taken() -> None:
    """Every wheel of the project is taken, for whatever platform it is."""
    decision = decide("foo_bar-1.0-cp27-cp27m-win32.whl", "Foo.Bar", "1.0.0")
    assert isinstance(decision, Taken)
    assert decision.parsed.kind is FileKind.WHEEL
    assert decision.parsed.tags == ("cp27-cp27m-win32",)


@pytest.mark.parametrize(
    ("link", "project", "version", "code"),
    [
        ("other-9.tar.gz", "foo", "", "other-project"),
        ("foo_1-1.2.zip", "foo", "", "other-project"),
        ("foo_1-1.2.zip", "foo-1", "", "taken"),
        ("foo.bar-1.2.zip", "foo-bar", "", "taken"),
        ("foo-bar-1.2.zip", "foo.bar", "", "taken"),
        ("foo-1.0-py2.7.egg", "foo", "", "egg"),
        ("foo-1.0.win32.exe", "foo", "", "wininst"),
        ("foo-2.2.macosx-10.6-intel.zip", "foo", "", "dumb-binary"),
        ("trunk/#egg=foo-dev", "foo", "", "develop-checkout"),
        ("foo.py#egg=foo-1.0", "foo", "1.0", "develop-checkout"),
        ("git+https://example.org/foo.git#egg=foo-dev", "foo", "", "develop-checkout"),
        ("foo-1.0.tar.gz#egg=foo-dev", "foo", "", "taken"),
        ("foo-1.0.tar", "foo", "", "plain-tar"),
        ("ftp://example.org/foo-1.0.zip", "foo", "", "url-scheme"),
        ("http://me:secret@example.org/foo-1.0.zip", "foo", "", "url-userinfo"),
        ("foo-1.0%2F..zip", "foo", "", "filename-invalid"),
        ("foo%201-1.0.zip", "foo-1", "", "filename-invalid"),
        ("foo-bar-2.6.tar.gz", "foo", "", "name-ambiguous"),
        ("foo-bar-2.6.tar.gz", "foo-bar", "", "taken"),
        ("foo-latest.zip", "foo", "", "version-implausible"),
        ("foo.zip", "foo", "", "version-implausible"),
        ("foo-v1.0.zip", "foo", "", "taken"),
        ("foo-2004d.zip", "foo", "", "taken"),
        ("foo-2004d.zip", "foo", "2004D", "taken"),
        ("foo-1.0.zip", "foo", "1.0.0", "taken"),
        ("foo-1.0.zip", "foo", "1.1", "other-version"),
        ("foo-1.0-py3-none-any.whl", "foo", "1.1", "other-version"),
        ("foo-bar-1.0-py3-none-any.whl", "foo-bar", "", "filename-invalid"),
        ("foo-v1-2-py3-none-any.whl", "foo-v1", "", "other-project"),
    ],
)  # fmt: skip
def test_decisions(link: str, project: str, version: str, code: str) -> None:
    """Each link is taken, or left out with the one code that says why."""
    decision = decide(link, project, version)
    assert code_of(decision) == code
    if isinstance(decision, LeftOut):
        assert (
            link.rpartition("/")[2].partition("#")[0].replace("%20", " ").replace("%2F", "/")
            in decision.sentence
        )


@pytest.mark.parametrize(
    ("link", "project", "version", "is_doubted"),
    [
        ("demo-1.0-1.tar.gz", "demo", "", True),
        ("demo-1.0-1.tar.gz", "demo", "1.0.post1", False),
        ("demo-1.0-1.tar.gz", "demo-1.0", "", True),
        ("demo-1.0-r123.tar.gz", "demo", "", False),
        ("foo-1.2-3.4.zip", "foo", "", True),
        ("foo-3-1.0.zip", "foo-3", "", False),
        ("foo-3-1.0.zip", "foo", "", True),
        ("foo-1.2-3x.zip", "foo", "", True),
        ("foo-1.0-1-py3-none-any.whl", "foo", "", False),
    ],
)
def test_ambiguous_names_are_doubted(link: str, project: str, version: str, is_doubted: bool) -> None:
    """A name that reads as two releases is taken with a doubt, unless the wanted version settles it."""
    decision = decide(link, project, version)
    assert isinstance(decision, Taken)
    assert bool(decision.doubt) is is_doubted


LABEL = st.from_regex(r"[a-z][a-z0-9]{0,5}|[0-9]{1,3}", fullmatch=True)
VERSION = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-[0-9]{1,2}|rc1|-r3)?", fullmatch=True)


@given(st.lists(LABEL, min_size=1, max_size=4), VERSION)
def test_no_sdist_is_taken_by_two_projects_without_a_doubt(labels: list[str], version: str) -> None:
    """Whoever a name may belong to, at most one project gets the file unseen (T-14)."""
    stem = "-".join([*labels, version])
    parts = stem.split("-")
    claimants = {"-".join(parts[:at]) for at in range(1, len(parts) + 1)}
    decisions = [decide(f"{stem}.tar.gz", name) for name in claimants if name[-1].isalnum()]
    assert sum(isinstance(decision, Taken) and not decision.doubt for decision in decisions) <= 1
