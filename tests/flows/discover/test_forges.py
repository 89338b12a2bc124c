"""Forges, looked at in a simulated outside: releases page by page, private ones, limits and refusals."""

import pytest
from tests.support.places_answers import (
    gitea_release,
    github_page,
    github_release,
    gitlab_release,
    json_answer,
    sha256_of,
    wheel,
)
from tests.support.source_looks import Look, names, problems, told

from homeport.domain.source import Filters, SourceKind
from homeport.flows.crawl.visitor import CrawlLimits
from homeport.ports.fetch import Credential

API = "https://api.github.com/repos/octo/demo/releases?per_page=30"


def test_github_page_by_page(look: Look) -> None:
    """Two pages of 30 releases and 40 assets are read as their Link header says; each file has digest, size and tag."""
    first = github_page("octo/demo", [f"2.{number}" for number in range(30)], 40)
    second = github_page("octo/demo", ["1.0"], 40)
    after = "https://api.github.com/repositories/7/releases?page=2"
    look.outside.put(API, json_answer(first, ("link", f'<{after}>; rel="next", <x>; rel="last"')))
    look.outside.put(after, json_answer(second, ("link", '<x>; rel="prev"')))
    discovery = look.at(SourceKind.GITHUB, "https://github.com/octo/demo")
    assert look.outside.asked == [API, after]
    assert (len(discovery.found), problems(discovery)) == (31 * 40, [])
    found = discovery.found[0]
    assert (found.facts.tag, found.facts.size_bytes) == ("v2.0", 1_000_001)
    assert found.mentions[0].claimed == (("sha256", sha256_of(found.filename)),)
    assert (
        found.taken.candidate.url == f"https://github.com/octo/demo/releases/download/v2.0/{found.filename}"
    )


def test_full_pages_without_a_link_header(look: Look) -> None:
    """Servers that send no Link header are asked for the page behind a full one, until one is not."""
    url = "http://forge.test/api/v1/repos/me/demo/releases?limit=30"
    base = "http://forge.test"
    full = [gitea_release(base, f"1.{number}", [f"demo-1.{number}.tar.gz"]) for number in range(30)]
    look.outside.put(url, json_answer(full))
    look.outside.put(f"{url}&page=2", json_answer([gitea_release(base, "0.1", ["demo-0.1.tar.gz"])]))
    discovery = look.at(SourceKind.GITEA, "http://forge.test/me/demo")
    assert look.outside.asked == [url, f"{url}&page=2"]
    assert len(discovery.found) == 31


def test_gitlab(look: Look) -> None:
    """Links of releases are found by their own addresses; what the forge says of none is left open."""
    base = "https://gitlab.test"
    url = f"{base}/api/v4/projects/group%2Fdemo/releases?per_page=30"
    look.outside.put(
        url, json_answer([gitlab_release(base, "1.0", ["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"])])
    )
    discovery = look.at(SourceKind.GITLAB, f"{base}/group/demo")
    assert names(discovery) == ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]
    assert discovery.found[0].facts.size_bytes is None


def test_a_list_never_leads_elsewhere(look: Look) -> None:
    """A Link header to another origin is not followed: a token would be asked for there."""
    answer = json_answer(
        [github_release("octo/demo", "1.0", ["demo-1.0.zip"])], ("link", '<https://evil.test/>; rel="next"')
    )
    look.outside.put(API, answer)
    look.at(SourceKind.GITHUB, "https://github.com/octo/demo", credential=TOKEN)
    assert look.outside.asked == [API]


def test_a_list_ends_at_its_bound(look: Look) -> None:
    """So many pages of one place are read; that the rest is missing is said."""
    look.limits = CrawlLimits(pages_of_a_place=2)
    for number in (1, 2, 3):
        url = API if number == 1 else f"{API}&page={number}"
        link = ("link", f'<{API}&page={number + 1}>; rel="next"')
        look.outside.put(
            url, json_answer([github_release("octo/demo", f"{number}.0", [f"demo-{number}.0.zip"])], link)
        )
    discovery = look.at(SourceKind.GITHUB, "https://github.com/octo/demo")
    assert names(discovery) == ["demo-1.0.zip", "demo-2.0.zip"]
    assert told(discovery) == {"too-many-pages": "Not read to its end: 2 pages of this list were before it."}


TOKEN = Credential("https://api.github.com", "Authorization", "Bearer ghp_secret")


def test_private_releases(look: Look) -> None:
    """With a token, a private file is asked for where the API gives it, and the token goes to the API's origin only."""
    look.outside.put(API, json_answer([github_release("octo/demo", "1.0", ["demo-1.0.zip"])]))
    (found,) = look.at(SourceKind.GITHUB, "https://github.com/octo/demo", credential=TOKEN).found
    assert found.taken.candidate.url == "https://api.github.com/repos/octo/demo/releases/assets/1"
    assert (found.filename, found.facts.tag) == ("demo-1.0.zip", "v1.0")
    assert look.outside.requests[0].headers["authorization"] == "Bearer ghp_secret"
    assert "ghp_secret" not in repr(found)


@pytest.mark.parametrize(
    ("status", "headers", "sentence"),
    [
        (
            403,
            (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795446000")),
            "until 2026-11-23 15:00 UTC",
        ),
        (429, (("retry-after", "120"),), "for 120 seconds"),
        (429, (("ratelimit-reset", "x"),), "answers no more requests:"),
        (403, (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9" * 12)), "answers no more requests:"),
    ],
)
def test_rate_limits(look: Look, status: int, headers: tuple[tuple[str, str], ...], sentence: str) -> None:
    """A forge that wants no more requests is believed, and the visit says until when."""
    look.outside.put(API, json_answer({"message": "API rate limit exceeded"}, *headers, status=status))
    ((code, problem),) = problems(look.at(SourceKind.GITHUB, "https://github.com/octo/demo"))
    assert code == "rate-limited"
    assert sentence in problem
    assert "read token" in problem


@pytest.mark.parametrize(
    ("status", "credential", "hint"),
    [
        (404, None, "or it is private: then give the source a read token."),
        (404, TOKEN, "The site answered 404."),
        (401, TOKEN, "Its read token is not taken."),
        (403, None, "Give the source a read token."),
        (500, None, "The site answered 500."),
    ],
)
def test_refusals_of_forges(look: Look, status: int, credential: Credential | None, hint: str) -> None:
    """What a forge refuses is told with what may help."""
    look.outside.put(API, json_answer({"message": "no"}, status=status))
    ((_, problem),) = problems(
        look.at(SourceKind.GITHUB, "https://github.com/octo/demo", credential=credential)
    )
    assert problem.endswith(hint)


def test_a_page_that_is_no_api(look: Look) -> None:
    """HTML where JSON is wanted is told as that; an address without a repository is left out."""
    look.outside.put_page(API, "<p>Sign in")
    ((code, problem),) = problems(look.at(SourceKind.GITHUB, "https://github.com/octo/demo"))
    assert (code, "not JSON" in problem) == ("page-not-json", True)
    assert "source-no-repository" in told(look.at(SourceKind.GITHUB, "https://github.com/"))


def test_prereleases_and_filters(look: Look) -> None:
    """Pre-releases only when they are asked for; what filters leave out is told once, with numbers."""
    releases = [
        github_release("octo/demo", "2.0rc1", ["demo-2.0rc1.zip"], prerelease=True),
        github_release("octo/demo", "1.1", [wheel("demo", "1.1", number) for number in range(3)]),
        github_release("octo/demo", "1.0", ["demo-1.0.zip"]),
    ]
    look.outside.put(API, json_answer(releases))
    usual = look.at(SourceKind.GITHUB, "https://github.com/octo/demo")
    assert told(usual) == {"filtered": "1 file is left out by the source's filters: 1 by prereleases."}
    assert len(usual.found) == 4
    filters = Filters(prereleases=True, newest=2, platforms=("sdist", "*manylinux*"))
    some = look.at(SourceKind.GITHUB, "https://github.com/octo/demo", filters=filters)
    assert names(some) == [wheel("demo", "1.1", 0), "demo-2.0rc1.zip"]
    assert told(some)["filtered"].endswith(
        "3 files are left out by the source's filters: 2 by platforms, 1 by newest."
    )
