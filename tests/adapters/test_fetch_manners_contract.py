"""The contract of ``ports.fetch``: manners are asked and told, bodies continued, and credentials go to their origin only."""

import hashlib
from dataclasses import dataclass, field

import pytest
from tests.support.outside import Answer, Mood, Outside, redirect
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.reach import BODY, HOST, LIMITS, Reach

from homeport.domain.address import parse_allow
from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, Credential, Outcome, TurnedAway, Went


def file(body: bytes = BODY, mood: Mood = Mood.HONEST, etag: str = '"v1"') -> Answer:
    """A file with a validator."""
    return Answer(body=body, mood=mood, headers=(("etag", etag),) if etag else ())


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
