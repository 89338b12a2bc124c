"""A standing consent at its page: the way there and back, what it does not cover, what was seen when somebody agreed, its end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.api_door import ApiDoor
from tests.support.browser import Browser
from tests.support.command_line import commands
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person, grant

from homeport.adapters.system import SystemClock
from homeport.api.app import answering, api_routes
from homeport.cli import accounts, consents, projects, sources
from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.project import Role
from homeport.flows.manage_project import add_source, find_project
from homeport.flows.standing_consents import StandingWish, give_consent, withdraw_consent

HOSTING = "/manage/projects/cache/"
CONSENT = f"{HOSTING}consent/"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """Ada's cache takes files of files.test; bob maintains it, and named another place."""
    with web_index(tmp_path) as opened:
        project = opened.project("cache", "ada", HostingMode.CACHE)
        ada, bob = opened.caller("ada"), grant(opened.world, project, add_person(opened.world, "bob"))
        add_source(opened.world, ada, "cache", "homepage", "https://files.test/")
        add_source(opened.world, bob, "cache", "homepage", "http://other.test:8080/acme/")
        yield opened


def expire(index: WebIndex) -> None:
    """Let the day come on which the consent ends."""
    with index.world.store.write() as tx:
        project = find_project(tx, "cache")
        standing = tx.standing_consents.of_project(project.id)
        assert standing is not None
        tx.standing_consents.put(project.id, replace(standing, expires_at=SystemClock().now()))


def second_owner(index: WebIndex) -> Caller:
    """Eve owns the cache as well."""
    with index.world.store.read() as tx:
        project = find_project(tx, "cache")
    return grant(index.world, project, add_person(index.world, "eve"), Role.OWNER)


def end(index: WebIndex, how: str) -> None:
    """Let it count no more, in one of three ways."""
    if how == "ended":
        expire(index)
    elif how == "withdrawn":
        withdraw_consent(index.world, index.caller("ada"), "cache", "")
    else:
        with index.world.store.write() as tx:
            project = find_project(tx, "cache")
            standing = tx.standing_consents.of_project(project.id)
            assert standing is not None
            tx.standing_consents.put(project.id, replace(standing, given_by="gone"))


def test_the_way_there_and_back(index: WebIndex) -> None:
    """Every page of the project leads to it, and it says where one is, as the others do."""
    ada = index.signed_in("ada")
    trail = ada.get(HOSTING).page.the("p", **{"class": "trail"})
    assert [link.text for link in trail.all("a", href=CONSENT)] == ["Standing consent"]
    assert not trail.all("a", href=CONSENT, **{"aria-current": "page"})
    back = ada.get(CONSENT).page.the("p", **{"class": "trail"})
    assert back.the("a", href=CONSENT, **{"aria-current": "page"}).text == "Standing consent"
    assert back.the("a", href=HOSTING).text == "Hosting"


def test_one_that_names_no_host_says_what_it_covers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal, too: it is live, and covers only what a registration names, until somebody names a place."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, sources, consents)
    run("user", "add", "ada", "--email", "ada@example.org")
    run("project", "create", "demo", "--owner", "ada", "--mode", "pypi-cache")
    shown = run("consent", "show", "demo")
    assert "demo: live" in shown
    assert "hosts: none, so it covers only addresses that a registration itself names" in shown
    run("source", "add", "demo", "homepage", "https://a.test/")
    assert "hosts: none" not in run("consent", "show", "demo")


def test_what_it_does_not_cover(index: WebIndex) -> None:
    """The place that only a maintainer named is told apart, written as an owner would add it."""
    places = index.signed_in("ada").get(CONSENT).page.the("section", id="terms")
    assert "2 places named for its files now, 1 not covered" in places.text
    (other,) = [one for one in places.all("li") if "host not covered" in one.text]
    assert "http://other.test:8080" in other.text
    card = index.signed_in("ada").get(HOSTING).page.the("section", id="consent")
    assert "Not covered http://other.test:8080/acme/: add the host" in card.text
    assert card.the("a", href=f"{CONSENT}#terms").text == "add the host"
    bobs = index.signed_in("bob").get(HOSTING).page.the("section", id="consent")
    assert "an owner adds the host" in bobs.text


def test_being_asked_who_one_is_loses_nothing(index: WebIndex) -> None:
    """Who signed in a while ago gives the password with the terms; without it, or a wrong one, they are still filled in."""
    later = index.later(minutes=60)
    ada = Browser(later.app, later.world.base_url)
    ada.cookies = dict(index.signed_in("ada").cookies)
    page = ada.get(CONSENT)
    assert page.page.the("form", id="renew").all("input", name="own_password", type="password")
    for password in ("", "wrong"):
        refused = ada.submit(page, "give", hosts="mirror.test", files="*.whl", own_password=password)
        assert refused.status == 403
        assert refused.page.the("textarea", id="hosts").text == "mirror.test"
        assert refused.page.the("textarea", id="files").text == "*.whl"
    with later.world.store.write() as tx:
        user = later.user("ada")
        tx.users.put_password(user.id, later.world.passwords.hash("correct horse battery"))
    before = dict(ada.cookies)
    given = ada.submit(refused, "give", own_password="correct horse battery")
    assert given.goes_to == CONSENT
    assert ada.cookies != before, "the session has another secret (T-30)"
    assert "mirror.test" in ada.get(CONSENT).page.text
    assert not ada.get(CONSENT).page.all("input", name="own_password", type="password")


@pytest.mark.parametrize("how", ["ended", "withdrawn", "void"])
def test_the_end_is_told_where_hosting_is(index: WebIndex, how: str) -> None:
    """An owner is led to the renewal, which brings it back; a maintainer is told who can renew it."""
    ada, bob = index.signed_in("ada"), index.signed_in("bob")
    assert "counts no more" not in ada.get(HOSTING).page.text
    end(index, how)
    shown = ada.get(HOSTING).page
    assert f"The standing consent counts no more ({how})" in shown.text
    assert len(shown.all("a", href=f"{CONSENT}#renew")) == 2
    told = bob.get(HOSTING).page
    assert "An owner renews it" in told.text
    assert not told.all("a", href=f"{CONSENT}#renew")
    page = ada.get(CONSENT)
    assert page.page.the("form", id="renew").all("button", value="renew")
    assert ada.submit(page, "renew").goes_to == CONSENT
    assert "counts no more" not in ada.get(HOSTING).page.text


@pytest.mark.parametrize("button", ["renew", "give"])
def test_what_was_shown_is_what_is_agreed_to(index: WebIndex, button: str) -> None:
    """A page that is older than another owner's terms agrees to nothing: it says who changed what, and keeps what was typed."""
    ada = index.signed_in("ada")
    eve = second_owner(index)
    stale = ada.get(CONSENT)
    give_consent(index.world, eve, "cache", StandingWish(["evil.test"], patterns=["*"]))
    typed = {"hosts": "mine.test", "files": "*.whl"} if button == "give" else {}
    refused = ada.submit(stale, button, **typed)
    assert refused.status == 409
    alert = refused.page.the("section", role="alert").text
    assert "eve changed it" in alert
    assert "every file found at evil.test" in alert
    assert refused.page.the("textarea", id="hosts").text == typed.get("hosts", "evil.test")
    assert refused.page.the("textarea", id="files").text == typed.get("files", "*")
    assert "given by eve" in " ".join(refused.page.the("dl").text.lower().split())
    assert ada.submit(refused, button).goes_to == CONSENT, "who has seen it decides"
    terms = ada.get(CONSENT).page.the("dl").text
    assert "by ada" in terms
    assert typed.get("hosts", "evil.test") in terms


@pytest.mark.parametrize("button", ["renew", "give"])
def test_a_form_that_does_not_say_what_was_shown(index: WebIndex, button: str) -> None:
    """It is refused, and nothing is agreed to."""
    ada = index.signed_in("ada")
    before = ada.get(CONSENT)
    refused = ada.submit(before, button, revision=None)
    assert refused.status == 400
    assert "field revision" in refused.page.the("section", role="alert").text
    history = [shown.page.the("section", id="history").text for shown in (before, ada.get(CONSENT))]
    assert history[0] == history[1]


def test_programs_say_what_they_saw(index: WebIndex, tmp_path: Path) -> None:
    """A call that names a revision agrees to nothing else; one that names none takes what holds."""
    door, path = ApiDoor(index.world, answering(api_routes(index.world)), tmp_path), "/projects/cache/consent"
    token = door.token("ada")
    seen = door.call("GET", path, token).json["revision"]
    changed = door.call("PUT", path, token, paths=["/acme/*"], revision=seen)
    assert changed.status == 200
    late = door.call("PUT", path, token, hosts=["mine.test"], revision=seen)
    assert (late.status, late.json["code"]) == (409, "standing-consent-changed")
    assert "on pages like /acme/*" in late.json["problems"][1]
    assert door.call("PUT", path, token, revision=changed.json["revision"]).status == 200
    assert door.call("PUT", path, token, revision=0).status == 409
    assert door.call("PUT", path, token).json["standing_consent"]["paths"] == ["/acme/*"]


def test_a_withdrawn_one_says_by_whom(index: WebIndex) -> None:
    """Who withdrew it, when and why; no end and no reminder stand on its page, and a refused reason is still typed."""
    ada = index.signed_in("ada")
    second_owner(index)
    assert "is reminded 30 and 7 days before" in ada.get(CONSENT).page.text
    eve = index.signed_in("eve")
    book = "We upload. " * 200
    refused = eve.submit(eve.get(CONSENT), "withdraw", reason=book)
    assert refused.status == 400
    assert refused.page.the("input", id="reason").attributes["value"] == book.strip()
    assert eve.submit(eve.get(CONSENT), "withdraw", reason="We <b>upload</b> now.").goes_to == CONSENT
    card = ada.get(CONSENT).page.the("dl").text
    assert "Given by ada" in card
    assert "Withdrawn by eve," in card
    assert "We <b>upload</b> now." in card
    assert "ntil" not in card
    assert "reminded" not in card
    assert "ntil" not in ada.get(HOSTING).page.the("section", id="consent").the("dl").text


def test_one_that_ended_reminds_of_nothing(index: WebIndex) -> None:
    """It says until when it was."""
    expire(index)
    card = index.signed_in("ada").get(CONSENT).page.the("dl").text
    assert "It was until" in card
    assert "reminded" not in card
