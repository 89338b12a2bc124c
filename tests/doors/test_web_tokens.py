"""The page of one's own tokens: one is shown once and never again, and revoked at once."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Browser, Element, Shown
from tests.support.web_index import WebIndex, web_index

from homeport.domain.account import Scope, token_text
from homeport.domain.errors import Unauthenticated
from homeport.domain.hosting import HostingMode
from homeport.flows.sign_in import sign_in_with_token
from homeport.flows.tokens import TokenWish, create_token, list_tokens

PATH, ONCE = "/account/tokens/", "__Host-homeport-once"
TOKEN = re.compile(r"hp_[0-9a-f]{72}")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns lark and finch."""
    with web_index(tmp_path) as opened:
        for name in ("Lark", "finch"):
            opened.project(name, "ada", HostingMode.ONLY)
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


def make(browser: Browser, **changes: str | list[str] | None) -> Shown:
    """Fill in the form for a new token, and send it."""
    fields: dict[str, str | list[str] | None] = {"label": "my laptop", **changes}
    return browser.arrive(browser.submit(browser.get(PATH), "create", **fields))


def rows(shown: Shown) -> list[Element]:
    """The tokens that are listed."""
    return shown.page.the("main").the("tbody").all("tr")


def cell(row: Element, name: str) -> str:
    """What a column says."""
    return row.the("td", **{"data-label": name}).text


def lines(block: Element) -> str:
    """What a copy button copies of a command."""
    return "\n".join(line.text for line in block.all("code"))


def test_a_token_is_shown_once(index: WebIndex, ada: Browser) -> None:
    """The page that makes it shows it, to copy; no page does later, and it opens what it says."""
    shown = make(ada, project="lark")
    assert shown.status == 200
    assert shown.headers["cache-control"] == "no-store"
    text = lines(shown.page.the("main").all("pre", **{"data-copy": ""})[0])
    assert TOKEN.fullmatch(text)
    token = sign_in_with_token(index.world, text).token
    assert token is not None
    assert token.label == "my laptop"
    assert token.scopes == {Scope.UPLOAD}
    assert token.projects == {"lark"}
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days == 365, "a year unless another time is chosen"
    for path in (PATH, "/manage/", "/account/", "/", "/project/lark/"):
        assert not TOKEN.search(ada.get(path).html)


def test_loading_the_page_again_makes_no_second_token(index: WebIndex, ada: Browser) -> None:
    """The form leads to an address that shows the token once, to this browser; there is one token, and one notice."""
    sent = ada.submit(ada.get(PATH), "create", label="my laptop")
    assert (sent.status, sent.goes_to) == (303, PATH)
    brought = dict(ada.cookies)
    assert TOKEN.search(ada.get(PATH).html)
    assert not TOKEN.search(ada.get(PATH).html), "loaded again, it shows no secret"
    eve = index.signed_in("eve")
    eve.cookies = {**brought, "__Host-homeport": eve.cookies["__Host-homeport"]}
    assert not TOKEN.search(eve.get(PATH).html), "another session opens nothing"
    assert len(list_tokens(index.world, index.caller("ada"))) == 1


def test_a_token_that_waits_is_on_no_disk(index: WebIndex, ada: Browser) -> None:
    """What the browser keeps of it goes with the browser; after a minute no page shows it, and the next takes it away."""
    sent = ada.submit(ada.get(PATH), "create", label="my laptop")
    (kept,) = [line for line in sent.headers["set-cookie"].splitlines() if line.startswith(ONCE)]
    assert "max-age" not in kept.lower()
    assert "expires" not in kept.lower()
    brought = dict(ada.cookies)
    for minutes, is_shown in ((0, True), (2, False)):
        later = index.later(minutes=minutes).browser()
        later.cookies = dict(brought)
        assert bool(TOKEN.search(later.get(PATH).html)) is is_shown
        assert ONCE not in later.cookies
    stranger = index.browser()
    stranger.cookies = {ONCE: brought[ONCE]}
    assert stranger.get("/project/lark/").status == 200
    assert stranger.cookies == {}


def test_what_to_paste_is_ready(ada: Browser) -> None:
    """For uploads a .pypirc that is read as one, and commands for uv and Poetry; the token stands in each."""
    shown = make(ada)
    details = {
        part.the("summary").text: lines(part.the("pre")) for part in shown.page.the("main").all("details")
    }
    assert list(details) == ["twine", "~/.pypirc, for twine and others", "uv", "Poetry"]
    pypirc = configparser.ConfigParser(interpolation=None)
    pypirc.read_string(details["~/.pypirc, for twine and others"])
    assert pypirc["distutils"]["index-servers"] == "homeport"
    assert pypirc["homeport"]["repository"] == "https://index.test/legacy/"
    assert pypirc["homeport"]["username"] == "__token__"
    text = pypirc["homeport"]["password"]
    assert TOKEN.fullmatch(text)
    assert details["twine"].splitlines() == [
        f"export TWINE_PASSWORD={text}",
        "twine upload --repository-url https://index.test/legacy/ -u __token__ dist/*",
    ]
    assert details["uv"].splitlines() == [
        f"export UV_PUBLISH_TOKEN={text}",
        "uv publish --publish-url https://index.test/legacy/",
    ]
    assert f"poetry config pypi-token.homeport {text}" in details["Poetry"]


def test_what_to_paste_fits_what_the_token_may(ada: Browser) -> None:
    """A token to read comes with lines for installers, one to manage with a call of the API."""
    shown = make(ada, scope=["read", "manage"])
    details = {
        part.the("summary").text: lines(part.the("pre")) for part in shown.page.the("main").all("details")
    }
    assert list(details) == ["pip", "~/.netrc, for pip and uv", "curl"]
    assert re.fullmatch(
        r"pip config set global\.index-url https://__token__:hp_[0-9a-f]{72}@index\.test/simple/",
        details["pip"],
    )
    assert details["~/.netrc, for pip and uv"].startswith("machine index.test\nlogin __token__\npassword hp_")


def test_an_empty_page_says_what_to_do(ada: Browser) -> None:
    """Without a token there is no table, and the form is there."""
    shown = ada.get(PATH)
    assert "You have none yet." in shown.page.the("main").text
    boxes = shown.page.all("input", name="project")
    assert [box.attributes["value"] for box in boxes] == ["finch", "lark"]
    assert ada.get("/account/").page.all("a", href=PATH)


def test_tokens_are_listed_with_how_they_stand(index: WebIndex, ada: Browser) -> None:
    """Label, uses, projects, end; a revoked one stays in the list, and cannot be revoked again."""
    make(ada, label="CI", scope=["upload", "read"], project=["finch"], others="lark, LARK", lasts="")
    make(ada, label="old")
    shown = ada.get(PATH)
    old, ci = rows(shown)
    assert [cell(ci, name) for name in ("Label", "May", "Projects", "Ends", "Last used")] == [
        "CI",
        "read, upload",
        "finch, lark",
        "never",
        "never",
    ]
    done = ada.submit_row(PATH, old, "revoke")
    assert done.goes_to == PATH
    old, ci = rows(ada.get(PATH))
    assert cell(old, "Label") == "old revoked"
    assert not old.all("button")
    assert ci.all("button")


def test_a_refusal_keeps_what_was_typed(index: WebIndex, ada: Browser) -> None:
    """Every problem stands on top, and the form is as it was sent."""
    refused = make(ada, label="x" * 65, scope=None, others="lark", lasts="7d")
    assert refused.status == 400
    alert = refused.page.the("section", role="alert")
    assert [item.text.split(".")[0] for item in alert.all("li")] == [
        "The label must be plain text of at most 64 characters",
        "Say what the token is for: upload, manage or read",
    ]
    page = refused.page
    assert page.the("input", id="label").attributes["value"] == "x" * 65
    assert page.the("input", id="others").attributes["value"] == "lark"
    assert page.the("option", selected="").attributes["value"] == "7d"
    assert not page.all("input", name="scope", checked="")
    for changes, status in (({"label": ""}, 400), ({"others": "wren"}, 404), ({"lasts": "soon"}, 400)):
        assert make(ada, **changes).status == status
    assert "You have none yet." in ada.get(PATH).page.the("main").text


def test_an_unknown_button_does_nothing(index: WebIndex, ada: Browser) -> None:
    """A form that says something else is refused."""
    token = ada.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    assert ada.post(PATH, {"do": "burn", "form_token": token}).status == 400
    assert ada.post(PATH, {"do": "create"}).status == 403, "without the form's token nothing is done"


def test_nobody_revokes_anothers(index: WebIndex, ada: Browser) -> None:
    """A token's number is no right to it."""
    made = create_token(index.world, index.caller("ada"), TokenWish(frozenset(Scope)))
    eve = index.signed_in("eve")
    token = eve.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    assert eve.post(PATH, {"do": "revoke", "token": str(made.token.id), "form_token": token}).status == 403
    assert sign_in_with_token(index.world, made.text).user.name == "ada"
    ada.submit_row(PATH, rows(ada.get(PATH))[0], "revoke")
    with pytest.raises(Unauthenticated):
        sign_in_with_token(index.world, made.text)


def test_the_page_is_for_who_is_signed_in(index: WebIndex) -> None:
    """Nobody is led to sign in, and back."""
    assert index.browser().get(PATH).goes_to == "/sign-in/?next=%2Faccount%2Ftokens%2F"


def test_making_one_needs_a_fresh_confirmation(index: WebIndex, ada: Browser) -> None:
    """Who signed in a while ago sees their tokens and revokes them, and confirms before making one."""
    make(ada)
    later = index.later(minutes=20)
    browser = Browser(later.app, later.world.base_url)
    browser.cookies = dict(ada.cookies)
    shown = browser.get(PATH)
    refused = browser.submit(shown, "create", label="CI of lark", scope="read")
    assert refused.status == 403
    assert refused.page.the("input", id="label").attributes["value"] == "CI of lark"
    assert len(rows(refused)) == 1
    assert browser.submit_row(PATH, rows(shown)[0], "revoke").goes_to == PATH
    with later.world.store.write() as tx:
        tx.users.put_password(later.user("ada").id, later.world.passwords.hash("correct horse battery"))
    made = browser.arrive(browser.submit(refused, "create", own_password="correct horse battery"))
    assert TOKEN.search(made.html), "it is for the session that the password renewed"
    assert [cell(row, "May") for row in rows(made)] == ["read", "upload"]
    assert "correct horse battery" not in refused.html


def test_t05_a_token_typed_elsewhere_is_not_repeated(ada: Browser) -> None:
    """In a search, a name, a label or an address, it is struck out of the page."""
    text = token_text(bytes(32))
    for shown in (
        ada.get(f"/search/?q={text}"),
        ada.get(f"/project/{text}/"),
        ada.get(f"/{text}"),
        ada.post("/sign-in/", {"name": text, "password": text, "next": f"/{text}"}),
        make(ada, label=text, scope=None),
        make(ada, others=text),
    ):
        assert text[3:40] not in shown.html
