"""The page of a standing consent: the way to it and back, what it does not cover, and what is said when it has ended."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person, grant

from homeport.adapters.system import SystemClock
from homeport.domain.hosting import HostingMode
from homeport.flows.manage_project import add_source, find_project
from homeport.flows.standing_consents import withdraw_consent

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
    assert page.page.the("form", id="renew").all("input", name="password")
    for password in (None, "wrong"):
        refused = ada.submit(page, "give", hosts="mirror.test", files="*.whl", password=password)
        assert refused.status == 403
        assert refused.page.the("textarea", id="hosts").text == "mirror.test"
        assert refused.page.the("textarea", id="files").text == "*.whl"
    with later.world.store.write() as tx:
        user = later.user("ada")
        tx.users.put_password(user.id, later.world.passwords.hash("correct horse battery"))
    before = dict(ada.cookies)
    given = ada.submit(refused, "give", password="correct horse battery")
    assert given.goes_to == CONSENT
    assert ada.cookies != before, "the session has another secret (T-30)"
    assert "mirror.test" in ada.get(CONSENT).page.text
    assert not ada.get(CONSENT).page.all("input", name="password")


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
