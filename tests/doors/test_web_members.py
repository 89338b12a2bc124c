"""The page of a project's members, and of an invitation: who sees what, and what each form does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Browser, Element, Shown
from tests.support.web_index import WebIndex, web_index
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.hosting import HostingMode
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import ProjectStatus, Role
from homeport.flows.manage_project import find_project

PATH = "/manage/projects/demo/members/"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, which bob maintains and cleo reads; dan has an account."""
    with web_index(tmp_path) as opened:
        project = opened.project("demo", "ada", HostingMode.ONLY)
        for name, role in (("bob", Role.MAINTAINER), ("cleo", Role.READER), ("dan", None)):
            user = opened.user(name)
            if role is not None:
                with opened.world.store.write() as tx:
                    tx.projects.grant(project.id, user.id, role)
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """The owner's browser."""
    return index.signed_in("ada")


def roles(index: WebIndex) -> dict[str, Role]:
    """Who is what, now."""
    with index.world.store.read() as tx:
        members = tx.projects.members(find_project(tx, "demo").id)
        return {member.user.name: member.role for member in members}


def buttons(shown: Shown) -> set[str]:
    """Everything that the page's forms do."""
    return {button.attributes["value"] for button in shown.page.the("main").all("button", name="do")}


def row(shown: Shown, name: str) -> Element:
    """The row of somebody."""
    (found,) = (
        row for row in shown.page.the("main").all("tr") if any(one.text == name for one in row.all("strong"))
    )
    return found


def invite(browser: Browser, who: str, role: str) -> Shown:
    """Fill in the form and send it."""
    return browser.submit(browser.get(PATH), "invite", who=who, role=role)


def invitation_of(browser: Browser) -> str:
    """Where somebody's only invitation is answered."""
    (link,) = browser.get("/manage/").page.the("main").all("a", **{"class": "button strong"})
    return link.attributes["href"]


def problem(shown: Shown) -> str:
    """What the page says on top of why nothing was done."""
    return shown.page.the("section", role="alert").the("p").text


def test_an_owner_sees_everybody_and_every_form(ada: Browser) -> None:
    """Members with their roles, owners first; another role or none for others, not for oneself."""
    shown = ada.get(PATH)
    assert shown.page.the("h1").text == "Members of demo"
    names = [strong.text for strong in shown.page.the("tbody").all("strong")]
    assert names == ["ada", "bob", "cleo"]
    assert buttons(shown) == {"change", "remove", "invite", "hand-over"}
    assert not row(shown, "ada").all("button")
    assert "You are the only owner of demo" in shown.page.the("main").text


def test_who_maintains_sees_and_may_leave(index: WebIndex) -> None:
    """A maintainer decides nothing, and is told who does; who reads, and strangers, do not see the page."""
    bob = index.signed_in("bob")
    shown = bob.get(PATH)
    assert buttons(shown) == {"leave"}
    assert "Only an owner invites" in shown.page.the("main").text
    for name in ("cleo", "dan"):
        assert index.signed_in(name).get(PATH).status == 403
    assert bob.submit(shown, "leave").goes_to == "/manage/"
    assert "bob" not in roles(index)
    assert index.browser().get(PATH).goes_to.startswith("/sign-in/")


def test_somebody_is_invited_and_accepts(index: WebIndex, ada: Browser) -> None:
    """The invitation is in the inbox of the invited, its page says what it means, and a button makes it a role."""
    assert invite(ada, "dan", "maintainer").goes_to == PATH
    assert row(ada.get(PATH), "dan").the("td", **{"data-label": "As"}).text == "maintainer"
    assert "dan" not in roles(index)
    dan = index.signed_in("dan")
    path = invitation_of(dan)
    shown = dan.get(path)
    assert shown.page.the("h1").text == "Maintainer of demo?"
    assert "ada invites you to be maintainer of demo" in shown.page.the("main").text
    assert dan.submit(shown, "accept").goes_to == "/manage/projects/demo/"
    assert roles(index)["dan"] is Role.MAINTAINER
    assert dan.submit(shown, "accept").goes_to == "/manage/projects/demo/", "pressed twice it leads on"
    refused = dan.submit(shown, "decline")
    assert (refused.status, "You accepted it." in refused.page.the("main").text) == (404, True)
    over = dan.get(path)
    assert (over.status, over.page.the("h1").text) == (200, "This invitation is over")
    assert "ada invited you to be maintainer of demo. You accepted it." in over.page.the("main").text
    assert [link.attributes["href"] for link in over.page.the("main").all("a")] == ["/project/demo/"]
    assert ada.get(path).status == 404
    assert "dan is maintainer of demo now" in ada.get("/manage/").page.the("main").text


def test_a_reader_is_led_to_the_project(index: WebIndex, ada: Browser) -> None:
    """Who reads it has no page to manage."""
    invite(ada, "dan", "reader")
    dan = index.signed_in("dan")
    assert dan.submit(dan.get(invitation_of(dan)), "accept").goes_to == "/project/demo/"


def test_an_invitation_is_declined_or_taken_back(index: WebIndex, ada: Browser) -> None:
    """Both end it, and leave no role."""
    dan = index.signed_in("dan")
    invite(ada, "dan", "owner")
    assert dan.submit(dan.get(invitation_of(dan)), "decline").goes_to == "/manage/"
    invite(ada, "dan", "owner")
    path = invitation_of(dan)
    assert ada.submit(ada.get(PATH), "take-back").goes_to == PATH
    assert "It was taken back." in dan.get(path).page.the("main").text
    assert "dan" not in roles(index)


def test_an_invitation_is_for_one_person(index: WebIndex, ada: Browser) -> None:
    """Everybody else, and every other number, finds nothing there."""
    invite(ada, "dan", "owner")
    dan = index.signed_in("dan")
    path = invitation_of(dan)
    for name in ("ada", "bob"):
        assert index.signed_in(name).get(path).status == 404
    for number in ("0", "x", "9" * 40):
        assert dan.get(f"/invitations/{number}").status == 404
    token = dan.get(path).page.all("input", name="form_token")[0].attributes["value"]
    assert dan.post(path, {"do": "burn", "form_token": token}).status == 400
    assert dan.post(path, {"do": "accept"}).status == 403, "without the form's token nothing is done"
    assert dan.get(path).status == 200


def test_what_cannot_be_accepted_is_told_on_the_page(index: WebIndex, ada: Browser) -> None:
    """While the project is quarantined an invitation waits, and its page says why."""
    invite(ada, "dan", "owner")
    dan = index.signed_in("dan")
    shown = dan.get(invitation_of(dan))
    assert isinstance(index.world.store, SqlStore)
    with index.world.store.read() as tx:
        demo = find_project(tx, "demo")
    set_status(index.world.store, demo, ProjectStatus.QUARANTINED)
    refused = dan.submit(shown, "accept")
    assert refused.status == 409
    assert problem(refused).startswith("demo is quarantined")
    assert not buttons(ada.get(PATH))
    assert "No role changes while the project is quarantined." in ada.get(PATH).page.the("main").text


def test_roles_are_changed_and_taken_away(index: WebIndex, ada: Browser) -> None:
    """A member's row has another role, and none."""
    assert ada.submit_row(PATH, row(ada.get(PATH), "bob"), "change", role="owner").goes_to == PATH
    assert roles(index)["bob"] is Role.OWNER
    assert ada.submit_row(PATH, row(ada.get(PATH), "cleo"), "remove").goes_to == PATH
    assert roles(index) == {"ada": Role.OWNER, "bob": Role.OWNER}


def test_a_project_is_handed_over(index: WebIndex, ada: Browser) -> None:
    """Two steps, as the page says: an owner is invited and accepts, and then the other one leaves."""
    assert "It takes two steps" in ada.get(PATH).page.the("main").text
    assert ada.submit(ada.get(PATH), "hand-over", heir="dan").goes_to == PATH
    dan = index.signed_in("dan")
    dan.submit(dan.get(invitation_of(dan)), "accept")
    assert ada.submit(ada.get(PATH), "leave").goes_to == "/manage/"
    assert {name for name, role in roles(index).items() if role is Role.OWNER} == {"dan"}
    assert ada.get(PATH).status == 403


@pytest.mark.parametrize(
    ("who", "role", "status", "begin"),
    [
        ("nobody", "reader", 404, "There is no account nobody here."),
        ("dan@example.org", "reader", 404, "There is no account that is known to have the address"),
        ("bob", "reader", 409, "bob is maintainer of demo already"),
        ("ada", "reader", 409, "ada is owner of demo already"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    index: WebIndex, ada: Browser, who: str, role: str, status: int, begin: str
) -> None:
    """Who is nobody, and who has a role, is told; the form is as it was sent, and nobody's role changed."""
    before = roles(index)
    refused = invite(ada, who, role)
    assert refused.status == status
    assert problem(refused).startswith(begin)
    assert refused.page.the("input", id="who").attributes["value"] == who
    assert refused.page.the("input", type="radio", checked="").attributes["value"] == role
    assert roles(index) == before


def test_forms_that_were_not_shown_do_nothing(index: WebIndex, ada: Browser) -> None:
    """A maintainer who sends the owner's forms is refused, and so is a button that is none."""
    before = roles(index)
    bob = index.signed_in("bob")
    token = bob.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    for fields in (
        {"do": "invite", "who": "dan", "role": "owner"},
        {"do": "hand-over", "heir": "bob"},
        {"do": "change", "user": "bob", "role": "owner"},
        {"do": "remove", "user": "ada"},
    ):
        assert bob.post(PATH, {**fields, "form_token": token}).status == 403
    assert bob.post(PATH, {"do": "burn", "form_token": token}).status == 400
    assert bob.post(PATH, {"do": "leave"}).status == 403
    assert roles(index) == before


def test_a_role_through_an_organisation_is_said(index: WebIndex, ada: Browser) -> None:
    """Where somebody's role comes from stands beside it; it is changed there."""
    dan = index.user("dan")
    with index.world.store.write() as tx:
        organisation = tx.organisations.add("acme", "Acme", index.world.clock.now())
        tx.organisations.grant(organisation.id, dan.id, OrganisationRole.OWNER)
        tx.organisations.take_in(organisation.id, find_project(tx, "demo").id)
    shown = ada.get(PATH)
    assert "through organisation acme" in row(shown, "dan").text
    assert not row(shown, "dan").all("button")
    assert "leave" in buttons(shown), "there is another owner now"
    assert "leave" not in buttons(index.signed_in("dan").get(PATH)), "what is not one's own is left there"


def test_changes_need_a_fresh_confirmation(index: WebIndex, ada: Browser) -> None:
    """Who signed in a while ago sees everybody, and confirms before anything changes; where a name is typed, in the form."""
    later = index.later(minutes=20)
    browser = Browser(later.app, later.world.base_url)
    browser.cookies = dict(ada.cookies)
    shown = browser.get(PATH)
    assert buttons(shown) == {"invite", "hand-over"}
    assert len(shown.page.all("input", name="own_password", type="password")) == 2
    confirm = "/confirm/?next=%2Fmanage%2Fprojects%2Fdemo%2Fmembers%2F"
    assert shown.page.the("main").all("a", href=confirm)
    token = ada.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    assert browser.post(PATH, {"do": "remove", "user": "bob", "form_token": token}).goes_to == confirm
    assert "bob" in roles(index)
