"""``/pypi/<name>/json``, ``/stats/``, the feeds, and the paths below which mirrors keep files (standards F.7)."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from tests.support.api_door import ApiDoor, Told, api_door
from tests.support.catalogue import publish
from tests.support.forms import basic

from homeport.api.app import api_routes
from homeport.domain.account import Caller, Scope
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode, Policy
from homeport.flows.change_status import change_visibility
from homeport.flows.manage_project import create_project
from homeport.flows.yank import yank

DOCUMENTS = {
    "/pypi/my-demo/json": "application/json",
    "/pypi/my-demo/1.0/json": "application/json",
    "/stats/": "application/json",
    "/rss/packages.xml": "text/xml; charset=utf-8",
    "/rss/updates.xml": "text/xml; charset=utf-8",
    "/rss/project/my-demo/releases.xml": "text/xml; charset=utf-8",
    "/pypi?:action=list_classifiers": "text/plain; charset=utf-8",
}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """A door to an index with My.Demo 1.0, which is ada's."""
    with api_door(tmp_path) as opened:
        ada = opened.user("ada")
        create_project(opened.world, ada, "My.Demo", HostingMode.ONLY)
        publish(opened.world, ada, "my-demo", "1.0", summary="A <small> bird")
        yield opened


def closed(door: ApiDoor) -> ApiDoor:
    """The same index, where everybody must sign in."""
    world = replace(door.world, policy=Policy(must_sign_in=True))
    return replace(door, world=world, app=Starlette(routes=api_routes(world)))


def without_date(told: Told) -> dict[str, str]:
    """The fields that are the answer's own."""
    return {name: value for name, value in told.headers.items() if name != "date"}


@pytest.mark.parametrize(("target", "media_type"), DOCUMENTS.items())
def test_s04_s09_documents(door: ApiDoor, target: str, media_type: str) -> None:
    """A document has its type and its length, a tag, is revalidated every time, and is open to scripts of other sites."""
    told = door.ask("GET", target)
    assert told.status == 200
    assert told.headers["content-type"] == media_type
    assert told.headers["content-length"] == str(len(told.body))
    assert told.headers["etag"] == f'"{Sha256.of(told.body).hex[:32]}"'
    assert told.headers["cache-control"] == "no-cache"
    assert told.headers["access-control-allow-origin"] == "*"
    assert told.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("target", DOCUMENTS)
def test_conditional_documents(door: ApiDoor, target: str) -> None:
    """Who has a document is told so, without a body; who has another one is given this one."""
    told = door.ask("GET", target)
    again = door.ask("GET", target, headers={"if-none-match": told.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == told.headers["etag"]
    assert again.headers["cache-control"] == "no-cache"
    assert door.ask("GET", target, headers={"if-none-match": '"other"'}).body == told.body


@pytest.mark.parametrize("target", DOCUMENTS)
def test_head_of_documents(door: ApiDoor, target: str) -> None:
    """HEAD says everything but the body."""
    head, got = door.ask("HEAD", target), door.ask("GET", target)
    assert (head.status, head.body) == (200, b"")
    assert without_date(head) == without_date(got)


@pytest.mark.parametrize("target", [target for target in DOCUMENTS if "?" not in target])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods(door: ApiDoor, target: str, method: str) -> None:
    """What is only read is read by GET and HEAD, and the answer names them."""
    told = door.ask(method, target)
    assert told.status == 405
    assert set(told.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_s06_s10_a_project(door: ApiDoor) -> None:
    """The document bears the project's serial, outside and inside, and scripts of other sites may read it."""
    told = door.ask("GET", "/pypi/my-demo/json")
    document = json.loads(told.body)
    with door.world.store.read() as tx:
        project = tx.projects.find("my-demo")
    assert project is not None
    assert told.headers["x-pypi-last-serial"] == str(project.serial) == str(document["last_serial"])
    assert told.headers["access-control-expose-headers"] == "X-PyPI-Last-Serial"
    assert (document["info"]["name"], document["info"]["summary"]) == ("My.Demo", "A <small> bird")
    assert [file["filename"] for file in document["urls"]] == ["my_demo-1.0-py3-none-any.whl"]
    assert document["ownership"]["roles"] == [{"role": "Owner", "user": "ada"}]


def test_s11_a_release(door: ApiDoor) -> None:
    """One release is told without the others, under any spelling of its version."""
    publish(door.world, door.user("ada"), "my-demo", "2.0rc1")
    for version in ("2.0rc1", "2.0-RC.1", "v2.0rc1"):
        document = json.loads(door.ask("GET", f"/pypi/my-demo/{version}/json").body)
        assert document["info"]["version"] == "2.0rc1"
        assert "releases" not in document
    assert json.loads(door.ask("GET", "/pypi/my-demo/json").body)["info"]["version"] == "1.0"


def test_s10_a_change_is_seen_at_once(door: ApiDoor) -> None:
    """After a yank the old tag gets the new document."""
    told = door.ask("GET", "/pypi/my-demo/json")
    yank(door.world, Caller(door.user("ada")), "my-demo", "1.0", reason="It bites.")
    again = door.ask("GET", "/pypi/my-demo/json", headers={"if-none-match": told.headers["etag"]})
    assert again.status == 200
    assert json.loads(again.body)["urls"][0]["yanked_reason"] == "It bites."


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/pypi/My.Demo/json", "/pypi/my-demo/json"),
        ("/pypi/MY__demo/json?a=b%20c", "/pypi/my-demo/json?a=b%20c"),
        ("/pypi/My.Demo/1.0/json", "/pypi/my-demo/1.0/json"),
        ("/pypi/My.Demo/1!1.0+local/json", "/pypi/my-demo/1!1.0+local/json"),
        ("/pypi/My.Demo/%22%0d%0a%C3%A9/json", "/pypi/my-demo/%22%0D%0A%C3%A9/json"),
        ("/pypi/Nobody.s/json", "/pypi/nobody-s/json"),
    ],
)
def test_s11_other_spellings(door: ApiDoor, target: str, location: str) -> None:
    """Another spelling of a name is sent to the one URL, with its query; nothing breaks out of the header."""
    told = door.ask("GET", target)
    assert (told.status, told.headers["location"]) == (301, location)


@pytest.mark.parametrize(
    "target",
    [
        "/pypi/nobody-s/json",
        "/pypi/-/json",
        "/pypi/no%20name/json",
        "/pypi/my-demo/2.0/json",
        "/pypi/my-demo/no%20version/json",
        "/pypi/nobody-s/1.0/json",
    ],
)
def test_s10_what_is_not_there(door: ApiDoor, target: str) -> None:
    """The answer is the one that scripts know from PyPI."""
    told = door.ask("GET", target)
    assert (told.status, json.loads(told.body)) == (404, {"message": "Not Found"})
    assert told.headers["content-type"] == "application/json"
    assert told.headers["access-control-allow-origin"] == "*"


def test_stats(door: ApiDoor) -> None:
    """The sum of all files, and the largest projects by name."""
    size = len("my_demo-1.0-py3-none-any.whl")
    told = door.ask("GET", "/stats/", headers={"accept": "application/json"})
    assert json.loads(told.body) == {
        "total_packages_size": size,
        "top_packages": {"My.Demo": {"size": size}},
    }


# Feeds


def items(told: Told) -> list[dict[str, str | None]]:
    """The items of a feed."""
    rss = ET.fromstring(told.body)  # noqa: S314 - our own
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    return [{element.tag: element.text for element in item} for item in rss.findall("channel/item")]


def test_s14_the_newest_projects(door: ApiDoor) -> None:
    """A new project is an item that leads to its page."""
    (item,) = items(door.ask("GET", "/rss/packages.xml"))
    assert (item["title"], item["description"]) == ("My.Demo is new", "A <small> bird")
    assert item["link"] == item["guid"] == "https://index.test/project/my-demo/"


@pytest.mark.parametrize("target", ["/rss/updates.xml", "/rss/project/my-demo/releases.xml"])
def test_s14_the_newest_releases(door: ApiDoor, target: str) -> None:
    """A new release is an item that leads to its project's page, and is no other's."""
    publish(door.world, door.user("ada"), "my-demo", "1.1", summary="A \x1b[1mbold\x1b[0m bird")
    new, old = items(door.ask("GET", target))
    assert (new["title"], old["title"]) == ("My.Demo 1.1", "My.Demo 1.0")
    assert new["link"] == old["link"] == "https://index.test/project/my-demo/"
    assert new["guid"] != old["guid"]
    assert new["description"] == "A \ufffd[1mbold\ufffd[0m bird"


def test_s14_no_feed_of_nobody(door: ApiDoor) -> None:
    """A project that is not there has no feed."""
    assert door.ask("GET", "/rss/project/nobody-s/releases.xml").status == 404


# Files


def test_s16_a_mirror_s_path_leads_to_the_file(door: ApiDoor) -> None:
    """The path in the JSON leads to the one URL of the file, for good; so does that of its metadata."""
    (file,) = json.loads(door.ask("GET", "/pypi/my-demo/json").body)["urls"]
    path = file["url"].removeprefix("https://index.test")
    home = f"/files/{file['digests']['sha256']}/{file['filename']}"
    for suffix in ("", ".metadata"):
        told = door.ask("GET", path + suffix)
        assert (told.status, told.headers["location"]) == (301, home + suffix)
        assert "immutable" in told.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/packages/aa/bb/cc/demo.whl",
        f"/packages/aa/bb/{'c' * 61}/demo.whl",
        f"/packages/AA/bb/{'c' * 60}/demo.whl",
        f"/packages/aa/bb/{'c' * 60}/..",
        f"/packages/aa/bb/{'c' * 60}/.hidden",
        f"/packages/aa/bb/{'c' * 60}/a%0d%0ab",
        f"/packages/aa/bb/{'c' * 60}/%C3%A9.whl",
    ],
)
def test_s16_other_paths_lead_nowhere(door: ApiDoor, path: str) -> None:
    """A path that is none of ours is not there."""
    assert door.ask("GET", path).status == 404


# Who may read


@pytest.mark.parametrize(
    "target", ["/pypi/my-demo/json", "/pypi/my-demo/1.0/json", "/rss/project/my-demo/releases.xml"]
)
def test_s05_a_private_project(door: ApiDoor, target: str) -> None:
    """A stranger is asked to sign in, who is no member is told there is nothing, and a member's copy is nobody else's."""
    change_visibility(door.world, Caller(door.user("ada")), "my-demo", is_private=True)
    stranger = door.ask("GET", target)
    assert (stranger.status, stranger.headers["www-authenticate"]) == (401, 'Basic realm="pypi"')
    assert door.ask("GET", target, headers=door.token("bob", Scope.READ)).status == 404
    assert door.ask("GET", target, headers=door.token("ada", Scope.UPLOAD)).status == 404
    told = door.ask("GET", target, headers=door.token("ada", Scope.READ))
    assert told.status == 200
    assert told.headers["cache-control"] == "private, no-cache"
    assert "access-control-allow-origin" not in told.headers


def test_s05_private_projects_are_in_no_list(door: ApiDoor) -> None:
    """Neither feeds nor sizes name a private project, whoever asks."""
    change_visibility(door.world, Caller(door.user("ada")), "my-demo", is_private=True)
    token = door.token("ada", Scope.READ)
    for target in ("/rss/packages.xml", "/rss/updates.xml", "/stats/"):
        told = door.ask("GET", target, headers=token)
        assert told.status == 200
        assert "demo" not in told.text.lower()


@pytest.mark.parametrize("target", [*DOCUMENTS, "/pypi/nobody-s/json"])
def test_s05_where_everybody_must_sign_in(door: ApiDoor, target: str) -> None:
    """A stranger learns nothing; who may read is given what is there, for nobody else."""
    if "classifiers" in target:
        assert closed(door).ask("GET", target).status == 200
        return
    shut = closed(door)
    assert shut.ask("GET", target).status == 401
    assert (
        shut.ask("GET", target, headers={"authorization": basic("ada", "wrong")["Authorization"]}).status
        == 401
    )
    told = shut.ask("GET", target, headers=shut.token("bob", Scope.READ))
    if "nobody" in target:
        assert told.status == 404
    else:
        assert (told.status, told.headers["cache-control"]) == (200, "private, no-cache")


# The list of classifiers


@pytest.mark.parametrize("path", ["/pypi", "/pypi/"])
def test_s15_the_list_of_classifiers(door: ApiDoor, path: str) -> None:
    """One classifier a line, those of today among them; any other address of ``/pypi`` helps as before."""
    lines = door.ask("GET", f"{path}?:action=list_classifiers").text.splitlines()
    assert "Programming Language :: Python :: 3" in lines
    assert len(lines) == len(set(lines)) > 500
    assert "twine upload" in door.ask("GET", path).text


@pytest.mark.parametrize("path", ["/legacy/", "/pypi", "/api/v1/projects"])
def test_s09_nothing_that_writes_is_open(door: ApiDoor, path: str) -> None:
    """Scripts of other sites may read, and never write or call with somebody's credentials."""
    for headers in ({}, door.token("ada"), {"content-type": "text/xml"}):
        told = door.ask("POST", path, [b"{}"], headers)
        assert not any(name.startswith("access-control-") for name in told.headers)
