"""Standards F.6: yanks and status markers, and what they stop, on a running Homeport."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.checks.pages import JSON, TEXT_HTML, read_html, read_json
from tests.journeys.checks.stock import (
    ARCHIVED,
    CACHE,
    DEPRECATED,
    FULL,
    ONLY,
    QUARANTINED,
    REASON,
    YANKED,
    Stock,
    finished,
    mark,
    start_plan,
    wheel,
)
from tests.journeys.conftest import People
from tests.support.abroad import Abroad
from tests.support.archives import make_wheel
from tests.support.clients import Pip, require_success, said, say_version
from tests.support.forms import basic, form_headers, multipart
from tests.support.index import Index, Reply

pytestmark = pytest.mark.journey

STATUS = {ARCHIVED: "archived", DEPRECATED: "deprecated", QUARANTINED: "quarantined"}
CLOSED = ("archived", "quarantined")


def wheel_name(project: str, version: str) -> str:
    """The name of a release's only file."""
    return f"{project.replace('-', '_')}-{version}-py3-none-any.whl"


class Owner:
    """Somebody who releases a project, and marks it."""

    def __init__(self, index: Index, token: str, project: str) -> None:
        self.index, self.token, self.project = index, token, project

    def upload(self, version: str) -> Reply:
        """Upload a wheel of this version."""
        filename = wheel_name(self.project, version)
        return self.index.upload(filename, wheel(filename), self.token)

    def register(self, version: str, **fields: str) -> Reply:
        """Register this version, which crawls in pypi-cache mode."""
        metadata = {"metadata_version": "2.1", "name": self.project, "version": version} | fields
        return self.post({":action": "submit"} | metadata)

    def post(self, fields: dict[str, str]) -> Reply:
        """Post a form."""
        return self.index.request("POST", "/legacy/", multipart(fields.items()), form_headers(self.token))

    def call(self, method: str, path: str, **body: Any) -> Reply:
        """A call of the JSON API about the project."""
        return self.index.api(method, f"/projects/{self.project}{path}", self.token, **body)

    def mark(self, status: str, reason: str = "for a check") -> None:
        """Give the project this status; an administrator does it, who may do all of it."""
        mark(self.index, self.project, status, reason)

    def shown(self) -> tuple[dict[str, bool | str], dict[str, str | None]]:
        """How each file is marked in JSON; and in HTML, where a file without a mark is not named."""
        page = f"/simple/{self.project}/"
        in_json = read_json(self.index.request("GET", page, headers={"Accept": JSON}).body)["files"]
        in_html = read_html(page, self.index.request("GET", page, headers={"Accept": TEXT_HTML}).body)
        marked = [anchor for anchor in in_html.files if "data-yanked" in anchor.attributes]
        return (
            {file["filename"]: file["yanked"] for file in in_json},
            {anchor.text: anchor.attributes["data-yanked"] for anchor in marked},
        )

    def statuses(self) -> tuple[Any, list[str | None]]:
        """The marker in JSON and in HTML; ``None`` and nothing without one."""
        page = f"/simple/{self.project}/"
        in_json = read_json(self.index.request("GET", page, headers={"Accept": JSON}).body)
        in_html = read_html(page, self.index.request("GET", page, headers={"Accept": TEXT_HTML}).body)
        return in_json.get("project-status"), in_html.meta("pypi:project-status")


@pytest.fixture
def ada(index: Index, people: People, project: str, stock: Stock) -> Owner:
    """The owner of a project with one release."""
    owner = Owner(index, people.ada, project)
    assert owner.upload("1.0").status == 200
    return owner


def test_q01_yanked_files_stay(index: Index, stock: Stock) -> None:
    """A yanked file is listed, and downloaded, and so is its metadata."""
    files = index.simple(FULL)
    for name in YANKED:
        assert stock.get(files[name]["url"]).body == stock.files[FULL][name]
        if files[name]["core-metadata"]:
            assert stock.get(f"{files[name]['url']}.metadata").status == 200


def test_q02_q03_yank_and_unyank(ada: Owner) -> None:
    """Both serializations show each yank, with its reason or none, and each return from it, at once."""
    name = wheel_name(ada.project, "1.0")
    for reason in ("", REASON, ""):
        assert ada.call("POST", "/releases/1.0/yank", reason=reason).status == 200
        assert ada.shown() == ({name: reason or True}, {name: reason})
        assert ada.call("POST", "/releases/1.0/unyank").status == 200
        assert ada.shown() == ({name: False}, {})


def test_q02_single_files(ada: Owner) -> None:
    """One file of a release is yanked and unyanked apart from the others."""
    first, second = wheel_name(ada.project, "1.0"), f"{ada.project}-1.0-py2-none-any.whl"
    other = make_wheel(ada.project, "1.0", tag="py2-none-any")
    assert ada.index.upload(second, other, ada.token).status == 200
    assert ada.call("POST", "/releases/1.0/yank", files=[second], reason="py2").status == 200
    assert ada.shown() == ({first: False, second: "py2"}, {second: "py2"})
    assert ada.call("POST", "/releases/1.0/unyank", files=[second]).status == 200
    assert ada.shown() == ({first: False, second: False}, {})


def test_q04_pip_passes_yanked_releases_over(ada: Owner, pip: Pip, tmp_path: Path) -> None:
    """Pip takes the newest that is not yanked; it takes the yanked one for ``==``, and warns with the reason."""
    assert ada.upload("2.0").status == 200
    assert ada.call("POST", "/releases/2.0/yank", reason="It sings off key.").status == 200
    done = require_success(pip.install(ada.index, tmp_path / "any", ada.project))
    assert say_version(sys.executable, tmp_path / "any", ada.project) == "1.0"
    assert "yanked" not in said(done)
    done = require_success(pip.install(ada.index, tmp_path / "that", f"{ada.project}==2.0"))
    assert say_version(sys.executable, tmp_path / "that", ada.project) == "2.0"
    assert "yanked version" in said(done)
    assert "It sings off key." in said(done)


def test_q05_archived_takes_nothing_and_keeps_all(index: Index, people: People, stock: Stock) -> None:
    """An archived project refuses uploads; its files are listed and served."""
    refused = Owner(index, people.ada, ARCHIVED).upload("2.0")
    assert refused.status == 400
    assert "is archived" in refused.text
    assert require_offered(stock, ARCHIVED) == "archived"


def require_offered(stock: Stock, project: str) -> str:
    """Every file of the project is listed and served; its status."""
    page = read_json(stock.page(project, JSON).body)
    assert {file["filename"] for file in page["files"]} == set(stock.files[project]) != set()
    for file in page["files"]:
        assert stock.get(file["url"]).body == stock.files[project][file["filename"]]
    return str(page.get("project-status", {"status": "active"})["status"])


def test_q06_quarantined_offers_and_takes_nothing(index: Index, people: People, ada: Owner) -> None:
    """A quarantined project refuses uploads and lists nothing, and the URLs of its files and metadata stop working."""
    name = wheel_name(ada.project, "1.0")
    url = index.simple(ada.project)[name]["url"]
    assert {index.request("GET", path).status for path in (url, f"{url}.metadata")} == {200}
    ada.mark("quarantined", "malware")
    assert ada.shown() == ({}, {})
    assert ada.upload("2.0").status == 400
    for path in (url, f"{url}.metadata", f"/pypi/{ada.project}/json"):
        for headers in ({}, basic("__token__", people.ada), {"Range": "bytes=0-9"}):
            assert index.request("GET", path, headers=headers).status == 404, path
    packages = f"/packages/{url.split('/')[2][:2]}/{url.split('/')[2][2:4]}/{url.split('/')[2][4:]}/{name}"
    moved = index.request("GET", packages)
    assert index.request("GET", moved.headers["location"]).status == 404


def test_q07_deprecated_goes_on(index: Index, ada: Owner, stock: Stock) -> None:
    """A deprecated project takes uploads as before, and lists its files with the marker."""
    assert require_offered(stock, DEPRECATED) == "deprecated"
    ada.mark("deprecated", REASON)
    assert ada.upload("2.0").status == 200
    assert set(index.hosted(ada.project)) == {wheel_name(ada.project, version) for version in ("1.0", "2.0")}
    assert ada.statuses() == ({"status": "deprecated", "reason": REASON}, ["deprecated"])


def test_q08_active_has_no_marker(ada: Owner, stock: Stock) -> None:
    """An active project takes uploads, and bears no marker."""
    assert require_offered(stock, ONLY) == require_offered(stock, CACHE) == "active"
    assert ada.upload("2.0").status == 200
    assert ada.statuses() == (None, [])


@pytest.mark.parametrize("status", CLOSED)
def test_q09_no_registration_and_no_crawl(
    index: Index, people: People, project: str, abroad: Abroad, stock: Stock, status: str
) -> None:
    """A closed project of files outside is not registered, planned or updated, and nobody asks the site for it."""
    ada = Owner(index, people.ada, project)
    assert index.api("POST", "/projects", ada.token, name=project, mode="pypi-cache").status == 201
    assert ada.call("POST", "/sources", kind="homepage", url=f"{abroad.url}/").status == 200
    abroad.wheels(project, "1.0")
    ada.mark(status)
    for reply in (
        ada.register("1.0", home_page=f"{abroad.url}/"),
        ada.call("POST", "/rehosts"),
        ada.call("POST", "/rehosts", version="1.0"),
        ada.call("POST", "/update-cache"),
        ada.upload("1.0"),
    ):
        assert 400 <= reply.status < 500, reply.text
        assert status in reply.text
    assert abroad.outside.asked == []
    assert index.hosted(project) == {}


@pytest.mark.parametrize("status", CLOSED)
def test_q09_no_plan_is_published(
    index: Index, people: People, project: str, abroad: Abroad, stock: Stock, status: str
) -> None:
    """What was planned before a project was closed is not published after it."""
    ada = Owner(index, people.ada, project)
    assert index.api("POST", "/projects", ada.token, name=project, mode="pypi-cache").status == 201
    assert ada.call("POST", "/sources", kind="homepage", url=f"{abroad.url}/").status == 200
    abroad.wheels(project, "1.0")
    plan = finished(index, ada.token, start_plan(index, ada.token, project))
    ada.mark(status)
    body = {"plan_digest": plan["plan_digest"], "basis": "author"}
    refused = index.api("POST", f"/rehosts/{plan['id']}/accept", ada.token, **body)
    assert 400 <= refused.status < 500, refused.text
    ada.mark("active")
    assert index.hosted(project) == {}


@pytest.mark.parametrize("status", CLOSED)
def test_q09_no_urls(ada: Owner, status: str) -> None:
    """``:action=urls`` of PEP 438 adds nothing to a project that takes no files."""
    ada.mark(status)
    fields = {"name": ada.project, "version": "1.0", "submit_new_url": "yes"}
    url = f"http://files.example.org/{wheel_name(ada.project, '1.0')}#sha256={'0' * 64}"
    refused = ada.post({":action": "urls", "new-url": url} | fields)
    assert refused.status == 400
    assert f"is {status}: it takes no new files" in refused.text


@pytest.mark.parametrize("path", ["/legacy/", "/pypi", "/", "/upload/", "/simple/", "/api/v1/upload"])
def test_q09_no_upload_2(ada: Owner, path: str) -> None:
    """No address opens a session of Upload 2.0 (PEP 694, a draft): the request is refused, and nothing comes of it."""
    kind = "application/vnd.pypi.upload.v2+json"
    session = {"meta": {"api-version": "2.0"}, "name": ada.project, "version": "2.0"}
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": kind, "Accept": kind}
    reply = ada.index.request("POST", path, json.dumps(session), headers)
    assert reply.status in {400, 404, 405, 415}, reply.text
    assert list(ada.index.hosted(ada.project)) == [wheel_name(ada.project, "1.0")]


def test_q10_the_list_omits_what_is_quarantined(index: Index, ada: Owner) -> None:
    """A quarantined project leaves the list at once, and comes back with its end."""

    def is_listed() -> set[bool]:
        in_json = index.request("GET", "/simple/", headers={"Accept": JSON}).json()["projects"]
        in_html = index.request("GET", "/simple/", headers={"Accept": TEXT_HTML}).text
        return {ada.project in {one["name"] for one in in_json}, f'href="/simple/{ada.project}/"' in in_html}

    assert is_listed() == {True}
    ada.mark("quarantined")
    assert is_listed() == {False}
    ada.mark("active")
    assert is_listed() == {True}


@pytest.mark.parametrize("status", CLOSED)
def test_q11_what_is_open_again_takes_files(index: Index, ada: Owner, status: str) -> None:
    """With its marker a project loses what the marker stopped: uploads work, files are listed and served, at once."""
    ada.mark(status)
    assert ada.upload("2.0").status == 400
    ada.mark("active")
    assert ada.upload("2.0").status == 200
    assert ada.statuses() == (None, [])
    files = index.simple(ada.project)
    assert set(files) == {wheel_name(ada.project, "1.0"), wheel_name(ada.project, "2.0")}
    assert {index.request("GET", file["url"]).status for file in files.values()} == {200}
