"""What comes over the wire that is odd, wrong or broken: what is taken all the same, and how the rest is refused."""

import http.client
import json
import socket
import threading
import time

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_sdist, make_wheel
from tests.support.forms import BOUNDARY, FilePart, basic, form_headers, multipart, upload_fields
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey


class Sender:
    """Sends one wheel of one project in every way; ``changes`` are of the form's fields."""

    def __init__(self, index: Index, project: str, token: str) -> None:
        self.filename = f"{project}-1.0-py3-none-any.whl"
        self.data = make_wheel(project)
        self._index, self._project, self._token = index, project, token

    def fields(self, **changes: str | None) -> list[tuple[str, str]]:
        """The fields of a good form, changed."""
        return upload_fields(self.filename, self.data, **changes)

    @property
    def content(self) -> FilePart:
        """The file."""
        return FilePart(self.filename, self.data)

    def send(self, body: bytes, path: str = "/legacy/", **headers: str) -> Reply:
        """Post a body as this form."""
        return self._index.request("POST", path, body, form_headers(self._token) | headers)

    def upload(self, **changes: str | None) -> Reply:
        """Post the form, changed."""
        return self.send(multipart(self.fields(**changes), [self.content]))

    def upload_files(self, *files: FilePart) -> Reply:
        """Post the form with other files."""
        return self.send(multipart(self.fields(), files))

    def require_hosted(self, reply: Reply) -> None:
        """It was taken, and is hosted with its own bytes."""
        assert reply.status == 200, reply.text
        url = self._index.simple(self._project)[self.filename]["url"].removeprefix(self._index.url)
        assert self._index.request("GET", url).body == self.data

    def require_refused(self, reply: Reply, status: int, *words: str) -> None:
        """It was refused in these words; nothing of it is visible, or kept."""
        assert reply.status == status, reply.text
        for word in words:
            assert word in reply.text
        assert self._index.request("GET", f"/simple/{self._project}/").status == 404
        assert self._index.incoming() == []


@pytest.fixture
def sender(index: Index, people: People, project: str) -> Sender:
    """A sender for a project that nobody has yet."""
    return Sender(index, project, people.ada)


@pytest.mark.parametrize("path", ["/legacy/", "/legacy", "/pypi", "/pypi/", "/"])
def test_every_address(sender: Sender, path: str) -> None:
    """Each address that clients know takes an upload itself: they follow no redirect."""
    sender.require_hosted(sender.send(multipart(sender.fields(), [sender.content]), path))


def test_bare_line_feeds(sender: Sender) -> None:
    """A form with bare LF line ends is read, the file in it to the byte."""
    sender.require_hosted(sender.send(multipart(sender.fields(), [sender.content], newline=b"\n")))


def test_preamble(sender: Sender) -> None:
    """A line before the first boundary, as distutils uploads, does no harm."""
    sender.require_hosted(sender.send(b"\r\n" + multipart(sender.fields(), [sender.content])))


def test_chunked(index: Index, people: People, sender: Sender) -> None:
    """A body of unannounced length in chunks is taken as it comes."""
    body = multipart(sender.fields(), [sender.content])
    pieces = (body[start : start + 500] for start in range(0, len(body), 500))
    headers = form_headers(people.ada) | {"Transfer-Encoding": "chunked"}
    sender.require_hosted(index.request("POST", "/legacy/", pieces, headers, chunked=True))


def test_file_first(sender: Sender) -> None:
    """The file may stand before the fields."""
    file, fields = multipart([], [sender.content]), multipart(sender.fields())
    sender.require_hosted(sender.send(file.removesuffix(f"--{BOUNDARY}--\r\n".encode()) + fields))


def test_bearer_token(index: Index, people: People, sender: Sender) -> None:
    """A token may come without Basic, as some scripts send it."""
    headers = form_headers("") | {"Authorization": f"token {people.ada}"}
    body = multipart(sender.fields(), [sender.content])
    sender.require_hosted(index.request("POST", "/legacy/", body, headers))


def test_waits_to_be_asked(index: Index, people: People, sender: Sender) -> None:
    """A client that waits for 100 Continue, as curl does, gets it."""
    body = multipart(sender.fields(), [sender.content])
    headers = form_headers(people.ada) | {"Content-Length": str(len(body)), "Expect": "100-continue"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", index.port), timeout=30) as connection:
        connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: index.test\r\n{head}\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


TAKEN: dict[str, dict[str, str | None]] = {
    "no protocol version": {"protocol_version": None},
    "one digest is enough": {"md5_digest": None, "blake2_256_digest": None},
    "distutils sends the wrong blake2": {"blake2_256_digest": "ab" * 64},
    "fields nobody knows": {"favourite_colour": "green", "comment": "first try"},
    "fields that are empty or UNKNOWN": {"summary": "UNKNOWN", "requires_python": "", "home_page": "UNKNOWN"},
    "the same name in another spelling": {"name": "LARK"},
}


@pytest.mark.parametrize("case", TAKEN)
def test_taken_all_the_same(sender: Sender, project: str, case: str) -> None:
    """What old and odd clients send is taken."""
    changes = TAKEN[case]
    if "name" in changes:
        changes = {"name": project.upper()}
    sender.require_hosted(sender.upload(**changes))


def test_upper_case_digests(sender: Sender) -> None:
    """Hexadecimal digits may be upper case."""
    digests = {name: value.upper() for name, value in sender.fields() if name.endswith("_digest")}
    sender.require_hosted(sender.upload(**digests))


def test_signature_beside(index: Index, project: str, sender: Sender) -> None:
    """A signature neither fails an upload nor is published."""
    signature = FilePart(f"{sender.filename}.asc", b"-----BEGIN PGP SIGNATURE-----\n", "gpg_signature")
    sender.require_hosted(sender.upload_files(sender.content, signature))
    assert list(index.simple(project)) == [sender.filename]


REFUSED: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "unknown action": ({"action": "burn"}, ("'burn'", "file_upload, submit, verify")),
    "no action": ({"action": None}, (":action is ''",)),
    "protocol of the future": ({"protocol_version": "2"}, ("protocol_version is '2'",)),
    "no digest": ({"md5_digest": None, "sha256_digest": None, "blake2_256_digest": None}, ("No digest",)),
    "only the overlong blake2": (
        {"md5_digest": None, "sha256_digest": None, "blake2_256_digest": "ab" * 64},
        ("No digest",),
    ),
    "wrong md5": ({"md5_digest": "0" * 32}, ("md5_digest is 000",)),
    "wrong sha256": ({"sha256_digest": "0" * 64}, ("sha256_digest is 000",)),
    "wrong blake2": ({"blake2_256_digest": "0" * 64}, ("blake2_256_digest is 000",)),
    "no hexadecimal": ({"sha256_digest": "z" * 64}, ("64 hexadecimal digits",)),
    "name of another": ({"name": "nightingale"}, ("the form says nightingale",)),
    "no name": ({"name": None}, ("name",)),
    "other version": ({"version": "2.0"}, ("the form says 2.0",)),
    "an sdist, it says": ({"filetype": "sdist"}, ("is a bdist_wheel",)),
    "a type that is gone": ({"filetype": "bdist_egg"}, ("not hosted any more",)),
    "everything at once": (
        {"protocol_version": "3", "version": "not a version", "md5_digest": "zz"},
        ("3 problems", "protocol_version is '3'", "'not a version'", "32 hexadecimal digits"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(sender: Sender, case: str) -> None:
    """Each wrong form is refused with what was found in it, and leaves nothing behind."""
    changes, words = REFUSED[case]
    sender.require_refused(sender.upload(**changes), 400, *words)


def test_no_file(sender: Sender) -> None:
    """A form without a file is refused."""
    sender.require_refused(sender.upload_files(), 400, "The form has no file")


def test_two_files(sender: Sender) -> None:
    """A form with two content parts is refused, whichever would have been meant."""
    sender.require_refused(sender.upload_files(sender.content, sender.content), 400, "two content parts")


def test_file_elsewhere(sender: Sender) -> None:
    """A file under another name than content is refused."""
    part = FilePart("lark.txt", b"la", "description")
    sender.require_refused(sender.upload_files(part, sender.content), 400, "only content may be a file")


@pytest.mark.parametrize(
    "filename", ["../{}", "..\\{}", "/etc/{}", "{}/", "a b-1.0.tar.gz", "", ".", "{}\u202e"]
)
def test_odd_file_names(sender: Sender, filename: str) -> None:
    """A file name that is a path, or no name of a release file, is refused before anything is done with it."""
    part = FilePart(filename.format(sender.filename), sender.data)
    sender.require_refused(sender.upload_files(part), 400)


def test_not_an_archive(sender: Sender) -> None:
    """Bytes that are no wheel are refused with what inspection says."""
    data = b"<html>404 Not Found</html>"
    body = multipart(upload_fields(sender.filename, data), [FilePart(sender.filename, data)])
    sender.require_refused(sender.send(body), 400, f"{sender.filename} cannot be hosted.")


def test_archive_of_another(sender: Sender) -> None:
    """A wheel whose own metadata name another project is refused."""
    data = make_wheel("nightingale")
    body = multipart(upload_fields(sender.filename, data), [FilePart(sender.filename, data)])
    sender.require_refused(sender.send(body), 400)


def test_unfinished_form(sender: Sender) -> None:
    """A form without its closing boundary is refused, even when every field was there."""
    body = multipart(sender.fields(), [sender.content]).removesuffix(f"--{BOUNDARY}--\r\n".encode())
    sender.require_refused(sender.send(body), 400, "closing boundary")


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "text/plain", "", "multipart/form-data; boundary=é"]
)
def test_no_form(sender: Sender, kind: str) -> None:
    """A body that is no form is refused."""
    sender.require_refused(sender.send(b'{"name": "lark"}', **{"Content-Type": kind}), 400)


def test_fields_beyond_the_limit(sender: Sender) -> None:
    """Fields of more than eight megabytes are refused with the limit, not held in memory."""
    sender.require_refused(sender.upload(description="x" * 9_000_000), 413, "8,388,608 bytes")


def test_too_many_fields(sender: Sender) -> None:
    """Thousands of parts are refused with the limit."""
    body = multipart([*sender.fields(), *[("classifiers", "x")] * 6_000], [sender.content])
    sender.require_refused(sender.send(body), 413, "5,000 parts")


def test_refused_before_the_body(index: Index, sender: Sender) -> None:
    """Who may not upload reads the answer, not a broken pipe, though megabytes were still on their way."""
    body = multipart(sender.fields(comment="x" * 5_000_000), [sender.content])
    reply = index.request("POST", "/legacy/", body, form_headers("hp_wrong"))
    sender.require_refused(reply, 401)


def test_json_for_those_who_ask(sender: Sender) -> None:
    """A client that prefers JSON, as uv does, gets the sentence where it looks for it."""
    body = multipart(sender.fields(protocol_version="2"), [sender.content])
    reply = sender.send(body, Accept="application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7")
    sender.require_refused(reply, 400)
    assert reply.headers["content-type"] == "application/json"
    assert reply.json()["code"].startswith("400 protocol_version is '2'")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 0.999])
def test_dropped_connection(index: Index, people: People, sender: Sender, share: float) -> None:
    """A connection that ends before its body does leaves nothing: no file, no project, no bytes."""
    body = multipart(sender.fields(comment="x" * 300_000), [sender.content])
    headers = form_headers(people.ada) | {"Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", index.port), timeout=30) as connection:
        connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: index.test\r\n{head}\r\n".encode())
        connection.sendall(body[: int(len(body) * share)])
        time.sleep(0.2)
    deadline = time.monotonic() + 10
    while index.incoming() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert index.incoming() == []
    assert index.simple(sender.filename.partition("-")[0]) == {}


def test_two_at_once(index: Index, people: People, project: str) -> None:
    """Of parallel uploads of one name with different bytes one wins; the others are told that it exists."""
    filename = f"{project}-1.0.tar.gz"
    rivals = [make_sdist(project, files={"note.txt": bytes([number])}) for number in range(6)]
    replies: dict[bytes, Reply] = {}

    def send(data: bytes) -> None:
        replies[data] = index.upload(filename, data, people.ada)

    threads = [threading.Thread(target=send, args=(data,)) for data in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [data for data, reply in replies.items() if reply.status == 200]
    losers = [reply for data, reply in replies.items() if data != winner]
    assert {reply.status for reply in losers} == {400}
    assert all(reply.text.startswith(f"File already exists: {filename}") for reply in losers)
    url = index.simple(project)[filename]["url"].removeprefix(index.url)
    assert index.request("GET", url).body == winner


def test_help_in_a_browser(index: Index) -> None:
    """Who opens the upload address in a browser reads how it is used."""
    for path in ("/legacy/", "/legacy", "/pypi"):
        assert "twine upload --repository-url" in index.request("GET", path).text


def test_verify_changes_nothing(sender: Sender) -> None:
    """``:action=verify`` looks at a registration and registers nothing."""
    reply = sender.upload(action="verify")
    assert (reply.status, reply.text) == (200, "Validated OK\n")
    sender.require_refused(sender.upload(action="verify", version="no version at all!"), 400)


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
