"""From a stranger to an uploader: signed up, written to, verified, and let in, across a kill."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.support.archives import make_wheel
from tests.support.forms import basic
from tests.support.index import Index, Reply
from tests.support.mail_server import MailServer, mail_server

pytestmark = pytest.mark.journey
PASSWORD = "correct horse battery stable"
WHEEL = "lark-1.0-py3-none-any.whl"
_PATIENCE_SECONDS = 30


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture
def index(tmp_path: Path, mail: MailServer) -> Iterator[Index]:
    """An index that lets everybody in whose address is verified; not started."""
    smtp = f"smtp://127.0.0.1:{mail.port}?from=index@example.org"
    index = Index(tmp_path / "own", HOMEPORT_SMTP_URL=smtp, HOMEPORT_SIGN_UP="open")
    yield index
    index.kill()


def send_form(index: Index, path: str, **fields: str) -> Reply:
    """Send a form as the page itself does."""
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/html",
    }
    return index.request("POST", path, urlencode(fields), headers)


def wait_for(what: Callable[[], bool]) -> None:
    """Return when it is so."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def links(mail: MailServer, recipient: str) -> list[str]:
    """The paths of the links that this address has got."""
    texts = (got.text for got in mail.received if got.recipients == [recipient])
    return [link for text in texts for link in re.findall(r"/(?:verify-email|set-password)/[0-9a-f]+", text)]


def test_a_stranger_becomes_an_uploader(index: Index, mail: MailServer) -> None:
    """What was acknowledged before a kill is mailed after it; before the address is verified nothing is taken."""
    index.start("web")
    done = send_form(index, "/sign-up/", name="ada", email="ada@example.org", password=PASSWORD)
    assert (done.status, "Look into your mail" in done.text) == (200, True)
    index.kill()
    index.start()
    wait_for(lambda: bool(links(mail, "ada@example.org")))
    token = index.ask("token", "create", "--user", "ada").strip()
    refused = index.upload(WHEEL, make_wheel("lark", "1.0"), token)
    assert (refused.status, "Verify your e-mail address" in refused.text) == (403, True)
    link = links(mail, "ada@example.org")[0]
    assert index.request("GET", link).status == 200
    assert index.upload(WHEEL, make_wheel("lark", "1.0"), token).status == 403, "looking changes nothing"
    assert send_form(index, link).status == 200
    assert index.upload(WHEEL, make_wheel("lark", "1.0"), token).status == 200
    assert set(index.hosted("lark")) == {WHEEL}

    send_form(index, "/forgotten/", who="ada")
    wait_for(lambda: len(links(mail, "ada@example.org")) > 1)
    link = links(mail, "ada@example.org")[-1]
    assert send_form(index, link, password="another long password").status == 200
    assert index.request("GET", "/api/v1/account", headers=basic("ada", PASSWORD)).status == 401
    assert (
        index.request("GET", "/api/v1/account", headers=basic("ada", "another long password")).status == 200
    )

    index.ask("user", "disable", "ada")
    for headers in (basic("ada", "another long password"), basic("__token__", token)):
        assert index.request("GET", "/api/v1/account", headers=headers).status == 401
    assert index.upload(WHEEL, make_wheel("lark", "1.0"), token).status == 401
    index.require_no_traceback()
