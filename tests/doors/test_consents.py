"""Consent at the doors: its record as a file, its withdrawal, files tried now, and requests that administrators answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from tests.support.api_door import ApiDoor
from tests.support.browser import Browser
from tests.support.builders import item, unreachable
from tests.support.index_pages import hosted_file
from tests.support.web_index import WebIndex, web_index
from tests.support.world import add_person
from typer.testing import CliRunner

from homeport.api.app import answering, api_routes
from homeport.cli import rehosts, removals
from homeport.domain.account import Caller
from homeport.domain.canonical import canonical_bytes
from homeport.domain.consent import Basis
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Decision, Rehost, State
from homeport.domain.removal_request import Answer, RemovalRequest
from homeport.flows.rehost.consents import consent_record
from homeport.flows.rehost.review import Choice, accept, show_rehost
from homeport.ports.catalogue import Provenance

SDIST, AWAY = "demo-1.0.tar.gz", "demo-0.9.tar.gz"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with an administrator."""
    with web_index(tmp_path) as opened:
        add_person(opened.world, "root", is_admin=True)
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


@pytest.fixture
def demo(index: WebIndex) -> Project:
    """Ada's project."""
    return index.project("demo", "ada")


@pytest.fixture
def agreed(index: WebIndex, demo: Project) -> Rehost:
    """A rehost that ada agreed to."""
    rehost = index.plan(demo, (item(0, SDIST),))
    digest = show_rehost(index.world, index.caller("ada"), rehost.id).digest
    choice = Choice(digest, Basis.AUTHOR, evidence="https://example.org/permission?a=1&b=2")
    return accept(index.world, index.caller("ada"), rehost.id, choice)


@pytest.fixture
def door(index: WebIndex, tmp_path: Path) -> ApiDoor:
    """The machine door of the same index."""
    return ApiDoor(index.world, answering(api_routes(index.world)), tmp_path)


def command(index: WebIndex, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What a command prints, run on the same index."""
    app = typer.Typer()
    for module in (rehosts, removals):
        monkeypatch.setattr(module, "world", lambda: index.world)
        module.add_commands(app)
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def request_of(index: WebIndex, demo: Project, rehost: Rehost) -> RemovalRequest:
    """Ada asks for a file to be removed."""
    asked = RemovalRequest(
        0, demo.id, "demo", rehost.id, (SDIST,), "<b>It ended.</b>", "ada", index.world.clock.now()
    )
    with index.world.store.write() as tx:
        return tx.removal_requests.add(asked)


def test_the_record_is_the_same_at_every_door(
    index: WebIndex, ada: Browser, door: ApiDoor, agreed: Rehost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page, call and command give the same bytes: canonical JSON, in which the ledger's entry is named."""
    record = canonical_bytes(consent_record(index.world, index.caller("ada"), agreed.id))
    page = ada.get(f"/manage/rehosts/{agreed.id}")
    link = page.page.the("a", href=f"/manage/rehosts/{agreed.id}/consent.json")
    file = ada.get(link.attributes["href"])
    assert file.html.encode() == record
    assert file.headers["content-disposition"] == f'attachment; filename="consent-{agreed.id}.json"'
    assert file.headers["content-type"] == "application/json"
    assert door.call("GET", f"/rehosts/{agreed.id}/consent", door.token("ada")).body == record
    assert command(index, monkeypatch, "rehost", "consent", str(agreed.id)).encode() == record + b"\n"
    assert json.loads(record)["ledger"]["serial"] > 0
    assert page.page.the("a", href="https://example.org/permission?a=1&b=2").text


def test_consent_is_withdrawn_on_the_page(index: WebIndex, ada: Browser, agreed: Rehost) -> None:
    """Without a reason nothing is done to files; with one it is withdrawn, and the page says by whom and why."""
    path = f"/manage/rehosts/{agreed.id}"
    refused = ada.submit(ada.get(path), "withdraw", hosted="yank", why="")
    assert refused.status == 400
    assert "Say why" in refused.page.the("section", role="alert").text
    chosen = [one.attributes["value"] for one in refused.page.all("input", name="hosted", checked="")]
    assert chosen == ["yank"], "what was chosen is what the next click means"
    book = "It ended. " * 200
    long = ada.submit(refused, "withdraw", why=book)
    assert (long.status, long.page.the("input", id="why").attributes["value"]) == (400, book.strip())
    assert long.page.the("input", name="hosted", value="yank").attributes["checked"] == ""
    assert index.rehost(agreed.id).state is State.CONSENTED
    assert ada.submit(ada.get(path), "withdraw", hosted="yank", why="It <i>ended</i>.").status == 303
    told = ada.get(path).page.the("main").text
    assert "ada withdrew it on" in told
    assert "It <i>ended</i>." in told


def test_consent_is_withdrawn_by_programs(
    index: WebIndex, door: ApiDoor, demo: Project, agreed: Rehost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call and the command take the same choice, and refuse another word."""
    wrong = door.call("POST", f"/rehosts/{agreed.id}/withdraw", door.token("ada"), files="burn")
    assert (wrong.status, wrong.code) == (400, "body-invalid")
    done = door.call("POST", f"/rehosts/{agreed.id}/withdraw", door.token("ada"), files="keep")
    assert (done.status, done.json["state"]) == (200, "withdrawn")
    other = index.plan(demo, (item(0, SDIST),), state=State.PLANNED)
    digest = show_rehost(index.world, index.caller("ada"), other.id).digest
    accept(index.world, index.caller("ada"), other.id, Choice(digest, Basis.AUTHOR))
    words = ("rehost", "withdraw", str(other.id), "--files", "ask-removal", "--reason", "It ended.", "--json")
    assert json.loads(command(index, monkeypatch, *words))["state"] == "withdrawn"


def test_a_file_is_tried_now(
    index: WebIndex, ada: Browser, door: ApiDoor, demo: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page shows each file that did not come with its button; the call and the command name files."""
    away = unreachable(0, AWAY, declared_sha256="0" * 64, decision=Decision.ACCEPT, tries=2)
    for ask in ("page", "call", "command"):
        rehost = index.plan(demo, (item(0, SDIST), away), state=State.PARTLY_PUBLISHED)
        if ask == "page":
            shown = ada.get(f"/manage/rehosts/{rehost.id}")
            row = shown.page.the("section", **{"class": "missing"}).the("li")
            assert "Tried 2 times since it was accepted; next when you ask for it." in row.text
            assert ada.submit(shown, "try-now").status == 303
        elif ask == "call":
            told = door.call("POST", f"/rehosts/{rehost.id}/retry", door.token("ada"), files=[AWAY])
            assert (told.status, told.json["state"]) == (202, "publishing")
        else:
            command(index, monkeypatch, "rehost", "retry", str(rehost.id), "--file", AWAY, "--no-wait")
        assert index.rehost(rehost.id).state is State.PUBLISHING
        now = index.items(rehost)[AWAY]
        assert (now.bytes, now.next_try_at is not None) == (Bytes.UNREACHABLE, True)


def test_a_plan_says_until_when_it_waits(index: WebIndex, ada: Browser, door: ApiDoor, demo: Project) -> None:
    """On its page, and to programs."""
    rehost = index.plan(demo, (item(0, SDIST),))
    end = show_rehost(index.world, index.caller("ada"), rehost.id).expires_at
    assert end is not None
    page = ada.get(f"/manage/rehosts/{rehost.id}").page
    assert "This plan waits for an answer until" in page.text
    assert page.all("time", datetime=f"{end:%Y-%m-%dT%H:%M:%SZ}")
    told = door.call("GET", f"/rehosts/{rehost.id}", door.token("ada"))
    assert told.json["expires"] == f"{end:%Y-%m-%dT%H:%M:%SZ}"


def test_two_administrators_answer_on_the_page(index: WebIndex, demo: Project, agreed: Rehost) -> None:
    """Where it takes two, the button makes a proposal, which the page tells, once, and the refusal of it, too."""
    request = request_of(index, demo, agreed)
    with index.world.store.write() as tx:
        tx.files.add(demo.id, hosted_file(SDIST, content=b"x"), Provenance("ada"), None)
        policy, now = HostingPolicy(two_to_delete=True), index.world.clock.now()
        tx.policies.put(policy, by="root", reason="", at=now)
    root = index.signed_in("root")
    refused = root.submit(root.get("/admin/removals/"), "removed", reason="")
    assert (refused.status, len(refused.page.all("section", role="alert"))) == (400, 1)
    assert "(--reason)" not in refused.page.text
    assert root.submit(root.get("/admin/removals/"), "removed", reason="As is wished.").status == 303
    shown = root.get("/admin/removals/").page
    assert "root proposes to remove them" in shown.text
    assert "It waits for a second administrator" in shown.text
    assert not shown.all("button", value="removed")
    add_person(index.world, "eve", is_admin=True)
    eve = index.signed_in("eve")
    assert eve.submit(eve.get("/admin/proposals/"), "agree").status == 303
    assert "Nobody waits for an answer." in root.get("/admin/removals/").page.text
    with index.world.store.read() as tx:
        found = tx.removal_requests.find(request.id)
        assert tx.files.find(demo.id, SDIST) is None
    assert found is not None
    assert (found.answer, found.answered_by) == (Answer.REMOVED, "root")


def test_administrators_answer_on_their_page(index: WebIndex, demo: Project, agreed: Rehost) -> None:
    """They see who asks for what and why, answer with a reason, and see the answer afterwards."""
    request = request_of(index, demo, agreed)
    root = index.signed_in("root")
    shown = root.get("/admin/removals/")
    card = shown.page.the("form", **{"class": "card"})
    assert "ada asked on" in card.text
    assert "<b>It ended.</b>" in card.text
    assert SDIST in card.text
    refused = root.submit(shown, "declined", reason="")
    assert refused.status == 400
    assert root.submit(root.get("/admin/removals/"), "declined", reason="They are used.").status == 303
    after = root.get("/admin/removals/").page.the("main").text
    assert "Nobody waits for an answer." in after
    assert "They are used." in after
    with index.world.store.read() as tx:
        found = tx.removal_requests.find(request.id)
    assert found is not None
    assert found.answered_by == "root"


def test_administrators_answer_by_command(
    index: WebIndex, demo: Project, agreed: Rehost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell lists what waits, and answers for a named administrator."""
    assert "Nobody asks" in command(index, monkeypatch, "removal", "list")
    request = request_of(index, demo, agreed)
    assert "demo: 1 file, asked by ada" in command(index, monkeypatch, "removal", "list")
    listed = json.loads(command(index, monkeypatch, "removal", "list", "--json"))
    assert [(one["id"], one["files"], one["answer"]) for one in listed] == [(request.id, [SDIST], None)]
    words = ("removal", "answer", str(request.id), "declined", "--reason", "Used.", "--as", "root")
    assert command(index, monkeypatch, *words) == f"Request {request.id} about demo: declined.\n"
    other = request_of(index, demo, agreed)
    removed = ("removal", "answer", str(other.id), "removed", "--reason", "Done.", "--as", "root", "--json")
    assert json.loads(command(index, monkeypatch, *removed))["answer"] == "removed"


def test_no_token_answers(index: WebIndex, door: ApiDoor, demo: Project, agreed: Rehost) -> None:
    """What takes an administrator in person is refused to programs; the call exists for sessions of their own."""
    request = request_of(index, demo, agreed)
    assert Caller(index.user("root")).user.is_admin
    for told in (
        door.call("GET", "/removals", door.token("root")),
        door.call("POST", f"/removals/{request.id}", door.token("root"), answer="removed", reason="x"),
    ):
        assert (told.status, told.code) == (403, "admin-only")
