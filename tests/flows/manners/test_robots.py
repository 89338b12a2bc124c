"""The polite fetcher asks for robots.txt first, and obeys it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.outside import Answer, Mood, redirect
from tests.support.street import FILE, SITE, Street

from homeport.domain.manners import Host
from homeport.domain.robots import MAX_ROBOTS_BYTES, RobotsStatus
from homeport.ports.fetch import Ask, Errand, Fetched, FetchLimits, Manners, Outcome

ROBOTS = "https://site.test/robots.txt"
CALL, CRAWL = Ask(errand=Errand.CALL), Ask(errand=Errand.CRAWL)
LIMITS = FetchLimits(10_000)


def allow(street: Street, text: str, status: int = 200) -> None:
    """Let the site say so in its robots.txt."""
    street.outside.put(ROBOTS, Answer(status, text.encode(), "text/plain"))


def test_robots_is_asked_first_and_once_a_day(street: Street) -> None:
    """Before the first page, with a turn of its own; not before the next; again after a day."""
    allow(street, "User-agent: *\nDisallow: /private")
    for _ in range(3):
        assert street.fetch(SITE, CRAWL).outcome is Outcome.OK
    assert street.outside.asked == [ROBOTS, SITE, SITE, SITE]
    assert street.gaps() == [1.0, 1.0, 1.0]
    street.clock.advance(timedelta(hours=24))
    street.fetch(SITE, CRAWL)
    assert street.outside.asked[4:] == [ROBOTS, SITE]


def test_what_robots_forbids_is_not_asked(street: Street) -> None:
    """The page is refused, and the sentence says why."""
    allow(street, "User-agent: Homeport\nDisallow: /page")
    fetched = street.fetch(SITE, CRAWL)
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "robots-disallowed")
    assert "robots.txt of site.test" in fetched.reason
    assert street.outside.asked == [ROBOTS]


def test_robots_is_for_crawling_only(street: Street) -> None:
    """A place that a person named for programs is asked without it."""
    allow(street, "User-agent: *\nDisallow: /")
    assert street.fetch(SITE, CALL).outcome is Outcome.OK
    assert street.outside.asked == [SITE]


def test_a_redirect_obeys_the_other_host(street: Street) -> None:
    """The host that a page leads to has its own robots.txt."""
    street.outside.put(SITE, redirect("https://other.test/page"))
    street.outside.put_page("https://other.test/page", "<p>Here.")
    street.outside.put("https://other.test/robots.txt", Answer(body=b"User-agent: *\nDisallow: /"))
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.outside.asked == [ROBOTS, SITE, "https://other.test/robots.txt"]


def test_crawl_delay_is_kept(street: Street) -> None:
    """It counts from the request that read it, and for calls as well."""
    allow(street, "User-agent: *\nCrawl-delay: 7\nAllow: /")
    street.fetch(SITE, CRAWL)
    street.fetch(SITE, CRAWL)
    street.fetch(FILE, CALL)
    assert street.gaps() == [7.0, 7.0, 7.0]


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410])
def test_without_robots_everything_may_be_asked(street: Street, status: int) -> None:
    """RFC 9309, 2.3.1.3: there is no file, whatever the body of the answer says."""
    allow(street, "User-agent: *\nDisallow: /", status)
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK
    assert street.host().robots.status is RobotsStatus.NONE


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(503), Answer(429), Answer(mood=Mood.HANGS_UP), Answer(mood=Mood.GARBLES)]
)
def test_robots_that_cannot_be_read_forbids_for_now(street: Street, answer: Answer) -> None:
    """RFC 9309, 2.3.1.4: nothing is asked for ten minutes, then robots.txt is tried again."""
    street.outside.put(ROBOTS, answer, Answer(404))
    fetched = street.fetch(SITE, CRAWL)
    assert (fetched.outcome, fetched.code, fetched.retry_after_seconds) == (
        Outcome.UNREACHABLE,
        "robots-unreadable",
        600,
    )
    street.fetch(SITE, CRAWL)
    assert street.outside.asked == [ROBOTS]
    street.clock.advance(timedelta(minutes=10))
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK


def test_robots_behind_redirects(street: Street) -> None:
    """Five redirects are followed; what lies farther off is no robots.txt (RFC 9309, 2.3.1.2)."""
    for number in range(5):
        target = "/robots.txt" if number == 0 else f"/{number}"
        street.outside.put(f"https://site.test{target}", redirect(f"/{number + 1}"))
    street.outside.put("https://site.test/5", Answer(body=b"User-agent: *\nDisallow: /"))
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    far = "https://far.test"
    street.outside.put(f"{far}/page", Answer())
    for number in range(7):
        target = "/robots.txt" if number == 0 else f"/{number}"
        street.outside.put(f"{far}{target}", redirect(f"/{number + 1}"))
    assert street.fetch(f"{far}/page", CRAWL).outcome is Outcome.OK
    assert street.host("far.test").robots.status is RobotsStatus.NONE


def test_robots_that_leads_inside_is_none(street: Street) -> None:
    """A redirect to where nothing may be asked is not followed, and forbids nothing."""
    street.outside.put(ROBOTS, redirect("http://127.0.0.1/robots.txt"))
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK


def test_a_host_that_must_not_be_asked_is_told_as_that(street: Street) -> None:
    """Where an address is refused, that is the reason, not robots.txt; nobody is asked."""
    street.outside.put_page("http://inside.test/", "<p>Secrets.")
    street.outside.move("inside.test", "10.0.0.7")
    fetched = street.fetch("http://inside.test/", CRAWL)
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "address-refused")
    assert street.outside.asked == []


def test_a_large_robots_is_read_to_its_bound(street: Street) -> None:
    """What stands within 500 KiB counts, and what lies behind does not, however much that is."""
    head = "User-agent: *\nDisallow: /page\n"
    allow(street, head + "#" * MAX_ROBOTS_BYTES + "\nDisallow: /file")
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.fetch(FILE, CRAWL).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("begins", "code"),
    [(b"User-agent: *\nDisallow: /page\n", "robots-disallowed"), (b"", "robots-unreadable")],
)
def test_a_robots_without_end(street: Street, begins: bytes, code: str) -> None:
    """Of a file that is too large to be fetched, what came of it counts; nothing of it is none to be read."""

    class Endless:
        def fetch(
            self,
            url: str,
            limits: FetchLimits,
            sink: Callable[[bytes], None],
            ask: Ask = CRAWL,
            manners: Manners | None = None,
        ) -> Fetched:
            if url != ROBOTS:
                return street.fetcher.raw.fetch(url, limits, sink, ask, manners)
            if begins:
                sink(begins)
                sink(b"#" * MAX_ROBOTS_BYTES)
            return Fetched(Outcome.TOO_LARGE, url, code="too-large", reason="It is too large.")

    endless = replace(street, fetcher=replace(street.fetcher, raw=Endless()))
    assert endless.fetch(SITE, CRAWL).code == code


def test_robots_read_by_another_meanwhile(street: Street) -> None:
    """Who waited for a turn to read it, and finds it read, does not ask again."""
    allow(street, "User-agent: *\nDisallow: /page")
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="rival", held_until=now + timedelta(seconds=20)))
    read: list[Fetched] = []

    def rival() -> None:
        if not read:
            street.put(Host("site.test"))
            read.append(street.fetch(SITE, CRAWL))

    street.clock.on_sleep = rival
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert read[0].code == "robots-disallowed"
    assert street.outside.asked == [ROBOTS]


def test_robots_that_leads_to_one_that_is_known(street: Street) -> None:
    """The other host's file counts for this one too, and is not asked for again."""
    www = "https://www.site.test/robots.txt"
    street.outside.put(ROBOTS, redirect(www))
    street.outside.put(www, Answer(body=b"User-agent: *\nDisallow: /page"))
    street.outside.put_page("https://www.site.test/", "<p>Here.")
    assert street.fetch("https://www.site.test/", CRAWL).outcome is Outcome.OK
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.outside.asked.count(www) == 1


def test_a_busy_host_says_nothing_about_its_robots(street: Street) -> None:
    """Who is turned away from robots.txt is told that, and nothing is remembered of it."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="rival", held_until=now + timedelta(seconds=300)))
    fetched = street.fetch(SITE, CRAWL, replace(LIMITS, turn_seconds=1))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "host-busy")
    assert street.host().robots.status is RobotsStatus.UNKNOWN
