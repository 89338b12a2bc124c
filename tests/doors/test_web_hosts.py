"""The pages on other people's servers: what administrators see and decide, and what those servers' operators are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.browser import Browser, Shown
from tests.support.http_site import serve
from tests.support.outside import Outside
from tests.support.web_index import WebIndex, web_index

from homeport import __version__
from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.domain.manners import Host, HostState, Politeness
from homeport.domain.quota import GIB
from homeport.domain.robots import Robots, RobotsStatus
from homeport.flows.manners.hosts import PAGE_LENGTH
from homeport.flows.manners.polite import PoliteFetcher
from homeport.flows.sign_in import add_user
from homeport.ports.fetch import FetchLimits
from homeport.web.app import web_routes

HOSTS = "/admin/hosts/"
HOUR = timedelta(hours=1)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index that root administers, and that asked nobody for anything."""
    with web_index(tmp_path) as index:
        add_user(index.world, "root", "root@example.org", "correct horse battery stable", is_admin=True)
        yield index


@pytest.fixture
def root(index: WebIndex) -> Browser:
    """The administrator's browser."""
    return index.signed_in("root")


def put(index: WebIndex, *hosts: Host) -> None:
    """Let that be known of hosts."""
    with index.world.store.write() as tx:
        for host in hosts:
            tx.hosts.put(host)


def resting(index: WebIndex) -> Host:
    """A host that failed, and says much in its robots.txt."""
    now = index.world.clock.now()
    robots = Robots(RobotsStatus.READ, "User-agent: *\nDisallow: /<private>", now + HOUR, 7.0)
    return Host("[2001:db8::7]:8080", now, None, "", None, 3, now + HOUR, "<b>timed-out</b>", robots=robots)


def rows(shown: Shown) -> list[list[str]]:
    """The cells of the table."""
    return [[cell.text for cell in row.all("td")] for row in shown.page.the("tbody").all("tr")]


def test_nothing_was_asked_yet(root: Browser) -> None:
    """The empty page says when that changes."""
    shown = root.get(HOSTS)
    assert not shown.page.all("table")
    assert "No other server was asked for anything yet" in shown.page.the("main").text


def test_the_table(index: WebIndex, root: Browser) -> None:
    """State, turn, failures, bytes of host and domain, robots.txt and the last problem; frozen ones say why."""
    now = index.world.clock.now()
    put(index, resting(index), Host("paced.example.org", now, now + HOUR), Host("ready.example.org", now))
    put(index, Host("held.example.org", now, now, "somebody", now + HOUR))
    with index.world.store.write() as tx:
        tx.hosts.freeze("frozen.example.org", "root", "Its domain was sold.", now)
        tx.hosts.take("ready.example.org", now.date(), 2048)
        tx.hosts.take("*.example.org", now.date(), 4096)
    table = {row[0]: row[1:] for row in rows(root.get(HOSTS))}
    assert table["ready.example.org"] == [
        "ready",
        "at once",
        "0",
        "2 KiB 4 KiB from example.org",
        "not asked for yet",
        "none",
    ]
    assert table["paced.example.org"][:2] == ["paced", "in a moment"]
    assert table["held.example.org"][:2] == ["paced", "when its request is over"]
    assert table["frozen.example.org"][:2] == ["frozen", "none"]
    assert table["frozen.example.org"][-1] == "Its domain was sold."
    state, until, failures, today, robots, problem = table["[2001:db8::7]:8080"]
    assert (state, failures, robots, problem) == ("resting", "3", "read", "<b>timed-out</b>")
    assert "UTC" in until
    assert today.startswith("0 bytes")


@pytest.mark.parametrize("state", HostState)
def test_by_state(index: WebIndex, root: Browser, state: HostState) -> None:
    """The links above the table show each state's hosts alone, and say where one is."""
    now = index.world.clock.now()
    put(index, resting(index), Host("paced.test", now, now + HOUR), Host("ready.test", now))
    with index.world.store.write() as tx:
        tx.hosts.freeze("frozen.test", "root", "Stop.", now)
    shown = root.get(f"{HOSTS}?state={state}")
    assert [row[1] for row in rows(shown)] == [state.value]
    here = shown.page.the("main").all("a", **{"aria-current": "page"})
    assert [link.text for link in here] == ["Hosts", state.value]
    nothing = root.get(f"{HOSTS}?state={state}&q=nowhere").page.the("main").text
    assert f"No host is {state} and has “nowhere” in its name" in nothing


def test_more_than_a_page(index: WebIndex, root: Browser) -> None:
    """The list goes on, and back to its beginning; what no state is called is refused."""
    put(index, *(Host(f"host{number:02}.test") for number in range(PAGE_LENGTH + 1)))
    first = root.get(f"{HOSTS}?q=host")
    assert root.get(f"{HOSTS}?state=nonsense").status == 400
    assert len(rows(first)) == PAGE_LENGTH
    second = root.get(HOSTS + first.page.the("a", rel="next").attributes["href"])
    assert [row[0] for row in rows(second)] == [f"host{PAGE_LENGTH}.test"]
    assert [link.attributes["href"] for link in second.page.all("a") if link.text == "To the beginning"] == [
        "?q=host"
    ]
    assert "All hosts" in root.get(f"{HOSTS}?after=zzz").page.the("main").text


def test_a_host(index: WebIndex, root: Browser) -> None:
    """Everything that is known of it, harmless whatever it says."""
    put(index, resting(index))
    link = root.get(HOSTS).page.the("tbody").the("a")
    shown = root.get(link.attributes["href"])
    text = shown.page.the("main").text
    assert shown.page.the("h1").text == "[2001:db8::7]:8080"
    for told in ("Rests until", "3, last: <b>timed-out</b>", "7 s or more", "Disallow: /<private>"):
        assert told in text


def test_an_unknown_host(root: Browser) -> None:
    """There is no page for what was never asked."""
    assert root.get(f"{HOSTS}nowhere.test/").status == 404


def test_freezing_one_that_was_never_asked(index: WebIndex, root: Browser) -> None:
    """A form on the list freezes any host; a mistake is told, and nothing typed is lost."""
    nobody = root.submit(root.get(HOSTS), "freeze", name=" ", reason="It was sold.")
    assert "Name a host: write example.org" in nobody.page.the("section", role="alert").text
    wrong = root.submit(root.get(HOSTS), "freeze", name="no host", reason="It was sold.")
    assert wrong.status == 400
    assert wrong.page.the("input", id="reason").attributes["value"] == "It was sold."
    shown = root.submit(root.get(HOSTS), "freeze", name="https://new.test/x", reason="It was sold.")
    assert shown.goes_to == f"{HOSTS}new.test/"
    assert "It was sold." in root.get(shown.goes_to).page.the("main").text


def test_deciding(index: WebIndex, root: Browser) -> None:
    """Rest, wake, freeze and unfreeze, each from the page of the host."""
    put(index, Host("site.test"))
    here = f"{HOSTS}site.test/"

    def press(do: str, **fields: str) -> HostState:
        shown = root.submit(root.get(here), do, **fields)
        assert shown.goes_to == here, shown.page.the("main").text
        with index.world.store.read() as tx:
            return tx.hosts.find("site.test").state(index.world.clock.now())

    tomorrow = f"{index.world.clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert press("rest", until=tomorrow) is HostState.RESTING
    assert press("wake") is HostState.READY
    assert press("freeze", reason="It was sold.") is HostState.FROZEN
    assert press("unfreeze", reason="It was bought back.") is HostState.READY


def test_two_tabs(index: WebIndex, root: Browser) -> None:
    """Who freezes what another tab froze is told so, and so is who unfreezes it twice; what was typed is still there."""
    put(index, Host("site.test"))
    here = f"{HOSTS}site.test/"
    first, second = root.get(here), root.get(here)
    root.submit(first, "freeze", reason="It was sold.")
    late = root.submit(second, "freeze", reason="It answers with malware.")
    assert late.status == 409
    told = late.page.the("main").text
    assert "site.test is frozen already, by root: “It was sold.”" in told
    assert "It answers with malware." in told
    assert late.page.the("input", id="reason").attributes["value"] == "", "that was no reason to unfreeze it"
    first, second = root.get(here), root.get(here)
    root.submit(first, "unfreeze", reason="It was bought back.")
    late = root.submit(second, "unfreeze", reason="It is clean.")
    assert late.status == 409
    assert "site.test is not frozen" in late.page.the("section", role="alert").text
    assert "It is clean." in late.page.the("main").text


def test_who_unfreezes_shows_who_they_are(index: WebIndex, root: Browser) -> None:
    """Asking a host again is not for whoever finds an open browser; freezing it is not held up."""
    put(index, Host("site.test"))
    late, here = index.later(minutes=60).browser(), f"{HOSTS}site.test/"
    late.cookies.update(root.cookies)
    assert late.submit(late.get(here), "freeze", reason="It was sold.").goes_to == here
    refused = late.submit(late.get(here), "unfreeze", reason="It was bought back.")
    assert refused.status == 403
    assert "type your password beside the button" in refused.page.the("section", role="alert").text
    assert refused.page.the("input", id="reason").attributes["value"] == "It was bought back."
    with index.world.store.read() as tx:
        assert tx.hosts.find("site.test").state(index.world.clock.now()) is HostState.FROZEN


@pytest.mark.parametrize(
    ("do", "fields", "told"),
    [
        ("rest", {"until": ""}, "Say until when"),
        ("rest", {"until": "soon"}, "not a point in time"),
        ("rest", {"until": "2001-01-01T00:00"}, "within a year"),
        ("freeze", {"reason": ""}, "Say why"),
        ("unfreeze", {"reason": " "}, "Say why"),
    ],
)
def test_what_cannot_be_decided(
    index: WebIndex, root: Browser, do: str, fields: dict[str, str], told: str
) -> None:
    """The page comes back with the reason."""
    put(index, Host("site.test"))
    with index.world.store.write() as tx:
        if do == "unfreeze":
            tx.hosts.freeze("site.test", "root", "Stop.", index.world.clock.now())
    shown = root.submit(root.get(f"{HOSTS}site.test/"), do, **fields)
    assert shown.status == 400
    assert told in shown.page.the("section", role="alert").text


# What the operators of those servers are told


def test_the_user_agent_leads_to_the_page_about_the_crawler(index: WebIndex) -> None:
    """The address in the header is a page for everybody, and shows the very header."""
    about = f"{index.world.base_url}/about/crawler/"
    with serve(Outside()) as site:
        raw = HttpFetcher(about_url=about, allow=parse_allow(f"127.0.0.1:{site.port}"))
        fetcher = PoliteFetcher(raw, index.world.store, index.world.clock, Politeness(pace_seconds=0))
        fetcher.fetch(f"{site.base_url}/page", FetchLimits(1000), lambda _: None)
    assert [request.target for request in site.requests] == ["/robots.txt", "/page"]
    for request in site.requests:
        agent = request.header("user-agent")
        assert agent == f"Homeport/{__version__} (+{about})"
        shown = index.browser().get(agent.partition("(+")[2].rstrip(")").removeprefix(index.world.base_url))
        assert shown.status == 200
        text = shown.page.the("main").text
        for name, value in request.headers:
            assert f"{name}: {value}".lower() in text.lower() or name == "host"


def test_the_page_about_the_crawler_tells_this_indexs_rules(index: WebIndex) -> None:
    """Pace and budgets are those that hold here; what the index does not bound is not promised."""

    def text(politeness: Politeness) -> str:
        world = replace(index.world, politeness=politeness)
        browser = Browser(Starlette(routes=web_routes(world)), world.base_url)
        return browser.get("/about/crawler/").page.the("main").text

    told = text(Politeness(2.5, 3 * GIB, 9 * GIB))
    for words in (
        "2.5 s or more lie between",
        "3 GiB are taken from one host",
        "9 GiB from all hosts",
        "User-agent: Homeport",
    ):
        assert words in told
    told = text(Politeness(0, None, 9 * GIB))
    assert "at the pace that the operator of this index chose" in told
    assert "are taken from one host" not in told
    assert "In a day" not in text(Politeness())
