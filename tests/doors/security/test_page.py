"""The security page: sessions and factors listed and ended, codes shown once, and the limits of trying."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.security_pages import COOKIE, PASSWORD, SECURITY, add_app, post, session_of, sign_in
from tests.support.web_index import WebIndex, web_index

from homeport.domain.digests import Sha256
from homeport.flows.sign_in import add_user
from homeport.web.security import browser_words

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

# The page


def test_sessions_are_listed_and_ended(index: WebIndex) -> None:
    """Each with its browser; one is ended, then all others; the own one stays."""
    browser, _ = sign_in(index)
    others = [index.browser() for _ in range(3)]
    for other in others:
        page = other.get("/sign-in/")
        fields: dict[str, str | list[str]] = {"name": "ada", "password": PASSWORD}
        other.post(page.path, fields, user_agent=FIREFOX)
    shown = browser.get(SECURITY)
    rows = shown.page.all("tbody")[-1].all("tr")
    assert len(rows) == 4
    assert sum("Firefox on Linux" in row.text for row in rows) == 3
    assert sum("this one" in row.text for row in rows) == 1
    assert not any(browser.cookies[COOKIE] in shown.html for browser in [browser, *others])
    ended = session_of(index, others[0]).secret
    assert post(browser, SECURITY, do="end", session=ended.hex).goes_to == SECURITY
    assert others[0].get("/manage/").status == 303
    assert others[1].get("/manage/").status == 200
    assert post(browser, SECURITY, do="end", session=ended.hex).status == 404
    assert browser.submit(browser.get(SECURITY), "end-others").goes_to == SECURITY
    assert others[1].get("/manage/").status == 303
    assert "signed in nowhere else" in browser.get(SECURITY).page.the("main").text


def test_another_persons_session_is_not_ended(index: WebIndex) -> None:
    """Whoever learned its name in the database, too."""
    bob = index.signed_in("bob")
    browser, _ = sign_in(index)
    shown = post(browser, SECURITY, do="end", session=Sha256.of(bob.cookies[COOKIE].encode()).hex)
    assert shown.status == 404
    assert bob.get("/manage/").status == 200


def test_a_factor_is_removed_by_its_button(index: WebIndex) -> None:
    """And with the last one a password is enough again."""
    browser, _ = sign_in(index)
    add_app(index, browser)
    assert browser.submit(browser.get(SECURITY), "remove").goes_to == SECURITY
    assert "There is none" in browser.get(SECURITY).page.the("main").text
    assert sign_in(index)[1].goes_to == "/manage/"


def test_new_codes_are_shown_once(index: WebIndex) -> None:
    """The old ones count no more."""
    browser, _ = sign_in(index)
    _, old = add_app(index, browser)
    sent = browser.submit(browser.get(SECURITY), "make-codes")
    new = [code.text for code in browser.arrive(sent).page.the("pre").all("code")]
    assert (len(new), set(new) & set(old)) == (10, set())
    assert browser.get(sent.goes_to).goes_to == SECURITY, (
        "loaded again, it neither shows them nor makes others"
    )


def test_what_the_page_does_not_do(index: WebIndex) -> None:
    """An unknown button, a session that is none, another's factor: each says so, on the page."""
    browser, _ = sign_in(index)
    assert post(browser, SECURITY, do="fly").status == 400
    assert post(browser, SECURITY, do="end", session="x").status == 400
    assert post(browser, SECURITY, do="remove", factor="99").status == 404
    assert index.browser().get(SECURITY).goes_to == "/sign-in/?next=%2Faccount%2Fsecurity%2F"


def test_an_index_at_an_address_says_why_there_are_no_keys(tmp_path: Path) -> None:
    """Browsers know no keys there: the page offers none, and tells what would help."""
    with web_index(tmp_path, "http://127.0.0.1:8417") as index:
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        browser, _ = sign_in(index)
        assert "need an index with a host name" in browser.get(SECURITY).page.the("main").text
        page = browser.get(SECURITY + "key/")
        assert page.status == 200
        assert not page.page.the("main").all("form")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)
def test_a_browser_in_a_few_words(agent: str, words: str) -> None:
    """People know their browsers by name and system, not by a line of versions."""
    assert browser_words(agent) == words


# Limits


def test_too_many_passwords(index: WebIndex) -> None:
    """The eleventh try from one address is told when to come back, on the page, and with what was typed as name."""
    browser = index.browser()
    page = browser.get("/sign-in/")
    for number in range(10):
        assert browser.submit(page, name=f"user{number}", password="wrong").status == 403
    shown = browser.submit(page, name="ada", password=PASSWORD)
    assert shown.status == 429
    assert 0 < int(shown.headers["retry-after"]) <= 300
    assert "Too many tries failed" in shown.page.the("section", role="alert").text
    assert shown.page.the("input", id="name").attributes["value"] == "ada"


def test_who_comes_through_a_proxy_is_told_apart_when_it_is_trusted(index: WebIndex, tmp_path: Path) -> None:
    """Without the setting everybody behind the proxy is one address; with it each is their own."""
    from starlette.applications import Starlette

    from homeport.domain.throttle import parse_proxies
    from homeport.web.app import web_routes

    def statuses(browser: Browser) -> list[int]:
        fields: dict[str, str | list[str]] = {"name": "nobody", "password": "wrong"}
        return [
            browser.post(
                "/sign-in/", {**fields, "name": f"nobody{n}"}, x_forwarded_for=f"203.0.113.{n}"
            ).status
            for n in range(12)
        ]

    assert statuses(index.browser()) == [403] * 10 + [429] * 2
    trusting = replace(index.world, proxies=parse_proxies("127.0.0.1"))
    assert statuses(Browser(Starlette(routes=web_routes(trusting)), trusting.base_url)) == [403] * 12


def test_options_are_json_for_the_script(index: WebIndex) -> None:
    """What stands in the page is what WebAuthn's JSON is, without a script in the page."""
    browser, _ = sign_in(index)
    page = browser.get(SECURITY + "key/")
    options = json.loads(page.page.the("main").the("form").attributes["data-options"])
    assert options["rp"] == {"name": "Homeport", "id": "index.test"}
    assert options["user"]["name"] == "ada"
    assert all("src" in script.attributes for script in page.page.all("script"))
    assert "script-src 'self'" in page.headers["content-security-policy"]
