"""The contract of ``ports.fetch.Fetcher``, kept by the real fetcher over sockets and by the simulated one."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from tests.support.http_site import serve
from tests.support.outside import Answer, Mood, Outside, OutsideFetcher, page, redirect

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.ports.fetch import Fetched, Fetcher, FetchLimits, Outcome

LIMITS = FetchLimits(
    max_bytes=100_000,
    connect_seconds=2,
    first_byte_seconds=0.4,
    total_seconds=5,
    floor_bytes_per_second=2000,
    max_redirects=3,
)
BODY = bytes(range(256)) * 20
HOST = "project.test"


@dataclass
class Reach:
    """A fetcher, and how the URLs of the simulated world are written for it."""

    fetcher: Fetcher
    url: Callable[[str], str]

    def fetch(self, path: str, limits: FetchLimits = LIMITS) -> tuple[Fetched, bytes]:
        """What came of asking for ``path``, and what the sink was given."""
        pieces: list[bytes] = []
        fetched = self.fetcher.fetch(self.url(path), limits, pieces.append)
        return fetched, b"".join(pieces)


@contextmanager
def in_memory(outside: Outside) -> Iterator[Reach]:
    """The simulated fetcher."""
    yield Reach(OutsideFetcher(outside), lambda path: f"http://{HOST}{path}")


@contextmanager
def over_sockets(outside: Outside) -> Iterator[Reach]:
    """The real fetcher, with the world behind a loopback port."""
    with serve(outside) as site:
        fetcher = HttpFetcher(
            about_url="https://index.example.org/about",
            allow=parse_allow(f"127.0.0.1:{site.port}"),
            resolve=lambda host, seconds: ["127.0.0.1"],
        )
        yield Reach(fetcher, lambda path: site.url(HOST, path))


@pytest.fixture
def outside() -> Outside:
    """A world without sites."""
    return Outside()


@pytest.fixture(params=[in_memory, over_sockets])
def reach(request: pytest.FixtureRequest, outside: Outside) -> Iterator[Reach]:
    """Either fetcher, before the same world."""
    with request.param(outside) as reached:
        yield reached


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.CHUNKED, Mood.UNANNOUNCED])
def test_a_file_comes_whole(outside: Outside, reach: Reach, mood: Mood) -> None:
    """The sink is given the file's bytes, and the answer describes them."""
    outside.put_file(f"http://{HOST}/demo-1.0.tar.gz", BODY, mood)
    fetched, taken = reach.fetch("/demo-1.0.tar.gz#md5=0")
    assert (fetched.outcome, fetched.code, fetched.reason) == (Outcome.OK, "", "")
    assert taken == BODY
    assert (fetched.size_bytes, fetched.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert (fetched.status, fetched.content_type) == (200, "application/octet-stream")
    assert fetched.url == reach.url("/demo-1.0.tar.gz")
    assert [(hop.url, hop.status) for hop in fetched.hops] == [(fetched.url, 200)]
    assert not fetched.is_tls
    assert fetched.tls is None


def test_an_empty_file_has_a_digest(outside: Outside, reach: Reach) -> None:
    """No bytes are an answer too."""
    outside.put_file(f"http://{HOST}/empty", b"")
    fetched, taken = reach.fetch("/empty")
    assert (fetched.outcome, fetched.size_bytes, taken) == (Outcome.OK, 0, b"")
    assert fetched.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("mood", "outcome", "code"),
    [
        (Mood.HANGS_UP, Outcome.UNREACHABLE, "broke-off"),
        (Mood.SILENT, Outcome.UNREACHABLE, "timed-out"),
        (Mood.GARBLES, Outcome.UNREACHABLE, "answer-garbled"),
        (Mood.BREAKS_OFF, Outcome.UNREACHABLE, "broke-off"),
        (Mood.DRIPS, Outcome.UNREACHABLE, "too-slow"),
        (Mood.ENCODES, Outcome.UNREACHABLE, "answer-encoded"),
        (Mood.ENDLESS, Outcome.TOO_LARGE, "too-large"),
    ],
)
def test_a_site_misbehaves(outside: Outside, reach: Reach, mood: Mood, outcome: Outcome, code: str) -> None:
    """What a site does is told by the outcome, with a stable code and a sentence, within the limits."""
    outside.put_file(f"http://{HOST}/file", BODY, mood)
    fetched, taken = reach.fetch("/file")
    assert (fetched.outcome, fetched.code) == (outcome, code)
    assert fetched.reason.endswith(".")
    assert len(taken) <= LIMITS.max_bytes
    assert len(fetched.hops) == 1


def test_more_is_sent_than_announced(outside: Outside, reach: Reach) -> None:
    """A body ends where its announced length says."""
    outside.put_file(f"http://{HOST}/file", BODY, Mood.UNDERSTATES)
    fetched, taken = reach.fetch("/file")
    assert (fetched.outcome, taken) == (Outcome.OK, BODY[: len(BODY) // 2])


def test_old_servers_announce_gzip_files_as_encoded(outside: Outside, reach: Reach) -> None:
    """A ``.tar.gz`` that is announced as gzip-encoded is taken as it was sent."""
    outside.put(f"http://{HOST}/demo.tar.gz", Answer(body=BODY, headers=(("content-encoding", "x-gzip"),)))
    outside.put_file(f"http://{HOST}/demo.zip", BODY, Mood.ENCODES)
    assert reach.fetch("/demo.zip")[0].code == "answer-encoded"
    assert reach.fetch("/demo.tar.gz")[1] == BODY


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.UNANNOUNCED])
def test_the_limit_counts_bytes(outside: Outside, reach: Reach, mood: Mood) -> None:
    """A file of exactly the limit is taken, one byte more is not, whether announced or sent."""
    outside.put_file(f"http://{HOST}/fits", b"x" * LIMITS.max_bytes, mood)
    outside.put_file(f"http://{HOST}/over", b"x" * (LIMITS.max_bytes + 1), mood)
    assert reach.fetch("/fits")[0].outcome is Outcome.OK
    fetched, taken = reach.fetch("/over")
    assert (fetched.outcome, fetched.code) == (Outcome.TOO_LARGE, "too-large")
    assert len(taken) <= LIMITS.max_bytes


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_error_pages_are_handed_over(outside: Outside, reach: Reach, status: int) -> None:
    """The body of an error is taken when it is HTML: easy_install reads its links."""
    outside.put(f"http://{HOST}/page", page("<a href=x.zip>x</a>", status=status))
    fetched, taken = reach.fetch("/page")
    assert (fetched.outcome, fetched.code, fetched.status) == (Outcome.HTTP_ERROR, "http-error", status)
    assert taken == b"<a href=x.zip>x</a>"
    assert fetched.size_bytes == len(taken)


def test_other_error_bodies_are_not_taken(outside: Outside, reach: Reach) -> None:
    """An error that is no HTML leaves the sink empty."""
    outside.put(f"http://{HOST}/file", Answer(404, BODY))
    fetched, taken = reach.fetch("/file")
    assert (fetched.outcome, taken, fetched.sha256) == (Outcome.HTTP_ERROR, b"", "")


@pytest.mark.parametrize(
    ("header", "seconds"), [("120", 120), ("0", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)]
)
def test_retry_after(outside: Outside, reach: Reach, header: str, seconds: int | None) -> None:
    """A wish to be left alone is read when it is a number of seconds."""
    outside.put(f"http://{HOST}/busy", Answer(503, headers=(("retry-after", header),)))
    assert reach.fetch("/busy")[0].retry_after_seconds == seconds


@pytest.mark.parametrize("status", [206, 300, 304, 302])
def test_statuses_that_bring_no_file(outside: Outside, reach: Reach, status: int) -> None:
    """Only 200 brings a file: a part, a choice, or a redirect without a place does not."""
    outside.put(f"http://{HOST}/odd", Answer(status, b"" if status == 304 else BODY))
    fetched, taken = reach.fetch("/odd")
    assert (fetched.outcome, fetched.code, taken) == (Outcome.HTTP_ERROR, "http-error", b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(outside: Outside, reach: Reach, status: int) -> None:
    """Each hop is told, and ``url`` is the last one."""
    outside.put(f"http://{HOST}/old/", redirect("../new/./file?v=1", status=status))
    outside.put_file(f"http://{HOST}/new/file?v=1", BODY)
    fetched, taken = reach.fetch("/old/")
    assert (fetched.outcome, taken) == (Outcome.OK, BODY)
    assert [(hop.url, hop.status) for hop in fetched.hops] == [
        (reach.url("/old/"), status),
        (reach.url("/new/file?v=1"), 200),
    ]
    assert fetched.url == reach.url("/new/file?v=1")


def test_redirects_end(outside: Outside, reach: Reach) -> None:
    """As many redirects as the limit are followed; a loop ends there."""
    for step in range(3):
        outside.put(f"http://{HOST}/{step}", redirect(f"/{step + 1}"))
    outside.put_file(f"http://{HOST}/3", BODY)
    outside.put(f"http://{HOST}/loop", redirect("/loop"))
    assert reach.fetch("/0")[0].outcome is Outcome.OK
    fetched, taken = reach.fetch("/loop")
    assert (fetched.outcome, fetched.code, taken) == (Outcome.REFUSED, "too-many-redirects", b"")
    assert len(fetched.hops) == LIMITS.max_redirects + 1


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("file:///etc/passwd", "scheme-refused"),
        ("ftp://files.test/x", "scheme-refused"),
        ("http://user@project.test/", "url-refused"),
        ("http://127.1/", "url-refused"),
        ("//project.test\\@10.0.0.1/", "url-refused"),
        ("http://169.254.169.254/latest/meta-data/", "address-refused"),
        ("//[::1]/", "address-refused"),
        ("http://project.test:22/", "port-refused"),
    ],
)
def test_redirects_are_checked_like_requests(
    outside: Outside, reach: Reach, location: str, code: str
) -> None:
    """A redirect to what may not be asked is refused before anything is sent, and its hop is kept."""
    outside.put(f"http://{HOST}/start", redirect(location))
    fetched, taken = reach.fetch("/start")
    assert (fetched.outcome, fetched.code, taken) == (Outcome.REFUSED, code, b"")
    assert [hop.status for hop in fetched.hops] == [302]
    assert len(outside.asked) == 1


def test_bytes_change_behind_a_url(outside: Outside, reach: Reach) -> None:
    """Every fetch asks again; nothing is remembered between two of them."""
    outside.put(f"http://{HOST}/file", Answer(body=b"one"), Answer(body=b"one"), Answer(body=b"two"))
    assert [reach.fetch("/file")[1] for _ in range(4)] == [b"one", b"one", b"two", b"two"]
