"""Standards F.8, the answers: what an upload comes to, and in which words, asked of a running Homeport."""

import hashlib
import http.client
import re
import threading
import time
from http import HTTPStatus
from typing import Any

import pytest
from tests.journeys.conftest import PASSWORD, People
from tests.support.archives import make_sdist, make_wheel
from tests.support.forms import FilePart, basic, form_headers, multipart
from tests.support.index import Index, Reply
from tests.support.sender import Sender

pytestmark = pytest.mark.journey

# What twine, poetry and pdm take for a file that is there, or a release that is not (standards B.4, B.5).
MEANT = re.compile(
    "already exist|updating asset|cannot be updated|already been taken|overwrite artifact|was ever registered",
    re.IGNORECASE,
)
UV = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"


@pytest.fixture
def sender(index: Index, people: People, project: str) -> Sender:
    """A sender for a project that nobody has yet."""
    return Sender(index, project, people.ada)


def shown(index: Index, token: str, project: str) -> dict[str, Any]:
    """A project as its maintainers see it."""
    told: dict[str, Any] = index.api("GET", f"/projects/{project}", token).json()
    return told


def test_w05_realm(index: Index) -> None:
    """Who shows no credentials, or wrong ones, is challenged with exactly the realm that distutils waits for."""
    for headers in (
        form_headers(""),
        form_headers("hp_wrong"),
        basic("ada", "wrong"),
        {"Authorization": "Basic !!"},
    ):
        for path in ("/legacy/", "/legacy", "/pypi", "/pypi/", "/"):
            reply = index.request("POST", path, b"", headers)
            assert (reply.status, reply.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')


def test_w15_the_same_again(index: Index, project: str, sender: Sender) -> None:
    """The same bytes again are well, write nothing into the ledger, and are as old as they were."""
    sender.require_hosted(sender.upload())
    before = (index.serial(project), index.simple(project))
    sender.require_hosted(sender.upload())
    assert (index.serial(project), index.simple(project)) == before


@pytest.mark.parametrize("accept", ["*/*", UV])
def test_w16_other_bytes(index: Index, project: str, sender: Sender, accept: str) -> None:
    """Other bytes under a name that is taken are refused in the words that clients know; the file stays."""
    sender.require_hosted(sender.upload())
    before = index.simple(project)
    other = make_wheel(project, files={f"{project}/more.py": b""})
    changes = {
        "md5_digest": None,
        "blake2_256_digest": None,
        "sha256_digest": hashlib.sha256(other).hexdigest(),
    }
    body = multipart(sender.fields(**changes), [FilePart(sender.filename, other)])
    refused = sender.send(body, Accept=accept)
    assert refused.status == 400
    told = refused.json()["message"] if accept == UV else refused.text
    assert told.startswith(f"File already exists: {sender.filename}")
    assert index.simple(project) == before


def test_w17_a_name_that_was_used(index: Index, project: str, sender: Sender) -> None:
    """A name whose file was removed is not given to other bytes, in words that nobody takes for a file that is there."""
    sender.require_hosted(sender.upload())
    index.ask("release", "remove", project, "1.0", "--reason", "It held a secret.", "--yes")
    refused = sender.upload_data(make_wheel(project, files={f"{project}/more.py": b""}))
    assert refused.status == 400
    assert refused.text.startswith("This filename was previously used")
    assert not MEANT.search(refused.text)
    assert index.simple(project) == {}


def test_w18_two_at_once(index: Index, people: People, project: str) -> None:
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
    assert index.hosted(project) == {filename: hashlib.sha256(winner).hexdigest()}


REFUSED: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "unknown action": ({"action": "burn"}, ("'burn'", "file_upload, submit, submit_pkg_info, verify, urls")),
    "no action": ({"action": None}, (":action is ''",)),
    "protocol of the future": ({"protocol_version": "2"}, ("protocol_version is '2'",)),
    "wrong sha256": ({"sha256_digest": "0" * 64}, ("sha256_digest is 000", "the upload was damaged")),
    "name of another": ({"name": "nightingale"}, ("the form says nightingale",)),
    "no name": ({"name": None}, ("'' is not a project name",)),
    "other version": ({"version": "2.0"}, ("the form says 2.0",)),
    "an sdist, it says": ({"filetype": "sdist"}, ("is a bdist_wheel",)),
    "words of another case": ({"name": "already exist"}, ("'already_exist' is not a project name",)),
    "more such words": ({"filetype": "Was Ever Registered"}, ("'Was_Ever_Registered'",)),
    "and more": (
        {"version": "updating asset, overwrite artifact"},
        ("'updating_asset, overwrite_artifact'",),
    ),
    "everything at once": (
        {"protocol_version": "3", "version": "not a version", "md5_digest": "zz"},
        ("3 problems", "protocol_version is '3'", "'not a version'", "32 hexadecimal digits"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_w19_w22_w23_refused(sender: Sender, case: str) -> None:
    """A refused upload leaves nothing visible, and is told in plain text of its own, in nobody else's words."""
    changes, words = REFUSED[case]
    for accept in ("*/*", "text/html,application/xhtml+xml", UV):
        reply = sender.send(multipart(sender.fields(**changes), [sender.content]), Accept=accept)
        sender.require_refused(reply, 400, *words)
        assert reply.headers["content-type"] == (
            "application/json" if accept == UV else "text/plain; charset=utf-8"
        )
        assert not reply.text.startswith("<")
        assert not MEANT.search(reply.text)


def test_w19_a_rejected_archive(sender: Sender) -> None:
    """Bytes that are no wheel, or another project's, are refused with what inspection says, and leave nothing."""
    for data in (b"<html>404 Not Found</html>", make_wheel("nightingale")):
        sender.require_refused(sender.upload_data(data), 400, f"{sender.filename} cannot be hosted.")


def test_w20_the_phrase_is_the_servers(index: Index, people: People, sender: Sender) -> None:
    """The reason phrase is the standard one (ADR 0012): the sentence stands in the body, on one line."""
    for changes, status in (({"protocol_version": "2"}, 400), ({"action": "doc_upload"}, 410)):
        connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=30)
        body = multipart(sender.fields(**changes), [sender.content])
        connection.request("POST", "/legacy/", body, form_headers(people.ada))
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
        assert (answer.status, answer.reason) == (status, HTTPStatus(status).phrase)
        assert len(told) > 20
        assert told.count("\n") == 1


def test_w21_the_message_is_in_the_body(sender: Sender) -> None:
    """Plain text unless JSON is liked better; then exactly application/json, with the code where uv looks for it."""
    body = multipart(sender.fields(protocol_version="2"), [sender.content])
    sentence = "protocol_version is '2': only 1 is known."
    for accept in (
        "",
        "*/*",
        "text/plain",
        "text/html",
        "text/plain, application/json;q=0.5",
        "application/json;q=0",
    ):
        reply = sender.send(body, **({"Accept": accept} if accept else {}))
        assert (reply.headers["content-type"], reply.text) == ("text/plain; charset=utf-8", f"{sentence}\n")
    for accept in (UV, "application/json", "*/*;q=0.1, application/json;q=0.2"):
        reply = sender.send(body, Accept=accept)
        assert reply.headers["content-type"] == "application/json"
        assert reply.json() == {"message": sentence, "code": f"400 {sentence}", "title": sentence}
    reply = sender.send(body, Accept="application/problem+json")
    assert reply.headers["content-type"] == "application/problem+json"
    told = reply.json()
    assert (told["title"], told["detail"], told["problems"]) == ("Bad Request", sentence, [sentence])


def test_w24_help(index: Index) -> None:
    """Who opens an upload address reads how it is used, in plain text."""
    for path in ("/legacy/", "/legacy", "/pypi", "/pypi/"):
        reply = index.request("GET", path, headers={"Accept": "text/html"})
        assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert "twine upload --repository-url" in reply.text


@pytest.mark.parametrize("field", ["name", "version", "filetype", "protocol_version", "action", "md5_digest"])
def test_w25_nothing_breaks_out_of_its_line(index: Index, people: People, sender: Sender, field: str) -> None:
    """Line ends and terminal codes in a field come back on one line, as text, and as no header."""
    hostile = "x\r\nX-Evil: yes\r\n\r\n<html>\x1b[2Jé\u2028\u202e"
    connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=30)
    body = multipart(sender.fields(**{field: hostile}), [sender.content])
    connection.request("POST", "/legacy/", body, form_headers(people.ada))
    answer = connection.getresponse()
    told = answer.read().decode()
    connection.close()
    assert (answer.status, answer.reason, answer.getheader("x-evil")) == (400, "Bad Request", None)
    assert told.removesuffix("\n").isprintable()


def test_w29_what_hatch_looks_for(index: Index, sender: Sender) -> None:
    """Hatch's look for what is there, at another server's address, finds nothing, quickly, in no page of ours."""
    sender.require_hosted(sender.upload())
    began = time.monotonic()
    for base in ("/legacy", "/legacy/", "/pypi"):
        reply = index.request("GET", f"{base}/%2Bsimple/{sender.project}/", headers={"Accept": "*/*"})
        assert reply.status == 404
        assert "html" not in reply.headers["content-type"]
    assert time.monotonic() - began < 10


def test_w31_the_first_owns_it(index: Index, people: People, sender: Sender) -> None:
    """Whoever uploads first owns the project; a second user is 403, and changes nothing."""
    sender.require_hosted(sender.upload())
    members = shown(index, people.ada, sender.project)["members"]
    assert members == [{"user": "ada", "role": "owner"}]
    refused = index.upload(f"{sender.project}-2.0.tar.gz", make_sdist(sender.project, "2.0"), people.bob)
    assert refused.status == 403
    assert "bob does not maintain" in refused.text
    assert list(index.simple(sender.project)) == [sender.filename]


def test_w37_attestations_are_not_kept(index: Index, project: str, sender: Sender) -> None:
    """Attestations do no harm, are not kept, and nothing claims that they were."""
    taken = sender.upload(attestations='[{"version": 1, "verification_material": {}, "envelope": {}}]')
    sender.require_hosted(taken)
    assert taken.text.startswith("The attestations were not kept")
    assert "provenance" not in index.simple(project)[sender.filename]
    reply = index.request("GET", f"/integrity/{project}/1.0/{sender.filename}/provenance")
    assert reply.status == 404


def test_a_password_serves_as_well(index: Index, people: People, sender: Sender) -> None:
    """A user's own name and password, and a token that comes without Basic, upload as a token does."""
    body = multipart(sender.fields(), [sender.content])
    headers = form_headers("") | basic("ada", PASSWORD)
    sender.require_hosted(index.request("POST", "/legacy/", body, headers))
    for scheme in ("token", "Bearer"):
        headers = form_headers("") | {"Authorization": f"{scheme} {people.ada}"}
        sender.require_hosted(index.request("POST", "/legacy/", body, headers))


def test_refused_before_the_body(index: Index, sender: Sender) -> None:
    """Who may not upload reads the answer, not a broken pipe, though megabytes were still on their way."""
    body = multipart(sender.fields(comment="x" * 5_000_000), [sender.content])
    reply = index.request("POST", "/legacy/", body, form_headers("hp_wrong"))
    sender.require_refused(reply, 401)
