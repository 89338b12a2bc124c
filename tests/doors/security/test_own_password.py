"""A form into which something is typed asks itself for the password of who signed in a while ago: nothing typed is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.security_pages import COOKIE, PASSWORD, session_of, sign_in
from tests.support.web_index import WebIndex, web_index

from homeport.adapters.system import SystemClock
from homeport.domain.campaign import CampaignKind
from homeport.domain.rights import FRESH_FOR
from homeport.flows.campaign.manage import Draft, draft_campaign
from homeport.flows.organisations import create_organisation
from homeport.flows.sessions import find_session
from homeport.flows.sign_in import add_user

DAY = SystemClock().now().date() + timedelta(days=100)
# Where, which button, and what is typed.
FORMS = {
    "account": ("/admin/users/", "", {"name": "bob", "email": "bob@example.org"}),
    "campaign": ("/admin/campaigns/1/", "cancel", {"reason": "Not this year."}),
    "exemption": (
        "/admin/exemptions/",
        "give",
        {"project": "demo", "until": f"{DAY}", "reason": "The disks come later."},
    ),
    "member": ("/manage/projects/demo/members/", "invite", {"who": "zoe", "role": "reader"}),
    "organisation": ("/manage/organisations/acme/", "create-team", {"new_team": "core"}),
    "signer": ("/manage/projects/demo/", "add-identity", {"repository": "ada/demo", "workflow": "ci.yml"}),
    "status": (
        "/manage/projects/demo/releases/",
        "set-status",
        {"status": "archived", "reason": "No time."},
    ),
    "token": ("/account/tokens/", "create", {"label": "laptop", "lasts": "7d"}),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada administers, and owns demo and acme."""
    with web_index(tmp_path) as opened:
        add_user(opened.world, "ada", "ada@example.org", PASSWORD, is_admin=True)
        opened.user("zoe")
        opened.project("demo", "ada")
        create_organisation(opened.world, opened.caller("ada"), "acme", "Acme")
        draft = Draft("Home", "Links rot.", DAY, "https://example.org/terms")
        draft_campaign(opened.world, opened.caller("ada"), CampaignKind.TO_ONLY, draft)
        yield opened


def grow_old(index: WebIndex, browser: Browser) -> None:
    """Let the browser have been confirmed too long ago."""
    session = session_of(index, browser)
    with index.world.store.write() as tx:
        tx.sessions.close(session.secret)
        tx.sessions.add(replace(session, confirmed_at=session.confirmed_at - FRESH_FOR))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_typed_is_lost(index: WebIndex, form: str) -> None:
    """Filled in once, it waits for the right password: without one, and by a wrong one, nothing is done."""
    path, do, typed = FORMS[form]
    browser, _ = sign_in(index)
    page = browser.get(path)
    assert not page.page.all("input", name="own_password", type="password"), (
        "who has just signed in is not asked"
    )
    # It took long to fill in.
    grow_old(index, browser)
    before = browser.cookies[COOKIE]
    refused = browser.submit(page, do, **typed)
    assert refused.status == 403
    assert "type your password beside the button" in refused.page.the("section", role="alert").text
    refused = browser.submit(refused, do, own_password="wrong")
    assert refused.status == 403
    assert "not your password" in refused.page.the("section", role="alert").text
    assert "wrong" not in [part.attributes.get("value") for part in refused.page.all("input")]
    assert browser.cookies[COOKIE] == before
    done = browser.submit(refused, do, own_password=PASSWORD)
    assert done.status == 303
    assert not done.goes_to.startswith("/confirm/")
    assert browser.cookies[COOKIE] != before, "the session has another secret (T-30)"
    assert find_session(index.world, before) is None
    assert browser.get(done.goes_to.partition("#")[0]).status == 200


def test_what_is_wrong_besides_is_told_to_who_showed_it(index: WebIndex) -> None:
    """The right password counts, also when something else is refused: it is not asked for again."""
    path, do, typed = FORMS["member"]
    browser, _ = sign_in(index)
    grow_old(index, browser)
    refused = browser.submit(browser.get(path), do, **{**typed, "who": "nobody"}, own_password=PASSWORD)
    assert "nobody" in refused.page.the("section", role="alert").text
    assert not refused.page.all("input", name="own_password", type="password")
    assert browser.submit(refused, do, who="zoe").goes_to == path


def test_passwords_in_forms_are_not_guessed(index: WebIndex) -> None:
    """Whoever sits at somebody else's browser has the same ten tries here as anywhere."""
    path, do, typed = FORMS["account"]
    browser, _ = sign_in(index)
    grow_old(index, browser)
    page = browser.get(path)
    statuses = [browser.submit(page, do, **typed, own_password="wrong").status for _ in range(11)]
    assert statuses == [403] * 10 + [429]
    assert browser.submit(page, do, **typed, own_password=PASSWORD).status == 429


def test_a_button_that_needs_no_password_asks_for_none(index: WebIndex) -> None:
    """A wrong one does not hold it up either: a new organisation gives nobody anything."""
    browser, _ = sign_in(index)
    grow_old(index, browser)
    page = browser.get("/manage/organisations/")
    assert browser.submit(page, "create", name="beta", own_password="wrong").status == 303
