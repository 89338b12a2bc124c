"""Sessions, second factors and confirmation in a browser."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pyotp
import pytest
from tests.doors.test_web_sign_in import ELSEWHERE, LOCAL
from tests.support.authenticator import SecurityKey
from tests.support.browser import Browser, Shown
from tests.support.web_index import WebIndex, web_index

from homeport.domain.digests import Sha256
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.rights import FRESH_FOR
from homeport.flows.sessions import find_session, show_security
from homeport.flows.sign_in import add_user
from homeport.ports.sessions import Session
from homeport.web.security import browser_words
from homeport.web.session import form_token

PASSWORD = "correct horse battery"
COOKIE = "__Host-homeport"
SECURITY = "/account/security/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with one account."""
    with web_index(tmp_path) as index:
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        yield index


def sign_in(
    index: WebIndex, target: str = "/sign-in/", browser: Browser | None = None
) -> tuple[Browser, Shown]:
    """Somebody types their password; the browser, and where it was led."""
    browser = browser or index.browser()
    return browser, browser.submit(browser.get(target), name="ada", password=PASSWORD)


def age(index: WebIndex, browser: Browser, by: timedelta) -> None:
    """Let the browser have been confirmed that much longer ago."""
    session = session_of(index, browser)
    with index.world.store.write() as tx:
        tx.sessions.close(session.secret)
        tx.sessions.add(replace(session, confirmed_at=session.confirmed_at - by))


def session_of(index: WebIndex, browser: Browser) -> Session:
    """The browser's session."""
    session = find_session(index.world, browser.cookies[COOKIE])
    assert session is not None
    return session


def app_code(index: WebIndex, secret: str, *, steps: int = 0) -> str:
    """What an app shows ``steps`` half minutes from now."""
    now = index.world.clock.now()
    return pyotp.TOTP(secret).at(now + steps * timedelta(seconds=30))


def add_app(index: WebIndex, browser: Browser) -> tuple[str, list[str]]:
    """Add an app as a person does; its secret and the recovery codes."""
    page = browser.get(SECURITY + "app/")
    secret = page.page.the("code").text.replace(" ", "")
    shown = browser.submit(page, label="phone", code=app_code(index, secret))
    assert shown.status == 200
    return secret, [code.text for code in shown.page.the("pre").all("code")]


def add_key(browser: Browser, key: SecurityKey) -> Shown:
    """Add a key as the script does."""
    page = browser.get(SECURITY + "key/")
    (form,) = page.page.the("main").all("form")
    return browser.submit(page, label="key ring", answer=key.make(form.attributes["data-options"]))


def key_options(page: Shown) -> str:
    """What the script is given to ask a key."""
    return page.page.the("form", **{"data-passkey": "get"}).attributes["data-options"]


def post(browser: Browser, target: str, **fields: str) -> Shown:
    """A form with the session's token."""
    return browser.post(target, {**fields, "form_token": form_token(browser.cookies[COOKIE])})


# Adding a factor, and signing in with it


def test_an_app_from_its_picture_to_the_second_step(index: WebIndex) -> None:
    """A person adds an app, keeps the codes, signs out, and signs in with password and code."""
    browser, _ = sign_in(index)
    page = browser.get(SECURITY + "app/")
    assert page.page.all("svg", **{"class": "segno"})
    link = next(
        a.attributes["href"] for a in page.page.all("a") if a.attributes["href"].startswith("otpauth:")
    )
    secret = page.page.the("code").text.replace(" ", "")
    assert f"secret={secret}" in link
    refused = browser.submit(page, label="my phone", code="000000")
    assert refused.status == 400
    assert refused.page.the("code").text.replace(" ", "") == secret, "the same secret, to try again"
    assert refused.page.the("input", id="label").attributes["value"] == "my phone"
    shown = browser.submit(refused, label="my phone", code=app_code(index, secret))
    codes = [code.text for code in shown.page.the("pre").all("code")]
    assert (shown.status, len(codes)) == (200, 10)
    overview = browser.get(SECURITY)
    assert "my phone" in overview.page.the("main").text
    assert "10 codes left" in overview.page.the("main").text
    assert not any(code in overview.html for code in codes), "codes are shown once"
    assert secret not in overview.html

    other, first = sign_in(index, "/sign-in/?next=/project/x/")
    assert first.goes_to == "/sign-in/second/?next=%2Fproject%2Fx%2F"
    half = other.cookies[COOKIE]
    second = other.get(first.goes_to)
    assert second.status == 200
    assert not second.page.all("input", id="password")
    wrong = other.submit(second, "code", code="000000")
    assert wrong.status == 403
    assert other.cookies[COOKIE] == half
    done = other.submit(wrong, "code", code=app_code(index, secret, steps=1))
    assert (done.status, done.goes_to) == (303, "/project/x/")
    assert other.cookies[COOKIE] != half, "another secret (T-30)"
    assert other.get("/manage/").status == 200


def test_a_recovery_code_is_a_second_step(index: WebIndex) -> None:
    """Once."""
    _, codes = add_app(index, sign_in(index)[0])
    browser, first = sign_in(index)
    assert browser.submit(browser.get(first.goes_to), "code", code=codes[0]).goes_to == "/manage/"
    other, first = sign_in(index)
    assert other.submit(other.get(first.goes_to), "code", code=codes[0]).status == 403


def test_a_key_is_a_second_step(index: WebIndex) -> None:
    """Made on one page, asked on another, by the script alone; its answer counts once."""
    browser, _ = sign_in(index)
    key = SecurityKey(count=1)
    shown = add_key(browser, key)
    assert len(shown.page.the("pre").all("code")) == 10
    assert add_key(browser, SecurityKey(credential_id=b"two")).goes_to == SECURITY, (
        "no new codes with the second"
    )
    other, first = sign_in(index)
    page = other.get(first.goes_to)
    assert page.page.all(
        "script",
        src=next(s.attributes["src"] for s in page.page.all("script") if "passkey" in s.attributes["src"]),
    )
    answer = key.sign(key_options(page))
    refused = post(other, "/sign-in/second/", do="key", answer="{}", next="/manage/")
    assert refused.status == 400
    assert post(other, "/sign-in/second/", do="key", answer=answer).status == 400, "asked once, answered once"
    answer = key.sign(key_options(other.get("/sign-in/second/")))
    assert post(other, "/sign-in/second/", do="key", answer=answer, next="/manage/").goes_to == "/manage/"
    assert other.get("/manage/").status == 200


def test_what_another_page_made_adds_nothing(index: WebIndex) -> None:
    """A browser on another site cannot make a key for us, nor sign for us."""
    browser, _ = sign_in(index)
    shown = add_key(browser, SecurityKey(origin="https://evil.example"))
    assert shown.status == 400
    assert show_security(index.world, index.user("ada")).factors == []


# Half a session


def test_half_a_session_opens_nothing(index: WebIndex) -> None:
    """Every page that needs signing in leads to the second step; no form but that one is taken; public pages stay."""
    add_app(index, sign_in(index)[0])
    browser, _ = sign_in(index)
    for target in ("/manage/", SECURITY, SECURITY + "app/", SECURITY + "key/", "/confirm/", "/account/"):
        assert browser.get(target).goes_to.startswith("/sign-in/second/?next="), target
    for target in ("/manage/", SECURITY, "/confirm/"):
        shown = post(browser, target, do="end-others", name="x", password=PASSWORD)
        assert shown.goes_to.startswith("/sign-in/second/"), target
    home = browser.get("/")
    assert home.status == 200
    assert "Sign out" not in home.html
    assert post(browser, "/sign-in/second/", do="password", password=PASSWORD).status == 403
    assert not session_of(index, browser).is_whole


def test_a_half_session_can_be_left(index: WebIndex) -> None:
    """Somebody else signs in, or nobody: the half session ends."""
    add_app(index, sign_in(index)[0])
    add_user(index.world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    browser, _ = sign_in(index)
    half = browser.cookies[COOKIE]
    shown = browser.submit(browser.get("/sign-in/"), name="bob", password=PASSWORD)
    assert shown.goes_to == "/manage/"
    assert find_session(index.world, half) is None
    other, _ = sign_in(index)
    half = other.cookies[COOKIE]
    post(other, "/sign-out/")
    assert find_session(index.world, half) is None
    assert not other.cookies


def test_the_second_step_needs_the_first(index: WebIndex) -> None:
    """Nobody begins with it, and whoever is signed in is through."""
    assert index.browser().get("/sign-in/second/").goes_to.startswith("/sign-in/?next=")
    assert (
        index.browser().post("/sign-in/second/", {"do": "code", "code": "1"}).goes_to.startswith("/sign-in/?")
    )
    browser, _ = sign_in(index)
    assert browser.get("/sign-in/second/?next=/project/x/").goes_to == "/project/x/"


def test_a_planted_half_session_is_worth_nothing(index: WebIndex) -> None:
    """Who plants their half session with a victim does not get what the victim makes of it (fixation, T-30)."""
    secret, _ = add_app(index, sign_in(index)[0])
    thief, _ = sign_in(index)
    planted = thief.cookies[COOKIE]
    victim = index.browser()
    victim.cookies[COOKIE] = planted
    page = victim.get("/sign-in/second/")
    victim.submit(page, "code", code=app_code(index, secret, steps=1))
    assert victim.get("/manage/").status == 200
    assert thief.cookies[COOKIE] == planted
    assert thief.get("/manage/").status == 303
    assert thief.get("/sign-in/second/").status == 303


def test_a_form_of_the_half_session_is_its_own(index: WebIndex) -> None:
    """The second step takes the form of its own session only (CSRF)."""
    secret, _ = add_app(index, sign_in(index)[0])
    browser, _ = sign_in(index)
    fields: dict[str, str | list[str]] = {"do": "code", "code": app_code(index, secret, steps=1)}
    assert browser.post("/sign-in/second/", fields).status == 403
    assert browser.post("/sign-in/second/", {**fields, "form_token": "0" * 64}).status == 403
    assert not session_of(index, browser).is_whole


# Confirming


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
    page = browser.get(SECURITY + "app/")
    secret = page.page.the("code").text.replace(" ", "")
    age(index, browser, FRESH_FOR - timedelta(minutes=4))
    assert browser.get(SECURITY + "app/").status == 303
    assert browser.submit(page, label="phone", code=app_code(index, secret)).status == 200


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        (SECURITY, {"do": "remove", "factor": "1"}),
        (SECURITY, {"do": "make-codes"}),
        (SECURITY + "app/", {"label": "x", "code": "000000"}),
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
        ("/manage/projects/demo/", {"do": "change-mode", "mode": "pypi-only", "loss": "on"}),
        (
            "/manage/projects/demo/releases/",
            {"do": "remove-release", "version": "1.0", "confirm": "1.0", "cause": "A secret."},
        ),
    ],
)
def test_what_gives_rights_away_asks_first(index: WebIndex, target: str, fields: dict[str, str]) -> None:
    """Late, the button is not there, and its form leads to confirming; in time it is taken."""
    project, version = index.project("demo", "ada"), ReleaseVersion.parse("1.0")
    with index.world.store.write() as tx:
        metadata = CoreMetadata("2.1", "demo", "1.0")
        tx.releases.put(project.id, version, metadata, replace=False, at=index.world.clock.now())
    browser, _ = sign_in(index)
    age(index, browser, FRESH_FOR)
    late = browser.get(target)
    assert not late.page.all("button", value=fields["do"])
    assert late.page.all("a", href=f"/confirm/?next={quote(target, safe='')}")
    assert post(browser, target, **fields).goes_to == f"/confirm/?next={quote(target, safe='')}"
    browser.submit(browser.get(f"/confirm/?next={target}"), "password", password=PASSWORD)
    assert browser.get(target).page.all("button", value=fields["do"])
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
    shown = browser.submit(browser.get(SECURITY), "make-codes")
    new = [code.text for code in shown.page.the("pre").all("code")]
    assert (len(new), set(new) & set(old)) == (10, set())


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
