"""What a person is shown when something is refused, too large, broken, or nobody expected it."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message
from tests.support.browser import Browser
from tests.support.web_index import WebIndex, web_index

from homeport.domain.errors import KINDS, Invalid, Refusal, Unauthenticated, Unavailable
from homeport.ports.world import World
from homeport.web import form as web_form
from homeport.web import words
from homeport.web.app import web_routes
from homeport.web.errors import BODY_TOO_SLOW, TABLE, told
from homeport.web.form import MAX_FIELDS, MAX_FORM_BYTES, Form, receive_form
from homeport.web.page import Asked, Door, Page
from homeport.web.rendering import Look
from homeport.web.static_files import StaticFiles


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index."""
    with web_index(tmp_path) as opened:
        yield opened


def browser_of(world: World, raised: Exception) -> Browser:
    """A browser of an index with one page, whose handler raises."""

    def handler(asked: Asked) -> Page:
        asked.query.get("x")
        raise raised

    door = Door(world, Look(world.base_url, StaticFiles.read()))
    return Browser(
        Starlette(routes=[Route("/page", door.endpoint(handler), methods=["GET", "POST"])]), world.base_url
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_refusal_has_its_page(index: WebIndex, kind: type[Refusal]) -> None:
    """Status and heading come from the table; the sentence, every problem and the code are on the page."""
    refusal = kind("It was <refused>.", code="a-code", problems=("First & last.", "Second."))
    shown = browser_of(index.world, refusal).get("/page")
    assert shown.status == TABLE[kind].status
    if kind is Unauthenticated:
        assert shown.goes_to == "/sign-in/?next=%2Fpage"
        return
    main = shown.page.the("main")
    assert main.the("h1").text == TABLE[kind].heading
    for said in ("It was <refused>.", "First & last.", "Second.", "a-code"):
        assert said in main.text
    waits = refusal.retry_after_seconds
    assert shown.headers.get("retry-after") == (str(waits) if waits else None)


def test_headings_differ() -> None:
    """Every kind is told in words of its own."""
    headings = [told(kind("x")).heading for kind in KINDS]
    assert len(set(headings)) == len(headings)


def test_what_nobody_expected_is_logged_once_and_shown_as_its_id(
    index: WebIndex, caplog: pytest.LogCaptureFixture
) -> None:
    """The page names the id and nothing else of what happened; the log has both, and the whole error."""
    with caplog.at_level(logging.INFO, "homeport"):
        shown = browser_of(index.world, ZeroDivisionError("the secret of it")).get("/page")
    assert shown.status == HTTPStatus.INTERNAL_SERVER_ERROR
    (record,) = caplog.records
    fields = vars(record)["fields"]
    assert fields["error_id"] in shown.page.the("main").text
    assert record.exc_info
    assert "secret" not in shown.html
    assert "ZeroDivision" not in shown.html
    assert "Traceback" not in shown.html


def test_a_secret_in_the_address_is_not_logged(
    index: WebIndex, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log names the page, not its address: that of the one-time link is a secret."""

    def broken(world: World, secret: str) -> bool:
        raise ZeroDivisionError(world.base_url)

    monkeypatch.setattr("homeport.web.sign_in.is_setup_link", broken)
    with caplog.at_level(logging.INFO, "homeport"):
        assert index.browser().get("/welcome/the-one-time-secret").status == 500
    assert "the-one-time-secret" not in caplog.text
    assert "the-one-time-secret" not in str([vars(record)["fields"] for record in caplog.records])


class NoStore:
    """A store that cannot be reached."""

    def read(self) -> NoReturn:
        """Refuse."""
        raise Unavailable("The database cannot be used now.", code="database-unavailable")

    write = write_lightly = read


def test_without_a_database_the_page_says_so(index: WebIndex) -> None:
    """503 with the time to wait, also for a browser that carries a session's cookie."""
    world = replace(index.world, store=NoStore())
    browser = Browser(Starlette(routes=web_routes(world)), world.base_url)
    for cookies in ({}, {"__Host-homeport": "a" * 64}):
        browser.cookies = dict(cookies)
        shown = browser.get("/")
        assert (shown.status, shown.headers["retry-after"]) == (503, "30")
        assert shown.page.the("h1").text == "Not now"


# Forms


def post(index: WebIndex, body: bytes, **headers: str) -> int:
    """The status that a body is answered with by the sign-in page."""
    said = {"origin": index.world.base_url, **headers}
    return index.browser().post_bytes("/sign-in/", body, **said).status


def test_forms_are_bounded(index: WebIndex) -> None:
    """One byte or one field too many is refused; up to the bound it is read."""
    start = b"name=ada&password="
    assert post(index, start + b"x" * (MAX_FORM_BYTES - len(start))) == 403, "read, and a wrong password"
    assert post(index, start + b"x" * (MAX_FORM_BYTES - len(start) + 1)) == 413
    said = {"origin": index.world.base_url}
    large = index.browser().post_bytes("/manage/rehosts/1", b"x" * (MAX_FORM_BYTES + 1), **said)
    assert "homeport rehost hashes ID FILE" in large.page.the("main").text, "how to go on"
    assert post(index, b"&".join(b"a=1" for _ in range(MAX_FIELDS))) == 403
    assert post(index, b"&".join(b"a=1" for _ in range(MAX_FIELDS + 1))) == 400


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "",
        "application/x-www-form-urlencodedx",
    ],
)
def test_other_bodies_are_no_forms(index: WebIndex, kind: str) -> None:
    """Pages send one kind of form; a body of another kind is refused unread."""
    assert post(index, b"name=ada&password=x", content_type=kind) == 400


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"name=%FF", b"%ff=1"])
def test_forms_are_utf8(index: WebIndex, body: bytes) -> None:
    """What is no UTF-8 is refused rather than guessed at."""
    assert post(index, body) == 400


def test_a_form_with_a_charset_is_read(index: WebIndex) -> None:
    """Parameters and letter case of the type do not matter."""
    kind = "Application/X-WWW-Form-Urlencoded; charset=UTF-8"
    assert post(index, b"name=ada&password=x", content_type=kind) == 403


def test_a_form_that_breaks_off_is_refused() -> None:
    """A connection that ends early leaves no half of a form behind."""
    messages: list[Message] = [
        {"type": "http.request", "body": b"name=a", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(Invalid, match="ended before the form did"):
        asyncio.run(receive_form(request))


@pytest.mark.parametrize("sent", [b"", b"name=a"])
def test_a_form_that_falls_silent_is_not_waited_for(
    index: WebIndex, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Whoever begins a form and says no more is told so after a while, and holds no connection."""
    monkeypatch.setattr(web_form, "FORM_SECONDS", 0.02)
    messages: list[Message] = [{"type": "http.request", "body": sent, "more_body": True}]

    async def receive() -> Message:
        if not messages:
            await asyncio.sleep(60)
        return messages.pop(0)

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(Invalid) as refused:
        asyncio.run(receive_form(request))
    assert refused.value.code == BODY_TOO_SLOW
    shown = browser_of(index.world, refused.value).get("/page")
    assert (shown.status, shown.page.the("h1").text) == (408, "That took too long")


FORM = Form(
    {"n": ("1", "2"), "bad": ("1", "x"), "huge": ("9" * 19,), "s-1": (" a ",), "s-x": ("b",), "s-2": ("",)}
)


def test_form_fields() -> None:
    """Text is stripped, passwords are not, absence is empty, and only plain numbers are numbers."""
    assert (FORM.text("s-1"), FORM.raw("s-1"), FORM.text("none")) == ("a", " a ", "")
    assert (FORM.flag("n"), FORM.flag("none")) == (True, False)
    assert FORM.numbers("n") == {1, 2}
    assert FORM.numbers("none") == frozenset()
    assert FORM.numbered_texts("s-") == {1: "a"}
    for name in ("bad", "huge"):
        with pytest.raises(Invalid, match="must hold numbers"):
            FORM.numbers(name)


@pytest.mark.parametrize("number", ["+1", "-1", " 1", "1_0", "٣", "²", "1.0", "0x1", ""])
def test_odd_numbers_are_no_numbers(number: str) -> None:
    """Item ids are digits and nothing else."""
    with pytest.raises(Invalid):
        Form({"n": (number,)}).numbers("n")
    assert Form({f"s-{number}": ("x",)}).numbered_texts("s-") == {}


def test_a_page_speaks_of_no_options() -> None:
    """Which option of a command a refusal is about is for those who typed one; all else stays."""
    told = "An exemption needs a reason and a date (--reason, --until), and (so) on."
    assert words.without_options(told) == "An exemption needs a reason and a date, and (so) on."


def test_a_rehearsals_copy_says_what_it_is(index: WebIndex) -> None:
    """On every page, with its day; and its cookie is another than the real index's beside it."""
    until = index.world.clock.now()
    world = replace(index.world, rehearsed_until=until)
    copy = WebIndex(world, Starlette(routes=web_routes(world))).browser()
    for path in ("/", "/sign-in/", "/nowhere/"):
        text = copy.get(path).page.text
        assert f"s copy, as of {words.moment(until)} : nothing here is real." in text
    assert "nothing here is real" not in index.browser().get("/").page.text
    copy.cookies.update(index.signed_in("ada").cookies)
    assert copy.get("/account/").status == 303, "the real index's cookie opens nothing here"
    copy.cookies["__Host-homeport-rehearsal"] = copy.cookies["__Host-homeport"]
    assert copy.get("/account/").status == 200
