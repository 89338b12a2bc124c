"""Standards F.1: URLs and routing, asked of a running Homeport."""

import socket
from urllib.parse import urlsplit

import pytest
from tests.journeys.checks.conftest import Closed
from tests.journeys.checks.pages import JSON, TEXT_HTML, TYPES, VENDOR_HTML, media_type, read_html, read_json
from tests.journeys.checks.stock import (
    DISPLAY,
    FULL,
    LISTED,
    PRIVATE,
    QUARANTINED,
    READABLE,
    WHEEL,
    Stock,
    wheel,
)
from tests.journeys.conftest import People
from tests.support.forms import basic, form_headers, multipart
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

NO_NAMES = {
    "-x": "-x",
    "x-": "x-",
    "é": "%C3%A9",
    "a\nb": "a%0Ab",
    ".x": ".x",
    "a b": "a%20b",
    "x" * 129: "x" * 129,
}


def moved_to(reply: Reply) -> str:
    """Where a permanent redirect leads, without scheme and host."""
    assert reply.status in {301, 308}
    location = urlsplit(reply.headers["location"])
    return location._replace(scheme="", netloc="").geturl()


def listed(index: Index) -> list[str]:
    """The normalized names of every project on ``/simple/``, as its anchors have them."""
    document = read_html("/simple/", index.request("GET", "/simple/", headers={"Accept": TEXT_HTML}).body)
    return [urlsplit(link).path.split("/")[2] for link in document.links()]


@pytest.mark.parametrize("accept", TYPES)
def test_r01_the_list_has_every_visible_project_once(index: Index, stock: Stock, accept: str) -> None:
    """``/simple/`` names each project that everybody may see exactly once, and no other."""
    reply = stock.get("/simple/", accept)
    assert reply.status == 200
    if accept == JSON:
        names = [project["name"] for project in read_json(reply.body)["projects"]]
    else:
        names = [anchor.text for anchor in read_html("/simple/", reply.body).anchors]
    assert len(names) == len(set(names))
    assert {DISPLAY if name == FULL else name for name in LISTED} <= set(names)
    assert {PRIVATE, QUARANTINED} & set(names) == set()


@pytest.mark.parametrize("accept", TYPES)
def test_r02_each_listed_project_has_its_page(index: Index, stock: Stock, accept: str) -> None:
    """Every project of the list has a page in every serialization."""
    for name in listed(index):
        reply = stock.page(name, accept)
        assert (reply.status, media_type(reply.headers["content-type"])) == (200, accept), name


@pytest.mark.parametrize("query", ["", f"?format={VENDOR_HTML.replace('+', '%2B')}&x=%2F", "?"])
def test_r03_a_missing_slash_is_redirected(index: Index, stock: Stock, query: str) -> None:
    """The slashless form leads to the same URL with a slash, and the query stays."""
    kept = query if len(query) > 1 else ""
    for path in ("/simple", f"/simple/{FULL}"):
        assert moved_to(stock.get(path + query)) == f"{path}/{kept}"


def test_r04_no_page_without_its_slash(index: Index, stock: Stock) -> None:
    """Nothing below ``/simple`` is answered with 200 under a URL that does not end in a slash."""
    paths = [f"/simple/{name}" for name in (*READABLE, DISPLAY, "index.html", f"{FULL}/index.html")]
    for path in ("/simple", *paths, f"/simple/{FULL}/{WHEEL}", f"/simple/{FULL}//x"):
        for accept in TYPES:
            assert stock.get(path, accept).status in {301, 308, 404}, path


@pytest.mark.parametrize("spelling", [DISPLAY, "foo--bar..baz", "FOO_BAR-BAZ", "Foo._-Bar.Baz"])
def test_r05_other_spellings_are_redirected(index: Index, stock: Stock, spelling: str) -> None:
    """A name in another spelling leads to its one page in one step, with and without the slash; the query stays."""
    for path in (f"/simple/{spelling}/", f"/simple/{spelling}"):
        assert moved_to(stock.get(path)) == f"/simple/{FULL}/"
        assert moved_to(stock.get(f"{path}?a=b")) == f"/simple/{FULL}/?a=b"


@pytest.mark.parametrize("accept", ["", *TYPES])
def test_r06_a_normalized_name_is_never_redirected(index: Index, stock: Stock, accept: str) -> None:
    """Every page is answered where its normalized name says."""
    assert {stock.page(name, accept).status for name in READABLE} == {200}


@pytest.mark.parametrize("accept", ["", *TYPES, "image/png"])
def test_r07_unknown_is_404(index: Index, stock: Stock, accept: str) -> None:
    """A project that is not here is 404, whatever was asked for: installers then ask their next index."""
    assert stock.page("nobody-has-this", accept).status == 404


@pytest.mark.parametrize("accept", ["", *TYPES])
def test_r08_what_is_missing_is_no_html(index: Index, stock: Stock, accept: str) -> None:
    """The body of a 404 is plain text: easy_install looks for links in HTML."""
    for path in ("/simple/nobody-has-this/", "/simple/-x/", f"/files/{'0' * 64}/{WHEEL}", "/files/x"):
        reply = stock.get(path, accept)
        assert (reply.status, media_type(reply.headers["content-type"])) == (404, "text/plain"), path


@pytest.mark.parametrize("name", NO_NAMES)
def test_r09_what_is_no_name_is_404_to_read(index: Index, stock: Stock, name: str) -> None:
    """A path that holds no project's name is not found."""
    assert stock.get(f"/simple/{NO_NAMES[name]}/").status == 404
    assert stock.get(f"/simple/{NO_NAMES[name]}").status == 404


@pytest.mark.parametrize("name", NO_NAMES)
def test_r09_what_is_no_name_is_400_to_write(index: Index, people: People, name: str) -> None:
    """Neither an upload nor a registration nor a call makes a project of a name that is none."""
    filename = "wren-1.0-py3-none-any.whl"
    form = multipart([(":action", "submit"), ("metadata_version", "2.1"), ("name", name), ("version", "1.0")])
    for reply in (
        index.upload(filename, wheel(filename), people.ada, name=name),
        index.request("POST", "/legacy/", form, form_headers(people.ada)),
        index.api("POST", "/projects", people.ada, name=name),
    ):
        assert reply.status == 400
        assert "is not a project name" in reply.text


def test_r09_a_name_does_not_end_in_a_newline(index: Index, people: People, project: str) -> None:
    r"""``\Z`` and not ``$``: a name with a newline behind it names nothing."""
    assert index.request("GET", f"/simple/{FULL}%0A/").status == 404
    assert index.api("POST", "/projects", people.ada, name=f"{project}\n").status == 400
    assert index.api("GET", f"/projects/{project}", people.ada).status == 404


@pytest.mark.parametrize("accept", TYPES)
def test_r10_head_is_get_without_its_body(index: Index, stock: Stock, accept: str) -> None:
    """HEAD has the status and the fields of GET, and not a byte behind them."""
    file = read_json(stock.page(FULL, JSON).body)["files"][0]["url"]
    for path in (
        "/simple/",
        f"/simple/{FULL}/",
        f"/simple/{FULL}",
        "/simple/nobody-has-this/",
        file,
        f"{file}.metadata",
    ):
        head, body = on_the_wire(index, "HEAD", path, accept)
        got, _ = on_the_wire(index, "GET", path, accept)
        assert (head, body) == (got, b""), path


def on_the_wire(index: Index, method: str, path: str, accept: str) -> tuple[set[bytes], bytes]:
    """Status line and fields of the answer, but for the date; and every byte behind them."""
    request = f"{method} {path} HTTP/1.1\r\nHost: index.test\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    answer = b""
    with socket.create_connection(("127.0.0.1", index.port), timeout=20) as connection:
        connection.sendall(request.encode())
        while received := connection.recv(65_536):
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    return {line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")}, body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_r11_pages_are_read_only(index: Index, stock: Stock, method: str) -> None:
    """What would write to a page is 405, with the methods that there are."""
    for path in ("/simple/", f"/simple/{FULL}/", "/simple/nobody-has-this/"):
        reply = index.request(method, path)
        assert reply.status == 405
        assert {allowed.strip() for allowed in reply.headers["allow"].split(",")} >= {"GET", "HEAD"}


def test_r12_relative_links_resolve(index: Index, stock: Stock) -> None:
    """Each link to the index itself leads, from its page's URL, to 200, in both serializations."""
    followed = set()
    for path in ("/simple/", *(f"/simple/{name}/" for name in READABLE)):
        links = read_html(path, stock.get(path, TEXT_HTML).body).links()
        links += [file["url"] for file in read_json(stock.get(path, JSON).body).get("files", ())]
        followed |= {link.partition("#")[0] for link in links if link.startswith(("/", index.url))}
    assert len(followed) >= len(LISTED) + sum(map(len, stock.files.values())) - 1
    for link in followed:
        assert stock.get(link.removeprefix(index.url)).status == 200, link


def test_r13_no_base(index: Index, stock: Stock) -> None:
    """No page holds ``<base>``: pip 1.5 would believe it, and easy_install would not."""
    paths = ["/simple/", *(f"/simple/{name}/" for name in (*READABLE, "nobody-has-this"))]
    for path in paths:
        assert b"<base" not in stock.get(path, TEXT_HTML).body.lower()


def test_r14_a_name_has_one_owner(index: Index, people: People, project: str) -> None:
    """Who spells another's name otherwise does not get it: not by a call, an upload, or a registration."""
    theirs, mine = f"{project}-bar", f"{project.title()}.Bar"
    assert index.api("POST", "/projects", people.ada, name=theirs).status == 201
    assert index.api("POST", "/projects", people.bob, name=mine).status == 409
    filename = f"{project}_bar-1.0-py3-none-any.whl"
    assert index.upload(filename, wheel(filename), people.bob, name=mine).status == 403
    form = multipart([(":action", "submit"), ("metadata_version", "2.1"), ("name", mine), ("version", "1.0")])
    assert index.request("POST", "/legacy/", form, form_headers(people.bob)).status == 403
    owners = index.api("GET", f"/projects/{theirs}", people.ada).json()["members"]
    assert owners == [{"user": "ada", "role": "owner"}]


@pytest.mark.parametrize("path", ["/serverkey", "/serversig/", f"/serversig/{FULL}", f"/serversig/{FULL}/"])
def test_r15_no_mirror_signatures(index: Index, stock: Stock, path: str) -> None:
    """The endpoints that PEP 464 ended are not there."""
    assert stock.get(path).status in {404, 410}


def test_r16_a_private_index_asks_to_sign_in(index: Index, stock: Stock, closed: Closed) -> None:
    """Who is nobody, or somebody else, is answered 401 with what pip asks its user by."""
    private = (closed.index, "/simple/"), (closed.index, "/simple/wren/"), (index, f"/simple/{PRIVATE}/")
    for at, path in (*private, (closed.index, "/simple/nobody-has-this/")):
        for headers in (
            {},
            basic("__token__", "hp_wrong"),
            basic("ada", "wrong"),
            {"Authorization": "Bearer x"},
        ):
            reply = at.request("GET", path, headers=headers)
            assert reply.status == 401, path
            assert reply.headers["www-authenticate"].startswith("Basic realm=")
    url = read_json(stock.page(PRIVATE, JSON).body)["files"][0]["url"]
    assert index.request("GET", url).status == 401
    assert stock.get(url).status == 200
