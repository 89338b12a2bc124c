"""What comes over the wire that is odd, wrong or broken, and how it is refused; uploads are asked by the checks of F.8."""

import http.client
import json
import socket

import pytest
from tests.journeys.conftest import People
from tests.support.forms import basic, form_headers, multipart, upload_fields
from tests.support.index import Index

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    "credentials",
    ["Basic", "Basic !!!", "Basic " + "A" * 20_000, "Digest abc", "Bearer", "Bearer hp_é", "Basic /////w=="],
)
def test_unreadable_credentials(index: Index, credentials: str) -> None:
    """Whatever stands where credentials should, the answer is 401 and says what to send."""
    headers = {"Authorization": credentials.encode("utf-8").decode("latin-1")}
    reply = index.request("POST", "/api/v1/projects", b"{}", headers)
    assert reply.status == 401
    assert reply.headers["content-type"] == "application/problem+json"


def test_name_with_a_colon_or_nothing(index: Index) -> None:
    """No name, no password and a NUL in either are strangers, not accidents."""
    for user, password in (("", ""), ("ada", ""), ("", "x"), ("a\0da", "x"), ("ada", "\0"), ("é", "é")):
        reply = index.request("POST", "/legacy/", b"", basic(user, password))
        assert reply.status == 401, (user, password)


API_REFUSED: dict[str, tuple[str, str, bytes, int, str]] = {
    "not JSON": ("POST", "/projects", b"{", 400, "body-invalid"),
    "a list": ("POST", "/projects", b"[]", 400, "body-invalid"),
    "not text": ("POST", "/projects", b"\xff\xfe\x00", 400, "body-invalid"),
    "nested for ever": ("POST", "/projects", b"[" * 100_000, 400, "body-invalid"),
    "too large": ("POST", "/projects", b" " * 1_100_000, 413, "body-too-large"),
    "nothing in it": ("POST", "/projects", b"", 400, "body-invalid"),
    "a name that is none": ("POST", "/projects", b'{"name": "../../etc"}', 400, ""),
    "a name that is a number": ("POST", "/projects", b'{"name": 7}', 400, "body-invalid"),
    "no such mode": ("POST", "/projects", b'{"name": "x", "mode": "pypi-never"}', 400, "body-invalid"),
    "an exemption for a new one": (
        "POST",
        "/projects",
        b'{"name": "x", "mode": "pypi-ext"}',
        400,
        "mode-for-new",
    ),
    "a field nobody knows": ("POST", "/projects", b'{"name": "x", "colour": "green"}', 400, "body-invalid"),
    "no such project": ("POST", "/projects/nobody-has-this/rehosts", b"{}", 404, "project-unknown"),
    "no such rehost": ("GET", "/rehosts/999999", b"", 404, "rehost-unknown"),
    "a rehost beyond all keys": ("GET", "/rehosts/" + "9" * 30, b"", 404, "rehost-unknown"),
    "a rehost beyond all numbers": ("GET", "/rehosts/" + "9" * 5_000, b"", 404, "rehost-unknown"),
    "a rehost that is a word": ("GET", "/rehosts/first", b"", 404, "rehost-unknown"),
    "accept what is not there": (
        "POST",
        "/rehosts/999999/accept",
        json.dumps({"plan_digest": "0" * 64, "basis": "author"}).encode(),
        404,
        "rehost-unknown",
    ),
    "accept without a word": ("POST", "/rehosts/1/accept", b"{}", 400, "body-invalid"),
}


@pytest.mark.parametrize("case", API_REFUSED)
def test_api_refusals(index: Index, people: People, case: str) -> None:
    """The JSON API refuses in problem+json, with a code for programs and a sentence for people."""
    method, path, body, status, code = API_REFUSED[case]
    headers = {"Authorization": f"Bearer {people.ada}"}
    reply = index.request(method, f"/api/v1{path}", body, headers)
    assert reply.status == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    told = reply.json()
    assert told["status"] == status
    assert told["detail"]
    assert code in told["code"]


@pytest.mark.parametrize("body", [b"{}", b'{"mode": null}', b'{"mode": ""}', b'{"mode": ["pypi-only"]}'])
def test_mode_must_be_named(index: Index, people: People, project: str, body: bytes) -> None:
    """A change of mode that names none is refused: some moves cannot be undone."""
    assert index.api("POST", "/projects", people.ada, name=project, mode="pypi-cache").status == 201
    headers = {"Authorization": f"Bearer {people.ada}"}
    reply = index.request("PUT", f"/api/v1/projects/{project}/mode", body, headers)
    assert (reply.status, reply.json()["code"]) == (400, "body-invalid")
    assert index.api("GET", f"/projects/{project}", people.ada).json()["mode"] == "pypi-cache"


def test_every_problem_of_a_call(index: Index, people: People) -> None:
    """A call with several mistakes is told all of them at once."""
    told = index.api("POST", "/projects", people.ada, name=7, mode="pypi-never", colour="green").json()
    assert len(told["problems"]) == 3
    told = index.api("POST", "/rehosts/1/accept", people.ada, accept="all", sha256={"1": "x"}).json()
    assert len(told["problems"]) == 4


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET /simple/%00/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /files/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /legacy/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /legacy/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_garbage_on_the_wire(index: Index, text: bytes) -> None:
    """Whatever comes over a connection, the index answers the next one."""
    with socket.create_connection(("127.0.0.1", index.port), timeout=10) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)
    assert not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 5")) or text.startswith(b"GET / ")
    assert index.request("GET", "/healthz").text == "ok\n"


def test_many_on_one_connection(index: Index, people: People, project: str) -> None:
    """A connection stays usable after refusals: the next request on it is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=30)
    body = multipart(upload_fields(f"{project}-1.0.tar.gz", b"not an archive"), [])
    for _ in range(3):
        connection.request("POST", "/legacy/", body, dict(form_headers(people.ada)))
        refused = connection.getresponse()
        refused.read()
        assert refused.status == 400
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
    connection.close()
