"""The policy, proposals and freezes at every door: pages, API and shell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.browser import Browser, Shown
from tests.support.catalogue import publish
from tests.support.command_line import Run, commands
from tests.support.forms import basic
from tests.support.web_index import WebIndex, web_index

from homeport.cli import accounts, freezes, hosts, policies, projects, releases
from homeport.domain.errors import Invalid, Refusal
from homeport.domain.evidence import Level
from homeport.domain.hosting import HostingMode
from homeport.domain.hosting_policy import HostingPolicy
from homeport.domain.project import ProjectStatus
from homeport.flows.change_status import change_status
from homeport.flows.manage_project import create_project
from homeport.flows.policies import change_policy, show_policy
from homeport.flows.sign_in import add_user, find_user
from homeport.settings import read_settings
from homeport.wiring import open_world

PASSWORD = "correct horse battery stable"
POLICIES, PROPOSALS, RELEASES = "/admin/policies/", "/admin/proposals/", "/manage/projects/demo/releases/"
WHEEL = "demo-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index that root and eve administer, where ada owns demo with one file."""
    with web_index(tmp_path) as index:
        for name in ("root", "eve"):
            add_user(index.world, name, f"{name}@example.org", PASSWORD, is_admin=True)
        index.project("demo", "ada", HostingMode.ONLY)
        publish(index.world, index.user("ada"), "demo", "1.0")
        yield index


@pytest.fixture
def root(index: WebIndex) -> Browser:
    """An administrator's browser."""
    return index.signed_in("root")


def asks_two(index: WebIndex) -> None:
    """Let two be needed for everything that may need two."""
    changes = {"two_to_unfreeze": "yes", "two_to_delete": "yes"}
    change_policy(index.world, index.caller("root"), changes, "Careful.")


def text(shown: Shown) -> str:
    """What the page says."""
    return shown.page.the("main").text


def test_the_policy_is_changed_on_its_page(index: WebIndex, root: Browser) -> None:
    """What is typed holds, and is told as what was decided; a second form that was opened before is told of it."""
    shown, eve = root.get(POLICIES), index.signed_in("eve")
    assert "these are the defaults" in text(shown)
    sent = root.submit(
        shown, "change", cooling_hours="24", allowed_modes=["pypi-only", "pypi-cache"], reason="Careful."
    )
    assert (sent.status, sent.goes_to) == (303, POLICIES)
    assert show_policy(index.world).now.policy == HostingPolicy(
        frozenset({HostingMode.ONLY, HostingMode.CACHE}), cooling_hours=24
    )
    stale = eve.get(POLICIES)
    assert root.submit(root.get(POLICIES), "change", cooling_hours="12", reason="Less.").status == 303
    assert "cooling_hours 24 → 12" in text(root.get(POLICIES))
    late = eve.submit(stale, "change", cooling_hours="1", reason="Mine.")
    assert (late.status, "root changed the policy meanwhile" in text(late)) == (409, True)


def test_the_first_change_is_told_to_who_comes_second(index: WebIndex, root: Browser) -> None:
    """Also a form from before anything was decided is told of it; one that does not say what it showed changes nothing."""
    shown = root.get(POLICIES)
    change_policy(index.world, index.caller("eve"), {"lowest_evidence": "tls"}, "An attack.")
    late = root.submit(shown, "change", cooling_hours="5", reason="Something else.")
    assert (late.status, "eve changed the policy meanwhile" in text(late)) == (409, True)
    assert root.submit(late, "change").status == 409, "what was seen is not the newest by being told so"
    silent = root.submit(root.get(POLICIES), "change", revision=None, cooling_hours="5", reason="Else.")
    assert (silent.status, "open the page anew" in text(silent)) == (400, True)
    assert root.submit(silent, "change").status == 400
    assert show_policy(index.world).now.policy.lowest_evidence is Level.TLS
    assert show_policy(index.world).now.policy.cooling_hours == 0


def test_a_refused_policy_keeps_what_was_typed(root: Browser) -> None:
    """All problems are told at once, and nothing has to be typed again."""
    shown = root.get(POLICIES)
    refused = root.submit(
        shown,
        "change",
        cooling_hours="7200",
        cache_ends_on="x",
        allowed_modes=["pypi-ext"],
        reason=" ",
    )
    assert refused.status == 400
    told = refused.page.the("section", role="alert").text
    wanted = ("from 0 to 720", "cache_ends_on", "allowed_modes", "Say why")
    assert all(word in told for word in wanted)
    typed = refused.page.the("input", id="cooling_hours").attributes
    assert (typed["value"], "maxlength" in typed) == ("7200", False), "a browser cuts no number"
    again = root.submit(refused, "change", reason="Because.")
    assert again.page.the("input", id="reason").attributes["value"] == "Because."


def test_pages_are_for_administrators(index: WebIndex) -> None:
    """Owners are refused, and see no button that freezes."""
    ada = index.signed_in("ada")
    assert {ada.get(path).status for path in (POLICIES, PROPOSALS, "/admin/frozen/")} == {403}
    assert not ada.get(RELEASES).page.all("button", value="freeze")


def test_a_file_is_frozen_and_let_go_on_its_page(index: WebIndex, root: Browser) -> None:
    """The page of the releases, the project's page and the list say so, and why; the link is gone until it ends."""
    assert "No file and no release is frozen" in text(root.get("/admin/frozen/"))
    assert root.submit(root.get(RELEASES), "freeze", filename=WHEEL, why="A <virus>.").status == 303
    public = index.browser().get("/project/demo/")
    assert "A <virus>." in text(public)
    # Neither to the file, nor to the page of where it came from.
    assert not [link for link in public.page.all("a") if "/files/" in link.attributes["href"]]
    for path in (RELEASES, "/admin/frozen/", "/admin/frozen/?show=all"):
        assert "A <virus>." in text(root.get(path))
    refused = root.submit(root.get(RELEASES), "freeze", filename=WHEEL, why="Again.")
    assert refused.status == 409
    assert root.submit(root.get(RELEASES), "unfreeze", filename=WHEEL, why="Clean.").goes_to == RELEASES
    assert "A <virus>." not in text(index.browser().get("/project/demo/"))
    assert "until" in text(root.get("/admin/frozen/?show=all"))
    assert root.submit(root.get(RELEASES), "freeze", filename="", why="A key.").status == 303
    assert "A key." in text(index.browser().get("/project/demo/"))


def test_two_agree_on_the_page_of_proposals(index: WebIndex, root: Browser) -> None:
    """Root proposes by the usual button; eve agrees, and it is done; who asked can withdraw, and is not offered more."""
    assert "Nothing waits" in text(root.get(PROPOSALS))
    asks_two(index)
    root.submit(root.get(RELEASES), "freeze", filename="", why="A virus.")
    sent = root.submit(root.get(RELEASES), "unfreeze", filename="", why="A mistake.")
    assert (sent.status, sent.goes_to) == (303, PROPOSALS)
    own = root.get(PROPOSALS)
    assert "Unfreeze demo 1.0" in text(own)
    assert [button.attributes["value"] for button in own.page.the("main").all("button")] == ["withdraw"]
    eve = index.signed_in("eve")
    assert eve.submit(eve.get(PROPOSALS), "refuse", answer="Not yet.").status == 303
    assert "Not yet." in text(root.get(PROPOSALS))
    root.submit(root.get(RELEASES), "unfreeze", filename="", why="A mistake.")
    assert eve.submit(eve.get(PROPOSALS), "agree").status == 303
    assert "Agreed by eve" in text(root.get(PROPOSALS))
    assert "A virus." not in text(index.browser().get("/project/demo/"))
    policy = root.get(POLICIES)
    assert root.submit(policy, "change", two_to_delete="no", reason="Enough.").goes_to == PROPOSALS
    assert root.submit(root.get(PROPOSALS), "withdraw").status == 303
    assert not root.get(PROPOSALS).page.the("main").all("form"), "nothing is open any more"


def test_a_page_from_before_a_quarantine_does_not_end_it(index: WebIndex, root: Browser) -> None:
    """The button of a page that shows no quarantine tells of it, and the page that comes back has the button that ends it."""
    shown = root.get(RELEASES)
    change_status(index.world, index.caller("eve"), "demo", ProjectStatus.QUARANTINED, "Malware.")
    refused = root.submit(shown, "set-status", status="archived", reason="Done.")
    assert (refused.status, "changed meanwhile" in text(refused)) == (409, True)
    silent = root.submit(shown, "set-status", serial=None, status="archived", reason="Done.")
    assert (silent.status, "open the page anew" in text(silent)) == (400, True)
    assert root.submit(refused, "set-status", status="archived", reason="Done.").goes_to == RELEASES


def test_removals_and_quarantines_wait_for_two(index: WebIndex, root: Browser) -> None:
    """The usual forms of releases, status and hosts lead to proposals where two are needed."""
    asks_two(index)
    fields = {"version": "1.0", "confirm": "1.0", "cause": "Court."}
    removed = root.submit(root.get(RELEASES), "remove-release", **fields)
    assert removed.goes_to == PROPOSALS
    change_status(index.world, index.caller("root"), "demo", ProjectStatus.QUARANTINED, "Malware.")
    ended = root.submit(root.get(RELEASES), "set-status", status="active", reason="Clean.")
    assert ended.goes_to == PROPOSALS
    hosts_page = root.get("/admin/hosts/")
    root.submit(hosts_page, "freeze", name="files.test", reason="Sold.")
    host = root.get("/admin/hosts/files.test/")
    assert root.submit(host, "unfreeze", reason="Bought.").goes_to == PROPOSALS
    assert text(root.get(PROPOSALS)).count("open") >= 3


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """The machine door of an index that root and eve administer, with a file of ada's demo."""
    with api_door(tmp_path) as opened:
        for name in ("root", "eve", "ada"):
            add_user(opened.world, name, f"{name}@example.org", PASSWORD, is_admin=name != "ada")
        ada = find_user(opened.world, "ada")
        create_project(opened.world, ada, "demo", HostingMode.ONLY)
        publish(opened.world, ada, "demo", "1.0")
        yield opened


def ask(door: ApiDoor, who: str, method: str, path: str, **body: Any) -> Told:
    """A call by password."""
    return door.call(method, path, {"authorization": basic(who, PASSWORD)["Authorization"]}, **body)


def test_calls_on_the_policy(door: ApiDoor) -> None:
    """Values are what JSON has for them; problems come together; the answer is the policy that holds."""
    before = ask(door, "ada", "GET", "/policy").json
    assert (before["revision"], before["by"], before["policy"]["cooling_hours"]) == (0, None, 0)
    changes = {
        "allowed_modes": ["pypi-only", "pypi-cache"],
        "cache_ends_on": "2099-03-31",
        "cooling_hours": 24,
        "two_to_delete": True,
        "frozen_status": 451,
    }
    told = ask(door, "root", "PUT", "/policy", reason="Careful.", **changes).json
    changed = told["policy"]
    assert (told["revision"], told["by"], told["reason"]) == (1, "root", "Careful.")
    assert changed == before["policy"] | changes | {"allowed_modes": ["pypi-cache", "pypi-only"]}
    assert ask(door, "ada", "GET", "/policy").json == told
    wrong = ask(
        door, "root", "PUT", "/policy", reason="x", cooling_hours=-1, lowest_evidence=None, two_to_delete=1
    )
    assert (wrong.status, len(wrong.json["problems"])) == (400, 3)
    silent = ask(door, "root", "PUT", "/policy", cooling_hours=-1, cache_ends_on="2026-01-01")
    assert [one.partition(" is ")[0] for one in silent.json["problems"][:2]] == [
        "cooling_hours",
        "cache_ends_on",
    ]
    assert silent.json["problems"][2].startswith("Say why")
    stale = ask(door, "root", "PUT", "/policy", reason="x", revision=9, cache_ends_on=None)
    assert (stale.status, stale.json["code"]) == (409, "policy-changed")
    assert (
        ask(door, "root", "PUT", "/policy", reason="x", revision=1, cache_ends_on=None).json["revision"] == 2
    )


def test_calls_that_take_two(door: ApiDoor) -> None:
    """Where two are needed the answer is a proposal; another administrator's agreement does it."""
    ask(door, "root", "PUT", "/policy", reason="Careful.", two_to_unfreeze=True, two_to_delete=True)
    release = "/projects/demo/releases/1.0"
    frozen = ask(door, "root", "PUT", f"{release}/frozen", frozen=True, reason="A virus.", file=WHEEL).json
    assert (frozen["file"], frozen["reason"], frozen["ended"]) == (WHEEL, "A virus.", None)
    assert ask(door, "root", "GET", "/frozen").json == {"frozen": [frozen], "before": None}
    ask(door, "root", "PUT", "/hosts/files.test/frozen", frozen=True, reason="Sold.")
    asked = [
        ask(door, "root", "PUT", f"{release}/frozen", frozen=False, reason="Clean.", file=WHEEL),
        ask(door, "root", "PUT", "/hosts/files.test/frozen", frozen=False, reason="Bought."),
        ask(door, "root", "POST", f"{release}/remove", reason="Court."),
        ask(door, "root", "PUT", "/policy", reason="Enough.", two_to_delete=False),
    ]
    ask(door, "root", "PUT", "/projects/demo/status", status="quarantined", reason="Malware.")
    asked.append(ask(door, "root", "PUT", "/projects/demo/status", status="active", reason="Clean."))
    waiting = [told.json["proposal"] for told in asked]
    assert [one["act"] for one in waiting] == [
        "unfreeze",
        "unfreeze-host",
        "delete",
        "change-policy",
        "end-quarantine",
    ]
    listed = ask(door, "eve", "GET", "/proposals").json
    assert listed == {"proposals": waiting[::-1], "before": None}
    agreed = ask(door, "eve", "POST", f"/proposals/{waiting[0]['id']}/agree").json
    assert (agreed["state"], agreed["ended_by"]) == ("agreed", "eve")
    assert ask(door, "root", "GET", "/frozen").json["frozen"] == []
    refused = ask(door, "eve", "POST", f"/proposals/{waiting[1]['id']}/refuse", reason="No.").json
    assert (refused["state"], refused["answer"]) == ("refused", "No.")
    withdrawn = ask(door, "root", "POST", f"/proposals/{waiting[2]['id']}/withdraw").json
    assert withdrawn["state"] == "withdrawn"


def test_a_call_ends_the_quarantine_that_was_seen(door: ApiDoor) -> None:
    """With the serial of what was looked at; after anything else happened it is refused, and nothing is proposed either."""
    path = "/projects/demo/status"
    serial = ask(door, "root", "PUT", path, status="quarantined", reason="Malware.").json["serial"]
    assert ask(door, "ada", "GET", "/projects/demo").json["serial"] == serial
    stale = ask(door, "root", "PUT", path, status="active", reason="Clean.", serial=serial - 1)
    assert (stale.status, stale.json["code"]) == (409, "project-changed")
    assert ask(door, "root", "PUT", path, status="active", reason="Clean.", serial=serial).status == 200


def test_calls_that_take_one(door: ApiDoor) -> None:
    """Where one is enough it is done at once."""
    release = "/projects/demo/releases/1.0"
    ask(door, "root", "PUT", f"{release}/frozen", frozen=True, reason="A virus.")
    ended = ask(door, "root", "PUT", f"{release}/frozen", frozen=False, reason="Clean.").json
    assert (ended["file"], ended["ended_by"]) == (None, "root")
    assert ask(door, "root", "POST", f"{release}/remove", reason="Court.").json["removed"] == [WHEEL]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home that root and eve administer, where ada owns demo; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, releases, hosts, policies, freezes)

    for name, admin in (("ada", ()), ("root", ("--admin",)), ("eve", ("--admin",))):
        run("user", "add", name, "--email", f"{name}@example.org", *admin)
    run("project", "create", "demo", "--owner", "ada")
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    publish(world, find_user(world, "ada"), "demo", "1.0")
    return run


ROOT, EVE = ("--as", "root"), ("--as", "eve")


def test_commands_on_the_policy(run: Run) -> None:
    """It is shown, changed, and told as JSON; what is no change is refused."""
    assert "these are the defaults" in run("policy", "show")
    told = run("policy", "set", "cooling_hours=24", "cache_ends_on=2099-03-31", "--reason", "Careful.", *ROOT)
    assert "revision 1" in told
    assert "cooling_hours is 24" in told
    assert "Careful." in run("policy", "show")
    assert json.loads(run("policy", "show", "--json"))["policy"]["cooling_hours"] == 24
    with pytest.raises(Invalid) as refused:
        run("policy", "set", "cache_ends_on=2026-01-01", "cooling_hours=x", *ROOT)
    assert len(refused.value.problems) == 3
    changed = json.loads(run("policy", "set", "cache_ends_on=none", "--reason", "Later.", *ROOT, "--json"))
    assert changed["policy"]["cache_ends_on"] is None
    with pytest.raises(Invalid, match="FIELD=VALUE"):
        run("policy", "set", "cooling_hours", "--reason", "x", *ROOT)


def test_commands_that_freeze(run: Run) -> None:
    """A file and a release are frozen, listed and let go."""
    assert "No file and no release" in run("frozen")
    assert "is frozen" in run("freeze", "demo", "1.0", "--file", WHEEL, "--reason", "A virus.", *ROOT)
    assert json.loads(run("freeze", "demo", "1.0", "--reason", "A key.", *ROOT, "--json"))["file"] is None
    assert "A virus." in run("frozen")
    assert "served again" in run("unfreeze", "demo", "1.0", "--reason", "Clean.", *ROOT)
    ended = json.loads(run("unfreeze", "demo", "1.0", "--file", WHEEL, "--reason", "Clean.", *ROOT, "--json"))
    assert ended["ended_by"] == "root"
    assert json.loads(run("frozen", "--json")) == []
    assert len(json.loads(run("frozen", "--all", "--json"))) == 2
    assert "until" in run("frozen", "--all")


def test_commands_that_take_two(run: Run) -> None:
    """Whoever asks is told what waits and how another agrees; both shapes of every command."""
    assert "Nothing waits" in run("proposal", "list")
    run("policy", "set", "two_to_unfreeze=yes", "two_to_delete=yes", "--reason", "Careful.", *ROOT)
    run("freeze", "demo", "1.0", "--reason", "A virus.", *ROOT)
    run("host", "freeze", "files.test", "--reason", "Sold.", *ROOT)
    why = ("--reason", "Clean.", *ROOT)
    assert "proposal 1 waits" in run("unfreeze", "demo", "1.0", *why)
    assert json.loads(run("host", "unfreeze", "files.test", *why, "--json"))["proposal"]["id"] == 2
    assert "proposal 3 waits" in run("release", "remove", "demo", "1.0", "--yes", *why)
    assert "proposal 4 waits" in run("policy", "set", "two_to_delete=no", *why)
    run("project", "status", "demo", "quarantined", "--reason", "Malware.", *ROOT)
    assert "proposal 5 waits" in run("project", "status", "demo", "active", *why)
    assert "Unfreeze demo 1.0" in run("proposal", "list")
    assert len(json.loads(run("proposal", "list", "--json"))) == 5
    with pytest.raises(Refusal, match="another administrator"):
        run("proposal", "agree", "1", *ROOT)
    assert "Proposal 1 is agreed" in run("proposal", "agree", "1", *EVE)
    refused = json.loads(run("proposal", "refuse", "2", "--reason", "No.", *EVE, "--json"))
    assert (refused["state"], refused["answer"]) == ("refused", "No.")
    assert "withdrawn" in run("proposal", "withdraw", "3", *ROOT)
    assert "No file and no release" in run("frozen")
