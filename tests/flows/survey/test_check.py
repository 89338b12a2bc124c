"""Whether a link leads to a file: what each answer of a host means."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.domain.test_survey import LINK
from tests.support.fake_clock import FakeClock
from tests.support.world import fake_world

from homeport.domain.survey import Check, Link, Reach
from homeport.flows.survey.check import check_link
from homeport.flows.survey.look import ToCheck
from homeport.ports.fetch import PLAIN_GET, Ask, Credential, Errand, Fetched, FetchLimits, Method, Outcome

SECRET = Credential("http://site.test", "Authorization", "Bearer x")


class Says:
    """A fetcher that says these things, one after the other, and remembers what it was asked."""

    def __init__(self, *said: Fetched) -> None:
        self.said = list(said)
        self.asked: list[Ask] = []

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        assert (url, limits.max_bytes) == (LINK.url, 0)
        self.asked.append(ask)
        if ask.method is Method.GET:
            sink(b"x")
        return self.said.pop(0)


def said(outcome: Outcome, status: int = 200, code: str = "", **more: object) -> Fetched:
    """What came of one question."""
    return Fetched(outcome, LINK.url, status=status, code=code, reason=code and f"It is {code}.", **more)  # type: ignore[arg-type]


def checked(
    folder: Path,
    fetcher: Says,
    link: Link = LINK,
    answered: Collection[str] = (),
    clock: FakeClock | None = None,
) -> Check:
    """What came of asking for a link that nobody asked for before."""
    with fake_world(folder) as fakes:
        world = replace(fakes.world, fetcher=fetcher, clock=clock or fakes.clock)
        return check_link(world, ToCheck(replace(link, check=Check(size_bytes=7)), SECRET), answered).check


@pytest.mark.parametrize(
    ("fetched", "reach"),
    [
        (said(Outcome.OK), Reach.FOUND),
        (said(Outcome.TOO_LARGE, code="too-large"), Reach.FOUND),
        (said(Outcome.TOO_LARGE, 404, code="too-large"), Reach.GONE),
        (said(Outcome.HTTP_ERROR, 404, "http-error"), Reach.GONE),
        (said(Outcome.HTTP_ERROR, 500, "http-error"), Reach.GONE),
        (said(Outcome.HTTP_ERROR, 503, "http-error"), Reach.UNASKED),
        (said(Outcome.HTTP_ERROR, 429, "http-error"), Reach.UNASKED),
        (said(Outcome.UNREACHABLE, 0, "connect-failed"), Reach.SILENT),
        (said(Outcome.UNREACHABLE, 0, "host-resting"), Reach.SILENT),
        (said(Outcome.UNREACHABLE, 0, "robots-unreadable"), Reach.SILENT),
        (said(Outcome.UNREACHABLE, 0, "host-budget-spent"), Reach.UNASKED),
        (said(Outcome.UNREACHABLE, 0, "host-busy"), Reach.UNASKED),
        (said(Outcome.REFUSED, 0, "robots-disallowed"), Reach.UNASKED),
    ],
)
def test_what_an_answer_means(tmp_path: Path, fetched: Fetched, reach: Reach) -> None:
    """A file is there, gone, silent, or was not asked for; what is not there says why."""
    check = checked(tmp_path, Says(fetched))
    assert (check.reach, check.status, check.size_bytes) == (reach, fetched.status, 7)
    assert bool(check.code) is bool(check.problem) is (reach is not Reach.FOUND)
    assert check.at is not None


def test_the_size_that_is_announced(tmp_path: Path) -> None:
    """What the host announces counts before what a page said."""
    check = checked(tmp_path, Says(said(Outcome.OK, headers=(("content-length", "12"),))))
    assert check.size_bytes == 12


@pytest.mark.parametrize("status", [405, 501])
def test_a_host_without_head(tmp_path: Path, status: int) -> None:
    """Where HEAD is refused, the file is asked for, and no bytes are taken."""
    fetcher = Says(said(Outcome.HTTP_ERROR, status, "http-error"), said(Outcome.TOO_LARGE, code="too-large"))
    assert checked(tmp_path, fetcher).reach is Reach.FOUND
    assert [ask.method for ask in fetcher.asked] == [Method.HEAD, Method.GET]
    assert {(ask.credential, ask.accept) for ask in fetcher.asked} == {(SECRET, "application/octet-stream")}


def test_why_it_is_asked(tmp_path: Path) -> None:
    """What a place for machines lists is called for; what a page for people links is crawled."""
    for source, errand in (("homepage", Errand.CRAWL), ("github", Errand.CALL)):
        fetcher = Says(said(Outcome.OK))
        checked(tmp_path, fetcher, replace(LINK, source=source))
        assert fetcher.asked[0].errand is errand


RESTS = said(Outcome.UNREACHABLE, 0, "host-resting", retry_after_seconds=60)


@pytest.mark.parametrize(
    ("answers", "reach", "waited"),
    [
        ([RESTS, said(Outcome.OK)], Reach.FOUND, 60),
        ([RESTS, RESTS], Reach.UNASKED, 60),
        ([replace(RESTS, retry_after_seconds=None), said(Outcome.OK)], Reach.FOUND, 0),
        ([replace(RESTS, retry_after_seconds=121)], Reach.UNASKED, 0),
    ],
)
def test_a_host_that_was_alive_is_waited_for(
    tmp_path: Path, answers: Sequence[Fetched], reach: Reach, waited: int
) -> None:
    """A host that answered before and rests for two minutes at most is waited for, once; it is never called silent."""
    clock = FakeClock()
    began = clock.now()
    assert checked(tmp_path, Says(*answers), answered={LINK.host}, clock=clock).reach is reach
    assert (clock.now() - began).total_seconds() == waited
