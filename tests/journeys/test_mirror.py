"""A real bandersnatch mirrors a Homeport: all of it, then what changed, and finds nothing wrong (S12, S16)."""

import json
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.archives import make_sdist, make_wheel, metadata_bytes
from tests.support.clients import Pip, require_success, said
from tests.support.index import SIMPLE_JSON, Finished, Index, running
from tests.support.mirror import MASTER, Front, Mirror, fronted

pytestmark = pytest.mark.journey

SERIAL = "x-pypi-last-serial"


@pytest.fixture
def mirrored(tmp_path: Path) -> Iterator[tuple[Index, Front]]:
    """An index that is known by the name of the TLS in front of it."""
    with running(tmp_path / "index", "web", HOMEPORT_BASE_URL=MASTER) as index, fronted(index) as front:
        yield index, front


def publish(index: Index, token: str, project: str, version: str, *, python: str = "") -> dict[str, bytes]:
    """Upload a wheel and an sdist; their bytes by name."""
    stem = f"{project.lower().replace('.', '_')}-{version}"
    metadata = metadata_bytes(project, version, fields=[("Requires-Python", python)] if python else [])
    files = {
        f"{stem}-py3-none-any.whl": make_wheel(project, version, metadata=metadata),
        f"{stem}.tar.gz": make_sdist(project, version),
    }
    for name, data in files.items():
        reply = index.upload(name, data, token, name=project)
        assert reply.status == 200, reply.text
    return files


def in_step(mirror: Mirror) -> Finished:
    """Run ``mirror``; it says nothing of an error."""
    done = require_success(mirror("mirror"))
    assert "ERROR" not in said(done), said(done)
    return done


def simple(mirror: Mirror, project: str) -> dict[str, Any]:
    """What the mirror itself says of a project's files, by name."""
    page = json.loads((mirror.web / "simple" / project / "index.v1_json").read_text())
    return {file["filename"]: file for file in page["files"]}


def call(index: Index, method: str, *arguments: Any) -> Any:
    """What a call of the running index is answered with."""
    body = xmlrpc.client.dumps(arguments, method)
    reply = index.request("POST", "/pypi", body, {"Content-Type": "text/xml"})
    return xmlrpc.client.loads(reply.body)[0][0]


def test_s16_bandersnatch_mirrors_all_and_then_what_changed(
    mirrored: tuple[Index, Front], tmp_path: Path
) -> None:
    """A first run takes every file as it is; a second asks again for what changed, and for nothing else."""
    index, front = mirrored
    ada = index.add_user("ada")
    files = publish(index, ada, "My.Lark", "1.0", python=">=3.7") | publish(index, ada, "finch", "1.0")
    mirror = Mirror(tmp_path / "mirror", front)

    in_step(mirror)
    assert mirror.files() == files
    assert mirror.serial == call(index, "changelog_last_serial")
    assert front.take()[0] == "POST /pypi list_packages_with_serial"
    lark = simple(mirror, "my-lark")["my_lark-1.0-py3-none-any.whl"]
    assert (lark["requires-python"], lark["size"]) == (">=3.7", len(files["my_lark-1.0-py3-none-any.whl"]))

    new = publish(index, ada, "finch", "1.1")
    in_step(mirror)
    assert mirror.files() == files | new
    assert mirror.serial == call(index, "changelog_last_serial")
    asked = front.take()
    assert asked[:2] == ["POST /pypi changelog_since_serial", "GET /pypi/finch/json"]
    assert {line.rpartition("/")[2] for line in asked[2:]} == set(new)

    in_step(mirror)
    assert front.take() == ["POST /pypi changelog_since_serial"]


def test_s16_a_yank_reaches_the_mirror(mirrored: tuple[Index, Front], tmp_path: Path) -> None:
    """A yank, its reason, and that it was taken back stand on the mirror's own pages after its next run."""
    index, front = mirrored
    publish(index, index.add_user("ada"), "finch", "1.0")
    mirror = Mirror(tmp_path / "mirror", front)
    in_step(mirror)
    assert {file["yanked"] for file in simple(mirror, "finch").values()} == {False}

    index.ask("release", "yank", "finch", "1.0", "--reason", "It <sings> off key.", "--as", "ada")
    in_step(mirror)
    assert {file["yanked"] for file in simple(mirror, "finch").values()} == {True}
    page = (mirror.web / "simple" / "finch" / "index.html").read_text()
    assert page.count('data-yanked="It &lt;sings&gt; off key."') == 2

    index.ask("release", "unyank", "finch", "1.0", "--as", "ada")
    in_step(mirror)
    assert {file["yanked"] for file in simple(mirror, "finch").values()} == {False}


def test_s16_verify_finds_nothing_wrong(
    mirrored: tuple[Index, Front], tmp_path: Path, pip: Pip, dist: Path
) -> None:
    """``bandersnatch verify`` fetches nothing and deletes nothing; pip installs from the mirror's pages alone."""
    index, front = mirrored
    files = publish(index, index.add_user("ada"), "finch", "1.0")
    mirror = Mirror(tmp_path / "mirror", front)
    in_step(mirror)
    front.take()

    done = require_success(mirror("verify", "--json-update", "--delete"))
    assert "ERROR" not in said(done), said(done)
    assert "We have 2 files. 0 unowned files" in said(done)
    assert front.take() == ["GET /pypi/finch/json"]
    assert mirror.files() == files

    require_success(
        pip("download", "--no-deps", "-d", str(dist), "--index-url", f"file://{mirror.web}/simple", "finch")
    )
    assert [file.read_bytes() for file in dist.iterdir()] == [files["finch-1.0-py3-none-any.whl"]]


def test_s16_what_is_hidden_does_not_reach_the_mirror(mirrored: tuple[Index, Front], tmp_path: Path) -> None:
    """A private project is never named; one that is quarantined is no longer there, and a verification deletes it."""
    index, front = mirrored
    ada = index.add_user("ada", "--admin")
    finch = publish(index, ada, "finch", "1.0")
    publish(index, ada, "secret", "1.0")
    publish(index, ada, "wren", "1.0")
    index.ask("project", "visibility", "secret", "private", "--as", "ada")
    mirror = Mirror(tmp_path / "mirror", front)
    in_step(mirror)
    assert not any("secret" in line for line in front.take())
    assert sorted(path.name for path in (mirror.web / "json").iterdir()) == ["finch", "wren"]

    index.ask("project", "status", "wren", "quarantined", "--reason", "It bites.", "--as", "ada")
    in_step(mirror)
    assert front.take() == ["POST /pypi changelog_since_serial", "GET /pypi/wren/json"]
    assert mirror.serial == call(index, "changelog_last_serial")
    assert set(mirror.files()) > finch.keys()

    require_success(mirror("verify", "--json-update", "--delete"))
    assert mirror.files() == finch


def test_s06_s08_s12_serials_agree(mirrored: tuple[Index, Front]) -> None:
    """Each project has one serial on its page, in its JSON and in the list, and it is the changelog's last word on it."""
    index, _ = mirrored
    ada = index.add_user("ada")
    publish(index, ada, "finch", "1.0")
    publish(index, ada, "My.Lark", "1.0")
    index.ask("release", "yank", "finch", "1.0", "--as", "ada")
    listed = call(index, "list_packages_with_serial")
    assert set(listed) == {"finch", "My.Lark"}
    for name, normalized in (("finch", "finch"), ("My.Lark", "my-lark")):
        told = index.request("GET", f"/pypi/{normalized}/json")
        page = index.request("GET", f"/simple/{normalized}/", headers={"Accept": SIMPLE_JSON})
        changes = [row for row in call(index, "changelog_since_serial", 0) if row[0] == name]
        serials = {int(page.headers[SERIAL]), int(told.headers[SERIAL]), told.json()["last_serial"]}
        serials.add(page.json()["meta"]["_last-serial"])
        assert serials == {listed[name]} == {changes[-1][4]}
    assert call(index, "changelog_last_serial") >= max(listed.values())


def test_s05_a_mirror_may_sign_in(tmp_path: Path) -> None:
    """Where everybody must sign in, a mirror does, by the token in its configuration; without it, it gets nothing."""
    with (
        running(tmp_path / "index", "web", HOMEPORT_BASE_URL=MASTER, HOMEPORT_PRIVATE="yes") as index,
        fronted(index) as front,
    ):
        ada = index.add_user("ada")
        files = publish(index, ada, "finch", "1.0")
        stranger = Mirror(tmp_path / "stranger", front)
        assert stranger("mirror").returncode != 0
        assert stranger.files() == {}
        token = index.ask("token", "create", "--user", "ada", "--scope", "read").strip()
        mirror = Mirror(tmp_path / "mirror", front, token)
        in_step(mirror)
        assert mirror.files() == files
