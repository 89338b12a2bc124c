"""Upload 2.0, U06, U07 and U15: files are announced, sent and judged, with their attestations."""

import json
from pathlib import Path

import pytest
from tests.support.api_door import END
from tests.support.archives import make_sdist, make_wheel
from tests.support.staging import MEDIA_TYPE, Client, StagingDoor, claim, staging_door, wheel

from homeport.domain.account import Caller
from homeport.domain.hosting import Policy
from homeport.domain.quota import Quotas
from homeport.flows.remove import remove

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
