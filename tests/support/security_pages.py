"""What somebody does in a browser with passwords, second factors and sessions."""

from datetime import timedelta

import pyotp
from tests.support.authenticator import SecurityKey
from tests.support.browser import Browser, Shown
from tests.support.web_index import WebIndex

from homeport.flows.sessions import find_session
from homeport.ports.sessions import Session
from homeport.web.session import form_token

PASSWORD = "correct horse battery"
COOKIE = "__Host-homeport"
SECURITY = "/account/security/"


def sign_in(
    index: WebIndex, target: str = "/sign-in/", browser: Browser | None = None
) -> tuple[Browser, Shown]:
    """Somebody types their password; the browser, and where it was led."""
    browser = browser or index.browser()
    return browser, browser.submit(browser.get(target), name="ada", password=PASSWORD)


def session_of(index: WebIndex, browser: Browser) -> Session:
    """The browser's session."""
    session = find_session(index.world, browser.cookies[COOKIE])
    assert session is not None
    return session


def app_code(index: WebIndex, secret: str, *, steps: int = 0) -> str:
    """What an app shows ``steps`` half minutes from now."""
    now = index.world.clock.now()
    return pyotp.TOTP(secret).at(now + steps * timedelta(seconds=30))


def begin_app(browser: Browser) -> Shown:
    """The page with the picture for an app, after the button that asks for it."""
    return browser.arrive(browser.submit(browser.get(SECURITY), "begin"))


def add_app(index: WebIndex, browser: Browser) -> tuple[str, list[str]]:
    """Add an app as a person does; its secret and the recovery codes."""
    page = begin_app(browser)
    secret = page.page.the("code").text.replace(" ", "")
    shown = browser.arrive(browser.submit(page, "add", label="phone", code=app_code(index, secret)))
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
