"""Standards F.2: which representation a request gets, asked of a running Homeport."""

import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from tests.journeys.checks.pages import (
    BROWSER,
    JSON,
    PIP,
    POETRY,
    TEXT_HTML,
    TYPES,
    UV,
    VENDOR_HTML,
    media_type,
)
from tests.journeys.checks.stock import FULL, SDIST, WHEEL, Stock
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

LATEST = "application/vnd.pypi.simple.latest"
V2_JSON = "application/vnd.pypi.simple.v2+json"

Ask = Callable[..., str]


@pytest.fixture(params=["/simple/", f"/simple/{FULL}/"], ids=["list", "page"])
def path(request: pytest.FixtureRequest) -> str:
    """Both kinds of page: their representations are chosen alike."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def ask(index: Index, stock: Stock, path: str) -> Ask:
    """Gives the type of the page for an ``Accept``, and checks that the body is of that type."""

    def type_for(accept: str, query: str = "") -> str:
        return require_what_it_says(stock.get(path + query, accept))

    return type_for


def require_what_it_says(reply: Reply) -> str:
    """The media type of an answer of 200, whose body is what the type says."""
    assert reply.status == 200, reply.text
    found = media_type(reply.headers["content-type"])
    if found == JSON:
        assert json.loads(reply.body)["meta"]["api-version"] == "1.4"
    else:
        assert found in {VENDOR_HTML, TEXT_HTML}
        assert reply.body.startswith(b"<!DOCTYPE html>")
    return found


def test_n01_every_answer_has_a_type(index: Index, stock: Stock) -> None:
    """Whatever is answered with 200 says what it is."""
    files = index.simple(FULL)
    urls = [files[WHEEL]["url"], files[SDIST]["url"], files[WHEEL]["url"] + ".metadata"]
    pages = [
        "/simple/",
        f"/simple/{FULL}/",
        f"/pypi/{FULL}/json",
        "/stats/",
        "/rss/updates.xml",
        "/healthz",
        "/",
    ]
    for path in [*pages, *urls]:
        for accept in ("", *TYPES):
            reply = stock.get(path, accept)
            assert reply.status == 200, path
            assert "/" in reply.headers["content-type"], path


def test_n02_json_by_its_name(ask: Ask) -> None:
    """The JSON type gets JSON under that name."""
    assert ask(JSON) == JSON


def test_n03_html_by_its_name(ask: Ask) -> None:
    """The vendor's HTML type gets HTML under that name."""
    assert ask(VENDOR_HTML) == VENDOR_HTML


def test_n04_html_by_its_alias(ask: Ask) -> None:
    """``text/html`` gets HTML under the name that the client used: pip 22.1 and older refuse another."""
    assert ask(TEXT_HTML) == TEXT_HTML


def test_n05_no_accept_is_anything(index: Index, stock: Stock, path: str) -> None:
    """A request without ``Accept``, with an empty one, and with ``*/*`` are one request."""
    answers = [stock.get(path), stock.get(path, "*/*"), index.request("GET", path, headers={"Accept": ""})]
    assert len({(reply.headers["content-type"], reply.headers["etag"], reply.body) for reply in answers}) == 1


def test_n06_anything_is_html(ask: Ask) -> None:
    """Clients that do not say what they read (easy_install, hatch, curl) read HTML."""
    assert "html" in ask("")
    assert "html" in ask("*/*")


def test_n07_pip_gets_json(ask: Ask) -> None:
    """The header of pip 22.2 and newer, and of pdm, is answered with JSON."""
    assert ask(PIP) == JSON


def test_n08_uv_gets_json(ask: Ask) -> None:
    """The header of uv is answered with JSON."""
    assert ask(UV) == JSON


def test_n09_poetry_gets_json(index: Index, stock: Stock, path: str) -> None:
    """The header of poetry is answered with exactly the JSON type: with a parameter it would read HTML."""
    assert stock.get(path, POETRY).headers["content-type"] == JSON


def test_n10_browsers_get_html(ask: Ask) -> None:
    """The header of browsers is answered with ``text/html``."""
    assert ask(BROWSER) == TEXT_HTML


@pytest.mark.parametrize(
    "ranges", [TYPES, (*TYPES, "*/*"), ("text/html;q=0.5", f"{JSON};q=0.5"), ("text/*", "application/*")]
)
def test_n11_order_means_nothing(ask: Ask, ranges: tuple[str, ...]) -> None:
    """Ranges of equal weight are answered alike in every order."""
    assert ask(", ".join(ranges)) == ask(", ".join(reversed(ranges)))


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (f"{JSON};q=0.1, text/html;q=0.9", TEXT_HTML),
        (f"{JSON};q=0.9, text/html;q=0.1", JSON),
        (f"{JSON};q=0.499, {VENDOR_HTML};q=0.5", VENDOR_HTML),
        (f"{VENDOR_HTML};q=0.001, text/html;q=0.002", TEXT_HTML),
    ],
)
def test_n12_weights_decide(ask: Ask, accept: str, wanted: str) -> None:
    """The range of the greatest weight is answered, also when the server would rather give another."""
    assert ask(accept) == wanted


@pytest.mark.parametrize(
    "accept",
    [
        f"{JSON};q=0, text/html",
        f"text/html;q=0.001, {JSON};q=0.000",
        f"*/*, {JSON};q=0",
        f"{JSON};q=0, application/*",
    ],
)
def test_n13_weight_zero_is_a_refusal(ask: Ask, accept: str) -> None:
    """Who refuses JSON is not given it, whatever wider range would allow it."""
    assert "html" in ask(accept)


@pytest.mark.parametrize("accept", ["text/html;q=0, */*", "*/*, text/html;q=0", "text/*;q=0, */*;q=0.1"])
def test_n14_the_specific_range_counts(ask: Ask, accept: str) -> None:
    """A specific range overrides a wider one for what it names."""
    assert ask(accept) in {JSON, VENDOR_HTML}


@pytest.mark.parametrize("accept", ["image/png", "image/*, text/plain", f"{JSON};q=0", "*/*;q=0"])
def test_n15_n19_nothing_fits(index: Index, stock: Stock, path: str, accept: str) -> None:
    """What cannot be had is 406, which says what can, is no page, and depends on ``Accept``."""
    reply = stock.get(path, accept)
    assert reply.status == 406
    assert all(offered in reply.text for offered in TYPES)
    assert media_type(reply.headers["content-type"]) == "text/plain"
    assert "Accept" in varies_by(reply)


def varies_by(reply: Reply) -> set[str]:
    """The fields of the request that the answer depends on."""
    return {name.strip() for name in reply.headers["vary"].split(",")}


@pytest.mark.parametrize(("suffix", "wanted"), [("+json", JSON), ("+html", VENDOR_HTML)])
def test_n16_latest_names_its_version(ask: Ask, suffix: str, wanted: str) -> None:
    """``latest`` is answered under the name of the real version."""
    assert ask(LATEST + suffix) == wanted
    assert ask(f"{LATEST}{suffix}, text/html;q=0.5") == wanted


def test_n17_plain_json_is_no_alias(index: Index, stock: Stock, path: str) -> None:
    """``application/json`` names none of the types: alone it is 406, and nothing is ever labelled so."""
    assert stock.get(path, "application/json").status == 406
    assert require_what_it_says(stock.get(path, "application/json, text/html;q=0.1")) == TEXT_HTML


@pytest.mark.parametrize(
    "wanted", [V2_JSON, V2_JSON.replace("json", "html"), "application/vnd.pypi.simple+json"]
)
def test_n18_no_version_but_the_first(index: Index, stock: Stock, path: str, wanted: str) -> None:
    """A version that is not spoken is 406, and never the first one under another's name."""
    assert stock.get(path, wanted).status == 406
    assert require_what_it_says(stock.get(path, f"{wanted}, {JSON};q=0.1")) == JSON


@pytest.mark.parametrize("accept", ["", *TYPES, PIP])
def test_n19_answers_depend_on_accept(index: Index, stock: Stock, path: str, accept: str) -> None:
    """200 and 304 say that they depend on ``Accept`` and, since pages are compressed, on ``Accept-Encoding``."""
    page = stock.get(path, accept)
    unchanged = stock.get(path, accept, If_None_Match=page.headers["etag"])
    assert (page.status, unchanged.status) == (200, 304)
    for reply in (page, unchanged):
        assert varies_by(reply) >= {"Accept", "Accept-Encoding"}


@pytest.mark.parametrize("wanted", TYPES)
def test_n20_the_query_wins(ask: Ask, wanted: str) -> None:
    """``?format=`` beats ``Accept``, with its ``+`` encoded, raw, and among other parameters."""
    other = TEXT_HTML if wanted == JSON else JSON
    for query in (f"?format={quote(wanted, safe='')}", f"?format={wanted}", f"?x=1&format={wanted}&y"):
        assert ask(other, query) == wanted
        assert ask("image/png", query) == wanted


@pytest.mark.parametrize(
    "value", ["bogus", "", "text/*", "*/*", f"{JSON};q=1", "%00", "%ff", "a" * 5_000, f"{V2_JSON}"]
)
def test_n21_an_unknown_format_is_passed_over(ask: Ask, value: str) -> None:
    """A ``?format=`` that names no type leaves the choice to ``Accept``."""
    assert ask(JSON, f"?format={value}") == JSON
    assert ask(TEXT_HTML, f"?format={value}") == TEXT_HTML


@pytest.mark.parametrize(
    "accept",
    [
        ";;q=x",
        ",,,",
        ";",
        "/",
        "text/html;q",
        "text/html;q=;q=1",
        "text/html;q=2, */*;q=-1",
        "q=0.5",
        '"text/html',
        "\xff\xfe",
        "text/html;" + "a=b;" * 2_000,
        "a/b, " * 20_000,
        "x" * 100_000,
        f"{JSON};q=0." + "0" * 50_000,
    ],
    ids=lambda accept: f"{accept[:12]!r}x{len(accept)}",
)
def test_n22_garbage_is_answered_at_once(index: Index, stock: Stock, path: str, accept: str) -> None:
    """An ``Accept`` that nobody can read is answered, quickly, by a page or a refusal."""
    began = time.monotonic()
    assert stock.get(path, accept).status in {200, 400, 406, 413, 431}
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (JSON.upper(), JSON),
        ("Text/HTML", TEXT_HTML),
        (f"{JSON};Q=0.1, text/html ; Q=0.9", TEXT_HTML),
        (f"  {JSON} ;  q=0.1  ,\ttext/html\t;\tq=0.9  ", TEXT_HTML),
        (f"{JSON};q=1.000,text/html;q=0.1", JSON),
        (f"text/html;charset=utf-8;q=0.1,{JSON} ; q=0", TEXT_HTML),
    ],
)
def test_n23_case_and_blanks_mean_nothing(ask: Ask, accept: str, wanted: str) -> None:
    """Types and parameters are read in any case, with blanks wherever RFC 9110 allows them."""
    assert ask(accept) == wanted
