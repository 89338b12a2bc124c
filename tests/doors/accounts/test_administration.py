"""The pages on which administrators keep accounts, and see the mails that could not be sent."""

from pathlib import Path

import pytest
from tests.support.account_pages import ANOTHER, PASSWORD, may_sign_in, refusal
from tests.support.browser import Browser, Shown
from tests.support.mail import Post, quiet_index
from tests.support.web_index import WebIndex

from homeport.domain.errors import Invalid
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.flows.second_factors import has_factor
from homeport.flows.sign_in import add_user
from homeport.flows.users import PAGE_LENGTH, disable_user

# Administration


def admin(index: WebIndex) -> Browser:
    """The administrator's browser."""
    return index.signed_in("root")


def test_an_account_is_added_and_begins(index: WebIndex) -> None:
    """The account's page shows the link once, to be copied; by it the user chooses a password."""
    browser = admin(index)
    sent = browser.submit(browser.get("/admin/users/"), name="bob", email="bob@example.org")
    assert (sent.status, sent.goes_to) == (303, "/admin/users/bob/")
    shown = browser.arrive(sent)
    (url,) = [code.text for code in shown.page.the("pre").all("code")]
    assert url.startswith("https://index.test/set-password/")
    guest = index.browser()
    guest.submit(guest.get(url.removeprefix("https://index.test")), password=ANOTHER)
    assert may_sign_in(index, "bob", ANOTHER)
    assert url not in browser.get("/admin/users/bob/").html


def test_nothing_typed_is_lost(index: WebIndex) -> None:
    """A refused account shows the form again, filled in, with the reason."""
    browser = admin(index)
    shown = browser.submit(browser.get("/admin/users/"), name="ada", email="new@example.org", admin="on")
    assert shown.status == 409
    assert shown.page.the("input", id="name").attributes["value"] == "ada"
    assert "checked" in shown.page.the("input", name="admin").attributes


def test_accounts_are_found_and_turned_over(index: WebIndex) -> None:
    """By a part of name or address; more than a page has a next one, which keeps the search."""
    for number in range(PAGE_LENGTH + 1):
        add_user(index.world, f"lark{number:03}", f"lark{number:03}@birds.example", None, is_admin=False)
    browser = admin(index)

    def names(shown: Shown) -> list[str]:
        return [row.all("td")[0].text for row in shown.page.the("tbody").all("tr")]

    first = browser.get("/admin/users/?q=birds")
    (more,) = first.page.the("main").all("a", rel="next")
    second = browser.get("/admin/users/" + more.attributes["href"])
    assert (len(names(first)), names(second)) == (PAGE_LENGTH, [f"lark{PAGE_LENGTH:03}"])
    assert names(browser.get("/admin/users/?q=lark007")) == ["lark007"]
    assert "holds" in browser.get("/admin/users/?q=nobody<b>").page.the("main").text


def test_an_account_is_disabled_and_enabled(index: WebIndex) -> None:
    """Every browser of it is signed out, its password opens nothing; enabled, it does again."""
    browser, theirs = admin(index), index.signed_in("ada")
    shown = browser.submit(browser.get("/admin/users/ada/"), "disable")
    assert shown.goes_to == "/admin/users/ada/"
    assert theirs.get("/account/").status == 303
    assert not may_sign_in(index, "ada", PASSWORD)
    page = browser.get("/admin/users/ada/")
    assert "disabled" in page.page.the("main").text
    browser.submit(page, "enable")
    assert may_sign_in(index, "ada", PASSWORD)


def test_a_link_is_made_on_the_page(index: WebIndex) -> None:
    """For who forgot a password; it is no part of any address of this browser, and loading again makes no other one."""
    browser, guest = admin(index), index.browser()
    sent = browser.submit(browser.get("/admin/users/ada/"), "link")
    assert (sent.status, sent.goes_to, sent.html) == (303, "/admin/users/ada/", "")
    (url,) = [code.text for code in browser.arrive(sent).page.the("pre").all("code")]
    again = browser.arrive(sent)
    assert again.status == 200
    assert url not in again.html
    assert guest.get(url.removeprefix("https://index.test")).status == 200, "the one link that counts"


def test_a_link_is_shown_on_the_page_of_its_account_only(index: WebIndex) -> None:
    """Another account's page, opened in between, does not show it."""
    browser = admin(index)
    sent = browser.submit(browser.get("/admin/users/ada/"), "link")
    assert "/set-password/" not in browser.get("/admin/users/root/").html
    assert "/set-password/" in browser.arrive(sent).html


def test_second_factors_are_reset_on_the_page(index: WebIndex) -> None:
    """Who lost them all signs in by password again, and is signed out; the page says who has one."""
    browser, theirs = admin(index), index.signed_in("ada")
    assert "reset-factors" not in browser.get("/admin/users/ada/").html
    now = index.world.clock.now()
    with index.world.store.write() as tx:
        tx.second_factors.add(
            index.user("ada").id, SecondFactor(0, FactorKind.APP, "phone", bytes(20), 0, now)
        )
    page = browser.get("/admin/users/ada/")
    assert "Second factor yes" in page.page.the("main").text
    assert browser.submit(page, "reset-factors").goes_to == "/admin/users/ada/"
    assert "Second factor none" in browser.get("/admin/users/ada/").page.the("main").text
    assert not has_factor(index.world, index.user("ada"))
    assert theirs.get("/account/").status == 303


def test_the_last_administrator_stays(index: WebIndex) -> None:
    """The page says why nothing was done."""
    browser = admin(index)
    for do in ("disable", "demote"):
        shown = browser.submit(browser.get("/admin/users/root/"), do)
        assert shown.status == 409
        assert "only administrator" in refusal(shown)
    browser.submit(browser.get("/admin/users/ada/"), "promote")
    assert index.user("ada").is_admin
    browser.submit(browser.get("/admin/users/root/"), "demote")
    assert browser.get("/admin/users/").status == 403


@pytest.mark.parametrize("path", ["/admin/users/", "/admin/users/root/", "/admin/mails/"])
def test_others_do_not_administer(index: WebIndex, path: str) -> None:
    """Signed in is not enough, for looking and for doing."""
    browser = index.signed_in("ada")
    assert browser.get(path).status == 403
    token = browser.get("/account/").page.all("input", name="form_token")[0].attributes["value"]
    fields: dict[str, str | list[str]] = {
        "do": "demote",
        "form_token": token,
        "name": "eve",
        "email": "eve@example.org",
    }
    assert browser.post(path, fields).status == 403
    assert index.user("root").is_admin
    assert not index.user("ada").is_admin


def test_nobody_by_that_name(index: WebIndex) -> None:
    """An account that is not there is a page that is not there."""
    assert admin(index).get("/admin/users/nobody/").status == 404


# Mails


def test_mails_that_could_not_be_sent(index: WebIndex, post: Post) -> None:
    """They are told on the accounts' page, shown with their reason, tried again, and dropped."""
    browser = admin(index)
    post.mailer.troubles = [Invalid("No such mailbox."), Invalid("No such mailbox.")]
    for _ in range(2):
        browser.submit(browser.get("/admin/mails/"), "test")
    post.send()
    assert "2 mails could not be sent" in browser.get("/admin/users/").page.the("main").text
    shown = browser.get("/admin/mails/")
    assert shown.html.count("No such mailbox.") == 2
    first = shown.page.all("input", name="mail")[0].attributes["value"]
    token = shown.page.all("input", name="form_token")[0].attributes["value"]
    browser.post("/admin/mails/", {"mail": first, "do": "again", "form_token": token})
    assert post.subjects("root@example.org") == ["Mail works"]
    browser.submit(browser.get("/admin/mails/"), "drop")
    assert "Nothing: every mail" in browser.get("/admin/mails/").page.the("main").text
    assert browser.post("/admin/mails/", {"mail": first, "do": "drop", "form_token": token}).status == 404


def test_an_index_without_mail_says_so(tmp_path: Path) -> None:
    """The page tells what to set; the button is not there, and its form is refused."""
    with quiet_index(tmp_path) as index:
        add_user(index.world, "root", "root@example.org", PASSWORD, is_admin=True)
        browser = index.signed_in("root")
        shown = browser.get("/admin/mails/")
        assert "HOMEPORT_SMTP_URL" in shown.page.the("main").text
        token = browser.get("/account/").page.all("input", name="form_token")[0].attributes["value"]
        assert browser.post("/admin/mails/", {"do": "test", "form_token": token}).status == 409


def test_a_disabled_account_gets_no_link_page(index: WebIndex, post: Post) -> None:
    """A link that was mailed before is nowhere afterwards."""
    browser = index.browser()
    browser.submit(browser.get("/forgotten/"), who="ada")
    (link,) = post.links("ada@example.org")
    disable_user(index.world, None, "ada")
    assert browser.get(link).status == 404
