"""Upload 2.0 (PEP 694, a draft): the checks U01 to U15, at the door."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.api_door import END, Told, api_door
from tests.support.archives import make_sdist, make_wheel
from tests.support.fake_clock import FakeClock
from tests.support.staging import MEDIA_TYPE, META, ROOT, Client, StagingDoor, claim, staging_door, wheel
from tests.support.world import add_project, grant, set_status

from homeport.adapters.db.store import SqlStore
from homeport.api.app import api_routes
from homeport.domain.account import AccountPolicy, Caller, Scope
from homeport.domain.hosting import Policy
from homeport.domain.name_policy import ReservedNames
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.quota import Quotas
from homeport.flows.membership import revoke_role
from homeport.flows.remove import remove
from homeport.flows.staging.sweep import sweep_stages
from homeport.flows.tokens import revoke_token

PROBLEM = "application/problem+json"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[StagingDoor]:
    """The door of an index that takes stages."""
    with staging_door(tmp_path) as door:
        yield door


@pytest.fixture
def ada(door: StagingDoor) -> Client:
    """Who opened a session for lark 1.0, which nobody had before."""
    ada = door.client("ada")
    assert ada.create().status == 201
    return ada


def add_member(door: StagingDoor, name: str, role: Role = Role.MAINTAINER) -> Client:
    """Somebody with a role in lark."""
    with door.world.store.read() as tx:
        project = tx.projects.find("lark")
    assert project
    grant(door.world, project, door.user(name), role)
    return door.client(name)


def owned(door: StagingDoor, name: str = "lark") -> Project:
    """A project of ada's that is there already."""
    return add_project(door.world, door.user("ada"), name)


def at(door: StagingDoor, clock: FakeClock) -> None:
    """Let the door's time be that of ``clock``."""
    door.world = replace(door.world, clock=clock)
    door.app = Starlette(routes=api_routes(door.world))


# The wire


def test_u01_one_media_type_at_an_address_of_its_own(ada: Client) -> None:
    """U01: every answer but of bytes is of the API's type and version, also where it is asked for by HEAD."""
    told = ada.create(version="2.0")
    assert told.headers["content-type"] == MEDIA_TYPE
    assert told.json["meta"] == META
    assert not ROOT.startswith("/legacy")
    added = ada.add(*wheel("2.0"))
    assert added.headers["content-type"] == MEDIA_TYPE
    assert ada.ask("HEAD", ada.session["links"]["session"]).status == 200
    assert ada.send(added.json, wheel("2.0")[1]).headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize("content_type", ["application/json", "", "multipart/form-data; boundary=x"])
def test_u01_another_type_is_not_taken(ada: Client, content_type: str) -> None:
    """U01: a document that does not say that it is one is refused with 415."""
    body = json.dumps({"meta": META, "name": "lark", "version": "2.0"}).encode()
    told = ada.raw("POST", ROOT, [body], content_type)
    assert (told.status, told.code) == (415, "media-type-wrong")
    added = ada.add(*wheel()).json
    assert ada.raw("POST", added["mechanism"]["file_url"], [wheel()[1]], MEDIA_TYPE).status == 415


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "body-invalid"),
        (b"[]", "body-invalid"),
        (b"", "body-invalid"),
        (b'{"meta": {"api-version": "2.0"}, "name": "\\ud800"}', "body-invalid"),
        (b"{}", "api-version-unknown"),
        (b'{"meta": "2.0"}', "api-version-unknown"),
        (b'{"meta": {"api-version": 2.0}}', "api-version-unknown"),
        (b'{"meta": {"api-version": "1.0"}}', "api-version-unknown"),
        (b'{"meta": {"api-version": "2.0"}}', "stage-invalid"),
        (b'{"meta": {"api-version": "2.0"}, "name": 1, "version": "x y"}', "stage-invalid"),
    ],
)
def test_u02_what_is_no_request_is_told_so(door: StagingDoor, body: bytes, code: str) -> None:
    """U02: a body that says nothing, or not enough, is refused with problem details."""
    told = door.client("ada").raw("POST", ROOT, [body], MEDIA_TYPE)
    assert (told.status, told.code) == (400, code)
    assert told.headers["content-type"] == PROBLEM


def test_u01_a_later_minor_version_is_understood(ada: Client) -> None:
    """U01: what a later minor version adds is let pass, and answered as 2.0."""
    body = {"meta": {"api-version": "2.7"}, "name": "lark", "version": "3.0", "_homeport-colour": "red"}
    told = ada.raw("POST", ROOT, [json.dumps(body).encode()], MEDIA_TYPE)
    assert (told.status, told.json["meta"]) == (201, META)


def test_u02_errors_are_problem_details(door: StagingDoor, ada: Client) -> None:
    """U02: 401 asks for credentials, 403 says what is missing; each as RFC 9457 and the draft spell it."""
    nobody = Client(door, {})
    told = nobody.create("lark", "1.0")
    assert (told.status, told.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')
    stranger = door.client("sam")
    told = stranger.create()
    assert told.status == 403
    problem = told.json
    assert told.headers["content-type"] == PROBLEM
    assert problem["detail"] == problem["details"]
    assert problem["meta"] == META
    assert problem["errors"] == [{"source": "name-held", "message": problem["detail"]}]
    assert (problem["status"], problem["title"]) == (403, "Forbidden")
    for method, url in (
        ("GET", ada.session["links"]["session"]),
        ("DELETE", ada.session["links"]["session"]),
        ("POST", ada.session["links"]["upload"]),
        ("POST", ada.session["links"]["publish"]),
        ("POST", ada.session["links"]["extend"]),
    ):
        assert nobody.ask(method, url).status == 401
        assert stranger.ask(method, url, **{"extend-for": 1}).status == 403
    assert ada.ask("GET", f"{ROOT}{'0' * 32}").status == 404


def test_u02_an_accident_is_told_by_its_id(
    door: StagingDoor, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U02: what nobody expected is problem details too, and says nothing of itself."""
    monkeypatch.setattr("homeport.api.staging.sessions.show_stage", lambda *_: 1 // 0)
    told = ada.ask("GET", ada.session["links"]["session"])
    assert (told.status, told.headers["content-type"]) == (500, PROBLEM)
    assert "ZeroDivision" not in told.text


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


# Files


def test_u06_a_file_session(ada: Client) -> None:
    """U06: 202 with Retry-After, the links and the mechanism; the session lists it."""
    filename, data = wheel()
    told = ada.add(filename, data)
    file = told.json
    assert (told.status, int(told.headers["retry-after"])) == (202, 1)
    assert set(file["links"]) == {"publishing-session", "file-upload-session", "complete"}
    assert file["links"]["publishing-session"] == ada.session["links"]["session"]
    assert file["mechanism"].keys() == {"identifier", "file_url", "attestations_url"}
    assert (file["status"], file["mechanism"]["identifier"]) == ("pending", "http-post-bytes")
    assert file["expires-at"] == ada.session["expires-at"]
    assert ada.status()["files"] == {
        filename: {"status": "pending", "link": file["links"]["file-upload-session"]}
    }
    assert ada.ask("GET", file["links"]["file-upload-session"]).json == file


@pytest.mark.parametrize("mechanism", ["http-put", None, 3])
def test_u06_another_mechanism(ada: Client, mechanism: object) -> None:
    """U06: a mechanism that the index does not have is 422, whatever else is wrong."""
    filename, data = wheel()
    assert ada.add(filename, data, mechanism=mechanism).status == 422
    assert ada.add("no name", data, mechanism=mechanism).status == 422


def test_u06_a_claim_that_is_none(ada: Client) -> None:
    """U06: a bad name, a size or hashes that cannot be, are 400, and leave nothing."""
    wrongs: list[dict[str, object]] = [
        {"filename": "lark-1.0.exe"},
        {"size": 0},
        {"hashes": {"md5": "0" * 32}},
    ]
    for changes in wrongs:
        told = ada.add(*wheel(), **changes)
        assert (told.status, told.code) == (400, "staged-file-invalid")
    assert ada.status()["files"] == {}


def test_u06_everything_wrong_is_told_at_once(ada: Client) -> None:
    """U06, U15: one answer names every problem."""
    told = ada.add("wren-2.0-py3-none-any.whl", b"", size=-1, hashes={"md5": "x"})
    assert len(told.json["errors"]) == 5


def test_u06_names_that_are_taken(door: StagingDoor) -> None:
    """U06: what is published, was removed, is in the session, or is another spelling of any of it, is 409."""
    ada = door.client("ada")
    filename, data = wheel(tag="py2.py3-none-any")
    assert ada.legacy(filename, data).status == 200
    gone = make_sdist("lark", "1.0")
    assert ada.legacy("lark-1.0.tar.gz", gone).status == 200
    remove(door.world, Caller(door.user("ada")), "lark", "1.0", reason="old", filenames=["lark-1.0.tar.gz"])
    assert ada.create().status == 201
    for name in (filename, "lark-1.0-py3.py2-none-any.whl", "lark-1.0.tar.gz", "lark-1.0.0.tar.gz"):
        told = ada.add(name, b"other bytes")
        assert (told.status, told.code) == (409, "staged-file-conflict"), name
    assert ada.add("lark-1.0.tar.gz", gone).status == 202, "the same bytes may come back"
    assert ada.add("lark-1.0.zip", gone).status == 409, "a release has one sdist"
    assert ada.add("lark-1.0.tar.gz", gone).status == 409, "it is in progress"
    assert ada.add("lark-1.0-py3-none-any.whl", b"x").status == 202
    assert ada.add("Lark-1.0.0-py3-none-any.whl", b"x").status == 409


def test_an_sdist_that_is_hosted_is_the_only_one(door: StagingDoor) -> None:
    """U15: a release that has an sdist takes no other by a session either."""
    ada = door.client("ada")
    assert ada.legacy("lark-1.0.tar.gz", make_sdist("lark", "1.0")).status == 200
    ada.create()
    told = ada.add("lark-1.0.zip", b"x")
    assert told.status == 409
    assert "a release has one" in told.text


def test_files_of_a_session_are_bounded(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No session has any number of files."""
    monkeypatch.setattr("homeport.flows.staging.add_file.MOST_FILES", 1)
    assert ada.add(*wheel()).status == 202
    assert "1 files at most" in ada.add(*wheel(tag="py2-none-any")).text


def test_quotas_count_what_is_announced(tmp_path: Path) -> None:
    """U15: what sessions will bring counts in every quota, a file's bound holds, and what is deleted counts no more."""
    filename, data = wheel()
    policy = Policy(quotas=Quotas(project_bytes=len(data) + 10, user_bytes=3 * len(data), index_bytes=None))
    with staging_door(tmp_path, policy) as door:
        ada = door.client("ada")
        ada.create("one")
        ada.create()
        assert ada.add(filename, data, size=2**40).status == 413
        added = ada.add(filename, data).json
        told = ada.add(*wheel(tag="py2-none-any"))
        assert (told.status, told.code) == (409, "project-quota")
        assert ada.ask("DELETE", added["links"]["file-upload-session"]).status == 204
        assert ada.add(*wheel(tag="py2-none-any")).status == 202
        for number in range(2):
            other = door.client("ada")
            other.create(f"wren{number}")
            name = f"wren{number}-1.0-py3-none-any.whl"
            assert other.add(name, data).status == 202
        other.create("owl")
        assert other.add("owl-1.0-py3-none-any.whl", data).code == "user-quota"


@pytest.mark.parametrize(
    ("hashes", "sent"),
    [
        ({}, b"short"),
        ({}, None),
        ({"blake2b": "0" * 128}, b""),
        ({"sha512": "0" * 128}, b""),
        ({"md5": "0" * 32}, b""),
        ({"sha256": "0" * 64}, b""),
    ],
)
def test_u07_other_bytes_are_an_error_for_good(
    ada: Client, hashes: dict[str, str], sent: bytes | None
) -> None:
    """U07: too few bytes, too many, or one wrong hash: the file is an error, and only deleting it helps."""
    filename, data = wheel()
    right = claim(filename, data)["hashes"]
    added = ada.add(filename, data, hashes=right | hashes).json
    bytes_sent = data + b"more" if sent is None else sent or data
    told = ada.send(added, bytes_sent)
    assert (told.status, told.code) == (400, "staged-bytes-wrong")
    own = added["links"]["file-upload-session"]
    status = ada.ask("GET", own).json
    assert status["status"] == "error"
    assert status["notices"]
    assert ada.send(added, data).status == 409
    assert ada.complete(added).status == 409
    assert ada.add(filename, data).status == 409
    assert ada.publish().status == 409
    assert ada.ask("DELETE", own).status == 204
    assert ada.ask("GET", own).status == 404
    ada.stage(filename, data)


def test_u07_bytes_that_break_off_may_come_again(ada: Client) -> None:
    """U07: a connection that ends says nothing about the file; one that is completed takes no bytes any more."""
    filename, data = wheel()
    added = ada.add(filename, data).json
    url = added["mechanism"]["file_url"]
    told = ada.raw("POST", url, [data[:9], END], "application/octet-stream")
    assert told.code == "body-cut-short"
    assert ada.complete(added).code == "staged-bytes-missing"
    assert ada.raw("POST", url, [data[:9], data[9:]], "application/octet-stream").status == 200
    assert ada.send(added, data).code == "staged-bytes-here"
    assert ada.complete(added).status == 201
    assert ada.send(added, data).status == 409
    assert ada.complete(added).status == 409


def test_u07_too_many_bytes_are_not_read(ada: Client) -> None:
    """U07: what is more than was announced is neither stored nor waited for."""
    filename, data = wheel()
    added = ada.add(filename, data).json
    flood = [bytes(1024 * 1024)] * 30
    told = ada.raw("POST", added["mechanism"]["file_url"], flood, "application/octet-stream")
    assert told.code == "staged-bytes-wrong"
    # What follows is read away within a bound, for the client's sake.
    assert told.left >= 30 - 16 - 3


def test_u15_a_file_is_judged_as_an_upload_is(ada: Client) -> None:
    """U15: what inspection rejects, and metadata of another version, is told with every reason, and is an error."""
    for filename, data, code in (
        ("lark-1.0-py3-none-any.whl", b"no archive", "file-rejected"),
        ("lark-1.0-py2-none-any.whl", make_wheel("lark", "1.1"), "file-rejected"),
    ):
        added = ada.add(filename, data).json
        assert ada.send(added, data).status == 200
        told = ada.complete(added)
        assert (told.status, told.code) == (400, code)
        assert told.json["errors"]
        assert ada.status()["files"][filename]["status"] == "error"
        assert ada.complete(added).status == 409
    told = ada.publish()
    assert told.status == 409
    assert len(told.json["errors"]) == 2


# Publishing


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


# Previews


def preview(ada: Client, path: str = "lark/", accept: str = "application/vnd.pypi.simple.v1+json") -> Told:
    """What installers see at the stage."""
    url = ada.session["links"]["stage"].removeprefix("https://index.test")
    return ada.door.ask("GET", url + path, (), {"accept": accept})


def test_u13_a_stage_is_seen_by_who_knows_its_address(door: StagingDoor, ada: Client) -> None:
    """U13: completed files are seen, in JSON and HTML, without credentials, kept by nobody; and gone with the session."""
    filename, data = wheel()
    ada.stage(filename, data)
    pending = ada.add(*wheel(tag="py2-none-any")).json
    told = preview(ada)
    entry = told.json["files"][0]
    assert [file["filename"] for file in told.json["files"]] == [filename]
    assert entry["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}
    assert told.headers["cache-control"] == "private, no-store"
    assert told.headers["x-robots-tag"].startswith("noindex")
    assert told.headers["referrer-policy"] == "no-referrer"
    assert entry["url"].startswith(f"/stage/{ada.session['session-token']}/files/")
    got = door.ask("GET", entry["url"])
    assert (got.status, got.headers["cache-control"]) == (200, "private, no-store")
    metadata = door.ask("GET", entry["url"] + ".metadata")
    assert hashlib.sha256(metadata.body).hexdigest() == entry["core-metadata"]["sha256"]
    html = preview(ada, accept="text/html").text
    assert f"{entry['url']}#sha256=" in html
    assert preview(ada, "LARK/").status == 301
    assert preview(ada, "wren/").status == 404
    assert preview(ada, "").status == 404
    assert preview(ada, accept="image/png").status == 406
    # Not below the index's own addresses, and not by another secret.
    assert door.ask("GET", f"/stage/{'0' * 64}/simple/lark/").status == 404
    assert door.ask("GET", entry["url"].replace("py3", "py2")).status == 404
    assert door.ask("GET", entry["url"].replace(entry["hashes"]["sha256"], "0" * 64)).status == 404
    assert door.ask("GET", entry["url"].replace("py3", "py2") + ".metadata").status == 404
    assert ada.ask("DELETE", pending["links"]["file-upload-session"]).status == 204
    assert ada.publish().status == 201
    assert preview(ada).status == door.ask("GET", entry["url"]).status == 404


def test_u13_gone_when_canceled(ada: Client) -> None:
    """U13: with a canceled session its stage is gone."""
    ada.stage(*wheel())
    assert preview(ada).status == 200
    assert ada.cancel().status == 204
    assert preview(ada).status == 404


def test_u13_a_file_without_metadata_of_its_own(door: StagingDoor, ada: Client) -> None:
    """U13: where nothing is served beside a file, its page says so; bytes that are lost are not there."""
    sdist = make_sdist("lark", "1.0", metadata=b"Metadata-Version: 2.1\nName: lark\nVersion: 1.0\n")
    ada.stage("lark-1.0.tar.gz", sdist)
    entry = preview(ada).json["files"][0]
    assert entry["core-metadata"] is False
    assert door.ask("GET", entry["url"] + ".metadata").status == 404
    for blob in (door.folder / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    assert door.ask("GET", entry["url"]).status == 404


def test_u13_what_is_private_stays_so(door: StagingDoor) -> None:
    """U13: the address opens nothing that asks for a role, or on a private index for an account."""
    project = owned(door)
    ada = door.client("ada")
    ada.create()
    ada.stage(*wheel())
    with door.world.store.write() as tx:
        tx.projects.set_private(project.id, is_private=True)
    path = f"/stage/{ada.session['session-token']}/simple/lark/"
    reading, sam = door.token("ada", Scope.READ), door.token("sam", Scope.READ)
    assert door.ask("GET", path).status == 401
    assert door.ask("GET", path, (), sam).status == 404
    assert door.ask("GET", path, (), reading).status == 200
    with door.world.store.write() as tx:
        tx.projects.set_private(project.id, is_private=False)
    assert door.ask("GET", path).status == 200
    door.world = replace(door.world, policy=replace(door.world.policy, must_sign_in=True))
    door.app = Starlette(routes=api_routes(door.world))
    assert door.ask("GET", path).status == 401
    assert door.ask("GET", path, (), sam).status == 200


@pytest.mark.parametrize(
    "status", [ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED, ProjectStatus.DEPRECATED]
)
def test_u15_the_status_of_a_project_holds_here(door: StagingDoor, status: ProjectStatus) -> None:
    """U15, Q09: what is archived or quarantined takes nothing, of what is quarantined nothing is seen either."""
    project = owned(door)
    ada = door.client("ada")
    ada.create()
    file = ada.stage(*wheel())
    store = door.world.store
    assert isinstance(store, SqlStore)
    set_status(store, project, status)
    assert preview(ada).status == (404 if status is ProjectStatus.QUARANTINED else 200)
    told = [
        ada.add(*wheel(tag="py2-none-any")).status,
        ada.complete(file).status,
        ada.publish().status,
        door.client("ada").create(version="2.0").status,
    ]
    if status.takes_files:
        # It is complete already, and the other one is not.
        assert told == [202, 409, 409, 201]
        return
    assert told == [409] * 4
    assert ada.ask("DELETE", file["links"]["file-upload-session"]).status == 204
    assert ada.cancel().status == 204
    assert door.hosted() == {}


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


# Attestations


GOOD = {"version": 1, "verification_material": {}, "envelope": {}}


def test_attestations_are_kept(door: StagingDoor, ada: Client) -> None:
    """They are taken until the file is completed, kept as they came, and it is said that nothing is done with them."""
    filename, data = wheel()
    added = ada.add(filename, data).json
    url = added["mechanism"]["attestations_url"]

    def attest(values: object, content_type: str = "application/json") -> int:
        return ada.raw("POST", url, [json.dumps(values).encode()], content_type).status

    wrongs: list[object] = [
        [],
        {},
        [GOOD] * 51,
        [{}],
        [GOOD | {"version": 2}],
        [GOOD | {"envelope": "x"}],
        ["x"],
        "x",
    ]
    assert {attest(wrong) for wrong in wrongs} == {400}
    assert attest([GOOD], MEDIA_TYPE) == 415
    assert attest([GOOD, GOOD]) == attest([GOOD]) == 200
    ada.send(added, data)
    told = ada.complete(added).json
    assert any("attestations are kept" in notice for notice in told["notices"])
    assert attest([GOOD]) == 409
    assert ada.publish().status == 201
    with door.world.store.read() as tx:
        stage = tx.stages.by_key(ada.session["links"]["session"].rpartition("/")[2])
        assert stage
        assert json.loads(tx.stages.files(stage.id)[0].attestations) == [GOOD]


# Off


def test_off_there_is_nothing(tmp_path: Path) -> None:
    """Where the setting is off every address is 404, and nothing tells of the API."""
    with api_door(tmp_path) as door:
        headers = door.token("ada") | {"content-type": MEDIA_TYPE}
        for method, path in (
            ("POST", ROOT),
            ("GET", ROOT),
            ("POST", "/upload/2.0"),
            ("GET", f"{ROOT}{'0' * 32}"),
            ("GET", f"/stage/{'0' * 64}/simple/lark/"),
        ):
            assert door.ask(method, path, [b"{}"], headers).status == 404
        announced = door.ask("GET", "/api/v1/openapi.json").text + door.ask("GET", "/legacy/").text
        assert "upload/2.0" not in announced
