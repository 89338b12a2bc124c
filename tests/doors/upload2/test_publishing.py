"""Upload 2.0, U08 to U10: all files of a session are published at once, or none."""

import hashlib

import pytest
from tests.support.archives import make_sdist, make_wheel
from tests.support.staging import Client, StagingDoor, add_member, owned, wheel

from homeport.domain.account import Caller
from homeport.flows.membership import revoke_role
from homeport.flows.staging.sweep import sweep_stages


def test_u08_a_file_that_is_not_completed_stops_all(door: StagingDoor, ada: Client) -> None:
    """U08: 409 names it; the session stays as it was, and is published when the file is."""
    ada.stage(*wheel())
    late, data = wheel(tag="py2-none-any")
    added = ada.add(late, data).json
    told = ada.publish()
    assert told.status == 409
    assert late in told.json["errors"][0]["message"]
    assert wheel()[0] not in told.text
    assert ada.status()["status"] == "open"
    assert door.hosted() == {}
    ada.send(added, data)
    ada.complete(added)
    told = ada.publish()
    assert (told.status, told.json["status"]) == (201, "published")
    assert told.headers["location"] == ada.session["links"]["session"]
    assert set(door.hosted()) == {late, wheel()[0]}


def test_u09_all_at_once(door: StagingDoor, ada: Client) -> None:
    """U09: nothing is public before publishing, everything after; one ledger entry and one notice tell of it."""
    files = [wheel(tag=tag) for tag in ("py3-none-any", "py2-none-any")] + [
        ("lark-1.0.tar.gz", make_sdist("lark", "1.0"))
    ]
    for file in files:
        ada.stage(*file)
    with door.world.store.read() as tx:
        assert tx.projects.find("lark") is None
        assert tx.ledger.last() == 1, "an account, and nothing else"
        assert list(tx.projects.search("lark", limit=9)) == []
    assert door.ask("GET", "/pypi/lark/json").status == 404
    assert ada.publish().status == 201
    assert door.hosted() == {name: hashlib.sha256(data).hexdigest() for name, data in files}
    told = door.ask("GET", "/pypi/lark/1.0/json").json
    assert {entry["filename"] for entry in told["urls"]} == {name for name, _ in files}
    again = ada.publish()
    assert (again.status, again.json["status"]) == (201, "published"), "said once more, it is no more"
    assert again.json["links"].keys() == {"session"}


def test_u09_members_are_told_once(door: StagingDoor) -> None:
    """U09: who maintains the project gets one notice for all files; who published them knows."""
    owned(door)
    bob = add_member(door, "bob")
    bob.create()
    bob.stage(*wheel())
    bob.stage(*wheel(tag="py2-none-any"))
    assert bob.publish().status == 201
    with door.world.store.read() as tx:
        ada, told = door.user("ada"), tx.notices
        subjects = [notice.subject for notice in told.of_user(ada.id, limit=9)]
        kinds = [notice.kind for notice in told.of_user(door.user("bob").id, limit=9)]
    assert subjects.count("lark: 2 files published by bob") == 1
    assert "files-published" not in kinds


def test_u10_a_name_taken_meanwhile(door: StagingDoor, ada: Client) -> None:
    """U10: what a legacy upload published since is 409, also the very same bytes; without that file it goes on."""
    filename, data = wheel()
    other, other_data = wheel(tag="py2-none-any")
    taken = ada.stage(filename, data)
    ada.stage(other, other_data)
    assert ada.legacy(filename, data).status == 200
    told = ada.publish()
    assert told.status == 409
    assert [error["message"].split()[0] for error in told.json["errors"]] == [filename]
    assert set(door.hosted()) == {filename}
    assert ada.status()["status"] == "open"
    assert ada.ask("DELETE", taken["links"]["file-upload-session"]).status == 204
    assert ada.publish().status == 201
    assert set(door.hosted()) == {filename, other}


def test_u10_names_are_held_while_a_worker_publishes(
    door: StagingDoor, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U10: of a large session publishing goes on behind 202; until it has, its names are nobody else's."""
    monkeypatch.setattr("homeport.flows.staging.publish_stage.MOST_AT_ONCE", 0)
    owned_by_ada = ada.legacy("lark-0.9.tar.gz", make_sdist("lark", "0.9"))
    assert owned_by_ada.status == 200
    file = ada.stage(*wheel(tag="py2.py3-none-any"))
    told = ada.publish()
    assert (told.status, told.json["status"], told.headers["retry-after"]) == (202, "processing", "1")
    filename, data = "lark-1.0-py3.py2-none-any.whl", make_wheel("lark", "1.0", tag="py2.py3-none-any")
    refused = ada.legacy(wheel(tag="py2.py3-none-any")[0], data)
    assert refused.status == 409
    assert "already exist" not in refused.text
    assert ada.legacy(filename, make_wheel("lark", "1.0", tag="py3.py2-none-any")).status == 409
    assert ada.legacy(*wheel()).status == 200, "other names are free"
    assert ada.publish().status == 202, "said again, it is no more"
    # U11: while it is processing nothing of it changes.
    assert ada.cancel().status == 409
    assert ada.add(*wheel(tag="py3-none-linux_armv7l")).status == 409
    assert ada.ask("DELETE", file["links"]["file-upload-session"]).status == 409
    assert sweep_stages(door.world) == 1
    assert ada.status()["status"] == "published"
    assert len(door.hosted()) == 3


def test_u10_what_comes_up_while_a_worker_is_at_it(
    door: StagingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U10: a right that was lost meanwhile stops it; the session is in error, says why, and can be published again."""
    monkeypatch.setattr("homeport.flows.staging.publish_stage.MOST_AT_ONCE", 0)
    owned(door)
    bob = add_member(door, "bob")
    bob.create()
    bob.stage(*wheel())
    assert bob.publish().status == 202
    revoke_role(door.world, Caller(door.user("ada")), "lark", "bob")
    sweep_stages(door.world)
    add_member(door, "bob")
    told = bob.status()
    assert (told["status"], door.hosted()) == ("error", {})
    assert "bob does not maintain lark" in told["notices"][0]
    assert bob.publish().status == 202
    sweep_stages(door.world)
    assert bob.status()["status"] == "published"
