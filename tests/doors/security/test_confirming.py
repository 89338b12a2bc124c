"""Who signed in a while ago confirms who they are before anything is changed, and is led nowhere else by it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from tests.doors.test_web_sign_in import ELSEWHERE, LOCAL
from tests.support.authenticator import SecurityKey
from tests.support.browser import Browser
from tests.support.security_pages import (
    COOKIE,
    PASSWORD,
    SECURITY,
    add_app,
    add_key,
    app_code,
    begin_app,
    key_options,
    post,
    session_of,
    sign_in,
)
from tests.support.web_index import WebIndex, web_index

from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.rights import FRESH_FOR
from homeport.flows.sessions import find_session, show_security
from homeport.flows.sign_in import add_user


def age(index: WebIndex, browser: Browser, by: timedelta) -> None:
    """Let the browser have been confirmed that much longer ago."""
    session = session_of(index, browser)
    with index.world.store.write() as tx:
        tx.sessions.close(session.secret)
        tx.sessions.add(replace(session, confirmed_at=session.confirmed_at - by))


def test_changes_ask_who_it_is_first(index: WebIndex) -> None:
    """A quarter of an hour later the page leads to confirming, and back; the secret changes."""
    browser, _ = sign_in(index)
    age(index, browser, FRESH_FOR)
    asked = browser.get(SECURITY + "app/")
    assert asked.goes_to == "/confirm/?next=%2Faccount%2Fsecurity%2Fapp%2F"
    before = browser.cookies[COOKIE]
    page = browser.get(asked.goes_to)
    assert browser.submit(page, "password", password="wrong").status == 403
    done = browser.submit(page, "password", password=PASSWORD)
    assert (done.status, done.goes_to) == (303, SECURITY + "app/")
    assert browser.cookies[COOKIE] != before
    assert find_session(index.world, before) is None
    assert browser.get(SECURITY + "app/").status == 200


def test_a_form_is_asked_for_early_and_taken_late(index: WebIndex) -> None:
    """A page whose form could not be sent in time is not shown; what was shown in time is taken."""
    browser, _ = sign_in(index)
    page = begin_app(browser)
    secret = page.page.the("code").text.replace(" ", "")
    age(index, browser, FRESH_FOR - timedelta(minutes=4))
    assert browser.get(SECURITY + "app/").status == 303
    sent = browser.submit(page, "add", label="phone", code=app_code(index, secret))
    assert sent.goes_to == SECURITY + "codes/"


def test_a_form_asks_for_a_password_when_the_server_does(index: WebIndex) -> None:
    """Until a quarter of an hour is over no form asks for one; from then on each that needs it does."""
    browser, _ = sign_in(index)
    age(index, browser, FRESH_FOR - timedelta(minutes=1))
    assert not browser.get("/account/tokens/").page.all("input", name="own_password", type="password")
    age(index, browser, timedelta(minutes=1))
    assert browser.get("/account/tokens/").page.all("input", name="own_password", type="password")


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        (SECURITY, {"do": "remove", "factor": "1"}),
        (SECURITY, {"do": "make-codes"}),
        (SECURITY + "app/", {"do": "begin"}),
        (SECURITY + "app/", {"do": "add", "label": "x", "code": "000000"}),
        (SECURITY + "key/", {"label": "x", "answer": "{}"}),
    ],
)
def test_a_stale_form_is_not_taken(index: WebIndex, target: str, fields: dict[str, str]) -> None:
    """A form that was left open too long leads to confirming; nothing is done."""
    browser, _ = sign_in(index)
    add_app(index, browser)
    before = show_security(index.world, index.user("ada"))
    age(index, browser, FRESH_FOR)
    shown = post(browser, target, **fields)
    assert shown.goes_to.startswith("/confirm/?next=")
    after = show_security(index.world, index.user("ada"))
    assert (after.factors, after.recovery_codes_left) == (before.factors, before.recovery_codes_left)


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        (
            "/manage/projects/demo/releases/",
            {"do": "remove-release", "version": "1.0", "confirm": "1.0", "cause": "A secret."},
        ),
    ],
)
def test_what_gives_rights_away_asks_first(index: WebIndex, target: str, fields: dict[str, str]) -> None:
    """Late, a form that does not ask for the password itself leads to confirming, and back; in time it is taken."""
    project, version = index.project("demo", "ada"), ReleaseVersion.parse("1.0")
    with index.world.store.write() as tx:
        metadata = CoreMetadata("2.1", "demo", "1.0")
        tx.releases.put(project.id, version, metadata, replace=False, at=index.world.clock.now())
    browser, _ = sign_in(index)
    age(index, browser, FRESH_FOR)
    assert browser.get(target).page.all("input", name="own_password", type="password")
    assert post(browser, target, **fields).goes_to == f"/confirm/?next={quote(target, safe='')}"
    browser.submit(browser.get(f"/confirm/?next={target}"), "password", password=PASSWORD)
    assert not browser.get(target).page.all("input", name="own_password", type="password")
    assert post(browser, target, **fields).goes_to == target


def test_a_code_or_a_key_confirms(index: WebIndex) -> None:
    """Whoever has a factor need not type the password."""
    browser, _ = sign_in(index)
    secret, _ = add_app(index, browser)
    key = SecurityKey()
    add_key(browser, key)
    age(index, browser, FRESH_FOR)
    page = browser.get("/confirm/")
    assert page.page.all("input", id="password")
    assert browser.submit(page, "code", code=app_code(index, secret, steps=1)).goes_to == "/manage/"
    age(index, browser, FRESH_FOR)
    answer = key.sign(key_options(browser.get("/confirm/")))
    assert post(browser, "/confirm/", do="key", answer=answer, next=SECURITY).goes_to == SECURITY
    assert browser.get(SECURITY + "app/").status == 200


def test_nobody_confirms_who_is_not_signed_in(index: WebIndex) -> None:
    """There is nobody to confirm."""
    assert index.browser().get("/confirm/").goes_to.startswith("/sign-in/?next=")
    assert index.browser().post("/confirm/", {"password": PASSWORD}).goes_to.startswith("/sign-in/?next=")


def test_a_session_that_ended_meanwhile_signs_in_again(index: WebIndex) -> None:
    """A page of a browser that was signed out elsewhere leads to signing in."""
    browser, _ = sign_in(index)
    page = browser.get("/confirm/")
    with index.world.store.write() as tx:
        tx.sessions.close_all(index.user("ada").id)
    assert browser.submit(page, "password", password=PASSWORD).goes_to.startswith("/sign-in/?next=")


@pytest.fixture(scope="module")
def confirming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that confirms again and again."""
    with web_index(tmp_path_factory.mktemp("confirming")) as index:
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        yield sign_in(index)[0]


@pytest.mark.parametrize("target", [*LOCAL, *ELSEWHERE[::6]])
def test_confirming_never_leads_elsewhere(confirming: Browser, target: str) -> None:
    """Where it leads is a path of this index, whatever the form says."""
    there = post(confirming, "/confirm/", do="password", password=PASSWORD, next=target).goes_to
    assert there == (target if target in LOCAL else "/manage/")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_the_second_step_never_leads_elsewhere(index: WebIndex, target: str) -> None:
    """Neither by what the address says nor by what the form says."""
    _, codes = add_app(index, sign_in(index)[0])
    browser, first = sign_in(index, f"/sign-in/?next={quote(target)}")
    assert first.goes_to == "/sign-in/second/?next=%2Fmanage%2F"
    page = browser.get(f"/sign-in/second/?next={quote(target)}")
    assert page.page.the("main").the("input", name="next").attributes["value"] == "/manage/"
    assert post(browser, "/sign-in/second/", do="code", code=codes[0], next=target).goes_to == "/manage/"
