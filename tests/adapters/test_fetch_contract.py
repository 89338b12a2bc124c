"""The contract of ``ports.fetch``, kept by the real fetcher over sockets and by the simulated one."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from tests.support.http_site import serve
from tests.support.outside import Answer, Mood, Outside, page, redirect
from tests.support.outside_fetcher import OutsideFetcher

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.domain.urls import Url
from homeport.ports.fetch import (
    PLAIN_GET,
    Ask,
    Credential,
    Fetched,
    FetchLimits,
    Manners,
    Method,
    Outcome,
    RawFetcher,
    TurnedAway,
    Went,
)

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

    fetcher: RawFetcher
    url: Callable[[str], str]

    def fetch(
        self,
        path: str,
        limits: FetchLimits = LIMITS,
        ask: Ask = PLAIN_GET,
        manners: Manners | None = None,
    ) -> tuple[Fetched, bytes]:
        """What came of asking for ``path``, and what the sink was given."""
        pieces: list[bytes] = []
        fetched = self.fetcher.fetch(self.url(path), limits, pieces.append, ask, manners)
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


VALIDATORS = (("etag", '"v1"'), ("last-modified", "Wed, 21 Oct 2026 07:28:00 GMT"))


def file(body: bytes = BODY, mood: Mood = Mood.HONEST, etag: str = '"v1"') -> Answer:
    """A file with a validator."""
    return Answer(body=body, mood=mood, headers=(("etag", etag),) if etag else ())


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


@dataclass
class Diary:
    """Manners that write down what they hear, and turn the ``refuses``-th request away."""

    refuses: int = -1
    asked: list[str] = field(default_factory=list)
    went: list[tuple[str, Went]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """Everybody may, but one."""
        self.asked.append(url.target)
        if len(self.asked) - 1 == self.refuses:
            return TurnedAway(Outcome.UNREACHABLE, "host-resting", "The host has had enough for today.", 60)
        return None

    def during(self, url: Url) -> None:
        """Bytes came."""
        self.heard[url.target] = self.heard.get(url.target, 0) + 1

    def after(self, url: Url, went: Went) -> None:
        """A turn is given back."""
        self.went.append((url.target, went))

    def told(self) -> list[tuple[str, int, str]]:
        """Where, status, problem."""
        return [(target, went.status, went.problem) for target, went in self.went]


def test_manners_are_asked_before_every_hop(outside: Outside, reach: Reach) -> None:
    """Each request of a chain has its turn, given back with what came of it."""
    outside.put(f"http://{HOST}/old", redirect("/file"))
    outside.put_file(f"http://{HOST}/file", BODY)
    diary = Diary()
    assert reach.fetch("/old", manners=diary)[1] == BODY
    assert diary.asked == ["/old", "/file"]
    assert diary.told() == [("/old", 302, ""), ("/file", 200, "")]
    assert diary.went[1][1].received_bytes >= len(BODY)
    assert set(diary.heard) == {"/old", "/file"}


@pytest.mark.parametrize("refuses", [0, 1])
def test_a_request_that_is_turned_away_is_not_made(outside: Outside, reach: Reach, refuses: int) -> None:
    """The fetch ends with what the manners say, and a turn that was not given is not given back."""
    outside.put(f"http://{HOST}/old", redirect("/file"))
    outside.put_file(f"http://{HOST}/file", BODY)
    diary = Diary(refuses)
    fetched, taken = reach.fetch("/old", manners=diary)
    assert (fetched.outcome, fetched.code, taken) == (Outcome.UNREACHABLE, "host-resting", b"")
    assert (fetched.reason, fetched.retry_after_seconds) == ("The host has had enough for today.", 60)
    assert len(outside.asked) == len(fetched.hops) == len(diary.went) == refuses


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(503, headers=(("retry-after", "7"),)), (503, "", 7)),
        (Answer(body=BODY, mood=Mood.BREAKS_OFF), (200, "broke-off", None)),
        (Answer(body=BODY, mood=Mood.HANGS_UP), (0, "broke-off", None)),
        (Answer(body=b"x" * (LIMITS.max_bytes + 1)), (200, "too-large", None)),
        (Answer(304), (304, "", None)),
    ],
)
def test_manners_are_told_how_it_went(
    outside: Outside, reach: Reach, answer: Answer, told: tuple[int, str, int | None]
) -> None:
    """Status, problem and the wish to be left alone reach the manners, once."""
    outside.put(f"http://{HOST}/file", answer)
    diary = Diary()
    reach.fetch("/file", manners=diary)
    assert [(one.status, one.problem, one.retry_after_seconds) for _, one in diary.went] == [told]


def test_names_that_are_refused_have_no_turn(outside: Outside, reach: Reach) -> None:
    """What grammar or name forbid is never a host's turn; what its address forbids was one."""
    outside.put(f"http://{HOST}/to/port", redirect(f"http://{HOST}:22/"))
    diary = Diary()
    assert reach.fetch("/to/port", manners=diary)[0].code == "port-refused"
    assert diary.told() == [("/to/port", 302, "")]


def test_a_failing_sink_gives_the_turn_back(outside: Outside, reach: Reach) -> None:
    """A full disk is not the outside's problem, and the turn is given back all the same."""
    outside.put_file(f"http://{HOST}/file", BODY)
    diary = Diary()

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        reach.fetcher.fetch(reach.url("/file"), LIMITS, full, manners=diary)
    assert diary.told() == [("/file", 200, "abandoned")]


@pytest.mark.parametrize(
    ("answers", "code", "asked"),
    [
        pytest.param([file(mood=Mood.BREAKS_OFF), file()], "", 2, id="once"),
        pytest.param([file(mood=Mood.BREAKS_OFF)] * 3 + [file()], "", 4, id="again and again"),
        pytest.param([file(mood=Mood.BREAKS_OFF)], "broke-off", 1 + LIMITS.max_resumes, id="for ever"),
        pytest.param(
            [file(mood=Mood.BREAKS_OFF), file(mood=Mood.KNOWS_NO_RANGES)], "", 2, id="all instead of a part"
        ),
        pytest.param(
            [file(mood=Mood.BREAKS_OFF), file(BODY[::-1], Mood.KNOWS_NO_RANGES)],
            "changed-while-fetched",
            2,
            id="other bytes under the same ETag",
        ),
        pytest.param(
            [file(mood=Mood.BREAKS_OFF), file(etag='"v2"')], "changed-while-fetched", 2, id="another ETag"
        ),
        pytest.param([file(mood=Mood.BREAKS_OFF), Answer(404)], "rest-refused", 2, id="gone"),
        pytest.param([file(mood=Mood.BREAKS_OFF, etag='W/"v1"')], "broke-off", 1, id="weak ETag"),
        pytest.param([file(mood=Mood.BREAKS_OFF, etag="")], "broke-off", 1, id="no ETag"),
        pytest.param([file(mood=Mood.BREAKS_OFF, etag="v1")], "broke-off", 1, id="ETag without quotes"),
        pytest.param([file(mood=Mood.DRIPS)], "too-slow", 1, id="slow is not broken"),
    ],
)
def test_a_body_that_breaks_off_is_continued(
    outside: Outside, reach: Reach, answers: list[Answer], code: str, asked: int
) -> None:
    """With a strong ETag the rest is asked for; it is the same file, or the fetch says that it is not."""
    outside.put(f"http://{HOST}/file", *answers)
    diary = Diary()
    fetched, taken = reach.fetch("/file", manners=diary)
    assert fetched.code == code
    assert fetched.outcome is (Outcome.UNREACHABLE if code else Outcome.OK)
    if code:
        assert BODY.startswith(taken)
    else:
        assert taken == BODY
        assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
        assert (fetched.status, fetched.etag) == (200, '"v1"')
    assert fetched.size_bytes == len(taken)
    assert len(outside.asked) == len(fetched.hops) == len(diary.went) == asked
    rests = [dict(one.headers).get("if-range") for one in outside.requests]
    assert rests == [None, *['"v1"'] * (asked - 1)]


SECRET = "s3cret-token-that-nobody-may-see"


def authorizations(outside: Outside) -> list[str | None]:
    """The credential that each request carried."""
    return [asked.headers.get("authorization") for asked in outside.requests]


def secret_for(url: str, value: str = SECRET) -> Ask:
    """An ask with a credential for the origin of ``url``."""
    return Ask(credential=Credential(Url.parse(url).origin, "Authorization", value))


@pytest.fixture
def at_home(outside: Outside, reach: Reach) -> Reach:
    """The reach with its host on loopback, where a credential may go without TLS."""
    outside.move(HOST, "127.0.0.1")
    if isinstance(reach.fetcher, OutsideFetcher):
        reach.fetcher = OutsideFetcher(outside, allow=parse_allow("127.0.0.1:*"))
    return reach


def test_a_credential_goes_to_its_origin(outside: Outside, at_home: Reach) -> None:
    """It goes along within its origin, also to the rest of a body."""
    outside.put(f"http://{HOST}/old", redirect("/file"))
    outside.put(f"http://{HOST}/file", file(mood=Mood.BREAKS_OFF), file())
    fetched, taken = at_home.fetch("/old", ask=secret_for(at_home.url("/")))
    assert (fetched.outcome, taken) == (Outcome.OK, BODY)
    assert authorizations(outside) == [SECRET] * 3
    assert SECRET not in repr(fetched) + repr(secret_for(at_home.url("/")))


@pytest.mark.parametrize("origin", ["https://project.test", "http://other.test", "http://project.test:81"])
def test_a_credential_goes_nowhere_else(outside: Outside, at_home: Reach, origin: str) -> None:
    """Another scheme, host or port is another origin."""
    outside.put_file(f"http://{HOST}/file", BODY)
    assert at_home.fetch("/file", ask=secret_for(origin))[1] == BODY
    assert authorizations(outside) == [None]


def test_a_credential_that_cannot_be_sent_is_not_quoted(outside: Outside, at_home: Reach) -> None:
    """A token with a line break ends the fetch, and the sentence does not hold it."""
    outside.put_file(f"http://{HOST}/file", BODY)
    fetched, _ = at_home.fetch("/file", ask=secret_for(at_home.url("/"), f"{SECRET}\r\nX: y"))
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "credential-refused")
    assert SECRET not in repr(fetched)
    assert outside.asked == []
