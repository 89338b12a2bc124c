"""What web sites do to those who bring files home: other bytes, nothing at all, every mood, and ways inside."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.abroad import Abroad
from tests.support.archives import make_sdist, make_wheel
from tests.support.catalogue import wheel_name
from tests.support.clients import Pip, require_success, say_version
from tests.support.index import Index
from tests.support.maintainer import Maintainer
from tests.support.outside import Answer, Mood

pytestmark = pytest.mark.journey


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
