"""The pages of one's own account: signing up, forgotten passwords, another address, another password."""

from pathlib import Path

import pytest
from tests.support.account_pages import ANOTHER, PASSWORD, may_sign_in, refusal
from tests.support.mail import Post, quiet_index
from tests.support.web_index import WebIndex

from homeport.domain.account import AccountPolicy
from homeport.flows.sign_in import add_user

# Signing up


def test_signing_up_by_mail(index: WebIndex, post: Post) -> None:
    """A form, a mail, a button: the address is verified, and the password opens the account."""
    browser = index.browser()
    assert browser.get("/").page.the("main").all("a", href="/sign-up/")
    assert browser.get("/sign-in/").page.the("main").the("a", href="/sign-up/").text == "Get an account"
    shown = browser.submit(browser.get("/sign-up/"), name="bob", email="bob@example.org", password=PASSWORD)
    assert shown.status == 200
    assert "Look into your mail" in shown.page.the("h1").text
    assert not browser.cookies, "nobody is signed in by it"
    (link,) = post.links("bob@example.org")
    page = browser.get(link)
    assert "bob@example.org" in page.page.the("main").text
    assert not index.user("bob").is_verified, "looking changes nothing"
    assert browser.submit(page).status == 200
    assert index.user("bob").is_verified
    again = browser.get(link)
    assert again.page.the("h1").text == "Verified already"
    assert again.page.the("main").the("a").attributes["href"] == "/sign-in/"
    assert browser.submit(page).page.the("h1").text == "Verified already", "its button, pressed twice"
    assert browser.get(link + "0").status == 404
    assert may_sign_in(index, "bob", PASSWORD)


def test_a_password_that_is_tried_first(index: WebIndex) -> None:
    """A common one, and one that holds the name or the index's host, is refused in words; a long name is not cut."""
    browser = index.browser()
    page = browser.get("/sign-up/")
    assert "maxlength" not in page.page.the("input", id="name").attributes
    for password, words in (
        ("PassWord1234", "among the most common ones"),
        ("I am Barnaby, so what", "holds barnaby"),
        ("a place at index.test for me", "holds index.test"),
    ):
        shown = browser.submit(page, name="barnaby", email="bob@example.org", password=password)
        assert shown.status == 400
        assert words in shown.page.the("section", role="alert").text
        assert password not in shown.html
    cut = browser.submit(page, name="b" * 65, email="bob@example.org", password=PASSWORD)
    assert "at most 64 characters" in cut.page.the("section", role="alert").text
    assert cut.page.the("input", id="name").attributes["value"] == "b" * 65


def test_what_was_typed_stays_but_the_password(index: WebIndex) -> None:
    """Every problem is told at once, and name and address stand in their fields."""
    browser = index.browser()
    shown = browser.submit(browser.get("/sign-up/"), name="root", email="nobody", password="short")
    assert shown.status == 400
    assert len(shown.page.the("section", role="alert").all("li")) == 3
    assert shown.page.the("input", id="name").attributes["value"] == "root"
    assert shown.page.the("input", id="email").attributes["value"] == "nobody"
    assert "value" not in shown.page.the("input", id="password").attributes
    assert "short" not in shown.html.replace("shorter", "")


def test_a_taken_address_is_answered_alike(index: WebIndex, post: Post) -> None:
    """The pages for a free address and for ada's are the same, byte for byte but for the address (T-27)."""
    browser = index.browser()
    answers = [
        browser.submit(browser.get("/sign-up/"), name=name, email=email, password=PASSWORD)
        for name, email in (("bob", "bob@example.org"), ("cyd", "ada@example.org"))
    ]
    free, taken = (
        shown.html.replace(email, "")
        for shown, email in zip(answers, ("bob@example.org", "ada@example.org"), strict=True)
    )
    assert free == taken
    assert answers[0].status == answers[1].status
    assert post.subjects("ada@example.org") == ["Your address has an account already"]


def test_a_closed_index_says_who_makes_accounts(tmp_path: Path) -> None:
    """There is no form, and who sends one all the same is refused."""
    with quiet_index(tmp_path) as index:
        browser = index.browser()
        assert "/sign-up/" not in browser.get("/").html
        sign_in = browser.get("/sign-in/")
        assert "/sign-up/" not in sign_in.html
        assert "Ask an administrator of this index for one." in sign_in.page.the("main").text
        shown = browser.get("/sign-up/")
        assert "administrators" in shown.page.the("main").text
        assert shown.page.the("main").all("form") == []
        sent = browser.post("/sign-up/", {"name": "bob", "email": "bob@example.org", "password": PASSWORD})
        assert sent.status == 403


def test_without_mail_one_signs_in_at_once(tmp_path: Path) -> None:
    """There is nothing to wait for."""
    with quiet_index(tmp_path, accounts=AccountPolicy(sign_up_is_open=True)) as index:
        browser = index.browser()
        shown = browser.submit(
            browser.get("/sign-up/"), name="bob", email="bob@example.org", password=PASSWORD
        )
        assert shown.page.the("h1").text == "Welcome aboard"
        assert may_sign_in(index, "bob", PASSWORD)


def test_without_mail_an_administrator_is_asked(tmp_path: Path) -> None:
    """Who forgot a password is told how a link is made; there is no form, and one that is sent is refused."""
    with quiet_index(tmp_path) as index:
        shown = index.browser().get("/forgotten/")
        assert "homeport user link" in shown.page.the("main").text
        assert shown.page.the("main").all("form") == []
        assert index.browser().post("/forgotten/", {"who": "ada"}).status == 409


# Forgotten passwords


def test_a_forgotten_password(index: WebIndex, post: Post) -> None:
    """A mail, a form, another password: the old one opens nothing more, and other browsers are signed out."""
    elsewhere, browser = index.signed_in("ada"), index.browser()
    browser.submit(browser.get("/forgotten/"), who="ada")
    (link,) = post.links("ada@example.org")
    page = browser.get(link)
    assert "tokens" in page.page.the("main").text.lower()
    assert browser.submit(page, password="short").status == 400
    done = browser.submit(browser.get(link), password=ANOTHER)
    assert done.status == 200
    assert done.page.the("main").the("a").attributes["href"] == "/sign-in/"
    assert elsewhere.get("/manage/").status == 303
    assert (may_sign_in(index, "ada", PASSWORD), may_sign_in(index, "ada", ANOTHER)) == (False, True)
    for again in (browser.get(link), browser.post(link, {"password": PASSWORD})):
        assert again.status == 404


@pytest.mark.parametrize("who", ["ada", "ada@example.org", "nobody", "nobody@example.org", "root", "", "\0"])
def test_who_is_known_is_not_told(index: WebIndex, who: str) -> None:
    """Known, unknown, unverified: one answer (T-27)."""
    browser = index.browser()
    shown = browser.post("/forgotten/", {"who": who})
    assert shown.status == 200
    assert shown.html == browser.post("/forgotten/", {"who": "somebody else"}).html


def test_asking_has_an_end(index: WebIndex) -> None:
    """Who asks without end is told to wait, and when to come back."""
    browser = index.browser()
    answers = [browser.post("/forgotten/", {"who": "ada"}) for _ in range(11)]
    assert [shown.status for shown in answers] == [200] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].page.the("input", id="who").attributes["value"] == "ada"


@pytest.mark.parametrize("path", ["/set-password/", "/verify-email/"])
def test_a_link_that_never_was(index: WebIndex, path: str) -> None:
    """It is nowhere, for looking and for sending, and a hash is not computed for it."""
    browser = index.browser()
    assert browser.get(f"{path}{'0' * 48}").status == 404
    assert browser.post(f"{path}{'0' * 48}", {"password": PASSWORD}).status == 404


# One's own account


def test_ones_own_page(index: WebIndex) -> None:
    """Name, address and whether it is verified; an administrator finds the way to the others."""
    shown = index.signed_in("ada").get("/account/")
    assert shown.page.the("h1").text == "ada"
    assert "ada@example.org verified" in shown.page.the("main").text
    assert "/admin/users/" not in shown.html
    root = index.signed_in("root").get("/account/")
    assert "not verified" in root.page.the("main").text
    assert "Uploads and invitations wait" in root.page.the("main").text
    assert root.page.the("main").all("a", href="/admin/users/")
    assert root.page.the("nav", **{"aria-label": "Account"}).all("a", href="/admin/")


def test_another_address(index: WebIndex, post: Post) -> None:
    """The page says where the link went; the address changes when it is used."""
    browser = index.signed_in("ada")
    shown = browser.submit(browser.get("/account/"), "change-email", email="new@example.org")
    assert "new@example.org" in shown.page.the("p", role="status").text
    assert index.user("ada").email == "ada@example.org"
    (link,) = post.links("new@example.org")
    browser.submit(browser.get(link))
    assert index.user("ada").email == "new@example.org"


def test_an_address_is_verified_later(index: WebIndex, post: Post) -> None:
    """Who was added by an administrator asks for the link when it suits."""
    browser = index.signed_in("root")
    browser.submit(browser.get("/account/"), "verify")
    (link,) = post.links("root@example.org")
    browser.submit(browser.get(link))
    assert index.user("root").is_verified
    assert "Send me a link" not in browser.get("/account/").html


def test_an_address_that_was_taken_meanwhile(index: WebIndex, post: Post) -> None:
    """Who is second is told so, and the link stays as it is."""
    browser = index.signed_in("ada")
    browser.submit(browser.get("/account/"), "change-email", email="new@example.org")
    (link,) = post.links("new@example.org")
    add_user(index.world, "quick", "new@example.org", None, is_admin=False)
    shown = browser.submit(browser.get(link))
    assert shown.status == 409
    assert "address" in refusal(shown)


def test_without_mail_an_address_changes_at_once(tmp_path: Path) -> None:
    """The page says that nothing is mailed."""
    with quiet_index(tmp_path) as index:
        browser = index.signed_in("ada")
        shown = browser.get("/account/")
        assert "sends no mail" in shown.page.the("main").text
        assert browser.submit(shown, "change-email", email="new@example.org").goes_to == "/account/"
        assert index.user("ada").email == "new@example.org"


def test_another_password(index: WebIndex) -> None:
    """This browser stays signed in, others do not; the present password is asked for."""
    browser, elsewhere = index.signed_in("ada"), index.signed_in("ada")
    wrong = browser.submit(browser.get("/account/"), "change-password", present="wrong", password=ANOTHER)
    assert (wrong.status, "another one" in refusal(wrong)) == (403, True)
    shown = browser.submit(browser.get("/account/"), "change-password", present=PASSWORD, password=ANOTHER)
    assert "tokens" in shown.page.the("p", role="status").text.lower()
    assert browser.get("/account/").status == 200
    assert elsewhere.get("/account/").status == 303
    assert may_sign_in(index, "ada", ANOTHER)


@pytest.mark.parametrize("path", ["/account/", "/admin/users/", "/admin/users/ada/", "/admin/mails/"])
def test_strangers_sign_in_first(index: WebIndex, path: str) -> None:
    """Nobody sees or changes anything unless signed in, and then comes back."""
    browser = index.browser()
    for shown in (browser.get(path), browser.post(path, {"do": "promote"})):
        assert shown.status == 303
        assert shown.goes_to.startswith("/sign-in/?next=")


@pytest.mark.parametrize("path", ["/account/", "/admin/users/ada/"])
def test_an_unknown_button(index: WebIndex, path: str) -> None:
    """A form that asks for something else changes nothing."""
    browser = index.signed_in("root")
    token = browser.get("/account/").page.all("input", name="form_token")[0].attributes["value"]
    shown = browser.post(path, {"do": "fly", "form_token": token})
    assert shown.status == 400
    assert "fly" in refusal(shown)
