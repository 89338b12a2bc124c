"""Signing in and out, the first administrator's link, and what keeps others from using a session (T-28, T-30)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.browser import Browser, Shown
from tests.support.builders import item
from tests.support.web_index import WebIndex, web_index

from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
from homeport.domain.rehost import State
from homeport.flows.sign_in import add_user, offer_setup_link
from homeport.flows.tokens import TokenWish, create_token
from homeport.ports.sessions import Session
from homeport.web.session import INBOX, form_token, own_path

PASSWORD = "correct horse battery stable"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[WebIndex]:
    """An index without accounts."""
    with web_index(tmp_path) as opened:
        yield opened


@pytest.fixture
def index(empty: WebIndex) -> WebIndex:
    """An index where ada has a password."""
    add_user(empty.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
    return empty


def sign_in(
    browser: Browser, target: str = "/sign-in/", *, name: str = "ada", password: str = PASSWORD
) -> Shown:
    """Fill the form in and send it."""
    return browser.submit(browser.get(target), name=name, password=password)


def test_signing_in_opens_a_session(index: WebIndex) -> None:
    """The right password leads to the inbox, with a cookie that scripts and other sites cannot have."""
    browser = index.browser()
    shown = sign_in(browser)
    assert (shown.status, shown.goes_to) == (303, "/manage/")
    morsel = SimpleCookie(shown.headers["set-cookie"])["__Host-homeport"]
    assert (morsel["httponly"], morsel["secure"], morsel["path"]) == (True, True, "/")
    assert morsel["samesite"].lower() == "lax"
    assert morsel["domain"] == ""
    assert browser.get("/manage/").status == 200


def test_the_database_knows_the_secret_by_its_digest_only(index: WebIndex) -> None:
    """What is stored does not let its reader sign in."""
    browser = index.browser()
    sign_in(browser)
    secret = browser.cookies["__Host-homeport"]
    with index.world.store.read() as tx:
        assert tx.sessions.find(Sha256.of(secret.encode()), index.world.clock.now()) is not None
        assert tx.sessions.find(Sha256("0" * 64), index.world.clock.now()) is None
    assert len(bytes.fromhex(secret)) == 32


def test_without_tls_the_cookie_has_another_name(tmp_path: Path) -> None:
    """On loopback over plain HTTP a browser would refuse a Secure cookie, so it is none."""
    with web_index(tmp_path, "http://127.0.0.1:8417") as index:
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        browser = index.browser()
        shown = sign_in(browser)
        assert "secure" not in shown.headers["set-cookie"].lower()
        assert "httponly" in shown.headers["set-cookie"].lower()
        assert list(browser.cookies) == ["homeport"]
        assert browser.get("/manage/").status == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong"), ("ada", ""), ("nobody", PASSWORD), ("", ""), ("ada\0", PASSWORD), ("ADA", PASSWORD)],
)
def test_wrong_credentials_are_refused_alike(index: WebIndex, name: str, password: str) -> None:
    """Who guesses learns nothing from the answer; the name stays in the field, the password does not."""
    browser = index.browser()
    shown = sign_in(browser, "/sign-in/?next=/manage/rehosts/1", name=name, password=password)
    assert shown.status == 403
    assert not browser.cookies
    assert "The user name or the password is not known here." in shown.page.the("section", role="alert").text
    form = shown.page.the("main").the("form")
    assert form.the("input", id="name").attributes["value"] == name.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert form.the("input", name="next").attributes["value"] == "/manage/rehosts/1"
    assert "value" not in form.the("input", id="password").attributes


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_never_becomes_a_session(index: WebIndex, scope: Scope) -> None:
    """A token narrows its user, a session does not: signing in by token would undo that (I-15)."""
    user = index.user("ada")
    token = create_token(index.world, Caller(user), TokenWish(frozenset({scope}))).text
    browser = index.browser()
    shown = sign_in(browser, name="__token__", password=token)
    assert shown.status == 403
    assert not browser.cookies
    assert token not in shown.html


def test_the_secret_changes_at_every_sign_in(index: WebIndex) -> None:
    """A secret that somebody planted before is worth nothing afterwards, and the old session ends."""
    browser = index.browser()
    browser.cookies["__Host-homeport"] = planted = "0" * 64
    sign_in(browser)
    first = browser.cookies["__Host-homeport"]
    assert first != planted
    browser.post("/sign-in/", {"name": "ada", "password": PASSWORD, "form_token": form_token(first)})
    assert browser.cookies["__Host-homeport"] != first
    browser.cookies["__Host-homeport"] = first
    assert browser.get("/manage/").status == 303, "the old session ended"


def test_who_is_signed_in_is_sent_on(index: WebIndex) -> None:
    """The sign-in page asks nobody twice."""
    browser = index.signed_in("ada")
    assert browser.get("/sign-in/?next=/project/demo/").goes_to == "/project/demo/"


def test_signing_out_ends_the_session(index: WebIndex) -> None:
    """The cookie is taken away, and the secret is worth nothing to who kept it."""
    browser = index.signed_in("ada")
    secret = browser.cookies["__Host-homeport"]
    shown = browser.post("/sign-out/", {"form_token": form_token(secret)})
    assert (shown.status, shown.goes_to, browser.cookies) == (303, "/", {})
    browser.cookies["__Host-homeport"] = secret
    assert browser.get("/manage/").status == 303


def test_signing_out_twice_is_no_mistake(index: WebIndex) -> None:
    """Who is not signed in and signs out is where they wanted to be, and the stale cookie is gone."""
    browser = index.browser()
    browser.cookies["__Host-homeport"] = "0" * 64
    assert browser.post("/sign-out/", {}).goes_to == "/"
    assert not browser.cookies


def test_a_session_ends_by_itself(index: WebIndex) -> None:
    """Twelve hours after signing in the browser is asked again."""
    now, secret = index.world.clock.now(), "a" * 64
    with index.world.store.write() as tx:
        until = now + timedelta(microseconds=1)
        tx.sessions.add(Session(Sha256.of(secret.encode()), index.user("ada"), now, until, now))
    browser = index.browser()
    browser.cookies["__Host-homeport"] = secret
    assert browser.get("/manage/").status == 303


# Where a browser may be sent

LOCAL = ["/", "/manage/", "/manage/rehosts/17", "/project/a.b-c_d/", "/search/?q=a+b&x=1", "/~a", "/.."]
ELSEWHERE = [
    "",
    "manage/",
    "//evil.example",
    "//evil.example/manage/",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\0/evil.example",
    "/%09/evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/manage//evil.example",
    "/manage/\\evil.example",
    "http://evil.example/",
    "https://evil.example/",
    "HTTPS://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "http:\\\\evil.example",
    "ftp://evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:https://evil.example/1",
    "https://index.test@evil.example/",
    "//index.test@evil.example/",
    "/@evil.example:80",
    "/:@evil.example",
    ".evil.example",
    "@evil.example",
    "evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/manage/#//evil.example",
    "/manage/;//evil.example",
    "/manage/?next=//evil.example",
    "/manage/?next=https://evil.example",
    "/manage/\u2028/evil.example",
    "/\u2044evil.example",
    "\uff0f\uff0fevil.example",
    "/\uff0fevil.example",
    "/\u3002evil.example",
    "/evil\u0301",
    "/é",
    "/\u202e//elpmaxe.live",
    "/<script>",
    "/'\"><script>alert(1)</script>",
    "/manage/\r\nset-cookie: a=b",
    "/manage/\n",
    "/" + "a" * 200,
    "/" + "a/" * 1000,
]


@pytest.mark.parametrize("target", LOCAL)
def test_own_paths_are_kept(target: str) -> None:
    """A plain path of this index is where the browser goes."""
    assert own_path(target) == target


@pytest.mark.parametrize("target", ELSEWHERE)
def test_everything_else_is_the_inbox(target: str) -> None:
    """What is not plainly a path of ours leads nowhere else."""
    assert own_path(target) == INBOX


@given(st.text(alphabet="/\\:@?#%.&=+;~-_ \t\r\nae0", max_size=30))
def test_an_own_path_has_one_meaning(target: str) -> None:
    """However a browser reads it, the path begins with one slash and names no host."""
    path = own_path(target)
    assert path.startswith("/")
    assert not path.startswith("//")
    assert not set(path) & set("\\:@#%; \t\r\n")
    assert "//" not in path


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(index: WebIndex, target: str) -> None:
    """The form that is sent says where to go next, and it is not believed."""
    credentials: dict[str, str | list[str]] = {"name": "ada", "password": PASSWORD, "next": target}
    assert index.browser().post("/sign-in/", credentials).goes_to == INBOX


# Whose form it is

FIELDS: dict[str, str | list[str]] = {"do": "refuse", "reason": "Not mine."}


@pytest.fixture
def waiting(index: WebIndex) -> WebIndex:
    """An index where rehost 1 waits for ada's answer."""
    index.plan(index.project("demo", "ada"), [item(0)])
    return index


def test_a_form_needs_the_sessions_token(waiting: WebIndex) -> None:
    """No token, another session's token, or a guess: nothing is done."""
    browser, other = waiting.signed_in("ada"), waiting.signed_in("ada")
    tokens = [
        "",
        "0" * 64,
        form_token(other.cookies["__Host-homeport"]),
        browser.cookies["__Host-homeport"],
        "é",
    ]
    for token in tokens:
        shown = browser.post("/manage/rehosts/1", {**FIELDS, "form_token": token})
        assert shown.status == 403
        assert waiting.rehost(1).state is State.PLANNED
    assert browser.post("/manage/rehosts/1", FIELDS).status == 403
    right = form_token(browser.cookies["__Host-homeport"])
    assert browser.post("/manage/rehosts/1", {**FIELDS, "form_token": right}).status == 303
    assert waiting.rehost(1).state is State.REFUSED


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        ({"origin": "https://index.test"}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin", "origin": "https://inside.test"}, True),
        ({"referer": "https://index.test/manage/rehosts/1"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://index.test.evil.example"}, False),
        ({"origin": "https://index.test:8443"}, False),
        ({"origin": "ftp://index.test"}, False),
        ({"origin": "https://evil.example", "referer": "https://index.test/"}, False),
        ({"referer": "https://evil.example/https://index.test/"}, False),
        ({"referer": "about:blank"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "https://index.test"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "none"}, False),
    ],
)
def test_a_form_comes_from_our_own_page(waiting: WebIndex, said: dict[str, str], is_ours: bool) -> None:
    """What the browser says of the sender decides, whatever else the form holds; silence is a no."""
    browser = waiting.signed_in("ada")
    token = form_token(browser.cookies["__Host-homeport"])
    body = urlencode({**FIELDS, "form_token": token}).encode()
    shown = browser.post_bytes("/manage/rehosts/1", body, **said)
    assert (shown.status == 303) is is_ours
    assert (waiting.rehost(1).state is State.REFUSED) is is_ours


def test_nobody_signs_another_in(index: WebIndex) -> None:
    """A page elsewhere cannot sign a visitor in as somebody it knows the password of."""
    browser = index.browser()
    credentials: dict[str, str | list[str]] = {"name": "ada", "password": PASSWORD}
    assert browser.post("/sign-in/", credentials, origin="https://evil.example").status == 403
    assert browser.post("/sign-in/", credentials, origin=None).status == 403
    assert not browser.cookies


def test_a_form_of_an_ended_session_asks_to_sign_in(waiting: WebIndex) -> None:
    """Whoever was away too long signs in and comes back to the page."""
    shown = waiting.browser().post("/manage/rehosts/1", FIELDS)
    assert (shown.status, shown.goes_to) == (303, "/sign-in/?next=%2Fmanage%2Frehosts%2F1")


# The first administrator


def test_the_one_time_link_makes_the_first_administrator(empty: WebIndex) -> None:
    """Whoever holds it names themselves, is an administrator, and is signed in; then it is used up."""
    secret = offer_setup_link(empty.world)
    browser = empty.browser()
    page = browser.get(f"/welcome/{secret}")
    shown = browser.submit(page, name="root", email="root@example.org", password=PASSWORD)
    assert (shown.status, shown.goes_to) == (303, "/manage/")
    assert browser.get("/manage/").status == 200
    assert empty.user("root").is_admin
    assert empty.browser().get(f"/welcome/{secret}").status == 404
    again = empty.browser().post(
        f"/welcome/{secret}", {"name": "b", "email": "b@example.org", "password": PASSWORD}
    )
    assert again.status == 404


@pytest.mark.parametrize(
    ("name", "email", "password"),
    [
        ("Not A Name", "a@example.org", PASSWORD),
        ("ada", "nowhere", PASSWORD),
        ("ada", "a@example.org", "short"),
    ],
)
def test_a_refused_welcome_keeps_the_link_and_the_words(
    empty: WebIndex, name: str, email: str, password: str
) -> None:
    """The form comes again with what was typed, but the password; the link still holds."""
    path = f"/welcome/{offer_setup_link(empty.world)}"
    browser = empty.browser()
    shown = browser.submit(browser.get(path), name=name, email=email, password=password)
    assert shown.status == 400
    form = shown.page.the("main").the("form")
    assert form.the("input", id="name").attributes["value"] == name
    assert form.the("input", id="email").attributes["value"] == email
    assert password not in shown.html
    assert browser.get(path).status == 200


def test_the_link_takes_over_the_account_made_in_the_terminal(empty: WebIndex) -> None:
    """Whoever followed the greeting's other line first becomes the administrator under the same name."""
    secret = offer_setup_link(empty.world)
    made = empty.user("me")
    browser = empty.browser()
    page = browser.get(f"/welcome/{secret}")
    assert page.status == 200
    shown = browser.submit(page, name="me", email="me@example.org", password=PASSWORD)
    assert (shown.status, shown.goes_to) == (303, "/manage/")
    assert empty.user("me") == replace(made, is_admin=True)


def test_a_wrong_link_costs_no_password_hash(empty: WebIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing links is refused before the slow part."""
    offer_setup_link(empty.world)

    def must_not(self: object, password: str) -> str:
        raise AssertionError(f"{password} was hashed for {self}")

    monkeypatch.setattr(type(empty.world.passwords), "hash", must_not)
    fields: dict[str, str | list[str]] = {"name": "a", "email": "a@example.org", "password": PASSWORD}
    assert empty.browser().post("/welcome/wrong", fields).status == 404
