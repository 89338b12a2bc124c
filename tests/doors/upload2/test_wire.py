"""Upload 2.0 (PEP 694, a draft), U01 and U02: media types, versions, requests that are none, and how errors are told."""

import json
from pathlib import Path

import pytest
from tests.support.api_door import api_door
from tests.support.staging import MEDIA_TYPE, META, ROOT, Client, StagingDoor, wheel

PROBLEM = "application/problem+json"

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
