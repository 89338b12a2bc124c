"""Standards F.9, V49 to V54, and removals: what a running Homeport lets in, and what it lets go of."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD
from tests.support.archives import make_wheel
from tests.support.forms import basic, form_headers, multipart
from tests.support.index import Index, Reply, running

from homeport.adapters.db.driver import sqlite_driver

pytestmark = pytest.mark.journey

PROCESSES = 2


@dataclass(frozen=True)
class Strict:
    """An index with rules of its own, where ``ada`` uploads and ``root`` administers."""

    index: Index
    token: str

    def upload(self, project: str, version: str = "1.0", tag: str = "py3-none-any", note: str = "") -> Reply:
        """Upload a wheel; another ``note`` makes other bytes."""
        stem = project.replace("-", "_")
        data = make_wheel(stem, version, tag=tag, files={f"{stem}/note.txt": note.encode()})
        return self.index.upload(f"{stem}-{version}-{tag}.whl", data, self.token)

    def require_upload(self, project: str, version: str = "1.0", tag: str = "py3-none-any") -> None:
        """It is taken."""
        reply = self.upload(project, version, tag)
        assert reply.status == 200, reply.text

    def remove(self, project: str, version: str, **body: object) -> Reply:
        """Remove by the API."""
        return self.index.api("POST", f"/projects/{project}/releases/{version}/remove", self.token, **body)

    def age(self, project: str, days: int) -> None:
        """Let every release of a project have been registered so many days earlier."""
        connection = sqlite_driver().connect(self.index.home / "homeport.db", timeout=30)
        with connection:
            connection.execute(
                "UPDATE releases SET registered_at = strftime('%Y-%m-%dT%H:%M:%f000Z', registered_at, ?) "
                "WHERE project_id = (SELECT id FROM projects WHERE normalized = ?)",
                (f"-{days} days", project),
            )
        connection.close()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    """The index, in two processes."""
    folder = tmp_path_factory.mktemp("strict")
    (folder / "reserved.txt").write_text("# ours\nhomeport  # the program\nacme-*\n")
    with running(
        folder,
        "web",
        HOMEPORT_WORKERS=str(PROCESSES),
        HOMEPORT_RESERVED_NAMES=str(folder / "reserved.txt"),
        HOMEPORT_RELEASE_CLOSES_AFTER_DAYS="14",
    ) as index:
        token = index.add_user("ada")
        index.add_user("root", "--admin", password=PASSWORD)
        yield Strict(index, token)


def require_nothing(strict: Strict, project: str, reply: Reply, *words: str) -> None:
    """It was refused in these words, and nothing of it is there."""
    assert reply.status == 400, reply.text
    for word in words:
        assert word in reply.text
    assert strict.index.request("GET", f"/simple/{project}/").status == 404
    assert strict.index.incoming() == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("json", "standard library"),
        ("distutils", "standard library"),
        ("homeport", "reserved"),
        ("acme-x", "reserved"),
    ],
)
def test_v49_names_that_are_not_given(strict: Strict, name: str, why: str) -> None:
    """By upload, registration and API; an administrator may, and who owns it then uploads as usual."""
    require_nothing(strict, name, strict.upload(name), why)
    form = multipart([(":action", "submit"), ("metadata_version", "2.1"), ("name", name), ("version", "1.0")])
    registered = strict.index.request("POST", "/legacy/", form, form_headers(strict.token))
    require_nothing(strict, name, registered, why)
    assert strict.index.api("POST", "/projects", strict.token, name=name).status == 400
    if name != "acme-x":
        as_root = basic("root", PASSWORD)
        body = json.dumps({"name": name, "override": True})
        assert strict.index.request("POST", "/api/v1/projects", body, as_root).status == 201
        return
    assert strict.index.cli("project", "create", name, "--owner", "ada").returncode == 1
    strict.index.ask("project", "create", name, "--owner", "ada", "--override", "root")
    strict.require_upload(name)


def test_v50_look_alikes(strict: Strict) -> None:
    """A name that is taken for another is refused; it names the other project only where anybody may know of it."""
    strict.require_upload("solo-lil")
    for name in ("s0l0-lil", "sololil", "Solo.L1L", "so_lo_lii"):
        refused = strict.upload(name)
        assert refused.status == 400, refused.text
        assert "too similar to that of the project solo-lil" in refused.text
    assert strict.index.api("PUT", "/projects/solo-lil/visibility", strict.token, private=True).status == 200
    refused = strict.upload("s0l0-lil")
    assert (refused.status, "solo-lil" in refused.text) == (400, False)
    assert "too similar to one that is taken" in refused.text


def test_v51_releases_close(strict: Strict) -> None:
    """After two weeks a release takes no new file, not even after it was removed; the same file again is no new one."""
    strict.require_upload("closing")
    strict.require_upload("closing", tag="py2-none-any")
    strict.age("closing", 15)
    refused = strict.upload("closing", tag="py30-none-any")
    assert refused.status == 400
    assert "takes no new files after 14 days: release a new version" in refused.text
    strict.require_upload("closing")
    strict.require_upload("closing", "1.1")
    assert strict.remove("closing", "1.0", reason="Start over.").status == 200
    assert strict.upload("closing", "1.0.0").status == 400
    assert set(strict.index.simple("closing")) == {"closing-1.1-py3-none-any.whl"}


def test_v53_v54_one_release(strict: Strict) -> None:
    """Spellings of one version are one release, which is shown, found and yanked as one; files keep their names."""
    spelled = {"1.0": "py3-none-any", "1.0.0": "py2-none-any", "1": "py2.py3-none-any"}
    for version, tag in spelled.items():
        strict.require_upload("twins", version, tag)
    names = {f"twins-{version}-{tag}.whl" for version, tag in spelled.items()}
    for version, tag in (("2.0rc1", "py3-none-any"), ("2.0.0rc1", "py2-none-any")):
        strict.require_upload("twins", version, tag)
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    page = strict.index.request("GET", "/simple/twins/", headers=accept).json()
    assert page["versions"] == ["1.0", "2.0rc1"]
    assert names < {file["filename"] for file in page["files"]}
    for spelling in ("1", "1.0", "1.0.0", "v1.0"):
        told = strict.index.request("GET", f"/pypi/twins/{spelling}/json").json()
        assert (told["info"]["version"], {url["filename"] for url in told["urls"]}) == ("1.0", names)
    assert strict.index.request("GET", "/pypi/twins/2.0c1/json").json()["info"]["version"] == "2.0rc1"
    yanked = strict.index.api("POST", "/projects/twins/releases/1.0.0/yank", strict.token, reason="Broken.")
    assert set(yanked.json()["yanked"]) == names
    feed = strict.index.request("GET", "/rss/project/twins/releases.xml").text
    assert feed.count("<item>") == 2


def test_w17_what_is_removed_is_gone_at_once(strict: Strict) -> None:
    """Every process answers 404 for file and metadata from then on; the very same bytes come back, others never."""
    strict.require_upload("secret")
    name = "secret-1.0-py3-none-any.whl"
    url = strict.index.simple("secret")[name]["url"]
    for path in (url, f"{url}.metadata") * 4:
        assert strict.index.request("GET", path).status == 200
    assert strict.remove("secret", "1.0", reason="A key.", files=[name]).json()["removed"] == [name]
    for _ in range(8 * PROCESSES):
        for path in (url, f"{url}.metadata"):
            assert strict.index.request("GET", path).status == 404
        assert strict.index.simple("secret") == {}
    refused = strict.upload("secret", note="other")
    assert refused.status == 400
    assert refused.text.startswith("This filename was previously used")
    assert "already exist" not in refused.text
    strict.require_upload("secret")
    assert strict.index.request("GET", url).status == 200


def test_removals_by_command(strict: Strict) -> None:
    """The command shows what goes and wants a yes; the store keeps the bytes, and says so."""
    strict.require_upload("gone")
    name = "gone-1.0-py3-none-any.whl"
    asked = strict.index.cli("release", "remove", "gone", "1.0", "--reason", "A key.")
    assert asked.returncode == 1
    assert name in asked.stderr
    assert "say --yes" in asked.stderr
    assert set(strict.index.simple("gone")) == {name}
    done = strict.index.ask("release", "remove", "gone", "1.0.0", "--reason", "A key.", "--yes")
    assert "1 file removed" in done
    assert strict.index.simple("gone") == {}
    verified = strict.index.json("verify")
    assert (verified["problems"], verified["removed_but_stored"] > 0) == ([], True)


def test_quotas_by_command(strict: Strict) -> None:
    """An administrator gives a project less than it has: nothing goes, and nothing more comes."""
    strict.require_upload("full")
    told = strict.index.json("project", "quota", "full", "1KiB", "--as", "root")
    assert (told["quota"], told["used"] > 0) == (1024, True)
    refused = strict.upload("full", "2.0")
    assert (refused.status, "of a quota of 1 KiB" in refused.text) == (400, True)
    as_root = basic("root", PASSWORD)
    path = "/api/v1/projects/full/quota"
    assert strict.index.request("PUT", path, '{"quota": "default"}', as_root).status == 200
    strict.require_upload("full", "2.0")
    assert strict.index.json("user", "quota", "ada", "0", "--as", "root")["quota"] == 0
    assert "What ada uploaded" in strict.upload("full", "3.0").text
    changed = strict.index.request("PUT", "/api/v1/users/ada/quota", '{"quota": "default"}', as_root)
    assert changed.json()["quota"] is None
    strict.require_upload("full", "3.0")


def test_a_wrong_list_stops_the_start(tmp_path: Path) -> None:
    """Settings that cannot hold are told at the start, all of them at once, by line and by name."""
    (tmp_path / "reserved.txt").write_text("fine\n-not fine\n")
    index = Index(
        tmp_path,
        HOMEPORT_RESERVED_NAMES=str(tmp_path / "reserved.txt"),
        HOMEPORT_MAX_FILE="large",
        HOMEPORT_DISK_RESERVE="100%",
        HOMEPORT_RELEASE_CLOSES_AFTER_DAYS="0",
    )
    told = index.cli("web")
    assert told.returncode == 1
    for word in (
        "line 2",
        "HOMEPORT_MAX_FILE",
        "HOMEPORT_DISK_RESERVE",
        "HOMEPORT_RELEASE_CLOSES_AFTER_DAYS",
    ):
        assert word in told.stderr
