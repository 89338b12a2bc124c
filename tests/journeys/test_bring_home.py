"""Release files on somebody else's web site come home, by the command line and by the API: who may, what is agreed to, and what else moves."""

import hashlib
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.conftest import People
from tests.support.abroad import Abroad
from tests.support.archives import make_sdist
from tests.support.catalogue import wheel_name
from tests.support.clients import Pip, require_success, say_version, uv
from tests.support.index import Index
from tests.support.maintainer import Maintainer

from homeport.adapters.system import SystemClock

pytestmark = pytest.mark.journey
UNTIL = str(SystemClock().now().date() + timedelta(days=100))


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """The sha256 of each."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_by_the_command_line(
    index: Index, people: People, project: str, abroad: Abroad, pip: Pip, tmp_path: Path
) -> None:
    """Plan, show, accept; pip and uv then install with the index as their only source."""
    files = abroad.wheels(project, "1.0", "1.1")
    index.ask("project", "create", project, "--owner", "ada", "--mode", "pypi-cache")
    index.ask("source", "add", project, "homepage", f"{abroad.url}/")
    planned = index.json("plan", project)
    assert planned["state"] == "planned"
    assert {item["filename"]: item["sha256"] for item in planned["items"]} == digests(files)
    assert {item["verdict"] for item in planned["items"]} == {"accept"}
    assert index.hosted(project) == {}, "nothing is visible before somebody agreed"

    number = str(planned["id"])
    assert index.json("rehost", "show", number) == planned
    done = index.json("rehost", "accept", number, "--basis", "author")
    assert (done["state"], done["consent"]["given_by"]) == ("published", "ada")
    assert index.hosted(project) == digests(files)
    assert [rehost["state"] for rehost in index.json("rehost", "list", project)] == ["published"]

    require_success(pip.install(index, tmp_path / "by-pip", project))
    assert say_version(sys.executable, tmp_path / "by-pip", project) == "1.1"
    options = ("--python", sys.executable, "--default-index", f"{index.url}/simple/")
    require_success(uv(tmp_path, "pip", "install", *options, "--target", str(tmp_path / "by-uv"), project))
    assert say_version(sys.executable, tmp_path / "by-uv", project) == "1.1"


def test_by_the_api(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Create, add a source, plan, poll and accept over /api/v1; the files are the site's, to the byte."""
    files = abroad.wheels(project, "1.0", "2.0") | {f"{project}-0.9.tar.gz": make_sdist(project, "0.9")}
    abroad.file(f"{project}-0.9.tar.gz", files[f"{project}-0.9.tar.gz"])
    abroad.page(*files)
    plan = ada.plan()
    accepted = ada.accept(plan)
    assert (accepted.status, accepted.json()["state"]) == (202, "consented")
    assert ada.finished(plan["id"])["state"] == "published"
    assert index.hosted(project) == digests(files)
    shown = index.api("GET", f"/projects/{project}", ada.token).json()
    assert {file["origin"] for file in shown["files"]} == {"rehost"}
    # Each file was fetched once: what was reviewed is what was published.
    assert len(abroad.outside.asked) == len(set(abroad.outside.asked))


def test_who_may(index: Index, people: People, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Strangers are 403, the nameless 401, and a token that may only upload is 403, at every step.

    A stranger who asks for a plan by its number is told that there is none: numbers tell nobody what is being done.
    """
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    uploads = index.ask("token", "create", "--user", "ada", "--scope", "upload").strip()
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/projects/{project}/sources", {"kind": "homepage", "url": "http://example.test/"}),
        ("PUT", f"/projects/{project}/mode", {"mode": "pypi-only"}),
        ("POST", f"/projects/{project}/rehosts", {"version": "1.0"}),
        ("GET", f"/projects/{project}/rehosts", {}),
        ("GET", f"/rehosts/{plan['id']}", {}),
        ("POST", f"/rehosts/{plan['id']}/accept", {"plan_digest": plan["plan_digest"], "basis": "author"}),
        ("POST", f"/rehosts/{plan['id']}/refuse", {"reason": "because"}),
        ("POST", f"/rehosts/{plan['id']}/retry", {}),
        ("POST", f"/rehosts/{plan['id']}/withdraw", {}),
    ]
    for token, status in (("", 401), ("hp_" + "0" * 72, 401), (people.bob, 403), (uploads, 403)):
        for method, path, body in calls:
            reply = index.api(method, path, token, **body)
            wanted = 404 if token == people.bob and path.startswith("/rehosts/") else status
            assert reply.status == wanted, (method, path, wanted, reply.text)
    assert ada.show(plan["id"]).json() == plan
    assert index.hosted(project) == {}


def test_only_what_was_shown(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """An acceptance must name the plan that was shown; any other digest is 409, and nothing is published."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    stale = ada.accept(plan | {"plan_digest": "0" * 64})
    assert (stale.status, stale.json()["code"]) == (409, "plan-changed")
    done = index.cli("rehost", "accept", str(plan["id"]), "--basis", "author", "--plan", "0" * 64, "--json")
    assert done.returncode == 1
    assert "plan-changed" in done.stderr
    assert index.hosted(project) == {}
    assert ada.accept(plan).status == 202
    assert ada.finished(plan["id"])["state"] == "published"


def test_basis(project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A basis that is none, or that needs words it lacks, is refused."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    wrong = ada.accept(plan, basis="because I can")
    assert (wrong.status, wrong.json()["code"]) == (400, "body-invalid")
    assert "author, licence, written-permission, other" in wrong.json()["detail"]
    silent = ada.accept(plan, basis="written-permission")
    assert (silent.status, silent.json()["code"]) == (400, "basis-text-missing")
    text = "Mail of its author of 3 May, kept in our archive."
    assert ada.accept(plan, basis="written-permission", text=text).status == 202
    assert ada.finished(plan["id"])["consent"]["text"] == text


def test_one_answer(project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A plan is answered once: accepting, refusing or retrying what is published is 409. Consent can be withdrawn."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    assert ada.accept(plan).status == 202
    ada.finished(plan["id"])
    assert ada.accept(plan).status == 409
    for what in ("refuse", "retry"):
        reply = ada.do(what, plan["id"])
        assert (reply.status, reply.json()["code"]) == (409, "rehost-move-illegal"), what
    assert ada.do("withdraw", plan["id"]).status == 200


def test_some_of_it(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Only the chosen files are published, whichever way they were chosen."""
    abroad.wheels(project, "1.0", "1.1", "1.2")
    plan = str(ada.plan()["id"])
    unknown = index.cli("rehost", "accept", plan, "--basis", "author", "--only", "nothing.whl")
    assert unknown.returncode == 1
    assert "The plan has no file 'nothing.whl'" in unknown.stderr
    index.ask("rehost", "accept", plan, "--basis", "author", "--only", wheel_name(project, "1.1"))
    assert list(index.hosted(project)) == [wheel_name(project, "1.1")]
    again = str(ada.plan()["id"])
    index.ask("rehost", "accept", again, "--basis", "author", "--except", wheel_name(project, "1.2"))
    assert set(index.hosted(project)) == {wheel_name(project, "1.0"), wheel_name(project, "1.1")}


def test_refused_by_its_maintainer(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A refused plan publishes nothing, now or later; a new one can be made."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    refused = index.json("rehost", "refuse", str(plan["id"]), "--reason", "not ours")
    assert (refused["state"], refused["problem"]) == ("refused", "Refused by ada: not ours")
    assert ada.accept(plan).status == 409
    assert index.hosted(project) == {}
    assert ada.plan()["id"] != plan["id"]


def test_version_alone(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A plan of one version holds the files of that version, and says so of the others."""
    abroad.wheels(project, "1.0", "1.1")
    plan = ada.plan("1.1")
    assert [item["filename"] for item in plan["items"]] == [wheel_name(project, "1.1")]
    assert any(wheel_name(project, "1.0") in entry["url"] for entry in plan["not_taken"])


def test_moves_between_modes(index: Index, people: People, project: str) -> None:
    """Owners move towards hosting; back to external links leads only an administrator's dated exemption."""
    index.ask("project", "create", project, "--owner", "ada")

    def move(*arguments: str) -> tuple[int, str]:
        done = index.cli("mode", "set", project, *arguments, "--json")
        return done.returncode, done.stdout + done.stderr

    status, told = move("pypi-cache")
    assert status == 1
    assert "needs-standing-consent" in told
    status, told = move("pypi-cache", "--consent")
    assert (status, '"mode": "pypi-cache"' in told) == (0, True)
    status, told = move("pypi-cache")
    assert (status, "mode-unchanged" in told) == (1, True)
    status, told = move("pypi-only")
    assert status == 0
    status, told = move("pypi-ext", "--reason", "moving house", "--until", UNTIL)
    assert (status, "forbidden" in told or "admin" in told) == (1, True)
    status, told = move("pypi-sometimes")
    assert (status, "mode-unknown" in told) == (1, True)
    kinds = [entry["kind"] for entry in index.json("ledger", "show", "--project", project)]
    assert kinds.count("mode-changed") == 2


def test_update_cache(index: Index, people: People, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """``update-cache`` hosts at once what standing consent covers; a pypi-only project has no cache."""
    files = abroad.wheels(project, "1.0")
    done = index.json("update-cache", project)
    assert done["state"] == "published"
    assert index.hosted(project) == digests(files)
    files |= abroad.wheels(project, "1.1")
    started = index.api("POST", f"/projects/{project}/update-cache", people.ada)
    assert started.status == 202
    assert ada.finished(started.json()["id"])["state"] == "published"
    assert index.hosted(project) == digests(files)

    index.ask("mode", "set", project, "pypi-only")
    refused = index.cli("update-cache", project, "--json")
    assert refused.returncode == 1
    assert "external-refused" in refused.stderr
    assert index.api("POST", f"/projects/{project}/rehosts", people.ada).status == 409
    assert index.hosted(project) == digests(files), "what came home stays"


@pytest.fixture(scope="session")
def root(shared: Index) -> str:
    """The name of an administrator."""
    shared.add_user("root", "--admin")
    return "root"


def test_external_links(
    index: Index, root: str, project: str, abroad: Abroad, ada: Maintainer, pip: Pip, tmp_path: Path
) -> None:
    """A pypi-ext project lists external files once they are known; pip installs them; pypi-only lists none."""
    files = abroad.wheels(project, "1.0")
    exemption = ("--reason", "The maintainers move house.", "--until", UNTIL, "--as", root)
    assert "needs-exemption" in index.cli("mode", "set", project, "pypi-ext", "--as", root, "--json").stderr
    index.ask("mode", "set", project, "pypi-ext", *exemption)
    assert index.simple(project) == {}
    ada.plan()
    (listed,) = index.simple(project).values()
    assert listed["url"] == f"{abroad.url}/{wheel_name(project)}"
    assert {listed["filename"]: listed["hashes"]["sha256"]} == digests(files)
    assert index.api("GET", f"/projects/{project}", ada.token).json()["files"] == []
    require_success(pip.install(index, tmp_path / "site", project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"

    refused = index.cli("mode", "set", project, "pypi-only", "--json")
    assert refused.returncode == 1
    assert "needs-acknowledged-loss" in refused.stderr
    lost = index.json("mode", "set", project, "pypi-only", "--acknowledge-loss")
    assert lost["no_longer_listed"] == [wheel_name(project)]
    assert index.simple(project) == {}
