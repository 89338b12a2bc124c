"""Nothing inside is ever touched: spellings, names, redirects, rebinding, proxies, and the index itself.

Every connection of this process is seen by an audit hook, so that "not connected" is observed and not assumed.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import getproxies

import pytest
from tests.support.http_site import Site, serve
from tests.support.outside import Outside, redirect

from homeport.adapters.net.connect import _require_peer, is_this_machine
from homeport.adapters.net.ending import Ended
from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import AllowList, Places, own_places, parse_allow
from homeport.domain.urls import Url
from homeport.ports.fetch import Fetched, FetchLimits, Outcome

LIMITS = FetchLimits(max_bytes=10_000, connect_seconds=1, first_byte_seconds=1, total_seconds=3)

_connects: list[object] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        _connects.append(arguments[1])


# An audit hook cannot be removed; it only ever appends to a list that each test clears.
sys.addaudithook(_note)


@pytest.fixture(autouse=True)
def connects() -> list[object]:
    """Every address this process connects to."""
    _connects.clear()
    return _connects


class Names:
    """A resolver with a fixed answer for each name; ``asked`` is what it was asked."""

    def __init__(self, **answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = answers

    def __call__(self, host: str, seconds: float) -> list[str]:
        """The addresses of ``host``."""
        self.asked.append(host)
        return self._answers[host.removesuffix(".test")]


def fetch(
    url: str, resolve: Callable[[str, float], list[str]], allow: AllowList = (), own: Places = frozenset()
) -> Fetched:
    """One fetch by a fetcher of its own."""
    fetcher = HttpFetcher(about_url="https://index.example.org/about", allow=allow, own=own, resolve=resolve)
    return fetcher.fetch(url, LIMITS, lambda _: None)


ADDRESSES = [
    "http://127.255.255.254/", "http://127.0.0.1/", "https://127.0.0.1/", "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/", "http://168.63.129.16/",
    "http://192.0.0.192/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/",
    "http://100.100.100.200/", "http://198.18.0.1/", "http://255.255.255.255/", "http://224.0.0.1/",
    "http://8.8.8.8/", "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/", "http://[::127.0.0.1]/", "http://[::ffff:0:7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a9fe:a9fe]/", "http://[2002:a9fe:a9fe::1]/", "http://[fd00:ec2::254]/", "http://[fec0::1]/",
    "http://[3fff::1]/", "http://[100::1]/", "http://[fe80::1]/", "http://[2001::1]/", "http://[ff02::1]/",
    "http://[5f00::1]/", "http://[2606:4700::1111]/", "http://127.0.0.1:8080/", "http://127.0.0.1./",
]  # fmt: skip
SPELLINGS = [
    "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.01/", "http://0251.0376.0251.0376/",
    "http://0xa9fea9fe/", "http://0/", "http://1.2.3.4.5/", "http://256.0.0.1/", "http://127.0.0.0x1/",
    "http://[fe80::1%25lo]/", "http://[fe80::1%lo]/", "http://[::1", "http://::1/", "http://[v1.x]/", "http://[127.0.0.1]/",
    "http://１２７．０．０．１/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://١٢٧.0.0.1/",  # noqa: RUF001
    "http://public.test@127.0.0.1/", "http://user:pass@public.test/", "http://127.0.0.1\\@public.test/",
    "http://public.test\\@127.0.0.1/", "http://127.0.0.1\t/", "http://public.test /", " http://public.test/",
    "http://127.0.0.1/%0d%0aX: y", "http://public.test/\r\nX: y", "http://public.test:80:80/", "http://public.test:/",
    "http://public.test:0/", "http://public.test:65536/", "http://public.test:８０/", "http://public%2etest/",  # noqa: RUF001
    "http://public.test#@127.0.0.1/\\", "http:127.0.0.1/", "http:/127.0.0.1/", "//127.0.0.1/", "127.0.0.1", "",
    "http://", "http:///x", "http://./", "http://a..test/", "http://-a.test/", "http://xn--a.test/", "http://\u200b.test/",
]  # fmt: skip
SCHEMES = [
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING", "dict://127.0.0.1/", "data:text/html,x", "ftp://public.test/",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "javascript:alert(1)", "ws://public.test/", "HTTPX://public.test/",
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        *((url, {"address-refused"}) for url in ADDRESSES),
        *((url, {"url-refused"}) for url in SPELLINGS),
        *((url, {"scheme-refused"}) for url in SCHEMES),
        ("http://public.test:22/", {"port-refused"}),
        ("http://public.test:8080/", {"port-refused"}),
    ],
)
def test_urls_that_are_refused_unasked(url: str, codes: set[str], connects: list[object]) -> None:
    """No spelling of an address, scheme or port gets as far as a look-up or a connection."""
    names = Names()
    fetched = fetch(url, names)
    assert (fetched.outcome, fetched.hops) == (Outcome.REFUSED, ())
    assert fetched.code in codes
    assert names.asked == []
    assert connects == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["10.0.0.1"], ["100.64.0.1"], ["168.63.129.16"], ["169.254.169.254"], ["0.0.0.0"], ["198.18.0.1"],
        ["::1"], ["64:ff9b::7f00:1"], ["64:ff9b::a9fe:a9fe"], ["64:ff9b:1::a9fe:a9fe"], ["2001:0:7f00:1::1"],
        ["::127.0.0.1"], ["fd00:ec2::254"], ["2001:db8::1"], ["fe80::1%lo"], ["fe80::1"], ["::ffff:10.0.0.1"], ["nonsense"],
        ["93.184.216.34", "127.0.0.1"], ["93.184.216.34", "::1"], ["2606:4700::1111", "10.0.0.1"],
    ],
)  # fmt: skip
def test_names_that_lead_inside(addresses: list[str], connects: list[object]) -> None:
    """One answer that may not be reached refuses the name, also beside public ones."""
    fetched = fetch("http://a.test/", Names(a=addresses))
    assert (fetched.outcome, fetched.code, fetched.hops) == (Outcome.REFUSED, "address-refused", ())
    assert fetched.reason.startswith("a.test: ")
    assert connects == []


@pytest.fixture
def site() -> Iterator[Site]:
    """A site behind a loopback port, which redirects from ``/to/…`` and holds a file."""
    outside = Outside()
    outside.put_file("http://site.test/file", b"abc")
    outside.put_file("http://127.0.0.1/file", b"abc")
    outside.put("http://site.test/to/name", redirect("http://inside.test/"))
    outside.put("http://site.test/to/index", redirect("http://index.test/simple/"))
    outside.put("http://site.test/to/number", redirect("http://2130706433/"))
    with serve(outside) as served:
        yield served


@pytest.mark.parametrize(
    ("path", "code"),
    [("/to/name", "address-refused"), ("/to/index", "own-address"), ("/to/number", "url-refused")],
)
def test_redirects_that_lead_inside(site: Site, connects: list[object], path: str, code: str) -> None:
    """A redirect is checked as the first URL was: by grammar, by name, by address."""
    names = Names(site=["127.0.0.1"], inside=["10.0.0.1"], index=["93.184.216.34"])
    fetched = fetch(
        site.url("site.test", path),
        names,
        allow=parse_allow(f"127.0.0.1:{site.port}"),
        own=own_places(Url.parse("https://index.test/"), "127.0.0.1", 8417),
    )
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, code)
    assert connects == [("127.0.0.1", site.port)]


def test_an_allow_rule_opens_its_address_and_port_only(site: Site, connects: list[object]) -> None:
    """The operator's rule lets an address through, by name and as it stands, at its port."""
    allow = parse_allow(f"127.0.0.1/32:{site.port}")
    names = Names(site=["127.0.0.1"], other=["127.0.0.2"])
    assert fetch(site.url("site.test", "/file"), names, allow).outcome is Outcome.OK
    by_address = fetch(f"{site.base_url}/file", names, allow)
    assert (by_address.outcome, by_address.is_loopback) == (Outcome.OK, True)
    assert fetch(site.url("other.test", "/file"), names, allow).code == "address-refused"
    assert fetch(f"http://127.0.0.1:{site.port + 1}/file", names, allow).code == "address-refused"
    assert fetch("http://site.test/file", names, allow).code == "address-refused"
    assert connects == [("127.0.0.1", site.port)] * 2


def test_rebinding(site: Site, connects: list[object]) -> None:
    """A name is looked up once per request, and what was checked is what is connected to."""
    lookups = 0

    def flips(host: str, seconds: float) -> list[str]:
        nonlocal lookups
        lookups += 1
        return ["127.0.0.1"] if lookups % 2 else ["127.0.0.2"]

    fetcher = HttpFetcher(
        about_url="https://index.example.org/about",
        allow=parse_allow(f"127.0.0.1/32:{site.port}"),
        resolve=flips,
    )
    url = site.url("site.test", "/file")
    outcomes = [fetcher.fetch(url, LIMITS, lambda _: None).outcome for _ in range(200)]
    assert outcomes == [Outcome.OK, Outcome.REFUSED] * 100
    assert lookups == 200
    assert set(connects) == {("127.0.0.1", site.port)}


def test_the_peer_is_compared() -> None:
    """A connection that ends up elsewhere than checked is not used."""
    _require_peer("2001:db8:0::1", "2001:DB8::1")
    with pytest.raises(Ended) as ended:
        _require_peer("10.0.0.1", "93.184.216.34")
    assert (ended.value.outcome, ended.value.code) == (Outcome.REFUSED, "address-refused")


@pytest.mark.parametrize(
    ("listen_host", "url"),
    [
        ("127.0.0.1", "http://alias.test:{port}/file"),
        ("127.0.0.1", "http://127.0.0.1:{port}/file"),
        ("localhost", "http://alias.test:{port}/file"),
        ("0.0.0.0", "http://alias.test:{port}/file"),
        ("::", "http://elsewhere.test:{port}/file"),
        ("10.9.8.7", "http://index.test:{port}/file"),
    ],
)
def test_the_index_never_asks_itself(site: Site, connects: list[object], listen_host: str, url: str) -> None:
    """Under whatever name or address the index answers, no rule of the operator lets the crawler ask it."""
    names = Names(alias=["127.0.0.1"], elsewhere=["127.8.8.8"], index=["127.0.0.1"])
    fetched = fetch(
        url.format(port=site.port),
        names,
        allow=parse_allow("0.0.0.0/0:*,[::]/0:*"),
        own=own_places(Url.parse(f"http://index.test:{site.port}/"), listen_host, site.port),
    )
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "own-address")
    assert connects == []


def test_another_index_on_the_same_port_is_no_self() -> None:
    """An index that listens everywhere refuses its port on its own machine only."""
    assert is_this_machine("127.0.0.1")
    assert not is_this_machine("203.0.114.7")


def test_the_environment_is_not_read(
    site: Site, connects: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies, credentials and key logs of the environment are left alone."""
    with serve(Outside()) as canary:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, canary.base_url)
            monkeypatch.setenv(name.upper(), canary.base_url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        (tmp_path / ".netrc").write_text("machine site.test login user password secret\n")
        assert getproxies()["http"] == canary.base_url
        names = Names(site=["127.0.0.1"])
        fetched = fetch(site.url("site.test", "/file"), names, parse_allow(f"127.0.0.1:{site.port}"))
    assert fetched.outcome is Outcome.OK
    assert canary.connections == 0
    assert connects == [("127.0.0.1", site.port)]
    assert site.requests[-1].header("authorization") == ""
    assert not (tmp_path / "keys").exists()
