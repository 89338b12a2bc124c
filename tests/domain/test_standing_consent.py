"""Standing consent: what it covers, how it is, when people are told of its end, and which terms may be asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import NOW, PAGE, standing

from homeport.domain.errors import Invalid
from homeport.domain.project import Role
from homeport.domain.source import MAX_PATTERNS
from homeport.domain.standing_consent import (
    MAX_HOSTS,
    STANDING_LIMIT,
    Condition,
    StandingConsent,
    host_of,
    plain_path,
    read_terms,
    reminder,
)
from homeport.domain.urls import Url

FILE = "demo-1.0.tar.gz"
TODAY = NOW.date()
NEXT_YEAR = TODAY + STANDING_LIMIT


@pytest.mark.parametrize(
    ("given_standing", "page", "filename", "covered"),
    [
        (standing("example.org"), PAGE, FILE, True),
        (standing("example.org"), "HTTPS://EXAMPLE.ORG:443/else?where", FILE, True),
        (standing("example.org"), "http://example.org/downloads", FILE, False),
        (standing("example.org"), "https://example.org:8443/downloads", FILE, False),
        (standing("example.org:8443"), "https://example.org:8443/downloads", FILE, True),
        (standing("example.org:8443"), PAGE, FILE, False),
        (standing("example.org:8443"), "http://example.org:8443/downloads", FILE, False),
        (standing("http://example.org"), "http://example.org:80/downloads", FILE, True),
        (standing("http://example.org"), PAGE, FILE, True),
        (standing("http://example.org"), "http://example.org:8080/downloads", FILE, False),
        (standing("http://example.org"), "https://example.org:8443/downloads", FILE, False),
        (standing("http://example.org:8080"), "http://example.org:8080/downloads", FILE, True),
        (standing("::1"), "https://[::1]/", FILE, True),
        (standing("[::1]:8443"), "https://[::1]:8443/", FILE, True),
        (standing("http://[::1]"), "https://[::1]/", FILE, True),
        (standing("a.test", "example.org"), PAGE, FILE, True),
        (standing("xn--bcher-kva.test"), "https://bücher.test/", FILE, True),
        (standing("a.test"), PAGE, FILE, False),
        (standing("example.org"), "https://sub.example.org/", FILE, False),
        (standing("sub.example.org"), PAGE, FILE, False),
        (standing("example.org"), "https://example.org.evil.test/", FILE, False),
        (standing("example.org"), "https://evil.test/example.org", FILE, False),
        (standing("example.org"), "https://example.org@evil.test/", FILE, False),
        (standing("example.org"), "", FILE, False),
        (standing(hosts=()), "", FILE, False),
        (standing(hosts=()), PAGE, FILE, False),
        (standing(patterns=("demo-*.tar.gz",)), PAGE, FILE, True),
        (standing(patterns=("demo-*.whl", "demo-1.?.*")), PAGE, FILE, True),
        (standing(patterns=("demo-*.whl",)), PAGE, FILE, False),
        (standing(patterns=("DEMO-*",)), PAGE, FILE, False),
        (standing(patterns=("demo",)), PAGE, FILE, False),
        (standing(patterns=()), PAGE, FILE, False),
        (standing(paths=()), PAGE, FILE, False),
    ],
)
def test_covers(given_standing: StandingConsent, page: str, filename: str, *, covered: bool) -> None:
    """A standing consent covers files whose whole name matches, on a page of one of its very hosts, schemes and ports."""
    assert (given_standing.objections(page, filename) == ()) is covered


@pytest.mark.parametrize(
    ("given_standing", "page", "objections"),
    [
        (
            standing("a.test", "b.test"),
            PAGE,
            ["example.org is none of the named hosts (a.test, b.test)"],
        ),
        (
            standing("example.org"),
            "http://example.org:8080/",
            [
                "http://example.org:8080 is none of the named hosts (example.org), where a host alone means https on port 443"
            ],
        ),
        (
            standing(patterns=("*.whl", "*.zip")),
            PAGE,
            ["its name matches none of the file patterns (*.whl, *.zip)"],
        ),
        (
            standing(paths=("/acme/*",)),
            PAGE,
            ["the path of its page, /downloads, matches none of the path patterns (/acme/*)"],
        ),
        (
            standing(paths=("/acme/*",)),
            "https://example.org/acme/..%2Fevil",
            ["servers may read the path of its page in two ways, and then no pattern but /* covers it"],
        ),
        (
            standing(hosts=(), paths=(), patterns=()),
            PAGE,
            [
                "example.org is none of the named hosts (none is)",
                "the path of its page, /downloads, matches none of the path patterns (none is)",
                "its name matches none of the file patterns (none is)",
            ],
        ),
        (
            standing(*(f"h{number}.test" for number in range(12))),
            PAGE,
            [
                "example.org is none of the named hosts ("
                + ", ".join(f"h{number}.test" for number in range(10))
                + ", and 2 more)"
            ],
        ),
        (standing(), "ftp://example.org/", ["'ftp://example.org/' is no address that could be named"]),
    ],
)
def test_every_part_that_fails_is_told(
    given_standing: StandingConsent, page: str, objections: list[str]
) -> None:
    """What is not covered is told part by part, with what each part allows, and nothing of the parts that agree."""
    assert list(given_standing.objections(page, FILE)) == objections


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/acme/", True),
        ("/acme/demo/releases", True),
        ("/acme/demo?next=/evil", True),
        ("/%61cme/demo", True),
        ("/x/../acme/demo", True),
        ("/acme/a%2Fb", True),
        ("/acme", False),
        ("/Acme/demo", False),
        ("/acmeevil/demo", False),
        ("/evil?/acme/demo", False),
        ("/evil/acme/demo", False),
        ("//acme/demo", False),
        ("/acme/../evil/demo", False),
        ("/acme/1.0/.well-known/..demo", True),
        ("/acme/..%20/evil/demo", False),
        ("/acme/.../evil/demo", False),
        ("/acme/%c0%ae%c0%ae/evil/demo", False),
        ("/acme/%2e%2e/evil/demo", False),
        ("/acme/%2E./evil/demo", False),
        ("/acme/..%2fevil/demo", False),
        ("/acme/%2e%2e%2fevil/demo", False),
        ("/acme/..%5cevil/demo", False),
        ("/acme/%252e%252e/evil/demo", False),
        ("/acme/..;/evil/demo", False),
        ("/acme/.;x=1/demo", False),
        ("/acme/%00/demo", False),
        ("/acme/a%0ab", False),
        ("/acme/%7f", False),
        ("/acme/%3b/demo", True),
        ("/acme/..%3bx/demo", False),
    ],
)
def test_paths(path: str, *, covered: bool) -> None:
    """A pattern covers what lies below it as every server reads it, and no way around: no dots, no second spelling (T-06)."""
    consent = standing(paths=("/acme/*",))
    page = f"https://example.org{path}"
    assert (consent.objections(page, FILE) == ()) is covered
    assert (standing(paths=("/other/*", "/acme/*")).objections(page, FILE) == ()) is covered
    assert standing().objections(page, FILE) == standing(paths=("*",)).objections(page, FILE) == ()


SEGMENTS = st.sampled_from(
    ["acme", "evil", "..", ".", "%2e%2e", ".%2E", "..%2f", "%2F..", "%5c..", "..;x", "%252e", ""]
)


@given(st.lists(SEGMENTS, max_size=6))
def test_no_spelling_leads_out(segments: list[str]) -> None:
    """Whatever a path below /acme/ is made of: decoded and resolved as servers do, what is covered stays below it."""
    url = Url.parse("https://example.org/acme/" + "/".join(segments))
    if standing(paths=("/acme/*",)).objections(str(url), FILE):
        return
    path = plain_path(url)
    assert path is not None
    decoded = path
    for _ in range(3):
        decoded = (
            str(Url.parse(f"https://example.org{decoded}").target).replace("%2F", "/").replace("%2e", ".")
        )
    assert decoded.startswith("/acme/")


@pytest.mark.parametrize(
    ("giver", "void"), [(Role.OWNER, False), (Role.MAINTAINER, True), (Role.READER, True), (None, True)]
)
def test_a_standing_consent_is_an_owners(giver: Role | None, *, void: bool) -> None:
    """What somebody gave who owns the project no longer is void (T-32)."""
    assert standing().is_void(giver) is void


@pytest.mark.parametrize(
    ("given_standing", "giver", "is_asked", "condition"),
    [
        (standing(), Role.OWNER, True, Condition.LIVE),
        (standing(since=STANDING_LIMIT), Role.OWNER, True, Condition.EXPIRED),
        (standing(since=STANDING_LIMIT - timedelta(seconds=1)), Role.OWNER, True, Condition.LIVE),
        (standing(), Role.MAINTAINER, True, Condition.VOID),
        (standing(), Role.OWNER, False, Condition.IDLE),
        (standing(withdrawn_at=NOW), None, False, Condition.WITHDRAWN),
    ],
)
def test_condition(
    given_standing: StandingConsent, giver: Role | None, is_asked: bool, condition: Condition
) -> None:
    """The gravest reason that it does not count is told."""
    assert given_standing.condition(giver, NOW, is_asked=is_asked) is condition


@pytest.mark.parametrize(("reminded", "days_before"), [(None, 30), (30, 7), (7, 0), (0, None)])
def test_what_is_due(reminded: int | None, days_before: int | None) -> None:
    """Thirty days before, seven, and on the day; nothing after that, and nothing of what was withdrawn."""
    consent = standing(reminded=reminded)
    expected = None if days_before is None else consent.ends_on - timedelta(days=days_before)
    assert consent.due_on == expected
    assert replace(consent, withdrawn_at=NOW).due_on is None


@pytest.mark.parametrize(
    ("days", "stands_for"), [(365, None), (31, None), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-5, 0)]
)
def test_reminder(days: int, stands_for: int | None) -> None:
    """Whoever is told on a day is told for the nearest reminder, also after the clock jumped."""
    assert reminder(TODAY + timedelta(days=days), TODAY) == stands_for


def test_terms() -> None:
    """What was asked for is read once and in canonical form; no pattern means every one."""
    named = [
        "Example.ORG",
        "https://example.org",
        "example.org:443",
        "http://example.org:80/",
        "::1",
        "[::1]",
    ]
    terms = read_terms([*named, "a.test:80", "[::1]:8443", "http://[::1]:8080"], [], [], NEXT_YEAR, TODAY)
    assert terms.hosts == (
        "example.org",
        "http://example.org",
        "::1",
        "a.test:80",
        "[::1]:8443",
        "http://[::1]:8080",
    )
    assert [host_of(place) for place in terms.hosts] == [
        "example.org",
        "example.org",
        "::1",
        "a.test",
        "::1",
        "::1",
    ]
    assert (terms.paths, terms.patterns) == (("/*",), ("*",))
    assert terms.expires_at == datetime(2027, 3, 4, tzinfo=UTC)
    terms = read_terms(["a.test"], ["/a/*", "/a/*", "*b"], ["*.whl"], TODAY + timedelta(days=1), TODAY)
    assert (terms.paths, terms.patterns) == (("/a/*", "*b"), ("*.whl",))


def test_everything_that_is_wrong_is_told() -> None:
    """Hosts, patterns and the day are judged together."""
    hosts = [
        "ftp://a.test",
        "a.test:0",
        "a.test/x",
        "a b",
        "https://a.test/#x",
        *(f"h{number}.test" for number in range(100)),
    ]
    paths = ["acme/*", "/" + "x" * 200, "", "/ä"]
    files = ["x" * 201, "a\nb", *(f"*{number}" for number in range(20))]
    with pytest.raises(Invalid) as caught:
        read_terms(hosts, paths, files, TODAY, TODAY)
    assert caught.value.code == "standing-consent-invalid"
    told = caught.value.problems
    assert sum("is not a host" in problem for problem in told) == 5
    assert sum("longer than 200" in problem for problem in told) == 2
    assert sum("printable ASCII" in problem for problem in told) == 3
    assert sum("must begin with / or *" in problem for problem in told) == 2
    assert sum("at most 100 can be" in problem for problem in told) == 1
    assert sum("at most 20 are compared" in problem for problem in told) == 1
    assert sum("must end after" in problem for problem in told) == 1


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1), NEXT_YEAR + timedelta(days=1)])
def test_a_day_that_does_not_do(until: date) -> None:
    """It ends on a day to come, and within a year."""
    with pytest.raises(Invalid, match="must end after"):
        read_terms(["a.test"], [], [], until, TODAY)


def test_what_is_too_much_is_not_looked_at() -> None:
    """However much is named, the problems are no more than those of as much as may be named."""
    many = ["no host"] * 10_000
    with pytest.raises(Invalid) as refused:
        read_terms(many, many, many, NEXT_YEAR, TODAY)
    problems = refused.value.problems
    assert {
        "10000 hosts are named: at most 100 can be.",
        "10000 path patterns are given: at most 20 are compared.",
        "10000 file patterns are given: at most 20 are compared.",
    } <= set(problems)
    assert len(problems) == MAX_HOSTS + MAX_PATTERNS + 3


def test_somewhere_at_least() -> None:
    """A consent that names no host is none."""
    with pytest.raises(Invalid, match="Name a host"):
        read_terms([], [], [], NEXT_YEAR, TODAY)
