"""Standards F.8, the form: what is taken, what is refused, and what a form may cost, asked of a running Homeport."""

import random
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_sdist, make_wheel
from tests.support.forms import BOUNDARY, FilePart, form_headers, multipart
from tests.support.index import Index, running
from tests.support.sender import Sender

from homeport.settings import read_settings
from homeport.wiring import open_world

pytestmark = pytest.mark.journey

DIGESTS = ("md5_digest", "sha256_digest", "blake2_256_digest")


@pytest.fixture
def sender(index: Index, people: People, project: str) -> Sender:
    """A sender for a project that nobody has yet."""
    return Sender(index, project, people.ada)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, str]]:
    """A Homeport that takes files of a megabyte and projects of one and a half, and a token of ada's."""
    limits = {"HOMEPORT_MAX_FILE": "1MB", "HOMEPORT_PROJECT_QUOTA": "1500KB"}
    with running(tmp_path_factory.mktemp("narrow"), "web", **limits) as index:
        yield index, index.add_user("ada")


@pytest.mark.parametrize("path", ["/legacy/", "/legacy", "/pypi", "/pypi/", "/"])
def test_w06_every_address(sender: Sender, path: str) -> None:
    """Each address that clients know takes an upload itself: they follow no redirect."""
    sender.require_hosted(sender.send(multipart(sender.fields(), [sender.content]), path))


def test_w07_no_file(sender: Sender) -> None:
    """A form without a file is refused, also when its content is a field."""
    sender.require_refused(sender.upload_files(), 400, "The form has no file")
    text = multipart([*sender.fields(), ("content", "PK")])
    sender.require_refused(sender.send(text), 400, "The form has no file")


def test_w08_protocol_version(sender: Sender) -> None:
    """No protocol version is the first; any other is refused."""
    for version in ("2", "1.0", "one"):
        sender.require_refused(
            sender.upload(protocol_version=version), 400, f"protocol_version is '{version}'"
        )
    sender.require_hosted(sender.upload(protocol_version=None))


def test_w09_no_digest(sender: Sender) -> None:
    """A form without a digest is refused; distutils' overlong one is none."""
    none: dict[str, str | None] = dict.fromkeys(DIGESTS)
    for overlong in (None, "ab" * 64, "AB" * 64):
        changes = none | {"blake2_256_digest": overlong}
        sender.require_refused(sender.upload(**changes), 400, "No digest of the file was sent")


@pytest.mark.parametrize("field", DIGESTS)
def test_w10_one_wrong_digest(sender: Sender, field: str) -> None:
    """One wrong digest among right ones is enough, and so is one that is no digest."""
    for wrong in ("0", "z", ""):
        length = len(dict(sender.fields())[field])
        refused = sender.upload(**{field: (wrong * length) or "0" * (length + 1)})
        sender.require_refused(refused, 400, f"{field} is ")


def test_w11_upper_case_digests(sender: Sender) -> None:
    """Hexadecimal digits may be upper case."""
    digests = {name: value.upper() for name, value in sender.fields() if name in DIGESTS}
    sender.require_hosted(sender.upload(**digests))


EVERY_FIELD = [
    ("metadata_version", "2.5"),
    ("summary", "UNKNOWN"),
    ("description", "UNKNOWN"),
    ("description_content_type", ""),
    ("keywords", "one,two"),
    ("home_page", "UNKNOWN"),
    ("download_url", ""),
    ("author", "UNKNOWN"),
    ("author_email", ""),
    ("maintainer", "UNKNOWN"),
    ("maintainer_email", "UNKNOWN"),
    ("license", "UNKNOWN"),
    ("license_expression", ""),
    ("requires_python", ""),
    ("comment", "UNKNOWN"),
    ("pyversion", ""),
    ("attestations", ""),
    ("favourite_colour", "green"),
    ("", "nameless"),
]
EVERY_LIST = (
    "classifiers",
    "classifier",
    "platform",
    "platforms",
    "supported_platform",
    "supported_platforms",
    "license_file",
    "license_files",
    "project_urls",
    "project_url",
    "requires_dist",
    "provides_dist",
    "obsoletes_dist",
    "requires",
    "provides",
    "obsoletes",
    "requires_external",
    "provides_extra",
    "provides_extras",
    "dynamic",
    "import_name",
    "import_names",
    "import_namespace",
    "import_namespaces",
)


def test_w12_fields_of_all_times(sender: Sender) -> None:
    """Fields nobody knows, empty ones, UNKNOWN, and every spelling of lists, once and repeated, do no harm."""
    given = dict(EVERY_FIELD)
    lists = [(name, value) for name in EVERY_LIST for value in ("UNKNOWN", "", "UNKNOWN")]
    fields = [pair for pair in sender.fields() if pair[0] not in given]
    sender.require_hosted(sender.upload_fields([*fields, *EVERY_FIELD, *lists]))


@pytest.mark.parametrize(
    "changes",
    [
        {"md5_digest": None, "blake2_256_digest": None},
        {"blake2_256_digest": "ab" * 64},
        {"name": "{upper}"},
        {"version": "v1"},
        {"metadata_version": "1.0"},
    ],
)
def test_w12_taken_all_the_same(sender: Sender, project: str, changes: dict[str, str | None]) -> None:
    """What old and odd clients send is taken: fewer digests, a wrong blake2, another spelling of name or version."""
    filled = {name: value and value.format(upper=project.upper()) for name, value in changes.items()}
    sender.require_hosted(sender.upload(**filled))


@pytest.mark.parametrize(
    "names", [("import_names", "import_namespaces"), ("import_name", "import_namespace")]
)
def test_w13_import_names(index: Index, people: People, project: str, names: tuple[str, str]) -> None:
    """Both spellings of what a project is imported by are remembered with the release."""
    fields = [(":action", "submit"), ("metadata_version", "2.5"), ("name", project), ("version", "1.0")]
    fields += [(names[0], f"{project}.core"), (names[0], project), (names[1], f"{project}_plugins")]
    assert index.request("POST", "/legacy/", multipart(fields), form_headers(people.ada)).status == 200
    settings = read_settings({"HOMEPORT_HOME": str(index.home)}, index.home)
    with open_world(settings).store.read() as tx:
        found = tx.projects.find(project)
        release = tx.releases.newest(found.id) if found else None
    assert release is not None
    assert release.metadata.import_names == (f"{project}.core", project)
    assert release.metadata.import_namespaces == (f"{project}_plugins",)


def test_w14_signature_beside(index: Index, project: str, sender: Sender) -> None:
    """A signature neither fails an upload nor is published; its sender is told so. One without a bound is refused."""
    signature = FilePart(f"{sender.filename}.asc", b"-----BEGIN PGP SIGNATURE-----\n", "gpg_signature")
    book = FilePart("x.asc", b"x" * 70_000, "gpg_signature")
    sender.require_refused(
        sender.upload_files(sender.content, book), 413, "gpg_signature is larger than 65,536 bytes"
    )
    taken = sender.upload_files(sender.content, signature)
    sender.require_hosted(taken)
    assert "The signature was not kept" in taken.text
    assert list(index.simple(project)) == [sender.filename]
    path = index.simple(project)[sender.filename]["url"].removeprefix(index.url)
    assert index.request("GET", f"{path}.asc").status == 404


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 0.999])
def test_w26_dropped_connection(index: Index, people: People, sender: Sender, share: float) -> None:
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
    assert index.simple(sender.project) == {}


@pytest.mark.parametrize("is_chunked", [False, True])
def test_w27_a_file_beyond_the_limit(narrow: tuple[Index, str], project: str, *, is_chunked: bool) -> None:
    """A file above the limit is refused with the limit, as soon as it is seen to be one; nothing of it stays."""
    index, token = narrow
    sender = Sender(index, project, token)
    body = multipart(sender.fields(), [FilePart(sender.filename, b"x" * 12_000_000)])
    headers = form_headers(token)
    if is_chunked:
        pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
        reply = index.request(
            "POST", "/legacy/", pieces, headers | {"Transfer-Encoding": "chunked"}, chunked=True
        )
    else:
        reply = index.request("POST", "/legacy/", body, headers)
    sender.require_refused(reply, 413, "larger than the limit of 976.6 KiB")


def test_w27_an_announced_giant(index: Index, people: People, sender: Sender) -> None:
    """Who announces more than can be taken is told so before sending it."""
    headers = form_headers(people.ada) | {"Content-Length": str(5 * 1024**3), "Expect": "100-continue"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", index.port), timeout=30) as connection:
        connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: index.test\r\n{head}\r\n".encode())
        answer = connection.recv(65_536)
        while answer.startswith(b"HTTP/1.1 100 "):
            answer = answer.partition(b"\r\n\r\n")[2] or connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < 10


def test_w28_a_full_project(narrow: tuple[Index, str], project: str) -> None:
    """A file that a project has no room for is refused with its quota; what is there stays, and smaller ones come."""
    index, token = narrow
    noise = {
        name: make_sdist(project, name, files={"noise": _noise(700_000)}) for name in ("1.0", "2.0", "3.0")
    }
    for version in ("1.0", "2.0"):
        taken = index.upload(f"{project}-{version}.tar.gz", noise[version], token)
        assert taken.status == 200, taken.text
    refused = index.upload(f"{project}-3.0.tar.gz", noise["3.0"], token)
    assert refused.status == 400
    assert "of a quota of 1.4 MiB, and the file needs more" in refused.text
    assert sorted(index.simple(project)) == [f"{project}-1.0.tar.gz", f"{project}-2.0.tar.gz"]
    small = index.upload(f"{project}-3.0-py3-none-any.whl", make_wheel(project, "3.0"), token)
    assert small.status == 200, small.text


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - no packing makes it smaller


def test_w36_a_hundred_thousand_fields(sender: Sender) -> None:
    """Fields without end are refused with the limit, quickly."""
    body = multipart([*sender.fields(), *[("classifiers", "x")] * 100_000], [sender.content])
    began = time.monotonic()
    sender.require_refused(sender.send(body), 413, "5,000 parts")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", ["description", "gpg_signature", "pkginfo"])
def test_w36_one_endless_field(index: Index, sender: Sender, name: str) -> None:
    """One field of a hundred megabytes is refused at the limit, quickly; who is still sending can read the answer."""
    endless = "x" * 100_000_000
    if name == "description":
        body = multipart(sender.fields(description=endless))
    else:
        body = multipart(sender.fields(), [FilePart("x", endless.encode(), name)])
    headers = form_headers(sender.token) | {"Content-Length": str(len(body))}
    head = "".join(f"{field}: {value}\r\n" for field, value in headers.items())
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", index.port), timeout=30) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: index.test\r\n{head}\r\n".encode() + body)
        answer = connection.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert ("gpg_signature is larger than" if name == "gpg_signature" else "8,388,608 bytes") in answer
    assert time.monotonic() - began < 10
    assert index.simple(sender.project) == {}


def test_w38_chunked(index: Index, people: People, sender: Sender) -> None:
    """A body of unannounced length in chunks is taken as it comes."""
    body = multipart(sender.fields(), [sender.content])
    pieces = (body[start : start + 500] for start in range(0, len(body), 500))
    headers = form_headers(people.ada) | {"Transfer-Encoding": "chunked"}
    sender.require_hosted(index.request("POST", "/legacy/", pieces, headers, chunked=True))


def test_bare_line_feeds_and_a_preamble(sender: Sender) -> None:
    """A form with bare LF line ends is read, the file in it to the byte; so is one with a line before it."""
    bare = multipart(sender.fields(), [sender.content], newline=b"\n")
    sender.require_hosted(sender.send(bare))
    sender.require_hosted(
        sender.send(
            b"\n" + bare, **{"Content-Type": f"multipart/form-data; boundary={BOUNDARY}; charset=utf-8"}
        )
    )
    sender.require_hosted(sender.send(b"\r\n" + multipart(sender.fields(), [sender.content])))


def test_file_first(sender: Sender) -> None:
    """The file may stand before the fields."""
    file, fields = multipart([], [sender.content]), multipart(sender.fields())
    sender.require_hosted(sender.send(file.removesuffix(f"--{BOUNDARY}--\r\n".encode()) + fields))


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


def test_two_files_and_files_elsewhere(sender: Sender) -> None:
    """Two content parts are refused, whichever was meant, and so is a file under another name."""
    sender.require_refused(sender.upload_files(sender.content, sender.content), 400, "two content parts")
    for name in ("description", "name", ":action", "sha256_digest"):
        part = FilePart("lark.txt", b"la", name)
        sender.require_refused(sender.upload_files(part, sender.content), 400, f"a file in '{name}'")


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


def test_everything_at_once(sender: Sender) -> None:
    """A wrong form does not hide a broken archive, nor a broken archive a wrong form."""
    data = make_wheel("nightingale")
    refused = sender.upload_data(data, protocol_version="3", filetype="bdist_egg")
    for words in ("protocol_version is '3'", "bdist_egg", "nightingale"):
        sender.require_refused(refused, 400, words)
