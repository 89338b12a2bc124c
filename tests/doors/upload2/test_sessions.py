"""Upload 2.0, U03 to U05, U11, U12 and U14: publishing sessions begin, go on, end, and are for those who may."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.fake_clock import FakeClock
from tests.support.staging import Client, StagingDoor, add_member, owned, staging_door, wheel
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.api.app import api_routes
from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.hosting import Policy
from homeport.domain.name_policy import ReservedNames
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.flows.membership import revoke_role
from homeport.flows.tokens import revoke_token

PROBLEM = "application/problem+json"


def at(door: StagingDoor, clock: FakeClock) -> None:
    """Let the door's time be that of ``clock``."""
    door.world = replace(door.world, clock=clock)
    door.app = Starlette(routes=api_routes(door.world))


# Sessions begin


def test_u03_a_session_is_created(door: StagingDoor) -> None:
    """U03: 201 with Location, links, whole seconds, and the mechanism that every index has."""
    told = door.client("ada").create()
    session = told.json
    assert told.status == 201
    assert told.headers["location"] == session["links"]["session"]
    assert set(session["links"]) == {"session", "upload", "publish", "extend", "stage"}
    assert session["mechanisms"] == ["http-post-bytes"]
    assert (session["status"], session["files"]) == ("open", {})
    assert "." not in session["expires-at"]
    ends = datetime.fromisoformat(session["expires-at"])
    assert timedelta(days=6) < ends - door.world.clock.now() <= timedelta(days=7)
    assert session["session-token"] in session["links"]["stage"]
    assert len(session["session-token"]) == 64
    assert "no-store" in told.headers["cache-control"]


def test_u04_one_session_at_a_time(door: StagingDoor, ada: Client) -> None:
    """U04: a second one for any spelling of the release is 409 with the first one's Location, for a stranger 403."""
    for name, version in (("lark", "1.0"), ("LARK", "1.0.0")):
        told = ada.create(name, version)
        assert (told.status, told.headers["location"]) == (409, ada.session["links"]["session"])
        assert told.headers["content-type"] == PROBLEM
    told = door.client("sam").create()
    assert told.status == 403
    assert "location" not in told.headers
    assert ada.create(version="2.0").status == 201


def test_u04_after_the_end_another_may_begin(ada: Client) -> None:
    """U04: a session that was canceled, or published, is not live."""
    assert ada.cancel().status == 204
    assert ada.create().status == 201
    ada.stage(*wheel())
    assert ada.publish().status == 201
    assert ada.create().status == 201


def test_what_the_index_has_against_a_release_is_told_first(tmp_path: Path) -> None:
    """U15: names that nobody gets, releases that are closed, projects that take no files: as for uploads."""
    policy = Policy(reserved_names=ReservedNames.parse("kept"), releases_close_after=timedelta(days=14))
    with staging_door(tmp_path, policy) as door:
        clock = FakeClock(door.world.clock.now())
        at(door, clock)
        ada = door.client("ada")
        owned(door)
        for name in ("kept", "json", "1ark"):
            assert (ada.create(name).status, ada.create(name).code) == (400, "upload-policy")
        assert ada.legacy(*wheel()).status == 200
        assert ada.create().status == 201
        clock.advance(timedelta(days=15))
        told = ada.add(*wheel(tag="py2-none-any"))
        assert told.status == 404, "its time is over"
        assert ada.create().code == "upload-policy"
        assert ada.create(version="2.0").status == 201
        assert isinstance(door.world.store, SqlStore)
        set_status(door.world.store, owned_again(door), ProjectStatus.ARCHIVED)
        assert ada.create(version="3.0").code == "project-takes-no-files"
        assert ada.add(*wheel("2.0")).code == "project-takes-no-files"
        assert ada.publish().code == "project-takes-no-files"
        assert ada.cancel().status == 204


def owned_again(door: StagingDoor) -> Project:
    """The project lark."""
    with door.world.store.read() as tx:
        project = tx.projects.find("lark")
    assert project
    return project


def test_sessions_of_a_person_are_bounded(door: StagingDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds any number of names; what ended counts no more."""
    monkeypatch.setattr("homeport.flows.staging.open_stage.MOST_STAGES", 2)
    ada = door.client("ada")
    assert ada.create("one").status == ada.create("two").status == 201
    assert (ada.create("three").status, ada.create("three").code) == (409, "stages-too-many")
    assert ada.cancel().status == 204
    assert ada.create("three").status == 201


# Rights


def test_u05_rights_are_asked_every_time(door: StagingDoor) -> None:
    """U05: who loses the role loses the session, and has it again with the role; any maintainer may go on."""
    owned(door)
    bob = add_member(door, "bob")
    assert bob.create().status == 201
    added = bob.add(*wheel()).json
    revoke_role(door.world, Caller(door.user("ada")), "lark", "bob")
    data = wheel()[1]
    assert bob.ask("GET", bob.session["links"]["session"]).status == 403
    assert bob.send(added, data).status == 403
    assert bob.publish().status == bob.cancel().status == 403
    add_member(door, "bob")
    assert bob.send(added, data).status == 200
    cora = replace(add_member(door, "cora"), session=bob.session)
    assert cora.complete(added).status == 201
    assert cora.publish().status == 201
    assert door.hosted() == {wheel()[0]: hashlib.sha256(data).hexdigest()}


def test_u05_a_reader_may_not(door: StagingDoor) -> None:
    """U05: a role that adds no files opens no session, and no token does without the scope, or for another project."""
    owned(door)
    assert add_member(door, "rex", Role.READER).create().status == 403
    assert Client(door, door.token("ada", Scope.READ)).create().status == 403
    assert Client(door, door.token("ada", Scope.UPLOAD)).create().status == 201


def test_u05_a_token_that_ends_in_the_middle(door: StagingDoor, ada: Client) -> None:
    """U05: with the token everything ends that it opened, until its user comes with another."""
    with door.world.store.read() as tx:
        tokens = tx.tokens.of_user(door.user("ada").id, ended_after=door.world.clock.now(), limit=9)
    revoke_token(door.world, Caller(door.user("ada")), tokens[0].id)
    assert ada.ask("GET", ada.session["links"]["session"]).status == 401
    again = replace(door.client("ada"), session=ada.session)
    assert again.status()["status"] == "open"


def test_u05_an_address_must_be_verified_where_uploads_want_that(door: StagingDoor, ada: Client) -> None:
    """U05: what is asked of who uploads is asked here."""
    door.world = replace(door.world, accounts=AccountPolicy(needs_verified=True))
    door.app = Starlette(routes=api_routes(door.world))
    assert ada.create(version="2.0").code == "email-unverified"
    assert ada.add(*wheel()).code == "email-unverified"


# Sessions end


def test_u11_cancel(door: StagingDoor, ada: Client) -> None:
    """U11: a canceled session publishes nothing, its links are dead, and its address says so for a while."""
    file = ada.stage(*wheel())
    assert ada.cancel().status == 204
    assert ada.status()["status"] == "canceled"
    assert ada.status()["links"].keys() == {"session"}
    assert ada.status()["files"] == {}
    for method, url in (
        ("POST", ada.session["links"]["upload"]),
        ("POST", ada.session["links"]["publish"]),
        ("POST", ada.session["links"]["extend"]),
        ("GET", file["links"]["file-upload-session"]),
        ("DELETE", file["links"]["file-upload-session"]),
        ("POST", file["links"]["complete"]),
        ("DELETE", ada.session["links"]["session"]),
    ):
        assert ada.ask(method, url, **{"extend-for": 1}).status == 404, url
    assert door.hosted() == {}


def test_u11_what_is_published_is_not_canceled(ada: Client) -> None:
    """U11: a published session takes no files, loses none, and is not canceled."""
    file = ada.stage(*wheel())
    assert ada.publish().status == 201
    assert ada.cancel().status == 409
    assert ada.ask("DELETE", file["links"]["file-upload-session"]).status == 409
    assert ada.add(*wheel(tag="py2-none-any")).status == 409


def test_u12_the_name_of_a_first_release(door: StagingDoor, ada: Client) -> None:
    """U12: while the session lives the name is nobody else's, by no door; after it everybody's."""
    sam = door.client("sam")
    assert sam.create(version="2.0").status == 403
    assert sam.legacy(*wheel()).status == 403
    made = door.call("POST", "/projects", door.token("sam"), name="Lark")
    assert made.status == 403
    assert ada.cancel().status == 204
    assert sam.create().status == 201
    assert ada.create().status == 403
    assert sam.cancel().status == 204
    assert ada.legacy(*wheel()).status == 200


def test_u12_its_time_runs_out(door: StagingDoor) -> None:
    """U12: a session that nobody published in time is canceled, whether or not somebody has swept."""
    clock = FakeClock(door.world.clock.now())
    at(door, clock)
    ada, sam = door.client("ada"), door.client("sam")
    ada.create()
    clock.advance(timedelta(days=7))
    assert ada.status()["status"] == "canceled"
    assert ada.publish().status == 404
    assert sam.create().status == 201
    assert ada.create().status == 403


def test_an_empty_session_makes_an_empty_project(door: StagingDoor, ada: Client) -> None:
    """A new project may be published without files (the draft wants that); of one that is there that is nothing."""
    assert ada.publish().status == 201
    assert owned_again(door).name.display == "lark"
    assert ada.create().status == 201
    assert ada.publish().status == 409


# Extension


def test_u14_extension_is_never_refused(door: StagingDoor) -> None:
    """U14: whatever is asked for, the answer is success with the true end, which never comes nearer."""
    ada = door.client("ada")
    first = datetime.fromisoformat(ada.create().json["expires-at"])
    ends = [first]
    for seconds in (3600, 0, -5, 10**30, 60):
        told = ada.ask("POST", ada.session["links"]["extend"], **{"extend-for": seconds})
        assert told.status == 200
        ends.append(datetime.fromisoformat(told.json["expires-at"]))
    assert ends[1] == first + timedelta(hours=1)
    assert ends[1] == ends[2] == ends[3]
    assert ends[4] == ends[5]
    assert timedelta(days=27) < ends[5] - door.world.clock.now() <= timedelta(days=28)
    assert datetime.fromisoformat(ada.status()["expires-at"]) == ends[5]
    for wrong in ("3600", 1.5, True, None):
        told = ada.ask("POST", ada.session["links"]["extend"], **{"extend-for": wrong})
        assert (told.status, told.code) == (400, "extend-for-invalid")
    ada.stage(*wheel())
    ada.publish()
    told = ada.ask("POST", ada.session["links"]["extend"], **{"extend-for": 60})
    assert (told.status, datetime.fromisoformat(told.json["expires-at"])) == (200, ends[5])
