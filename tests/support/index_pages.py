"""Builders and hostile strategies for the values of the simple API; a call says only what matters."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from homeport.domain.digests import Digests, Sha256
from homeport.domain.index_page import ListedProject, MetadataLink, ProjectPage
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile, Origin

PUBLISHED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def hosted_file(
    filename: str = "demo-1.0-py3-none-any.whl",
    *,
    version: str = "1.0",
    content: bytes = b"bytes",
    published_at: datetime = PUBLISHED,
    requires_python: str = "",
    metadata: bytes | None = None,
    yanked: str | None = None,
) -> HostedFile:
    """A hosted file whose digests are those of ``content``."""
    return HostedFile(
        project="demo",
        version=ReleaseVersion.parse_legacy(version),
        filename=filename,
        kind=FileKind.WHEEL if filename.endswith(".whl") else FileKind.SDIST,
        size_bytes=len(content),
        digests=Digests(Sha256.of(content), "b" * 64, "d" * 32),
        published_at=published_at,
        origin=Origin.UPLOAD,
        requires_python=requires_python,
        metadata_sha256=None if metadata is None else Sha256.of(metadata),
        yanked=yanked,
    )


def external_link(
    filename: str = "demo-0.9.tar.gz",
    *,
    version: str = "0.9",
    url: str = "https://files.example.org/demo-0.9.tar.gz",
    content: bytes | None = None,
    requires_python: str = "",
) -> ExternalLink:
    """An external link; its size and digest are known when ``content`` is given."""
    return ExternalLink(
        project="demo",
        version=ReleaseVersion.parse_legacy(version),
        filename=filename,
        url=url,
        found_on="https://example.org/downloads",
        size_bytes=None if content is None else len(content),
        sha256=None if content is None else Sha256.of(content),
        requires_python=requires_python,
    )


def project_page(*files: HostedFile, versions: tuple[str, ...] = ("1.0",), serial: int = 42) -> ProjectPage:
    """A page of an active project with nothing but hosted files."""
    return ProjectPage(name="demo", serial=serial, versions=versions, files=files)


def full_page() -> ProjectPage:
    """One of everything a page can hold: the golden files' subject."""
    return ProjectPage(
        name="demo",
        serial=1234,
        versions=("0.9", "1.10", "1!2.0+local.7", "1.9", "1.0-dev-r12", "0.1"),
        files=(
            hosted_file(
                "demo-1.10-py3-none-any.whl", version="1.10", requires_python=">=3.9,<4", metadata=b"m"
            ),
            hosted_file("demo-1.10.tar.gz", version="1.10", yanked='breaks "imports" & <more>'),
            hosted_file("demo-1.9.tar.gz", version="1.9", yanked=""),
            hosted_file(
                "demo-1!2.0+local.7.tar.gz",
                version="1!2.0+local.7",
                content=b"local",
                published_at=PUBLISHED.replace(microsecond=120),
            ),
            hosted_file("demo-1.0-dev-r12.tar.gz", version="1.0-dev-r12"),
        ),
        external=(
            external_link(url="https://files.example.org/demo-0.9.tar.gz#egg=demo-0.9", content=b"far"),
            external_link("demo-0.9.zip", url="https://files.example.org/demo-0.9.zip#md5=" + "0a" * 16),
            external_link("demo-1.9.tar.gz", version="1.9", url="https://files.example.org/demo-1.9.tar.gz"),
            external_link("demo-0.1.zip", version="0.1", url="javascript:alert(1)", content=b"bad"),
            external_link(
                "demo-0.1.tgz", version="0.1", url='http://old.example/?a="b"&c=<d>', requires_python="<3"
            ),
        ),
        links=(
            MetadataLink("homepage", "1.10", "https://example.org/demo#readme"),
            MetadataLink("download", "1.10", "https://example.org/demo.zip#sha256=" + "1f" * 32),
            MetadataLink("homepage", "1.9", "javascript:alert(2)"),
        ),
        status=ProjectStatus.DEPRECATED,
        status_reason="Use <b>other</b> & be happy",
    )


# What the golden lists name, in two segments.
GOLDEN_LIST = [[ListedProject("demo", "demo", 6)], [ListedProject("Foo.Bar_Baz", "foo-bar-baz", 7)]]


def quarantined_page() -> ProjectPage:
    """The full page's project, quarantined: nothing of it may be offered."""
    return replace(full_page(), status=ProjectStatus.QUARANTINED, status_reason="")


HOSTILE_TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            '"><script>alert(1)</script>',
            "' onmouseover='x",
            "</script><!--",
            "--><a href=x>y</a>",
            "&quot;&amp;&#34;",
            "]]>",
            "\x00\x85\u2028\ufffe\r\n\t",
            "\U0001f600 é ñ",
        ]
    ),
)
_SHA256 = st.binary(min_size=1, max_size=4).map(Sha256.of)
_VERSIONS = st.sampled_from(["1.0", "1.0rc1", "2!1.0+x.1", "1.0-dev-r12", "0.0.1"]).map(
    ReleaseVersion.parse_legacy
)
_URLS = st.builds(
    "{}{}".format,
    st.sampled_from(["http://a.example/", "HTTPS://b.test/", "http://[", "https://", ""]),
    HOSTILE_TEXT,
)

HOSTED_FILES = st.builds(
    HostedFile,
    project=st.just("demo"),
    version=_VERSIONS,
    filename=HOSTILE_TEXT.filter(bool),
    kind=st.sampled_from(FileKind),
    size_bytes=st.integers(0, 2**53),
    digests=st.builds(Digests, _SHA256, st.just("b" * 64), st.just("d" * 32)),
    published_at=st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)),  # noqa: DTZ001 - bound
    origin=st.sampled_from(Origin),
    requires_python=HOSTILE_TEXT,
    metadata_sha256=st.none() | _SHA256,
    yanked=st.none() | HOSTILE_TEXT,
)
EXTERNAL_LINKS = st.builds(
    ExternalLink,
    project=st.just("demo"),
    version=_VERSIONS,
    filename=HOSTILE_TEXT.filter(bool),
    url=_URLS,
    found_on=HOSTILE_TEXT,
    size_bytes=st.none() | st.integers(0, 2**53),
    sha256=st.none() | _SHA256,
    requires_python=HOSTILE_TEXT,
)
SERIALS = st.integers(0, 2**53)
PROJECT_PAGES = st.builds(
    ProjectPage,
    name=HOSTILE_TEXT,
    serial=SERIALS,
    versions=st.lists(HOSTILE_TEXT, unique=True, max_size=4).map(tuple),
    files=st.lists(HOSTED_FILES, unique_by=lambda file: file.filename, max_size=4).map(tuple),
    external=st.lists(EXTERNAL_LINKS, unique_by=lambda link: link.url, max_size=4).map(tuple),
    links=st.lists(
        st.builds(MetadataLink, st.sampled_from(["homepage", "download"]), HOSTILE_TEXT, _URLS), max_size=3
    ).map(tuple),
    status=st.sampled_from(ProjectStatus),
    status_reason=HOSTILE_TEXT,
)
# Neighbours in the list, in segments: some hold nothing.
LIST_SEGMENTS = st.lists(
    st.lists(st.builds(ListedProject, HOSTILE_TEXT, HOSTILE_TEXT, SERIALS), max_size=3), max_size=5
)
