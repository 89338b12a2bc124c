"""The machine door: webhooks by calls, and the address where forges send what they tell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import SILENCE, ApiDoor, Told, api_door
from tests.support.forges import recorded, told
from tests.support.hooks import URL
from tests.support.outside import Answer
from tests.support.outside_poster import OutsidePoster

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.flows.manage_project import add_source, create_project


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door; ada owns the pypi-cache project demo, whose source is a repository."""
    with api_door(tmp_path) as opened:
        ada = opened.user("ada")
        create_project(opened.world, ada, "demo", HostingMode.CACHE)
        add_source(opened.world, Caller(ada), "demo", "github", "https://github.com/ada/demo")
        assert isinstance(opened.world.poster, OutsidePoster)
        opened.world.poster.outside.put(URL, Answer(body=b"thanks"))
        yield opened


def ask(door: ApiDoor, method: str, path: str, **body: Any) -> Told:
    """A call by ada's token."""
    return door.call(method, path, door.token("ada"), **body)


def test_a_webhook_from_its_making_to_its_end(door: ApiDoor) -> None:
    """Made with its secret, listed without, tested, disabled, enabled, replayed, removed."""
    made = ask(door, "POST", "/projects/demo/webhooks", url=URL, events=["mode-changed"])
    assert made.status == 201
    assert made.json["secret"].startswith("whsec_")
    number = made.json["id"]
    (listed,) = ask(door, "GET", "/projects/demo/webhooks").json["webhooks"]
    assert listed == {name: value for name, value in made.json.items() if name != "secret"}
    assert (listed["state"], listed["events"], listed["feed"]) == ("live", ["mode-changed"], "project")
    tried = ask(door, "POST", f"/webhooks/{number}/test").json
    assert (tried["status"], tried["answer"], tried["problem"]) == (200, "thanks", None)
    shown = ask(door, "GET", f"/webhooks/{number}").json
    (delivery,) = shown["deliveries"]
    assert (delivery["event"], json.loads(delivery["body"])["type"], shown["before"]) == (
        "test",
        "test",
        None,
    )
    assert ask(door, "GET", f"/webhooks/{number}?before=1").json["deliveries"] == []
    assert ask(door, "PUT", f"/webhooks/{number}/enabled", enabled=False).json["state"] == "disabled"
    assert ask(door, "POST", f"/webhooks/{number}/replay", **{"from": 1}).code == "webhook-disabled"
    assert ask(door, "PUT", f"/webhooks/{number}/enabled", enabled=True).json["state"] == "live"
    assert ask(door, "POST", f"/webhooks/{number}/replay", **{"from": 1}).json["told_up_to"] == 0
    assert ask(door, "POST", f"/webhooks/{number}/deliveries/{delivery['id']}/replay").json["due"]
    assert ask(door, "DELETE", f"/webhooks/{number}").status == 200
    assert ask(door, "GET", f"/webhooks/{number}").code == "webhook-unknown"


def test_ones_own_and_the_indexs(door: ApiDoor) -> None:
    """A person's by a token that is not narrowed; the index's by no token."""
    assert ask(door, "POST", "/account/webhooks", url=URL).json["feed"] == "person"
    assert len(ask(door, "GET", "/account/webhooks").json["webhooks"]) == 1
    assert ask(door, "POST", "/webhooks", url=URL).code == "admin-only"
    assert ask(door, "GET", "/webhooks").code == "admin-only"
    refused = ask(door, "POST", "/account/webhooks", url="http://ci.example.org/", events=["x"])
    assert (refused.status, len(refused.json["problems"])) == (400, 2)


def test_a_forge_tells(door: ApiDoor) -> None:
    """A receiver's address takes what is signed, once; the list tells what came of it."""
    made = ask(door, "POST", "/projects/demo/receivers", forge="github").json
    path = made["url"].removeprefix(door.world.base_url)
    body = recorded("github_release")
    headers = told("github_release", made["secret"], body)
    first = door.ask("POST", path, [body], headers)
    assert (first.status, first.json["rehost"]) == (202, 1)
    assert door.ask("POST", path, [body], headers).status == 200
    wrong = door.ask("POST", path, [body], told("github_release", "whsec_", body))
    assert (wrong.status, wrong.code) == (403, "signature-wrong")
    (view,) = ask(door, "GET", "/projects/demo/receivers").json["receivers"]
    assert [one["status"] for one in view["told"]] == [202]
    assert "secret" not in view
    assert ask(door, "DELETE", f"/receivers/{view['id']}").status == 200
    assert door.ask("POST", path, [body], headers).code == "receiver-unknown"


def test_what_a_receiver_does_not_take(door: ApiDoor) -> None:
    """Nothing above a mebibyte, nothing by GET, no forge that it does not know; a refusal says what to do."""
    made = ask(door, "POST", "/projects/demo/receivers", forge="github").json
    path = made["url"].removeprefix(door.world.base_url)
    assert door.ask("POST", path, [b"x" * 1024 * 1024, b"x", SILENCE]).code == "body-too-large"
    assert door.ask("GET", path).status == 405
    assert ask(door, "POST", "/projects/demo/receivers", forge="bitbucket").status == 400
    body = json.dumps(json.loads(recorded("github_release")) | {"repository": {}}).encode()
    refused = door.ask("POST", path, [body], told("github_release", made["secret"], body))
    assert (refused.status, refused.code) == (409, "repository-no-source")
    assert "homeport source add demo github" in refused.json["detail"]
