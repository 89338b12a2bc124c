"""Standards F.7, S01 to S09: caching and serials, on a running Homeport."""

from collections.abc import Callable

import pytest
from tests.journeys.checks.conftest import Closed
from tests.journeys.checks.pages import JSON, TEXT_HTML, TYPES, read_json
from tests.journeys.checks.stock import (
    CACHE,
    DISPLAY,
    EXT,
    FULL,
    LISTED,
    PRIVATE,
    READABLE,
    WHEEL,
    Stock,
    wheel,
)
from tests.journeys.conftest import People
from tests.support.forms import basic, form_headers, multipart
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

SERIAL = "x-pypi-last-serial"
OPEN = "access-control-allow-origin"
PAGES = ("/simple/", f"/simple/{FULL}/")


def directives(reply: Reply) -> set[str]:
    """What the answer says to caches."""
    return {part.strip() for part in reply.headers["cache-control"].split(",")}


@pytest.mark.parametrize("path", PAGES)
def test_s01_each_representation_has_its_tag(stock: Stock, path: str) -> None:
    """Every type and every coding of a page has a strong tag of its own."""
    codings = ("identity", "gzip")
    replies = [stock.get(path, accept, Accept_Encoding=coding) for accept in TYPES for coding in codings]
    tags = {reply.headers["etag"] for reply in replies}
    assert len(tags) == len(replies)
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("accept", TYPES)
def test_s02_unchanged_pages_are_304(stock: Stock, path: str, accept: str) -> None:
    """Who has the page is told so, with the fields that caches renew; who has another representation is not."""
    page = stock.get(path, accept)
    other = stock.get(path, next(one for one in TYPES if one != accept))
    for known in (page.headers["etag"], f"W/{page.headers['etag']}", f'"x", {page.headers["etag"]}', "*"):
        reply = stock.get(path, accept, If_None_Match=known)
        assert (reply.status, reply.body) == (304, b"")
        for field in ("etag", "vary", "cache-control", SERIAL):
            assert reply.headers[field] == page.headers[field]
    for stale in (other.headers["etag"], '"x"', page.headers["etag"].strip('"')):
        assert stock.get(path, accept, If_None_Match=stale).status == 200


@pytest.mark.parametrize("accept", TYPES)
def test_s03_an_upload_is_seen_at_once(index: Index, people: People, project: str, accept: str) -> None:
    """The first request after an upload gets the page with the new file, also with the tag of the old page."""
    paths = (f"/simple/{project}/", "/simple/")
    names = [f"{project}-{version}-py3-none-any.whl" for version in ("1.0", "1.1", "1.2")]
    assert index.upload(names[0], wheel(names[0]), people.ada).status == 200
    for name in names[1:]:
        before = [index.request("GET", path, headers={"Accept": accept}) for path in paths]
        assert index.upload(name, wheel(name), people.ada).status == 200
        for path, old in zip(paths, before, strict=True):
            headers = {"Accept": accept, "If-None-Match": old.headers["etag"]}
            reply = index.request("GET", path, headers=headers)
            assert reply.status == 200
            assert reply.headers["etag"] != old.headers["etag"]
        assert name in index.request("GET", paths[0], headers={"Accept": accept}).text


@pytest.mark.parametrize("path", PAGES)
def test_s04_pages_are_always_revalidated(stock: Stock, path: str) -> None:
    """Nobody may show a page without asking: pip 26.2 would believe an age, and unearth its own of seven days."""
    for accept in TYPES:
        assert directives(stock.get(path, accept)) == {"no-cache"}


def test_s05_what_one_may_read_is_for_one(index: Index, people: People, stock: Stock, closed: Closed) -> None:
    """Pages, files and documents that need signing in are kept by no shared cache, and open to no other site."""
    reader = basic("ada", closed.password)
    private = [closed.index.request("GET", path, headers=reader) for path in ("/simple/", "/simple/wren/")]
    file = private[1].headers["etag"]
    private.append(closed.index.request("GET", "/simple/wren/", headers=reader | {"If-None-Match": file}))
    shown = stock.page(PRIVATE, JSON)
    url = read_json(shown.body)["files"][0]["url"]
    private += [shown, stock.page(PRIVATE, JSON, If_None_Match=shown.headers["etag"])]
    private += [stock.get(path) for path in (url, f"{url}.metadata", f"/pypi/{PRIVATE}/json")]
    assert [reply.status for reply in private] == [200, 200, 304, 200, 304, 200, 200, 200]
    private += [
        index.api("GET", f"/projects/{FULL}", people.ada),
        index.request("GET", f"/simple/{PRIVATE}/"),
    ]
    for reply in private:
        assert directives(reply) & {"private", "no-store"}
        assert "public" not in directives(reply)
        assert OPEN not in reply.headers
    for reply in private[:-2]:
        assert "Authorization" in {name.strip() for name in reply.headers["vary"].split(",")}


def test_s06_s08_serials_are_those_of_the_ledger(index: Index, stock: Stock) -> None:
    """A page tells the serial of its project's last change, the list that of the index; JSON says the same."""
    entries = index.json("ledger", "show")
    # What was agreed to, and that a run ended, changes no page.
    last = {
        entry["project"]: entry["seq"]
        for entry in entries
        if not entry["kind"].startswith(("consent-", "rehost-"))
    }
    for name in READABLE:
        page = stock.page(name, JSON)
        assert int(page.headers[SERIAL]) == last[name], name
        assert read_json(page.body)["meta"]["_last-serial"] == last[name]
        assert f"<!--SERIAL {last[name]}-->" in stock.page(name, TEXT_HTML).text
    listed = stock.get("/simple/", JSON)
    assert int(listed.headers[SERIAL]) == read_json(listed.body)["meta"]["_last-serial"] == entries[-1]["seq"]
    # Links were listed, files came home: these were the last changes of their projects' pages.
    kinds = {entry["seq"]: entry["kind"] for entry in entries}
    assert (kinds[last[EXT]], kinds[last[CACHE]]) == ("links-listed", "file-published")
    of_each = {one["name"]: one["_last-serial"] for one in read_json(listed.body)["projects"]}
    assert {DISPLAY if name == FULL else name: last[name] for name in LISTED}.items() <= of_each.items()


def test_s07_every_change_has_a_greater_serial(
    index: Index, people: People, stock: Stock, project: str
) -> None:
    """Whatever alters a page raises its serial, and the list's; what alters nothing leaves both."""
    release, token = f"/projects/{project}/releases/1.0", people.ada
    name = f"{project}-1.0-py3-none-any.whl"

    def serials() -> tuple[int, int]:
        listed = index.request("GET", "/simple/").headers[SERIAL]
        return index.serial(project), int(listed)

    def register() -> Reply:
        form = multipart(
            [(":action", "submit"), ("metadata_version", "2.1"), ("name", project), ("version", "3.0")]
        )
        return index.request("POST", "/legacy/", form, form_headers(token))

    changes: dict[str, Callable[[], Reply]] = {
        "create": lambda: index.api("POST", "/projects", token, name=project),
        "upload": lambda: index.upload(name, wheel(name), token),
        "register": register,
        "yank": lambda: index.api("POST", f"{release}/yank", token, reason="off key"),
        "another reason": lambda: index.api("POST", f"{release}/yank", token, reason="out of tune"),
        "unyank": lambda: index.api("POST", f"{release}/unyank", token),
        "mode": lambda: index.api("PUT", f"/projects/{project}/mode", token, mode="pypi-cache", consent=True),
        "source": lambda: index.api(
            "POST", f"/projects/{project}/sources", token, kind="homepage", url="http://lark.example/"
        ),
        "status": lambda: index.api(
            "PUT", f"/projects/{project}/status", token, status="deprecated", reason="x"
        ),
        "its reason": lambda: index.api(
            "PUT", f"/projects/{project}/status", token, status="deprecated", reason="y"
        ),
        "active again": lambda: index.api("PUT", f"/projects/{project}/status", token, status="active"),
        "back": lambda: index.api("PUT", f"/projects/{project}/mode", token, mode="pypi-only"),
    }
    before = (0, 0)
    for what, change in changes.items():
        assert change().status in {200, 201}, what
        after = serials()
        assert after[0] > before[0], what
        assert after[1] >= after[0], what
        before = after
    # The same file again, a yank that is none, and a refusal are no changes.
    assert index.upload(name, wheel(name), token).status == 200
    assert index.api("POST", f"{release}/unyank", token).status == 200
    assert index.api("PUT", f"/projects/{project}/mode", token, mode="pypi-only").status == 409
    assert serials() == before


def test_s09_open_to_read_and_closed_to_write(index: Index, people: People, stock: Stock) -> None:
    """Scripts of every site may read what everybody may; no answer to a write tells a browser to hand itself over."""
    file = index.simple(FULL)[WHEEL]["url"]
    documents = (f"/pypi/{FULL}/json", "/rss/updates.xml", "/stats/")
    for path in (*PAGES, file, f"{file}.metadata", "/simple/nobody-has-this/", *documents):
        assert index.request("GET", path).headers[OPEN] == "*", path
    filename = "wren-1.0-py3-none-any.whl"
    writes = [
        index.upload(filename, b"", people.ada),
        index.upload(filename, b"", "hp_wrong"),
        index.api("POST", "/projects", people.ada, name="-x"),
        index.api("POST", f"/projects/{FULL}/releases/1.0/yank", people.bob),
        index.request("OPTIONS", "/legacy/", headers={"Origin": "http://evil.example"}),
        index.request("OPTIONS", "/api/v1/projects", headers={"Origin": "http://evil.example"}),
        index.request("POST", "/sign-in/", b"", {"Origin": "http://evil.example"}),
    ]
    for reply in writes:
        assert reply.status >= 400
        assert not any(name.startswith("access-control-allow") for name in reply.headers)
