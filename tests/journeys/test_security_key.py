"""A security key in a real browser: our script, the browser's own WebAuthn, and a running index."""

import base64

import pytest
from playwright.sync_api import expect
from tests.support.index import Index
from tests.support.visitor import Visitor, chromium

pytestmark = pytest.mark.journey

PASSWORD = "correct horse battery"


def test_a_key_is_made_and_signs_in(own: Index) -> None:
    """Ada adds a key, signs out, and signs in with her password and the key; a program's password is refused."""
    site = f"http://localhost:{own.port}"
    own.environment["HOMEPORT_BASE_URL"] = site
    own.ask("user", "add", "ada", "--email", "ada@example.org", "--password-stdin", stdin=f"{PASSWORD}\n")
    own.start("web")
    with chromium() as browser:
        ada = Visitor(browser, site)
        ada.plug_in_key()
        _sign_in(ada, "/account/security/key/")
        assert ada.path == "/account/security/key/"
        ada.main.get_by_label("Name for you").fill("my key")
        ada.main.locator("form[data-passkey] button").click()
        expect(ada.page).to_have_title("Recovery codes · Homeport")
        assert ada.main.locator("pre code").count() == 10
        ada.press("Sign out", ada.page.get_by_role("navigation", name="Account"))
        _sign_in(ada, "/account/security/")
        assert ada.path.startswith("/sign-in/second/")
        ada.main.get_by_role("button", name="Use your security key or passkey").click()
        ada.page.wait_for_url(f"{site}/account/security/")
        ada.look()
        assert "my key" in ada.text
        assert "Chrome on Linux" in ada.text
        ada.close()
    basic = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    refused = own.request("POST", "/legacy/", b"", {"Authorization": f"Basic {basic}"})
    assert (refused.status, b"homeport token create" in refused.body) == (403, True)
    assert "1 second factor" in own.ask("user", "reset-factors", "ada")
    assert own.json("user", "reset-factors", "ada") == {"name": "ada", "removed": 0}
    own.require_no_traceback()


def _sign_in(ada: Visitor, wanted: str) -> None:
    """The first step, on the way to a page."""
    ada.go(f"/sign-in/?next={wanted}")
    ada.main.get_by_label("User name").fill("ada")
    ada.main.get_by_label("Password").fill(PASSWORD)
    ada.press("Sign in")
