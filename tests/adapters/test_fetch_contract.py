"""The contract of ``ports.fetch``, kept by the real fetcher over sockets and by the simulated one: files and redirects."""

import hashlib

import pytest
from tests.support.outside import Answer, Mood, Outside, page, redirect
from tests.support.reach import BODY, HOST, LIMITS, Reach

from homeport.ports.fetch import Ask, Method, Outcome


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


VALIDATORS = (("etag", '"v1"'), ("last-modified", "Wed, 21 Oct 2026 07:28:00 GMT"))


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.UNANNOUNCED, Mood.ENDLESS])
def test_head_brings_no_body(outside: Outside, reach: Reach, mood: Mood) -> None:
    """HEAD tells size and validators, and nothing reaches the sink."""
    outside.put(f"http://{HOST}/old", redirect("/file"))
    outside.put(f"http://{HOST}/file", Answer(body=BODY, headers=VALIDATORS, mood=mood))
    fetched, taken = reach.fetch("/old", ask=Ask(Method.HEAD))
    assert (fetched.outcome, fetched.reason, taken) == (Outcome.OK, "", b"")
    assert (fetched.size_bytes, fetched.sha256) == (0, "")
    assert fetched.announced_bytes == (len(BODY) if mood is Mood.HONEST else None)
    assert (fetched.etag, fetched.last_modified) == (VALIDATORS[0][1], VALIDATORS[1][1])
    assert [asked.method for asked in outside.requests] == ["HEAD", "HEAD"]


@pytest.mark.parametrize("status", [404, 405])
def test_head_of_a_missing_page(outside: Outside, reach: Reach, status: int) -> None:
    """An error to a HEAD has its status and no page."""
    outside.put(f"http://{HOST}/page", page("<p>No.", status=status))
    fetched, taken = reach.fetch("/page", ask=Ask(Method.HEAD))
    assert (fetched.outcome, fetched.status, taken) == (Outcome.HTTP_ERROR, status, b"")


@pytest.mark.parametrize(
    ("ask", "outcome"),
    [
        (Ask(etag='"v1"'), Outcome.NOT_MODIFIED),
        (Ask(last_modified="Wed, 21 Oct 2026 07:28:00 GMT"), Outcome.NOT_MODIFIED),
        (Ask(Method.HEAD, etag='"v1"'), Outcome.NOT_MODIFIED),
        (Ask(etag='"v2"'), Outcome.OK),
        (Ask(etag='"v1"\r\nX-Smuggled: 1'), Outcome.OK),
        (Ask(etag="\u2028"), Outcome.OK),
    ],
)
def test_conditional_requests(outside: Outside, reach: Reach, ask: Ask, outcome: Outcome) -> None:
    """A validator goes back as it came; what is the same is not sent again."""
    outside.put(f"http://{HOST}/file", Answer(body=BODY, headers=VALIDATORS))
    fetched, taken = reach.fetch("/file", ask=ask)
    assert fetched.outcome is outcome
    if outcome is Outcome.NOT_MODIFIED:
        assert (fetched.status, fetched.code, taken, fetched.sha256) == (304, "not-modified", b"", "")
        assert fetched.etag == '"v1"'
    else:
        assert taken == BODY
    assert not any(name.startswith("x-") for asked in outside.requests for name in asked.headers)


def test_a_type_may_be_asked_for(outside: Outside, reach: Reach) -> None:
    """``Accept`` is sent when there is one, and else nothing is."""
    outside.put_file(f"http://{HOST}/", BODY)
    reach.fetch("/", ask=Ask(accept="application/json"))
    reach.fetch("/")
    assert [asked.headers.get("accept") for asked in outside.requests] == ["application/json", None]
