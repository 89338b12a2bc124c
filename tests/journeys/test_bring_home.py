"""Release files on somebody else's web site come home, by the command line and by the API, and stay."""

import hashlib
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.conftest import Abroad, People
from tests.support.archives import make_sdist, make_wheel
from tests.support.clients import Pip, require_success, say_version, uv
from tests.support.index import Index, Reply
from tests.support.outside import Answer, Mood

pytestmark = pytest.mark.journey


def wheel_name(project: str, version: str = "1.0") -> str:
    """The file name of a pure wheel."""
    return f"{project}-{version}-py3-none-any.whl"


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """The sha256 of each."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def begin(index: Index, people: People, project: str, *sources: str) -> None:
    """A pypi-cache project of ada's with these pages as its home pages."""
    assert index.api("POST", "/projects", people.ada, name=project, mode="pypi-cache").status == 201
    for url in sources:
        reply = index.api("POST", f"/projects/{project}/sources", people.ada, kind="homepage", url=url)
        assert reply.json() == {"added": True}


@dataclass(frozen=True)
class Maintainer:
    """Somebody who brings a project home through the JSON API."""

    index: Index
    token: str
    project: str

    def plan(self, version: str = "") -> dict[str, Any]:
        """Ask for a plan, and poll until it is made."""
        body = {"version": version} if version else {}
        started = self.index.api("POST", f"/projects/{self.project}/rehosts", self.token, **body)
        assert started.status == 202, started.text
        return self.finished(started.json()["id"])

    def finished(self, rehost: int) -> dict[str, Any]:
        """The rehost as soon as no worker is at it."""
        deadline = time.monotonic() + 60
        while True:
            shown: dict[str, Any] = self.show(rehost).json()
            if shown["state"] not in {"planning", "consented", "publishing"}:
                return shown
            assert time.monotonic() < deadline, shown
            time.sleep(0.1)

    def show(self, rehost: int) -> Reply:
        """The rehost as it stands."""
        return self.index.api("GET", f"/rehosts/{rehost}", self.token)

    def accept(self, plan: dict[str, Any], **more: Any) -> Reply:
        """Agree to the plan that was shown."""
        body = {"plan_digest": plan["plan_digest"], "basis": "author"} | more
        return self.index.api("POST", f"/rehosts/{plan['id']}/accept", self.token, **body)

    def do(self, what: str, rehost: int) -> Reply:
        """Refuse, retry or withdraw."""
        return self.index.api("POST", f"/rehosts/{rehost}/{what}", self.token)


@pytest.fixture
def ada(index: Index, people: People, project: str, abroad: Abroad) -> Maintainer:
    """The owner of a new pypi-cache project whose home page is the site's root."""
    begin(index, people, project, abroad.url + "/")
    return Maintainer(index, people.ada, project)


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
    assert (refused["state"], refused["problem"]) == ("refused", "not ours")
    assert ada.accept(plan).status == 409
    assert index.hosted(project) == {}
    assert ada.plan()["id"] != plan["id"]


def test_version_alone(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A plan of one version holds the files of that version, and says so of the others."""
    abroad.wheels(project, "1.0", "1.1")
    plan = ada.plan("1.1")
    assert [item["filename"] for item in plan["items"]] == [wheel_name(project, "1.1")]
    assert any(wheel_name(project, "1.0") in entry["url"] for entry in plan["not_taken"])


def test_what_is_not_taken(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Another project's file is left out, a wrong hash and a broken archive are rejected; none can be accepted."""
    good, wrong, broken = (wheel_name(project, version) for version in ("1.0", "1.1", "1.2"))
    abroad.file(good, make_wheel(project))
    abroad.file(wrong, make_wheel(project, "1.1"))
    abroad.file(broken, b"PK\x03\x04 and no more")
    abroad.file("nightingale-1.0.tar.gz", make_sdist("nightingale"))
    claimed = f"{wrong}#sha256={'0' * 64}"
    abroad.page(good, claimed, broken, "nightingale-1.0.tar.gz")
    plan = ada.plan()
    verdicts = {item["filename"]: item["verdict"] for item in plan["items"]}
    assert verdicts == {good: "accept", wrong: "reject", broken: "reject"}
    assert [entry["code"] for entry in plan["not_taken"]] == ["other-project"]
    ids = {item["filename"]: item["id"] for item in plan["items"]}
    for name in (wrong, broken):
        reply = ada.accept(plan, accept=[ids[good], ids[name]])
        assert (reply.status, reply.json()["code"]) == (403, "items-not-acceptable")
    assert index.hosted(project) == {}
    assert ada.accept(plan).status == 202
    ada.finished(plan["id"])
    assert list(index.hosted(project)) == [good]


def test_changed_outside(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Other bytes under a hosted name are seen and rejected; the hosted file never changes."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    ada.accept(plan)
    ada.finished(plan["id"])
    before = index.hosted(project)
    abroad.file(wheel_name(project), make_wheel(project, files={f"{project}/evil.py": b"import os\n"}))
    (item,) = ada.plan()["items"]
    assert item["verdict"] == "reject"
    assert "other-bytes-hosted" in {finding["code"] for finding in item["findings"]}
    assert index.hosted(project) == before


def test_gone_outside(
    index: Index, project: str, abroad: Abroad, ada: Maintainer, pip: Pip, tmp_path: Path
) -> None:
    """When the site is gone, what came home is installed all the same."""
    abroad.wheels(project, "1.0")
    plan = ada.plan()
    ada.accept(plan)
    ada.finished(plan["id"])
    abroad.outside.put(abroad.url + "/", Answer(status=410))
    abroad.outside.put(f"{abroad.url}/{wheel_name(project)}", Answer(status=410))
    require_success(pip.install(index, tmp_path / "site", project))
    assert say_version(sys.executable, tmp_path / "site", project) == "1.0"


def test_unreachable_then_there(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A file that could not be reached is accepted by its sha256, and published by a later try."""
    data = make_wheel(project)
    url = f"{abroad.url}/{wheel_name(project)}"
    abroad.page(wheel_name(project))
    abroad.outside.put(url, Answer(status=503))
    plan = ada.plan()
    (item,) = plan["items"]
    assert item["bytes"] == "unreachable"
    assert ada.accept(plan, accept=[item["id"]]).json()["code"] == "items-not-acceptable"
    declared = {str(item["id"]): hashlib.sha256(data).hexdigest()}
    assert ada.accept(plan, accept=[item["id"]], sha256=declared).status == 202
    partly = ada.finished(plan["id"])
    assert partly["state"] == "partly-published"
    assert wheel_name(project) in partly["problem"]
    assert index.hosted(project) == {}

    abroad.file(wheel_name(project), data)
    assert index.json("rehost", "retry", str(plan["id"]))["state"] == "published"
    assert index.hosted(project) == {wheel_name(project): hashlib.sha256(data).hexdigest()}


def test_declared_are_exactly_these_bytes(
    index: Index, project: str, abroad: Abroad, ada: Maintainer
) -> None:
    """When the site comes back with other bytes than its maintainer declared, they are not published."""
    abroad.page(wheel_name(project))
    abroad.outside.put(f"{abroad.url}/{wheel_name(project)}", Answer(status=503))
    plan = ada.plan()
    (item,) = plan["items"]
    declared = {str(item["id"]): hashlib.sha256(make_wheel(project)).hexdigest()}
    ada.accept(plan, accept=[item["id"]], sha256=declared)
    ada.finished(plan["id"])
    abroad.file(wheel_name(project), make_wheel(project, files={f"{project}/other.py": b"other = 1\n"}))
    assert ada.do("retry", plan["id"]).status == 202
    partly = ada.finished(plan["id"])
    assert partly["state"] == "partly-published"
    assert "sha256" in partly["problem"]
    assert index.hosted(project) == {}
    abroad.file(wheel_name(project), make_wheel(project))
    assert ada.do("retry", plan["id"]).status == 202
    assert ada.finished(plan["id"])["state"] == "published"


def test_withdrawn(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """After consent is withdrawn nothing more is published, however reachable it becomes."""
    abroad.page(wheel_name(project))
    abroad.outside.put(f"{abroad.url}/{wheel_name(project)}", Answer(status=503))
    plan = ada.plan()
    (item,) = plan["items"]
    declared = {str(item["id"]): hashlib.sha256(make_wheel(project)).hexdigest()}
    ada.accept(plan, accept=[item["id"]], sha256=declared)
    assert ada.finished(plan["id"])["state"] == "partly-published"
    withdrawn = ada.do("withdraw", plan["id"]).json()
    assert (withdrawn["state"], ada.show(plan["id"]).json()["consent"]["withdrawn"] is not None) == (
        "withdrawn",
        True,
    )
    abroad.file(wheel_name(project), make_wheel(project))
    assert ada.do("retry", plan["id"]).status == 409
    assert index.hosted(project) == {}


# Never three failures in a row: the host would rest, and its files with it.
MOODS = (Mood.CHUNKED, Mood.BREAKS_OFF, Mood.HANGS_UP, Mood.UNANNOUNCED, Mood.GARBLES, Mood.ENCODES)


def test_sites_in_every_mood(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """Whole files are taken however they are sent; what breaks off or garbles is told, and is not a file."""
    names = {mood: wheel_name(project, f"1.{number}") for number, mood in enumerate(MOODS)}
    for number, (mood, name) in enumerate(names.items()):
        abroad.outside.put_file(f"{abroad.url}/{name}", make_wheel(project, f"1.{number}"), mood)
    abroad.page(*names.values())
    plan = ada.plan()
    here = {item["filename"] for item in plan["items"] if item["bytes"] == "here"}
    assert here == {names[Mood.CHUNKED], names[Mood.UNANNOUNCED]}
    assert all(item["problem"] for item in plan["items"] if item["filename"] not in here)
    ada.accept(plan)
    ada.finished(plan["id"])
    assert set(index.hosted(project)) == here


def test_source_that_is_down(project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A plan over a site that is down finds nothing, says why, and finds everything when it is up again."""
    abroad.outside.put(abroad.url + "/", replace(Answer(), mood=Mood.HANGS_UP))
    plan = ada.plan()
    assert plan["items"] == []
    assert plan["visits"][0]["problem"]
    assert ada.accept(plan).json()["code"] == "nothing-acceptable"
    abroad.wheels(project, "1.0")
    assert ada.do("retry", plan["id"]).status == 202
    assert [item["filename"] for item in ada.finished(plan["id"])["items"]] == [wheel_name(project)]


def test_no_way_inside(index: Index, project: str, abroad: Abroad, ada: Maintainer) -> None:
    """A page that leads to the index itself, or to the metadata service of a cloud, is not followed."""
    inside = [
        f"{index.url}/files/{'0' * 64}/{wheel_name(project)}",
        f"http://169.254.169.254/{wheel_name(project)}",
        f"http://[::1]:{index.port}/{wheel_name(project)}",
        f"file:///etc/{wheel_name(project)}",
        f"{abroad.url}/away/{wheel_name(project)}",
    ]
    abroad.outside.put(
        f"{abroad.url}/away/{wheel_name(project)}",
        Answer(302, headers=(("location", f"http://169.254.169.254/{wheel_name(project)}"),)),
    )
    abroad.page(*inside)
    plan = ada.plan()
    assert not [item for item in plan["items"] if item["bytes"] == "here"]
    assert ada.accept(plan).json()["code"] == "nothing-acceptable"
    assert index.hosted(project) == {}


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
    status, told = move("pypi-ext", "--reason", "moving house", "--until", "2099-01-01")
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
    exemption = ("--reason", "The maintainers move house.", "--until", "2099-01-01", "--as", root)
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
