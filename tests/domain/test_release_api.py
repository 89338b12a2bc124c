"""From the address that people paste to the API that lists releases, and where a list goes on."""

import pytest

from homeport.domain.errors import Invalid
from homeport.domain.link_header import next_page
from homeport.domain.release_api import asked_address, releases_api
from homeport.domain.source import Source, SourceKind
from homeport.domain.urls import Url

GITHUB, GITLAB, GITEA = SourceKind.GITHUB, SourceKind.GITLAB, SourceKind.GITEA


@pytest.mark.parametrize(
    ("kind", "pasted", "api"),
    [
        (GITHUB, "https://github.com/octo/demo", "https://api.github.com/repos/octo/demo/releases?per_page=30"),
        (GITHUB, "https://www.github.com/octo/demo.git", "https://api.github.com/repos/octo/demo/releases?per_page=30"),
        (GITHUB, "https://github.com/octo/demo/releases/tag/v1?x=1", "https://api.github.com/repos/octo/demo/releases?per_page=30"),
        (GITHUB, "https://github.com/repos/demo/x", "https://api.github.com/repos/repos/demo/releases?per_page=30"),
        (GITHUB, "https://api.github.com/repos/octo/demo", "https://api.github.com/repos/octo/demo/releases?per_page=30"),
        (GITHUB, "https://ghe.example/octo/demo/", "https://ghe.example/api/v3/repos/octo/demo/releases?per_page=30"),
        (GITHUB, "https://ghe.example/api/v3/repos/o/d/releases", "https://ghe.example/api/v3/repos/o/d/releases?per_page=30"),
        (GITHUB, "http://127.0.0.1:8080/repos/o/d/releases?x", "http://127.0.0.1:8080/repos/o/d/releases?per_page=30"),
        (GITLAB, "https://gitlab.com/group/sub/demo", "https://gitlab.com/api/v4/projects/group%2Fsub%2Fdemo/releases?per_page=30"),
        (GITLAB, "https://gl.example/g/demo.git", "https://gl.example/api/v4/projects/g%2Fdemo/releases?per_page=30"),
        (GITLAB, "https://gl.example/g/demo/-/releases", "https://gl.example/api/v4/projects/g%2Fdemo/releases?per_page=30"),
        (GITLAB, "http://localhost:9/lab/api/v4/projects/7/releases", "http://localhost:9/lab/api/v4/projects/7/releases?per_page=30"),
        (GITEA, "https://codeberg.org/me/demo", "https://codeberg.org/api/v1/repos/me/demo/releases?limit=30"),
        (GITEA, "https://git.example/me/demo/releases", "https://git.example/api/v1/repos/me/demo/releases?limit=30"),
        (GITEA, "http://[::1]:3000/git/api/v1/repos/me/demo", "http://[::1]:3000/git/api/v1/repos/me/demo/releases?limit=30"),
    ],
)  # fmt: skip
def test_addresses(kind: SourceKind, pasted: str, api: str) -> None:
    """A page of a repository, on a public host or anybody's own, and an address of the API lead to one list."""
    assert str(releases_api(kind, Url.parse(pasted))) == api
    assert asked_address(Source(kind, pasted)) == api


@pytest.mark.parametrize("url", ["https://github.com/", "https://github.com/octo", "https://x.test/?a/b"])
@pytest.mark.parametrize("kind", [GITHUB, GITLAB, GITEA])
def test_addresses_without_a_repository(kind: SourceKind, url: str) -> None:
    """What names no repository is refused with an example."""
    with pytest.raises(Invalid, match="an address like https://") as refused:
        releases_api(kind, Url.parse(url))
    assert refused.value.code == "source-no-repository"


def test_other_kinds_are_asked_at_their_address() -> None:
    """Only forges have an API elsewhere."""
    assert asked_address(Source(SourceKind.INDEX, "https://a.test/simple/")) == "https://a.test/simple/"
    assert asked_address(Source(SourceKind.LINKS, "")) == ""


BASE = "https://api.test/list?page=1"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ('<https://api.test/list?page=2>; rel="next"', "https://api.test/list?page=2"),
        ('<x?p=9>; rel="last", <?page=2>; rel="prev Next"', "https://api.test/list?page=2"),
        ("</n>; title=x; REL=next; y=z", "https://api.test/n"),
        ('<a>; rel="prev"', ""),
        ("<a>", ""),
        ('<ftp://a/>; rel="next"', ""),
        ("<" * 10_000, ""),
    ],
)
def test_link_headers(header: str, expected: str) -> None:
    """The relation ``next`` is found among others, whatever their order and case."""
    assert next_page(header, BASE) == expected
