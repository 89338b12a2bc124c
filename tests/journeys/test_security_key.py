"""A security key in a real browser: our script, the browser's own WebAuthn, and a running index."""

import base64
from pathlib import Path

import pytest
from tests.support.chromium import chromium
from tests.support.index import Index

pytestmark = pytest.mark.journey

PASSWORD = "correct horse battery"
KEY_FORM = "form[data-passkey]"


def test_a_key_is_made_and_signs_in(own: Index, tmp_path: Path) -> None:
    """Ada adds a key, signs out, and signs in with her password and the key; a program's password is refused."""
    site = f"http://localhost:{own.port}"
    own.environment["HOMEPORT_BASE_URL"] = site
    own.ask("user", "add", "ada", "--email", "ada@example.org", "--password-stdin", stdin=f"{PASSWORD}\n")
    own.start("web")
    with chromium(tmp_path) as browser:
        browser.plug_in_key()
        browser.go(f"{site}/sign-in/?next=/account/security/key/")
        at_key_page = (
            f"location.pathname === '/account/security/key/' && !!document.querySelector({KEY_FORM!r})"
        )
        browser.press("main form", at_key_page, name="ada", password=PASSWORD)
        browser.press(KEY_FORM, "document.title.startsWith('Recovery codes')", label="my key")
        assert browser.see("document.querySelectorAll('pre code').length") == 10
        assert browser.see("getComputedStyle(document.body).display") != "none", "the style sheet is taken"
        browser.press("form[action='/sign-out/']", "location.pathname === '/'")
        browser.go(f"{site}/sign-in/")
        browser.press("main form", "location.pathname === '/sign-in/second/'", name="ada", password=PASSWORD)
        browser.press(KEY_FORM, "location.pathname === '/manage/'")
        browser.go(f"{site}/account/security/")
        assert "my key" in browser.see("document.querySelector('main').innerText")
        assert "Chrome on Linux" in browser.see("document.querySelector('main').innerText")
    basic = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    refused = own.request("POST", "/legacy/", b"", {"Authorization": f"Basic {basic}"})
    assert (refused.status, b"homeport token create" in refused.body) == (403, True)
    assert "1 second factor" in own.ask("user", "reset-factors", "ada")
    assert own.json("user", "reset-factors", "ada") == {"name": "ada", "removed": 0}
    own.require_no_traceback()
