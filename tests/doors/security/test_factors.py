"""Second factors in a browser: added, asked for, and half a session until one is shown."""

from tests.support.authenticator import SecurityKey
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
from tests.support.web_index import WebIndex

from homeport.flows.sessions import find_session, show_security
from homeport.flows.sign_in import add_user

# Adding a factor, and signing in with it


def test_an_app_from_its_picture_to_the_second_step(index: WebIndex) -> None:
    """A person adds an app, keeps the codes, signs out, and signs in with password and code."""
    browser, _ = sign_in(index)
    page = begin_app(browser)
    assert page.page.all("svg", **{"class": "segno"})
    link = next(
        a.attributes["href"] for a in page.page.all("a") if a.attributes["href"].startswith("otpauth:")
    )
    secret = page.page.the("code").text.replace(" ", "")
    assert f"secret={secret}" in link
    refused = browser.submit(page, "add", label="my phone", code="000000")
    assert refused.status == 400
    assert refused.page.the("code").text.replace(" ", "") == secret, "the same secret, to try again"
    assert refused.page.the("input", id="label").attributes["value"] == "my phone"
    shown = browser.arrive(browser.submit(refused, "add", label="my phone", code=app_code(index, secret)))
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


def test_looking_again_shows_the_same_picture(index: WebIndex) -> None:
    """What the app has read counts however often its page is loaded; another picture is a button."""
    browser, _ = sign_in(index)
    before = session_of(index, browser)
    page = browser.get(SECURITY + "app/")
    assert not page.page.the("main").all("code")
    assert session_of(index, browser) == before, "looking changes nothing"
    browser.arrive(browser.submit(page, "begin"))

    def secret() -> str:
        return browser.get(SECURITY + "app/").page.the("code").text.replace(" ", "")

    scanned = secret()
    assert secret() == scanned
    browser.submit(browser.get(SECURITY + "app/"), "begin")
    assert secret() != scanned
    assert browser.submit(
        browser.get(SECURITY + "app/"), "add", label="phone", code=app_code(index, secret())
    ).goes_to == (SECURITY + "codes/")
    assert not browser.get(SECURITY + "app/").page.the("main").all("code"), (
        "it is a factor now, and shown no more"
    )


def test_a_code_that_comes_too_late_begins_again(index: WebIndex) -> None:
    """Another page asked for something else meanwhile: the page says so, and has the button."""
    browser, _ = sign_in(index)
    page = begin_app(browser)
    browser.get(SECURITY + "key/")
    refused = browser.submit(page, "add", label="phone", code="000000")
    assert refused.status == 409
    assert "Begin again" in refused.page.the("section", role="alert").text
    assert browser.submit(refused, "begin").goes_to == SECURITY + "app/"


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
    shown = browser.arrive(add_key(browser, key))
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
