"""The pages of organisations: what everybody sees, what members see, and what owners do, without a script."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from tests.support.browser import Browser, Element, Shown
from tests.support.web_index import WebIndex, web_index

from homeport.adapters.db.moments import to_text
from homeport.adapters.db.store import SqlStore
from homeport.domain.account import AccountPolicy, Caller
from homeport.domain.hosting import Policy
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.flows.change_status import change_visibility
from homeport.flows.organisation_people import give_organisation_role, invite_to_organisation
from homeport.flows.organisations import create_organisation, transfer_project
from homeport.flows.teams import add_to_team, create_team, give_team_role
from homeport.web.app import web_routes

MINE, PATH, PUBLIC = "/manage/organisations/", "/manage/organisations/acme/", "/organisations/acme/"
DISPLAY = 'Acme & <b>"Sons"</b>'


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns acme with its project demo, bob and cyd are members, and dan is nobody."""
    with web_index(tmp_path) as opened:
        ada = Caller(opened.user("ada"))
        opened.project("demo", "ada")
        create_organisation(opened.world, ada, "acme", DISPLAY)
        for name in ("bob", "cyd"):
            opened.user(name)
            give_organisation_role(opened.world, ada, "acme", name, OrganisationRole.MEMBER, uninvited=True)
        opened.user("dan")
        transfer_project(opened.world, ada, "acme", "demo")
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """The owner's browser."""
    return index.signed_in("ada")


def role(index: WebIndex, name: str) -> Role | None:
    """What somebody is to demo."""
    with index.world.store.read() as tx:
        project = tx.projects.find("demo")
        assert project is not None
        return tx.projects.role_of(project.id, index.user(name).id)


def people(index: WebIndex) -> dict[str, str]:
    """Who is what in acme."""
    with index.world.store.read() as tx:
        acme = tx.organisations.by_name("acme")
        assert acme is not None
        return {member.user.name: member.role.value for member in tx.organisations.members(acme.id)}


def forms(shown: Shown, do: str) -> list[Element]:
    """The forms with the button ``do``."""
    return [form for form in shown.page.the("main").all("form") if form.all("button", value=do)]


def press(browser: Browser, do: str, **fields: str) -> Shown:
    """Press the one button on the page of acme that does this to these."""
    (form,) = [
        form
        for form in forms(browser.get(PATH), do)
        if all(
            fields.get(hidden.attributes["name"], "") == hidden.attributes["value"]
            for hidden in form.all("input", type="hidden")
            if hidden.attributes["name"] in {"user", "team", "project"}
        )
    ]
    assert form.all("button", value=do)
    token = form.the("input", name="form_token").attributes["value"]
    return browser.post(PATH, {"form_token": token, "do": do, **fields})


def refusal(shown: Shown) -> str:
    """Why nothing was done."""
    return shown.page.the("section", role="alert").text


def test_everybody_sees_the_projects(index: WebIndex) -> None:
    """A stranger is shown name and listed projects, as text; not people, and nothing private."""
    index.project("secret", "ada")
    change_visibility(index.world, Caller(index.user("ada")), "secret", is_private=True)
    transfer_project(index.world, Caller(index.user("ada")), "acme", "secret")
    for browser in (index.browser(), index.signed_in("dan")):
        shown = browser.get(PUBLIC)
        assert shown.status == 200
        assert shown.page.the("h1").text == f"{DISPLAY} acme"
        listed = shown.page.the("ul").all("a")
        assert [link.attributes["href"] for link in listed] == ["/project/demo/"]
        assert "bob" not in shown.html
        assert "secret" not in shown.html
        assert not shown.page.all("a", href=PATH)
    assert index.browser().get("/organisations/able/").status == 404
    assert index.browser().get("/organisations/acme").goes_to == PUBLIC


def test_a_projects_page_names_its_organisation(index: WebIndex) -> None:
    """Everybody is told whose it is, and who maintains it through that."""
    index.project("alone", "ada")
    give_organisation_role(index.world, Caller(index.user("ada")), "acme", "bob", OrganisationRole.OWNER)
    shown = index.browser().get("/project/demo/").page
    assert shown.the("a", href=PUBLIC).text == DISPLAY
    assert [item.text for item in shown.the("ul", **{"class": "people"}).all("li")] == [
        "ada owner",
        "bob owner",
    ]
    assert "Belongs to" not in index.browser().get("/project/alone/").html


def test_members_see_people_on_the_public_page(index: WebIndex) -> None:
    """Who is in it is told to members only, with the way to where it is managed."""
    shown = index.signed_in("cyd").get(PUBLIC)
    names = [item.text for item in shown.page.the("ul", **{"class": "people"}).all("li")]
    assert names == ["ada owner", "bob member", "cyd member"]
    assert shown.page.the("main").all("a", href=PATH)


def test_the_public_page_goes_on(index: WebIndex) -> None:
    """The address says after which project a page begins; past the last one the page says so."""
    shown = index.browser().get(f"{PUBLIC}?after=demo")
    assert shown.status == 200
    assert "These were all." in shown.page.the("main").text
    assert shown.page.the("main").all("a", href=PUBLIC)
    create_organisation(index.world, Caller(index.user("ada")), "empty")
    assert "No project that everybody may see." in index.browser().get("/organisations/empty/").html
    assert (
        index.signed_in("ada").get("/organisations/empty/").page.all("a", href="/manage/organisations/empty/")
    )


def test_an_index_that_asks_everyone_to_sign_in(index: WebIndex) -> None:
    """There, a stranger is sent to sign in, whether there is such an organisation or not."""
    closed = replace(index.world, policy=Policy(must_sign_in=True))
    browser = Browser(Starlette(routes=web_routes(closed)), closed.base_url)
    for path in (PUBLIC, "/organisations/able/"):
        assert browser.get(path).goes_to.startswith("/sign-in/")


def test_managing_needs_signing_in(index: WebIndex) -> None:
    """Strangers are sent to sign in; people who are no members are refused."""
    for path in (MINE, PATH):
        assert index.browser().get(path).goes_to.startswith("/sign-in/")
        assert index.browser().post(path, {"do": "create", "name": "mine"}).goes_to.startswith("/sign-in/")
    assert index.signed_in("dan").get(PATH).status == 403


def test_an_organisation_is_created(index: WebIndex) -> None:
    """The page says what an organisation is for, creates one, and keeps what was typed when it cannot."""
    dan = index.signed_in("dan")
    shown = dan.get(MINE)
    assert "You are in no organisation yet." in shown.page.the("main").text
    again = dan.submit(shown, "create", name="acme", display_name="Dan & Co")
    assert again.status == 409
    assert "There is already an organisation acme." in refusal(again)
    assert again.page.the("input", id="name").attributes["value"] == "acme"
    assert again.page.the("input", id="display_name").attributes["value"] == "Dan & Co"
    done = dan.submit(again, "create", name="dans")
    assert done.goes_to == "/manage/organisations/dans/"
    managed = dan.get(done.goes_to)
    assert managed.page.the("h1").text == "Dan & Co"
    assert "You are its last owner" in managed.page.the("main").text
    assert not forms(managed, "leave")
    for empty in ("No team yet.", "No project yet."):
        assert empty in managed.page.the("main").text
    mine = dan.get(MINE).page.the("table").text
    assert "Dan & Co" in mine
    assert "owner" in mine


def test_an_index_may_leave_creating_to_its_administrators(index: WebIndex) -> None:
    """There, nobody else is offered the form, and who sends it is refused."""
    closed = replace(index.world, accounts=AccountPolicy(all_make_organisations=False))
    browser = Browser(Starlette(routes=web_routes(closed)), closed.base_url)
    browser.cookies = index.signed_in("dan").cookies
    shown = browser.get(MINE)
    assert "Ask an administrator of this index to create one" in shown.page.the("main").text
    assert not forms(shown, "create")
    token = shown.page.all("input", name="form_token")[0].attributes["value"]
    assert browser.post(MINE, {"form_token": token, "do": "create", "name": "dans"}).status == 403


def test_people_come_in_by_invitation(index: WebIndex, ada: Browser) -> None:
    """An owner invites; who is invited finds the invitation, and is in by accepting it."""
    shown = ada.get(PATH)
    refused = ada.submit(shown, "invite", user="nobody", role="owner")
    assert refused.status == 404
    form = forms(refused, "invite")[0]
    assert form.the("input", name="user").attributes["value"] == "nobody"
    assert form.the("input", value="owner").attributes.keys() >= {"checked"}
    assert ada.submit(refused, "invite", user="dan", role="member").goes_to == PATH
    assert "invited as member" in ada.get(PATH).page.all("table")[0].text
    dan = index.signed_in("dan")
    inbox = dan.get("/manage/").page.the("main")
    assert "ada invites you into the organisation as member" in inbox.text
    assert inbox.the("a", **{"class": "button strong"}).attributes["href"] == MINE
    waiting = dan.get(MINE)
    assert f"ada invites you to {DISPLAY} as member." in waiting.page.the("main").text
    assert dan.submit(waiting, "accept").goes_to == PATH
    assert people(index)["dan"] == "member"
    assert "Only an owner changes who is in it." in dan.get(PATH).page.the("main").text


def test_an_invitation_is_declined_or_taken_back(index: WebIndex, ada: Browser) -> None:
    """Either way it is gone, and answering it then says so."""
    owner, dan = Caller(index.user("ada")), index.signed_in("dan")
    invite_to_organisation(index.world, owner, "acme", "dan", OrganisationRole.OWNER)
    waiting = dan.get(MINE)
    assert dan.submit(waiting, "decline").goes_to == MINE
    assert dan.submit(waiting, "accept").status == 404
    invite_to_organisation(index.world, owner, "acme", "dan", OrganisationRole.OWNER)
    assert press(ada, "take-back", user="dan").goes_to == PATH
    assert not dan.get(MINE).page.all("button", value="accept")
    assert "dan" not in people(index)


def test_roles_change_and_people_go(index: WebIndex, ada: Browser) -> None:
    """An owner makes owners and members of people, and removes them; people leave by themselves."""
    assert press(ada, "change-role", user="bob", role="owner").goes_to == PATH
    assert (people(index)["bob"], role(index, "bob")) == ("owner", Role.OWNER)
    assert press(ada, "change-role", user="bob", role="member").goes_to == PATH
    assert role(index, "bob") is None
    assert press(ada, "remove", user="bob").goes_to == PATH
    cyd = index.signed_in("cyd")
    assert cyd.submit(cyd.get(PATH), "leave").goes_to == MINE
    assert people(index) == {"ada": "owner"}
    token = ada.get(PATH).page.all("input", name="form_token")[0].attributes["value"]
    alone = ada.post(PATH, {"form_token": token, "do": "leave"})
    assert alone.status == 409
    assert "ada is the last owner of acme" in refusal(alone)


def test_a_team_from_its_beginning_to_its_end(index: WebIndex, ada: Browser) -> None:
    """A team is made, given people and a role, and loses them again."""
    assert ada.submit(ada.get(PATH), "create-team", new_team="core").goes_to == f"{PATH}#team-core"
    assert press(ada, "add-to-team", team="core", user="bob").goes_to == f"{PATH}#team-core"
    given = press(ada, "give-team-role", team="core", project="demo", role="maintainer")
    assert given.goes_to == f"{PATH}#team-core"
    assert role(index, "bob") is Role.MAINTAINER
    team = ada.get(PATH).page.the("details")
    assert "1 person, 1 project" in team.text
    assert "maintainer of demo" in team.text
    offered = [option.attributes["value"] for option in team.the("select", name="user").all("option")]
    assert offered == ["ada", "cyd"], "who is in the team is not offered again"
    seen = index.signed_in("cyd").get(PATH).page.the("details")
    assert "maintainer of demo" in seen.text
    assert not seen.all("form")
    assert press(ada, "take-team-role", team="core", project="demo").goes_to == f"{PATH}#team-core"
    assert role(index, "bob") is None
    assert press(ada, "remove-from-team", team="core", user="bob").goes_to == f"{PATH}#team-core"
    assert "Nobody yet." in ada.get(PATH).page.the("details").text
    assert press(ada, "delete-team", team="core").goes_to == PATH
    assert not ada.get(PATH).page.all("details")


def test_a_refused_change_of_a_team_shows_the_team(index: WebIndex, ada: Browser) -> None:
    """The team that was meant is open, and the reason stands on top."""
    caller = Caller(index.user("ada"))
    for name in ("core", "docs"):
        create_team(index.world, caller, "acme", name)
    add_to_team(index.world, caller, "acme", "docs", "bob")
    refused = press(ada, "add-to-team", team="docs", user="bob")
    assert refused.status == 409
    assert "bob is in acme/docs already." in refusal(refused)
    states = {one.attributes["id"]: "open" in one.attributes for one in refused.page.all("details")}
    assert states == {"team-core": False, "team-docs": True}


def test_projects_move_in_and_out(index: WebIndex, ada: Browser) -> None:
    """An owner moves in what they own; what is moved out keeps its own people."""
    index.project("mine", "ada")
    index.project("dans", "dan")
    refused = ada.submit(ada.get(PATH), "move-in", project="dans")
    assert refused.status == 403
    assert forms(refused, "move-in")[0].the("input", name="project").attributes["value"] == "dans"
    assert ada.submit(refused, "move-in", project="Mine").goes_to == PATH
    (row,) = [row for row in ada.get(PATH).page.all("tr") if row.all("a", href="/project/mine/")]
    token = row.the("input", name="form_token").attributes["value"]
    assert ada.post(PATH, {"form_token": token, "do": "take-out", "project": "mine"}).goes_to == PATH
    assert not ada.get(PATH).page.all("a", href="/project/mine/")


def test_a_member_is_not_told_of_what_is_private(index: WebIndex) -> None:
    """A private project is shown to owners, and to members who have a role in it."""
    caller = Caller(index.user("ada"))
    change_visibility(index.world, caller, "demo", is_private=True)
    create_team(index.world, caller, "acme", "core")
    add_to_team(index.world, caller, "acme", "core", "bob")
    give_team_role(index.world, caller, "acme", "core", "demo", Role.READER)
    told = {name: "demo" in index.signed_in(name).get(PATH).html for name in ("ada", "bob", "cyd")}
    assert told == {"ada": True, "bob": True, "cyd": False}


def test_who_signed_in_long_ago_confirms_first(index: WebIndex, ada: Browser) -> None:
    """No form that changes anything is taken then; where a name is typed the form itself asks; leaving gives nothing away."""
    store = index.world.store
    assert isinstance(store, SqlStore)
    give_organisation_role(index.world, Caller(index.user("ada")), "acme", "bob", OrganisationRole.OWNER)
    fresh = ada.get(PATH)
    long_ago = {"then": to_text(index.world.clock.now() - timedelta(hours=1))}
    with store._writing.begin() as connection:
        connection.execute(text("UPDATE sessions SET confirmed_at = :then"), long_ago)
    shown = ada.get(PATH)
    assert shown.page.the("main").all("a", href="/confirm/?next=%2Fmanage%2Forganisations%2Facme%2F")
    offered = [one.attributes["value"] for one in shown.page.the("main").all("button")]
    assert offered == ["invite", "leave", "create-team", "move-in"]
    late = ada.submit(fresh, "invite", user="dan")
    assert late.status == 403
    assert late.page.the("input", id="user").attributes["value"] == "dan"
    row = next(one for one in fresh.page.all("tr") if one.all("button", value="change-role"))
    assert ada.submit_row(PATH, row, "change-role").goes_to.startswith("/confirm/")
    assert ada.get(MINE).page.all("form"), "creating gives nobody anything"


@pytest.mark.parametrize("path", [MINE, PATH])
def test_what_no_page_does_is_refused(index: WebIndex, ada: Browser, path: str) -> None:
    """A button that is not there does nothing."""
    token = ada.get(path).page.all("input", name="form_token")[0].attributes["value"]
    refused = ada.post(path, {"form_token": token, "do": "explode"})
    assert refused.status == 400
    assert "'explode' is nothing that this page does." in refusal(refused)
