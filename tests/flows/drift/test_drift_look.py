"""One look: what is asked, how little, and what is made of each answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.drift import BODY, FILE, HOST, RDAP, Home, begin_home
from tests.support.outside import Answer, redirect

from homeport.domain.drift import Answer as Saw
from homeport.domain.drift import DriftPolicy, HostMemory, State
from homeport.domain.source import SourceKind
from homeport.domain.urls import Url
from homeport.flows.drift.look import look_at, validator
from homeport.flows.drift.registry import Registry
from homeport.flows.drift.run import look_at_due
from homeport.flows.manage_project import add_source
from homeport.ports.fetch import PLAIN_GET, Ask, Errand, Fetched, FetchLimits, Method, Outcome

URL = f"https://{HOST}/{FILE}"


@dataclass(frozen=True)
class Says:
    """A fetcher whose answer is known beforehand."""

    answer: Fetched

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        return self.answer


def requests(home: Home) -> list[tuple[str, str]]:
    """The methods and conditions of what was asked of the site."""
    return [
        (one.method, one.headers.get("if-none-match", "")) for one in home.outside.requests if one.url == URL
    ]


def test_the_first_look_reads_and_the_next_asks_by_validators(tmp_path: Path) -> None:
    """Without validators the bytes are read; with them one HEAD is all that is asked, for three months."""
    with begin_home(tmp_path) as home:
        assert requests(home) == [("GET", "")]
        home.passes(80)
        assert set(requests(home)[1:]) == {("HEAD", '"one"')}
        home.passes(30)
        assert requests(home).count(("GET", "")) == 2


def test_a_head_with_the_same_validators_and_size_will_do(tmp_path: Path) -> None:
    """A site that does not compare validators is not read when it shows the same ones, and as many bytes."""
    with begin_home(tmp_path) as home:
        headers = (("content-length", str(len(BODY))), ("etag", '"one"'))
        watch = replace(home.watch(), etag='"one"', last_modified="")
        said = Fetched(Outcome.OK, URL, status=200, headers=headers)
        assert look_at(replace(home.world, fetcher=Says(said)), watch).look.answer is Saw.UNCHANGED


def test_other_validators_are_followed_by_the_bytes(tmp_path: Path) -> None:
    """What a HEAD shows to be new is read before anything is said of it."""
    with begin_home(tmp_path) as home:
        home.has(BODY, (("etag", '"two"'),))
        home.passes(9)
        assert requests(home)[-2:] == [("HEAD", '"one"'), ("GET", '"one"')]
        assert (home.state(), home.watch().etag) == (State.SAME, '"two"')


def test_a_site_that_knows_no_head_is_asked_for_the_file(tmp_path: Path) -> None:
    """An error that answers a HEAD tells nothing: the GET decides."""
    with begin_home(tmp_path) as home:
        home.outside.put(URL, Answer(404), Answer(body=BODY))
        home.passes(9)
        assert home.state() is State.SAME


@pytest.mark.parametrize(
    ("kind", "errand"), [(SourceKind.HOMEPAGE, Errand.CRAWL), (SourceKind.INDEX, Errand.CALL)]
)
def test_the_errand_is_that_of_the_source(kind: SourceKind, errand: Errand, tmp_path: Path) -> None:
    """Where robots.txt was asked for the file, it is asked for the look; where a person named it, it is not."""
    with begin_home(tmp_path) as home:
        home.seen.asks.clear()
        look_at(home.world, replace(home.watch(), source=kind))
        assert [(ask.errand, ask.method) for ask in home.seen.asks] == [(errand, Method.HEAD)]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("host-frozen", Saw.KEPT_AWAY),
        ("host-resting", Saw.KEPT_AWAY),
        ("host-budget-spent", Saw.KEPT_AWAY),
        ("robots-refused", Saw.KEPT_AWAY),
        ("address-refused", Saw.TROUBLE),
        ("name-unanswered", Saw.TROUBLE),
    ],
)
def test_what_keeps_us_away_is_not_the_sites_doing(code: str, answer: Saw, tmp_path: Path) -> None:
    """Our own manners show nothing of the site; the gate and the name servers do."""
    with begin_home(tmp_path) as home:
        said = Fetched(Outcome.UNREACHABLE, URL, code=code, reason="Not now.")
        glance = look_at(replace(home.world, fetcher=Says(said)), home.watch())
        assert (glance.look.answer, glance.look.problem, glance.has_name) == (answer, "Not now.", None)


def test_kept_away_is_tried_again_tomorrow(tmp_path: Path) -> None:
    """A look that did not take place leaves the state, and comes again within about a day."""
    with begin_home(tmp_path) as home:
        home.fakes.clock.advance(timedelta(days=9))
        before = home.watch()
        said = Fetched(Outcome.UNREACHABLE, URL, code="host-resting", reason="It rests.")
        assert look_at_due(replace(home.world, fetcher=Says(said))) == 1
        after = home.watch()
        assert (after.state, after.looked_at, after.problem) == (before.state, before.looked_at, "It rests.")
        assert after.due_at - home.world.clock.now() <= timedelta(days=1.2)


def test_an_error_page_longer_than_the_file_is_an_error(tmp_path: Path) -> None:
    """A long page that says 404 is no file with more bytes."""
    with begin_home(tmp_path) as home:
        home.outside.put(URL, Answer(404, b"<p>" + b"x" * 10_000, "text/html"))
        assert look_at(home.world, replace(home.watch(), etag="")).look.answer is Saw.MISSING
        home.outside.put(URL, Answer(500, b"<p>" + b"x" * 10_000, "text/html"))
        assert look_at(home.world, replace(home.watch(), etag="")).look.answer is Saw.TROUBLE


def test_a_redirect_to_nowhere_is_trouble(tmp_path: Path) -> None:
    """A place that nobody may be led to is no other host."""
    with begin_home(tmp_path) as home:
        home.outside.put(URL, redirect("ftp://elsewhere.test/"))
        glance = look_at(home.world, home.watch())
        assert (glance.look.answer, glance.has_name) == (Saw.TROUBLE, True)


def test_a_private_file_is_asked_for_as_it_was_fetched(tmp_path: Path) -> None:
    """The token of its source is shown by every look, and the bytes are asked for: else it would be gone, or changed."""
    with begin_home(tmp_path) as home:
        add_source(home.world, home.owner, "demo", "index", f"https://{HOST}/simple/", token="secret")
        home.seen.asks.clear()
        look_at(home.world, home.watch())
        look_at(home.world, replace(home.watch(), etag="", last_modified=""))
        assert [one.method for one in home.seen.asks] == [Method.HEAD, Method.GET]
        for one in home.seen.asks:
            assert one.accept == "application/octet-stream"
            assert one.credential is not None
            assert (one.credential.origin, one.credential.value) == (f"https://{HOST}", "Bearer secret")


def test_weak_validators() -> None:
    """A weak validator stands for no bytes."""
    assert (validator('"one"'), validator('W/"one"')) == ('"one"', "")


# What is asked about a host


def test_names_are_asked_about_once_a_day(tmp_path: Path) -> None:
    """Of the registrable domain, and not again until tomorrow."""
    with begin_home(tmp_path) as home:
        registry, now = Registry(home.world), home.world.clock.now()
        home.names.asked.clear()
        url = Url.parse(f"https://files.{HOST}/x")
        seen = registry.ask_about(url, HostMemory(url.host), now)
        assert seen.asked_about
        assert seen.registered_at is not None
        assert home.names.asked == [HOST]
        memory = HostMemory(url.host, asked_at=now)
        assert not registry.ask_about(url, memory, now + timedelta(hours=23)).asked_about
        assert registry.ask_about(url, memory, now + timedelta(hours=24)).asked_about


def test_the_list_of_registries_is_read_once_a_run(tmp_path: Path) -> None:
    """However many hosts are asked about; a suffix without registry is nobody's."""
    with begin_home(tmp_path) as home:
        registry, now = Registry(home.world), home.world.clock.now()
        home.outside.asked.clear()
        for host in (HOST, f"a.{HOST}", "site.example"):
            registry.ask_about(Url.parse(f"https://{host}/"), HostMemory(host), now)
        assert home.outside.asked.count(RDAP) == 1
        assert len(home.outside.asked) == 3


def test_nobody_is_asked_where_nobody_is_named(tmp_path: Path) -> None:
    """Without resolver and registries, and for addresses, there is nothing to ask; one without the other is asked."""
    with begin_home(tmp_path) as home:
        now, url = home.world.clock.now(), Url.parse(URL)
        neither = replace(home.world, names=None, drift=DriftPolicy())
        assert not Registry(neither).ask_about(url, HostMemory(HOST), now).asked_about
        address = Url.parse("http://192.0.2.1/")
        assert not Registry(home.world).ask_about(address, HostMemory("192.0.2.1"), now).asked_about
        only_names = replace(home.world, drift=DriftPolicy())
        seen = Registry(only_names).ask_about(url, HostMemory(HOST), now)
        assert (len(seen.name_servers), seen.registered_at) == (2, None)
        only_rdap = replace(home.world, names=None)
        seen = Registry(only_rdap).ask_about(url, HostMemory(HOST), now)
        assert (len(seen.name_servers), seen.registered_at is None) == (0, False)
