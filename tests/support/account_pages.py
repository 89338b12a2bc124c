"""An index that sends mail, as people with accounts see it."""

from tests.support.browser import Shown
from tests.support.web_index import WebIndex

from homeport.domain.account import AccountPolicy

PASSWORD, ANOTHER = "correct horse battery stable", "staple of horses and batteries"
OPEN = AccountPolicy(sign_up_is_open=True, needs_verified=True)


def refusal(shown: Shown) -> str:
    """What a page says was wrong."""
    return shown.page.the("section", role="alert").text


def may_sign_in(index: WebIndex, name: str, password: str) -> bool:
    """True when name and password lead inside."""
    browser = index.browser()
    return browser.submit(browser.get("/sign-in/"), name=name, password=password).goes_to == "/manage/"
