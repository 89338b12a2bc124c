"""Standards F.8, the other actions and the links of old, asked of a running Homeport."""

import hashlib
from typing import Any

import pytest
from tests.journeys.checks.stock import finished, start_plan
from tests.journeys.conftest import People
from tests.support.abroad import Abroad
from tests.support.archives import make_wheel
from tests.support.forms import FilePart, form_headers, multipart
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey


def act(index: Index, token: str, action: str, *fields: tuple[str, str], path: str = "/legacy/") -> Reply:
    """Call an action without a file."""
    return index.request("POST", path, multipart([(":action", action), *fields]), form_headers(token))


def shown(index: Index, token: str, project: str) -> dict[str, Any]:
    """A project as its maintainers see it."""
    told: dict[str, Any] = index.api("GET", f"/projects/{project}", token).json()
    return told


@pytest.mark.parametrize("is_form", [True, False])
def test_w32_submit_updates(index: Index, people: People, project: str, *, is_form: bool) -> None:
    """A release that is registered again is updated, never doubled; plain forms register as well as multipart."""
    for version, summary in (("1.0", "A bird."), ("1.0.0", "A small bird."), ("v1", "A small brown bird.")):
        fields = [("name", project), ("version", version), ("summary", summary), ("metadata_version", "1.0")]
        if is_form:
            reply = act(index, people.ada, "submit", *fields)
        else:
            pairs = "&".join(
                f"{name}={value.replace(' ', '+')}" for name, value in [(":action", "submit"), *fields]
            )
            headers = form_headers(people.ada) | {"Content-Type": "application/x-www-form-urlencoded"}
            reply = index.request("POST", "/legacy/", pairs, headers)
        assert reply.status == 200, reply.text
    assert shown(index, people.ada, project)["versions"] == ["1.0"]
    assert index.request("GET", f"/pypi/{project}/json").json()["info"]["summary"] == "A small brown bird."


def test_w32_submit_pkg_info(index: Index, people: People, project: str) -> None:
    """A PKG-INFO that is sent as a file registers the release it describes; what is none is refused with the reason."""

    def send(data: bytes, name: str = "pkginfo") -> Reply:
        body = multipart([(":action", "submit_pkg_info")], [FilePart("PKG-INFO", data, name)])
        return index.request("POST", "/pypi", body, form_headers(people.ada))

    taken = send(f"Metadata-Version: 1.0\nName: {project}\nVersion: 1.0\nSummary: A bird.\n".encode())
    assert taken.status == 200, taken.text
    assert shown(index, people.ada, project)["versions"] == ["1.0"]
    for data, words in (
        (b"", "no PKG-INFO"),
        (b"Summary: A bird.\n", "Name"),
        (b"x" * 1_100_000, "larger than"),
    ):
        refused = send(data)
        assert refused.status in {400, 413}
        assert words in refused.text


def test_w33_verify_changes_nothing(index: Index, people: People, project: str) -> None:
    """A registration is looked at as it would be, with every problem, and nothing is registered."""
    good = [("name", project), ("version", "1.0")]
    reply = act(index, people.ada, "verify", *good)
    assert (reply.status, reply.text) == (200, "Validated OK\n")
    assert index.request("GET", f"/simple/{project}/").status == 404
    refused = act(index, people.ada, "verify", ("name", "-"), ("version", "no version at all!"))
    assert refused.status == 400
    assert "2 problems" in refused.text
    refused = act(index, people.ada, "verify", *good, ("download_url", "https://elsewhere.example/lark.tgz"))
    assert (refused.status, "is pypi-only" in refused.text) == (400, True)
    assert act(index, people.ada, "submit", *good).status == 200
    assert act(index, people.bob, "verify", *good).status == 403


@pytest.mark.parametrize("action", ["burn", "", "FILE_UPLOAD", "list_classifiers", "x" * 5_000, "é\0"])
def test_w34_unknown_actions(index: Index, people: People, action: str) -> None:
    """What nobody knows is refused with what is known."""
    refused = act(index, people.ada, action)
    assert refused.status == 400
    assert "one of file_upload, submit, submit_pkg_info, verify, urls is wanted" in refused.text
    assert len(refused.text) < 300


@pytest.mark.parametrize("action", ["doc_upload", "user", "password_reset"])
def test_w35_what_is_gone(index: Index, people: People, action: str) -> None:
    """Actions of old are gone, and the answer says where to turn."""
    body = multipart([(":action", action), ("name", "lark")], [])
    gone = index.request("POST", "/pypi", body, form_headers(people.ada))
    assert gone.status == 410
    assert len(gone.text) > 40
    assert act(index, "hp_wrong", action).status == 401


def test_old_links(index: Index, project: str) -> None:
    """Links to the pages of 2010 lead to those of today; what is no page is said to be none."""
    for query, target in {
        ":action=display&name=Foo.Bar&version=1.0": "/project/foo-bar/",
        ":action=files&name=foo&version=1.0": "/project/foo/",
        ":action=browse&c=533": "/search/",
        ":action=search&term=a+b%26c": "/search/?q=a+b%26c",
        ":action=rss": "/rss/updates.xml",
        ":action=packages_rss": "/rss/packages.xml",
        ":action=index": "/simple/",
    }.items():
        for path in ("/pypi", "/pypi/", "/legacy/"):
            reply = index.request("GET", f"{path}?{query}")
            assert (reply.status, reply.headers["location"]) == (301, target)
    for query, status in {
        ":action=doap&name=foo": 410,
        ":action=display&name=../../etc": 400,
        ":action=display": 400,
        ":action=burn": 400,
        ":action=": 400,
    }.items():
        reply = index.request("GET", f"/pypi?{query}")
        assert (reply.status, reply.headers["content-type"]) == (status, "text/plain; charset=utf-8")


NOMINATE = ("submit_new_url", "yes")


def test_urls_in_every_mode(index: Index, people: People, project: str, abroad: Abroad) -> None:
    """A nominated URL is refused with the reason by a pypi-only project, and waits for a plan of a pypi-cache one."""
    name = f"{project}-1.0-py3-none-any.whl"
    data = make_wheel(project)
    abroad.file(name, data)
    url = f"{abroad.url}/{name}#sha256={hashlib.sha256(data).hexdigest()}"
    good = [("name", project), ("version", "1.0"), ("new-url", url), NOMINATE]
    assert act(index, people.ada, "urls", *good).status == 404
    assert act(index, people.ada, "submit", *good[:2]).status == 200
    assert act(index, people.bob, "urls", *good).status == 403
    assert act(index, "hp_wrong", "urls", *good).status == 401
    refused = act(index, people.ada, "urls", *good)
    assert (refused.status, "is pypi-only" in refused.text) == (400, True)
    moved = index.api("PUT", f"/projects/{project}/mode", people.ada, mode="pypi-cache", consent=True)
    assert moved.status == 200, moved.text
    taken = act(index, people.ada, "urls", *good, path="/pypi")
    assert (taken.status, "is hosted when its release is registered" in taken.text) == (200, True)
    assert index.hosted(project) == {}
    sources = shown(index, people.ada, project)["sources"]
    assert [(source["kind"], source["url"]) for source in sources] == [("urls", url)]
    number = start_plan(index, people.ada, project)
    digest = finished(index, people.ada, number)["plan_digest"]
    index.api("POST", f"/rehosts/{number}/accept", people.ada, plan_digest=digest, basis="author")
    assert finished(index, people.ada, number)["state"] == "published"
    assert index.hosted(project) == {name: hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([], "There is no new-url"),
        ([("new-url", "")], "There is no new-url"),
        ([("new-url", "https://x.example/{name}")], "must end with the hash"),
        ([("new-url", "https://x.example/{name}#md5=0123")], "must end with the hash"),
        ([("new-url", "https://x.example/#sha256={digest}")], "names no release file"),
        ([("new-url", "https://x.example/other-1.0.zip#sha256={digest}")], "does not name the project"),
        ([("new-url", "javascript:alert(1)#md5=0")], "javascript:alert(1)"),
        ([("new-url", "https://x.example/{name}#sha256={digest}"), ("version", "2.0")], "no release 2.0"),
        ([("url-ids", "3"), ("submit_remove", "yes")], "nothing else"),
        ([("hosting_mode", "pypi-only"), ("submit_hosting_mode", "yes")], "homeport mode set"),
    ],
)
def test_urls_that_are_none(
    index: Index, people: People, project: str, fields: list[tuple[str, str]], words: str
) -> None:
    """What is no nomination is refused with the reason, and nothing is remembered."""
    assert index.api("POST", "/projects", people.ada, name=project, mode="pypi-cache").status == 201
    filled = [
        (field, value.replace("{name}", f"{project}-1.0.zip").replace("{digest}", "0" * 64))
        for field, value in fields
    ]
    version = [] if any(field == "version" for field, _ in fields) else [("version", "1.0")]
    refused = act(index, people.ada, "urls", ("name", project), *version, *filled)
    assert refused.status == 400, refused.text
    assert words in refused.text
    assert shown(index, people.ada, project)["sources"] == []
